"""Faults: killed runners and kernels, two runs at once, tampering. The earlier report stays whole."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from datalab_helpers.errors import Fault, LockError, MatchingError
from datalab_helpers.pipeline.notebooks import NOTEBOOKS, _plain_error, _scrub
from datalab_helpers.run import STAGES, one_at_a_time, recover

ROOT = Path(__file__).resolve().parent.parent
LALONDE = ROOT / "data/synthetic/requests/lalonde"
ID = "JDL-2026-006"


def command(place: Path, *more: str) -> list[str]:
    start = [sys.executable, "-m", "datalab_helpers", "run", str(LALONDE)]
    return [*start, "--reports", str(place / "reports"), "--runs", str(place / "runs"), *more]


def run(place: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(place, *more), cwd=ROOT, capture_output=True, text=True, check=False)


def published(place: Path) -> dict[str, bytes]:
    folder = place / "reports" / ID
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place where the request has been published once."""
    place = tmp_path_factory.mktemp("finished")
    done = run(place)
    assert done.returncode == 0, done.stderr
    return place


@pytest.fixture
def place(finished: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished, tmp_path / "copy")
    return tmp_path / "copy"


def wait_for_stage(place: Path, stage: str, process: subprocess.Popen, seconds: float = 60) -> None:
    """Until the stage's own notebook is under way, in a run folder that was empty before."""
    executed = place / "runs" / ID / "notebooks" / NOTEBOOKS[stage]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the run ended before it could be killed"
        if executed.exists():
            return
        time.sleep(0.01)
    pytest.fail(f"stage {stage} never began")


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("stage", STAGES)
def test_kill_9_in_any_notebook_leaves_the_report_whole_and_the_next_run_completes(
    place: Path, stage: str
) -> None:
    before = published(place)
    assert {"results.json", "report.html", "report.pdf", "tables.xlsx", "manifest.json"} < set(before)
    shutil.rmtree(place / "runs")
    process = subprocess.Popen(command(place), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for_stage(place, stage, process)
    time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert published(place) == before
    done = run(place)
    assert done.returncode == 0, done.stderr
    assert published(place) == before
    # Stages that had finished are not run again.
    assert done.stderr.count("done before, kept") >= STAGES.index(stage)


def test_a_killed_kernel_is_told_plainly_and_nothing_is_published(place: Path) -> None:
    before = published(place)
    shutil.rmtree(place / "runs")
    process = subprocess.Popen(
        command(place), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for_stage(place, "matching", process)
    end = time.monotonic() + 20
    while not children(process.pid) and time.monotonic() < end:
        time.sleep(0.01)
    for kernel in children(process.pid):
        os.kill(kernel, signal.SIGKILL)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "stage matching stopped" in told
    assert "Traceback" not in told
    assert published(place) == before
    assert run(place).returncode == 0


def test_a_run_that_was_not_broken_off_is_not_made_again(place: Path) -> None:
    done = run(place)
    assert done.stderr.count("done before, kept") == len(STAGES)
    fresh = run(place, "--fresh")
    assert fresh.stderr.count("done before, kept") == 0
    assert published(place) == published(place)


def test_a_changed_request_is_run_again_from_the_start(place: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(LALONDE, changed)
    settings = changed / "request.yml"
    settings.write_text(settings.read_text().replace("smallest_difference: 500", "smallest_difference: 400"))
    done = subprocess.run(
        [*command(place)[:4], str(changed), *command(place)[5:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "done before" not in done.stderr
    assert json.loads(published(place)["results.json"])["rules"]["smallest_difference"] == 400


def test_two_runs_of_one_request_never_go_on_at_once(place: Path) -> None:
    with one_at_a_time(place / "runs" / ID):
        started = time.monotonic()
        done = run(place)
        assert done.returncode == 2
        assert "under way" in done.stderr
        assert time.monotonic() - started < 15
        with pytest.raises(LockError), one_at_a_time(place / "runs" / ID):
            pass
    assert run(place).returncode == 0


# ---------------------------------------------------------------- publishing


def test_a_run_that_died_between_the_two_renames_gets_its_report_back(place: Path) -> None:
    before = published(place)
    reports = place / "reports"
    (reports / ID).rename(reports / f".{ID}.old")
    (reports / f".{ID}.aside").mkdir()
    recover(reports / ID)
    assert published(place) == before
    assert {p.name for p in reports.iterdir()} == {ID}


def test_a_run_that_died_after_the_renames_keeps_the_new_report(place: Path) -> None:
    reports = place / "reports"
    (reports / f".{ID}.old").mkdir()
    (reports / f".{ID}.old/report.html").write_text("the report before")
    before = published(place)
    recover(reports / ID)
    assert published(place) == before
    assert {p.name for p in reports.iterdir()} == {ID}


def verify(place: Path, *more: str) -> subprocess.CompletedProcess[str]:
    start = [sys.executable, "-m", "datalab_helpers", "verify", str(place / "reports" / ID)]
    return subprocess.run([*start, *more], cwd=ROOT, capture_output=True, text=True, check=False)


def test_tampering_with_a_published_file_is_found_and_named(place: Path, tmp_path: Path) -> None:
    folder = place / "reports" / ID
    assert verify(place, "--request", str(LALONDE)).returncode == 0
    for name in ("results.json", "report.html"):
        whole = bytearray((folder / name).read_bytes())
        whole[len(whole) // 2] ^= 1
        (folder / name).write_bytes(whole)
        done = verify(place)
        assert done.returncode == 2
        assert f"{name} was changed" in done.stderr
        whole[len(whole) // 2] ^= 1
        (folder / name).write_bytes(whole)
    (folder / "extra.csv").write_text("more")
    (folder / "report.html").rename(tmp_path / "report.html")
    told = verify(place).stderr
    assert "extra.csv does not belong" in told
    assert "report.html is missing" in told


def test_changed_inputs_are_found(place: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(LALONDE, changed)
    (changed / "lalonde.csv").write_text((changed / "lalonde.csv").read_text() + "\n")
    done = verify(place, "--request", str(changed))
    assert done.returncode == 2
    assert "input differs" in done.stderr


# ---------------------------------------------------------------- errors from kernels


def test_an_error_of_ours_comes_out_as_it_is_and_any_other_without_its_text() -> None:
    ours = _plain_error("matching", "MatchingError", "too few people", 3)
    assert isinstance(ours, MatchingError)
    assert str(ours) == "too few people"
    other = _plain_error("intake", "ValueError", "could not convert 'Featherstone'", 2)
    assert isinstance(other, Fault)
    assert str(other) == "stage intake, cell 2: ValueError"


def test_the_text_of_an_unforeseen_error_is_taken_out_of_the_executed_notebook(tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [
        nbformat.v4.new_output(
            "error", ename="KeyError", evalue="Featherstone", traceback=["... Featherstone ..."]
        )
    ]
    path = tmp_path / "n.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    _scrub(path)
    assert "Featherstone" not in path.read_text()
    assert "KeyError" in path.read_text()


def test_a_notebook_that_ends_early_is_no_success(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sys.exit(0)` in a cell makes the chain's engine report success; the completion record does not."""
    import datalab_helpers.pipeline.notebooks as notebooks
    from datalab_helpers.run import Run

    (tmp_path / "notebooks").mkdir()
    name = NOTEBOOKS["intake"]
    content = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    content.cells.insert(2, nbformat.v4.new_code_cell("import sys; sys.exit(0)"))
    nbformat.write(content, tmp_path / "notebooks" / name)
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    with pytest.raises(Fault, match="ended early"):
        notebooks.run_notebook("intake", Run.open(str(LALONDE), str(tmp_path / "run")))


# ---------------------------------------------------------------- by hand


def test_the_notebooks_run_by_hand_from_their_own_folder() -> None:
    """As in JupyterLab on a fresh clone: Run All in each, with the parameters that they hold."""
    folder = ROOT / "notebooks"
    for name in NOTEBOOKS.values():
        done = subprocess.run(
            [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--stdout", name],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
