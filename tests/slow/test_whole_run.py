"""What a whole request costs: 500 people and a pool of 100,000, by the command and by the helpers directly.

`make slow ONLY=run`. Seconds are printed and not asserted; processor seconds say more on a busy machine.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.slow.test_coverage import figure
from tests.study_requests import draw, request

ROOT = Path(__file__).parents[2]
# The code cells of the four notebooks one after the other in one process, with nothing shown.
DIRECTLY = """
import json, sys
given = {"request_file": sys.argv[1], "run_folder": sys.argv[2]}
for stage in ("01_intake", "02_matching", "03_balance", "04_outcome"):
    names = {"display": lambda *shown: None, **given}
    for cell in json.load(open(f"notebooks/{stage}.ipynb", encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", []):
            exec("".join(cell["source"]), names)
"""


def spent(command: list[str]) -> tuple[float, float]:
    """Seconds on the clock and of the processor, with everything the command started."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, capture_output=True, cwd=ROOT)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("ONLY") not in (None, "", "run"), reason="another figure was asked for")
def test_what_a_whole_request_costs(tmp_path: Path) -> None:
    made = draw(1, 500, 100_000, -0.05)
    table = made.cohort.people.drop(columns="person_id").join(made.outcomes)
    table.assign(treated=table["treated"].astype(int)).reset_index(names="id").to_csv(
        tmp_path / "t.csv", index=False
    )
    asked = json.loads(request().settings.model_dump_json(exclude_unset=True))
    told = tmp_path / "request.yml"
    for trials in (100, 500):
        asked["outcome"]["trials"] = trials
        told.write_text(yaml.safe_dump(asked), encoding="utf-8")
        places = ["--reports", str(tmp_path / "reports"), "--runs", str(tmp_path / "runs")]
        whole = spent(["-m", "datalab_helpers", "run", str(told), "--fresh", *places])
        direct = spent(["-c", DIRECTLY, str(told), str(tmp_path / "direct")])
        name = f"500 x 100,000, {trials} trials"
        figure(
            f"{name}: datalab run, seconds (load {os.getloadavg()[0]:.1f})", whole[0], "<= 60", whole[0] <= 60
        )
        figure(f"{name}: datalab run, processor seconds", whole[1], "", True)
        figure(f"{name}: helpers directly, processor seconds", direct[1], "", True)
        over = 1 - direct[1] / whole[1]
        figure(f"{name}: share of the notebooks, by processor", over, "<= 0.25", over <= 0.25)
    assert (tmp_path / "reports/STUDY-1/report.html").exists()
    assert (tmp_path / "direct/outcome/results.json").exists()
