"""Open the outcomes of a sealed plan and estimate every measure, the unadjusted and the adjusted."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..errors import LockError, guarded
from ..intake import Cohort
from ..lab import Measure
from ..matching import MatchedSample, design, effective_size, select
from ..request import Request
from ..store import Seal, Store, TableStore
from ..tables import as_text
from .effects import Effect, adjusted, detectable, explained, unadjusted

FEW = 60  # people: below this the regression takes the score and the lab's core covariates only
PEOPLE_A_TERM = 5  # effective size of both groups for each term of the full regression
CURVE_DAYS = list(range(0, 361, 30))


@dataclass(frozen=True)
class OutcomeEstimate:
    """One measure in one analysis; differences are treatment minus comparison.

    Values are proportions (binary), numbers per person (count), days, or the measure's unit.
    `positive_*` count the people for whom the measure is not zero; disclosure control needs them.
    """

    measure: Measure
    n_treatment: int
    n_comparison: int
    n_comparison_effective: float
    treatment: float
    comparison: float
    positive_treatment: int
    positive_comparison: int
    unadjusted: Effect | None
    adjusted: Effect | None
    adjusted_for: str
    detectable: float | None


@dataclass(frozen=True, eq=False, repr=False)
class Outcomes:
    """All measures of one analysis, and the cumulative incidence of the first event."""

    analysis: str
    primary: str
    estimates: list[OutcomeEstimate]
    curve: dict[str, list[float]] | None = None
    counts: dict[str, list[int]] | None = field(default=None, repr=False)

    @property
    def headline(self) -> OutcomeEstimate:
        """The estimate of the primary measure."""
        return next(e for e in self.estimates if e.measure.name == self.primary)

    def table(self) -> pd.DataFrame:
        """The estimates as a table, unrounded."""
        return pd.DataFrame(
            [
                {
                    "measure": e.measure.label,
                    "people": e.n_treatment,
                    "treatment": e.treatment,
                    "comparison": e.comparison,
                    "difference": e.adjusted.difference if e.adjusted else np.nan,
                    "low": e.adjusted.low if e.adjusted else np.nan,
                    "high": e.adjusted.high if e.adjusted else np.nan,
                    "p": e.adjusted.p if e.adjusted else np.nan,
                    "unadjusted": e.unadjusted.difference if e.unadjusted else np.nan,
                }
                for e in self.estimates
            ]
        )

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        shown = self.table()
        # The run folder is private, yet a screen is shown around: small groups stay hidden here too.
        shown = shown[shown["people"] >= 30].round(3)
        hidden = len(self.estimates) - len(shown)
        note = f"<p>{hidden} measures rest on fewer than 30 people and are not shown.</p>" if hidden else ""
        return (
            f"<p><b>{html.escape(self.analysis)}</b>: difference = treatment - comparison, adjusted for covariates, with its 95 % interval; "
            f"beside it the unadjusted one.</p>{shown.to_html(index=False, border=0, na_rep='')}{note}"
        )


def measures_of(request: Request) -> list[Measure]:
    """The outcome measures of a request: its lab's, or those its analysis table names."""
    table = request.settings.table
    if table is None:
        return request.lab.measures
    return [
        Measure(
            name=o.name, label=o.label, kind=o.kind, good=o.good, unit=o.unit, short=o.label, meaning=o.label
        )
        for o in table.outcomes
    ]


@guarded
def open_outcomes(
    request: Request, store: Store | TableStore, cohort: Cohort, samples: list[MatchedSample], seal: Seal
) -> pd.DataFrame:
    """Every outcome measure of the matched people, by unit_id. Needs the seal of these very samples."""
    seal.check()
    planned = json.loads(seal.path.read_text(encoding="utf-8"))["analyses"]
    changed = [
        s.analysis for s in samples if planned.get(s.analysis, {}).get("people_sha256") != s.fingerprint()
    ]
    if changed:
        raise LockError(
            f"outcomes stay closed: {', '.join(changed)} changed after the plan was sealed; run 03_balance again"
        )
    wanted = pd.concat([s.people.index[s.people["weight"] > 0].to_series() for s in samples]).unique()
    units = cohort.people.loc[cohort.people.index.isin(wanted)].sort_index().reset_index()
    return store.follow_up(
        units[[c for c in ("unit_id", "person_id", "time_zero") if c in units.columns]], seal
    )


