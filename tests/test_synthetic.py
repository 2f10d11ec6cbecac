"""The invented world keeps its promises: contract, one law, planted effects, and the same bytes."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from pathlib import Path

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from datalab_helpers.synthetic import PROGRAMMES, generate, generate_world, law
from datalab_helpers.synthetic.draws import a_year_after, day
from datalab_helpers.synthetic.offences import CUSTODY, KINDS, SEXUAL
from datalab_helpers.synthetic.people import CHECK_LETTERS

ROOT = Path(__file__).parents[1]
COMMITTED = ROOT / "data" / "synthetic"
PEOPLE, SEED = 30_000, 2030
SECOND_START, BRIDGE_HOUSE, STRAIGHT_TALK, NEW_THREADS, SMALL_STEPS = range(5)
LAST_COMPLETE = "2023-06-30"  # a year of follow-up and half a year of waiting before the extract


@pytest.fixture(scope="module")
def world():
    return generate_world(PEOPLE, SEED)


@pytest.fixture(scope="module")
def big():
    return generate_world(200_000, 7)


@pytest.fixture(scope="module")
def records(world):
    connection = duckdb.connect()
    for name, table in world.records.items():
        connection.register(name, table)
    return connection


def with_outcome(world) -> pd.DataFrame:
    """Index events with complete follow-up, one-year outcome and its probability under the law."""
    events = world.events[world.events["index_date"] <= day(LAST_COMPLETE)].copy()
    window = a_year_after(events["index_date"].to_numpy()) - events["index_date"]
    events["y"] = events["days"] <= window
    events["p"] = law.probability(events["predictor"].to_numpy(), window.to_numpy())
    return events


def compared(world, number: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Participants of a programme with their index events, and the comparison pool."""
    programme = PROGRAMMES[number]
    events = with_outcome(world)
    joined = world.participants[world.participants["programme"] == number]
    treated = events[events["programme"] == number].merge(joined, on="person_id", suffixes=("", "_of_start"))
    first, last = (day(date) for date in programme.indexed)
    pool = events[
        (events["kind"] == programme.kind)
        & events["index_date"].between(first, last)
        & ~events["person_id"].isin(joined["person_id"])
    ]
    return treated, pool


def difference(treated: pd.Series, pool: pd.Series) -> tuple[float, float]:
    """Difference in means and the half-width of its 95 % interval."""
    return (
        treated.mean() - pool.mean(),
        1.96 * np.sqrt(treated.astype(float).var() / len(treated) + pool.astype(float).var() / len(pool)),
    )


def within_risk(treated: pd.DataFrame, pool: pd.DataFrame, y1: str, y: str) -> float:
    """Difference within tenths of the treated people's risk, averaged over the treated."""
    edges = np.quantile(treated["p"], np.linspace(0, 1, 11))
    edges[0], edges[-1] = -1, 2
    mine, theirs = (pd.cut(frame["p"], edges, labels=False) for frame in (treated, pool))
    gaps = treated[y1].groupby(mine).mean() - pool[y].groupby(theirs).mean()
    return float(np.average(gaps, weights=mine.value_counts().sort_index()))


# --- the contract of the records


def test_records_keep_the_contract_of_the_justice_lab(world):
    lab = yaml.safe_load((ROOT / "datalab_helpers" / "labs" / "justice.yml").read_text(encoding="utf-8"))
    types = {"integer": pa.types.is_integer, "date": pa.types.is_date32, "boolean": pa.types.is_boolean}
    assert set(world.records) == set(lab["tables"])
    for name, contract in lab["tables"].items():
        table = world.records[name]
        assert table.column_names == list(contract["columns"]), name
        for column, rule in contract["columns"].items():
            values = table[column].combine_chunks()
            kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
            assert types.get(rule["type"], pa.types.is_string)(kind), (name, column)
            assert values.null_count == 0 or rule.get("missing") == "allowed", (name, column)
            if "values" in rule:
                assert set(values.unique().to_pylist()) <= set(rule["values"]), (name, column)
        if "key" in contract:
            assert len(table[contract["key"]].unique()) == table.num_rows


