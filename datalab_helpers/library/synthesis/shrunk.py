"""Each result read in the light of all the others.

A small result that is far from the others is partly luck. What the other organisations found says where the true
effect of a new place would lie (`prediction`); the result's own figure moves that, the more the smaller its error.
Integrated over tau, since taking the estimated tau for known gives intervals that are too narrow.

Other means of other organisations. An organisation's further results would vouch for themselves: they may be of
the same people, and a charity would be told that it is typical because it is like itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .likelihood import Interval, results
from .mixture import Mixture
from .pooled import Z_95
from .prediction import DECLARED, Prior, centred, grid

ALONE = "No other organisation's result: nothing to shrink towards."


@dataclass(frozen=True)
class Shrunk:
    """One result's true effect, given its own figure and the others; negative is fewer.

    raw, error : as found; estimate, interval : posterior mean and 95 %
    below_zero, below_delta : chance that the true effect is below 0, and below -delta, 0 to 1
    expected, expected_spread : mean and standard deviation of what the others say of a new place; None alone
    others : results of other organisations; note : why nothing was shrunk, or empty
    """

    raw: float
    error: float
    estimate: float
    interval: Interval
    below_zero: float
    below_delta: float
    expected: float | None
    expected_spread: float | None
    others: int
    note: str


def shrink(effects, errors, clusters=None, delta: float = 1.0, prior: Prior = DECLARED) -> list[Shrunk]:
    """Shrink every result, in the order given; the arguments are those of `prediction.predict`."""
    if len(np.asarray(effects)) == 0:
        return []
    given = results(effects, errors, clusters)
    if given.organisations == 1:
        told = [_alone(float(y), float(s), delta) for y, s in zip(given.effects, given.errors, strict=True)]
        return [told[place] for place in np.argsort(given.order)]
    rows, middle = centred(given)
    laid = grid(rows, prior)
    told, last = [], None
    for y, s, organisation in zip(rows.effects, rows.errors, rows.organisation, strict=True):
        if organisation != last:
            weight, mean, variance = laid.without(int(organisation))
            spread, last = variance + laid.tau**2, organisation
            others = int((rows.organisation != organisation).sum())
        # How well each tau foresaw this result, and at each the weighing of the two by their variances.
        total = spread + s**2
        log = np.log(np.maximum(weight, 1e-300)) - 0.5 * (np.log(total) + (y - mean) ** 2 / total)
        own = np.exp(log - log.max())
        posterior = Mixture(
            own / own.sum(),
            middle + (mean * s**2 + y * spread) / total,
            np.sqrt(spread * s**2 / total),
        )
        before = Mixture(weight, mean + middle, np.sqrt(spread))
        told.append(
            Shrunk(
                float(y + middle),
                float(s),
                posterior.mean,
                posterior.interval,
                posterior.below(0.0),
                posterior.below(-delta),
                before.mean,
                before.deviation,
                others,
                "",
            )
        )
    return [told[place] for place in np.argsort(given.order)]


def _alone(y: float, s: float, delta: float) -> Shrunk:
    own = Mixture(np.ones(1), np.array([y]), np.array([s]))
    return Shrunk(
        y,
        s,
        y,
        Interval(y - Z_95 * s, y + Z_95 * s),
        own.below(0.0),
        own.below(-delta),
        None,
        None,
        0,
        ALONE,
    )
