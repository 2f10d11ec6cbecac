"""Every kind of page that the workbench writes, and a browser to open them in.

`make pages` runs these tests. They need Chromium: the one on the path, or the one that CHROMIUM names.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from example_results import CASES, earnings, example, refused
from many_library import entries_of, library_entries

from datalab_helpers.cli import main
from datalab_helpers.errors import TooFewError
from datalab_helpers.library import build
from datalab_helpers.library.page import render_library
from datalab_helpers.pipeline import run_request
from datalab_helpers.report import render

ROOT = Path(__file__).resolve().parents[2]
SYNTHETIC = ROOT / "data/synthetic"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LONG = "Organisation of a very long name that goes on and on " * 8
WARNED = {"warning": "the groups are not alike enough; read this with great care"}
HEADINGS = "Surname,Forename,Date of birth,Gender,PNC ID,Intervention start\n"
ROWS = (
    "Okafor,Daniel,31/12/1990,M,2001/0012345H,15/03/2021\n"
    "Test,Test,,M,,15/03/2021\nMarsh,Ann,31/02/1990,F,,2031-01-01\n"
)


def datalab(*arguments: object) -> None:
    """The command, whatever it answers: a list with faults ends with 2 and still has its page."""
    with pytest.raises(SystemExit):
        main([str(argument) for argument in arguments])


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Name -> page."""
    folder = tmp_path_factory.mktemp("pages")
    found: dict[str, Path] = {}

    def keep(name: str, text: str) -> None:
        found[name] = folder / f"{name}.html"
        found[name].write_text(text, encoding="utf-8")

    for case, confidence in zip(
        CASES, ("high", "moderate", "low", "very low", "moderate", "high"), strict=True
    ):
        keep(f"report-{case}", render(example(case, confidence)))
    about = example("A").about.model_dump()
    about |= {"organisation": LONG[:500], "programme": {**about["programme"], "name": LONG[:500]}}
    keep("report-long-names", render(example("E", about=about)))
    keep("report-warned", render(example("E", "low", verdict=WARNED)))
    keep("report-refused", render(example("A", analysis={**refused(), "headline": True})))
    keep("report-nothing", render(example("A", analyses=[{**refused(), "headline": True}])))
    keep("report-continuous", render(earnings()))
    before = build(entries_of(library_entries(58, 1, 5)))
    keep("library", render_library(build(entries_of(library_entries(61, 1, 5, 2)), before)))
    keep("library-small", render_library(build(entries_of(library_entries(1, 1, 1, 1)))))
    new = folder / "new"
    datalab("new", new)
    found["card"] = new / "collect-from-today.html"
    for name, rows in (("check-faults", ROWS), ("check-unusable", "")):
        (folder / f"{name}.csv").write_text(HEADINGS + rows, encoding="utf-8")
        datalab("check", folder / f"{name}.csv", "--html", folder / f"{name}.html")
        found[name] = folder / f"{name}.html"
    found["check-example"] = folder / "check-example.html"
    example_list = SYNTHETIC / "requests/second-start/participants.xlsx"
    datalab("check", example_list, "--html", found["check-example"])
    # Several analyses, one of them refused.
    done = run_request(SYNTHETIC / "requests/new-threads", None, folder / "reports", folder / "runs")
    for page in sorted(
        [*done.report.parent.glob("*.html"), *(folder / "runs" / done.id / "annex").iterdir()]
    ):
        found[f"run-{page.stem}"] = page
    with pytest.raises(TooFewError):
        run_request(SYNTHETIC / "requests/small-steps", None, folder / "reports", folder / "runs")
    found["refusal"] = folder / "runs/JDL-2026-005/refusal.html"
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator:
    from playwright.sync_api import sync_playwright

    place = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if place is None:
        pytest.exit("these tests open pages in Chromium: install it, or name it with CHROMIUM=/path", 1)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=place, args=["--no-sandbox", "--disable-quic"])
        yield opened
        opened.close()
