"""Deleting a finished request: nothing of a person is left in any place of ours, and what was published stays."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from datalab_helpers.errors import RequestError, TooFewError
from datalab_helpers.intake import read_submission
from datalab_helpers.pipeline import run_request
from datalab_helpers.pipeline.delete import CERTIFICATE
from datalab_helpers.request import load_request
from datalab_helpers.run import Run, sha256

ROOT = Path(__file__).resolve().parents[1]
SMALL = ROOT / "data/synthetic/requests/small-steps"
ID = "JDL-2026-005"


class Place:
    """A request that was run, with its report, its runs and what people left beside it."""

    def __init__(self, folder: Path) -> None:
        self.request, self.reports, self.runs = (folder / name for name in ("request", "reports", "runs"))
        self.words = canaries(self.request)
        self.hash = sha256(load_request(self.request).input_path)
        by_hand = Run(load_request(self.request), self.runs / "by-hand", ROOT / "data/synthetic/records")
        by_hand.reset("intake")
        shutil.copytree(self.runs / ID / "intake", self.runs / "by-hand/intake")
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
    assert (code, answer["deleted"]) == (0, True)
    assert answer["left"] == [str(place.request / "marked.xlsx")]
    assert place.found() == []
    assert {path.name: path.read_bytes() for path in (place.reports / ID).iterdir()} == report
    assert sorted(path.name for path in place.request.iterdir()) == ["marked.xlsx", "request.yml"]
    assert sorted(path.name for path in place.runs.iterdir()) == [ID, "OTHER-1"]
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
    assert {Path(file["file"]).parts[0] for file in told["files"]} == {"request", ID, "by-hand"}


def test_an_earlier_certificate_is_kept(datalab, place: Place) -> None:
    place.delete(datalab, "--yes")
    shutil.copy(
        SMALL / "participants.csv"
        if (SMALL / "participants.csv").exists()
        else next(SMALL.glob("participants.*")),
        place.request,
    )
    place.delete(datalab, "--yes")
    told = json.loads((place.runs / ID / CERTIFICATE).read_text())
    assert [len(one["files"]) > 1 for one in told] == [True, False]


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


def test_after_deletion_a_run_is_refused_in_plain_words(datalab, place: Place) -> None:
    place.delete(datalab, "--yes")
    with pytest.raises(RequestError, match="participants"):
        run_request(place.request, ROOT / "data/synthetic/records", place.reports, place.runs)
