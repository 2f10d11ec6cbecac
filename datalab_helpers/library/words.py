"""Every sentence and table of the library's page. Rounding is that of `wording.numbers`."""

from __future__ import annotations

from collections.abc import Callable

from ..outcome.verdict import case
from ..wording.numbers import (
    NOT_AVAILABLE,
    capital,
    day,
    listed,
    number,
    optional,
    p_value,
    per_cent,
    period,
    places_for,
    things,
)
from ..wording.tables import Table, simple
from ..wording.units import by_span, counted, factor_of, noun, smallest_difference, span, table_unit
from ..wording.verdict import LEVELS, ends, hedged, verbs
from .contents import Change, Library, Moved, Pool, Ranged, Row, Subject

SURE = 0.05
STATUS = {"result": "with a result", "no result": "without a result", "awaited": "still awaited"}
NO_LEAGUE = [
    "Results are listed by the day on which they were published, and never by their size.",
    "Programmes work with different people in different places, and a small group swings more by luck. So a larger figure is no better programme, and one without a clear result is no failed one.",
]
TOGETHER = "In the light of the others: a result far from all others is partly luck, the more the fewer people are behind it. So it is moved towards them by as much. Both figures are right answers, to two questions: what was seen here, and what to expect."
LUCK_ALONE = "Ranges and chances allow for luck and for differences between programmes, not for differences between people that no record shows."
CHANCE_HIDDEN = (
    "This sum is about chance only. It says nothing of differences between people that no record shows."
)
AVERAGE = "An average is of true effects, and each result counts by how exact it is. It is given from {fewest} results on. It is no promise for any one programme."
NEW_PLACE = "A new place: where the true effect of a similar programme that is not yet in the library would probably lie."
FILTERS = "Filters hide rows. The average below is of all results of the chosen type and setting; picking results by what they say and averaging them would mislead."
GAPS = "Width: from end to end of a range that is reckoned alike in every cell, so that cells can be compared; the averages above have wider ones of their own. One more: how much narrower it would become with one more result of usual size. Darker on screen: one more would tell more."
RESEARCHERS = [
    "Results pooled are the headline estimates of published requests on one measure, with the standard error that the 95% interval implies. Those of very low confidence are listed and left out.",
    "The average is a random-effects mean: REML, or REML on three levels where an organisation has several results. Its interval is that of Hartung and Knapp in the modified form, with organisations less one degrees of freedom.",
    "The range of a new place is Bayesian: a flat prior for the mean, a half-normal one for the spread (scale {scale} {unit}), integrated over a grid. It leaves out the error that a new result would have.",
    "A result in the light of the others is its posterior, with the results of all other organisations as prior. BH allows for the number of results in the library.",
    "Since every accepted request is listed, small results are not missing for what they say; that they may be of other people remains.",
]


def headline(subject: Subject) -> str:
    """What all results on a measure say together: the sentence of the first block."""
    pool, measure, words = subject.pools[0], subject.measure, subject.words
    if pool.mean is None:
        few = things(pool.results, "result is", "results are")
        return f"{few.capitalize() if pool.results else 'No result is'} in the library so far, too few for an average."
    low, high = _own(subject, pool.mean.low), _own(subject, pool.mean.high)
    reach = span(measure, words, low, high)
    (better, worse), what, sure = verbs(measure), noun(measure, words), pool.confidence or LEVELS[0]
    found = case(*_wanted(subject, pool.mean), subject.smallest_difference)
    if found == "E" or sure == LEVELS[0]:
        why = "the range is" if found == "E" else "too little stands behind the range of"
        return f"We cannot tell whether programmes changed {what} on average: {why} {ends(reach)}."
    if found == "C":
        made = {"high": "made", "low": "may have made"}.get(sure, "probably made")
        return f"On average, programmes {made} little or no difference to {what}: {reach}."
    if found == "D":
        least = smallest_difference(measure, words, subject.smallest_difference)
        did_not = hedged(better, sure, negative=True)
        return f"On average, programmes {did_not} {what} by {least} or more: the range is {ends(reach)}."
    said = f"On average, programmes {hedged(better if found in 'AB' else worse, sure)} {what}"
    if not counted(measure):
        return f"{said}, likely {by_span(measure, words, low, high)}."
    return f"{said}: {'likely ' if reach.startswith('between ') else ''}{reach}."


