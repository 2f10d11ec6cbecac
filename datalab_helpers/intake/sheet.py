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

NOTHING: dict[str, list[Any]] = {"hidden_rows": [], "hidden_columns": [], "errors": [], "merged": []}
SHOW = "show them and save if they belong to the list; they were not read"


@dataclass(frozen=True)
class Stop:
    """Why a file cannot be used as it is; rows as the spreadsheet numbers them, columns by heading."""

    kind: str
    message: str
    rows: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Sheet:
    """Cells of the table as text, indexed by the spreadsheet's row number; notes on what was not read.

    stops : what keeps the table from being read with certainty; the cells are then a best guess
    raw : every row of the sheet from its first, blanks at the ends of cells kept; at : row of the headings
    places : heading -> column, both counted from 0
    marks : hidden_rows, hidden_columns (numbers), errors and merged (cells), as the reader found them
    facts : hidden_sheets, others, not_served, above, blind, macros (counts and yes or no)
    """

    cells: pd.DataFrame
    hidden: list[Note]
    notes: list[Note]
    stops: list[Stop]
    raw: list[list[str]]
    at: int
    places: list[tuple[str, int]]
    marks: dict[str, Any]
    facts: dict[str, Any]


def read_sheet(path: Path) -> Sheet:
    """Read a file's table of people; DataContractError when there is none, two, or an untidy one."""
    sheet = open_sheet(path)
    if sheet.stops:
        raise DataContractError(sheet.stops[0].message)
    return sheet


def open_sheet(path: Path) -> Sheet:
    """Read a file's table of people and all that is wrong with it; DataContractError only when it is unreadable."""
    answer = read_file(path)
    raw = [sheet["rows"] for sheet in answer["sheets"]]
    for sheet in answer["sheets"]:
        sheet["rows"] = [[cell.strip() for cell in row] for row in sheet["rows"]]
    served = [sheet for sheet in answer["sheets"] if not sheet["not_served"]]
    not_served = sum(_people_on(sheet) for sheet in answer["sheets"] if sheet["not_served"])
    stops: list[Stop] = []
    facts = {name: answer[name] for name in ("hidden_sheets", "blind", "macros")}
    facts |= {"not_served": not_served, "others": 0, "above": 0, "merges": 0}
    if not served:
        stops.append(
            Stop("no_sheet", f"{path.name} has no sheet that is shown; show the sheet of people and save")
        )
        return Sheet(pd.DataFrame(), [], [], stops, [], 0, [], NOTHING, facts)
    chosen, facts["others"] = _choose(path, served, stops)
    hidden: list[Note] = [
        ("hidden sheets", answer["hidden_sheets"], SHOW),
        ("hidden rows with content", len(chosen["hidden_rows"]), SHOW),
        ("hidden columns with content", len(chosen["hidden_columns"]), SHOW),
    ]
    hidden = [note for note in hidden if note[1]]
    if answer["blind"]:
        hidden.append(
            (
                "older file (.xls) whose hidden rows and columns cannot be seen; they were read as if shown",
                1,
                "save it as .xlsx if it has any",
            )
        )
    rows = chosen["rows"]
    at = heading_row(rows)
    if at is None:
        message = f"{path.name} has no headings in its first row: it holds nothing that is shown"
        stops.append(Stop("no_headings", message))
        return Sheet(pd.DataFrame(), hidden, hidden, stops, [], 0, [], NOTHING, facts)
    if in_two_rows(rows, at, chosen["merged"]):
        message = (
            f"{path.name}: the headings seem to stand in two rows, or in merged cells (row {at + 1} and beside "
            "it); give each column one heading in one row, without merged cells"
        )
        stops.append(Stop("headings_in_two_rows", message, (at + 1,)))
    cells, places = _table(path, rows, at, stops)
    facts["above"] = sum(any(row) for row in rows[:at])
    merges = sum(first > at for first, *_ in chosen["merged"])
    notes: list[Note] = [
        *hidden,
        ("rows above the headings, not read", facts["above"], "nothing, if they are no people"),
        ("further sheets, not read", facts["others"], "nothing, if they are no people"),
        (
            "people on a sheet of those eligible but not served, counted and left out",
            not_served,
            "nothing; they show whom the programme could have reached, and are not participants",
        ),
        (
            "cells merged over several rows below the headings",
            merges,
            "unmerge them; only the first row was filled",
        ),
        (
            "cells with an error such as #REF!, read as empty",
            len(chosen["errors"]),
            "write what they should say",
        ),
        ("file with macros, which were not run", int(answer["macros"]), "save it as .xlsx without macros"),
    ]
    return Sheet(
        cells,
        hidden,
        [note for note in notes if note[1]],
        stops,
        next(cells for cells, sheet in zip(raw, answer["sheets"], strict=True) if sheet is chosen),
        at,
        places,
        {name: chosen[name] for name in NOTHING},
        facts,
    )


