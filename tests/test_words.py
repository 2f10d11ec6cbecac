"""Every sentence of the report, read beside the last one that somebody read: `golden/words.txt`.

A change of wording shows as a change of that file. After reading it, write it anew:
`WRITE=1 .venv/bin/python -m pytest tests/test_words.py -n 0`.
"""

from __future__ import annotations

import base64
import html
import io
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import faults
import numpy as np
import openpyxl
import pytest
import scenarios
from bs4 import BeautifulSoup
from example_results import CASES, earnings, example, only

from datalab_helpers.disclosure import Results
from datalab_helpers.errors import DisclosureError, LinkageError, TooFewError, UnlikeError
from datalab_helpers.intake.check import check_submission
from datalab_helpers.lab import load_lab
from datalab_helpers.outcome.power import plan
from datalab_helpers.report import render
from datalab_helpers.report.card import write_card
from datalab_helpers.report.check import page as check_page
from datalab_helpers.report.forms import kit_page
from datalab_helpers.report.refusal import render_refusal
from datalab_helpers.report.workbook import workbook
from datalab_helpers.request import load_request
from datalab_helpers.wording import kit as claim_kit
from datalab_helpers.wording import plan as planned
from datalab_helpers.wording import summary_line
from datalab_helpers.wording.data import data_tables
from datalab_helpers.wording.units import by_span, change, primary, span

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests/golden/words.txt"
# What ends a line: the smallest pieces that stand alone on the page.
PIECES = ["p", "li", "h1", "h2", "h3", "dt", "dd", "td", "th", "caption", "figcaption", "summary", "img"]
CELLS = {"td", "th"}
# Ranges that no scenario has, as ends of an interval in the smallest steps that are told.
RANGES = [(-5.2, 1.2), (-5, 0.4), (-0.4, 5), (-0.4, 0.4), (-0.3, -0.2), (-1.4, -0.6), (-8, -0.4), (0.4, 8), (1, 1), (2, 9)]  # fmt: skip


def spoken(page: str) -> list[str]:
    """The words of a page: a line each piece and each row of a table, and what stands for its pictures."""
    lines: list[str] = []
    row = None
    for piece in BeautifulSoup(page, "html.parser").main.find_all(PIECES):
        if piece.name == "img":
            lines.append(f"[picture] {piece['alt']}")
            # The picture to share repeats what stands beside it, broken into short lines.
            if "poster" not in piece.get("class", []):
                lines.append(f"[in it] {' | '.join(drawn(piece['src']))}")
        elif piece.find(PIECES[:-1]):
            continue
        elif piece.name in CELLS and piece.parent is row:
            lines[-1] += f" | {' '.join(piece.get_text().split())}"
        else:
            lines.append(" ".join(piece.get_text().split()))
        row = piece.parent if piece.name in CELLS else None
    return [line for line in lines if line]


def drawn(src: str) -> list[str]:
    """The words in a picture; numbers alone are its axes."""
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", base64.b64decode(src.split(",", 1)[1]).decode())
    return [html.unescape(text) for text in texts if re.search("[a-z]", text)]


def apart(lines: Iterable[str], known: set[str]) -> Iterator[str]:
    """What is new; `…` stands for each other sentence of its line, a number for the sentences of other lines."""
    old = 0
    for line in lines:
        said = sentences(line)
        if set(said) <= known:
            old += len(said)
            continue
        if old:
            yield f"({old} as before)"
        yield " ".join("…" if sentence in known else sentence for sentence in said)
        known.update(said)
        old = 0
    if old:
        yield f"({old} as before)"


def sentences(line: str) -> list[str]:
    """A row of a table is one."""
    return [line] if " | " in line else re.split(r"(?<=[.!?”]) (?=[A-Z“])", line)


def pages(results: Results, whole: bool) -> list[str]:
    """What the page and the claim kit say."""
    page = render(results)
    page = page if whole else page[: page.index("<nav ")]
    kit = claim_kit(results)
    picture = "<svg/>" if kit.picture_alt else None
    return [*spoken(page), "--- claim kit", *spoken(kit_page(results, kit, picture))]


def files(results: Results) -> Iterator[str]:
    """The names by which files and sheets call their numbers."""
    for table in data_tables(results):
        yield f"{table.name}: {table.title}"
        yield f"columns: {', '.join(c.heading for c in table.columns)}"
        cells = [
            cell
            for row in table.rows
            for cell in row
            if isinstance(cell, str) and re.search("[a-z]{3}", cell)
        ]
        yield f"cells: {', '.join(dict.fromkeys(cells))}"
        yield from table.notes


def sheets(results: Results) -> Iterator[str]:
    """What the spreadsheet says before its tables."""
    book = openpyxl.load_workbook(io.BytesIO(workbook(results)))
    for name in ("Cover", "Contents", "Notes"):
        yield from (" | ".join(filter(None, row)) for row in book[name].iter_rows(values_only=True))


