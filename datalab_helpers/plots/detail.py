"""The figures behind page 1: every measure, balance, time, calipers and attrition.

Each comes wide, and narrow for a phone, where labels stand above what they name.
"""

from __future__ import annotations

from ..disclosure.results import (
    AnalysisResult,
    Balance,
    CaliperStep,
    Curve,
    Matching,
    MeasureResult,
    Rules,
    Step,
)
from ..lab import Words
from ..wording.figures import at_risk, curve_lines, forest_label, forest_measures, love_rows, rate_band
from ..wording.numbers import CONFIDENTIAL, NOT_AVAILABLE, capital, number, optional, plain_number
from ..wording.tables import balance_label, count
from ..wording.units import estimate_of, shown
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


def forest(analysis: AnalysisResult, words: Words, rules: Rules, narrow: bool = False) -> str:
    """Every binary measure on one axis of people per 100; the main one in bold."""
    measures = forest_measures(analysis)
    width, row, start, end = (NARROW, 62, 8, 332) if narrow else (WIDE, 34, 262, 588)
    bottom = 48 + row * len(measures)
    drawing = Drawing(width, bottom + 44)
    ends = [shown(measure, value) for measure in measures for value in limits(measure)]
    band = rate_band(analysis, rules)
    reach = max([abs(end) for end in ends] + [band]) * 1.08 or 1.0
    axis = Axis(-reach, reach, start, end)
    places = [34 + row * index + (50 if narrow else 24) for index in range(len(measures))]
    for top, low in lanes(places, 34, bottom, narrow):
        drawing.box(axis(-band), top, axis(band) - axis(-band), low - top, BAND)
        drawing.line(axis(0), top, axis(0), low, INK, 1.5)
    drawing.text(start, 20, "← fewer", 15, bold=True)
    drawing.text(end, 20, "more →", 15, anchor="end", bold=True)
    unit = f"per 100 {words.people}"
    drawing.text(axis(0) if narrow else width, 20, unit, 14, GREY, "middle" if narrow else "end")
    for measure, y in zip(measures, places, strict=True):
        forest_row(drawing, axis, measure, y, narrow)
    scale(drawing, axis, reach, bottom)
    return drawing.svg()


def lanes(places: list[float], top: float, bottom: float, narrow: bool) -> list[tuple[float, float]]:
    """Where marks of the axis are drawn: through all rows; around each row where its label stands above it."""
    return [(y - 10, y + 10) for y in places] if narrow else [(top, bottom)]


def limits(measure: MeasureResult) -> list[float]:
    estimate = estimate_of(measure)
    return [] if estimate is None or measure.suppressed else [estimate.low, estimate.high]


def forest_row(drawing: Drawing, axis: Axis, measure: MeasureResult, y: float, narrow: bool) -> None:
    label, bold = measure.short or measure.label, measure.primary
    if narrow:
        drawing.text(0, y - 31, clip(label, 15, NARROW), 15, bold=bold)
        drawing.text(0, y - 14, forest_label(measure), 14, bold=bold)
    else:
        drawing.text(0, y + 5, clip(label, 15, 250), 15, bold=bold)
        drawing.text(WIDE, y + 5, forest_label(measure), 14, anchor="end", bold=bold)
    estimate = estimate_of(measure)
    if estimate is None or measure.suppressed:
        return
    low, high = axis(shown(measure, estimate.low)), axis(shown(measure, estimate.high))
    drawing.line(low, y, high, y, BLUE, 3)
    drawing.dot(axis(shown(measure, estimate.difference)), y, 7 if bold else 5.5, BLUE, "#FFFFFF")


def scale(drawing: Drawing, axis: Axis, reach: float, y: float) -> None:
    step = step_for(reach, 3)
    drawing.line(axis.start, y, axis.end, y, GREY)
    most = int(reach / step)
    for place in range(-most, most + 1):
        drawing.line(axis(place * step), y, axis(place * step), y + 5, GREY)
        drawing.text(
            axis(place * step), y + 21, plain_number(abs(round(place * step, 6))), 14, anchor="middle"
        )


