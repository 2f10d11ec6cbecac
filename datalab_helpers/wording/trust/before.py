"""The time before the programme: what was looked for, what was found, and what could have escaped."""

from __future__ import annotations

from ...disclosure.checks import (
    CouldSee,
    Estimate,
    Placebo,
)
from ...disclosure.results import MeasureResult
from ...lab import Words
from ..numbers import (
    NOT_AVAILABLE,
    brief,
    capital,
    lower_first,
    number,
    optional,
    p_value,
)
from ..tables import Table, simple
from ..units import spoken, unit_of


def placebo_sentences(placebo: Placebo, measure: MeasureResult, words: Words) -> list[str]:
    """What was looked for before the programme, and what was found."""
    said = [
        f"A programme cannot change what happened before it began. So the same comparison was made for a time before, with {words.people} matched only on what was known earlier still."
    ]
    if placebo.suppressed:
        return [*said, "Too few people are behind the numbers to show them."]
    if placebo.estimate is None:
        return [
            f"Whether the groups differed before the programme could not be checked: {lower_first(placebo.reason or 'no reason given').rstrip('.')}."
        ]
    if placebo.passed:
        passed = "The groups did not differ by more than chance, as it should be."
        return [*said, passed, *_could_see(placebo.could_see, measure, words)]
    side = "fewer" if placebo.estimate.difference < 0 else "more"
    left = placebo.left
    if left and (left.low > 0 or left.high < 0):
        return [
            *said,
            f"The groups differed by more than chance, and the main comparison, which matches on the record of that time as well, has not removed it: {_left(left, words)} are left. The main result may lean the same way, towards {side} among those who took part. It lowers our confidence.",
        ]
    removed = (
        f"The main comparison, which matches on the record of that time as well, has removed it as far as can be seen: {_left(left, words)} are left."
        if left
        else ""
    )
    return [
        *said,
        "The groups differed by more than chance. There are two ways to read it, and this check cannot tell them apart.",
        f"{capital(words.people)} may have been chosen for how that time had gone. Then they differ by design in a check that leaves it out, and the main result allows for it.",
        *([removed] if removed else []),
        f"Or they differ in something that no record shows. Then the main result leans the same way, towards {side} among those who took part.",
        f"If you know why these {words.people} were chosen, you can judge which it is. It lowers our confidence by one step.",
    ]


def _could_see(seen: CouldSee | None, measure: MeasureResult, words: Words) -> list[str]:
    """What may have escaped the check, and whether that could change the answer."""
    if seen is None:
        return []
    moved = unit_of(measure, words).amount(spoken(measure, seen.carried))
    ends = {
        None: "The result cannot tell what the programme did, so there is no answer that it could change.",
        True: "That would not change the answer.",
        False: "That could change the answer. So this check is too weak to count as passed: it counts as one that could not be made.",
    }
    return [
        f"With so many {words.people} it sees a difference of {number(100 * seen.detectable)} or more per 100 {words.people} four times in five. A smaller one may escape it.",
        f"Something hidden of that size, if it is as strong in the main result, would move that by about {moved}.",
        ends[seen.enough],
    ]


def _left(left: Estimate, words: Words) -> str:
    return f"{_per_100(left.difference, left.low, left.high)} per 100 {words.people}"


def placebo_table(placebo: Placebo, words: Words) -> Table:
    e = placebo.estimate
    cells = (
        [
            number(100 * (placebo.treatment or 0)),
            number(100 * (placebo.comparison or 0)),
            _per_100(e.difference, e.low, e.high),
            p_value(e.p),
            optional(placebo.could_see and 100 * placebo.could_see.detectable, lambda size: number(size, 1)),
        ]
        if e
        else [NOT_AVAILABLE] * 5
    )
    return simple(
        f"Before the programme, per 100 {words.people}",
        [
            "What",
            "Took part",
            "Comparison",
            "Difference (95% interval)",
            "p",
            "Difference that could be seen",
        ],
        [[placebo.label, *cells]],
    )


def placebo_alt(placebo: Placebo, words: Words) -> str:
    e, seen = placebo.estimate, placebo.could_see
    assert e is not None  # noqa: S101 (no picture is drawn without)
    told = _per_100(e.difference, e.low, e.high).replace("(", "range ").replace(")", "")
    shaded = (
        seen
        and f"Shaded: less than {number(100 * seen.detectable, 1)} either way, which may escape the check."
    )
    return brief(
        f"A dot and a line on an axis from fewer to more: difference per 100 {words.people} {told}.",
        shaded or "",
        f"{placebo.label}.",
    )


def _per_100(difference: float, low: float, high: float) -> str:
    return f"{number(100 * difference, 1)} ({number(100 * low, 1)} to {number(100 * high, 1)})"
