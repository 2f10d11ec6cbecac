"""The overclaims that are looked for, each with why it goes too far and what to say instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .bearings import NUMBER, Bearings, numbers


@dataclass(frozen=True)
class Finding:
    """`sentence` of the draft, the words in it that go too far, why, and what to say instead."""

    sentence: str
    found: str
    why: str
    instead: str


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.I)


DOWN = _any(r"reduc(?:e[sd]?|ing|tions?)", r"cut(?:s|ting)?", r"lower(?:s|ed|ing)", *(rf"(?<={before} )lower" for before in ("to", "not", "can", "may", "could", "might", "would", "will")), r"decreas\w+", r"drop(?:s|ped|ping)?", r"fell", r"fall(?:s|en|ing)?", r"prevent\w*", r"stop(?:s|ped|ping)?", r"halv\w+", r"slash\w*", r"diminish\w*", r"less likely", "less often")  # fmt: skip
UP = _any(r"increas\w+", r"rais(?:e[sd]?|ing)", r"ris(?:e[sn]?|ing)", "rose", r"gr[eo]w\w*", r"doubl\w+", r"boost\w*", r"more likely", "more often")  # fmt: skip
WORSE, BETTER = _any(r"worsen\w*"), _any(r"improv\w+")
FEWER, MORE = (
    _any("fewer", "lower"),
    re.compile(r"(?<!or )\b(?:more(?= (?:people|men|women|of|in|per)\b)|higher)\b", re.I),
)
NOT = re.compile(r"\b(?:not|never|n't|without)(?: \w+){0,2} $|n't (?:\w+ )?$", re.I)
OPEN = re.compile(r"\b(?:whether|cannot (?:say|tell|claim|know)|could not (?:say|tell)|can't (?:say|tell)|not show|no evidence|not evidence|unclear|unknown|not know|hop(?:e|es|ed|ing)|aim(?:s|ed)?|want(?:s|ed)?|tr(?:y|ies|ied) to|designed to|intend\w*)\b", re.I)  # fmt: skip
SPREAD = re.compile(r"\b(?:between|range|anything from)\b", re.I)

PROOF = _any(r"prov(?:es?|ed|en|ing)", "proof", r"conclusive\w*", r"definitive\w*", r"guarantee\w*", r"undeniabl\w+", "beyond doubt", "without doubt", r"demonstrat\w+")  # fmt: skip
WORKS = re.compile(r"\b(?:(?:works|worked)(?! (?:with|in|for|alongside|closely|across|to|at|on|hard|together|by|from|as)\b)|does work|effective(?:ly|ness)?(?! size)|success(?:ful|fully|es)?(?: rates?)?|makes? (?:a|the) (?:real )?difference|made (?:a|the) (?:real )?difference)\b", re.I)  # fmt: skip
NONE = re.compile(r"\b(?:no (?:effect|impact|influence|change|benefit)|(?<!little or )no difference|ineffective|do(?:es)? ?n(?:o|')t (?:work|help)|did ?n(?:o|')t (?:work|help)|failed|a failure|useless)\b", re.I)  # fmt: skip
SIGNIFICANT = _any(r"(?:in)?significan\w+")
CAUSE = _any(r"caus(?:e[sd]?|ing)", r"because of (?:us|our\b[\w ]*?)", "thanks to", r"(?:due|owing) to", r"as a result of", r"result(?:s|ed|ing)? in", r"led to", r"leads? to", r"responsible for", r"down to (?:us|our)")  # fmt: skip
RELATIVE = re.compile(r"(\d[\d,]*(?:\.\d+)?) ?(?:%|per ?cent\b)(?! points?| interval| confidence)", re.I)
FRACTION = _any(r"hal(?:f|ves|ved|ving)", r"(?:a|one|two)[ -]thirds?", r"(?:a|one|three)[ -]quarters?", r"(?:a|one) fifth", r"twice", r"doubl\w+", r"tripl\w+", r"(?:\w+) times (?:less|more|as|fewer|lower|higher)")  # fmt: skip
REACH = _any("everyone", "everybody", "anyone", "anybody", "everywhere", "anywhere", "always", "nationwide", r"all (?:people|participants|men|women|prisoners|young people|adults|of them)", r"every (?:person|participant|one|man|woman)", r"will (?:\w+ )?(?:reduce|cut|lower|prevent|stop|increase|raise|improve)")  # fmt: skip
HUGE = _any("large", "larger", "big", "huge", r"dramatic\w*", r"massive\w*", "major", r"substantial\w*", r"remarkabl\w+", "enormous", r"drastic\w*", r"transform\w*", r"game-chang\w+", "sharply", "strongly", "greatly", "vastly")  # fmt: skip
EXACT = re.compile(r"\b(?:exactly|precisely)(?= [£$€]?\d)", re.I)
CHANGE = _any("difference", r"(?:percentage )?points")
HEDGES = {
    "moderate": _any("probably", "likely", r"suggest\w*", "may", "might", "could", r"possibl\w+", r"appear\w*", r"seem\w*", r"indicat\w*"),
    "low": _any("may", "might", "could", r"possibl\w+", "perhaps"),
}  # fmt: skip
HEDGE_WORDS = {"moderate": "“probably”", "low": "“may have”"}
LITTLE = re.compile(r"\blittle or no (?:difference|effect|change)\b", re.I)


def of_sentence(sentence: str, result: Bearings) -> Iterator[Finding]:
    """What one sentence says too much."""
    if not result.told:
        yield from _without_result(sentence, result)
        return
    about, left_open = bool(result.outcome.search(sentence)), bool(OPEN.search(sentence))
    yield from _words(sentence, result, about, left_open)
    if not left_open:
        yield from _direction(sentence, result, about)
    yield from _sizes(sentence, result, about)
    yield from _numbers(sentence, result)


def of_draft(sentences: list[str], result: Bearings) -> list[Finding]:
    """What the draft as a whole leaves out."""
    given = {number for sentence in sentences for number in numbers(sentence)}
    sized = [sentence for sentence in sentences if result.told and _states_size(sentence, result)]
    if not sized or result.ends <= given:
        return []
    why = "It gives the difference without its range, so it sounds surer than it is."
    return [Finding(sized[0], _states_size(sized[0], result), why, result.reach)]


def _states_size(sentence: str, result: Bearings) -> str:
    """The words in which a sentence gives the size of the difference, if it does."""
    if SPREAD.search(sentence):
        return ""
    compared = FEWER.search(sentence) or MORE.search(sentence) or DOWN.search(sentence) or UP.search(sentence)
    found = compared or (CHANGE.search(sentence) if result.size in numbers(sentence) else None)
    if found is None or not (result.outcome.search(sentence) or result.size in numbers(sentence)):
        return ""
    sizes = result.group_values | {result.size, str(result.relative)}
    mine = [number for number in numbers(sentence) if number in sizes and number != "0"]
    return mine[0] if mine else ""


def _without_result(sentence: str, result: Bearings) -> Iterator[Finding]:
    claimed = [p.search(sentence) for p in (DOWN, UP, BETTER, WORSE, WORKS, NONE, FRACTION, RELATIVE, PROOF)]
    found = next((match for match in claimed if match), None)
    if found and not OPEN.search(sentence):
        yield Finding(sentence, found[0], "No result of this request is published, so nothing can be claimed from it.", result.opening)  # fmt: skip


def _words(sentence: str, result: Bearings, about: bool, left_open: bool) -> Iterator[Finding]:
    """Single words and phrases that no result of a matched comparison bears."""
    plain = sentence
    for name in result.proven:
        plain = re.sub(rf"\b{re.escape(name)}\w*", lambda found: " " * len(found[0]), plain, flags=re.I)
    if (found := PROOF.search(plain)) and not left_open:
        yield Finding(sentence, found[0], "One matched comparison is evidence, not proof: people may differ in ways that no record shows.", result.opening)  # fmt: skip
    if (found := WORKS.search(sentence)) and not left_open:
        yield Finding(sentence, found[0], "It goes beyond what was measured, which is one outcome of the people analysed.", result.opening)  # fmt: skip
    if (
        (found := NONE.search(sentence))
        and not left_open
        and not re.search(r"\bnot (?:mean|the same)\b", sentence)
    ):
        why = (
            "Not being able to tell is not the same as no effect."
            if result.case == "E"
            else "The range holds small changes too, so it does not show that there is none."
            if result.case in "CD"
            else "The result points to a change."
        )
        yield Finding(sentence, found[0], why, result.opening)
    elif (found := LITTLE.search(sentence)) and result.case != "C" and not left_open:
        yield Finding(sentence, found[0], "The range does not show that a change would be too small to matter.", result.opening)  # fmt: skip
    if found := SIGNIFICANT.search(sentence):
        yield Finding(sentence, found[0], "Readers take it for large or important; it says neither.", result.reach or result.opening)  # fmt: skip
    if (found := CAUSE.search(sentence)) and (
        about or re.search(r"\b(?:our|the) (?:programme|work|support)\b", sentence, re.I)
    ):
        yield Finding(sentence, found[0], "The groups may have differed in ways that nobody recorded, so the whole difference cannot be put down to the programme.", result.opening)  # fmt: skip
    if (found := REACH.search(sentence)) and about:
        yield Finding(sentence, found[0], "The result is about the people analysed, not about others or later ones.", result.people)  # fmt: skip
    if (found := EXACT.search(sentence)) is not None:
        yield Finding(sentence, found[0], "Every figure has a range.", result.reach or result.groups)


def _direction(sentence: str, result: Bearings, about: bool) -> Iterator[Finding]:
    """Claims of a change, held against the verdict's direction and its confidence."""
    if LITTLE.search(sentence) and result.case == "C":
        yield from _hedge(sentence, LITTLE.search(sentence)[0], result)
        return
    better = "up" if result.direction == "up" and result.case in "AB" else "down"
    claims = [(DOWN, "down"), (UP, "up"), (BETTER, better), (WORSE, "up" if better == "down" else "down")]
    for pattern, way in claims if about else []:
        found = pattern.search(sentence)
        if not found:
            continue
        if NOT.search(sentence[: found.start()]):
            # `did not reduce it by 2 in 100 or more` is what case D says; without the size it says too much.
            if result.case == "D" and re.search(r"\bby\b.*\d.* or more\b", sentence):
                yield from _hedge(sentence, found[0], result)
            elif result.case in "DE" or way == result.direction:
                yield Finding(sentence, f"not … {found[0]}", "The result does not show that there was no such change.", result.opening)  # fmt: skip
        elif not result.direction:
            yield Finding(sentence, found[0], _no_direction(result), result.opening)
        elif way != result.direction:
            yield Finding(sentence, found[0], "The result points the other way.", result.opening)
        else:
            yield from _hedge(sentence, found[0], result)
        return
    yield from _comparison(sentence, result)


