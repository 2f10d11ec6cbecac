"""Before anything is sent: every problem of a submission with its rows, by the very rules of intake.

It needs no central records and no network. A problem holds kinds, rows, headings and counts; the words that
tell it are in `wording`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from ...errors import DataContractError, guarded
from ...lab import Lab
from ...request import Request
from ..columns import by_field, labels, used
from ..dates import Order, read_column
from ..reading.headings import ESSENTIAL, SYNONYMS, heading_key
from ..reading.marks import ERRORS
from ..sheet import Sheet, open_sheet
from ..submission import no_people, typed
from . import file, names, tidied, twice, values
from .forecast import Forecast, expected
from .problems import LEVELS, Given, Problem

FINDERS = (
    file.of_rows,
    values.of_essentials,
    values.of_choices,
    values.of_dates,
    values.of_days,
    values.of_identifiers,
    names.of_names,
    twice.of_people,
    tidied.of_cells,
)
# Mending does not help: these people have to be left out, or sent again later.
UNMENDABLE = {"start_recent", "too_young"}
# Their start is hardly the true one, so the forecast does not count on an index event near it.
OUTSIDE = {"start_after_programme", "start_before_programme"}


@dataclass(frozen=True, eq=False, repr=False)
class Checked:
    """A submission as its sender should see it.

    problems : worst first; rows : people in the file; complete : of them, those nothing keeps from being analysed
    mendable : people who are lost as the file stands, and for nothing that cannot be mended
    forecast : what to expect as the file is, mended : once every mendable problem is mended (None: not to be told)
    """

    name: str
    problems: list[Problem]
    rows: int
    complete: int
    mendable: int
    forecast: Forecast | None
    mended: Forecast | None
    sheet: Sheet | None
    lab: Lab
    request: Request | None

    @property
    def usable(self) -> bool:
        """Whether the file can be used, with or without remarks."""
        return not any(problem.level == "stops" for problem in self.problems)

    def __repr__(self) -> str:
        return f"Checked({self.rows} people, {len(self.problems)} kinds of problem, usable={self.usable})"


@guarded
def check_submission(
    path: Path,
    lab: Lab,
    request: Request | None = None,
    *,
    today: date | None = None,
    until: date | None = None,
) -> Checked:
    """Read a submission and tell all that is wrong with it; never raises because of what the file holds.

    today : the day of the check; until : the day up to which central records reach (default: today)
    """
    today = today or date.today()
    until = until or today
    try:
        sheet = open_sheet(path)
    except DataContractError as error:
        problem = Problem("unreadable", "stops", facts={"told": str(error)})
        return Checked(path.name, [problem], 0, 0, 0, None, None, None, lab, request)
    headings, problems = file.of_headings(sheet)
    sheet = _unquoted(sheet, headings, request)
    if any(stop.kind == "headings_in_two_rows" for stop in sheet.stops):
        problems = [p for p in problems if p.kind != "missing_column"]  # they stand in the other row
    problems = file.of_sheet(sheet) + problems
    if not headings or sheet.cells.empty:
        if headings and not sheet.stops:
            problems.append(Problem("no_rows", "stops"))
        return Checked(path.name, _sorted(problems), 0, 0, 0, None, None, sheet, lab, request)
    given = _given(sheet, headings, lab, request, today, until)
    if given.cells.empty:
        problems.append(Problem("no_rows", "stops"))
        return Checked(path.name, _sorted(problems), 0, 0, 0, None, None, sheet, lab, request)
    for finder in FINDERS:
        problems += finder(given)
    whole = set(ESSENTIAL) <= set(headings.values())
    problems, lost = _rescued(problems, given)
    complete = len(given.cells) - len(lost) if whole else 0
    gone = {row for p in problems if p.level == "lost" and p.kind in UNMENDABLE for row in p.rows}
    now = later = None
    if whole and not any(p.kind in {"order_unknown", "days_exchanged"} for p in problems):
        outside = {row for p in problems if p.kind in OUTSIDE for row in p.rows}
        now, later = expected(given, lost | outside), expected(given, gone)
        problems += _few(given, complete)
    people, mendable = len(given.cells), len(lost - gone)
    return Checked(path.name, _sorted(problems), people, complete, mendable, now, later, sheet, lab, request)


def _unquoted(sheet: Sheet, names_: dict[str, str], request: Request | None) -> Sheet:
    """The sheet with letters in place of headings that may be values of a person.

    What the request selects by is the request's own word and stays.
    """
    asked = {heading_key(c) for a in request.analyses for c in a.only} if request else set()
    called = [
        heading if heading in names_ or heading_key(heading) in asked else label
        for (heading, _), label in zip(sheet.places, labels(sheet.places), strict=True)
    ]
    places = [(label, column) for label, (_, column) in zip(called, sheet.places, strict=True)]
    return replace(sheet, cells=sheet.cells.set_axis(called, axis=1), places=places) if called else sheet


def _given(
    sheet: Sheet, names_: dict[str, str], lab: Lab, request: Request | None, today: date, until: date
) -> Given:
    headings = {field: heading for heading, field in names_.items()}
    # The second of two columns for one thing is told as a problem; the first is looked at.
    cells = by_field(sheet.cells, names_)
    for field in SYNONYMS:
        if field not in cells:
            cells[field] = ""
    again, other = no_people(cells)
    dropped = {
        "headings_again": tuple(int(row) for row, found in zip(cells.index, again, strict=True) if found),
        "no_person": tuple(int(row) for row, found in zip(cells.index, other, strict=True) if found),
    }
    cells = cells.loc[[not (a or b) for a, b in zip(again, other, strict=True)]]
    began, ended = _programme(cells, request, today)
    order: Order | None = request.settings.dates if request else None
    read = typed(cells, set(headings), began, ended, order)
    rows = read.rows.astype(object).where(read.rows.notna(), None)
    looked_at = used([heading for heading, _ in sheet.places], names_)
    fields = {
        place: names_.get(heading, heading)
        for (heading, place), kept in zip(sheet.places, looked_at, strict=True)
        if kept
    }
    marked = {(row + 1, fields[column]) for row, column in sheet.marks["errors"] if column in fields}
    typed_in = {
        (int(row), field)
        for field in cells.columns
        for row, text in zip(cells.index, cells[field], strict=True)
        if text.startswith(("#", "Err:")) and text.startswith(ERRORS)
    }
    merged = {
        (row + 1, fields[column])
        for first, last, left, right in sheet.marks["merged"]
        if first > sheet.at
        for row in range(first + 1, last + 1)
        for column in range(left, right + 1)
        if column in fields
    }
    return Given(
        sheet,
        cells,
        rows,
        headings,
        read.dates,
        read.left_out,
        dropped,
        marked | typed_in,
        merged,
        lab,
        request,
        today,
        until,
    )


def _programme(cells: pd.DataFrame, request: Request | None, today: date) -> tuple[date, date]:
    """First and last day of the programme: as the request says, else as the starts say."""
    if request is not None:
        return request.settings.programme.began, request.settings.programme.ended
    column = read_column(cells["start"], today, of_birth=False)
    days = [day for day in column.days if day is not None and values.EARLIEST_START <= day <= today]
    return (min(days), max(days)) if days else (today, today)


def _rescued(problems: list[Problem], given: Given) -> tuple[list[Problem], set[int]]:
    """The problems with how many people each mend alone would bring in, and the rows that are lost."""
    times: dict[int, int] = {}
    for problem in problems:
        if problem.level == "lost":
            for row in problem.rows:
                times[row] = times.get(row, 0) + 1
    found = [
        replace(problem, rescued=sum(times[row] == 1 for row in problem.rows))
        if problem.level == "lost" and problem.kind not in UNMENDABLE
        else problem
        for problem in problems
    ]
    return found, set(times) & {int(row) for row in given.cells.index}


def _few(given: Given, complete: int) -> list[Problem]:
    """Too few people for any analysis, or fewer than advised."""
    fewest = given.lab.defaults.smallest_group
    advised = given.lab.submissions.advised if given.lab.submissions else fewest
    facts = {"count": complete, "fewest": fewest, "advised": advised}
    if complete < fewest:
        return [Problem("too_few", "stops", facts=facts)]
    return [Problem("few", "remark", facts=facts)] if complete < advised else []


def _sorted(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda p: (LEVELS.index(p.level), -p.rescued, -len(p.rows), p.kind, p.column))


__all__ = ["Checked", "Problem", "check_submission"]
