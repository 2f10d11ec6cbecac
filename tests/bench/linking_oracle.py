"""The best that any linking could do: the posterior under the law that made the submission.

For each typed row every person on record who may stand behind it (all whose birth and forename the
error model can turn into the typed ones, whatever their surname) gets the probability of the row,
a stranger gets theirs, and the best candidate is linked from a posterior of 0.5. No product can
know these laws; the distance to this oracle tells what a better model could still gain.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import duckdb
import linking_chances as chances
import linking_make
import numpy as np
import pandas as pd

LINK_AT = 0.5
EPOCH = dt.date(1970, 1, 1)
NAMES = """
CREATE TEMP VIEW names AS
SELECT person_id, 0 AS alias, surname, forename, date_of_birth AS born FROM '{folder}/people.parquet'
UNION ALL
SELECT person_id, 1, surname, forename, date_of_birth FROM read_parquet('{folder}/aliases.parquet', file_row_number = true)
QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY file_row_number DESC) = 1
"""
CANDIDATES = """
WITH found AS (
  SELECT a.row, a.swapped, a.chance, n.person_id, n.alias, n.surname
  FROM asked a JOIN names n ON n.forename = a.forename AND n.born = a.born
), about AS (
  SELECT person_id, gender, pnc_id, prison_number, person_id IN (SELECT person_id FROM '{folder}/aliases.parquet') AS has_alias
  FROM '{folder}/people.parquet' WHERE person_id IN (SELECT person_id FROM found)
)
SELECT * FROM found JOIN about USING (person_id) ORDER BY row, person_id, alias, swapped
"""


def oracle(folder: Path, name: str, model: linking_make.ErrorModel) -> dict[str, pd.DataFrame]:
    """Best candidate and posterior of each row that can be linked, by what is known.

    Returns
    -------
    By name, indexed by row: person_id (empty below a posterior of 0.5), posterior, likeliest (also
    below). `fields` takes
    everyone on record alike and an identifier left blank as telling nothing; `taking part` knows
    how often people of that gender, with or without a prison number, take part, so it is exact
    for what the fields can tell; `start` and `start and release` know the releases of each.
    """
    with duckdb.connect(config={"threads": 1}) as db:
        db.execute(NAMES.format(folder=folder / "records"))
        rows = typed_rows(folder / f"{name}-dated" / "participants.csv")
        pairs = candidates(db, folder / "records", rows, model)
        priors = {
            "fields": alike(db, folder / "records", pairs, model),
            "taking part": by_class(db, folder / "records", pairs, model),
        }
        for what, given in (("start", False), ("start and release", True)):
            priors[what] = by_dates(db, folder / "records", rows, pairs, model, given)
    strangers = chances.Strangers(model.rates, model.mix)
    fields = ["surname", "forename", "born", "gender", "pnc_id", "prison_number"]
    unknown = np.array([strangers.chance(*cells) for cells in rows[fields].itertuples(index=False)])
    return {
        what: decided(pairs, weight, pd.Series(unknown * stranger, index=rows.index))
        for what, (weight, stranger) in priors.items()
    }


def typed_rows(path: Path) -> pd.DataFrame:
    """What was typed, in rows with names and a date of birth; indexed by row of the spreadsheet."""
    with path.open(encoding="utf-8", newline="") as file:
        heading, *cells = list(csv.reader(file))
    frame = pd.DataFrame(cells, columns=heading, index=np.arange(len(cells)) + 2)
    rows = pd.DataFrame(
        {"surname": frame["Surname"].map(chances.plain), "forename": frame["Forename"].map(chances.plain)}
    )
    rows["gender"] = frame["Gender"].str.strip()
    rows["pnc_id"], rows["prison_number"] = frame["PNC ID"], frame["Prison number"]
    for field, column in (
        ("born", "Date of birth"),
        ("start", "Intervention start"),
        ("said", "Release date"),
    ):
        rows[field] = [
            dt.datetime.strptime(text, "%d/%m/%Y").date() if text else None for text in frame[column]
        ]
    return rows[(rows["surname"] != "") & (rows["forename"] != "") & rows["born"].notna()]


def candidates(db, folder: Path, rows: pd.DataFrame, model: linking_make.ErrorModel) -> pd.DataFrame:
    """Every person whom the error model can turn into a row, and how likely it makes the row.

    chance : of the identity fields, as if everyone had both numbers
    silence : factor by which a number left blank is likelier for somebody who has none
    """
    rates = model.rates
    forenames = [name for (name,) in db.sql("SELECT DISTINCT forename FROM names ORDER BY 1").fetchall()]
    source = chances.Sources(forenames, lambda name: chances.forename_typed(name, rates))
    asked = [
        (row, swapped, forename, born, share * likely * chance)
        for row, surname, typed, day in rows[["surname", "forename", "born"]].itertuples()
        for born, chance in chances.births(day, rates).items()
        for swapped, text, share in (
            (False, typed, 1 - rates.swapped_names),
            (True, surname, rates.swapped_names),
        )
        for forename, likely in source.of(text)
    ]
    db.register("asked", pd.DataFrame(asked, columns=["row", "swapped", "forename", "born", "chance"]))
    found = db.sql(CANDIDATES.format(folder=folder)).df()
    typed = rows.loc[found["row"]]
    meant = pd.Series(np.where(found["swapped"], typed["forename"], typed["surname"]))
    chance = found["chance"].to_numpy() * surname_chances(db, meant, found["surname"], rates)
    chance *= np.where(
        found["has_alias"], np.where(found["alias"] == 1, rates.alias_used, 1 - rates.alias_used), 1.0
    )
    one = found.assign(chance=chance).groupby(["row", "person_id"], as_index=False)
    pairs = one.agg({"chance": "sum", "gender": "first", "pnc_id": "first", "prison_number": "first"})
    typed = rows.loc[pairs["row"]]
    pairs["silence"] = 1.0
    for field, left_out in (("pnc_id", rates.no_pnc_id), ("prison_number", rates.no_prison_number)):
        recorded = pairs[field].astype(object).where(pairs[field].notna(), None)
        pairs["chance"] *= [
            chances.number(text, there, left_out, rates) if text else left_out
            for text, there in zip(typed[field], recorded, strict=True)
        ]
        nothing = (typed[field] == "").to_numpy() & recorded.isna().to_numpy()
        pairs.loc[nothing, "silence"] /= left_out
    pairs["chance"] *= [
        chances.gender(text, there, rates)
        for text, there in zip(typed["gender"], pairs["gender"], strict=True)
    ]
    return pairs[pairs["chance"] > 0].reset_index(drop=True)


def surname_chances(db, typed: pd.Series, recorded: pd.Series, rates) -> np.ndarray:
    """Probability of each typed surname given the one on record: kept, mistyped or somebody else's."""
    counted = db.sql("SELECT surname, count(*) FROM names WHERE alias = 0 GROUP BY 1").fetchall()
    people = sum(count for _, count in counted)
    share = {name: count / people for name, count in counted}
    # Double surnames are too many to turn round; each is rare, so only its plain spelling counts as a change.
    source = chances.Sources(
        (name for name in share if "-" not in name), lambda name: chances.with_typo(name, rates)
    )
    double = {chances.plain(name): weight for name, weight in share.items() if "-" in name}
    changed = {
        text: source.mean(text, share) + (1 - rates.typo) * double.get(text, 0.0) for text in typed.unique()
    }
    each = pd.DataFrame({"typed": typed.to_numpy(), "recorded": recorded.to_numpy()})
    both = each.drop_duplicates()
    # The first letter never slips.
    kept = [
        chances.with_typo(name, rates).get(text, 0.0) if text[0] == chances.plain(name)[0] else 0.0
        for text, name in both.itertuples(index=False)
    ]
    both = both.assign(kept=kept)
    kept = each.merge(both, on=["typed", "recorded"], how="left")["kept"].to_numpy()
    return (1 - rates.surname_changed) * kept + rates.surname_changed * typed.map(changed).to_numpy()


