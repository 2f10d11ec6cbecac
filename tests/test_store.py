"""The one door to records: nothing later than it should be comes out of it, and no value in an error."""

from __future__ import annotations

import hashlib
import math
import traceback
from pathlib import Path

import pandas as pd
import pytest
import tiny

from datalab_helpers.errors import DataContractError, Fault, LockError, RequestError
from datalab_helpers.lab import load_lab
from datalab_helpers.store import Seal, Store, TableStore, open_store

# unit, time zero; each person of these tests has only the offences that the test gives them.
UNIT = 77


def store_with(folder: Path, offences: list[dict] | None = None, **tables: list[dict]) -> Store:
    world = tiny.world() | tables
    if offences is not None:
        world["offences"] = offences
    return Store(tiny.write_records(folder / "records", world), load_lab("justice"))


def seal_of(folder: Path) -> Seal:
    plan = folder / "plan.json"
    plan.write_text('{"primary": "reoffended"}', encoding="utf-8")
    return Seal(plan, hashlib.sha256(plan.read_bytes()).hexdigest())


def units(*time_zeros: str, person: int = 1) -> pd.DataFrame:
    return pd.DataFrame(
        {"unit_id": range(1, len(time_zeros) + 1), "person_id": person, "time_zero": tiny.days(*time_zeros)}
    )


def followed(folder: Path, time_zero: str, *offences: dict) -> pd.Series:
    """The measures of one person with these offences, followed from time zero."""
    store = store_with(folder, list(offences))
    return store.follow_up(units(time_zero), seal_of(folder)).loc[1]


def events(index_date: str, time_zero: str | None = None, person: int = 1) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "event_id": [UNIT],
            "person_id": [person],
            "index_date": tiny.days(index_date),
            "time_zero": tiny.days(time_zero or index_date),
            "kind": ["custody_release"],
        }
    )


# ---------------------------------------------------------------- what was known on the index date


@pytest.mark.parametrize(
    ("table", "shown", "on_the_day", "day_before"),
    [
        ("offences", "offence_id", [5001, 5002, 5003, 5004, 5005], [5001, 5002, 5003, 5004]),
        ("sentences", "sentence_id", [1001, 1021, 1022, 1023], [1001, 1021, 1022, 1023]),
        (
            "assessments",
            "assessed_on::varchar",
            ["2019-05-01", "2020-10-01"],
            ["2019-05-01", "2020-10-01"],
        ),
        (
            "employment",
            "start_date::varchar",
            ["2018-01-01", "2020-01-01", "2021-04-01"],
            ["2018-01-01", "2020-01-01"],
        ),
    ],
)  # fmt: skip
def test_a_row_is_known_from_its_own_day_on(
    tiny_store, table: str, shown: str, on_the_day, day_before
) -> None:
    """Offence 5005 of person 1 was proven, and a benefit began, on 1 April 2021."""
    query = f"SELECT {shown} AS it FROM {table} ORDER BY it"
    [found] = tiny_store.known(events("2021-04-01"), [query])
    assert list(found["it"]) == on_the_day
    [found] = tiny_store.known(events("2021-03-31"), [query])
    assert list(found["it"]) == day_before


def test_an_end_that_lies_after_the_index_date_is_hidden(tiny_store) -> None:
    """Person 2's benefit ran from 1 March to 1 September 2021; the sentence of 20 February ended on 20 April."""
    spell = "SELECT end_date FROM employment"
    release = "SELECT released_on FROM sentences WHERE sentence_id = 1003"
    before = tiny_store.known(events("2021-04-19", person=2), [spell, release])
    assert [frame.iloc[0, 0] for frame in before] == [pd.NaT, pd.NaT]
    on_the_day = tiny_store.known(events("2021-09-01", person=2), [spell, release])
    assert [str(frame.iloc[0, 0].date()) for frame in on_the_day] == ["2021-09-01", "2021-04-20"]


def test_what_was_committed_after_the_index_date_is_never_known(tmp_path: Path) -> None:
    """What a caution was given for may carry its date: that is history. The day after is not."""
    store = store_with(
        tmp_path,
        [
            tiny.offence(1, 1, "2021-02-28", "2021-03-01"),
            tiny.offence(2, 1, "2021-03-01", "2021-03-01", how_proven="caution"),
            tiny.offence(3, 1, "2021-03-02", "2021-03-02", how_proven="caution"),
        ],
    )
    [found] = store.known(events("2021-03-01"), ["SELECT offence_id FROM offences"])
    assert sorted(found["offence_id"]) == [1, 2]


