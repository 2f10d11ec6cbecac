"""A thousand made-up requests through the real `release`, each audited: `make slow ONLY=audit`."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from test_coverage import figure

from datalab_helpers.audit import audit_results
from datalab_helpers.disclosure import RECORD, Results
from datalab_helpers.disclosure.record import FEW, STEP
from datalab_helpers.pipeline.publish import sparing
from tests.made_up import Maker

REQUESTS = 1000
ASKED = {"smallest_group": 30, "smallest_count": 10}
WORKERS = 2


def one_block(seeds: range) -> list[dict[str, Any]]:
    """What the audit found of each request, how long it took, and how much was held back."""
    found = []
    with TemporaryDirectory() as folder:
        maker = Maker(Path(folder) / "requests")
        for seed in seeds:
            made = maker.make(seed)
            results = made.published()
            if results is None:
                found.append({"seed": seed, "published": False})
                continue
            started = time.process_time()
            first = audit_results(results)
            seconds = time.process_time() - started
            spared, withheld = sparing(Results.model_validate(results), ASKED)
            audited = audit_results(json.loads(spared.to_json()), ASKED)
            record = json.loads((made.run.folder / "outcome" / RECORD).read_text(encoding="utf-8"))
            shown = [a for a in results["analyses"] if a["refused"] is None]
            cells = sum(len(a["balance"]["rows"]) + len(a["measures"]) for a in shown)
            beyond = sum(
                action["numbers"]
                for action in record["actions"]
                if action["why"] not in (FEW, STEP) and action["part"] in ("balance and profile", "measures")
            )
            found.append(
                {
                    "seed": seed, "published": True, "analyses": len(shown), "seconds": seconds,
                    "cells": first.cells, "beyond": beyond / cells, "withheld": withheld,
                    "before": [f"{breach.place}: {breach.why} ({breach.rule})" for breach in first.breaches],
                    "breaches": [f"{breach.place}: {breach.why} ({breach.rule})" for breach in audited.breaches],
                }
            )  # fmt: skip
    return found


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("ONLY") not in (None, "", "audit"), reason="another figure was asked for")
def test_a_thousand_requests_give_nothing_away() -> None:
    first = int(os.environ.get("SEED") or 5000)
    blocks = [range(start, start + 50) for start in range(first, first + REQUESTS, 50)]
    with ProcessPoolExecutor(WORKERS) as pool:
        found = [row for block in pool.map(one_block, blocks) for row in block]
    published = [row for row in found if row["published"]]
    breached = [row for row in published if row["breaches"]]
    for row in [row for row in published if row["before"]][:20]:
        print(json.dumps({"seed": row["seed"], "withheld": row["withheld"], "found": row["before"][:2]}))
    seconds = np.array([row["seconds"] for row in published])
    five = np.array([row["seconds"] for row in published if row["analyses"] == 5])
    figure(
        "audit: requests published", len(published), f">= {REQUESTS // 2}", len(published) >= REQUESTS // 2
    )
    figure("audit: numbers of people looked at", sum(row["cells"] for row in published), "", True)
    figure("audit: CPU seconds, median", np.median(seconds), "<= 1", np.median(seconds) <= 1)
    if len(five):
        figure("audit: CPU seconds with five analyses, median", np.median(five), "<= 1", np.median(five) <= 1)
    beyond = float(np.median([row["beyond"] for row in published]))
    figure("audit: share held back beyond small counts, median", beyond, "<= 0.15", beyond <= 0.15)
    spared = sum(bool(row["withheld"]) for row in published)
    figure("audit: requests of which levels or an analysis were withheld by the audit", spared, "", True)
    assert figure("audit: requests published with a breach", len(breached), "0", not breached)
    assert len(published) >= REQUESTS // 2
