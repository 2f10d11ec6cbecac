"""How many of planted faults the checker finds, how often it cries wolf, and how fast it is.

`make slow ONLY=check` plants each fault in 20 lists; SEED shifts them. It prints one JSON line a figure.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import faults
import pytest
from test_check_faults import judged, read_here
from test_coverage import figure

from datalab_helpers.intake import sheet

FILES = 20
wanted = pytest.mark.skipif(
    os.environ.get("ONLY") not in (None, "", "check"), reason="another figure was asked for"
)


def all_of(fault: str | None, first: int, files: int = FILES) -> tuple[str | None, int, int, int, int]:
    """Found, false alarms and rows over all files of one fault, and messages that lack a part."""
    from datalab_helpers.wording import check as words

    found = alarms = rows = lacking = 0
    real = sheet.read_file
    with TemporaryDirectory() as place:
        for seed in range(first, first + files):
            # One file of each fault goes through the reader's own process, the others save its start.
            sheet.read_file = real if seed == first else read_here
            one = judged(Path(place) / str(seed), fault, seed)
            found, alarms, rows = found + one.found, alarms + one.alarms, rows + one.rows
            for problem in one.checked.problems:
                told = words.said(problem)
                named = bool(problem.rows or problem.column or problem.level in {"stops", "remark", "tidied"})
                lacking += not (told.wrong and told.mend and named)
    sheet.read_file = real
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


@pytest.mark.slow
@wanted
def test_ten_thousand_rows_are_checked_in_seconds(tmp_path: Path) -> None:
    given = faults.clean(3, 600)
    given.rows = [[f"{row[0]}{chr(97 + n)}{chr(97 + m)}", *row[1:4], "", "", *row[6:]] for n in range(4) for m in range(5) for row in given.rows][:10_000]  # fmt: skip
    for form in ("csv", "xlsx"):
        given.form = form
        path = given.write(tmp_path)
        began, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "datalab_helpers", "check", str(path), "--json"]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
        figure(
            f"check 10,000 rows of {form}: seconds of the clock",
            seconds,
            "<= 5 on a quiet machine",
            seconds <= 5,
        )
        assert figure(
            f"check 10,000 rows of {form}: seconds of the processor", processor, "<= 5", processor <= 5
        )
