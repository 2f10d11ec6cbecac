"""Title, alternative text and data table of every figure, from the same numbers as the figure.

An alternative text gives the total and the worst, in a breath; the table has the rest.
"""

from __future__ import annotations

from ..disclosure.results import (
    AnalysisResult,
    Balance,
    BalanceRow,
    Curve,
    Matching,
    MeasureResult,
    Rules,
    Step,
)
from ..lab import Words
from .nouns import people
from .numbers import CONFIDENTIAL, brief, capital, number, one_line, optional, plain_number, things
from .tables import Table, balance_label, count, simple
from .units import (
    compared,
    counted,
    estimate_of,
    matters,
    shown,
    smallest_difference,
    span,
    spoken,
    table_estimate,
    table_unit,
    unit_of,
)
from .verdict import difference_sentence

LOVE_ROWS = 25


def icons_alt(measure: MeasureResult, words: Words) -> str:
    mine, theirs = icon_counts(measure)
    return (
        f"Two grids of 100 {words.people} each. {capital(words.treatment)}: {number(mine)} of 100 {words.happened}."
        f" {capital(words.comparison)}: {number(theirs)} of 100."
    )


def icon_counts(measure: MeasureResult) -> tuple[int, int]:
    """How many of 100 are filled on each side."""
    other = compared(measure)
    return int(spoken(measure, measure.treatment or 0)), int(spoken(measure, other or 0))


def pair_alt(measure: MeasureResult, words: Words) -> str:
    """For measures that are not shares: two bars."""
    unit, other = unit_of(measure, words), compared(measure)
    return (
        f"Two bars. {capital(words.treatment)}: {unit.amount(spoken(measure, measure.treatment or 0))}."
        f" {capital(words.comparison)}: {unit.amount(spoken(measure, other or 0))}."
    )


def range_alt(measure: MeasureResult, words: Words, rules: Rules) -> str:
    estimate = estimate_of(measure)
    if estimate is None:
        return ""
    unit, detectable = unit_of(measure, words), measure.detectable
    return brief(
        f"A dot and a line from {' to '.join(axis_words(measure))}. {difference_sentence(measure, words)}",
        f"Likely range: {span(measure, words, estimate.low, estimate.high)}.",
        f"Shaded, too small to matter: below {smallest_difference(measure, words, rules.smallest_difference)}.",
        ""
        if detectable is None
        else f"Bracket, reliably seen from: {unit.amount(spoken(measure, detectable))}.",
    )


def short_change(measure: MeasureResult, words: Words, value: float) -> str:
    """A label beside a dot: `5 fewer`, `£1,794 higher`, `no change`."""
    size = spoken(measure, value)
    return unit_of(measure, words).change(size, bare=True) if size else "no change"


def forest_measures(analysis: AnalysisResult) -> list[MeasureResult]:
    """The binary measures, all on one axis of people per 100."""
    return [measure for measure in analysis.measures if measure.kind == "binary"]


def rate_band(analysis: AnalysisResult, rules: Rules) -> float:
    """Half the band too small to matter, which is known per 100 people only if the main measure is a rate."""
    main = next((measure for measure in analysis.measures if measure.primary), None)
    return rules.smallest_difference if main is not None and main.kind == "binary" else 0.0


def forest_label(measure: MeasureResult) -> str:
    """The number at the right of a row of the forest."""
    return table_estimate(measure, estimate_of(measure))


def forest_alt(analysis: AnalysisResult, words: Words) -> str:
    measures = forest_measures(analysis)
    main = next((measure for measure in measures if measure.primary), measures[0])
    told = forest_label(main).replace("(", "range ").replace(")", "")
    clear = sum(map(clear_of_zero, measures))
    return brief(
        f"Differences per 100 {words.people} of {things(len(measures), 'measure', 'measures')}, each a dot with its range; left of the line is fewer.",
        f"{main.short or main.label}: {told}.",
        f"{things(clear, 'range lies', 'ranges lie') if clear else 'No range lies'} wholly on one side of the line.",
    )


