"""One sentence of a draft, read against a result: what it speaks of, and which of its words take a claim back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from .bearings import Bearings

# Where a denial ends: `not` reaches to the next comma, `cannot tell whether` beyond it.
CLAUSE = re.compile(r"[;:!?]|\s[\N{EN DASH}\N{EM DASH}-]\s|\b(?:but|yet|although|though|however)\b")
NEAR = re.compile(r"\b(?:not|never|without|cannot|\w*n't)(?: \w+){0,2} $", re.I)
UNTOUCHED = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|\b[A-Z]+-[\w-]*\d[\w-]*|\b0\d{3,}(?: ?\d{3,})*")
WAYS = ("down", "up", "better", "worse", "fewer", "more")  # lists of words of change


class Sentence:
    """`text` as it stands; `plain` without names of the organisation; `moves` without idioms that only look like change.

    All three have the same length, so that what is found in one can be shown from another.
    """

    def __init__(self, text: str, result: Bearings) -> None:
        self.text, self.result, self.words = text, result, result.language.words
        plain = UNTOUCHED.sub(_blank, text)
        for name in result.names:
            plain = re.sub(rf"\b{re.escape(name)}\b", _blank, plain, flags=re.I) if name else plain
        # An offence that is `proven` is one that counted, which proves nothing.
        self.plain = re.sub(r"\bproven (?=(\w+))", self._counted, plain, flags=re.I)
        self.moves = self.words["idioms"].sub(_blank, self.plain)
        self.question = text.rstrip("\"”') ").endswith("?")

    def _counted(self, found: re.Match[str]) -> str:
        return _blank(found) if self.words["outcome"].match(found[1]) else found[0]

    @cached_property
    def opposite(self) -> bool:
        """Whether it speaks of the outcome by its opposite alone."""
        without = self.words["opposite"].sub(_blank, self.plain)
        return without != self.plain and not self.words["outcome"].search(without)

    @cached_property
    def scopes(self) -> set[str]:
        """Where rules look: see `rules.yml`."""
        found = {"anywhere"}
        if any(self.has(name) for name in ("outcome", "opposite", "other_measures")):
            found |= {"outcome", "result"}
            if any(self.words[way].search(self.moves) for way in WAYS):
                found |= {"change"}
        if self.has("programme") or self.has("evidence"):
            found |= {"result"}
        return found

    @property
    def denies(self) -> bool:
        """Whether it counts those to whom it did not happen."""
        return self.has("not") or self.has("opposite")

    @property
    def about(self) -> bool:
        return "outcome" in self.scopes

    def has(self, name: str) -> bool:
        return self.words[name].search(self.plain) is not None

    def denied(self, found: re.Match[str]) -> bool:
        """Whether the sentence says that it is not so; `did not reduce` is a claim of its own (see `near_not`)."""
        clause = self.clause_before(found)
        clause = clause[clause.rfind(",") + 1 :]
        return self.words["not"].search(self.words["not_denied"].sub("", clause)) is not None

    def left_open(self, found: re.Match[str]) -> bool:
        """Whether the sentence hopes, asks or cannot say."""
        before = self.clause_before(found)
        if self.question or self.words["open"].search(before) or before.strip().lower() == "to":
            return True
        after = self.plain[found.end() :]
        following = self.words["open_after"].search(after)
        return following is not None and not CLAUSE.search(after[: following.start()])

    def near_not(self, found: re.Match[str]) -> bool:
        return NEAR.search(self.moves[: found.start()]) is not None

    def clause_before(self, found: re.Match[str]) -> str:
        before = self.plain[: found.start()]
        ends = [mark.end() for mark in CLAUSE.finditer(before)]
        return before[max(ends, default=0) :]

    def claims(self, pattern: re.Pattern[str], text: str | None = None) -> Iterator[re.Match[str]]:
        """What the pattern finds, as long as the sentence does not leave it open."""
        for found in pattern.finditer(self.plain if text is None else text):
            if not self.left_open(found):
                yield found


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])
