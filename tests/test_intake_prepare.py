"""Records made ready once: the same links as without, and never from a file that no longer fits."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import tiny

from datalab_helpers.errors import DataContractError, Fault, LockError
from datalab_helpers.intake import check_prepared, link, prepare, prepare_records, read_submission
from datalab_helpers.lab import load_lab
from datalab_helpers.request import load_request
from datalab_helpers.run import ROOT, records_sha256
from datalab_helpers.store import PREPARED, Store

RECORDS = ROOT / "data/synthetic/records"
SURNAMES = [row["surname"] for row in tiny.world()["people"]]
MEND = "run `datalab prepare` on this folder again"


@pytest.fixture
def records(tmp_path: Path) -> Path:
    return tiny.write_records(tmp_path / "records")


@pytest.fixture
def ready(records: Path, justice) -> Path:
    prepare_records(records, justice)
    return records


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory):
    request = tiny.request_for(tmp_path_factory.mktemp("request"))
    return request, read_submission(request)


def links(folder: Path, sent) -> pd.DataFrame:
    request, participants = sent
    return link(request, Store(folder, load_lab("justice")), participants).links


def is_fresh(folder: Path) -> bool:
    check_prepared(Store(folder, load_lab("justice")))
    return (folder / PREPARED).is_file()


def refusal(folder: Path, sent) -> str:
    with pytest.raises(DataContractError) as caught:
        links(folder, sent)
    assert not any(name in str(caught.value) for name in SURNAMES)
    assert caught.value.__cause__ is None
    assert MEND in str(caught.value)
    return str(caught.value)


def alter(folder: Path, sql: str) -> None:
    with duckdb.connect(folder / PREPARED) as db:
        db.execute(sql)


# ---------------------------------------------------------------- the same links


def test_prepared_records_give_the_very_links_that_unprepared_ones_give(records: Path, sent, justice) -> None:
    without = links(records, sent)
    prepare_records(records, justice)
    pd.testing.assert_frame_equal(links(records, sent), without, check_exact=True)


def test_an_example_request_is_linked_alike_with_and_without(tmp_path: Path, justice) -> None:
    place = tmp_path / "national"
    shutil.copytree(RECORDS, place, ignore=shutil.ignore_patterns("*.duckdb*"))
    request = load_request(ROOT / "data/synthetic/requests/second-start")
    people = request, read_submission(request)
    without = links(place, people)
    prepare_records(place, justice)
    pd.testing.assert_frame_equal(links(place, people), without, check_exact=True)


def test_the_prepared_file_is_what_is_read(ready: Path, sent) -> None:
    """Without this, the tests above would pass with a file that nobody opens."""
    alter(ready, "UPDATE names SET person_id = person_id + 5000")
    assert links(ready, sent)["person_id"].min() > 5000


def test_several_may_read_one_file_at_a_time(ready: Path, justice) -> None:
    question = "SELECT people FROM register_size"
    stores = [Store(ready, justice) for _ in range(2)]
    assert [store.look_up(prepare.recipe(justice), question)["people"][0] for store in stores] == [
        len(SURNAMES)
    ] * 2


def test_a_look_up_gives_memory_back_to_what_comes_after(ready: Path, sent, justice) -> None:
    store = Store(ready, justice)

    def limit() -> str:
        return store._db.sql("SELECT current_setting('memory_limit')").fetchall()[0][0]

    before = limit()
    link(sent[0], store, sent[1])
    assert limit() == before


def test_candidates_are_the_same_whatever_the_order_of_the_records(tmp_path: Path, sent) -> None:
    shuffled = {name: rows[::-1] for name, rows in tiny.world().items()}
    found = []
    for name, tables in (("a", None), ("b", shuffled)):
        folder = tiny.write_records(tmp_path / name, tables)
        prepare_records(folder, load_lab("justice"))
        found.append(links(folder, sent))
    pd.testing.assert_frame_equal(*found, check_exact=True)


# ---------------------------------------------------------------- what is in it


def test_each_name_on_record_is_a_row_and_frequencies_are_over_people(ready: Path) -> None:
    world = tiny.world()
    with duckdb.connect(ready / PREPARED, read_only=True) as db:
        aliases = db.sql("SELECT alias, count(*) FROM names GROUP BY 1 ORDER BY 1").fetchall()
        assert aliases == [(0, len(world["people"])), (1, len(world["aliases"]))]
        smiths = sum(row["surname"] == "Smith" for row in world["people"]) / len(world["people"])
        assert db.sql("SELECT tf_surname FROM surnames WHERE surname = 'SMITH'").fetchall() == [(smiths,)]
        assert db.sql("SELECT count(*) FROM surnames WHERE surname = 'NORTON'").fetchall() == [(0,)]


def test_names_are_standardised_and_rooted(ready: Path) -> None:
    with duckdb.connect(ready / PREPARED, read_only=True) as db:
        rows = db.sql(
            "SELECT surname, forename, born FROM names WHERE person_id IN (204, 205) ORDER BY person_id"
        )
        assert rows.fetchall() == [
            ("OLEARY", "SIOBHAN", "19910119"),
            ("THORNTON HUGHES", "MEGAN", "19860808"),
        ]


def test_a_missing_part_gives_no_key(tmp_path: Path, justice) -> None:
    """Otherwise all people without a PNC ID would be candidates of each other."""
    world = tiny.world()
    world["people"][0] |= {"surname": None}
    folder = tiny.write_records(tmp_path / "records", world)
    prepare_records(folder, justice)
    with duckdb.connect(folder / PREPARED, read_only=True) as db:
        [row] = (
            db.sql(f"SELECT {', '.join(prepare.KEYS)} FROM names WHERE person_id = 1").df().to_dict("records")
        )
        filled = db.sql("SELECT count(by_pnc_id) FROM names").fetchall()
    assert filled == [(2,)]
    assert {name for name, value in row.items() if not pd.isna(value)} == {"by_root_born"}


def test_rows_are_sorted_by_birthday_and_name(ready: Path) -> None:
    with duckdb.connect(ready / PREPARED, read_only=True) as db:
        rows = db.sql("SELECT born, surname, forename FROM names ORDER BY rowid").fetchall()
    assert rows == sorted(rows)


# ---------------------------------------------------------------- stale


def test_changed_records_are_noticed_and_preparing_again_mends_it(ready: Path, sent, justice) -> None:
    world = tiny.world()
    world["people"].pop()
    tiny.write_records(ready, world)
    told = refusal(ready, sent)
    assert "people.parquet has changed since it was made" in told
    assert "aliases.parquet" not in told
    prepare_records(ready, justice)
    assert is_fresh(ready)


def test_a_change_that_keeps_the_size_is_noticed(ready: Path, sent) -> None:
    path = ready / "aliases.parquet"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"Norton", b"Nortin"))
    assert path.stat().st_size == len(content)
    assert "aliases.parquet has changed" in refusal(ready, sent)


def test_a_copied_folder_stays_fresh(ready: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(ready, copy, copy_function=shutil.copyfile)
    assert is_fresh(copy)


def test_a_change_of_tables_that_linking_does_not_read_leaves_it_fresh(ready: Path) -> None:
    world = tiny.world()
    before = {name: (ready / f"{name}.parquet").stat() for name in ("people", "aliases")}
    world["offences"] = []
    tiny.write_records(ready, world)
    assert all((ready / f"{name}.parquet").stat().st_size == was.st_size for name, was in before.items())
    assert is_fresh(ready)


def test_other_rules_are_noticed(ready: Path, sent, monkeypatch) -> None:
    monkeypatch.setattr(prepare, "NAMES", prepare.NAMES.replace("ORDER BY born,", "ORDER BY root, born,"))
    assert "by other rules of standardising names or with other nicknames" in refusal(ready, sent)


def test_another_duckdb_is_noticed(ready: Path, sent) -> None:
    alter(ready, f"""UPDATE manifest SET content = replace(content, '"{duckdb.__version__}"', '"1.0.0"')""")
    assert f"made by another version than DuckDB {duckdb.__version__}" in refusal(ready, sent)


# ---------------------------------------------------------------- broken or foreign


@pytest.mark.parametrize(
    "content",
    [b"", b"not a database", b"\0" * 40_000, None],
    ids=["empty", "text", "zeros", "cut short"],
)
def test_a_broken_file_is_refused_plainly(ready: Path, sent, content: bytes | None) -> None:
    path = ready / PREPARED
    path.write_bytes(path.read_bytes()[:20_000] if content is None else content)
    assert "it cannot be read as prepared records" in refusal(ready, sent)


def test_a_database_of_something_else_is_refused_plainly(records: Path, sent) -> None:
    alter(records, "CREATE TABLE names AS SELECT 'Abbot' AS surname")
    assert "it cannot be read as prepared records" in refusal(records, sent)


def test_a_file_that_lost_rows_is_refused(ready: Path, sent) -> None:
    alter(ready, "DELETE FROM names WHERE person_id = 1")
    assert "its tables are not whole" in refusal(ready, sent)


def test_a_refused_file_is_refused_again_by_the_same_store(ready: Path, sent, justice) -> None:
    (ready / PREPARED).write_bytes(b"not a database")
    store = Store(ready, justice)
    for _ in range(2):
        with pytest.raises(DataContractError, match="cannot be used"):
            link(sent[0], store, sent[1])


# ---------------------------------------------------------------- whole or not at all


def test_a_failed_preparation_leaves_the_old_file_and_no_scraps(ready: Path, justice, monkeypatch) -> None:
    before = tiny.tree(ready)
    monkeypatch.setattr(prepare, "NAMES", prepare.NAMES.replace("FROM rooted", "FROM Abbot"))
    with pytest.raises(Fault) as caught:
        prepare_records(ready, justice)
    assert "Abbot" not in str(caught.value)
    assert tiny.tree(ready) == before


def test_a_preparation_killed_half_way_leaves_the_old_file_whole(ready: Path, justice) -> None:
    """Killed when its tables are written but the file has not taken its place."""
    before = (ready / PREPARED).read_bytes()
    code = f"""
