"""Where links go wrong and why: what was typed against the person meant, and against the one linked instead."""

from __future__ import annotations

import csv
import difflib
from pathlib import Path

import duckdb
import linking_chances as chances
import linking_make
import linking_oracle
import pandas as pd

import datalab_helpers.intake

ALIKE = 0.75
WRONG = ("missed", "somebody else", "nobody on record")


def losses(
    folder: Path, name: str, found: pd.DataFrame, best: pd.DataFrame, looked_up: pd.DataFrame, model: str
) -> pd.DataFrame:
    """Every wrong link of a submission.

    Parameters
    ----------
    found : the product's links, indexed by row
    best : the oracle's, indexed by row; rows it leaves out are left out here
    looked_up : row, person_id of every candidate the product considered

    Returns
    -------
    One row a wrong link: wrong (missed, linked to somebody else, linked though nobody on record),
    step (never looked up, too unsure, rival preferred), cause (how the typed row differs from the
    person meant, or from the one linked when nobody was meant), identifier (right, spoilt: a slip
    or another form, foreign: somebody else's, or none typed), oracle (right or wrong)
    """
    truth = pd.read_parquet(folder / name / "truth.parquet").set_index("row")["person_id"].loc[best.index]
    told = found["person_id"].reindex(best.index).fillna(0).astype("int64")
    lost = best.index[told != truth]
    typed = linking_oracle.typed_rows(folder / f"{name}-dated" / "participants.csv").loc[lost]
    concerned = pd.concat([told.loc[lost], truth.loc[lost]]).unique()
    known = names_of(folder / "records", concerned)
    candidates = set(zip(looked_up["row"], looked_up["person_id"], strict=True))
    rates, roots = linking_make.MODELS[model].rates, nickname_roots()
    rows = []
    for row in lost:
        meant, linked = int(truth[row]), int(told[row])
        wrong = WRONG[0] if not linked else WRONG[1] if meant else WRONG[2]
        if not meant:
            step = "rival preferred"
        elif (row, meant) not in candidates:
            step = "never looked up"
        else:
            step = "rival preferred" if linked else "too unsure"
        cell = typed.loc[row]
        there = known[known["person_id"] == (meant or linked)]
        rows.append(
            {
                "row": row,
                "wrong": wrong,
                "step": step,
                "cause": difference(cell, there, rates, roots),
                "identifier": identifier(cell, there.iloc[0], rates),
                "oracle": "oracle right" if best["person_id"].fillna(0)[row] == meant else "oracle wrong",
            }
        )
    return pd.DataFrame(rows, columns=["row", "wrong", "step", "cause", "identifier", "oracle"])


def names_of(records: Path, people) -> pd.DataFrame:
    """The names of some people on record: their own (alias 0) and the others they have used."""
    with duckdb.connect(config={"threads": 1}) as db:
        db.register("wanted", pd.DataFrame({"person_id": people}))
        return db.sql(
            f"""SELECT person_id, 0 AS alias, surname, forename, date_of_birth AS born, gender,
                       pnc_id, prison_number
                FROM '{records}/people.parquet' SEMI JOIN wanted USING (person_id)
                UNION ALL
                SELECT a.person_id, 1, a.surname, a.forename, a.date_of_birth, p.gender, p.pnc_id, p.prison_number
                FROM '{records}/aliases.parquet' a JOIN '{records}/people.parquet' p USING (person_id)
                SEMI JOIN wanted USING (person_id) ORDER BY ALL"""
        ).df()


def difference(cell: pd.Series, there: pd.DataFrame, rates, roots: dict[str, str]) -> str:
    """How a typed row differs from the name on record that explains it best.

    `other` stands for what no slip explains; a changed surname is `other` too.
    """
    told = []
    for known in there.itertuples():
        for swapped in (False, True):
            forename, surname = (
                (cell["surname"], cell["forename"]) if swapped else (cell["forename"], cell["surname"])
            )
            parts = ["alias used"] if known.alias else []
            parts += ["names swapped"] if swapped else []
            parts += [
                forename_difference(forename, known.forename, rates, roots),
                surname_difference(surname, known.surname, rates),
                birth_difference(cell["born"], known.born.date(), rates),
            ]
            if cell["gender"] and cell["gender"][0].upper() != known.gender:
                parts.append("wrong sex")
            parts = [part for part in parts if part]
            told.append((sum("other" in part for part in parts), len(parts), ", ".join(parts)))
    return min(told)[-1] or "no mistake"


def identifier(cell: pd.Series, known: pd.Series, rates) -> str:
    """How the typed PNC ID and prison number stand to those on record."""
    told = []
    for field in ("pnc_id", "prison_number"):
        if cell[field]:
            recorded = known[field] if isinstance(known[field], str) else None
            if cell[field] == recorded:
                told.append("right")
            elif recorded and chances.number(cell[field], recorded, 0.5, rates):
                told.append("spoilt")
            else:
                told.append("foreign")
    return f"identifier {' and '.join(told)}" if told else "no identifier"


def forename_difference(typed: str, recorded: str, rates, roots: dict[str, str]) -> str:
    if typed == chances.plain(recorded):
        return ""
    if typed in chances.slips(recorded):
        return "forename mistyped"
    nickname = chances.people.name_lists()["nicknames"].get(recorded)
    if nickname is None or typed not in chances.with_typo(nickname, rates):
        return f"other forename{' alike' if alike(typed, recorded) else ''}"
    if typed != chances.plain(nickname):
        return "nickname mistyped"
    root, own = (roots.get(name.upper(), name.upper()) for name in (nickname, recorded))
    return "nickname" if root == own else "nickname not in the list"


def surname_difference(typed: str, recorded: str, rates) -> str:
    if typed == chances.plain(recorded):
        return ""
    if typed in chances.slips(recorded):
        return "surname mistyped"
    return f"other surname{' alike' if alike(typed, recorded) else ''}"


def alike(typed: str, recorded: str) -> bool:
    """Whether two names share most of their letters in order."""
    return difflib.SequenceMatcher(None, typed, chances.plain(recorded)).ratio() >= ALIKE


def birth_difference(typed, recorded, rates) -> str:
    if typed == recorded:
        return ""
    if recorded not in chances.births(typed, rates):
        digits = zip(f"{typed:%Y%m%d}", f"{recorded:%Y%m%d}", strict=True)
        if sum(one != other for one, other in digits) == 1:
            return "other birth by one digit"
        if (typed.month, typed.day) == (recorded.month, recorded.day):
            return "other birth by the year"
        return "other birth"
    swapped = (typed.month, typed.day) == (recorded.day, recorded.month) and typed.year == recorded.year
    return "day and month swapped" if swapped else "wrong year of birth"


def nickname_roots() -> dict[str, str]:
    """The product's list of nicknames."""
    path = Path(datalab_helpers.intake.__file__).parent / "nicknames.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {line["name"]: line["root"] for line in csv.DictReader(file)}


def looked_up(folder: Path, name: str) -> pd.DataFrame:
    """row, person_id of every candidate that the product looks up for a submission."""
    from datalab_helpers.intake import read_submission
    from datalab_helpers.intake.linking.candidates import candidates
    from datalab_helpers.request import load_request
    from datalab_helpers.store import open_store

    request = load_request(folder / name)
    found = candidates(request, open_store(request, folder / "records"), read_submission(request))
    return found[["row", "person_id"]].drop_duplicates()
