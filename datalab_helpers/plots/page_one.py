"""The two pictures of page 1: a hundred people on each side, and the range of the difference."""

from __future__ import annotations

from ..disclosure.results import MeasureResult, Rules
from ..lab import Words
from ..wording.figures import axis_unit, axis_words, icon_counts, range_numbers, short_change
from ..wording.numbers import capital, number, plain_number
from ..wording.units import compared, estimate_of, factor_of, spoken, unit_of
from .drawing import BAND, BLUE, GREY, INK, ORANGE, Axis, Drawing, step_for, text_width, wrap

SIDE, GAP, CELL = 210, 40, 21
LEFT, RIGHT = 16, 444


def icon_arrays(measure: MeasureResult, words: Words) -> str:
    return icon_drawing(measure, words).svg()


def icon_drawing(measure: MeasureResult, words: Words) -> Drawing:
    """Two grids of 100, both filled row by row from the top left: filled = it happened."""
    drawing = Drawing(2 * SIDE + GAP, 350)
    mine, theirs = icon_counts(measure)
    for index, (label, filled, colour) in enumerate(
        [(words.treatment, mine, BLUE), (words.comparison, theirs, ORANGE)]
    ):
        left = index * (SIDE + GAP)
        drawing.text(left, 36, number(filled), 42, bold=True)
        offset = 28 * len(number(filled)) + 6
        drawing.text(left + offset, 36, "in 100", 18, colour=GREY)
        drawing.lines_of_text(left, 62, wrap(capital(label), 16, SIDE, 2), 16)
        for place in range(100):
            person(
                drawing, left + place % 10 * CELL, 94 + place // 10 * 25.5, colour if place < filled else None
            )
    return drawing


def person(drawing: Drawing, x: float, y: float, fill: str | None) -> None:
    """A head and shoulders: solid when it happened, an outline when it did not."""
    style = {"fill": fill, "stroke": fill} if fill else {"fill": "#FFFFFF", "stroke": "#949494"}
    drawing.add("circle", cx=x + 8.5, cy=y + 5.5, r=4.2, stroke_width=1.2, **style)
    drawing.add(
        "path", d=f"M{x + 1.5:g} {y + 22:g}v-4a6 6 0 0 1 6-6h2a6 6 0 0 1 6 6v4z", stroke_width=1.2, **style
    )


def pair_of_bars(measure: MeasureResult, words: Words) -> str:
    return bars_drawing(measure, words).svg()


def bars_drawing(measure: MeasureResult, words: Words) -> Drawing:
    """Two bars from zero, for measures that are not shares of people."""
    drawing = Drawing(2 * SIDE + GAP, 190)
    unit, other = unit_of(measure, words), compared(measure)
    values = [measure.treatment or 0.0, other or 0.0]
    axis = Axis(min(0.0, *values), max(0.0, *values) or 1.0, 0, 2 * SIDE + GAP - 20)
    for index, (label, value, colour) in enumerate(
        zip([words.treatment, words.comparison], values, [BLUE, ORANGE], strict=True)
    ):
        top = index * 95
        drawing.text(0, top + 32, unit.amount(spoken(measure, value)), 30, bold=True)
        drawing.text(0, top + 54, wrap(capital(label), 16, 2 * SIDE, 1)[0], 16)
        start, end = sorted([axis(0), axis(value)])
        drawing.box(start, top + 62, max(end - start, 1), 18, colour)
    return drawing


def dot_and_whisker(measure: MeasureResult, words: Words, rules: Rules) -> str:
    """The difference and its range, the band too small to matter, and the size that could be seen."""
    middle, low, high, band, detectable = range_numbers(measure, rules)
    drawing = Drawing(460, 350)
    reach = max(abs(low), abs(high), band, detectable or 0.0) * 1.12 or 1.0
    axis = Axis(-reach, reach, LEFT, RIGHT)
    top, bottom, zero = 86, 218, axis(0)
    fewer, more = axis_words(measure)
    drawing.text(LEFT, 22, f"← {fewer}", 18, bold=True)
    drawing.text(RIGHT, 22, f"{more} →", 18, anchor="end", bold=True)
    drawing.text(zero, 22, axis_unit(measure, words), 16, GREY, "middle")
    drawing.box(axis(-band), top, axis(band) - axis(-band), bottom - top, BAND)
    drawing.line(zero, top - 6, zero, bottom, INK, 1.5)
    drawing.text(zero, 70, "too small to matter", 16, GREY, "middle")
    whisker(drawing, axis, (low, middle, high), 160)
    estimate = estimate_of(measure)
    if estimate is not None:
        name(drawing, axis(middle), 136, short_change(measure, words, estimate.difference), 19)
        end_labels(drawing, axis, (low, high), measure, words, 190)
    ticks(drawing, axis, reach, bottom)
    if detectable is not None:
        bracket(drawing, axis, words, detectable, 274)
    return drawing.svg()


def whisker(drawing: Drawing, axis: Axis, ends: tuple[float, float, float], y: float) -> None:
    left, middle, right = (axis(end) for end in ends)
    drawing.line(left, y, right, y, BLUE, 4)
    for end in [left, right]:
        drawing.line(end, y - 9, end, y + 9, BLUE, 4)
    drawing.dot(middle, y, 9, BLUE, "#FFFFFF")


def name(drawing: Drawing, x: float, y: float, words: str, size: float) -> None:
    """A bold label centred on x, moved inwards where it would leave the picture."""
    half = text_width(words, size * 1.08) / 2
    drawing.text(
        min(max(x, LEFT + half), RIGHT - half), y, words, size, anchor="middle", bold=True, halo=True
    )


def end_labels(
    drawing: Drawing, axis: Axis, ends: tuple[float, float], measure: MeasureResult, words: Words, y: float
) -> None:
    """The two ends in words, each on its own side, so that a short range cannot make them collide."""
    low, high = (short_change(measure, words, end / factor_of(measure)) for end in ends)
    left, right = axis(ends[0]) + 4, axis(ends[1]) - 4
    if right - left > text_width(f"{low}   {high}", 16):
        drawing.text(left - 6, y, low, 16, halo=True)
        drawing.text(right + 6, y, high, 16, anchor="end", halo=True)
        return
    drawing.text(max(left, LEFT + text_width(low, 16)), y, low, 16, anchor="end", halo=True)
    drawing.text(min(right, RIGHT - text_width(high, 16)), y, high, 16, halo=True)


def ticks(drawing: Drawing, axis: Axis, reach: float, y: float) -> None:
    """Sizes on both sides of nought: the words above say which side is which."""
    step = step_for(reach, 3)
    drawing.line(LEFT, y, RIGHT, y, GREY, 1)
    count = int(reach / step)
    for place in range(-count, count + 1):
        at = axis(place * step)
        drawing.line(at, y, at, y + 6, GREY, 1)
        drawing.text(at, y + 24, plain_number(abs(round(place * step, 6))), 16, INK, "middle")


def bracket(drawing: Drawing, axis: Axis, words: Words, size: float, y: float) -> None:
    """A bracket below the axis from -size to +size: inside it, a change could be missed."""
    left, right = axis(-size), axis(size)
    drawing.path([(left, y - 8), (left, y), (right, y), (right, y - 8)], GREY, 2)
    for row, line in enumerate(
        ["Inside this bracket, a change is too small", f"for this many {words.people} to show reliably"]
    ):
        drawing.text(axis(0), y + 24 + row * 21, line, 16, GREY, "middle")
