"""What arrived: a submission read as text, its headings recognised, its rows judged usable or not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from ..errors import DataContractError, guarded, listed
from ..request import Request
from ..tables import as_html, as_text
from .columns import by_field, labels, recognise, surely_headings
from .dates import Column, Order, read_column
from .reading import schema
from .reading.headings import (
    ESSENTIAL,
    FIELD_OF,
    HEADINGS,
    HELPFUL,
    SYNONYMS,
    fields_in,
    heading_key,
    is_no_person,
)
from .sheet import Note, read_sheet

DATES = tuple(name for name, field in schema.FIELDS.items() if field.kind == "date")


@dataclass(frozen=True, eq=False, repr=False)
class Participants:
    """The submission's people.

    rows : indexed by `row` (as numbered in the spreadsheet); surname, forename, gender, pnc_id,
        prison_number (text), date_of_birth, start, end, released, sentenced (dates); empty where not usable
    groups : the same index, the further columns a request may select by, lower case
    notes : columns what, count, mend; counts of what was wrong
    """

    rows: pd.DataFrame
    groups: pd.DataFrame
    notes: pd.DataFrame

    @property
    def usable(self) -> pd.Series:
        """Whether a row has every essential field."""
        return self.rows[list(ESSENTIAL)].notna().all(axis=1)

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        if self.rows.empty:
            return "<p>The request starts from an analysis table: no submission had to be read.</p>"
        return f"<p><b>{len(self.rows):,} rows</b> were submitted.</p>" + as_html(self.notes)


@guarded
def read_submission(request: Request) -> Participants:
    """Read the request's submission; nobody, when it starts from an analysis table.

    DataContractError lists every missing or repeated column; a row that lacks something is no
    error of the file, it is counted in `notes` and later in the attrition.
    """
    if request.settings.table:
        return Participants(pd.DataFrame(), pd.DataFrame(), pd.DataFrame())
    path = request.input_path
    sent = read_sheet(path)
    headings = list(sent.cells.columns)
    names, problems = recognise(sent.places)
    missing = [HEADINGS[name] for name in ESSENTIAL if name not in names.values()]
    problems += [
        f"column `{heading}` is missing; it is needed to find people or to start the clock"
        for heading in missing
    ]
    further = {heading: heading_key(heading) for heading in headings if heading_key(heading) not in FIELD_OF}
    for analysis in request.analyses:
        for column in analysis.only:
            if heading_key(column) not in further.values():
                problems.append(
                    f"column `{column}` is missing among the further columns; analysis {analysis.name!r} "
                    "selects participants by it (`within` selects both groups by a covariate)"
                )
    if problems:
        problems += [f"{what}: {count}; {mend}" for what, count, mend in sent.hidden]
        found = "the columns found are: " + ", ".join(f"`{heading}`" for heading in headings)
        if not surely_headings(headings):
            known_at = [
                label
                for heading, label in zip(headings, labels(sent.places), strict=True)
                if heading in names
            ]
            found = (
                f"row {sent.at + 1}, taken for the headings, has {len(headings)} cells, of which {len(known_at)} "
                f"{'is a known heading' if len(known_at) == 1 else 'are known headings'} ({', '.join(known_at)}); give each column a heading, as in the template"
                if names
                else f"no known heading stands in any row; the first row has {len(headings)} cells"
            )
        raise DataContractError(listed(f"{path.name} cannot be used as it is", [*problems, found]))
    cells, notes = _people(by_field(sent.cells, names).rename(columns=further))
    if cells.empty:
        raise DataContractError(f"{path.name} has headings but no rows")
    return _judge(path.name, cells, set(names.values()), request, sent.notes + notes)


def no_people(cells: pd.DataFrame) -> tuple[list[bool], list[bool]]:
    """Which rows repeat the headings, and which others name nobody (totals, notes)."""
    rows = cells.to_dict("records")
    again = [
        heading_key(row["surname"]) in SYNONYMS["surname"] and len(fields_in(list(row.values()))) >= 3
        for row in rows
    ]
    return again, [not repeated and is_no_person(row) for row, repeated in zip(rows, again, strict=True)]


def _people(cells: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """The rows that are people; totals, notes and repeated headings under the table are counted instead."""
    again, other = no_people(cells)
    notes = []
    if any(again):
        notes.append(("headings repeated below, not read as people", sum(again), "leave them out"))
    if any(other):
        numbers = [number for number, found in zip(cells.index, other, strict=True) if found]
        first = ", ".join(str(number) for number in numbers[:5]) + (" ..." if len(numbers) > 5 else "")
        what = f"unusable rows that name nobody, such as totals or notes (row {first})"
        notes.append((what, len(numbers), "delete them; if they are people, fill in who they are"))
    drop = [a or b for a, b in zip(again, other, strict=True)]
    return cells.loc[[not dropped for dropped in drop]], notes


@dataclass(frozen=True, eq=False, repr=False)
class Typed:
    """Rows with typed fields, empty where a text cannot be used; the columns of dates as they were read.

    left_out : helpful dates whose order of day and month cannot be told -> how many; none of them is used
    """

    rows: pd.DataFrame
    dates: dict[str, Column]
    left_out: dict[str, int]


def typed(cells: pd.DataFrame, given: set[str], began: date, ended: date, order: Order | None) -> Typed:
    """Every field as intake uses it.

    cells : text by field; given : the fields that the file has; began, ended : of the programme
    """
    rows = pd.DataFrame(index=cells.index)
    blank = [""] * len(cells)
    dates = {
        name: read_column(
            cells[name] if name in given else blank, began, of_birth=name == "date_of_birth", order=order
        )
        for name in DATES
    }
    unclear = [name for name in HELPFUL if dates[name].order is None or dates[name].swapped]
    left_out = {name: int((cells[name] != "").sum()) for name in unclear}
    dates |= {name: read_column(blank, began, of_birth=False) for name in unclear}
    readers: dict[str, Callable[[str], str | None]] = {
        "name": lambda text: text or None,
        "pnc_id": functools.partial(schema.pnc_id, last_year=ended.year),
        "prison_number": schema.prison_number,
    }
    for name, field in schema.FIELDS.items():
        if name in dates:
            rows[name] = pd.Series(dates[name].days, index=cells.index, dtype=object)
            continue
        read = functools.partial(schema.choice, name) if field.kind == "choice" else readers[field.kind]
        text = cells[name] if name in given else pd.Series("", index=cells.index)
        rows[name] = text.map(read)
    return Typed(rows, dates, left_out)


def _judge(
    file: str, cells: pd.DataFrame, given: set[str], request: Request, notes: list[Note]
) -> Participants:
    """Rows with typed fields; a value that cannot be used becomes empty and is counted."""
    programme = request.settings.programme
    read = typed(cells, given, programme.began, programme.ended, request.settings.dates)
    rows, dates = read.rows, read.dates

    def unusable(name: str, trouble: str, mend: str) -> None:
        bad = int(((cells[name] != "") & rows[name].isna()).sum()) if name in given else 0
        if bad:
            notes.append((trouble, bad, mend))

    unusable("gender", "gender not recognised", "write M or F")
    asked = [f"`{HEADINGS[name]}`" for name, column in dates.items() if column.order is None]
    if asked:
        raise DataContractError(
            f"{file}: whether 03/04 is 3 April or 4 March cannot be told in the columns {', '.join(asked)}: "
            "as many values speak for one as for the other; ask whoever wrote them and put "
            "`dates: day_first` or `dates: month_first` into request.yml"
        )
    swapped = [f"`{HEADINGS[name]}`" for name, column in dates.items() if column.swapped]
    if swapped:
        raise DataContractError(
            f"{file}: a program seems to have exchanged day and month in the columns {', '.join(swapped)}: all "
            "real dates have a day up to 12 and all dates left as text a day above; import the list again with "
            "these columns as text, or, if the dates are right as they stand, put `dates: day_first` or "
            "`dates: month_first` (the order of those left as text) into request.yml"
        )
    for name, column in dates.items():
        notes += _told(HEADINGS[name].lower(), column, asked_for=request.settings.dates is not None)
    for name, count in read.left_out.items():
        what = f"{HEADINGS[name].lower()} not used: which is the day and which the month cannot be told"
        notes.append((what, count, "put `dates: day_first` or `dates: month_first` into request.yml"))
    unusable(
        "pnc_id",
        "PNC ID with a wrong form or check letter",
        "copy it again, such as 2001/0012345H; left out of linking",
    )
    unusable(
        "prison_number",
        "prison number with a wrong form",
        "copy it again, such as A1234BC; left out of linking",
    )
    early = rows["start"].notna() & rows["end"].notna() & (rows["end"] < rows["start"])
    if early.any():
        notes.append(
            ("intervention end before its start", int(early.sum()), "check both dates; the start is used")
        )
    for name in ESSENTIAL:
        empty = int(rows[name].isna().sum())
        if empty:
            notes.append(
                (
                    f"no usable {HEADINGS[name].lower()}",
                    empty,
                    "fill it in; the person cannot be analysed without it",
                )
            )
    groups = cells.drop(columns=[c for c in cells.columns if c in SYNONYMS]).map(lambda text: text.lower())
    for name in DATES:
        rows[name] = pd.to_datetime(rows[name])
    return Participants(rows, groups, pd.DataFrame(notes, columns=["what", "count", "mend"]))


def _told(label: str, column: Column, asked_for: bool) -> list[Note]:
    """What is to be known of a column of dates."""
    notes = []
    if column.impossible:
        notes.append(
            (f"{label} is not a date", column.impossible, "write it as 31/12/2021 (day, month, year)")
        )
    order = {"day_first": "day/month", "month_first": "month/day"}[column.order or "day_first"]
    if column.contrary:
        why = "as the request says" if asked_for else "as most of the column is"
        notes.append(
            (f"{label} not written {order}, {why}", column.contrary, "write all dates in one order; left out")
        )
    if column.order == "month_first" and column.ambiguous:
        notes.append((f"{label} read as month/day", column.ambiguous, "check that this order is meant"))
    if column.short:
        mend = (
            "write four digits; the century was chosen by age"
            if "birth" in label
            else "write four digits; read as 20.."
        )
        notes.append((f"{label} with a year of two digits", column.short, mend))
    return notes
