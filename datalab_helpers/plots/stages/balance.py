"""The love plot: standardised differences before and after, of one analysis or of several beside one another."""

from __future__ import annotations

import numpy as np

from ...balance import BalanceTable
from ...matching.differences import RED
from .picture import GREY, MARKS, ORANGE, Picture, axes_of, legend_below, shortened

MOST_ROWS = 30


def plot_balance(*balances: BalanceTable) -> Picture | None:
    """Standardised mean differences before and after matching, the largest before first.

    Several balances are drawn over one another, a mark and a colour for each: analyses of a
    request, or one analysis matched in several ways. Before and order are those of the first.
    """
    judged = [balance for balance in balances if not balance.rows.empty]
    if not judged:
        return None
    first = judged[0]
    order = first.rows["smd_before"].abs().sort_values(ascending=False, kind="stable").index
    rows = first.rows.loc[order[:MOST_ROWS][::-1]]
    labels = [shortened(label) for label in rows["label"]]
    figure, (axes,) = axes_of(0.3 + 0.24 * len(rows), labels)
    place = np.arange(len(rows))
    axes.plot(rows["smd_before"], place, "o", mfc="none", color=ORANGE, label="before matching")
    for balance, (mark, colour) in zip(judged, MARKS * len(judged), strict=False):
        after = balance.rows.set_index("label")["smd_after"].reindex(rows["label"])
        name = "after matching" if len(judged) == 1 else balance.analysis
        axes.plot(after, place, mark, color=colour, label=name, ms=5 if len(judged) > 1 else 6)
    for line in (-RED, RED):
        axes.axvline(line, color=GREY, lw=1, ls="--")
    axes.set_yticks(place, labels)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    title = f"{first.analysis}: {first.verdict}" if len(judged) == 1 else "Differences left after matching"
    axes.set(title=title, xlabel="standardised mean difference (positive: treatment group higher)")
    legend_below(figure, axes)
    return Picture(figure, _alt(first) if len(judged) == 1 else _beside(judged))


def _beside(balances: list[BalanceTable]) -> str:
    """Of several the worst alone: each has a picture and a text of its own too."""
    left = {balance.analysis: balance.rows["smd_after"].abs().max() for balance in balances}
    worst = max(left, key=lambda name: left[name])
    return (
        f"{len(balances)} analyses over one another. The largest difference left is {left[worst]:.2f} standard deviations, "
        f"in {shortened(worst)}."
    )


def _alt(balance: BalanceTable) -> str:
    before, after = (balance.rows[column].abs() for column in ("smd_before", "smd_after"))
    red = int((balance.rows["rating"] == "red").sum())
    return (
        f"{balance.analysis}, {balance.verdict}: the largest of {len(after)} differences goes from {before.max():.2f} "
        f"({balance.rows['label'][before.idxmax()]}) to {after.max():.2f} standard deviations "
        f"({balance.rows['label'][after.idxmax()]}); {red} lie beyond {RED:g}."
    )
