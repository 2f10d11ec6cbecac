"""From the submission to the cohort, person by person, and nothing that came later changes a digit of it.

The people and their stories stand in `tiny`: each line there says what should become of them.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tiny

from datalab_helpers.errors import DataContractError, MatchingError
from datalab_helpers.intake import Cohort, build_cohort, link, read_submission
from datalab_helpers.lab import load_lab
from datalab_helpers.store import Store, TableStore

# unit, person, index date, time zero, delay band; in the order of `tiny.PEOPLE`.
ANALYSED = [
    (1001, 1, "2021-03-01", "2021-03-01", "at the index event"),
    (1003, 2, "2021-04-20", "2021-05-01", "1 to 14 days after"),
    (1007, 6, "2021-05-01", "2021-05-10", "1 to 14 days after"),
    (1009, 8, "2022-06-20", "2022-06-30", "1 to 14 days after"),
    (1011, 10, "2021-05-01", "2021-05-01", "at the index event"),
    (1012, 11, "2021-03-02", "2021-04-11", "31 to 60 days after"),
    (1013, 12, "2021-06-01", "2021-06-10", "1 to 14 days after"),
    (1015, 14, "2021-04-01", "2021-04-01", "at the index event"),
    (1017, 16, "2021-03-15", "2021-04-14", "15 to 30 days after"),
    (1018, 17, "2021-03-20", "2021-06-18", "61 to 90 days after"),
    (1019, 18, "2021-01-15", "2021-07-15", "151 to 183 days after"),
    (1020, 19, "2021-09-01", "2021-10-11", "31 to 60 days after"),
]
DELAYS = {0, 9, 10, 11, 30, 40, 90, 181}
LOSSES = [
    ("rows submitted", 0, 21),
    ("an essential field is empty or cannot be read", 1, 20),  # Mercer
    ("not found in central justice records", 1, 19),  # Zeal
    ("the same person sent more than once", 1, 18),  # Lomax
    ("no release from custody within 6 months of the start", 2, 16),  # Castle, Oakley
    ("under 18 at the start of follow-up", 1, 15),  # Eastwood
    ("a proven sexual offence before the index event (a different pattern of reoffending)", 1, 14),  # Garside
    ("committed a proven reoffence between the index event and the start of follow-up", 1, 13),  # Dunmore
    ("follow-up not complete when the records end", 1, 12),  # Ingram
]


def cohort_of(folder: Path, world: tiny.Rows | None = None, rows=None, **changes) -> Cohort:
    store = Store(tiny.write_records(folder / "records", world), load_lab("justice"))
    request = tiny.request_for(folder / "request", rows, **changes)
    participants = read_submission(request)
    return build_cohort(request, store, participants, link(request, store, participants))


def rows_of(*surnames: str) -> list[list[str]]:
    return [row for row in tiny.SUBMITTED if row[0] in surnames]


def only(world: tiny.Rows, people: set[int]) -> tiny.Rows:
    return {name: [r for r in rows if int(r["person_id"]) in people] for name, rows in world.items()}


def steps(cohort: Cohort, group: str) -> list[tuple[str, int, int]]:
    some = cohort.attrition[cohort.attrition["group"] == group]
    return list(some[["reason", "lost", "count"]].itertuples(index=False, name=None))


def assert_same(one: Cohort, other: Cohort) -> None:
    pd.testing.assert_frame_equal(one.people, other.people)
    pd.testing.assert_frame_equal(one.groups, other.groups)
    pd.testing.assert_frame_equal(one.attrition, other.attrition)
    assert one.covariates == other.covariates
    assert one.facts == other.facts


@pytest.fixture(scope="module")
def cohort(tmp_path_factory) -> Cohort:
    return cohort_of(tmp_path_factory.mktemp("cohort"))


# ---------------------------------------------------------------- who is analysed


def test_each_person_submitted_ends_where_their_story_says(cohort: Cohort) -> None:
    treated = cohort.people[cohort.people["treated"]]
    columns = ["person_id", "index_date", "time_zero", "delay_band"]
    found = treated[columns].reset_index()
    for date in ("index_date", "time_zero"):
        found[date] = found[date].dt.strftime("%Y-%m-%d")
    assert list(found.itertuples(index=False, name=None)) == ANALYSED


def test_each_loss_has_its_reason_and_the_steps_add_up(cohort: Cohort) -> None:
    assert steps(cohort, "treatment") == LOSSES
    assert sum(lost for _, lost, _ in LOSSES) + len(ANALYSED) == len(tiny.SUBMITTED)


def test_each_loss_says_what_could_be_done(cohort: Cohort) -> None:
    losses = cohort.attrition[(cohort.attrition["group"] == "treatment") & (cohort.attrition["lost"] > 0)]
    assert (losses["mend"] != "").all()


def test_a_person_sent_twice_is_analysed_once_from_the_earlier_start_with_that_row_s_groups(
    cohort: Cohort,
) -> None:
    """Lomax began on 10 June (not completed) and, in the row above it, on 10 August (completed)."""
    assert cohort.people.loc[1013, "time_zero"] == pd.Timestamp("2021-06-10")
    assert cohort.groups.loc[1013, "completed"] == "no"


def test_groups_follow_their_people(cohort: Cohort) -> None:
    assert cohort.groups["completed"].to_dict() == {
        unit: "no" if unit in {1003, 1013} else "yes" for unit, *_ in ANALYSED
    }


def test_the_facts_are_those_of_the_people_analysed(cohort: Cohort) -> None:
    facts = cohort.facts
    assert (facts["submitted"], facts["found"]) == (21, 19)  # found, and with every essential field
    assert facts["data_until"] == "2023-12-31"
    assert facts["time_zero"] == "participation"
    assert facts["index_events"] == ["release from custody"]


def test_counted_from_the_index_event_everyone_is_followed_from_there(tmp_path: Path) -> None:
    """Dunmore's reoffence is then an outcome, Ingram's eighteen months fit, and Fairley is still 17."""
    events = {"kinds": ["custody_release"], "within_months": 6, "time_zero": "index"}
    people = cohort_of(tmp_path, index_event=events).people
    assert (people["time_zero"] == people["index_date"]).all()
    assert (people["delay_band"] == "at the index event").all()
    treated = set(people.loc[people["treated"], "person_id"])
    assert treated == {1, 2, 4, 8, 9, 10, 11, 12, 14, 16, 17, 18, 19}


def test_other_kinds_of_index_event_let_other_people_in(tmp_path: Path) -> None:
    """Castle had a caution on the day she started; the pool's only caution lies outside her day."""
    events = {"kinds": ["caution"], "within_months": 6, "time_zero": "participation"}
    people = cohort_of(tmp_path, rows=rows_of("Castle"), index_event=events).people
    assert people["person_id"].to_list() == [3]
    assert people.index.to_list() == [1004]


