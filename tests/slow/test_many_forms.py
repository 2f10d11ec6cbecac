"""Fifty results of every verdict, with one to five analyses of 30 to 5,000 people, in all forms: `make slow ONLY=forms`.

Hostile names go through every form too.
"""

from __future__ import annotations

import io
import os
import re
import time
from typing import Any

import numpy as np
import pytest
import test_forms as small
from example_results import CASES, content, main_measure, trust
from pypdf import PdfReader
from spreadsheet_rules import faults
from test_coverage import figure

from datalab_helpers.disclosure.results import Results
from datalab_helpers.report.forms import forms
from datalab_helpers.wording import kit
from datalab_helpers.wording.draft import check_draft
from datalab_helpers.wording.verdict import LEVELS

REQUESTS, SLOWEST = 50, 3.0


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


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("ONLY") not in (None, "", "forms"), reason="another figure was asked for")
def test_fifty_results_in_every_form() -> None:
    seed = int(os.environ.get("SEED") or 1)
    seconds, wrong, apart = [], [], []
    for number in range(REQUESTS):
        results = generated(number, seed)
        start = time.process_time()
        made = forms(results)
        seconds.append(time.process_time() - start)
        wrong += [f"{number} {fault}" for fault in faults(made["tables.xlsx"]) if fault[0] != "spelling"]
        pages = PdfReader(io.BytesIO(made["report.pdf"])).pages
        wrong += [] if pages[1].extract_text().lstrip().startswith("In this report") else [f"{number} page 1"]
        wrong += [f"{number} {f}" for text in kit(results).sentences for f in check_draft(text, results)]
        page = made["report.html"].decode()
        wrong += [f"{number} {link}" for link in re.findall(r'href="([^"#]+)"', page) if link not in made]
        apart += _apart(f"{number}", results, made)
    figure("forms: mismatches between forms and results", len(apart), "= 0", not apart)
    figure("forms: faults of spreadsheet, page 1, claims and links", len(wrong), "= 0", not wrong)
    figure(
        "forms: CPU seconds of the slowest request", max(seconds), f"<= {SLOWEST:g}", max(seconds) <= SLOWEST
    )
    assert not apart, apart[:5]
    assert not wrong, wrong[:5]
    assert max(seconds) <= SLOWEST


CHECKS = (
    small.test_every_measure_in_csv_is_the_one_of_the_results,
    small.test_the_spreadsheet_holds_what_the_csv_files_hold,
    small.test_the_page_shows_the_same_measures_rounded,
    small.test_no_cell_is_empty_and_what_is_held_back_says_so,
)


def _apart(name: str, results: Results, made: dict[str, bytes]) -> list[str]:
    """The fast tests' comparisons, on this result."""
    small.ALL[name] = results
    found = []
    for check in CHECKS:
        try:
            check({name: made}, name)
        except AssertionError as error:
            found.append(f"{name} {check.__name__}: {str(error)[:200]}")
    return found
