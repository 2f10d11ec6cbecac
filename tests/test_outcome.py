"""Outcome: effects by hand, beside statsmodels and by simulation; the verdict by rule; the lock."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from datalab_helpers.errors import LockError
from datalab_helpers.outcome import (
    Design,
    adjusted,
    case,
    confidence,
    decide,
    detectable,
    open_outcomes,
    unadjusted,
)
from datalab_helpers.outcome.effects import explained
from datalab_helpers.store import Seal
from tests.test_matching import made_cohort, made_request, matched


def groups(y_treated: list[float], y_comparison: list[float], weight: list[float] | None = None) -> tuple:
    """Arrays of two groups: outcome, treated, weight, person."""
    y = np.array([*y_treated, *y_comparison])
    treated = np.array([True] * len(y_treated) + [False] * len(y_comparison))
    weights = np.array([1.0] * len(y_treated) + (weight or [1.0] * len(y_comparison)))
    return y, treated, weights, np.arange(len(y))


# ---------------------------------------------------------------- published cases


@pytest.mark.parametrize(
    ("positive", "n", "comparison", "printed"),
    [
        # Blue Sky 2013 and Langley House: published rates and intervals (fewer per 100 people).
        (22, 72, 0.426, (31, 43, 1, 23)),
        (61, 231, 0.3455, (26, 35, 2, 14)),
    ],
)
def test_the_unadjusted_comparison_prints_what_was_published(
    positive: int, n: int, comparison: float, printed: tuple
) -> None:
    pool = 1_000_000
    y = np.concatenate(
        [
            np.repeat([1.0, 0.0], [positive, n - positive]),
            np.repeat([1.0, 0.0], [round(pool * comparison), pool - round(pool * comparison)]),
        ]
    )
    treated = np.arange(len(y)) < n
    weight = np.where(treated, 1.0, n / pool)
    effect = unadjusted(y, treated, weight)
    rates = (round(100 * positive / n), round(100 * comparison))
    assert (*rates, round(-100 * effect.high), round(-100 * effect.low)) == printed
    assert effect.p < 0.05


# ---------------------------------------------------------------- by hand and beside another implementation


def test_a_difference_is_treatment_minus_comparison() -> None:
    y, treated, weight, person = groups([0, 0, 0, 1], [1, 1, 0, 1])
    assert unadjusted(y, treated, weight).difference == pytest.approx(-0.5)
    assert adjusted(y, treated, weight, person, np.empty((8, 0))).difference == pytest.approx(-0.5)


def test_weights_count() -> None:
    y, treated, weight, person = groups([1.0, 0.0], [1.0, 0.0], [1.5, 0.5])
    assert unadjusted(y, treated, weight).difference == pytest.approx(0.5 - 0.75)
    assert adjusted(y, treated, weight, person, np.empty((4, 0))).difference == pytest.approx(-0.25)


def test_the_events_of_one_person_tell_as_much_as_one() -> None:
    """Four events of equal weight tell as much as four people; of two people, two each, as much as two."""
    y, treated, weight, _ = groups([1.0, 0.0], [1.0, 0.0, 1.0, 0.0])
    apart, two = np.array([1, 2, 3, 4, 5, 6]), np.array([1, 2, 3, 3, 4, 4])
    variance = 0.25
    assert unadjusted(y, treated, weight).se == pytest.approx(np.sqrt(variance / 2 + variance / 4))
    assert unadjusted(y, treated, weight, apart).se == unadjusted(y, treated, weight).se
    assert unadjusted(y, treated, weight, two).se == pytest.approx(np.sqrt(variance / 2 + variance / 2))


def made_data(seed: int = 4, n: int = 300) -> tuple:
    rng = np.random.default_rng(seed)
    treated, x = rng.random(n) < 0.3, rng.normal(size=(n, 3))
    y = 0.5 * treated + x @ [1.0, -0.5, 0.2] + rng.normal(size=n) * (1 + treated)
    weight = np.where(treated, 1.0, rng.integers(1, 5, n) / 3)
    return y, treated, weight, x


def test_the_adjusted_effect_and_its_error_are_those_of_statsmodels() -> None:
    y, treated, weight, x = made_data()
    fit = sm.WLS(y, np.column_stack([np.ones(len(y)), treated, x]), weights=weight).fit(cov_type="HC3")
    effect = adjusted(y, treated, weight, np.arange(len(y)), x)
    assert effect.difference == pytest.approx(fit.params[1], rel=1e-10)
    assert effect.se == pytest.approx(fit.bse[1], rel=1e-10)


def test_rows_of_one_person_are_not_taken_for_different_people() -> None:
    """Every comparison row twice with half the weight tells no more than once."""
    y, treated, weight, x = made_data()
    once = adjusted(y, treated, weight, np.arange(len(y)), x)
    double = np.concatenate([np.arange(len(y)), np.flatnonzero(~treated)])
    halved = np.where(treated, weight, weight / 2)[double]
    apart = adjusted(y[double], treated[double], halved, np.arange(len(double)), x[double])
    together = adjusted(y[double], treated[double], halved, double, x[double])
    assert together.difference == pytest.approx(once.difference)
    assert together.se == pytest.approx(once.se, rel=0.01)
    assert apart.se < 0.99 * together.se


def test_row_order_changes_no_displayed_digit() -> None:
    y, treated, weight, x = made_data()
    order = np.random.default_rng(0).permutation(len(y))
    one = adjusted(y, treated, weight, np.arange(len(y)), x)
    two = adjusted(y[order], treated[order], weight[order], order, x[order])
    assert two.difference == pytest.approx(one.difference, rel=1e-12)
    assert two.se == pytest.approx(one.se, rel=1e-12)


def test_no_spread_gives_no_interval_and_no_crash() -> None:
    y, treated, weight, person = groups([1.0] * 5, [1.0] * 5)
    effect = adjusted(y, treated, weight, person, np.empty((10, 0)))
    assert effect.difference == pytest.approx(0, abs=1e-12)
    assert effect.p > 0.99


def test_adjusting_covers_the_truth_and_sees_more() -> None:
    """400 draws: the interval holds a planted effect about 95 times in 100, and is the narrower one."""
    held, narrower = 0, []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(400, 2))
        treated = np.arange(400) < 100
        y = (rng.random(400) < np.clip(0.4 - 0.1 * treated + 0.15 * x[:, 0], 0.02, 0.98)).astype(float)
        arrays = (y, treated, np.where(treated, 1.0, 1 / 3))
        effect = adjusted(*arrays, np.arange(400), x)
        held += effect.low <= -0.1 <= effect.high
        narrower.append(effect.se < unadjusted(*arrays).se)
    assert 0.92 <= held / 400 <= 0.98
    assert np.mean(narrower) > 0.9


def test_the_detectable_difference_is_seen_four_times_in_five() -> None:
    """150 and 750 people with a rate of 35 %: by formula about 12 in 100, and by trying."""
    size = detectable(np.sqrt(0.35 * 0.65), 150, 750, 0.0)
    assert size == pytest.approx(2.8016 * np.sqrt(0.35 * 0.65 * (1 / 150 + 1 / 750)), rel=1e-3)
    rng = np.random.default_rng(8)
    seen = 0
    for _ in range(2000):
        y = np.concatenate([rng.random(150) < 0.35 - size, rng.random(750) < 0.35]).astype(float)
        treated = np.arange(900) < 150
        seen += unadjusted(y, treated, np.where(treated, 1.0, 0.2)).p < 0.05
    # A little above 80 %, since the lower rate of the treatment group varies less than was assumed.
    assert 0.77 <= seen / 2000 <= 0.88


def test_explained_is_the_share_that_covariates_take_away() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(5000, 1))
    treated = rng.random(5000) < 0.5
    y = x[:, 0] + rng.normal(size=5000)
    assert explained(y, treated, np.ones(5000), x) == pytest.approx(0.5, abs=0.03)
    assert explained(y, treated, np.ones(5000), rng.normal(size=(5000, 1))) == pytest.approx(0.0, abs=0.01)


# ---------------------------------------------------------------- verdict


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-12, -3, "A"),
        (-12, -2, "B"),  # touches the smallest difference that matters
        (-5, -0.1, "B"),
        (-1.5, 1.5, "C"),
        (-1.5, 4, "D"),
        (-9, 4, "E"),
        (-9, 1, "E"),
        (-2, 1, "E"),  # touches it: a worthwhile reduction is not ruled out
        (0.1, 6, "F"),
        (-3, 0, "E"),  # zero is inside
    ],
)
def test_the_six_cases(low: float, high: float, expected: str) -> None:
    assert case(low, high, 2) == expected


def test_the_cases_leave_no_gap_on_a_grid() -> None:
    """Each of 500 intervals has one case, and it agrees with the table of rules."""
    delta, ends = 2.0, np.linspace(-8, 8, 33)
    for low, high in itertools.combinations(ends, 2):
        inside = low <= 0 <= high
        rules = {
            "A": high < -delta,
            "B": -delta <= high < 0,
            "C": inside and -delta < low and high < delta,
            "D": inside and low > -delta and high >= delta,
            "E": inside and low <= -delta,
            "F": low > 0,
        }
        assert [name for name, holds in rules.items() if holds] == [case(low, high, delta)]


def test_a_measure_whose_good_direction_is_up_is_mirrored() -> None:
    design = Design("pass", [])
    assert decide(600, 3000, 500, "higher", design).case == "A"
    assert decide(-3000, -600, 500, "higher", design).case == "F"
    assert decide(600, 3000, 500, "lower", design).case == "F"


def test_confidence_starts_at_moderate_and_falls_for_reasons() -> None:
    assert confidence(Design("pass", [], 0.8))[0] == "moderate"
    assert confidence(Design("pass with reservations", ["r"], 0.8))[0] == "low"
    assert confidence(Design("pass", [], 0.29))[0] == "low"
    assert confidence(Design("pass with reservations", ["r"], 0.29))[0] == "very low"
    assert confidence(Design("fail", ["r"], 0.8))[0] == "very low"
    assert confidence(Design("pass", [], late_share=0.10))[0] == "moderate"
    assert confidence(Design("pass", [], late_share=0.11))[0] == "low"
    assert confidence(Design("pass", [], selected=True))[0] == "low"
    assert "different directions" in confidence(Design("pass", [], estimates_agree=False))[1][0]


# ---------------------------------------------------------------- lock


def test_outcomes_stay_closed_without_a_plan_and_with_another_one(tmp_path: Path) -> None:
    cohort, request = made_cohort(), made_request()
    sample = matched(cohort)
    with pytest.raises(LockError, match="no plan has been sealed"):
        open_outcomes(request, None, cohort, [sample], Seal(tmp_path / "plan.json", ""))
    plan = tmp_path / "plan.json"
    plan.write_text('{"analyses": {"All": {"people_sha256": "of other people"}}}')
    from datalab_helpers.run import sha256

    with pytest.raises(LockError, match="changed after the plan was sealed"):
        open_outcomes(request, None, cohort, [sample], Seal(plan, sha256(plan)))
