"""What a charity can and cannot say: sentences ready to copy, for every verdict."""

from __future__ import annotations

from dataclasses import dataclass

from ..disclosure.results import MeasureResult, Rules, Verdict
from ..lab import Words
from .nouns import people
from .units import change, estimate_of, noun, smallest_difference, span, spoken
from .verdict import cannot_tell, claim, detectable_sentence, observed, past, pieces, verbs

FOUND = {"high": "found", "moderate": "suggests", "low": "suggests"}


@dataclass(frozen=True)
class Claims:
    can: list[str]
    cannot: list[str]


def claims(verdict: Verdict, measure: MeasureResult, words: Words, rules: Rules) -> Claims:
    """Two or three sentences each, in the charity's own voice."""
    if cannot_tell(verdict):
        return Claims(unsure(verdict, measure, words), over_unsure(measure, words))
    can = [opening(verdict, measure, words, rules), *observed(measure, words)[:2], likely(measure, words)]
    return Claims([can[0], f"{can[1]} {can[2]}", can[3]], overclaims(verdict, measure, words, rules))


def opening(verdict: Verdict, measure: MeasureResult, words: Words, rules: Rules) -> str:
    found = FOUND.get(verdict.confidence, "suggests")
    return f"A matched comparison {found} that our programme {claim(verdict, measure, words, rules)}."


def likely(measure: MeasureResult, words: Words) -> str:
    estimate = estimate_of(measure)
    if estimate is None:
        return ""
    reach = span(measure, words, estimate.low, estimate.high)
    return f"The true difference is likely to lie in this range: {reach}."


def unsure(verdict: Verdict, measure: MeasureResult, words: Words) -> list[str]:
    """Case E, and any case that cannot be trusted enough to say more."""
    what, estimate = noun(measure, words), estimate_of(measure)
    first = f"A matched comparison could not tell whether our programme changed {what}."
    seen = " ".join(observed(measure, words)[:2])
    if verdict.case == "E" and verdict.confidence != "very low" and estimate is not None:
        # Two figures without their range would be read as a result.
        seen = f"{seen} {likely(measure, words)} It is too wide for an answer."
        return [first, seen, detectable_sentence(measure, words) or likely(measure, words)]
    reason = pieces(verdict.held_back_by)[0]
    return [
        first,
        f"No conclusion can be drawn, because {reason}." if reason else "No conclusion can be drawn.",
    ]


def over_unsure(measure: MeasureResult, words: Words) -> list[str]:
    better, worse = verbs(measure)
    what = noun(measure, words)
    return [
        f"“Our programme {past(better)} {what}.” The analysis does not show it.",
        f"“Our programme {past(worse)} {what}.” It does not show that either.",
        f"“Our programme makes no difference to {what}.” Not being able to tell is not the same as none.",
    ]


def overclaims(verdict: Verdict, measure: MeasureResult, words: Words, rules: Rules) -> list[str]:
    better, worse = verbs(measure)
    what, estimate = noun(measure, words), estimate_of(measure)
    certain = (
        "“The whole difference is due to us.” The groups may have differed in ways that nobody recorded."
    )
    exact = (
        f"“The change was exactly {change(measure, words, estimate.difference)}.” Give the range as well."
        if estimate is not None and spoken(measure, estimate.difference)
        else ""
    )
    least = smallest_difference(measure, words, rules.smallest_difference)
    match verdict.case:
        case "A":
            said = [exact, certain]
        case "B":
            scale = 100 if measure.kind == "binary" else 1
            small = estimate is not None and all(
                abs(end) * scale < rules.smallest_difference for end in (estimate.low, estimate.high)
            )
            said = [
                f"“The change was large.” It was less than {least}, which was set beforehand as too small to matter."
                if small
                else f"“The change was large.” It may have been less than {least}.",
                exact,
                certain,
            ]
        case "C":
            said = [
                f"“Our programme {past(better)} {what}.” The range holds only changes too small to matter.",
                f"“Our programme {past(worse)} {what}.” The same holds for a change in that direction.",
            ]
        case "D":
            said = [
                f"“Our programme {past(better)} {what}.” A change of {least} or more in that direction is unlikely.",
                f"“Our programme {past(worse)} {what}.” That is possible, but it has not been shown.",
            ]
        case _:
            said = [
                f"“Our programme {past(better)} {what}.” The range points only the other way.",
                certain,
            ]
    return [*(line for line in said if line), reach_of(measure, words)][:3]


def reach_of(measure: MeasureResult, words: Words) -> str:
    who = people(measure.n_treatment, words) if measure.n_treatment is not None else words.people
    return f"“It would be the same anywhere.” The result is about the {who} analysed."
