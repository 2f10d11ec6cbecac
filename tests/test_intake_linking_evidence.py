"""What decides between rivals: dates, one person for one participant, what somebody decided; and how it is told."""

from __future__ import annotations

import getpass
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tiny

from datalab_helpers.errors import DataContractError, LinkageError
from datalab_helpers.explore import review_desk
from datalab_helpers.intake import decisions_path, explain, link, read_submission, review_queue
from datalab_helpers.intake.check import check_submission
from datalab_helpers.intake.linking import LINK_AT, decide, model, record
from datalab_helpers.intake.linking.candidates import candidates, sound
from datalab_helpers.intake.linking.dates import (
    CLOSE,
    ELSEWHERE,
    EXACT,
    NEAR,
    NOT_NEAR,
    NOTHING,
    TOLD,
    date_weights,
)
from datalab_helpers.intake.linking.train import calibrate, train
from datalab_helpers.request import load_request
from datalab_helpers.store import Store

HEADINGS = ["Surname", "Forename", "Date of birth", "Gender", "PNC ID", "Intervention start", "Release date"]
SMITH = ["Smith", "John", "05/05/1988", "M", ""]
KIRKBY = ["Kirkby", "Andrew", "12/12/1987", "M", "", "11/04/2021", ""]


def released(person: int, day: str, sentenced: str = "2020-06-01", number: int = 9001) -> dict:
    return {
        "sentence_id": number,
        "person_id": person,
        "kind": "custody",
        "sentenced_on": sentenced,
        "released_on": day,
        "months": 12,
        "offence_group": "theft",
        "region": "North West",
        "establishment": None,
    }


def world_with(folder: Path, lab, *sentences: dict) -> Store:
    world = tiny.world()
    world["sentences"] += list(sentences)
    return Store(tiny.write_records(folder / "records", world), lab)


def linked(folder: Path, store: Store, *rows: list[str], **changes):
    request = tiny.request_for(folder / "request", [list(row) for row in rows], headings=HEADINGS, **changes)
    participants = read_submission(request)
    return request, participants, link(request, store, participants)


# ---------------------------------------------------------------- dates as evidence


def test_of_two_people_of_one_name_and_birthday_the_one_released_near_the_start_is_found(
    tmp_path: Path, justice
) -> None:
    store = world_with(tmp_path, justice, released(203, "2021-02-01"))
    _, _, found = linked(tmp_path, store, [*SMITH, "01/03/2021", ""], KIRKBY)
    assert found.links.loc[2, "person_id"] == 203
    assert found.links.loc[2, "posterior"] > 0.8


def test_the_day_of_release_that_was_told_decides_between_two_releases(tmp_path: Path, justice) -> None:
    store = world_with(
        tmp_path, justice, released(202, "2021-01-20"), released(203, "2021-02-01", number=9002)
    )
    _, _, found = linked(
        tmp_path, store, [*SMITH, "01/03/2021", "20/01/2021"], [*SMITH, "02/03/2021", "01/02/2021"], KIRKBY
    )
    assert found.links.loc[2, "person_id"] == 202
    assert found.links.loc[3, "person_id"] == 203


def test_an_event_that_was_not_bound_to_come_at_the_start_says_nothing(tmp_path: Path, justice) -> None:
    """A release that followed from a sentence after the start may be an outcome; it must not decide a link."""
    store = world_with(tmp_path, justice, released(203, "2021-05-01", sentenced="2021-03-02"))
    _, _, found = linked(tmp_path, store, [*SMITH, "01/03/2021", ""], KIRKBY)
    assert pd.isna(found.links.loc[2, "person_id"])
    assert found.links.loc[2, "posterior"] < LINK_AT


