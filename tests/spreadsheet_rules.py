"""What a published workbook must be: the government's checklist of accessible spreadsheets, as far as a machine can tell.

`faults(content)` gives (item, where) for each fault found. The 19 essential items come first in RULES, under the names
used in the checklist; then the others that apply, and what we ask beyond it (no formula, each sign explained).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import openpyxl
from openpyxl.utils import range_boundaries

SIGN = re.compile(r"^\[(?:c|x|z|low|r|p|e|b|u|w)\]$")
NOTE_MARK = re.compile(r"[*†‡§¶¹²³⁰-⁹]+$")
VAGUE = re.compile(r"^(?:here|click here|link|more|read more|this|https?://.*|www\..*)$", re.I)
# American spellings and the slips that a spelling check would find first.
MISSPELT = re.compile(
    r"\b(?:behavior|color|center|program(?:s)?\b(?!m)|organiz\w+|randomiz\w+|standardiz\w+|analyz\w+|recieve\w*"
    r"|seperat\w+|occured|untill?l|wich|teh|comparision|reoffend(?:er)?s?ing\w+)\b|\b(\w+) \1\b",
    re.I,
)
ALLOWED_TWICE = {"that that", "had had"}
MOST_POINTS = 409  # a row can be no higher
DEFAULT_NAME = re.compile(r"^(?:sheet|table|tabelle|feuil)\d*$", re.I)
Fault = tuple[str, str]


class Book:
    """A workbook with what openpyxl reads of it and its raw parts."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            self.parts = {name: parts.read(name) for name in parts.namelist()}

    @property
    def sheets(self) -> list[Any]:
        return list(self.book.worksheets)

    def tables(self) -> Iterator[tuple[Any, Any, list[list[Any]]]]:
        """Sheet, table, and its cells row by row, headings first."""
        for sheet in self.sheets:
            for table in sheet.tables.values():
                left, top, right, bottom = range_boundaries(table.ref)
                yield sheet, table, [list(r) for r in sheet.iter_rows(top, bottom, left, right)]

    def words(self) -> Iterator[tuple[Any, Any]]:
        for sheet in self.sheets:
            for row in sheet.iter_rows():
                yield from ((sheet, cell) for cell in row if isinstance(cell.value, str))


def inside(sheet: Any, row: int, column: int) -> bool:
    for table in sheet.tables.values():
        left, top, right, bottom = range_boundaries(table.ref)
        if left <= column <= right and top <= row <= bottom:
            return True
    return False