def test_each_event_has_its_own_cut(tiny_store) -> None:
    two = pd.concat([events("2012-12-31"), events("2018-12-31").assign(event_id=78)])
    [found] = tiny_store.known(two, ["SELECT event_id, count(*) AS n FROM offences GROUP BY 1 ORDER BY 1"])
    assert found.to_dict("list") == {"event_id": [77, 78], "n": [1, 3]}


def test_nothing_of_one_look_is_left_for_the_next(tiny_store) -> None:
    tiny_store.known(events("2023-01-01"), ["SELECT 1"])
    with pytest.raises(Fault, match="CatalogException"):
        tiny_store.identify("SELECT * FROM cut.offences")


def test_nobody_gives_empty_answers(tiny_store) -> None:
    [found] = tiny_store.known(events("2021-03-01").iloc[:0], ["SELECT event_id FROM offences"])
    assert found.empty


# ---------------------------------------------------------------- between index date and time zero


@pytest.mark.parametrize(
    ("committed", "proven", "how", "expected"),
    [
        ("2021-01-31", "2021-02-02", "court", False),  # before the index date
        ("2021-02-01", "2021-02-10", "court", False),  # on it: part of what led to the event
        ("2021-02-02", "2021-02-10", "court", True),  # the day after
        ("2021-03-31", "2021-06-01", "caution", True),
        ("2021-04-01", "2021-06-01", "court", True),  # on time zero: still before follow-up
        ("2021-04-02", "2021-06-01", "court", False),  # the day after: that is the outcome
        ("2021-03-01", "2022-10-01", "court", True),  # proven when eighteen months are over
        ("2021-03-01", "2022-10-02", "court", False),  # a day too late
        ("2021-03-01", "2021-03-01", "penalty notice", False),
    ],
)
def test_reoffending_before_time_zero_is_judged_by_day(tmp_path, committed, proven, how, expected) -> None:
    store = store_with(tmp_path, [tiny.offence(1, 1, committed, proven, how_proven=how)])
    found = store.happened_before(events("2021-02-01", "2021-04-01"))
    assert found.to_dict() == {UNIT: expected}


def test_nobody_can_have_reoffended_when_time_zero_is_the_index_date(tmp_path: Path) -> None:
    store = store_with(tmp_path, [tiny.offence(1, 1, "2021-02-02", "2021-02-10")])
    assert not store.happened_before(events("2021-02-01")).any()


# ---------------------------------------------------------------- follow-up


@pytest.mark.parametrize(
    ("time_zero", "committed", "counts"),
    [
        ("2021-03-01", "2021-02-28", 0),
        ("2021-03-01", "2021-03-01", 0),  # the day of time zero
        ("2021-03-01", "2021-03-02", 1),  # the first day of follow-up
        ("2021-03-01", "2022-03-01", 1),  # the last: the same day a year later
        ("2021-03-01", "2022-03-02", 0),
        ("2019-12-31", "2020-12-31", 1),  # a leap year has 366 days, and all of them count
        ("2019-12-31", "2021-01-01", 0),
        ("2020-02-29", "2021-02-28", 1),  # the year from a leap day ends with 28 February
        ("2020-02-29", "2021-03-01", 0),
        ("2019-02-28", "2020-02-28", 1),
        ("2019-02-28", "2020-02-29", 0),
    ],
)
def test_follow_up_is_twelve_calendar_months_from_time_zero(tmp_path, time_zero, committed, counts) -> None:
    found = followed(tmp_path, time_zero, tiny.offence(1, 1, committed, committed))
    assert found["reoffended"] == counts
    assert found["reoffences"] == counts


@pytest.mark.parametrize(
    ("time_zero", "proven", "counts"),
    [
        ("2021-03-01", "2022-09-01", 1),  # the last day of eighteen months
        ("2021-03-01", "2022-09-02", 0),
        ("2020-02-29", "2021-08-29", 1),  # from a leap day
        ("2020-02-29", "2021-08-30", 0),
        ("2020-08-31", "2022-02-28", 1),  # to the end of a short month
        ("2020-08-31", "2022-03-01", 0),
    ],
)
def test_a_reoffence_must_be_proven_within_eighteen_months(tmp_path, time_zero, proven, counts) -> None:
    committed = str((pd.Timestamp(time_zero) + pd.Timedelta(days=30)).date())
    assert followed(tmp_path, time_zero, tiny.offence(1, 1, committed, proven))["reoffended"] == counts


@pytest.mark.parametrize(("how", "counts"), [("court", 1), ("caution", 1), ("penalty notice", 0)])
def test_court_and_caution_prove_a_reoffence_and_a_penalty_notice_does_not(tmp_path, how, counts) -> None:
    offence = tiny.offence(1, 1, "2021-05-01", "2021-06-01", how_proven=how)
    assert followed(tmp_path, "2021-03-01", offence)["reoffended"] == counts


