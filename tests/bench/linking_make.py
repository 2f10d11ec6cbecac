"""What linking is measured on: invented people, their sentences, submissions about some of them, and the truth.

People and their other names are those of `datalab synthetic`; sentences come from a lighter law of
their own (15 years, about 2.5 a person), so that ten million people take a minute. A submission is
that of a programme joined around release from custody. The other tables stay empty: linking does
not read them.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from datalab_helpers.lab import load_lab
from datalab_helpers.synthetic import files, history, offences, submissions, untidy, world
from datalab_helpers.synthetic.circumstances import establishment
from datalab_helpers.synthetic.draws import NEVER, between, day, extra_count, pick, yes
from datalab_helpers.synthetic.people import CULTURE_MIX, Identities, identities

EXTRACT = "2024-12-31"
FIRST_EVENT, LAST_EVENT = day("2010-01-01"), day("2024-06-30")
# Further sentences of a person by the kind of their index event: caution, community, custody.
FURTHER = (0.6, 1.2, 2.5)
CUSTODY_AGAIN = 0.45  # share of further sentences of those ever in custody
AT_ONCE = 500_000  # people whose sentences are made together

# Who is on a submission: first known share of rows, then what they have.
UNFITTING = 0.04  # on record, without a release that fits
EARLY, EARLIEST = 0.15, 60  # share who start before their release, and by how many days at most
LATEST = 120  # days after release by which the others start; half within 42
FIRST_START, LAST_START = day("2019-01-01"), day("2023-12-31")
RELEASE_GIVEN, RELEASE_WRONG, WRONG_BY = 0.60, 0.05, 14
HEADINGS = ("Surname", "Forename", "Date of birth", "Gender", "PNC ID", "Prison number", "Intervention start")


@dataclass(frozen=True, eq=False)
class ErrorModel:
    """How a submission differs from the records.

    rates : mistakes in a row. unknown : share of rows about people not on record.
    mix : origins of names, rows as ETHNICITIES, columns as CULTURES
    """

    rates: untidy.Rates = untidy.MEASURED
    unknown: float = 0.08
    mix: np.ndarray = field(default_factory=lambda: CULTURE_MIX)


# Heavier: three fifths without any identifier, names often wrong, and other people's names.
MODELS = {
    "plain": ErrorModel(),
    "heavy": ErrorModel(
        untidy.Rates(typo=0.10, nickname=0.08, surname_changed=0.08, no_pnc_id=0.775, no_prison_number=0.775),
        unknown=0.20,
        mix=np.array(
            [
                [2, 0, 0, 90, 0, 0, 8],
                [4, 0, 0, 0, 60, 30, 6],
                [40, 5, 5, 15, 10, 15, 10],
                [40, 5, 15, 15, 8, 7, 10],
                [5, 0, 10, 5, 5, 0, 75],
                [62, 10, 25, 0, 0, 0, 3],
            ]
        ),
    ),
}


@dataclass(frozen=True, eq=False)
class Releases:
    """Releases from custody that a submission may be about; one entry a release."""

    person: np.ndarray
    day: np.ndarray


def generate(folder: Path, people: int, seed: int, model: str, counts: dict[str, tuple[int, int]]) -> None:
    """Records of so many people, and submissions by name: how many rows, from which seed."""
    folder.mkdir(exist_ok=True)
    known, kind, index = everyone(people, seed, MODELS[model].mix)
    records = folder / "records"
    records.mkdir()
    files.write_table(world.people_table(known), records / "people.parquet")
    files.write_table(world.aliases_table(known), records / "aliases.parquet")
    releases = write_sentences(records / "sentences.parquet", known, kind, index, seed)
    empty_tables(records)
    (records / "extract.json").write_text(json.dumps({"extract_date": EXTRACT}), encoding="utf-8")
    for name, (count, number) in counts.items():
        rng = np.random.default_rng([12, seed, number, count])
        submission(folder / name, known, releases, count, rng, MODELS[model])


def everyone(people: int, seed: int, mix: np.ndarray) -> tuple[Identities, np.ndarray, np.ndarray]:
    """Who is on record, and kind and day of the event for which each of them is."""
    rng = np.random.default_rng([11, seed])
    kind = pick(rng, history.KIND_SHARES, people)
    index = between(rng, FIRST_EVENT, LAST_EVENT, people)
    born = (index - history.ages(rng, kind)).astype(np.int32)
    female = yes(rng, np.array([0.22, 0.17, 0.045])[kind], people)
    first_known = between(rng, born + 12 * 365, index, people)
    known = identities(
        rng,
        np.where(female, 0, 1).astype(np.int8),
        born,
        kind,
        first_known,
        (kind == offences.CUSTODY) | yes(rng, 0.1, people),
        mix,
    )
    return known, kind, index


def write_sentences(
    path: Path, known: Identities, kind: np.ndarray, index: np.ndarray, seed: int
) -> Releases:
    """Everyone's sentences; returns the releases of the years that submissions are about."""
    rng = np.random.default_rng([13, seed])
    in_custody = known.prison_number.is_valid().to_numpy(zero_copy_only=False)
    schema, written, kept = None, 0, []
    for first in range(0, len(kind), AT_ONCE):
        those = slice(first, first + AT_ONCE)
        rows = sentences(rng, known.born[those], kind[those], index[those], in_custody[those])
        rows["person"] = rows["person"] + first
        table = world.sentences_table(rows, day(EXTRACT))
        number = np.arange(written + 1, written + 1 + table.num_rows, dtype=np.int32)
        table = table.set_column(0, "sentence_id", pa.array(number))
        if schema is None:
            texts = pa.types.is_dictionary
            schema = pa.schema(
                [(column.name, pa.string() if texts(column.type) else column.type) for column in table.schema]
            )
            writer = pq.ParquetWriter(path, schema, compression="zstd", store_schema=False)
        writer.write_table(table.cast(schema))
        written += table.num_rows
        ends = rows["released_on"]
        wanted = (ends >= FIRST_START - LATEST - 183) & (ends <= LAST_START + EARLIEST + 183)
        kept.append((rows["person"][wanted].astype(np.int32), ends[wanted]))
    writer.close()
    return Releases(*(np.concatenate(parts) for parts in zip(*kept, strict=True)))


