"""How long preparing and linking take, what memory they need and how many people they find, by size.

`make bench` prints one JSON line a figure. ONLY=1000000 takes one size (several: 100000,1000000),
SEED=n other records. Speed and memory are measured once a size; accuracy on three submissions drawn
with different seeds from one set of records. Every measured step runs in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from linking_steps import EXPLAINED, LONG, ORACLES, SUBMISSIONS, SUBMITTED

LABELS = {
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "f1_unnumbered": "F1 without any identifier",
}
SIZES = (100_000, 1_000_000, 10_000_000)
NEAR_ORACLE = 0.002  # how near F1 must come to the oracle's on the fields alone; with dates it must be above
# Goals of the largest size; seconds also stand for the smaller ones.
MAKE_SECONDS, MAKE_GB = 60, 3.0
PREPARE_SECONDS, PREPARE_GB = 90, 3.0
LINK_SECONDS, LINK_GB = {2_000: 3.0, 10_000: 5.0}, 1.5
# Of rows that have a name and a date of birth: the others cannot be linked.
PRECISION, RECALL, UNNUMBERED_F1 = 0.995, 0.976, 0.975
FEWEST = 100  # links that a band of the posterior must have to be judged: fewer are off by 0.05 by chance
OVER = 0.05  # how much surer than right the linked in a band of the posterior may be said to be
STUDIED = 1_000_000  # the size at which heavier errors and the effect of linking error are studied
UNPREPARED = 1_000_000  # the most people for which linking without preparing is timed beside


def step(name: str, folder: Path, *arguments: object) -> dict:
    """One step in a new process: what it answers, its CPU seconds and the most memory it held."""
    program = Path(__file__).with_name("linking_steps.py")
    command = [sys.executable, str(program), name, str(folder), *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def figure(name: str, value: float, unit: str, reach: str = "", holds: bool = True) -> bool:
    line = {"figure": name, "value": round(value, 4), "unit": unit, "reach": reach, "holds": bool(holds)}
    print(json.dumps(line), flush=True)
    return holds


def told(name: str, value: float, *_: object) -> bool:
    return figure(name, value, "")


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
    timed = {}
    for count, name in zip(SUBMITTED, SUBMISSIONS, strict=False):
        what = f"link {count:,} to {people:,}"
        found = timed[name] = step("link", folder, name)
        held += [
            most(what, found["seconds"], "s", LINK_SECONDS[count]),
            most(f"{what}: memory", found["memory"], "GB", LINK_GB),
            figure(f"{what}: CPU of the whole process", found["cpu"], "s"),
            figure(f"{what}: share to review", found["review"], ""),
        ]
    mine, peer = timed["short"], step("afresh", folder, "short")
    what = f"link {SUBMITTED[0]:,} to {people:,}, Splink trained afresh"
    figure(what, peer["seconds"], "s")
    figure(f"{what}: memory", peer["memory"], "GB")
    for measure_of, label in LABELS.items():
        figure(f"{what}: {label}", peer[measure_of], "")
        figure(f"link {SUBMITTED[0]:,} to {people:,}: {label}", mine[measure_of], "")
    figure(f"{what}: times as long", peer["seconds"] / mine["seconds"], "")
    return held


def answer_error(folder: Path, people: int) -> None:
    """What wrong and missed links do to an effect."""
    names = [name for name, (_, seed) in SUBMISSIONS.items() if seed]
    for evidence, found in step("effect", folder, *names).items():
        if evidence in EXPLAINED:
            for what, value in found.items():
                figure(f"{people:,} people, {evidence}, linking error: {what}", value, "share")


def accuracy(folder: Path, people: int, model: str = "plain") -> list[bool]:
    """Precision, recall and F1: mean and worst of the submissions, by what their rows tell, beside the oracle."""
    names = [name for name, (_, seed) in SUBMISSIONS.items() if seed]
    with ThreadPoolExecutor(2) as pool:
        *found, long = pool.map(lambda name: step("judge", folder, name), [*names, LONG])
        ideal = list(pool.map(lambda name: step("best", folder, name, model), names))
    held = []
    title = "" if model == "plain" else f"{model} errors, "
    # Goals are for the errors the model was made for.
    reach, within = (least, most) if model == "plain" else (told, told)
    for what in ideal[0]["oracle"]:
        each = pd.DataFrame([answer["oracle"][what] for answer in ideal])
        about = f"{title}{people:,} people, oracle ({what})"
        for measure_of in ("precision", "recall", "f1", "f1_unnumbered"):
            figure(f"{about}: {LABELS[measure_of]}", each[measure_of].mean(), "")
        figure(f"{about}: posterior above the truth in a band, worst", overconfidence(each["bands"]), "")
    for evidence, knowledge in ORACLES.items():
        each = pd.DataFrame([answer[evidence] for answer in found])
        about = f"{title}{people:,} people, {evidence}"
        mean, worst = (each.drop(columns="bands").agg(of) for of in ("mean", "min"))
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
        for share in ("missed expected", "false expected"):
            figure(f"{about}, linking error: {share}", mean[share], "share")
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
            within(
                f"{about}: posterior above the truth in a band, worst",
                overconfidence(pd.concat([each["bands"], pd.Series([long[evidence]["bands"]])])),
                "",
                OVER,
            ),
        ]
        if evidence in EXPLAINED and (model == "plain" or evidence != "no dates"):
            causes(about, [line for answer in ideal for line in answer["lost"][evidence]])
    return held


def overconfidence(bands: pd.Series) -> float:
    """By how much the posterior of the linked exceeds the share right, in the worst band of all submissions together."""
    links, said, was = np.array(bands.tolist()).sum(axis=0).T
    judged = links >= FEWEST
    return float(((said - was)[judged] / links[judged]).max())


def f1_of(ideal: list[dict], knowledge: str) -> float:
    return sum(answer["oracle"][knowledge]["f1"] for answer in ideal) / len(ideal)


def causes(about: str, lost: list[dict[str, str]]) -> None:
    """How many links are wrong and why, all submissions together; what is rare under one heading."""
    kinds = ["wrong", "oracle", "step", "cause", "identifier"]
    counted = pd.DataFrame(lost, columns=kinds).value_counts().reset_index()
    rare = counted["count"] <= max(1, 0.005 * len(lost))
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
        held = [
            most(f"make {people:,} people", made["wall"], "s", MAKE_SECONDS),
            most(f"make {people:,} people: memory", made["memory"], "GB", MAKE_GB),
            figure(f"make {people:,} people: CPU", made["cpu"], "s"),
            *speed(folder, people),
            *accuracy(folder, people),
        ]
        if people == STUDIED:
            answer_error(folder, people)
        if people <= UNPREPARED:
            (folder / "records/prepared.duckdb").unlink()
            found = step("link", folder, "short")
            what = f"link {SUBMITTED[0]:,} to {people:,}, not prepared"
            figure(what, found["seconds"], "s")
            figure(f"{what}: memory", found["memory"], "GB")
    if people == STUDIED:
        with TemporaryDirectory(prefix="datalab-bench-") as name:
            folder = Path(name)
            step("generate", folder, people, seed, "heavy")
            step("prepare", folder)
            held += accuracy(folder, people, "heavy")
    return all(held)


def main() -> None:
    sizes = [int(size) for size in (os.environ.get("ONLY") or "").split(",") if size.isdigit()] or SIZES
    held = [measure(size, int(os.environ.get("SEED") or 2030)) for size in sizes]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
