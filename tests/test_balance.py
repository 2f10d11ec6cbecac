"""Balance: the figures by hand, the verdict by rule, and the plan that is sealed on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from datalab_helpers.balance import _ks, _variance_ratios, assess_balance, judge, plan
from datalab_helpers.errors import MatchingError
from datalab_helpers.intake import Cohort
from datalab_helpers.request import ReleaseSettings
from tests.test_matching import made_cohort, made_request, matched

SIZES = {
    "treatment_before": 100,
    "treatment": 95,
    "pool": 1000,
    "comparison": 500,
    "comparison_effective": 300.0,
}


def test_variance_ratio_by_hand() -> None:
    # Treated 1, 3 (variance 2); comparison 0, 4 and a third with weight 0 (variance 8).
    x = np.array([[1.0], [3.0], [0.0], [4.0], [99.0]])
    treated = np.array([True, True, False, False, False])
    np.testing.assert_allclose(_variance_ratios(x, treated, np.array([1.0, 1, 1, 1, 0])), [2 / 8])


def test_ks_by_hand() -> None:
    # At 1 the treated have all their mass, the comparison a third of it.
    x = np.array([1.0, 1.0, 1.0, 2.0])
    treated = np.array([True, True, False, False])
    assert _ks(x, treated, np.array([1.0, 1.0, 1.0, 2.0])) == pytest.approx(2 / 3)


def test_identical_groups_differ_by_nothing() -> None:
    x = np.array([1.0, 2.0, 3.0, 1.0, 2.0, 3.0])
    treated = np.array([True] * 3 + [False] * 3)
    assert _ks(x, treated, np.ones(6)) == pytest.approx(0)


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
