"""Claims of a change, held against the verdict: its direction, and how firmly it may be said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .bearings import OTHER
from .figures import values
from .sentence import WAYS, Sentence

THRESHOLD = re.compile(r"\bby\b.*\d.* or more\b")


class Change(NamedTuple):
    """What goes too far: the words, the kind, and which reason of the kind."""

    found: str
    kind: str
    reason: str


def of_change(sentence: Sentence, sized: bool) -> Iterator[Change]:
    """At most one finding a sentence. sized : whether the size of the difference is given (its range is asked for then)."""
    result, words = sentence.result, sentence.words
    if little := words["little"].search(sentence.moves):
        if result.case != "C" and not sentence.left_open(little):
            yield Change(little[0], "no effect", "little")
        elif result.case == "C":
            yield from _firmness(sentence, little[0])
        return
    if not sentence.about:
        return
    claimed = sorted(_claimed(sentence), key=lambda claim: claim[0].start())
    for found, way in claimed:
        if sentence.near_not(found):
            # `did not reduce it by 2 in 100 or more` is what case D says; without the size it says too much.
            if result.case == "D" and THRESHOLD.search(sentence.text):
                yield from _firmness(sentence, found[0])
            elif result.case in "DE" or way == result.direction:
                yield Change(f"not … {found[0]}", "direction", "not")
        elif way != result.direction:
            yield Change(found[0], "direction", "A" if result.direction else result.case)
        else:
            yield from _firmness(sentence, found[0])
        return
    yield from _comparison(sentence, sized)


def _claimed(sentence: Sentence) -> Iterator[tuple[re.Match[str], str]]:
    """Each claim of a change with its way, down or up of the outcome."""
    result, words = sentence.result, sentence.words
    for name, way in (("down", "down"), ("up", "up")):
        for found in sentence.claims(words[name], sentence.moves):
            yield found, OTHER[way] if sentence.opposite else way
    for name, way in (("better", result.good), ("worse", OTHER[result.good])):
        for found in sentence.claims(words[name], sentence.moves):
            yield found, way


def _comparison(sentence: Sentence, sized: bool) -> Iterator[Change]:
    """`fewer` and `more` say what was seen, which may not be turned round."""
    result, words = sentence.result, sentence.words
    seen = {
        way: next(sentence.claims(words[name], sentence.moves), None)
        for name, way in (("fewer", "down"), ("more", "up"))
    }
    found = seen["down"] or seen["up"]
    if found is None or (seen["down"] and seen["up"]) or words["spread"].search(sentence.moves):
        return
    way = "down" if seen["down"] else "up"
    if result.seen != (OTHER[way] if sentence.opposite else way):
        yield Change(found[0], "direction", "seen")
    elif not result.direction and not sized:
        yield Change(found[0], "direction", result.case)


def other_claim(sentence: Sentence) -> Change | None:
    """A sentence about the outcome and the people of the programme that says none of what the report says.

    For sentences without any other finding: whatever they say of the outcome in words that are not known here.
    """
    words = sentence.words
    if (
        not sentence.about
        or sentence.question
        or any(sentence.has(name) for name in ("open", "little", "background"))
    ):
        return None
    ours = any(sentence.has(name) for name in ("mine", "ours", "programme"))
    claimed = any(words[way].search(sentence.moves) for way in WAYS)
    told = sentence.has("theirs") or sentence.has("evidence") or values(sentence.text)
    if not ours or claimed or told:
        return None
    found = words["outcome"].search(sentence.plain) or words["opposite"].search(sentence.plain)
    return Change(found[0], "direction", "other") if found else None


def _firmness(sentence: Sentence, found: str) -> Iterator[Change]:
    """Whether a claim is said as firmly as the confidence allows, and no more."""
    confidence, words = sentence.result.confidence, sentence.words
    if confidence not in ("moderate", "low"):
        return
    text = words["not_hedged"].sub(" ", sentence.plain)
    if not words[confidence].search(text) or (confidence == "low" and words["too_firm"].search(text)):
        yield Change(found, "firmness", confidence)