def weights(near: bool | None, apart: float | None, start: str | None, told: str | None, folder: Path):
    """One pair among 1,000 people; in each month of 2020 and 2021 ten were released, sentenced a year earlier."""
    request = tiny.request_for(folder, [KIRKBY], headings=HEADINGS)
    happened = pd.date_range("2020-01-01", "2021-12-01", freq="MS")
    months = pd.DataFrame(
        {
            "kind": "custody_release",
            "happened": happened,
            "known": happened - pd.DateOffset(years=1),
            "events": 10,
        }
    )
    months = pd.concat([months, months.assign(kind="caution", events=999)])
    pairs = pd.DataFrame({"row": [2], "near": [near], "apart": pd.array([apart], dtype="Int64")})
    starts = pd.DataFrame({"start": [start], "released": [told], "sentenced": [None]}, index=[2])
    true = {"near": 0.9, "told": [0.8, 0.15, 0.05]}
    found = date_weights(request, true, pairs, starts.apply(pd.to_datetime), months, 1000).iloc[0]
    return found["dates"], found["dates_level"]


def test_weights_of_dates_by_hand(tmp_path: Path) -> None:
    """Within six months of March 2021 lie September to the September after: 11 whole months and two halves,
    120 releases among 1,000 people. A day of March has 10 / 30.4375 of them, the 62 days around it 62 times that."""
    assert weights(True, None, "2021-03-15", None, tmp_path) == (pytest.approx(np.log2(0.9 / 0.12)), NEAR)
    assert weights(None, None, "2021-03-15", None, tmp_path) == (pytest.approx(np.log2(0.1 / 0.88)), NOT_NEAR)
    day = 10 / 30.4375 / 1000
    assert weights(True, 0, "2021-03-15", "2021-03-02", tmp_path) == (
        pytest.approx(np.log2(0.8 / 0.0005)),  # not below half a person
        EXACT,
    )
    assert weights(True, 31, "2021-03-15", "2021-03-02", tmp_path) == (
        pytest.approx(np.log2(0.15 / (62 * day))),
        CLOSE,
    )
    assert weights(True, 32, "2021-03-15", "2021-03-02", tmp_path) == (
        pytest.approx(np.log2(0.05 / (1 - 62 * day - 0.0005))),
        ELSEWHERE,
    )
    assert weights(True, None, None, None, tmp_path) == (0.0, NOTHING)


def test_releases_not_yet_known_at_the_start_are_no_chance_of_a_stranger(tmp_path: Path) -> None:
    """Those after the start were sentenced a year before, so all count; of releases two years on none would."""
    near, _ = weights(True, None, "2022-05-15", None, tmp_path)
    # November (half) and December 2021 alone lie in the window.
    assert near == pytest.approx(np.log2(0.9 / 0.015))


def test_a_release_date_whose_order_cannot_be_told_is_left_out_and_said(tmp_path: Path, tiny_store) -> None:
    rows = [
        ["Kirkby", "Andrew", "15/12/1987", "M", "", "14/04/2021", "01/03/2021"],
        ["Lomax", "Graham", "30/10/1980", "M", "", "15/06/2021", "02/06/2021"],
    ]
    request = tiny.request_for(tmp_path, rows, headings=HEADINGS, dates=None)
    participants = read_submission(request)
    assert participants.rows["released"].isna().all()
    assert "release date not used: which is the day and which the month cannot be told" in set(
        participants.notes["what"]
    )
    told = check_submission(request.input_path, request.lab, request)
    assert [problem.level for problem in told.problems if problem.kind == "order_unused"] == ["doubt"]


# ---------------------------------------------------------------- how names sound


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STEPHEN", "STEVEN"),
        ("CATHERINE", "KATHRYN"),
        ("MUHAMMAD", "MOHAMED"),
        ("PHILLIP", "FILIP"),
        ("GEOFFREY", "JEFFREY"),
        ("LEE", "LI"),
    ],
)
def test_names_that_sound_alike_are_one(one: str, other: str) -> None:
    import duckdb

    said = duckdb.sql(
        f"SELECT {sound('a')}, {sound('b')} FROM (SELECT '{one}' AS a, '{other}' AS b)"
    ).fetchall()
    assert said[0][0] == said[0][1]


