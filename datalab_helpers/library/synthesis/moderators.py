"""Whether results differ by a trait of theirs: their type, their setting, their size.

Meta-regression with the spread that the trait leaves (REML) and modified Hartung-Knapp intervals, as `pooled`. All
groups share one tau2: cells of two or three results cannot tell one of their own. Groups were not drawn by lot, so a
difference between them is no proof that the trait brings it about.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from .likelihood import NO_INTERVAL, Interval, fit, restricted, results

ALIKE = 1e-6  # errors closer than this, as a share, are one and the same but for their last digits


@dataclass(frozen=True)
class Coefficient:
    """An estimate with its standard error, 95 % interval and two-sided p; unit of the effects, a unit of the trait."""

    value: float
    error: float
    interval: Interval
    p: float | None


@dataclass(frozen=True)
class Regression:
    """coefficients : one a column of the design; covariance : theirs, with the Hartung-Knapp factor
    tau2 : what the columns leave; q, q_p : test that they leave nothing
    degrees : of Student's t, organisations (or results) less columns; factor : that of Hartung and Knapp
    """

    k: int
    coefficients: tuple[Coefficient, ...]
    covariance: np.ndarray
    tau2: float
    q: float
    q_p: float
    degrees: int
    factor: float

    def combine(self, weights) -> Coefficient:
        """The sum of coefficients with these weights, as a difference of two."""
        c = np.asarray(weights, dtype="float64")
        value = float(c @ [each.value for each in self.coefficients])
        return _coefficient(value, math.sqrt(c @ self.covariance @ c), self.degrees)


def regress(effects, errors, design, clusters=None, modified: bool = True) -> Regression:
    """Regress results on a design, shape (k, p), of full rank and with fewer columns than results.

    modified : the factor is at least 1, as published here; False: plain Hartung-Knapp, to compare with others
    """
    from scipy import special

    rows = results(effects, errors, clusters)
    x = np.asarray(design, dtype="float64")[rows.order]
    left = rows.k - x.shape[1]
    if left < 1:
        raise ValueError(f"{rows.k} results cannot carry {x.shape[1]} columns")
    between, within = restricted(rows, x)
    fitted = fit(rows, x, between, within)
    factor = fitted.square / left
    if modified:
        factor = max(1.0, factor)
    covariance = fitted.covariance * factor
    degrees = rows.organisations - x.shape[1]
    q = fit(rows, x, 0.0, 0.0).square
    return Regression(
        rows.k,
        tuple(
            _coefficient(float(value), float(error), degrees)
            for value, error in zip(fitted.coefficients, np.sqrt(np.diag(covariance)), strict=True)
        ),
        covariance,
        between + within,
        q,
        float(special.chdtrc(left, q)),
        degrees,
        factor,
    )


def _coefficient(value: float, error: float, degrees: int) -> Coefficient:
    from scipy import special

    if degrees < 1:
        return Coefficient(value, error, NO_INTERVAL, None)
    reach = float(special.stdtrit(degrees, 0.975)) * error
    p = 2 * float(special.stdtr(degrees, -abs(value) / error))
    return Coefficient(value, error, Interval(value - reach, value + reach), p)


@dataclass(frozen=True)
class Group:
    """Pooled mean of the results of one group, with the spread that all groups share."""

    name: str
    k: int
    mean: Coefficient


@dataclass(frozen=True)
class Difference:
    """Mean of the first group minus that of the second."""

    first: str
    second: str
    difference: Coefficient


@dataclass(frozen=True)
class Groups:
    """groups : by name; differences : every pair; f, p : test that all means are one (F with these degrees)

    The p of pairs is not allowed for their number: read the joint test first. None where it cannot be made.
    """

    groups: tuple[Group, ...]
    differences: tuple[Difference, ...]
    tau2: float
    f: float | None
    p: float | None
    degrees: tuple[int, int]


def by_group(effects, errors, groups, clusters=None) -> Groups | None:
    """Compare groups of results. groups : a label each, shape (k,). None with as many groups as results, or one."""
    from scipy import special

    names, code = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    if not 1 < len(names) < len(code):
        return None
    found = regress(effects, errors, np.eye(len(names))[code], clusters)
    means = np.array([each.value for each in found.coefficients])
    contrast = np.eye(len(names))[1:] - np.eye(len(names))[0]
    gap = contrast @ means
    first = len(names) - 1
    f = float(gap @ np.linalg.solve(contrast @ found.covariance @ contrast.T, gap)) / first
    known = found.degrees >= 1
    return Groups(
        tuple(
            Group(str(name), int((code == i).sum()), found.coefficients[i]) for i, name in enumerate(names)
        ),
        tuple(
            Difference(
                str(names[i]), str(names[j]), found.combine(np.eye(len(names))[i] - np.eye(len(names))[j])
            )
            for i, j in itertools.combinations(range(len(names)), 2)
        ),
        found.tau2,
        f if known else None,
        float(special.fdtrc(first, found.degrees, f)) if known else None,
        (first, found.degrees),
    )


@dataclass(frozen=True)
class SmallStudy:
    """slope : change of the effect with one more point of standard error; limit : effect of a result without error"""

    slope: Coefficient
    limit: Coefficient
    tau2: float
    degrees: int


def small_study(effects, errors, clusters=None, modified: bool = True) -> SmallStudy | None:
    """Whether small results say other than large ones: Egger's test as a mixed-effects regression on the error.

    Every request is published, so an asymmetry here is no sign of results held back. It would say that small
    programmes differ from large ones, or that a small result's error goes with its size, as it does for rates.
    Source: Sterne and Egger (2005), in Publication Bias in Meta-Analysis. None with under three results or with
    errors all alike.
    """
    s = np.asarray(errors, dtype="float64")
    if len(s) < 3 or np.ptp(s) <= ALIKE * s.max():
        return None
    found = regress(effects, s, np.column_stack([np.ones(len(s)), s]), clusters, modified)
    limit, slope = found.coefficients
    return SmallStudy(slope, limit, found.tau2, found.degrees)
