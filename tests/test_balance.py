"""Balance: the figures by hand, the verdict by rule, and the plan that is sealed on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from datalab_helpers.balance import assess_balance, judge, plan
from datalab_helpers.balance.statistics import (
    column_statistics,
    family_statistics,
    score_statistics,
    stratum_statistics,
)
from datalab_helpers.errors import MatchingError
from datalab_helpers.intake import Cohort
from datalab_helpers.matching import Levels
from datalab_helpers.request import ReleaseSettings
from tests.test_matching import made_cohort, made_request, matched

SIZES = {
    "treatment_before": 100,
    "treatment": 95,
    "pool": 1000,
    "comparison": 500,
    "comparison_effective": 300.0,
}


def statistics(x: list[float], treated: list[int], weight: list[float]) -> dict[str, float]:
    levels = Levels([("x", "")], [np.array(x)])
    found = column_statistics(levels, np.array(treated, dtype=bool), np.array(weight, dtype=float))
    return {name: values[0] for name, values in found.items()}


def test_variance_ratio_by_hand() -> None:
    # Treated 1, 3 (variance 2); comparison 0, 4 and a third with weight 0 (variance 8).
    found = statistics([1.0, 3.0, 0.0, 4.0, 99.0], [1, 1, 0, 0, 0], [1, 1, 1, 1, 0])
    assert found["variance_ratio"] == pytest.approx(2 / 8)
    assert found["variance_ratio_before"] == pytest.approx(2 / np.var([0, 4, 99], ddof=1))
    assert (found["mean_treatment"], found["mean_comparison"]) == (2, 2)


@pytest.mark.parametrize("shift", [0.0, 0.25], ids=["whole numbers", "other numbers"])
def test_ks_by_hand(shift: float) -> None:
    # At 1 the treated have all their mass, the comparison a third of it (before: half).
    x = [1.0 + shift, 1.0 + shift, 1.0 + shift, 2.0 + shift]
    found = statistics(x, [1, 1, 0, 0], [1.0, 1.0, 1.0, 2.0])
    assert found["ks"] == pytest.approx(2 / 3)
    assert found["ks_before"] == pytest.approx(1 / 2)


def test_identical_groups_differ_by_nothing() -> None:
    found = statistics([1.0, 2.5, 3.0] * 2, [1, 1, 1, 0, 0, 0], [1] * 6)
    assert found["ks"] == pytest.approx(0)
    assert found["variance_ratio"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("smd", "sizes", "verdict"),
    [
        ([0.04] * 10, {}, "pass"),
        ([0.04] * 8 + [0.06] * 2, {}, "pass"),
        ([0.04] * 7 + [0.06] * 3, {}, "pass with reservations"),  # three of ten amber
        ([0.04] * 19 + [-0.11], {}, "pass with reservations"),  # one red of twenty
        ([0.04] * 17 + [-0.11] * 3, {}, "fail"),  # three red of twenty
        ([0.04] * 99 + [0.26], {}, "fail"),  # one beyond repair
        ([0.0] * 10, {"treatment": 79}, "pass with reservations"),  # too few matched
        ([0.0] * 10, {"comparison_effective": 94.0}, "pass with reservations"),  # rests on few
    ],
)
def test_the_verdict_follows_by_rule(smd: list[float], sizes: dict, verdict: str) -> None:
    found, reasons = judge(np.array(smd), SIZES | sizes)
    assert found == verdict
    assert bool(reasons) == (verdict != "pass")


def test_every_level_is_judged_also_one_that_the_model_left_out() -> None:
    cohort = made_cohort(same=np.ones(900))
    table = assess_balance(cohort, matched(cohort), made_request())
    labels = set(table.rows["label"])
    assert {"Age", "Age: not recorded", "Need", "Area: North", "Area: South", "Area: West", "Same"} == labels
    assert not table.rows.set_index("label").loc["Same", "in_model"]
    kinds = table.rows.set_index("label")["kind"]
    assert kinds[["Age", "Age: not recorded", "Need", "Area: North"]].tolist() == ["number", *["share"] * 3]
    assert table.rows["smd_after"].abs().is_monotonic_decreasing
    strata = table.rows[table.rows["covariate"] == "Area"]
    np.testing.assert_allclose(strata["smd_after"], 0, atol=1e-9)  # exact strata balance exactly


def test_row_order_changes_nothing() -> None:
    cohort = made_cohort()
    shuffled = Cohort(
        cohort.people.sample(frac=1, random_state=2),
        cohort.groups,
        cohort.attrition,
        cohort.covariates,
        cohort.facts,
    )
    one = assess_balance(cohort, matched(cohort), made_request())
    two = assess_balance(shuffled, matched(shuffled), made_request())
    pd.testing.assert_frame_equal(one.rows, two.rows, check_exact=True)


def test_a_cohort_and_a_sample_of_other_people_are_refused() -> None:
    with pytest.raises(MatchingError, match="different people"):
        assess_balance(made_cohort(800), matched(made_cohort(900)), made_request())


def test_a_failed_headline_ends_the_request_unless_it_says_otherwise() -> None:
    cohort, request = made_cohort(), made_request()
    sample = matched(cohort)
    failed = replace(assess_balance(cohort, sample, request), verdict="fail", reasons=["too different"])
    with pytest.raises(MatchingError, match="Outcomes stay closed"):
        plan(request, [sample], [failed])
    bold = replace(
        request,
        settings=request.settings.model_copy(
            update={"release": ReleaseSettings(if_unbalanced="publish_with_warning")}
        ),
    )
    assert plan(bold, [sample], [failed])["analyses"]["All"]["balance"] == "fail"


def test_the_plan_fixes_people_weights_and_settings() -> None:
    cohort, request = made_cohort(), made_request()
    sample = matched(cohort)
    table = assess_balance(cohort, sample, request)
    one = plan(request, [sample], [table])["analyses"]["All"]
    other = replace(sample, people=sample.people.assign(weight=sample.people["weight"] * 0.5))
    assert one["people_sha256"] == sample.fingerprint()
    assert one["people_sha256"] != plan(request, [other], [table])["analyses"]["All"]["people_sha256"]


# ---------------------------------------------------------------- scores, families, strata


def test_rubins_figures_by_hand() -> None:
    # Treated 1, 3 (mean 2, variance 2); comparison 0, 2 with a third of weight 0 (mean 1, variance 2).
    score = np.array([1.0, 3.0, 0.0, 2.0, 9.0])
    treated = np.array([True, True, False, False, False])
    found = score_statistics(score, treated, np.array([1.0, 1, 1, 1, 0]))
    assert found["rubin_b"] == pytest.approx(1 / np.sqrt(2))
    assert found["rubin_r"] == pytest.approx(1)
    pool_variance = np.var([0, 2, 9], ddof=1)
    assert found["rubin_r_before"] == pytest.approx(2 / pool_variance)
    assert found["rubin_b_before"] == pytest.approx(abs(2 - 11 / 3) / np.sqrt((2 + pool_variance) / 2))
    # In fifty bins no treated score lies in a bin of the comparison's.
    assert found["overlap"] == 0
    assert found["supported"] == 1
    assert score_statistics(score, ~treated, np.ones(5))["supported"] == pytest.approx(1 / 3)


def test_identical_scores_overlap_wholly() -> None:
    score = np.tile(np.linspace(-2, 2, 40), 2)
    found = score_statistics(score, np.arange(80) < 40, np.ones(80))
    assert found["overlap"] == pytest.approx(1)
    assert found["rubin_b"] == pytest.approx(0)


def test_families_by_hand_worst_first() -> None:
    rows = pd.DataFrame(
        {
            "family": ["a", "a", "b"],
            "label": ["x", "y", "z"],
            "smd_before": [-0.5, 0.1, 0.3],
            "smd_after": [0.02, -0.06, -0.2],
            "rating": ["green", "amber", "red"],
        }
    )
    found = family_statistics(rows).set_index("family")
    assert found.index.tolist() == ["b", "a"]
    assert found.loc["a"].to_dict() == pytest.approx(
        {
            "levels": 2,
            "worst_before": 0.5,
            "worst_after": 0.06,
            "mean_before": 0.3,
            "mean_after": 0.04,
            "green": 1,
            "amber": 1,
            "red": 0,
        }
    )


def test_strata_by_hand_worst_first_with_the_denominator_of_all() -> None:
    levels = Levels([("x", ""), ("y", "")], [np.array([1.0, 2.0, 4.0, 1.0, 5.0, 7.0]), np.array([True] * 6)])
    people = pd.DataFrame(
        {
            "stratum": ["p", "p", "p", "q", "q", "r"],
            "treated": [True, False, False, True, False, True],
            "weight": [1.0, 1.5, 0.5, 1.0, 1.0, 0.0],
        }
    )
    found = stratum_statistics(levels, ["X", "Y"], people, np.array([2.0, 0.0]))
    # p: 1 against (2 x 1.5 + 4 x 0.5) / 2 = 2.5; q: 1 against 5; r has nobody matched.
    assert found["stratum"].tolist() == ["q", "p"]
    assert found["worst_smd"].tolist() == pytest.approx([-2.0, -0.75])
    assert found["worst_label"].tolist() == ["X", "X"]
    assert found["treatment"].tolist() == [1, 1]
    assert found["comparison_effective"].tolist() == pytest.approx([1.0, 1 / (0.75**2 + 0.25**2)])
    assert found["rating"].tolist() == ["red", "red"]


def test_ks_of_numbers_is_that_of_a_list_of_all_values() -> None:
    rng = np.random.default_rng(8)
    for scale in (1.0, 7.0):  # whole numbers are counted, others sorted
        x = rng.poisson(5, 400) / scale
        treated = rng.random(400) < 0.3
        weight = np.where(treated, rng.random(400) < 0.9, rng.random(400) * (rng.random(400) < 0.8))
        found = statistics(x.tolist(), treated.tolist(), weight.tolist())
        for name, w in (("ks_before", np.ones(400)), ("ks", weight)):
            shares = [
                [(w[g] * (x[g] <= value)).sum() / w[g].sum() for value in np.unique(x)]
                for g in (treated, ~treated)
            ]
            assert found[name] == pytest.approx(np.abs(np.subtract(*shares)).max())


def test_the_table_shows_families_scores_and_no_stratum_of_few_people() -> None:
    cohort = made_cohort()
    people = cohort.people
    # Fewer than thirty participants live in the West.
    few = people["treated"] & (people["area"] == "West")
    keep = ~few | (few.cumsum() <= 12)
    cohort = cohort.keep(people[keep])
    table = assess_balance(cohort, matched(cohort), made_request())
    assert set(table.strata["stratum"]) == {"North", "South", "West"}
    shown = repr(table)
    assert "Rubin's B" in shown
    assert "worst of 2 with at least 30" in shown
    assert "1 more hold fewer than 30" in shown
    assert "\nWest\n" not in shown


def test_a_share_has_the_statistics_of_the_same_numbers() -> None:
    x = np.array([1, 0, 1, 1, 0, 0, 0, 1], dtype=bool)
    treated = np.arange(8) < 3
    weight = np.array([1, 1, 0, 0.2, 0.8, 0.5, 0.5, 0])
    levels = Levels([("x", "")], [x]), Levels([("x", "")], [x.astype(float) + 0.0])
    one, two = (column_statistics(each, treated, weight) for each in levels)
    for name, values in one.items():
        assert values[0] == pytest.approx(two[name][0]), name
    assert one["ks_before"][0] == pytest.approx(2 / 3 - 2 / 5)
    assert one["ks"][0] == pytest.approx(1 / 2 - 0.2 / 2)