def love(balance: Balance, narrow: bool = False) -> str:
    """Standardised differences before (ring) and after (diamond) matching, worst before on top."""
    rows = love_rows(balance)
    width, each, start, end, top = (NARROW, 40, 8, 332, 48) if narrow else (WIDE, 24, 330, 750, 34)
    bottom = top + 10 + each * len(rows)
    drawing = Drawing(width, bottom + 48)
    sizes = [abs(value) for row in rows for value in [row.smd_before, row.smd_after] if value is not None]
    reach = max([*sizes, 0.15]) * 1.05
    axis = Axis(-reach, reach, start, end)
    places = [top + each * index + (32 if narrow else 18) for index in range(len(rows))]
    for high, low in lanes(places, top, bottom, narrow):
        drawing.box(axis(-0.1), high, axis(0.1) - axis(-0.1), low - high, "#EEF0F1")
        drawing.box(axis(-0.05), high, axis(0.05) - axis(-0.05), low - high, BAND)
        drawing.line(axis(0), high, axis(0), low, INK)
    drawing.dot(8, 15, 5.5, "#FFFFFF", PINK)
    drawing.text(20, 20, "before matching", 14)
    drawing.diamond(150, 15, 7, TURQUOISE)
    drawing.text(162, 20, "after matching", 14)
    drawing.text(start, top - 6 if narrow else 20, "← lower among those who took part", 14)
    drawing.text(end, top - 6 if narrow else 20, "higher →", 14, anchor="end")
    for row, y in zip(rows, places, strict=True):
        if narrow:
            drawing.text(0, y - 15, clip(balance_label(row), 13, width), 13)
        else:
            drawing.text(318, y + 5, clip(balance_label(row), 14, 312), 14, anchor="end")
        if row.smd_before is not None and row.smd_after is not None:
            drawing.line(axis(row.smd_before), y, axis(row.smd_after), y, PALE, 1.5)
        if row.smd_before is not None:
            drawing.dot(axis(row.smd_before), y, 5.5, "#FFFFFF", PINK)
        if row.smd_after is not None:
            drawing.diamond(axis(row.smd_after), y, 7, TURQUOISE)
    signed_scale(drawing, axis, reach, bottom)
    return drawing.svg()


def signed_scale(drawing: Drawing, axis: Axis, reach: float, y: float) -> None:
    step = 0.1 if reach < 0.45 else 0.2 if reach < 0.9 else step_for(reach, 4)
    drawing.line(axis.start, y, axis.end, y, GREY)
    most = int(reach / step)
    for place in range(-most, most + 1):
        drawing.line(axis(place * step), y, axis(place * step), y + 5, GREY)
        drawing.text(axis(place * step), y + 21, plain_number(round(place * step, 6)), 14, anchor="middle")
    drawing.text((axis.start + axis.end) / 2, y + 41, "standardised difference", 14, GREY, "middle")


def cumulative(curve: Curve, words: Words, narrow: bool = False) -> str:
    """Share of everyone with a first event by each day; solid and dashed as well as two colours."""
    width, start, end, down = (NARROW, 30, 330, 24) if narrow else (WIDE, 46, 740, 0)
    drawing = Drawing(width, 440 + down)
    styles = {"treatment": (BLUE, None), "comparison": (ORANGE, "9 6")}
    values = [(*styles[group], who, points) for group, who, points in curve_lines(curve, words)]
    top = max([value for *_, points in values for _, value in points], default=1.0)
    step = step_for(top, 4)
    upper = step * (int(top / step) + 1)
    bottom = 310 + down
    days = Axis(0, max(curve.days, default=1) or 1, start, end)
    heights = Axis(0, upper, bottom, 62 + down)
    drawing.text(0, 50 + down, f"of every 100 {words.people}", 14, GREY)
    for place in range(round(upper / step) + 1):
        y = heights(place * step)
        drawing.line(start, y, end, y, GREY if place == 0 else "#D9DCDE")
        drawing.text(start - 8, y + 5, plain_number(round(place * step, 6)), 14, anchor="end")
    for index, (colour, dash, label, points) in enumerate(values):
        left, y = (0, 15 + down * index) if narrow else (380 * index, 15)
        drawing.line(left, y, left + 36, y, colour, 4, dash)
        told = "" if points else f": held back {CONFIDENTIAL}"
        name = clip(capital(label), 15, 295 - text_width(told, 15))
        drawing.text(left + 44, y + 5, f"{name}{told}", 15)
        places = [(days(day), heights(value)) for day, value in points]
        if places:
            drawing.path(places, colour, 3, dash)
        # With days held back the line only joins what is known: the marks say where that is.
        for x, y in places if len(points) < len(curve.days) else []:
            drawing.dot(x, y, 4.5, colour)
    for day in day_ticks(max(curve.days, default=1)):
        drawing.line(days(day), bottom, days(day), bottom + 6, GREY)
        anchor = "end" if narrow and day == max(curve.days) else "middle"
        drawing.text(min(days(day), width), bottom + 22, number(day), 14, anchor=anchor)
    drawing.text((start + end) / 2, bottom + 48, "days since the start of follow-up", 14, GREY, "middle")
    risk_rows(drawing, curve, words, days, bottom + 78)
    return drawing.svg()


