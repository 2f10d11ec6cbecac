"""What arrived: a submission read as text, its headings recognised, its rows judged usable or not."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from ..errors import DataContractError, guarded, listed
from ..request import Request
from ..tables import as_text
from .dates import Column, read_column
from .reading.headings import (
    ESSENTIAL,
    HEADINGS,
    HELPFUL,
    SYNONYMS,
    fields_in,
    heading_key,
    is_no_person,
    recognise,
)
from .sheet import Note, read_sheet

GENDERS = {"m": "M", "male": "M", "man": "M", "f": "F", "female": "F", "woman": "F"}
DATES = ("date_of_birth", "start", "end", "released", "sentenced")
CHECK_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"


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
        return f"<p><b>{len(self.rows):,} rows</b> were submitted.</p>" + self.notes.to_html(
            index=False, border=0
        )


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
    names, problems = recognise(headings)
    missing = [HEADINGS[name] for name in ESSENTIAL if name not in names.values()]
    problems += [
        f"column `{heading}` is missing; it is needed to find people or to start the clock"
        for heading in missing
    ]
    known = names | {heading: heading_key(heading) for heading in headings if heading not in names}
    for analysis in request.analyses:
        for column in analysis.only:
            if heading_key(column) not in set(known.values()) - set(SYNONYMS):
                problems.append(
                    f"column `{column}` is missing among the further columns; analysis {analysis.name!r} "
                    "selects participants by it (`within` selects both groups by a covariate)"
                )
    if problems:
        problems += [f"{what}: {count}; {mend}" for what, count, mend in sent.hidden]
        found = "the columns found are: " + ", ".join(f"`{heading}`" for heading in headings)
        if not names:
            # Without one known heading the row may be a person: it is not quoted.
            found = f"no known heading stands in any row; the first row has {len(headings)} cells"
        raise DataContractError(listed(f"{path.name} cannot be used as it is", [*problems, found]))
    cells, notes = _people(sent.cells.rename(columns=known))
    if cells.empty:
        raise DataContractError(f"{path.name} has headings but no rows")
    return _judge(path.name, cells, set(names.values()), request, sent.notes + notes)


def _people(cells: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """The rows that are people; totals, notes and repeated headings under the table are counted instead."""
    rows = cells.to_dict("records")
    again = [
        heading_key(row["surname"]) in SYNONYMS["surname"] and len(fields_in(list(row.values()))) >= 3
        for row in rows
    ]
    other = [not repeated and is_no_person(row) for row, repeated in zip(rows, again, strict=True)]
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


def _judge(
    file: str, cells: pd.DataFrame, given: set[str], request: Request, notes: list[Note]
) -> Participants:
    """Rows with typed fields; a value that cannot be used becomes empty and is counted."""
    rows = pd.DataFrame(index=cells.index)
    programme = request.settings.programme

    def field(name: str, read: Callable[[str], object], trouble: str, mend: str) -> None:
        text = cells[name] if name in given else pd.Series("", index=cells.index)
        rows[name] = text.map(read)
        bad = int(((text != "") & rows[name].isna()).sum())
        if bad:
            notes.append((trouble, bad, mend))

    for name in ("surname", "forename"):
        field(name, lambda text: text or None, "", "")
    field("gender", lambda text: GENDERS.get(text.lower()), "gender not recognised", "write M or F")
    dates = {
        name: read_column(
            cells[name] if name in given else [""] * len(cells),
            programme.began,
            of_birth=name == "date_of_birth",
            order=request.settings.dates,
        )
        for name in DATES
    }
    asked = [
        f"`{HEADINGS[name]}`"
        for name, column in dates.items()
        if column.order is None and name not in HELPFUL
    ]
    if asked:
        raise DataContractError(
            f"{file}: whether 03/04 is 3 April or 4 March cannot be told in the columns {', '.join(asked)}: "
            "as many values speak for one as for the other; ask whoever wrote them and put "
            "`dates: day_first` or `dates: month_first` into request.yml"
        )
    for name, column in dates.items():
        if column.order is None:
            notes.append(
                (
                    f"{HEADINGS[name].lower()} not used: which is the day and which the month cannot be told",
                    int((cells[name] != "").sum()),
                    "put `dates: day_first` or `dates: month_first` into request.yml",
                )
            )
            column = read_column([""] * len(cells), programme.began, of_birth=False)
        rows[name] = pd.Series(column.days, index=cells.index, dtype=object)
        notes += _told(HEADINGS[name].lower(), column, asked_for=request.settings.dates is not None)
    field(
        "pnc_id",
        functools.partial(_pnc, last_year=programme.ended.year),
        "PNC ID with a wrong form or check letter",
        "copy it again, such as 2001/0012345H; left out of linking",
    )
    field(
        "prison_number",
        _prison,
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


def _pnc(text: str, last_year: int) -> str | None:
    """`YYYY/NNNNNNNC` when the check letter is right (two-digit years and short serials widened).

    Two digits stand for the latest such year up to `last_year`, in which the programme ended:
    nobody who took part was entered on the register after it.
    """
    found = re.fullmatch(r"(\d{4}|\d{2})/?(\d{1,7})([A-Z])", text.upper().replace(" ", ""))
    if not found:
        return None
    year, serial, letter = found[1], found[2].zfill(7), found[3]
    if letter != CHECK_LETTERS[int(year[-2:] + serial) % 23]:
        return None
    if len(year) == 2:
        year = str(last_year - (last_year - int(year)) % 100)
    return f"{year}/{serial}{letter}"


def _prison(text: str) -> str | None:
    text = text.upper().replace(" ", "")
    return text if re.fullmatch(r"[A-Z]\d{4}[A-Z]{2}", text) else None
