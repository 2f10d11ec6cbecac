"""A small version of the benchmark on every `make test`, so that it cannot rot between its long runs."""

from __future__ import annotations

from pathlib import Path

import duckdb
import linking
import linking_make
import linking_oracle
import numpy as np
import pandas as pd
import pytest

PEOPLE, ROWS = 6_000, 300


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    linking_make.generate(folder, PEOPLE, 1, "plain", {"seed-1": (ROWS, 1)})
    return folder


def test_everyone_has_sentences_and_participants_a_release_that_fits(made: Path) -> None:
    records = made / "records"
    rows, people, unfit = duckdb.sql(
        f"""SELECT count(*), count(DISTINCT person_id),
               count(*) FILTER (WHERE (kind = 'custody') <> (released_on IS NOT NULL))
        FROM '{records}/sentences.parquet'"""
    ).fetchall()[0]
    assert people == PEOPLE
    assert 2.2 < rows / people < 2.7
    assert unfit == 0
    wrong, fitting, unknown, near = duckdb.sql(
        f"""SELECT count(*) FILTER (WHERE fits AND NOT EXISTS (
                   SELECT 1 FROM '{records}/sentences.parquet' s
                   WHERE s.person_id = t.person_id AND s.released_on = t.released_on)),
               avg(fits::INT), avg((person_id = 0)::INT),
               count(*) FILTER (WHERE NOT fits AND EXISTS (
                   SELECT 1 FROM '{records}/sentences.parquet' s
                   WHERE s.person_id = t.person_id AND s.released_on BETWEEN '2019-01-01' AND '2023-12-31'))
        FROM '{made}/seed-1/truth.parquet' t"""
    ).fetchall()[0]
    assert (wrong, near) == (0, 0)
    assert 0.8 < fitting < 0.95
    assert 0.03 < unknown < 0.15


def test_delays_are_as_likely_as_said() -> None:
    chance = linking_make.chance_of_delay()
    assert sum(chance.values()) == pytest.approx(1)
    drawn = linking_make.delays(np.random.default_rng(1), 400_000)
    for low, high in ((-60, -1), (0, 0), (1, 30), (31, 90), (91, 120)):
        expected = sum(chance[days] for days in range(low, high + 1))
        assert np.mean((drawn >= low) & (drawn <= high)) == pytest.approx(expected, abs=0.004)


def test_a_small_version_of_the_benchmark_runs(made: Path) -> None:
    assert linking.prepare(made)["disk"] < 0.1
    assert linking.link(made, "seed-1")["review"] < 0.2
    found = linking.judge(made, "seed-1")
    for evidence, answer in found.items():
        assert answer["precision"] > 0.98, evidence
        assert answer["recall"] > 0.95, evidence
    ideal = linking.best(made, "seed-1")
    assert ideal["oracle"]["fields"]["f1"] >= found["no dates"]["f1"] - 0.005
    truth = linking.truth_of(made, "seed-1")
    told = pd.read_parquet(made / "seed-1/no dates.parquet")["person_id"].fillna(0)
    typed = linking_oracle.typed_rows(made / "seed-1-dated/participants.csv").index
    assert len(ideal["lost"]["no dates"]) == (told != truth)[typed].sum() > 0
