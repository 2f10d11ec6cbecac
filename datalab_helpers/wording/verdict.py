"""The conclusion in words: case x confidence gives the sentence, never a person's discretion."""

from __future__ import annotations

from ..disclosure.results import MeasureResult, Results, Rules, Verdict
from ..lab import Words
from .nouns import people, words_of
from .numbers import capital, listed, lower_first, number, one_line, sentence
from .units import (
    by_span,
    change,
    compared,
    counted,
    estimate_of,
    matters,
    noun,
    primary,
    shown,
    smallest_difference,
    span,
    spoken,
    unit_of,
)

LEVELS = ["very low", "low", "moderate", "high"]
NOT_EVIDENCE = "This is not evidence that the programme has no effect."
LONGEST = 25


def verbs(measure: MeasureResult) -> tuple[str, str]:
    """What a wanted and an unwanted change are called, without their ending in -d."""
    down, up = ("reduce", "increase") if counted(measure) else ("lower", "raise")
    return (up, down) if measure.good == "higher" else (down, up)


def past(verb: str) -> str:
    return verb + ("d" if verb.endswith("e") else "ed")


def hedged(verb: str, confidence: str, negative: bool = False) -> str:
    """`reduced`, `probably reduced` or `may have reduced`; in the negative `did not reduce` and so on."""
    if confidence == "low":
        return f"may not have {past(verb)}" if negative else f"may have {past(verb)}"
    said = f"did not {verb}" if negative else past(verb)
    return said if confidence == "high" else f"probably {said}"


def cannot_tell(verdict: Verdict) -> bool:
    """Whether the conclusion is that nothing can be concluded."""
    return verdict.case == "E" or verdict.confidence == "very low"


def range_only(verdict: Verdict) -> bool:
    """Whether confidence can only be in the range, since it is too wide for an answer."""
    return verdict.case == "E" and verdict.confidence != "very low"


def confidence_said(verdict: Verdict) -> str:
    """`high confidence`, and in what where there is no answer that it could be in."""
    return f"{verdict.confidence} confidence{' in the range itself' if range_only(verdict) else ''}"


def claim(verdict: Verdict, measure: MeasureResult, words: Words, rules: Rules) -> str:
    """The verdict without its subject and its range, such as `probably reduced` and the outcome."""
    better, worse = verbs(measure)
    what, confidence = noun(measure, words), verdict.confidence
    match verdict.case:
        case "A":
            return f"{hedged(better, confidence)} {what}"
        case "B":
            # At low confidence the sentence already concedes more than "by little" would.
            little = "" if confidence == "low" else ", perhaps by little"
            return f"{hedged(better, confidence)} {what}{little}"
        case "C":
            made = {"high": "made", "low": "may have made"}.get(confidence, "probably made")
            return f"{made} little or no difference to {what}"
        case "D":
            least = smallest_difference(measure, words, rules.smallest_difference)
            return f"{hedged(better, confidence, negative=True)} {what} by {least} or more"
        case _:
            return f"{hedged(worse, confidence)} {what}"


def verdict_sentence(verdict: Verdict, measure: MeasureResult, words: Words, rules: Rules) -> str:
    """The first sentence of the report, at most 25 words."""
    estimate, what = estimate_of(measure), noun(measure, words)
    if estimate is None:
        return "The main result cannot be published."
    reach = span(measure, words, estimate.low, estimate.high)
    if verdict.confidence == "very low":
        return because(what, verdict.held_back_by)
    if verdict.case == "E":
        return joined(f"We cannot tell whether taking part changed {what}", f"the range is {ends(reach)}")
    said = f"Taking part {claim(verdict, measure, words, rules)}"
    if verdict.case == "D":
        return joined(said, f"the range is {ends(reach)}")
    # The range is where the truth probably lies, not what was seen to happen.
    reach = f"likely {reach}" if reach.startswith("between ") else reach
    if verdict.case in "ABF" and not counted(measure):
        by = by_span(measure, words, estimate.low, estimate.high)
        if ", " in said:
            return joined(said, f"likely {by.removeprefix('by ')}")
        return f"{said}, likely {by}."
    if measure.kind != "binary" or verdict.case == "C" or reach.startswith("a "):
        return joined(said, reach)
    full = f"{said}: {reach} {words.happened}."
    return full if len(full.split()) <= LONGEST else joined(said, reach)


def joined(first: str, second: str) -> str:
    """Two parts as one sentence, or as two where one would be too long to read."""
    full = f"{first}: {second}."
    return full if len(full.split()) <= LONGEST else f"{first}. {capital(second)}."


def ends(reach: str) -> str:
    """`between a and b` as `a to b`, after "the range is"."""
    if not reach.startswith("between "):
        return reach
    low, high = reach.removeprefix("between ").split(" and ", 1)
    return f"{low} to {high}"


def because(what: str, reason: str) -> str:
    """`very low` confidence: no conclusion, and why."""
    start = f"We cannot tell whether taking part changed {what}"
    first, *others = pieces(reason)
    if not first:
        return f"{start}."
    full = f"{start}, because {first}."
    told = full if len(full.split()) <= LONGEST else f"{start}. The reason: {first}."
    return " ".join([told, *(sentence(other) for other in others)])


def pieces(reason: str) -> list[str]:
    """The parts of a reason joined by semicolons, each short enough for a sentence of its own."""
    return [lower_first(part.strip()) for part in reason.strip().rstrip(".").split("; ")]


