"""Before anything is known: how many people for which change, and what so many people could show.

A change is treatment minus comparison; a fall is negative there, and given here as its size. Two-sided
test at 5 %. Variances are those of both rates, so that a fall needs fewer people than a rise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .effects import Z_95, detectable

EXACT = 2_000_000  # outcomes of a study that are gone through one by one


@dataclass(frozen=True)
class Design:
    """A comparison that is planned.

    baseline : rate of the comparison group, 0 to 1; people : analysed in the treatment group
    comparators : effective comparators for each of them; gain : share of variance that covariates explain
    """

    baseline: float
    people: float
    comparators: float = 5.0
    gain: float = 0.0


def standard_error(design: Design, change: float) -> float:
    """Of the difference of two rates, when the treatment group's is lower by `change`."""
    rate = design.baseline - change
    variance = rate * (1 - rate) + design.baseline * (1 - design.baseline) / design.comparators
    return math.sqrt(max(variance, 0.0) / design.people * (1 - design.gain))


def power(design: Design, change: float) -> float:
    """Chance that a fall of this size is seen (the interval leaves zero out), 0 to 1.

    Of small studies without covariates, by going through every outcome: counts are skewed, and the normal
    formula is up to 2.5 points off with 60 people. Of others by that formula.
    """
    cells = design.people * design.people * design.comparators
    if design.gain == 0 and cells <= EXACT:
        return _exact(
            round(design.people), round(design.people * design.comparators), design.baseline, change
        )
    se = standard_error(design, change)
    return 1.0 if se == 0 else _normal(abs(change) / se - Z_95) + _normal(-abs(change) / se - Z_95)


def _exact(n: int, m: int, baseline: float, change: float) -> float:
    """Power of the unadjusted comparison of n people with m: its interval is that of `unadjusted`."""
    from scipy import stats

    treated, others = (np.arange(size + 1) for size in (n, max(m, 1)))
    chance = np.outer(
        stats.binom.pmf(treated, n, baseline - change), stats.binom.pmf(others, max(m, 1), baseline)
    )
    p, q = (treated / n)[:, None], (others / max(m, 1))[None, :]
    se = np.sqrt(p * (1 - p) / n + q * (1 - q) / max(m, 1))
    return float(chance[np.abs(p - q) > Z_95 * se].sum())


def smallest_change(design: Design) -> float | None:
    """The smallest fall seen with a power of 80 %, 0 to 1; None when even a fall to nothing would not be.

    `detectable` with the spread that the treatment group would have after that fall: a fixed point, by bisection.
    """
    low, high = 0.0, design.baseline
    if _seen(design, high) > high:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _seen(design, middle) > middle else (low, middle)
    return high


def people_needed(baseline: float, change: float, comparators: float = 5.0, gain: float = 0.0) -> int:
    """The fewest people analysed with whom a fall of this size is seen with a power of 80 %."""
    one = _seen(Design(baseline, 1.0, comparators, gain), change)
    return math.ceil(round((one / change) ** 2, 9))


def people_to_send(analysed: int, survive: float) -> int:
    """How many to send, when this share of them is analysed."""
    return math.ceil(round(analysed / survive, 9))


def _seen(design: Design, change: float) -> float:
    """What the detectable size would be if the treatment group's rate were lower by `change`."""
    rate = design.baseline - change
    spreads = [math.sqrt(max(p * (1 - p), 0.0)) for p in (design.baseline, rate)]
    return detectable(spreads[0], design.people, design.people * design.comparators, design.gain, spreads[1])


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


@dataclass(frozen=True)
class Row:
    """What so many people show, or how many people a change needs. change : size of the fall, None where none shows."""

    change: float | None
    analysed: int
    send: int


@dataclass(frozen=True)
class Plan:
    """survive : share of those sent who are analysed. people : the number asked about (sent, analysed, change and,
    with a change asked about, the power); needs, shows : for a ladder of changes and of people."""

    baseline: float
    comparators: float
    gain: float
    survive: float
    people: Row | None
    change: Row | None
    power: float | None
    needs: list[Row]
    shows: list[Row]


CHANGES = (0.10, 0.08, 0.05, 0.03, 0.02)
LADDER = (60, 100, 150, 250, 500, 1_000, 2_000)


def plan(
    baseline: float, comparators: float, gain: float, survive: float, people: int | None, change: float | None
) -> Plan:
    """Everything `datalab plan` tells.

    people : sent; change : size of the fall hoped for, 0 to 1, below the baseline
    """

    def needed(size: float) -> Row:
        analysed = people_needed(baseline, size, comparators, gain)
        return Row(size, analysed, people_to_send(analysed, survive))

    def shown(analysed: int, send: int) -> Row:
        return Row(smallest_change(Design(baseline, analysed, comparators, gain)), analysed, send)

    own = None if people is None else shown(max(1, math.floor(people * survive + 1e-9)), people)
    asked = None if change is None else needed(change)
    chance = (
        power(Design(baseline, own.analysed, comparators, gain), change)
        if own is not None and change is not None
        else None
    )
    return Plan(
        baseline,
        comparators,
        gain,
        survive,
        own,
        asked,
        chance,
        [needed(size) for size in CHANGES if size < baseline],
        [shown(analysed, people_to_send(analysed, survive)) for analysed in LADDER],
    )
