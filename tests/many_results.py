"""Invented `Results` of every verdict and size, some with hostile names, for the tests of forms and pages."""

from __future__ import annotations

from typing import Any

import numpy as np
from example_results import CASES, content, main_measure, trust

from datalab_helpers.disclosure.results import Results
from datalab_helpers.wording.verdict import LEVELS

REQUESTS = 50


def generated(number: int, seed: int) -> Results:
    """A result of its own size, analyses, parts held back and, in every fifth, hostile names."""
    rng = np.random.default_rng([seed, number])
    case, confidence = list(CASES)[number % 6], LEVELS[number // 6 % 4]
    whole = content(case, confidence)
    first = whole["analyses"][0]
    people = int(rng.integers(30, 5001))
    first["sizes"]["treatment"] = people
    first["measures"][0] = main_measure(case, n_treatment=people, n_comparison=people * 6)
    if number % 3:
        first["trust"] = trust(first["measures"][0])
    for measure in first["measures"][1:]:
        if rng.random() < 0.2:
            numbers = ("treatment", "comparison", "unadjusted", "adjusted", "detectable", "n_treatment", "n_comparison", "n_comparison_effective")  # fmt: skip
            measure |= dict.fromkeys(numbers) | {"suppressed": "c"}
    others = whole["analyses"][1:]
    whole["analyses"] = [first, *[{**others[i % 2], "name": f"Analysis {i + 2}"} for i in range(number % 5)]]
    if number % 5 == 4:
        _hostile(whole, rng)
    return Results.model_validate(whole)


def _hostile(whole: dict[str, Any], rng: np.random.Generator) -> None:
    letters = [chr(c) for c in range(1, 0x32000) if not 0xD800 <= c < 0xE000]
    name = "=1+1 <b>{{7*7}} " + "".join(rng.choice(letters, int(rng.integers(5, 400))))
    whole["about"]["organisation"] = whole["analyses"][0]["name"] = name[:200]
    whole["about"]["programme"] |= {"name": name, "description": name}
