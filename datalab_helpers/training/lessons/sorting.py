"""Six sentences of a draft annual report, and where each belongs: decided by the checker of drafts, never typed in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ...disclosure.results import MeasureResult, Results
from ...wording.claims import likely
from ...wording.draft import Finding, check_draft
from ...wording.units import change, compared, estimate_of, primary, spoken
from .example import invented

CAN, NEED, CANNOT = "Can say", "Need more", "Cannot say"

# What a sentence lacks that goes too far only for want of something; other kinds cannot be said at all.
LACKS = {
    "range left out": "its range",
    "firmness": "a word that says how sure it is",
    "generalisation": "results from other places",
}
UNDECIDED = "an answer, which this result does not give"
# The checker lets a range stand that was worked out rightly, also where the report draws no conclusion from it.
NO_RULE = "a fair comparison first; the checker has no rule for this, so the lesson adds it"


@dataclass(frozen=True)
class Sorted:
    """A sentence of the draft. pile : one of CAN, NEED, CANNOT; because : why, or what it lacks"""

    asked: str
    sentence: str
    pile: str
    because: str


@cache
def six(case: str, confidence: str) -> tuple[Sorted, ...]:
    """The six sentences for a result, sorted."""
    results = invented(case, confidence)
    return tuple(sort(asked, sentence, results) for asked, sentence in draft(results))


def draft(results: Results) -> list[tuple[str, str]]:
    """What each sentence is about, and the sentence, with the numbers of the result."""
    measure, words = main(results), results.words
    theirs = spoken(measure, compared(measure) or 0.0)
    estimate = estimate_of(measure)
    seen = change(measure, words, estimate.difference if estimate else 0.0)
    return [
        ("baseline", f"Of every 100 similar people who did not take part, {theirs} {words.happened}."),
        ("difference", f"The difference was {seen}."),
        ("range", likely(measure, words)),
        ("direction", f"Our mentoring reduced {words.outcome}."),
        ("confidence", f"The figures prove that our mentoring cuts {words.outcome}."),
        ("claim", f"Every prison that takes up our mentoring will see less {words.outcome}."),
    ]


def main(results: Results) -> MeasureResult:
    measure = primary(results.headline)
    if measure is None:
        raise AssertionError("an invented result has a main measure")
    return measure


def sort(asked: str, sentence: str, results: Results) -> Sorted:
    verdict = results.headline.verdict
    found = check_draft(sentence, results)
    if not found:
        unfounded = asked == "range" and verdict is not None and verdict.confidence == "very low"
        return Sorted(
            asked, sentence, *((NEED, NO_RULE) if unfounded else (CAN, "it says what the report says"))
        )
    unsure = verdict is not None and (verdict.case == "E" or verdict.confidence == "very low")
    never = [finding for finding in found if lacking(finding, unsure) is None]
    if never:
        return Sorted(asked, sentence, CANNOT, never[0].why.rstrip("."))
    # What is missing most stands first: an answer before a word of caution.
    wanted = sorted(
        {lacking(finding, unsure) or "" for finding in found}, key=[UNDECIDED, *LACKS.values()].index
    )
    return Sorted(asked, sentence, NEED, ". It needs ".join(wanted))


def lacking(finding: Finding, unsure: bool) -> str | None:
    """What a sentence lacks; None where nothing could make it right."""
    return UNDECIDED if finding.kind == "direction" and unsure else LACKS.get(finding.kind)
