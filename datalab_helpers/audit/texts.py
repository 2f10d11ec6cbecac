"""Numbers of people in sentences of the published texts."""

from __future__ import annotations

import html
import re
from typing import Any

from .breach import Breach

PEOPLE = "people|persons?|participants?|men|women|links?|rows?|individuals?"
SAID = re.compile(rf"(?<![\d.,%\u2013-])(\d[\d,]*)\s+({PEOPLE})\b(?!\s+in\s+every)", re.IGNORECASE)
RATE = re.compile(
    r"(?:of|in)\s+every\s*$|\bof\s*$|\bfewer than\s*$|\bat least\s*$|\bless than\s*$", re.IGNORECASE
)


def texts(name: str, text: str, rules: dict[str, Any]) -> list[Breach]:
    """Small numbers of people that a text names, but for rates per hundred and the rules themselves."""
    plain = html.unescape(re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", text, flags=re.DOTALL))
    plain = re.sub(r"\s+", " ", plain)
    for found in SAID.finditer(plain):
        number = int(found[1].replace(",", "") or 0)
        if number < rules["smallest_count"] and not RATE.search(plain[: found.start()]):
            return [Breach(name, f"a sentence tells of a small number of {found[2].lower()}", "R-C5")]
    return []
