"""A request that ends without a result still ends with a page for the organisation."""

from __future__ import annotations

import html
import json
import shutil
from pathlib import Path

import pytest
import tiny

from datalab_helpers.disclosure import NoResult, is_answer
from datalab_helpers.disclosure.results import Step
from datalab_helpers.errors import (
    DisclosureError,
    LinkageError,
    MatchingError,
    RequestError,
    TooFewError,
    UnlikeError,
    WithdrawnError,
)
from datalab_helpers.intake import read_submission
from datalab_helpers.pipeline import run_request, verify
from datalab_helpers.report.refusal import render_refusal
from datalab_helpers.request import load_request
from datalab_helpers.run import Run

ROOT = Path(__file__).resolve().parents[1]
SMALL = ROOT / "data/synthetic/requests/small-steps"


def test_too_few_people_are_told_to_the_organisation_without_the_small_numbers(tmp_path: Path) -> None:
    """The command's message, for the analyst, has the counts; the page has none of them."""
    places = (tmp_path / "reports", tmp_path / "runs")
    with pytest.raises(
        TooFewError, match=r"22 people to analyse .* at least 30 of each are needed"
    ) as refused:
        run_request(SMALL, None, *places)
    page = tmp_path / "runs/JDL-2026-005/refusal.html"
    assert str(refused.value).endswith(str(page))
    text = page.read_text(encoding="utf-8")
    assert "At least 30 people are needed" in text
    assert "This says nothing about the programme" in text
    # A table of nothing but [c] would tell the steps and no number; a list of them is read sooner.
    assert "how many is not told" in text
    assert "Not found in central justice records" in text
    assert "<table" not in text
    for small in (">22<", "22 people", ">7<", ">3<", ">2<"):
        assert small not in text
    told = sorted(path.name for path in (tmp_path / "reports").rglob("*") if path.is_file())
    assert told == ["manifest.json", "no-result.json"]
    answer = (tmp_path / "reports/JDL-2026-005/no-result.json").read_text(encoding="utf-8")
    assert NoResult.model_validate_json(answer).why == "too few"
    assert not [word for word in ("22", "30 of each") if word in answer]
    assert verify(tmp_path / "reports/JDL-2026-005", SMALL, None)[0] == "1 published files"


@pytest.mark.parametrize("error", [LinkageError, TooFewError, UnlikeError, DisclosureError])
def test_each_kind_of_refusal_has_a_reason_and_never_quotes_the_message(tmp_path: Path, error: type) -> None:
    request = load_request(tiny.write_request(tmp_path, organisation="<b>&"))
    steps = [
        Step(reason="rows submitted", lost=0, count=60, mend=""),
        Step(reason="not found", lost=None, count=None, mend="add <i>", suppressed="c"),
    ]
    page = render_refusal(request, error("3 people were too few"), steps)
    assert "3 people" not in page
    assert html.escape("<b>&") in page
    assert "Add &lt;i&gt;" in page
    assert page.count("[c]") == 3
    assert ("Nobody has looked" in page) == (error is not DisclosureError)
    assert "What would help" in render_refusal(request, error("x"), [])


def test_a_mistake_of_the_request_is_no_refusal() -> None:
    assert not is_answer(RequestError("x"))
    assert not is_answer(MatchingError("kernel matching needs a caliper"))


def test_a_later_result_takes_the_page_away(tmp_path: Path) -> None:
    stale = tmp_path / "runs/JDL-2026-001/refusal.html"
    stale.parent.mkdir(parents=True)
    stale.write_text("old")
    done = run_request(
        ROOT / "data/synthetic/requests/second-start", None, tmp_path / "reports", tmp_path / "runs"
    )
    assert json.loads((done.report.parent / "manifest.json").read_text())["id"] == "JDL-2026-001"
    assert not stale.exists()


def test_a_response_that_names_people_of_the_list_is_refused_before_anything_runs(tmp_path: Path) -> None:
    """It is printed as it stands; the message tells how many, and whom it does not."""
    request = tmp_path / "request"
    shutil.copytree(SMALL, request)
    sent = read_submission(load_request(request)).rows.dropna(subset=["forename", "surname"]).iloc[0]
    name = f"{sent['forename']} {sent['surname']}"
    (request / "response.txt").write_text(f"We thank {name.upper()} and all others.", encoding="utf-8")
    records = ROOT / "data/synthetic/records"
    with pytest.raises(RequestError, match="holds 1 names or numbers of people on the list") as refused:
        run_request(request, records, tmp_path / "reports", tmp_path / "runs")
    assert sent["surname"].lower() not in str(refused.value).lower()
    assert not (tmp_path / "runs").exists()


def withdrawn(folder: Path) -> Path:
    request = folder / "request"
    shutil.copytree(SMALL, request)
    (request / "withdrawn.txt").touch()
    return request


def test_a_withdrawn_request_is_not_run_and_says_so_where_results_would_be(tmp_path: Path) -> None:
    records = ROOT / "data/synthetic/records"
    with pytest.raises(WithdrawnError, match="JDL-2026-005 is withdrawn"):
        run_request(withdrawn(tmp_path), records, tmp_path / "reports", tmp_path / "runs")
    told = tmp_path / "reports/JDL-2026-005/no-result.json"
    assert NoResult.model_validate_json(told.read_bytes()).why == "withdrawn"
    assert not (tmp_path / "runs/JDL-2026-005/intake").exists()


@pytest.mark.parametrize("place", ["reports/JDL-2026-005/results.json", "runs/register/JDL-2026-005.sealed"])
def test_nobody_withdraws_a_request_after_its_outcomes(tmp_path: Path, place: str) -> None:
    """Else results would go missing by what they say. The mark stays when a run begins anew, or is deleted."""
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_text("{}")
    records = ROOT / "data/synthetic/records"
    with pytest.raises(RequestError, match="outcomes may have been seen"):
        run_request(withdrawn(tmp_path), records, tmp_path / "reports", tmp_path / "runs")
    assert not list(tmp_path.rglob("no-result.json"))


def test_sealing_a_plan_leaves_a_mark_that_outlives_the_run(tmp_path: Path) -> None:
    """By hand too: whoever sealed a plan could open outcomes, and a run that begins anew forgets its plan."""
    run = Run(load_request(SMALL), tmp_path / "runs/by-hand", ROOT / "data/synthetic/records")
    run.write_plan({})
    run.reset("intake")
    assert not (run.folder / "plan.json").exists()
    assert (tmp_path / "runs/register/JDL-2026-005.sealed").is_file()


def test_a_withdrawn_request_needs_no_list_any_more(tmp_path: Path) -> None:
    request = withdrawn(tmp_path)
    (request / "participants.csv").unlink()
    (request / "withdrawn.txt").rename(request / "Withdrawn.txt")
    with pytest.raises(WithdrawnError):
        run_request(request, ROOT / "data/synthetic/records", tmp_path / "reports", tmp_path / "runs")
    assert (tmp_path / "reports/JDL-2026-005/no-result.json").is_file()


def test_an_earlier_result_stays_when_a_later_run_has_none(tmp_path: Path) -> None:
    earlier = tmp_path / "reports/JDL-2026-005/results.json"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("{}")
    with pytest.raises(TooFewError):
        run_request(SMALL, None, tmp_path / "reports", tmp_path / "runs")
    assert [path.name for path in earlier.parent.iterdir()] == ["results.json"]
