"""Disclosure control: small numbers by hand, and a results file that keeps its schema."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

from datalab_helpers.disclosure.measures import curve
from datalab_helpers.disclosure.release import _period
from datalab_helpers.disclosure.results import Results, quantised, schema
from datalab_helpers.disclosure.rules import (
    complete_suppression,
    count_is_safe,
    given_away,
    merge_small_steps,
    too_close,
)
from datalab_helpers.lab import Measure
from datalab_helpers.matching import match
from datalab_helpers.outcome import OutcomeEstimate, Outcomes
from datalab_helpers.request import Analysis
from tests.example_results import example
from tests.test_matching import made_cohort, made_request

SCHEMA = Path(__file__).parent.parent / "datalab_helpers/disclosure/results.schema.json"


def step(lost: int, count: int, reason: str = "r") -> dict:
    return {"reason": reason, "lost": lost, "count": count, "mend": f"mend {reason}"}


@pytest.mark.parametrize(
    ("count", "safe"), [(0, False), (9, False), (10, True), (90, True), (91, False), (100, False)]
)
def test_a_count_and_its_complement_must_reach_the_smallest(count: int, safe: bool) -> None:
    assert count_is_safe(count, 100, 10) is safe


def test_a_lone_hidden_part_takes_the_smallest_shown_part_with_it() -> None:
    assert complete_suppression([3, 50, 20], [True, False, False]) == [True, False, True]
    assert complete_suppression([3, 4, 93], [True, True, False]) == [True, True, False]
    assert complete_suppression([30, 40, 30], [False] * 3) == [False] * 3
    assert complete_suppression([3], [True]) == [True]


def test_small_steps_are_joined_until_ten_are_lost() -> None:
    merged = merge_small_steps([step(0, 100), step(3, 97, "a"), step(20, 77, "b"), step(4, 73, "c")], 10)
    assert [s["lost"] for s in merged] == [0, 27]
    assert merged[1]["reason"] == "a; or b; or c"
    assert merged[1]["mend"] == "mend b"
    assert merged[1]["count"] == 73


def test_a_small_loss_in_all_is_hidden() -> None:
    merged = merge_small_steps([step(0, 100), step(3, 97, "a"), step(2, 95, "b")], 10)
    assert merged[1]["lost"] is None
    assert merged[1]["count"] is None
    assert merged[1]["suppressed"] == "c"


def test_steps_without_small_losses_stay_as_they_are() -> None:
    steps = [step(0, 100), step(10, 90, "a"), step(30, 60, "b")]
    assert merge_small_steps(steps, 10) == steps


def test_no_published_step_loses_fewer_than_the_smallest() -> None:
    rng = np.random.default_rng(3)
    for _ in range(300):
        lost = rng.integers(0, 25, rng.integers(1, 8))
        counts = 400 - np.cumsum(lost)
        steps = [
            step(0, 400),
            *(step(int(a), int(b), str(i)) for i, (a, b) in enumerate(zip(lost, counts, strict=True))),
        ]
        merged = merge_small_steps(steps, 10)
        for s in merged[1:]:
            assert s["lost"] is None or s["lost"] >= 10
        if merged[1:] and merged[-1]["lost"] is not None:
            assert merged[-1]["count"] == counts[-1]
            assert sum(s["lost"] for s in merged) == lost.sum()


def test_groups_that_differ_by_a_few_are_too_close() -> None:
    everyone = set(range(100))
    assert too_close({"All": everyone, "Sub": everyone - {1, 2, 3}}, 10) == {"Sub": "All"}
    assert too_close({"All": everyone, "Sub": set(range(90))}, 10) == {}
    assert too_close({"All": everyone, "Same": everyone}, 10) == {}
    assert too_close({"All": everyone, "A": set(range(50)), "B": set(range(1, 51))}, 10) == {"B": "A"}


def test_the_committed_schema_is_the_one_of_the_code() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema()


@pytest.mark.parametrize("case", "ABCDEF")
def test_results_keep_their_schema_and_survive_a_round_trip(case: str) -> None:
    results = example(case, "moderate")
    text = results.to_json()
    jsonschema.validate(json.loads(text), json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert Results.model_validate_json(text).to_json() == text


def test_numbers_are_quantised_without_a_negative_zero() -> None:
    assert quantised({"a": [0.1 + 0.2, -0.0, 1 / 3]}) == {"a": [0.3, 0.0, 0.3333333333]}
    assert str(quantised(-0.0)) == "0.0"


def test_a_refused_analysis_tells_no_count() -> None:
    """Who is in a group of one would be told whether that person is on record."""
    sub = Analysis(name="One", exact=["area"])
    cohort = made_cohort()
    one = cohort.keep(cohort.people[~cohort.people["treated"] | (cohort.people["treated"].cumsum() == 1)])
    assert not re.search(r"\b1\b", match(made_request(), one, sub).refused)


def estimate_of(positive: int, n: int) -> OutcomeEstimate:
    measure = Measure(name="y", label="Y", kind="binary", good="lower")
    return OutcomeEstimate(
        measure, n, n, n, positive / n, positive / n, positive, positive, None, None, "", None
    )


@pytest.mark.parametrize(
    ("counts", "events", "people", "shown"),
    [
        ([0, 20, 40, 60], 60, 200, [True, True, True, True]),
        ([0, 20, 25, 60], 60, 200, [True, True, False, True]),  # a step of five
        ([0, 20, 40, 57], 60, 200, [True, True, True, False]),  # three come after the last point
        ([0, 20, 40, 60], 60, 65, [True, True, True, False]),  # five people without any
    ],
)
def test_a_curve_gives_no_few_away(counts: list[int], events: int, people: int, shown: list[bool]) -> None:
    days = [0.0, 30.0, 60.0, 90.0]
    shares = [count / people for count in counts]
    outcomes = Outcomes(
        "All", "y", [estimate_of(events, people)], {"days": days, "treatment": shares, "comparison": shares},
        {"treatment": counts, "comparison": counts},
    )  # fmt: skip
    if people - events < 10:
        assert curve(made_request(), outcomes, 10) is None  # its measure is held back as well
    else:
        found = curve(made_request(), outcomes, 10)
        assert [value is not None for value in found.treatment] == shown


def test_the_period_is_told_in_months_with_enough_people() -> None:
    dates = pd.to_datetime(["2021-01-05"] * 3 + ["2021-02-05"] * 12 + ["2021-05-05"] * 10 + ["2021-06-05"])
    people = pd.DataFrame(
        {"person_id": range(26), "treated": True, "index_date": dates},
        index=pd.RangeIndex(26, name="unit_id"),
    )
    cohort = replace(made_cohort(), people=people)
    assert _period(cohort, 10) == ("2021-02", "2021-05")
    assert _period(cohort.keep(people[:4]), 3) == ("2021-01", "2021-01")
    assert _period(cohort.keep(people[::2]), 13) == ("2021", "2021")
    assert _period(cohort, 100) == (None, None)


def test_nested_analyses_give_no_few_away() -> None:
    groups = {"All": set(range(100)), "Sub": {*range(60), 900}, "Other": set(range(50, 150))}
    counts = {
        "All": {"x": 30, "y": 30, "z": 30},
        "Sub": {"x": 25, "y": 30, "z": 12},
        "Other": {"x": 29, "y": 29, "z": 29},
    }
    # Sub lies in All but for one person: 30 - 25 = 5 others have x. Other does not lie in All.
    assert given_away(groups, counts, 10) == {"All": set(), "Sub": {"x"}, "Other": set()}