def test_check_letters_and_numbers_are_valid_and_unique(world):
    people = world.records["people"]
    pnc = people["pnc_id"].to_pylist()
    assert len(set(pnc)) == len(pnc)
    for text in pnc[:5000]:
        year, serial, letter = re.fullmatch(r"(\d{4})/(\d{7})([A-Z])", text).groups()
        assert letter == CHECK_LETTERS[int(year[2:] + serial) % 23]
    prison = [text for text in people["prison_number"].to_pylist() if text]
    assert len(set(prison)) == len(prison)
    assert all(re.fullmatch(r"[A-Z]\d{4}[A-Z]{2}", text) for text in prison)


def test_strangers_seldom_share_a_name(world):
    people = world.records["people"].to_pandas()
    same = {name: (people[name].value_counts(normalize=True) ** 2).sum() for name in ("surname", "forename")}
    assert same["surname"] < 1.0e-3
    assert same["forename"] < 7e-3


@pytest.mark.parametrize(
    "impossible",
    [
        "SELECT * FROM offences WHERE offence_date > proven_date OR proven_date > DATE '2024-12-31'",
        "SELECT * FROM sentences WHERE released_on < sentenced_on OR sentenced_on > DATE '2024-12-31'",
        "SELECT * FROM sentences WHERE (released_on IS NOT NULL) AND kind <> 'custody'",
        (
            "SELECT * FROM sentences s WHERE NOT EXISTS (SELECT 1 FROM offences o WHERE o.person_id = s.person_id"
            " AND o.proven_date = s.sentenced_on AND o.sentence = s.kind AND o.offence_group = s.offence_group)"
        ),
        (
            "SELECT * FROM people JOIN sentences USING (person_id) WHERE coalesce(released_on, sentenced_on)"
            " BETWEEN DATE '2018-07-01' AND DATE '2024-12-31' AND date_of_birth > sentenced_on - INTERVAL 17 YEAR"
        ),
        "SELECT * FROM employment WHERE end_date < start_date",
        (
            "SELECT * FROM people WHERE (prison_number IS NOT NULL) <> (person_id IN"
            " (SELECT person_id FROM sentences WHERE kind = 'custody'))"
        ),
    ],
)
def test_nothing_impossible_is_recorded(records, impossible):
    assert records.sql(impossible).fetchall() == []


# --- the one law of outcomes


def test_covariates_of_the_law_can_be_counted_from_the_records(world, records):
    events = with_outcome(world).sample(4000, random_state=1)
    frame = events.assign(
        date=pd.to_datetime(events["index_date"], unit="D"), kind=np.array(KINDS)[events["kind"]]
    )
    records.register(
        "events", frame[["person_id", "date", "kind", "months", "cycle"]].reset_index(names="id")
    )
    seen = records.sql(
        """
        SELECT e.id,
            (SELECT count(*) FROM offences o
             WHERE o.person_id = e.person_id AND o.proven_date <= e.date) AS previous,
            (SELECT count(*) FROM sentences s WHERE s.person_id = e.person_id AND s.kind = 'custody'
             AND coalesce(s.released_on, DATE '2999-01-01') < e.date) AS previous_custody,
            (SELECT arg_max(a.drugs, a.assessed_on) FROM assessments a
             WHERE a.person_id = e.person_id AND a.assessed_on <= e.date) AS drugs,
            (SELECT arg_max(a.accommodation, a.assessed_on) FROM assessments a
             WHERE a.person_id = e.person_id AND a.assessed_on <= e.date) AS accommodation,
            EXISTS (SELECT 1 FROM employment w WHERE w.person_id = e.person_id AND w.kind = 'employment'
             AND w.start_date < e.date AND coalesce(w.end_date, e.date) >= e.date - INTERVAL 365 DAY) AS employed
        FROM events e
        """
    ).df()
    truth = events.loc[seen["id"]]
    for name in ("previous", "previous_custody", "employed"):
        assert (seen[name].to_numpy() == truth[name].to_numpy()).all(), name
    for name in ("drugs", "accommodation"):
        assert (seen[name].fillna(0).to_numpy() == truth[name].to_numpy()).all(), name
    assert (seen["drugs"].notna().to_numpy() == truth["assessed"].to_numpy()).all()


