"""The figures behind page 1: every measure, balance, time, calipers and attrition."""

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
from ..wording.figures import at_risk, curve_values, forest_label, forest_measures, love_rows, rate_band
from ..wording.numbers import CONFIDENTIAL, NOT_AVAILABLE, capital, number, optional, plain_number
from ..wording.tables import balance_label, count
from ..wording.units import estimate_of, shown
from .drawing import BAND, BLUE, GREY, INK, ORANGE, PALE, PINK, TURQUOISE, Axis, Drawing, clip, step_for, wrap

WIDTH = 760


def forest(analysis: AnalysisResult, words: Words, rules: Rules) -> str:
    """Every binary measure on one axis of people per 100; the main one in bold."""
    measures = forest_measures(analysis)
    drawing = Drawing(WIDTH, 92 + 34 * len(measures))
    ends = [shown(measure, value) for measure in measures for value in limits(measure)]
    band = rate_band(analysis, rules)
    reach = max([abs(end) for end in ends] + [band]) * 1.08 or 1.0
    axis, bottom = Axis(-reach, reach, 262, 588), 48 + 34 * len(measures)
    drawing.box(axis(-band), 34, axis(band) - axis(-band), bottom - 34, BAND)
    drawing.line(axis(0), 34, axis(0), bottom, INK, 1.5)
    drawing.text(262, 20, "← fewer", 15, bold=True)
    drawing.text(588, 20, "more →", 15, anchor="end", bold=True)
    drawing.text(WIDTH, 20, f"per 100 {words.people}", 14, GREY, "end")
    for index, measure in enumerate(measures):
        forest_row(drawing, axis, measure, 58 + 34 * index)
    scale(drawing, axis, reach, bottom)
    return drawing.svg()


def limits(measure: MeasureResult) -> list[float]:
    estimate = estimate_of(measure)
    return [] if estimate is None or measure.suppressed else [estimate.low, estimate.high]


def forest_row(drawing: Drawing, axis: Axis, measure: MeasureResult, y: float) -> None:
    label = measure.short or measure.label
    drawing.text(0, y + 5, clip(label, 15, 250), 15, bold=measure.primary)
    drawing.text(WIDTH, y + 5, forest_label(measure), 14, anchor="end", bold=measure.primary)
    estimate = estimate_of(measure)
    if estimate is None or measure.suppressed:
        return
    low, high = axis(shown(measure, estimate.low)), axis(shown(measure, estimate.high))
    drawing.line(low, y, high, y, BLUE, 3)
    drawing.dot(axis(shown(measure, estimate.difference)), y, 7 if measure.primary else 5.5, BLUE, "#FFFFFF")


def scale(drawing: Drawing, axis: Axis, reach: float, y: float) -> None:
    step = step_for(reach, 3)
    drawing.line(axis.start, y, axis.end, y, GREY)
    most = int(reach / step)
    for place in range(-most, most + 1):
        drawing.line(axis(place * step), y, axis(place * step), y + 5, GREY)
        drawing.text(
            axis(place * step), y + 21, plain_number(abs(round(place * step, 6))), 14, anchor="middle"
        )


def love(balance: Balance) -> str:
    """Standardised differences before (ring) and after (diamond) matching, worst before on top."""
    rows = love_rows(balance)
    height = 24 * len(rows)
    drawing = Drawing(WIDTH, height + 92)
    sizes = [abs(value) for row in rows for value in [row.smd_before, row.smd_after] if value is not None]
    reach = max([*sizes, 0.15]) * 1.05
    axis, bottom = Axis(-reach, reach, 330, 750), 44 + height
    drawing.box(axis(-0.1), 34, axis(0.1) - axis(-0.1), height + 10, "#EEF0F1")
    drawing.box(axis(-0.05), 34, axis(0.05) - axis(-0.05), height + 10, BAND)
    drawing.line(axis(0), 34, axis(0), bottom, INK)
    drawing.dot(8, 15, 5.5, "#FFFFFF", PINK)
    drawing.text(20, 20, "before matching", 14)
    drawing.diamond(150, 15, 7, TURQUOISE)
    drawing.text(162, 20, "after matching", 14)
    drawing.text(330, 20, "← lower among those who took part", 14)
    drawing.text(750, 20, "higher →", 14, anchor="end")
    for index, row in enumerate(rows):
        y = 52 + 24 * index
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


