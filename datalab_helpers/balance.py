"""Are the groups alike? Judged on every covariate level before any outcome is opened."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .errors import MatchingError, guarded
from .intake import Cohort
from .matching import (
    DENOMINATOR,
    MatchedSample,
    denominators,
    expand,
    rating,
    select,
    standardised_differences,
)
from .matching.design import NUMBERS
from .matching.differences import RED, passes
from .request import Request
from .tables import as_text

# Beyond a quarter of a standard deviation regression cannot be trusted to repair a difference
# (Rubin 2001, Health Services and Outcomes Research Methodology 2).
HOPELESS = 0.25
RED_SHARE = 0.10  # more red rows than this share fails
MATCHED_SHARE = 0.80  # fewer of the treatment group matched than this is a reservation


@dataclass(frozen=True, eq=False, repr=False)
class BalanceTable:
    """How alike the groups are, and the verdict by rule.

    rows : covariate, level, label, family, in_model, kind, unit, mean_treatment (matched), mean_pool,
        mean_comparison, smd_before, smd_after, variance_ratio, ks, rating; worst after matching first
    verdict : pass, pass with reservations, fail, or not analysed
    reasons : what kept the verdict from a plain pass
    """

    analysis: str
    rows: pd.DataFrame
    verdict: str
    reasons: list[str]
    denominator: str

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        if self.rows.empty:
            return f"<p><b>{html.escape(self.analysis)}</b>: not analysed.</p>"
        counts = self.rows["rating"].value_counts()
        worst = (
            self.rows.head(5)[["label", "smd_before", "smd_after", "rating"]]
            .round(3)
            .to_html(index=False, border=0)
        )
        colours = ", ".join(f"{int(counts.get(colour, 0))} {colour}" for colour in ("green", "amber", "red"))
        why = f" ({'; '.join(self.reasons)})" if self.reasons else ""
        return (
            f"<p><b>{html.escape(self.analysis)}: {self.verdict}</b>{why}. {colours} of {len(self.rows)} covariate levels. "
            f"SMD over the {self.denominator}; positive means the treatment group is higher. The worst five:</p>{worst}"
        )


@guarded
def assess_balance(cohort: Cohort, sample: MatchedSample, request: Request) -> BalanceTable:
    """Balance of one analysis on every covariate level, in the propensity model or not.

    Means, SMD before and after, variance ratio (treatment over comparison, continuous only) and
    the largest gap between the weighted distribution functions (KS).
    """
    if sample.refused:
        return BalanceTable(sample.analysis, pd.DataFrame(), "not analysed", [sample.refused], DENOMINATOR)
    analysis = next(a for a in request.analyses if a.name == sample.analysis)
    own = select(cohort, analysis)
    levels = expand(own)
    people = sample.people
    if not levels.index.equals(people.index):
        raise MatchingError(
            "the cohort and the matched sample are of different people; run 02_matching again"
        )
    treated, weight = people["treated"].to_numpy(), people["weight"].to_numpy()
    spread = denominators(levels, treated)
    x, ones = levels.to_numpy(), np.ones(len(people))
    after = standardised_differences(levels, treated, weight, spread)
    names = [own.covariates[covariate] for covariate, _ in levels.columns]
    left_out = {label for label, _ in sample.dropped}
    continuous = np.array(
        [c["kind"] in NUMBERS and not level for c, (_, level) in zip(names, levels.columns, strict=True)]
    )
    rows = pd.DataFrame(
        {
            "covariate": [c["label"] for c in names],
            "level": [level for _, level in levels.columns],
            "label": [
                c["label"] + (f": {level}" if level else "")
                for c, (_, level) in zip(names, levels.columns, strict=True)
            ],
            "family": [c["family"] for c in names],
            "in_model": [
                c["label"] not in left_out and f"{c['label']}: {level}" not in left_out
                for c, (_, level) in zip(names, levels.columns, strict=True)
            ],
            "kind": ["number" if is_number else "share" for is_number in continuous],
            "unit": [c["unit"] for c in names],
            "mean_treatment": np.average(x[treated], axis=0, weights=weight[treated]),
            "mean_pool": x[~treated].mean(axis=0),
            "mean_comparison": np.average(x[~treated], axis=0, weights=weight[~treated]),
            "smd_before": standardised_differences(levels, treated, ones, spread),
            "smd_after": after,
            "variance_ratio": np.where(continuous, _variance_ratios(x, treated, weight), np.nan),
            "ks": [_ks(x[:, column], treated, weight) for column in range(x.shape[1])],
            "rating": [rating(smd) for smd in after],
        }
    )
    verdict, reasons = judge(after, sample.sizes)
    order = np.lexsort((rows["label"], -np.abs(after)))
    return BalanceTable(
        sample.analysis, rows.iloc[order].reset_index(drop=True), verdict, reasons, DENOMINATOR
    )


def judge(smd: np.ndarray, sizes: dict[str, float]) -> tuple[str, list[str]]:
    """The verdict on a balance, and what kept it from a plain pass.

    fail: a difference above HOPELESS, or more than one level and RED_SHARE of them red. Reservations: any
    red level, more than AMBER_SHARE amber, fewer than MATCHED_SHARE of the treatment group
    matched, or a comparison group that tells less than the treatment group's own size.
    """
    size = np.abs(smd)
    red = int((size > RED).sum())
    if size.max() > HOPELESS:
        return "fail", ["at least one characteristic differs far too much between the groups"]
    if red > max(1, RED_SHARE * len(size)):
        return "fail", [f"{red} of {len(size)} characteristics differ clearly between the groups"]
    reasons = []
    if red:
        reasons.append(
            f"{red} of {len(size)} characteristics {'differs' if red == 1 else 'differ'} clearly between the groups"
        )
    elif not passes(smd):
        reasons.append("many characteristics differ a little between the groups")
    if sizes["treatment"] < MATCHED_SHARE * sizes["treatment_before"]:
        reasons.append("fewer than four in five people could be matched")
    if sizes["comparison_effective"] < sizes["treatment"]:
        reasons.append("the comparison group rests on few people")
    return ("pass with reservations" if reasons else "pass"), reasons


def plan(request: Request, samples: list[MatchedSample], balances: list[BalanceTable]) -> dict[str, Any]:
    """What is fixed before outcomes open: settings, who is compared with what weight, and the balance.

    MatchingError when the headline's balance fails and the request does not say to publish with
    a warning: then no outcome is ever opened.
    """
    headline = next(a.name for a in request.analyses if a.headline)
    table = next(b for b in balances if b.analysis == headline)
    if table.verdict == "fail" and request.settings.release.if_unbalanced == "refuse":
        raise MatchingError(
            f"{headline}: the groups could not be made alike ({'; '.join(table.reasons)}). Outcomes stay closed. "
            "Try other exact strata or a finer caliper grid, or set `release.if_unbalanced: publish_with_warning`"
        )
    return {
        "request": request.settings.model_dump(mode="json"),
        "primary": request.settings.outcome.primary,
        "smallest_difference": request.smallest_difference,
        "analyses": {
            sample.analysis: {
                "refused": sample.refused,
                "settings": sample.settings,
                "sizes": sample.sizes,
                "people_sha256": sample.fingerprint(),
                "balance": balance.verdict,
            }
            for sample, balance in zip(samples, balances, strict=True)
        },
    }


def _variance_ratios(x: np.ndarray, treated: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted variance of the treatment group over that of the comparison group, per column."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _variances(x[treated], weight[treated]) / _variances(x[~treated], weight[~treated])


def _variances(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Variance with reliability weights: the usual n - 1 when all weights are equal."""
    total = weight.sum()
    mean = np.average(x, axis=0, weights=weight)
    return weight @ (x - mean) ** 2 * total / (total**2 - (weight**2).sum())


def _ks(x: np.ndarray, treated: np.ndarray, weight: np.ndarray) -> float:
    """Largest gap between the two weighted distribution functions."""
    order = np.argsort(x, kind="stable")
    signed = np.where(treated, weight / weight[treated].sum(), -weight / weight[~treated].sum())[order]
    last_of_value = np.append(np.diff(x[order]) > 0, True)
    return float(np.abs(np.cumsum(signed)[last_of_value]).max())
