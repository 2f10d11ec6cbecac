"""Outcome measures as published: a value is held back when few people, or few events, stand behind it."""

from __future__ import annotations

from typing import Any

from ..outcome import Effect, OutcomeEstimate, Outcomes
from ..request import Request
from . import results as r
from .rules import CONFIDENTIAL, count_is_safe


def positives(outcomes: Outcomes) -> dict[str, int]:
    """How many of the treatment group each yes-or-no measure is true for."""
    return {e.measure.name: e.positive_treatment for e in outcomes.estimates if e.measure.kind == "binary"}


def measures_of_analysis(request: Request, outcomes: Outcomes, away: set[str]) -> list[r.MeasureResult]:
    """Every measure; a whole table is held back when one of its parts must be.

    Parameters
    ----------
    away : measures that another analysis would give away
    """
    hidden = {
        e.measure.name: CONFIDENTIAL if e.measure.name in away else reason_to_hide(request, e)
        for e in outcomes.estimates
    }
    for table in {e.measure.table for e in outcomes.estimates}:
        names = [e.measure.name for e in outcomes.estimates if e.measure.table == table]
        reasons = [hidden[name] for name in names if hidden[name]]
        if reasons:
            hidden |= {name: hidden[name] or reasons[0] for name in names}
    shown = [e for e in outcomes.estimates if not hidden[e.measure.name] and e.adjusted]
    # Imported here: only this call needs it, and it takes a second.
    from statsmodels.stats.multitest import multipletests

    p = [e.adjusted.p for e in shown if e.adjusted]
    holm = dict(
        zip((e.measure.name for e in shown), multipletests(p, method="holm")[1] if p else [], strict=True)
    )
    bh = dict(
        zip((e.measure.name for e in shown), multipletests(p, method="fdr_bh")[1] if p else [], strict=True)
    )
    return [
        _measure(request, e, hidden[e.measure.name], holm.get(e.measure.name), bh.get(e.measure.name))
        for e in outcomes.estimates
    ]


def reason_to_hide(request: Request, e: OutcomeEstimate) -> str | None:
    """Why a measure is not published; None when it may be."""
    defaults = request.lab.defaults
    if min(e.n_treatment, e.n_comparison) < defaults.smallest_group:
        return CONFIDENTIAL
    if e.measure.kind == "binary":
        safe = count_is_safe(e.positive_treatment, e.n_treatment, defaults.smallest_count) and count_is_safe(
            e.positive_comparison, e.n_comparison, defaults.smallest_count
        )
        return None if safe else CONFIDENTIAL
    if (
        e.measure.kind == "count"
        and min(e.positive_treatment, e.positive_comparison) < defaults.smallest_count
    ):
        return CONFIDENTIAL
    return None


def _measure(
    request: Request, e: OutcomeEstimate, hidden: str | None, holm: float | None, bh: float | None
) -> r.MeasureResult:
    m = e.measure
    about = m.model_dump(
        include={"name", "label", "short", "meaning", "table", "kind", "unit", "good", "among"}
    )
    # How many people a measure applies to is itself an outcome (so many reoffended).
    numbers: dict[str, Any] = {
        "n_treatment": e.n_treatment,
        "n_comparison": e.n_comparison,
        "n_comparison_effective": e.n_comparison_effective,
        "treatment": e.treatment,
        "comparison": e.comparison,
        "unadjusted": _published(e.unadjusted),
        "adjusted": _published(e.adjusted, holm, bh),
        "detectable": e.detectable,
    }
    if hidden:
        numbers = dict.fromkeys(numbers)
    return r.MeasureResult(
        **about,
        **numbers,
        primary=m.name == request.settings.outcome.primary,
        adjusted_for=e.adjusted_for,
        suppressed=hidden,
    )


def _published(
    effect: Effect | None, holm: float | None = None, bh: float | None = None
) -> r.Estimate | None:
    if effect is None:
        return None
    return r.Estimate(
        difference=effect.difference,
        low=effect.low,
        high=effect.high,
        p=effect.p,
        p_holm=None if holm is None else float(holm),
        p_bh=None if bh is None else float(bh),
    )


def curve(request: Request, outcomes: Outcomes, smallest: int) -> r.Curve | None:
    """The cumulative incidence, at points between which, and beyond which, enough events lie.

    The last point stands beside the published rate of the whole follow-up, so the events between
    the two, and the people without any, must be enough as well.
    """
    whole = next(
        (e for e in outcomes.estimates if e.measure.kind == "binary" and e.measure.among is None), None
    )
    if outcomes.curve is None or outcomes.counts is None or whole is None or reason_to_hide(request, whole):
        return None
    totals = {
        "treatment": (whole.positive_treatment, whole.n_treatment),
        "comparison": (whole.positive_comparison, whole.n_comparison),
    }
    safe: dict[str, list[float | None]] = {}
    at_risk: dict[str, list[int | None]] = {}
    for group in ("treatment", "comparison"):
        last, points, left = 0, [], []
        for value, count in zip(outcomes.curve[group], outcomes.counts[group], strict=True):
            events, people = totals[group]
            after = events - count
            enough = count == 0 or (
                count - last >= smallest and (after == 0 or after >= smallest) and people - count >= smallest
            )
            last = count if enough else last
            points.append(value if enough else None)
            left.append(people - count if enough else None)
        safe[group], at_risk[f"at_risk_{group}"] = points, left
    return r.Curve(days=[int(d) for d in outcomes.curve["days"]], **safe, **at_risk)
