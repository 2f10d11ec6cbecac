"""What a result allows to be said: its direction, how firmly, which numbers, and the sentences to say it in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...disclosure.results import MeasureResult, Results
from ..claims import likely
from ..kit import kit
from ..nouns import words_of
from ..page import page_one
from ..tables import analyses_table, attrition_table, measure_tables, profile_table, published
from ..units import compared, estimate_of, primary, spoken
from ..verdict import cannot_tell, observed

NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
# Words of a measure's name that say nothing of what was measured.
COMMON = {"people", "person", "within", "average", "number", "months", "proven", "committed"}


@dataclass(frozen=True)
class Bearings:
    """`direction` is where the verdict points, `seen` where the difference points: down, up or nowhere."""

    told: bool
    case: str
    confidence: str
    direction: str
    seen: str
    outcome: re.Pattern[str]
    numbers: frozenset[str]
    ends: frozenset[str]
    size: str
    relative: int | None
    group_values: frozenset[str]
    proven: tuple[str, ...]
    opening: str
    groups: str
    reach: str
    people: str


def bearings(results: Results) -> Bearings:
    measure, verdict, given = primary(results.headline), results.headline.verdict, kit(results)
    known = frozenset(numbers(" ".join(_everything_said(results))))
    proven = tuple(re.findall(r"proven \w+", " ".join(_names(results)).lower()))
    opening, people = given.sentences[0], given.picture_notes[1] if given.picture_notes else ""
    if measure is None or verdict is None or results.headline.refused is not None:
        outcome = _outcome(results, None)
        nothing: frozenset[str] = frozenset()
        return Bearings(False, "", "", "", "", outcome, known, nothing, "", None, nothing, proven, opening, opening, opening, people)  # fmt: skip
    estimate, other = estimate_of(measure), compared(measure)
    assert estimate is not None  # noqa: S101 (primary gives none without)
    difference = spoken(measure, estimate.difference)
    seen = "down" if difference < 0 else "up" if difference > 0 else ""
    better = "up" if measure.good == "higher" else "down"
    pointing = {"A": better, "B": better, "F": "down" if better == "up" else "up"}.get(verdict.case, "")
    values = [spoken(measure, value) for value in (measure.treatment, other) if value is not None]
    return Bearings(
        told=True,
        case="E" if cannot_tell(verdict) else verdict.case,
        confidence=verdict.confidence,
        direction="" if cannot_tell(verdict) else pointing,
        seen=seen,
        outcome=_outcome(results, measure),
        numbers=known,
        ends=frozenset(
            f"{abs(end)}" for end in (spoken(measure, estimate.low), spoken(measure, estimate.high)) if end
        ),
        size=f"{abs(difference)}",
        relative=round(100 * abs(estimate.difference / other)) if other else None,
        group_values=frozenset(f"{value}" for value in values),
        proven=proven,
        opening=opening,
        groups=" ".join(observed(measure, words_of(results))[:2]),
        reach=likely(measure, words_of(results)),
        people=people,
    )


def numbers(text: str) -> list[str]:
    """The numbers of a text, without separators."""
    return [found.replace(",", "") for found in NUMBER.findall(text)]


def _names(results: Results) -> list[str]:
    words = results.words
    measures = [m for analysis in results.analyses for m in analysis.measures]
    return [words.outcome, words.happened, *(f"{m.label} {m.short} {m.meaning}" for m in measures)]


def _outcome(results: Results, measure: MeasureResult | None) -> re.Pattern[str]:
    """Matches whatever names the outcome: beginnings of the lab's own words for it."""
    words = [results.words.outcome, results.words.happened]
    words += [measure.label, measure.short] if measure else []
    stems = {w[:7] for w in re.findall(r"[a-z]{6,}", " ".join(words).lower()) if w not in COMMON}
    stems |= {stem[2:] for stem in stems if stem.startswith("re")}
    return re.compile(rf"\b(?:re-?)?(?:{'|'.join(sorted(map(re.escape, stems)))})\w*", re.I)


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
