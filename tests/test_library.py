"""The evidence library: everything is in it, its numbers are those of its results, and it is made whole or not at all."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from bs4 import BeautifulSoup
from example_results import earnings, example
from many_library import entries_of, library_entries
from scipy import stats
from test_words import spoken

from datalab_helpers.disclosure import Results
from datalab_helpers.disclosure.no_result import NoResult
from datalab_helpers.errors import LibraryError
from datalab_helpers.library import (
    Entries,
    Entry,
    Library,
    averages,
    build,
    gaps,
    library_forms,
    listing,
    make_library,
    plot_library,
    read_entries,
)
from datalab_helpers.library.build import FEWEST
from datalab_helpers.library.contents import schema
from datalab_helpers.library.page import render_library
from datalab_helpers.library.picture import axis_of
from datalab_helpers.library.rows import EXAMPLE, NO_WIDTH, VERY_LOW
from datalab_helpers.library.synthesis.pooled import Z_95
from datalab_helpers.library.words import changes as told_changes
from datalab_helpers.outcome.verdict import case_of
from datalab_helpers.run import sha256

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "datalab_helpers/library/library.schema.json"
GOLDEN = ROOT / "tests/golden/library.txt"
EXAMPLE_REPORT = ROOT / "reports/JDL-2026-001"
REQUESTS = ROOT / "data/synthetic/requests"
COUNT, WITHOUT, AWAITED = 25, 4, 2


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return library_entries(COUNT, 3, WITHOUT, AWAITED)


@pytest.fixture(scope="module")
def library(entries: list[Entry]) -> Library:
    return build(entries_of(entries))


def result(
    entry: Entry,
    value: float,
    error: float,
    p: float | None = None,
    confidence: str = "moderate",
    people: int | None = None,
) -> Entry:
    """Give a result this difference and error, and what follows; the objects are frozen for everybody else."""
    analysis = entry.results.analyses[0]
    measure = analysis.measures[0]
    low, high = value - Z_95 * error, value + Z_95 * error
    if p is None:
        p = float(2 * stats.norm.sf(abs(value / error))) if error else 1.0
    adjusted = measure.adjusted.model_copy(update={"difference": value, "low": low, "high": high, "p": p})
    analysis.measures[0] = measure.model_copy(
        update={"adjusted": adjusted, "n_treatment": people or measure.n_treatment}
    )
    found = case_of(measure, low, high, entry.results.rules.smallest_difference)
    verdict = analysis.verdict.model_copy(update={"confidence": confidence, "case": found})
    object.__setattr__(analysis, "verdict", verdict)
    return entry


def named(entry: Entry, **changed: Any) -> Entry:
    """The entry of another organisation, or of another programme."""
    about = entry.about.model_copy(update=changed)
    return Entry(about, entry.released_on, entry.invented, results=entry.results)


def entry_of(results: Results, id_: str, organisation: str) -> Entry:
    about = results.about.model_copy(update={"id": id_, "organisation": organisation})
    return Entry(about, None, True, results=results.model_copy(update={"about": about}, deep=True))


def earned(values: tuple[float, ...] = (900.0, 1000.0, 1100.0, 950.0, 1050.0)) -> list[Entry]:
    """Results on earnings, of which more is good."""
    return [
        result(entry_of(earnings(), f"EDL-{n:03}", f"Charity {n}"), value, 200.0)
        for n, value in enumerate(values)
    ]


def rules(entry: Entry, smallest: float) -> Entry:
    """The request set another smallest difference beforehand."""
    changed = entry.results.rules.model_copy(update={"smallest_difference": smallest})
    object.__setattr__(entry.results, "rules", changed)
    return entry


def page_of(library: Library) -> BeautifulSoup:
    return BeautifulSoup(render_library(library), "html.parser")


def written(reports: Path, entries: list[Entry]) -> Path:
    """The entries as published reports."""
    for entry in entries:
        folder = reports / entry.about.id
        folder.mkdir(parents=True)
        if entry.results is not None:
            name, text = "results.json", entry.results.to_json()
        elif entry.why is not None:
            told = {
                "about": entry.about,
                "released_on": entry.released_on,
                "invented": True,
                "why": entry.why,
            }
            name, text = "no-result.json", NoResult(schema_version="1.0", **told).to_json()
        else:
            folder.rmdir()
            continue
        (folder / name).write_text(text, encoding="utf-8")
        manifest = {"outputs": {name: sha256(folder / name)}}
        (folder / "manifest.json").write_text(json.dumps(manifest))
    return reports


# ---------------------------------------------------------------- everything is in it


def test_every_accepted_request_has_a_row_whatever_became_of_it(
    library: Library, entries: list[Entry]
) -> None:
    assert sorted(row.id for row in library.rows) == sorted(entry.about.id for entry in entries)
    assert Counter(row.status for row in library.rows) == {
        "result": COUNT,
        "no result": WITHOUT,
        "awaited": AWAITED,
    }
    page = BeautifulSoup(render_library(library), "html.parser")
    told = page.get_text(" ", strip=True)
    assert f"{len(entries)} requests were accepted, and {len(entries)} are shown" in told
    for row in library.rows:
        assert row.programme.name in told
    links = {a["href"] for a in page.find_all("a")}
    assert {f"../{row.id}/report.html" for row in library.rows if row.status == "result"} <= links


def test_a_folder_of_reports_and_one_of_requests_give_every_request(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE_REPORT, tmp_path / "JDL-2026-001")
    (tmp_path / "JDL-2026-001/manifest.json").unlink(missing_ok=True)
    read = read_entries(tmp_path, REQUESTS)
    found = {entry.about.id: entry for entry in read.entries}
    assert (read.accepted, read.unread, read.looked) == (len(found), [], True)
    assert set(found) == {
        re.search(r"^id: (\S+)", p.read_text(), re.M)[1] for p in REQUESTS.glob("*/request.yml")
    }
    assert found["JDL-2026-001"].results is not None
    assert not found["JDL-2026-001"].checked
    assert all(
        entry.results is None and entry.why is None for id_, entry in found.items() if id_ != "JDL-2026-001"
    )


def test_what_is_not_shown_is_named_and_counted(tmp_path: Path) -> None:
    """The counter counts requests before any is read, so that it can be wrong."""
    for name in ("broken", "small-steps", "gone"):
        shutil.copytree(REQUESTS / "small-steps", tmp_path / "requests" / name)
    (tmp_path / "requests/broken/request.yml").write_bytes(b"\xff id: [")
    gone = tmp_path / "requests/gone/request.yml"
    gone.write_text(gone.read_text().replace("JDL-2026-005", "JDL-2026-050"))
    (gone.parent / "withdrawn.txt").touch()
    (tmp_path / "reports").mkdir()
    read = read_entries(tmp_path / "reports", tmp_path / "requests")
    assert {entry.about.id: entry.why for entry in read.entries} == {
        "JDL-2026-005": None,
        "JDL-2026-050": "withdrawn",
    }
    assert (read.accepted, read.unread) == (3, ["broken"])
    told = render_library(build(read))
    assert "3 requests were accepted, and 2 are shown: 1 without a result and 1 still awaited." in told
    assert "Not shown, since the request cannot be read: broken." in told
    assert "was not looked for" not in told
    assert "was not looked for" in render_library(build(Entries(read.entries, 2, looked=False)))


def test_no_report_no_folder_and_one_id_twice_are_told(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="holds no published report"):
        read_entries(tmp_path)
    with pytest.raises(LibraryError, match="there is no folder"):
        make_library(tmp_path / "nothing")
    with pytest.raises(LibraryError, match=r"there is no folder .*typo"):
        read_entries(tmp_path, tmp_path / "typo")
    for name in "ab":
        shutil.copytree(REQUESTS / "small-steps", tmp_path / "requests" / name)
    with pytest.raises(LibraryError, match="JDL-2026-005 is the id of 2 requests"):
        read_entries(tmp_path, tmp_path / "requests")


def test_everything_that_is_wrong_with_reports_is_told_at_once_and_the_old_library_stays(
    tmp_path: Path,
) -> None:
    reports = written(tmp_path, library_entries(9, 1))
    make_library(reports)
    before = (reports / "library/index.html").read_bytes()
    with (reports / "JDL-2026-000/results.json").open("a") as file:
        file.write(" ")
    (reports / "JDL-2026-001/results.json").write_text("{}")
    (reports / "JDL-2026-002").rename(reports / "OTHER")
    (reports / "JDL-2026-003/manifest.json").write_text("[]")
    (reports / "JDL-2026-004/no-result.json").write_text("{}")
    (reports / "JDL-2026-005/results.json").unlink()
    for name, change in (
        ("JDL-2026-006", lambda told: told["about"].update(lab="space")),
        ("JDL-2026-007", lambda told: told["analyses"][0]["measures"][0]["adjusted"].update(low=5.0)),
        ("JDL-2026-008", lambda told: told.update(analyses=[])),
    ):
        told = json.loads((reports / name / "results.json").read_text())
        change(told)
        (reports / name / "results.json").write_text(json.dumps(told))
        (reports / name / "manifest.json").unlink()
    with pytest.raises(LibraryError) as refused:
        make_library(reports)
    for part in (
        "JDL-2026-000: results.json was changed since it was published",
        "JDL-2026-001: results.json is not of this version",
        "OTHER: results.json is of JDL-2026-002",
        "JDL-2026-003: manifest.json does not name results.json",
        "JDL-2026-004: it holds results.json and no-result.json",
        "JDL-2026-005: it holds neither results.json nor no-result.json",
        "JDL-2026-006: its lab 'space' is not installed",
        "JDL-2026-007: results.json has numbers that no result can have",
        "JDL-2026-008: results.json has numbers that no result can have",
    ):
        assert part in str(refused.value)
    assert (reports / "library/index.html").read_bytes() == before


# ---------------------------------------------------------------- what they say together


def test_a_row_has_the_numbers_of_its_results(library: Library, entries: list[Entry]) -> None:
    results = {entry.about.id: entry.results for entry in entries}
    for row in library.rows:
        if row.status != "result":
            assert row.raw is row.people is row.shrunk is None
            continue
        measure = results[row.id].headline.measures[0]
        assert row.people == measure.n_treatment
        seen = (row.raw.value, row.raw.low, row.raw.high)
        assert seen == pytest.approx(
            [100 * getattr(measure.adjusted, n) for n in ("difference", "low", "high")]
        )


def test_two_equal_results_and_a_third_by_hand() -> None:
    """Errors are equal, so the mean is the plain one, and the modified interval is never narrower than t x error."""
    three = library_entries(3, 1)
    for entry, value in zip(three, (-0.06, -0.02, -0.01), strict=True):
        result(entry, value, 0.02)
    (subject,) = build(entries_of(three)).subjects
    average = subject.whole
    assert (average.results, average.organisations) == (3, 3)
    assert average.mean.value == pytest.approx(-3.0)
    # Deviations -3, 1, 2: variance 7, of which 4 is the error's; tau2 = 3, and q = 14 / 7 / 2 = 1.
    t_95 = 4.302652729911275  # two degrees
    assert average.mean.high - average.mean.value == pytest.approx(t_95 * math.sqrt(7 / 3), rel=1e-6)
    # All ranges hold zero but the first: -6 + 1.96 x 2 < 0.
    assert (subject.chance.fewer, subject.chance.more, subject.chance.expected) == (
        1,
        0,
        pytest.approx(0.075),
    )
    # 1 - 0.975^3
    assert subject.chance.fewer_chance == pytest.approx(1 - 0.975**3)


def test_results_of_very_low_confidence_are_listed_and_in_no_average(library: Library) -> None:
    low = [row for row in library.rows if row.confidence == "very low"]
    assert low
    assert {row.left_out for row in low} == {VERY_LOW}
    assert all(row.shrunk is None and row.p_bh is None for row in low)
    assert library.subjects[0].whole.results == COUNT - len(low)


def test_examples_have_no_part_in_the_averages_of_real_results() -> None:
    """Beside real ones; alone they are an example and say so, also beside results on another measure."""
    some = [result(entry, -0.05, 0.02) for entry in library_entries(6, 5)]
    assert build(entries_of(some)).invented
    real = [Entry(e.about, e.released_on, False, results=e.results) for e in some[:4]]
    mixed = build(entries_of([*real, *some[4:]]))
    assert not mixed.invented
    assert {row.left_out for row in mixed.rows if row.invented} == {EXAMPLE}
    assert mixed.subjects[0].whole.results == 4
    beside = build(entries_of([*(Entry(e.about, None, False, results=e.results) for e in earned()), *some]))
    assert {subject.measure.name: subject.invented for subject in beside.subjects} == {
        earned()[0].results.analyses[0].measures[0].name: False,
        "reoffended": True,
    }
    assert "everybody in these results is invented" in render_library(beside)
    awaited = build(entries_of([Entry(some[0].about, None, False)]))
    assert not awaited.invented
    assert "invented" not in render_library(awaited)


def test_fewer_organisations_than_an_average_needs_have_none(library: Library) -> None:
    for average in library.subjects[0].averages:
        assert (average.mean is None) == (average.organisations < FEWEST)
        assert (average.new_place is None) == (average.confidence is None) == (average.mean is None)
    many = [result(entry, -0.05, 0.02) for entry in library_entries(6, 1)]
    one = build(entries_of([named(entry, organisation="One Charity") for entry in many]))
    assert (one.subjects[0].whole.results, one.subjects[0].whole.mean) == (6, None)
    assert all(row.shrunk is None for row in one.rows)
    assert "There are 6 results of 1 organisation so far, too few for an average." in render_library(one)


def test_a_new_place_is_never_surer_than_the_average() -> None:
    seen = 0
    for seed in range(12):
        entries = [
            named(entry, organisation=f"Charity {n % (3 + seed % 4)}")
            for n, entry in enumerate(library_entries(10, seed))
        ]
        for subject in build(entries_of(entries)).subjects:
            for average in subject.averages:
                if average.mean:
                    seen += 1
                    assert average.new_place.low <= average.mean.low
                    assert average.new_place.high >= average.mean.high
    assert seen > 12


@pytest.mark.parametrize(
    ("levels", "value", "error", "organisations", "expected"),
    [
        ("hhhlll", -0.08, 0.005, 6, "high"),
        ("hhllll", -0.08, 0.005, 6, "low"),
        ("hmmlll", -0.08, 0.005, 6, "moderate"),
        ("hhhlll", -0.08, 0.005, 4, "moderate"),  # few organisations
        ("mmmlll", 0.0, 0.05, 6, "low"),  # a new place may see either
        ("lmmlll", 0.0, 0.05, 4, "very low"),
    ],
)
def test_confidence_in_an_average_by_hand(
    levels: str, value: float, error: float, organisations: int, expected: str
) -> None:
    """Each result has 100 people: the level that results of half of them reach."""
    words = {"h": "high", "m": "moderate", "l": "low"}
    entries = [
        named(
            result(entry, value, error, confidence=words[level], people=100),
            organisation=f"C {n % organisations}",
        )
        for n, (entry, level) in enumerate(zip(library_entries(6, 1), levels, strict=True))
    ]
    assert build(entries_of(entries)).subjects[0].whole.confidence == expected


def test_results_counted_in_several_ways_are_never_averaged_together() -> None:
    """Another follow-up, another clock: the same name, three subjects, each with its own rows in every form."""
    entries = library_entries(12, 4)
    for n, entry in enumerate(entries):
        result(entry, -0.05 - 0.01 * (n % 3), 0.02)
        changed = [{}, {"follow_up_months": 24}, {"time_zero": "index"}][n % 3]
        object.__setattr__(entry.results, "frame", entry.results.frame.model_copy(update=changed))
    library = build(entries_of(entries))
    assert [subject.whole.results for subject in library.subjects] == [4, 4, 4]
    forms = library_forms(library)
    page = BeautifulSoup(forms["index.html"], "html.parser")
    assert len(page.select(".results tr")) == 12
    titles = [h2.get_text() for h2 in page.select("section > h2")]
    assert sum("24 months" in title for title in titles) == 1
    assert sum("from the index event" in title for title in titles) == 1
    rows = list(csv.DictReader(io.StringIO(forms["results.csv"].decode())))
    for subject in library.subjects:
        mine = {row["Request"] for row in rows if row["Counted"] == subject.id}
        assert mine == {row.id for row in library.rows_of(subject)}
        assert len(mine) == 4
    # What moved is told with what it is an average of.
    later = build(entries_of(entries), build(entries_of(entries[:9])))
    lines = [line for _, told in told_changes(later) for line in told if "verage" in line]
    assert lines
    assert all("Proven reoffending rate (" in line for line in lines)


def test_counts_are_averaged_and_judged_per_100_people() -> None:
    """Of 0.1 offences a person that matter, 10 per 100 do; the prior is 2.5 times that."""
    measure = {
        "name": "reoffences",
        "kind": "count",
        "unit": "offences per person",
        "treatment": 0.9,
        "comparison": 1.2,
    }
    entries = [
        result(
            rules(entry_of(example("E", "moderate", measure=measure), f"CNT-{n:03}", f"Charity {n}"), 0.1),
            value,
            0.1,
        )
        for n, value in enumerate((-0.55, -0.45, -0.3, -0.2, -0.1, -0.05))
    ]
    library = build(entries_of(entries))
    (subject,) = library.subjects
    assert subject.priors[0].scale == pytest.approx(25.0)
    assert subject.whole.mean.value == pytest.approx(-27.5, abs=1.0)
    assert 10 < subject.whole.spread.value < 30
    assert subject.whole.new_place.low < -50
    assert subject.whole.new_place.high > -10
    told = page_of(library).get_text(" ", strip=True)
    assert "(per 100 people)" in told
    assert "per person" not in told
    assert "by 10 per 100 people or more" in told


def test_a_result_whose_range_has_no_width_is_listed_and_stops_nothing() -> None:
    entries = [result(entry, -0.05, 0.02) for entry in library_entries(5, 1)]
    result(entries[0], 0.0, 0.0)
    library = build(entries_of(entries))
    assert [row.left_out for row in library.rows if row.id == "JDL-2026-000"] == [NO_WIDTH]
    assert library.subjects[0].whole.results == 4


def test_what_the_requests_that_count_set_as_mattering_is_what_counts() -> None:
    entries = [
        rules(result(entry, -0.05, 0.02, confidence="very low" if size == 50.0 else "moderate"), size)
        for entry, size in zip(library_entries(6, 1), (1.0, 2.0, 4.0, 50.0, 50.0, 50.0), strict=True)
    ]
    (subject,) = build(entries_of(entries)).subjects
    assert subject.smallest_difference == 2.0
    assert [prior.scale for prior in subject.priors] == pytest.approx([5.0, 2.5, 10.0])


def test_p_values_allow_for_how_many_results_there_are() -> None:
    """0.01, 0.02, 0.03 and 0.9 of four: times 4/rank, never falling: 0.04, 0.04, 0.04, 0.9."""
    entries = [
        result(entry, -0.05, 0.02, p=p)
        for entry, p in zip(library_entries(4, 1), (0.02, 0.9, 0.01, 0.03), strict=True)
    ]
    library = build(entries_of(entries))
    assert {row.p: row.p_bh for row in library.rows} == pytest.approx(
        {0.01: 0.04, 0.02: 0.04, 0.03: 0.04, 0.9: 0.9}
    )
    assert library.subjects[0].chance.kept == 3


def test_requests_of_one_organisation_know_each_other_whatever_its_spelling() -> None:
    spelled = ("Open Door", "OPEN  door", "Lantern")
    entries = [named(e, organisation=name) for e, name in zip(library_entries(3, 1), spelled, strict=True)]
    library = build(entries_of(entries))
    assert {row.id: row.same_organisation for row in library.rows} == {
        "JDL-2026-000": ["JDL-2026-001"],
        "JDL-2026-001": ["JDL-2026-000"],
        "JDL-2026-002": [],
    }
    assert page_of(library).find(id="JDL-2026-001").find("a", href="#JDL-2026-000")


def test_types_are_compared_where_enough_organisations_are_behind_each() -> None:
    """Two types ten points apart, six organisations each; a third type of two results stays out."""
    entries = []
    for n, entry in enumerate(library_entries(14, 1)):
        kind = "a" if n < 6 else "b" if n < 12 else "c"
        result(entry, {"a": -0.12, "b": -0.02, "c": 0.3}[kind] + 0.002 * (n % 3), 0.02)
        programme = entry.about.programme.model_copy(update={"type": kind})
        entries.append(named(entry, organisation=f"Charity {n}", programme=programme))
    library = build(entries_of(entries))
    assert library.subjects[0].apart["type"] < 0.001
    assert "differ by more than luck usually gives (p &lt;0.01)" in render_library(library)
    assert build(entries_of(entries[:8])).subjects[0].apart["type"] is None
    alike = [result(entry, -0.05 + 0.01 * (n % 3), 0.02) for n, entry in enumerate(entries)]
    assert build(entries_of(alike)).subjects[0].apart["type"] > 0.3


def test_a_result_in_the_light_of_others_lies_between_itself_and_them() -> None:
    """Three equal ones of six points fewer, and one of ten more: it moves towards them and does not reach them."""
    entries = [
        result(entry, value, 0.03)
        for entry, value in zip(library_entries(4, 1), (-0.06, -0.06, -0.06, 0.10), strict=True)
    ]
    rows = {row.id: row for row in build(entries_of(entries)).rows}
    far, near = rows["JDL-2026-003"], rows["JDL-2026-000"]
    assert -6 < far.shrunk.estimate.value < far.raw.value
    assert near.shrunk.estimate.high - near.shrunk.estimate.low < near.raw.high - near.raw.low
    assert near.shrunk.below_zero > 0.8 > 0.5 > far.shrunk.below_zero
    # The chance of a change of 2 or more is smaller than that of any.
    assert near.shrunk.worthwhile < near.shrunk.below_zero - 0.02


def test_where_more_is_good_the_wanted_direction_is_above_zero() -> None:
    """Results on earnings: signs stay those of the measure, and a rise is what is wanted."""
    library = build(entries_of(earned()))
    (subject,) = library.subjects
    average = subject.whole
    assert subject.measure.good == "higher"
    assert average.mean.low < average.mean.value < average.mean.high
    assert average.mean.value == pytest.approx(1000.0)
    assert average.below_zero < 0.01
    assert average.worthwhile > 0.9
    answer = page_of(library).select_one(".answer").get_text()
    # Whole dollars, as in a report.
    assert re.fullmatch(
        r"On average, programmes probably raised .+, likely by between \$\d{3} and \$1,\d{3}\.", answer
    )


@pytest.mark.parametrize("good", ["lower", "higher", "neither"])
@pytest.mark.parametrize(
    ("kind", "unit"),
    [("binary", ""), ("count", "offences per person"), ("days", "days"), ("continuous", "$")],
)
def test_every_kind_of_measure_and_wanted_direction_has_a_page(good: str, kind: str, unit: str) -> None:
    measure = {"kind": kind, "unit": unit, "good": good}
    entries = [
        entry_of(example("E", "moderate", measure=measure), f"X-{n:03}", f"Charity {n}") for n in range(4)
    ]
    library = build(entries_of(entries))
    assert "on average" in page_of(library).select_one(".answer").get_text().lower()
    assert (library.subjects[0].whole.worthwhile is None) == (good == "neither")


def test_the_order_of_entries_changes_nothing(entries: list[Entry], library: Library) -> None:
    assert build(entries_of([*entries[7:], *reversed(entries[:7])])).to_json() == library.to_json()


def test_averages_of_types_and_settings_count_every_result_once(library: Library) -> None:
    averages = library.subjects[0].averages
    whole = averages[0].results
    assert sum(p.results for p in averages if p.type is not None and p.setting is None) == whole
    assert sum(p.results for p in averages if p.type is None and p.setting is not None) == whole
    assert sum(p.results for p in averages if p.type is not None and p.setting is not None) == whole


# ---------------------------------------------------------------- versions


def test_a_library_that_did_not_change_keeps_its_version_and_its_bytes(tmp_path: Path) -> None:
    reports = written(tmp_path, library_entries(6, 1, 2))
    first = make_library(reports)[0]
    bytes_before = {path.name: path.read_bytes() for path in (reports / "library").iterdir()}
    second = make_library(reports)[0]
    assert (first.version, second.version, second.changes) == (1, 1, [])
    assert {path.name: path.read_bytes() for path in (reports / "library").iterdir()} == bytes_before
    assert [path.name for path in reports.iterdir() if path.name.startswith(".")] == [".library.lock"]


def test_what_changed_is_told_with_the_averages_that_moved(tmp_path: Path) -> None:
    entries = library_entries(8, 1)
    reports = written(tmp_path, entries[:5])
    make_library(reports)
    written(reports, entries[5:])
    library, page = make_library(reports)
    (change,) = library.changes
    assert (library.version, change.version) == (2, 2)
    assert change.added == [entry.about.id for entry in entries[5:]]
    assert change.changed == change.removed == []
    whole = next(moved for moved in change.moved if moved.type is moved.setting is None)
    assert whole.after == pytest.approx(library.subjects[0].whole.mean.value)
    told = page.read_text(encoding="utf-8")
    assert "Added: JDL-2026-005, JDL-2026-006 and JDL-2026-007." in told
    assert "The average of all results moved from" in told
    shutil.rmtree(reports / "JDL-2026-005")
    library, _ = make_library(reports)
    assert library.changes[0].removed == ["JDL-2026-005"]
    assert library.changes[1:] == [change]


def test_a_library_whose_method_changed_has_another_version(entries: list[Entry], library: Library) -> None:
    """The same requests and other figures: what a number is cited for must stay one thing."""
    other = library.subjects[0].model_copy(update={"smallest_difference": 9.0})
    after = build(entries_of(entries), library.model_copy(update={"subjects": [other]}))
    assert after.version == 2
    ((version, lines),) = told_changes(after)
    assert version == "Version 2"
    assert lines[0].startswith("No request was added or changed; the method")


def test_a_run_that_died_between_the_renames_loses_nothing(tmp_path: Path) -> None:
    entries = library_entries(8, 1)
    reports = written(tmp_path, entries[:5])
    make_library(reports)
    written(reports, entries[5:])
    second, _ = make_library(reports)
    (reports / "library").rename(reports / ".library.old")
    (reports / ".library.aside").mkdir()
    third, _ = make_library(reports)
    assert (third.version, third.changes) == (2, second.changes)
    assert [path.name for path in reports.iterdir() if path.name.startswith(".")] == [".library.lock"]


def test_several_at_once_wait_for_each_other(tmp_path: Path) -> None:
    reports = written(tmp_path, library_entries(4, 1))
    with ThreadPoolExecutor(4) as workers:
        made = list(workers.map(lambda _: make_library(reports)[0].version, range(12)))
    assert set(made) == {1}
    assert {path.name for path in (reports / "library").iterdir()} == set(
        library_forms(build(read_entries(reports)))
    )


def test_it_is_read_and_written_in_one_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path is meant from where it exists, else from the project's root, for reading and writing alike."""
    (tmp_path / "elsewhere").mkdir()
    reports = written(tmp_path / "root/some-reports", library_entries(3, 1))
    monkeypatch.setattr("datalab_helpers.run.ROOT", tmp_path / "root")
    monkeypatch.chdir(tmp_path / "elsewhere")
    _, page = make_library("some-reports")
    assert page == reports / "library/index.html"
    assert not list((tmp_path / "elsewhere").iterdir())