def support(subject: Subject) -> list[str]:
    """What stands below it: a new place, and what the average is of."""
    pool = subject.pools[0]
    if pool.mean is None or pool.new_place is None:
        return []
    ahead = ends(
        span(
            subject.measure,
            subject.words,
            _own(subject, pool.new_place.low),
            _own(subject, pool.new_place.high),
        )
    )
    said = [
        f"That is the average of {things(pool.results, 'result', 'results')} of {things(pool.organisations, 'organisation', 'organisations')}, with {things(pool.people, *_people(subject))} who took part.",
        f"Programmes differ. A similar one in a new place would probably see a true change of {ahead}.",
    ]
    if pool.worthwhile is not None:
        least = smallest_difference(subject.measure, subject.words, subject.smallest_difference)
        wanted = verbs(subject.measure)[0]
        said.append(
            f"The chance that it would {wanted} {noun(subject.measure, subject.words)} by {least} or more is {_in_100(pool.worthwhile)}."
        )
    said.append(f"{capital(pool.confidence or LEVELS[0])} confidence. {LUCK_ALONE}")
    return said


def complete(library: Library) -> list[str]:
    """The counter: everything that was accepted is shown."""
    rows = library.rows
    counts = [(sum(row.status == status for row in rows), told) for status, told in STATUS.items()]
    parts = listed([f"{number(n)} {told}" for n, told in counts if n])
    shown = f"{number(len(rows))} {'is' if len(rows) == 1 else 'are'} shown"
    said = [f"{things(len(rows), 'request was', 'requests were')} accepted, and {shown}: {parts}."]
    left = [row.left_out for row in rows if row.left_out]
    if left:
        of = (
            "One of those with a result has"
            if len(left) == 1
            else f"{number(len(left))} of those with a result have"
        )
        said.append(f"{of} no part in averages. {' '.join(sorted(set(left)))}")
    return said


def luck(subject: Subject) -> list[str]:
    """How many results luck alone would have made look like effects."""
    told = subject.chance
    if subject.pools[0].mean is None:
        return []  # of so few nothing can be summed
    less, more = directions(subject)
    return [
        f"Of {things(told.tested, 'result', 'results')}, {number(told.fewer)} {'shows' if told.fewer == 1 else 'show'} clearly {less} and {number(told.more)} clearly {more}: the whole range lies on one side of no change.",
        f"If no programme changed anything, luck alone would give about {number(told.expected, 1)} of each.",
        CHANCE_HIDDEN,
    ]


def row_cells(row: Row, subject: Subject | None) -> dict[str, str]:
    """The cells of a request, as text."""
    told = subject and row.raw
    return {
        "programme": row.programme.name,
        "organisation": row.organisation,
        "type": row.programme.type or "not given",
        "setting": row.programme.setting or "not given",
        "ran": period(row.programme.began, row.programme.ended, lambda text: text[:4]),
        "released": f"published {day(row.released_on)}" if row.released_on else "",
        "people": optional(row.people, number),
        "raw": ranged(row.raw, subject) if told and subject else NOT_AVAILABLE,
        "shrunk": ranged(row.shrunk.estimate, subject) if row.shrunk and subject else NOT_AVAILABLE,
        "chance": per_cent(_wanted_chance(row, subject)) if row.shrunk and subject else NOT_AVAILABLE,
        "p_bh": optional(row.p_bh, p_value),
        "confidence": row.confidence or NOT_AVAILABLE,
        "answer": row.answer,
        "left_out": row.left_out,
    }


def average_said(pool: Pool, subject: Subject) -> str:
    """What an average below the list is of."""
    whose = listed([part for part in (pool.type, pool.setting) if part])
    of = f" ({whose})" if whose else ""
    if pool.mean is None:
        few = things(pool.results, "result", "results") if pool.results else "no result"
        return f"No average{of}: {few}"
    return f"Average of {things(pool.results, 'result', 'results')}{of}"


def directions(subject: Subject) -> tuple[str, str]:
    """What the two ends of a scale are called."""
    return ("fewer", "more") if counted(subject.measure) else ("lower", "higher")


def apart_said(subject: Subject, of: str) -> str:
    """Whether types, or settings, differ by more than luck; above the table that could be read as a ranking."""
    p = subject.apart[of]
    each = {"type": "types", "setting": "settings"}[of]
    if p is None:
        return f"Whether {each} differ cannot be said: it takes two of them with three results each."
    told = f"(p {p_value(p)})" if p_value(p)[0] in "<>" else f"(p = {p_value(p)})"
    if p < SURE:
        return f"The averages of {each} differ by more than luck usually gives {told}. That may be due to who takes part or to the place."
    return f"The averages of {each} differ by no more than luck often gives {told}. So the table does not say which is better."


