"""A small version of the benchmark on every `make test`, so that it cannot rot between its long runs."""

from __future__ import annotations

from pathlib import Path

import linking
import pytest


def test_a_small_version_of_the_benchmark_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "SUBMITTED", (300,))
    linking.generate(tmp_path, 5_000, 1)
    made = linking.prepare(tmp_path)
    assert made["disk"] < 0.1
    found = linking.link(tmp_path, 300)
    assert found["precision"] > 0.99
    assert found["recall"] > 0.95
    assert 0 < found["review"] < 0.2
