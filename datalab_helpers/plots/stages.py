"""Pictures for the analyst, drawn with matplotlib from the objects that the stages hand on.

They are shown in notebooks only and never published; the published ones are drawn from
`Results`, after small numbers were held back.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..balance import BalanceTable
from ..matching import MatchedSample
from ..matching.differences import RED

if TYPE_CHECKING:
    from matplotlib.figure import Figure


BLUE, ORANGE = "#12436D", "#F46A25"
MOST_ROWS = 30


@dataclass(frozen=True)
class Picture:
    """A figure that shows itself in a notebook, with the text that stands for it."""

    figure: Figure
    alt: str

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        held = io.BytesIO()
        # The version of the library is the only thing that would differ between two runs.
        self.figure.savefig(held, format="png", dpi=110, metadata={"Software": None})
        return held.getvalue(), {"alt": self.alt}


def plot_overlap(sample: MatchedSample) -> Picture | None:
    """Propensity scores (log-odds) of both groups, and of the comparison group once weighted."""
    if sample.refused:
        return None
    figure, axes = _axes(3.2)
    people = sample.people
    treated, score = people["treated"], people["score"]
    bins = np.histogram_bin_edges(score[treated], bins=40)
    axes.hist(score[treated], bins, density=True, histtype="step", color=BLUE, lw=2, label="took part")
    axes.hist(
        score[~treated],
        bins,
        density=True,
        histtype="step",
        color=ORANGE,
        lw=2,
        ls="--",
        label="did not, before matching",
    )
    axes.hist(
        score[~treated],
        bins,
        density=True,
        weights=people["weight"][~treated],
        color=ORANGE,
        alpha=0.35,
        label="comparison group, matched",
    )
    axes.set(
        title=f"{sample.analysis}: scores overlap", xlabel="propensity score (log-odds)", ylabel="density"
    )
    axes.legend(frameon=False)
    kept = sample.sizes
    return Picture(
        figure,
        f"{sample.analysis}: scores of both groups; {kept['treatment']} of {kept['treatment_before']} participants matched.",
    )


def plot_balance(balance: BalanceTable) -> Picture | None:
    """Standardised mean differences before and after matching, the largest before first."""
    if balance.rows.empty:
        return None
    rows = balance.rows.reindex(
        balance.rows["smd_before"].abs().sort_values(ascending=False, kind="stable").index
    )[:MOST_ROWS][::-1]
    figure, axes = _axes(1.2 + 0.24 * len(rows))
    place = np.arange(len(rows))
    axes.plot(rows["smd_before"], place, "o", mfc="none", color=ORANGE, label="before matching")
    axes.plot(rows["smd_after"], place, "o", color=BLUE, label="after matching")
    for line in (-RED, RED):
        axes.axvline(line, color="#505A5F", lw=1, ls="--")
    axes.set_yticks(place, rows["label"])
    axes.set(
        title=f"{balance.analysis}: {balance.verdict}",
        xlabel="standardised mean difference (positive: treatment group higher)",
    )
    axes.legend(
        frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.14 if len(rows) > 12 else -0.3), ncols=2
    )
    worst = [float(balance.rows[c].abs().max()) for c in ("smd_before", "smd_after")]
    return Picture(
        figure,
        f"{balance.analysis}: the largest difference goes from {worst[0]:.2f} to {worst[1]:.2f} standard deviations.",
    )


def _axes(height: float) -> tuple[Figure, Any]:
    # Figures made without pyplot belong to nobody else and need not be closed.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes
