"""The table of overclaims (`rules.yml`) and its vocabulary (`words.yml`), made ready for the words of one result."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...lab import read_yaml
from .phrases import pattern

HERE = Path(__file__).parent
SCOPES = ("anywhere", "result", "outcome", "change")


@dataclass(frozen=True)
class Finding:
    """`sentence` of the draft, the words in it that go too far, the kind of overclaim, why, and what to say instead."""

    sentence: str
    found: str
    kind: str
    why: str
    instead: str


@dataclass(frozen=True)
class Rule:
    """One row of the table. phrases : by where they are looked for; why, by case of the verdict or what was found.

    not_of_all : what the programme's own description says of everyone in it is not meant
    """

    kind: str
    why: Mapping[str, str]
    say: str
    cases: str
    even_denied: bool
    not_of_all: bool
    phrases: Mapping[str, re.Pattern[str]]
    unless: re.Pattern[str]

    def holds(self, reason: str) -> bool:
        """Whether there is a reason for this case A to F, or for what code found."""
        return any(reason == keys or (len(reason) == 1 and reason in keys) for keys in self.why)

    def reason(self, key: str) -> str:
        return next(text for keys, text in self.why.items() if key == keys or (len(key) == 1 and key in keys))


@dataclass(frozen=True)
class Language:
    """The vocabulary as patterns by name, and the rules."""

    words: Mapping[str, re.Pattern[str]]
    rules: tuple[Rule, ...]


@cache
def language(*given: tuple[str, tuple[str, ...]]) -> Language:
    """Vocabulary and rules with the lists that come from the results, each as (name, phrases)."""
    lists = {name: _listed(text) for name, text in read_yaml(HERE / "words.yml").items()} | dict(given)
    rules = []
    for row in read_yaml(HERE / "rules.yml"):
        why = row["why"] if isinstance(row["why"], dict) else {"ABCDEF": row["why"]}
        phrases = {scope: pattern(_listed(row[scope]), lists) for scope in SCOPES if scope in row}
        rules.append(
            Rule(
                row["kind"],
                why,
                row["say"],
                row.get("cases", "ABCDEF"),
                row.get("even_denied", False),
                row.get("not_of_all", False),
                phrases,
                pattern(_listed(row.get("unless", "")), lists),
            )
        )
    return Language({name: pattern(phrases, lists) for name, phrases in lists.items()}, tuple(rules))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split(",") if phrase.strip())
