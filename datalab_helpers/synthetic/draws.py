"""Random draws and calendar sums that come out the same on every computer.

Everything starts from uniform numbers and integers, whose streams NumPy keeps stable, and
probabilities are rounded before they meet a uniform number: the last bit of `exp` and `log`
differs between processors, and one person who falls the other way would change every file.
"""

from __future__ import annotations

import numpy as np

DECIMALS = 9
NEVER = np.iinfo(np.int32).min
"""Stands for no date."""


def day(text: str) -> int:
    """A date as days since 1970-01-01."""
    return int(np.datetime64(text, "D").astype(np.int64))


def year_of(days: np.ndarray) -> np.ndarray:
    """The calendar year of each day number."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def a_year_after(days: np.ndarray) -> np.ndarray:
    """The same calendar day one year on; 29 February becomes 28 February."""
    dates = np.asarray(days).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    in_month = (dates - months.astype("datetime64[D]")).astype(np.int64)
    later = months + np.timedelta64(12, "M")
    last = ((later + np.timedelta64(1, "M")).astype("datetime64[D]") - later.astype("datetime64[D]")).astype(
        np.int64
    ) - 1
    return (later.astype("datetime64[D]").astype(np.int64) + np.minimum(in_month, last)).astype(np.int32)


def yes(rng: np.random.Generator, probability: np.ndarray | float, size: int) -> np.ndarray:
    """True with the given probability, shape (size,)."""
    return rng.random(size) < np.round(probability, DECIMALS)


def between(rng: np.random.Generator, low: np.ndarray | int, high: np.ndarray | int, size: int) -> np.ndarray:
    """Whole numbers uniform on low … high, both included; `low` where they cross."""
    span = np.maximum(np.asarray(high) - np.asarray(low) + 1, 1)
    return (np.asarray(low) + np.floor(rng.random(size) * span)).astype(np.int32)


def pick(rng: np.random.Generator, weights: np.ndarray, size: int) -> np.ndarray:
    """Positions 0 … k-1 drawn in proportion to `weights`, shape (size,)."""
    return lookup(rng.random(size), weights)


def pick_by_row(rng: np.random.Generator, table: np.ndarray, row: np.ndarray) -> np.ndarray:
    """One position per entry of `row`, drawn in proportion to that row of `table`."""
    u = rng.random(len(row))
    out = np.zeros(len(row), np.int8)
    for number, weights in enumerate(np.asarray(table)):
        chosen = row == number
        out[chosen] = lookup(u[chosen], weights)
    return out


def lookup(u: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Positions whose cumulative weight first exceeds each uniform number."""
    cumulative = np.cumsum(np.asarray(weights, float))
    edges = np.round(cumulative[:-1] / cumulative[-1], DECIMALS)
    kind = np.int8 if len(edges) < 127 else np.int32
    return np.searchsorted(edges, u, side="right").astype(kind)


def extra_count(
    rng: np.random.Generator, mean: float, size: int, spread: float = 1.0, most: int = 80
) -> np.ndarray:
    """Negative binomial counts 0 … most with the given mean; a small `spread` makes a heavy tail."""
    weights = np.empty(most + 1)
    share = spread / (spread + mean)
    weights[0] = share**spread
    for k in range(most):
        weights[k + 1] = weights[k] * (k + spread) / (k + 1) * (1 - share)
    return lookup(rng.random(size), weights).astype(np.int32)


def whole_days(days: np.ndarray) -> np.ndarray:
    """Continuous waiting times as days 1, 2, …: an event in (d-1, d] happens on day d."""
    return np.minimum(np.ceil(np.round(days, 6)), 200_000).astype(np.int32)


def expit(x: np.ndarray) -> np.ndarray:
    """Logistic function."""
    return 1 / (1 + np.exp(-np.asarray(x, float)))
