"""The command line: help with an example, plain errors, the right exit code, an answer as JSON."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tiny

from datalab_helpers import cli, library, pipeline
from datalab_helpers.errors import DataLabError, DisclosureError, Fault, LibraryError, MatchingError
from datalab_helpers.pipeline import BatchLine, Published

COMMANDS = next(a for a in cli._parser()._actions if getattr(a, "choices", None)).choices
SURNAME = "Featherstonehaugh"


@pytest.fixture
def instead(monkeypatch):
    """Let a command of the pipeline do something else."""

    def put(name: str, result: object) -> None:
        def call(*_: object, **__: object) -> object:
            if isinstance(result, BaseException):
                raise result
            return result

        monkeypatch.setattr(pipeline, name, call)

    return put


# ---------------------------------------------------------------- help


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(datalab, command: str) -> None:
    code, out, err = datalab(command, "--help")
    assert (code, err) == (0, "")
    assert re.search(rf"example: datalab {command} ", out)


def test_the_help_names_every_command(datalab) -> None:
    code, out, _ = datalab("--help")
    assert code == 0
    for command in COMMANDS:
        assert re.search(rf"^    {command}\b", out, re.MULTILINE), command


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_of_a_command_can_be_typed_as_it_stands(command: str) -> None:
    [example] = re.findall(r"example: datalab (.*)", COMMANDS[command].epilog)
    options = cli._parser().parse_args(example.split())
    assert callable(options.command)


def test_the_package_runs_as_a_module_from_any_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "datalab_helpers", "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: datalab")


# ---------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    "arguments",
    [[], ["nonsense"], ["run"], ["run", "a", "--nonsense"], ["synthetic", "--people", "0", "--seed", "1", "--out", "x"], ["batch", "x", "--workers", "-1"]],
    ids=" ".join,
)  # fmt: skip
def test_a_command_typed_wrongly_ends_with_code_2(datalab, arguments: list[str]) -> None:
    code, out, err = datalab(*arguments)
    assert (code, out) == (2, "")
    assert "usage: datalab" in err


def test_a_run_that_is_done_ends_with_code_0_and_where_the_report_is(datalab, instead) -> None:
    instead(
        "run_request", Published("TINY-001", Path("reports/TINY-001/report.html"), "No clear difference.")
    )
    assert datalab("run", "somewhere") == (0, "No clear difference.\nreports/TINY-001/report.html\n", "")


def test_a_run_answers_as_json(datalab, instead) -> None:
    instead(
        "run_request", Published("TINY-001", Path("reports/TINY-001/report.html"), "No clear difference.")
    )
    code, out, _ = datalab("run", "somewhere", "--json")
    assert code == 0
    assert json.loads(out) == {
        "id": "TINY-001",
        "report": "reports/TINY-001/report.html",
        "summary": "No clear difference.",
    }


@pytest.mark.parametrize("kind", sorted(DataLabError.__subclasses__(), key=lambda kind: kind.__name__))
def test_what_a_person_can_mend_ends_with_code_2_and_its_message(datalab, instead, kind) -> None:
    instead("run_request", kind("what is wrong; what to do"))
    assert datalab("run", "somewhere") == (2, "", "what is wrong; what to do\n")


def test_our_own_fault_ends_with_code_1_and_says_so(datalab, instead) -> None:
    instead("run_request", Fault("stage matching, cell 3: ValueError"))
    assert datalab("run", "somewhere") == (
        1,
        "",
        "This is our fault, not yours: stage matching, cell 3: ValueError. Please report it; earlier reports are untouched.\n",
    )


def test_an_unforeseen_error_tells_its_kind_and_place_and_not_its_text(datalab, monkeypatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError(SURNAME)

    monkeypatch.setattr(pipeline, "run_request", broken)
    for form in ([], ["--json"]):
        code, out, err = datalab("run", "somewhere", *form)
        assert code == 1
        assert SURNAME not in out + err
        assert "Traceback" not in err
        assert re.search(r"This is our fault, not yours: ValueError at __init__\.py:\d+ in _run\.", err)


def test_a_person_who_stops_a_run_is_told_that_nothing_is_lost(datalab, instead) -> None:
    instead("run_request", KeyboardInterrupt())
    code, out, err = datalab("run", "somewhere")
    assert (code, out) == (1, "")
    assert err.startswith("Stopped. Earlier reports are untouched; the same command goes on")


@pytest.mark.parametrize(
    ("error", "code"), [(MatchingError("nobody is left; send more people"), 2), (Fault("ValueError"), 1)]
)
def test_an_error_answers_as_json_too(datalab, instead, error: Exception, code: int) -> None:
    instead("run_request", error)
    found, out, err = datalab("run", "somewhere", "--json")
    assert found == code
    answer = json.loads(out)
    assert answer["code"] == code
    assert str(error) in answer["error"]
    assert err == answer["error"] + "\n"


# ---------------------------------------------------------------- the other commands


LINES = [
    BatchLine("a", "published", "fine"),
    BatchLine("b", "refused", "two mistakes"),
    BatchLine("c", "published", "fine too"),
]


def test_a_batch_tells_each_request_under_how_it_ended(datalab, instead, monkeypatch) -> None:
    instead("run_batch", LINES)
    monkeypatch.setattr(library, "make_library", lambda *_: (None, Path("reports/library/index.html")))
    code, out, err = datalab("batch", "requests")
    assert code == 0
    assert err == "library: reports/library/index.html\n"
    assert out.splitlines() == [
        "2 published",
        "  a: fine",
        "  c: fine too",
        "1 refused",
        "  b: two mistakes",
        "0 failed",
    ]


def test_a_batch_whose_library_cannot_be_made_says_so_and_ends_with_code_2(
    datalab, instead, monkeypatch
) -> None:
    def refuse(*_: object) -> None:
        raise LibraryError("JDL-1: results.json was changed")

    instead("run_batch", LINES)
    monkeypatch.setattr(library, "make_library", refuse)
    code, out, err = datalab("batch", "requests")
    assert (code, err) == (2, "JDL-1: results.json was changed\n")
    assert "2 published" in out


def test_a_batch_with_a_fault_of_ours_ends_with_code_1(datalab, instead) -> None:
    instead("run_batch", [*LINES, BatchLine("d", "failed", "ValueError")])
    code, out, _ = datalab("batch", "requests", "--json")
    assert code == 1
    assert json.loads(out)[3] == {"folder": "d", "status": "failed", "message": "ValueError"}


def test_a_batch_without_requests_ends_with_code_2(datalab, tmp_path: Path) -> None:
    code, _, err = datalab("batch", tmp_path)
    assert code == 2
    assert "holds no request; each needs a folder of its own with a request.yml" in err


def test_verify_refuses_what_is_no_report(datalab, tmp_path: Path) -> None:
    code, out, err = datalab("verify", tmp_path, "--json")
    assert code == 2
    assert "there is no manifest.json in" in err
    assert json.loads(out)["code"] == 2


def test_new_makes_a_request_folder_that_needs_only_people(
    datalab, tmp_path: Path, tiny_records: Path
) -> None:
    folder = tmp_path / "mine"
    code, out, _ = datalab("new", folder)
    assert code == 0
    assert out.splitlines() == [
        str(folder / name)
        for name in ("request.yml", "participants.csv", "participants.xlsx", "collect-from-today.html")
    ]
    run = ("run", folder, "--records", tiny_records, "--reports", tmp_path / "r", "--runs", tmp_path / "w")
    code, _, err = datalab(*run)
    assert code == 2
    assert err.count("still holds the template's") == 5  # each name and description in angle brackets
    settings = folder / "request.yml"
    settings.write_text(re.sub(r"<[a-z ,]+>", "ours", settings.read_text(encoding="utf-8")), encoding="utf-8")
    code, _, err = datalab(*run)
    assert (code, err) == (2, "participants.csv has headings but no rows\n")


def test_new_never_writes_over_what_is_there(datalab, tmp_path: Path) -> None:
    (tmp_path / "request.yml").write_text("mine", encoding="utf-8")
    before = tiny.tree(tmp_path)
    code, _, err = datalab("new", tmp_path)
    assert code == 2
    assert "already holds something; name a new folder" in err
    assert tiny.tree(tmp_path) == before


@pytest.mark.parametrize(
    ("lab", "told"),
    [("health", "the labs are general, justice"), ("general", "starts from an analysis table")],
)
def test_new_refuses_a_lab_that_it_cannot_serve(datalab, tmp_path: Path, lab: str, told: str) -> None:
    code, _, err = datalab("new", tmp_path / "mine", "--lab", lab)
    assert code == 2
    assert told in err
    assert not (tmp_path / "mine").exists()


def test_synthetic_writes_the_same_world_for_the_same_seed(datalab, tmp_path: Path) -> None:
    for name in ("a", "b"):
        code, out, _ = datalab("synthetic", "--people", 2000, "--seed", 3, "--out", tmp_path / name)
        assert (code, out) == (0, f"{tmp_path / name}\n")
    assert tiny.tree(tmp_path / "a") == tiny.tree(tmp_path / "b")
    assert len(tiny.tree(tmp_path / "a")) > 5


def test_a_run_without_records_ends_with_code_2_before_anything_is_written(datalab, tmp_path: Path) -> None:
    folder = tiny.write_request(tmp_path / "request")
    before = tiny.tree(tmp_path)
    code, _, err = datalab(
        "run", folder, "--records", tmp_path / "no", "--reports", tmp_path / "r", "--runs", tmp_path / "w"
    )
    assert code == 2
    assert "there is no folder of central records" in err
    assert tiny.tree(tmp_path) == before


def test_a_refusal_for_small_numbers_is_a_thing_to_mend_and_no_fault(datalab, instead) -> None:
    instead("run_request", DisclosureError("fewer than 30 people"))
    assert datalab("run", "somewhere")[0] == 2
