"""xlsx, xls and ods: each visible sheet as rows of text, its hidden rows and columns left out and counted."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import python_calamine as calamine

from .archive import opened
from .headings import heading_key
from .kinds import PASSWORD
from .limits import Limits, Refused
from .marks import Marks, of_ods, of_xlsx
from .older import of_xls
from .schema import NOT_SERVED

# Spreadsheets hold a 29 February 1900 that never was; what they say of the days before it is a guess.
FIRST_SURE_DAY = dt.date(1900, 3, 1)


def read_workbook(path: Path, kind: str, limits: Limits) -> dict[str, Any]:
    """Rows of text of every visible sheet, and counts of what was not read."""
    marks, macros = None, False
    if kind == ".xls":
        marks = of_xls(path, limits)
    else:
        with opened(path, limits) as archive:
            if kind == ".ods":
                if "META-INF/manifest.xml" in archive.namelist():
                    manifest = archive.read("META-INF/manifest.xml")
                    if b"encryption-data" in manifest:
                        raise Refused(PASSWORD)
                marks = of_ods(archive, limits)
            else:
                marks = of_xlsx(archive, limits)
            macros = any(name.lower().endswith("vbaproject.bin") for name in archive.namelist())
    try:
        book = calamine.load_workbook(str(path))
    except calamine.PasswordError:
        raise Refused(PASSWORD) from None
    sheets, hidden = [], 0
    for position, about in enumerate(book.sheets_metadata):
        if about.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        known = marks[position] if marks and position < len(marks) else Marks()
        if about.visible != calamine.SheetVisibleEnum.Visible or known.hidden:
            hidden += 1
            continue
        rows = _rows(book.get_sheet_by_index(position), known, limits)
        sheets.append(rows | {"not_served": heading_key(about.name) in NOT_SERVED})
    return {"sheets": sheets, "hidden_sheets": hidden, "macros": macros, "blind": marks is None}


def _rows(sheet: calamine.CalamineSheet, marks: Marks, limits: Limits) -> dict[str, Any]:
    if sheet.end is not None:
        marks.reaches(sheet.end[0], sheet.end[1], limits)
    rows, hidden_rows, hidden_columns, errors = [], [], set(), set(marks.errors)
    for number, values in enumerate(sheet.to_python(skip_empty_area=False)):
        row = [_text(value) for value in values]
        if number in marks.hidden_rows:
            if any(row):
                hidden_rows.append(number)
            row = []
        for column in marks.hidden_columns:
            if column < len(row) and row[column]:
                hidden_columns.add(column)
                row[column] = ""
        for column in range(len(row)) if errors else ():
            if (number, column) in errors:
                row[column] = ""  # a parser may give an error as 0
        if any(len(cell) > limits.cell_letters for cell in row):
            raise Refused(
                f"has a cell of more than {limits.cell_letters:,} letters (row {number + 1}); shorten it"
            )
        rows.append(row)
    merged = [[a, b, c, d] for (a, c), (b, d) in sheet.merged_cell_ranges or [] if a != b]
    return {
        "rows": rows,
        "hidden_rows": hidden_rows,
        "hidden_columns": sorted(hidden_columns),
        "errors": sorted(errors),
        "merged": merged[:1000],
    }


def _text(value: object) -> str:
    """A cell as text: a day as 2021-12-31, a whole number without a point."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        if value.date() < FIRST_SURE_DAY:
            return "a day before March 1900"
        return value.isoformat(" ") if value.time() != dt.time(0) else value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat() if value >= FIRST_SURE_DAY else "a day before March 1900"
    return "" if value is None else str(value)
