"""Every table of the report as text cells: what is shown of each measure, person count and setting."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from ..disclosure.results import AnalysisResult, Balance, BalanceRow, MeasureResult, Profile, Results, Step
from ..lab import Words
from .nouns import group, words_of_all
from .numbers import (
    CONFIDENTIAL,
    MINUS,
    NOT_AVAILABLE,
    average,
    capital,
    listed,
    lower_first,
    number,
    optional,
    p_value,
    per_cent,
)
from .units import estimate_of, primary, table_difference, table_estimate, table_unit, table_value
from .verdict import range_only

NUMERIC = re.compile(rf"^(?:[<>~]?[{MINUS}£$€¥]?\d[\d,.]*%?.*|\[[cx]\])$")
RATING_WORDS = {"green": "close", "amber": "fair", "red": "apart"}


MEASURE_COLUMNS = [
    "Analysis",
    "People",
    "Observed",
    "People",
    "Observed",
    "Estimate (95% interval)",
    "p",
    "p, Holm",
    "p, BH",
    "Estimate (95% interval)",
    "p",
    "Change that could be seen",
]
MEASURE_GROUPS = [
    ("", 1),
    ("Took part", 2),
    ("Comparison", 2),
    ("Adjusted difference (headline)", 4),
    ("Unadjusted difference", 2),
    ("", 1),
]


@dataclass(frozen=True)
class Table:
    """Cells are text; a row of a single cell heads the rows below it.

    `heads` leading columns name the row; `groups` head several columns at once.
    """

    caption: str
    columns: list[str]
    rows: list[list[str]]
    heads: int = 1
    groups: list[tuple[str, int]] = field(default_factory=list)
    note: str = ""

    @cached_property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers, so that they can be set to the right."""
        full = [row for row in self.rows if len(row) == len(self.columns)]
        return [
            index >= self.heads and bool(full) and all(NUMERIC.match(row[index]) for row in full)
            for index in range(len(self.columns))
        ]


def count(value: int | None, suppressed: str | None = None) -> str:
    return optional(value, number, suppressed)


def published(results: Results) -> list[AnalysisResult]:
    return [analysis for analysis in results.analyses if analysis.refused is None]


def measure_tables(results: Results) -> list[Table]:
    """One table for each table number of the lab, with every measure and analysis that has it."""
    found: dict[int, list[tuple[AnalysisResult, int]]] = {}
    for analysis in published(results):
        for position, measure in enumerate(analysis.measures):
            found.setdefault(measure.table, []).append((analysis, position))
    return [measure_table(index, results, found[index]) for index in sorted(found)]


def measure_table(index: int, results: Results, places: list[tuple[AnalysisResult, int]]) -> Table:
    """All analyses of one measure stand together, so that a reader compares down the column."""
    found: dict[str, list[tuple[AnalysisResult, MeasureResult]]] = {}
    for analysis, position in places:
        measure = analysis.measures[position]
        found.setdefault(measure.label, []).append((analysis, measure))
    rows, words = [], words_of_all(results)
    for pairs in found.values():
        rows += [[described(pairs[0][1], words)]] if len(found) > 1 else []
        rows += [measure_row(analysis, measure) for analysis, measure in pairs]
    measures = [pairs[0][1] for pairs in found.values()]
    title = table_title(index, measures, words)
    return Table(title, MEASURE_COLUMNS, rows, groups=MEASURE_GROUPS, note=measure_note(measures))


def measure_note(measures: list[MeasureResult]) -> str:
    """The caution on measures of people whom the outcome chose."""
    if not any(measure.among for measure in measures):
        return ""
    return "Of those alone to whom it happened. A programme can change who they are, so a difference here is no effect on anybody."


def table_title(index: int, measures: list[MeasureResult], words: Words) -> str:
    """What a table of so many different measures is called."""
    several = len(measures) > 1
    title = listed([lower_first(m.label) for m in measures]) if several else described(measures[0], words)
    return f"Table {number(index)}. {capital(title)}"


def meaning(measure: MeasureResult) -> str:
    """The label, and what it means where that says more."""
    told = measure.meaning.strip()
    return f"{measure.label}: {told}" if told and told.lower() != measure.label.lower() else measure.label


def described(measure: MeasureResult, words: Words) -> str:
    """Name, meaning and unit of a measure."""
    unit = table_unit(measure, words)
    text = meaning(measure)
    return text if not unit or unit in measure.meaning else f"{text} ({unit})"


def measure_row(analysis: AnalysisResult, measure: MeasureResult) -> list[str]:
    hidden = measure.suppressed
    adjusted, unadjusted = measure.adjusted, measure.unadjusted
    return [
        analysis.name,
        count(measure.n_treatment, hidden),
        table_value(measure, measure.treatment),
        count(measure.n_comparison, hidden),
        table_value(measure, measure.comparison),
        table_estimate(measure, adjusted),
        optional(adjusted and adjusted.p, p_value, hidden),
        optional(adjusted and adjusted.p_holm, p_value, hidden),
        optional(adjusted and adjusted.p_bh, p_value, hidden),
        table_estimate(measure, unadjusted),
        optional(unadjusted and unadjusted.p, p_value, hidden),
        optional(measure.detectable, lambda size: table_difference(measure, size), hidden),
    ]


