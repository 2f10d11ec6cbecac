"""Outcome measures as published: a value is held back when few people, or few events, stand behind it."""

from __future__ import annotations

from typing import Any

from ..outcome import Effect, OutcomeEstimate, Outcomes
from ..request import Request
from . import results as r
from .derived import Derived, gives_away
from .record import AMONG, FEW, OTHER_ANALYSIS, STEP, TABLE, Record
from .rules import CONFIDENTIAL, count_is_safe


def hidden_measures(
    request: Request, outcomes: dict[str, Outcomes], groups: list[Derived], record: Record
) -> dict[str, dict[str, str]]:
    """For each analysis the measures that are held back, and why.

    A measure goes with few people, or few to whom it happened or did not, in any group that can be had;
    so do the others of its table, whose sum is known, and those about the people to whom it happened,
    whose number is its count.

    Parameters
    ----------
    outcomes : of each analysis that is published, the headline first
    groups : the groups of people who took part that can be had from them
    """
    hidden = {
        name: {e.measure.name: FEW for e in own.estimates if reason_to_hide(request, e)}
        for name, own in outcomes.items()
    }
    changed = True
    while changed:
        before = sum(map(len, hidden.values()))
        for name, own in outcomes.items():
            _spread_hiding(own, hidden[name])
        for group in groups:
            _hide_derived(request, group, outcomes, hidden)
        changed = sum(map(len, hidden.values())) > before
    for name, found in hidden.items():
        for measure, why in found.items():
            record.add(name, "measures", measure, why)
    return hidden


def _spread_hiding(outcomes: Outcomes, hidden: dict[str, str]) -> None:
    """From what is held back to the rest of its table, and to the measures about its people."""
    for e in outcomes.estimates:
        if e.measure.name in hidden:
            continue
        others = [o.measure.name for o in outcomes.estimates if o.measure.table == e.measure.table]
        if e.measure.among in hidden:
            hidden[e.measure.name] = AMONG
        elif any(other in hidden for other in others):
            hidden[e.measure.name] = TABLE


def _hide_derived(
    request: Request,
    group: Derived,
    outcomes: dict[str, Outcomes],
    hidden: dict[str, dict[str, str]],
) -> None:
    """Hold back in the last analysis what would give a few of a derived group away."""
    if len(group.members) < 2 or not set(group.members) <= set(outcomes):
        return
    smallest = request.lab.defaults.smallest_count
    each = {name: {e.measure.name: e for e in outcomes[name].estimates} for name in group.members}
    last = group.members[-1]
    for measure, e in each[last].items():
        showing = [name for name in group.members if measure not in hidden[name]]
        if group.size == 0 and len(showing) == len(group.members) - 1:
            # Where groups make up one another, what one of them alone holds back follows from the others.
            hidden[showing[-1]][measure] = OTHER_ANALYSIS
        if any(measure in hidden[name] for name in group.members) or e.measure.kind not in (
            "binary",
            "count",
        ):
            continue
        count = group.of({name: each[name][measure].positive_treatment for name in group.members})
        people = group.of({name: each[name][measure].n_treatment for name in group.members})
        # Of how many something was counted says nothing of the people to whom it never happened.
        people = people if e.measure.kind == "binary" else count + smallest
        if gives_away(group, count, people, smallest):
            hidden[last][measure] = OTHER_ANALYSIS


def measures_of_analysis(
    request: Request, outcomes: Outcomes, hidden: dict[str, str]
) -> list[r.MeasureResult]:
    """Every measure, those that are held back without numbers."""
    shown = [e for e in outcomes.estimates if e.measure.name not in hidden and e.adjusted]
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
        _measure(request, e, e.measure.name in hidden, holm.get(e.measure.name), bh.get(e.measure.name))
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
    request: Request, e: OutcomeEstimate, hidden: bool, holm: float | None, bh: float | None
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
        suppressed=CONFIDENTIAL if hidden else None,
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


def curve(
    request: Request, outcomes: Outcomes, hidden: dict[str, str], smallest: int, record: Record
) -> r.Curve | None:
    """The cumulative incidence, at points between which, and beyond which, enough events lie.

    The last point stands beside the published rate of the whole follow-up, so the events between
    the two, and the people without any, must be enough as well.
    """
    whole = next(
        (e for e in outcomes.estimates if e.measure.kind == "binary" and e.measure.among is None), None
    )
    if outcomes.curve is None or outcomes.counts is None or whole is None or whole.measure.name in hidden:
        return None
    totals = {
        "treatment": (whole.positive_treatment, whole.n_treatment),
        "comparison": (whole.positive_comparison, whole.n_comparison),
    }
    safe: dict[str, list[float | None]] = {}
    at_risk: dict[str, list[int | None]] = {}
    for group in ("treatment", "comparison"):
        last, points, left = 0, [], []
        events, people = totals[group]
        for day, value, count in zip(
            outcomes.curve["days"], outcomes.curve[group], outcomes.counts[group], strict=True
        ):
            enough = min(count - last, events - count, people - count) >= smallest or day == 0
            last = count if enough else last
            points.append(value if enough else None)
            left.append(people - count if enough else None)
        safe[group], at_risk[f"at_risk_{group}"] = points, left
        if None in points:
            record.add(outcomes.analysis, "curve", group, STEP, points.count(None))
    return r.Curve(days=[int(d) for d in outcomes.curve["days"]], **safe, **at_risk)