def test_of_two_events_equally_near_the_earlier_counts(tmp_path: Path) -> None:
    """Releases ten days before and ten days after the start of 1 May 2021."""
    world = tiny.world()
    for row in world["sentences"]:
        row["released_on"] = {"1002": "2021-04-21", "1003": "2021-05-11"}.get(
            row["sentence_id"], row["released_on"]
        )
    people = cohort_of(tmp_path, world, rows_of("Barlow")).people
    assert people[people["treated"]].index.to_list() == [1002]


def test_a_reoffence_after_the_start_cannot_move_the_index_event_behind_itself(tmp_path: Path) -> None:
    """Kirkby starts on 11 April after his release of 2 March, reoffends, and is released again on 1 May."""
    world = tiny.world()
    again = {"sentence_id": 1900, "sentenced_on": "2021-04-17", "released_on": "2021-05-01", "months": 1}
    world["sentences"].append(next(r for r in world["sentences"] if r["sentence_id"] == "1012") | again)
    world["offences"].append(tiny.offence(5900, 11, "2021-04-13", "2021-04-17", sentence="custody"))
    people = cohort_of(tmp_path, world).people
    assert people.loc[people["person_id"] == 11, "time_zero"].to_list() == [pd.Timestamp("2021-04-11")]


def test_when_nobody_is_left_the_error_tells_every_step(tmp_path: Path) -> None:
    with pytest.raises(MatchingError) as caught:
        cohort_of(tmp_path, rows=rows_of("Castle", "Garside"))
    assert str(caught.value) == (
        "none of the 2 submitted rows can be analysed; the steps were: rows submitted 2; "
        "no release from custody within 6 months of the start 1; "
        "a proven sexual offence before the index event (a different pattern of reoffending) 1"
    )


# ---------------------------------------------------------------- the pool


