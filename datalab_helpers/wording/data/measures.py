"""The main result, every measure and every analysis, unrounded."""

from __future__ import annotations

from ...disclosure.results import AnalysisResult, Estimate, MeasureResult, Results
from ...lab import Words
from ..figures import axis_unit, axis_words, forest_measures, range_numbers
from ..nouns import words_of, words_of_all
from ..numbers import capital
from ..tables import comparison_notes, confidence, described, published, table_title, who
from ..tables import refusals as refused
from ..units import compared, estimate_of, factor_of, places_of, primary, table_unit
from ..verdict import verdict_sentence
from .cells import Cell, Column, DataTable, cell, factor, places, word, yes


def groups(results: Results) -> DataTable | None:
    """What the two grids of 100 people, or the two bars, show."""
    measure = _main(results)
    if measure is None:
        return None
    times, words = factor_of(measure), words_of(results)
    columns = [Column("Group"), Column(capital(axis_unit(measure, words)), max(1, places_of(measure)))]
    theirs, seen, adjusted = capital(words.comparison), measure.comparison, compared(measure)
    rows: list[list[Cell]] = [[capital(words.treatment), cell(measure.treatment, times=times)]]
    notes = []
    if None not in (adjusted, seen) and abs(adjusted - seen) > 1e-9:
        rows.append([f"{theirs}, adjusted", cell(adjusted, times=times)])
        notes = [
            "Adjusted: the figure of page 1, to which the difference belongs. It allows for what still differed after matching.",
            "As observed: the average of the comparison group, as in the tables of measures.",
        ]
    rows.append([f"{theirs}, as observed", cell(seen, times=times)])
    return DataTable("groups", f"The two groups: {described(measure, words)}", columns, rows, notes)


def range_of(results: Results) -> DataTable | None:
    """What the dot, its line, the band and the bracket stand for: places on one axis, each with its sign."""
    measure = _main(results)
    if measure is None:
        return None
    middle, low, high, band, detectable = range_numbers(measure, results.rules)
    rows: list[list[Cell]] = [
        ["Difference", cell(middle)],
        ["Lower end of the 95% interval", cell(low)],
        ["Upper end of the 95% interval", cell(high)],
        ["Too small to matter, from", cell(-band)],
        ["Too small to matter, to", cell(band)],
        ["Too small to be seen reliably, from", cell(None if detectable is None else -detectable)],
        ["Too small to be seen reliably, to", cell(detectable)],
    ]
    words, (less, _) = words_of(results), axis_words(measure)
    unit = f"{capital(axis_unit(measure, words))} (below zero: {less})"
    title = f"The difference and its range: {described(measure, words)}"
    return DataTable("range", title, [Column("Item"), Column(unit, max(1, places_of(measure)))], rows)


def measure_tables(results: Results) -> list[DataTable]:
    """One table for each table number of the lab, one row for each measure and analysis."""
    found: dict[int, list[tuple[AnalysisResult, MeasureResult]]] = {}
    for analysis in published(results):
        for measure in analysis.measures:
            found.setdefault(measure.table, []).append((analysis, measure))
    return [_measure_table(results, number, found[number]) for number in sorted(found)]


def _measure_table(
    results: Results, number: int, pairs: list[tuple[AnalysisResult, MeasureResult]]
) -> DataTable:
    words = words_of_all(results)
    first: dict[str, MeasureResult] = {}
    for _, measure in pairs:
        first.setdefault(measure.label, measure)
    order = list(first)
    shown_ = max(places(measure) for measure in first.values())
    columns = [
        Column("Measure"),
        Column("Unit"),
        Column("Analysis"),
        Column("Main measure"),
        Column("People: took part", 0),
        Column("Value: took part", shown_),
        Column("People: comparison", 0),
        Column("Worth of the comparison", 0),
        Column("Value: comparison, as observed", shown_),
        *_estimate_columns("Adjusted", shown_),
        Column("Adjusted: p, Holm", 3),
        Column("Adjusted: p, BH", 3),
        *_estimate_columns("Unadjusted", shown_),
        Column("Change that could be seen", shown_),
    ]
    rows = [_row(*pair, words) for pair in sorted(pairs, key=lambda pair: order.index(pair[1].label))]
    notes = [
        f"{measure.label}: {measure.meaning.strip()}."
        for measure in first.values()
        if measure.meaning.strip()
    ]
    notes += [
        "Differences are those who took part minus comparison.",
        *comparison_notes(results, words),
    ]
    return DataTable(
        f"table-{number}", table_title(number, list(first.values()), words), columns, rows, notes
    )