def ranges() -> Iterator[str]:
    """Ranges as words, of every unit."""
    for name, results, step in (
        ("people", example("A"), 0.01),
        ("women", only("F"), 0.01),
        ("dollars", earnings(), 1.0),
        *((name, scenarios.scaled("A", given, (-1, -2, -0.1)), STEPS[name]) for name, given in scenarios.UNITS.items()),
    ):  # fmt: skip
        measure, words = primary(results.headline), results.headline.words or results.words
        for low, high in RANGES:
            ends = (low * step, high * step)
            said = [f"{name}, {low} to {high}", change(measure, words, ends[0]), span(measure, words, *ends)]
            yield " | ".join([*said, by_span(measure, words, *ends)] if low * high > 0 else said)


STEPS = {"visits": 0.01, "days": 1.0, "hours": 0.01}


# Faults planted in a list before the checker reads it.
CHECKED = {
    "checker: nothing to mend": [],
    "checker: people and cells": [
        "surname missing",
        "birthday that does not exist",
        "start too recent",
        "forename as an initial",
        "no real name",
        "a person twice",
        "PNC ID with a wrong letter",
        "column of health notes",
        "blank rows",
    ],
    "checker: no file to work with": ["column missing", "two columns for one thing"],
}


def other_pages(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """What is said where there is no result, and before anything is sent."""
    request, steps = load_request(ROOT / "data/synthetic/requests/small-steps"), example("A").attrition
    for error in (LinkageError, TooFewError, UnlikeError, DisclosureError):
        page = render_refusal(request, error("x"), [] if error is LinkageError else steps)
        yield f"no result: {error.__name__}", spoken(page)
    write_card(load_lab("justice"), folder / "card.html")
    yield "card", spoken((folder / "card.html").read_text("utf-8"))
    for name, planted in CHECKED.items():
        given = faults.clean(1)
        for fault in planted:
            faults.FAULTS[fault](np.random.default_rng([9, 1]), given)
        checked = check_submission(given.write(folder), load_lab("justice"), None, today=faults.TODAY)
        yield name, spoken(check_page(checked))
    for name, given in {
        "plan": (0.35, 5.0, 0.0, 0.6, None, None),
        "plan of 60 people": (0.35, 5.0, 0.2, 0.6, 60, 0.05),
        "plan of one person": (0.02, 1.0, 0.0, 1.0, 1, 0.02),
    }.items():
        yield name, [line for line in planned.lines(plan(*given), load_lab("justice")) if line]


def told(folder: Path) -> str:
    first = example("A")
    lines = [*pages(first, whole=True), "--- csv files and sheets", *files(first), *sheets(first)]
    parts = [(scenarios.FIRST, lines)]
    known = {sentence for line in lines for sentence in sentences(line)}
    # Each is read beside the first of its kind, too: of the same verdict, unit and people.
    firsts: dict[tuple, set[str]] = {}
    for whole, given in ((False, scenarios.page_one()), (True, scenarios.whole())):
        for name, results in given:
            if name == scenarios.FIRST:
                continue
            said = pages(results, whole)
            said += ["--- csv files and sheets", *files(results)] if whole else []
            kinds = kinds_of(results)
            beside = known.union(*(firsts.get((whole, *kind), set()) for kind in kinds))
            parts.append((f"whole page: {name}" if whole else name, list(apart(said, beside))))
            for kind in kinds:
                firsts.setdefault((whole, *kind), beside)
    parts += [("terminal", list(terminal())), ("ranges", list(ranges()))]
    known = set()
    parts += [(name, list(apart(lines, known))) for name, lines in other_pages(folder)]
    return "\n\n".join("\n".join([f"=== {name}", *lines]) for name, lines in parts) + "\n"


def kinds_of(results: Results) -> list[tuple]:
    analysis, measure = results.headline, primary(results.headline)
    if measure is None or analysis.verdict is None:
        return []
    people = (analysis.words or results.words).people
    return [("case", analysis.verdict.case), ("unit", measure.kind, measure.good), ("people", people)]


def terminal() -> Iterator[str]:
    for case in CASES:
        yield summary_line(example(case, "high"))
    yield summary_line(only("F", "B", measure={"n_treatment": 1}))
    yield from (summary_line(results) for _, results in scenarios.without_result())


def test_every_sentence_is_the_one_that_was_read(tmp_path: Path) -> None:
    now = told(tmp_path)
    if os.environ.get("WRITE"):
        GOLDEN.write_text(now, encoding="utf-8")
    assert now == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (r"(?<![\d.])-0(?![\d.]*[1-9])", "minus zero"),
        (
            r"\b1 (people|women|men|rows|days|offences|months|others|comparators|differences|were|are)\b",
            "one of them is not several",
        ),
        (r"\bNone\b|\bnan\b|\binf\b", "a value that is none"),
        (r"\b(\w+) \1\b(?<!had had)", "a word twice"),
        (r"(?<! \.)\.\.(?!\.)|,,| ,| \.(?![\w.])|: \.", "stray signs"),
        (
            r"(?<![\d./])(?!(19|20)\d\d(?!\d)|20260101)\d{4,}(?![\d]*[a-f])",
            "a long number without separators",
        ),
    ],
)
def test_no_sentence_has_a_slip_of_the_pen(wrong: str, why: str) -> None:
    text = GOLDEN.read_text(encoding="utf-8")
    slips = [
        line for line in text.splitlines() if re.search(wrong, line) and not re.search("[0-9a-f]{16}", line)
    ]
    assert not slips, why
