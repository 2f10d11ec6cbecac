"""Invariants of every method of matching on 2,000 made groups each; `make test` takes 200.

SEED shifts what is made. Each property prints one JSON line.
"""

from __future__ import annotations

import json
import os
import time

import matching_properties
import pytest

EXAMPLES = 2000


@pytest.mark.slow
@pytest.mark.skipif(
    os.environ.get("ONLY") not in (None, "", "matching"), reason="another figure was asked for"
)
@pytest.mark.parametrize("check", matching_properties.PROPERTIES, ids=lambda check: check.__name__)
def test_any_match_keeps(check) -> None:
    started = time.process_time()
    matching_properties.hold(check, EXAMPLES, int(os.environ.get("SEED") or 0))
    told = f"{check.__name__.replace('_', ' ')}: examples held ({time.process_time() - started:.0f} s of CPU)"
    print(
        json.dumps({"figure": told, "value": EXAMPLES, "unit": "", "reach": f">= {EXAMPLES}", "holds": True})
    )
