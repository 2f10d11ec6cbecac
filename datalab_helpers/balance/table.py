"""Are the groups alike? Judged on every covariate level before any outcome is opened."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..errors import MatchingError, guarded
from ..intake import Cohort
from ..matching import (
    DENOMINATOR,
    MatchedSample,
    denominators,
    expand,
    labels_of,
    rating,
    select,
    standardised_differences,
)
from ..matching.levels import NUMBERS
from ..request import Request
from ..tables import as_html, as_text
from .statistics import column_statistics, family_statistics, score_statistics, stratum_statistics
from .verdict import judge

SMALLEST_SHOWN = 30  # people: a screen is shown around, so strata of fewer are counted and not listed


@dataclass(frozen=True, eq=False, repr=False)
class BalanceTable:
    """How alike the groups are, and the verdict by rule.

    rows : covariate, level, label, family, in_model, kind, unit, mean_treatment (matched), mean_pool,
        mean_comparison, spread (standard deviation of the matched treatment group), smd_before, smd_after,
        variance_ratio_before, variance_ratio, ks_before, ks, rating; worst after matching first
    verdict : pass, pass with reservations, fail, or not analysed
    reasons : what kept the verdict from a plain pass
    families : one row a family of covariates (see `family_statistics`)
    strata : one row an exact stratum with matched people (see `stratum_statistics`)
    scores : Rubin's B and R, overlap and support of the propensity score (see `score_statistics`)
    """

    analysis: str
    rows: pd.DataFrame
    verdict: str
    reasons: list[str]
    denominator: str
    families: pd.DataFrame = field(default_factory=pd.DataFrame)
    strata: pd.DataFrame = field(default_factory=pd.DataFrame)
    scores: dict[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        if self.rows.empty:
            return f"<p><b>{html.escape(self.analysis)}</b>: not analysed.</p>"
        counts = self.rows["rating"].value_counts()
        shown = ["label", "smd_before", "smd_after", "variance_ratio", "ks", "rating"]
        worst = as_html(self.rows.head(5)[shown])
        colours = ", ".join(f"{int(counts.get(colour, 0))} {colour}" for colour in ("green", "amber", "red"))
        why = f" ({'; '.join(self.reasons)})" if self.reasons else ""
        s = self.scores
        return (
            f"<p><b>{html.escape(self.analysis)}: {self.verdict}</b>{html.escape(why)}. {colours} of {len(self.rows)} covariate levels. "
            f"SMD over the {self.denominator}; positive means the treatment group is higher. The worst five:</p>{worst}"
            f"<p>Scores: Rubin's B {s['rubin_b_before']:.2f} before and {s['rubin_b']:.2f} after (below 0.25 is close), "
            f"R {s['rubin_r_before']:.2f} and {s['rubin_r']:.2f} (0.5 to 2 is close), overlap {s['overlap_before']:.0%} and {s['overlap']:.0%}.</p>"
            f"{as_html(self.families[['family', 'levels', 'worst_before', 'worst_after', 'green', 'amber', 'red']])}"
            f"{self._strata_html()}"
        )

    def _strata_html(self) -> str:
        """The worst exact strata, those of few people as a count."""
        if len(self.strata) < 2:
            return ""
        large = self.strata[self.strata["treatment"] >= SMALLEST_SHOWN]
        small = self.strata[self.strata["treatment"] < SMALLEST_SHOWN]
        rest = (
            f" {len(small)} more hold fewer than {SMALLEST_SHOWN} matched participants each."
            if len(small)
            else ""
        )
        listed = as_html(large.head(5)) if len(large) else ""
        return (
            f"<p>Inside the exact strata, the worst of {len(large)} with at least {SMALLEST_SHOWN} matched participants "
            f"(few people differ more by chance).{rest}</p>{listed}"
        )


def overview(balances: list[BalanceTable]) -> pd.DataFrame:
    """One row an analysis: verdict, colours, worst differences, Rubin's B and R, overlap."""
    rows: list[dict[str, object]] = []
    for balance in balances:
        row: dict[str, object] = {"analysis": balance.analysis, "verdict": balance.verdict}
        if not balance.rows.empty:
            counts = balance.rows["rating"].value_counts()
            row |= {colour: int(counts.get(colour, 0)) for colour in ("green", "amber", "red")}
            row |= {when: balance.rows[f"smd_{when}"].abs().max() for when in ("before", "after")}
            row |= {name: balance.scores[name] for name in ("rubin_b", "rubin_r", "overlap")}
        rows.append(row)
    colours, sizes = ["green", "amber", "red"], ["before", "after", "rubin_b", "rubin_r", "overlap"]
    table = pd.DataFrame(rows).reindex(columns=["analysis", "verdict", *colours, *sizes])
    return table.astype(dict.fromkeys(colours, "Int64"))


@guarded
def assess_balance(cohort: Cohort, sample: MatchedSample, request: Request) -> BalanceTable:
    """Balance of one analysis on every covariate level, in the propensity model or not.

    Means, SMD, variance ratio (treatment over comparison, numbers only) and the largest gap
    between the weighted distribution functions (KS), each before and after matching; the same by
    family, inside each exact stratum, and of the scores.
    """
    if sample.refused:
        return BalanceTable(sample.analysis, pd.DataFrame(), "not analysed", [sample.refused], DENOMINATOR)
    analysis = next(a for a in request.analyses if a.name == sample.analysis)
    own = select(cohort, analysis)
    levels = expand(own)
    people = sample.people
    if not own.people.index.equals(people.index):
        raise MatchingError(
            "the cohort and the matched sample are of different people; run 02_matching again"
        )
    treated, weight = people["treated"].to_numpy(), people["weight"].to_numpy()
    spread = denominators(levels, treated)
    before = standardised_differences(levels, treated, np.ones(len(people)), spread)
    after = standardised_differences(levels, treated, weight, spread)
    described = [own.covariates[covariate] for covariate, _ in levels.names]
    labels = labels_of(own, levels)
    numbers = [
        c["kind"] in NUMBERS and not level for c, (_, level) in zip(described, levels.names, strict=True)
    ]
    left_out = {label for label, _ in sample.dropped}
    found = column_statistics(levels, treated, weight)
    rows = pd.DataFrame(
        {
            "covariate": [c["label"] for c in described],
            "level": [level for _, level in levels.names],
            "label": labels,
            "family": [c["family"] for c in described],
            "in_model": [
                c["label"] not in left_out and label not in left_out
                for c, label in zip(described, labels, strict=True)
            ],
            "kind": ["number" if is_number else "share" for is_number in numbers],
            "unit": [c["unit"] for c in described],
            **{name: found[name] for name in ("mean_treatment", "mean_pool", "mean_comparison")},
            "smd_before": before,
            "smd_after": after,
            **{
                name: np.where(numbers, found[name], np.nan)
                for name in ("variance_ratio_before", "variance_ratio")
            },
            "spread": denominators(levels, treated & (weight > 0)),
            "ks_before": found["ks_before"],
            "ks": found["ks"],
            "rating": [rating(smd) for smd in after],
        }
    )
    verdict, reasons = judge(after, sample.sizes)
    order = np.lexsort((rows["label"], -np.abs(after)))
    return BalanceTable(
        sample.analysis,
        rows.iloc[order].reset_index(drop=True),
        verdict,
        reasons,
        DENOMINATOR,
        family_statistics(rows),
        stratum_statistics(levels, labels, people, spread),
        score_statistics(people["score"].to_numpy(), treated, weight),
    )
