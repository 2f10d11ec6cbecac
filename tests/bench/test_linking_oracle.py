"""The oracle by hand on a few people, against the generator's own draws, and calibrated on a whole submission."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import linking_chances as chances
import linking_make
import linking_oracle
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datalab_helpers.synthetic import untidy

HEAVY = linking_make.MODELS["heavy"].rates
DRAWS = 20_000


def as_often_as_said(drawn: list, said: dict) -> None:
    """Each outcome's share within five standard errors of its probability, and nothing else drawn."""
    counted = Counter(drawn)
    assert set(counted) <= set(said)
    for outcome, chance in said.items():
        assert abs(counted[outcome] / len(drawn) - chance) <= 5 * np.sqrt(chance / len(drawn)) + 1e-9, outcome


@pytest.mark.parametrize("forename", ["Matthew", "Jo", "Şule-Ann"])
def test_names_are_typed_as_often_as_said(forename: str) -> None:
    rng = np.random.default_rng(1)
    rates = untidy.Rates(typo=0.4, nickname=0.3, swapped_names=0, surname_changed=0, blank_essential=0)
    drawn = [untidy.names(rng, forename, "O'Hara", "Smith", rates) for _ in range(DRAWS)]
    as_often_as_said([chances.plain(first) for first, _ in drawn], chances.forename_typed(forename, rates))
    as_often_as_said([chances.plain(second) for _, second in drawn], chances.with_typo("O'Hara", rates))


@pytest.mark.parametrize(
    "born", [dt.date(1980, 3, 12), dt.date(1976, 2, 29), dt.date(1991, 5, 5), dt.date(1988, 8, 28)]
)
def test_births_are_typed_as_often_as_said(born: dt.date) -> None:
    rng = np.random.default_rng(2)
    rates = untidy.Rates(day_month_swapped=0.2, wrong_digit=0.3, blank_essential=0.05)
    drawn = [untidy.birth(rng, born, rates) for _ in range(DRAWS)]
    said = {typed: chances.births(typed, rates)[born] for typed in set(drawn) - {None}}
    assert sum(said.values()) == pytest.approx(0.95)
    as_often_as_said(drawn, said | {None: 0.05})


@pytest.mark.parametrize("recorded", ["2004/0012345K", "A1203BC", None])
def test_numbers_are_typed_as_often_as_said(recorded: str | None) -> None:
    rng = np.random.default_rng(3)
    rates = untidy.Rates(mangled_number=0.6)
    drawn = [untidy.number(rng, recorded, 0.2, rates) for _ in range(DRAWS)]
    said = {typed: chances.number(typed, recorded, 0.2, rates) for typed in set(drawn)}
    assert sum(said.values()) == pytest.approx(1.0, abs=0.01)
    as_often_as_said(drawn, said)


def test_three_people_by_hand(tmp_path: Path) -> None:
    """A row typed without a mistake: its person, one whose surname would have changed, and a twin of the name."""
    born, records = dt.date(1980, 2, 20), tmp_path / "records"
    records.mkdir()
    people = {
        "person_id": [1, 2, 3],
        "surname": ["Salridge", "Wetward", "Salridge"],
        "forename": ["Dale", "Dale", "Dale"],
        "date_of_birth": [born, born, dt.date(1981, 2, 20)],
        "gender": ["M", "M", "M"],
        "pnc_id": ["2004/0012345K", "2005/0012345K", "2006/0012345K"],
        "prison_number": ["A1203BC", "A1204BC", "A1205BC"],
    }
    pq.write_table(pa.table(people), records / "people.parquet")
    nobody = {"person_id": [], "surname": [], "forename": [], "date_of_birth": []}
    kinds = {
        "person_id": pa.int32(),
        "surname": pa.string(),
        "forename": pa.string(),
        "date_of_birth": pa.date32(),
    }
    pq.write_table(pa.table(nobody, pa.schema(kinds)), records / "aliases.parquet")
    released = [dt.date(2015, 5, 1), dt.date(2021, 5, 1), dt.date(2021, 5, 2)]
    pq.write_table(pa.table({"person_id": [1, 2, 3], "released_on": released}), records / "sentences.parquet")
    (tmp_path / "one-dated").mkdir()
    heading = ",".join((*linking_make.HEADINGS, "Release date"))
    (tmp_path / "one-dated/participants.csv").write_text(
        f"{heading}\nSalridge,Dale,20/02/1980,M,,,01/05/2021,\n"
    )
    found = linking_oracle.oracle(tmp_path, "one", linking_make.MODELS["plain"])
    # Of the three surnames two are Salridge. Person 3 would need a wrong year (one of eight), person 2 the
    # changed surname; 19 of 20 surnames carry no slip; what all three share cancels out.
    right_year, wrong_year = 1 - 0.004 - 0.01, 0.01 / 8
    kept, changed = 0.95 * (0.97 + 0.03 * 2 / 3), 0.95 * 0.03 * 2 / 3
    weights = np.array([kept * right_year, changed * right_year, kept * wrong_year])
    stranger = chances.Strangers(untidy.MEASURED, linking_make.CULTURE_MIX)
    shared = 0.99 * (0.95 * 1.0) * 0.996 * 0.995 * 0.5 * 0.35
    nobody = 0.08 * stranger.chance("salridge", "dale", born, "M", "", "")
    expected = weights[0] / (weights.sum() + nobody / (0.92 / 3 * shared))
    assert found["fields"]["posterior"].iloc[0] == pytest.approx(expected, rel=1e-9)
    assert found["fields"]["person_id"].iloc[0] == 1
    # Person 1 was last released years before; with the dates only the changed surname or the wrong year is left.
    assert found["start"]["likeliest"].iloc[0] == 1
    assert found["start"]["posterior"].iloc[0] < found["fields"]["posterior"].iloc[0]


def test_the_oracle_is_as_sure_as_it_should_be(tmp_path: Path) -> None:
    linking_make.generate(tmp_path, 40_000, 5, "heavy", {"one": (3_000, 5)})
    truth = pd.read_parquet(tmp_path / "one/truth.parquet").set_index("row")["person_id"]
    for what, found in linking_oracle.oracle(tmp_path, "one", linking_make.MODELS["heavy"]).items():
        if what == "fields":
            continue  # it does not know who can take part
        said = found["posterior"]
        was = (found["likeliest"] == truth.reindex(found.index)).fillna(False)
        for low, high in ((0, 0.5), (0.5, 0.95), (0.95, 1)):
            band = (said > low) & (said <= high)
            spread = np.sqrt((said * (1 - said))[band].sum())
            assert abs((was[band] - said[band]).sum()) <= 3.5 * spread + 0.5, (what, low)
