"""A small version of the benchmark on every `make test`, so that it cannot rot between its long runs."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import linking
import linking_effect
import linking_loss
import linking_make
import linking_oracle
import linking_steps
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


def test_a_small_version_of_the_benchmark_runs(
    made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        linking, "step", lambda name, folder, *more: getattr(linking_steps, name)(folder, *more)
    )
    monkeypatch.setattr(linking, "SUBMISSIONS", {"short": (0, 0), "seed-1": (ROWS, 1)})
    monkeypatch.setattr(linking, "LONG", "seed-1")
    assert linking_steps.prepare(made)["disk"] < 0.1
    assert linking_steps.link(made, "seed-1")["review"] < 0.2
    linking.accuracy(made, PEOPLE)
    linking.answer_error(made, PEOPLE)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = {line["figure"]: line["value"] for line in lines}
    about = f"{PEOPLE:,} people"
    for evidence in linking_steps.EVIDENCE:
        assert told[f"{about}, {evidence}: precision"] > 0.98
        assert told[f"{about}, {evidence}: recall"] > 0.95
    assert told[f"{about}, oracle (fields): F1"] >= told[f"{about}, no dates: F1"] - 0.005
    truth = linking_steps.truth_of(made, "seed-1")
    links = pd.read_parquet(made / "seed-1/no dates.parquet")["person_id"].fillna(0)
    typed = linking_oracle.typed_rows(made / "seed-1-dated/participants.csv").index
    wrong = [value for name, value in told.items() if name.startswith(f"{about}, no dates, wrong links")]
    assert sum(wrong) == (links != truth)[typed].sum() > 0
    right = ((links == truth) & (truth > 0))[typed].sum()
    assert told[f"{about}, no dates, linking error: missed"] == pytest.approx(
        1 - right / (truth > 0)[typed].sum(), abs=1e-4
    )


def test_splink_trained_afresh_finds_most(made: Path) -> None:
    linking_steps.prepare(made)
    assert linking_steps.afresh(made, "seed-1")["f1"] > 0.9


def test_a_wrong_link_is_put_down_to_what_was_typed() -> None:
    rates, roots = linking_make.MODELS["plain"].rates, linking_loss.nickname_roots()
    known = pd.DataFrame(
        [
            (1, 0, "Smith", "Robert", pd.Timestamp("1980-02-20"), "M"),
            (1, 1, "Okafor", "Emeka", pd.Timestamp("1980-02-20"), "M"),
        ],
        columns=["person_id", "alias", "surname", "forename", "born", "gender"],
    )

    def told(surname: str, forename: str, born: str, gender: str = "Male") -> str:
        row = {
            "surname": surname,
            "forename": forename,
            "born": dt.date.fromisoformat(born),
            "gender": gender,
        }
        return linking_loss.difference(pd.Series(row), known, rates, roots)

    assert told("smith", "robert", "1980-02-20") == "no mistake"
    assert told("okafor", "emeka", "1980-02-20") == "alias used"
    assert told("bob", "smiith", "1980-02-20") == "names swapped, nickname, surname mistyped"
    assert told("smith", "robert", "1981-02-20", "F") == "wrong year of birth, wrong sex"
    assert told("jones", "robret", "1980-02-20") == "forename mistyped, other surname"
    assert told("smith", "roberta", "1980-02-21") == "other forename alike, other birth by one digit"
    assert told("smith", "robert", "1985-02-20") == "other birth by one digit"
    assert told("smith", "robert", "1966-02-20") == "other birth by the year"


def test_overconfidence_is_that_of_the_worst_band_with_enough_links() -> None:
    one = [[60, 36.0, 33.0], [60, 48.0, 30.0], [15, 14.0, 0.0], [300, 298.5, 297.0]]
    # Two submissions: 120 links of 0.6 with 66 right, 120 of 0.8 with 60 right; 30 links are too few.
    assert linking.overconfidence(pd.Series([one, one])) == pytest.approx(0.3)


def test_shares_of_error_by_hand() -> None:
    truth = pd.Series([1, 2, 3, 4, 0, 0])
    told = pd.Series([1, 2, 9, 0, 0, 8])
    assert linking_effect.error_shares(told, truth) == (0.5, 0.5)


@pytest.mark.parametrize(("same", "expected"), [(True, -0.05 * 0.5), (False, -0.06 * 0.5)])
def test_a_wrong_link_takes_its_share_of_the_effect(same: bool, expected: float) -> None:
    """Of four linked two are right; the fourth person meant is missed, who has no identifier and gains less."""
    truth = pd.Series([1, 2, 3, 4, 0, 0])
    told = pd.Series([1, 2, 9, 0, 0, 8])
    numbered = pd.Series([True, True, True, False, True, True])
    true, mean, error = linking_effect.estimated(told, truth, numbered, same, np.random.default_rng(1))
    assert true == pytest.approx(-0.05 if same else (-0.06 * 3 - 0.03) / 4)
    assert abs(mean - expected) < 5 * error
    assert error < 0.005
