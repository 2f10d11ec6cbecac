"""The invented world in memory: records, requests and the truth behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from . import careers, history
from .circumstances import NEEDS, PRISONS
from .draws import NEVER, day
from .offences import CLASSES, GROUPS, HOW_PROVEN, KINDS, REGIONS, SENTENCES
from .people import ETHNICITIES, Identities, identities
from .programmes import PEOPLE, PROGRAMMES, Programme, intercept
from .submissions import Submission, submissions

EXTRACT = "2024-12-31"
# People whose untouched careers are enough to find the intercepts of taking part.
REHEARSAL = 40_000


@dataclass(eq=False)
class World:
    """Everything that `generate` writes.

    `records`: central tables by name (Arrow; coded text). `events`: one row an index event from
    July 2018 on, with the covariates the law of outcomes used, `predictor` (log cumulative hazard
    after a year), `days` to the first proven reoffence and the place of the `programme` joined or
    -1. `participants`: one row a participant with time zero, p0, planted effect, y0 and y1.
    `submissions`: by folder. Persons are numbered as in the records.
    """

    records: dict[str, pa.Table]
    events: pd.DataFrame
    participants: pd.DataFrame
    submissions: dict[str, Submission]
    programmes: tuple[Programme, ...]
    extract: str


def generate_world(
    people: int,
    seed: int,
    programmes: Sequence[Programme] = PROGRAMMES,
    extent: str = EXTRACT,
) -> World:
    """Invent `people` people, their records up to `extent`, and what programmes submit about them."""
    offered = tuple(programmes)
    until = day(extent)
    streams = [np.random.default_rng([number, seed]) for number in range(5)]
    intercepts = rehearse(people, seed, offered, until)
    start = history.begin(streams[0], people)
    lived = careers.follow(streams[1], start, until, offered, intercepts)
    offences = stack(start.offences)
    sentences = stack(start.sentences)
    ever = np.zeros(people, bool)
    ever[sentences["person"][sentences["kind"] == KINDS.index("custody")]] = True
    known = identities(streams[2], start.gender, start.born, start.kind, start.first_known, ever)
    records = {
        "people": people_table(known),
        "aliases": aliases_table(known),
        "sentences": sentences_table(sentences, until),
        "offences": offences_table(offences, until),
        "assessments": assessments_table(start, until),
        "employment": employment_table(start, until),
    }
    events = pd.DataFrame(stack(lived.events))
    events["person_id"] = events.pop("person") + 1
    taking_part = pd.DataFrame(stack(lived.participants)) if lived.participants else pd.DataFrame()
    if len(taking_part):
        taking_part["person_id"] = taking_part.pop("person") + 1
    sent = submissions(streams[3], streams[4], offered, taking_part, events, known)
    return World(records, events, taking_part, sent, offered, extent)


def rehearse(people: int, seed: int, offered: Sequence[Programme], until: int) -> list[float]:
    """Intercepts of taking part, from a world of the same kind in which nobody does."""
    few = min(people, REHEARSAL)
    start = history.begin(np.random.default_rng([100, seed]), few)
    lived = careers.follow(np.random.default_rng([101, seed]), start, until, offered, None)
    return [
        intercept(np.concatenate(lived.scores[number]), programme.participants * few / PEOPLE)
        for number, programme in enumerate(offered)
    ]


def stack(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Columns of all parts, one below the other; empties the list to save memory."""
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    parts.clear()
    return columns


def in_order(person: np.ndarray, date: np.ndarray) -> np.ndarray:
    """Rows by person, then date."""
    return np.argsort(person.astype(np.int64) * 200_000 + date + 100_000, kind="stable")


def dates(days: np.ndarray, until: int | None = None) -> pa.Array:
    """Day numbers as date32; NEVER, and days after `until`, become missing."""
    hidden = days == NEVER if until is None else (days == NEVER) | (days > until)
    return pa.array(days.astype(np.int32), pa.int32(), mask=hidden).cast(pa.date32())


