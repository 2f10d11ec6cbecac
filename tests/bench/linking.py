"""How long preparing and linking take, what memory they need and how many people they find, by size.

`make bench` prints one JSON line a figure. ONLY=1000000 takes one size (several: 100000,1000000),
SEED=n other data. People and their other names are those of `datalab synthetic`; the other tables stay
empty, since linking does not read them. Every measured step runs in a process of its own.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

SIZES = (100_000, 1_000_000, 10_000_000)
SUBMITTED = (2_000, 10_000)
UNKNOWN = 0.08  # share of a submission that is not on record
# Goals of the largest size; seconds also stand for the smaller ones.
PREPARE_SECONDS, PREPARE_GB = 90, 3.0
LINK_SECONDS, LINK_GB = {2_000: 3.0, 10_000: 5.0}, 1.5
# Of rows that have a name and a date of birth: the others cannot be linked.
PRECISION, RECALL = 0.995, 0.976
BANDS, FEWEST, OVER = (0.5, 0.7, 0.9, 0.99, 1.0), 30, 0.05
UNPREPARED = 1_000_000  # the most people for which linking without preparing is timed beside
EXTRACT = "2024-12-31"
HEADINGS = ("Surname", "Forename", "Date of birth", "Gender", "PNC ID", "Prison number", "Intervention start")


def generate(folder: Path, people: int, seed: int) -> None:
    """Records of so many people, and one submission of each length with the truth beside it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from datalab_helpers.lab import load_lab
    from datalab_helpers.synthetic import files, history, world
    from datalab_helpers.synthetic.draws import between, pick, yes
    from datalab_helpers.synthetic.people import identities

    rng = np.random.default_rng([11, seed])
    kind = pick(rng, history.KIND_SHARES, people)
    index = between(rng, history.FIRST_INDEX, history.LAST_INDEX, people)
    born = (index - history.ages(rng, kind)).astype(np.int32)
    female = yes(rng, np.array([0.22, 0.17, 0.045])[kind], people)
    first_known = between(rng, born + 12 * 365, index, people)
    known = identities(
        rng,
        np.where(female, 0, 1).astype(np.int8),
        born,
        kind,
        first_known,
        (kind == 2) | yes(rng, 0.1, people),
    )
    records = folder / "records"
    records.mkdir()
    tables = {"people": world.people_table(known), "aliases": world.aliases_table(known)}
    for name, table in tables.items():
        files.write_table(table, records / f"{name}.parquet")
    kinds = {"integer": pa.int64(), "string": pa.string(), "date": pa.date32(), "boolean": pa.bool_()}
    for name, table in load_lab("justice").tables.items():
        if name not in tables:
            schema = pa.schema([(column, kinds[promise.type]) for column, promise in table.columns.items()])
            pq.write_table(schema.empty_table(), records / f"{name}.parquet")
    (records / "extract.json").write_text(json.dumps({"extract_date": EXTRACT}), encoding="utf-8")
    for count in SUBMITTED:
        submission(folder / str(count), known, count, np.random.default_rng([12, seed, count]))


def submission(folder: Path, known, count: int, rng: np.random.Generator) -> None:
    """An untidy list of people, most of them on record, and who they are."""
    from datalab_helpers.synthetic import submissions, untidy

    folder.mkdir()
    person = rng.choice(len(known.born), count, replace=False)
    unknown = rng.random(count) < UNKNOWN
    rows = submissions.typed_names(rng, rng, person, known)
    invented = submissions.typed_names(rng, rng, np.arange(count), submissions.strangers_for(rng, count))
    with (folder / "participants.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for i in range(count):
            who = invented[i] if unknown[i] else rows[i]
            born = untidy.birth(rng, who["born"])
            writer.writerow(
                (
                    who["surname"],
                    who["forename"],
                    born.strftime("%d/%m/%Y") if born else "",
                    untidy.sex(rng, who["gender"]),
                    untidy.number(rng, who["pnc_id"], untidy.NO_PNC_ID),
                    untidy.number(rng, who["prison_number"], untidy.NO_PRISON_NUMBER),
                    "01/03/2021",
                )
            )
    truth = pd.DataFrame({"row": np.arange(count) + 2, "person_id": np.where(unknown, 0, person + 1)})
    truth.to_parquet(folder / "truth.parquet")
    (folder / "request.yml").write_text(
        f"""id: BENCH-{count}
lab: justice
organisation: Bench
programme: {{name: Bench, began: 2020-01-01, ended: 2022-12-31}}
submission: participants.csv
dates: day_first
index_event: {{kinds: [custody_release], within_months: 6, time_zero: participation}}
analyses: [{{name: National, headline: true}}]
outcome: {{primary: reoffended, smallest_difference: 2}}
seed: 1
""",
        encoding="utf-8",
    )


def prepare(folder: Path) -> dict[str, float]:
    from datalab_helpers.intake import prepare_records
    from datalab_helpers.lab import load_lab

    started = time.perf_counter()
    prepare_records(folder / "records", load_lab("justice"))
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "disk": (folder / "records/prepared.duckdb").stat().st_size / 1e9}


