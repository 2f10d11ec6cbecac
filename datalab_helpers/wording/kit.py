"""The claim kit: what a charity may publish about its result, ready to copy."""

from __future__ import annotations

from dataclasses import dataclass

from ..disclosure.results import Results
from .claims import claims
from .figures import icons_alt, pair_alt
from .nouns import people, words_of
from .numbers import brief, capital, day
from .page import EXAMPLE, unpublished
from .units import primary
from .verdict import NOT_EVIDENCE, cannot_tell, confidence_said, range_only, reach_note, verdict_sentence


@dataclass(frozen=True)
class Kit:
    """Three sentences, the words of one picture, one citation; without a result a single sentence.

    `picture_alt` goes out with the picture and holds all its words; `picture_shown` stands on the page, above them.
    """

    title: str
    example: str
    answer: str
    sentences: list[str]
    cannot: list[str]
    picture_alt: str
    picture_shown: str
    picture_notes: list[str]
    citation: str
    advice: list[str]


ADVICE = [
    "Give the range whenever you give the difference.",
    "Speak of people in every 100, not of per cent more or less.",
    "Say whom your people were compared with.",
    "Link to the whole report.",
]


def kit(results: Results) -> Kit:
    """Everything that the page of the kit says; no picture where there is no result."""
    measure, verdict = primary(results.headline), results.headline.verdict
    title, example = results.about.programme.name, EXAMPLE if results.frame.invented else ""
    if measure is None or verdict is None or results.headline.refused is not None:
        said = unpublished(results.headline)
        return Kit(title, example, said, [said], [], "", "", [], citation(results), ADVICE[2:])
    words = words_of(results)
    answer = verdict_sentence(verdict, measure, words, results.rules)
    told = claims(verdict, measure, words, results.rules)
    describe = icons_alt if measure.kind == "binary" else pair_alt
    sentences = [*told.can, compared_with(results)][:3]
    rounding = reach_note(verdict, measure, words, results.rules)
    wide = ", which is too wide for an answer" if range_only(verdict) else ""
    notes = [f"{capital(confidence_said(verdict))}{wide}.", compared_with(results)]
    if cannot_tell(verdict):
        notes.append(NOT_EVIDENCE)
    if rounding:
        notes.append(rounding)
        sentences[-1] += f" {rounding}"
    drawn = describe(measure, words)
    alt = " ".join([answer, *notes, drawn])
    return Kit(
        title,
        example,
        answer,
        sentences,
        told.cannot,
        alt,
        brief(drawn, "All its words stand below it."),
        notes,
        citation(results),
        ADVICE,
    )


def compared_with(results: Results) -> str:
    """The sentence that says who stands behind the result."""
    measure, words = primary(results.headline), words_of(results)
    n = measure.n_treatment if measure else None
    who = words.people if n is None else people(n, words)
    return f"The {who} analysed {'was' if n == 1 else 'were'} compared with {words.comparison}."


def citation(results: Results) -> str:
    """Who worked it out, of what, and by which plan; the day of release is for the publisher to add."""
    about, frame = results.about, results.frame
    until = f", records until {day(frame.data_until)}" if frame.data_until else ""
    return (
        f"{about.lab_label}, request {about.id}: {about.programme.name}, {about.organisation}."
        f" Method version {frame.method_version}{until}. Sealed plan {frame.plan_sha256[:12]}."
    )
