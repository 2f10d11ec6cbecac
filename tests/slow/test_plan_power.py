"""The planner's power beside that of many simulated studies: `make slow ONLY=plan`."""

from __future__ import annotations

import os

import pytest
import test_plan as small
from test_coverage import figure

from datalab_helpers.outcome.power import Design, power, smallest_change

RUNS, RUNS_WITH_COVARIATES = 400_000, 3_000
DESIGNS = [
    (60, 5, 0.35),
    (183, 5, 0.35),
    (803, 5, 0.35),
    (250, 1, 0.35),
    (250, 20, 0.35),
    (300, 4, 0.15),
    (300, 4, 0.6),
]


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("ONLY") not in (None, "", "plan"), reason="another figure was asked for")
def test_the_planner_agrees_with_simulated_studies() -> None:
    seed = int(os.environ.get("SEED") or 1)
    worst = 0.0
    for people, comparators, baseline in DESIGNS:
        design = Design(baseline, people, comparators)
        for share in (0.6, 1.0):
            change = share * (smallest_change(design) or baseline)
            apart = abs(small.simulated(design, change, RUNS, seed) - power(design, change))
            worst = max(worst, apart)
    slope, gains = 0.3, []
    for people, comparators in ((250, 4), (600, 2)):
        gain = slope**2 / 3 / (0.35 * 0.65)  # variance of the risk over that of the outcome
        design = Design(0.35, people, comparators, gain)
        change = smallest_change(design) or 0.35
        gains.append(
            abs(
                small.simulated_with_covariates(design, change, slope, RUNS_WITH_COVARIATES, seed)
                - power(design, change)
            )
        )
    # Three thousand runs are exact to 0.7 points (one standard error).
    figure("planner: worst difference with covariates", max(gains), "<= 0.035", max(gains) <= 0.035)
    assert max(gains) <= 0.035
    assert figure("planner: worst difference in power from simulation", worst, "<= 0.02", worst <= 0.02)