def test_an_earlier_library_that_cannot_be_read_is_not_thrown_away(tmp_path: Path) -> None:
    reports = written(tmp_path, library_entries(3, 1))
    (reports / "library").mkdir()
    (reports / "library/library.json").write_text("{}")
    with pytest.raises(LibraryError, match="move it away"):
        make_library(reports)
    assert (reports / "library/library.json").read_text() == "{}"


# ---------------------------------------------------------------- its forms


def test_the_committed_schema_is_that_of_the_code_and_holds(library: Library) -> None:
    if os.environ.get("WRITE"):
        SCHEMA.write_text(schema(), encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == schema()
    jsonschema.validate(json.loads(library.to_json()), json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_library_json_makes_every_other_form_again(library: Library) -> None:
    again = Library.model_validate_json(library.to_json())
    assert library_forms(again) == library_forms(library)


def test_the_page_and_the_csv_show_the_numbers_of_the_library(library: Library) -> None:
    forms = library_forms(library)
    rows = {row["Request"]: row for row in csv.DictReader(io.StringIO(forms["results.csv"].decode()))}
    page = BeautifulSoup(forms["index.html"], "html.parser")
    on_page = {tr["id"]: tr for tr in page.select(".results tr")}
    assert set(on_page) == {row.id for row in library.rows if row.status == "result"}
    for row in library.rows:
        if row.status != "result":
            assert rows[row.id]["As seen"] == "[x]"
            continue
        assert float(rows[row.id]["As seen"]) == row.raw.value
        people, seen, _, light, answer = (
            td.get_text(" ", strip=True) for td in on_page[row.id].find_all("td")
        )
        assert people == f"{row.people:,}"
        assert _read(seen) == pytest.approx([row.raw.value, row.raw.low, row.raw.high], abs=0.0501)
        assert answer == f"{row.answer} {row.confidence.capitalize()} confidence."
        if row.shrunk:
            told = row.shrunk.estimate
            assert float(rows[row.id]["In the light of the others"]) == told.value
            *figures, chance, of = _read(light)
            assert figures == pytest.approx([told.value, told.low, told.high], abs=0.0501)
            goes = row.shrunk.below_zero if "fewer" in light else 1 - row.shrunk.below_zero
            assert (chance / 100, of) == (pytest.approx(goes, abs=0.0101), 100)
        else:
            assert light == "[x]"
    means = list(csv.DictReader(io.StringIO(forms["averages.csv"].decode())))
    for average, told in zip(library.subjects[0].averages, means, strict=True):
        assert int(told["Results"]) == average.results
        assert (
            (told["Average"] == "[x]")
            if average.mean is None
            else (float(told["Average"]) == average.mean.value)
        )


def _read(cell: str) -> list[float]:
    found = re.findall("[\N{MINUS SIGN}]?[0-9][0-9.,]*", cell)
    return [float(n.replace(",", "").replace("\N{MINUS SIGN}", "-")) for n in found]


def test_results_stand_in_the_order_of_their_release_and_nothing_sorts_them_by_size(library: Library) -> None:
    order = [(row.released_on or "", row.id) for row in library.rows]
    assert order == sorted(order, reverse=True)
    assert [tr["id"] for tr in page_of(library).select(".results tr")] == [
        row.id for row in library.rows if row.status == "result"
    ]
    script = (ROOT / "datalab_helpers/library/library.js").read_text(encoding="utf-8")
    assert "sort" not in script


def test_hostile_names_come_out_as_text_everywhere() -> None:
    hostile = '=1+1</script><script>alert(1)</script>\u202e{{7*7}}" onload="x'
    entries = library_entries(4, 1, 1)
    for entry in entries:
        entry.about.programme.__dict__.update(
            name=hostile, type=hostile, setting=hostile, description=hostile
        )
        entry.about.__dict__["organisation"] = hostile
        if entry.results:
            object.__setattr__(entry.results, "about", entry.about)
    forms = library_forms(build(entries_of(entries)))
    page = BeautifulSoup(forms["index.html"], "html.parser")
    assert len(page.find_all("script")) == 1
    assert not [tag for tag in page.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
    assert hostile.replace("\u202e", "") in page.get_text()
    assert "\u202e" not in page.get_text()
    for name in ("results.csv", "averages.csv"):
        for line in csv.reader(io.StringIO(forms[name].decode())):
            assert not [cell for cell in line if cell.startswith("=")]


def test_the_page_runs_its_own_script_and_fetches_nothing(library: Library) -> None:
    page = BeautifulSoup(render_library(library), "html.parser")
    (script,) = page.find_all("script")
    policy = page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    digest = base64.b64encode(hashlib.sha256(script.string.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    assert not page.find_all(["link", "iframe", "img"])
    assert not re.search(r"(src|href)=.?(https?:)?//", str(page))


def test_what_a_notebook_shows_holds_the_same(library: Library) -> None:
    subject = library.subjects[0]
    assert len(listing(library).frame) == len(library.rows)
    assert averages(subject, "type").frame["Results"].iloc[0] == str(subject.whole.results)
    assert set(gaps(subject).frame["Type"]) == {p.type for p in subject.averages if p.type}
    picture = plot_library(library, subject)
    assert picture.alt.startswith(f"{subject.measure.label}: {COUNT} results as lines. ")
    seen = next(line for line in picture.figure.axes[0].lines if line.get_label() == "as seen")
    assert list(seen.get_xdata()) == pytest.approx([row.raw.value for row in library.rows_of(subject)])


def test_the_pictures_of_a_row_lie_where_its_numbers_are(library: Library) -> None:
    page, subject = page_of(library), library.subjects[0]
    axis = axis_of(library.rows_of(subject), subject.averages)
    for row in library.rows_of(subject):
        drawn = page.find(id=row.id).find("svg")
        assert drawn["aria-hidden"] == "true"
        if axis.low <= row.raw.value <= axis.high:
            assert float(drawn.find("circle")["cx"]) == pytest.approx(axis(row.raw.value), abs=0.01)
        if row.shrunk:
            corners = [float(point.split(",")[0]) for point in drawn.find("polygon")["points"].split()]
            assert sum(corners) / 4 == pytest.approx(axis(row.shrunk.estimate.value), abs=0.01)


def test_cells_are_shaded_by_what_one_more_result_would_tell(library: Library) -> None:
    subject = library.subjects[0]
    cells = page_of(library).select(".gaps td")
    for cell, average in zip(cells, subject.cells.values(), strict=True):
        share = average.narrowing
        expected = 3 if share is None else sum(share >= step for step in (0.1, 0.2, 0.3))
        assert cell["class"] == [f"shade-{expected}"]
        assert (cell.get_text() == "no result yet") == (average.results == 0)
    assert len({cell["class"][0] for cell in cells}) > 1


def test_the_command_makes_the_library_and_says_what_is_in_it(datalab, tmp_path: Path) -> None:
    reports = written(tmp_path, library_entries(4, 1, 1))
    (reports / "JDL-2026-001/manifest.json").unlink()
    code, out, err = datalab("library", reports)
    assert code == 0
    assert out.splitlines()[0].startswith(
        "5 requests were accepted, and 5 are shown: 4 with a result and 1 without"
    )
    assert out.splitlines()[-1] == str(reports / "library/index.html")
    assert err == "Without a manifest, so taken unchecked: JDL-2026-001\n"
    code, out, _ = datalab("library", reports, "--json")
    assert json.loads(out) == {"library": str(reports / "library/index.html"), "version": 1, "requests": 5}
    code, _, err = datalab("library", tmp_path / "nothing")
    assert (code, "there is no folder" in err) == (2, True)


def test_the_notebook_runs_on_published_reports_and_shows_what_they_say(tmp_path: Path) -> None:
    reports = written(tmp_path / "reports", library_entries(8, 1, 1))
    notebook = json.loads((ROOT / "notebooks/library.ipynb").read_text(encoding="utf-8"))
    parameters = next(c for c in notebook["cells"] if c["metadata"].get("tags") == ["parameters"])
    parameters["source"] = f"reports_folder = {str(reports)!r}\nrequests_folder = {str(REQUESTS)!r}"
    (tmp_path / "library.ipynb").write_text(json.dumps(notebook))
    done = subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--stdout", "library.ipynb"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.dumps(json.loads(done.stdout), ensure_ascii=False)
    folders = {entry.about.id for entry in read_entries(reports, REQUESTS).entries}
    assert "In the light of the others" in told
    assert "If no programme changed anything, luck alone would give about" in told
    assert "image/png" in told
    assert f"{len(folders)} requests" in told


# ---------------------------------------------------------------- its words


def scenes() -> dict[str, Library]:
    """Libraries whose words are read: of every size, and of every answer that an average can be."""

    def of(k: int, seed: int, without: int = 0, awaited: int = 0) -> Library:
        return build(entries_of(library_entries(k, seed, without, awaited)))

    told = {
        "nothing but a refusal": of(0, 1, 1),
        "one result": of(1, 1),
        "three results, an awaited one": of(3, 2, 0, 1),
    }
    for name, value, error in (
        ("A", -0.08, 0.01),
        ("B", -0.03, 0.01),
        ("C", 0.0, 0.004),
        ("D", 0.01, 0.015),
        ("E", -0.02, 0.02),
        ("F", 0.06, 0.01),
    ):
        told[f"case {name}"] = build(entries_of([result(e, value, error) for e in library_entries(6, 4)]))
    first = library_entries(12, 1, 3, 1)
    told["a change"] = build(entries_of(first), build(entries_of(first[2:])))
    told["earnings, and what was not read"] = build(Entries(earned(), 6, ["broken"], looked=False))
    return told


def test_every_sentence_was_read() -> None:
    """After reading the file, write it anew: `WRITE=1 .venv/bin/python -m pytest tests/test_library.py -n 0`."""
    known: set[str] = set()
    lines = []
    for name, library in scenes().items():
        lines.append(f"=== {name}")
        for line in spoken(render_library(library)):
            # Rows of tables are numbers; what they are called is read once.
            if line not in known and not re.match(
                r"(Accommodation|Arts|Education|Employment support|Mentoring) \d+", line
            ):
                lines.append(line)
            known.add(line)
    text = "\n".join(lines) + "\n"
    if os.environ.get("WRITE"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", scenes())
def test_no_sentence_on_the_front_is_long_or_claims_too_much(name: str) -> None:
    library = scenes()[name]
    page = BeautifulSoup(render_library(library), "html.parser")
    for part in page.select(".verdict, .block"):
        for said in re.split(r"(?<=[.!?]) ", part.get_text(" ", strip=True)):
            assert len(said.split()) <= 32, said
            assert not re.search(r"significan|prove[sn]? that|\bworks\b|no effect", said), said
