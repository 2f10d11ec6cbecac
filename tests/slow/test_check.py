"""How many of planted faults the checker finds, how often it cries wolf, and how fast it is.

`make slow ONLY=check` plants each fault in 20 lists; SEED shifts them. It prints one JSON line a figure.
"""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import faults
import pytest
from test_check_faults import judged
from test_coverage import figure

FILES = 20
wanted = pytest.mark.skipif(
    os.environ.get("ONLY") not in (None, "", "check"), reason="another figure was asked for"
)


def all_of(fault: str | None, first: int, files: int = FILES) -> tuple[str | None, int, int, int, int]:
    """Found, false alarms and rows over all files of one fault, and messages that lack a part."""
    from datalab_helpers.wording import check as words

    found = alarms = rows = lacking = 0
    with TemporaryDirectory() as place:
        for seed in range(first, first + files):
            one = judged(Path(place) / str(seed), fault, seed)
            found, alarms, rows = found + one.found, alarms + one.alarms, rows + one.rows
            for problem in one.checked.problems:
                told = words.said(problem)
                named = bool(problem.rows or problem.column or problem.level in {"stops", "remark", "tidied"})
                lacking += not (told.wrong and told.mend and named)
    return fault, found, alarms, rows, lacking


@pytest.mark.slow
@wanted
def test_planted_faults_are_found_and_clean_rows_left_in_peace() -> None:
    first = int(os.environ.get("SEED") or 5000)
    with ProcessPoolExecutor(2) as pool:
        results = list(pool.map(all_of, faults.FAULTS, [first] * len(faults.FAULTS)))
        clean = list(pool.map(all_of, [None] * 10, range(first + 1000, first + 1200, FILES)))
    missed = Counter({fault: FILES - found for fault, found, *_ in results if found < FILES})
    share = sum(found for _, found, *_ in results) / (FILES * len(results))
    alarms = sum(r[2] for r in results) / sum(r[3] for r in results)
    quiet = sum(r[2] for r in clean) / sum(r[3] for r in clean)
    figure("kinds of fault planted", len(results), ">= 30", len(results) >= 30)
    figure(
        "messages without row, fault or mend",
        sum(r[4] for r in [*results, *clean]),
        "0",
        sum(r[4] for r in results) == 0,
    )
    figure(f"faults missed: {dict(missed)}", sum(missed.values()), "", True)
    figure("false alarms over rows, clean lists", quiet, "<= 0.01", quiet <= 0.01)
    assert figure("false alarms over rows, lists with a fault", alarms, "<= 0.01", alarms <= 0.01)
    assert figure("planted faults found", share, ">= 0.98", share >= 0.98)
