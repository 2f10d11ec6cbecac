"""Invariants of every method on 200 made groups each; `make slow ONLY=matching` takes 2,000."""

from __future__ import annotations

import matching_properties
import pytest


@pytest.mark.parametrize("check", matching_properties.PROPERTIES, ids=lambda check: check.__name__)
def test_any_match_keeps(check) -> None:
    matching_properties.hold(check, 200)
