"""Covariates as columns: what a missing value becomes, which columns there are, and which terms the model has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from datalab_helpers.errors import MatchingError
from datalab_helpers.intake import Cohort
from datalab_helpers.matching import design, expand, labels_of, select
from datalab_helpers.request import Analysis
from tests.test_matching import made_cohort, matched


def cohort_of(kinds: dict[str, str], **columns: list) -> Cohort:
    people = pd.DataFrame(columns)
    n = len(people)
    people = people.assign(person_id=np.arange(n), treated=np.arange(n) % 2 == 0)
    people.index = pd.Index(np.arange(n), name="unit_id")
    covariates = {
        name: {"label": name.capitalize(), "kind": kind, "family": "f", "unit": "", "core": False}
        for name, kind in kinds.items()
    }
    return Cohort(people, pd.DataFrame(), pd.DataFrame(), covariates, {})


def test_a_missing_number_takes_the_mean_and_a_missing_yes_or_no_counts_as_no() -> None:
    cohort = cohort_of(
        {"age": "continuous", "need": "binary", "work": "binary"},
        age=[20.0, 40.0, np.nan, np.nan],
        need=[1.0, np.nan, 0.0, 1.0],
        work=[1.0, np.nan, 1.0, 1.0],
    )
    levels = expand(cohort)
    assert levels["age", ""].tolist() == [20, 40, 30, 30]
    assert levels["age", "not recorded"].tolist() == [False, False, True, True]
    assert levels["need", ""].tolist() == [True, False, False, True]
    # Need and work are missing for the same person: one column says for whom.
    assert levels.names == [
        ("age", ""),
        ("age", "not recorded"),
        ("need", ""),
        ("need", "not recorded"),
        ("work", ""),
    ]
    assert labels_of(cohort, levels)[:2] == ["Age", "Age: not recorded"]


def test_levels_are_those_that_occur_in_order_and_missing_is_one_of_them() -> None:
    cohort = cohort_of({"area": "categorical"}, area=["West", None, "East", "West"])
    levels = expand(cohort)
    assert [level for _, level in levels.names] == ["East", "West", "not recorded"]
    assert np.column_stack(levels.columns).tolist() == [
        [False, True, False],
        [False, False, True],
        [True, False, False],
        [False, True, False],
    ]
    # Somebody of whom it was written down that it is not recorded is not told apart from one left empty.
    same = expand(cohort_of({"area": "categorical"}, area=["West", None, "not recorded", "West"]))
    assert same["area", "not recorded"].tolist() == [False, True, True, False]


def test_columns_are_narrow_only_where_nothing_but_0_and_1_occurs() -> None:
    ones = np.ones(1500)
    late = ones.copy()
    late[1400] = 2
    levels = expand(cohort_of({"one": "binary", "late": "count"}, one=ones.tolist(), late=late.tolist()))
    assert levels["one", ""].dtype == bool
    assert levels["late", ""].dtype == np.float64
    assert levels["late", ""].sum() == 1501


def test_squares_are_of_numbers_alone() -> None:
    found = design(made_cohort(), squares=True)
    assert [term for term in found.matrix.columns if term.endswith("squared")] == ["Age, squared"]
    assert not [label for label, _ in found.dropped if label.endswith("squared")]
    assert not [term for term in design(made_cohort(), squares=False).matrix.columns if "squared" in term]


def test_the_commonest_level_is_the_reference() -> None:
    cohort = made_cohort()
    area = np.where(np.arange(900) % 5 > 0, "South", cohort.people["area"])
    found = design(cohort.keep(cohort.people.assign(area=area)), squares=False)
    assert {term for term in found.matrix.columns if term.startswith("Area")} == {"Area: North", "Area: West"}


def test_columns_are_standardised_over_everybody() -> None:
    matrix = design(made_cohort(), squares=True).matrix.to_numpy()
    np.testing.assert_allclose(matrix.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(matrix.std(axis=0), 1, atol=1e-12)


def test_a_count_of_nothing_but_0_and_1_is_a_number_all_the_same() -> None:
    cohort = made_cohort()
    kinds = cohort.covariates | {"need": cohort.covariates["need"] | {"kind": "count"}}
    found = design(replace(cohort, covariates=kinds), squares=True)
    # ln(1 + n) of it, and its square, are both straight lines of it: one term stays.
    assert "Need" in found.matrix.columns
    assert "Need, squared" not in found.matrix.columns


# ---------------------------------------------------------------- whom an analysis takes


def test_only_chooses_among_participants_and_leaves_the_pool_whole() -> None:
    cohort = made_cohort()
    treated = cohort.people["treated"]
    completed = pd.DataFrame({"completed": ["yes", "no"] * 450}, index=cohort.people.index)[treated]
    cohort = replace(cohort, groups=completed)
    own = select(cohort, Analysis(name="Completers", only={"Completed": "Yes"}))
    assert own.people["treated"].sum() == (completed["completed"] == "yes").sum()
    assert (~own.people["treated"]).sum() == (~treated).sum()
    assert own.people.index.is_monotonic_increasing


def test_within_keeps_both_groups_inside_a_level_whatever_its_case() -> None:
    cohort = made_cohort()
    own = select(cohort, Analysis(name="North", within={"area": "north"}))
    assert set(own.people["area"]) == {"North"}
    assert len(own.people) == (cohort.people["area"] == "North").sum()
    with pytest.raises(
        MatchingError, match="nobody has `area` = 'Nowhere'; the values are North, South, West"
    ):
        select(cohort, Analysis(name="None", within={"area": "Nowhere"}))


def test_different_delays_are_exact_strata_of_their_own() -> None:
    cohort = made_cohort()
    bands = np.where(np.arange(900) % 2 == 0, "at the index event", "1 to 30 days after")
    sample = matched(cohort.keep(cohort.people.assign(delay_band=bands)))
    assert sample.settings["exact"] == ["area", "delay_band"]
    assert sample.settings["exact_labels"] == ["Area", "Delay before the start"]
    for _, stratum in sample.people.groupby("stratum"):
        own = stratum["treated"]
        np.testing.assert_allclose(stratum["weight"][own].sum(), stratum["weight"][~own].sum())
    assert sample.people["stratum"].nunique() == 6
    same = matched(cohort.keep(cohort.people.assign(delay_band="at the index event")))
    assert same.settings["exact"] == ["area"]
