"""The forecast: it follows what is in the file, and its band holds the truth about nine times in ten.

`make slow ONLY=forecast` counts over 300 requests; here are a few, so that the study cannot rot.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import faults
import numpy as np
import pytest
import tiny
from many import many
from scipy import stats
from test_check_faults import read_here

from datalab_helpers.intake import sheet
from datalab_helpers.intake.check import check_submission
from datalab_helpers.intake.check.forecast import Band, Forecast, Listed, draw, figures
from datalab_helpers.lab import load_lab
from datalab_helpers.wording import check as words


@pytest.fixture
def forecast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sheet, "read_file", read_here)

    def made(change=lambda rows: None, clock: str | None = None, people: int = 120) -> Forecast:
        given = faults.clean(8, people)
        change(given.rows)
        given.form = "csv"
        given.dates = "%d/%m/%Y"
        path = given.write(tmp_path)
        request = None
        if clock:
            from datalab_helpers.request import load_request

            tiny.write_request(
                tmp_path,
                submission=path.name,
                index_event={"kinds": ["custody_release"], "time_zero": clock},
                programme={"name": "x", "began": faults.BEGAN, "ended": faults.ENDED},
            )
            given.write(tmp_path)
            request = load_request(tmp_path)
        return check_submission(path, load_lab("justice"), request, today=faults.TODAY).forecast

    return made


def test_it_counts_only_people_who_lack_nothing_and_each_once(forecast) -> None:
    def spoil(rows: list) -> None:
        for row in rows[:10]:
            row[3] = ""
        for row in rows[10:30]:
            row[faults.START] = dt.date(2026, 1, 5)
        rows.append(list(rows[50]))

    whole, spoilt = forecast(), forecast(spoil)
    assert (whole.sent, whole.listed.people) == (120, 120)
    assert (spoilt.sent, spoilt.listed.people) == (120, 90)
    assert spoilt.analysed.middle == pytest.approx(whole.analysed.middle * 90 / 120, abs=2)


def test_identifiers_raise_the_number_found(forecast) -> None:
    def without(rows: list) -> None:
        for row in rows:
            row[4] = row[5] = ""

    whole, bare = forecast(), forecast(without)
    assert whole.listed.numbered > 80
    assert bare.listed.numbered == 0
    assert draw(bare.listed, figures(), 30)[0].mean() < draw(whole.listed, figures(), 30)[0].mean()


def test_it_follows_the_clock_of_the_request(forecast) -> None:
    assert forecast(clock="index").listed.clock == "index"
    assert forecast(clock="participation").listed.clock == forecast().listed.clock == "participation"


def test_it_does_not_count_on_starts_outside_the_programme(forecast) -> None:
    def late(rows: list) -> None:
        for row in rows[:12]:
            row[faults.START] = dt.date(2023, 2, 1)

    assert forecast(clock="index").listed.people == 120
    assert forecast(late, clock="index").listed.people == 108


def test_the_same_list_gives_the_same_forecast(forecast) -> None:
    assert forecast() == forecast()


def test_fewer_than_can_be_analysed_count_as_none() -> None:
    _, analysed = draw(Listed(20, 15, "participation"), figures(), 30)
    assert set(np.unique(analysed)) <= {0, *range(30, 36)}
    assert (analysed == 0).any()


def test_the_steps_by_hand() -> None:
    """Shares that hardly vary: 1,000 x 0.9 x 0.98 found, x 0.8 kept, x 0.9 matched."""
    sure = 1e7
    fitted = {
        "on_record": [0.9 * sure, 0.1 * sure],
        "found": {"numbered": 0.98, "plain": 0.5},
        "kept": {"participation": [0.8 * sure, 0.2 * sure]},
        "matched": {"level": np.log(9), "slope": 0.0, "alike": sure},
        "nothing": 0.0,
    }
    found, analysed = draw(Listed(1000, 0, "participation"), fitted, 30)
    assert found.mean() == pytest.approx(882, rel=0.005)
    assert analysed.mean() == pytest.approx(882 * 0.8 * 0.9, rel=0.005)
    assert draw(Listed(0, 1000, "participation"), fitted, 30)[0].mean() == pytest.approx(450, rel=0.005)
    assert analysed.var() == pytest.approx(1000 * 0.635 * 0.365, rel=0.05)  # a plain binomial
    assert (
        draw(Listed(1000, 0, "participation"), fitted | {"nothing": 0.2}, 30)[1] == 0
    ).mean() == pytest.approx(0.2, abs=0.01)


def test_requests_differ_more_than_chance() -> None:
    f, analysed = figures(), draw(Listed(300, 300, "participation"), figures(), 30)[1]
    share = analysed.mean() / 600
    assert analysed.var() > 3 * 600 * share * (1 - share)
    assert 0.5 < f["survive"] < 1


def test_so_few_that_nothing_may_come_of_it_is_said(forecast) -> None:
    told, lab = forecast(people=40), load_lab("justice")
    few = replace(told, analysed=Band(0, 33, 38))
    said = " ".join(words.change_said(few, lab))
    assert "There may also be fewer than 30 people, and then no result at all." in said
    assert words.change_said(replace(told, analysed=Band(0, 0, 25)), lab) == [
        "With fewer than 30 people analysed there would be no result at all."
    ]


def test_the_band_holds_the_truth_of_a_few_requests() -> None:
    found = many(7_001, count=5, people=16_000)
    held = [b.forecast.analysed.low <= b.matched <= b.forecast.analysed.high for b in found]
    assert len(found) >= 4
    assert sum(held) >= len(held) - 2
    expected = [b.forecast.analysed.middle for b in found]
    assert stats.spearmanr(expected, [b.matched for b in found]).statistic > 0.6
