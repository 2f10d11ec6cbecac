"""How long fitting, matching and judging balance take and what memory they need, beside other packages.

`make bench ONLY=matching` prints one JSON line a figure; SEED=n takes other data. The people are made:
16 continuous covariates, 8 counts and 16 yes-or-no, all correlated, a sixth of them with taking part.
Every measured step runs in a process of its own. Peers run where they are installed: R with MatchIt and
cobalt (Debian: r-cran-matchit), and psmpy in a virtual environment made for it and thrown away.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from linking import figure, least, most
from linking_steps import peak_memory

MAIN, SMALL = (10_000, 500_000), (1_000, 100_000)
GROWTH = (10_000, 100_000, 500_000, 2_000_000)  # pools, each with GROWTH_TREATED
GROWTH_TREATED = 5_000
# Seconds and GB of fit, match and full balance together.
LIMITS = {MAIN: (4.0, 1.0), SMALL: (1.0, 1.0)}
LARGEST = (15.0, 4.0)
FASTER_THAN_R, MATCHING_FASTER_THAN_R, TIMES_ARGSORT = 15, 3, 5
PEER_SECONDS = 1200
PSMPY, PSMPY_SECONDS = (1_000, 10_000), 300  # it is not made for large pools
REDRAW = 0.2  # seconds for a love plot
SETTINGS = {"caliper": 0.2, "squares": False}  # the model of the peers' formula: main effects only


def generate(folder: Path, treated: int, pool: int, seed: int) -> None:
    """People with 40 covariates, as a cohort's table and as plain numbers for other languages."""
    rng = np.random.default_rng([31, seed])
    n = treated + pool
    common = rng.normal(size=n)
    columns = {f"x{i}": rng.normal(size=n) + 0.3 * common for i in range(16)}
    columns |= {f"c{i}": rng.poisson(np.exp(0.8 + 0.2 * common)).astype(float) for i in range(8)}
    columns |= {f"b{i}": (rng.random(n) < 0.05 + 0.05 * i + 0.03 * np.tanh(common)) * 1.0 for i in range(16)}
    drive = 0.15 * sum(columns[f"x{i}"] for i in range(5)) + 0.05 * columns["c0"] + 0.4 * columns["b3"]
    # With Gumbel noise the largest are drawn with odds exp(drive): a logistic model with so many treated.
    took_part = np.zeros(n, dtype=bool)
    took_part[np.argsort(-(drive + rng.gumbel(size=n)))[:treated]] = True
    people = pd.DataFrame({"person_id": np.arange(n), "treated": took_part, **columns})
    people.set_index(pd.Index(np.arange(n) + 1, name="unit_id")).to_parquet(folder / "people.parquet")
    with (folder / "people.f8").open("wb") as file:
        for column in (took_part.astype(float), *columns.values()):
            file.write(column.tobytes())


def cohort_of(folder: Path):
    from datalab_helpers.intake import Cohort

    people = pd.read_parquet(folder / "people.parquet")
    kinds = {"x": "continuous", "c": "count", "b": "binary"}
    covariates = {
        name: {"label": name, "kind": kinds[name[0]], "family": kinds[name[0]], "unit": "", "core": False}
        for name in people.columns[2:]
    }
    groups = pd.DataFrame(index=people.index[people["treated"]])
    return Cohort(people, groups, pd.DataFrame(), covariates, {"time_zero": "table"})


def request_with(**matching: Any):
    from datalab_helpers.lab import load_lab
    from datalab_helpers.request import Request, RequestFile

    raw = {
        "id": "BENCH-1",
        "lab": "general",
        "organisation": "Bench",
        "programme": {"name": "Bench", "began": "2020-01-01", "ended": "2020-12-31"},
        "table": {
            "file": "people.csv",
            "id": "id",
            "treatment": "treated",
            "covariates": {"x0": "continuous"},
            "outcomes": [{"name": "y", "label": "Y", "kind": "binary", "good": "lower"}],
        },
        "analyses": [{"name": "All", "headline": True, "exact": []}],
        "matching": matching,
        "outcome": {"primary": "y"},
        "seed": 1,
    }
    return Request(Path("request.yml"), RequestFile.model_validate(raw), load_lab("general"))


# ---------------------------------------------------------------- steps, each in a process of its own


