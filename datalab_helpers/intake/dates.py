"""Dates as people write them. The order of day and month is decided for a column, or asked about, never guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

Order = Literal["day_first", "month_first"]

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
NAMES = {name[:length]: n for n, name in enumerate(MONTHS, 1) for length in (3, len(name))} | {"sept": 9}
ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?")
NUMBERS = re.compile(r"([0-9]{1,2})([/.\-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?: 0?0:00(?::00)?)?")
DAY_NAMED = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[ \-]+([a-z]+)\.?,?[ \-]+([0-9]{4}|[0-9]{2})")
MONTH_NAMED = re.compile(r"([a-z]+)\.?[ \-]+([0-9]{1,2})(?:st|nd|rd|th)?,?[ \-]+([0-9]{4}|[0-9]{2})")
YOUNGEST, OLDEST = 10, 100  # years at the programme's start that a two-digit year of birth may give


@dataclass(frozen=True)
class Written:
    """A date as written: its parts, and whether the first two might change places."""

    first: int  # the day, unless `numbers`
    second: int  # the month, unless `numbers`
    year: int
    short: bool  # a year of two digits
    numbers: bool


@dataclass(frozen=True)
class Column:
    """A column of dates, read. `days` has a date or None for each text; None for `""` is no trouble.

    order : the order used for numbers; None when it cannot be told and matters
    contrary : values that fit the other order alone and were left out
    impossible : other values that are no date
    short : dates whose century was added
    ambiguous : values that would be another date in the other order
    """

    days: list[date | None]
    order: Order | None
    contrary: int
    impossible: int
    short: int
    ambiguous: int


def read_column(texts: Iterable[str], began: date, *, of_birth: bool, order: Order | None = None) -> Column:
    """Read a column; `order` is what the request says, and then decides.

    began : first day of the programme, from which the century of a two-digit year of birth follows
    """
    texts = list(texts)
    written = {text: parts_of(text) for text in dict.fromkeys(texts)}
    counts = Counter(texts)
    numbers = {text: w for text, w in written.items() if w is not None and w.numbers}
    told = {
        "day_first": sum(counts[t] for t, w in numbers.items() if w.first > 12 >= w.second),
        "month_first": sum(counts[t] for t, w in numbers.items() if w.second > 12 >= w.first),
    }
    ambiguous = sum(
        counts[t] for t, w in numbers.items() if w.first != w.second and max(w.first, w.second) <= 12
    )
    decided = order or _majority(told, ambiguous)
    read, contrary, impossible, short = {}, 0, 0, 0
    for text, parts in written.items():
        day = _day(parts, decided or "day_first", began, of_birth) if parts else None
        read[text] = day
        if day is None and text:
            other = "month_first" if decided == "day_first" else "day_first"
            if parts and parts.numbers and _day(parts, other, began, of_birth):
                contrary += counts[text]
            else:
                impossible += counts[text]
        elif parts and parts.short:
            short += counts[text]
    return Column([read[text] for text in texts], decided, contrary, impossible, short, ambiguous)


def _majority(told: dict[str, int], ambiguous: int) -> Order | None:
    """The order of more values; None when neither has more and it matters."""
    if told["day_first"] == told["month_first"] and (ambiguous or told["day_first"]):
        return None
    return "month_first" if told["month_first"] > told["day_first"] else "day_first"


def parts_of(text: str) -> Written | None:
    """The parts of a written date; None when it has none of the known forms."""
    if found := ISO.fullmatch(text):
        return Written(int(found[3]), int(found[2]), int(found[1]), False, False)
    if found := NUMBERS.fullmatch(text):
        return Written(int(found[1]), int(found[3]), int(found[4]), len(found[4]) == 2, True)
    lower = text.lower()
    for form, day, month in ((DAY_NAMED, 1, 2), (MONTH_NAMED, 2, 1)):
        found = form.fullmatch(lower)
        if found and found[month] in NAMES:
            return Written(int(found[day]), NAMES[found[month]], int(found[3]), len(found[3]) == 2, False)
    return None


def _day(parts: Written, order: str, began: date, of_birth: bool) -> date | None:
    day, month = parts.first, parts.second
    if parts.numbers and order == "month_first":
        day, month = month, day
    if not parts.short:
        return _date(parts.year, month, day)
    if not of_birth:
        return _date(2000 + parts.year, month, day)
    for century in (1900, 2000):
        born = _date(century + parts.year, month, day)
        if born and YOUNGEST <= age_on(born, began) <= OLDEST:
            return born
    return None


def age_on(born: date, day: date) -> int:
    """Whole years between two days."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
