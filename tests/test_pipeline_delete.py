"""Deleting a finished request: nothing of a person is left in any place of ours, and what was published stays."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from datalab_helpers.errors import RequestError, TooFewError
from datalab_helpers.intake import read_submission
from datalab_helpers.library import read_entries
from datalab_helpers.pipeline import delete as deletion
from datalab_helpers.pipeline import run_request
from datalab_helpers.pipeline.delete import CERTIFICATE
from datalab_helpers.request import load_request
from datalab_helpers.run import Run, one_at_a_time, sha256

ROOT = Path(__file__).resolve().parents[1]
SMALL = ROOT / "data/synthetic/requests/small-steps"
ID = "JDL-2026-005"


class Place:
    """A request that was run, with its report, its runs and what people left beside it."""

    def __init__(self, folder: Path) -> None:
        self.request, self.reports, self.runs = (folder / name for name in ("request", "reports", "runs"))
        self.words = canaries(self.request)
        self.hash = sha256(load_request(self.request).input_path)
        for folder in (self.runs / "by-hand", self.runs / "amy/first try"):
            Run(load_request(self.request), folder, ROOT / "data/synthetic/records").reset("intake")
            shutil.copytree(self.runs / ID / "intake", folder / "intake")
        (self.request / ".review.csv.aside").write_text("row,decision\n")
        (self.request / "marked.xlsx").write_bytes(b"a copy that somebody made")
        (self.request / "review.csv").write_text("row,decision\n")
        (self.runs / "OTHER-1").mkdir()
        (self.runs / "OTHER-1/owner.json").write_text('{"request": "OTHER-1"}')

    def found(self) -> list[str]:
        """Files of any place in which something of a person on the list still stands."""
        files = [
            path
            for place in (self.request, self.reports, self.runs)
            for path in place.rglob("*")
            if path.is_file()
        ]
        return [path.name for path in files if any(word in content(path) for word in self.words)]

    def delete(self, datalab, *more: str):
        return datalab("delete", self.request, "--reports", self.reports, "--runs", self.runs, *more)


def canaries(request: Path) -> list[str]:
    """Whole names and identifiers, as they stand in the list."""
    rows = read_submission(load_request(request)).rows
    names = (rows["forename"] + " " + rows["surname"]).dropna()
    said = [*names, *rows["surname"].dropna(), *rows["pnc_id"].dropna(), *rows["prison_number"].dropna()]
    return [word for word in said if len(word) > 4]


def content(path: Path) -> str:
    if path.suffix == ".parquet":
        return str(pq.read_table(path).to_pylist())
    return path.read_bytes().decode("utf-8", errors="ignore")


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    shutil.copytree(SMALL, folder / "request")
    with pytest.raises(TooFewError):
        run_request(folder / "request", ROOT / "data/synthetic/records", folder / "reports", folder / "runs")
    return folder


@pytest.fixture
def place(run_once: Path, tmp_path: Path) -> Place:
    shutil.copytree(run_once, tmp_path / "place")
    return Place(tmp_path / "place")


def test_nothing_of_a_person_is_left_and_what_was_published_stays(datalab, place: Place) -> None:
    report = {path.name: path.read_bytes() for path in (place.reports / ID).iterdir()}
    assert place.found()  # or the search would find nothing whatever is there
    told = place.delete(datalab)
    assert told[0] == 2
    assert "Nothing was deleted yet; add --yes to do it." in told[1]
    assert "marked.xlsx" in told[1].split("left for you to look at:")[1]
    assert place.found()
    code, out, _ = place.delete(datalab, "--yes", "--json")
    answer = json.loads(out)
    # Something is left that the workbench may not delete, so it is not for it to say that all is gone.
    assert (code, answer["deleted"]) == (2, True)
    assert answer["left"] == [str(place.request / "marked.xlsx")]
    assert place.found() == []
    assert {path.name: path.read_bytes() for path in (place.reports / ID).iterdir()} == report
    assert sorted(path.name for path in place.request.iterdir()) == ["marked.xlsx", "request.yml"]
    assert sorted(path.name for path in place.runs.iterdir()) == [ID, "OTHER-1", "amy"]
    assert not list((place.runs / "amy").iterdir())
    assert sorted(path.name for path in (place.runs / ID).iterdir()) == [".lock", CERTIFICATE]
    assert datalab("verify", place.reports / ID)[0] == 0


def test_the_certificate_tells_what_there_was_and_which_report_stays(datalab, place: Place) -> None:
    count = len(json.loads(place.delete(datalab, "--json")[1])["files"])
    place.delete(datalab, "--yes")
    [told] = json.loads((place.runs / ID / CERTIFICATE).read_text())
    assert told["complete"] is True
    assert told["report_manifest_sha256"] == sha256(place.reports / ID / "manifest.json")
    assert len(told["files"]) == count > 10
    assert place.hash in {file["sha256"] for file in told["files"]}
    assert {Path(file["file"]).parts[0] for file in told["files"]} == {"request", ID, "by-hand", "amy"}


def test_an_earlier_certificate_is_kept(datalab, place: Place) -> None:
    place.delete(datalab, "--yes")
    shutil.copy(SMALL / "participants.csv", place.request)
    place.delete(datalab, "--yes")
    told = json.loads((place.runs / ID / CERTIFICATE).read_text())
    assert [len(one["files"]) > 1 for one in told] == [True, False]
    assert told[0]["left"] == ["marked.xlsx"]


def test_a_request_that_is_not_finished_is_not_deleted(datalab, tmp_path: Path) -> None:
    request = tmp_path / "request"
    shutil.copytree(SMALL, request)
    before = sorted(path.name for path in request.iterdir())
    code, _, err = datalab(
        "delete", request, "--reports", tmp_path / "reports", "--runs", tmp_path / "runs", "--yes"
    )
    assert code == 2
    assert "JDL-2026-005 is not finished" in err
    assert sorted(path.name for path in request.iterdir()) == before


def test_what_a_link_leads_to_is_neither_read_nor_deleted(datalab, place: Place, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file.txt").write_text("kept")
    (place.runs / ID / "link").symlink_to(elsewhere)
    (place.runs / ID / "intake/file").symlink_to(elsewhere / "file.txt")
    place.delete(datalab, "--yes")
    assert (elsewhere / "file.txt").read_text() == "kept"
    assert not (place.runs / ID / "link").exists()


def test_after_deletion_nothing_asks_for_the_list_back(datalab, place: Place) -> None:
    """Neither run nor batch nor the library, which still knows the request once and as what it was."""
    place.delete(datalab, "--yes")
    records = ROOT / "data/synthetic/records"
    with pytest.raises(RequestError, match=r"were deleted on \d{4}-\d\d-\d\d; its report stays as it is"):
        run_request(place.request, records, place.reports, place.runs)
    shutil.copy(SMALL / "participants.csv", place.request)
    with pytest.raises(RequestError, match="were deleted on"):
        run_request(place.request, records, place.reports, place.runs)
    (place.request / "participants.csv").unlink()
    read = read_entries(place.reports, place.request.parent)
    assert (read.accepted, read.unread, [entry.about.id for entry in read.entries]) == (1, [], [ID])


def test_one_that_was_broken_off_is_seen_and_goes_on(
    datalab, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list goes last: without it nobody would know what else there was."""
    broken = {"runs": 0}
    emptied = deletion._empty

    def once(run: Path, keep: bool) -> None:
        broken["runs"] += 1
        if broken["runs"] == 2:
            raise PermissionError("no")
        emptied(run, keep)

    monkeypatch.setattr(deletion, "_empty", once)
    assert place.delete(datalab, "--yes")[0] == 1
    [told] = json.loads((place.runs / ID / CERTIFICATE).read_text())
    assert told["complete"] is False
    assert place.found()
    place.delete(datalab, "--yes")
    assert place.found() == []
    assert [one["complete"] for one in json.loads((place.runs / ID / CERTIFICATE).read_text())] == [
        False,
        True,
    ]
    # And a third time finds nothing more to do.
    place.delete(datalab, "--yes")
    assert json.loads((place.runs / ID / CERTIFICATE).read_text())[-1]["files"] == []