def test_the_pool_passes_the_same_rules_as_participants(tmp_path: Path) -> None:
    """Two participants, both 40 days after release (2 March and 1 September 2021), so every
    comparison person is judged on day 40."""
    world = only(tiny.world(), {11, 19, *range(101, 112)})
    found = cohort_of(tmp_path, world, rows_of("Kirkby", "Stott"))
    pool = found.people[~found.people["treated"]]
    assert steps(found, "pool") == [
        ("index events of the same kinds in the same period", 0, 11),
        ("of people who were submitted themselves", 2, 9),
        ("under 18 at the start of follow-up", 1, 8),  # Crossley turns 18 on day 47
        (
            "a proven sexual offence before the index event (a different pattern of reoffending)",
            1,
            7,
        ),  # Walton
        ("committed a proven reoffence between the index event and the start of follow-up", 1, 6),  # Yates
    ]
    assert pool.index.to_list() == [1101, 1102, 1103, 1107, 1108, 1112]
    assert ((pool["time_zero"] - pool["index_date"]).dt.days == 40).all()
    assert (pool["delay_band"] == "31 to 60 days after").all()


def test_comparison_people_stand_in_at_delays_that_participants_had(cohort: Cohort) -> None:
    pool = cohort.people[~cohort.people["treated"]]
    assert set((pool["time_zero"] - pool["index_date"]).dt.days) <= DELAYS
    assert len(pool) > 0


def test_delays_of_a_large_pool_are_spread_like_the_participants(tmp_path: Path) -> None:
    """Half the participants at day 0 and half at day 40: so is the pool, within four standard errors."""
    world = only(tiny.world(), {1, 11, 111})
    events = [row for row in world["sentences"] if row["sentence_id"] == "1112"]
    for n in range(400):
        person = world["people"][2] | {"person_id": 2000 + n, "surname": f"Pool{n}"}
        world["people"].append(person)
        world["sentences"].append(
            events[0] | {"sentence_id": 9000 + n, "person_id": 2000 + n, "released_on": "2021-03-01"}
        )
    found = cohort_of(tmp_path, world, rows_of("Abbot", "Kirkby"))
    pool = found.people[~found.people["treated"]]
    delays = (pool["time_zero"] - pool["index_date"]).dt.days
    assert set(delays) == {0, 40}
    assert abs((delays == 40).mean() - 0.5) < 4 * 0.5 / 20


def test_nobody_who_was_submitted_is_in_the_pool(cohort: Cohort) -> None:
    """Not even those who could not be analysed themselves."""
    pool = set(cohort.people.loc[~cohort.people["treated"], "person_id"])
    assert pool <= {101, 102, 104, 105, 106, 107, 108, 110, 111}
    assert steps(cohort, "pool")[:2] == [
        ("index events of the same kinds in the same period", 0, 26),
        ("of people who were submitted themselves", 16, 10),
    ]


def test_the_pool_s_steps_add_up(cohort: Cohort) -> None:
    pool = steps(cohort, "pool")
    assert 26 - sum(lost for _, lost, _ in pool) == int((~cohort.people["treated"]).sum())


# ---------------------------------------------------------------- covariates by hand


def test_every_covariate_of_a_person_with_a_history(cohort: Cohort) -> None:
    """Abbot on 1 March 2021. Known: a caution for theft, violence with custody, a burglary with an order,
    a theft with custody (the index). Not yet known: an offence of 2020 proven in April 2021."""
    found = cohort.people.loc[1001, list(cohort.covariates)].to_dict()
    assert found == pytest.approx(
        {
            "index_kind": "release from custody",
            "index_year": "2021",
            "index_quarter": "Q1",
            "gender": "M",
            "age": 11382 / 365.25,  # 31 years with 8 leap days, then 59 days
            "ethnicity": "White",
            "uk_national": 1,
            "region": "North West",
            "sentence_band": "1 to 3 years",
            "index_offence": "theft",
            "previous_offences": 4,
            "previous_violence": 1,
            "previous_theft": 3,
            "offences_2_years": 1,
            "age_first_offence": 8085 / 365.25,  # 22 years with 5 leap days, then 50 days
            "previous_custody": 1,
            "previous_orders": 1,
            "previous_cautions": 1,
            # The assessment of October 2020; that of 2019 is older, that of June 2021 came later.
            "need_accommodation": 1,
            "need_employment": 0,
            "need_drugs": 0,
            "need_alcohol": 1,
            "need_relationships": 0,
            "need_lifestyle": 0,
            "need_thinking": 0,
            "need_attitudes": 0,
            "employed_before": 1,
            "benefit_before": 0,
        }
    )


