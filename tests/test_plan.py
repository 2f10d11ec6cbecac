"""How many people for which change: against the printed tables, by hand, and by simulation."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from datalab_helpers.lab import load_lab
from datalab_helpers.outcome.effects import Z_95, adjusted, detectable, unadjusted
from datalab_helpers.outcome.power import (
    Design,
    people_needed,
    people_to_send,
    plan,
    power,
    smallest_change,
    standard_error,
)
from datalab_helpers.wording import plan as words


# Baseline 35 %, power 80 %, two-sided 5 %: people analysed, then 1, 5 and 50 comparators each; points.
@pytest.mark.parametrize(
    ("people", "points"),
    [
        (60, (21, 16, 15)),
        (100, (17, 13, 12)),
        (150, (14, 11, 10)),
        (250, (11, 9, 8)),
        (500, (8, 6, 6)),
        (1_000, (6, 4.5, 4)),
        (2_000, (4, 3.2, 3)),
    ],
)
def test_the_smallest_change_is_that_of_the_printed_table(people: int, points: tuple[float, ...]) -> None:
    for comparators, expected in zip((1, 5, 50), points, strict=True):
        found = 100 * smallest_change(Design(0.35, people, comparators))
        assert round(found, 1 if expected != round(expected) else 0) == expected


@pytest.mark.parametrize(
    ("change", "analysed", "three_quarters", "three_fifths"),
    [(10, 183, 244, 305), (8, 298, 398, 497), (5, 803, 1_071, 1_339), (3, 2_295, 3_060, 3_825), (2, 5_232, 6_976, 8_720)],
)  # fmt: skip
def test_the_people_needed_are_those_of_the_printed_table(
    change: int, analysed: int, three_quarters: int, three_fifths: int
) -> None:
    found = people_needed(0.35, change / 100)
    assert (found, people_to_send(found, 0.75), people_to_send(found, 0.6)) == (
        analysed,
        three_quarters,
        three_fifths,
    )


def test_the_error_by_hand() -> None:
    # 30 % of 100 against 40 % of 200: sqrt(.21/100 + .24/200) = sqrt(.0033)
    assert standard_error(Design(0.4, 100, 2), 0.1) == pytest.approx(math.sqrt(0.0033))
    assert standard_error(Design(0.4, 100, 2, 0.19), 0.1) == pytest.approx(math.sqrt(0.0033) * 0.9)


def test_the_smallest_change_is_the_project_s_own_detectable_size() -> None:
    design = Design(0.35, 300, 4, 0.1)
    change = smallest_change(design)
    rate = 0.35 - change
    own = detectable(math.sqrt(0.35 * 0.65), 300, 1200, 0.1, math.sqrt(rate * (1 - rate)))
    assert own == pytest.approx(change, abs=1e-9)
    assert power(design, change) == pytest.approx(0.8, abs=1e-3)


@pytest.mark.parametrize("baseline", [0.1, 0.35, 0.6, 0.9])
@pytest.mark.parametrize("change", [0.02, 0.05, 0.08])
def test_the_people_needed_are_the_fewest(baseline: float, change: float) -> None:
    n = people_needed(baseline, change, 3, 0.1)
    assert smallest_change(Design(baseline, n, 3, 0.1)) <= change + 1e-9
    assert smallest_change(Design(baseline, n - 1, 3, 0.1)) > change


def test_more_of_anything_sees_more() -> None:
    base = smallest_change(Design(0.35, 200, 3, 0.0))
    assert smallest_change(Design(0.35, 300, 3, 0.0)) < base
    assert smallest_change(Design(0.35, 200, 6, 0.0)) < base
    assert smallest_change(Design(0.35, 200, 3, 0.2)) < base


def test_so_few_people_show_nothing_at_all() -> None:
    assert smallest_change(Design(0.05, 20, 1)) is None
    assert plan(0.05, 1, 0, 0.5, 40, None).people.change is None


def simulated(design: Design, change: float, runs: int, seed: int) -> float:
    """Share of invented studies whose 95 % interval leaves zero out, as `unadjusted` has it, all at once."""
    rng = np.random.default_rng(seed)
    n, m = round(design.people), round(design.people * design.comparators)
    treated, others = (
        rng.binomial(n, design.baseline - change, runs) / n,
        rng.binomial(m, design.baseline, runs) / m,
    )
    se = np.sqrt(treated * (1 - treated) / n + others * (1 - others) / m)
    return float((np.abs(treated - others) > Z_95 * se).mean())


def simulated_with_covariates(design: Design, change: float, slope: float, runs: int, seed: int) -> float:
    """The same by the project's own adjusted estimate; what is known beforehand moves the risk by `slope` x, x in -1 to 1."""
    rng = np.random.default_rng(seed)
    n, m = round(design.people), round(design.people * design.comparators)
    treated = np.arange(n + m) < n
    weight = np.where(treated, 1.0, n / m)
    seen = 0
    for _ in range(runs):
        x = rng.uniform(-1, 1, n + m)
        y = (rng.random(n + m) < design.baseline - change * treated + slope * x).astype(float)
        effect = adjusted(y, treated, weight, np.arange(n + m), x[:, None])
        seen += effect.low > 0 or effect.high < 0
    return seen / runs


