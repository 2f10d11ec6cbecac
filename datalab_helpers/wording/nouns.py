"""What those analysed are called, one and several: people, or women or men where the analysis is of them alone."""

from __future__ import annotations

from ..disclosure.results import AnalysisResult, Results
from ..lab import Words
from .numbers import things


def words_of(results: Results, analysis: AnalysisResult | None = None) -> Words:
    """The words of one analysis, of the headline where none is named."""
    return (analysis or results.headline).words or results.words


def words_of_all(results: Results) -> Words:
    """The words for what several analyses share: their own if they all have the same."""
    found = {words_of(results, analysis) for analysis in results.analyses if analysis.refused is None}
    return found.pop() if len(found) == 1 else results.words


def group(results: Results, analysis: AnalysisResult | None = None) -> str:
    """`women` or `men` where an analysis is of them alone; empty for people."""
    own = (analysis or results.headline).words
    return own.people if own else ""


def people(count: int, words: Words) -> str:
    """`1 person`, `2,340 women`."""
    return things(count, words.person, words.people)
