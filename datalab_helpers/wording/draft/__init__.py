"""A draft about a result, held against it: which sentences say more than the result bears, and what to say instead.

It reads English by patterns: it finds the usual overclaims and not every one, so a person still reads the draft.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from ...disclosure.results import Results
from .bearings import Bearings, bearings
from .change import of_change, other_claim
from .figures import of_figures, size_told, values
from .rules import Finding, Rule
from .sentence import Sentence

END = re.compile(r"(?<=[.!?])[\"”')\]]*\s+(?=[\"“'(\[]*[A-Z0-9£$€])")
MOST_LETTERS = 200_000
LONGEST = (
    1_000  # letters; what goes on longer than any sentence does is read in pieces, or it would take for ever
)
CLAIMS = ("down", "up", "better", "worse", "share")  # of a change, where there is no result


def check_draft(text: str, results: Results) -> list[Finding]:
    """Every finding, in the order of the draft; none for the sentences of the claim kit."""
    result = bearings(results)
    straight = text[:MOST_LETTERS].replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    sentences = [Sentence(s, result) for s in split(straight.replace("\N{LEFT SINGLE QUOTATION MARK}", "'"))]
    found = [finding for sentence in sentences for finding in of_sentence(sentence)]
    return found + of_draft(sentences, result)


def split(text: str) -> list[str]:
    """Sentences; a blank line, a heading or a bullet ends one too, a line that merely wraps does not."""
    parts = re.split(r"\n\s*\n|\n(?=\s*(?:[-*•#]|\d+[.)])\s)", text)
    lines = [" ".join(part.split()).lstrip("-*•# ") for part in parts]
    return [
        part
        for line in lines
        for sentence in END.split(line)
        for part in textwrap.wrap(sentence, LONGEST, break_on_hyphens=False)
    ]


def of_sentence(sentence: Sentence) -> list[Finding]:
    """What one sentence says too much, each place once."""
    result, figures = sentence.result, sentence.result.figures
    if figures is None:
        return list(_without_result(sentence))
    found = list(_phrases(sentence))
    for change in of_change(sentence, bool(size_told(sentence, figures))):
        found.append(
            _finding(sentence, change.found, _rule(result, change.kind, change.reason), change.reason)
        )
    for wrong in of_figures(sentence, figures):
        kind = "size" if wrong.reason == "relative" else "wrong number"
        found.append(_finding(sentence, wrong.found, _rule(result, kind, wrong.reason), wrong.reason))
    if not found and (other := other_claim(sentence)):
        found = [_finding(sentence, other.found, _rule(result, other.kind, other.reason), other.reason)]
    return list({(finding.kind, finding.found): finding for finding in found}.values())


def of_draft(sentences: list[Sentence], result: Bearings) -> list[Finding]:
    """What the draft as a whole leaves out."""
    if result.figures is None:
        return []
    given = {number for sentence in sentences for number in values(sentence.text)}
    ends = {abs(end) for end in (result.figures.low, result.figures.high) if end}
    sized = [sentence for sentence in sentences if size_told(sentence, result.figures)]
    if not sized or ends <= given:
        return []
    rule = _rule(result, "range left out", result.case)
    return [_finding(sized[0], size_told(sized[0], result.figures), rule, result.case)]


def _phrases(sentence: Sentence) -> Iterator[Finding]:
    """The first phrase of each row of the table that the sentence uses and does not take back."""
    for rule in sentence.result.language.rules:
        if sentence.result.case not in rule.cases:
            continue
        only_like_it = [found.span() for found in rule.unless.finditer(sentence.plain)]
        for scope, pattern in rule.phrases.items():
            claimed = (
                found
                for found in pattern.finditer(sentence.plain)
                if scope in sentence.scopes
                and not any(a < found.end() and found.start() < b for a, b in only_like_it)
                and not (sentence.denied(found) and not rule.even_denied)
                and not sentence.left_open(found)
                and not (rule.not_of_all and found[0].lower() in sentence.result.described)
            )
            if (found := next(claimed, None)) is not None:
                yield _finding(sentence, found[0], rule, sentence.result.case)
                break


def _without_result(sentence: Sentence) -> Iterator[Finding]:
    rules = [_rule(sentence.result, kind, "A") for kind in ("works", "proves", "no effect")]
    patterns = [sentence.words[name] for name in CLAIMS]
    patterns += [pattern for rule in rules for pattern in rule.phrases.values()]
    for pattern in patterns:
        if found := next(sentence.claims(pattern, sentence.moves), None):
            yield _finding(sentence, found[0], _rule(sentence.result, "no result", "A"), "A")
            return


def _rule(result: Bearings, kind: str, reason: str) -> Rule:
    """The row of a kind that holds this reason."""
    return next(r for r in result.language.rules if r.kind == kind and r.holds(reason))


def _finding(sentence: Sentence, found: str, rule: Rule, reason: str) -> Finding:
    return Finding(sentence.text, found, rule.kind, rule.reason(reason), sentence.result.sentences[rule.say])


__all__ = ["Bearings", "Finding", "check_draft", "split"]
