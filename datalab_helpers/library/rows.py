"""One row a request: what became of it, and its main result in the unit in which it is spoken."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from ..disclosure.results import MeasureResult, Results
from ..lab import load_lab
from ..wording.nouns import group, words_of
from ..wording.refusal import reason
from ..wording.units import estimate_of, primary, shown
from ..wording.verdict import LEVELS, verdict_sentence
from .contents import Ranged, Row
from .entries import Entry
from .synthesis.pooled import Z_95

NOT_RUN = "No result yet."
HEADLINE_REFUSED = "Its main analysis could not be published."
HELD_BACK = "Its main result is held back as confidential."
VERY_LOW = "Results of very low confidence are listed only."
EXAMPLE = "Examples of invented people are listed only."
NO_WIDTH = "Results whose range has no width are listed only."


@dataclass(frozen=True)
class Found:
    """A row with the main measure and the results that it comes from; None where there is no main result."""

    row: Row
    measure: MeasureResult | None = None
    results: Results | None = None


def rows_of(entries: list[Entry]) -> list[Found]:
    """One a request, newest first: by day of release, then by id."""
    entries = sorted(entries, key=lambda entry: (entry.released_on or "", entry.about.id), reverse=True)
    whose = defaultdict(list)
    for entry in entries:
        whose[organisation(entry.about.organisation)].append(entry.about.id)
    return [
        _row(entry, [one for one in whose[organisation(entry.about.organisation)] if one != entry.about.id])
        for entry in entries
    ]


def organisation(name: str) -> str:
    """What two spellings of one organisation's name share."""
    return " ".join(name.casefold().split())


def error(ranged: Ranged) -> float:
    """Standard error, as far as a published interval tells it: what is pooled is what was published."""
    return (ranged.high - ranged.low) / (2 * Z_95)


def _row(entry: Entry, others: list[str]) -> Found:
    about, results = entry.about, entry.results
    base: dict[str, Any] = {
        "id": about.id,
        "lab": about.lab,
        "lab_label": about.lab_label,
        "organisation": about.organisation,
        "programme": about.programme,
        "released_on": entry.released_on,
        "same_organisation": others,
        "has_report": results is not None,
        "checked": entry.checked,
        "invented": entry.invented,
        **dict.fromkeys(["subject", "case", "confidence", "people", "raw", "p", "p_bh", "shrunk"]),
        "group": "",
        "left_out": "",
    }
    if entry.why is not None:
        why = reason(entry.why, load_lab(about.lab).defaults.smallest_group)
        return Found(Row(**base | {"status": "no result", "answer": why}))
    if results is None:
        return Found(Row(**base | {"status": "awaited", "answer": NOT_RUN}))
    headline, measure = results.headline, primary(results.headline)
    if headline.refused is not None or headline.verdict is None or measure is None:
        why = HEADLINE_REFUSED if headline.refused else HELD_BACK
        return Found(Row(**base | {"status": "no result", "answer": why}))
    estimate, verdict = estimate_of(measure), headline.verdict
    assert estimate is not None  # noqa: S101 (a main measure has one)
    raw = Ranged(
        value=shown(measure, estimate.difference),
        low=shown(measure, estimate.low),
        high=shown(measure, estimate.high),
    )
    given = {
        "status": "result",
        "subject": _subject_id(measure, results),
        "answer": verdict_sentence(verdict, measure, words_of(results), results.rules),
        "case": verdict.case,
        "confidence": verdict.confidence,
        "people": measure.n_treatment,
        "group": group(results),
        "raw": raw,
        "p": estimate.p,
        "left_out": VERY_LOW if verdict.confidence == LEVELS[0] else "" if error(raw) > 0 else NO_WIDTH,
    }
    return Found(Row(**base | given), measure, results)


def _subject_id(measure: MeasureResult, results: Results) -> str:
    """Results are of one subject when they measure the same, in one unit, as long and from the same day on.

    Two clocks are two outcomes: counting from the index event and from the start can differ by 9 in 100.
    """
    frame = results.frame
    parts = (
        results.about.lab,
        measure.name,
        measure.kind,
        measure.unit,
        measure.good,
        measure.among,
        frame.follow_up_months and f"{frame.follow_up_months} months",
        frame.time_zero,
    )
    return " / ".join(str(part) for part in parts if part)
