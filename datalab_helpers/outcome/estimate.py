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
from ..matching import Design, MatchedSample, design, effective_size, select
from ..request import Request
from ..store import Seal, Store, TableStore
from ..tables import as_html, as_text
from .effects import Effect, adjusted, detectable, explained, unadjusted

FEW = 60  # people: below this the regression takes the score and the lab's core covariates only
PEOPLE_A_TERM = 5  # effective size of both groups for each term of the full regression
FEWEST_SHOWN = 30  # people: a screen is shown around, so measures of fewer are counted and not listed
CURVE_DAYS = list(range(0, 361, 30))


@dataclass(frozen=True)
class OutcomeEstimate:
    """One measure in one analysis; differences are treatment minus comparison.

    Values are proportions (binary), numbers per person (count), days, or the measure's unit.
    `positive_*` count the people for whom the measure is not zero; disclosure control needs them.
    `spread` is the standard deviation in the comparison group.
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
    spread: float | None = None


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

    def could_be_seen(self) -> pd.DataFrame:
        """For each measure the people and the smallest change seen four times in five, from the design alone."""
        shown = [e for e in self.estimates if e.n_treatment >= FEWEST_SHOWN and e.detectable is not None]
        return pd.DataFrame(
            [
                {
                    "analysis": self.analysis,
                    "measure": e.measure.label,
                    "people": e.n_treatment,
                    "comparison worth": round(e.n_comparison_effective),
                    "detectable": round(e.detectable or 0.0, 3),
                }
                for e in shown
            ]
        )

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
        shown = shown[shown["people"] >= FEWEST_SHOWN].round(3)
        shown["p"] = ["" if np.isnan(p) else "<0.001" if p < 0.001 else f"{p:.3f}" for p in shown["p"]]
        hidden = len(self.estimates) - len(shown)
        note = (
            f"<p>{hidden} measures rest on fewer than {FEWEST_SHOWN} people and are not shown.</p>"
            if hidden
            else ""
        )
        return (
            f"<p><b>{html.escape(self.analysis)}</b>: difference = treatment - comparison, adjusted for covariates, with its 95 % interval; "
            f"beside it the unadjusted one.</p>{as_html(shown)}{note}"
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


def primary_of(request: Request) -> Measure:
    """The measure by which a request is judged, named before outcomes open."""
    return next(m for m in measures_of(request) if m.name == request.settings.outcome.primary)


@guarded
def open_outcomes(
    request: Request, store: Store | TableStore, cohort: Cohort, samples: list[MatchedSample], seal: Seal
) -> pd.DataFrame:
    """Every outcome measure by unit_id, of everyone in a sample. Needs the seal of these very samples.

    The people of the pool who were not matched are among them: other choices, which the sealed plan
    allows for, would have matched some of them.
    """
    seal.check()
    planned = json.loads(seal.path.read_text(encoding="utf-8"))["analyses"]
    changed = [
        s.analysis for s in samples if planned.get(s.analysis, {}).get("people_sha256") != s.fingerprint()
    ]
    if changed:
        raise LockError(
            f"outcomes stay closed: {', '.join(changed)} changed after the plan was sealed; run 03_balance again"
        )
    wanted = pd.concat([s.people.index.to_series() for s in samples if not s.refused]).unique()
    units = cohort.people.loc[cohort.people.index.isin(wanted)].sort_index().reset_index()
    return store.follow_up(
        units[[c for c in ("unit_id", "person_id", "time_zero") if c in units.columns]], seal
    )


@guarded
def estimate(request: Request, cohort: Cohort, sample: MatchedSample, outcomes: pd.DataFrame) -> Outcomes:
    """Every measure of one analysis. People for whom a measure does not apply are left out of it."""
    analysis = next(a for a in request.analyses if a.name == sample.analysis)
    matched = sample.people[sample.people["weight"] > 0].sort_index()
    adjusters = adjusters_of(select(cohort, analysis), sample).rows(sample.people["weight"].to_numpy() > 0)
    estimates = [
        estimate_measure(measure, matched, outcomes.loc[matched.index, measure.name], adjusters)
        for measure in measures_of(request)
    ]
    curve, counts = _curve(measures_of(request), matched, outcomes.loc[matched.index])
    return Outcomes(sample.analysis, request.settings.outcome.primary, estimates, curve, counts)


@dataclass(frozen=True, eq=False)
class Adjusters:
    """What a regression may allow for: the terms of the propensity model, or with few people a short list.

    full : the propensity model's terms, shape (n, k), of about unit spread
    short : the score and the lab's core covariates, shape (n, s); told : their names
    """

    full: np.ndarray
    short: np.ndarray
    told: list[str]

    def rows(self, chosen: np.ndarray) -> Adjusters:
        """The same for some of the people."""
        return Adjusters(self.full[chosen], self.short[chosen], self.told)

    def of(self, treated: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, str]:
        """The covariates for people of these weights, and their names.

        Which of the two it is follows from the number of people alone (their effective size for each
        term), never from what happened to them.
        """
        sizes = [effective_size(weight[group]) for group in (treated, ~treated)]
        if sizes[0] >= FEW and sum(sizes) >= PEOPLE_A_TERM * self.full.shape[1]:
            return self.full, f"the {self.full.shape[1]} terms of the propensity model"
        return self.short, f"{', '.join(self.told)} (few people)"


def adjusters_of(cohort: Cohort, sample: MatchedSample) -> Adjusters:
    """The adjusters of everyone in a sample, in the order of its rows."""
    return adjusters(
        design(cohort, bool(sample.settings["squares"])), sample.people["score"].to_numpy(), cohort
    )


def adjusters(model: Design, score: np.ndarray, cohort: Cohort) -> Adjusters:
    """The adjusters that a propensity model's terms and its scores give."""
    core = [
        label
        for c in cohort.covariates.values()
        if c["core"] and (label := c["label"]) in model.matrix.columns
    ]
    standardised = (score - score.mean()) / (score.std() or 1.0)
    short = np.column_stack([standardised, model.matrix[core]])
    return Adjusters(model.matrix.to_numpy(), short, ["propensity score", *map(str.lower, core)])


def estimate_measure(
    measure: Measure, matched: pd.DataFrame, outcome: pd.Series, adjusters: Adjusters
) -> OutcomeEstimate:
    """One measure among matched people; rows of all three agree."""
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
    x, told = adjusters.rows(applies).of(treated, weight)
    person = people["person_id"].to_numpy()
    effective = effective_size(weight[~treated], person[~treated])
    comparison = float(np.average(y[~treated], weights=weight[~treated]))
    spread = float(np.sqrt(np.average((y[~treated] - comparison) ** 2, weights=weight[~treated])))
    return OutcomeEstimate(
        **sizes,
        n_comparison_effective=effective,
        treatment=float(np.average(y[treated], weights=weight[treated])),
        comparison=comparison,
        unadjusted=unadjusted(y, treated, weight, person),
        adjusted=adjusted(y, treated, weight, person, x),
        adjusted_for=told,
        detectable=detectable(spread, float(treated.sum()), effective, explained(y, treated, weight, x)),
        spread=spread,
    )


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
