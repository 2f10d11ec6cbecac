"""How long preparing and linking take, what memory they need and how many people they find, by size.

`make bench` prints one JSON line a figure. ONLY=1000000 takes one size (several: 100000,1000000),
SEED=n other records. Speed and memory are measured once a size; accuracy on three submissions drawn
with different seeds from one set of records. Every measured step runs in a process of its own.
"""

from __future__ import annotations

import inspect
import json
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

LABELS = {
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "f1_unnumbered": "F1 without any identifier",
}
SIZES = (100_000, 1_000_000, 10_000_000)
SUBMITTED = (2_000, 10_000)
SEEDS = (1, 2, 3)
# Submissions by name: rows and seed. The first two are timed, the last three judged.
SUBMISSIONS = {"short": (SUBMITTED[0], 0)} | {f"seed-{seed}": (SUBMITTED[1], seed) for seed in SEEDS}
# What a row tells besides names, birth, gender and identifiers.
EVIDENCE = ("no dates", "start", "start and release")
# The oracle that knows as much.
ORACLES = dict(zip(EVIDENCE, ("fields", "start", "start and release"), strict=True))
EXPLAINED = EVIDENCE[:2]  # for which each wrong link is put down to a cause
NEAR_ORACLE = 0.002  # how near F1 must come to the oracle's on the fields alone; with dates it must be above
# Goals of the largest size; seconds also stand for the smaller ones.
PREPARE_SECONDS, PREPARE_GB = 90, 3.0
LINK_SECONDS, LINK_GB = {2_000: 3.0, 10_000: 5.0}, 1.5
# Of rows that have a name and a date of birth: the others cannot be linked.
PRECISION, RECALL, UNNUMBERED_F1 = 0.995, 0.976, 0.975
BANDS, FEWEST, OVER = (0.5, 0.7, 0.9, 0.99, 1.0), 30, 0.05
UNPREPARED = 1_000_000  # the most people for which linking without preparing is timed beside


def generate(folder: Path, people: str, seed: str, model: str = "plain") -> None:
    import linking_make

    linking_make.generate(folder, int(people), int(seed), model, SUBMISSIONS)


def prepare(folder: Path) -> dict[str, float]:
    from datalab_helpers.intake import prepare_records
    from datalab_helpers.lab import load_lab

    started = time.perf_counter()
    prepare_records(folder / "records", load_lab("justice"))
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "disk": (folder / "records/prepared.duckdb").stat().st_size / 1e9}


def link(folder: Path, name: str) -> dict[str, float]:
    """Linking in a new process, from opening the records to the last link."""
    from datalab_helpers.intake import read_submission
    from datalab_helpers.request import load_request

    request = load_request(folder / name)
    participants = read_submission(request)
    started = time.perf_counter()
    found = linked(participants, request, folder)
    return {"seconds": time.perf_counter() - started, "review": float(found["review"].mean())}


def linked(participants, request, folder: Path) -> pd.DataFrame:
    """The links of a submission, as the product makes them."""
    from datalab_helpers.intake import link
    from datalab_helpers.store import open_store

    given = (participants, open_store(request, folder / "records"), request)
    return link(*given[: len(inspect.signature(link).parameters)]).links


def judge(folder: Path, name: str) -> dict[str, dict[str, float]]:
    """How right the links of one submission are, by what its rows tell; keeps the links beside it."""
    from datalab_helpers.intake import read_submission
    from datalab_helpers.request import load_request

    answer = {}
    for evidence in EVIDENCE:
        request = load_request(folder / (f"{name}-dated" if evidence == EVIDENCE[2] else name))
        participants = read_submission(request)
        if evidence == EVIDENCE[0]:
            dates = participants.rows.select_dtypes("datetime").columns.drop("date_of_birth")
            participants = replace(
                participants, rows=participants.rows.assign(**dict.fromkeys(dates, pd.NaT))
            )
        found = linked(participants, request, folder)
        found.to_parquet(folder / name / f"{evidence}.parquet")
        answer[evidence] = judged(found, participants.rows, truth_of(folder, name))
    return answer


