"""From the stage results to `Results`: everything that may be published, and nothing else."""

from __future__ import annotations

from typing import Any

from ..balance import BalanceTable
from ..errors import DisclosureError, guarded
from ..intake import Cohort
from ..matching import MatchedSample
from ..outcome import Effect, OutcomeEstimate, Outcomes, decide
from ..request import Request
from ..run import Run, method_version, sha256
from . import results as r
from .rules import CONFIDENTIAL, complete_suppression, count_is_safe, merge_small_steps, too_close


@guarded
def release(
    run: Run,
    cohort: Cohort,
    samples: list[MatchedSample],
    balances: list[BalanceTable],
    outcomes: list[Outcomes],
) -> r.Results:
    """The publishable results of a run, small numbers already held back.

    Parameters
    ----------
    samples, balances : one an analysis, in the order of the request
    outcomes : one for each analysis that was not refused
    """
    request = run.request
    smallest = request.lab.defaults.smallest_count
    by_name = {o.analysis: o for o in outcomes}
    taken = {
        s.analysis: set(s.people.index[s.people["treated"] & (s.people["weight"] > 0)])
        for s in _headline_first(request, samples)
        if not s.refused
    }
    close = too_close(taken, smallest)
    analyses = [
        _analysis(request, cohort, sample, balance, by_name.get(sample.analysis), close.get(sample.analysis))
        for sample, balance in zip(samples, balances, strict=True)
    ]
    headline = next(s for s in samples if s.analysis == _headline(request))
    treatment, pool = _attrition(cohort, headline, smallest)
    settings = request.settings
    programme = settings.programme
    facts = cohort.facts
    return r.Results(
        schema_version=r.SCHEMA_VERSION,
        about=r.About(
            id=request.id,
            organisation=settings.organisation,
            programme=r.Programme(**{k: str(v) for k, v in programme.model_dump().items()}),
            lab=request.lab.name,
            lab_label=request.lab.label,
        ),
        frame=r.Frame(
            starts_from="table" if settings.table else "submission",
            time_zero=facts["time_zero"],
            index_events=facts["index_events"],
            follow_up_months=request.lab.follow_up.months if request.lab.follow_up else None,
            waiting_months=request.lab.follow_up.waiting_months if request.lab.follow_up else None,
            index_from=_month(facts["index_from"]),
            index_to=_month(facts["index_to"]),
            data_until=facts["data_until"],
            plan_sha256=run.seal().sha256,
            method_version=method_version(),
            seed=settings.seed,
        ),
        rules=r.Rules(
            smallest_group=request.lab.defaults.smallest_group,
            smallest_count=smallest,
            smallest_difference=request.smallest_difference,
            primary=settings.outcome.primary,
            if_unbalanced=settings.release.if_unbalanced,
        ),
        words=request.lab.words,
        attrition=treatment,
        attrition_pool=pool,
        linking=_linking(facts, smallest),
        analyses=analyses,
        provenance=r.Provenance(
            request_sha256=sha256(request.path),
            input_sha256=sha256(request.input_path),
            records_sha256=None if settings.table else sha256(run.records),
        ),
    )


def _headline(request: Request) -> str:
    return next(a.name for a in request.analyses if a.headline)


def _headline_first(request: Request, samples: list[MatchedSample]) -> list[MatchedSample]:
    return sorted(samples, key=lambda s: s.analysis != _headline(request))


def _month(day: str | None) -> str | None:
    """An exact first or last date belongs to one person; its month does not."""
    return day[:7] if day else None


def _linking(facts: dict[str, Any], smallest: int) -> r.Linking | None:
    if "submitted" not in facts:
        return None
    from ..intake.linking import REVIEW_DEFAULT

    lost = facts["submitted"] - facts["found"]
    return r.Linking(
        submitted=facts["submitted"],
        found=None if 0 < lost < smallest else facts["found"],
        review=facts["review"] if facts["review"] >= smallest else None,
        threshold=facts["threshold"],
        expected_false=facts["expected_false"],
        review_default=REVIEW_DEFAULT,
    )


def _attrition(cohort: Cohort, headline: MatchedSample, smallest: int) -> tuple[list[r.Step], list[r.Step]]:
    """Both funnels, ended by who the headline analysis took in and could match."""
    sizes = headline.sizes
    ends = {
        "treatment": (sizes["treatment_before"], sizes["treatment"]),
        "pool": (sizes["pool"], sizes["comparison"]),
    }
    funnels = []
    for group, (chosen, matched) in ends.items():
        steps = cohort.attrition[cohort.attrition["group"] == group].drop(columns="group").to_dict("records")
        for count, reason, mend in (
            (chosen, "not part of the headline analysis", ""),
            (
                matched,
                "nobody similar enough in the other group",
                "nothing; a wider caliper would compare people who differ",
            ),
        ):
            lost = steps[-1]["count"] - count
            if lost:
                steps.append({"reason": reason, "lost": lost, "count": count, "mend": mend})
        funnels.append([r.Step(**step) for step in merge_small_steps(steps, smallest)])
    return funnels[0], funnels[1]


