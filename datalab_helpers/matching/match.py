"""Match people to people: comparators with very similar scores inside exact strata."""

from __future__ import annotations

import hashlib
import html
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ..errors import MatchingError, guarded
from ..intake import Cohort, heading_key
from ..request import Analysis, MatchingSettings, Request
from ..tables import MATCHED, as_text, check
from .design import design
from .differences import denominators, passes, standardised_differences
from .levels import Levels, coded, expand
from .propensity import propensity
from .weights import nearest_weights, radius_weights

DELAY_LABEL = "Delay before the start"


@dataclass(frozen=True, eq=False, repr=False)
class MatchedSample:
    """One analysis's people with their score, exact stratum and matching weight.

    people : indexed by unit_id; person_id, treated, score (log-odds), stratum, weight. Matched
        treated have weight 1, unmatched 0; comparison weights sum to the matched treated.
    grid : one row a caliper tried: caliper, worst_smd, treatment, comparison_effective, passes, chosen
    settings : method, scale, caliper, caliper_unit, replacement, ratio, squares, exact
    terms : number of columns in the propensity model; dropped : its left-out terms with reasons
    refused : why this analysis cannot be made; empty when it can
    model : one row a term of the propensity model: term, unit, coefficient (log-odds), se, odds_ratio, low, high
    """

    analysis: str
    people: pd.DataFrame
    grid: pd.DataFrame
    settings: dict[str, Any]
    terms: int
    dropped: list[list[str]]
    refused: str
    model: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        check(self.people, MATCHED)
        weight, treated = self.people["weight"], self.people["treated"]
        if abs(weight[treated].sum() - weight[~treated].sum()) > 1e-6 * max(1.0, weight.sum()):
            raise MatchingError("comparison weights do not sum to the number of matched treated people")

    @property
    def sizes(self) -> dict[str, float]:
        """People before and after matching; effective size is (sum w)^2 / sum w^2."""
        weight, treated = self.people["weight"], self.people["treated"]
        return {
            "treatment_before": int(treated.sum()),
            "treatment": int((weight[treated] > 0).sum()),
            "pool": int((~treated).sum()),
            "comparison": int((weight[~treated] > 0).sum()),
            # One person may stand in the pool with several index events, and tells no more for it.
            "comparison_effective": effective_size(
                weight[~treated].groupby(self.people["person_id"]).sum().to_numpy()
            ),
        }

    def fingerprint(self) -> str:
        """Fixes who is in the sample and with which weight (to 9 places), whatever the row order."""
        people = self.people.sort_index()
        lines = zip(people.index, people["treated"], people["weight"], strict=True)
        return hashlib.sha256(
            "\n".join(f"{unit} {int(t)} {w:.9f}" for unit, t, w in lines).encode()
        ).hexdigest()

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        if self.refused:
            return f"<p><b>{html.escape(self.analysis)}</b> is not analysed: {html.escape(self.refused)}</p>"
        s, set_ = self.sizes, self.settings
        caliper = "none" if set_["caliper"] is None else f"{set_['caliper']:g} {set_['caliper_unit']}"
        return (
            f"<p><b>{html.escape(self.analysis)}</b>: {set_['method']} matching on the {set_['scale']}, caliper {caliper}, "
            f"within {', '.join(set_['exact']) or 'no exact strata'}; {self.terms} terms in the model, {len(self.dropped)} left out.</p>"
            f"<table><tr><th></th><th>before</th><th>matched</th><th>effective size</th></tr>"
            f"<tr><td>treatment group</td><td>{s['treatment_before']:,}</td><td>{s['treatment']:,}</td><td></td></tr>"
            f"<tr><td>comparison group</td><td>{s['pool']:,}</td><td>{s['comparison']:,}</td>"
            f"<td>{s['comparison_effective']:,.0f}</td></tr></table>"
            f"<p>Calipers tried:</p>{self.grid.round(3).to_html(index=False, border=0, na_rep='none')}"
        )