def cumulative(curve: Curve, words: Words) -> str:
    """Share of everyone with a first event by each day; solid and dashed as well as two colours."""
    drawing = Drawing(WIDTH, 440)
    values = [
        (BLUE, None, words.treatment, curve_values(curve, "treatment")),
        (ORANGE, "9 6", words.comparison, curve_values(curve, "comparison")),
    ]
    top = max([value for *_, points in values for _, value in points], default=1.0)
    step = step_for(top, 4)
    upper = step * (int(top / step) + 1)
    days, heights = Axis(0, max(curve.days, default=1) or 1, 46, 740), Axis(0, upper, 310, 62)
    drawing.text(0, 50, f"of every 100 {words.people}", 14, GREY)
    for place in range(round(upper / step) + 1):
        y = heights(place * step)
        drawing.line(46, y, 740, y, GREY if place == 0 else "#D9DCDE")
        drawing.text(38, y + 5, plain_number(round(place * step, 6)), 14, anchor="end")
    left = 0.0
    for colour, dash, label, points in values:
        drawing.line(left, 15, left + 36, 15, colour, 4, dash)
        drawing.text(left + 44, 20, clip(capital(label), 15, 300), 15)
        left += 380
        places = [(days(day), heights(value)) for day, value in points]
        if len(places) > 1:
            drawing.path(places, colour, 3, dash)
        # With days held back the line only joins what is known: the marks say where that is.
        for x, y in places if len(points) < len(curve.days) else []:
            drawing.dot(x, y, 4.5, colour)
    for day in day_ticks(max(curve.days, default=1)):
        drawing.line(days(day), 310, days(day), 316, GREY)
        drawing.text(days(day), 332, number(day), 14, anchor="middle")
    drawing.text(393, 358, "days since the start of follow-up", 14, GREY, "middle")
    risk_rows(drawing, curve, words, days)
    return drawing.svg()


def risk_rows(drawing: Drawing, curve: Curve, words: Words, days: Axis) -> None:
    """Below the picture, how many it had not happened to: took part above, comparison below."""
    drawing.text(0, 388, f"{words.people} to whom it had not happened yet", 14, GREY)
    for place, (group, colour) in enumerate((("treatment", BLUE), ("comparison", ORANGE))):
        left = at_risk(curve, group)
        y = 410 + 22 * place
        drawing.line(0, y - 5, 24, y - 5, colour, 4, None if group == "treatment" else "9 6")
        for day in [day for day in day_ticks(max(curve.days, default=1)) if day in left]:
            anchor = "end" if day == max(curve.days) else "middle"
            drawing.text(max(days(day), 56), y, number(left[day]), 14, anchor=anchor)


def day_ticks(last: int) -> list[int]:
    step = 90 if last <= 400 else 180 if last <= 800 else 365
    return list(range(0, last + 1, step))


def caliper_grid(matching: Matching) -> str:
    """For each caliper tried: the difference left, and the people kept."""
    grid = matching.grid
    drawing = Drawing(WIDTH, 74 + 30 * len(grid))
    drawing.text(0, 20, "Caliper", 14, bold=True)
    drawing.text(150, 20, "Largest difference left", 14, bold=True)
    drawing.text(470, 20, "People who took part and were matched", 14, bold=True)
    worst = max([step.worst_smd or 0.0 for step in grid] + [0.12])
    most = max([step.treatment for step in grid] + [1])
    left, right = Axis(0, worst, 150, 360), Axis(0, most, 470, 680)
    drawing.line(left(0.1), 32, left(0.1), 40 + 30 * len(grid), GREY, 1.5, "4 4")
    drawing.text(left(0.1), 60 + 30 * len(grid), "0.1", 14, anchor="middle")
    for index, step in enumerate(grid):
        grid_row(drawing, step, 50 + 30 * index, left, right)
    return drawing.svg()


def grid_row(drawing: Drawing, step: CaliperStep, y: float, left: Axis, right: Axis) -> None:
    label = optional(step.caliper, plain_number) if step.caliper is not None else "none"
    drawing.text(0, y + 5, label + (" (chosen)" if step.chosen else ""), 14, bold=step.chosen)
    if step.worst_smd is not None:
        drawing.line(left(0), y, left(step.worst_smd), y, PALE, 2)
        drawing.diamond(left(step.worst_smd), y, 7, TURQUOISE)
    drawing.text(376, y + 5, NOT_AVAILABLE if step.worst_smd is None else number(step.worst_smd, 2), 14)
    drawing.box(right(0), y - 8, right(step.treatment) - right(0), 16, BLUE if step.chosen else "#6D89A6")
    drawing.text(right(step.treatment) + 8, y + 5, number(step.treatment), 14, bold=step.chosen)


def attrition_flow(steps: list[Step]) -> str:
    """People remaining after each step as bars, with what was lost beside each."""
    drawing = Drawing(WIDTH, 20 + 46 * len(steps))
    most = max([(step.count or 0) + (step.lost or 0) for step in steps] + [1])
    axis = Axis(0, most, 330, 580)
    for index, step in enumerate(steps):
        y = 10 + 46 * index
        rows = wrap(capital(step.reason), 14, 305, 2)
        drawing.lines_of_text(0, y + (22 if len(rows) == 1 else 13), rows, 14)
        if step.suppressed or step.count is None:
            drawing.text(334, y + 22, CONFIDENTIAL, 15, bold=True)
            continue
        end, before = axis(step.count), axis(step.count + (step.lost or 0))
        drawing.box(330, y + 4, end - 330, 26, BLUE)
        if before > end:
            drawing.box(end, y + 4, before - end, 26, "#FFFFFF", GREY)
        lost = f", {count(step.lost)} lost" if step.lost else ""
        drawing.text(max(before, end) + 8, y + 22, f"{number(step.count)} remain{lost}", 14)
    return drawing.svg()