def best(folder: Path, name: str, model: str = "plain") -> dict[str, dict]:
    """How right the oracle is on the same rows, and why the product's links are wrong where they are."""
    import linking_loss
    import linking_make
    import linking_oracle

    from datalab_helpers.intake import read_submission
    from datalab_helpers.request import load_request

    rows = read_submission(load_request(folder / name)).rows
    truth = truth_of(folder, name)
    ideal = linking_oracle.oracle(folder, name, linking_make.MODELS[model])
    looked_up = linking_loss.looked_up(folder, name)
    lost = {}
    for evidence in EXPLAINED:
        links = pd.read_parquet(folder / name / f"{evidence}.parquet")
        wrong = linking_loss.losses(folder, name, links, ideal[ORACLES[evidence]], looked_up, model)
        lost[evidence] = wrong.drop(columns="row").to_dict("records")
    return {"oracle": {what: judged(found, rows, truth) for what, found in ideal.items()}, "lost": lost}


def truth_of(folder: Path, name: str) -> pd.Series:
    """Who each row is; 0 stands for nobody on record."""
    return pd.read_parquet(folder / name / "truth.parquet").set_index("row")["person_id"]


def judged(found: pd.DataFrame, rows: pd.DataFrame, truth: pd.Series) -> dict[str, float]:
    """Accuracy of links (person_id, posterior) among rows that can be linked.

    over : in bands of the posterior, how much surer the linked were said to be than they were
    """
    told = found["person_id"].reindex(truth.index).fillna(0).astype("int64")
    rows = rows.reindex(truth.index)
    usable = rows[["surname", "forename", "date_of_birth"]].notna().all(axis=1)
    numbered = rows[["pnc_id", "prison_number"]].notna().any(axis=1)
    is_right = (told == truth) & (truth > 0)
    said = found["posterior"].reindex(truth.index)[told > 0]
    bands = pd.DataFrame({"said": said, "was": is_right[told > 0]}).groupby(
        pd.cut(said, BANDS), observed=True
    )
    gap = (bands["said"].mean() - bands["was"].mean())[bands.size() >= FEWEST]
    return {
        **agreement(told, truth, usable),
        "f1_all": agreement(told, truth, usable | True)["f1"],
        "f1_unnumbered": agreement(told, truth, usable & ~numbered)["f1"],
        "over": float(gap.max()) if len(gap) else 0.0,
    }


def agreement(told: pd.Series, truth: pd.Series, among: pd.Series) -> dict[str, float]:
    """Precision, recall and F1 of links among some rows; 0 stands for nobody."""
    told, truth = told[among], truth[among]
    right = int(((told == truth) & (truth > 0)).sum())
    given, there = int((told > 0).sum()), int((truth > 0).sum())
    return {"precision": right / given, "recall": right / there, "f1": 2 * right / (given + there)}