def test_every_measure_of_one_reoffender_by_hand(tmp_path: Path) -> None:
    """Two on day 10 (the smaller number is the first), one each on day 50 and day 60, one too late."""
    found = followed(
        tmp_path,
        "2021-03-01",
        tiny.offence(4, 1, "2021-04-30", "2021-08-01", **{"class": "indictable", "sentence": "custody"}),
        tiny.offence(3, 1, "2021-04-20", "2021-08-01", **{"class": "indictable", "sentence": "custody"}),
        tiny.offence(2, 1, "2021-03-11", "2021-08-01", **{"class": "summary", "sentence": "custody"}),
        tiny.offence(1, 1, "2021-03-11", "2021-08-01", **{"class": "either way", "sentence": "community"}),
        tiny.offence(5, 1, "2022-03-05", "2022-08-01", **{"class": "indictable", "sentence": "custody"}),
    )
    assert found.to_dict() == {
        "reoffended": 1,
        "reoffences": 4,
        "days_to_first": 10,
        "first_indictable": 0,
        "first_either_way": 1,
        "first_summary": 0,
        "count_indictable": 2,
        "count_either_way": 1,
        "count_summary": 1,
        "first_custody": 0,
        "count_custody": 3,
    }


def test_a_person_without_a_reoffence_has_two_zeros_and_no_value_among_reoffenders(tmp_path: Path) -> None:
    found = followed(tmp_path, "2021-03-01").to_dict()
    assert (found.pop("reoffended"), found.pop("reoffences")) == (0, 0)
    assert len(found) == 9
    assert all(math.isnan(value) for value in found.values())


def test_one_person_in_two_units_is_followed_from_each_time_zero(tmp_path: Path) -> None:
    store = store_with(tmp_path, [tiny.offence(1, 1, "2021-06-09", "2021-07-01")])
    found = store.follow_up(units("2021-03-01", "2021-06-01", "2021-07-01"), seal_of(tmp_path))
    assert list(found["reoffended"]) == [1, 1, 0]
    assert found["days_to_first"].fillna(-1).to_list() == [100, 8, -1]


def test_follow_up_does_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    offences = [tiny.offence(n, 1, f"2021-03-{n + 10}", "2021-07-01") for n in range(1, 9)]
    one = store_with(tmp_path / "a", offences).follow_up(units("2021-03-01", "2021-04-01"), seal_of(tmp_path))
    other = store_with(tmp_path / "b", offences[::-1]).follow_up(
        units("2021-03-01", "2021-04-01").iloc[[1, 0]], seal_of(tmp_path)
    )
    pd.testing.assert_frame_equal(one, other)


# ---------------------------------------------------------------- the seal


def test_outcomes_stay_closed_without_a_plan(tiny_store, tmp_path: Path) -> None:
    with pytest.raises(LockError, match="no plan has been sealed; run 03_balance first"):
        tiny_store.follow_up(units("2021-03-01"), Seal(tmp_path / "plan.json", "0" * 64))


def test_outcomes_stay_closed_when_the_plan_was_changed(tiny_store, tmp_path: Path) -> None:
    seal = seal_of(tmp_path)
    assert len(tiny_store.follow_up(units("2021-03-01"), seal)) == 1
    seal.path.write_text('{"primary": "reoffences"}', encoding="utf-8")
    with pytest.raises(LockError, match="the sealed plan has been changed; run 03_balance again"):
        tiny_store.follow_up(units("2021-03-01"), seal)


WAYS_IN = [
    "SELECT * FROM read_parquet('{place}/offences.parquet')",
    "SELECT * FROM READ_PARQUET('{place}/offences.parquet')",
    "SELECT * FROM parquet_scan('{place}/offences.parquet')",
    "SELECT * FROM '{place}/offences.parquet'",
    "SELECT * FROM read_blob('{place}/offences.parquet')",
    "SELECT * FROM glob('{place}/*')",
    "SELECT * FROM whole_records.offences",
    'SELECT * FROM "Whole_Records"."offences"',
    "SELECT * FROM query('SELECT * FROM whole' || '_records.offences')",
    "SELECT * FROM query_table('whole' || '_records.offences')",
    "SELECT * FROM information_schema.tables",
    "SELECT sql FROM duckdb_views()",
    "ATTACH '{place}/x.db'",
    "COPY people TO '{place}/people.csv'",
    "SET threads = 4",
    "DROP VIEW register.people",
    "CREATE TABLE kept AS SELECT * FROM people",
    "SELECT 1; DROP VIEW register.people",
]