def clear_of_zero(measure: MeasureResult) -> bool:
    """Whether a range that is shown does not hold zero."""
    estimate = estimate_of(measure)
    shown_ = estimate is not None and measure.suppressed is None
    return bool(shown_ and estimate and (estimate.low > 0 or estimate.high < 0))


def forest_table(analysis: AnalysisResult, words: Words) -> Table:
    rows = [[measure.short or measure.label, forest_label(measure)] for measure in forest_measures(analysis)]
    title = f"Differences per 100 {words.people} ({analysis.name})"
    return simple(title, ["Measure", "Difference (95% interval)"], rows)


def love_rows(balance: Balance) -> list[BalanceRow]:
    """The characteristics that differed most before matching, worst first."""
    known = [
        row
        for row in balance.rows
        if row.suppressed is None and (row.smd_before is not None or row.smd_after is not None)
    ]
    return sorted(known, key=lambda row: (-abs(row.smd_before or 0), balance_label(row)))[:LOVE_ROWS]


def love_alt(balance: Balance) -> str:
    rows = love_rows(balance)
    if not rows:
        return "No characteristic can be shown."
    worst = rows[0]
    last = max(rows, key=lambda row: abs(row.smd_after or 0))
    return brief(
        f"Standardised differences of {things(len(rows), 'characteristic', 'characteristics')} before and after matching.",
        f"Largest before: {balance_label(worst)}, {optional(worst.smd_before, lambda value: number(value, 2))}.",
        f"Largest after, of those shown: {balance_label(last)}, {optional(last.smd_after, lambda value: number(value, 2))}.",
    )


def balance_sentence(balance: Balance) -> str:
    """How alike the groups are, counted."""
    close = things(balance.green, "characteristic is", "characteristics are")
    fair, apart = (number(count) if count else "none" for count in (balance.amber, balance.red))
    said = f"{close} close, {fair} fair and {apart} apart."
    if balance.worst_before is None or balance.worst_after is None:
        return said
    before, after = (number(abs(value), 2) for value in (balance.worst_before, balance.worst_after))
    return (
        f"{said} The largest gap was {before} of the usual spread among people before matching and is {after} of it"
        " after (standardised differences)."
    )


def curve_values(curve: Curve, group: str) -> list[tuple[int, float]]:
    """The published points, per 100 people; days held back are left out."""
    values = curve.treatment if group == "treatment" else curve.comparison
    return [(day, value * 100) for day, value in zip(curve.days, values, strict=True) if value is not None]


