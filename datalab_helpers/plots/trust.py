"""The checks on trust as pictures: before the programme, every other choice, hidden differences, trials."""

from __future__ import annotations

from ..disclosure.checks import Certificate, Hidden, Placebo, Specifications
from ..disclosure.results import MeasureResult, Rules
from ..lab import Words
from ..wording.numbers import number, plain_number
from ..wording.trust import dimensions, planted
from ..wording.units import matters, shown, table_difference, table_unit
from .detail import lanes, scale
from .drawing import (
    BAND,
    BLUE,
    GREY,
    INK,
    NARROW,
    ORANGE,
    PALE,
    PINK,
    TURQUOISE,
    WIDE,
    Axis,
    Drawing,
    clip,
    step_for,
    text_width,
    wrap,
)


def before(placebo: Placebo, words: Words, narrow: bool = False) -> str:
    """The difference before the programme, per 100 people, beside none and what may have escaped the check."""
    e = placebo.estimate
    assert e is not None  # noqa: S101 (the caller leaves out a check without numbers)
    width, start, end = (NARROW, 8, 332) if narrow else (WIDE, 40, 720)
    drawing = Drawing(width, 148 if narrow else 130)
    low, high = 100 * e.low, 100 * e.high
    missed = 100 * placebo.could_see.detectable if placebo.could_see else 0.0
    reach = max(abs(low), abs(high), missed, 1.0) * 1.15
    axis = Axis(-reach, reach, start, end)
    drawing.text(start, 18, "← fewer among those who took part", 14)
    drawing.text(end, 18, "more →", 14, anchor="end")
    if missed:
        drawing.box(axis(-missed), 30, axis(missed) - axis(-missed), 50, BAND)
    drawing.line(axis(0), 30, axis(0), 80, INK, 1.5)
    drawing.line(axis(low), 55, axis(high), 55, BLUE, 3)
    drawing.dot(axis(100 * e.difference), 55, 7, BLUE, "#FFFFFF")
    scale(drawing, axis, reach, 80)
    shaded = "; shaded: what the check may miss" if missed else ""
    told = f"difference per 100 {words.people}{shaded}"
    drawing.lines_of_text(axis(0), 122, wrap(told, 14, end - start, 2), 14, colour=GREY, anchor="middle")
    return drawing.svg()


def specifications(
    found: Specifications, measure: MeasureResult, words: Words, rules: Rules, narrow: bool = False
) -> str:
    """Every choice in order of its difference, with its range above and what it uses below."""
    groups = dimensions(found)
    width, start, end, down, row = (NARROW, 56, 332, 24, 32) if narrow else (WIDE, 270, 750, 0, 18)
    drawing = Drawing(width, 300 + down + sum(18 + row * len(options) for _, options in groups))
    values = [
        (shown(measure, c.low), shown(measure, c.difference), shown(measure, c.high)) for c in found.choices
    ]
    headline, band = shown(measure, found.headline), matters(measure, rules.smallest_difference)
    top = max([high for *_, high in values] + [band, headline])
    bottom = min([low for low, *_ in values] + [-band, headline])
    places = Axis(0, max(len(values) - 1, 1), start, end)
    heights = Axis(bottom, top, 250 + down, 46 + 1.5 * down)
    drawing.box(start, heights(band), end - start, heights(-band) - heights(band), BAND)
    _heights(drawing, heights, places)
    drawing.strokes(
        [(places(i), heights(low), places(i), heights(high)) for i, (low, _, high) in enumerate(values)],
        PALE,
        1,
    )
    drawing.line(start, heights(headline), end, heights(headline), ORANGE, 2, "7 4")
    drawing.line(0, 15, 30, 15, ORANGE, 2, "7 4")
    drawing.text(38, 20, "main result", 14)
    drawing.dot(15 if narrow else 150, 15 + down, 4, BLUE)
    drawing.text(38 if narrow else 162, 20 + down, "each way, from the lowest to the highest", 14)
    unit = (0, 66, "start") if narrow else (262, 40, "end")
    drawing.text(unit[0], unit[1], table_unit(measure, words), 14, GREY, unit[2])
    for i, (_, value, _) in enumerate(values):
        drawing.dot(places(i), heights(value), 2, BLUE)
    y = 284.0 + down
    for heading, options in groups:
        drawing.text(0, y, heading, 14, bold=True)
        for name, has in options:
            y += row
            drawing.text(8, y - (14 if narrow else 0), clip(name, 13, 330 if narrow else 254), 13)
            drawing.strokes(
                [(places(i), y - 10, places(i), y) for i, c in enumerate(found.choices) if has(c)], BLUE, 1
            )
        y += 18
    return drawing.svg()


