"""From the stage results to `Results`: everything that may be published, and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ..balance import BalanceTable
from ..errors import guarded
from ..intake import Cohort
from ..matching import MatchedSample
from ..outcome import LATE, LATE_SHARE, Design, Outcomes, Trust, decide
from ..request import Request
from ..run import Run, are_invented, method_version, records_sha256, sha256
from . import results as r
from .attrition import attrition, linking
from .covariates import balance_of, hidden_rows, listed_rows, none_if_nan, rows_of
from .groups import (
    CLOSE_TO,
    headline_first,
    headline_of,
    headline_pool_is_told,
    lattice_of,
    refusals,
    without_pool,
)
from .measures import curve, hidden_measures, measures_of_analysis, reason_to_hide
from .record import CLOSE, LOST, RECORD, Record
from .trust import told_checks, trust_of

EVERYONE = "everyone who could be analysed"


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
    defaults = request.lab.defaults
    smallest = defaults.smallest_count
    record = Record({"smallest_group": defaults.smallest_group, "smallest_count": smallest})
    by_name = {o.analysis: o for o in outcomes}
    refused = refusals(request, samples, balances, by_name, smallest)
    first = {s.analysis: s for s in headline_first(request, samples) if s.analysis not in refused}
    tables = {b.analysis: b for b in balances}
    headline = first[headline_of(request)]
    treatment, pool = attrition(cohort, headline, smallest, record, headline_pool_is_told(first, smallest))
    funnels = ({step.count for step in treatment}, {step.count for step in pool})
    lattice = lattice_of(first, smallest)
    no_pool = without_pool(first, lattice.pool, funnels[1], smallest)
    lattice = replace(lattice, pool=[g for g in lattice.pool if not set(g.members) & no_pool])
    told = {
        n: frozenset(_described(request, s).casefold().split("; ")) - {EVERYONE} for n, s in first.items()
    }
    rows = listed_rows({n: tables[n] for n in first}, told)
    held = Held(
        hidden_rows(rows, {n: s.sizes for n, s in first.items()}, told, lattice, smallest, record),
        hidden_measures(request, {n: by_name[n] for n in first}, lattice.treatment, record),
    )  # fmt: skip
    for name, why in refused.items():
        if why.startswith(CLOSE_TO):
            record.add(name, "analysis", "all of it", CLOSE)
    analyses = [
        _refused(request, sample, refused[sample.analysis])
        if sample.analysis in refused
        else _analysis(
            request,
            cohort,
            sample,
            tables[sample.analysis],
            rows[sample.analysis],
            by_name[sample.analysis],
            held,
            _sizes(sample, sample is headline, funnels[0], no_pool, record),
            trust if trust and trust.analysis == sample.analysis else None,
            record,
        )
        for sample in samples
    ]
    settings = request.settings
    facts = cohort.facts
    begun, ended = _period(cohort, smallest)
    run.write("outcome", RECORD, json.dumps(record.as_dict(), indent=1, ensure_ascii=False) + "\n")
    return r.Results(
        schema_version=r.SCHEMA_VERSION,
        about=r.about_of(request),
        frame=r.Frame(
            invented=not settings.table and are_invented(run.records),
            released_on=settings.release.on.isoformat() if settings.release.on else None,
            contact=settings.release.contact,
            starts_from="table" if settings.table else "submission",
            time_zero=facts["time_zero"],
            index_events=facts["index_events"],
            follow_up_months=request.lab.follow_up.months if request.lab.follow_up else None,
            waiting_months=request.lab.follow_up.waiting_months if request.lab.follow_up else None,
            index_from=begun,
            index_to=ended,
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
        held_back=[r.HeldBack(why=why, numbers=numbers) for why, numbers in record.held_back().items()],
        provenance=r.Provenance(
            request_sha256=sha256(request.path),
            input_sha256=sha256(request.input_path),
            records_sha256=None if settings.table else records_sha256(run.records),
        ),
    )


def _period(cohort: Cohort, smallest: int) -> tuple[str | None, str | None]:
    """First and last month of the index dates, where both have enough participants; else years; else nothing.

    A month in which one person was released tells the organisation who it was; a later one with enough people in
    its place would say of some that they were not there.
    """
    if "index_date" not in cohort.people:
        return None, None
    dates = cohort.people.loc[cohort.people["treated"], "index_date"]
    for form in ("%Y-%m", "%Y"):
        counts = dates.dt.strftime(form).value_counts()
        first, last = min(counts.index), max(counts.index)
        if min(counts[first], counts[last]) >= smallest:
            return str(first), str(last)
    return None, None


@dataclass(frozen=True)
class Held:
    """What is held back of each analysis: (covariate, level) of shares, and measures with the reason."""

    rows: dict[str, set[tuple[str, str]]]
    measures: dict[str, dict[str, str]]


def _refused(request: Request, sample: MatchedSample, why: str) -> r.AnalysisResult:
    return r.AnalysisResult(
        **_named(request, sample),
        refused=why,
        sizes=None,
        matching=None,
        balance=None,
        measures=[],
        curve=None,
        verdict=None,
        profile=[],
    )


def _named(request: Request, sample: MatchedSample) -> dict[str, Any]:
    analysis = next(a for a in request.analyses if a.name == sample.analysis)
    return {
        "name": sample.analysis,
        "headline": analysis.headline,
        "described": _described(request, sample),
        "words": request.lab.words_within(analysis.within),
    }


def _analysis(
    request: Request,
    cohort: Cohort,
    sample: MatchedSample,
    balance: BalanceTable,
    table: pd.DataFrame,
    outcomes: Outcomes,
    held: Held,
    sizes: r.Sizes,
    trust: Trust | None,
    record: Record,
) -> r.AnalysisResult:
    smallest = request.lab.defaults.smallest_count
    hidden = held.measures[sample.analysis]
    named = _named(request, sample)
    with_pool = sizes.pool is not None
    told = outcomes.primary not in hidden
    verdict = _verdict(request, cohort, sample, balance, outcomes, trust) if told else None
    rows, profile = rows_of(table, held.rows[sample.analysis], with_pool)
    return r.AnalysisResult(
        **named,
        refused=None,
        sizes=sizes,
        matching=_matching(sample, balance),
        balance=balance_of(balance, rows),
        measures=measures_of_analysis(request, outcomes, hidden),
        # Of the others the events between two days could be had by taking them from the headline's.
        curve=curve(request, outcomes, hidden, smallest, record) if named["headline"] else None,
        verdict=verdict,
        profile=profile,
        trust=trust_of(request, trust, outcomes.headline, with_pool) if trust and verdict else None,
    )


def _sizes(
    sample: MatchedSample, headline: bool, funnel: set[int | None], no_pool: set[str], record: Record
) -> r.Sizes:
    """Sizes after matching, and those before where no few people can be had from them.

    Before matching, the headline's must be a number of the published funnel: steps were joined there. Another
    analysis's would tell, beside the headline's number of people it was chosen by, how many were not matched.
    """
    sizes = dict(sample.sizes)
    if sizes["treatment_before"] not in ({sizes["treatment"]} | (funnel if headline else set())):
        sizes["treatment_before"] = None
        record.add(sample.analysis, "sizes", "people before matching", LOST)
    if sample.analysis in no_pool:
        sizes["pool"] = None
        record.add(sample.analysis, "sizes", "the pool, and shares of it", LOST)
    return r.Sizes(**sizes)


def _described(request: Request, sample: MatchedSample) -> str:
    analysis = next(a for a in request.analyses if a.name == sample.analysis)
    parts = [f"{_label(request, name).lower()}: {value}" for name, value in analysis.within.items()]
    parts += [f"participants with {name} = {value}" for name, value in analysis.only.items()]
    return "; ".join(parts) or EVERYONE


def _label(request: Request, name: str) -> str:
    covariate = request.lab.covariate_labels.get(name)
    return covariate.label if covariate else name


def _matching(sample: MatchedSample, balance: BalanceTable) -> r.Matching:
    s = sample.settings
    steps = [
        r.CaliperStep(
            caliper=none_if_nan(row["caliper"]),
            # Finer, it would tell the spread before matching, and with it who was not matched.
            worst_smd=None if pd.isna(row["worst_smd"]) else round(row["worst_smd"], 2),
            treatment=row["treatment"] if row["chosen"] else _fives(row["treatment"]),
            # With one comparator each it is the number of people matched.
            comparison_effective=row["comparison_effective"]
            if row["chosen"]
            else _fives(row["comparison_effective"]),
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
        dropped=[r.Dropped(label=label, reason=_no_count(reason)) for label, reason in sample.dropped],
        grid=steps,
    )


def _fives(count: float) -> int:
    return 5 * round(count / 5)


def _no_count(reason: str) -> str:
    """Why a term was left out, without saying that nobody, or everybody, of one group has it."""
    return "too few people for a term of its own" if reason.startswith(("nobody", "everybody")) else reason


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
        checks=trust and told_checks(request, trust, e.adjusted.low, e.adjusted.high),
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
