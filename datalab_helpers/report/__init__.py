"""`results.json` as a page: one HTML file that needs nothing else, the same bytes for the same results.

The words come from `wording`, the pictures from `plots`; the template only lays them out.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from .. import plots
from ..disclosure.results import AnalysisResult, Results
from ..wording import Table, figures, method, page_one, tables, trust
from ..wording.answers import answers
from ..wording.data import data_tables
from ..wording.nouns import words_of
from ..wording.numbers import capital, sentence
from ..wording.page import response
from ..wording.units import primary
from .templates import style, template


@dataclass(frozen=True)
class Figure:
    """A picture with the text that stands for it, and its numbers as a table and as a file of `data/`.

    Where it has a narrow form, a phone shows that.
    """

    title: str
    svg: str
    alt: str
    table: Table | None = None
    note: str = ""
    printed: bool = False  # whether the table is worth its paper; on screen it opens with a click
    data: str = ""
    narrow: str = ""

    @property
    def src(self) -> str:
        """The picture as the address of an image."""
        return address(self.svg)

    @property
    def narrow_src(self) -> str:
        return address(self.narrow)


def address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode('ascii')}"


def render(results: Results) -> str:
    """The whole report as HTML."""
    return str(template("page.html.j2").render(context(results)))


def context(results: Results) -> dict[str, Any]:
    """Everything that the template lays out, as text, tables and figures."""
    return {
        "page": page_one(results),
        "about": results.about,
        "style": style(),
        "icons": icons(results),
        "range_figure": range_figure(results),
        "refusals": tables.refusals(results),
        "nothing": method.NOTHING,
        "response": response(results),
        "every_measure": method.every_measure(results),
        "measures": tables.measure_tables(results),
        "forests": forests(results),
        "curve": curve(results),
        "analyses": tables.analyses_table(results),
        "trust": trust_parts(results),
        "answers": answers(results),
        "people": people(results),
        "balances": [
            balance(analysis, place)
            for place, analysis in enumerate(tables.published(results), start=1)
            if analysis.balance
        ],
        "method": method_parts(results),
        "shorthand": method.SHORTHAND,
        "provenance": method.provenance_table(results),
        "data": [(f"{table.name}.csv", table.title) for table in data_tables(results)],
    }


def icons(results: Results) -> Figure | None:
    """Two grids of 100 people; two bars where the measure is not a share of people."""
    measure, words = primary(results.headline), words_of(results)
    if measure is None or results.headline.refused is not None:
        return None
    if measure.kind == "binary":
        return Figure(
            f"Out of every 100 {words.people}",
            plots.icon_arrays(measure, words),
            figures.icons_alt(measure, words),
            note=f"Solid figures {words.happened}; outlined ones did not.",
            data="groups.csv",
        )
    title = "The average for each group" if measure.kind != "count" else f"The number per 100 {words.people}"
    return Figure(
        title,
        plots.pair_of_bars(measure, words),
        figures.pair_alt(measure, words),
        data="groups.csv",
    )


def range_figure(results: Results) -> Figure | None:
    measure, words, rules = primary(results.headline), words_of(results), results.rules
    if measure is None or results.headline.refused is not None:
        return None
    return Figure(
        "How big the difference could be",
        plots.dot_and_whisker(measure, words, rules),
        figures.range_alt(measure, words, rules),
        data="range.csv",
    )


def forests(results: Results) -> list[Figure]:
    return [
        Figure(
            f"{analysis.name}: every yes-or-no measure on one scale",
            plots.forest(analysis, words_of(results, analysis), results.rules),
            figures.forest_alt(analysis, words_of(results, analysis)),
            figures.forest_table(analysis, words_of(results, analysis)),
            data=f"forest-{place}.csv",
            narrow=plots.forest(analysis, words_of(results, analysis), results.rules, narrow=True),
        )
        for place, analysis in enumerate(tables.published(results), start=1)
        if len(figures.forest_measures(analysis)) > 1
    ]


def curve(results: Results) -> Figure | None:
    given, words = results.headline.curve, words_of(results)
    if given is None or not given.days or results.headline.refused is not None:
        return None
    return Figure(
        f"When {words.outcome} first happened",
        plots.cumulative(given, words),
        figures.curve_alt(given, words),
        figures.curve_table(given, words),
        "Over everyone in each group. Days on which too few are behind a value are left out.",
        data="curve.csv",
        narrow=plots.cumulative(given, words, narrow=True),
    )


def trust_parts(results: Results) -> list[dict[str, Any]]:
    """The checks on the main result of the headline, each with its heading, sentences and picture."""
    given, measure = results.headline.trust, primary(results.headline)
    words, rules = words_of(results), results.rules
    if given is None or measure is None or results.headline.refused is not None:
        return []
    before, ways, hidden, tried = given.placebo, given.specifications, given.hidden, given.certificate
    parts = [
        {
            "title": "Before the programme",
            "said": trust.placebo_sentences(before, measure, words),
            "figure": before.estimate
            and Figure(
                before.label,
                plots.before(before, words),
                trust.placebo_alt(before, words),
                trust.placebo_table(before, words),
                data="placebo.csv",
                narrow=plots.before(before, words, narrow=True),
            ),
        },
        {
            "title": "What no record shows",
            "said": trust.hidden_sentences(hidden, measure, words) if hidden else [],
            "figure": hidden
            and hidden.twins
            and Figure(
                "What a hidden difference could do",
                plots.hidden(hidden, measure, words),
                trust.hidden_alt(hidden, measure),
                trust.hidden_table(hidden, measure, words),
                trust.hidden_note(hidden),
                data="hidden.csv",
                narrow=plots.hidden(hidden, measure, words, narrow=True),
            ),
        },
        {
            "title": "Other ways to work it out",
            "said": trust.specification_sentences(ways, measure, words, rules) if ways else [],
            "figure": ways
            and Figure(
                "The main result in every other way",
                plots.specifications(ways, measure, words, rules),
                trust.specification_alt(ways, measure, words),
                trust.specification_table(ways, measure, words),
                "Shaded: too small to matter.",
                printed=True,
                data="other-ways.csv",
                narrow=plots.specifications(ways, measure, words, rules, narrow=True),
            ),
        },
        {
            "title": "The method on trial",
            "said": trust.certificate_sentences(tried, measure, words, rules),
            "figure": Figure(
                "Of 100 ranges, how many held the truth",
                plots.trials(tried, measure),
                trust.certificate_alt(tried, measure),
                trust.certificate_table(tried, measure, words),
                data="trials.csv",
                narrow=plots.trials(tried, measure, narrow=True),
            )
            if tried.trials
            else None,
        },
    ]
    return [part for part in parts if part["said"]]


def people(results: Results) -> dict[str, Any]:
    """Attrition of both groups and who was analysed."""
    groups = [
        (results.words.treatment, results.attrition, "attrition-took-part.csv"),
        (results.words.comparison, results.attrition_pool, "attrition-comparison.csv"),
    ]
    return {
        "flows": [
            Figure(
                capital(who),
                plots.attrition_flow(steps),
                figures.flow_alt(steps, who),
                tables.attrition_table(steps, who),
                printed=True,
                data=name,
                narrow=plots.attrition_flow(steps, narrow=True),
            )
            for who, steps, name in groups
            if steps
        ],
        "profiles": [
            tables.profile_table(analysis, words_of(results, analysis).treatment)
            for analysis in tables.published(results)
            if analysis.profile
        ],
        "linking": method.linking_sentences(results),
    }


def balance(analysis: AnalysisResult, place: int) -> dict[str, Any]:
    """The picture of one analysis's balance, and every characteristic behind it."""
    found = analysis.balance
    assert found is not None  # noqa: S101 (the caller leaves out analyses without)
    return {
        "name": analysis.name,
        "verdict": found.verdict,
        "sentence": figures.balance_sentence(found),
        "reasons": [sentence(reason) for reason in found.reasons],
        "figure": Figure(
            f"{analysis.name}: differences before and after matching",
            plots.love(found),
            figures.love_alt(found),
            tables.balance_table(found, analysis.name),
            printed=True,
            data=f"balance-{place}.csv",
            narrow=plots.love(found, narrow=True),
        ),
    }


def method_parts(results: Results) -> dict[str, Any]:
    headline = results.headline
    described = headline.matching
    return {
        "time_zero": [*method.time_zero(results), *method.follow_up(results)],
        "matching": method.matching_sentences(described) if described else [],
        "outcomes": method.WARRANTS,
        "researchers": method.for_researchers(results),
        "disclosure": method.disclosure_sentences(results),
        "settings": [method.settings(results, analysis) for analysis in tables.published(results)],
        "dropped": method.dropped_table(described) if described and described.dropped else None,
        "grids": [
            Figure(
                f"{analysis.name}: calipers tried",
                plots.caliper_grid(analysis.matching),
                figures.grid_alt(analysis.matching, words_of(results, analysis)),
                figures.grid_table(analysis.matching, analysis.name),
                data=f"calipers-{place}.csv",
                narrow=plots.caliper_grid(analysis.matching, narrow=True),
            )
            for place, analysis in enumerate(tables.published(results), start=1)
            if analysis.matching and len(analysis.matching.grid) > 1
        ],
    }


__all__ = ["Figure", "context", "render"]
