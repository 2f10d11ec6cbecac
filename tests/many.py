"""Many unlike requests from one invented world: kinds of programme, sizes, untidiness and timing all differ.

The share that is not on record, the share without a fitting index event, the share with identifiers and
the share of blanks are drawn anew for each programme, wider than `datalab synthetic` has them, since the
forecast has to allow for organisations that differ.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from datalab_helpers.intake.check.forecast import Forecast

PEOPLE, PROGRAMMES_A_WORLD = 24_000, 6


def programmes(seed: int, count: int = PROGRAMMES_A_WORLD) -> list[tuple[Any, dict[str, float]]]:
    """Programmes and the untidiness of what each sends."""
    from datalab_helpers.synthetic import Programme
    from datalab_helpers.synthetic.offences import CAUTION, COMMUNITY, CUSTODY

    rng = np.random.default_rng([77, seed])
    slopes = {"log_previous": 0.5, "age": 0.02, "drugs": 0.6, "accommodation": 0.6, "employed": 0.6, "short_sentence": 0.6}  # fmt: skip
    found = []
    for number in range(count):
        kind = int(rng.choice([CUSTODY, COMMUNITY, CAUTION], p=[0.5, 0.38, 0.12]))
        inside = kind == CUSTODY and rng.random() < 0.3
        first = dt.date(2019, 1, 1) + dt.timedelta(days=int(rng.integers(0, 1300)))
        last = first + dt.timedelta(days=int(rng.integers(300, 760)))
        low = int(rng.integers(15, 40)) if inside else int(rng.integers(0, 10))
        joins = tuple((name, round(float(rng.normal(0, size)), 3)) for name, size in slopes.items())
        made = Programme(
            id=f"MANY-{seed}-{number}",
            folder=f"many-{number}",
            organisation="Many Ways",
            name="A programme",
            description="Invented.",
            type="mentoring",
            setting="community",
            began=str(first - dt.timedelta(days=200 if inside else 0)),
            ended=str(last + dt.timedelta(days=200)),
            kind=kind,
            indexed=(str(first), str(last)),
            participants=float(np.exp(rng.uniform(np.log(45), np.log(600)))) * 30_000 / PEOPLE,
            effect=float(rng.uniform(-0.1, 0.05)),
            joins=joins,
            delay=(low, low + int(rng.integers(30, 180))),
            in_custody=inside,
        )
        untidy = {
            "unknown": float(rng.beta(2.2, 26)),
            "unfitting": float(rng.beta(2, 28)),
            "pnc": float(rng.choice([1.0, rng.uniform(0.1, 0.9)], p=[0.3, 0.7])),
            "prison": float(rng.choice([1.0, rng.uniform(0.1, 0.8)], p=[0.3, 0.7])),
            "blank": float(rng.choice([0.004, rng.uniform(0, 0.06)])),
        }
        found.append((made, untidy))
    return found


@contextmanager
def rates(**changes: float) -> Iterator[None]:
    """Other rates of mistakes for a while; the object itself is changed, since functions hold it as their default."""
    from datalab_helpers.synthetic import untidy

    before = {name: getattr(untidy.MEASURED, name) for name in changes}
    try:
        for name, value in changes.items():
            object.__setattr__(untidy.MEASURED, name, value)
        yield
    finally:
        for name, value in before.items():
            object.__setattr__(untidy.MEASURED, name, value)


@contextmanager
def world(seed: int, count: int = PROGRAMMES_A_WORLD, people: int = PEOPLE) -> Iterator[Path]:
    """A folder with records and requests."""
    from datalab_helpers.synthetic import generate, submissions
    from datalab_helpers.synthetic import world as worlds

    drawn = programmes(seed, count)
    by_folder = {programme.folder: slips for programme, slips in drawn}

    def sent(
        rng: Any, noise: Any, offered: Any, participants: Any, events: Any, known: Any
    ) -> dict[str, Any]:
        out = {}
        for place, programme in enumerate(offered):
            slips = by_folder[programme.folder]
            joined = participants[participants["programme"] == place]
            with (
                mock.patch.object(submissions, "UNKNOWN", slips["unknown"]),
                mock.patch.object(submissions, "UNFITTING", slips["unfitting"]),
                rates(
                    no_pnc_id=slips["pnc"], no_prison_number=slips["prison"], blank_essential=slips["blank"]
                ),
            ):
                if len(joined):
                    plan = submissions.listed_people(rng, programme, joined, participants, events)
                    out[programme.folder] = submissions.fill_in(rng, noise, programme, plan, known)
        return out

    with TemporaryDirectory() as name, mock.patch.object(worlds, "submissions", sent):
        generate(people, seed, Path(name), programmes=tuple(programme for programme, _ in drawn))
        yield Path(name)


@dataclass(frozen=True)
class Became:
    """What became of one request.

    forecast : what the checker expected; known, found : different people of the rows that lack nothing, on record and
    found; numbered, plain : (on record, found) of them by whether they have an identifier
    kept : in the cohort; matched : analysed, 0 where too few; effective : of the comparison group
    """

    forecast: Forecast
    known: int
    found: int
    numbered: tuple[int, int]
    plain: tuple[int, int]
    kept: int
    matched: int
    effective: float


def became(place: Path, folder: Path) -> Became | None:
    """Check a request, then run it until matching; None when nobody could be told anything about it."""
    from datalab_helpers import DataLabError, build_cohort, link, match, read_submission
    from datalab_helpers.intake.check import check_submission
    from datalab_helpers.run import Run, write_json
    from datalab_helpers.synthetic import EXTRACT

    run_folder = place / "runs" / folder.name
    write_json(run_folder / "run.json", {"records": str(place / "records")})
    run = Run.open(str(folder / "request.yml"), str(run_folder))
    request, store = run.request, run.store()
    until = dt.date.fromisoformat(EXTRACT)
    checked = check_submission(request.input_path, request.lab, request, today=until, until=until)
    if checked.forecast is None:
        return None
    lost = {row for problem in checked.problems if problem.level == "lost" for row in problem.rows}
    participants = read_submission(request)
    linked, kept, sizes = None, 0, {"treatment": 0, "comparison_effective": 0.0}
    try:
        linked = link(request, store, participants)
        cohort = build_cohort(request, store, participants, linked)
        kept = int(cohort.people["treated"].sum())
        sizes |= match(request, cohort, request.analyses[0]).sizes
    except DataLabError:
        pass  # too few people, or too few to compare them with: nobody is analysed
    rows = participants.rows
    truth = pd.read_parquet(place / "truth/links.parquet")
    truth = truth[truth["request"] == folder.name].set_index("row")["person_id"]
    people = pd.DataFrame(
        {
            "known": truth.reindex(rows.index - 1).to_numpy(),
            "found": pd.NA if linked is None else linked.links["person_id"].to_numpy(),
            "numbered": rows[["pnc_id", "prison_number"]].notna().any(axis=1).to_numpy(),
        },
        index=rows.index,
    )
    people = people[~people.index.isin(lost)]
    known = people[people["known"].notna()]

    def counted(group: pd.DataFrame) -> tuple[int, int]:
        return len(group), int((group["known"] == group["found"]).sum())

    return Became(
        checked.forecast,
        int(people["known"].nunique()),
        int(people["found"].nunique()),
        counted(known[known["numbered"]]),
        counted(known[~known["numbered"]]),
        kept,
        int(sizes["treatment"]),
        float(sizes["comparison_effective"]),
    )


def many(seed: int, count: int = PROGRAMMES_A_WORLD, people: int = PEOPLE) -> list[Became]:
    """What became of every request of one world."""
    with world(seed, count, people) as place:
        found = [became(place, folder) for folder in sorted((place / "requests").iterdir())]
    return [one for one in found if one is not None]
