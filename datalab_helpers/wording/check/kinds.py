"""The words of each kind of problem: what is wrong, why it matters, how to mend it.

`{column}` is the heading in the file, `{here}` the same with quotation marks; other names are facts of the problem.
"""

from __future__ import annotations

from typing import NamedTuple


class Told(NamedTuple):
    """A kind of problem in words; `title` stands alone as a heading."""

    title: str
    wrong: str
    why: str
    mend: str


FIND = "Without it we are unlikely to find this person."
ANALYSE = "Without it the person cannot be analysed."
WHOLE = "The file cannot be used until this is mended."

KINDS: dict[str, Told] = {
    # ---- the file
    "unreadable": Told("The file cannot be opened", "{told}.", WHOLE, "Do as the message says, then check again."),
    "no_sheet": Told("No sheet is shown", "Every sheet of the workbook is hidden.", WHOLE, "Show the sheet of people and save."),
    "no_headings": Told("The sheet is empty", "Nothing stands on the sheet, or nothing that is shown.", WHOLE, "Save the list again, or start from the template."),
    "no_rows": Told("There are no people", "The sheet has headings and no people below them.", WHOLE, "Fill in one row for each person."),
    "headings_in_two_rows": Told("Headings stand in two rows", "The headings need two rows, or are merged cells.", "It cannot be told which cells belong to which heading. " + WHOLE, "Give each column one heading in one row, without merged cells."),
    "two_sheets": Told("Two sheets hold people", "More than one sheet holds a table of people.", "It cannot be told which is meant. " + WHOLE, "Put all participants on one sheet. People who did not take part belong on a sheet named “Eligible, not served”."),
    "too_many_cells": Told("Rows reach beyond the headings", "These rows have cells to the right of the last heading.", "Their cells may have slipped into the wrong columns. " + WHOLE, "Give every column a heading, or delete what stands beside the table."),
    "too_few_cells": Told("Rows are shorter than the headings", "These rows have fewer cells than there are headings.", "A separator may be lost, and cells moved into the wrong columns. " + WHOLE, "Open the file, look at these rows and save it again, best as .xlsx."),
    "no_heading": Told("Columns without a heading", "{here} has cells and no heading.", "Nobody can say what it holds. " + WHOLE, "Give it a heading, or delete the column."),
    "missing_column": Told("A column is missing", "There is no column {here}.{near}", "Every person needs it to be found or to start the clock. " + WHOLE, "{add}"),
    "double_column": Told("Two columns for one thing", "{told}.", "It cannot be told which is meant. " + WHOLE, "Keep one, or give each a heading of its own."),
    "analysis_column": Told("A column that an analysis needs is missing", "The analysis “{analysis}” selects people by {here}, which is not in the file.", WHOLE, "Add the column, or take the analysis out of the request."),
    "order_unknown": Told("Day or month first?", "In {here}, 03/04 may be 3 April or 4 March: as many dates speak for one as for the other.", "Read the wrong way round, people are not found or are followed from the wrong day. " + WHOLE, "Ask whoever wrote the dates. Write the months as words, or put `dates: day_first` or `dates: month_first` into request.yml."),
    "order_unused": Told("Dates that are not used", "In {here}, day and month cannot be told apart.", "This column helps to tell people of one name apart. Nobody is lost without it.", "Write the months as words, or put `dates: day_first` or `dates: month_first` into request.yml."),
    "days_exchanged": Told("Day and month were exchanged by a program", "In {here}, all real dates have a day up to 12, and all that were left as text have a day above. A program that expects the month first does that when it opens a list.", "Most of these days would be wrong. " + WHOLE, "Import the list again with this column as text. If the dates are right as they stand, put `dates: day_first` into request.yml."),
    "too_few": Told("Too few people", "{count} people could be analysed; at least {fewest} are needed.", "Below that, numbers would say something about single people, and no result could be published.", "Mend what is listed here, add people of other years or sites, or join with a similar programme."),
    "few": Told("Few people", "{count} people could be analysed; {advised} or more are advised.", "With so few, only a very large change could be seen.", "Add people of other years or sites, or join with a similar programme. `datalab plan` shows what how many people could tell."),
    "heading_unknown": Told("A heading is not recognised", "{here} is not a heading that we know; it looks like “{meant}”.", "As it is, the column is not used.", "If it is {meant}, write “{meant}”. If not, nothing needs to be done."),
    "unneeded_column": Told("A column that is not needed", "{here} seems to hold: {what}.", "We need nothing of it, and personal data that nobody sends cannot be lost.", "Please delete the column before you send the file."),
    "no_identifiers": Told("No identifiers", "There is no {numbers} for anybody.", "People with common names, a changed name or a slip in the birthday are found less often without.", "Add them for those for whom you hold one."),
    "hidden_sheets": Told("Hidden sheets", "The workbook has {count} hidden sheets.", "They are not read, but they would be sent, with whatever they hold.", "Delete them; or show them, if they belong to the list."),
    "hidden_rows": Told("Hidden rows", "These rows are hidden, perhaps by a filter.", "They are not read, so these people would be left out; and they would be sent all the same.", "Take the filter off and show them, or delete them."),
    "hidden_columns": Told("Hidden columns", "These columns are hidden: {column}.", "They are not read, but they would be sent.", "Delete them; or show them, if they belong to the list."),
    "hidden_unseen": Told("An older kind of workbook", "In this .xls file we cannot see which rows and columns are hidden; they are read as if they were shown.", "People who were hidden on purpose would be analysed.", "Save the file as .xlsx and check again."),
    # ---- people who would be lost
    "missing_surname": Told("Surname missing", "{here} is empty.", FIND, "Fill it in from the original form."),
    "missing_forename": Told("Forename missing", "{here} is empty.", FIND, "Fill it in from the original form."),
    "missing_date_of_birth": Told("Date of birth missing", "{here} is empty.", FIND, "Fill it in from the original form."),
    "missing_gender": Told("Gender missing", "{here} is empty.", ANALYSE, "Write M or F."),
    "missing_start": Told("Start missing", "{here} is empty.", "It starts the clock. " + ANALYSE, "Fill in the day on which the person began."),
    "error_cell": Told("A cell with an error", "{here} shows an error such as #N/A or #REF! in place of a value.", ANALYSE, "Write the value itself into the cell."),
    "merged_cells": Told("Cells merged over several rows", "{here} is merged with the cell above, so only the first row has the value.", ANALYSE, "Unmerge the cells and fill in each row."),
    "impossible_date": Told("A date that does not exist", "The date in {here} does not exist: no month has that day, there is no such month, or the year is before 1900 or after the next.", ANALYSE, "Look at the original form and correct it."),
    "not_a_date": Told("Not a date", "{here} holds something that is not a date.", ANALYSE, "Write the day as 31/12/2021 (day, month, year), or leave the cell empty."),
    "date_other_order": Told("A date in another order than the rest", "The date in {here} only makes sense with day and month the other way round than in the rest of the column.", "It is not guessed which is right. " + ANALYSE, "Write all dates of the column in one order: day/month/year."),
    "no_century": Told("A year of two digits that fits no age", "The year in {here} has two digits, and neither 19.. nor 20.. gives a likely age.", FIND, "Write the year with four digits."),
    "serial_date": Told("A number where a date should be", "{here} holds a number such as spreadsheets keep for dates.", ANALYSE, "Format the cells as dates and look whether the days are right."),
    "stand_in_date": Told("A date that stands for “not known”", "The date in {here} is one that forms and databases write when none is known, or is too early to be true.", ANALYSE, "Fill in the true date, or leave the cell empty."),
    "gender_not_allowed": Told("Gender not recognised", "{here} holds something other than {allowed}.", ANALYSE, "Write M or F as in court papers."),
    "stand_in_name": Told("No real name", "{here} holds a word or sign in place of a name.", FIND, "Write the name as on court papers; if you do not know it, leave the row out."),
    "birth_in_future": Told("Born in the future", "The date of birth in {here} has not come yet.", FIND, "Look at the year: the century may be wrong."),
    "birth_is_start": Told("Born on the day of the start", "The date of birth in {here} is the day on which the person started.", FIND, "One was copied over the other: correct it."),
    "birth_after_start": Told("Born after the start", "The date of birth in {here} is later than the start.", FIND, "Check both dates; they may be in each other's column."),
    "too_young": Told("Under {youngest} at the start", "By {here}, the person was under {youngest} when they started.", "People under {youngest} are analysed under other rules and are left out here.", "Check the year of birth. If it is right, nothing can be done."),
    "start_in_future": Told("Starts in the future", "The start in {here} has not come yet.", ANALYSE, "Check the year."),
    "start_recent": Told("Started too recently", "Since the start in {here}, the {months} months that are needed to see what followed are not over.", "A year of follow-up, and six months for courts to decide, have to be over.", "Send these people again from {again}; there is nothing to mend."),
    # ---- doubts
    "two_digit_year": Told("Years of two digits", "The year in {here} has two digits.", "The century is chosen by us, and may be wrong.", "Write the year with four digits."),
    "start_after_programme": Told("Start after the programme ended", "The start in {here} is after the last day of the programme ({ended}).", "A wrong start means that the person is followed from the wrong day.", "Check the date, or correct the dates of the programme in request.yml."),
    "start_before_programme": Told("Start before the programme began", "The start in {here} is before the first day of the programme ({began}).", "A wrong start means that the person is followed from the wrong day.", "Check the date, or correct the dates of the programme in request.yml."),
    "end_before_start": Told("End before the start", "The end in {here} is earlier than the start.", "One of the two dates is wrong; we would use the start.", "Check both dates."),
    "very_old": Told("Over {oldest} at the start", "By {here}, the person was over {oldest} when they started.", FIND, "Check the year of birth."),
    "first_of_january": Told("Many on 1 January", "{here} is 1 January for far more people than chance would bring.", "Where only the year is known, databases write 1 January; such people are hard to find, and a wrong start moves the clock.", "Fill in the true days; if only the year is known, say so when you send the file."),
    "pnc_letter": Told("PNC ID with a wrong check letter", "The last letter of the PNC ID in {here} does not belong to its number: a digit or the letter is wrong.", "It is not used, so the person is harder to find.", "Copy it again; the form is {example}."),
    "identifier_form": Told("Not a {name}", "{here} holds something that does not have the form of a {name}.", "It is not used, so the person is harder to find.", "Copy it again; the form is {example}. If you have none, leave the cell empty."),
    "identifiers_exchanged": Told("Numbers in each other's column", "{here} holds the other kind of number.", "It is not used, so the person is harder to find.", "Move it to the other column."),
    "names_swapped": Told("Surname and forename seem exchanged", "In these rows, {here} holds what is usually a forename, and the other way round.", "Exchanged names are found less often.", "Look at these rows and put the names into the right columns."),
    "name_columns_swapped": Told("The name columns seem exchanged", "Most of {here} looks like forenames.", "Exchanged names are found less often.", "If so, exchange the two headings."),
    "maybe_no_name": Told("Perhaps no real name", "{here} holds a word that may be a name, and may stand in place of one.", FIND, "If it is not the name, write the name as on court papers. If it is, nothing needs to be done."),
    "initial": Told("Only an initial", "{here} holds an initial and not a name.", "Many people share an initial. " + FIND, "Write the name in full, as on court papers."),
    "two_people": Told("Two people in one cell", "{here} seems to name two people.", "Each person is looked for alone, so neither would be found.", "Give each person a row."),
    "full_name": Told("A full name in one cell", "{here} seems to hold the whole name.", "Surname and forename are compared one by one, so the person is harder to find.", "Put the surname and the forename into their own columns."),
    "title": Told("A title in a name", "{here} holds a title such as Mr or Dr.", "It is compared as if it were part of the name, so the person is harder to find.", "Write the name alone."),
    "note_in_name": Told("A number or note in a name", "{here} holds digits, brackets or a note beside the name.", "It is compared as if it were part of the name, so the person is harder to find.", "Write one name as on court papers; give a person with several names the one on court papers."),
    "odd_characters": Told("Signs that cannot be seen", "{here} holds signs that nobody sees, often copied from a web page or another program.", "They are compared as if they were letters, so the person is harder to find.", "Type the name again."),
    "garbled_letters": Told("Garbled letters", "In {here}, a letter with an accent or an apostrophe was turned into other signs.", "The name is not the person's, so they are harder to find.", "Type the name again; when you save as .csv, choose “CSV UTF-8”."),
    "value_not_allowed": Told("A value that is not in the list", "{here} holds something other than: {allowed}.", "People are chosen for an analysis by the exact word.", "Use one of the words in the list."),
    "person_twice": Told("The same person more than once", "The same surname, forename and date of birth stand in several rows ({again} too many).", "Each person is analysed once, from the first start; the forecast counts them once.", "Keep the row with the first start and delete the others, if it is one person."),
    "person_nearly_twice": Told("Perhaps the same person twice", "Two rows differ by a letter of a name or a digit of the birthday, or share an identifier.", "One of the two may hold a slip, and would not be found.", "Look whether it is one person; if so keep one row, with what is right."),
    "shared_identifier": Told("One identifier for different people", "The number in {here} also stands in the row of somebody with another name and birthday.", "At least one of the two people would be taken for the other.", "Look up whose number it is, and correct or empty the other."),
    # ---- what intake does by itself
    "macros": Told("Macros", "The workbook holds macros.", "", "They are not run; nothing needs to be done."),
    "rows_above": Told("Rows above the headings", "There is text above the headings.", "", "It is passed over."),
    "further_sheets": Told("Further sheets", "{count} other sheets hold something.", "", "They are not read. They would be sent, so delete them if they hold people."),
    "not_served": Told("People eligible but not served", "{count} people stand on the sheet of those who could have taken part and did not.", "", "They are counted and left out of the participants."),
    "blank_rows": Told("Blank rows", "There are blank rows between people.", "", "They are passed over."),
    "headings_again": Told("Headings repeated", "The headings stand again between people.", "", "They are passed over."),
    "no_person": Told("Rows that name nobody", "Totals, notes or titles stand among the people.", "", "They are passed over; if they are people, fill in who they are."),
    "blanks": Told("Blanks around cells", "Cells begin or end with blanks.", "", "The blanks are taken off."),
    "capitals": Told("Capitals", "Names are written all in capitals or all in small letters.", "", "Names are compared without regard to it."),
    "ways_of_writing": Told("Ways of writing", "Gender or an identifier is written in another of the ways we know.", "", "It is brought into one form."),
    "blank_words": Told("Words for “none”", "An identifier says that there is none.", "", "The cell is taken as empty."),
}  # fmt: skip
