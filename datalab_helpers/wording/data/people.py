"""Who they are, who was lost, how alike the groups are and how it was done, unrounded."""

from __future__ import annotations

from collections.abc import Iterator

from ...disclosure.results import AnalysisResult, Balance, Results, Step
from .. import method
from ..figures import at_risk, curve_values
from ..nouns import words_of
from ..numbers import CONFIDENTIAL, capital
from ..tables import RATING_WORDS, balance_is_share, balance_note, published, step_by_step
from .cells import NOT_APPLICABLE, Cell, Column, DataTable, cell, word, words_only, yes


def _numbered(results: Results) -> Iterator[tuple[int, AnalysisResult]]:
    return enumerate(published(results), start=1)


def curve(results: Results) -> DataTable | None:
    """Every day on which a value may be published, for either group."""
    given, words = results.headline.curve, words_of(results)
    if given is None or results.headline.refused is not None:
        return None
    mine, theirs = dict(curve_values(given, "treatment")), dict(curve_values(given, "comparison"))
    left, right = at_risk(given, "treatment"), at_risk(given, "comparison")
    columns = [
        Column("Day", 0),
        Column(f"{capital(words.treatment)}: of 100", 1),
        Column(f"{capital(words.treatment)}: not yet", 0),
        Column(f"{capital(words.comparison)}: of 100", 1),
        Column(f"{capital(words.comparison)}: not yet", 0),
    ]
    rows: list[list[Cell]] = []
    for day in given.days:
        if day in mine or day in theirs:
            rows.append([day])
            for values, people in ((mine, left), (theirs, right)):
                hidden = None if day in values else CONFIDENTIAL
                rows[-1] += [cell(values.get(day), hidden), cell(people.get(day), hidden)]
    notes = [
        f"Of every 100 {words.people}, for how many {words.outcome} had happened by that day.",
        f"Not yet: the number of {words.people} to whom it had not happened by that day.",
    ]
    return DataTable("curve", f"When {words.outcome} first happened", columns, rows, notes)


def attrition(results: Results) -> list[DataTable]:
    words = results.words
    return [
        _attrition(name, who, steps)
        for name, who, steps in (
            ("attrition-took-part", words.treatment, results.attrition),
            ("attrition-comparison", words.comparison, results.attrition_pool),
        )
    ]


def _attrition(name: str, who: str, steps: list[Step]) -> DataTable:
    columns = [Column("Step"), Column("Lost", 0), Column("Remain", 0), Column("What would help")]
    rows: list[list[Cell]] = [
        [
            capital(step.reason),
            cell(step.lost, step.suppressed),
            cell(step.count, step.suppressed),
            capital(word(step.mend)),
        ]
        for step in steps
    ]
    return DataTable(name, step_by_step(who), columns, rows)


def profiles(results: Results) -> list[DataTable]:
    """A characteristic has a share, or an average: the other does not apply."""
    columns = [
        Column("Characteristic"),
        Column("Level"),
        Column("Share (per cent)", 1),
        Column("Average", 1),
        Column("Unit of the average"),
    ]
    found = []
    for place, analysis in _numbered(results):
        rows: list[list[Cell]] = []
        for row in analysis.profile:
            share = row.share is not None or (row.mean is None and bool(row.level))
            rows.append(
                [
                    capital(row.covariate),
                    capital(word(row.level)),
                    cell(row.share, row.suppressed, 100) if share else NOT_APPLICABLE,
                    NOT_APPLICABLE if share else cell(row.mean, row.suppressed),
                    NOT_APPLICABLE if share else word(row.unit),
                ]
            )
        title = f"{capital(words_of(results, analysis).treatment)}: who they are ({analysis.name})"
        found.append(DataTable(f"profile-{place}", title, columns, rows))
    return found


def balances(results: Results) -> list[DataTable]:
    return [
        _balance(f"balance-{place}", analysis.name, analysis.balance)
        for place, analysis in _numbered(results)
        if analysis.balance
    ]


def _balance(name: str, analysis: str, balance: Balance) -> DataTable:
    columns = [
        Column("Characteristic"),
        Column("Level"),
        Column("In the model"),
        Column("Unit of share or average"),
        Column("Took part", 1),
        Column("Comparison, before matching", 1),
        Column("Comparison, after matching", 1),
        Column("Standardised difference, before", 3),
        Column("Standardised difference, after", 3),
        Column("Variance ratio", 3),
        Column("KS", 3),
        Column("Rating"),
    ]
    rows: list[list[Cell]] = []
    for row in balance.rows:
        share, hidden = balance_is_share(row), row.suppressed
        means = [row.mean_treatment, row.mean_pool, row.mean_comparison]
        rows.append(
            [
                row.covariate,
                word(row.level),
                yes(row.in_model),
                "per cent" if share else word(row.unit),
                *(cell(mean, hidden, 100 if share else 1) for mean in means),
                cell(row.smd_before, hidden),
                cell(row.smd_after, hidden),
                cell(row.variance_ratio, hidden),
                cell(row.ks, hidden),
                RATING_WORDS[row.rating],
            ]
        )
    return DataTable(
        name, f"Balance of every characteristic ({analysis})", columns, rows, [balance_note(balance)]
    )


def calipers(results: Results) -> list[DataTable]:
    columns = [
        Column("Caliper", 3),
        Column("Largest difference left", 3),
        Column("Took part and matched", 0),
        Column("Comparison worth", 0),
        Column("Judgement"),
        Column("Chosen"),
    ]
    return [
        DataTable(
            f"calipers-{place}",
            f"{analysis.name}: calipers tried, judged by balance alone",
            columns,
            [
                [
                    cell(step.caliper),
                    cell(step.worst_smd),
                    step.treatment,
                    cell(step.comparison_effective),
                    step.verdict,
                    yes(step.chosen),
                ]
                for step in analysis.matching.grid
            ],
            ["Sizes of calipers that were not chosen are to the nearest 5."],
        )
        for place, analysis in _numbered(results)
        if analysis.matching and len(analysis.matching.grid) > 1
    ]


def dropped(results: Results) -> DataTable | None:
    matching = results.headline.matching
    return words_only("left-out", method.dropped_table(matching)) if matching and matching.dropped else None


def settings(results: Results) -> list[DataTable | None]:
    return [
        words_only(f"settings-{place}", method.settings(results, analysis))
        for place, analysis in _numbered(results)
    ]


def provenance(results: Results) -> DataTable | None:
    return words_only("provenance", method.provenance_table(results))