@guarded
def estimate(request: Request, cohort: Cohort, sample: MatchedSample, outcomes: pd.DataFrame) -> Outcomes:
    """Every measure of one analysis. People for whom a measure does not apply are left out of it."""
    analysis = next(a for a in request.analyses if a.name == sample.analysis)
    matched = sample.people[sample.people["weight"] > 0].sort_index()
    own = select(cohort, analysis)
    own = own.keep(own.people.loc[matched.index])
    estimates = [
        _estimate(
            measure, own, matched, outcomes.loc[matched.index, measure.name], bool(sample.settings["squares"])
        )
        for measure in measures_of(request)
    ]
    curve, counts = _curve(measures_of(request), matched, outcomes.loc[matched.index])
    return Outcomes(sample.analysis, request.settings.outcome.primary, estimates, curve, counts)


def _estimate(
    measure: Measure, cohort: Cohort, matched: pd.DataFrame, outcome: pd.Series, squares: bool
) -> OutcomeEstimate:
    applies = outcome.notna().to_numpy()
    people, y = matched[applies], outcome.to_numpy()[applies]
    treated, weight = people["treated"].to_numpy(), people["weight"].to_numpy()
    sizes = {
        "measure": measure,
        "n_treatment": int(treated.sum()),
        "n_comparison": int((~treated).sum()),
        "positive_treatment": int((y[treated] != 0).sum()),
        "positive_comparison": int((y[~treated] != 0).sum()),
    }
    if min(sizes["n_treatment"], sizes["n_comparison"]) < 2:
        return OutcomeEstimate(
            **sizes,
            n_comparison_effective=0.0,
            treatment=np.nan,
            comparison=np.nan,
            unadjusted=None,
            adjusted=None,
            adjusted_for="",
            detectable=None,
        )
    x, told = _covariates(cohort, people, squares)
    effective = weight[~treated].sum() ** 2 / (weight[~treated] ** 2).sum()
    comparison = float(np.average(y[~treated], weights=weight[~treated]))
    spread = float(np.sqrt(np.average((y[~treated] - comparison) ** 2, weights=weight[~treated])))
    return OutcomeEstimate(
        **sizes,
        n_comparison_effective=float(effective),
        treatment=float(np.average(y[treated], weights=weight[treated])),
        comparison=comparison,
        unadjusted=unadjusted(y, treated, weight),
        adjusted=adjusted(y, treated, weight, people["person_id"].to_numpy(), x),
        adjusted_for=told,
        detectable=detectable(
            spread, float(treated.sum()), float(effective), explained(y, treated, weight, x)
        ),
    )


def _covariates(cohort: Cohort, people: pd.DataFrame, squares: bool) -> tuple[np.ndarray, str]:
    """The regression's covariates: the propensity model's own, or with few people the score and the core ones.

    Which of the two follows from the number of people alone (their effective size for each term),
    never from what happened to them.
    """
    own = cohort.keep(cohort.people.loc[people.index])
    full = design(own, squares).matrix
    sizes = [
        effective_size(people["weight"][group].to_numpy())
        for group in (people["treated"], ~people["treated"])
    ]
    if sizes[0] >= FEW and sum(sizes) >= PEOPLE_A_TERM * full.shape[1]:
        return full.to_numpy(), f"the {full.shape[1]} terms of the propensity model"
    core = [c["label"] for c in own.covariates.values() if c["core"] and c["label"] in full.columns]
    score = people["score"] - people["score"].mean()
    x = np.column_stack([score / (score.std() or 1.0), full[core]])
    return x[:, np.ptp(x, axis=0) > 0], ", ".join(
        ["propensity score", *map(str.lower, core)]
    ) + " (few people)"


def _curve(
    measures: list[Measure], matched: pd.DataFrame, outcomes: pd.DataFrame
) -> tuple[dict[str, list[float]] | None, dict[str, list[int]] | None]:
    """Share of everyone with a first event by each day, and the counts behind it.

    Everyone is followed to the end, so no one is censored and the share is a plain weighted mean.
    """
    days = next((m.name for m in measures if m.kind == "days" and m.among), None)
    if days is None:
        return None, None
    treated, weight = matched["treated"].to_numpy(), matched["weight"].to_numpy()
    curve: dict[str, list[float]] = {"days": [float(d) for d in CURVE_DAYS]}
    counts: dict[str, list[int]] = {}
    for name, group in (("treatment", treated), ("comparison", ~treated)):
        reached = [(outcomes[days] <= day).to_numpy()[group] for day in CURVE_DAYS]
        curve[name] = [float(np.average(by, weights=weight[group])) for by in reached]
        counts[name] = [int(by.sum()) for by in reached]
    return curve, counts