def observed(measure: MeasureResult, words: Words) -> list[str]:
    """What was seen in each group, and the difference, one short sentence each."""
    estimate, other = estimate_of(measure), compared(measure)
    if estimate is None or measure.treatment is None or other is None:
        return []
    unit = unit_of(measure, words)
    mine, theirs = spoken(measure, measure.treatment), spoken(measure, other)
    if measure.kind == "binary":
        first = f"Of every 100 {words.treatment}, {number(float(mine))} {words.happened}."
        second = f"Among {words.comparison} it was {number(float(theirs))}."
    elif measure.kind == "count":
        first = f"For every 100 {words.treatment}, the number was {number(float(mine))}."
        second = f"For every 100 {words.comparison}, it was {number(float(theirs))}."
    else:
        first = f"The average for {words.treatment} was {unit.amount(mine)}."
        second = f"For {words.comparison} it was {unit.amount(theirs)}."
    return [first, second, difference_sentence(measure, words)]


def difference_sentence(measure: MeasureResult, words: Words) -> str:
    """`The difference is 5 fewer people in every 100.`"""
    estimate = estimate_of(measure)
    if estimate is None:
        return ""
    if not spoken(measure, estimate.difference):
        return "After rounding, the two figures are the same."
    return f"The difference is {change(measure, words, estimate.difference)}."


def detectable_sentence(measure: MeasureResult, words: Words) -> str:
    """How large a change had to be for this many people to show it."""
    if measure.detectable is None or measure.n_treatment is None:
        return ""
    unit = unit_of(measure, words)
    size = unit.amount(spoken(measure, measure.detectable), bare=True)
    per = {"binary": " or more in every 100", "count": f" or more {unit.many}"}.get(measure.kind)
    if per is None:
        size, per = unit.amount(spoken(measure, measure.detectable)), " or more"
    return f"With {people(measure.n_treatment, words)}, only a change of about {size}{per} would have been reliably seen."


def notes(measure: MeasureResult, words: Words) -> list[str]:
    """Why displayed numbers may not add up or differ from the tables; empty where all is plain."""
    estimate, other = estimate_of(measure), compared(measure)
    if estimate is None or other is None or measure.treatment is None or measure.comparison is None:
        return []
    said = []
    theirs, seen = spoken(measure, other), spoken(measure, measure.comparison)
    if theirs != seen:
        unit = unit_of(measure, words)
        said.append(
            "The figure for the comparison group allows for differences that remained after matching."
            f" As observed it was {unit.amount(seen, bare=unit.counted)}."
        )
    if spoken(measure, measure.treatment) - theirs != spoken(measure, estimate.difference):
        said.append(
            "Each figure is rounded on its own."
            " The difference is worked out before rounding, so it may not equal the gap shown."
            if abs(measure.treatment - other - estimate.difference) < 1e-9
            else "The difference allows for what remained unlike after matching, so it is not the gap shown."
        )
    return said


def reach_note(verdict: Verdict, measure: MeasureResult, words: Words, rules: Rules) -> str:
    """Where rounding carries a figure across the smallest change that matters, which the verdict turns on; else empty."""
    estimate = estimate_of(measure)
    if estimate is None or verdict.case not in "ABCD" or cannot_tell(verdict):
        return ""
    least, unit = rules.smallest_difference, unit_of(measure, words)
    least_said, least_shown = smallest_difference(measure, words, least), matters(measure, least)
    crossed: dict[bool, list[str]] = {True: [], False: []}
    for value in dict.fromkeys((estimate.low, estimate.difference, estimate.high)):
        reaches, size = abs(shown(measure, value)) >= least_shown, spoken(measure, value)
        if size and (abs(size) >= least_shown) != reaches:
            crossed[reaches].append(unit.change(size, bare=True))
    told = [
        f"{listed(list(dict.fromkeys(figures)))} {'is' if len(set(figures)) == 1 else 'are'}"
        f" {'no less than' if reaches else 'less than'} the {least_said} that would matter"
        for reaches, figures in crossed.items()
        if figures
    ]
    return f"The range is rounded: before rounding, {' and '.join(told)}." if told else ""


def confidence_sentence(verdict: Verdict) -> str:
    """The one thing that held the confidence back."""
    if verdict.confidence == "high" or not verdict.held_back_by.strip():
        return ""
    first, *others = pieces(verdict.held_back_by)
    return " ".join([f"What holds it back: {first}.", *(sentence(other) for other in others)])


def summary_line(results: Results) -> str:
    """One plain line for the terminal and for the summary of a batch."""
    about, analysis = results.about, results.headline
    start = f"{one_line(about.id)}  {one_line(about.organisation, 40)}: "
    if analysis.refused is not None:
        return f"{start}no result published; {one_line(lower_first(analysis.refused), 160)}"
    measure, verdict = primary(analysis), analysis.verdict
    if measure is None or verdict is None:
        return f"{start}the main result is held back as confidential"
    words = words_of(results)
    line = verdict_sentence(verdict, measure, words, results.rules)
    who = people(measure.n_treatment, words) if measure.n_treatment is not None else f"{words.people} [c]"
    return f"{start}{one_line(line, 300)} ({who} analysed; {confidence_said(verdict)})"


def axis_sentence(measure: MeasureResult, words: Words, rules: Rules) -> str:
    """What the shaded band of the chart means."""
    return f"Shaded: less than {smallest_difference(measure, words, rules.smallest_difference)}, set beforehand as too small to matter."