def test_every_covariate_of_a_person_without_an_assessment(cohort: Cohort) -> None:
    """Barlow on 20 April 2021, released from his second sentence; on a benefit that went on."""
    found = cohort.people.loc[1003, list(cohort.covariates)].to_dict()
    needs = {f"need_{need}": np.nan for need in tiny.NEEDS}
    assert found == pytest.approx(
        {
            "index_kind": "release from custody",
            "index_year": "2021",
            "index_quarter": "Q2",
            "gender": "M",
            "age": 13058 / 365.25,  # 35 years with 9 leap days, then 274 days
            "ethnicity": "White",
            "uk_national": 1,
            "region": "North West",
            "sentence_band": "6 months or less",
            "index_offence": "theft",
            "previous_offences": 2,
            "previous_violence": 1,
            "previous_theft": 1,
            "offences_2_years": 2,
            "age_first_offence": 12803 / 365.25,  # 35 years with 9 leap days, then 19 days
            "previous_custody": 1,
            "previous_orders": 0,
            "previous_cautions": 0,
            "employed_before": 0,
            "benefit_before": 1,
        }
        | needs,
        nan_ok=True,
    )


def test_a_person_without_any_row_has_zeros_where_zero_is_true_and_no_value_elsewhere(cohort: Cohort) -> None:
    kirkby = cohort.people.loc[1012]
    for name in (
        "previous_offences",
        "previous_custody",
        "offences_2_years",
        "employed_before",
        "benefit_before",
    ):
        assert kirkby[name] == 0
    assert np.isnan(kirkby["age_first_offence"])
    assert np.isnan(kirkby["need_drugs"])


def test_the_cohort_has_no_column_but_the_frame_and_the_covariates(cohort: Cohort) -> None:
    frame = ["person_id", "treated", "index_date", "time_zero", "delay_band"]
    assert list(cohort.people.columns) == [*frame, *load_lab("justice").covariate_labels]
    measures = {measure.name for measure in load_lab("justice").measures}
    assert not measures & set(cohort.people.columns)


# ---------------------------------------------------------------- tampering with what came later


def last_time_zero(cohort: Cohort) -> dict[int, pd.Timestamp]:
    return cohort.people.groupby("person_id")["time_zero"].max().to_dict()


def add_offences(world: tiny.Rows, after: dict[int, pd.Timestamp]) -> None:
    number = 90_000
    for person, start in after.items():
        for days in (1, 2, 100):
            number += 1
            day = str((start + pd.Timedelta(days=days)).date())
            world["offences"].append(tiny.offence(number, person, day, day, offence_group="sexual"))


def delete_offences(world: tiny.Rows, after: dict[int, pd.Timestamp]) -> None:
    before = len(world["offences"])
    world["offences"] = [o for o in world["offences"] if not later(o, after)]
    assert len(world["offences"]) < before, "nothing was there to delete, so this would prove nothing"


def change_offences(world: tiny.Rows, after: dict[int, pd.Timestamp]) -> None:
    for o in world["offences"]:
        if later(o, after):
            o |= {"class": "indictable", "offence_group": "sexual", "sentence": "custody"}
            o |= {"proven_date": o["offence_date"], "how_proven": "caution"}


def change_assessments(world: tiny.Rows, after: dict[int, pd.Timestamp]) -> None:
    world["assessments"] = [a for a in world["assessments"] if a["assessed_on"] != "2021-06-01"]
    for person, start in after.items():
        day = str((start + pd.Timedelta(days=1)).date())
        world["assessments"].append({"person_id": person, "assessed_on": day} | dict.fromkeys(tiny.NEEDS, 1))


def change_employment(world: tiny.Rows, after: dict[int, pd.Timestamp]) -> None:
    for spell in world["employment"]:
        if spell["end_date"] == "2021-09-01":
            spell["end_date"] = "2021-04-21"  # the day after Barlow's index date
    for person, start in after.items():
        day = str((start + pd.Timedelta(days=1)).date())
        world["employment"].append({"person_id": person, "kind": "employment", "start_date": day})


