"""The specification curve: the main measure under every choice of the grid, the headline marked."""

from __future__ import annotations

import numpy as np

from ...outcome import SpecificationCurve
from .picture import BLUE, GREY, ORANGE, Picture, axes_of, legend_below


def plot_specifications(curve: SpecificationCurve | None) -> Picture | None:
    """Differences with their 95 % intervals from the lowest to the highest; None where none was made."""
    if curve is None or curve.rows.empty:
        return None
    rows = curve.rows.sort_values("difference", kind="stable")
    place = np.arange(len(rows))
    figure, (axes,) = axes_of(2.6)
    adjusted = rows["adjusted"].to_numpy(bool)
    axes.vlines(place, rows["low"], rows["high"], color=GREY, lw=0.4, alpha=0.5)
    for chosen, mark, colour, label in (
        (adjusted, "o", BLUE, "with regression"),
        (~adjusted, "D", ORANGE, "without"),
    ):
        axes.plot(place[chosen], rows["difference"][chosen], mark, ms=2.5, color=colour, label=label)
    axes.axhline(0, color=GREY, lw=1)
    axes.axhline(curve.headline, color=BLUE, lw=1, ls="--", label="headline")
    axes.set(
        title=f"{curve.analysis}, {curve.measure.label}: treatment - comparison",
        xlabel=f"{len(rows)} choices, from the lowest difference to the highest",
    )
    legend_below(figure, axes)
    lowest, highest = rows["difference"].iloc[[0, -1]]
    return Picture(
        figure,
        f"{curve.analysis}, {curve.measure.label}: {len(rows)} choices give differences from {lowest:.3f} to "
        f"{highest:.3f}, the middle one {curve.median:.3f}; the headline is {curve.headline:.3f}. "
        f"{curve.share_below(0.0):.0%} are below zero.",
    )
