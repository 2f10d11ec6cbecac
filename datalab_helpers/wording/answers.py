"""What each analysis found, in words: its answer, how sure it is, and why."""

from __future__ import annotations

from dataclasses import dataclass

from ..disclosure.results import Results
from .nouns import words_of
from .numbers import sentence
from .page import unpublished
from .tables import published, who
from .units import primary
from .verdict import confidence_said, verdict_sentence


@dataclass(frozen=True)
class Answer:
    """`name` says which analysis, of whom; `sure` is the level of confidence and every reason for it."""

    name: str
    said: str
    sure: list[str]


def answers(results: Results) -> list[Answer]:
    """One for each published analysis, in the order of the request."""
    found = []
    for analysis in published(results):
        measure, verdict = primary(analysis), analysis.verdict
        headline = " (headline)" if analysis.headline else ""
        name = ": ".join(text for text in (f"{analysis.name}{headline}", who(results, analysis)) if text)
        if measure is None or verdict is None:
            found.append(Answer(name, unpublished(analysis), []))
            continue
        said = verdict_sentence(verdict, measure, words_of(results, analysis), results.rules)
        sure = [sentence(confidence_said(verdict)), *map(sentence, verdict.reasons)]
        found.append(Answer(name, said, sure))
    return found