def risk_rows(drawing: Drawing, curve: Curve, words: Words, days: Axis, top: float) -> None:
    """Below the picture, how many it had not happened to: took part above, comparison below."""
    drawing.text(0, top, f"{words.people} to whom it had not happened yet", 14, GREY)
    for place, (group, colour) in enumerate((("treatment", BLUE), ("comparison", ORANGE))):
        left = at_risk(curve, group)
        y = top + 22 + 22 * place
        drawing.line(0, y - 5, 24, y - 5, colour, 4, None if group == "treatment" else "9 6")
        for day in [day for day in day_ticks(max(curve.days, default=1)) if day in left]:
            anchor = "end" if day == max(curve.days) else "middle"
            drawing.text(max(days(day), 56), y, number(left[day]), 14, anchor=anchor)


def day_ticks(last: int) -> list[int]:
    step = 90 if last <= 400 else 180 if last <= 800 else 365
    return list(range(0, last + 1, step))


def caliper_grid(matching: Matching, narrow: bool = False) -> str:
    """For each caliper tried: the difference left, and the people kept."""
    grid = matching.grid
    left, right, top = ((104, 172), (236, 294), 68) if narrow else ((150, 360), (470, 680), 32)
    drawing = Drawing(NARROW if narrow else WIDE, top + 42 + 30 * len(grid))
    headings = ("Caliper", "Largest difference left", "People who took part and were matched")
    for place, heading in zip((0, left[0], right[0]), headings, strict=True):
        rows = wrap(heading, 15, 104, 3) if narrow else [heading]
        drawing.lines_of_text(place, 20, rows, 14, bold=True)
    worst = max([step.worst_smd or 0.0 for step in grid] + [0.12])
    most = max([step.treatment for step in grid] + [1])
    axes = Axis(0, worst, *left), Axis(0, most, *right)
    drawing.line(axes[0](0.1), top, axes[0](0.1), top + 8 + 30 * len(grid), GREY, 1.5, "4 4")
    drawing.text(axes[0](0.1), top + 28 + 30 * len(grid), "0.1", 14, anchor="middle")
    for index, step in enumerate(grid):
        grid_row(drawing, step, top + 18 + 30 * index, *axes)
    return drawing.svg()


def grid_row(drawing: Drawing, step: CaliperStep, y: float, left: Axis, right: Axis) -> None:
    label = optional(step.caliper, plain_number) if step.caliper is not None else "none"
    drawing.text(0, y + 5, label + (" (chosen)" if step.chosen else ""), 14, bold=step.chosen)
    if step.worst_smd is not None:
        drawing.line(left(0), y, left(step.worst_smd), y, PALE, 2)
        drawing.diamond(left(step.worst_smd), y, 7, TURQUOISE)
    told = NOT_AVAILABLE if step.worst_smd is None else number(step.worst_smd, 2)
    drawing.text(left.end + 16, y + 5, told, 14)
    drawing.box(right(0), y - 8, right(step.treatment) - right(0), 16, BLUE if step.chosen else "#6D89A6")
    drawing.text(right(step.treatment) + 8, y + 5, number(step.treatment), 14, bold=step.chosen)


def attrition_flow(steps: list[Step], narrow: bool = False) -> str:
    """People remaining after each step as bars, with what was lost beside each."""
    each, start, end, label = (74, 0, 160, NARROW) if narrow else (46, 330, 580, 305)
    drawing = Drawing(NARROW if narrow else WIDE, 20 + each * len(steps))
    most = max([(step.count or 0) + (step.lost or 0) for step in steps] + [1])
    axis = Axis(0, most, start, end)
    for index, step in enumerate(steps):
        y = 10 + each * index
        rows = wrap(capital(step.reason), 14, label, 2)
        if narrow:
            drawing.lines_of_text(0, y + 4 + (18 if len(rows) == 1 else 0), rows, 14)
            y += 28
        else:
            drawing.lines_of_text(0, y + (22 if len(rows) == 1 else 13), rows, 14)
        if step.suppressed or step.count is None:
            drawing.text(start + 4, y + 22, CONFIDENTIAL, 15, bold=True)
            continue
        stop, before = axis(step.count), axis(step.count + (step.lost or 0))
        drawing.box(start, y + 4, stop - start, 26, BLUE)
        if before > stop:
            drawing.box(stop, y + 4, before - stop, 26, "#FFFFFF", GREY)
        lost = f", {count(step.lost)} lost" if step.lost else ""
        drawing.text(max(before, stop) + 8, y + 22, f"{number(step.count)} remain{lost}", 14)
    return drawing.svg()
