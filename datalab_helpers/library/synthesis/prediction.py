"""Where the true effect in a new place would lie, by Bayes over a grid of spreads.

Effects are in people per 100. The spread of true effects, tau, has a half-normal prior, which is declared and can be
varied; the mean has a flat one. At each tau on the grid everything is normal and in closed form, so what is told is
a mixture of normal distributions (as Röver 2020, Journal of Statistical Software 93(6), does for two levels).
Intervals from Student's t take tau for known and miss the truth in one of seven new places with ten results.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .likelihood import NO_INTERVAL, Interval, Results, results, sums
from .mixture import Mixture
from .pooled import Pooled

SCALES = (2.5, 5.0, 10.0)  # half and twice the declared one: what the prior does is shown, not argued


@dataclass(frozen=True)
class Prior:
    """What is held of the spread before any result: tau half-normal with this scale, in the unit of the effects.

    With 5 points: 95 % of the weight below 10 and the median at 3.4, and no more than 20, where the grid ends.
    points : of the grid from zero to four scales; a step is 0.05, far below any error a request can have
    shares : of tau2 that an organisation's results have in common, equally likely; used only where some has two
    """

    scale: float = 5.0
    points: int = 401
    shares: tuple[float, ...] = (0.1, 0.3, 0.5, 0.7, 0.9)


DECLARED = Prior()


@dataclass(frozen=True)
class Grid:
    """Every tau (and share) of the prior with what each organisation says there.

    tau, prior : shape (grid,), the prior's weight as a log
    own : of each organisation, shape (grid, organisations): precision, that times its mean and times its mean
    squared, and the rest of the log-likelihood; total : their sums, shape (grid,), so that leaving one out is a
    subtraction
    """

    tau: np.ndarray
    prior: np.ndarray
    own: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    total: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

    def without(self, organisation: int | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(weight, mean, variance of the mean) at each point, from all organisations but this one."""
        p, first, second, rest = (
            t if organisation is None else t - o[:, organisation]
            for t, o in zip(self.total, self.own, strict=True)
        )
        mean = first / p
        # The flat mean integrated out leaves 1 / sqrt(p).
        log = self.prior + rest - 0.5 * (second - p * mean**2) - 0.5 * np.log(p)
        weight = np.exp(log - log.max())
        return weight / weight.sum(), mean, 1 / p


def grid(rows: Results, prior: Prior = DECLARED) -> Grid:
    """Lay the grid over results, centred (`rows.effects` near zero lose no digits)."""
    tau = np.linspace(0.0, 4 * prior.scale, prior.points)
    step = np.ones(prior.points)
    step[[0, -1]] = 0.5  # trapezium; the density is even in tau, so this is exact to many digits
    weight = np.log(step) - 0.5 * (tau / prior.scale) ** 2
    shares = np.array(prior.shares if rows.clustered else (1.0,))
    variance = np.repeat(tau**2, len(shares))
    between = variance * np.tile(shares, prior.points)
    said = sums(rows, between, variance - between)
    p, m = said.precision, said.mean
    own = (p, p * m, p * m**2, said.rest)
    return Grid(
        np.repeat(tau, len(shares)),
        np.repeat(weight, len(shares)),
        own,
        tuple(part.sum(axis=1) for part in own),
    )


def centred(rows: Results) -> tuple[Results, float]:
    """The results less their median, and the median: sums of squares then lose no digits to the level."""
    middle = float(np.median(rows.effects))
    return Results(rows.effects - middle, rows.errors, rows.organisation, rows.order), middle


@dataclass(frozen=True)
class Prediction:
    """Mean effect and the true effect in a new place (a new organisation); negative is fewer.

    mean, mean_interval : of the mean, posterior, 95 %
    interval : 95 % for the true effect in a new place, without the error that a new result would have
    below_zero, below_delta : chance that it is below 0, and below -delta, 0 to 1
    tau_median, tau_interval : of the posterior of tau, 95 %
    new : the distribution itself
    """

    k: int
    organisations: int
    prior: Prior
    delta: float
    mean: float
    mean_interval: Interval
    interval: Interval
    below_zero: float
    below_delta: float
    tau_median: float
    tau_interval: Interval
    new: Mixture


def predict(effects, errors, clusters=None, delta: float = 1.0, prior: Prior = DECLARED) -> Prediction | None:
    """Predict; the arguments are those of `likelihood.results`. None without any result.

    With one result tau is what the prior says: its interval shows how little one place tells of another.

    delta : smallest difference that matters, a size, in the unit of the effects
    """
    if len(np.asarray(effects)) == 0:
        return None
    rows, middle = centred(results(effects, errors, clusters))
    laid = grid(rows, prior)
    weight, centre, variance = laid.without(None)
    centre = centre + middle
    mean = Mixture(weight, centre, np.sqrt(variance))
    new = Mixture(weight, centre, np.sqrt(variance + laid.tau**2))
    low, median, high = _tau_quantiles(weight, prior)
    return Prediction(
        rows.k,
        rows.organisations,
        prior,
        delta,
        mean.mean,
        mean.interval,
        new.interval,
        new.below(0.0),
        new.below(-delta),
        median,
        Interval(low, high),
        new,
    )


def by_scale(
    effects, errors, clusters=None, delta: float = 1.0, scales: tuple[float, ...] = SCALES
) -> list[Prediction]:
    """The same under other scales of the prior, to show what it does; empty without any result."""
    found = [predict(effects, errors, clusters, delta, Prior(scale)) for scale in scales]
    return [each for each in found if each is not None]


def _tau_quantiles(weight: np.ndarray, prior: Prior) -> list[float]:
    """2.5, 50 and 97.5 % of tau."""
    tau = np.linspace(0.0, 4 * prior.scale, prior.points)
    mass = weight.reshape(prior.points, -1).sum(axis=1)
    mass[[0, -1]] *= 2  # back from weights of the trapezium to the density
    below = np.concatenate([[0.0], np.cumsum((mass[1:] + mass[:-1]) / 2)])
    return [float(np.interp(p, below / below[-1], tau)) for p in (0.025, 0.5, 0.975)]


def by_student(pooled: Pooled) -> tuple[Interval, Interval]:
    """95 % intervals for a new place by Student's t, for comparison only; k counts organisations.

    First with k - 1 degrees and the Hartung-Knapp error, as metafor has it; then with k - 2 and Wald's error
    (Higgins, Thompson and Spiegelhalter 2009, JRSS A 172). Without ends where there are too few.
    """
    from scipy import special

    def around(degrees: int, error: float) -> Interval:
        if degrees < 1:
            return NO_INTERVAL
        reach = float(special.stdtrit(degrees, 0.975)) * math.sqrt(pooled.tau2 + error**2)
        return Interval(pooled.mean - reach, pooled.mean + reach)

    if pooled.tau2 is None or pooled.organisations < 2:
        return NO_INTERVAL, NO_INTERVAL
    degrees = pooled.organisations - 1
    knapp = (pooled.hartung_knapp.high - pooled.mean) / float(special.stdtrit(degrees, 0.975))
    return around(degrees, knapp), around(degrees - 1, pooled.error)