def coded(codes: np.ndarray, labels: Sequence[str]) -> pa.Array:
    """Codes as text, kept once; -1 becomes missing."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8(), mask=codes < 0), pa.array(labels))


def people_table(known: Identities) -> pa.Table:
    return pa.table(
        {
            "person_id": pa.array(np.arange(1, len(known.born) + 1, dtype=np.int32)),
            "surname": known.surname,
            "forename": known.forename,
            "date_of_birth": dates(known.born),
            "gender": coded(known.gender, ("F", "M")),
            "ethnicity": coded(known.ethnicity, ETHNICITIES),
            "uk_national": pa.array(known.uk_national),
            "pnc_id": known.pnc_id,
            "prison_number": known.prison_number,
        }
    )


def aliases_table(known: Identities) -> pa.Table:
    return pa.table(
        {
            "person_id": pa.array(known.alias["person"] + 1, pa.int32()),
            "surname": known.alias["surname"],
            "forename": known.alias["forename"],
            "date_of_birth": dates(known.alias["born"]),
        }
    )


def sentences_table(rows: dict[str, np.ndarray], until: int) -> pa.Table:
    rows = {name: column[in_order(rows["person"], rows["sentenced_on"])] for name, column in rows.items()}
    return pa.table(
        {
            "sentence_id": pa.array(np.arange(1, len(rows["person"]) + 1, dtype=np.int32)),
            "person_id": pa.array(rows["person"] + 1, pa.int32()),
            "kind": coded(rows["kind"], KINDS),
            "sentenced_on": dates(rows["sentenced_on"]),
            "released_on": dates(rows["released_on"], until),
            "months": pa.array(rows["months"], pa.int16()),
            "offence_group": coded(rows["offence_group"], GROUPS),
            "region": coded(rows["region"], REGIONS),
            "establishment": coded(rows["establishment"], PRISONS),
        }
    )


def offences_table(rows: dict[str, np.ndarray], until: int) -> pa.Table:
    known = np.flatnonzero(rows["proven_date"] <= until)
    order = known[in_order(rows["person"][known], rows["proven_date"][known])]
    rows = {name: column[order] for name, column in rows.items()}
    return pa.table(
        {
            "offence_id": pa.array(np.arange(1, len(order) + 1, dtype=np.int32)),
            "person_id": pa.array(rows["person"] + 1, pa.int32()),
            "offence_date": dates(rows["offence_date"]),
            "proven_date": dates(rows["proven_date"]),
            "how_proven": coded(rows["how_proven"], HOW_PROVEN),
            "class": coded(rows["class"], CLASSES),
            "offence_group": coded(rows["offence_group"], GROUPS),
            "sentence": coded(rows["sentence"], SENTENCES),
        }
    )


def assessments_table(start: history.Start, until: int) -> pa.Table:
    person, date, found = (np.concatenate(column) for column in zip(*start.assessments.rows, strict=True))
    known = np.flatnonzero(date <= until)
    order = known[in_order(person[known], date[known])]
    needs = {name: pa.array(found[order, place], pa.int8()) for place, name in enumerate(NEEDS)}
    return pa.table(
        {"person_id": pa.array(person[order] + 1, pa.int32()), "assessed_on": dates(date[order]), **needs}
    )


def employment_table(start: history.Start, until: int) -> pa.Table:
    work, benefit = start.work.rows(), start.benefit.rows()
    person, begins, ends = (np.concatenate(columns) for columns in zip(work, benefit, strict=True))
    kind = np.repeat(np.array([1, 0], np.int8), [len(work[0]), len(benefit[0])])
    known = np.flatnonzero(begins <= until)
    order = known[in_order(person[known], begins[known])]
    return pa.table(
        {
            "person_id": pa.array(person[order] + 1, pa.int32()),
            "kind": coded(kind[order], ("benefit", "employment")),
            "start_date": dates(begins[order]),
            "end_date": dates(ends[order], until),
        }
    )
