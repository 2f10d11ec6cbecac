"""The checks on trust as pictures: before the programme, every other choice, hidden differences, trials."""

from __future__ import annotations

from ..disclosure.checks import Certificate, Hidden, Placebo, Specifications
from ..disclosure.results import MeasureResult, Rules
from ..lab import Words
from ..wording.numbers import number, plain_number
from ..wording.trust import dimensions, planted
from ..wording.units import matters, shown, table_difference, table_unit
from .detail import WIDTH, scale
from .drawing import BAND, BLUE, GREY, INK, ORANGE, PALE, PINK, TURQUOISE, Axis, Drawing, clip, step_for


def before(placebo: Placebo, words: Words) -> str:
    """The difference before the programme, per 100 people, beside none and what may have escaped the check."""
    e = placebo.estimate
    assert e is not None  # noqa: S101 (the caller leaves out a check without numbers)
    drawing = Drawing(WIDTH, 130)
    low, high = 100 * e.low, 100 * e.high
    missed = 100 * placebo.could_see.detectable if placebo.could_see else 0.0
    reach = max(abs(low), abs(high), missed, 1.0) * 1.15
    axis = Axis(-reach, reach, 40, 720)
    drawing.text(40, 18, "← fewer among those who took part", 14)
    drawing.text(720, 18, "more →", 14, anchor="end")
    if missed:
        drawing.box(axis(-missed), 30, axis(missed) - axis(-missed), 50, BAND)
    drawing.line(axis(0), 30, axis(0), 80, INK, 1.5)
    drawing.line(axis(low), 55, axis(high), 55, BLUE, 3)
    drawing.dot(axis(100 * e.difference), 55, 7, BLUE, "#FFFFFF")
    scale(drawing, axis, reach, 80)
    shaded = "; shaded: what the check may miss" if missed else ""
    drawing.text(380, 122, f"difference per 100 {words.people}{shaded}", 14, GREY, "middle")
    return drawing.svg()


def specifications(found: Specifications, measure: MeasureResult, words: Words, rules: Rules) -> str:
    """Every choice in order of its difference, with its range above and what it uses below."""
    groups = dimensions(found)
    rows = sum(len(options) + 1 for _, options in groups)
    drawing = Drawing(WIDTH, 300 + 18 * rows)
    values = [
        (shown(measure, c.low), shown(measure, c.difference), shown(measure, c.high)) for c in found.choices
    ]
    headline, band = shown(measure, found.headline), matters(measure, rules.smallest_difference)
    top = max([high for *_, high in values] + [band, headline])
    bottom = min([low for low, *_ in values] + [-band, headline])
    places, heights = Axis(0, max(len(values) - 1, 1), 270, 750), Axis(bottom, top, 250, 46)
    drawing.box(270, heights(band), 480, heights(-band) - heights(band), BAND)
    _heights(drawing, heights, bottom, top)
    drawing.strokes(
        [(places(i), heights(low), places(i), heights(high)) for i, (low, _, high) in enumerate(values)],
        PALE,
        1,
    )
    drawing.line(270, heights(headline), 750, heights(headline), ORANGE, 2, "7 4")
    drawing.line(0, 15, 30, 15, ORANGE, 2, "7 4")
    drawing.text(38, 20, "main result", 14)
    drawing.dot(150, 15, 4, BLUE)
    drawing.text(162, 20, "each way, from the lowest to the highest", 14)
    drawing.text(254, 54, table_unit(measure, words), 14, GREY, "end")
    for i, (_, value, _) in enumerate(values):
        drawing.dot(places(i), heights(value), 2, BLUE)
    y = 284.0
    for heading, options in groups:
        drawing.text(0, y, heading, 14, bold=True)
        for name, has in options:
            y += 18
            drawing.text(8, y, clip(name, 13, 254), 13)
            drawing.strokes(
                [(places(i), y - 10, places(i), y) for i, c in enumerate(found.choices) if has(c)], BLUE, 1
            )
        y += 18
    return drawing.svg()


def _heights(drawing: Drawing, heights: Axis, bottom: float, top: float) -> None:
    """Zero and a few round values at the left."""
    step = step_for(max(abs(bottom), abs(top)), 3)
    for place in range(-5, 6):
        value = place * step
        if bottom <= value <= top:
            y = heights(value)
            drawing.line(270, y, 750, y, INK if place == 0 else "#D9DCDE")
            drawing.text(262, y + 5, plain_number(round(value, 6)), 14, anchor="end")


def hidden(found: Hidden, measure: MeasureResult, words: Words) -> str:
    """How far each recorded characteristic's hidden twin would move the result."""
    drawing = Drawing(WIDTH, 84 + 30 * len(found.twins))
    sizes = [shown(measure, twin.shift) for twin in found.twins]
    needed = 0.0 if found.needed is None else shown(measure, found.needed)
    axis = Axis(0, max([*sizes, needed]) * 1.1 or 1.0, 290, 640)
    bottom = 40 + 30 * len(found.twins)
    for index, (twin, size) in enumerate(zip(found.twins, sizes, strict=True)):
        y = 50 + 30 * index
        drawing.text(280, y + 5, clip(twin.label, 14, 275), 14, anchor="end")
        drawing.box(290, y - 9, axis(size) - 290, 18, PINK if twin.changes else TURQUOISE)
        told = ", another answer" if twin.changes else ""
        drawing.text(
            max(axis(size), axis(needed) if size < needed else 0) + 8,
            y + 5,
            f"{table_difference(measure, twin.shift)}{told}",
            14,
        )
    if found.needed is not None:
        drawing.line(axis(needed), 30, axis(needed), bottom, INK, 1.5, "5 4")
        told = f"the answer changes from {table_difference(measure, found.needed)}"
        drawing.text(axis(needed), 20, told, 14, anchor="middle")
    drawing.line(290, 30, 290, bottom, GREY)
    drawing.text(
        290,
        bottom + 26,
        f"how far it would move the result ({table_unit(measure, words)})".removesuffix(" ()"),
        14,
        GREY,
    )
    return drawing.svg()


def trials(made: Certificate, measure: MeasureResult) -> str:
    """Of 100 ranges, how many held what was planted, with the simulation error."""
    drawing = Drawing(WIDTH, 70 + 44 * len(made.trials))
    axis = Axis(0, 100, 240, 700)
    bottom = 34 + 44 * len(made.trials)
    for index, trial in enumerate(made.trials):
        y = 56 + 44 * index
        drawing.text(230, y + 5, planted(trial, measure), 14, anchor="end")
        drawing.box(240, y - 11, axis(100 * trial.coverage) - 240, 22, BLUE)
        low, high = (100 * (trial.coverage + side * 1.96 * trial.coverage_error) for side in (-1, 1))
        drawing.line(axis(low), y, axis(high), y, ORANGE, 3)
        drawing.text(710, y + 5, number(100 * trial.coverage), 15, bold=True)
    drawing.line(axis(95), 28, axis(95), bottom, INK, 1.5, "5 4")
    drawing.text(axis(95), 20, "95 of 100", 14, anchor="middle")
    drawing.line(240, bottom, 700, bottom, GREY)
    for place in (0, 25, 50, 75, 100):
        drawing.text(axis(place), bottom + 20, number(place), 14, anchor="middle")
    return drawing.svg()
