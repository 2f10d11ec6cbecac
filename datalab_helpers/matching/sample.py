"""The result of matching: one analysis's people with their weights, and how they were chosen."""

from __future__ import annotations

import hashlib
import html
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ..errors import MatchingError
from ..tables import MATCHED, as_html, as_text, check

FEWEST_DESCRIBED = 10  # people: averages of fewer would describe persons


@dataclass(frozen=True, eq=False, repr=False)
class MatchedSample:
    """One analysis's people with their score, exact stratum and matching weight.

    people : indexed by unit_id; person_id, treated, score (log-odds), stratum, weight. Matched
        treated have weight 1, unmatched 0; comparison weights sum to the matched treated.
    grid : one row a caliper tried: caliper, worst_smd, mean_smd (of |SMD|), treatment, comparison,
        comparison_effective, passes, chosen
    settings : method, scale, caliper, caliper_unit, replacement, ratio, common_support, squares, exact
    terms : number of columns in the propensity model; dropped : its left-out terms with reasons
    refused : why this analysis cannot be made; empty when it can
    model : one row a term of the propensity model: term, unit, coefficient (log-odds), se, odds_ratio, low, high
    unmatched : how many of the treatment group have no comparator, by reason
    lost : how they differ from the matched, one row a covariate level, worst first: label, mean_matched,
        mean_lost, smd (lost - matched, over the treatment group's standard deviation before matching)
    """

    analysis: str
    people: pd.DataFrame
    grid: pd.DataFrame
    settings: dict[str, Any]
    terms: int
    dropped: list[list[str]]
    refused: str
    model: pd.DataFrame = field(default_factory=pd.DataFrame)
    unmatched: dict[str, int] = field(default_factory=dict)
    lost: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        check(self.people, MATCHED)
        weight, treated = self.people["weight"].to_numpy(), self.people["treated"].to_numpy()
        if abs(weight[treated].sum() - weight[~treated].sum()) > 1e-6 * max(1.0, weight.sum()):
            raise MatchingError("comparison weights do not sum to the number of matched treated people")

    @property
    def sizes(self) -> dict[str, float]:
        """People before and after matching; effective size is (sum w)^2 / sum w^2."""
        weight, treated = self.people["weight"].to_numpy(), self.people["treated"].to_numpy()
        used = ~treated & (weight > 0)
        return {
            "treatment_before": int(treated.sum()),
            "treatment": int((weight[treated] > 0).sum()),
            "pool": int((~treated).sum()),
            "comparison": int(used.sum()),
            # One person may stand in the pool with several index events, and tells no more for it.
            "comparison_effective": effective_size(weight[used], self.people["person_id"].to_numpy()[used]),
        }

    def fingerprint(self) -> str:
        """Fixes who is in the sample and with which weight (to 9 places), whatever the row order."""
        people = self.people.sort_index()
        digest = hashlib.sha256("\n".join(map(str, people.index)).encode())
        digest.update(people["treated"].to_numpy("uint8").tobytes())
        digest.update(np.rint(people["weight"].to_numpy() * 1e9).astype("<i8").tobytes())
        return digest.hexdigest()

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        if self.refused:
            return f"<p><b>{html.escape(self.analysis)}</b> is not analysed: {html.escape(self.refused)}</p>"
        s = self.sizes
        grid = self.grid.assign(
            **{name: self.grid[name].map({True: "yes", False: ""}) for name in ("passes", "chosen")}
        )
        tried = as_html(grid, blank="none")
        return (
            f"<p><b>{html.escape(self.analysis)}</b>: {html.escape(self.told())}; {self.terms} terms in the model, {len(self.dropped)} left out.</p>"
            f"<table><tr><th></th><th>before</th><th>matched</th><th>effective size</th></tr>"
            f"<tr><td>treatment group</td><td>{s['treatment_before']:,}</td><td>{s['treatment']:,}</td><td></td></tr>"
            f"<tr><td>comparison group</td><td>{s['pool']:,}</td><td>{s['comparison']:,}</td>"
            f"<td>{s['comparison_effective']:,.0f}</td></tr></table>"
            f"{self._lost_html()}<p>Calipers tried:</p>{tried}"
        )

    def told(self) -> str:
        """The choices in a line."""
        s = self.settings
        within = f"within {', '.join(map(str.lower, s['exact_labels'])) or 'no exact strata'}"
        support = {
            "none": "",
            "treated_range": ", comparators inside the treatment group's range of scores",
            "both": ", both groups inside their common range of scores",
        }[s["common_support"]]
        if s["method"] == "entropy":
            return f"entropy balancing {within}{support}"
        unit = "SD" if s["caliper_unit"] == "sd" else "points"
        caliper = "no caliper" if s["caliper"] is None else f"caliper {s['caliper']:g} {unit}"
        how = f"{s['method']} matching"
        if s["method"] == "nearest":
            how = f"nearest {s['ratio']}:1 matching with{'' if s['replacement'] else 'out'} replacement"
        return f"{how} on the {s['scale']}, {caliper}, {within}{support}"

    def _lost_html(self) -> str:
        """Who of the treatment group is left out, why, and on what they differ most."""
        count = sum(self.unmatched.values())
        if not count:
            return ""
        reasons = "; ".join(f"{number:,} {reason}" for reason, number in self.unmatched.items())
        said = f"<p>Not matched: {count:,} of the treatment group ({html.escape(reasons)})."
        if count < FEWEST_DESCRIBED or self.lost.empty:
            return said + "</p>"
        return f"{said} Those lost differ most from those matched in:</p>{as_html(self.lost.head(3))}"


def overview(samples: list[MatchedSample]) -> pd.DataFrame:
    """One row an analysis: people before and after, effective size, the caliper taken and the difference left."""
    rows: list[dict[str, Any]] = []
    for sample in samples:
        row: dict[str, Any] = {"analysis": sample.analysis, "refused": sample.refused}
        if not sample.refused:
            taken = sample.grid[sample.grid["chosen"]].iloc[0]
            row |= sample.sizes | {"caliper": taken["caliper"], "worst_smd": taken["worst_smd"]}
        rows.append(row)
    columns = ["analysis", "treatment_before", "treatment", "pool", "comparison", "comparison_effective"]
    table = pd.DataFrame(rows).reindex(columns=[*columns, "caliper", "worst_smd", "refused"])
    return table.astype(dict.fromkeys(columns[1:-1], "Int64"))


def effective_size(weight: np.ndarray, person: np.ndarray | None = None) -> float:
    """(sum w)^2 / sum w^2: the number of equally weighted people who would tell as much.

    Parameters
    ----------
    person : labels equal for the rows of one person, whose weights are added first
    """
    if person is not None and len(weight):
        weight = np.bincount(pd.factorize(person)[0], weight)
    total = float((weight**2).sum())
    return float(weight.sum() ** 2 / total) if total > 0 else 0.0
