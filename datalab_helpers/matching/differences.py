"""Standardised mean differences, and when they count as small."""

from __future__ import annotations

import numpy as np
import pandas as pd

# Absolute SMD below GREEN is green, up to RED amber, above red (Justice Data Lab practice, assumption).
GREEN = 0.05
RED = 0.10
AMBER_SHARE = 0.20  # more amber rows than this share keeps a balance from passing outright
DENOMINATOR = (
    "standard deviation of the treatment group before matching (of everyone where the treatment group "
    "does not vary), the same before and after"
)


def standardised_differences(
    levels: pd.DataFrame, treated: np.ndarray, weight: np.ndarray, spread: np.ndarray
) -> np.ndarray:
    """Difference in weighted means over a fixed spread, for every column.

    Positive: the treatment group is higher; 0.1 is a tenth of a standard deviation. A column on
    which nobody differs has SMD 0.

    Parameters
    ----------
    levels : shape (n, k)
    treated : bool, shape (n,)
    weight : shape (n,); both groups need a positive sum
    spread : as `denominators` gives it, shape (k,)
    """
    x = levels.to_numpy()
    gap = np.average(x[treated], axis=0, weights=weight[treated]) - np.average(
        x[~treated], axis=0, weights=weight[~treated]
    )
    # A gap this small is rounding of a weighted mean, not a difference.
    gap[np.abs(gap) < 1e-12] = 0.0
    return np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0)


def denominators(levels: pd.DataFrame, treated: np.ndarray) -> np.ndarray:
    """What each SMD is divided by: the treatment group's standard deviation before matching.

    Of a share it is sqrt(p (1 - p)), of a number the usual one with n - 1 (as cobalt does). Where
    nobody or everybody in the treatment group has a level, that of everyone stands in, so that
    comparators who have it still count against the balance.
    """
    x = levels.to_numpy()
    share = ((x == 0) | (x == 1)).all(axis=0)
    own, everyone = (
        np.where(share, group.std(axis=0), group.std(axis=0, ddof=1)) for group in (x[treated], x)
    )
    return np.where(own > 0, own, everyone)


def rating(smd: float) -> str:
    """green, amber or red."""
    size = abs(smd)
    return "green" if size < GREEN else "amber" if size <= RED else "red"


def passes(smd: np.ndarray) -> bool:
    """No covariate level red, and few amber."""
    size = np.abs(smd)
    return bool((size <= RED).all() and (size >= GREEN).mean() <= AMBER_SHARE)