def effective_size(weight: np.ndarray) -> float:
    """(sum w)^2 / sum w^2: the number of equally weighted people who would tell as much."""
    total = float((weight**2).sum())
    return float(weight.sum() ** 2 / total) if total > 0 else 0.0


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
    exact = request.exact(analysis)
    own = select(cohort, analysis)
    people = own.people
    if "delay_band" in people.columns and people["delay_band"].nunique() > 1:
        exact = [*exact, "delay_band"]
    smallest = request.lab.defaults.smallest_group
    treated, pool = int(people["treated"].sum()), int((~people["treated"]).sum())
    if min(treated, pool) < smallest:
        return _refusal(
            analysis, own, f"{treated} people to analyse and {pool} to compare them with", smallest
        )
    levels = expand(own)
    model = propensity(people["treated"], design(own, settings.squares, levels))
    frame = people[["person_id", "treated"]].assign(score=model.score, stratum=_strata(people, exact))
    tried = _try_calipers(frame, levels, settings)
    caliper, weight = next((c, w) for c, w, row in tried if row["chosen"])
    frame = frame.assign(weight=weight)
    matched, comparison = (
        int((weight[frame["treated"]] > 0).sum()),
        int((weight[~frame["treated"]] > 0).sum()),
    )
    if min(matched, comparison) < smallest:
        return _refusal(analysis, own, f"{matched} people could be matched, to {comparison} others", smallest)
    labels = [own.covariates[name]["label"] if name in own.covariates else DELAY_LABEL for name in exact]
    chosen = settings.model_dump(exclude={"grid"}) | {
        "caliper": caliper,
        "exact": exact,
        "exact_labels": labels,
    }
    return MatchedSample(
        analysis=analysis.name,
        people=frame,
        grid=pd.DataFrame([row for _, _, row in tried]),
        settings=chosen,
        terms=len(model.terms) - 1,
        dropped=[list(pair) for pair in model.design.dropped],
        refused="",
        model=model.terms,
    )


def _refusal(analysis: Analysis, cohort: Cohort, found: str, smallest: int) -> MatchedSample:
    """End the headline with the counts; refuse another analysis without them, since that is published."""
    if analysis.headline:
        raise MatchingError(
            f"{analysis.name}: {found}; at least {smallest} of each are needed. Pool more years or sites, or send "
            "more people; nothing about so few people can be published safely"
        )
    people = cohort.people[["person_id", "treated"]].assign(score=0.0, stratum="", weight=0.0)
    reason = f"fewer than {smallest} people could be analysed, or compared with"
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
    frame: pd.DataFrame, levels: Levels, settings: MatchingSettings
) -> list[tuple[float | None, pd.Series, dict[str, Any]]]:
    """Match at every caliper of the grid; mark the widest that passes on balance, else the best.

    Only covariates are looked at. A caliper given in the request is the whole grid.
    """
    calipers: list[float | None] = (
        sorted(settings.grid, reverse=True) if settings.caliper == "auto" else [settings.caliper]
    )
    treated = frame["treated"].to_numpy()
    spread = denominators(levels, treated)
    tried = []
    for caliper in calipers:
        weight = _weights(frame, settings, caliper)
        w = weight.to_numpy()
        row: dict[str, Any] = {
            "caliper": caliper,
            "worst_smd": None,
            "treatment": int((w[treated] > 0).sum()),
            "comparison_effective": effective_size(
                weight[~treated].groupby(frame["person_id"]).sum().to_numpy()
            ),
            "passes": False,
            "chosen": False,
        }
        if row["treatment"]:
            smd = standardised_differences(levels, treated, w, spread)
            row |= {"worst_smd": float(np.abs(smd).max()), "passes": passes(smd)}
        tried.append((caliper, weight, row))
    passing = [row for _, _, row in tried if row["passes"]]
    matched = [row for _, _, row in tried if row["worst_smd"] is not None]
    best = (
        passing[0] if passing else min(matched, key=lambda row: row["worst_smd"]) if matched else tried[0][2]
    )
    best["chosen"] = True
    return tried


def _weights(frame: pd.DataFrame, settings: MatchingSettings, caliper: float | None) -> pd.Series:
    """Matching weights at one caliper, stratum by stratum."""
    score = frame["score"].to_numpy()
    if settings.scale == "probability":
        score = np.round(1 / (1 + np.exp(-score)), 12)
    unit = float(score.std(ddof=1)) if settings.caliper_unit == "sd" else 1.0
    width = np.inf if caliper is None else caliper * unit
    treated = frame["treated"].to_numpy()
    weight = np.zeros(len(frame))
    # Rows come in order of unit id, so a stable sort by score settles ties by unit id.
    for rows in frame.reset_index().groupby("stratum", sort=True).indices.values():
        rows = rows[np.argsort(score[rows], kind="stable")]
        t, p = rows[treated[rows]], rows[~treated[rows]]
        if not len(t) or not len(p):
            continue
        if settings.method == "radius":
            matched, shares = radius_weights(score[t], score[p], width)
        else:
            matched, shares = nearest_weights(score[t], score[p], width, settings.ratio, settings.replacement)
        weight[t], weight[p] = matched.astype("float64"), shares
    return pd.Series(weight, index=frame.index, name="weight")
