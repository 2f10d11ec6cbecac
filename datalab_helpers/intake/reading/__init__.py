"""From a file that somebody sent to rows of text.

`child` is the door: it parses in a process of its own, which runs `parse` and may die without harm.
That process takes this folder as a package of its own, so `limits`, `kinds`, `archive`, `marks`,
`older`, `workbook`, `delimited`, `parse`, `schema` and `headings` import nothing of the other rooms and start in no time.
"""
