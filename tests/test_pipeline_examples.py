"""Every example request from its folder to its report, by the command that a lab would use."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from datalab_helpers import Cohort
from datalab_helpers.disclosure import Results
from datalab_helpers.outcome import case
from datalab_helpers.report.forms import forms
from datalab_helpers.run import STAGES, Run
from datalab_helpers.wording import summary_line

ROOT = Path(__file__).resolve().parent.parent
SYNTHETIC = ROOT / "data/synthetic"
PUBLISHED = ["bridge-house", "lalonde", "new-threads", "second-start", "straight-talk"]
PLANTED = ["bridge-house", "new-threads", "second-start", "straight-talk"]
CONFOUNDED = ["new-threads", "second-start", "straight-talk"]


def datalab(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "datalab_helpers", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | environment
    )


@dataclass
class Batch:
    """One batch over all examples: where it wrote, and what it said."""

    reports: Path
    runs: Path
    done: subprocess.CompletedProcess[str]

    def results(self, folder: str) -> Results:
        return Results.model_validate_json((self.reports / ids()[folder] / "results.json").read_bytes())

    def run(self, folder: str) -> Run:
        return Run.open(str(SYNTHETIC / "requests" / folder / "request.yml"), str(self.runs / ids()[folder]))


def ids() -> dict[str, str]:
    files = (SYNTHETIC / "requests").glob("*/request.yml")
    return {f.parent.name: re.search(r"^id: (\S+)", f.read_text(), re.M)[1] for f in files}


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    place = tmp_path_factory.mktemp("batch")
    reports, runs = place / "reports", place / "runs"
    done = datalab("batch", SYNTHETIC / "requests", "--reports", reports, "--runs", runs, "--workers", 2)
    return Batch(reports, runs, done)


def truth(folder: str) -> dict:
    whole = json.loads((SYNTHETIC / "truth/truth.json").read_text())
    return {name: a["planted"] for name, a in whole["requests"][folder]["analyses"].items()}


# ---------------------------------------------------------------- what a batch does


def test_a_batch_finishes_and_says_what_was_published_and_what_refused_and_why(batch: Batch) -> None:
    assert batch.done.returncode == 0, batch.done.stderr
    assert "5 published" in batch.done.stdout
    assert "1 refused" in batch.done.stdout
    assert re.search(r"small-steps: .*at least 30 of each are needed", batch.done.stdout)
    assert "0 failed" in batch.done.stdout


def test_only_published_requests_have_a_report(batch: Batch) -> None:
    assert {p.parent.name for p in batch.reports.glob("*/results.json")} == {
        ids()[folder] for folder in PUBLISHED
    }
    assert [p.parent.name for p in batch.reports.glob("*/no-result.json")] == [ids()["small-steps"]]
    for folder in PUBLISHED:
        place = batch.reports / ids()[folder]
        names = {p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file()}
        assert names == {*forms(batch.results(folder)), "manifest.json"}


def test_who_was_in_each_report_is_noted_and_the_library_is_made(batch: Batch) -> None:
    """A ready table's ids are its own, so it is not compared with others."""
    noted = {path.stem for path in (batch.runs / "register").glob("*.json")}
    assert noted == {ids()[folder] for folder in PUBLISHED if folder != "lalonde"}
    library = json.loads((batch.reports / "library/library.json").read_text(encoding="utf-8"))
    assert {row["id"] for row in library["rows"]} == set(ids().values())
    assert Counter(row["status"] for row in library["rows"]) == {"result": len(PUBLISHED), "no result": 1}


