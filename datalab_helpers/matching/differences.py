"""Standardised mean differences, and when they count as small."""

from __future__ import annotations

import numpy as np

from .levels import Levels

# Absolute SMD below GREEN is green, up to RED amber, above red (Justice Data Lab practice, assumption).
GREEN = 0.05
RED = 0.10
AMBER_SHARE = 0.20  # more amber rows than this share keeps a balance from passing outright
DENOMINATOR = (
    "standard deviation of the treatment group before matching (of everyone where the treatment group "
    "does not vary), the same before and after"
)


def standardised_differences(
    levels: Levels, treated: np.ndarray, weight: np.ndarray, spread: np.ndarray
) -> np.ndarray:
    """Difference in weighted means over a fixed spread, for every column.

    Positive: the treatment group is higher; 0.1 is a tenth of a standard deviation. A column on
    which nobody differs has SMD 0. Rounded to twelve places: beyond them is rounding of a mean.

    Parameters
    ----------
    treated : bool, shape (n,)
    weight : shape (n,); both groups need a positive sum
    spread : as `denominators` gives it, shape (k,)
    """
    signed = np.where(treated, weight / weight[treated].sum(), -weight / weight[~treated].sum())
    used = np.flatnonzero(signed)
    if len(used) < len(signed) / 4:
        gap = np.array([signed[used] @ x[used] for x in levels.columns])
    else:
        gap = np.array([signed @ x for x in levels.columns])
    smd = np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0)
    return np.round(smd, 12) + 0.0


def denominators(levels: Levels, treated: np.ndarray) -> np.ndarray:
    """What each SMD is divided by: the treatment group's standard deviation before matching.

    Of a share it is sqrt(p (1 - p)), of a number the usual one with n - 1 (as cobalt does). Where
    nobody or everybody in the treatment group has a level, that of everyone stands in, so that
    comparators who have it still count against the balance.
    """
    return np.array([_spread(x[treated]) or _spread(x) for x in levels.columns])


def _spread(x: np.ndarray) -> float:
    if x.dtype == bool:
        share = np.count_nonzero(x) / len(x)
        return float(np.sqrt(share * (1 - share)))
    return float(x.std(ddof=1)) if x.min() < x.max() else 0.0


def rating(smd: float) -> str:
    """green, amber or red."""
    size = abs(smd)
    return "green" if size < GREEN else "amber" if size <= RED else "red"


def passes(smd: np.ndarray) -> bool:
    """No covariate level red, and few amber."""
    size = np.abs(smd)
    return bool((size <= RED).all() and (size >= GREEN).mean() <= AMBER_SHARE)