def _analysis(
    request: Request,
    cohort: Cohort,
    sample: MatchedSample,
    balance: BalanceTable,
    outcomes: Outcomes | None,
    close_to: str | None,
) -> r.AnalysisResult:
    analysis = next(a for a in request.analyses if a.name == sample.analysis)
    smallest = request.lab.defaults.smallest_count
    common = {
        "name": sample.analysis,
        "headline": analysis.headline,
        "described": _described(request, sample),
    }
    refused = sample.refused
    if close_to:
        refused = f"its people differ from those of {close_to!r} by fewer than {smallest}, whom a reader could work out"
    unbalanced = balance.verdict == "fail" and request.settings.release.if_unbalanced == "refuse"
    if unbalanced and not refused:
        refused = f"the groups could not be made alike: {'; '.join(balance.reasons)}"
    if refused and analysis.headline:
        raise DisclosureError(f"{sample.analysis}: {refused}")
    if refused or outcomes is None:
        return r.AnalysisResult(
            **common,
            refused=refused or "no outcomes were estimated",
            sizes=None,
            matching=None,
            balance=None,
            measures=[],
            curve=None,
            verdict=None,
            profile=[],
        )
    n = sample.sizes["treatment"]
    rows, profile = _rows(balance, n, sample.sizes["pool"], smallest)
    return r.AnalysisResult(
        **common,
        refused=None,
        sizes=r.Sizes(**sample.sizes),
        matching=_matching(sample),
        balance=_balance(balance, rows),
        measures=_measures(request, outcomes),
        curve=_curve(outcomes, smallest),
        verdict=_verdict(request, cohort, sample, balance, outcomes),
        profile=profile,
    )


def _described(request: Request, sample: MatchedSample) -> str:
    analysis = next(a for a in request.analyses if a.name == sample.analysis)
    parts = [f"{_label(request, name).lower()}: {value}" for name, value in analysis.within.items()]
    parts += [f"participants with {name} = {value}" for name, value in analysis.only.items()]
    return "; ".join(parts) or "everyone who could be analysed"


def _label(request: Request, name: str) -> str:
    covariate = request.lab.covariate_labels.get(name)
    return covariate.label if covariate else name


def _matching(sample: MatchedSample) -> r.Matching:
    s = sample.settings
    steps = [
        r.CaliperStep(
            caliper=_none_if_nan(row["caliper"]),
            worst_smd=_none_if_nan(row["worst_smd"]),
            treatment=row["treatment"],
            comparison_effective=row["comparison_effective"],
            verdict="passes" if row["passes"] else "does not pass",
            chosen=row["chosen"],
        )
        for row in sample.grid.to_dict("records")
    ]
    return r.Matching(
        method=s["method"],
        scale=s["scale"],
        caliper=s["caliper"],
        caliper_unit=s["caliper_unit"],
        replacement=s["replacement"],
        ratio=s["ratio"] if s["method"] == "nearest" else None,
        exact=s["exact_labels"],
        covariates=sample.terms,
        dropped=[r.Dropped(label=label, reason=reason) for label, reason in sample.dropped],
        grid=steps,
    )


