"""Page 1 as words: the eight blocks, each a handful of short strings."""

from __future__ import annotations

from dataclasses import dataclass

from ..disclosure.results import AnalysisResult, MeasureResult, Results
from .claims import Claims, claims
from .nouns import words_of
from .numbers import capital, day, listed, lower_first, month, period, sentence, things
from .people import Stage, kept_sentence, largest_loss, stages
from .tables import meaning
from .units import primary
from .verdict import (
    LEVELS,
    NOT_EVIDENCE,
    axis_sentence,
    cannot_tell,
    confidence_said,
    confidence_sentence,
    detectable_sentence,
    notes,
    observed,
    range_only,
    reach_note,
    verdict_sentence,
)

EXAMPLE = "An example: everybody in it is invented, and it says nothing about any programme."
RELIABLY = "Reliably: by four such studies in five."
NO_ANSWER = "No answer to be sure of"
TOO_WIDE = "The range is too wide for an answer: both “no change” and a change that would matter lie in it."
NO_COMPARISON = "No comparison is published, so this report says nothing about the programme, whichever way."
MEANING = {
    "high": "Every check that was made supports the answer.",
    "moderate": "The answer is probably right; better evidence could change it.",
    "low": "The answer may be right; better evidence could well change it.",
    "very low": "The evidence is too weak for an answer.",
}


@dataclass(frozen=True)
class Dial:
    """Confidence in words and as one of four steps; no step where there is no answer to be sure of."""

    said: str
    step: int | None
    meaning: str
    held_back: str


@dataclass(frozen=True)
class PageOne:
    """Everything that page 1 says; empty where nothing can be said."""

    title: str
    outcome: str
    example: str
    facts: list[str]
    measured: str
    warning: str
    verdict: str
    support: list[str]
    notes: list[str]
    range_notes: list[str]
    dial: Dial | None
    stages: list[Stage]
    people: list[str]
    claims: Claims | None
    context: list[str]
    frame: list[tuple[str, str]]


def page_one(results: Results) -> PageOne:
    analysis, words, rules = results.headline, words_of(results), results.rules
    measure, verdict = primary(analysis), analysis.verdict
    told = measure is not None and verdict is not None and analysis.refused is None
    kept = kept_sentence(results)
    return PageOne(
        title=results.about.programme.name,
        outcome=capital(words.outcome),
        example=EXAMPLE if results.frame.invented else "",
        facts=facts(results),
        measured=measured(results),
        warning=sentence(verdict.warning) if verdict and verdict.warning else "",
        verdict=verdict_sentence(verdict, measure, words, rules) if told else unpublished(analysis),
        support=support(results, measure) if told else [],
        notes=notes(measure, words) if told else [],
        range_notes=range_notes(results, measure) if told else [],
        dial=dial(results) if told else None,
        stages=stages(results),
        people=[*([kept] if kept else []), *largest_loss(results)],
        claims=claims(verdict, measure, words, rules) if told else None,
        context=[words.context, words.not_shown] if told else [NO_COMPARISON],
        frame=frame(results),
    )


def unpublished(analysis: AnalysisResult) -> str:
    """What stands in place of the verdict when there is none."""
    reason = analysis.refused
    if reason is None:
        found = next((measure for measure in analysis.measures if measure.primary), None)
        reason = "too few people are behind it" if found and found.suppressed is not None else None
    said = "No result can be published"
    if not reason:
        return f"{said}."
    full = f"{said}: {lower_first(reason.strip().rstrip('.'))}."
    return full if len(full.split()) <= 25 else f"{said}. {sentence(reason)}"


def support(results: Results, measure: MeasureResult | None) -> list[str]:
    """What was observed; where nothing can be told, also what that does not mean."""
    verdict = results.headline.verdict
    if measure is None or verdict is None:
        return []
    said = observed(measure, words_of(results))
    if cannot_tell(verdict):
        said += [NOT_EVIDENCE, detectable_sentence(measure, words_of(results))]
    return [line for line in said if line]


def range_notes(results: Results, measure: MeasureResult | None) -> list[str]:
    verdict = results.headline.verdict
    if measure is None or verdict is None:
        return []
    words = words_of(results)
    size = "" if cannot_tell(verdict) else detectable_sentence(measure, words)
    seen = RELIABLY if measure.detectable is not None else ""
    said = [
        axis_sentence(measure, words, results.rules),
        reach_note(verdict, measure, words, results.rules),
        size,
        seen,
    ]
    return [line for line in said if line]


def dial(results: Results) -> Dial | None:
    verdict = results.headline.verdict
    if verdict is None:
        return None
    said, held_back = capital(confidence_said(verdict)), confidence_sentence(verdict)
    if range_only(verdict):
        return Dial(NO_ANSWER, None, f"{TOO_WIDE} {said}.", held_back)
    return Dial(said, LEVELS.index(verdict.confidence) + 1, MEANING[verdict.confidence], held_back)


def facts(results: Results) -> list[str]:
    """Organisation, kind, setting and dates of the programme, whichever were given."""
    programme = results.about.programme
    dates = period(programme.began, programme.ended, month)
    return [text for text in [results.about.organisation, programme.type, programme.setting, dates] if text]


def measured(results: Results) -> str:
    """The main measure and what it is."""
    found = next((measure for measure in results.headline.measures if measure.primary), None)
    if found is None:
        return ""
    return " ".join(part for part in [f"{meaning(found)}.", results.words.defined] if part)


def frame(results: Results) -> list[tuple[str, str]]:
    """Request, data, plan and method: what a reader needs to place or check the result."""
    about, given = results.about, results.frame
    clock = {
        "participation": "runs from the start of participation",
        "index": "runs from the index event",
        "table": "runs as in the table supplied",
    }[given.time_zero]
    entered = period(given.index_from, given.index_to)
    months = (
        "" if given.follow_up_months is None else f"{things(given.follow_up_months, 'month', 'months')}, "
    )
    rows = [
        ("Request", f"{about.id}, {about.lab_label}"),
        ("Starting event", ", ".join(text for text in [listed(given.index_events), entered] if text)),
        ("Follow-up", f"{months}{clock}"),
        ("Records until", day(given.data_until)),
        ("Method", f"version {given.method_version}"),
        ("Sealed plan", given.plan_sha256[:12]),
        ("Released", day(given.released_on)),
        ("Contact", given.contact),
    ]
    return [(name, value) for name, value in rows if value]


def response(results: Results) -> tuple[str, list[str]]:
    """Whose words the response is, and its paragraphs; no paragraphs where there is none."""
    about = results.about
    paragraphs = [" ".join(line.split()) for line in about.response.splitlines() if line.strip()]
    return f"These are the words of {about.organisation}, not of the {about.lab_label}.", paragraphs
