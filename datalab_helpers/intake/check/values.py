"""Dates, identifiers and choices that cannot be used, or can hardly be meant."""

from __future__ import annotations

import calendar
from datetime import date

import pandas as pd

from ..dates import age_on
from ..reading import schema
from ..reading.headings import heading_key
from ..reading.schema import FIELDS, FURTHER
from .file import NUMBERS
from .problems import Given, Level, Problem

TROUBLES = {
    "contrary": "date_other_order",
    "no_such_day": "impossible_date",
    "no_century": "no_century",
    "serial": "serial_date",
    "no_date": "not_a_date",
    "short": "two_digit_year",
}
BEFORE_1900 = "a day before March 1900"  # what reading says of days that spreadsheets count wrongly
BLANK_WORDS = {"n/a", "na", "none", "unknown", "not known", "-", "nil", "no", "tbc", "?", "x"}
EARLIEST_START = date(1990, 1, 1)
# One birthday in 365 is a 1 January; of starts next to none, since it is a holiday.
JANUARY = {"date_of_birth": (5, 0.03), "start": (5, 0.2)}


def of_essentials(given: Given) -> list[Problem]:
    """Cells left empty that a person needs; with an error or inside merged cells they are told as that."""
    found = []
    for kind, cells in (("error_cell", given.error_cells), ("merged_cells", given.merged_cells)):
        for name in {field: None for _, field in sorted(cells)}:
            rows = tuple(sorted(row for row, field in cells if field == name and row in given.cells.index))
            level: Level = "lost" if name in FIELDS and FIELDS[name].essential else "doubt"
            if rows:
                found.append(Problem(kind, level, given.headings.get(name, name), rows))
    for name, field in FIELDS.items():
        if field.essential and name in given.headings:
            empty = pd.Series(
                [
                    text == "" and (row, name) not in given.error_cells | given.merged_cells
                    for row, text in zip(given.cells.index, given.cells[name], strict=True)
                ],
                index=given.cells.index,
                dtype=bool,
            )
            if name in ("surname", "forename"):
                other = given.cells["forename" if name == "surname" else "surname"]
                empty &= ~other.str.contains(r"\S[\s,]+\S")  # a whole name in one cell is told as that
            if empty.any():
                found.append(Problem(f"missing_{name}", "lost", given.column(name), given.rows(empty)))
    return found


def of_choices(given: Given) -> list[Problem]:
    """Values other than those allowed."""
    found = []
    bad = (given.cells["gender"] != "") & given.typed["gender"].isna() & ~_has_error(given, "gender")
    if bad.any():
        facts = {"allowed": ", ".join(FIELDS["gender"].values)}
        found.append(
            Problem("gender_not_allowed", "lost", given.column("gender"), given.rows(bad), facts=facts)
        )
    regions = given.lab.submissions.regions if given.lab.submissions else []
    for name, field in FURTHER.items():
        heading = next((h for h in given.cells.columns if heading_key(h) in field.synonyms), None)
        allowed = regions if name == "region" else list(field.values)
        if heading is None or not allowed:
            continue
        ways = {way.lower() for way in allowed} | {way for some in field.values.values() for way in some}
        bad = (given.cells[heading] != "") & ~given.cells[heading].str.lower().isin(ways)
        if bad.any():
            facts = {"allowed": ", ".join(allowed)}
            found.append(Problem("value_not_allowed", "doubt", heading, given.rows(bad), facts=facts))
    return found


def _has_error(given: Given, name: str) -> pd.Series:
    return pd.Series(
        [(row, name) in given.error_cells for row in given.cells.index], index=given.cells.index, dtype=bool
    )


def of_dates(given: Given) -> list[Problem]:
    """Columns whose order cannot be told, cells that are no date."""
    found = []
    for name, column in given.dates.items():
        if name not in given.headings:
            continue
        if name in given.left_out:
            found.append(Problem("order_unused", "doubt", given.column(name)))
            continue
        if column.order is None:
            found.append(Problem("order_unknown", "stops", given.column(name)))
            continue
        if column.swapped:
            found.append(Problem("days_exchanged", "stops", given.column(name)))
            continue
        kinds: dict[str, list[int]] = {}
        for row, text, trouble in zip(given.cells.index, given.cells[name], column.troubles, strict=True):
            if trouble and (row, name) not in given.error_cells:
                kind = "stand_in_date" if text == BEFORE_1900 else TROUBLES[trouble]
                kinds.setdefault(kind, []).append(int(row))
        for kind, rows in kinds.items():
            read = kind == "two_digit_year"
            level: Level = "lost" if FIELDS[name].essential and not read else "doubt"
            facts = {"order": column.order}
            found.append(Problem(kind, level, given.column(name), tuple(rows), facts=facts))
    return found


