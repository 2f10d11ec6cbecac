"""Results as words: the only room in which a number becomes text.

`page_one` gives the words of page 1, `summary_line` one line for a terminal; `tables`, `figures`
and `method` give the rest of the report. Sentences take their nouns from the lab, so this room
knows no outcome by name.
"""

from .claims import Claims, claims
from .kit import Kit, kit
from .page import PageOne, page_one
from .tables import Table
from .verdict import summary_line, verdict_sentence

__all__ = [
    "Claims",
    "Kit",
    "PageOne",
    "Table",
    "claims",
    "kit",
    "page_one",
    "summary_line",
    "verdict_sentence",
]