Prior = tuple[np.ndarray, np.ndarray]
"""Weight of each pair's person, and of a stranger in each row."""


def alike(db, folder: Path, pairs: pd.DataFrame, model: linking_make.ErrorModel) -> Prior:
    """Everyone on record equally likely, whether or not they could take part."""
    people = db.sql(f"SELECT count(*) FROM '{folder}/people.parquet'").fetchall()[0][0]
    return np.full(len(pairs), (1 - model.unknown) / people), np.float64(model.unknown)


# Releases around which programmes are joined, and people without any in those years; see linking_make.submission.
FITTING = f"""
CREATE OR REPLACE TEMP TABLE fitting AS SELECT person_id, released_on FROM '{{folder}}/sentences.parquet'
WHERE released_on BETWEEN DATE '1970-01-01' + {linking_make.FIRST_START + linking_make.EARLIEST}
                      AND DATE '1970-01-01' + {linking_make.LAST_START - linking_make.LATEST};
CREATE OR REPLACE TEMP TABLE near AS SELECT DISTINCT person_id FROM '{{folder}}/sentences.parquet'
WHERE released_on BETWEEN DATE '1970-01-01' + {linking_make.FIRST_START - linking_make.LATEST - 183}
                      AND DATE '1970-01-01' + {linking_make.LAST_START + linking_make.EARLIEST + 183};
"""