def test_outcomes_of_the_records_are_those_of_the_law(world, records):
    events = with_outcome(world)
    frame = events.assign(date=pd.to_datetime(events["index_date"], unit="D"))
    records.register("events", frame[["person_id", "date", "y"]])
    wrong = records.sql(
        """
        SELECT count(*) FROM (
            SELECT any_value(e.y) AS y, bool_or(o.offence_id IS NOT NULL) AS found
            FROM events e LEFT JOIN offences o
                ON o.person_id = e.person_id AND o.how_proven <> 'penalty notice'
                AND o.offence_date > e.date AND o.offence_date <= e.date + INTERVAL 12 MONTH
                AND o.proven_date <= e.date + INTERVAL 18 MONTH
            GROUP BY e.person_id, e.date
        ) WHERE y <> found
        """
    ).fetchall()
    assert wrong == [(0,)]


def test_late_proof_and_penalty_notices_would_change_the_rate_if_they_counted(world, records):
    events = with_outcome(world)
    frame = events.assign(date=pd.to_datetime(events["index_date"], unit="D"))
    records.register("events", frame[["person_id", "date"]])
    careless = records.sql(
        """
        SELECT avg(CASE WHEN EXISTS (SELECT 1 FROM offences o WHERE o.person_id = e.person_id
            AND o.offence_date > e.date AND o.offence_date <= e.date + INTERVAL 12 MONTH) THEN 1 ELSE 0 END)
        FROM events e
        """
    ).fetchall()[0][0]
    assert 0.012 < careless - events["y"].mean() < 0.05


@pytest.mark.parametrize("later", [False, True], ids=["first events", "later events"])
def test_every_index_event_obeys_one_law(big, later):
    events = with_outcome(big)
    events = events[(events["programme"] < 0) & ((events["cycle"] > 0) == later)]
    tenths = events.groupby(pd.qcut(events["p"], 10)).agg(p=("p", "mean"), y=("y", "mean"), n=("y", "size"))
    z = (tenths["y"] - tenths["p"]) / np.sqrt(tenths["p"] * (1 - tenths["p"]) / tenths["n"])
    assert (z.abs() < 3.5).all()
    assert (z**2).sum() < 29.6  # chi-squared on 10 degrees of freedom, 0.1 %


# --- published levels (England and Wales, proven reoffending statistics)


def test_rates_are_those_of_published_statistics(big):
    events = with_outcome(big)
    custody = events["kind"] == CUSTODY
    rate = events["y"]
    assert rate.mean() == pytest.approx(0.28, abs=0.015)
    assert rate[events["kind"] > 0].mean() == pytest.approx(0.35, abs=0.02)
    assert rate[custody & (events["months"] < 12)].mean() == pytest.approx(0.59, abs=0.02)
    assert rate[events["previous"] == 1].mean() == pytest.approx(0.105, abs=0.02)
    assert rate[events["previous"] > 11].mean() == pytest.approx(0.47, abs=0.03)
    assert rate[events["employed"]].mean() / rate[~events["employed"]].mean() == pytest.approx(0.5, abs=0.07)
    assert rate[events["accommodation"]].mean() - rate[~events["accommodation"]].mean() > 0.10
    by_age = rate.groupby(pd.cut(events["age"], [25, 30, 40, 50, 90])).mean()
    assert by_age.is_monotonic_decreasing
    assert 1 - events.loc[custody, "female"].mean() == pytest.approx(0.96, abs=0.01)
    assert 1 - events.loc[events["kind"] == 1, "female"].mean() == pytest.approx(0.85, abs=0.02)
    assert 0.04 < (events["group"] == SEXUAL).mean() < 0.06