def link(folder: Path, count: int) -> dict[str, float]:
    """Linking in a new process, from opening the records to the last link."""
    from datalab_helpers.intake import link, read_submission
    from datalab_helpers.request import load_request
    from datalab_helpers.store import open_store

    request = load_request(folder / str(count))
    participants = read_submission(request)
    started = time.perf_counter()
    found = link(request, open_store(request, folder / "records"), participants).links
    seconds = time.perf_counter() - started
    truth = pd.read_parquet(folder / str(count) / "truth.parquet").set_index("row")["person_id"]
    told = found["person_id"].reindex(truth.index).fillna(0).astype("int64")
    rows = participants.rows.reindex(truth.index)
    usable = rows[["surname", "forename", "date_of_birth"]].notna().all(axis=1)
    numbered = rows[["pnc_id", "prison_number"]].notna().any(axis=1)
    is_right = (told == truth) & (truth > 0)
    # In bands of the posterior: how much surer the linked were said to be than they were.
    said = found["posterior"].reindex(truth.index)[told > 0]
    bands = pd.cut(said, BANDS)
    doubt = pd.DataFrame({"said": said, "was": is_right[told > 0]}).groupby(bands, observed=True)
    gap = (doubt["said"].mean() - doubt["was"].mean())[doubt.size() >= FEWEST]
    return {
        "seconds": seconds,
        "review": float(found["review"].mean()),
        "over": float(gap.max()),
        **agreement(told, truth, usable),
        "f1_all": agreement(told, truth, usable | True)["f1"],
        "f1_unnumbered": agreement(told, truth, usable & ~numbered)["f1"],
    }


def agreement(told: pd.Series, truth: pd.Series, among: pd.Series) -> dict[str, float]:
    """Precision, recall and F1 of links among some rows; 0 stands for nobody."""
    told, truth = told[among], truth[among]
    right = int(((told == truth) & (truth > 0)).sum())
    given, there = int((told > 0).sum()), int((truth > 0).sum())
    return {"precision": right / given, "recall": right / there, "f1": 2 * right / (given + there)}


def step(name: str, folder: Path, *arguments: int) -> dict[str, float]:
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


def measure(people: int, seed: int) -> bool:
    """All figures of one size; whether each holds."""
    with TemporaryDirectory(prefix="datalab-bench-") as name:
        folder = Path(name)
        made = step("generate", folder, people, seed)
        figure(f"make {people:,} people", made["wall"], "s")
        ready = step("prepare", folder)
        held = [
            most(f"prepare {people:,}", ready["seconds"], "s", PREPARE_SECONDS),
            most(f"prepare {people:,}: memory", ready["memory"], "GB", PREPARE_GB),
            figure(f"prepare {people:,}: CPU", ready["cpu"], "s"),
            figure(f"prepare {people:,}: disk", ready["disk"], "GB"),
        ]
        for count in SUBMITTED:
            what = f"link {count:,} to {people:,}"
            step("link", folder, count)  # brings the file into the cache
            found = step("link", folder, count)
            held += [
                most(what, found["seconds"], "s", LINK_SECONDS[count]),
                most(f"{what}: memory", found["memory"], "GB", LINK_GB),
                figure(f"{what}: CPU of the whole process", found["cpu"], "s"),
                least(f"{what}: precision", found["precision"], PRECISION),
                least(f"{what}: recall", found["recall"], RECALL),
                figure(f"{what}: F1", found["f1"], ""),
                figure(f"{what}: F1 of people without any identifier", found["f1_unnumbered"], ""),
                figure(f"{what}: F1 counting rows without name or date of birth", found["f1_all"], ""),
                most(f"{what}: posterior above the truth in a band", found["over"], "", OVER),
                figure(f"{what}: share to review", found["review"], ""),
            ]
        if people <= UNPREPARED:
            (folder / "records/prepared.duckdb").unlink()
            found = step("link", folder, SUBMITTED[0])
            what = f"link {SUBMITTED[0]:,} to {people:,}, not prepared"
            figure(what, found["seconds"], "s")
            figure(f"{what}: memory", found["memory"], "GB")
    return all(held)


def main() -> None:
    if len(sys.argv) > 2:
        name, folder, *numbers = sys.argv[1:]
        started = time.perf_counter()
        answer = globals()[name](Path(folder), *map(int, numbers)) or {}
        wall = time.perf_counter() - started
        print(json.dumps({**answer, "wall": wall, "cpu": time.process_time(), "memory": peak_memory()}))
        return
    sizes = [int(size) for size in (os.environ.get("ONLY") or "").split(",") if size] or SIZES
    held = [measure(size, int(os.environ.get("SEED") or 2030)) for size in sizes]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
