"""A draft about a result, held against it: which sentences say more than the result bears, and what to say instead.

It reads English by patterns: it finds the usual overclaims and not every one, so a person still reads the draft.
"""

from __future__ import annotations

import re

from ...disclosure.results import Results
from .bearings import Bearings, bearings
from .rules import Finding, of_draft, of_sentence

END = re.compile(r"(?<=[.!?])[\"”')\]]*\s+(?=[\"“'(\[]*[A-Z0-9£$€])")
MOST_LETTERS = 200_000


def check_draft(text: str, results: Results) -> list[Finding]:
    """Every finding, in the order of the draft; none for the sentences of the claim kit."""
    result = bearings(results)
    straight = text[:MOST_LETTERS].replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    sentences = split(straight.replace("\N{LEFT SINGLE QUOTATION MARK}", "'"))
    found = [finding for sentence in sentences for finding in of_sentence(sentence, result)]
    return found + of_draft(sentences, result)


def split(text: str) -> list[str]:
    """Sentences; a blank line, a heading or a bullet ends one too, a line that merely wraps does not."""
    parts = re.split(r"\n\s*\n|\n(?=\s*(?:[-*•#]|\d+[.)])\s)", text)
    lines = [" ".join(part.split()).lstrip("-*•# ") for part in parts]
    return [sentence.strip() for line in lines for sentence in END.split(line) if sentence.strip()]


__all__ = ["Bearings", "Finding", "check_draft", "split"]