@pytest.mark.parametrize("folder", PUBLISHED)
def test_a_published_report_verifies(batch: Batch, folder: str) -> None:
    done = datalab("verify", batch.reports / ids()[folder], "--request", SYNTHETIC / "requests" / folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("folder", PUBLISHED)
def test_the_annex_shows_each_notebook_as_a_page_that_anyone_can_read(batch: Batch, folder: str) -> None:
    """Built from the executed notebooks; every result of theirs is there, and nothing is fetched or run."""
    run = batch.run(folder).folder
    pages = sorted((run / "annex").iterdir())
    assert [page.stem for page in pages] == [n.stem for n in sorted((run / "notebooks").iterdir())]
    assert [page.stem[3:] for page in pages] == list(STAGES)
    for page in pages:
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        told = soup.get_text()
        assert soup.html["lang"] == "en-GB"
        assert len(soup.find_all("h1")) == 1
        assert not soup.find_all(["script", "link", "iframe"])
        assert not re.search(r"(src|href)=.?(https?:)?//", str(soup))
        assert all(header.get("scope") and header.get_text(strip=True) for header in soup.find_all("th"))
        assert all(20 < len(image["alt"]) <= 250 for image in soup.find_all("img"))
        assert not soup.select("details[open]")
        # Tables are whole, their headings are words; what is printed is no value of a program.
        assert not [header.get_text() for header in soup.find_all("th") if "_" in header.get_text()]
        assert not [cell for cell in soup.find_all("td") if cell.get_text(strip=True) in {"...", "…", "NaN"}]
        assert not [cell for cell in soup.find_all(["pre", "th", "td"]) if cell.get_text()[:1] in {"'", '"'}]
        assert not re.search(r"\d rows . \d+ columns", told)
        # The page stands for the notebook: each piece of a result that is text is on it.
        notebook = json.loads((run / "notebooks" / f"{page.stem}.ipynb").read_text(encoding="utf-8"))
        outputs = [o["data"] for c in notebook["cells"] for o in c.get("outputs", []) if "data" in o]
        shown = ["".join(data["text/html"]) for data in outputs if "text/html" in data]
        assert len(shown) > 0
        for output in shown:
            # Style sheets of data frames are no result.
            result = BeautifulSoup(re.sub(r"<style.*?</style>", "", output, flags=re.S), "html.parser")
            for piece in result.stripped_strings:
                assert piece in told


@pytest.mark.parametrize("folder", PUBLISHED)
def test_the_annex_shows_every_term_of_the_model_and_the_whole_verdict(batch: Batch, folder: str) -> None:
    run = batch.run(folder).folder
    pages = {
        path.stem[3:]: BeautifulSoup(path.read_text(), "html.parser") for path in (run / "annex").iterdir()
    }
    [model] = [t for t in pages["matching"].find_all("table") if "Odds ratio" in t.get_text()]
    said = re.search(r"(\d+) terms in the model", pages["matching"].get_text())
    assert said
    assert len(model.find_all("tr")) == int(said[1]) + 2  # headings and intercept
    told = " ".join(" ".join(p.get_text().split()) for p in pages["outcome"].find_all("pre"))
    assert " ".join(summary_line(batch.results(folder)).split()) in told


# ---------------------------------------------------------------- against the planted truth


@pytest.mark.parametrize("folder", PLANTED)
def test_the_adjusted_interval_holds_the_planted_truth(batch: Batch, folder: str) -> None:
    for analysis in batch.results(folder).analyses:
        if analysis.refused:
            continue
        primary = next(m for m in analysis.measures if m.primary)
        planted = truth(folder)[analysis.name]
        assert primary.adjusted.low <= planted <= primary.adjusted.high, analysis.name


@pytest.mark.parametrize("folder", CONFOUNDED)
def test_the_naive_comparison_misses_the_truth(batch: Batch, folder: str) -> None:
    """Everyone who took part against everyone who did not, without matching."""
    run = batch.run(folder)
    people = run.load(Cohort, "intake").people
    outcomes = run.store().follow_up(people.reset_index()[["unit_id", "person_id", "time_zero"]], run.seal())
    y, treated = outcomes["reoffended"].to_numpy(), people["treated"].to_numpy()
    rates = [y[treated].mean(), y[~treated].mean()]
    error = np.sqrt(
        sum(p * (1 - p) / n for p, n in zip(rates, (treated.sum(), (~treated).sum()), strict=True))
    )
    assert abs(rates[0] - rates[1] - truth(folder)["National"]) > 1.96 * error


@pytest.mark.parametrize("folder", PUBLISHED)
def test_the_verdict_is_the_one_that_the_rule_gives(batch: Batch, folder: str) -> None:
    results = batch.results(folder)
    for analysis in results.analyses:
        if analysis.refused:
            continue
        primary = next(m for m in analysis.measures if m.primary)
        scale = 100 if primary.kind == "binary" else 1
        ends = (primary.adjusted.low * scale, primary.adjusted.high * scale)
        ends = (-ends[1], -ends[0]) if primary.good == "higher" else ends
        assert analysis.verdict.case == case(*ends, results.rules.smallest_difference)


def test_the_examples_show_what_they_are_for(batch: Batch) -> None:
    verdicts = {folder: batch.results(folder).headline.verdict.case for folder in PLANTED}
    assert verdicts["second-start"] in "AB"
    assert verdicts["bridge-house"] == "E"
    assert verdicts["straight-talk"] == "F"
    names = [a.name for a in batch.results("new-threads").analyses if not a.refused]
    assert names == ["National", "North West", "Completers"]


def test_links_are_right(batch: Batch) -> None:
    """Of the people on record nearly all are found, and hardly any found is someone else."""
    links = pd.read_parquet(SYNTHETIC / "truth/links.parquet")
    for folder in ("second-start", "straight-talk", "new-threads"):
        rows = links[links["request"] == folder]
        facts = batch.run(folder).load(Cohort, "intake").facts
        assert facts["submitted"] == len(rows)
        assert facts["found"] >= 0.96 * rows["person_id"].notna().sum()
        assert facts["expected_false"] < 0.01


@pytest.mark.parametrize("folder", PUBLISHED)
def test_attrition_adds_up(batch: Batch, folder: str) -> None:
    results = batch.results(folder)
    for steps in (results.attrition, results.attrition_pool):
        left = steps[0].count
        for step in steps[1:]:
            if step.suppressed:
                break
            left -= step.lost
            assert left == step.count
    last = results.attrition[-1]
    assert last.suppressed or last.count == results.headline.sizes.treatment


# ---------------------------------------------------------------- the same again


def test_another_run_elsewhere_gives_the_same_bytes(batch: Batch, tmp_path: Path) -> None:
    """Another time zone, hash seed, thread count and place on disk."""
    shutil.copytree(SYNTHETIC / "requests/bridge-house", tmp_path / "a b/request")
    done = datalab(
        "run", tmp_path / "a b/request", "--records", SYNTHETIC / "records", "--reports", tmp_path / "reports", "--runs", tmp_path / "runs",
        TZ="Pacific/Kiritimati", PYTHONHASHSEED="77", OPENBLAS_NUM_THREADS="2", LC_ALL="C",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for name in forms(batch.results("bridge-house")):
        one, two = (place / ids()["bridge-house"] / name for place in (batch.reports, tmp_path / "reports"))
        assert one.read_bytes() == two.read_bytes(), name


def test_a_request_from_elsewhere_must_name_its_records(tmp_path: Path) -> None:
    """Real people must never be looked for among invented ones because somebody left an option out."""
    shutil.copytree(SYNTHETIC / "requests/bridge-house", tmp_path / "request")
    done = datalab(
        "run", tmp_path / "request", "--reports", tmp_path / "reports", "--runs", tmp_path / "runs"
    )
    assert done.returncode == 2
    assert "which central records?" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["request"]


def test_the_order_of_rows_changes_no_result(batch: Batch, tmp_path: Path) -> None:
    """Submission and every central table shuffled: only the hashes of the inputs differ."""
    shutil.copytree(SYNTHETIC / "requests/bridge-house", tmp_path / "request")
    sent = tmp_path / "request/participants.csv"
    head, *rows = sent.read_text(encoding="utf-8").splitlines()
    order = np.random.default_rng(1).permutation(len(rows))
    sent.write_text("\n".join([head, *(rows[i] for i in order)]) + "\n", encoding="utf-8")
    records = tmp_path / "records"
    records.mkdir()
    shutil.copy(SYNTHETIC / "records/extract.json", records)
    for table in (SYNTHETIC / "records").glob("*.parquet"):
        pd.read_parquet(table, dtype_backend="pyarrow").sample(frac=1, random_state=3).to_parquet(
            records / table.name
        )
    done = datalab(
        "run",
        tmp_path / "request",
        "--records",
        records,
        "--reports",
        tmp_path / "reports",
        "--runs",
        tmp_path / "runs",
    )
    assert done.returncode == 0, done.stderr
    two = json.loads((tmp_path / "reports" / ids()["bridge-house"] / "results.json").read_text())
    one = json.loads((batch.reports / ids()["bridge-house"] / "results.json").read_text())
    assert one.pop("provenance") != two.pop("provenance")
    assert one == two


# ---------------------------------------------------------------- nothing of a person leaves


def planted_request(place: Path, rows: int = 40) -> tuple[Path, Path, list[str]]:
    """bridge-house and the records with invented, unmistakable people among the linked ones."""
    request, records = place / "request", place / "records"
    shutil.copytree(SYNTHETIC / "requests/bridge-house", request)
    shutil.copytree(SYNTHETIC / "records", records)
    links = pd.read_parquet(SYNTHETIC / "truth/links.parquet").query(
        "request == 'bridge-house' and person_id.notna()"
    )[:rows]
    sent = pd.read_csv(request / "participants.csv", dtype=str, keep_default_na=False)
    people = pd.read_parquet(records / "people.parquet", dtype_backend="pyarrow").set_index("person_id")
    columns = {re.sub(r"[^a-z]", "", name.lower()): name for name in sent.columns}
    tokens = []
    for number, (row, person) in enumerate(zip(links["row"], links["person_id"].astype(int), strict=True)):
        surname, forename = (
            f"Zqxvar{number:02d}kelt".translate(str.maketrans("0123456789", "abcdefghij")),
            f"Wyx{chr(97 + number % 26)}{chr(97 + number // 26)}lor",
        )
        sent.loc[row - 1, columns["surname"]], sent.loc[row - 1, columns["forename"]] = surname, forename
        people.loc[person, ["surname", "forename"]] = [surname, forename]
        born = people.loc[person, "date_of_birth"]
        tokens += [
            surname,
            forename,
            people.loc[person, "pnc_id"],
            born.isoformat(),
            born.strftime("%d/%m/%Y"),
        ]
    sent.to_csv(request / "participants.csv", index=False)
    people.reset_index().to_parquet(records / "people.parquet")
    settings = (request / "request.yml").read_text()
    return request, records, [str(t).lower() for t in tokens if isinstance(t, str) and t not in settings]


def leaks(tokens: list[str], *texts: str) -> list[str]:
    whole = "\n".join(texts).lower()
    return [token for token in tokens if token in whole]


def texts_in(folder: Path) -> list[str]:
    return [p.read_text(encoding="utf-8", errors="replace") for p in folder.rglob("*") if p.is_file()]


def test_no_name_date_of_birth_or_identifier_leaves_the_run(tmp_path: Path) -> None:
    request, records, tokens = planted_request(tmp_path)
    arguments = ("--records", records, "--reports", tmp_path / "reports", "--runs", tmp_path / "runs")
    done = datalab("run", request, *arguments)
    assert done.returncode == 0, done.stderr
    run = next(path for path in (tmp_path / "runs").iterdir() if path.name != "register")
    executed = [*texts_in(run / "notebooks"), *texts_in(run / "annex")]
    assert len(executed) == 8
    noted = texts_in(tmp_path / "runs/register")
    assert noted
    assert not leaks(tokens, done.stdout, done.stderr, *executed, *noted, *texts_in(tmp_path / "reports"))


@pytest.mark.parametrize(
    "fault", ["a table cut short", "a value that cannot be cast", "nobody found", "a heading lost"]
)
def test_a_failing_run_leaks_nothing_either(tmp_path: Path, fault: str) -> None:
    request, records, tokens = planted_request(tmp_path)
    assert leaks(tokens, *texts_in(request)), (
        "the canaries must be in the submission, or the test proves nothing"
    )
    if fault == "a table cut short":
        # The footer stays whole, so the contract holds and the reading fails in the middle of a stage.
        whole = bytearray((records / "aliases.parquet").read_bytes())
        whole[100:4000] = bytes(3900)
        (records / "aliases.parquet").write_bytes(whole)
    elif fault == "a value that cannot be cast":
        people = pd.read_parquet(records / "people.parquet", dtype_backend="pyarrow")
        people["date_of_birth"] = people["surname"]
        people.to_parquet(records / "people.parquet")
    elif fault == "nobody found":
        people = pd.read_parquet(records / "people.parquet", dtype_backend="pyarrow")
        people.assign(surname="A", forename="B", pnc_id=None, prison_number=None).to_parquet(
            records / "people.parquet"
        )
        pd.read_parquet(records / "aliases.parquet", dtype_backend="pyarrow")[:0].to_parquet(
            records / "aliases.parquet"
        )
    else:
        sent = request / "participants.csv"
        sent.write_text(sent.read_text(encoding="utf-8").replace("surname", "nick", 1), encoding="utf-8")
    done = datalab(
        "run", request, "--records", records, "--reports", tmp_path / "reports", "--runs", tmp_path / "runs"
    )
    assert done.returncode in (1, 2)
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    notebooks = [text for folder in (tmp_path / "runs").glob("*/notebooks") for text in texts_in(folder)]
    assert not leaks(tokens, done.stdout, done.stderr, *notebooks)
    assert not list((tmp_path / "reports").rglob("report.html"))
