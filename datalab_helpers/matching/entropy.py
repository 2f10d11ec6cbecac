"""Entropy balancing: the weights nearest to equal under which the comparison group has the treatment group's means."""

from __future__ import annotations

import numpy as np

from ..errors import MatchingError
from .design import blocks

CLOSE = 1e-10  # largest difference in means left, in standard deviations
MOST_STEPS = 60
CANNOT = (
    "no weights give the comparison group the treatment group's averages: some of them lie beyond everybody in "
    "the pool. Use `method: radius`, widen the comparison pool, or leave out a covariate that defines participation"
)


def entropy_weights(x: np.ndarray, target: np.ndarray, total: float) -> np.ndarray:
    """Positive weights of the pool, of sum `total`, under which each column's mean is its target.

    Of all such weights those with the least sum of w ln w (Hainmueller 2012, Political Analysis 20).
    They are w = exp(x b) for the b that minimises the convex dual ln(sum of exp((x - target) b)), found
    by Newton steps. MatchingError where no such weights exist.

    Parameters
    ----------
    x : shape (n, k), one row a comparator, columns of about unit spread
    target : shape (k,)
    """
    b = np.zeros(x.shape[1])
    value, gradient, curvature = _dual(x, target, b)
    for _ in range(MOST_STEPS):
        if np.abs(gradient).max(initial=0.0) < CLOSE:
            weight = np.exp(_exponent(x, b))
            return weight * (total / weight.sum())
        # A column that is a combination of others changes nothing: least squares leaves it at nought.
        step = -np.linalg.lstsq(curvature, gradient, rcond=1e-12)[0]
        for _ in range(40):
            tried = _dual(x, target, b + step)
            if tried[0] <= value + 1e-4 * (gradient @ step) or np.abs(tried[1]).max() < CLOSE:
                break
            step = step / 2
        b, (value, gradient, curvature) = b + step, tried
        if not np.isfinite(value) or np.abs(b).max() > 1e3:
            break
    raise MatchingError(CANNOT)


def _exponent(x: np.ndarray, b: np.ndarray) -> np.ndarray:
    exponent = x @ b
    return exponent - exponent.max()


def _dual(x: np.ndarray, target: np.ndarray, b: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """The dual, its gradient (means less target) and its curvature (covariance under the weights)."""
    exponent = x @ b
    top = exponent.max()
    weight = np.exp(exponent - top)
    total = weight.sum()
    gradient, curvature = np.zeros(len(b)), np.zeros((len(b), len(b)))
    for rows in blocks(len(x)):
        around = x[rows] - target
        scaled = around * np.sqrt(weight[rows])[:, None]
        gradient += around.T @ weight[rows]
        curvature += scaled.T @ scaled
    gradient /= total
    curvature = curvature / total - np.outer(gradient, gradient)
    return float(top + np.log(total) - target @ b), gradient, curvature
