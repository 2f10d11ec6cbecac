"""The numbers of a sentence: whose each is, and whether it is theirs."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from ..units import CURRENCY
from .bearings import NOTHING, Figures
from .sentence import WAYS, Sentence

UNITS = ("two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
         " eighteen nineteen twenty")  # fmt: skip
TENS = "thirty forty fifty sixty seventy eighty ninety"
SPELLED = dict(zip(UNITS.split(), range(2, 21), strict=True)) | dict(
    zip(TENS.split(), range(30, 100, 10), strict=True)
)
N = rf"(?<![\w.])(?:[£$€]\s?)?(?:(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?|(?:{'|'.join(SPELLED)})\b)"
HUNDRED = r"(?:100|(?:a )?hundred)"
OF_HUNDRED = re.compile(
    rf"(?:\b(?:in|of|out of|per|for|from)\s+(?:every |each |evry |a )?|\b(?:every|each|evry) |/){HUNDRED}\b",
    re.I,
)
SHARE = re.compile(rf"\s*(?:%|per ?cent\b|(?:\w+ )?{OF_HUNDRED.pattern})", re.I)
WAY = r"(?:fewer|more|less|lower|higher)"
PAIR = re.compile(
    rf"(?P<lead>\b(?:between|from|range)\b[^\d.;]{{0,25}}?)?(?P<a>{N})(?P<aw>(?: people)?(?: (?P<away>{WAY}))?(?: people)?(?: in (?:every )?{HUNDRED})?)"
    rf"\s?(?P<link>and|to|-|\N{{EN DASH}}|\+|&|or as much as)\s?(?P<b>{N})(?!\w)(?: (?:people |in {HUNDRED} )?(?P<bway>{WAY}))?",
    re.I,
)
CHANGED = re.compile(
    rf"(?P<n>{N})(?: (?:percentage|people|person|points?|in|every|each|out|of|per|{HUNDRED}))* (?:{WAY}|points?)\b"
    rf"|\b(?:by|(?:difference|gap)(?: between the groups)? (?:is|was|of)|(?:gap|drop|fall|rise|reduction|increase|change|difference) of)"
    rf"(?: (?:about|around|only|just|some|exactly|precisely|nearly|almost|up to|at least|at most|less than|more than))* (?P<by>{N})(?!\w|\s?%| per ?cent)",
    re.I,
)
PEOPLE = re.compile(
    rf"(?P<n>{N})(?: of (?:the|our|all) (?:[a-z]+ )?\d[\d,]*)?(?: [a-z'-]+){{0,6}}? (?:analysed|compared|studied|followed|in the (?:study|analysis|comparison))\b"
    rf"|\blooked at (?P<at>{N}) (?:of|people|men|women|person|man|woman)\b|\bwith (?P<with>{N}) (?:people|men|women|person|man|woman),? (?:only|the|a)\b",
    re.I,
)
NOT_COUNTED = re.compile(
    r"[\s-]*(?:(?:more |full |whole )?(?:days?|weeks?|months?|years?|hours?|minutes?|am|pm|o'clock)\b|st\b|nd\b|rd\b|th\b|(?:January|February|March|April|May|June|July|August|September|October|November|December)\b)",
    re.I,
)
AGES = re.compile(r"\b(?:aged?|under|over|page|request|measure|aged between)\s*$", re.I)
LIMIT = re.compile(
    r"\b(?:or more|less than|at least|only a change|would have|could (?:only )?have|smallest|too small|if)\b",
    re.I,
)
END = re.compile(
    r"\b(?:at best|at worst|at least|at most|as little as|as much as|up to|the (?:small|large|low|high)\w* end|as few as|as many as|before rounding)\b",
    re.I,
)
BREAK = re.compile(
    r"[,;:]|\)|\b(?:and|but|while|whereas|against|compared (?:with|to)|vs\.?|versus|than)\b|&", re.I
)
CONTRAST = re.compile(r"against|compared|vs|versus|while|whereas|than|but")
HUNDRED_BEFORE = re.compile(rf"{OF_HUNDRED.pattern}$", re.I)
PERCENT = re.compile(r" ?(?:%|per ?cent\b)(?! points?| interval| confidence)", re.I)
YEAR = re.compile(r"(?:19|20)\d\d")


class Wrong(NamedTuple):
    """A number that does not belong where it stands. reason : which of `wrong number` in the rules"""

    found: str
    reason: str


def value(number: str) -> Decimal:
    bare = re.sub(r"[£$€,\s]", "", number).lower()
    return Decimal(SPELLED[bare]) if bare in SPELLED else Decimal(bare)


def values(text: str) -> set[Decimal]:
    return {value(found[0]) for found in re.finditer(N, text, re.I)}


def size_told(sentence: Sentence, figures: Figures) -> str:
    """The words in which a sentence gives the size of the difference without its range, if it does."""
    text, words = sentence.moves, sentence.words
    # "Only a change of 12 or more would have been seen" tells no size of this one.
    if words["spread"].search(text) or "only a change of" in text.lower():
        return ""
    told = [value(found[0]) for found in re.finditer(N, text, re.I)]
    compared = any(words[name].search(text) for name in ("fewer", "more", "down", "up"))
    if not compared and not (words["apart"].search(text) and figures.difference in told):
        return ""
    measured = (
        OF_HUNDRED.search(text) or words["apart"].search(text) or (figures.money and figures.money in text)
    )
    if not sentence.about and not (measured and figures.difference in told):
        return ""
    sizes = {figures.difference, figures.mine, figures.theirs, figures.relative} - {0, None}
    return next((found[0] for found in re.finditer(N, text, re.I) if value(found[0]) in sizes), "")


def of_figures(sentence: Sentence, figures: Figures) -> Iterator[Wrong]:
    """Every number that a sentence gives to the wrong group, or that the report does not hold."""
    left = sentence.plain
    apart = sentence.about or any(sentence.has(name) for name in ("theirs", "fewer", "apart"))
    for ties in (_pairs, _people, _changes) if apart else (_people,):
        for found, wrong in ties(sentence, left, figures):
            left = left[: found.start()] + " " * len(found[0]) + left[found.end() :]
            if wrong:
                yield wrong
    yield from _shares(sentence, left, figures, apart)


def _pairs(sentence: Sentence, text: str, figures: Figures) -> Iterator[tuple[re.Match[str], Wrong | None]]:
    """Two ends of a range, each with its direction where it has one."""
    # "No change" is the end of a range too; of the same length, so that places stay.
    text = re.sub(r"(?<=between )no change\b", "        0", text, flags=re.I)
    text = re.sub(r"(?<=and )no change\b|(?<=\bto )no change\b", "0        ", text, flags=re.I)
    for found in PAIR.finditer(text):
        a, b = value(found["a"]), value(found["b"])
        lead = (found["lead"] or "").lower()
        joined = found["link"].lower() in ("to", "-", "\N{EN DASH}") or lead.startswith(("between", "range"))
        told = (
            lead.startswith(("between", "range"))
            or found["away"]
            or found["bway"]
            or sentence.has("apart")
            or SHARE.match(text[found.end("b") :])
        )
        if (
            not joined
            or not told
            or NOT_COUNTED.match(text[found.end() :])
            or HUNDRED_BEFORE.search(text[: found.end("b")])
        ):
            continue
        if (a, b) == (figures.theirs, figures.mine):
            yield found, None
            continue
        ways = [found["away"] or (found["bway"] if figures.low * figures.high > 0 else None), found["bway"]]
        ends = sorted((figures.low, figures.high), key=abs)
        given = sorted(zip((a, b), ways, strict=True), key=lambda end: end[0])
        fits = any(
            all(_is_end(end, n, way) for end, (n, way) in zip(order, given, strict=True))
            for order in (ends, ends[::-1])
        )
        yield found, None if fits else Wrong(text[found.start("a") : found.end("b")].strip(), "range")


def _is_end(end: Decimal, size: Decimal, way: str | None) -> bool:
    if abs(end) != size:
        return False
    return way is None or end == 0 or (way.lower() in ("fewer", "less", "lower")) == (end < 0)


def _people(sentence: Sentence, text: str, figures: Figures) -> Iterator[tuple[re.Match[str], Wrong | None]]:
    """How many people were analysed."""
    for found in PEOPLE.finditer(text):
        number = found["n"] or found["at"] or found["with"]
        allowed = figures.people | (
            figures.others if sentence.words["theirs"].search(found[0]) else frozenset()
        )
        wrong = Wrong(number, "people") if figures.people and value(number) not in allowed else None
        yield found, wrong


def _changes(sentence: Sentence, text: str, figures: Figures) -> Iterator[tuple[re.Match[str], Wrong | None]]:
    """The size of the difference; an end of its range where the sentence says that it is one or gives both."""
    if sentence.has("other_measures"):
        return
    ends = figures.ends
    for found in CHANGED.finditer(text):
        number = found["n"] or found["by"]
        group = "n" if found["n"] else "by"
        if NOT_COUNTED.match(text[found.end(group) :]) or HUNDRED_BEFORE.search(text[: found.end(group)]):
            continue
        if found["by"] and not _moved_before(sentence, found):
            continue
        if sentence.left_open(found):
            yield found, None
            continue
        allowed = {figures.difference}
        if LIMIT.search(sentence.text):
            allowed |= figures.limits
        if END.search(sentence.text) or ends <= values(text) or ends == NOTHING:
            allowed |= ends
        yield found, None if value(number) in allowed else Wrong(number, "difference")


def _moved_before(sentence: Sentence, found: re.Match[str]) -> bool:
    """Whether `by 12` says how far something moved, or is named as the difference."""
    before = sentence.clause_before(found)
    return not found[0].lower().startswith("by") or any(sentence.words[way].search(before) for way in WAYS)


def _shares(sentence: Sentence, text: str, figures: Figures, apart: bool) -> Iterator[Wrong]:
    """The figure of each group, shares of a share, and numbers that are nobody's."""
    groups, ends = {figures.mine, figures.theirs}, figures.ends
    moved = any(sentence.words[name].search(sentence.moves) for name in (*WAYS, "apart"))
    # Beside the figures of both groups a share of a share misleads nobody.
    absolute = groups <= values(sentence.text)
    relative = (
        next(sentence.claims(sentence.words["share"], sentence.moves), None) if sentence.about else None
    )
    if relative and not absolute:
        yield Wrong(relative[0], "relative")
    for found in _counted(text):
        n, after = value(found[0]), text[found.end() :]
        percent = PERCENT.match(after)
        if percent and moved and n not in groups and "result" in sentence.scopes:
            if not absolute and not sentence.left_open(found):
                yield Wrong(found[0] + percent[0], "relative")
        elif found[0][0] in CURRENCY and found[0][0] != figures.money:
            continue
        elif not (n in ends and (END.search(sentence.text) or LIMIT.search(sentence.text))):
            yield from _misplaced(sentence, found, figures, apart)


