"""Results around a mean, alone or several to an organisation: the sums that the whole folder rests on.

Result j of organisation i is normal: effect_ij = x_ij b + u_i + w_ij + e_ij, with u of variance `between`
(organisations), w of variance `within` (results of one organisation) and e of the known error squared. With one
result an organisation only between + within, tau2, is told apart from the errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    """Ends of an interval, in the unit of the effects; None where an end cannot be given."""

    low: float | None
    high: float | None


NO_INTERVAL = Interval(None, None)


@dataclass(frozen=True)
class Results:
    """Sorted by organisation, effect and error, so that the order they came in changes not even the last digit.

    effects, errors : shape (k,), one unit; organisation : 0 to organisations - 1
    order : places of the sorted rows among those given
    """

    effects: np.ndarray
    errors: np.ndarray
    organisation: np.ndarray
    order: np.ndarray

    @property
    def k(self) -> int:
        return len(self.effects)

    @property
    def organisations(self) -> int:
        return int(self.organisation[-1]) + 1 if self.k else 0

    @property
    def clustered(self) -> bool:
        return self.organisations < self.k


def results(effects, errors, clusters=None) -> Results:
    """Take in what was found.

    effects : differences, shape (k,); errors : their standard errors, above zero, same unit
    clusters : label of each result's organisation, shape (k,); None: every result is another's
    """
    y, s = np.asarray(effects, dtype="float64"), np.asarray(errors, dtype="float64")
    if clusters is None:
        order = np.lexsort((s, y))
        return Results(y[order], s[order], np.arange(len(y)), order)
    _, code = np.unique(np.asarray(clusters), return_inverse=True)
    order = np.lexsort((s, y, code))
    return Results(y[order], s[order], code[order], order)


@dataclass(frozen=True)
class Fit:
    """Generalised least squares with known variances.

    coefficients : shape (p,); covariance : theirs, (p, p); square : residuals' sum of squares in units of their
    variance, k - p on average; likelihood : restricted log-likelihood, without the terms that no variance changes
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    square: float
    likelihood: float


def fit(rows: Results, design: np.ndarray, between: float, within: float) -> Fit:
    """Coefficients when both variances are known. design : shape (k, p), in the order of `rows`."""
    d = rows.errors**2 + within

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(rows.organisation, weights=values, minlength=rows.organisations)

    scaled = design / d[:, None]
    sums = summed(1 / d)
    # Woodbury: what a common part of an organisation's results takes away from their information.
    lost = between / (1 + between * sums)
    x = np.column_stack([summed(column) for column in scaled.T])
    information = design.T @ scaled - x.T @ (lost[:, None] * x)
    moments = scaled.T @ rows.effects - x.T @ (lost * summed(rows.effects / d))
    covariance = np.linalg.inv(information)
    coefficients = covariance @ moments
    residual = rows.effects - design @ coefficients
    square = float(residual**2 @ (1 / d) - lost @ summed(residual / d) ** 2)
    spread = np.log(d).sum() + np.log1p(between * sums).sum()
    return Fit(
        coefficients, covariance, square, -0.5 * float(spread + np.linalg.slogdet(information)[1] + square)
    )


def restricted(rows: Results, design: np.ndarray) -> tuple[float, float]:
    """(between, within) of the greatest restricted likelihood (REML), each zero or more.

    Where no organisation has two results everything is `between`. The likelihood can have two peaks: a grid of
    standard deviations first, then the peak near its best point; a variance is zero where that is as likely.
    """
    from scipy import optimize

    top = 2 * float(np.ptp(rows.effects))
    if top == 0:
        return 0.0, 0.0

    def cost(a: float, b: float) -> float:
        return -fit(rows, design, a * a, b * b).likelihood

    def along(line) -> float:
        grid = np.linspace(0, top, 41)
        best = int(np.argmin([line(t) for t in grid]))
        ends = grid[max(best - 1, 0)], grid[min(best + 1, 40)]
        found = optimize.minimize_scalar(line, bounds=ends, method="bounded", options={"xatol": 1e-10 * top})
        return 0.0 if line(0.0) <= found.fun + 1e-12 else float(found.x)

    edges = [(along(lambda t: cost(t, 0.0)), 0.0)]
    if rows.clustered:
        edges.append((0.0, along(lambda t: cost(0.0, t))))
        coarse = np.linspace(0, top / 2, 9)[1:]
        start = min(((a, b) for a in coarse for b in coarse), key=lambda pair: cost(*pair))
        tight = {"xatol": 1e-9 * top, "fatol": 1e-13, "maxiter": 2000}
        inner = optimize.minimize(
            lambda pair: cost(*np.abs(pair)), start, method="Nelder-Mead", options=tight
        )
        edge = min(edges, key=lambda pair: cost(*pair))
        a, b = edge if cost(*edge) <= inner.fun + 1e-10 else np.abs(inner.x)
    else:
        a, b = edges[0]
    return float(a * a), float(b * b)


@dataclass(frozen=True)
class Sums:
    """What each organisation says of the mean, for every pair of variances on a grid; shape (grid, organisations).

    precision : of its own mean; mean : its own mean; rest : the part of its log-likelihood the mean leaves alone
    """

    precision: np.ndarray
    mean: np.ndarray
    rest: np.ndarray


def sums(rows: Results, between: np.ndarray, within: np.ndarray) -> Sums:
    """Of every organisation, at each point of the grid. between, within : variances, shape (grid,)."""
    starts = np.flatnonzero(np.diff(rows.organisation, prepend=-1))

    def summed(values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values, starts, axis=1)

    d = rows.errors**2 + within[:, None]
    weight = summed(1 / d)
    mean = summed(rows.effects / d) / weight
    inner = summed((rows.effects - mean[:, rows.organisation]) ** 2 / d)
    common = between[:, None] * weight
    spread = summed(np.log(d)) + np.log1p(common)
    return Sums(weight / (1 + common), mean, -0.5 * (spread + inner))