def luminance(rgb: str) -> float:
    parts = [int(rgb[-6:][i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def colour_of(cell: Any) -> str | None:
    colour = cell.font.color
    return colour.rgb if colour is not None and colour.type == "rgb" and isinstance(colour.rgb, str) else None


def fill_of(cell: Any) -> str | None:
    return cell.fill.fgColor.rgb if cell.fill is not None and cell.fill.fill_type else None


# ---------------------------------------------------------------- the 19 essential items


def marked_up(book: Book) -> Iterator[str]:
    for sheet in book.sheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.column > 1 and cell.value is not None and not inside(sheet, cell.row, cell.column):
                    yield f"{sheet.title}!{cell.coordinate}"


def merged(book: Book) -> Iterator[str]:
    for sheet in book.sheets:
        yield from (f"{sheet.title}!{area}" for area in sheet.merged_cells.ranges)


def blank_lines(book: Book) -> Iterator[str]:
    for sheet, table, rows in book.tables():
        for line in [*rows, *zip(*rows, strict=True)]:
            if all(cell.value is None for cell in line[1 if line in rows else 0 :]):
                yield f"{sheet.title} {table.name} {line[0].coordinate}"


def one_header(book: Book) -> Iterator[str]:
    for sheet, table, rows in book.tables():
        names = [cell.value for cell in rows[0]]
        if table.headerRowCount != 1 or not all(isinstance(n, str) and n.strip() for n in names):
            yield f"{sheet.title} {table.name}"
        elif len({name.lower() for name in names}) < len(names):
            yield f"{sheet.title} {table.name}: a heading twice"


def wrapped(book: Book) -> Iterator[str]:
    for sheet, cell in book.words():
        if not cell.alignment.wrap_text:
            yield f"{sheet.title}!{cell.coordinate}"


def empty_cells(book: Book) -> Iterator[str]:
    for sheet, _, rows in book.tables():
        for row in rows:
            yield from (f"{sheet.title}!{c.coordinate}" for c in row if c.value is None or c.value == "")


def note_symbols(book: Book) -> Iterator[str]:
    for sheet, cell in book.words():
        if cell.font.vertAlign == "superscript" or NOTE_MARK.search(cell.value):
            yield f"{sheet.title}!{cell.coordinate}"


def links(book: Book) -> Iterator[str]:
    names = {sheet.title for sheet in book.sheets}
    for sheet in book.sheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.hyperlink is None:
                    continue
                target = (cell.hyperlink.location or "").split("!")[0].strip("'")
                if VAGUE.match(str(cell.value or "").strip()) or not cell.value:
                    yield f"{sheet.title}!{cell.coordinate}: its words do not say where it leads"
                elif cell.hyperlink.location and target not in names:
                    yield f"{sheet.title}!{cell.coordinate}: leads nowhere"


def titled(book: Book) -> Iterator[str]:
    seen = set()
    for sheet in book.sheets:
        first = sheet["A1"]
        if not isinstance(first.value, str) or not first.value.strip() or not first.font.bold:
            yield sheet.title
        elif first.value in seen:
            yield f"{sheet.title}: the title of another sheet"
        seen.add(first.value)


def no_boxes(book: Book) -> Iterator[str]:
    for sheet in book.sheets:
        if any(
            part.text
            for side in (sheet.oddHeader, sheet.oddFooter)
            for part in (side.left, side.center, side.right)
        ):
            yield f"{sheet.title}: header or footer"
    yield from (name for name in book.parts if re.match(r"xl/(?:drawings|comments|charts)", name))


def colour_alone(book: Book) -> Iterator[str]:
    for sheet, _, rows in book.tables():
        for row in rows[1:]:
            for cell in row:
                marked = colour_of(cell) not in {None, "FF000000"} and not cell.font.underline
                if fill_of(cell) or marked:
                    yield f"{sheet.title}!{cell.coordinate}"


def contrast(book: Book) -> Iterator[str]:
    for sheet, cell in book.words():
        pair = sorted([luminance(colour_of(cell) or "000000"), luminance(fill_of(cell) or "FFFFFF")])
        if (pair[1] + 0.05) / (pair[0] + 0.05) < 4.5:
            yield f"{sheet.title}!{cell.coordinate}"


def sheet_names(book: Book) -> Iterator[str]:
    names = re.findall(rb'<sheet [^>]*name="([^"]*)"', book.parts["xl/workbook.xml"])
    low = [name.decode().lower() for name in names]
    yield from (name for name in low if low.count(name) > 1 or DEFAULT_NAME.match(name))


def blank_sheets(book: Book) -> Iterator[str]:
    yield from (s.title for s in book.sheets if all(c.value is None for r in s.iter_rows() for c in r))


def column_a(book: Book) -> Iterator[str]:
    for sheet in book.sheets:
        for row in range(1, sheet.max_row + 1):
            if sheet.cell(row, 1).value is None:
                yield f"{sheet.title}!A{row}"


def left_edge(book: Book) -> Iterator[str]:
    yield from (f"{sheet.title} {t.name}" for sheet, t, _ in book.tables() if range_boundaries(t.ref)[0] != 1)


def spelling(book: Book) -> Iterator[str]:
    for sheet, cell in book.words():
        for found in MISSPELT.finditer(cell.value):
            if found[0].lower() not in ALLOWED_TWICE:
                yield f"{sheet.title}!{cell.coordinate}: {found[0]}"


def document_information(book: Book) -> Iterator[str]:
    given = book.book.properties
    for name in ("title", "subject", "creator"):
        if not (getattr(given, name) or "").strip() or getattr(given, name) == "openpyxl":
            yield name


def cursor(book: Book) -> Iterator[str]:
    if book.book.active is not book.sheets[0]:
        yield "another sheet is in front"
    for sheet in book.sheets:
        if any(place.activeCell != "A1" for place in sheet.sheet_view.selection):
            yield sheet.title


# ---------------------------------------------------------------- the other items that apply


def table_names(book: Book) -> Iterator[str]:
    yield from (f"{sheet.title}: {t.name}" for sheet, t, _ in book.tables() if DEFAULT_NAME.match(t.name))


def filters_and_frozen_panes(book: Book) -> Iterator[str]:
    for sheet in book.sheets:
        if sheet.auto_filter.ref or sheet.freeze_panes or any(t.autoFilter for t in sheet.tables.values()):
            yield sheet.title


def hidden(book: Book) -> Iterator[str]:
    for sheet in book.sheets:
        kept = [*sheet.row_dimensions.values(), *sheet.column_dimensions.values()]
        if sheet.sheet_state != "visible" or any(line.hidden for line in kept):
            yield sheet.title


def notes_sheet(book: Book) -> Iterator[str]:
    yield from ({"Cover", "Contents", "Notes"} - {sheet.title for sheet in book.sheets})


def below_a_table(book: Book) -> Iterator[str]:
    for sheet, table, _ in book.tables():
        bottom = range_boundaries(table.ref)[3]
        rows = sheet.iter_rows(min_row=bottom + 1)
        if any(cell.value is not None for row in rows for cell in row):
            yield sheet.title


def one_table(book: Book) -> Iterator[str]:
    yield from (sheet.title for sheet in book.sheets if len(sheet.tables) > 1)


def pictures_and_macros(book: Book) -> Iterator[str]:
    yield from (
        name for name in book.parts if re.match(r"xl/(?:media|vbaProject|externalLinks|activeX)", name)
    )


def fills(book: Book) -> Iterator[str]:
    yield from (f"{sheet.title}!{c.coordinate}" for sheet, c in book.words() if fill_of(c))


# ---------------------------------------------------------------- beyond the checklist


def formulas(book: Book) -> Iterator[str]:
    for name, part in book.parts.items():
        if name.startswith("xl/worksheets/") and (b"<f>" in part or b"<f " in part):
            yield name


def signs_explained(book: Book) -> Iterator[str]:
    notes = {c.value for s, c in book.words() if s.title == "Notes"}
    for sheet, table, rows in book.tables():
        if sheet.title == "Notes":
            continue
        top = range_boundaries(table.ref)[1]
        above = " ".join(str(sheet.cell(row, 1).value) for row in range(1, top))
        used = {c.value for row in rows for c in row if isinstance(c.value, str) and SIGN.match(c.value)}
        yield from (
            f"{sheet.title}: {sign}"
            for sign in sorted(used)
            if f"{sign} means" not in above or sign not in notes
        )


def numbers_as_words(book: Book) -> Iterator[str]:
    for sheet, _, rows in book.tables():
        for column in zip(*rows[1:], strict=True):
            if any(isinstance(cell.value, int | float) for cell in column):
                bad = [c for c in column if isinstance(c.value, str) and not SIGN.match(c.value)]
                yield from (f"{sheet.title}!{cell.coordinate}" for cell in bad)


@cache
def widths_of(font: str) -> dict[str, float]:
    """Letter -> its width over the size, as the foundry gives it; Arial has the widths of Helvetica."""
    file = Path(matplotlib.get_data_path()) / "fonts/pdfcorefonts" / f"{font}.afm"
    found = re.findall(r"^C (\d+) ; WX (\d+) ;", file.read_text(), re.M)
    return {chr(int(code)): int(wide) / 1000 for code, wide in found if 32 <= int(code) < 127}


def columns_of(sheet: Any) -> dict[int, float]:
    """Column -> its width in pixels."""
    return {
        place: int(given.width * 7)
        for given in sheet.column_dimensions.values()
        for place in range(given.min, given.max + 1)
    }


def lines_in(text: str, room: float, pixels: float, font: str) -> int:
    known, lines = widths_of(font), 0
    for part in text.split("\n"):
        lines, used = lines + 1, 0.0
        for word in part.split():
            wide = sum(known.get(letter, 0.6) for letter in word) * pixels
            if used and used + 0.278 * pixels + wide > room:
                lines, used = lines + 1, 0.0
            used += wide + (0.278 * pixels if used else 0.0)
            while used > room:
                lines, used = lines + 1, used - room
    return lines


def rows_too_low(book: Book) -> Iterator[str]:
    """Not every program works out the height of wrapped words when it opens a file."""
    widths = {sheet.title: columns_of(sheet) for sheet in book.sheets}
    for sheet, cell in book.words():
        size, room = (
            cell.font.size or 11,
            widths[sheet.title].get(cell.column, 64) - 4 - 9 * cell.alignment.indent,
        )
        font = "Helvetica-Bold" if cell.font.bold else "Helvetica"
        needed = lines_in(cell.value, room, size * 96 / 72, font) * size * 1.15
        given = sheet.row_dimensions[cell.row].height
        if given is None or given < min(needed, MOST_POINTS):
            yield f"{sheet.title}!{cell.coordinate}: {needed:.0f} points needed, {given} given"


def printed(book: Book) -> Iterator[str]:
    """On A4, as wide as its pages, its headings on every page, letters of 12 points no smaller than 6."""
    for sheet, table, _ in book.tables():
        page, pixels = sheet.page_setup, list(columns_of(sheet).values())
        if page.paperSize != 9 or not sheet.sheet_properties.pageSetUpPr.fitToPage or page.fitToHeight:
            yield f"{sheet.title}: not fitted to A4"
            continue
        inches = 11.69 if page.orientation == "landscape" else 8.27
        room = (inches - sheet.page_margins.left - sheet.page_margins.right) * 96
        wide = page.fitToWidth or 1
        if min(1, room / (pixels[0] + sum(pixels[1:]) / wide)) * 12 < 6:
            yield f"{sheet.title}: letters too small to read"
        if wide > 1 and (sheet.print_title_cols or "").replace("$", "") != "A:A":
            yield f"{sheet.title}: which row a number belongs to stands on the first page alone"
        heads = range_boundaries(table.ref)[1]
        if (sheet.print_title_rows or "").replace("$", "") != f"{heads}:{heads}":
            yield f"{sheet.title}: headings stand on the first page alone"


ESSENTIAL: dict[str, Callable[[Book], Iterator[str]]] = {
    "mark up tables": marked_up,
    "no merged cells": merged,
    "no blank rows or columns in tables": blank_lines,
    "one tagged header row": one_header,
    "wrap text": wrapped,
    "empty cells": empty_cells,
    "no symbols for notes": note_symbols,
    "links": links,
    "titles": titled,
    "no headers, footers, text boxes": no_boxes,
    "colour alone": colour_alone,
    "contrast": contrast,
    "unique sheet names": sheet_names,
    "no blank sheets": blank_sheets,
    "column A": column_a,
    "tables at the left edge": left_edge,
    "spelling": spelling,
    "document information": document_information,
    "cursor in A1": cursor,
}
OTHERS: dict[str, Callable[[Book], Iterator[str]]] = {
    "table names": table_names,
    "no filters or frozen panes": filters_and_frozen_panes,
    "nothing hidden": hidden,
    "notes on their own sheet": notes_sheet,
    "nothing below a table": below_a_table,
    "one table a sheet": one_table,
    "no pictures, no macros": pictures_and_macros,
    "no background fill": fills,
    "no formulas": formulas,
    "signs explained": signs_explained,
    "numbers are numbers": numbers_as_words,
    "rows high enough": rows_too_low,
    "pages": printed,
}
RULES = {**ESSENTIAL, **OTHERS}


def faults(content: bytes) -> list[Fault]:
    """Each fault as the item of the checklist and where it is."""
    book = Book(content)
    return [(item, where) for item, rule in RULES.items() for where in rule(book)]
