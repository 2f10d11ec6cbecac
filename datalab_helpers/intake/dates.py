"""Dates as people write them. The order of day and month is decided for a column, or asked about, never guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from .reading.schema import OLDEST, YOUNGEST

Order = Literal["day_first", "month_first"]
# contrary: fits the other order alone; no_such_day: no calendar has it, or its year is before 1900 or after the next; no_century: two digits that no
# likely age fits; serial: a spreadsheet's number of a day; short: read, with a century added.
Trouble = Literal["", "contrary", "no_such_day", "no_century", "serial", "no_date", "short"]
NO_DATE = ("no_such_day", "no_century", "serial", "no_date")

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
# Days that people now living were born on or took part on, as a spreadsheet counts them: 1914 to 2064.
SERIAL = re.compile(r"[1-5][0-9]{4}(?:\.0)?")
EARLIEST_YEAR = 1900
# By chance five days of a month are all up to 12 once in a hundred columns, and the others all above once in 80.
FEWEST_SWAPPED = 5
MONTH_NAMED = re.compile(r"([a-z]+)\.?[ \-]+([0-9]{1,2})(?:st|nd|rd|th)?,?[ \-]+([0-9]{4}|[0-9]{2})")


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

    troubles : for each text what is to be said of it, or ""
    order : the order used for numbers; None when it cannot be told and matters
    ambiguous : values that would be another date in the other order
    swapped : whether a program seems to have exchanged day and month where it could: all dates that it
        took for dates have a day up to 12, all that it left as text have a day above
    """

    days: list[date | None]
    troubles: list[Trouble]
    order: Order | None
    ambiguous: int
    swapped: bool

    @property
    def contrary(self) -> int:
        """Values that fit the other order alone and were left out."""
        return self.troubles.count("contrary")

    @property
    def impossible(self) -> int:
        """Other values that are no date."""
        return sum(trouble in NO_DATE for trouble in self.troubles)

    @property
    def short(self) -> int:
        """Dates whose century was added."""
        return self.troubles.count("short")


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
    used: Order = decided or "day_first"
    read = {text: _day(parts, used, began, of_birth) if parts else None for text, parts in written.items()}
    told_of = {text: _trouble(text, written[text], read[text], used, began, of_birth) for text in written}
    return Column(
        [read[text] for text in texts],
        [told_of[text] for text in texts],
        decided,
        ambiguous,
        order is None and _swapped(written, counts),
    )


def _trouble(
    text: str, parts: Written | None, day: date | None, order: Order, began: date, of_birth: bool
) -> Trouble:
    if day is not None:
        return "short" if parts and parts.short else ""
    if not text:
        return ""
    if parts is None:
        return "serial" if SERIAL.fullmatch(text) else "no_date"
    other: Order = "month_first" if order == "day_first" else "day_first"
    if parts.numbers and _day(parts, other, began, of_birth):
        return "contrary"
    possible = parts.short and _date(2000 + parts.year, parts.second, parts.first)
    return "no_century" if possible else "no_such_day"


def _swapped(written: dict[str, Written | None], counts: Counter[str]) -> bool:
    """A program that expects the month first takes 03/04 for 4 March, and leaves 13/04 as the text it is."""
    taken = {text: w for text, w in written.items() if w is not None and ISO.fullmatch(text)}
    left = {text: w for text, w in written.items() if w is not None and w.numbers}
    return (
        min(sum(counts[t] for t in taken), sum(counts[t] for t in left)) >= FEWEST_SWAPPED
        and all(w.first <= 12 for w in taken.values())
        and all(w.first > 12 >= w.second for w in left.values())
    )


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
        # No person now living has a day outside: such a year is a slip, as 0981 for 1981.
        return _date(parts.year, month, day) if EARLIEST_YEAR <= parts.year <= date.today().year + 1 else None
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
