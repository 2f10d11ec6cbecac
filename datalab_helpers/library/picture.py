"""Results as lines on a common scale: small ones in the rows of the page, all of them in a notebook."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from ..plots.drawing import BLUE, GREY, ORANGE, PINK, Axis, Drawing
from ..plots.stages.picture import Picture, axes_of, legend_below, shortened
from . import cells, words
from .contents import Average, Library, Ranged, Row, Subject

WIDTH, HEIGHT, EDGE = 240, 28, 8  # of the picture in a row, in pixels
MOST_ROWS = 60  # of a notebook's picture
UNCUT = 0.9  # of the results lie whole on the scale; the others end in an arrow


def axis_of(rows: Iterable[Row], averages: Iterable[Average]) -> Axis:
    """A scale on which every average fits, and nine results in ten."""
    ends = sorted(max(abs(row.raw.low), abs(row.raw.high)) for row in rows if row.raw)
    whole = [max(abs(r.low), abs(r.high)) for p in averages for r in (p.mean, p.new_place) if r]
    usual = ends[math.ceil(UNCUT * len(ends)) - 1] if ends else 1.0
    reach = max([usual, *whole]) or 1.0
    step = 10.0 ** math.floor(math.log10(reach)) / 2
    reach = math.ceil(reach / step) * step
    return Axis(-reach, reach, EDGE, WIDTH - EDGE)


def row_picture(axis: Axis, raw: Ranged | None, shrunk: Ranged | None) -> str:
    """As seen above, in the light of the others below."""
    drawing = _empty(axis)
    for given, y, colour in ((raw, 9, BLUE), (shrunk, 20, ORANGE)):
        if given is None:
            continue
        _line(drawing, axis, given, y, colour, 2)
        if axis.low <= given.value <= axis.high:
            mark = drawing.dot if colour == BLUE else drawing.diamond
            mark(axis(given.value), y, 4 if colour == BLUE else 5, colour)
    return _inline(drawing)


def average_picture(axis: Axis, mean: Ranged | None, new_place: Ranged | None) -> str:
    """The average above, a new place below."""
    drawing = _empty(axis)
    if mean and new_place:
        _line(drawing, axis, mean, 9, BLUE, 6)
        drawing.dot(axis(mean.value), 9, 4, "#FFFFFF", BLUE)
        _line(drawing, axis, new_place, 20, PINK, 3)
    return _inline(drawing)


def scale_ends(axis: Axis, subject: Subject) -> list[str]:
    """What stands over the left end of the pictures, their middle and their right end."""
    less, more = cells.directions(subject)
    return [f"{axis.high:g} {less}", "0", f"{axis.high:g} {more}"]


def _empty(axis: Axis) -> Drawing:
    drawing = Drawing(WIDTH, HEIGHT)
    drawing.line(axis(0.0), 0, axis(0.0), HEIGHT, GREY)
    return drawing


def _line(drawing: Drawing, axis: Axis, given: Ranged, y: float, colour: str, width: float) -> None:
    """A range; an end beyond the scale is an arrow."""
    drawing.line(axis(given.low), y, axis(given.high), y, colour, width)
    for beyond, x, way in ((given.low < axis.low, axis.start, -1), (given.high > axis.high, axis.end, 1)):
        if beyond:
            drawing.path([(x - 4 * way, y - 4), (x + 2 * way, y), (x - 4 * way, y + 4)], colour)


def _inline(drawing: Drawing) -> str:
    """Inside a page; the numbers stand beside it as text, so nobody needs it read aloud."""
    size = f'viewBox="0 0 {drawing.width} {drawing.height}" width="{drawing.width}" height="{drawing.height}"'
    return f'<svg {size} aria-hidden="true" focusable="false">{"".join(drawing.parts)}</svg>'


def plot_library(library: Library, subject: Subject) -> Picture | None:
    """Every result as seen and in the light of the others, newest first, then the average and a new place."""
    rows = library.rows_of(subject)[:MOST_ROWS]
    if not rows:
        return None
    labels = [shortened(f"{row.programme.name} ({row.id})") for row in rows]
    average = subject.whole
    labels += ["Average", "A new place"] if average.mean else []
    figure, (axes,) = axes_of(0.26 * len(labels), labels)
    place = np.arange(len(rows))
    for given, shift, mark, colour, label in (
        ([row.raw for row in rows], -0.14, "o", BLUE, "as seen"),
        (
            [row.shrunk and row.shrunk.estimate for row in rows],
            0.14,
            "D",
            ORANGE,
            "in the light of the others",
        ),
    ):
        told = [(y, each) for y, each in zip(place + shift, given, strict=True) if each]
        axes.hlines(
            [y for y, _ in told], [e.low for _, e in told], [e.high for _, e in told], color=colour, lw=1.2
        )
        axes.plot([e.value for _, e in told], [y for y, _ in told], mark, ms=4, color=colour, label=label)
    if average.mean and average.new_place:
        axes.hlines(len(rows), average.mean.low, average.mean.high, color=BLUE, lw=5)
        axes.hlines(len(rows) + 1, average.new_place.low, average.new_place.high, color=PINK, lw=3)
    axes.axvline(0, color=GREY, lw=1)
    axes.set(title=words.title(subject, library), xlabel=f"treatment - comparison{cells.in_unit(subject)}")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    legend_below(figure, axes)
    return Picture(
        figure, f"{words.title(subject, library)}: {len(rows)} results as lines. {words.headline(subject)}"
    )
