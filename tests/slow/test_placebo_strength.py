"""How many people a placebo needs before it can see a hidden difference that would change the answer.

`make slow ONLY=placebo` draws requests of 30 to 2,000 people, without anything hidden: what share of those that could
be sure so far loses it to a placebo that is too weak, by our rule and by a stricter one. Then with something hidden,
behind joining, the outcome and the year before alike: how often a placebo notices it where it changes the answer.
"""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from tests.slow.test_coverage import figure
from tests.study_requests import Strength, request, strength_of

PEOPLE = (30, 60, 100, 200, 300, 500, 700, 1000, 2000)
EFFECTS = (0.0, -0.05, -0.10, -0.15, -0.20)
EACH = 20
HIDDEN = (-0.60, -0.45, -0.30, -0.15, 0.15, 0.30, 0.45, 0.60)
HIDDEN_PEOPLE = (60, 100, 300, 700, 2000)
HIDDEN_EFFECTS = (0.0, -0.05, -0.10, -0.15)
HIDDEN_EACH = 8


def one(task: tuple[int, int, float, float]) -> tuple[int, Strength | None]:
    seed, people, effect, hidden = task
    return people, strength_of(seed, people, effect, hidden)


def drawn(kinds: list[tuple[int, float, float]], each: int, first: int) -> list[tuple[int, Strength]]:
    tasks = [(first + each * place + i, *kind) for place, kind in enumerate(kinds) for i in range(each)]
    with ProcessPoolExecutor(2) as pool:
        return [(people, made) for people, made in pool.map(one, tasks, chunksize=4) if made is not None]


def share(flags: list[bool]) -> float:
    return float(np.mean(flags)) if flags else float("nan")


@pytest.mark.slow
@pytest.mark.skipif(
    os.environ.get("ONLY") not in (None, "", "placebo"), reason="another figure was asked for"
)
def test_a_placebo_that_counts_as_passed_could_have_seen_what_changes_the_answer() -> None:
    first = int(os.environ.get("SEED") or 500_000)
    smallest = request().smallest_difference / 100
    seen = drawn([(people, effect, 0.0) for people in PEOPLE for effect in EFFECTS], EACH, first)
    lost = {}
    for people in PEOPLE:
        sure = [s for n, s in seen if n == people and s.answer and s.passed and s.quiet]
        lost[people] = share([s.weak for s in sure])
        strict = share([s.carried >= smallest for s in sure])
        name = f"{people:,} people, of {len(sure)} that could be sure so far"
        figure(f"{name}: placebo too weak", lost[people], "", True)
        figure(f"{name}: could not see {100 * smallest:g} per 100", strict, "", True)
    assert lost[60] > 0.9
    assert lost[700] < 0.1
    kinds = list(itertools.product(HIDDEN_PEOPLE, HIDDEN_EFFECTS, HIDDEN))
    answered = [s for _, s in drawn(kinds, HIDDEN_EACH, first + 100_000) if s.answer]
    holds = []
    for weak, name in ((False, "strong enough"), (True, "too weak")):
        own = [s for s in answered if s.weak == weak]
        changed = [s for s in own if s.truly != s.answer]
        noticed = share([not s.passed for s in changed])
        figure(
            f"{name}: of {len(changed)} answers that something hidden changes it notices", noticed, "", True
        )
        passed = [s for s in own if s.passed]
        wrong = share([s.truly != s.answer for s in passed])
        figure(f"{name} and passed ({len(passed)}): answers that something hidden changes", wrong, "", True)
        holds += [wrong < 0.05 and noticed > 0.8] if not weak else [wrong > 0.10]
    assert all(holds)
