"""Has the audit teeth? A hundred faults planted in disclosure control: `make slow ONLY=mutants`.

A change of the source is a fault when what it publishes of some made-up request gives a small number away. That
is asked of two who know nothing of each other: the audit, and `worlds`, which looks for all answers in whole
numbers. Where shares and measures are not concerned (funnels, sizes, curves, checks), any number that the sound
code holds back or gives less finely counts. A fault is caught when the audit finds a breach in what any request
publishes with it. What hides more, tells otherwise without giving anything away, or stops, is no fault.
"""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pytest
from test_coverage import figure

from datalab_helpers.audit import audit_results
from tests.made_up import MadeUp, Maker
from tests.mutants import Mutant, compared, mutants, planted
from tests.worlds import told as answered

FAULTS, CAUGHT = 100, 98
REQUESTS, MOST, MOST_POOL = 50, 300, 700
WORKERS = 2
SECONDS = 240
ASKED = {"smallest_group": 30, "smallest_count": 10}


@cache
def requests() -> list[tuple[MadeUp, dict[str, Any] | None]]:
    """The same requests for every fault, with what the sound code publishes."""
    maker = Maker(Path(mkdtemp()) / "requests", MOST_POOL)
    made = [maker.make(seed, MOST) for seed in range(REQUESTS)]
    return [(one, one.published()) for one in made]


def judge(mutant: Mutant) -> str:
    """caught, missed (a fault in which nothing was found), safe (told other numbers), harmless, or stopped."""
    told = "harmless"
    # A loop that no longer ends publishes nothing.
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(SECONDS)
    try:
        with planted(mutant) as release:
            for made, sound in requests():
                faulty = made.published(release)
                if faulty is None or faulty == sound:
                    continue
                if audit_results(faulty, ASKED).breaches:
                    return "caught"
                if told != "missed":
                    is_fault = compared(sound, faulty) == "more" or answered(faulty)
                    told = "missed" if is_fault else "safe"
    except Exception:
        return told if told != "harmless" else "stopped"
    finally:
        signal.alarm(0)
    return told


def _too_long(*_: object) -> None:
    raise TimeoutError


@pytest.mark.slow
@pytest.mark.skipif(
    os.environ.get("ONLY") not in (None, "", "mutants"), reason="another figure was asked for"
)
def test_planted_faults_are_caught() -> None:
    rng = np.random.default_rng(int(os.environ.get("SEED") or 1))
    possible = mutants()
    order = [possible[place] for place in rng.permutation(len(possible))]
    found: list[tuple[Mutant, str]] = []
    with ProcessPoolExecutor(WORKERS) as pool:
        for start in range(0, len(order), 20):
            found += zip(order[start : start + 20], pool.map(judge, order[start : start + 20]), strict=True)
            if sum(told in ("caught", "missed") for _, told in found) >= FAULTS:
                break
    faults = [(mutant, told) for mutant, told in found if told in ("caught", "missed")][:FAULTS]
    for mutant, told in faults:
        if told == "missed":
            print(json.dumps({"missed": f"{mutant.module}.py:{mutant.line}", "what": mutant.what}))
    caught = sum(told == "caught" for _, told in faults)
    figure("mutants: faults possible", len(possible), "", True)
    figure("mutants: planted until a hundred told more", len(found), "", True)
    others = sum(told == "safe" for _, told in found)
    figure("mutants: that told other numbers, safely", others, "", True)
    figure("mutants: that hid more or stopped", len(found) - len(faults) - others, "", True)
    assert len(faults) == FAULTS
    assert figure("mutants: caught of 100", caught, f">= {CAUGHT}", caught >= CAUGHT)