def test_time_to_reoffence_is_as_published(big):
    events = with_outcome(big)
    days = events.loc[events["y"], "days"]
    assert 140 <= days.mean() <= 170
    assert 90 <= days.median() <= 130


def test_reoffences_per_reoffender_are_many_for_a_few(world, records):
    events = with_outcome(world)
    frame = events[events["y"]].assign(date=lambda rows: pd.to_datetime(rows["index_date"], unit="D"))
    records.register("events", frame[["person_id", "date"]])
    counts = records.sql(
        """
        SELECT count(*) AS n FROM events e JOIN offences o ON o.person_id = e.person_id
            AND o.how_proven <> 'penalty notice' AND o.offence_date > e.date
            AND o.offence_date <= e.date + INTERVAL 12 MONTH AND o.proven_date <= e.date + INTERVAL 18 MONTH
        GROUP BY e.person_id, e.date
        """
    ).df()["n"]
    assert 2.8 <= counts.mean() <= 3.5
    assert counts.quantile(0.99) >= 12


# --- planted effects


@pytest.mark.parametrize("number", [SECOND_START, STRAIGHT_TALK, NEW_THREADS])
def test_planted_effect_is_realised(big, number):
    people = big.participants[big.participants["programme"] == number]
    gain = people["y1"].astype(float) - people["y0"]
    assert gain.mean() == pytest.approx(people["effect"].mean(), abs=3 * gain.std() / np.sqrt(len(gain)))
    assert people["clipped"].mean() < 0.02
    assert people["y0"].mean() == pytest.approx(people["p0"].mean(), abs=3 * 0.5 / np.sqrt(len(people)))


def test_effect_is_the_same_for_low_and_high_risk(big):
    people = big.participants[big.participants["programme"] == SECOND_START]
    gain = people["y1"].astype(float) - people["y0"]
    for half in (people["p0"] <= people["p0"].median(), people["p0"] > people["p0"].median()):
        assert gain[half].mean() == pytest.approx(-0.08, abs=3 * gain.std() / np.sqrt(half.sum()))


@pytest.mark.parametrize("number", [SECOND_START, STRAIGHT_TALK, NEW_THREADS])
def test_naive_comparison_is_clearly_wrong(world, number):
    treated, pool = compared(world, number)
    naive, half_width = difference(treated["y1"], pool["y"])
    assert abs(naive - treated["effect"].mean()) > half_width


def test_right_clock_finds_what_the_wrong_clock_overstates(big):
    treated, pool = compared(big, SECOND_START)
    wrong = within_risk(treated, pool, "y", "y")
    delay = treated["start"] - treated["index_date"]
    band = pd.cut(delay, [0, 15, 30, 45, 60, 80, 100, 125, 150], labels=False)
    right = 0.0
    for number, group in treated.groupby(band):
        wait = int(delay[band == number].mean())
        able = pool[pool["days"] > wait]
        right += (
            len(group)
            / len(treated)
            * within_risk(group, able.assign(late=able["days"] <= wait + 365), "y1", "late")
        )
    truth = treated["effect"].mean()
    assert right == pytest.approx(truth, abs=0.03)
    assert wrong < truth - 0.04


def test_nobody_starts_after_a_reoffence_and_everyone_starts_in_the_programme(world):
    for number, programme in enumerate(PROGRAMMES):
        treated, _ = compared(world, number)
        began, ended = day(programme.began), day(programme.ended)
        assert treated["start"].between(began, ended).all()
        assert (treated["start"] < treated["index_date"] + treated["days"]).all()
        assert ((treated["start"] < treated["index_date"]) == programme.in_custody).all()
    assert world.participants["person_id"].is_unique


