"""A small version of the benchmark on every `make test`, so that it cannot rot between its long runs."""

from __future__ import annotations

from pathlib import Path

import matching


def test_a_small_version_of_the_benchmark_of_matching_runs(tmp_path: Path) -> None:
    matching.generate(tmp_path, 200, 3_000, 1)
    found = matching.whole(tmp_path)
    assert found["matched"] > 150
    assert found["worst"] < 0.2
    assert set(matching.matching(tmp_path)) == {
        "radius",
        "kernel",
        "nearest",
        "nearest_again",
        "nearest_5",
        "again",
    }
    assert matching.limits(tmp_path)["pass"] > 0