def _rows(
    balance: BalanceTable, n: int, pool: int, smallest: int
) -> tuple[list[r.BalanceRow], list[r.Profile]]:
    """Balance rows and profile, a share held back when a count behind it is small."""
    rows = balance.rows.to_dict("records")
    by_covariate: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        by_covariate.setdefault(row["covariate"], []).append(position)
    hidden = [
        row["kind"] == "share"
        and not (
            count_is_safe(row["mean_treatment"] * n, n, smallest)
            and count_is_safe(row["mean_pool"] * pool, pool, smallest)
        )
        for row in rows
    ]
    for positions in by_covariate.values():
        parts = [i for i in positions if rows[i]["kind"] == "share"]
        full = complete_suppression([rows[i]["mean_treatment"] for i in parts], [hidden[i] for i in parts])
        for i, is_hidden in zip(parts, full, strict=True):
            hidden[i] = is_hidden
    published, profile = [], []
    for row, is_hidden in zip(rows, hidden, strict=True):
        mark = CONFIDENTIAL if is_hidden else None
        # A share of everybody or nobody says no more than the rule that made it so.
        numbers = {
            key: None if is_hidden else _none_if_nan(row[key])
            for key in (
                "mean_treatment",
                "mean_pool",
                "mean_comparison",
                "smd_before",
                "smd_after",
                "variance_ratio",
                "ks",
            )
        }
        common = {"covariate": row["covariate"], "level": row["level"] or None, "unit": row["unit"]}
        published.append(
            r.BalanceRow(
                **common,
                family=row["family"],
                in_model=row["in_model"],
                kind=row["kind"],
                rating=row["rating"],
                suppressed=mark,
                **numbers,
            )
        )
        value = numbers["mean_treatment"]
        profile.append(
            r.Profile(
                **common,
                share=value if row["kind"] == "share" else None,
                mean=value if row["kind"] == "number" else None,
                suppressed=mark,
            )
        )
    order = {
        row["covariate"]: i for i, row in enumerate(sorted(rows, key=lambda x: (x["family"], x["covariate"])))
    }
    return published, sorted(profile, key=lambda p: (order[p.covariate], p.level or ""))


def _balance(balance: BalanceTable, rows: list[r.BalanceRow]) -> r.Balance:
    counts = balance.rows["rating"].value_counts()
    return r.Balance(
        verdict=balance.verdict,
        reasons=balance.reasons,
        denominator=balance.denominator,
        **{colour: int(counts.get(colour, 0)) for colour in ("green", "amber", "red")},
        worst_before=float(balance.rows["smd_before"].abs().max()),
        worst_after=float(balance.rows["smd_after"].abs().max()),
        rows=rows,
    )


def _measures(request: Request, outcomes: Outcomes) -> list[r.MeasureResult]:
    """Every measure; a whole table is held back when one of its parts must be."""
    hidden = {e.measure.name: _reason_to_hide(request, e) for e in outcomes.estimates}
    for table in {e.measure.table for e in outcomes.estimates}:
        names = [e.measure.name for e in outcomes.estimates if e.measure.table == table]
        reasons = [hidden[name] for name in names if hidden[name]]
        if reasons:
            hidden |= {name: hidden[name] or reasons[0] for name in names}
    shown = [e for e in outcomes.estimates if not hidden[e.measure.name] and e.adjusted]
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


def _reason_to_hide(request: Request, e: OutcomeEstimate) -> str | None:
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


def _curve(outcomes: Outcomes, smallest: int) -> r.Curve | None:
    """The cumulative incidence; a point is held back when fewer than `smallest` events made it or its last step."""
    if outcomes.curve is None or outcomes.counts is None:
        return None
    safe: dict[str, list[float | None]] = {}
    for group in ("treatment", "comparison"):
        last, points = 0, []
        for value, count in zip(outcomes.curve[group], outcomes.counts[group], strict=True):
            enough = count == 0 or count - last >= smallest
            last = count if enough else last
            points.append(value if enough else None)
        safe[group] = points
    return r.Curve(days=[int(d) for d in outcomes.curve["days"]], **safe)


def _verdict(
    request: Request, cohort: Cohort, sample: MatchedSample, balance: BalanceTable, outcomes: Outcomes
) -> r.Verdict | None:
    e = outcomes.headline
    if _reason_to_hide(request, e) or e.adjusted is None or e.unadjusted is None:
        return None
    scale = 100.0 if e.measure.kind == "binary" else 1.0
    submitted = cohort.facts.get("submitted")
    whole = next(a for a in request.analyses if a.name == sample.analysis).headline
    decided = decide(
        e.adjusted.low * scale,
        e.adjusted.high * scale,
        request.smallest_difference,
        good=e.measure.good,
        balance=balance.verdict,
        balance_reasons=balance.reasons,
        analysed_share=sample.sizes["treatment"] / submitted if submitted and whole else None,
        estimates_agree=e.adjusted.difference * e.unadjusted.difference >= 0
        or not (e.adjusted.low <= 0 <= e.adjusted.high),
    )
    failed = balance.verdict == "fail"
    warning = (
        f"The groups could not be made alike ({'; '.join(balance.reasons)}). Read this result with great caution."
        if failed
        else None
    )
    return r.Verdict(
        case=decided.case,
        confidence=decided.confidence,
        held_back_by=decided.held_back_by,
        reasons=decided.reasons,
        warning=warning,
    )


def _none_if_nan(value: float | None) -> float | None:
    return None if value is None or value != value else float(value)
