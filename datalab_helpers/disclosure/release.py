"""From the stage results to `Results`: everything that may be published, and nothing else."""

from __future__ import annotations

from ..balance import BalanceTable
from ..errors import DisclosureError, guarded
from ..intake import Cohort
from ..matching import MatchedSample
from ..outcome import LATE, LATE_SHARE, Design, Outcomes, Trust, decide
from ..request import Request
from ..run import Run, method_version, records_sha256, sha256
from . import results as r
from .attrition import attrition, linking
from .covariates import balance_of, counts_of, none_if_nan, rows_of
from .measures import curve, measures_of_analysis, positives, reason_to_hide
from .rules import given_away, too_close
from .trust import trust_of


@guarded
def release(
    run: Run,
    cohort: Cohort,
    samples: list[MatchedSample],
    balances: list[BalanceTable],
    outcomes: list[Outcomes],
    trust: Trust | None = None,
) -> r.Results:
    """The publishable results of a run, small numbers already held back.

    Parameters
    ----------
    samples, balances : one an analysis, in the order of the request
    outcomes : one for each analysis that was not refused
    trust : the checks on the headline; without them no confidence is above moderate
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
    counts = {
        balance.analysis: counts_of(balance, len(taken[balance.analysis]))
        | positives(by_name[balance.analysis])
        for balance in balances
        if balance.analysis in taken and balance.analysis in by_name
    }
    away = given_away({name: group for name, group in taken.items() if name in counts}, counts, smallest)
    analyses = [
        _analysis(
            request,
            cohort,
            sample,
            balance,
            by_name.get(sample.analysis),
            close.get(sample.analysis),
            away.get(sample.analysis, set()),
            trust if trust and trust.analysis == sample.analysis else None,
        )
        for sample, balance in zip(samples, balances, strict=True)
    ]
    headline = next(s for s in samples if s.analysis == _headline(request))
    treatment, pool = attrition(cohort, headline, smallest)
    settings = request.settings
    programme = settings.programme
    facts = cohort.facts
    first, last = _period(cohort, smallest)
    return r.Results(
        schema_version=r.SCHEMA_VERSION,
        about=r.About(
            id=request.id,
            organisation=settings.organisation,
            programme=r.Programme(**{k: str(v) for k, v in programme.model_dump().items()}),
            response=request.response,
            lab=request.lab.name,
            lab_label=request.lab.label,
        ),
        frame=r.Frame(
            starts_from="table" if settings.table else "submission",
            time_zero=facts["time_zero"],
            index_events=facts["index_events"],
            follow_up_months=request.lab.follow_up.months if request.lab.follow_up else None,
            waiting_months=request.lab.follow_up.waiting_months if request.lab.follow_up else None,
            index_from=first,
            index_to=last,
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
        linking=linking(facts, treatment, smallest),
        analyses=analyses,
        provenance=r.Provenance(
            request_sha256=sha256(request.path),
            input_sha256=sha256(request.input_path),
            records_sha256=None if settings.table else records_sha256(run.records),
        ),
    )


def _headline(request: Request) -> str:
    return next(a.name for a in request.analyses if a.headline)


def _headline_first(request: Request, samples: list[MatchedSample]) -> list[MatchedSample]:
    return sorted(samples, key=lambda s: s.analysis != _headline(request))


def _period(cohort: Cohort, smallest: int) -> tuple[str | None, str | None]:
    """First and last month of index dates with enough participants; else years; else nothing.

    A month in which one person was released tells the organisation who it was.
    """
    if "index_date" not in cohort.people:
        return None, None
    dates = cohort.people.loc[cohort.people["treated"], "index_date"]
    for form in ("%Y-%m", "%Y"):
        counts = dates.dt.strftime(form).value_counts()
        enough = counts.index[counts >= smallest]
        if len(enough):
            return min(enough), max(enough)
    return None, None


def _analysis(
    request: Request,
    cohort: Cohort,
    sample: MatchedSample,
    balance: BalanceTable,
    outcomes: Outcomes | None,
    close_to: str | None,
    away: set[str],
    trust: Trust | None,
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
    verdict = (
        None if outcomes.primary in away else _verdict(request, cohort, sample, balance, outcomes, trust)
    )
    rows, profile = rows_of(balance, n, sample.sizes["pool"], smallest, away)
    return r.AnalysisResult(
        **common,
        refused=None,
        sizes=_sizes(sample, smallest),
        matching=_matching(sample, balance),
        balance=balance_of(balance, rows),
        measures=measures_of_analysis(request, outcomes, away),
        curve=None if away & set(positives(outcomes)) else curve(request, outcomes, smallest),
        verdict=verdict,
        profile=profile,
        trust=trust_of(request, trust, outcomes.headline) if trust and verdict else None,
    )


def _sizes(sample: MatchedSample, smallest: int) -> r.Sizes:
    sizes = dict(sample.sizes)
    for before, after in (("treatment_before", "treatment"), ("pool", "comparison")):
        if 0 < sizes[before] - sizes[after] < smallest:
            sizes[before] = None
    return r.Sizes(**sizes)


def _described(request: Request, sample: MatchedSample) -> str:
    analysis = next(a for a in request.analyses if a.name == sample.analysis)
    parts = [f"{_label(request, name).lower()}: {value}" for name, value in analysis.within.items()]
    parts += [f"participants with {name} = {value}" for name, value in analysis.only.items()]
    return "; ".join(parts) or "everyone who could be analysed"


def _label(request: Request, name: str) -> str:
    covariate = request.lab.covariate_labels.get(name)
    return covariate.label if covariate else name


def _matching(sample: MatchedSample, balance: BalanceTable) -> r.Matching:
    s = sample.settings
    steps = [
        r.CaliperStep(
            caliper=none_if_nan(row["caliper"]),
            worst_smd=none_if_nan(row["worst_smd"]),
            treatment=row["treatment"] if row["chosen"] else 5 * round(row["treatment"] / 5),
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
        common_support=s["common_support"],
        exact=s["exact_labels"],
        covariates=balance.rows.loc[balance.rows["in_model"], "covariate"].nunique(),
        dropped=[r.Dropped(label=label, reason=reason) for label, reason in sample.dropped],
        grid=steps,
    )


def _verdict(
    request: Request,
    cohort: Cohort,
    sample: MatchedSample,
    balance: BalanceTable,
    outcomes: Outcomes,
    trust: Trust | None,
) -> r.Verdict | None:
    e = outcomes.headline
    if reason_to_hide(request, e) or e.adjusted is None or e.unadjusted is None:
        return None
    scale = 100.0 if e.measure.kind == "binary" else 1.0
    submitted = cohort.facts.get("submitted")
    analysis = next(a for a in request.analyses if a.name == sample.analysis)
    late = cohort.facts.get("started_after", 0.0) if cohort.facts["time_zero"] == "index" else 0.0
    zero_inside = e.adjusted.low <= 0 <= e.adjusted.high
    design = Design(
        balance=balance.verdict,
        balance_reasons=balance.reasons,
        analysed_share=sample.sizes["treatment"] / submitted if submitted and analysis.headline else None,
        estimates_agree=e.adjusted.difference * e.unadjusted.difference >= 0 or not zero_inside,
        late_share=late,
        selected=bool(analysis.only),
        checks=trust and trust.checks(e.adjusted.low, e.adjusted.high),
    )
    ends = (e.adjusted.low * scale, e.adjusted.high * scale)
    decided = decide(*ends, request.smallest_difference, e.measure.good, design)
    warnings = []
    if balance.verdict == "fail":
        warnings.append(f"The groups could not be made alike: {'; '.join(balance.reasons)}.")
    if late > LATE_SHARE:
        warnings.append(f"{LATE.capitalize()}. This makes any programme look good.")
    return r.Verdict(
        case=decided.case,
        confidence=decided.confidence,
        held_back_by=decided.held_back_by,
        reasons=decided.reasons,
        warning=" ".join([*warnings, "Read this result with great caution."]) if warnings else None,
    )
