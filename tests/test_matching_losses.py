"""Who could not be matched, why, and what happens when a comparison cannot be made: never a silent drop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from datalab_helpers.errors import MatchingError
from datalab_helpers.intake import Cohort
from datalab_helpers.matching import match, scored, specification
from datalab_helpers.request import Analysis, MatchingSettings
from tests.test_matching import made_cohort, made_request, matched


def with_people(cohort: Cohort, **changes: object) -> Cohort:
    return replace(cohort, people=cohort.people.assign(**changes))


# ---------------------------------------------------------------- who is lost


def test_every_unmatched_participant_is_counted_by_the_first_reason_that_holds() -> None:
    cohort = made_cohort()
    treated = cohort.people["treated"]
    # Twelve participants live where nobody of the pool does.
    cohort = with_people(cohort, area=cohort.people["area"].where(~treated | (treated.cumsum() > 12), "Isle"))
    sample = matched(cohort, caliper=0.001, common_support="both")
    sizes = sample.sizes
    assert sample.unmatched["with nobody of the pool in their exact stratum"] == 12
    assert "with nobody near enough" in sample.unmatched
    assert sum(sample.unmatched.values()) == sizes["treatment_before"] - sizes["treatment"]
    outside = sample.unmatched.get("with a score outside the common range", 0)
    score, pool = sample.people["score"], sample.people["score"][~treated]
    beyond = treated & (cohort.people["area"] != "Isle") & ((score < pool.min()) | (score > pool.max()))
    assert outside == beyond.sum()


def test_the_lost_are_described_beside_the_matched_worst_first() -> None:
    cohort = made_cohort()
    treated = cohort.people["treated"]
    cohort = with_people(cohort, area=cohort.people["area"].where(~treated | (treated.cumsum() > 12), "Isle"))
    sample = matched(cohort, caliper=5)
    weight = sample.people["weight"]
    lost, kept = cohort.people[treated & (weight == 0)], cohort.people[treated & (weight > 0)]
    rows = sample.lost.set_index("label")
    assert rows.index[0] == "Area: Isle"
    assert rows.loc["Need", "mean_lost"] == pytest.approx(lost["need"].mean())
    assert rows.loc["Need", "mean_matched"] == pytest.approx(kept["need"].mean())
    share = cohort.people.loc[treated, "need"].mean()
    expected = (lost["need"].mean() - kept["need"].mean()) / np.sqrt(share * (1 - share))
    assert rows.loc["Need", "smd"] == pytest.approx(expected)
    assert sample.lost["smd"].abs().round(12).is_monotonic_decreasing
    assert "Not matched: 12 of the treatment group" in repr(sample)
    assert "differ most" in repr(sample)


def test_fewer_than_ten_lost_are_counted_and_not_described() -> None:
    cohort = made_cohort()
    treated = cohort.people["treated"]
    cohort = with_people(cohort, area=cohort.people["area"].where(~treated | (treated.cumsum() > 3), "Isle"))
    shown = repr(matched(cohort, caliper=5))
    assert "Not matched: 3 of the treatment group" in shown
    assert "differ most" not in shown


def test_nobody_lost_is_nothing_to_tell() -> None:
    sample = matched(made_cohort(), caliper=5)
    assert sample.unmatched == {}
    assert sample.lost.empty
    assert "Not matched" not in repr(sample)


# ---------------------------------------------------------------- when it cannot work


def test_no_overlap_ends_with_the_counts_the_reasons_and_the_mend() -> None:
    cohort = made_cohort()
    people = cohort.people
    # The two groups share three values of age and no more, and so few of them that they cannot be analysed.
    shared = people["treated"].cumsum() <= 5
    age = np.where(people["treated"] & ~shared, 70.0, 20.0) + np.arange(len(people)) % 5
    cohort = with_people(cohort, age=age, need=np.arange(len(people)) % 2.0)
    with pytest.raises(MatchingError, match=r"people could be matched, to .* others") as caught:
        matched(cohort, caliper=0.01)
    assert "with nobody near enough" in str(caught.value)
    assert "wider caliper" in str(caught.value)


def test_one_treated_person_in_a_stratum_is_matched_or_counted() -> None:
    cohort = made_cohort()
    treated = cohort.people["treated"]
    first = treated & (treated.cumsum() == 1)
    alone = with_people(cohort, area=cohort.people["area"].mask(first, "Isle"))
    sample = matched(alone)
    assert sample.unmatched["with nobody of the pool in their exact stratum"] == 1
    # With two of the pool beside them, they are matched inside that stratum.
    others = ~treated & ((~treated).cumsum() <= 2)
    company = with_people(cohort, area=cohort.people["area"].mask(first | others, "Isle"))
    people = matched(company, caliper=5).people
    inside = people[people["stratum"] == "Isle"]
    assert inside.groupby("treated")["weight"].sum().tolist() == [1, 1]


def test_more_treated_than_pool_is_matched_with_replacement_and_counted_without() -> None:
    cohort = made_cohort()
    swapped = with_people(cohort, treated=~cohort.people["treated"])
    again = matched(swapped, method="nearest", caliper=5)
    assert again.sizes["treatment"] > again.sizes["comparison"]
    once = matched(swapped, method="nearest", replacement=False, caliper=None)
    assert once.sizes["treatment"] == once.sizes["comparison"]
    reason = "with nobody near enough who was not taken"
    assert once.unmatched == {reason: once.sizes["treatment_before"] - once.sizes["treatment"]}


def test_a_value_that_is_not_recorded_is_a_stratum_of_its_own() -> None:
    cohort = made_cohort()
    area = cohort.people["area"].mask(np.arange(900) % 10 == 0)
    sample = matched(with_people(cohort, area=area))
    assert set(sample.people["stratum"]) == {"North", "South", "West", "not recorded"}


def test_infinite_values_are_refused_by_count_and_never_by_value() -> None:
    cohort = made_cohort()
    age = cohort.people["age"].mask(np.arange(900) < 3, np.inf)
    with pytest.raises(MatchingError, match="Age: 3 values are infinite"):
        matched(with_people(cohort, age=age))


def test_a_covariate_that_nobody_has_a_value_of_is_left_out_with_the_reason() -> None:
    sample = matched(with_people(made_cohort(), age=np.nan))
    reasons = dict(sample.dropped)
    assert reasons["Age"] == reasons["Age: not recorded"] == "everyone has the same value"


def test_a_sub_group_that_is_told_apart_is_refused_and_the_request_goes_on() -> None:
    cohort = made_cohort()
    people = cohort.people
    age = np.where(people["treated"], 60.0, 20.0) + np.arange(len(people)) % 7
    sub = match(made_request(), with_people(cohort, age=age), Analysis(name="Sub", exact=["area"]))
    assert "tells exactly who took part" in sub.refused
    assert sub.people["weight"].sum() == 0


def test_entropy_balancing_that_cannot_be_says_so() -> None:
    cohort = made_cohort()
    people = cohort.people
    # The treatment group's mean age lies beyond everybody in the pool, one of them apart.
    first = people["treated"].cumsum() <= 1
    age = np.where(people["treated"] & ~first, 60.0, 20.0) + np.arange(len(people)) % 7
    with pytest.raises(MatchingError, match="no weights give"):
        matched(with_people(cohort, age=age), method="entropy", squares=False)


def test_strata_are_named_by_all_their_columns() -> None:
    cohort = made_cohort()
    request = made_request()
    analysis = request.analyses[0].model_copy(update={"exact": ["need", "area"]})
    sample = match(request, cohort, analysis)
    names = cohort.people["need"].astype(str) + " | " + cohort.people["area"].astype(str)
    pd.testing.assert_series_equal(
        sample.people["stratum"].astype("str"), names.astype("str"), check_names=False
    )


@pytest.mark.parametrize(
    ("rule", "weights"),
    [
        ("none", [1, 1, 1, 0, 1]),
        # Treated 0 and 10; the comparator at 12 lies beyond them, the one at 2 is nearest to 10 of the rest.
        ("treated_range", [1, 1, 1, 1, 0]),
        # The treated person at 0 lies below the whole pool as well.
        ("both", [0, 1, 0, 1, 0]),
    ],
)
def test_common_support_by_hand(rule: str, weights: list[int]) -> None:
    treated = np.array([True, True, False, False, False])
    ready = scored(treated, np.array([0.0, 10.0, 1.0, 2.0, 12.0]), np.zeros(5, dtype=int))
    chosen = MatchingSettings(method="nearest", common_support=rule)
    assert specification(ready, chosen, None).tolist() == weights
