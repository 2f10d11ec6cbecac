"""The steps of the linking benchmark, each run in a process of its own: `python linking_steps.py link FOLDER short`.

Each prints one JSON line: what it found, the seconds of the whole process, its CPU seconds and the
most memory it held.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd

SUBMITTED = (2_000, 10_000)
SEEDS = (1, 2, 3)
# Submissions by name: rows and seed. The first two are timed, the last three judged.
SUBMISSIONS = {"short": (SUBMITTED[0], 0)} | {f"seed-{seed}": (SUBMITTED[1], seed) for seed in SEEDS}
# One more, long enough that a middle band of the posterior holds a hundred links; as much as the people allow.
LONG, LONG_ROWS, PEOPLE_A_ROW = "long", 60_000, 100
# What a row tells besides names, birth, gender and identifiers.
EVIDENCE = ("no dates", "start", "start and release")
# The oracle that knows as much.
ORACLES = dict(zip(EVIDENCE, ("fields", "start", "start and release"), strict=True))
EXPLAINED = EVIDENCE[:2]  # for which each wrong link is put down to a cause
BANDS = (0.5, 0.7, 0.9, 0.99, 1.0)  # of the posterior


def generate(folder: Path, people: str, seed: str, model: str = "plain") -> None:
    import linking_make

    long = {LONG: (min(LONG_ROWS, int(people) // PEOPLE_A_ROW), len(SUBMISSIONS))}
    linking_make.generate(folder, int(people), int(seed), model, SUBMISSIONS | long)


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
    found = linked(participants, request, folder).links
    seconds = time.perf_counter() - started
    right = judged(found, participants.rows, truth_of(folder, name))
    return {"seconds": seconds, "review": float(found["review"].mean()), **right}


def afresh(folder: Path, name: str) -> dict[str, float]:
    """The peer: Splink trained for this submission alone."""
    import linking_afresh

    from datalab_helpers.intake import read_submission
    from datalab_helpers.request import load_request

    found, seconds = linking_afresh.afresh(folder, name)
    rows = read_submission(load_request(folder / name)).rows
    return {"seconds": seconds, **judged(found.assign(posterior=1.0), rows, truth_of(folder, name))}


def effect(folder: Path, *names: str) -> dict[str, dict[str, float]]:
    """What wrong and missed links do to a planted effect, all submissions together, by evidence."""
    import linking_effect
    import numpy as np

    from datalab_helpers.intake import read_submission
    from datalab_helpers.request import load_request

    answer, rng = {}, np.random.default_rng(21)
    for evidence in EXPLAINED:
        shares = []
        for name in names:
            rows = read_submission(load_request(folder / name)).rows
            usable = rows[["surname", "forename", "date_of_birth"]].notna().all(axis=1)
            numbered = rows.loc[usable, ["pnc_id", "prison_number"]].notna().any(axis=1)
            links = pd.read_parquet(folder / name / f"{evidence}.parquet").loc[usable.index[usable]]
            told = links["person_id"].fillna(0).astype("int64")
            truth = truth_of(folder, name)[told.index]
            one = dict(zip(("missed", "false"), linking_effect.error_shares(told, truth), strict=True))
            for world, same in (("same for all", True), ("less in those harder to find", False)):
                true, mean, error = linking_effect.estimated(told, truth, numbered, same, rng)
                one |= {f"bias, {world}": mean / true - 1}
                one |= {f"standard error of bias, {world}": error / abs(true) / np.sqrt(len(names))}
            shares.append(one)
        answer[evidence] = pd.DataFrame(shares).mean().to_dict()
    return answer


def linked(participants, request, folder: Path):
    """The linked people of a submission, as the product makes them."""
    from datalab_helpers.intake import link
    from datalab_helpers.store import open_store

    return link(request, open_store(request, folder / "records"), participants)


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
        found.links.to_parquet(folder / name / f"{evidence}.parquet")
        expected = {"missed expected": found.expected_missed, "false expected": found.expected_false}
        answer[evidence] = judged(found.links, participants.rows, truth_of(folder, name)) | expected
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


def judged(found: pd.DataFrame, rows: pd.DataFrame, truth: pd.Series) -> dict[str, object]:
    """Accuracy of links (person_id, posterior) among rows that can be linked.

    bands : by band of the posterior of the linked: how many, sum of posteriors, how many right
    """
    told = found["person_id"].reindex(truth.index).fillna(0).astype("int64")
    rows = rows.reindex(truth.index)
    usable = rows[["surname", "forename", "date_of_birth"]].notna().all(axis=1)
    numbered = rows[["pnc_id", "prison_number"]].notna().any(axis=1)
    said = found["posterior"].reindex(truth.index)[told > 0]
    right = (told == truth)[told > 0]
    bands = pd.DataFrame({"said": said, "was": right}).groupby(pd.cut(said, BANDS), observed=False)
    return {
        **agreement(told, truth, usable),
        "f1_all": agreement(told, truth, usable | True)["f1"],
        "f1_unnumbered": agreement(told, truth, usable & ~numbered)["f1"],
        "bands": bands.agg(links=("said", "size"), said=("said", "sum"), was=("was", "sum"))
        .astype(float)
        .values.tolist(),
    }


def agreement(told: pd.Series, truth: pd.Series, among: pd.Series) -> dict[str, float]:
    """Precision, recall and F1 of links among some rows; 0 stands for nobody."""
    told, truth = told[among], truth[among]
    right = int(((told == truth) & (truth > 0)).sum())
    given, there = int((told > 0).sum()), int((truth > 0).sum())
    return {"precision": right / given, "recall": right / there, "f1": 2 * right / (given + there)}


def peak_memory() -> float:
    """GB; what the kernel counted since this program began."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main() -> None:
    name, folder, *arguments = sys.argv[1:]
    started = time.perf_counter()
    answer = globals()[name](Path(folder), *arguments) or {}
    wall = time.perf_counter() - started
    print(json.dumps({**answer, "wall": wall, "cpu": time.process_time(), "memory": peak_memory()}))


if __name__ == "__main__":
    main()
