"""How many results would look like effects if nothing had one, and how far to trust those that do.

Three answers to one question. The chance sum is for the reader of a front page. Benjamini and Hochberg's rate is
about the list: of those kept, at most so many have no effect, on average. The local false sign rate is about each
result: the chance that it goes the other way. It is used instead of a local false discovery rate, since that needs
the share of programmes with an effect of exactly nothing, which few results cannot tell and nobody believes in
(Stephens 2017, Biostatistics 18); it comes from the shrunk results, so that it allows for how many were looked at.
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


@dataclass(frozen=True)
class FalseSign:
    """rates : chance that a result's true effect goes the other way, 0 to 0.5, shape (k,); expected : their sum over
    the results listed, so many of which go the other way"""

    rates: np.ndarray
    expected: float


def false_sign(below_zero) -> FalseSign:
    """Of results listed together. below_zero : chance that the true effect is below zero (`Shrunk.below_zero`)."""
    p = np.asarray(below_zero, dtype="float64")
    rates = np.minimum(p, 1 - p)
    return FalseSign(rates, float(rates.sum()))