def curve_table(curve: Curve, words: Words) -> Table:
    """About a dozen of the days on which a value is published, the last among them."""
    mine, theirs = dict(curve_values(curve, "treatment")), dict(curve_values(curve, "comparison"))
    days = [day for day in curve.days if day in mine or day in theirs]
    step = max(1, -(-len(days) // 12))
    left = [at_risk(curve, group) for group in ("treatment", "comparison")]
    rows = [
        [
            number(day),
            per_100(mine.get(day)),
            count(left[0].get(day), None if day in mine else CONFIDENTIAL),
            per_100(theirs.get(day)),
            count(left[1].get(day), None if day in theirs else CONFIDENTIAL),
        ]
        for day in days[::-1][::step][::-1]
    ]
    return Table(
        f"Of every 100 {words.people}, for how many it had happened by that day",
        ["Day", "Of 100", "Not yet", "Of 100", "Not yet"],
        rows,
        groups=[("", 1), (capital(words.treatment), 2), (capital(words.comparison), 2)],
        note=(
            f"Not yet: the number of {words.people} to whom it had not happened by that day. Of {words.comparison} it counts all"
            " alike, while their share of 100 is weighted, so the two need not agree."
        ),
    )


def at_risk(curve: Curve, group: str) -> dict[int, int]:
    """How many people it had not happened to by each day on which that may be published."""
    values = curve.at_risk_treatment if group == "treatment" else curve.at_risk_comparison
    return {day: value for day, value in zip(curve.days, values, strict=False) if value is not None}


def per_100(value: float | None) -> str:
    return CONFIDENTIAL if value is None else number(value)


def curve_lines(curve: Curve, words: Words) -> list[tuple[str, str, list[tuple[int, float]]]]:
    """Group, how it is called and its points; none where only the day on which everybody starts is left."""
    found = [
        (group, who, curve_values(curve, group))
        for group, who in (("treatment", words.treatment), ("comparison", words.comparison))
    ]
    return [(group, who, points if len(points) > 1 else []) for group, who, points in found]


def curve_alt(curve: Curve, words: Words) -> str:
    lines = curve_lines(curve, words)
    drawn = sum(bool(points) for *_, points in lines)
    said = {2: "Two rising lines", 1: "One rising line", 0: "No line"}[drawn]
    said += f": {words.outcome} by day since the start of follow-up, of every 100 {words.people}."
    for _, who, points in lines:
        ends = [points[len(points) // 2], points[-1]] if points else []
        told = [f"{number(value)} by day {number(day)}" for day, value in dict.fromkeys(ends)]
        said += f" {capital(who)}: {', '.join(told) if told else f'held back {CONFIDENTIAL}'}."
    return said


def grid_table(matching: Matching, name: str) -> Table:
    rows = [
        [
            optional(step.caliper, plain_number),
            optional(step.worst_smd, lambda value: number(value, 2)),
            count(step.treatment),
            number(step.comparison_effective),
            step.verdict + (", chosen" if step.chosen else ""),
        ]
        for step in matching.grid
    ]
    return simple(
        f"Calipers tried, judged by balance alone ({name})",
        ["Caliper", "Largest difference left", "Took part and matched", "Comparison worth", "Judgement"],
        rows,
    )


def grid_alt(matching: Matching, words: Words) -> str:
    chosen = next((step for step in matching.grid if step.chosen), None)
    said = f"{things(len(matching.grid), 'caliper', 'calipers')} tried, each with the largest difference left and the {words.people} kept."
    if chosen is None:
        return said
    return (
        f"{said} Chosen: {optional(chosen.caliper, plain_number)}, with a largest difference of"
        f" {optional(chosen.worst_smd, lambda value: number(value, 2))} and {people(chosen.treatment, words)} kept."
    )


def flow_alt(steps: list[Step], who: str) -> str:
    first, last = (count(step.count, step.suppressed) for step in (steps[0], steps[-1]))
    known = [step for step in steps if step.lost and step.suppressed is None]
    worst = max(known, key=lambda step: step.lost or 0, default=None)
    return brief(
        f"Bars that shorten in {things(len(steps), 'step', 'steps')}: {who}, from {first} to {last}.",
        ""
        if worst is None
        else f"Most are lost here: {one_line(worst.reason, 110)}, {number(worst.lost or 0)}.",
    )


def axis_words(measure: MeasureResult) -> tuple[str, str]:
    return ("fewer", "more") if counted(measure) else ("lower", "higher")


def axis_unit(measure: MeasureResult, words: Words) -> str:
    """What the axis counts."""
    unit = unit_of(measure, words)
    return unit.many or table_unit(measure, words) or unit.before


def range_numbers(measure: MeasureResult, rules: Rules) -> tuple[float, float, float, float, float | None]:
    """Difference, low, high, band and detectable size in the units of the axis."""
    estimate = estimate_of(measure)
    if estimate is None:
        raise ValueError("a measure without an estimate has no range to draw")
    low, high = shown(measure, estimate.low), shown(measure, estimate.high)
    detectable = None if measure.detectable is None else shown(measure, measure.detectable)
    return (
        shown(measure, estimate.difference),
        low,
        high,
        matters(measure, rules.smallest_difference),
        detectable,
    )