def sentences(
    rng: np.random.Generator, born: np.ndarray, kind: np.ndarray, index: np.ndarray, in_custody: np.ndarray
) -> dict[str, np.ndarray]:
    """The index event of each person and further sentences, more of them near it than far away."""
    people = len(kind)
    more = np.zeros(people, np.int32)
    for number, mean in enumerate(FURTHER):
        those = kind == number
        more[those] = extra_count(rng, mean, int(those.sum()), most=20)
    person = np.concatenate([np.arange(people), np.repeat(np.arange(people), more)])
    n, further = len(person), len(person) - people
    who = person[people:]
    near = rng.random(further) < 0.6
    when = np.where(
        near, index[who] + between(rng, -800, 800, further), between(rng, FIRST_EVENT, LAST_EVENT, further)
    )
    ends = np.concatenate([index, np.clip(when, np.maximum(FIRST_EVENT, born[who] + 5000), day(EXTRACT))])
    again = in_custody[who] & yes(rng, CUSTODY_AGAIN, further)
    other = np.where(again, offences.CUSTODY, pick(rng, np.array([35, 65]), further))
    kinds = np.concatenate([kind, other]).astype(np.int8)
    months = offences.sentence_months(rng, kinds, yes(rng, history.SHORT_CUSTODY, n))
    custody = kinds == offences.CUSTODY
    served = np.where(custody, offences.days_served(rng, months), 0)
    region = pick(rng, offences.REGION_SHARES, people)[person]
    return {
        "person": person,
        "kind": kinds,
        "sentenced_on": (ends - served).astype(np.int32),
        "released_on": np.where(custody, ends, NEVER).astype(np.int32),
        "months": months,
        "offence_group": pick(rng, offences.REOFFENCE_MIX, n),
        "region": region,
        "establishment": establishment(rng, kinds, region),
    }


def empty_tables(records: Path) -> None:
    """The tables of the lab that nothing here reads."""
    kinds = {"integer": pa.int64(), "string": pa.string(), "date": pa.date32(), "boolean": pa.bool_()}
    for name, table in load_lab("justice").tables.items():
        if not (records / f"{name}.parquet").exists():
            schema = pa.schema([(column, kinds[promise.type]) for column, promise in table.columns.items()])
            pq.write_table(schema.empty_table(), records / f"{name}.parquet")


def delays(rng: np.random.Generator, count: int) -> np.ndarray:
    """Days from release to start: soon after it for most, before it for some."""
    after = np.floor((LATEST + 1) * np.round(rng.random(count) ** 1.5, 9)).astype(np.int64)
    before = -1 - np.floor(EARLIEST * rng.random(count)).astype(np.int64)
    return np.where(rng.random(count) < EARLY, before, after)


