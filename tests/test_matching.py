"""Matching: worked by hand, invariants that any match must keep, and what happens when it cannot work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from datalab_helpers.errors import MatchingError
from datalab_helpers.intake import Cohort
from datalab_helpers.lab import load_lab
from datalab_helpers.matching import (
    Levels,
    MatchedSample,
    design,
    effective_size,
    expand,
    match,
    propensity,
    rating,
)
from datalab_helpers.matching.differences import denominators, passes, standardised_differences
from datalab_helpers.matching.entropy import entropy_weights
from datalab_helpers.matching.weights import kernel_weights, nearest_weights, radius_weights
from datalab_helpers.request import Analysis, Request, RequestFile

# ---------------------------------------------------------------- one stratum, by hand


def ticks(*scores: float) -> np.ndarray:
    """Scores in hundredths, as the whole numbers in which distances are exact."""
    return np.rint(np.array(scores) * 100).astype(np.int64)


FAR = 10**9


def test_radius_shares_a_weight_of_one_evenly_among_those_within() -> None:
    matched, weight = radius_weights(ticks(0.0, 1.0, 5.0), ticks(-0.1, 0.1, 0.9, 1.5), 20)
    assert matched.tolist() == [True, True, False]
    # The first has two comparators, half each; the second has one; the third has none.
    np.testing.assert_allclose(weight, [0.5, 0.5, 1.0, 0.0])


def test_a_distance_equal_to_the_width_is_within_it() -> None:
    matched, weight = radius_weights(ticks(0.3), ticks(0.1), 20)
    assert matched.tolist() == [True]
    assert weight.tolist() == [1.0]
    assert radius_weights(ticks(0.1), ticks(0.3), 20)[0].all()
    assert not radius_weights(ticks(0.3), ticks(0.1), 19)[0].any()
    assert not radius_weights(ticks(0.1), ticks(0.3), 19)[0].any()
    for replacement in (True, False):
        for one, other in ((0.1, 0.3), (0.3, 0.1)):
            assert nearest_weights(ticks(one), ticks(other), 20, 1, replacement)[0].all()
            assert not nearest_weights(ticks(one), ticks(other), 19, 1, replacement)[0].any()


def test_kernel_shares_the_more_the_closer() -> None:
    # Distances 0, 0.5 and 1 of the width: shares in the proportion 1 to 0.75 to nothing.
    matched, weight = kernel_weights(ticks(0.0, 9.0), ticks(-0.1, 0.0, 0.2), 20)
    assert matched.tolist() == [True, False]
    np.testing.assert_allclose(weight, [0.75 / 1.75, 1 / 1.75, 0.0], atol=1e-12)
    # Somebody at the very edge is nobody near.
    assert not kernel_weights(ticks(0.0), ticks(0.2), 20)[0].any()


def test_nearest_without_replacement_lets_the_largest_score_choose_first() -> None:
    matched, weight = nearest_weights(ticks(1.0, 2.0), ticks(1.6, 4.0), FAR, ratio=1, replacement=False)
    assert matched.tolist() == [True, True]
    assert weight.tolist() == [1.0, 1.0]
    # With a caliper the second person's only choice is taken.
    matched, weight = nearest_weights(ticks(1.0, 2.0), ticks(1.6, 4.0), 100, ratio=1, replacement=False)
    assert matched.tolist() == [False, True]
    assert weight.tolist() == [1.0, 0.0]


def test_nearest_with_replacement_uses_a_comparator_again() -> None:
    matched, weight = nearest_weights(ticks(1.0, 1.1), ticks(1.0, 9.0), 100, ratio=1, replacement=True)
    assert matched.all()
    assert weight.tolist() == [2.0, 0.0]


@pytest.mark.parametrize("replacement", [True, False])
def test_ratio_takes_several_and_splits_the_weight(replacement: bool) -> None:
    _, weight = nearest_weights(ticks(0.0), ticks(-1.0, 0.5, 2.0), FAR, 2, replacement)
    assert weight.tolist() == [0.5, 0.5, 0.0]
    # Fewer within reach than asked for share the weight of one.
    _, weight = nearest_weights(ticks(0.0), ticks(-1.0, 0.5, 2.0), 60, 2, replacement)
    assert weight.tolist() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize("replacement", [True, False])
def test_of_two_equally_near_the_lower_is_taken(replacement: bool) -> None:
    _, weight = nearest_weights(ticks(0.0), ticks(-0.3, 0.3), FAR, 1, replacement)
    assert weight.tolist() == [1.0, 0.0]


def test_of_two_treated_with_one_score_the_first_chooses_first() -> None:
    matched, _ = nearest_weights(ticks(0.5, 0.5), ticks(0.4), FAR, ratio=1, replacement=False)
    assert matched.tolist() == [True, False]


def test_more_treated_than_pool_matches_as_many_as_there_are() -> None:
    matched, weight = nearest_weights(ticks(0.1, 0.2, 0.3), ticks(0.0, 0.05), FAR, 3, replacement=False)
    assert matched.tolist() == [False, True, True]
    assert weight.tolist() == [1.0, 1.0]


# ---------------------------------------------------------------- entropy balancing


def test_entropy_weights_by_hand() -> None:
    # Three comparators have it and one has not; half of the treatment group has it: a third of one each, and one.
    weight = entropy_weights(np.array([[1.0], [1.0], [1.0], [0.0]]), np.array([0.5]), total=2.0)
    np.testing.assert_allclose(weight, [1 / 3, 1 / 3, 1 / 3, 1], atol=1e-9)


def test_entropy_weights_are_those_of_a_general_optimiser() -> None:
    from scipy.optimize import minimize

    rng = np.random.default_rng(5)
    x, target = rng.normal(size=(40, 3)), np.array([0.5, -0.3, 0.2])
    weight = entropy_weights(x, target, total=1.0)
    # The primal itself, weights and all: least sum of w ln w with the means as constraints.
    found = minimize(
        lambda w: float((w * np.log(w)).sum()),
        np.full(40, 1 / 40),
        jac=lambda w: np.log(w) + 1,
        bounds=[(1e-12, 1)] * 40,
        constraints=[
            {"type": "eq", "fun": lambda w: x.T @ w - target, "jac": lambda w: x.T},
            {"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(40)},
        ],
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    np.testing.assert_allclose(weight, found.x, atol=1e-6)
    np.testing.assert_allclose(x.T @ weight, target, atol=1e-10)


def test_entropy_weights_that_cannot_be_are_refused() -> None:
    with pytest.raises(MatchingError, match="no weights give"):
        entropy_weights(np.array([[0.0], [1.0]]), np.array([1.5]), total=1.0)


# ---------------------------------------------------------------- a whole cohort


def made_cohort(n: int = 900, seed: int = 3, strength: float = 1.0, **changes: Any) -> Cohort:
    """People with two numbers, a category and a missing value; taking part depends on them."""
    rng = np.random.default_rng(seed)
    age, need = rng.normal(35, 10, n), rng.integers(0, 2, n).astype(float)
    area = rng.choice(["North", "South", "West"], n)
    chance = 1 / (1 + np.exp(-(-2 + strength * ((35 - age) / 10 + need + (area == "North")))))
    people = pd.DataFrame(
        {
            "person_id": np.arange(n),
            "treated": rng.random(n) < chance,
            "age": np.where(rng.random(n) < 0.05, np.nan, age),
            "need": need,
            "area": area,
        },
        index=pd.Index(np.arange(n) + 1000, name="unit_id"),
    ).assign(**changes)
    kinds = {"age": "continuous", "need": "binary", "area": "categorical"} | dict.fromkeys(changes, "binary")
    covariates = {
        name: {"label": name.capitalize(), "kind": kind, "family": "f", "unit": "", "core": name == "age"}
        for name, kind in kinds.items()
        if name in people
    }
    steps = pd.DataFrame(
        [{"group": g, "reason": "r", "lost": 0, "count": n, "mend": ""} for g in ("treatment", "pool")]
    )
    return Cohort(
        people, pd.DataFrame(index=people.index[people["treated"]]), steps, covariates, {"time_zero": "table"}
    )


def made_request(**matching: Any) -> Request:
    raw = {
        "id": "TEST-1",
        "lab": "general",
        "organisation": "o",
        "programme": {"name": "p", "began": "2020-01-01", "ended": "2020-12-31"},
        "table": {
            "file": "t.csv",
            "id": "id",
            "treatment": "treated",
            "covariates": {"age": "continuous", "need": "binary", "area": "categorical"},
            "outcomes": [{"name": "y", "label": "Y", "kind": "binary", "good": "lower"}],
        },
        "analyses": [{"name": "All", "headline": True, "exact": ["area"]}],
        "matching": matching,
        "outcome": {"primary": "y"},
        "seed": 1,
    }
    return Request(Path("request.yml"), RequestFile.model_validate(raw), load_lab("general"))


def matched(cohort: Cohort, **matching: Any) -> MatchedSample:
    request = made_request(**matching)
    return match(request, cohort, request.analyses[0])


METHODS = [
    {},
    {"caliper": 0.05},
    {"scale": "probability", "caliper": 0.02, "caliper_unit": "score"},
    {"method": "nearest", "caliper": 0.1},
    {"method": "nearest", "replacement": False, "ratio": 2, "caliper": None},
    {"method": "kernel", "caliper": 0.1, "common_support": "both"},
    {"method": "entropy"},
]


@pytest.mark.parametrize("matching", METHODS, ids=str)
def test_weights_sum_to_the_matched_treated_and_stay_inside_strata_and_caliper(matching: dict) -> None:
    cohort = made_cohort()
    sample = matched(cohort, **matching)
    people = sample.people
    treated = people["treated"]
    assert set(people.loc[treated, "weight"]) <= {0.0, 1.0}
    for _, stratum in people.groupby("stratum"):
        own = stratum["treated"]
        assert stratum["weight"][own].sum() == pytest.approx(stratum["weight"][~own].sum())
    if sample.settings["caliper"] is not None:
        score = people["score"] if sample.settings["scale"] == "logit" else 1 / (1 + np.exp(-people["score"]))
        width = sample.settings["caliper"] * (
            score.std(ddof=1) if sample.settings["caliper_unit"] == "sd" else 1
        )
        for _, stratum in people.assign(s=score)[people["weight"] > 0].groupby("stratum"):
            ours, theirs = stratum["s"][stratum["treated"]], stratum["s"][~stratum["treated"]]
            gaps = np.abs(ours.to_numpy()[:, None] - theirs.to_numpy()[None, :])
            assert (gaps.min(axis=1) <= width + 1e-9).all()
            assert (gaps.min(axis=0) <= width + 1e-9).all()


@pytest.mark.parametrize("matching", METHODS, ids=str)
def test_row_order_and_column_order_change_nothing(matching: dict) -> None:
    cohort = made_cohort()
    # Equal scores are planted, so that a tie settled by row order would show.
    people = cohort.people.assign(age=cohort.people["age"].round(-1))
    first = Cohort(people, cohort.groups, cohort.attrition, cohort.covariates, cohort.facts)
    shuffled = people.sample(frac=1, random_state=5)
    second = Cohort(shuffled, cohort.groups, cohort.attrition, cohort.covariates, cohort.facts)
    one, two = matched(first, **matching), matched(second, **matching)
    pd.testing.assert_frame_equal(one.people, two.people, check_exact=True)
    assert one.fingerprint() == two.fingerprint()


def test_the_cohort_is_not_changed_by_matching() -> None:
    cohort = made_cohort()
    before = cohort.people.copy(deep=True)
    matched(cohort)
    pd.testing.assert_frame_equal(cohort.people, before)


def test_missing_values_lose_nobody() -> None:
    cohort = made_cohort()
    assert cohort.people["age"].isna().any()
    assert len(matched(cohort).people) == len(cohort.people)


def test_scores_are_those_of_a_plain_logistic_regression() -> None:
    from statsmodels.discrete.discrete_model import Logit

    cohort = made_cohort()
    people = cohort.people
    age = people["age"].fillna(people["age"].mean())
    x = pd.DataFrame({"age": age, "missing": people["age"].isna(), "need": people["need"]}).assign(
        square=age**2, north=people["area"] == "North", south=people["area"] == "South"
    )
    x = x.astype(float).assign(constant=1.0)
    fit = Logit(people["treated"].astype(float), x).fit(disp=False, maxiter=100)
    score = propensity(people["treated"], design(cohort, squares=True)).score
    np.testing.assert_allclose(score, np.asarray(x @ fit.params), atol=1e-6)


def test_a_count_is_modelled_by_its_logarithm_and_judged_as_it_is() -> None:
    cohort = made_cohort()
    counts = np.random.default_rng(1).poisson(3, len(cohort.people)).astype(float)
    kinds = cohort.covariates | {"need": cohort.covariates["need"] | {"kind": "count"}}
    cohort = replace(cohort.keep(cohort.people.assign(need=counts)), covariates=kinds)
    column = design(cohort, squares=False).matrix["Need"]
    assert np.corrcoef(column, np.log1p(counts))[0, 1] == pytest.approx(1)
    np.testing.assert_array_equal(expand(cohort)["need", ""], counts)


def test_the_widest_caliper_that_passes_is_chosen_and_else_the_best() -> None:
    sample = matched(made_cohort(3000), grid=[2.0, 0.5, 0.1, 0.02])
    grid = sample.grid
    chosen = grid[grid["chosen"]].iloc[0]
    assert grid["caliper"].tolist() == [2.0, 0.5, 0.1, 0.02]
    assert chosen["passes"]
    assert not grid.loc[grid["caliper"] > chosen["caliper"], "passes"].any()
    poor = matched(made_cohort(150, strength=2.0), grid=[5.0, 2.0]).grid
    assert not poor["passes"].any()
    assert poor.loc[poor["chosen"], "worst_smd"].item() == poor["worst_smd"].min()


# ---------------------------------------------------------------- covariates that cannot serve


def test_useless_columns_are_left_out_with_a_reason() -> None:
    cohort = made_cohort()
    people = cohort.people
    twin = people["need"]
    cohort = made_cohort(
        same=np.ones(len(people)),
        twin=twin,
        none_treated=(~people["treated"] & (people["need"] == 1)).astype(float),
    )
    reasons = dict(design(cohort, squares=True).dropped)
    assert reasons["Same"] == "everyone has the same value"
    assert reasons["Twin"] == "follows from the other covariates"
    assert reasons["None_treated"].startswith("nobody in the treatment group has it")


def test_a_perfect_predictor_is_refused_in_plain_words() -> None:
    cohort = made_cohort()
    people = cohort.people.assign(
        age=np.where(cohort.people["treated"], 60.0, 20.0) + np.arange(len(cohort.people)) % 7
    )
    with pytest.raises(MatchingError, match="tells exactly who took part"):
        matched(Cohort(people, cohort.groups, cohort.attrition, cohort.covariates, cohort.facts))


def test_no_covariate_that_differs_is_refused() -> None:
    cohort = made_cohort()
    people = cohort.people.assign(age=30.0, need=1.0, area="North")
    with pytest.raises(MatchingError, match="nothing to match on"):
        matched(Cohort(people, cohort.groups, cohort.attrition, cohort.covariates, cohort.facts))


def test_too_few_people_end_the_headline_and_only_refuse_another_analysis() -> None:
    cohort = made_cohort(120)
    few = cohort.people[~cohort.people["treated"] | (cohort.people["treated"].cumsum() <= 29)]
    small = Cohort(few, cohort.groups, cohort.attrition, cohort.covariates, cohort.facts)
    with pytest.raises(MatchingError, match="29 people to analyse"):
        matched(small)
    sub = match(made_request(), small, Analysis(name="Sub", exact=["area"]))
    assert sub.refused == "fewer than 30 people could be analysed, or compared with"
    assert "29" not in sub.refused  # published, so no count
    assert sub.people["weight"].sum() == 0


def test_a_sample_whose_weights_do_not_sum_cannot_be_made() -> None:
    sample = matched(made_cohort())
    wrong = sample.people.assign(
        weight=sample.people["weight"] * np.where(sample.people["treated"], 1.0, 1.01)
    )
    with pytest.raises(MatchingError, match="do not sum"):
        MatchedSample("All", wrong, sample.grid, sample.settings, 1, [], "")


# ---------------------------------------------------------------- differences by hand


def test_the_difference_is_treatment_minus_comparison_over_the_treated_spread() -> None:
    levels = Levels([("x", "")], [np.array([3.0, 5.0, 1.0, 2.0, 9.0])])
    treated = np.array([True, True, False, False, False])
    spread = denominators(levels, treated)
    assert spread.tolist() == [np.std([3, 5], ddof=1)]
    weight = np.array([1.0, 1.0, 1.0, 1.0, 0.0])
    smd = standardised_differences(levels, treated, weight, spread)
    np.testing.assert_allclose(smd, [(4 - 1.5) / np.sqrt(2)])


def test_swapping_the_groups_flips_the_sign() -> None:
    rng = np.random.default_rng(1)
    levels, treated = Levels([("x", "")], [rng.normal(size=40)]), rng.random(40) < 0.5
    one = standardised_differences(levels, treated, np.ones(40), np.ones(1))
    two = standardised_differences(levels, ~treated, np.ones(40), np.ones(1))
    np.testing.assert_allclose(one, -two)


def test_a_level_that_nobody_in_the_treatment_group_has_still_counts() -> None:
    levels = Levels([("x", "a")], [np.array([False, False, True, False])])
    treated = np.array([True, True, False, False])
    spread = denominators(levels, treated)
    np.testing.assert_allclose(spread, [np.std([0, 0, 1, 0])])
    assert standardised_differences(levels, treated, np.ones(4), spread)[0] < -1


def test_balance_passes_by_rule() -> None:
    assert passes(np.array([0.04, -0.04, 0.0, 0.0, 0.06]))
    assert not passes(np.array([0.04, 0.06, 0.06, 0.0, 0.0]))  # two of five amber
    assert not passes(np.array([0.0] * 50 + [-0.101]))  # one red


def test_differences_are_coloured_by_rule() -> None:
    sizes = [0.0, 0.049, -0.049, 0.05, 0.10, -0.10, 0.101, -0.5]
    colours = ["green", "green", "green", "amber", "amber", "amber", "red", "red"]
    assert [rating(size) for size in sizes] == colours


def test_effective_size_by_hand_and_by_person() -> None:
    assert effective_size(np.array([1.0, 1.0, 1.0])) == 3
    assert effective_size(np.array([3.0, 1.0])) == pytest.approx(16 / 10)
    # Two events of one person count as one person of weight 2.
    assert effective_size(np.array([1.0, 1.0, 2.0]), np.array([7, 7, 9])) == pytest.approx(16 / 8)
    assert effective_size(np.zeros(3)) == 0


def test_a_sample_counts_a_person_of_the_pool_once() -> None:
    cohort = made_cohort()
    alone = matched(cohort)
    pairs = cohort.keep(cohort.people.assign(person_id=np.arange(900) // 2))
    assert matched(pairs).sizes["comparison"] == alone.sizes["comparison"]
    assert matched(pairs).sizes["comparison_effective"] < alone.sizes["comparison_effective"]
    assert matched(pairs).grid["comparison_effective"].iloc[0] < alone.grid["comparison_effective"].iloc[0]


def test_the_fingerprint_sees_people_groups_and_weights_and_not_the_order() -> None:
    sample = matched(made_cohort())
    people = sample.people
    same = replace(sample, people=people.sample(frac=1, random_state=1))
    assert same.fingerprint() == sample.fingerprint()
    weights = people["weight"].where(people["treated"], people["weight"] * (1 + 1e-8))
    others = [
        people.set_index(pd.Index(people.index + 1, name="unit_id")),
        people.assign(weight=people["weight"] * 0.5),
        people.assign(weight=weights),
    ]
    assert (
        len({replace(sample, people=other).fingerprint() for other in others} | {sample.fingerprint()}) == 4
    )
