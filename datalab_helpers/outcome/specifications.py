"""The answer under every defensible choice of a declared grid, so that nobody need ask what else was tried."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..errors import MatchingError, guarded
from ..intake import Cohort
from ..lab import Measure
from ..matching import Design, MatchedSample, Scored, design, propensity, scored, select, specification
from ..request import MatchingSettings, Request
from ..tables import as_text
from .effects import adjusted, unadjusted
from .estimate import Adjusters, OutcomeEstimate, adjusters, primary_of

# The grid, declared before any request: method, comparators for each treated person, replacement.
METHODS = (
    ("radius", 1, True),
    ("kernel", 1, True),
    ("nearest", 1, True),
    ("nearest", 5, True),
    ("nearest", 1, False),
)
CALIPERS = (0.05, 0.1, 0.2)  # standard deviations of the score
MOST_FAMILIES = 4  # left out in turn, those with the most terms first; covariates where there is one family
ALL = "all"
MAIN = "without squares"
LEAST_MATCHED = 0.5  # of those whom the headline matched; a choice that loses more asks another question


@dataclass(frozen=True, eq=False, repr=False)
class SpecificationCurve:
    """The primary measure under every choice; differences are treatment minus comparison, on its own scale.

    rows : method, ratio, replacement, caliper (SD), exact (inside the exact strata or not), covariates
        (all, without squares, or the family left out), adjusted, difference, low, high, treatment (people
        matched); from the lowest difference to the highest
    headline : the estimate that the request is judged by
    left_out : choices that lost too many people, or could not be made
    """

    analysis: str
    measure: Measure
    rows: pd.DataFrame
    headline: float
    left_out: int

    @property
    def median(self) -> float:
        return float(self.rows["difference"].median())

    def share_below(self, value: float) -> float:
        """Share of the choices whose difference is below a value."""
        return float((self.rows["difference"] < value).mean())

    @property
    def same_side(self) -> float:
        """Share of the choices on the headline's side of zero."""
        below = self.share_below(0.0)
        return below if self.headline < 0 else 1 - below

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        ends = self.rows["difference"]
        return (
            f"<p><b>{html.escape(self.analysis)}, {html.escape(self.measure.label)}: {len(self.rows)} choices</b> "
            f"({self.left_out} more lost too many people or could not be made). Differences from {ends.min():.3f} to "
            f"{ends.max():.3f}, half of them below {self.median:.3f}; the headline is {self.headline:.3f}. "
            f"{self.share_below(0.0):.0%} are below zero.</p>"
        )


@guarded
def specification_curve(
    request: Request, cohort: Cohort, sample: MatchedSample, outcomes: pd.DataFrame, headline: OutcomeEstimate
) -> SpecificationCurve:
    """Match and estimate the primary measure anew for each choice of the grid.

    Method x caliper x exact strata or none x covariates x with or without regression. The lab's core
    covariates always stay. Outcomes come from `open_outcomes`, hence from a sealed plan.
    """
    analysis = next(a for a in request.analyses if a.name == sample.analysis)
    own = select(cohort, analysis)
    measure = primary_of(request)
    y = outcomes.loc[own.people.index, measure.name].to_numpy()
    treated = own.people["treated"].to_numpy()
    least = max(request.lab.defaults.smallest_group, LEAST_MATCHED * headline.n_treatment)
    strata = {True: sample.people["stratum"].cat.codes.to_numpy(), False: np.zeros(len(y), dtype=np.int64)}
    if len(sample.people["stratum"].cat.categories) < 2:
        del strata[False]
    found, left_out = [], 0
    for covariates, model in _models(design(own, True), own):
        try:
            fitted = propensity(own.people["treated"], model)
        except MatchingError:
            left_out += 1
            continue
        score = fitted.score.to_numpy()
        may_adjust = adjusters(fitted.design, score, own)
        for exact, stratum in strata.items():
            ready = scored(treated, score, stratum)
            for settings, caliper in _choices():
                rows = _estimates(
                    ready, settings, caliper, own.people["person_id"].to_numpy(), y, may_adjust, least
                )
                left_out += 2 - len(rows)
                found += [
                    {
                        **settings.model_dump(include={"method", "ratio", "replacement"}),
                        "caliper": caliper,
                        "exact": exact,
                        "covariates": covariates,
                        **row,
                    }
                    for row in rows
                ]
    if headline.adjusted is None or not found:
        raise MatchingError(f"{sample.analysis}: no other choice can be made with so few people")
    table = pd.DataFrame(found)
    order = np.lexsort((table.index, table["difference"]))
    return SpecificationCurve(
        sample.analysis,
        measure,
        table.iloc[order].reset_index(drop=True),
        headline.adjusted.difference,
        left_out,
    )


def _choices() -> list[tuple[MatchingSettings, float]]:
    return [
        (MatchingSettings(method=method, ratio=ratio, replacement=replacement), caliper)  # type: ignore[arg-type]
        for method, ratio, replacement in METHODS
        for caliper in CALIPERS
    ]


def _models(full: Design, cohort: Cohort) -> list[tuple[str, Design]]:
    """Every set of covariates: all, without squares, and without each family (or covariate) in turn."""
    labels = list(full.matrix.columns)
    group = "family" if len({c["family"] for c in cohort.covariates.values()}) > 1 else "label"
    family = {label: _covariate_of(label, cohort)[group] for label in labels}
    core = {label for label in labels if _covariate_of(label, cohort)["core"]}
    sets = [(ALL, labels), (MAIN, [label for label in labels if not label.endswith(", squared")])]
    names = sorted(set(family.values()), key=lambda name: (-list(family.values()).count(name), name))
    if len(names) > 1:
        sets += [
            (name, [label for label in labels if family[label] != name or label in core])
            for name in names[:MOST_FAMILIES]
        ]
    unique = {tuple(kept): name for name, kept in reversed(sets) if kept}
    return [(name, _of(full, set(kept))) for kept, name in reversed(unique.items())]


def _covariate_of(label: str, cohort: Cohort) -> dict:
    """The covariate that a term of the model belongs to, the longest label first."""
    return max(
        (
            c
            for c in cohort.covariates.values()
            if label == c["label"] or label.startswith((f"{c['label']}: ", f"{c['label']}, "))
        ),
        key=lambda c: len(c["label"]),
    )


def _of(full: Design, labels: set[str]) -> Design:
    kept = np.array([label in labels for label in full.matrix.columns])
    if kept.all():
        return full
    return replace(
        full,
        matrix=full.matrix.loc[:, kept],
        units=[unit for unit, keep in zip(full.units, kept, strict=True) if keep],
        spreads=full.spreads[kept],
    )


def _estimates(
    people: Scored,
    settings: MatchingSettings,
    caliper: float,
    person: np.ndarray,
    y: np.ndarray,
    may_adjust: Adjusters,
    least: float,
) -> list[dict]:
    """The unadjusted and the adjusted difference of one way to match; none where it loses too many people."""
    weight = specification(people, settings, caliper)
    used = (weight > 0) & ~np.isnan(y)
    treated, weight = people.treated[used], weight[used]
    if treated.sum() < least or (~treated).sum() < least:
        return []
    x, _ = may_adjust.rows(used).of(treated, weight)
    effects = {
        False: unadjusted(y[used], treated, weight, person[used]),
        True: adjusted(y[used], treated, weight, person[used], x),
    }
    return [
        {
            "adjusted": is_adjusted,
            "difference": e.difference,
            "low": e.low,
            "high": e.high,
            "treatment": int(treated.sum()),
        }
        for is_adjusted, e in effects.items()
    ]