def test_names_that_sound_different_are_two() -> None:
    import duckdb

    names = ["ADAM", "DAMIAN", "OLIVER", "MARTIN", "MARION", "KEITH", "KATE", "JOHN", "JEAN"]
    told = [duckdb.sql(f"SELECT {sound(f'{chr(39)}{name}{chr(39)}')}").fetchall()[0][0] for name in names]
    assert len(set(told)) == len(names)


# ---------------------------------------------------------------- one person for one participant


def persons(*rows: tuple) -> pd.DataFrame:
    columns = [
        "row",
        "person_id",
        "weight",
        "surname_l",
        "forename_l",
        "born_l",
        "pnc_id_l",
        "prison_number_l",
    ]
    frame = pd.DataFrame([(*row, None, None) for row in rows], columns=columns)
    return decide.posteriors(frame.assign(slope=1.0, unknown=0.1))


def test_a_person_claimed_by_two_unlike_participants_goes_to_the_better_claim() -> None:
    """Row 3 has the better claim to person 7; row 2 falls back on person 8, whom nobody else claims."""
    made = persons(
        (2, 7, 6.0, "SMITH", "JOHN", "19800101"),
        (2, 8, 3.0, "SMITH", "JOHN", "19800101"),
        (3, 7, 9.0, "SMITHE", "JACK", "19800102"),
    )
    after = decide.one_each(made).drop_duplicates("row").set_index("row")
    assert after["person_id"].to_dict() == {2: 8, 3: 7}
    assert after["contested"].to_dict() == {2: True, 3: False}
    assert after.loc[2, "posterior"] == pytest.approx(8 / 8.1)


def test_the_sum_over_all_rows_decides_not_the_best_single_claim() -> None:
    """Row 3 claims person 7 a little better, but has another person nearly as good; row 2 has nobody else."""
    made = persons(
        (2, 7, 6.0, "SMITH", "JOHN", "19800101"),
        (3, 7, 7.0, "SMITHE", "JACK", "19800102"),
        (3, 8, 5.5, "SMITHE", "JACK", "19800102"),
    )
    after = decide.one_each(made).drop_duplicates("row").set_index("row")
    assert after["person_id"].to_dict() == {2: 7, 3: 8}


def test_a_participant_sent_twice_keeps_the_person_in_both_rows() -> None:
    made = persons((2, 7, 9.0, "SMITH", "JOHN", "19800101"), (3, 7, 8.0, "SMYTH", "JOHN", "19800101"))
    after = decide.one_each(made)
    assert after["person_id"].to_list() == [7, 7]
    assert not after["contested"].any()


def test_two_identifiers_are_two_participants_whatever_their_names() -> None:
    rows = persons((2, 7, 9.0, "SMITH", "JOHN", "19800101"), (3, 7, 8.0, "SMITH", "JOHN", "19800101"))
    assert decide.same_participant(rows)
    assert not decide.same_participant(rows.assign(pnc_id_l=["2001/0000001A", "2001/0000002B"]))
    assert decide.same_participant(rows.assign(pnc_id_l="2001/0000001A", born_l=["19800101", "19770707"]))


def test_a_row_left_without_anybody_is_not_found_and_goes_to_review() -> None:
    made = persons((2, 7, 2.0, "SMITH", "JOHN", "19800101"), (3, 7, 9.0, "SMITHE", "JACK", "19800102"))
    after = decide.one_each(made).set_index("row")
    assert after["posterior"].to_dict() == {2: 0.0, 3: pytest.approx(512 / 512.1)}
    assert after["contested"].to_dict() == {2: True, 3: False}


def test_three_people_who_lead_to_one_person_are_one_link_and_two_doubts(tmp_path: Path, tiny_store) -> None:
    _, _, found = linked(
        tmp_path,
        tiny_store,
        ["Abbot", "Daniel", "01/01/1990", "M", "", "01/03/2021", ""],
        ["Abbot", "Danny", "02/01/1990", "M", "", "02/03/2021", ""],
        ["Abbot", "Daniel", "01/01/1991", "M", "", "03/03/2021", ""],
    )
    assert found.links["person_id"].notna().to_list() == [True, False, False]
    assert found.links["review"].to_list() == [False, True, True]
    assert found.expected_missed > 0.3
    # Whoever looks at the link is shown the person whom the other row holds.
    assert set(found.rivals.loc[found.rivals["row"] == 3, "person_id"]) >= {1}