def _heights(drawing: Drawing, heights: Axis, places: Axis) -> None:
    """Zero and a few round values at the left."""
    step = step_for(max(abs(heights.low), abs(heights.high)), 3)
    for place in range(-5, 6):
        value = place * step
        if heights.low <= value <= heights.high:
            y = heights(value)
            drawing.line(places.start, y, places.end, y, INK if place == 0 else "#D9DCDE")
            drawing.text(places.start - 8, y + 5, plain_number(round(value, 6)), 14, anchor="end")


def hidden(found: Hidden, measure: MeasureResult, words: Words, narrow: bool = False) -> str:
    """How far each recorded characteristic's hidden twin would move the result."""
    width, row, start, end = (NARROW, 46, 0, 190) if narrow else (WIDE, 30, 290, 640)
    bottom = 40 + row * len(found.twins)
    drawing = Drawing(width, bottom + 44)
    sizes = [shown(measure, twin.shift) for twin in found.twins]
    needed = 0.0 if found.needed is None else shown(measure, found.needed)
    axis = Axis(0, max([*sizes, needed]) * 1.1 or 1.0, start, end)
    places = [34 + row * index + (32 if narrow else 16) for index in range(len(sizes))]
    for twin, size, y in zip(found.twins, sizes, places, strict=True):
        if narrow:
            drawing.text(0, y - 14, clip(twin.label, 14, width), 14)
        else:
            drawing.text(280, y + 5, clip(twin.label, 14, 275), 14, anchor="end")
        drawing.box(start, y - 9, axis(size) - start, 18, PINK if twin.changes else TURQUOISE)
        told = ", could change" if twin.changes else ""
        drawing.text(
            max(axis(size), axis(needed) if size < needed else 0) + 8,
            y + 5,
            f"{table_difference(measure, twin.shift)}{told}",
            14,
        )
    if found.needed is not None:
        for top, low in lanes(places, 30, bottom, narrow):
            drawing.line(axis(needed), top, axis(needed), low, INK, 1.5, "5 4")
        told = f"the answer could change from {table_difference(measure, found.needed)}"
        half = text_width(told, 14) / 2
        drawing.text(min(max(axis(needed), half), width - half), 20, told, 14, anchor="middle")
    for top, low in lanes(places, 30, bottom, narrow):
        drawing.line(start, top, start, low, GREY)
    unit = f"how far it would move the result ({table_unit(measure, words)})".removesuffix(" ()")
    drawing.text(start, bottom + 26, unit, 14, GREY)
    return drawing.svg()


def trials(made: Certificate, measure: MeasureResult, narrow: bool = False) -> str:
    """Of 100 ranges, how many held what was planted, with the simulation error."""
    width, row, start, end = (NARROW, 56, 0, 290) if narrow else (WIDE, 44, 240, 700)
    bottom = 34 + row * len(made.trials)
    drawing = Drawing(width, bottom + 36)
    axis = Axis(0, 100, start, end)
    places = [34 + row * index + (38 if narrow else 22) for index in range(len(made.trials))]
    for trial, y in zip(made.trials, places, strict=True):
        if narrow:
            drawing.text(0, y - 17, planted(trial, measure), 14)
        else:
            drawing.text(230, y + 5, planted(trial, measure), 14, anchor="end")
        drawing.box(start, y - 11, axis(100 * trial.coverage) - start, 22, BLUE)
        low, high = (100 * (trial.coverage + side * 1.96 * trial.coverage_error) for side in (-1, 1))
        drawing.line(axis(low), y, axis(high), y, ORANGE, 3)
        drawing.text(end + 10, y + 5, number(100 * trial.coverage), 15, bold=True)
    for top, low in lanes(places, 28, bottom, narrow):
        drawing.line(axis(95), top, axis(95), low, INK, 1.5, "5 4")
    drawing.text(axis(95), 20, "95 of 100", 14, anchor="middle")
    drawing.line(start, bottom, end, bottom, GREY)
    for place in (0, 25, 50, 75, 100):
        anchor = "start" if narrow and not place else "middle"
        drawing.text(axis(place), bottom + 20, number(place), 14, anchor=anchor)
    return drawing.svg()
