"""Pictures of a matched sample: scores, weights, who was lost, and the calipers tried."""

from __future__ import annotations

import numpy as np

from ...matching import MatchedSample
from ...matching.differences import RED
from ...matching.sample import FEWEST_DESCRIBED
from .picture import BLUE, GREY, ORANGE, Picture, axes_of, legend_below, shortened

# Edges of the classes of weight: a comparator of weight 1 stands in for one participant.
WEIGHTS = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, np.inf]
MOST_LOST = 15


def plot_overlap(sample: MatchedSample) -> Picture | None:
    """Propensity scores (log-odds) of both groups, and of the comparison group once weighted."""
    if sample.refused:
        return None
    figure, (axes,) = axes_of(2.6)
    people = sample.people
    treated, score = people["treated"].to_numpy(), people["score"].to_numpy()
    bins = np.histogram_bin_edges(score[treated], bins=40)
    line = {"density": True, "histtype": "step", "lw": 2}
    axes.hist(score[treated], bins, color=BLUE, label="took part", **line)
    axes.hist(score[~treated], bins, color=ORANGE, ls="--", label="did not, before matching", **line)
    weight = people["weight"].to_numpy()[~treated]
    label = "comparison group, matched"
    axes.hist(score[~treated], bins, density=True, weights=weight, color=ORANGE, alpha=0.35, label=label)
    axes.set(
        title=f"{sample.analysis}: scores overlap", xlabel="propensity score (log-odds)", ylabel="density"
    )
    legend_below(figure, axes)
    kept, ends = sample.sizes, [(score[g].min(), score[g].max()) for g in (treated, ~treated)]
    return Picture(
        figure,
        f"{sample.analysis}: scores of those who took part run from {ends[0][0]:.1f} to {ends[0][1]:.1f}, of the pool from "
        f"{ends[1][0]:.1f} to {ends[1][1]:.1f}; {kept['treatment']:,} of {kept['treatment_before']:,} participants matched.",
    )


def plot_weights(sample: MatchedSample) -> Picture | None:
    """How many comparators stand in how heavily, and how much of the whole weight they carry."""
    if sample.refused:
        return None
    weight = sample.people["weight"].to_numpy()[~sample.people["treated"].to_numpy()]
    weight = np.sort(weight[weight > 0])[::-1]
    group = np.digitize(weight, WEIGHTS[1:-1])
    used = range(int(group.min()), int(group.max()) + 1)
    labels = [_class_of_weight(i) for i in used]
    people = np.bincount(group, minlength=len(WEIGHTS))[used.start : used.stop] / len(weight)
    carried = np.bincount(group, weight, minlength=len(WEIGHTS))[used.start : used.stop] / weight.sum()
    figure, (axes,) = axes_of(0.5 + 0.42 * len(labels), labels)
    place = np.arange(len(labels))
    axes.barh(place + 0.19, 100 * people, 0.36, color=ORANGE, label="comparators")
    axes.barh(
        place - 0.19,
        100 * carried,
        0.36,
        color="white",
        edgecolor=BLUE,
        hatch="///",
        label="weight they carry",
    )
    axes.set_yticks(place, labels)
    axes.set(
        title=f"{sample.analysis}: comparators by their weight (1 stands in for one participant)",
        xlabel="per cent of all",
    )
    legend_below(figure, axes)
    heaviest = weight[: max(1, round(len(weight) / 10))].sum() / weight.sum()
    sizes = sample.sizes
    return Picture(
        figure,
        f"{sample.analysis}: {sizes['comparison']:,} comparators tell as much as {sizes['comparison_effective']:,.0f} equally weighted "
        f"people; the heaviest tenth carry {heaviest:.0%} of the weight, and the heaviest one stands in for {weight[0]:.1f} participants.",
    )


def _class_of_weight(place: int) -> str:
    low, high = WEIGHTS[place], WEIGHTS[place + 1]
    if low == 0:
        return f"weight below {high:g}"
    return f"{low:g} or more" if high == np.inf else f"{low:g} to {high:g}"


def plot_lost(sample: MatchedSample) -> Picture | None:
    """How participants who were not matched differ from those who were, the largest difference first.

    None where fewer than ten were lost, since averages of so few describe persons.
    """
    count = sum(sample.unmatched.values())
    if sample.refused or count < FEWEST_DESCRIBED or sample.lost.empty:
        return None
    rows = sample.lost.head(MOST_LOST)[::-1]
    labels = [shortened(label) for label in rows["label"]]
    figure, (axes,) = axes_of(0.3 + 0.26 * len(rows), labels)
    place = np.arange(len(rows))
    axes.hlines(place, 0, rows["smd"], color=GREY, lw=1)
    axes.plot(rows["smd"], place, "o", color=BLUE, label="not matched, against matched")
    axes.axvline(0, color=GREY, lw=1)
    axes.set_yticks(place, labels)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set(
        title=f"{sample.analysis}: {count:,} participants could not be matched",
        xlabel="standardised mean difference (positive: those lost are higher)",
    )
    legend_below(figure, axes)
    worst = sample.lost.iloc[0]
    reasons = "; ".join(f"{number:,} {reason}" for reason, number in sample.unmatched.items())
    return Picture(
        figure,
        f"{sample.analysis}: {count:,} participants not matched ({reasons}). They differ most from those matched in "
        f"{worst['label']}, by {worst['smd']:.2f} standard deviations.",
    )


def plot_calipers(sample: MatchedSample) -> Picture | None:
    """For each caliper tried: the difference left, and how many are kept of both groups."""
    grid = sample.grid
    if sample.refused or len(grid) < 2:
        return None
    figure, (left, right) = axes_of(2.4, panels=2)
    place, labels = np.arange(len(grid)), [f"{caliper:g}" for caliper in grid["caliper"]]
    chosen = int(np.flatnonzero(grid["chosen"])[0])
    left.plot(place, grid["worst_smd"], "o-", color=BLUE, label="largest difference left")
    left.axhline(RED, color=GREY, lw=1, ls="--")
    left.set(title=f"{sample.analysis}: balance", ylabel="standardised mean difference", ylim=(0, None))
    before = sample.sizes["treatment_before"]
    right.plot(place, 100 * grid["treatment"] / before, "o-", color=BLUE, label="participants kept")
    most = grid["comparison_effective"].max() or 1.0
    right.plot(
        place, 100 * grid["comparison_effective"] / most, "s--", color=ORANGE, label="effective comparators"
    )
    right.set(title="People", ylabel="per cent of the most", ylim=(0, 105))
    for axes in (left, right):
        axes.axvspan(chosen - 0.3, chosen + 0.3, color="#D9DCDE", zorder=0)
        axes.set_xticks(place, labels)
        axes.set_xlabel(f"caliper, in {_unit(sample)} (shaded: chosen)")
    handles = [*left.get_lines()[:1], *right.get_lines()]
    figure.legend(handles=handles, frameon=False, loc="lower center", ncols=3)
    row = grid.iloc[chosen]
    return Picture(
        figure,
        f"{sample.analysis}: of {len(grid)} calipers from {labels[0]} to {labels[-1]}, {labels[chosen]} is chosen; the largest difference "
        f"left is {row['worst_smd']:.2f} and {int(row['treatment']):,} of {before:,} participants are kept, with an effective "
        f"{row['comparison_effective']:,.0f} comparators.",
    )


def _unit(sample: MatchedSample) -> str:
    return (
        "SD of the score"
        if sample.settings["caliper_unit"] == "sd"
        else f"points of the {sample.settings['scale']}"
    )
