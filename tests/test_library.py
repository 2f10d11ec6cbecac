"""The evidence library: everything is in it, its numbers are those of its results, and it is made whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
from bs4 import BeautifulSoup
from example_results import earnings
from many_library import library_entries
from test_words import spoken

from datalab_helpers.disclosure.no_result import NoResult
from datalab_helpers.errors import LibraryError
from datalab_helpers.library import (
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
from datalab_helpers.library.build import EXAMPLE, FEWEST, VERY_LOW
from datalab_helpers.library.contents import schema
from datalab_helpers.library.page import render_library
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
    return build(entries)


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
    found = {entry.about.id: entry for entry in read_entries(tmp_path, REQUESTS)}
    assert set(found) == {
        re.search(r"^id: (\S+)", p.read_text(), re.M)[1] for p in REQUESTS.glob("*/request.yml")
    }
    assert found["JDL-2026-001"].results is not None
    assert not found["JDL-2026-001"].checked
    assert all(
        entry.results is None and entry.why is None for id_, entry in found.items() if id_ != "JDL-2026-001"
    )


def test_a_request_that_cannot_be_read_is_not_accepted_and_stops_nothing(tmp_path: Path) -> None:
    for name in ("broken", "small-steps"):
        shutil.copytree(REQUESTS / "small-steps", tmp_path / name)
    (tmp_path / "broken/request.yml").write_text("id: [")
    assert [entry.about.id for entry in read_entries(tmp_path / "none", tmp_path)] == ["JDL-2026-005"]


def test_no_report_at_all_is_told(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="holds no published report"):
        read_entries(tmp_path)


def test_everything_that_is_wrong_with_reports_is_told_at_once_and_the_old_library_stays(
    tmp_path: Path,
) -> None:
    reports = written(tmp_path, library_entries(5, 1))
    make_library(reports)
    before = (reports / "library/index.html").read_bytes()
    with (reports / "JDL-2026-000/results.json").open("a") as file:
        file.write(" ")
    (reports / "JDL-2026-001/results.json").write_text("{}")
    (reports / "JDL-2026-002").rename(reports / "OTHER")
    (reports / "JDL-2026-003/manifest.json").write_text("[]")
    with pytest.raises(LibraryError) as told:
        make_library(reports)
    for part in (
        "JDL-2026-000: results.json was changed since it was published",
        "JDL-2026-001: results.json is not of this version",
        "OTHER: results.json is of JDL-2026-002",
        "JDL-2026-003: manifest.json does not name results.json",
    ):
        assert part in str(told.value)
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
        _set(entry, value, 0.02)
    (subject,) = build(three).subjects
    pool = subject.pools[0]
    assert (pool.results, pool.organisations) == (3, 3)
    assert pool.mean.value == pytest.approx(-3.0)
    # Deviations -3, 1, 2: variance 7, of which 4 is the error's; tau2 = 3, and q = 14 / 7 / 2 = 1.
    t_95 = 4.302652729911275  # two degrees
    assert pool.mean.high - pool.mean.value == pytest.approx(t_95 * math.sqrt(7 / 3), rel=1e-6)
    # All ranges hold zero but the first: -6 + 1.96 x 2 < 0.
    assert (subject.chance.fewer, subject.chance.more, subject.chance.expected) == (
        1,
        0,
        pytest.approx(0.075),
    )
    # 1 - 0.975^3
    assert subject.chance.fewer_chance == pytest.approx(1 - 0.975**3)


def _set(entry: Entry, value: float, error: float, **changed: object) -> None:
    """Give a result this difference and error; the objects are frozen for everybody else."""
    analysis = entry.results.analyses[0]
    measure = analysis.measures[0]
    given = {
        "difference": value,
        "low": value - 1.959963984540054 * error,
        "high": value + 1.959963984540054 * error,
    }
    analysis.measures[0] = measure.model_copy(
        update={"adjusted": measure.adjusted.model_copy(update=given | changed)}
    )
    verdict = analysis.verdict.model_copy(update={"confidence": "moderate"})
    object.__setattr__(analysis, "verdict", verdict)


def test_results_of_very_low_confidence_are_listed_and_in_no_average(library: Library) -> None:
    low = [row for row in library.rows if row.confidence == "very low"]
    assert low
    assert {row.left_out for row in low} == {VERY_LOW}
    assert all(row.shrunk is None and row.p_bh is None for row in low)
    assert library.subjects[0].pools[0].results == COUNT - len(low)


def test_examples_have_no_part_in_the_averages_of_real_results() -> None:
    some = library_entries(6, 5)
    whole = build(some)
    assert whole.invented
    mixed = build([*some[:4], *(Entry(e.about, e.released_on, False, results=e.results) for e in some[4:])])
    assert not mixed.invented
    assert {row.left_out for row in mixed.rows if row.invented} <= {EXAMPLE}
    assert mixed.subjects[0].pools[0].results <= 2


def test_fewer_results_than_an_average_needs_have_none(library: Library) -> None:
    for pool in library.subjects[0].pools:
        assert (pool.mean is None) == (pool.results < FEWEST)
        assert (pool.new_place is None) == (pool.confidence is None) == (pool.mean is None)


def test_averages_of_types_and_settings_count_every_result_once(library: Library) -> None:
    pools = library.subjects[0].pools
    whole = pools[0].results
    assert sum(p.results for p in pools if p.type is not None and p.setting is None) == whole
    assert sum(p.results for p in pools if p.type is None and p.setting is not None) == whole
    assert sum(p.results for p in pools if p.type is not None and p.setting is not None) == whole


def test_a_result_in_the_light_of_others_lies_between_itself_and_their_average(library: Library) -> None:
    for row in library.rows:
        if row.shrunk:
            raw, moved = row.raw, row.shrunk.estimate
            assert moved.high - moved.low < raw.high - raw.low
            assert abs(moved.value) <= max(abs(raw.value), 15)


def test_where_more_is_good_the_wanted_direction_is_above_zero() -> None:
    """Results on earnings: the chance of a worthwhile change rises with the average, signs stay those of the measure."""
    found = []
    for number, shift in enumerate((900.0, 1000.0, 1100.0)):
        results = earnings()
        about = results.about.model_copy(
            update={"id": f"EDL-{number:03}", "organisation": f"Charity {number}"}
        )
        results = results.model_copy(update={"about": about})
        entry = Entry(about, None, True, results=results)
        _set(entry, shift, 200.0)
        found.append(entry)
    (subject,) = build(found).subjects
    pool = subject.pools[0]
    assert subject.measure.good == "higher"
    assert pool.mean.low < pool.mean.value < pool.mean.high
    assert pool.mean.value == pytest.approx(1000.0)
    assert pool.below_zero < 0.5 < pool.worthwhile
    told = render_library(build(found))
    assert "raised" in told or "increased" in told


def test_the_order_of_entries_changes_nothing(entries: list[Entry], library: Library) -> None:
    assert build([*entries[7:], *reversed(entries[:7])]).to_json() == library.to_json()


# ---------------------------------------------------------------- versions


def test_a_library_that_did_not_change_keeps_its_version_and_its_bytes(tmp_path: Path) -> None:
    reports = written(tmp_path, library_entries(6, 1, 2))
    first = make_library(reports)[0]
    bytes_before = {path.name: path.read_bytes() for path in (reports / "library").iterdir()}
    second = make_library(reports)[0]
    assert (first.version, second.version, second.changes) == (1, 1, [])
    assert {path.name: path.read_bytes() for path in (reports / "library").iterdir()} == bytes_before
    assert not [path for path in reports.iterdir() if path.name.startswith(".")]


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
    assert whole.after == pytest.approx(library.subjects[0].pools[0].mean.value)
    told = page.read_text(encoding="utf-8")
    assert "Added: JDL-2026-005, JDL-2026-006 and JDL-2026-007." in told
    assert "The average of all results moved from" in told
    shutil.rmtree(reports / "JDL-2026-005")
    library, _ = make_library(reports)
    assert library.changes[0].removed == ["JDL-2026-005"]
    assert library.changes[1:] == [change]


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
    on_page = {tr.find("a")["href"].split("/")[1]: tr for tr in page.select(".listing tbody tr")}
    assert set(on_page) == {row.id for row in library.rows if row.status == "result"}
    for row in library.rows:
        if row.status != "result":
            assert rows[row.id]["As seen"] == "[x]"
            continue
        assert float(rows[row.id]["As seen"]) == row.raw.value
        cells = [td.get_text(" ", strip=True) for td in on_page[row.id].find_all("td")]
        assert _read(cells[2]) == pytest.approx([row.raw.value, row.raw.low, row.raw.high], abs=0.0501)
        if row.shrunk:
            told = row.shrunk.estimate
            assert float(rows[row.id]["In the light of the others"]) == told.value
            assert _read(cells[4]) == pytest.approx([told.value, told.low, told.high], abs=0.0501)
        else:
            assert cells[4] == "[x]"
    means = list(csv.DictReader(io.StringIO(forms["averages.csv"].decode())))
    for pool, told in zip(library.subjects[0].pools, means, strict=True):
        assert int(told["Results"]) == pool.results
        assert (
            (told["Average"] == "[x]") if pool.mean is None else (float(told["Average"]) == pool.mean.value)
        )


def _read(cell: str) -> list[float]:
    return [
        float(n.replace(",", "").replace("\N{MINUS SIGN}", "-"))
        for n in re.findall("[\N{MINUS SIGN}]?[0-9][0-9.,]*", cell)
    ]


def test_results_stand_in_the_order_of_their_release_and_nothing_sorts_them_by_size(library: Library) -> None:
    order = [(row.released_on or "", row.id) for row in library.rows]
    assert order == sorted(order, reverse=True)
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
    forms = library_forms(build(entries))
    page = BeautifulSoup(forms["index.html"], "html.parser")
    assert len(page.find_all("script")) == 1
    assert not [tag for tag in page.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
    assert hostile.replace("\u202e", "") in page.get_text()
    assert "\u202e" not in page.get_text()
    for name in ("results.csv", "averages.csv"):
        for line in csv.reader(io.StringIO(forms[name].decode())):
            assert not [cell for cell in line if cell.startswith("=")]


def test_the_page_runs_its_own_script_and_fetches_nothing(library: Library) -> None:
    import base64
    import hashlib

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
    assert averages(subject, "type").frame["Results"].iloc[0] == str(subject.pools[0].results)
    types = {p.type for p in subject.pools if p.type}
    assert set(gaps(subject).frame["Type"]) == types
    assert (
        str(subject.pools[0].results) in plot_library(library, subject).alt
        or "average" in plot_library(library, subject).alt
    )


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
    assert (code, "holds no published report" in err) == (2, True)


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
    folders = {entry.about.id for entry in read_entries(reports, REQUESTS)}
    assert "In the light of the others" in told
    assert "If no programme changed anything, luck alone would give about" in told
    assert "image/png" in told
    assert f"{len(folders)} requests" in told


# ---------------------------------------------------------------- its words


def scenes() -> dict[str, Library]:
    """Libraries whose words are read: of every size, and of every answer that an average can be."""
    told = {
        "nothing but a refusal": build(library_entries(0, 1, 1)),
        "one result": build(library_entries(1, 1)),
        "three results, an awaited one": build(library_entries(3, 2, 0, 1)),
    }
    for name, value, error in (
        ("A", -0.08, 0.01),
        ("B", -0.03, 0.01),
        ("C", 0.0, 0.004),
        ("D", 0.01, 0.015),
        ("E", -0.02, 0.02),
        ("F", 0.06, 0.01),
    ):
        entries = library_entries(6, 4)
        for entry in entries:
            _set(entry, value, error)
        told[f"case {name}"] = build(entries)
    first = library_entries(12, 1, 3, 1)
    told["a change"] = build(first, build(first[2:]))
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
