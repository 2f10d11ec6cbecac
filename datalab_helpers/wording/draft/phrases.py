"""Phrases in plain words with a few signs (told in `words.yml`), made into patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

AMOUNT = r"[£$€]?(?:\d[\d,]*(?:\.\d+)?|two|three|four|five|six|seven|eight|nine|ten)(?: ?(?:million|billion|m|bn|k)\b)?"
TOKEN = re.compile(r"(?:\[[^\]]*\]|\{\w+\}|[^\s\[\]{}])+")
NOTHING = "(?!)"


def pattern(phrases: Sequence[str], lists: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    """What finds any of the phrases as whole words; `lists` are those that a phrase may name in braces."""
    return re.compile(rf"(?<!\w)(?:{_any(phrases, lists)})(?!\w)", re.I)


def _any(phrases: Sequence[str], lists: Mapping[str, Sequence[str]]) -> str:
    # Longest first, so that what is shown of a draft is the whole of what was found.
    made = [_phrase(phrase, lists) for phrase in sorted(phrases, key=len, reverse=True)]
    return "|".join(made) or NOTHING


def _phrase(phrase: str, lists: Mapping[str, Sequence[str]]) -> str:
    made = ""
    for token in TOKEN.findall(phrase):
        if gap := re.fullmatch(r"\.\.\.(\d*)", token):
            made += rf"(?:[^\s;:]+ ){{0,{gap[1] or 4}}}"
        elif token.endswith("|]"):
            made += rf"(?:{_token(token[:-2] + ']', lists)} )?"
        else:
            made += _token(token, lists) + " "
    return made.removesuffix(" ")


def _token(token: str, lists: Mapping[str, Sequence[str]]) -> str:
    """One word of a phrase, with its choices and lists."""
    made = ""
    for part in re.findall(r"\[[^\]]*\]|\{\w+\}|[^\[\]{}]+", token):
        if part[0] == "[":
            made += f"(?:{_any(part[1:-1].split('|'), lists)})"
        elif part[0] == "{":
            made += f"(?:{_any(lists[part[1:-1]], lists)})"
        else:
            signs = {"*": r"\w*", "-": "[- ]?", "#": AMOUNT}
            made += "".join(signs.get(sign, re.escape(sign)) for sign in part)
    return made