def whole(folder: Path, defaults: int = 0) -> dict[str, float]:
    """Fit, match and judge balance by the two calls of the notebooks.

    Parameters
    ----------
    defaults : 1 takes the settings of a new request: squares in the model, five calipers tried
    """
    from datalab_helpers import assess_balance, match

    cohort, request = cohort_of(folder), request_with(**({} if defaults else SETTINGS))
    before, busy = peak_memory(), time.process_time()
    sample, fit = _timed(lambda: match(request, cohort, request.analyses[0]))
    balance, judge = _timed(lambda: assess_balance(cohort, sample, request))
    return {
        "seconds": fit + judge,
        "fit_and_match": fit,
        "balance": judge,
        "busy": time.process_time() - busy,
        "loaded": before,
        "worst": float(balance.rows["smd_after"].abs().max()),
        "matched": sample.sizes["treatment"],
    }


def limits(folder: Path) -> dict[str, float]:
    """The least that such work can take: sorting the score once, one pass of X'WX."""
    score, _, x = _scored(folder)
    weight = np.full(len(x), 0.1)

    def pass_once() -> np.ndarray:
        total = np.zeros((x.shape[1], x.shape[1]))
        for start in range(0, len(x), 4096):
            part = x[start : start + 4096] * np.sqrt(weight[start : start + 4096])[:, None]
            total += part.T @ part
        return total

    return {"argsort": _best(lambda: np.argsort(score)), "pass": _best(pass_once)}


def matching(folder: Path) -> dict[str, float]:
    """Matching alone, from scores to weights, by method; sorting is part of it."""
    from datalab_helpers.matching import scored, specification
    from datalab_helpers.request import MatchingSettings

    score, treated, _ = _scored(folder)
    everyone = np.zeros(len(score), dtype=np.int64)
    methods = {
        "radius": MatchingSettings(caliper=0.2),
        "kernel": MatchingSettings(method="kernel", caliper=0.2),
        "nearest": MatchingSettings(method="nearest", replacement=False, caliper=None),
        "nearest_again": MatchingSettings(method="nearest", caliper=None),
        "nearest_5": MatchingSettings(method="nearest", replacement=False, ratio=5, caliper=None),
    }
    found = {
        name: _best(lambda s=s: specification(scored(treated, score, everyone), s, s.caliper))
        for name, s in methods.items()
    }
    ready = scored(treated, score, everyone)
    return found | {"again": _best(lambda: specification(ready, methods["radius"], 0.1))}


def love(folder: Path) -> dict[str, float]:
    """A love plot drawn again, as when a caliper is moved."""
    from datalab_helpers import assess_balance, match
    from datalab_helpers.plots import plot_balance

    cohort, request = cohort_of(folder), request_with(**SETTINGS)
    balance = assess_balance(cohort, match(request, cohort, request.analyses[0]), request)
    return {"redraw": _best(lambda: plot_balance(balance)._repr_png_())}