def _counted(text: str) -> Iterator[re.Match[str]]:
    """Numbers that may count people or outcomes: no times, ages, years, nor the 100 of `in every 100`."""
    for found in re.finditer(N, text, re.I):
        before, after = text[: found.start()], text[found.end() :]
        hundred = HUNDRED_BEFORE.search(text[: found.end()])
        if not (NOT_COUNTED.match(after) or AGES.search(before) or hundred or YEAR.fullmatch(found[0])):
            yield found


def _misplaced(sentence: Sentence, found: re.Match[str], figures: Figures, apart: bool) -> Iterator[Wrong]:
    """A number that is not the figure of the group to which it is given, or is not in the report."""
    text, n = found.string, value(found[0])
    before, after = text[: found.start()], text[found.end() :]
    spoken = {figures.mine, figures.theirs, figures.difference, abs(figures.low), abs(figures.high)}
    known = spoken | figures.limits | sentence.result.numbers
    share = (
        SHARE.match(after) or OF_HUNDRED.search(text) or found[0][0] in CURRENCY or before.endswith(" was ")
    )
    whose = _whose(sentence, found.start()) if share else ""
    own = {"mine": figures.mine, "theirs": figures.theirs}.get(whose)
    if own is not None and (apart or n in (figures.mine, figures.theirs)):
        if n != own and not (sentence.denies and n == 100 - own):
            yield Wrong(found[0], whose if n in known else "unknown")
        return
    of_result = (share and apart) or (sentence.about and _of_people(sentence, before, after))
    if of_result and n not in known and not sentence.has("elsewhere"):
        yield Wrong(found[0], "unknown")