def by_class(db, folder: Path, pairs: pd.DataFrame, model: linking_make.ErrorModel) -> Prior:
    """How often people of a gender, with or without a prison number, take part."""
    db.execute(FITTING.format(folder=folder))
    classes = (
        db.sql(
            f"""SELECT gender, prison_number IS NOT NULL AS numbered, count(*) AS people,
                   sum(releases) AS releases, count(*) FILTER (WHERE n.person_id IS NULL) AS never
        FROM '{folder}/people.parquet' p
        LEFT JOIN (SELECT person_id, count(*) AS releases FROM fitting GROUP BY 1) f USING (person_id)
        LEFT JOIN near n USING (person_id) GROUP BY 1, 2"""
        )
        .df()
        .fillna(0)
    )
    fit, unfit = 1 - model.unknown - linking_make.UNFITTING, linking_make.UNFITTING
    weight = (
        fit * classes["releases"] / classes["releases"].sum()
        + unfit * classes["never"] / classes["never"].sum()
    )
    classes["weight"] = weight / classes["people"]
    known = pairs[["gender"]].assign(numbered=pairs["prison_number"].notna())
    found = known.merge(classes, on=["gender", "numbered"], how="left")["weight"].to_numpy()
    return found * pairs["silence"].to_numpy(), np.float64(model.unknown)


def by_dates(
    db, folder: Path, rows: pd.DataFrame, pairs: pd.DataFrame, model: linking_make.ErrorModel, given: bool
) -> Prior:
    """How likely the start (and the release date, where given) is after the releases of each person."""
    db.execute(FITTING.format(folder=folder))
    db.register("wanted", pairs[["person_id"]].drop_duplicates())
    releases = db.sql("SELECT person_id, released_on FROM fitting SEMI JOIN wanted USING (person_id)").df()
    never = set(db.sql("SELECT person_id FROM wanted ANTI JOIN near USING (person_id)").df()["person_id"])
    count, people, near = db.sql(
        f"""SELECT (SELECT count(*) FROM fitting), (SELECT count(*) FROM '{folder}/people.parquet'),
                   (SELECT count(*) FROM near)"""
    ).fetchall()[0]
    by_day = dict(
        db.sql("SELECT released_on - DATE '1970-01-01', count(*) FROM fitting GROUP BY 1").fetchall()
    )
    start = pd.Series([(day - EPOCH).days for day in rows["start"]], index=rows.index)
    said = pd.Series([(day - EPOCH).days if day and given else -1 for day in rows["said"]], index=rows.index)
    chance = linking_make.chance_of_delay()
    anyone = sum(
        likely * (start - delay).map(by_day).fillna(0) / count * release_said(said, start - delay, given)
        for delay, likely in chance.items()
    )
    each = pairs[["row", "person_id"]].reset_index().merge(releases, on="person_id")
    day = (each["released_on"] - pd.Timestamp(EPOCH)).dt.days.to_numpy()
    delay = start.loc[each["row"]].to_numpy() - day
    likely = pd.Series(delay).map(chance).fillna(0).to_numpy() * release_said(
        said.loc[each["row"]].to_numpy(), day, given
    )
    fitting = np.bincount(each["index"], likely / count, len(pairs))
    unfit = pairs["person_id"].isin(never) * anyone.loc[pairs["row"]].to_numpy() / (people - near)
    weight = (1 - model.unknown - linking_make.UNFITTING) * fitting + linking_make.UNFITTING * unfit
    return (weight * pairs["silence"]).to_numpy(), model.unknown * anyone.to_numpy()


def release_said(said, released, given: bool):
    """Probability of the release date given in a row (-1: none), for somebody released on a day."""
    if not given:
        return 1.0
    off = np.abs(said - released)
    wrong = linking_make.RELEASE_WRONG / (2 * linking_make.WRONG_BY)
    told = np.where(
        off == 0, 1 - linking_make.RELEASE_WRONG, np.where(off <= linking_make.WRONG_BY, wrong, 0.0)
    )
    return np.where(said < 0, 1 - linking_make.RELEASE_GIVEN, linking_make.RELEASE_GIVEN * told)


def decided(pairs: pd.DataFrame, weight: np.ndarray, unknown: pd.Series) -> pd.DataFrame:
    """The best candidate of each row and its posterior; nobody below LINK_AT."""
    likely = pairs["chance"] * weight
    total = likely.groupby(pairs["row"]).sum().reindex(unknown.index, fill_value=0.0) + unknown
    posterior = likely / total.loc[pairs["row"]].to_numpy()
    best = pairs[["row", "person_id"]].assign(posterior=posterior)
    best = best.sort_values(["row", "posterior", "person_id"], ascending=[True, False, True])
    best = best.drop_duplicates("row").set_index("row").reindex(unknown.index)
    best["posterior"] = best["posterior"].fillna(0.0)
    likeliest = best["person_id"].astype("Int64")
    return best.assign(likeliest=likeliest, person_id=likeliest.where(best["posterior"] >= LINK_AT))