@pytest.mark.parametrize(
    ("people", "change", "comparators"), [(183, 0.10, 5), (150, 0.08, 2), (300, 0.05, 1)]
)
def test_the_power_is_that_of_simulated_studies(people: int, change: float, comparators: float) -> None:
    """Within 2 points; `make slow ONLY=plan` has more designs, and covariates."""
    design = Design(0.35, people, comparators)
    assert abs(simulated(design, change, 100_000, 1) - power(design, change)) < 0.02


def test_the_simulation_tests_as_the_project_does() -> None:
    rng = np.random.default_rng(1)
    treated = np.arange(300) < 100
    y = (rng.random(300) < 0.35).astype(float)
    effect = unadjusted(y, treated, np.where(treated, 1.0, 0.5))
    a, b = y[treated].mean(), y[~treated].mean()
    assert effect.se == pytest.approx(math.sqrt(a * (1 - a) / 100 + b * (1 - b) / 200))
    assert effect.high - effect.difference == pytest.approx(Z_95 * effect.se)


# ---------------------------------------------------------------- the command


def test_the_plan_in_words(datalab) -> None:
    code, out, err = datalab("plan", "--people", 200, "--change", 8, "--survive", 0.75)
    assert (code, err) == (0, "")
    assert "Of 200 people sent, about 150 would be analysed." in out
    assert "a fall in reoffending of about 11 in every 100 people" in out
    assert "298 people have to be analysed: send about 398." in out
    assert "the chance of seeing it is 52%" in out
    assert "803   1,071" in out
    assert "join with a sister charity" in out


def test_the_plan_as_json(datalab) -> None:
    code, out, _ = datalab("plan", "--survive", 0.6, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["people"] is found["change"] is found["power"] is None
    assert {"change": 0.05, "analysed": 803, "send": 1_339} in found["needs"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--baseline", 1.5), "at most 1"),
        (("--baseline", "x"), "at most 1"),
        (("--people", 0), "a whole number from 2"),
        (("--change", 40), "is not below the baseline of 35 in 100"),
        (("--covariate-gain", 1), "from 0 to below 0.99"),
        (("--survive", 0), "above 0"),
        (("--comparators", -1), "above 0"),
    ],
)
def test_what_makes_no_plan_is_refused(datalab, arguments: tuple[object, ...], told: str) -> None:
    code, out, err = datalab("plan", *arguments)
    assert (code, out) == (2, "")
    assert told in err


def test_a_plan_without_any_change_says_so() -> None:
    told = "\n".join(words.lines(plan(0.05, 1, 0, 0.5, 40, None), load_lab("justice")))
    assert "They could not reliably show any fall in reoffending." in told
    assert "none, not even to nothing" in told