# ---------------------------------------------------------------- what somebody decided


def two_smiths(folder: Path, store: Store):
    return linked(folder, store, [*SMITH, "01/03/2021", ""], KIRKBY)


def test_what_somebody_decided_counts_from_then_on_with_who_when_and_why(tmp_path: Path, tiny_store) -> None:
    request, participants, before = two_smiths(tmp_path, tiny_store)
    queue = review_queue(request, participants, before)
    assert queue.waiting.index.to_list() == [2]
    key = queue.waiting.loc[2, "row_key"]
    told = {"by": "a.reviewer", "at": "2026-11-23T10:00:00+00:00", "reason": "their letter says so"}
    record(request, queue.records, key, "accept", 203, **told)
    after = link(request, tiny_store, participants)
    assert after.links.loc[2, "person_id"] == 203
    assert after.links.loc[2, "decision"] == "accept"
    assert after.links.loc[2, "posterior"] == pytest.approx(1)
    assert review_queue(request, participants, after).waiting.empty
    assert (
        decisions_path(request)
        .read_text()
        .splitlines()[1]
        .endswith("accept,203,2023-12-31,a.reviewer,2026-11-23T10:00:00+00:00,their letter says so")
    )
    # A later word replaces the earlier, which stays readable.
    record(request, queue.records, key, "nobody", **told)
    after = link(request, tiny_store, participants)
    assert pd.isna(after.links.loc[2, "person_id"])
    assert not after.links.loc[2, "review"]
    assert len(decisions_path(request).read_text().splitlines()) == 3


def test_nobody_means_nobody_however_many_others_there_are(tmp_path: Path, justice) -> None:
    """A fourth person of one name moves not into the place of three who were refused."""
    world = tiny.world()
    smith = next(row for row in world["people"] if int(row["person_id"]) == 202)
    world["people"] += [smith | {"person_id": number} for number in ("301", "302")]
    store = Store(tiny.write_records(tmp_path / "records", world), justice)
    request, participants, before = two_smiths(tmp_path, store)
    queue = review_queue(request, participants, before)
    record(request, queue.records, queue.waiting.loc[2, "row_key"], "nobody", by="a", at="now")
    after = link(request, store, participants)
    assert pd.isna(after.links.loc[2, "person_id"])
    assert after.links.loc[2, "posterior"] == 0


def test_an_accepted_person_who_cannot_be_given_is_asked_about_again(tmp_path: Path, tiny_store) -> None:
    request, participants, before = two_smiths(tmp_path, tiny_store)
    queue = review_queue(request, participants, before)
    record(request, queue.records, queue.waiting.loc[2, "row_key"], "accept", 11, by="a", at="now")
    after = link(request, tiny_store, participants)
    assert after.links.loc[2, "decision"] == ""
    assert after.links.loc[2, "review"]


def test_a_file_without_its_last_line_end_loses_no_decision(tmp_path: Path, tiny_store) -> None:
    request, participants, before = two_smiths(tmp_path, tiny_store)
    queue = review_queue(request, participants, before)
    key = queue.waiting.loc[2, "row_key"]
    record(request, queue.records, key, "later", by="a", at="now", reason="ask")
    path = decisions_path(request)
    path.write_bytes(path.read_bytes().rstrip())
    record(request, queue.records, key, "accept", 202, by="a", at="now")
    assert link(request, tiny_store, participants).links.loc[2, "person_id"] == 202


def test_a_link_put_off_waits_on_with_the_default(tmp_path: Path, tiny_store) -> None:
    request, participants, before = two_smiths(tmp_path, tiny_store)
    queue = review_queue(request, participants, before)
    record(request, queue.records, queue.waiting.loc[2, "row_key"], "later", by="a", at="now")
    after = link(request, tiny_store, participants)
    assert after.links.loc[2, "decision"] == "later"
    assert after.links.loc[2, "posterior"] == before.links.loc[2, "posterior"]
    assert review_queue(request, participants, after).waiting.index.to_list() == [2]


