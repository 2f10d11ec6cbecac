"""The one table of people in a file: which sheet, which row holds the headings, what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import DataContractError
from .reading.child import read_file
from .reading.headings import ESSENTIAL, fields_in, heading_row, in_two_rows

Note = tuple[str, int, str]  # what, count, mend

SHOW = "show them and save if they belong to the list; they were not read"


@dataclass(frozen=True, eq=False, repr=False)
class Sheet:
    """Cells of the table as text, indexed by the spreadsheet's row number; notes on what was not read."""

    cells: pd.DataFrame
    hidden: list[Note]
    notes: list[Note]


def read_sheet(path: Path) -> Sheet:
    """Read a file's table of people; DataContractError when there is none, two, or an untidy one."""
    answer = read_file(path)
    for sheet in answer["sheets"]:
        sheet["rows"] = [[cell.strip() for cell in row] for row in sheet["rows"]]
    chosen, others = _choose(path, answer["sheets"])
    hidden: list[Note] = [
        ("hidden sheets", answer["hidden_sheets"], SHOW),
        ("hidden rows with content", chosen["hidden_rows"], SHOW),
        ("hidden columns with content", chosen["hidden_columns"], SHOW),
    ]
    hidden = [note for note in hidden if note[1]]
    if answer["blind"]:
        hidden.append(
            (
                "file whose hidden rows and columns cannot be seen (.xls); they were read as if shown",
                1,
                "save it as .xlsx if it has any",
            )
        )
    rows = chosen["rows"]
    at = heading_row(rows)
    if at is None:
        raise DataContractError(
            f"{path.name} has no headings in its first row: it holds nothing that is shown"
        )
    if in_two_rows(rows, at, chosen["merged"]):
        raise DataContractError(
            f"{path.name}: the headings seem to stand in two rows, or in merged cells (row {at + 1} and beside "
            "it); give each column one heading in one row, without merged cells"
        )
    cells = _table(path, rows, at)
    above = sum(any(row) for row in rows[:at])
    merges = sum(first > at for first, _ in chosen["merged"])
    notes: list[Note] = [
        *hidden,
        ("rows above the headings, not read", above, "nothing, if they are no people"),
        ("further sheets, not read", others, "nothing, if they are no people"),
        (
            "cells merged over several rows below the headings",
            merges,
            "unmerge them; only the first row was filled",
        ),
        ("cells with an error such as #REF!, read as empty", chosen["errors"], "write what they should say"),
        ("file with macros, which were not run", int(answer["macros"]), "save it as .xlsx without macros"),
    ]
    return Sheet(cells, hidden, [note for note in notes if note[1]])


def _choose(path: Path, sheets: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], int]:
    """The sheet with the people, and how many further sheets hold something."""
    if not sheets:
        raise DataContractError(f"{path.name} has no sheet that is shown; show the sheet of people and save")
    whole, best = [], (0, -1)
    for position, sheet in enumerate(sheets):
        at = heading_row(sheet["rows"])
        fields = fields_in(sheet["rows"][at]) if at is not None else set()
        if at is not None and set(ESSENTIAL) <= fields and any(any(r) for r in sheet["rows"][at + 1 :]):
            whole.append(position)
        best = max(best, (len(fields), -position - 1))
    if len(whole) > 1:
        raise DataContractError(
            f"{path.name} has {len(whole)} sheets with a table of people (shown sheets "
            f"{', '.join(str(position + 1) for position in whole)}); put all people on one sheet and save"
        )
    chosen = whole[0] if whole else max(-best[1] - 1, 0)
    others = sum(any(any(row) for row in s["rows"]) for n, s in enumerate(sheets) if n != chosen)
    return sheets[chosen], others


def _table(path: Path, rows: list[list[str]], at: int) -> pd.DataFrame:
    """Cells below the headings; DataContractError where a row does not fit them."""
    headings = list(rows[at])
    while headings and not headings[-1]:
        headings.pop()
    body = {number: row for number, row in enumerate(rows[at + 1 :], start=at + 2) if any(row)}
    wide = [number for number, row in body.items() if any(row[len(headings) :])]
    if wide:
        raise DataContractError(
            f"{path.name}: {len(wide)} rows have more cells than there are headings (first: row {wide[0]}); "
            "give each column a heading"
        )
    short = [number for number, row in body.items() if len(row) < len(headings)]
    if short and path.suffix.lower() == ".csv":
        # A lost separator would shift cells into other columns; a workbook only leaves empty ends out.
        raise DataContractError(
            f"{path.name}: {len(short)} rows have fewer cells than there are headings (first: row {short[0]}); "
            "a separator may be lost: open the file, check these rows and save it again"
        )
    body = {number: row[: len(headings)] + [""] * (len(headings) - len(row)) for number, row in body.items()}
    unnamed = [n for n, heading in enumerate(headings) if not heading]
    filled = [n for n in unnamed if any(row[n] for row in body.values())]
    if filled:
        raise DataContractError(
            f"{path.name}: {len(filled)} columns have cells but no heading (first: column {filled[0] + 1}); "
            "give each column a heading"
        )
    frame = pd.DataFrame.from_dict(body, orient="index", columns=range(len(headings)), dtype="str")
    frame = frame[[n for n, heading in enumerate(headings) if heading]]
    frame.columns = [heading for heading in headings if heading]
    frame.index.name = "row"
    return frame
