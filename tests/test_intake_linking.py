"""Finding people: every usual slip of the pen is forgiven, and doubt is kept as doubt."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import tiny

from datalab_helpers.errors import LinkageError
from datalab_helpers.intake import link, read_submission
from datalab_helpers.intake.linking import LINK_AT
from datalab_helpers.intake.linking.decide import posteriors

HEADINGS = ["Surname", "Forename", "Date of birth", "Gender", "PNC ID", "Prison number", "Intervention start"]
# What is written, and the number of the person it stands for (see `tiny.PEOPLE`).
WRITTEN = {
    "exactly": (["Kirkby", "Andrew", "12/12/1987", "M", "", ""], 11),
    "in capitals with spaces": (["KIRKBY ", " ANDREW", "12/12/1987", "M", "", ""], 11),
    "typo in the surname": (["Kirby", "Andrew", "12/12/1987", "M", "", ""], 11),
    "typo in the forename": (["Kirkby", "Andrwe", "12/12/1987", "M", "", ""], 11),
    "nickname": (["Kershaw", "Bob", "24/04/1974", "M", "", ""], 201),
    "names swapped": (["Dean", "Lawton", "13/10/1976", "M", "", ""], 208),
    "day and month swapped": (["Whitcombe", "Jerome", "03/04/1999", "M", "", ""], 207),
    "one digit of the birthday wrong": (["Whitcombe", "Jerome", "05/03/1999", "M", "", ""], 207),
    "without accent and apostrophe": (["OLeary", "Siobhan", "19/01/1991", "F", "", ""], 204),
    "another apostrophe": (["O\u2019Leary", "Siobhán", "19/01/1991", "F", "", ""], 204),
    "half of a double name": (["Thornton", "Megan", "08/08/1986", "F", "", ""], 205),
    "double name without hyphen": (["Thornton Hughes", "Megan", "08/08/1986", "F", "", ""], 205),
    "alias only": (["Norton", "Oliver", "06/06/1978", "M", "", ""], 14),
    "PNC ID under another surname": (["Ashdown", "Elaine", "12/11/1972", "F", "1990/0000002W", ""], 206),
    "prison number and another birth year": (["Booth", "Carl", "29/12/1968", "M", "", "A1234BC"], 209),
    "wrong gender": (["Kirkby", "Andrew", "12/12/1987", "F", "", ""], 11),
    "a leap day": (["Greenhalgh", "Tessa", "29/02/2000", "F", "", ""], 210),
    "one of two by PNC ID": (["Smith", "John", "05/05/1988", "M", "2005/0000011M", ""], 203),
}
NOT_FOUND = {
    "nobody like that": ["Zeal", "Norbert", "16/06/1966", "M", "", ""],
    "the surname alone": ["Kirkby", "Norbert", "16/06/1966", "M", "", ""],
    "the birthday alone": ["Zeal", "Norbert", "12/12/1987", "M", "", ""],
    "name of another birth year and day": ["Kirkby", "Andrew", "04/05/1961", "M", "", ""],
    "no surname": ["", "Andrew", "12/12/1987", "M", "", ""],
    "no birthday": ["Kirkby", "Andrew", "", "M", "", ""],
}


def linked(folder: Path, store, *rows: list[str]):
    request = tiny.request_for(folder, [[*row, "01/03/2021"] for row in rows], headings=HEADINGS)
    return link(request, store, read_submission(request))


@pytest.fixture(scope="module")
def everyone(tmp_path_factory, tiny_store):
    """All rows above in one submission; row 2 is the first."""
    rows = [*(row for row, _ in WRITTEN.values()), *NOT_FOUND.values()]
    return linked(tmp_path_factory.mktemp("everyone"), tiny_store, *rows)


# ---------------------------------------------------------------- the decision


def best_candidates(scored: pd.DataFrame, unknown: float = 1.0) -> pd.DataFrame:
    return posteriors(scored.assign(slope=1.0, unknown=unknown)).drop_duplicates("row").set_index("row")


def test_the_posterior_counts_the_rival() -> None:
    """Weights 3 and 1 are odds of 8 and 2; with 1 for nobody on record the best has 8 of 11."""
    scored = pd.DataFrame({"row": [2, 2], "person_id": [7, 9], "weight": [1.0, 3.0]})
    best = best_candidates(scored)
    assert best.index.to_list() == [2]
    assert best.loc[2, "person_id"] == 9
    assert best.loc[2, "posterior"] == pytest.approx(8 / 11, abs=1e-12)


def test_a_person_counts_once_by_the_best_of_their_names() -> None:
    """Names with weights 2 and 0 are one person with odds of 4, not a person with a rival."""
    scored = pd.DataFrame({"row": [2, 2], "person_id": [7, 7], "weight": [2.0, 0.0]})
    assert best_candidates(scored).loc[2, "posterior"] == pytest.approx(4 / 5, abs=1e-12)


def test_rows_are_judged_apart_from_each_other() -> None:
    scored = pd.DataFrame({"row": [2, 3], "person_id": [7, 7], "weight": [0.0, 2.0]})
    assert best_candidates(scored)["posterior"].to_dict() == {2: 1 / 2, 3: 4 / 5}


def test_two_certain_rivals_leave_half_a_chance_each_and_no_error_of_size() -> None:
    scored = pd.DataFrame({"row": [2, 2], "person_id": [7, 9], "weight": [5000.0, 4000.0]})
    assert best_candidates(scored).loc[2, "posterior"] == pytest.approx(1 / 2, abs=1e-12)


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
def test_a_tie_goes_to_the_smaller_number_whatever_the_order_of_rows(order: list[int]) -> None:
    scored = pd.DataFrame({"row": [3, 3, 2, 2], "person_id": [9, 7, 12, 11], "weight": [1.5, 1.5, 2.0, 2.0]})
    best = best_candidates(scored.iloc[order].reset_index(drop=True))
    assert best["person_id"].to_dict() == {2: 11, 3: 7}


# ---------------------------------------------------------------- forty people


@pytest.mark.parametrize("how", WRITTEN)
def test_a_person_is_found_when_written(everyone, how: str) -> None:
    row = list(WRITTEN).index(how) + 2
    assert everyone.links.loc[row, "person_id"] == WRITTEN[how][1]
    assert everyone.links.loc[row, "posterior"] >= LINK_AT


@pytest.mark.parametrize("what", NOT_FOUND)
def test_a_person_is_not_found_by(everyone, what: str) -> None:
    row = len(WRITTEN) + list(NOT_FOUND).index(what) + 2
    assert pd.isna(everyone.links.loc[row, "person_id"])
    assert everyone.links.loc[row, "posterior"] < LINK_AT


def test_every_row_has_an_answer_and_the_rate_is_their_share(everyone) -> None:
    assert everyone.links.index.to_list() == list(range(2, 2 + len(WRITTEN) + len(NOT_FOUND)))
    assert everyone.rate == 18 / 24


def test_an_exact_name_and_birthday_leaves_little_doubt(everyone) -> None:
    assert everyone.links.loc[2, "posterior"] > 0.99
    assert not everyone.links.loc[2, "review"]


def test_two_people_of_one_name_and_birthday_are_never_told_apart_by_chance(
    tmp_path: Path, tiny_store
) -> None:
    """Each has just under half; the pair goes to review and counts as not found."""
    found = linked(
        tmp_path, tiny_store, ["Smith", "John", "05/05/1988", "M", "", ""], WRITTEN["exactly"][0]
    ).links
    assert pd.isna(found.loc[2, "person_id"])
    assert found.loc[2, "posterior"] == pytest.approx(0.5, abs=0.001)
    assert found.loc[2, "posterior"] < 0.5
    assert found.loc[2, "review"]


def test_one_person_sent_several_times_is_found_as_the_same_person(tmp_path: Path, tiny_store) -> None:
    ways = ["exactly", "typo in the surname", "typo in the forename", "wrong gender"]
    found = linked(tmp_path, tiny_store, *(WRITTEN[way][0] for way in ways))
    assert found.links["person_id"].to_list() == [11, 11, 11, 11]


def test_the_order_of_the_submission_changes_nothing(tmp_path: Path, tiny_store, everyone) -> None:
    rows = [*(row for row, _ in WRITTEN.values()), *NOT_FOUND.values()]
    backwards = linked(tmp_path, tiny_store, *rows[::-1]).links.iloc[::-1].set_axis(everyone.links.index)
    pd.testing.assert_frame_equal(backwards, everyone.links)


def test_who_else_is_submitted_changes_nothing(tmp_path: Path, tiny_store, everyone) -> None:
    alone = linked(tmp_path, tiny_store, WRITTEN["nickname"][0]).links
    row = list(WRITTEN).index("nickname") + 2
    assert alone.loc[2].to_dict() == everyone.links.loc[row].to_dict()


def test_the_order_of_the_records_changes_nothing(tmp_path: Path, everyone, justice) -> None:
    from datalab_helpers.store import Store

    world = tiny.world()
    shuffled = {name: rows[::-1] for name, rows in world.items()}
    store = Store(tiny.write_records(tmp_path / "records", shuffled), justice)
    rows = [*(row for row, _ in WRITTEN.values()), *NOT_FOUND.values()]
    pd.testing.assert_frame_equal(linked(tmp_path / "r", store, *rows).links, everyone.links)


def test_nobody_found_is_an_error_that_says_what_to_check(tmp_path: Path, tiny_store) -> None:
    with pytest.raises(
        LinkageError, match=r"^none of the 2 submitted rows was found in the records; check that names"
    ) as caught:
        linked(tmp_path, tiny_store, NOT_FOUND["nobody like that"], NOT_FOUND["the surname alone"])
    assert "Zeal" not in str(caught.value)


def test_expected_wrong_links_are_the_doubt_in_those_found() -> None:
    from datalab_helpers.intake import LinkedPeople

    links = pd.DataFrame(
        {"person_id": pd.array([1, 2, pd.NA], dtype="Int64"), "posterior": [0.9, 0.7, 0.2], "review": True}
    )
    people = LinkedPeople(links, pd.DataFrame(), LINK_AT)
    assert people.expected_false == pytest.approx(0.2)
    assert people.rate == pytest.approx(2 / 3)


def test_what_a_notebook_shows_has_counts_and_no_name(everyone) -> None:
    shown = everyone._repr_html_()
    assert "<b>18 of 24 rows found</b> (75 %), 11 different people" in shown
    assert not any(row["surname"] in shown for row in tiny.world()["people"])