def test_a_corrected_row_and_newer_records_ask_again(tmp_path: Path, tiny_store) -> None:
    request, participants, before = two_smiths(tmp_path, tiny_store)
    queue = review_queue(request, participants, before)
    record(request, "2022-12-31", queue.waiting.loc[2, "row_key"], "accept", 203, by="a", at="now")
    after = link(request, tiny_store, participants)
    assert after.links.loc[2, "decision"] == ""
    assert review_queue(request, participants, after).stale == 1
    record(request, queue.records, queue.waiting.loc[2, "row_key"], "accept", 203, by="a", at="now")
    other = participants.rows.copy()
    other.loc[2, "gender"] = None
    corrected = link(request, tiny_store, replace(participants, rows=other))
    assert corrected.links.loc[2, "decision"] == ""


def test_decisions_name_nobody(tmp_path: Path, tiny_store) -> None:
    request, participants, before = two_smiths(tmp_path, tiny_store)
    queue = review_queue(request, participants, before)
    record(request, queue.records, queue.waiting.loc[2, "row_key"], "accept", 203, by="a", at="now")
    assert not re.search("smith|john|1988", decisions_path(request).read_text(), re.IGNORECASE)


HEAD = "row_key,decision,person_id,records,by,at,reason\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("row_key,person_id\nx,1\n", "the columns must be row_key"),
        ("", "the columns must be row_key"),
        (HEAD + "x,accept,one,2023-12-31,a,b,\n", "line 2: `person_id` must be the number"),
        (HEAD + "x,accept,²,2023-12-31,a,b,\n", "line 2: `person_id` must be the number"),
        (HEAD + "x,accept," + "9" * 30 + ",2023-12-31,a,b,\n", "line 2: `person_id` must be the number"),
        (HEAD + "x,nobody,7,2023-12-31,a,b,\n", "line 2: `person_id` stays empty"),
        (HEAD + "x,yes,,2023-12-31,a,b,\n", "line 2: `decision` must be"),
        (HEAD + "x,nobody,,31/12/2023,a,b,\n", "line 2: `records` must be the date"),
        (HEAD + "x,nobody,,2023-12-31,a,b,c,d\n", "line 2: it has 8 cells"),
    ],
)
def test_a_spoilt_file_of_decisions_is_refused(tmp_path: Path, tiny_store, content: str, said: str) -> None:
    request = tiny.request_for(tmp_path, [KIRKBY], headings=HEADINGS)
    decisions_path(request).write_text(content)
    with pytest.raises(DataContractError, match=said):
        link(request, tiny_store, read_submission(request))


def test_the_desk_shows_nobody_until_somebody_opens_it_and_keeps_what_they_decide(
    tmp_path: Path, tiny_store
) -> None:
    request, participants, found = two_smiths(tmp_path, tiny_store)
    queue = review_queue(request, participants, found)
    desk = review_desk(request, participants, found, queue)
    assert "SMITH" not in repr(desk).upper()
    assert getpass.getuser() not in repr(desk)
    opened, inside = desk.children
    opened.click()
    _, choice, _, by, _, buttons, _ = inside.children
    assert [label for label, _ in choice.options] == [
        "person A",
        "person B",
        "none of them, and nobody else on record",
    ]
    by.value = "a.reviewer"
    keep = buttons.children[0]
    keep.click()  # nobody chosen yet: nothing is written
    assert not decisions_path(request).exists()
    choice.value = "203"
    keep.click()
    assert link(request, tiny_store, participants).links.loc[2, "person_id"] == 203


# ---------------------------------------------------------------- why