def step(name: str, folder: Path, *arguments: object) -> dict:
    """One step in a new process: what it answers, its CPU seconds and the most memory it held."""
    command = [sys.executable, __file__, name, str(folder), *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def peak_memory() -> float:
    """GB; what the kernel counted since this program began."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def figure(name: str, value: float, unit: str, reach: str = "", holds: bool = True) -> bool:
    line = {"figure": name, "value": round(value, 4), "unit": unit, "reach": reach, "holds": bool(holds)}
    print(json.dumps(line), flush=True)
    return holds


def most(name: str, value: float, unit: str, limit: float) -> bool:
    return figure(name, value, unit, f"<= {limit:g}", value <= limit)


def least(name: str, value: float, limit: float) -> bool:
    return figure(name, value, "", f">= {limit:g}", value >= limit)


def speed(folder: Path, people: int) -> list[bool]:
    """Seconds and memory of preparing and of linking."""
    ready = step("prepare", folder)
    held = [
        most(f"prepare {people:,}", ready["seconds"], "s", PREPARE_SECONDS),
        most(f"prepare {people:,}: memory", ready["memory"], "GB", PREPARE_GB),
        figure(f"prepare {people:,}: CPU", ready["cpu"], "s"),
        figure(f"prepare {people:,}: disk", ready["disk"], "GB"),
    ]
    step("link", folder, "short")  # brings the file into the cache
    for count, name in zip(SUBMITTED, SUBMISSIONS, strict=False):
        what = f"link {count:,} to {people:,}"
        found = step("link", folder, name)
        held += [
            most(what, found["seconds"], "s", LINK_SECONDS[count]),
            most(f"{what}: memory", found["memory"], "GB", LINK_GB),
            figure(f"{what}: CPU of the whole process", found["cpu"], "s"),
            figure(f"{what}: share to review", found["review"], ""),
        ]
    return held


def accuracy(folder: Path, people: int, model: str = "plain") -> list[bool]:
    """Precision, recall and F1: mean and worst of the submissions, by what their rows tell, beside the oracle."""
    names = [name for name, (_, seed) in SUBMISSIONS.items() if seed]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda name: step("judge", folder, name), names))
        ideal = list(pool.map(lambda name: step("best", folder, name, model), names))
    held = []
    title = "" if model == "plain" else f"{model} errors, "
    # Goals are for the errors the model was made for.
    reach = least if model == "plain" else lambda name, value, limit: figure(name, value, "")
    for what in ideal[0]["oracle"]:
        each = pd.DataFrame([answer["oracle"][what] for answer in ideal])
        about = f"{title}{people:,} people, oracle ({what})"
        for measure_of in ("precision", "recall", "f1", "f1_unnumbered"):
            figure(f"{about}: {LABELS[measure_of]}", each[measure_of].mean(), "")
        figure(f"{about}: posterior above the truth in a band, worst", each["over"].max(), "")
    for evidence, knowledge in ORACLES.items():
        each = pd.DataFrame([answer[evidence] for answer in found])
        about = f"{title}{people:,} people, {evidence}"
        mean, worst = each.mean(), each.min()
        for measure_of, goal in (
            ("precision", PRECISION),
            ("recall", RECALL),
            ("f1_unnumbered", UNNUMBERED_F1),
        ):
            held += [
                reach(f"{about}: {LABELS[measure_of]}", mean[measure_of], goal),
                figure(f"{about}: {LABELS[measure_of]}, worst", worst[measure_of], ""),
            ]
        figure(f"{about}: F1", mean["f1"], "")
        figure(f"{about}: F1, worst", worst["f1"], "")
        figure(f"{about}: F1 counting rows without name or date of birth", mean["f1_all"], "")
        if knowledge != "fields":
            figure(
                f"{about}: F1 less that of the oracle ({knowledge})", mean["f1"] - f1_of(ideal, knowledge), ""
            )
        held += [
            reach(
                f"{about}: F1 less that of the oracle (fields)",
                mean["f1"] - f1_of(ideal, "fields"),
                -NEAR_ORACLE if knowledge == "fields" else 0.0,
            ),
            most(f"{about}: posterior above the truth in a band, worst", each["over"].max(), "", OVER),
        ]
        if evidence in EXPLAINED:
            causes(about, [line for answer in ideal for line in answer["lost"][evidence]])
    return held


def f1_of(ideal: list[dict], knowledge: str) -> float:
    return sum(answer["oracle"][knowledge]["f1"] for answer in ideal) / len(ideal)


def causes(about: str, lost: list[dict[str, str]]) -> None:
    """How many links are wrong and why, all submissions together; single ones under one heading."""
    kinds = ["wrong", "oracle", "step", "cause", "identifier"]
    counted = pd.DataFrame(lost, columns=kinds).value_counts().reset_index()
    rare = counted["count"] == 1
    counted.loc[rare, ["step", "cause", "identifier"]] = [
        "any step",
        "other causes",
        "with or without identifier",
    ]
    counted = counted.groupby(kinds, as_index=False)["count"].sum()
    for line in counted.sort_values(["wrong", "oracle", "count"], ascending=[True, True, False]).itertuples():
        why = f"{line.wrong}, {line.oracle}: {line.cause}, {line.identifier}, {line.step}"
        figure(f"{about}, wrong links: {why}", line.count, "rows")


def measure(people: int, seed: int) -> bool:
    """All figures of one size; whether each holds."""
    with TemporaryDirectory(prefix="datalab-bench-") as name:
        folder = Path(name)
        made = step("generate", folder, people, seed)
        figure(f"make {people:,} people", made["wall"], "s")
        figure(f"make {people:,} people: memory", made["memory"], "GB")
        held = [*speed(folder, people), *accuracy(folder, people)]
        if people <= UNPREPARED:
            (folder / "records/prepared.duckdb").unlink()
            found = step("link", folder, "short")
            what = f"link {SUBMITTED[0]:,} to {people:,}, not prepared"
            figure(what, found["seconds"], "s")
            figure(f"{what}: memory", found["memory"], "GB")
    return all(held)


def main() -> None:
    if len(sys.argv) > 2:
        name, folder, *arguments = sys.argv[1:]
        started = time.perf_counter()
        answer = globals()[name](Path(folder), *arguments) or {}
        wall = time.perf_counter() - started
        print(json.dumps({**answer, "wall": wall, "cpu": time.process_time(), "memory": peak_memory()}))
        return
    sizes = [int(size) for size in (os.environ.get("ONLY") or "").split(",") if size] or SIZES
    held = [measure(size, int(os.environ.get("SEED") or 2030)) for size in sizes]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
