"""How likely each person was to take part, given the covariates: a logistic regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import MatchingError
from .design import Design, blocks

# Log-odds are compared after rounding to this many places: the last bits differ between
# processors and thread counts, and a chain of comparisons would carry the difference on.
SCORE_PLACES = 9
# Coefficients are rounded first, for the same reason: a score then differs only if one of these does.
COEFFICIENT_PLACES = 11
# Beyond this the fitted probability is 0 or 1 in all but name (1 in 10 million).
SEPARATED = 16.0
MOST_STEPS = 40
SMALLEST_STEP = 1e-7  # in standard deviations of a column: what is left is of the order of its square
WORST_CONDITION = 1e13
SAMPLE = 20_000  # people of each group on whom a large fit starts
SEPARATING = "together with other characteristics it tells exactly who took part, or who did not"


@dataclass(frozen=True, eq=False)
class Propensity:
    """A fitted propensity model.

    score : log-odds of taking part, rounded to SCORE_PLACES, by unit_id
    terms : one row a term, the intercept first: term, unit (of what the coefficient is), coefficient
        (log-odds), se, odds_ratio, low, high (its 95 % interval)
    design : the columns that were used; terms that separate the groups are among its dropped ones
    """

    score: pd.Series
    terms: pd.DataFrame
    design: Design


def propensity(treated: pd.Series, design: Design) -> Propensity:
    """Maximum likelihood by Newton steps; terms without a finite estimate are left out and listed.

    MatchingError when a combination of covariates predicts participation perfectly: then no
    comparison is possible, whatever a fit would print.
    """
    took_part = treated.to_numpy(dtype=bool)
    while True:
        if design.matrix.shape[1] == 0:
            raise MatchingError(
                "no covariate differs between people, so there is nothing to match on; check the covariates"
            )
        x = design.matrix.to_numpy()
        found = _fit(x, took_part)
        linear = found.beta[0] + x @ found.beta[1:]
        worst = str(design.matrix.columns[np.argmax(np.abs(found.beta[1:]))])
        inside = linear[took_part]
        if inside.min() > linear[~took_part].max() or (found.converged and inside.mean() > SEPARATED):
            raise MatchingError(
                "some combination of covariates tells exactly who took part, so nobody can be compared (above all "
                f"{worst!r}); leave out the covariate that defines participation, or widen the comparison pool"
            )
        if found.converged:
            break
        # Its estimate grows without end: those whom it sets apart have nobody to be compared with.
        growing = str(design.matrix.columns[np.argmax(np.abs(found.step[1:]))])
        design = design.without(growing, SEPARATING)
    beta = np.round(found.beta, COEFFICIENT_PLACES)
    score = pd.Series(_linear(x, beta), index=treated.index, name="score")
    return Propensity(score, _table(design, beta, found.information), design)


@dataclass(frozen=True, eq=False)
class _Fit:
    beta: np.ndarray  # intercept first
    step: np.ndarray  # the last step taken
    information: np.ndarray  # X'WX at beta
    converged: bool


def _fit(x: np.ndarray, treated: np.ndarray) -> _Fit:
    """Newton's method, started on a sample where there are many people."""
    count = np.array([(~treated).sum(), treated.sum()])
    start = np.zeros(x.shape[1] + 1)
    start[0] = np.log(count[1] / count[0])
    every = count // SAMPLE + 1
    if len(x) > 4 * SAMPLE and every.max() > 1:
        rows = np.sort(np.concatenate([np.flatnonzero(treated == g)[:: every[g]] for g in (0, 1)]))
        part = _newton(x[rows], treated[rows], np.zeros_like(start))
        if part.converged:
            near = part.beta.copy()
            near[0] += np.log(every[1] / every[0])  # of a group thinned out k-fold there are k times as many
            found = _newton(x, treated, near)
            if found.converged:
                return found
    return _newton(x, treated, start)


def _newton(x: np.ndarray, treated: np.ndarray, beta: np.ndarray) -> _Fit:
    """Newton steps, halved while the likelihood falls."""
    step = np.zeros_like(beta)
    likelihood, gradient, information = _derivatives(x, treated, beta)
    for _ in range(MOST_STEPS):
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return _Fit(beta, step, information, False)
        for _ in range(30):
            tried = _derivatives(x, treated, beta + step)
            if tried[0] >= likelihood - 1e-9 * abs(likelihood):
                break
            step = step / 2
        beta, (likelihood, gradient, information) = beta + step, tried
        if not np.isfinite(beta).all() or np.abs(beta).max() > 1e6:
            return _Fit(np.nan_to_num(beta), np.nan_to_num(step), information, False)
        if np.abs(step).max() < SMALLEST_STEP:
            # Where chances have reached 0 and 1 to the last bit a step is small and means nothing.
            return _Fit(beta, step, information, bool(np.linalg.cond(information) < WORST_CONDITION))
    return _Fit(beta, step, information, False)


def _derivatives(
    x: np.ndarray, treated: np.ndarray, beta: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Log-likelihood, its gradient and the information X'WX, in blocks that stay in the cache."""
    size = len(beta)
    likelihood, gradient, information = 0.0, np.zeros(size), np.zeros((size, size))
    for rows in blocks(len(x)):
        part, y = x[rows], treated[rows]
        linear = part @ beta[1:] + beta[0]
        # ln(1 + e^-|l|) does not overflow.
        likelihood -= float((np.logaddexp(0.0, linear) - y * linear).sum())
        with np.errstate(over="ignore"):  # e^800 is infinite, and the chance rightly 0
            chance = 1 / (1 + np.exp(-linear))
        residual = y - chance
        gradient[0] += residual.sum()
        gradient[1:] += part.T @ residual
        weight = chance * (1 - chance)
        scaled = part * np.sqrt(weight)[:, None]
        information[0, 0] += weight.sum()
        information[0, 1:] += part.T @ weight
        information[1:, 1:] += scaled.T @ scaled
    information[1:, 0] = information[0, 1:]
    return likelihood, gradient, information


def _linear(x: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Rounded log-odds, summed term by term: unlike a matrix product, the same with any number of threads."""
    score = np.full(len(x), beta[0])
    for rows in blocks(len(x)):
        part = score[rows]
        for column in range(x.shape[1]):
            part += x[rows, column] * beta[column + 1]
    return np.round(score, SCORE_PLACES) + 0.0


def _table(design: Design, beta: np.ndarray, information: np.ndarray) -> pd.DataFrame:
    """Terms as they are read: a level as having it or not, a number by its standard deviation."""
    spread = np.array([1.0, *np.where(np.array(design.units) == "has it", design.spreads, 1.0)])
    coefficient, se = beta / spread, np.sqrt(np.diag(np.linalg.inv(information))) / spread
    reach = 1.959963984540054 * se
    with np.errstate(over="ignore"):
        ratios = [np.exp(coefficient + side * reach) for side in (0, -1, 1)]
    return pd.DataFrame(
        {
            "term": ["intercept (everyone average)", *design.matrix.columns],
            "unit": ["", *design.units],
            "coefficient": coefficient,
            "se": se,
            "odds_ratio": ratios[0],
            "low": ratios[1],
            "high": ratios[2],
        }
    )