def test_the_waterfall_adds_up_to_the_posterior_and_quotes_nobody(tmp_path: Path, tiny_store) -> None:
    _, _, found = linked(
        tmp_path, tiny_store, ["Kirby", "Andy", "12/12/1987", "M", "", "11/04/2021", ""], KIRKBY
    )
    told = explain(found, 2)
    steps = told.steps.set_index("what")
    assert steps.loc["surname", "says"] == "one letter differs"
    assert steps.loc["forename", "says"] == "a short or pet form of the same name"
    assert steps.loc["date of birth", "says"] == "the same"
    assert steps.loc["PNC ID", "says"] == "not compared"
    assert steps.loc["dates", "says"] == "an index event of this kind near the start"
    parameters = model.trained()["posterior"]["start"]
    odds = 2 ** (parameters["slope"] * told.steps["total"].iloc[-1])
    assert told.posterior == pytest.approx(odds / (odds + parameters["unknown"]))
    assert not re.search("kirk?by|andrew|1987", told._repr_html_(), re.IGNORECASE)


def test_every_level_has_words() -> None:
    for field in model.FIELDS:
        given = [level for level in model.levels_of(field) if not level.get("missing")]
        assert [model.says(field, level) for level in range(len(given) - 1, -1, -1)] == [
            level["says"] for level in given
        ]
        assert len(model.trained()["fields"][field]["m"]) == len(given)
        assert sum(model.trained()["fields"][field]["m"]) == pytest.approx(1, abs=0.002)
    assert {model.says("dates", level) for level in range(-1, 5)} == set(model.fields()["dates"].values())


def test_a_row_that_nobody_was_compared_with_has_no_waterfall(tmp_path: Path, tiny_store) -> None:
    _, _, found = linked(tmp_path, tiny_store, KIRKBY)
    with pytest.raises(DataContractError, match="row 99 has nobody on record"):
        explain(found, 99)
    with pytest.raises(DataContractError, match="row 2 was not compared with that person"):
        explain(found, 2, 5)


# ---------------------------------------------------------------- training


def test_training_needs_identifiers(tmp_path: Path, tiny_store) -> None:
    request = tiny.request_for(tmp_path, [KIRKBY], headings=HEADINGS)
    with pytest.raises(LinkageError, match="0 rows have an identifier that is on record"):
        train([(request, read_submission(request))], tiny_store)


def test_training_finds_the_mistakes_that_were_made(monkeypatch: pytest.MonkeyPatch, justice) -> None:
    """The example's rows were typed with known rates: 5 % slips a name, 3 % another surname, half a per cent wrong sex."""
    root = Path(__file__).parent.parent / "data/synthetic"
    request, store = load_request(root / "requests/second-start"), Store(root / "records", justice)
    sent = [(request, read_submission(request))]
    monkeypatch.setattr("datalab_helpers.intake.linking.train.CHANCE_PAIRS", 300_000)
    made = train(sent, store)
    assert made["anchored_pairs"] > 300
    for field, given in made["fields"].items():
        assert sum(given["m"]) == pytest.approx(1, abs=0.002), field
    assert 0.85 < made["fields"]["surname"]["m"][0] < 0.95
    assert 0.02 < made["fields"]["surname"]["m"][-1] < 0.06
    assert made["fields"]["gender"]["m"][1] < 0.02
    # A man among men: by chance sexes agree far more often than names do.
    assert made["fields"]["gender"]["u"][0] > 0.5 > 0.01 > made["fields"]["surname"]["u"][0]
    assert made["dates"]["told"][0] > 0.7
    found = calibrate(sent, store)
    assert found["looked_up"] > 0.95
    assert set(found["posterior"]) == set(TOLD)
    for fitted in found["posterior"].values():
        assert 0 < fitted["unknown"] < 10
        assert fitted["slope"] > 0


def test_a_later_event_is_no_candidate_s_merit(tmp_path: Path, justice) -> None:
    """`near` and `apart` of a pair see no event that became known after the start."""
    store = world_with(tmp_path, justice, released(203, "2021-05-01", sentenced="2021-03-02"))
    request = tiny.request_for(tmp_path / "r", [[*SMITH, "01/03/2021", "01/05/2021"]], headings=HEADINGS)
    pairs = candidates(request, store, read_submission(request))
    assert set(pairs["person_id"]) == {202, 203}
    assert pairs["near"].isna().all()
    assert pairs["apart"].isna().all()
