"""How many results would look like effects if nothing had one, and how many to keep when their number is allowed for.

The chance sum is for the reader of a front page. Benjamini and Hochberg's rate is about the list: of those kept, at
most so many have no effect, on average. How far to trust a single result is told by `Shrunk.below_zero`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TAIL = 0.025  # a two-sided test at 5 % says a fall, or a rise, so often when there is neither


@dataclass(frozen=True)
class ChanceSum:
    """Of results tested at 5 %: reductions and increases seen, and what chance alone would give.

    expected : of each, when nothing has an effect; reductions_chance, increases_chance : probability of at least as
    many as were seen then, 0 to 1
    """

    tested: int
    reductions: int
    increases: int
    expected: float
    reductions_chance: float
    increases_chance: float


def chance_sum(tested: int, reductions: int, increases: int) -> ChanceSum:
    """Binomial: every test independent, at exactly 2.5 % on each side."""
    from scipy import stats

    def at_least(seen: int) -> float:
        return float(stats.binom.sf(seen - 1, tested, TAIL))

    return ChanceSum(tested, reductions, increases, tested * TAIL, at_least(reductions), at_least(increases))


def flagged(lows, highs) -> tuple[int, int]:
    """(reductions, increases): intervals that are all below zero, and all above."""
    return int((np.asarray(highs) < 0).sum()), int((np.asarray(lows) > 0).sum())


@dataclass(frozen=True)
class FalseDiscovery:
    """adjusted : Benjamini and Hochberg's p of each, shape (k,); kept : those within the level"""

    adjusted: np.ndarray
    kept: np.ndarray
    level: float


def false_discovery(p_values, level: float = 0.05) -> FalseDiscovery:
    """Results that stay when at most this share of those kept may be chance (Benjamini and Hochberg 1995)."""
    from statsmodels.stats.multitest import multipletests

    p = np.asarray(p_values, dtype="float64")
    if len(p) == 0:
        return FalseDiscovery(p, p.astype(bool), level)
    kept, adjusted, *_ = multipletests(p, alpha=level, method="fdr_bh")
    return FalseDiscovery(adjusted, kept, level)
