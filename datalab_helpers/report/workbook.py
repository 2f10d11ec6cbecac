"""The report as an accessible spreadsheet, by the checklist of the UK government's Analysis Function.

A cover, contents, notes, then one marked-up table a sheet, from column A, with one row of headings, nothing
merged, hidden, filtered or left empty, and no formula: words are written as words, numbers as numbers that
are shown with few decimals and kept with all.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from ..disclosure.results import Results
from ..wording import page_one
from ..wording.data import SIGNS, Column, DataTable, data_tables
from ..wording.kit import citation
from ..wording.method import SHORTHAND, WARRANTS, disclosure_sentences, follow_up, time_zero
from ..wording.nouns import words_of_all
from ..wording.numbers import capital, number, one_line, sentence, things
from .sheet import Sheet, letters
from .templates import LONGEST

# The same bytes whenever it is written: a date that nobody can take for the day of release.
CREATED = datetime(2000, 1, 1)
FIRST, OTHER, LEAST = (
    44,
    26,
    9,
)  # widths of columns in letters: the first, the most and the least of the others
COVER = 72  # no wider than a page, since LibreOffice makes a single column no smaller
SIZE = 12  # of the letters, in points
FONT = {"font_name": "Arial", "font_size": SIZE, "text_wrap": True, "valign": "top"}


def workbook(results: Results) -> bytes:
    """The whole file."""
    import xlsxwriter

    held = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(held, {**options, "in_memory": True}) as book:
        book.set_properties(_properties(results))
        _Writer(book, results).write(data_tables(results))
    return held.getvalue()


def _properties(results: Results) -> dict[str, Any]:
    about = results.about
    return {
        "title": one_line(f"{about.programme.name}: {results.words.outcome} ({about.id})", 250),
        "subject": one_line(f"{about.organisation}, {about.programme.name}", 250),
        "author": about.lab_label,
        "company": about.lab_label,
        "keywords": about.id,
        "comments": "Every number comes from results.json of the same report.",
        "created": CREATED,
    }


def sheet_name(table: DataTable) -> str:
    """`table-1` is the sheet `Table 1`."""
    return capital(table.name.replace("-", " "))


class _Writer:
    """Writes the sheets one after another, each from its first row down."""

    def __init__(self, book: Any, results: Results) -> None:
        self.book, self.results = book, results
        self.sheets: list[Sheet] = []
        self.plain = book.add_format(FONT)
        # Words begin a little inside their column, or they would touch the numbers at the end of the one before.
        self.inset = book.add_format({**FONT, "align": "left", "indent": 1})
        self.right = book.add_format({**FONT, "align": "right"})
        self.title = book.add_format({**FONT, "bold": True, "font_size": 16})
        self.long_title = book.add_format({**FONT, "bold": True})
        self.head = book.add_format({**FONT, "bold": True, "bottom": 1})
        self.head_inset = book.add_format({**FONT, "bold": True, "bottom": 1, "align": "left", "indent": 1})
        self.head_right = book.add_format({**FONT, "bold": True, "bottom": 1, "align": "right"})
        self.link = book.add_format({**FONT, "font_color": "#12436D", "underline": 1})
        self.numbers = {
            places: book.add_format(
                {**FONT, "align": "right", "num_format": "#,##0" + ("." + "0" * places if places else "")}
            )
            for places in range(7)
        }

    def write(self, tables: list[DataTable]) -> None:
        self.cover()
        self.contents(tables)
        self.notes()
        for table in tables:
            self.table(table)
        for sheet in self.sheets:
            sheet.finish()
        self.book.get_worksheet_by_name("Cover").activate()

    def sheet(self, name: str, title: str, widths: list[int], lying: bool = False) -> Sheet:
        sheet = Sheet(self.book.add_worksheet(name), widths, lying)
        self.sheets.append(sheet)
        sheet.words(0, 0, title, self.title if len(title) <= LONGEST else self.long_title)
        return sheet

    def cover(self) -> None:
        """Whose result it is, the answer in words, and where to go on."""
        results, page = self.results, page_one(self.results)
        sheet = self.sheet("Cover", page.title, [COVER])
        said = [
            page.example,
            *page.facts,
            page.warning and f"Warning. {page.warning}",
            page.verdict,
            *page.support,
            *page.notes,
            page.dial and f"{page.dial.said}. {page.dial.meaning} {page.dial.held_back}".strip(),
            *page.people,
            *page.context,
            *(f"{name}: {value}" for name, value in page.frame),
            f"To cite: {citation(results)}",
        ]
        lines = [line for line in said if line]
        for row, line in enumerate(lines, start=1):
            sheet.words(row, 0, line, self.plain)
        self.go(sheet, len(lines) + 1, "Contents", "Go to the contents: every sheet of this file")
        self.go(sheet, len(lines) + 2, "Notes", "Go to the notes: signs, terms and how it was done")

    def go(self, sheet: Sheet, row: int, name: str, words: str) -> None:
        sheet.link(row, 0, name, words, self.link)

    def contents(self, tables: list[DataTable]) -> None:
        sheet = self.sheet("Contents", "Contents", [FIRST, 90])
        sheet.words(1, 0, "This sheet holds one table. Each name is a link to its sheet.", self.plain)
        names = ["Notes", *(sheet_name(table) for table in tables)]
        titles = ["Signs, terms and how it was done", *(table.title for table in tables)]
        sheet.table(2, [("Sheet", self.head), ("What it holds", self.head)], len(names), "Contents_list")
        for row, (name, title) in enumerate(zip(names, titles, strict=True), start=3):
            self.go(sheet, row, name, name)
            sheet.words(row, 1, title, self.plain)

    def notes(self) -> None:
        sheet = self.sheet("Notes", "Notes", [FIRST, 100])
        sheet.words(1, 0, "This sheet holds one table.", self.plain)
        self.go(sheet, 2, "Contents", "Back to the contents")
        results = self.results
        words = words_of_all(results)
        rows = [
            *SIGNS.items(),
            *((sign, meaning) for sign, meaning in SHORTHAND if sign not in SIGNS),
            ("Sign of a difference", f"{words.treatment} minus {words.comparison}"),
            ("When the clock starts", " ".join([*time_zero(results), *follow_up(results)])),
            ("How the difference is worked out", " ".join(WARRANTS)),
            ("What is held back", " ".join(disclosure_sentences(results))),
        ]
        sheet.table(3, [("Sign or term", self.head), ("Meaning", self.head)], len(rows), "Notes_list")
        for row, (term, meaning) in enumerate(rows, start=4):
            sheet.words(row, 0, term, self.plain)
            sheet.words(row, 1, sentence(meaning), self.plain)

    def table(self, table: DataTable) -> None:
        widths = [_width(table, place) for place in range(len(table.columns))]
        sheet = self.sheet(sheet_name(table), table.title, [FIRST, *widths[1:]], lying=True)
        said = [
            f"This sheet holds one table of {things(len(table.rows), 'row', 'rows')}.",
            *table.notes,
            *(f"{sign} means {SIGNS[sign]}." for sign in table.signs),
        ]
        for row, line in enumerate(said, start=1):
            sheet.words(row, 0, line, self.plain)
        at = len(said) + 1
        self.go(sheet, at, "Contents", "Back to the contents")
        columns = enumerate(table.columns)
        headings = [
            (c.heading, self.of(n, c, self.head, self.head_inset, self.head_right)) for n, c in columns
        ]
        sheet.table(at + 1, headings, len(table.rows), sheet_name(table).replace(" ", "_"))
        for row, cells in enumerate(table.rows, start=at + 2):
            for place, (cell, column) in enumerate(zip(cells, table.columns, strict=True)):
                if isinstance(cell, str):
                    sheet.words(row, place, cell, self.of(place, column, self.plain, self.inset, self.right))
                else:
                    sheet.number(row, place, cell, self.numbers[min(column.places or 0, 6)])

    def of(self, place: int, column: Column, first: Any, inset: Any, right: Any) -> Any:
        """The form of words in a column: to the right where it holds numbers."""
        return right if column.places is not None else inset if place else first


def _width(table: DataTable, place: int) -> int:
    """Room for the longest word of the heading and for most cells on one line, no more: a printed page is narrow."""
    column = table.columns[place]
    heading = max(letters(word, SIZE, bold=True) for word in column.heading.split())
    cells = (row[place] for row in table.rows)
    seen = (cell if isinstance(cell, str) else number(cell, min(column.places or 0, 6)) for cell in cells)
    return (place and 2) + max(heading, LEAST, min(max(letters(text, SIZE) for text in seen), OTHER))
