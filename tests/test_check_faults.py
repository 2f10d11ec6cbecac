"""Faults of more than 60 kinds, planted and found again: a small version of `make slow ONLY=check`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import faults
import numpy as np
import pytest
import tiny

from datalab_helpers.intake import sheet
from datalab_helpers.intake.check import Checked, Problem, check_submission
from datalab_helpers.lab import load_lab
from datalab_helpers.wording import check as words

ALARMS = ("stops", "lost", "doubt", "remark")


def read_here(path: Path) -> dict:
    """The reader without its process of its own, which takes most of the time of a small file."""
    from datalab_helpers.errors import DataContractError
    from datalab_helpers.intake.reading import delimited, kinds, limits, workbook

    try:
        kind = kinds.kind_of(path)
        if kind == ".csv":
            return delimited.read_delimited(path, limits.LIMITS)
        return workbook.read_workbook(path, kind, limits.LIMITS)
    except limits.Refused as refused:
        raise DataContractError(f"{path.name} {refused}") from None


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "read_file", read_here)


@dataclass
class Outcome:
    found: bool
    alarms: int
    rows: int
    checked: Checked
    told: list[Problem]


def judged(folder: Path, fault: str | None, seed: int) -> Outcome:
    """Plant a fault (or none) in a clean list, check it, and compare with what was planted."""
    from datalab_helpers.request import load_request

    given = faults.clean(seed)
    if fault:
        faults.FAULTS[fault](np.random.default_rng([9, seed]), given)
    folder.mkdir(parents=True, exist_ok=True)
    path = given.write(folder)
    request = None
    if given.request:
        programme = {"name": "x", "began": faults.BEGAN, "ended": faults.ENDED}
        tiny.write_request(folder, submission=path.name, programme=programme)
        given.write(folder)
        request = load_request(folder)
    checked = check_submission(path, load_lab("justice"), request, today=faults.TODAY)
    told = [
        p
        for p in checked.problems
        if p.kind in given.told
        and (given.column in (None, p.column))
        and (given.where is None or given.where & set(p.rows))
    ]
    rows = {row for p in told for row in p.rows}
    found = bool(told) and (given.where is None or given.where <= rows)
    planted = given.where or set()
    others = [p for p in checked.problems if p.level in ALARMS and p not in told]
    alarms = len({row for p in others for row in p.rows} - planted) + sum(not p.rows for p in others)
    return Outcome(found, alarms, len(given.rows), checked, told)


@pytest.mark.parametrize("fault", faults.FAULTS)
def test_a_planted_fault_is_found_in_its_row_under_its_name(tmp_path: Path, here: None, fault: str) -> None:
    found = judged(tmp_path, fault, 1)
    assert found.found, [(p.kind, p.column, p.rows[:5]) for p in found.checked.problems]
    for problem in found.told:
        told = words.said(problem)
        assert told.title
        assert told.wrong
        assert told.mend
        assert told.why or problem.level == "tidied"
        assert "{" not in told.wrong + told.why + told.mend


def test_a_clean_list_is_left_in_peace(tmp_path: Path, here: None) -> None:
    found = [judged(tmp_path / str(seed), None, seed) for seed in range(100, 110)]
    assert all(one.checked.usable for one in found)
    assert sum(one.alarms for one in found) <= 0.01 * sum(one.rows for one in found)
    assert dt.date(2026, 6, 1) == faults.TODAY