def _people_on(sheet: dict[str, Any]) -> int:
    """Rows with content below the headings."""
    at = heading_row(sheet["rows"])
    return 0 if at is None else sum(any(row) for row in sheet["rows"][at + 1 :])


def _choose(path: Path, sheets: Sequence[dict[str, Any]], stops: list[Stop]) -> tuple[dict[str, Any], int]:
    """The sheet with the people, and how many further sheets hold something."""
    whole, best = [], (0, -1)
    for position, sheet in enumerate(sheets):
        at = heading_row(sheet["rows"])
        fields = fields_in(sheet["rows"][at]) if at is not None else set()
        if at is not None and set(ESSENTIAL) <= fields and any(any(r) for r in sheet["rows"][at + 1 :]):
            whole.append(position)
        best = max(best, (len(fields), -position - 1))
    if len(whole) > 1:
        message = (
            f"{path.name} has {len(whole)} sheets with a table of people (shown sheets "
            f"{', '.join(str(position + 1) for position in whole)}); put all people on one sheet and save"
        )
        stops.append(Stop("two_sheets", message))
    chosen = whole[0] if whole else max(-best[1] - 1, 0)
    others = sum(any(any(row) for row in s["rows"]) for n, s in enumerate(sheets) if n != chosen)
    return sheets[chosen], others


def _table(
    path: Path, rows: list[list[str]], at: int, stops: list[Stop]
) -> tuple[pd.DataFrame, list[tuple[str, int]]]:
    """Cells below the headings and where each heading stands; a stop where a row does not fit them."""
    headings = list(rows[at])
    while headings and not headings[-1]:
        headings.pop()
    body = {number: row for number, row in enumerate(rows[at + 1 :], start=at + 2) if any(row)}
    wide = tuple(number for number, row in body.items() if any(row[len(headings) :]))
    if wide:
        message = (
            f"{path.name}: {len(wide)} rows have more cells than there are headings (first: row {wide[0]}); "
            "give each column a heading"
        )
        stops.append(Stop("too_many_cells", message, wide))
    short = tuple(number for number, row in body.items() if len(row) < len(headings))
    if short and path.suffix.lower() == ".csv":
        # A lost separator would shift cells into other columns; a workbook only leaves empty ends out.
        message = (
            f"{path.name}: {len(short)} rows have fewer cells than there are headings (first: row {short[0]}); "
            "a separator may be lost: open the file, check these rows and save it again"
        )
        stops.append(Stop("too_few_cells", message, short))
    body = {number: row[: len(headings)] + [""] * (len(headings) - len(row)) for number, row in body.items()}
    unnamed = [n for n, heading in enumerate(headings) if not heading]
    filled = [n for n in unnamed if any(row[n] for row in body.values())]
    if filled:
        message = (
            f"{path.name}: {len(filled)} columns have cells but no heading (first: column {filled[0] + 1}); "
            "give each column a heading"
        )
        stops.append(Stop("no_heading", message, (), tuple(f"column {n + 1}" for n in filled)))
    frame = pd.DataFrame.from_dict(body, orient="index", columns=range(len(headings)), dtype="str")
    places = [(heading, n) for n, heading in enumerate(headings) if heading]
    frame = frame[[n for _, n in places]]
    frame.columns = [heading for heading, _ in places]
    frame.index.name = "row"
    return frame, places
