"""The library's numbers as text: cells of its tables and map. Rounding is that of `wording.numbers`."""

from __future__ import annotations

from typing import Literal

from ..lab import Words
from ..wording.numbers import NOT_AVAILABLE, capital, day, listed, number, optional, per_cent, period, things
from ..wording.tables import Table, simple
from ..wording.units import counted, factor_of, places_of, smallest_difference, table_unit
from .contents import Average, Ranged, Row, Subject

By = Literal["type", "setting"]

BY: tuple[By, By] = ("type", "setting")

NOT_GIVEN = "not given"

# People in a result, for a filter: fewer than each.
SIZES = ((100, "under 100"), (300, "100 to 299"), (1000, "300 to 999"))

LARGEST = "1,000 or more"


def row_cells(row: Row, subject: Subject | None) -> dict[str, str]:
    """The cells of a request, as text."""
    told = subject if row.raw else None
    return {
        "programme": row.programme.name,
        "organisation": row.organisation,
        "type": row.programme.type or NOT_GIVEN,
        "setting": row.programme.setting or NOT_GIVEN,
        "ran": period(row.programme.began, row.programme.ended, lambda text: text[:4]),
        "released": f"published {day(row.released_on)}" if row.released_on else "",
        "year": (row.released_on or "")[:4] or NOT_GIVEN,
        "people": optional(row.people, number),
        "group": f" {row.group}" if row.group else "",
        "size": size(row),
        "raw": ranged(row.raw, told) if told and row.raw else NOT_AVAILABLE,
        "shrunk": ranged(row.shrunk.estimate, told) if row.shrunk and told else NOT_AVAILABLE,
        "chance": _chance_of(row, told) if row.shrunk and told else "",
        "confidence": row.confidence or NOT_AVAILABLE,
        "answer": row.answer,
    }


def size(row: Row) -> str:
    """The band of sizes that a result is in."""
    if row.people is None:
        return NOT_GIVEN
    return next((label for most, label in SIZES if row.people < most), LARGEST)


def _chance_of(row: Row, subject: Subject) -> str:
    """The chance that a result goes the way it points, in the light of the others."""
    assert row.shrunk is not None  # noqa: S101 (asked for where there is one)
    less, more = directions(subject)
    below = row.shrunk.below_zero
    side, p = (less, below) if below >= 0.5 else (more, 1 - below)
    return f"{side}: {in_100(p).removeprefix('about ')}"


def average_said(average: Average) -> str:
    """What an average beside the list is of."""
    whose = listed([part or NOT_GIVEN for part in (average.type, average.setting) if part is not None])
    of = f" ({whose})" if whose else ""
    if average.mean is None:
        few = things(average.results, "result", "results") if average.results else "no result"
        return (
            f"No average{of}: {few} of {things(average.organisations, 'organisation', 'organisations')}"
            if average.results
            else f"No average{of}: {few}"
        )
    return f"Average of {things(average.results, 'result', 'results')}{of}"


def directions(subject: Subject) -> tuple[str, str]:
    """What the two ends of a scale are called."""
    return ("fewer", "more") if counted(subject.measure) else ("lower", "higher")


AVERAGE_HEADINGS = ["Results", "Organisations", "People who took part", "Average (95% interval)", "A new place (95% interval)", "Chance of a change that matters", "Confidence"]  # fmt: skip


def average_table(subject: Subject, of: By) -> Table:
    """Averages by type or by setting."""
    rows = [
        [_named(getattr(average, of)), *_average_cells(average, subject)]
        for average in [subject.whole, *subject.averages_by(of)]
    ]
    return simple(f"By {of}{in_unit(subject)}", [capital(of), *AVERAGE_HEADINGS], rows)


def _average_cells(average: Average, subject: Subject) -> list[str]:
    """One average as cells of text."""
    return [
        number(average.results),
        number(average.organisations),
        number(average.people),
        ranged(average.mean, subject) if average.mean else NOT_AVAILABLE,
        place_said(average, subject) or NOT_AVAILABLE,
        optional(average.worthwhile, per_cent),
        average.confidence or NOT_AVAILABLE,
    ]


def place_said(average: Average, subject: Subject) -> str:
    """The two ends of a new place; empty where there is none."""
    place = average.new_place
    return f"{figure(place.low, subject)} to {figure(place.high, subject)}" if place else ""


def gap_cell(average: Average, subject: Subject) -> list[str]:
    """What is known in a cell of the map, line by line."""
    if not average.results:
        return ["no result yet"]
    said = [things(average.results, "result", "results"), people(average.people, subject.words)]
    if average.width is not None and average.narrowing is not None:
        said += [
            f"width {figure(average.width, subject)}",
            f"one more: {per_cent(average.narrowing)} narrower",
        ]
    return said


def ranged(given: Ranged, subject: Subject) -> str:
    """A figure and its interval behind it."""
    return f"{figure(given.value, subject)} ({figure(given.low, subject)} to {figure(given.high, subject)})"


def figure(value: float, subject: Subject) -> str:
    """A number in the unit of the library."""
    return number(value, 1 if counted(subject.measure) else places_of(subject.measure))


def unit(subject: Subject) -> str:
    """What figures are in: per 100 people for counts too, as they are spoken."""
    if subject.measure.kind == "count":
        return f"per 100 {subject.words.people}"
    return table_unit(subject.measure, subject.words)


def in_unit(subject: Subject) -> str:
    """The unit in brackets behind a title; empty where there is none."""
    return f" ({unit(subject)})" if unit(subject) else ""


def least(subject: Subject) -> str:
    """The smallest difference that matters, in words."""
    return smallest_difference(subject.measure, subject.words, subject.smallest_difference)


def people(count: int, words: Words) -> str:
    """`1 person`, `2,340 people`."""
    return things(count, words.person, words.people)


def own_scale(subject: Subject, value: float) -> float:
    """A value on the measure's own scale, as the words of reports take it."""
    return value / factor_of(subject.measure)


def _named(part: str | None) -> str:
    return "All" if part is None else part or NOT_GIVEN


def in_100(share: float) -> str:
    if share < 0.01:
        return "less than 1 in 100"
    return "more than 99 in 100" if share > 0.99 else f"about {number(100 * share)} in 100"