def later(offence: dict, after: dict[int, pd.Timestamp]) -> bool:
    start = after.get(int(offence["person_id"]))
    return start is not None and pd.Timestamp(offence["offence_date"]) > start


@pytest.mark.parametrize(
    "tamper", [add_offences, delete_offences, change_offences, change_assessments, change_employment]
)
def test_what_happened_after_time_zero_changes_nothing(tmp_path: Path, cohort: Cohort, tamper) -> None:
    world = tiny.world()
    tamper(world, last_time_zero(cohort))
    assert world != tiny.world()
    assert_same(cohort_of(tmp_path, world), cohort)


def test_tampering_with_what_came_earlier_does_change_the_cohort(tmp_path: Path, cohort: Cohort) -> None:
    """Or the tests above would pass on a cohort that reads no offences at all."""
    world = tiny.world()
    world["offences"].append(tiny.offence(90_001, 11, "2019-01-01", "2019-02-01"))
    changed = cohort_of(tmp_path, world)
    assert changed.people.loc[1012, "previous_offences"] == 1
    assert cohort.people.loc[1012, "previous_offences"] == 0


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_the_order_of_rows_in_records_and_submission_changes_nothing(
    tmp_path: Path, cohort: Cohort, seed
) -> None:
    world, rows = tiny.world(), list(tiny.SUBMITTED)
    for table in [*world.values(), rows]:
        table.reverse() if seed is None else random.Random(seed).shuffle(table)  # noqa: S311 (an order, no secret)
    assert_same(cohort_of(tmp_path, world, rows), cohort)


def test_two_rows_of_one_person_from_the_same_day_count_the_same_in_either_order(tmp_path: Path) -> None:
    [abbot, barlow] = rows_of("Abbot", "Barlow")
    other = [*abbot[:-1], "No"]
    one = cohort_of(tmp_path / "a", rows=[abbot, other, barlow])
    assert_same(cohort_of(tmp_path / "b", rows=[other, abbot, barlow]), one)


def test_two_assessments_of_one_day_count_the_same_in_either_order(tmp_path: Path) -> None:
    world = tiny.world()
    world["assessments"].append({"person_id": 1, "assessed_on": "2020-10-01"} | dict.fromkeys(tiny.NEEDS, 1))
    world["assessments"].append({"person_id": 1, "assessed_on": "2020-10-01"} | dict.fromkeys(tiny.NEEDS, 0))
    one = cohort_of(tmp_path / "a", world)
    assert_same(cohort_of(tmp_path / "b", {**world, "assessments": world["assessments"][::-1]}), one)


# ---------------------------------------------------------------- from an analysis table


def table_cohort(folder: Path, text: str) -> Cohort:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "people.csv").write_text(text, encoding="utf-8")
    table = {
        "file": "people.csv",
        "id": "person",
        "treatment": "took_part",
        "covariates": {"age": "continuous", "town": "categorical"},
        "outcomes": [{"name": "earnings", "label": "Earnings", "kind": "continuous", "good": "higher"}],
    }
    request = tiny.request_for(
        folder, submission=None, index_event=None, table=table, lab="general", outcome={"primary": "earnings"}
    )
    participants, store = read_submission(request), TableStore(request)
    return build_cohort(request, store, participants, link(request, store, participants))


def test_an_analysis_table_is_a_cohort_already_without_its_outcomes(tmp_path: Path) -> None:
    found = table_cohort(tmp_path, "person,took_part,age,town,earnings\nb,0,40,York,7\na,1,30,Leeds,5\n")
    assert list(found.people.columns) == ["person_id", "treated", "age", "town"]
    assert found.people["treated"].to_dict() == {"a": True, "b": False}
    assert found.people["town"].to_dict() == {"a": "Leeds", "b": "York"}
    assert list(found.attrition["count"]) == [1, 1]


def test_a_treatment_other_than_0_and_1_is_refused_by_count(tmp_path: Path) -> None:
    text = "person,took_part,age,town,earnings\na,1,30,Leeds,5\nb,zzz,40,York,7\nc,2,40,York,7\n"
    with pytest.raises(DataContractError) as caught:
        table_cohort(tmp_path, text)
    assert "column `took_part` has 1 values not a number" in str(caught.value)
    assert "column `took_part` has 1 values other than 0 and 1" in str(caught.value)
    assert "zzz" not in str(caught.value)