def test_a_run_under_way_keeps_its_data(datalab, place: Place) -> None:
    with one_at_a_time(place.runs / ID):
        code, _, err = place.delete(datalab, "--yes")
    assert (code, "another run of this request is under way" in err) == (2, True)
    assert place.found()


def test_a_request_with_a_result_is_finished_and_its_plan_is_kept(datalab, place: Place) -> None:
    told = place.reports / ID
    (told / "no-result.json").rename(told / "results.json")
    (place.runs / ID / "plan.json").write_text('{"sealed": 1}')
    place.delete(datalab, "--yes")
    assert place.found() == []
    assert json.loads((place.runs / ID / CERTIFICATE).read_text())[0]["plan"] == '{"sealed": 1}'


@pytest.mark.parametrize("harm", ["two requests, one list", "runs elsewhere", "a broken owner"])
def test_what_could_be_another_requests_stops_it(datalab, place: Place, harm: str) -> None:
    if harm == "two requests, one list":
        shutil.copy(place.request / "request.yml", place.request / "other.yml")
    elif harm == "runs elsewhere":
        place.runs = place.runs.with_name("elsewhere")
        place.runs.mkdir()
    else:
        (place.runs / "OTHER-1/owner.json").write_text("{")
    code, _, err = place.delete(datalab, "--yes")
    assert code == 2
    words = {"two requests, one list": "names participants.csv too", "runs elsewhere": "--runs"}
    assert words.get(harm, "is broken") in err
    assert (place.request / "participants.csv").is_file()


def test_a_notebook_saved_with_outputs_is_told(
    datalab, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = place.request.parent / "project/notebooks/.ipynb_checkpoints/01_intake-checkpoint.ipynb"
    saved.parent.mkdir(parents=True)
    saved.write_text('{"cells": [{"outputs": [{"output_type": "display_data"}]}]}')
    monkeypatch.setattr(deletion, "ROOT", place.request.parent / "project")
    assert str(saved) in json.loads(place.delete(datalab, "--json")[1])["left"]