def chance_of_delay() -> dict[int, float]:
    """Probability of each delay that `delays` draws."""
    edges = (np.arange(LATEST + 2) / (LATEST + 1)) ** (1 / 1.5)
    after = dict(enumerate((1 - EARLY) * np.diff(edges)))
    return after | {-days: EARLY / EARLIEST for days in range(1, EARLIEST + 1)}


def submission(
    folder: Path,
    known: Identities,
    releases: Releases,
    count: int,
    rng: np.random.Generator,
    model: ErrorModel,
) -> None:
    """An untidy list of people around a release of theirs, and who they are.

    Written twice: `folder` without release dates, `folder`-dated with them; one truth for both.
    """
    rates = model.rates
    fitting = (releases.day >= FIRST_START + EARLIEST) & (releases.day <= LAST_START - LATEST)
    # Rows of people who fit are taken at random from all releases, each person once.
    drawn = rng.permutation(np.flatnonzero(fitting))[: 3 * count]
    _, once = np.unique(releases.person[drawn], return_index=True)
    drawn = drawn[np.sort(once)]
    if len(drawn) < count:
        raise ValueError(f"{len(drawn)} people were released in time; {count} are asked for")
    u = rng.random(count)
    unknown, unfitting = u < model.unknown, (u >= model.unknown) & (u < model.unknown + UNFITTING)
    never = np.setdiff1d(rng.integers(0, len(known.born), 10 * count), releases.person)
    person = np.where(unfitting, rng.permutation(never)[:count], releases.person[drawn[:count]])
    # Those without a fitting release tell of one like everybody else's.
    released = releases.day[drawn[:count]].astype(np.int64)
    start = released + delays(rng, count)
    said = released + np.where(
        rng.random(count) < RELEASE_WRONG,
        np.where(rng.random(count) < 0.5, 1, -1) * between(rng, 1, WRONG_BY, count),
        0,
    )
    said = np.where(rng.random(count) < RELEASE_GIVEN, said, NEVER)
    typed = submissions.typed_names(rng, rng, person, known, rates)
    strangers = submissions.strangers_for(rng, count, model.mix)
    invented = submissions.typed_names(rng, rng, np.arange(count), strangers, rates)
    rows = [
        filled_in(rng, invented[i] if unknown[i] else typed[i], int(start[i]), rates) for i in range(count)
    ]
    dated = [(*row, written(int(day_said))) for row, day_said in zip(rows, said, strict=True)]
    truth = pd.DataFrame(
        {
            "row": np.arange(count) + 2,
            "person_id": np.where(unknown, 0, person + 1),
            "fits": ~(unknown | unfitting),
            "released_on": world.dates(np.where(unknown | unfitting, NEVER, released)).to_pandas(),
        }
    )
    for name, headings, cells in (
        (folder.name, HEADINGS, rows),
        (f"{folder.name}-dated", (*HEADINGS, "Release date"), dated),
    ):
        place = folder.with_name(name)
        place.mkdir()
        with (place / "participants.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([headings, *cells])
        truth.to_parquet(place / "truth.parquet")
        (place / "request.yml").write_text(REQUEST.format(name=name.upper()), encoding="utf-8")


def filled_in(rng: np.random.Generator, who: dict, start: int, rates: untidy.Rates) -> tuple[str, ...]:
    """One row of the list, in the order of HEADINGS."""
    born = untidy.birth(rng, who["born"], rates)
    return (
        who["surname"],
        who["forename"],
        born.strftime("%d/%m/%Y") if born else "",
        untidy.sex(rng, who["gender"], rates),
        untidy.number(rng, who["pnc_id"], rates.no_pnc_id, rates),
        untidy.number(rng, who["prison_number"], rates.no_prison_number, rates),
        written(start),
    )


def written(days: int) -> str:
    return "" if days == NEVER else submissions.as_date(days).strftime("%d/%m/%Y")


REQUEST = """\
id: BENCH-{name}
lab: justice
organisation: Bench
programme: {{name: Bench, began: 2019-01-01, ended: 2023-12-31}}
submission: participants.csv
dates: day_first
index_event: {{kinds: [custody_release], within_months: 6, time_zero: participation}}
analyses: [{{name: National, headline: true}}]
outcome: {{primary: reoffended, smallest_difference: 2}}
seed: 1
"""