def of_days(given: Given) -> list[Problem]:
    """Days that contradict each other, the programme or the calendar."""
    if any(p.level == "stops" for p in of_dates(given)):
        return []
    kinds: dict[tuple[str, Level, str], list[int]] = {}
    rules = given.lab.submissions
    programme = given.request.settings.programme if given.request else None
    for row, born, start, end in zip(
        given.cells.index, *(given.typed[name] for name in ("date_of_birth", "start", "end")), strict=True
    ):
        for kind, level, name in _of_person(given, born, start, end):
            kinds.setdefault((kind, level, name), []).append(int(row))
    found = []
    for (kind, level, name), rows in kinds.items():
        facts: dict[str, object] = {}
        if rules is not None:
            facts = {"youngest": rules.youngest, "oldest": rules.oldest}
        if programme is not None:
            facts |= {"began": str(programme.began), "ended": str(programme.ended)}
        if kind == "start_recent":
            last = max(given.typed.loc[list(rows), "start"])
            facts |= {"again": str(complete_on(given, last)), "months": follow_up_months(given)}
        found.append(Problem(kind, level, given.column(name), tuple(rows), facts=facts))
    return found + _januaries(given)


def _of_person(
    given: Given, born: date | None, start: date | None, end: date | None
) -> list[tuple[str, Level, str]]:
    """What is wrong with one person's days: of birth one thing at most, of the start one, of the end one."""
    found: list[tuple[str, Level, str]] = []
    rules = given.lab.submissions
    if born is not None:
        if stand_in(born):
            found.append(("stand_in_date", "lost", "date_of_birth"))
        elif born > given.today:
            found.append(("birth_in_future", "lost", "date_of_birth"))
        elif start is not None and born == start:
            found.append(("birth_is_start", "lost", "date_of_birth"))
        elif start is not None and born > start:
            found.append(("birth_after_start", "lost", "date_of_birth"))
        elif rules is not None and start is not None and start >= EARLIEST_START:
            age = age_on(born, start)
            if age < rules.youngest:
                found.append(("too_young", "lost", "date_of_birth"))
            elif age > rules.oldest:
                found.append(("very_old", "doubt", "date_of_birth"))
    if start is not None and not (born is not None and born == start):
        if start < EARLIEST_START:
            found.append(("stand_in_date", "lost", "start"))
        elif start > given.today:
            found.append(("start_in_future", "lost", "start"))
        elif given.request and start > given.request.settings.programme.ended:
            found.append(("start_after_programme", "doubt", "start"))
        elif given.request and start < given.request.settings.programme.began:
            found.append(("start_before_programme", "doubt", "start"))
        elif complete_on(given, start) > given.until:
            found.append(("start_recent", "lost", "start"))
    if start is not None and end is not None and end < start:
        found.append(("end_before_start", "doubt", "end"))
    return found


def stand_in(born: date) -> bool:
    """A day that forms and databases write where none is known."""
    return (born.year <= 1901 and (born.month, born.day) == (1, 1)) or born == date(1911, 11, 11)


def follow_up_months(given: Given) -> int:
    rule = given.lab.follow_up
    return rule.months + rule.waiting_months if rule else 0


def complete_on(given: Given, start: date) -> date:
    """The day on which the follow-up of a start is complete and proven; calendar months."""
    years, month = divmod(start.month - 1 + follow_up_months(given), 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def _januaries(given: Given) -> list[Problem]:
    """More days on 1 January than chance brings."""
    found = []
    for name, (fewest, share) in JANUARY.items():
        days = given.typed[name].dropna()
        first = days.map(lambda day: (day.month, day.day) == (1, 1) and not stand_in(day)).astype(bool)
        if first.sum() >= fewest and first.mean() > share:
            rows = tuple(int(row) for row in days.index[first.to_numpy()])
            found.append(Problem("first_of_january", "doubt", given.column(name), rows))
    return found


def of_identifiers(given: Given) -> list[Problem]:
    """Identifiers of a wrong form, with a wrong check letter, or in each other's column."""
    kinds: dict[tuple[str, str], list[int]] = {}
    for name in NUMBERS:
        if name not in given.headings:
            continue
        for row, text, read in zip(given.cells.index, given.cells[name], given.typed[name], strict=True):
            if not text or isinstance(read, str) or (row, name) in given.error_cells:
                continue
            kinds.setdefault((_identifier_kind(name, text), name), []).append(int(row))
    found = []
    for (kind, name), rows in kinds.items():
        level: Level = "tidied" if kind == "blank_words" else "doubt"
        found.append(
            Problem(
                kind,
                level,
                given.column(name),
                tuple(rows),
                facts={"example": FIELDS[name].example, "name": FIELDS[name].heading},
            )
        )
    return found


def _identifier_kind(name: str, text: str) -> str:
    if text.lower() in BLANK_WORDS:
        return "blank_words"
    plain = schema.identifier(text)
    form = schema.PNC_ID.fullmatch(plain)
    if name == "pnc_id":
        if schema.PRISON_NUMBER.fullmatch(plain):
            return "identifiers_exchanged"
        return "pnc_letter" if form else "identifier_form"
    return "identifiers_exchanged" if form else "identifier_form"
