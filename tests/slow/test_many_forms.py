"""Fifty results of every verdict, with one to five analyses of 30 to 5,000 people, in all forms: `make slow ONLY=forms`.

Hostile names go through every form too.
"""

from __future__ import annotations

import io
import os
import re
import time

import pytest
import test_forms as small
from many_results import REQUESTS, generated
from pypdf import PdfReader
from spreadsheet_rules import faults
from test_coverage import figure

from datalab_helpers.disclosure.results import Results
from datalab_helpers.report.forms import forms
from datalab_helpers.wording import kit
from datalab_helpers.wording.draft import check_draft

SLOWEST = 3.0


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
