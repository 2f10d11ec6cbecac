"""What a result allows to be said: its direction, how firmly, which numbers, and the sentences to say it in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from ...disclosure.results import MeasureResult, Results
from ..claims import likely
from ..kit import kit
from ..nouns import words_of
from ..page import page_one
from ..tables import analyses_table, attrition_table, measure_tables, profile_table, published
from ..units import compared, estimate_of, matters, primary, spoken, unit_of
from ..verdict import cannot_tell, observed
from .rules import Language, language

NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
# A range that rounds to nothing is told as less than one.
NOTHING = frozenset({Decimal(0), Decimal(1)})
OTHER = {"down": "up", "up": "down", "": ""}
# Words of a measure's name that say nothing of what was measured.
COMMON = {"people", "person", "within", "average", "number", "months", "proven", "committed"}


@dataclass(frozen=True)
class Figures:
    """The numbers of the main result as they are spoken; `low` and `high` with their sign.

    people : sizes of the groups that were analysed, and others those of the people they were compared with
    money : the sign of the currency, where the measure is money
    limits : the smallest difference that matters and the smallest that could have been seen
    """

    mine: Decimal
    theirs: Decimal | None
    difference: Decimal
    low: Decimal
    high: Decimal
    relative: int | None
    limits: frozenset[Decimal]
    people: frozenset[Decimal]
    others: frozenset[Decimal]
    money: str

    @property
    def ends(self) -> frozenset[Decimal]:
        """Sizes of the ends of the range as they are told."""
        found = frozenset({abs(self.low), abs(self.high)})
        return NOTHING if found == {0} else found


@dataclass(frozen=True)
class Bearings:
    """`direction` is where the verdict points, `seen` where the difference points, `good` where it should: down or up.

    figures : None where no result is published; numbers : every number of the report
    names : of programme and organisation; described : the programme in its own words, small letters
    sentences : of the report, to be said instead: opening, groups, range, people
    """

    case: str
    confidence: str
    direction: str
    seen: str
    good: str
    figures: Figures | None
    numbers: frozenset[Decimal]
    language: Language
    names: tuple[str, ...]
    described: str
    sentences: dict[str, str]


def bearings(results: Results) -> Bearings:
    measure, verdict, given = primary(results.headline), results.headline.verdict, kit(results)
    programme, opening = results.about.programme, given.sentences[0]
    case = confidence = direction = seen = ""
    good, figures, sentences = "down", None, dict.fromkeys(("opening", "groups", "range", "people"), opening)
    if measure is not None and verdict is not None and results.headline.refused is None:
        figures, confidence = _figures(results, measure), verdict.confidence
        good = "up" if measure.good == "higher" else "down"
        if cannot_tell(verdict):
            case = "E"
        else:
            case = verdict.case
            direction = {"A": good, "B": good, "F": OTHER[good]}.get(case, "")
        difference = estimate_of(measure).difference
        seen = "" if not figures.difference else "down" if difference < 0 else "up"
        groups = " ".join(observed(measure, words_of(results))[:2])
        sentences["groups"], sentences["range"] = (
            groups or opening,
            likely(measure, words_of(results)) or opening,
        )
        sentences["people"] = given.picture_notes[1]
    return Bearings(
        case=case,
        confidence=confidence,
        direction=direction,
        seen=seen,
        good=good,
        figures=figures,
        numbers=frozenset(numbers(" ".join(_everything_said(results)))),
        language=_language(results, measure, good),
        names=(programme.name, results.about.organisation),
        described=f"{programme.name} {programme.description} {programme.setting}".lower(),
        sentences=sentences,
    )


def numbers(text: str) -> list[Decimal]:
    return [Decimal(found.replace(",", "")) for found in NUMBER.findall(text)]


def _figures(results: Results, measure: MeasureResult) -> Figures:
    estimate, other, shown = estimate_of(measure), compared(measure), published(results)
    measures = [found for analysis in shown if (found := primary(analysis)) is not None]
    pools = [analysis.sizes.pool for analysis in shown if analysis.sizes]
    others = [*pools, *(n for m in measures for n in (m.n_comparison, m.n_comparison_effective))]
    limits = {Decimal(f"{matters(measure, results.rules.smallest_difference):g}")}
    limits |= {spoken(measure, measure.detectable)} if measure.detectable is not None else set()
    return Figures(
        mine=spoken(measure, measure.treatment),
        theirs=spoken(measure, other) if other is not None else None,
        difference=abs(spoken(measure, estimate.difference)),
        low=spoken(measure, estimate.low),
        high=spoken(measure, estimate.high),
        relative=round(100 * abs(estimate.difference / other)) if other else None,
        limits=frozenset(limits),
        people=frozenset(Decimal(m.n_treatment) for m in measures if m.n_treatment is not None),
        others=frozenset(Decimal(round(n)) for n in others if n is not None),
        money=unit_of(measure, words_of(results)).before,
    )


def _language(results: Results, measure: MeasureResult | None, good: str) -> Language:
    """The vocabulary, with the lab's own words for the outcome."""
    words = words_of(results)
    outcome = [f"{stem}*" for stem in _stems(results, measure)]
    outcome += words.said_as.outcome
    lists = {
        "outcome": outcome,
        "opposite": words.said_as.opposite,
        "wanted": outcome if good == "up" else words.said_as.opposite,
        "other_measures": words.said_as.other_measures,
        "treated": [words.treatment],
        "compared": [words.comparison],
        # An analysis of women alone is of all its people when it speaks of women.
        "other_sex": ["men", "boys"] if words.people == "women" else ["women", "girls"],
        "field": [results.about.programme.type],
        "parts": [analysis.name.lower() for analysis in results.analyses if not analysis.headline],
    }
    return language(*((name, tuple(phrases)) for name, phrases in lists.items()))


def _stems(results: Results, measure: MeasureResult | None) -> list[str]:
    """Beginnings of the lab's words for the outcome."""
    words = [words_of(results).outcome, words_of(results).happened]
    words += [measure.label, measure.short] if measure else []
    stems = {w[:7] for w in re.findall(r"[a-z]{6,}", " ".join(words).lower()) if w not in COMMON}
    return sorted(stems | {stem[2:] for stem in stems if stem.startswith("re")})


def _everything_said(results: Results) -> list[str]:
    """What the report says in numbers: page 1, the kit, and the tables that a charity would quote."""
    page, given = page_one(results), kit(results)
    said = [
        page.title,
        *page.facts,
        page.verdict,
        *page.support,
        *page.notes,
        *page.range_notes,
        *page.people,
        page.measured,
    ]
    said += [f"{stage.number} {stage.label}" for stage in page.stages]
    said += [f"{name} {value}" for name, value in page.frame]
    said += [
        *given.sentences,
        *given.cannot,
        given.citation,
        given.picture_alt,
        results.about.programme.description,
    ]
    said += [page.dial.held_back] if page.dial else []
    tables = [analyses_table(results), *measure_tables(results)]
    tables += [attrition_table(steps, "") for steps in (results.attrition, results.attrition_pool)]
    tables += [profile_table(analysis, "") for analysis in published(results)]
    return said + [cell for table in tables for row in table.rows for cell in row]
