"""The checks on trust as published: without sizes of groups, and differences no finer than a reader needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..outcome import Checks, Effect, OutcomeEstimate, Placebo, Reach, Trust
from ..request import Request
from . import checks as r
from .measures import reason_to_hide

PLACES = 3  # of differences in rates and counts: finer ones could be worked back to single people
DIGITS = 4  # of differences in other units
MEAN_PLACES = 2  # of a mean whose number of people is not told: from a finer one it could be worked out


def trust_of(request: Request, trust: Trust, headline: OutcomeEstimate, with_pool: bool) -> r.Trust:
    """The checks on a main measure that may be published itself.

    Parameters
    ----------
    with_pool : whether the size of the pool is published; where not, the certificate's are to the nearest ten
    """
    fine = headline.measure.kind in ("binary", "count")
    curve, hidden, tried = trust.specifications, trust.sensitivity, trust.certificate
    scale = 100.0 if headline.measure.kind == "binary" else 1.0
    good = 1.0 if headline.measure.good == "higher" else -1.0

    def coarse(value: float) -> float:
        return round(value, PLACES) + 0.0 if fine else float(f"{value:.{DIGITS}g}")

    return r.Trust(
        placebo=_placebo(request, trust.placebo, trust.reach, coarse),
        specifications=curve
        and r.Specifications(
            choices=[
                r.Choice(
                    **{
                        k: row[k]
                        for k in (
                            "method",
                            "ratio",
                            "replacement",
                            "caliper",
                            "exact",
                            "covariates",
                            "adjusted",
                        )
                    },
                    **{k: coarse(row[k]) for k in ("difference", "low", "high")},
                )
                for row in curve.rows.to_dict("records")
            ],
            left_out=curve.left_out,
            headline=curve.headline,
            median=coarse(curve.median),
            below_zero=curve.share_below(0.0),
            worthwhile=float((good * curve.rows["difference"] > request.smallest_difference / scale).mean()),
            same_side=curve.same_side,
        ),
        hidden=hidden
        and r.Hidden(
            twins=[
                r.HiddenTwin(label=b.label, shift=coarse(b.shift), changes=b.changes)
                for b in hidden.benchmarks
            ],
            needed=None if hidden.needed is None else coarse(hidden.needed),
            robustness_value=hidden.robustness_value,
            e_value=hidden.e_value,
            e_value_limit=hidden.e_value_limit,
        ),
        certificate=r.Certificate(
            repeats=tried.repeats,
            failed=tried.failed,
            people=tried.people if with_pool else _tens(tried.people),
            pool=tried.pool if with_pool else _tens(tried.pool),
            trials=[r.Trial(**vars(trial)) for trial in tried.trials],
            reason=tried.reason or None,
        ),
    )


def told_checks(request: Request, trust: Trust, low: float, high: float) -> Checks:
    """The checks that the verdict may rest on: a placebo that is held back decides nothing, as its result would show."""
    found, e = trust.checks(low, high), trust.placebo.estimate
    return replace(found, placebo=None) if e and reason_to_hide(request, e) else found


def _placebo(
    request: Request, made: Placebo, reach: Reach | None, coarse: Callable[[float], float]
) -> r.Placebo:
    """Without a value where few people are behind it; then nothing is said of its result either."""
    e = made.estimate
    hidden = reason_to_hide(request, e) if e else None
    shown = e if e and e.adjusted and not hidden else None
    return r.Placebo(
        label=made.label,
        months=made.months,
        passed=made.passed if shown else None,
        treatment=round(shown.treatment, MEAN_PLACES) if shown else None,
        comparison=round(shown.comparison, MEAN_PLACES) if shown else None,
        estimate=_coarse(shown.adjusted) if shown and shown.adjusted else None,
        left=_coarse(made.left) if shown and made.left else None,
        could_see=r.CouldSee(
            detectable=round(reach.detectable, PLACES), carried=coarse(reach.carried), enough=reach.enough
        )
        if shown and reach
        else None,
        reason=made.reason or None,
        suppressed=hidden,
    )


def _coarse(effect: Effect) -> r.Estimate:
    return r.Estimate(
        difference=round(effect.difference, PLACES) + 0.0,
        low=round(effect.low, PLACES) + 0.0,
        high=round(effect.high, PLACES) + 0.0,
        p=effect.p,
    )


def _tens(count: int) -> int:
    return 10 * round(count / 10)