def pool_table(subject: Subject, of: str) -> Table:
    """Averages by type or by setting."""
    pools = [
        p
        for p in subject.pools
        if (p.type if of == "type" else p.setting) is not None
        and (p.setting if of == "type" else p.type) is None
    ]
    rows = [
        [_named(p.type if of == "type" else p.setting), *pool_cells(p, subject)]
        for p in [subject.pools[0], *pools]
    ]
    unit = table_unit(subject.measure, subject.words)
    return simple(f"By {of}{f' ({unit})' if unit else ''}", [capital(of), *POOL_HEADINGS], rows)


POOL_HEADINGS = [
    "Results",
    "Organisations",
    "People who took part",
    "Average (95% interval)",
    "A new place (95% interval)",
    "Chance of a change that matters",
    "Confidence",
]


def pool_cells(pool: Pool, subject: Subject) -> list[str]:
    """One average as cells of text."""
    return [
        number(pool.results),
        number(pool.organisations),
        number(pool.people),
        ranged(pool.mean, subject) if pool.mean else NOT_AVAILABLE,
        f"{figure(pool.new_place.low, subject)} to {figure(pool.new_place.high, subject)}"
        if pool.new_place
        else NOT_AVAILABLE,
        optional(pool.worthwhile, per_cent),
        pool.confidence or NOT_AVAILABLE,
    ]


def gap_cell(pool: Pool, subject: Subject) -> list[str]:
    """What is known in a cell of the map, line by line."""
    if not pool.results:
        return ["no result yet"]
    said = [things(pool.results, "result", "results"), things(pool.people, *_people(subject))]
    if pool.width is not None and pool.narrowing is not None:
        said += [f"width {figure(pool.width, subject)}", f"one more: {per_cent(pool.narrowing)} narrower"]
    return said


def ranged(given: Ranged, subject: Subject) -> str:
    """A figure and its interval behind it."""
    return f"{figure(given.value, subject)} ({figure(given.low, subject)} to {figure(given.high, subject)})"


def figure(value: float, subject: Subject) -> str:
    return number(value, 1 if counted(subject.measure) else places_for(abs(value)))


def changes(library: Library) -> list[tuple[str, list[str]]]:
    """Each version and what it changed, newest first."""
    subjects = {subject.measure.name: subject for subject in library.subjects}
    return [(f"Version {one.version}", _change(one, subjects)) for one in library.changes]


def _change(one: Change, subjects: dict[str, Subject]) -> list[str]:
    said = [
        f"{told}: {listed(ids)}."
        for told, ids in (("Added", one.added), ("Changed", one.changed), ("Taken out", one.removed))
        if ids
    ]
    return said + [_moved(moved, subjects) for moved in one.moved if moved.measure in subjects]


def _moved(moved: Moved, subjects: dict[str, Subject]) -> str:
    subject = subjects[moved.measure]
    whose = listed([part for part in (moved.type, moved.setting) if part]) or "all results"
    told: Callable[[float], str] = lambda value: figure(value, subject)  # noqa: E731
    if moved.before is None or moved.after is None:
        come = "has an average now" if moved.before is None else "has no average any more"
        value = moved.after if moved.before is None else moved.before
        return f"{capital(whose)} {come}: {told(value or 0.0)}."
    return f"The average of {whose} moved from {told(moved.before)} to {told(moved.after)}."


def researchers(subject: Subject) -> list[str]:
    """What a statistician needs to work the same out again."""
    unit = table_unit(subject.measure, subject.words)
    return [line.format(scale=figure(subject.prior_scale, subject), unit=unit) for line in RESEARCHERS]


def _own(subject: Subject, value: float) -> float:
    """A value on the measure's own scale, as the words of reports take it."""
    return value / factor_of(subject.measure)


def _wanted(subject: Subject, given: Ranged) -> tuple[float, float]:
    """Ends of an interval with the wanted direction below zero."""
    return (-given.high, -given.low) if subject.measure.good == "higher" else (given.low, given.high)


def _wanted_chance(row: Row, subject: Subject) -> float:
    assert row.shrunk is not None  # noqa: S101 (asked for where there is one)
    below = row.shrunk.below_zero
    return 1 - below if subject.measure.good == "higher" else below


def _people(subject: Subject) -> tuple[str, str]:
    return subject.words.person, subject.words.people


def _named(part: str | None) -> str:
    return "All" if part is None else part or "not given"


def _in_100(share: float) -> str:
    if share < 0.01:
        return "less than 1 in 100"
    return "more than 99 in 100" if share > 0.99 else f"about {number(100 * share)} in 100"