@pytest.mark.parametrize("sql", WAYS_IN)
def test_no_query_reaches_whole_tables_files_or_settings(tmp_path: Path, sql: str) -> None:
    store = store_with(tmp_path)
    before = tiny.tree(tmp_path)
    sql = sql.format(place=store.folder)
    with pytest.raises(LockError, match="only what the stage may see is open to it"):
        store.identify(sql)
    with pytest.raises(LockError):
        store.known(events("2021-03-01"), [sql])
    assert tiny.tree(tmp_path) == before
    assert len(store.identify("SELECT * FROM people")) == 40


def test_looking_for_people_cannot_see_the_table_of_outcomes(tiny_store) -> None:
    with pytest.raises(Fault, match="CatalogException"):
        tiny_store.identify("SELECT * FROM offences")


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT CAST(surname AS INTEGER) FROM people",
        "SELECT CAST(surname AS DATE) FROM asked",
        "SELECT error(surname) FROM people WHERE person_id = 11",
        "SELECT nonsense FROM people WHERE surname = 'Kirkby'",
        "SELECT FROM WHERE 'Kirkby'",
    ],
)
def test_the_text_of_a_database_error_never_reaches_the_caller(tiny_store, sql: str) -> None:
    asked = pd.DataFrame({"surname": ["Kirkby"]})
    with pytest.raises(Fault) as caught:
        tiny_store.identify(sql, asked=asked)
    told = "".join(traceback.format_exception(caught.value))
    assert not any(row["surname"] in told for row in tiny.world()["people"])
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert str(caught.value).startswith("datalab_helpers.store.records.identify: ")


def test_a_failed_query_leaves_the_store_usable(tiny_store) -> None:
    with pytest.raises(Fault):
        tiny_store.identify("SELECT CAST(surname AS INTEGER) FROM people")
    assert tiny_store.identify("SELECT count(*) AS n FROM people")["n"][0] == 40


def test_a_lab_without_follow_up_serves_tables_only(tmp_path: Path) -> None:
    (tmp_path / "extract.json").write_text('{"extract_date": "2023-12-31"}', encoding="utf-8")
    with pytest.raises(RequestError, match="it serves analysis tables only"):
        _ = Store(tmp_path, load_lab("general")).rule


def test_an_apostrophe_in_the_folder_is_no_end_of_a_text(tmp_path: Path) -> None:
    assert len(store_with(tmp_path / "o'brien's").identify("SELECT * FROM people")) == 40


# ---------------------------------------------------------------- an analysis table


def table_request(folder: Path, text: str = "person,took_part,age,earnings\nb,0,40,7\na,1,30,5\n"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "people.csv").write_text(text, encoding="utf-8")
    table = {
        "file": "people.csv",
        "id": "person",
        "treatment": "took_part",
        "covariates": {"age": "continuous"},
        "outcomes": [{"name": "earnings", "label": "Earnings", "kind": "continuous", "good": "higher"}],
    }
    return tiny.request_for(
        folder,
        submission=None,
        index_event=None,
        table=table,
        lab="general",
        outcome={"primary": "earnings"},
    )


def test_the_design_of_an_analysis_table_has_no_outcome_column(tmp_path: Path) -> None:
    store = open_store(table_request(tmp_path), tmp_path)
    assert isinstance(store, TableStore)
    expected = pd.DataFrame(
        {"took_part": [1, 0], "age": [30, 40]}, index=pd.Index(["a", "b"], name="unit_id")
    )
    pd.testing.assert_frame_equal(store.design(), expected, check_index_type=False)


def test_the_outcomes_of_an_analysis_table_need_the_seal(tmp_path: Path) -> None:
    store = TableStore(table_request(tmp_path / "request"))
    wanted = pd.DataFrame({"unit_id": ["b", "a"]})
    with pytest.raises(LockError, match="no plan has been sealed"):
        store.follow_up(wanted, Seal(tmp_path / "plan.json", ""))
    found = store.follow_up(wanted, seal_of(tmp_path))
    assert found["earnings"].to_dict() == {"a": 5, "b": 7}


def test_columns_that_an_analysis_table_lacks_are_all_told(tmp_path: Path) -> None:
    with pytest.raises(DataContractError) as caught:
        TableStore(table_request(tmp_path, "person,town\na,Leeds\n"))
    assert str(caught.value).splitlines() == [
        "people.csv lacks columns the request names:",
        "  - column `took_part` is missing",
        "  - column `age` is missing",
        "  - column `earnings` is missing",
        "  - the columns found are person, town",
    ]


def test_a_person_twice_in_an_analysis_table_is_refused_by_count(tmp_path: Path) -> None:
    store = TableStore(table_request(tmp_path, "person,took_part,age,earnings\nzz,1,30,5\nzz,0,30,5\n"))
    with pytest.raises(DataContractError, match="column `person` has 1 values repeated") as caught:
        store.design()
    assert "zz" not in str(caught.value)