import time
from pathlib import Path
from datalab_helpers.intake import prepare_records
from datalab_helpers.lab import load_lab
from datalab_helpers.store import prepared
def stop(*_):
    print("here", flush=True)
    time.sleep(60)
prepared.os.fsync = stop
prepare_records(Path({str(ready)!r}), load_lab("justice"))
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        with pytest.raises(LockError, match="another process is preparing"):
            prepare_records(ready, justice)
        os.kill(process.pid, signal.SIGKILL)
    assert (ready / f".{PREPARED}.aside").is_file()
    assert (ready / PREPARED).read_bytes() == before
    assert is_fresh(ready)
    prepare_records(ready, justice)
    assert not (ready / f".{PREPARED}.aside").exists()


def test_records_that_change_while_they_are_prepared_are_refused(records: Path, justice, monkeypatch) -> None:
    from datalab_helpers.store import prepared

    def cook(*arguments) -> None:
        os.utime(records / "people.parquet", ns=(time.time_ns(), 1))
        original(*arguments)

    original = prepared.Recipe.cook
    monkeypatch.setattr(prepared.Recipe, "cook", cook)
    with pytest.raises(DataContractError, match="changed while they were prepared"):
        prepare_records(records, justice)
    assert not (records / PREPARED).exists()


# ---------------------------------------------------------------- what it is no part of