def _estimate_columns(which: str, shown_: int) -> list[Column]:
    return [
        Column(f"{which} difference", shown_),
        Column(f"{which}: lower end of the 95% interval", shown_),
        Column(f"{which}: upper end of the 95% interval", shown_),
        Column(f"{which}: p", 3),
    ]


def _row(analysis: AnalysisResult, measure: MeasureResult, words: Words) -> list[Cell]:
    hidden, times = measure.suppressed, factor(measure)
    adjusted = measure.adjusted
    return [
        measure.label,
        word(table_unit(measure, words)),
        analysis.name,
        yes(measure.primary),
        cell(measure.n_treatment, hidden),
        cell(measure.treatment, hidden, times),
        cell(measure.n_comparison, hidden),
        cell(measure.n_comparison_effective, hidden),
        cell(measure.comparison, hidden, times),
        *_estimate(adjusted, hidden, times),
        cell(adjusted and adjusted.p_holm, hidden),
        cell(adjusted and adjusted.p_bh, hidden),
        *_estimate(measure.unadjusted, hidden, times),
        cell(measure.detectable, hidden, times),
    ]


def _estimate(found: Estimate | None, hidden: str | None, times: float) -> list[Cell]:
    return [
        cell(found and found.difference, hidden, times),
        cell(found and found.low, hidden, times),
        cell(found and found.high, hidden, times),
        cell(found and found.p, hidden),
    ]


def forests(results: Results) -> list[DataTable]:
    """The yes-or-no measures of each analysis on one scale; `forest-2` belongs to the second analysis published."""
    return [
        DataTable(
            f"forest-{place}",
            f"{analysis.name}: every yes-or-no measure on one scale",
            [
                Column("Measure"),
                Column(f"Difference per 100 {words_of(results, analysis).people}", 1),
                Column("Lower end of the 95% interval", 1),
                Column("Upper end of the 95% interval", 1),
            ],
            [
                [m.short or m.label, *_estimate(estimate_of(m), m.suppressed, 100)[:3]]
                for m in forest_measures(analysis)
            ],
        )
        for place, analysis in enumerate(published(results), start=1)
        if len(forest_measures(analysis)) > 1
    ]


def analyses(results: Results) -> DataTable:
    """Every analysis that is published, with its main measure and its verdict."""
    head = next((measure for measure in results.headline.measures if measure.primary), None)
    words = words_of_all(results)
    unit = f" ({table_unit(head, words)})" if head and table_unit(head, words) else ""
    shown_ = places(head) if head else 1
    columns = [
        Column("Analysis"),
        Column("Headline"),
        Column("Who"),
        Column("People: took part", 0),
        Column("People: comparison", 0),
        Column("Worth of the comparison", 0),
        Column(f"Difference{unit}", shown_),
        Column("Lower end of the 95% interval", shown_),
        Column("Upper end of the 95% interval", shown_),
        Column("Balance"),
        Column("Confidence"),
        Column("Answer"),
    ]
    rows: list[list[Cell]] = []
    for analysis in published(results):
        measure, sizes, verdict = primary(analysis), analysis.sizes, analysis.verdict
        hidden = None if measure else "c"
        rows.append(
            [
                analysis.name,
                yes(analysis.headline),
                word(who(results, analysis)),
                cell(sizes and sizes.treatment),
                cell(sizes and sizes.comparison),
                cell(sizes and sizes.comparison_effective),
                *_estimate(measure and estimate_of(measure), hidden, factor(measure) if measure else 1)[:3],
                word(analysis.balance and analysis.balance.verdict),
                confidence(analysis),
                verdict_sentence(verdict, measure, words_of(results, analysis), results.rules)
                if verdict and measure
                else cell(None, hidden),
            ]
        )
    return DataTable(
        "analyses",
        "The analyses, and the difference in each on the main measure",
        columns,
        rows,
        comparison_notes(results, words),
    )


def refusals(results: Results) -> DataTable:
    rows: list[list[Cell]] = [[name, reason] for name, reason in refused(results)]
    return DataTable(
        "not-published", "Analyses that are not published", [Column("Analysis"), Column("Reason")], rows
    )


def _main(results: Results) -> MeasureResult | None:
    return None if results.headline.refused is not None else primary(results.headline)