def _no_direction(result: Bearings) -> str:
    return {
        "C": "The range holds only changes too small to matter.",
        "D": "The range holds no change and changes in both directions.",
    }.get(result.case, "The result cannot tell in which direction it changed.")


def _comparison(sentence: str, result: Bearings) -> Iterator[Finding]:
    """`fewer` and `more` say what was seen, which may not be turned round."""
    down, up = FEWER.search(sentence), MORE.search(sentence)
    if (
        bool(down) == bool(up)
        or SPREAD.search(sentence)
        or not (result.outcome.search(sentence) or NUMBER.search(sentence))
    ):
        return
    found, way = (down, "down") if down else (up, "up")
    if result.seen != way and found is not None:
        yield Finding(
            sentence, found[0], "The difference that was seen is not in this direction.", result.groups
        )
    elif found is not None and not result.direction and not _states_size(sentence, result):
        yield Finding(sentence, found[0], _no_direction(result), result.opening)


def _hedge(sentence: str, found: str, result: Bearings) -> Iterator[Finding]:
    wanted = HEDGES.get(result.confidence)
    if wanted is not None and not wanted.search(sentence):
        why = f"Confidence is {result.confidence}, so it needs {HEDGE_WORDS[result.confidence]}."
        yield Finding(sentence, found, why, result.opening)


