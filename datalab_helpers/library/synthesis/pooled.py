"""The mean of several results, with how much they differ beyond chance.

Random effects: the true effects of places are spread around a mean with variance tau2, and each result has its own
known error besides. The interval is that of Hartung and Knapp (2001, Statistics in Medicine 20) as modified by
Röver, Knapp and Friede (2015, BMC Medical Research Methodology 15): never narrower than with the model's own error,
which the plain one is by chance when results are few and of unequal size.

Where an organisation has several results, a model of three levels: its results share a part of the spread. Chosen
over a cluster-robust variance, which needs some twenty organisations to be trusted and gives no spread to predict
with. Small-sample correction: the modified factor as before, and Student's t with organisations - 1 degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .likelihood import NO_INTERVAL, Interval, Results, fit, restricted, results

Method = Literal["REML", "DL", "PM"]
Z_95 = 1.959963984540054

NOTHING = "No result: nothing can be said of the mean."
ONE = "One result: the interval is its own, and how much places differ is unknown."
ONE_ORGANISATION = "All results are one organisation's: nothing is known of how much organisations differ."


@dataclass(frozen=True)
class Pooled:
    """Mean effect, in the unit of the effects; negative is fewer. None where so few results cannot tell.

    k, organisations : numbers pooled (each result counts as an organisation's where clusters are not given)
    method : how tau2 was found
    mean, error : with the standard error that the model gives (Wald)
    interval : 95 %, modified Hartung-Knapp; this is the one to publish
    wald, hartung_knapp : others for comparison
    tau2 : variance of true effects, between + within; tau2_interval : 95 %, Q-profile, None with three levels
    q, q_p : Cochran's test that all true effects are one; i2 : share of the variance of results that is not
    chance, 0 to 1, with its Q-profile interval
    note : what so few results cannot tell, in words; empty otherwise
    """

    k: int
    organisations: int
    method: str
    mean: float | None
    error: float | None
    interval: Interval
    wald: Interval
    hartung_knapp: Interval
    tau2: float | None
    between: float | None
    within: float | None
    tau2_interval: Interval
    q: float | None
    q_p: float | None
    i2: float | None
    i2_interval: Interval
    note: str

    @property
    def tau(self) -> float | None:
        """Standard deviation of true effects."""
        return None if self.tau2 is None else math.sqrt(self.tau2)


def pool(effects, errors, clusters=None, method: Method = "REML") -> Pooled:
    """Pool results; the arguments are those of `likelihood.results`.

    method : REML; DL (DerSimonian and Laird 1986) or PM (Paule and Mandel 1982) for comparison. With three
    levels REML alone is defined and is used whatever is asked for.
    """
    from scipy import special

    rows = results(effects, errors, clusters)
    note = ""
    if rows.k > 1 and rows.organisations == 1:
        # With one organisation its own part of the spread cannot be told from the mean.
        rows, note = results(effects, errors), ONE_ORGANISATION
    if rows.k < 2:
        return _alone(rows)
    ones = np.ones((rows.k, 1))
    between, within, how = _variances(rows, ones, method)
    tau2 = between + within
    fitted = fit(rows, ones, between, within)
    mean, error = float(fitted.coefficients[0]), math.sqrt(fitted.covariance[0, 0])
    factor = fitted.square / (rows.k - 1)
    t = float(special.stdtrit(rows.organisations - 1, 0.975))

    def around(reach: float) -> Interval:
        return Interval(mean - reach, mean + reach)

    q = fit(rows, ones, 0.0, 0.0).square
    typical = typical_variance(rows)
    spread = NO_INTERVAL if rows.clustered else q_profile(rows)
    return Pooled(
        rows.k,
        1 if note else rows.organisations,
        how,
        mean,
        error,
        around(t * error * math.sqrt(max(1.0, factor))),
        around(Z_95 * error),
        around(t * error * math.sqrt(factor)),
        tau2,
        between,
        within,
        spread,
        q,
        float(special.chdtrc(rows.k - 1, q)),
        tau2 / (tau2 + typical),
        Interval(*(None if end is None else end / (end + typical) for end in spread)),
        note,
    )


def _alone(rows: Results) -> Pooled:
    """Of one result, or none: what it says itself, and nothing of the spread of others."""
    mean, error = (float(rows.effects[0]), float(rows.errors[0])) if rows.k else (None, None)
    own = Interval(mean - Z_95 * error, mean + Z_95 * error) if rows.k else NO_INTERVAL
    none = (None, None, None, NO_INTERVAL, None, None, None, NO_INTERVAL)
    return Pooled(
        rows.k, rows.k, "none", mean, error, own, own, NO_INTERVAL, *none, note=ONE if rows.k else NOTHING
    )


def _variances(rows: Results, ones: np.ndarray, method: Method) -> tuple[float, float, str]:
    if rows.clustered:
        return *restricted(rows, ones), "REML, three levels"
    if method == "DL":
        w = 1 / rows.errors**2
        q = fit(rows, ones, 0.0, 0.0).square
        return float(max(0.0, (q - rows.k + 1) / (w.sum() - (w**2).sum() / w.sum()))), 0.0, "DL"
    if method == "PM":
        return _where_q_is(rows, rows.k - 1), 0.0, "PM"
    return *restricted(rows, ones), "REML"


def typical_variance(rows: Results) -> float:
    """Of the errors, as Higgins and Thompson (2002, Statistics in Medicine 21) weigh them for I2."""
    w = 1 / rows.errors**2
    return float((rows.k - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum()))


def q_profile(rows: Results) -> Interval:
    """95 % interval of tau2: those at which Q is no surprise (Viechtbauer 2007, Statistics in Medicine 26).

    Both ends are zero when results are closer together than chance would have them.
    """
    from scipy import special

    high, low = (float(special.chdtri(rows.k - 1, p)) for p in (0.975, 0.025))
    return Interval(_where_q_is(rows, low), _where_q_is(rows, high))


def _where_q_is(rows: Results, value: float) -> float:
    """tau2 at which Q, which falls with tau2, has this value; zero when it is lower even at zero."""
    from scipy import optimize

    ones = np.ones((rows.k, 1))

    def excess(tau2: float) -> float:
        return fit(rows, ones, tau2, 0.0).square - value

    if excess(0.0) <= 0:
        return 0.0
    # Each deviation is at most the range, so Q is below k range^2 / tau2.
    top = rows.k * float(np.ptp(rows.effects)) ** 2 / value
    return float(optimize.brentq(excess, 0.0, top, xtol=1e-12 * top, rtol=1e-12))
