"""The tables of numbers as csv files."""

from __future__ import annotations

import csv
import io

from ..wording.data import Cell, DataTable
from ..wording.numbers import readable

# What a spreadsheet program takes for the beginning of a formula, also in full width.
FORMULA = tuple("=+-@|\t\r\n\uff1d\uff0b\uff0d\uff20")


def csv_bytes(table: DataTable) -> bytes:
    """UTF-8, one heading row, lines as in RFC 4180; no cell of words can come alive as a formula."""
    held = io.StringIO(newline="")
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerow([as_text(column.heading) for column in table.columns])
    writer.writerows([as_text(cell) for cell in row] for row in table.rows)
    return held.getvalue().encode()


def as_text(cell: Cell) -> str:
    """A number in full; words with an apostrophe before what could begin a formula."""
    if not isinstance(cell, str):
        return f"{cell:.10g}" if isinstance(cell, float) else str(cell)
    cell = readable(cell)
    dangerous = cell.startswith(FORMULA) or cell.lstrip().startswith(FORMULA)
    return f"'{cell}" if dangerous else cell
