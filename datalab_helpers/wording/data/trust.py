"""The checks on the main result, unrounded."""

from __future__ import annotations

from ...disclosure.checks import Trust
from ...disclosure.results import MeasureResult, Results
from ...lab import Words
from ..nouns import words_of
from ..numbers import lower_first
from ..trust import COVARIATES, answer, method_name
from ..units import primary, table_unit
from .cells import Cell, Column, DataTable, cell, factor, places, yes


def _given(results: Results) -> tuple[Trust, MeasureResult] | None:
    given, measure = results.headline.trust, primary(results.headline)
    if given is None or measure is None or results.headline.refused is not None:
        return None
    return given, measure


def _in(measure: MeasureResult, words: Words) -> str:
    unit = table_unit(measure, words)
    return f" ({unit})" if unit else ""


def placebo(results: Results) -> DataTable | None:
    found = _given(results)
    if found is None:
        return None
    before = found[0].placebo
    e, hidden = before.estimate, before.suppressed
    if e is None and hidden is None:
        return None
    columns = [
        Column(f"What, per 100 {words_of(results).people}"),
        Column("Took part", 1),
        Column("Comparison", 1),
        Column("Difference", 1),
        Column("Lower end of the 95% interval", 1),
        Column("Upper end of the 95% interval", 1),
        Column("p", 3),
        Column("Difference that could be seen", 1),
    ]
    row: list[Cell] = [
        before.label,
        cell(before.treatment, hidden, 100),
        cell(before.comparison, hidden, 100),
        cell(e and e.difference, hidden, 100),
        cell(e and e.low, hidden, 100),
        cell(e and e.high, hidden, 100),
        cell(e and e.p, hidden),
        cell(before.could_see and before.could_see.detectable, hidden, 100),
    ]
    return DataTable("placebo", "Before the programme", columns, [row])


def hidden(results: Results) -> DataTable | None:
    found = _given(results)
    if found is None or found[0].hidden is None:
        return None
    given, measure = found[0].hidden, found[1]
    columns = [
        Column("As strong as"),
        Column(f"Moves the result by{_in(measure, words_of(results))}", places(measure)),
        Column("The answer"),
    ]
    rows: list[list[Cell]] = [
        [t.label, cell(t.shift, times=factor(measure)), answer(given, t.changes)] for t in given.twins
    ]
    return DataTable("hidden", "A hidden difference as strong as a recorded one", columns, rows)


def specifications(results: Results) -> DataTable | None:
    """Each way, in the order of the picture."""
    found = _given(results)
    if found is None or found[0].specifications is None:
        return None
    given, measure = found[0].specifications, found[1]
    shown, times = places(measure), factor(measure)
    columns = [
        Column("Way", 0),
        Column("Compared with"),
        Column("Caliper (standard deviations)", 2),
        Column("Inside the exact strata"),
        Column("Matched on"),
        Column("Adjusted"),
        Column(f"Difference{_in(measure, words_of(results))}", shown),
        Column("Lower end of the 95% interval", shown),
        Column("Upper end of the 95% interval", shown),
    ]
    rows: list[list[Cell]] = [
        [
            place,
            method_name(choice),
            cell(choice.caliper),
            yes(choice.exact),
            COVARIATES.get(choice.covariates, f"without {lower_first(choice.covariates)}"),
            yes(choice.adjusted),
            cell(choice.difference, times=times),
            cell(choice.low, times=times),
            cell(choice.high, times=times),
        ]
        for place, choice in enumerate(given.choices, start=1)
    ]
    return DataTable("other-ways", "The main result in every other way", columns, rows)


def certificate(results: Results) -> DataTable | None:
    found = _given(results)
    if found is None:
        return None
    given, measure = found[0].certificate, found[1]
    shown, times = places(measure), factor(measure)
    columns = [
        Column(f"Planted{_in(measure, words_of(results))}", shown),
        Column("Ranges that held it, of 100", 1),
        Column("Its standard error", 1),
        Column(f"Mean error{_in(measure, words_of(results))}", max(2, shown)),
        Column("Standard error of the mean error", max(2, shown)),
        Column("Ranges without zero, of 100", 1),
        Column("Standard error of that", 1),
    ]
    rows: list[list[Cell]] = [
        [
            cell(t.planted, times=times),
            cell(t.coverage, times=100),
            cell(t.coverage_error, times=100),
            cell(t.bias, times=times),
            cell(t.bias_error, times=times),
            cell(t.found, times=100),
            cell(t.found_error, times=100),
        ]
        for t in given.trials
    ]
    return DataTable("trials", f"The method tried on {words_of(results).people} of the pool", columns, rows)
