"""Disclosure control: small numbers by hand, and a results file that keeps its schema."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest

from datalab_helpers.disclosure.checks import CouldSee
from datalab_helpers.disclosure.derived import derived, too_close
from datalab_helpers.disclosure.measures import curve, hidden_measures
from datalab_helpers.disclosure.record import Record
from datalab_helpers.disclosure.release import _period
from datalab_helpers.disclosure.results import Results, quantised, schema
from datalab_helpers.disclosure.rules import count_is_safe, merge_small_steps
from datalab_helpers.disclosure.shares import REST, Counts, Lattice, hidden_levels
from datalab_helpers.disclosure.trust import _placebo
from datalab_helpers.lab import Measure
from datalab_helpers.matching import match
from datalab_helpers.outcome import Effect, OutcomeEstimate, Outcomes, Placebo, Reach
from datalab_helpers.request import Analysis
from tests.example_results import example
from tests.made_up import Maker
from tests.test_matching import made_cohort, made_request

SCHEMA = Path(__file__).parent.parent / "datalab_helpers/disclosure/results.schema.json"


def step(lost: int, count: int, reason: str = "r") -> dict:
    return {"reason": reason, "lost": lost, "count": count, "mend": f"mend {reason}"}


@pytest.mark.parametrize(
    ("count", "safe"), [(0, False), (9, False), (10, True), (90, True), (91, False), (100, False)]
)
def test_a_count_and_its_complement_must_reach_the_smallest(count: int, safe: bool) -> None:
    assert count_is_safe(count, 100, 10) is safe


def lattice(groups: dict[str, set], pool: int = 5000) -> Lattice:
    """People who took part in these groups, and one pool for all."""
    pools = {name: set(range(pool)) for name in groups}
    return Lattice(derived(groups, groups, 10), derived(pools, pools, 10, alone=True), [])


def counted(**counts: float) -> Counts:
    """As many of each level took part; the pool has a thousand of each."""
    return Counts(dict(counts), dict.fromkeys(counts, 1000.0), {})


def hidden_of(*counts: float) -> list[int]:
    """Which of the levels of one analysis are held back, by place."""
    names = [f"l{place}" for place in range(len(counts))]
    own = {"All": counted(**dict(zip(names, counts, strict=True)))}
    found = hidden_levels(own, lattice({"All": set(range(int(sum(counts))))}), 10)
    return sorted(names.index(name) for name in found["All"])


def test_levels_held_back_add_up_to_ten_and_are_more_than_one() -> None:
    assert hidden_of(30, 40, 30) == []
    assert hidden_of(3, 50, 20) == [0, 2]  # a lone one would be what the others leave
    assert hidden_of(3, 4, 20, 90) == [0, 1, 2]  # 3 + 4 leave 7, so neither could be ten
    assert hidden_of(6, 7, 20, 90) == [0, 1]
    assert hidden_of(97, 3) == [0, 1]


def test_those_with_none_of_the_levels_are_held_back_already() -> None:
    own = {"All": Counts({"yes": 80.0, "not recorded": 17.0, REST: 3.0}, {}, {})}
    found = hidden_levels(own, lattice({"All": set(range(100))}), 10)
    assert set(found["All"]) == {"not recorded"}
    own = {"All": Counts({"yes": 80.0, "not recorded": 4.0, REST: 16.0}, {}, {})}
    assert set(hidden_levels(own, lattice({"All": set(range(100))}), 10)["All"]) == {"not recorded"}


def test_a_level_goes_where_another_analysis_would_give_it_away() -> None:
    groups = {"All": set(range(100)), "Some": set(range(60))}
    own = {"All": counted(a=30.0, b=40.0, c=30.0), "Some": counted(a=26.0, b=20.0, c=14.0)}
    # 30 - 26 = 4 of the others have a; with it goes the one that makes its four up to ten and more.
    found = hidden_levels(own, lattice(groups), 10)
    assert found["All"] == {}
    assert set(found["Some"]) == {"a", "c"}


def test_a_level_held_back_in_the_whole_is_not_shown_in_a_part() -> None:
    groups = {"All": set(range(213)), "Some": set(range(150))}
    own = {
        "All": counted(a=16.0, b=2.0, c=1.0, d=41.0, e=153.0),
        "Some": counted(a=16.0, b=2.0, c=1.0, d=25.0, e=106.0),
    }
    found = hidden_levels(own, lattice(groups), 10)
    assert set(found["All"]) == {"a", "b", "c"}
    assert {"a", "b", "c"} <= set(found["Some"])


def test_small_steps_are_joined_until_ten_are_lost() -> None:
    merged = merge_small_steps([step(0, 100), step(3, 97, "a"), step(20, 77, "b"), step(4, 73, "c")], 10)
    assert [s["lost"] for s in merged] == [0, 27]
    assert merged[1]["reason"] == "a; or b; or c"
    assert merged[1]["mend"] == "mend b"
    assert merged[1]["count"] == 73


def test_a_small_loss_in_all_is_hidden() -> None:
    merged = merge_small_steps([step(0, 100), step(3, 97, "a"), step(2, 95, "b")], 10)
    # The first number less the size of the group would be the loss.
    assert [(s["lost"], s["count"], s["suppressed"]) for s in merged] == [(None, None, "c")] * 2


def test_steps_without_small_losses_stay_as_they_are() -> None:
    steps = [step(0, 100), step(10, 90, "a"), step(30, 60, "b")]
    assert merge_small_steps(steps, 10) == steps


def test_a_number_that_may_not_stand_is_joined_away() -> None:
    steps = [step(0, 100), step(10, 90, "a"), step(30, 60, "b")]
    merged = merge_small_steps(steps, 10, untold=90)
    assert [(s["count"], s["lost"]) for s in merged] == [(100, 0), (60, 40)]
    assert merged[1]["reason"] == "a; or b"
    # Where it is the first, the whole loss would tell it.
    merged = merge_small_steps(steps, 10, untold=100)
    assert [(s["lost"], s["count"]) for s in merged] == [(None, None)] * 2
    assert merge_small_steps(steps[:1], 10, untold=100) == steps[:1]


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
        assert (merged[0]["count"] is None) == (lost.sum() < 10 and len(lost) > 0)
        if merged[1:] and merged[-1]["lost"] is not None:
            assert merged[-1]["count"] == counts[-1]
            assert sum(s["lost"] for s in merged) == lost.sum()


def close(groups: dict[str, set]) -> set[str]:
    return set(too_close(derived(groups, groups, 10), 10))


def test_groups_that_differ_by_a_few_are_too_close() -> None:
    everyone = set(range(100))
    assert close({"All": everyone, "Sub": everyone - {1, 2, 3}}) == {"Sub"}
    assert close({"All": everyone, "Sub": set(range(90))}) == set()
    assert close({"All": everyone, "Same": everyone}) == set()
    assert close({"All": everyone, "A": set(range(50)), "B": set(range(1, 51))}) == set()  # matched anew
    # Three parts that leave three people.
    parts = {
        name: set(range(32 * place, 32 * (place + 1) + (name == "c"))) for place, name in enumerate("abc")
    }
    assert close({"All": everyone, **parts}) == {"c"}


def test_every_group_that_sums_and_differences_give_is_found() -> None:
    groups = {"All": set(range(100)), "A": set(range(40)), "B": set(range(40, 70)), "C": set(range(20, 60))}
    found = {tuple(sorted(g.signs)): g.size for g in derived(groups, groups, 10)}
    assert found[("A", -1), ("All", 1), ("B", -1)] == 30
    assert found[("A", 1), ("B", 1)] == 70
    assert (("All", 1), ("C", -1)) in found
    assert (("A", -1), ("All", 1), ("C", -1)) not in found  # some people are in both
    assert (("A", 1), ("C", 1)) not in found


def test_the_committed_schema_is_the_one_of_the_code() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema()


@pytest.mark.parametrize("case", "ABCDEF")
def test_results_keep_their_schema_and_survive_a_round_trip(case: str) -> None:
    results = example(case, "moderate")
    text = results.to_json()
    jsonschema.validate(json.loads(text), json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert Results.model_validate_json(text).to_json() == text


def test_what_people_are_called_follows_from_the_condition_alone(tmp_path: Path) -> None:
    """A group that happens to be all men is told of as people: another noun would say something of everyone in it."""
    maker, nouns = Maker(tmp_path / "made"), set()
    for seed in range(8):
        made = maker.make(seed, 400)
        made.cohort.people["gender"] = "M"
        within = {a.name: a.within.get("gender") for a in made.run.request.analyses}
        for analysis in (made.published() or {"analyses": []})["analyses"]:
            said = analysis["words"] and analysis["words"]["people"]
            assert said == {"F": "women", "M": "men", None: None}[within[analysis["name"]]]
            nouns.add(said)
    assert nouns == {"women", "men", None}


def test_numbers_are_quantised_without_a_negative_zero() -> None:
    assert quantised({"a": [0.1 + 0.2, -0.0, 1 / 3]}) == {"a": [0.3, 0.0, 0.3333333333]}
    assert str(quantised(-0.0)) == "0.0"


def test_a_refused_analysis_tells_no_count() -> None:
    """Who is in a group of one would be told whether that person is on record."""
    sub = Analysis(name="One", exact=["area"])
    cohort = made_cohort()
    one = cohort.keep(cohort.people[~cohort.people["treated"] | (cohort.people["treated"].cumsum() == 1)])
    assert not re.search(r"\b1\b", match(made_request(), one, sub).refused)


def estimate_of(positive: int, n: int, name: str = "y", **changed: Any) -> OutcomeEstimate:
    measure = Measure(**{"name": name, "label": "Y", "kind": "binary", "good": "lower"} | changed)
    return OutcomeEstimate(
        measure, n, n, n, positive / n, positive / n, positive, positive, None, None, "", None
    )


def hidden_in(*estimates: OutcomeEstimate) -> set[str]:
    outcomes = {"All": Outcomes("All", "y", list(estimates))}
    return set(hidden_measures(made_request(), outcomes, [], Record({}))["All"])


def test_a_measure_about_people_whose_number_is_held_back_goes_with_it() -> None:
    """56 of 60 reoffended: the rate is hidden, and so are the measures among the 56."""
    late = estimate_of(30, 56, "late", among="y", table=3)
    assert hidden_in(estimate_of(56, 60), late) == {"y", "late"}
    assert hidden_in(estimate_of(40, 60), estimate_of(20, 40, "late", among="y", table=3)) == set()


def test_a_table_is_held_back_as_a_whole() -> None:
    parts = [
        estimate_of(count, 60, name, among="y", table=4) for name, count in (("a", 4), ("b", 30), ("c", 26))
    ]
    assert hidden_in(estimate_of(60, 100), *parts) == {"a", "b", "c"}


def test_a_measure_goes_where_another_analysis_would_give_it_away() -> None:
    groups = {"All": set(range(100)), "Some": set(range(60))}
    for count, gone in ((26, {"y"}), (20, set()), (0, {"y"})):
        outcomes = {
            "All": Outcomes("All", "y", [estimate_of(30, 100)]),
            "Some": Outcomes("Some", "y", [estimate_of(count, 60)]),
        }
        found = hidden_measures(made_request(), outcomes, derived(groups, groups, 10), Record({}))
        assert found["All"] == {}
        assert set(found["Some"]) == gone, count


@pytest.mark.parametrize(
    ("counts", "events", "people", "shown"),
    [
        ([0, 20, 40, 50], 60, 200, [True, True, True, True]),
        ([0, 20, 40, 60], 60, 200, [True, True, True, False]),  # nobody comes after the last point
        ([0, 0, 40, 50], 60, 200, [True, False, True, True]),  # nobody in the first month
        ([0, 20, 25, 50], 60, 200, [True, True, False, True]),  # a step of five
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
    record = Record({})
    hidden = hidden_measures(made_request(), {"All": outcomes}, [], record)["All"]
    if people - events < 10:
        assert curve(made_request(), outcomes, hidden, 10, record) is None  # its measure is held back as well
    else:
        found = curve(made_request(), outcomes, hidden, 10, record)
        assert [value is not None for value in found.treatment] == shown


def test_the_period_is_told_in_months_with_enough_people() -> None:
    dates = pd.to_datetime(["2021-01-05"] * 3 + ["2021-02-05"] * 12 + ["2021-05-05"] * 10 + ["2021-06-05"])
    people = pd.DataFrame(
        {"person_id": range(26), "treated": True, "index_date": dates},
        index=pd.RangeIndex(26, name="unit_id"),
    )
    cohort = replace(made_cohort(), people=people)
    assert _period(cohort.keep(people[3:25]), 10) == ("2021-02", "2021-05")
    assert _period(cohort.keep(people[:4]), 3) == ("2021", "2021")
    # Of months with enough people alone, February to May, four people would have been left out.
    assert _period(cohort, 10) == ("2021", "2021")
    assert _period(cohort, 100) == (None, None)


def test_the_record_counts_what_is_held_back_and_holds_no_value() -> None:
    record = Record({"smallest_count": 10})
    record.add("All", "measures", "reoffended", "few")
    record.add("All", "attrition", "pool", "lost", 3)
    assert record.held_back() == {"lost": 3, "few": 1}
    assert record.as_dict()["actions"][1]["numbers"] == 3


@pytest.mark.parametrize(("positive", "shown"), [(40, True), (4, False)])
def test_what_a_placebo_could_see_is_told_coarsely_and_goes_with_it(positive: int, shown: bool) -> None:
    """What escaped a check that is held back would tell what it found."""
    effect = Effect(0.01, 0.05, -0.09, 0.11, 0.8)
    made = replace(estimate_of(positive, 100, kind="count", good="neither"), adjusted=effect)
    found = _placebo(
        made_request(),
        Placebo("All", "P", 12, made),
        Reach(0.284123, 0.059123, False),
        lambda value: round(value, 3),
    )
    if shown:
        assert found.could_see == CouldSee(detectable=0.284, carried=0.059, enough=False)
    else:
        assert (found.could_see, found.passed, found.suppressed) == (None, None, "c")
