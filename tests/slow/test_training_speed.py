"""How fast a lesson answers a dial, at every setting and the first time: `make slow ONLY=training`.

From the choice to the finished picture and its sentences, without browser; `make pages` times it in one.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time

import pytest

from datalab_helpers.training.lessons import FILES, lesson
from datalab_helpers.training.screen import Screen
from tests.slow.test_coverage import figure

MOST = 0.3
OPENING = "from datalab_helpers.training import open_lesson; import time; s = time.time(); open_lesson({}); print(time.time() - s)"


@pytest.mark.slow
@pytest.mark.skipif(
    os.environ.get("ONLY") not in (None, "", "training"), reason="another figure was asked for"
)
@pytest.mark.parametrize("number", FILES)
def test_a_dial_is_answered_at_once(number: int) -> None:
    shown = lesson(number)
    screen = Screen(shown)
    screen.guess.value = str(shown.guess.low)
    screen.reveal.click()
    took = []
    for values in itertools.product(*(dial.choices for dial in shown.dials)):
        for dial, words in zip(shown.dials, values, strict=True):
            start = time.perf_counter()
            screen.dials[dial.name].value = words
            took.append(time.perf_counter() - start)
    opening = float(
        subprocess.run([sys.executable, "-c", OPENING.format(number)], capture_output=True, check=True).stdout
    )
    assert screen.faults == []
    held = figure(
        f"lesson {number}: seconds for the slowest of {len(took)} choices",
        max(took),
        "< 0.3",
        max(took) < MOST,
    )
    held &= figure(f"lesson {number}: seconds to open it", opening, "< 3", opening < 3)
    assert held
