"""Match people to people: comparators with very similar scores inside exact strata."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..errors import MatchingError, TooFewError, guarded
from ..intake import Cohort, heading_key
from ..request import Analysis, MatchingSettings, Request
from .design import design
from .differences import denominators, passes, standardised_differences
from .levels import Levels, coded, expand, labels_of
from .propensity import propensity
from .sample import MatchedSample, effective_size
from .specification import Scored, scored, specification, supported

DELAY_LABEL = "Delay before the start"


def select(cohort: Cohort, analysis: Analysis) -> Cohort:
    """The cohort of one analysis: `within` keeps both groups, `only` chooses among participants.

    MatchingError when nobody has a value that `within` names.
    """
    people = cohort.people
    for name, value in analysis.within.items():
        values = people[name].astype("str")
        if not (values.str.casefold() == value.casefold()).any():
            raise MatchingError(
                f"{analysis.name}: nobody has `{name}` = {value!r}; the values are {', '.join(sorted(values.unique()))}"
            )
        people = people[values.str.casefold() == value.casefold()]
    for name, value in analysis.only.items():
        keep = cohort.groups.index[cohort.groups[heading_key(name)] == value.lower()]
        people = people[~people["treated"] | people.index.isin(keep)]
    return cohort.keep(people)


@guarded
def match(request: Request, cohort: Cohort, analysis: Analysis) -> MatchedSample:
    """The matched sample of one analysis; outcomes are neither needed nor there.

    A headline that cannot be matched raises MatchingError; another analysis comes back with
    `refused` saying why, so that one thin sub-group never stops a request.
    """
    settings = request.matching(analysis)
    own = select(cohort, analysis)
    people = own.people
    smallest = request.lab.defaults.smallest_group
    treated = people["treated"].to_numpy()
    few = f"fewer than {smallest} people could be analysed, or compared with"
    if min(treated.sum(), (~treated).sum()) < smallest:
        found = f"{treated.sum()} people to analyse and {(~treated).sum()} to compare them with"
        return _refusal(analysis, own, TooFewError(_too_few(analysis, found, smallest)), few)
    exact = request.exact(analysis)
    if "delay_band" in people.columns and people["delay_band"].nunique() > 1:
        exact = [*exact, "delay_band"]
    stratum = _strata(people, exact)
    levels = expand(own)
    try:
        model = propensity(people["treated"], design(own, settings.squares, levels))
        terms = model.design.matrix.to_numpy() if settings.method == "entropy" else None
        ready = scored(treated, model.score.to_numpy(), stratum.cat.codes.to_numpy(), terms)
        tried = _try_calipers(ready, people["person_id"], levels, settings)
    except MatchingError as error:
        return _refusal(analysis, own, MatchingError(f"{analysis.name}: {error}"), str(error))
    caliper, weight = next((c, w) for c, w, row in tried if row["chosen"])
    unmatched = _unmatched(ready, settings, weight)
    matched, comparison = (int((weight[group] > 0).sum()) for group in (treated, ~treated))
    if min(matched, comparison) < smallest:
        reasons = "; ".join(f"{count} {reason}" for reason, count in unmatched.items())
        found = f"{matched} people could be matched, to {comparison} others ({reasons})"
        message = (
            _too_few(analysis, found, smallest) + ". Fewer exact strata or a wider caliper would keep more"
        )
        return _refusal(analysis, own, TooFewError(message), few)
    labels = [own.covariates[name]["label"] if name in own.covariates else DELAY_LABEL for name in exact]
    return MatchedSample(
        analysis=analysis.name,
        people=people[["person_id", "treated"]].assign(score=model.score, stratum=stratum, weight=weight),
        grid=pd.DataFrame([row for _, _, row in tried]),
        settings=settings.model_dump(exclude={"grid"})
        | {"caliper": caliper, "exact": exact, "exact_labels": labels},
        terms=len(model.terms) - 1,
        dropped=[list(pair) for pair in model.design.dropped],
        refused="",
        model=model.terms,
        unmatched=unmatched,
        lost=_lost(labels_of(own, levels), levels, treated, weight),
    )


def _too_few(analysis: Analysis, found: str, smallest: int) -> str:
    return (
        f"{analysis.name}: {found}; at least {smallest} of each are needed. Pool more years or sites, or send "
        "more people; nothing about so few people can be published safely"
    )


def _refusal(analysis: Analysis, cohort: Cohort, error: MatchingError, reason: str) -> MatchedSample:
    """End the headline with the error; refuse another analysis with a reason that may be published."""
    if analysis.headline:
        raise error
    people = cohort.people[["person_id", "treated"]].assign(score=0.0, stratum="", weight=0.0)
    return MatchedSample(analysis.name, people, pd.DataFrame(), {}, 0, [], reason)


def _strata(people: pd.DataFrame, exact: list[str]) -> pd.Series:
    """The exact stratum of each person as text; one stratum when nothing is exact, and one for "not recorded"."""
    texts: list[str] = ["everyone"]
    place = np.zeros(len(people), dtype=np.int64)
    for position, name in enumerate(exact):
        codes, levels = coded(people[name])
        present, place = np.unique(place * len(levels) + codes, return_inverse=True)
        before = texts if position else [""]
        texts = [
            (before[i // len(levels)] + " | " if position else "") + levels[i % len(levels)] for i in present
        ]
    return pd.Series(pd.Categorical.from_codes(place, texts), index=people.index)


def _try_calipers(
    people: Scored, person: pd.Series, levels: Levels, settings: MatchingSettings
) -> list[tuple[float | None, np.ndarray, dict[str, Any]]]:
    """Match at every caliper of the grid; mark the widest that passes on balance, else the best.

    Only covariates are looked at. A caliper given in the request is the whole grid, and so is none.
    """
    calipers: list[float | None] = (
        [None]
        if settings.method == "entropy"
        else sorted(settings.grid, reverse=True)
        if settings.caliper == "auto"
        else [settings.caliper]
    )
    treated = people.treated
    spread = denominators(levels, treated)
    persons = person.to_numpy()[~treated]
    tried = []
    for caliper in calipers:
        weight = specification(people, settings, caliper)
        shares = weight[~treated]
        used = shares > 0
        row: dict[str, Any] = {
            "caliper": caliper,
            "worst_smd": None,
            "mean_smd": None,
            "treatment": int((weight[treated] > 0).sum()),
            "comparison": int(used.sum()),
            "comparison_effective": effective_size(shares[used], persons[used]),
            "passes": False,
            "chosen": False,
        }
        if row["treatment"]:
            smd = standardised_differences(levels, treated, weight, spread)
            size = np.abs(smd)
            row |= {"worst_smd": float(size.max()), "mean_smd": float(size.mean()), "passes": passes(smd)}
        tried.append((caliper, weight, row))
    passing = [row for _, _, row in tried if row["passes"]]
    matched = [row for _, _, row in tried if row["worst_smd"] is not None]
    best = (
        passing[0] if passing else min(matched, key=lambda row: row["worst_smd"]) if matched else tried[0][2]
    )
    best["chosen"] = True
    return tried


def _unmatched(people: Scored, settings: MatchingSettings, weight: np.ndarray) -> dict[str, int]:
    """How many treated people have no comparator, by the first reason that holds."""
    left = people.treated & (weight == 0)
    reasons = {}
    for strata, reason in (
        (people.strata, "with nobody of the pool in their exact stratum"),
        (supported(people, settings.common_support), "with a score outside the common range"),
    ):
        there = np.zeros(len(left), dtype=bool)
        for own, _ in strata:
            there[own] = True
        reasons[reason] = int((left & ~there).sum())
        left = left & there
    taken = settings.method == "nearest" and not settings.replacement
    reasons["with nobody " + ("near enough who was not taken" if taken else "near enough")] = int(left.sum())
    return {reason: count for reason, count in reasons.items() if count}


def _lost(labels: list[str], levels: Levels, treated: np.ndarray, weight: np.ndarray) -> pd.DataFrame:
    """How the unmatched of the treatment group differ from the matched, worst first."""
    kept, gone = treated & (weight > 0), treated & (weight == 0)
    if not (kept.any() and gone.any()):
        return pd.DataFrame()
    means = [np.array([x[group].mean() for x in levels.columns]) for group in (kept, gone)]
    spread = denominators(levels, treated)
    smd = np.divide(means[1] - means[0], spread, out=np.zeros(len(spread)), where=spread > 0)
    rows = pd.DataFrame({"label": labels, "mean_matched": means[0], "mean_lost": means[1], "smd": smd})
    return rows.iloc[np.lexsort((labels, -np.abs(np.round(smd, 12))))].reset_index(drop=True)