def _of_people(sentence: Sentence, before: str, after: str) -> bool:
    """Whether a number counts people: `99 of them`, `of 160 people, 99`."""
    near = re.match(r"(?: \w+){0,3}", after)
    counted = sentence.words["people"].search(near[0]) if near else None
    return bool(
        counted
        or re.search(r"\b(?:of|out of) [^,;:]*,? $", before, re.I)
        or re.match(r" (?:out )?of\b", after)
    )


def _whose(sentence: Sentence, place: int) -> str:
    """The group that a number is given to: named beside it, before it, or by contrast to the other."""
    text = sentence.plain
    cuts = [0, *(mark.end() for mark in BREAK.finditer(text)), len(text)]
    parts = [text[a:b] for a, b in itertools.pairwise(cuts)]
    links = ["", *(mark[0].lower() for mark in BREAK.finditer(text))]
    mine = next(i for i in range(len(parts)) if cuts[i + 1] > place or i == len(parts) - 1)
    for names in (("theirs", "mine"), ("ours",)):
        if group := _named(sentence, parts[mine], names):
            return group
        for i in range(mine - 1, -1, -1):
            if group := _named(sentence, parts[i], names):
                taken = any(_numbered(part) for part in parts[i:mine])
                turned = CONTRAST.search(" ".join(links[i + 1 : mine + 1]))
                return _contrast(group) if taken and turned else group
        for i in range(mine + 1, len(parts)):
            if group := _named(sentence, parts[i], names):
                return _contrast(group) if _numbered(parts[i]) else group
    return ""


def _named(sentence: Sentence, part: str, names: tuple[str, ...]) -> str:
    found = next((name for name in names if sentence.words[name].search(part)), "")
    return "mine" if found == "ours" else found


def _numbered(part: str) -> bool:
    return any(value(found[0]) != 100 for found in re.finditer(N, part, re.I))


def _contrast(group: str) -> str:
    return "theirs" if group == "mine" else "mine"