def analyses_table(results: Results) -> Table:
    """Every analysis of the request, with the main measure."""
    rows = []
    for analysis in published(results):
        measure = primary(analysis)
        estimate = measure and estimate_of(measure)
        sizes, balance = analysis.sizes, analysis.balance
        rows.append(
            [
                analysis.name + (" (headline)" if analysis.headline else ""),
                who(results, analysis) or NOT_AVAILABLE,
                count(sizes and sizes.treatment),
                count(sizes and sizes.comparison),
                optional(sizes and sizes.comparison_effective, number),
                table_estimate(measure, estimate) if measure else CONFIDENTIAL,
                balance.verdict if balance else NOT_AVAILABLE,
                confidence(analysis),
            ]
        )
    head = next((measure for measure in results.headline.measures if measure.primary), None)
    words = words_of_all(results)
    unit = f" ({table_unit(head, words)})" if head and table_unit(head, words) else ""
    return Table(
        caption=f"The analyses, and the difference in each on the main measure{unit}",
        columns=[
            "Analysis",
            "Who",
            "Took part",
            "Comparison",
            "Worth",
            "Difference (95% interval)",
            "Balance",
            "Confidence",
        ],
        rows=rows,
        groups=[("", 2), ("People", 3), ("", 3)],
        note=" ".join(comparison_notes(results, words)),
    )


def comparison_notes(results: Results, words: Words) -> list[str]:
    """What the two numbers of the comparison group count, for whatever table shows them."""
    said = [
        f"Worth: the number of equally weighted {words.people} that the weighted comparison group is worth."
    ]
    if results.frame.starts_from == "submission":
        said.insert(
            0,
            "Comparison counts starting events: whoever had two in the period stands in it twice, but once in the worth.",
        )
    return said


def confidence(analysis: AnalysisResult) -> str:
    """The level, and what it is about where it is not the answer."""
    verdict = analysis.verdict
    if verdict is None:
        return NOT_AVAILABLE
    return f"{verdict.confidence}{' (in the range)' if range_only(verdict) else ''}"


def who(results: Results, analysis: AnalysisResult) -> str:
    """Whom an analysis is about: its conditions, and what they make of its people."""
    told, own = analysis.described, group(results, analysis)
    return f"{own} ({told})" if own and told else told or own


def step_by_step(who: str) -> str:
    """What a funnel is called."""
    return f"Step by step to the analysis: {who}"


def attrition_table(steps: list[Step], who: str) -> Table:
    """Every step at which people were lost, with what would help."""
    rows = [
        [
            capital(step.reason),
            count(step.lost, step.suppressed),
            count(step.count, step.suppressed),
            capital(step.mend),
        ]
        for step in steps
    ]
    return Table(
        caption=step_by_step(who),
        columns=["Step", "Lost", "Remain", "What would help"],
        rows=rows,
    )


def profile_table(analysis: AnalysisResult, who: str) -> Table:
    """Characteristics without levels first, then each of the others with its levels below it."""
    rows = [[capital(row.covariate), profile_value(row)] for row in analysis.profile if not row.level]
    levels: dict[str, list[list[str]]] = {}
    for row in analysis.profile:
        if row.level:
            levels.setdefault(capital(row.covariate), []).append([capital(row.level), profile_value(row)])
    for name, below in levels.items():
        rows += [[name], *below]
    return Table(
        f"{capital(who)}: who they are ({analysis.name})", ["Characteristic", "Share or average"], rows
    )


def profile_value(row: Profile) -> str:
    if row.suppressed is not None:
        return CONFIDENTIAL
    if row.share is not None:
        return per_cent(row.share)
    return optional(row.mean, lambda mean: f"{average(mean)} {row.unit}".strip())


def balance_label(row: BalanceRow) -> str:
    return f"{row.covariate}: {row.level}" if row.level else row.covariate


def balance_mean(row: BalanceRow, value: float | None) -> str:
    return optional(value, per_cent if balance_is_share(row) else average, row.suppressed)


def balance_is_share(row: BalanceRow) -> bool:
    """Whether its means are shares of people."""
    return bool(row.level) or row.kind not in {"number", "continuous"}


def balance_table(balance: Balance, name: str) -> Table:
    """Every covariate level before and after matching."""
    rows = [
        [
            balance_label(row) + ("" if row.in_model else " (not in the model)"),
            balance_mean(row, row.mean_treatment),
            balance_mean(row, row.mean_pool),
            balance_mean(row, row.mean_comparison),
            optional(row.smd_before, lambda value: number(value, 2), row.suppressed),
            optional(row.smd_after, lambda value: number(value, 2), row.suppressed),
            optional(row.variance_ratio, lambda value: number(value, 2), row.suppressed),
            optional(row.ks, lambda value: number(value, 2), row.suppressed),
            RATING_WORDS[row.rating],
        ]
        for row in balance.rows
    ]
    return Table(
        caption=f"Balance of every characteristic ({name})",
        columns=[
            "Characteristic",
            "Took part",
            "Before matching",
            "After matching",
            "Before",
            "After",
            "Variance ratio",
            "KS",
            "Rating",
        ],
        rows=rows,
        groups=[("", 1), ("Share or average", 3), ("Standardised difference", 2), ("", 3)],
        note=balance_note(balance),
    )


def balance_note(balance: Balance) -> str:
    """What a standardised difference is, in plain words with the term behind them."""
    return (
        "Standardised difference: how far apart two averages are, measured by the usual spread among people;"
        f" 0.10 is a tenth of it. That spread is the {lower_first(balance.denominator.rstrip('.'))}."
    )


def refusals(results: Results) -> list[tuple[str, str]]:
    return [
        (analysis.name, analysis.refused) for analysis in results.analyses if analysis.refused is not None
    ]


def simple(caption: str, columns: list[str], rows: Iterable[list[str]], heads: int = 1) -> Table:
    return Table(caption, columns, [list(row) for row in rows], heads)
