"""What each programme sends: its participants, and others, as an untidy list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import untidy
from .draws import between, yes
from .offences import CUSTODY, REGIONS
from .people import CULTURE_MIX, Identities, identities
from .programmes import Programme

# Shares of a list: people not in the records, people there without a fitting index event, repeated rows.
UNKNOWN, UNFITTING, REPEATED = 0.065, 0.04, 0.02
NOTES = (
    "",
    "",
    "",
    "",
    "",
    "moved area",
    "referred by probation",
    "see file",
    "attended with partner",
    "DNA x2",
)
FIELDS = (
    "surname",
    "forename",
    "date of birth",
    "gender",
    "PNC ID",
    "prison number",
    "release date",
    "intervention start",
    "intervention end",
    "region",
    "user reference",
    "completed",
    "sessions",
    "Key worker",
    "notes",
)
# Headings as each organisation writes them, where they differ from FIELDS.
HEADINGS = {
    "second-start": {
        "surname": "Surname",
        "forename": "Forename",
        "date of birth": "Date Of Birth",
        "PNC ID": "PNC id",
    },
    "straight-talk": {
        "surname": "SURNAME",
        "forename": "First name",
        "date of birth": "DOB",
        "gender": "Sex",
    },
    "new-threads": {"prison number": "Prison Number ", "intervention start": "Intervention Start"},
}
LEFT_OUT = {
    "second-start": (),
    "bridge-house": ("prison number", "release date", "sessions"),
    "straight-talk": ("prison number", "release date", "completed"),
    "new-threads": ("release date",),
    "small-steps": ("PNC ID", "release date", "completed", "notes"),
}


@dataclass(eq=False)
class Submission:
    """`table`: what is sent, dates as `datetime.date`. `links`: the truth of each of its rows."""

    table: pd.DataFrame
    links: pd.DataFrame


def submissions(
    rng: np.random.Generator,
    noise: np.random.Generator,
    offered: Sequence[Programme],
    participants: pd.DataFrame,
    events: pd.DataFrame,
    known: Identities,
) -> dict[str, Submission]:
    """The list of each programme that anybody joined, by folder."""
    sent = {}
    for place, programme in enumerate(offered):
        joined = participants[participants["programme"] == place] if len(participants) else participants
        if len(joined):
            plan = listed_people(rng, programme, joined, participants, events)
            sent[programme.folder] = fill_in(rng, noise, programme, plan, known)
    return sent


def listed_people(
    rng: np.random.Generator,
    programme: Programme,
    joined: pd.DataFrame,
    participants: pd.DataFrame,
    events: pd.DataFrame,
) -> pd.DataFrame:
    """Who is on the list, in its order: participants, the unknown, the unfitting, repeats."""
    plan = joined.drop(columns="programme").assign(joined=True, repeat=False)
    count = len(plan)

    def others(share: float, persons: np.ndarray) -> pd.DataFrame:
        # They have dates like everyone else's, but no index event, hence no truth.
        like = plan.iloc[np.sort(between(rng, 0, count - 1, round(share * count)))]
        kept = like[["start", "index_date", "region", "completed"]]
        return kept.assign(person_id=persons[: len(kept)], joined=False, repeat=False)

    fitting = events.loc[events["kind"] == programme.kind, "person_id"]
    unfit = np.setdiff1d(events["person_id"], np.union1d(fitting, participants["person_id"]))
    unfit = unfit[np.argsort(rng.random(len(unfit)), kind="stable")]
    nobody = np.zeros(count, np.int64)
    plan = pd.concat([plan, others(UNKNOWN, nobody), others(UNFITTING, unfit)], ignore_index=True)
    again = plan.iloc[np.flatnonzero(yes(rng, REPEATED, len(plan)))].assign(repeat=True)
    plan = pd.concat([plan, again])
    # Roughly by start, as people come; a repeat keeps the number of its first row.
    plan["same"] = plan.index
    order = np.argsort(plan["start"].to_numpy() + between(rng, -20, 20, len(plan)), kind="stable")
    return plan.iloc[order].reset_index(drop=True)


def fill_in(
    rng: np.random.Generator,
    noise: np.random.Generator,
    programme: Programme,
    plan: pd.DataFrame,
    known: Identities,
) -> Submission:
    """The list as somebody typed it, and the truth of each row."""
    n = len(plan)
    person = plan["person_id"].to_numpy() - 1
    stranger = person < 0
    strangers = strangers_for(rng, n)
    names = typed_names(rng, noise, np.where(stranger, 0, person), known)
    invented = typed_names(rng, noise, np.arange(n), strangers)
    # A person's second row has the same stranger behind it as the first.
    first = plan.groupby("same", sort=False).cumcount() == 0
    row_of = pd.Series(np.arange(n)[first], index=plan["same"][first])
    invented = [invented[row] for row in row_of[plan["same"]]]
    start, index = plan["start"].to_numpy(), plan["index_date"].to_numpy()
    completed = plan["completed"].to_numpy(bool)
    length = between(rng, np.where(completed, 60, 10), np.where(completed, 180, 70), n)
    last = np.full(n, np.datetime64(programme.ended, "D").astype(np.int64))
    end = np.maximum(np.minimum(start + length, index if programme.in_custody else last), start)
    sessions = between(rng, np.where(completed, 8, 1), np.where(completed, 24, 7), n)
    blank_end, blank_sessions, blank_release = (yes(rng, share, n) for share in (0.06, 0.05, 0.10))
    worker, note = between(rng, 1, 6, n), between(rng, 0, len(NOTES) - 1, n)
    rows = []
    for i in range(n):
        who = invented[i] if stranger[i] else names[i]
        number = untidy.number(noise, who["pnc_id"], untidy.MEASURED.no_pnc_id)
        prison = who["prison_number"] if programme.kind == CUSTODY else None
        rows.append(
            (
                who["surname"],
                who["forename"],
                untidy.birth(noise, who["born"]),
                untidy.sex(noise, who["gender"]),
                number,
                untidy.number(noise, prison, untidy.MEASURED.no_prison_number),
                None if blank_release[i] or programme.kind != CUSTODY else as_date(index[i]),
                None if noise.random() < untidy.MEASURED.blank_essential else as_date(start[i]),
                None if blank_end[i] else as_date(end[i]),
                REGIONS[int(plan["region"].iat[i])],
                f"{initials(programme)}-{i + 1:04d}",
                "yes" if completed[i] else "no",
                None if blank_sessions[i] else int(sessions[i]),
                f"KW{worker[i]}",
                NOTES[note[i]],
            )
        )
    # Column by column, or pandas would turn whole numbers with gaps into decimals.
    columns = zip(*rows, strict=True)
    table = pd.DataFrame(
        {name: pd.Series(list(column), dtype=object) for name, column in zip(FIELDS, columns, strict=True)}
    )
    table = table.drop(columns=list(LEFT_OUT.get(programme.folder, ())))
    return Submission(table.rename(columns=HEADINGS.get(programme.folder, {})), links(programme, plan))


def typed_names(
    rng: np.random.Generator,
    noise: np.random.Generator,
    person: np.ndarray,
    known: Identities,
    rates: untidy.Rates = untidy.MEASURED,
) -> list[dict]:
    """Identity of each row as known to the programme: recorded, or an alias, with slips."""
    rows = pd.DataFrame(
        {
            "forename": known.forename.take(person).to_pylist(),
            "surname": known.surname.take(person).to_pylist(),
            "pnc_id": known.pnc_id.take(person).to_pylist(),
            "prison_number": known.prison_number.take(person).to_pylist(),
        }
    ).to_dict("records")
    places = np.flatnonzero(np.isin(known.alias["person"], person))
    alias_of = {int(known.alias["person"][place]): int(place) for place in places}
    use_alias = yes(rng, rates.alias_used, len(person))
    replacement = known.surname.take(between(rng, 0, len(known.born) - 1, len(person))).to_pylist()
    for i, row in enumerate(rows):
        born = as_date(known.born[person[i]])
        place = alias_of.get(int(person[i]))
        if use_alias[i] and place is not None:
            row["forename"] = known.alias["forename"][place].as_py()
            row["surname"] = known.alias["surname"][place].as_py()
            born = as_date(known.alias["born"][place])
        row["forename"], row["surname"] = untidy.names(
            noise, row["forename"], row["surname"], replacement[i], rates
        )
        row["born"] = born
        row["gender"] = "FM"[known.gender[person[i]]]
        for key in ("pnc_id", "prison_number"):
            row[key] = row[key] if isinstance(row[key], str) else None
    return rows


def strangers_for(rng: np.random.Generator, n: int, mix: np.ndarray = CULTURE_MIX) -> Identities:
    """Invented people of whom the records know nothing."""
    gender = np.where(yes(rng, 0.15, n), 0, 1).astype(np.int8)
    born = between(rng, -5000, 11_500, n)
    return identities(rng, gender, born, np.ones(n, np.int8), born + 18 * 365, np.ones(n, bool), mix)


def links(programme: Programme, plan: pd.DataFrame) -> pd.DataFrame:
    """Truth of each row: the person in the records (none: missing) and the planted effect."""
    found = plan["person_id"].to_numpy() > 0
    joined = plan["joined"].to_numpy(bool)

    def only(name: str, kind: str) -> pd.Series:
        return plan[name].where(joined).astype(kind)

    def day_of(name: str) -> pd.Series:
        return pd.Series(
            [as_date(value) if there else None for value, there in zip(plan[name], joined, strict=True)]
        )

    return pd.DataFrame(
        {
            "request": programme.folder,
            "row": np.arange(1, len(plan) + 1, dtype=np.int32),
            "person_id": plan["person_id"].where(found).astype("Int32"),
            "joined": joined,
            "repeat": plan["repeat"].to_numpy(bool),
            "completed": only("completed", "boolean"),
            "region": [REGIONS[int(code)] for code in plan["region"]],
            "index_date": day_of("index_date"),
            "start": day_of("start"),
            "time_zero": day_of("time_zero"),
            "p0": only("p0", "Float64"),
            "effect": only("effect", "Float64"),
            "y0": only("y0", "boolean"),
            "y1": only("y1", "boolean"),
        }
    )


def as_date(days: float) -> dt.date:
    """Day number as a date."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(days))


def initials(programme: Programme) -> str:
    """SS for Second Start."""
    return "".join(word[0] for word in programme.organisation.split())