# --- submissions


def test_submissions_are_untidy_but_their_truth_is_kept(world):
    known = world.records["people"].to_pandas().set_index("person_id")
    sent = world.submissions["new-threads"]
    assert len(sent.table) == len(sent.links)
    rows = sent.links["person_id"].notna().to_numpy()
    table, truth = sent.table[rows], known.loc[sent.links.loc[rows, "person_id"]]
    tidy = table["surname"].str.strip().str.upper().to_numpy() == truth["surname"].str.upper().to_numpy()
    assert 0.84 < tidy.mean() < 0.95
    same_birth = table["date of birth"].to_numpy() == truth["date_of_birth"].to_numpy()
    assert 0.94 < same_birth.mean() < 0.99
    assert 0.40 < (table["PNC ID"] == "").mean() < 0.60
    assert 0.04 < 1 - rows.mean() < 0.09
    assert 0 < sent.links["repeat"].mean() < 0.05
    assert set(sent.table["completed"]) == {"yes", "no"}


def test_submission_rows_name_who_the_truth_says(world):
    for sent in world.submissions.values():
        assert list(sent.links["row"]) == list(range(1, len(sent.table) + 1))
        assert (sent.links["joined"] <= sent.links["person_id"].notna()).all()


# --- the committed sample


def test_same_seed_gives_the_same_bytes_as_committed(tmp_path):
    generate(PEOPLE, SEED, tmp_path)
    made = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*") if path.is_file()}
    assert len(made) >= 15
    for name, path in made.items():
        kept = COMMITTED / name
        if digest(path) == digest(kept):
            continue
        # Another release of the Parquet library may write other bytes, never other values.
        assert name.suffix == ".parquet", name
        assert pq.ParquetFile(path).metadata.created_by != pq.ParquetFile(kept).metadata.created_by, name
        assert pq.read_table(path).equals(pq.read_table(kept)), name


def test_committed_sample_is_small_and_complete():
    files = [path for path in COMMITTED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 6_000_000
    requests = {path.parent.name for path in (COMMITTED / "requests").glob("*/request.yml")}
    assert requests == {programme.folder for programme in PROGRAMMES} | {"lalonde"}
    for name in requests:
        request = yaml.safe_load((COMMITTED / "requests" / name / "request.yml").read_text(encoding="utf-8"))
        file = request["submission"] if "submission" in request else request["table"]["file"]
        assert (COMMITTED / "requests" / name / file).exists()


def test_workbook_has_real_dates():
    sheet = openpyxl.load_workbook(COMMITTED / "requests" / "second-start" / "participants.xlsx").active
    heading = [cell.value for cell in sheet[1]]
    born = [row[heading.index("Date Of Birth")] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert sum(isinstance(value, dt.datetime) for value in born) > 0.98 * len(born)


def test_readme_is_a_dictionary_of_every_column_and_effect():
    readme = (COMMITTED / "README.md").read_text(encoding="utf-8")
    lab = yaml.safe_load((ROOT / "datalab_helpers" / "labs" / "justice.yml").read_text(encoding="utf-8"))
    for name, table in lab["tables"].items():
        assert f"`{name}`" in readme
        for column in table["columns"]:
            assert f"`{column}`" in readme, (name, column)
    truth = json.loads((COMMITTED / "truth" / "truth.json").read_text(encoding="utf-8"))
    for folder, about in truth["requests"].items():
        for analysis, effect in about["analyses"].items():
            assert (
                f"| `{folder}` | {analysis} | {effect['people']} | {100 * effect['planted']:+.1f} |" in readme
            )


def test_small_worlds_and_worlds_without_programmes(tmp_path):
    generate(300, 1, tmp_path / "small")
    assert (tmp_path / "small" / "records" / "people.parquet").exists()
    alone = generate_world(300, 1, programmes=())
    assert alone.submissions == {}
    assert (alone.events["programme"] < 0).all()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