def _scored(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from datalab_helpers.matching import design, propensity

    cohort = cohort_of(folder)
    terms = design(cohort, squares=False)
    model = propensity(cohort.people["treated"], terms)
    return model.score.to_numpy(), cohort.people["treated"].to_numpy(), terms.matrix.to_numpy()


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def _best(work: Callable[[], Any], times: int = 5) -> float:
    work()
    return min(_timed(work)[1] for _ in range(times))


# ---------------------------------------------------------------- peers

IN_R = r"""
folder <- commandArgs(TRUE)[1]; n <- as.numeric(commandArgs(TRUE)[2]); k <- 41
x <- matrix(readBin(file.path(folder, "people.f8"), "double", n * k), n, k)
d <- as.data.frame(x); names(d) <- c("treat", paste0("v", 1:(k - 1))); rm(x)
suppressPackageStartupMessages(library(MatchIt))
took <- function(work) unname(system.time(work)[["elapsed"]])
f <- reformulate(names(d)[-1], "treat")
fit <- took(g <- glm(f, binomial, d)); score <- predict(g); rm(g)
alone <- took(matchit(treat ~ 1, d, method = "nearest", distance = score, normalize = FALSE))
again <- took(matchit(treat ~ 1, d, method = "nearest", distance = score, replace = TRUE, normalize = FALSE))
call <- took(m <- matchit(f, d, method = "nearest", distance = "glm"))
own <- took(s <- summary(m, standardize = TRUE))
tab <- NA
if (requireNamespace("cobalt", quietly = TRUE))
  tab <- took(b <- cobalt::bal.tab(m, un = TRUE, stats = c("m", "v", "ks"), binary = "std"))
cat(sprintf('{"version": "%s", "fit": %f, "alone": %f, "again": %f, "call": %f, "summary": %f, "cobalt": %s}\n',
  packageVersion("MatchIt"), fit, alone, again, call, own, if (is.na(tab)) "null" else tab))
"""

IN_PSMPY = """
import sys, time, warnings
import numpy as np, pandas as pd
warnings.simplefilter("ignore")
from psmpy import PsmPy
n = int(sys.argv[2])
x = np.fromfile(sys.argv[1] + "/people.f8").reshape(41, n).T
d = pd.DataFrame(x, columns=["treat", *(f"v{i}" for i in range(1, 41))]); d["id"] = np.arange(n)
started = time.perf_counter()
p = PsmPy(d, treatment="treat", indx="id", exclude=[])
p.logistic_ps(balance=False)
p.kdtree_matched(matcher="propensity_logit", replacement=False, caliper=None, drop_unmatched=True)
print(time.perf_counter() - started)
"""


def in_r(folder: Path, n: int) -> dict[str, Any] | None:
    """Seconds of R's steps; None with the reason said where R, MatchIt or the time is lacking."""
    if not shutil.which("Rscript"):
        return _absent("R is not installed")
    (folder / "peer.R").write_text(IN_R, encoding="utf-8")
    try:
        done = subprocess.run(
            ["Rscript", str(folder / "peer.R"), str(folder), str(n)],
            capture_output=True,
            text=True,
            timeout=PEER_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return _absent(f"MatchIt did not finish {n:,} people in {PEER_SECONDS} s")
    if done.returncode:
        return _absent(f"R could not run MatchIt: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(done.stdout.splitlines()[-1])


def in_psmpy(folder: Path, n: int) -> float | None:
    """Seconds of psmpy: score and nearest neighbour without replacement, no balance."""
    with TemporaryDirectory(prefix="datalab-psmpy-") as name:
        venv.create(name, with_pip=True)
        python = str(Path(name) / "bin/python")
        got = subprocess.run(
            [python, "-m", "pip", "install", "-q", "psmpy", "setuptools"], capture_output=True, text=True
        )
        if got.returncode:
            return _absent("psmpy cannot be installed here")
        try:
            done = subprocess.run(
                [python, "-c", IN_PSMPY, str(folder), str(n)],
                capture_output=True,
                text=True,
                timeout=PSMPY_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return _absent(f"psmpy did not finish {n:,} people in {PSMPY_SECONDS} s")
    if done.returncode:
        return _absent(f"psmpy failed: {done.stderr.strip().splitlines()[-1:]}")
    return float(done.stdout.split()[-1])


def _absent(reason: str) -> None:
    print(json.dumps({"figure": reason, "value": None, "unit": "", "reach": "", "holds": True}), flush=True)


# ---------------------------------------------------------------- figures

RUNS = 3  # processes, of which the quickest counts: others on the machine only ever make it slower


def step(name: str, folder: Path, *arguments: int) -> dict[str, float]:
    """One step in a new process: what it answers, its CPU seconds and the most memory it held."""
    command = [sys.executable, __file__, name, str(folder), *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def quickest(folder: Path) -> dict[str, float]:
    """The quickest of several runs of the whole, with the most memory that any took."""
    runs = [step("whole", folder) for _ in range(RUNS)]
    best = min(runs, key=lambda run: run["seconds"])
    return best | {"memory": max(run["memory"] for run in runs)}


def measure_size(folder: Path, size: tuple[int, int]) -> list[bool]:
    """Fit, match and balance of one size, with what bounds them."""
    what = f"{size[0]:,} x {size[1]:,} x 40"
    seconds, memory = LIMITS[size]
    found, bound, alone = quickest(folder), step("limits", folder), step("matching", folder)
    held = [
        most(f"{what}: fit, radius match and full balance", found["seconds"], "s", seconds),
        most(f"{what}: memory of the process", found["memory"], "GB", memory),
        figure(f"{what}: of which the loaded data", found["loaded"], "GB"),
        figure(f"{what}: CPU of it", found["busy"], "s"),
        figure(f"{what}: of which balance", found["balance"], "s"),
        figure(f"{what}: in passes of X'WX ({bound['pass']:.3f} s)", found["seconds"] / bound["pass"], ""),
    ]
    for name in ("radius", "kernel", "nearest", "nearest_again", "nearest_5"):
        ratio = alone[name] / bound["argsort"]
        told = f"{what}: matching alone, {name.replace('_', ' ')}, over argsort ({bound['argsort']:.3f} s)"
        # The goal is the default method's; the others are shown beside it.
        held.append(most(told, ratio, "", TIMES_ARGSORT) if name == "radius" else figure(told, ratio, ""))
    held.append(
        figure(f"{what}: radius again at another caliper, for a specification curve", alone["again"], "s")
    )
    defaults = step("whole", folder, 1)
    figure(f"{what}: with the default settings (squares, five calipers)", defaults["seconds"], "s")
    figure(f"{what}: with the default settings, memory", defaults["memory"], "GB")
    return held


def beside_r(folder: Path, size: tuple[int, int]) -> list[bool]:
    """The same data in R, and how many times faster ours is, measured just before."""
    peer = in_r(folder, sum(size))
    if peer is None:
        return []
    what = f"MatchIt {peer['version']}, {size[0]:,} x {size[1]:,} x 40"
    ours, alone = quickest(folder), step("matching", folder)
    for name in ("fit", "alone", "again", "call", "summary"):
        figure(f"{what}: {name}", peer[name], "s")
    if peer["cobalt"] is None:
        _absent("cobalt is not installed: MatchIt's own summary stands in for its balance table")
    else:
        figure(f"{what}: cobalt's bal.tab", peer["cobalt"], "s")
    total = peer["call"] + (peer["cobalt"] or peer["summary"])
    whole_over_ours = f"{what}: fit, match and balance over ours", total / ours["seconds"]
    return [
        # The goal is the large size's.
        least(*whole_over_ours, FASTER_THAN_R) if size == MAIN else figure(*whole_over_ours, ""),
        least(f"{what}: nearest alone over ours", peer["alone"] / alone["nearest"], MATCHING_FASTER_THAN_R),
        least(
            f"{what}: nearest with replacement over ours",
            peer["again"] / alone["nearest_again"],
            MATCHING_FASTER_THAN_R,
        ),
    ]


def main() -> None:
    if len(sys.argv) > 2:
        name, folder, *numbers = sys.argv[1:]
        started = time.perf_counter()
        answer = globals()[name](Path(folder), *map(int, numbers)) or {}
        wall = time.perf_counter() - started
        print(json.dumps({**answer, "wall": wall, "cpu": time.process_time(), "memory": peak_memory()}))
        return
    seed = int(os.environ.get("SEED") or 2030)
    figure("load of the machine at the start (1 is one busy core)", os.getloadavg()[0], "")
    held: list[bool] = []
    for size in (SMALL, MAIN):
        with TemporaryDirectory(prefix="datalab-bench-") as name:
            folder = Path(name)
            step("generate", folder, *size, seed)
            held += measure_size(folder, size) + beside_r(folder, size)
            if size == SMALL:
                redraw = step("love", folder)["redraw"]
                held.append(most("love plot drawn again", redraw, "s", REDRAW))
    with TemporaryDirectory(prefix="datalab-bench-") as name:
        folder = Path(name)
        step("generate", folder, *PSMPY, seed)
        seconds = in_psmpy(folder, sum(PSMPY))
        if seconds is not None:
            ours = step("whole", folder)["seconds"]
            what = (
                f"psmpy, {PSMPY[0]:,} x {PSMPY[1]:,} x 40: its fit and match over our fit, match and balance"
            )
            figure(what, seconds / ours, "")
    for pool in GROWTH:
        with TemporaryDirectory(prefix="datalab-bench-") as name:
            folder = Path(name)
            step("generate", folder, GROWTH_TREATED, pool, seed)
            found = step("whole", folder)
            what = f"{GROWTH_TREATED:,} x {pool:,} x 40"
            if pool == max(GROWTH):
                held.append(most(f"{what}: fit, match and balance", found["seconds"], "s", LARGEST[0]))
                held.append(most(f"{what}: memory", found["memory"], "GB", LARGEST[1]))
            else:
                figure(f"{what}: fit, match and balance", found["seconds"], "s")
                figure(f"{what}: memory", found["memory"], "GB")
            figure(f"{what}: CPU of it", found["busy"], "s")
            figure(f"{what}: microseconds a person", found["seconds"] * 1e6 / (pool + GROWTH_TREATED), "us")
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