def _sizes(sentence: str, result: Bearings, about: bool) -> Iterator[Finding]:
    """Shares of a share, and adjectives of size."""
    changing = any(p.search(sentence) for p in (DOWN, UP, FEWER, MORE, BETTER, WORSE, CHANGE))
    absolute = result.group_values and result.group_values <= set(numbers(sentence))
    percent = [m for m in RELATIVE.finditer(sentence) if changing and m[1] not in result.group_values]
    found = (percent[0] if percent else None) or (FRACTION.search(sentence) if about or changing else None)
    if found and not absolute:
        yield Finding(sentence, found[0], "A share of a share sounds larger than it is, and hides how many people it is about.", result.groups)  # fmt: skip
    if (found := HUGE.search(sentence)) and (about or changing):
        yield Finding(
            sentence,
            found[0],
            "A number lets readers judge the size for themselves.",
            result.reach or result.groups,
        )


def _numbers(sentence: str, result: Bearings) -> Iterator[Finding]:
    """Numbers that the report does not hold; years, and those already found as shares of a share, are left alone."""
    relative = {m[1].replace(",", "") for m in RELATIVE.finditer(sentence)}
    unknown = [
        n
        for n in numbers(re.sub(r"\S+@\S+|https?://\S+|www\.\S+", "", sentence))
        if n not in result.numbers and not re.fullmatch(r"(?:19|20)\d\d", n)
    ]
    told_before = any(p.search(sentence) for p in (DOWN, UP, FEWER, MORE, CHANGE))
    for number in dict.fromkeys(unknown):
        if number in relative and told_before:
            continue
        yield Finding(sentence, number, "This number is not in the results.", result.groups or result.opening)
