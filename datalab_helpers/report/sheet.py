"""One sheet of a workbook: rows as high as the words in them, and pages that can be read when it is printed.

LibreOffice does not work out heights when it opens a file, so that wrapped words would lie over the row below.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from ..plots.drawing import text_width
from ..wording.numbers import readable

UNIT, EDGE = 7, 5  # pixels: what one letter of a column's width is, and what a cell adds to it
PIXELS = 96 / 72  # of a point
INSIDE = 6  # pixels of a cell that no letter may use
BOLD = 1.08  # how much wider bold letters are
LINE = 1.32  # height of a line over the size of its letters
TALLEST = 409.0  # points; spreadsheet programs allow no more
LONGEST = 32_000  # letters that a cell can hold
A4 = 9
EDGES = 0.5  # inches of paper that stay free on each side
ACROSS = {
    True: (11.69 - 2 * EDGES) * 96,
    False: (8.27 - 2 * EDGES) * 96,
}  # pixels at full size, lying and upright
SMALLEST = 0.58  # of full size: letters of 12 points as 7


class Sheet:
    """A worksheet of XlsxWriter with the width of its columns; `finish` sets rows and pages once all is written."""

    def __init__(self, sheet: Any, widths: list[int], lying: bool = False) -> None:
        self.sheet, self.widths, self.lying = sheet, widths, lying
        self.heights: dict[int, float] = {}
        self.heads: int | None = None
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)

    def words(self, row: int, column: int, text: str, form: Any) -> None:
        text = readable(text)[:LONGEST]
        self.sheet.write_string(row, column, text, form)
        self.room(row, column, text, form)

    def number(self, row: int, column: int, value: float, form: Any) -> None:
        self.sheet.write_number(row, column, value, form)

    def link(self, row: int, column: int, place: str, words: str, form: Any) -> None:
        self.sheet.write_url(row, column, f"internal:'{place}'!A1", form, words)
        self.room(row, column, words, form)

    def table(self, at: int, headings: list[tuple[str, Any]], rows: int, name: str) -> None:
        """Tag the rows below `at` as one table whose headings, each with its form, a screen reader can tell."""
        columns = [{"header": heading, "header_format": form} for heading, form in headings]
        self.heads = at
        self.sheet.add_table(
            at,
            0,
            at + rows,
            len(headings) - 1,
            {"name": name, "columns": columns, "autofilter": False, "style": None},
        )
        for column, (heading, form) in enumerate(headings):
            self.room(at, column, heading, form)

    def room(self, row: int, column: int, text: str, form: Any) -> None:
        """Keep the row high enough for a text."""
        needed = height(text, self.widths[column] - 2 * form.indent, form.font_size, bool(form.bold))
        self.heights[row] = max(self.heights.get(row, 0.0), needed)

    def finish(self) -> None:
        """Rows as high as their words; on A4, as wide as one page while letters stay legible, headings on each."""
        for row, needed in self.heights.items():
            self.sheet.set_row(row, needed)
        first, *others = (UNIT * width + EDGE for width in self.widths)
        room = ACROSS[self.lying] / SMALLEST
        pages = 1 if first + sum(others) <= room else -int(-sum(others) // (room - first))
        if self.lying:
            self.sheet.set_landscape()
        self.sheet.set_paper(A4)
        self.sheet.set_margins(EDGES, EDGES, EDGES, EDGES)
        self.sheet.fit_to_pages(pages, 0)
        if self.heads is not None:
            self.sheet.repeat_rows(self.heads)
        if pages > 1:
            self.sheet.repeat_columns(0)


def letters(text: str, size: float, bold: bool = False) -> int:
    """How wide a column must be for a text on one line."""
    return ceil((text_width(text, size * PIXELS * (BOLD if bold else 1)) + INSIDE) / UNIT)


def height(text: str, width: float, size: float, bold: bool = False) -> float:
    """Points that a text takes in a column so many letters wide, wrapped between words."""
    room = UNIT * width + EDGE - INSIDE
    letters = size * PIXELS * (BOLD if bold else 1)
    lines = sum(_lines(line.split(), room, letters) for line in text.splitlines() or [""])
    return min(round(lines * size * LINE + 2, 1), TALLEST)


def _lines(words: list[str], room: float, letters: float) -> int:
    """A word longer than the room is broken over several lines."""
    lines, used = 1, 0.0
    for word in words:
        wide = text_width(word, letters)
        gap = text_width(" ", letters) if used else 0.0
        if used and used + gap + wide > room:
            lines, used, gap = lines + 1, 0.0, 0.0
        used += gap + wide
        if used > room:
            more = int(used // room)
            lines, used = lines + more, used - more * room
    return lines
