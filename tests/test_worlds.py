"""The second opinion on the audit: by hand on tiny cases, and beside it where more is shown than may be."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from test_audit import analysis, levels, measure, part, results

from datalab_helpers.audit import audit_results
from tests.made_up import Maker
from tests.worlds import Question, told

ASKED = {"smallest_group": 30, "smallest_count": 10}


def asked(*analyses: dict[str, Any]) -> set[tuple[str, bool]]:
    return {(q.thing, q.having) for q in told(results(*analyses))}


def test_a_lone_hidden_level_is_what_the_others_leave() -> None:
    """60 - 37 - 20 = 3."""
    assert asked(analysis("All", 60, levels("Area", 60, a=37, b=20, c=None))) == {("c", True)}


def test_two_hidden_levels_that_add_up_to_few_are_each_few() -> None:
    """33 and 20 of 60 leave 7 for two; 25 and 20 leave 15, of which each can be anything from 0 to 15."""
    assert asked(analysis("All", 60, levels("Area", 60, a=33, b=20, c=None, d=None))) == {
        ("c", True),
        ("d", True),
    }
    assert asked(analysis("All", 60, levels("Area", 60, a=25, b=20, c=None, d=None))) == set()


def test_a_part_and_its_whole_are_looked_at_together() -> None:
    """21 of 100 less 15 of 60 are 6 of the other 40, though each number may be told by itself."""
    whole = analysis("All", 100, levels("Area", 100, a=21, b=79))
    women = part("Women", 60, "sex: f", levels("Area", 60, a=15, b=45))
    assert told(results(whole, women))[0] == Question("All", ("Women",), "a", True)
    # Without the part's, 21 are all that is known.
    hidden = part("Women", 60, "sex: f", levels("Area", 60, a=None, b=None))
    assert asked(whole, hidden) == set()


def test_those_without_an_outcome_are_asked_about_too() -> None:
    """50 less 41 leave 9."""
    assert asked(analysis("All", 50, measures=[measure("again", 50, 41)])) == {("again", False)}


@pytest.mark.parametrize("seed", range(40, 46))
def test_what_gives_a_number_away_is_found_by_the_audit_too(seed: int, tmp_path: Path) -> None:
    """Some levels that were held back are shown all the same: whatever `worlds` can tell then, the audit finds."""
    rng = np.random.default_rng(seed)
    made = Maker(tmp_path / "requests", 700).make(seed, 300)
    # The room's own name `release` is the function in it.
    released = importlib.import_module("datalab_helpers.disclosure.release")
    hidden_rows, found = released.hidden_rows, 0

    def fewer(*args: Any) -> dict[str, set[tuple[str, str]]]:
        return {
            name: {row for row in sorted(rows) if rng.random() < 0.8}
            for name, rows in hidden_rows(*args).items()
        }

    for _ in range(4):
        with mock.patch.object(released, "hidden_rows", fewer):
            shown = made.published()
        if shown is None:
            continue
        if told(shown):
            found += 1
            assert audit_results(shown, ASKED).breaches
    assert found
