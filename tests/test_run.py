"""A run keeps whole results or none, holds its folder alone, and opens outcomes by a sealed plan only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import tiny

from datalab_helpers import run as room
from datalab_helpers.errors import DataContractError, LockError, RequestError
from datalab_helpers.request import load_request
from datalab_helpers.run import STAGES, Run, one_at_a_time, sha256, write_bytes, write_json
from datalab_helpers.store import Store

HOLDER = """
import sys, time
from pathlib import Path
from datalab_helpers.run import one_at_a_time
with one_at_a_time(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@dataclass(frozen=True)
class Findings:
    people: pd.DataFrame
    notes: pd.DataFrame
    facts: dict[str, object]
    threshold: float


@pytest.fixture
def run(tmp_path: Path, tiny_records: Path) -> Run:
    folder = tmp_path / "runs" / "TINY-001"
    write_json(folder / "run.json", {"records": str(tiny_records)})
    return Run.open(str(tiny.write_request(tmp_path / "request")), str(folder))


@pytest.fixture
def findings() -> Findings:
    people = pd.DataFrame(
        {
            "person_id": [11, 12],
            "treated": [True, False],
            "score": [0.1 + 0.2, float("nan")],
            "time_zero": tiny.days("2021-03-01", "2020-02-29"),
            "region": ["Wales \u2013 Cymru", None],
        },
        index=pd.Index([1012, 1013], name="unit_id"),
    )
    return Findings(people, pd.DataFrame({"what": [], "count": []}), {"found": 18, "from": None}, 0.1 + 0.2)


# ---------------------------------------------------------------- whole files


def test_a_file_is_written_whole_with_nothing_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.json"
    write_json(path, {"b": "é", "a": 1})
    assert path.read_bytes() == '{\n "a": 1,\n "b": "é"\n}\n'.encode()
    assert [file.name for file in path.parent.iterdir()] == ["a.json"]


@pytest.mark.parametrize("dies_at", ["fsync", "replace"])
def test_a_writer_that_dies_leaves_the_old_file_as_it_was(tmp_path: Path, monkeypatch, dies_at: str) -> None:
    path = tmp_path / "report.html"
    write_bytes(path, b"old and whole")

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[dies_at], full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old and whole"


def test_a_file_left_by_a_dead_writer_does_not_stand_in_the_way(tmp_path: Path) -> None:
    (tmp_path / ".a.txt.aside").write_bytes(b"half of a much longer text")
    write_bytes(tmp_path / "a.txt", b"whole")
    assert (tmp_path / "a.txt").read_bytes() == b"whole"


def test_the_hash_of_a_folder_changes_with_names_and_contents_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    write_bytes(folder / "a", b"1")
    write_bytes(folder / "sub" / "b", b"2")
    first = sha256(folder)
    (folder / ".lock").write_bytes(b"")
    os.utime(folder / "a", (0, 0))
    assert sha256(folder) == first
    write_bytes(folder / "a", b"2")
    assert sha256(folder) != first
    write_bytes(folder / "a", b"1")
    (folder / "a").rename(folder / "c")
    assert sha256(folder) != first


def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    """The hash of "abc" is the example in the standard (FIPS 180-2)."""
    write_bytes(tmp_path / "a", b"abc")
    assert sha256(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


# ---------------------------------------------------------------- hand-overs


def test_a_result_comes_back_exactly_as_it_was_saved(run: Run, findings: Findings) -> None:
    run.save(findings, "intake")
    back = run.load(Findings, "intake")
    pd.testing.assert_frame_equal(back.people, findings.people)
    pd.testing.assert_frame_equal(back.notes, findings.notes)
    assert back.facts == {"found": 18, "from": None}
    assert back.threshold == 0.1 + 0.2


def test_saving_leaves_no_half_written_file(run: Run, findings: Findings) -> None:
    run.save(findings, "intake")
    names = {path.name for path in (run.folder / "intake" / "Findings").iterdir()}
    assert names == {"people.parquet", "notes.parquet", "plain.json"}


def test_what_was_not_handed_over_is_told_with_the_notebook_to_run(run: Run) -> None:
    with pytest.raises(
        DataContractError,
        match="intake has not handed over Findings; run the notebook of stage 'intake' first",
    ):
        run.load(Findings, "intake")


def test_one_result_an_analysis_comes_back_in_the_order_of_the_request(
    tmp_path: Path, findings: Findings
) -> None:
    request = tiny.write_request(tmp_path / "r", analyses=[{"name": "B", "headline": True}, {"name": "A"}])
    run = Run(load_request(request), tmp_path / "run", tmp_path)
    other = Findings(findings.people.iloc[:1], findings.notes, {}, 2.0)
    run.save_each([findings, other], "matching")
    assert [result.threshold for result in run.load_each(Findings, "matching")] == [0.1 + 0.2, 2.0]


def test_a_run_reads_the_records_that_it_was_told(run: Run, tiny_records: Path) -> None:
    assert run.records == tiny_records
    store = run.store()
    assert isinstance(store, Store)
    assert store.folder == tiny_records


def test_a_run_of_a_request_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="there is no request file"):
        Run.open(str(tmp_path / "nowhere"), str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


# ---------------------------------------------------------------- stages


def finish_all(run: Run) -> None:
    for stage in STAGES:
        run.write(stage, "note.txt", "kept")
        run.finish(stage)
    run.write_plan({"primary": "reoffended"})


@pytest.mark.parametrize(
    ("stage", "left", "plan"),
    [
        ("intake", [], False),
        ("matching", ["intake"], False),
        ("balance", ["intake", "matching"], False),
        ("outcome", ["intake", "matching", "balance"], True),
    ],
)
def test_to_reset_a_stage_forgets_it_all_later_ones_and_a_plan_that_rests_on_them(
    run: Run, stage, left, plan
) -> None:
    run.reset("intake")
    finish_all(run)
    run.reset(stage)
    assert [name for name in STAGES if run.is_complete(name)] == left
    assert [name for name in STAGES if (run.folder / name / "note.txt").exists()] == left
    assert (run.folder / "plan.json").exists() is plan
    assert (run.folder / "run.json").exists()


def test_a_run_folder_serves_the_request_it_began_with_and_no_other(run: Run, tmp_path: Path) -> None:
    run.reset("intake")
    finish_all(run)
    other = tiny.write_request(tmp_path / "other", seed=77)
    with pytest.raises(DataContractError, match="run the notebook of stage 'intake' first"):
        Run(load_request(other), run.folder, run.records).reset("matching")
    assert run.is_complete("outcome"), "nothing of the first request may be lost by it"


def test_real_people_are_never_looked_for_among_invented_ones(tmp_path: Path, monkeypatch) -> None:
    request = tiny.write_request(tmp_path / "r")
    with pytest.raises(RequestError, match="which central records"):
        Run.open(str(request), str(tmp_path / "run"))
    monkeypatch.setenv("DATALAB_RECORDS", str(tmp_path))
    assert Run.open(str(request), str(tmp_path / "run")).records == tmp_path


def test_a_stage_is_complete_only_by_its_own_record(run: Run) -> None:
    run.write("intake", "note.txt", "written, not finished")
    assert not run.is_complete("intake")
    run.finish("intake")
    assert run.is_complete("intake")
    assert "Stages complete: intake." in run._repr_html_()


# ---------------------------------------------------------------- the plan


def test_a_plan_seals_itself_and_any_change_breaks_the_seal(run: Run) -> None:
    seal = run.write_plan({"primary": "reoffended"})
    seal.check()
    assert run.seal() == seal
    seal.path.write_bytes(seal.path.read_bytes() + b" ")
    with pytest.raises(LockError, match="the sealed plan has been changed"):
        seal.check()


def test_without_a_plan_there_is_no_seal(run: Run) -> None:
    with pytest.raises(LockError, match="no plan has been sealed; run 03_balance first"):
        run.seal()


def test_the_same_plan_has_the_same_seal_whatever_the_order_of_its_parts(run: Run) -> None:
    assert run.write_plan({"a": 1, "b": 2}).sha256 == run.write_plan({"b": 2, "a": 1}).sha256


# ---------------------------------------------------------------- one at a time


@pytest.fixture
def holder(tmp_path: Path):
    """Another process that holds the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "held")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=room.ROOT,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_holder_is_refused_at_once_and_free_after_the_first_was_killed(
    tmp_path: Path, holder
) -> None:
    folder = tmp_path / "held"
    with (
        pytest.raises(LockError, match=r"another run of this request is under way in .*; wait for it to end"),
        one_at_a_time(folder),
    ):
        pytest.fail("two runs hold one folder")  # pragma: no cover
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with one_at_a_time(folder):
        assert (folder / ".lock").exists()


def test_different_requests_do_not_hold_each_other_up(tmp_path: Path) -> None:
    with one_at_a_time(tmp_path / "a"), one_at_a_time(tmp_path / "b"):
        assert (tmp_path / "a").is_dir()


def test_a_folder_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), one_at_a_time(tmp_path):
        1 / 0  # noqa: B018
    with one_at_a_time(tmp_path):
        pass


def test_people_are_invented_where_the_extract_says_who_made_it(tmp_path: Path) -> None:
    write_json(tmp_path / "extract.json", {"extract_date": "2024-12-31"})
    assert not room.are_invented(tmp_path)
    assert not room.are_invented(tmp_path / "nowhere")
    write_json(tmp_path / "extract.json", {"extract_date": "2024-12-31", "made_by": "datalab synthetic"})
    assert room.are_invented(tmp_path)
