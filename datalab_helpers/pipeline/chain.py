"""A request from its folder to its published report."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..disclosure import Results, is_answer, losses, no_result
from ..errors import DataLabError, RequestError, WithdrawnError
from ..intake import Cohort, Participants, check_prepared, read_submission
from ..report.refusal import render_refusal
from ..request import Request, load_request
from ..run import (
    STAGES,
    Run,
    are_invented,
    default_records,
    one_at_a_time,
    recover,
    sealed_mark,
    write_bytes,
    write_json,
)
from ..store import open_store
from ..wording import summary_line
from .annex import write_annex
from .delete import deleted_on
from .notebooks import run_notebook
from .publish import inputs_of, publish, publish_no_result
from .register import enter


@dataclass(frozen=True)
class Published:
    """Where a request's report is, and its one-line summary."""

    id: str
    report: Path
    summary: str


def run_request(
    request_folder: Path,
    records: Path | None,
    reports: Path,
    runs: Path,
    *,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Published:
    """The whole of a request: checks, four notebooks, their annex, report. `records` None: see `default_records`.

    Stages that an earlier, broken-off run of the very same inputs and code completed are not run
    again, unless `fresh`.

    Errors
    ------
    DataLabError says what a person can mend; nothing is written when the request, the submission
    or the records are wrong. Where there can be no result, `refusal.html` in the run's folder says so to
    the organisation, and `reports/<id>/no-result.json` to the library; an earlier report stays as it is.
    So does one of a request that is withdrawn afterwards, or whose data were deleted. Fault is our own mistake.
    """
    request = load_request(request_folder, with_files=False)
    if gone := deleted_on(runs, request.id):
        raise RequestError(
            f"the person-level data of {request.id} were deleted on {gone}; its report stays as it is, and it is not run again"
        )
    records = records or default_records(request)
    if request.withdrawn:
        raise _withdrawn(Run(request, runs / request.id, records), reports)
    request = load_request(request_folder)
    check_prepared(open_store(request, records))
    _check_response(request, read_submission(request))
    folder = runs / request.id
    with one_at_a_time(folder):
        recover(reports / request.id)
        inputs = inputs_of(request, records)
        told = folder / "run.json"
        same = told.is_file() and json.loads(told.read_text(encoding="utf-8")).get("inputs") == inputs
        run = Run(request, folder, records)
        if fresh or not same:
            run.reset(STAGES[0])
        (folder / "refusal.html").unlink(missing_ok=True)
        write_json(told, {"records": str(records.resolve()), "inputs": inputs})
        for number, stage in enumerate(STAGES, start=1):
            if run.is_complete(stage):
                progress(f"{number}/{len(STAGES)} {stage}: done before, kept")
                continue
            started = time.monotonic()
            run.reset(stage)
            try:
                run_notebook(stage, run)
            except DataLabError as error:
                raise _answered(run, error, reports, inputs) from None
            progress(f"{number}/{len(STAGES)} {stage}: {time.monotonic() - started:.1f} s")
        results = Results.model_validate_json((folder / "outcome" / "results.json").read_bytes())
        if inputs_of(request, records) != inputs:
            raise RequestError(
                "the request, its data or the code changed while it ran; nothing was published, run it again"
            )
        write_annex(run)
        enter(run, results, runs)
        report = publish(results, reports, inputs, folder)
    return Published(request.id, report, summary_line(results))


def _check_response(request: Request, participants: Participants) -> None:
    """RequestError where the organisation's response names people of its own list: it is printed as it stands."""
    if not request.response or participants.rows.empty:
        return
    rows, said = participants.rows, " ".join(request.response.lower().split())
    whole = [rows[["forename", "surname"]].dropna().agg(" ".join, axis=1)]
    told = pd.concat([*whole, rows["pnc_id"].dropna(), rows["prison_number"].dropna()]).astype("str")
    named = {text for text in told.str.lower() if re.search(rf"\b{re.escape(text)}\b", said)}
    if named:
        raise RequestError(
            f"{request.response_path.name} holds {len(named)} names or numbers of people on the list; take them out"
        )


def _withdrawn(run: Run, reports: Path) -> DataLabError:
    """What to tell of a withdrawn request. Once its plan was sealed it is too late: results would go missing by what they say."""
    request = run.request
    with one_at_a_time(run.folder):
        recover(reports / request.id)
        opened = sealed_mark(run.folder.parent, request.id)
        if opened.is_file() or (reports / request.id / "results.json").is_file():
            return RequestError(
                f"{request.id} has a withdrawn.txt, but its plan was sealed before and outcomes may have been seen; "
                "results may not go missing by what they say, so take withdrawn.txt away and publish"
            )
        error = WithdrawnError(
            f"{request.id} is withdrawn (withdrawn.txt lies in its folder) and was not run; the library keeps its row"
        )
        _tell(run, error, reports, inputs_of(request, run.records))
    return error


def _answered(run: Run, error: DataLabError, reports: Path, inputs: dict[str, Any]) -> DataLabError:
    """The error; where it is an answer for the organisation, with the page that tells it."""
    if not is_answer(error):
        return error
    steps = (
        losses(run.load(Cohort, "intake"), run.request.lab.defaults.smallest_count)
        if run.is_complete("intake")
        else []
    )
    page = run.folder / "refusal.html"
    write_bytes(page, render_refusal(run.request, error, steps).encode())
    _tell(run, error, reports, inputs)
    return type(error)(f"{error}\nA page that tells the organisation: {page}")


def _tell(run: Run, error: DataLabError, reports: Path, inputs: dict[str, Any]) -> None:
    invented = not run.request.settings.table and are_invented(run.records)
    publish_no_result(no_result(run.request, error, invented), reports, inputs)
