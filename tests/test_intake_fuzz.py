"""Damaged files of each kind: the reader always answers, in plain words, and quotes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import foreign
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datalab_helpers.errors import DataContractError
from datalab_helpers.intake.reading import delimited, kinds, limits
from datalab_helpers.intake.reading.child import read_file

GOOD = {
    ".xlsx": foreign.xlsx,
    ".xls": foreign.xls,
    ".ods": foreign.ods,
    ".csv": lambda: foreign.text().encode(),
}
KINDS = sorted(GOOD)


def damaged(kind: str, rng: np.random.Generator) -> bytes:
    """A good file with bytes changed, lost or repeated; in a packed one, half the time inside a part."""
    raw = GOOD[kind]()
    if kind in (".xlsx", ".ods") and rng.random() < 0.5:
        parts = foreign.parts_of(raw)
        name = sorted(parts)[int(rng.integers(len(parts)))]
        return foreign.packed(parts | {name: hurt(parts[name], rng)})
    return hurt(raw, rng)


def hurt(raw: bytes, rng: np.random.Generator) -> bytes:
    data = bytearray(raw)
    how = rng.integers(4)
    at = int(rng.integers(max(len(data), 1)))
    if how == 0:
        return bytes(data[:at])
    if how == 1:
        return bytes(data[:at] + data[at : at + 200] * int(rng.integers(2, 60)) + data[at:])
    for place in rng.integers(0, max(len(data), 1), int(rng.integers(1, 30))):
        if len(data):
            data[int(place)] = int(rng.integers(256)) if how == 2 else 0
    return bytes(data)


def answers(path: Path) -> None:
    """Sheets, or a refusal in plain words."""
    told = path.name
    try:
        assert "sheets" in read_file(path)
    except DataContractError as error:
        told = str(error)
    assert told.startswith(path.name)
    assert foreign.CANARY not in told
    assert "Traceback" not in told


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_gets_an_answer(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng([3, KINDS.index(kind)])
    for number in range(5):
        path = tmp_path / f"{number}{kind}"
        path.write_bytes(damaged(kind, rng))
        answers(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    raw=st.binary(max_size=400)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_any_bytes_are_text_or_are_refused(tmp_path: Path, raw: bytes) -> None:
    """In this process, since nothing but our own code reads a csv."""
    path = tmp_path / "a.csv"
    path.write_bytes(raw)
    try:
        assert kinds.kind_of(path) == ".csv"
        answer = delimited.read_delimited(path, limits.LIMITS)
    except limits.Refused:
        return
    assert all(isinstance(cell, str) for row in answer["sheets"][0]["rows"] for cell in row)


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("ONLY") not in (None, "", "fuzz"), reason="another figure was asked for")
def test_thousands_of_damaged_files_get_an_answer(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    rng = np.random.default_rng([4, int(os.environ.get("SEED") or 1)])
    paths = []
    for number in range(4_000):
        path = tmp_path / f"{number}{KINDS[number % 4]}"
        path.write_bytes(damaged(KINDS[number % 4], rng))
        paths.append(path)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(answers, paths))
    print(
        '{"figure": "damaged files without a plain answer", "value": 0, "unit": "of 4,000", "reach": "0", "holds": true}'
    )