def test_the_hash_of_the_records_does_not_count_what_was_made_from_them(records: Path, justice) -> None:
    before = records_sha256(records)
    prepare_records(records, justice)
    assert records_sha256(records) == before
    (records / "extract.json").write_text('{"extract_date": "2023-12-30"}', encoding="utf-8")
    assert records_sha256(records) != before


def test_the_prepared_file_is_never_committed() -> None:
    ignored = subprocess.run(
        ["git", "check-ignore", f"data/synthetic/records/{PREPARED}"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert ignored.returncode == 0 or not (ROOT / ".git").exists()


# ---------------------------------------------------------------- the command


def test_the_command_says_what_it_made(datalab, records: Path) -> None:
    code, out, err = datalab("prepare", records, "--json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert answer["prepared"] == str(records / PREPARED)
    assert answer["rows"]["names"] == len(SURNAMES) + len(tiny.ALIASES)
    code, out, err = datalab("prepare", records)
    assert (code, out) == (0, f"{records / PREPARED}\n")
    assert not any(name in out + err for name in SURNAMES)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "there is no folder of central records"),
        (["--lab", "general"], "has no people to find"),
        (["--lab", "health"], "the labs are general, justice"),
    ],
)
def test_what_cannot_be_prepared_ends_with_code_2(datalab, tmp_path: Path, arguments, told: str) -> None:
    code, _, err = datalab("prepare", tmp_path / "none", *arguments)
    assert code == 2
    assert told in err
    assert not (tmp_path / "none").exists()


def test_a_run_on_stale_records_ends_with_code_2_before_anything_is_written(
    datalab, ready: Path, tmp_path: Path
) -> None:
    folder = tiny.write_request(tmp_path / "request")
    tiny.write_records(ready, tiny.world() | {"aliases": []})
    before = tiny.tree(tmp_path)
    places = ["--records", ready, "--reports", tmp_path / "r", "--runs", tmp_path / "w"]
    code, out, err = datalab("run", folder, *places)
    assert (code, out) == (2, "")
    assert "aliases.parquet has changed" in err
    assert MEND in err
    assert tiny.tree(tmp_path) == before
