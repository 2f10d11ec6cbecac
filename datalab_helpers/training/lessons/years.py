"""The same programme, year after year: what the comparison of each year would have said, by the lab's own range.

Each year other people take part, as many as before, and the true change stays what it was planted to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from ...outcome.effects import Z_95
from ...outcome.power import Design, power, smallest_change

BASELINE = 0.35  # of similar people who did not take part
COMPARATORS = 5.0  # for each who took part
REPLAYED = 20_000
SEED = 2026_4


@dataclass(frozen=True, eq=False)
class Years:
    """One entry a year, in people of every 100; negative is fewer. truth : the planted change, the same every year"""

    truth: float
    seen: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def clear(self) -> np.ndarray:
        """Years whose range leaves no change out: they look like a result."""
        return (self.high < 0) | (self.low > 0)

    @property
    def holds(self) -> np.ndarray:
        """Years whose range holds the truth."""
        return (self.low <= self.truth) & (self.truth <= self.high)

    def overstated(self) -> float | None:
        """The average of the clear years over the truth; None where nothing is changed or no year is clear."""
        return float(self.seen[self.clear].mean()) / self.truth if self.truth and self.clear.any() else None


def planned(people: int) -> Design:
    return Design(BASELINE, people, COMPARATORS)


@cache
def replay(people: int, fewer: int) -> Years:
    """Every replayed year. people : who take part in a year; fewer : the true fall, of every 100"""
    rng = np.random.default_rng([SEED, people, fewer])
    others = round(people * COMPARATORS)
    mine = rng.binomial(people, BASELINE - fewer / 100, REPLAYED) / people
    theirs = rng.binomial(others, BASELINE, REPLAYED) / others
    # The range of `outcome.effects.unadjusted`, of all years at once.
    half = Z_95 * np.sqrt(mine * (1 - mine) / people + theirs * (1 - theirs) / others)
    seen = mine - theirs
    return Years(-float(fewer), 100 * seen, 100 * (seen - half), 100 * (seen + half))


def chance_clear(people: int, fewer: int) -> float:
    """How many of 100 years look clear, worked out and not replayed."""
    return 100 * power(planned(people), fewer / 100)


def reliably_seen(people: int) -> float | None:
    """The smallest fall, of every 100, that four of five such years would show."""
    smallest = smallest_change(planned(people))
    return None if smallest is None else 100 * smallest
