"""Every sentence of the report, read beside the last one that somebody read: `golden/words.txt`.

A change of wording shows as a change of that file. After reading it, write it anew:
`WRITE=1 .venv/bin/python -m pytest tests/test_words.py -n 0`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from example_results import CASES, earnings, estimate, example, refused

from datalab_helpers.disclosure import Results
from datalab_helpers.report import render

GOLDEN = Path(__file__).parent / "golden" / "words.txt"
# What ends a line: the smallest pieces that stand alone on the page.
PIECES = ["p", "li", "h1", "h2", "h3", "dt", "dd", "td", "th", "caption", "figcaption", "summary", "img"]


def measured(treatment: float, comparison: float, low: float, high: float, **changed: object) -> dict:
    difference = treatment - comparison
    return {
        "treatment": treatment,
        "comparison": comparison,
        "adjusted": estimate(difference, low, high),
        **changed,
    }


def scenarios() -> dict[str, Results]:
    """What a sentence must be able to say, by name."""
    made = {
        f"{case}, {confidence} confidence": example(case, confidence)
        for case in CASES
        for confidence in ("high", "moderate", "low", "very low")
    }
    big = {"n_treatment": 12_345, "n_comparison": 2_345_678, "n_comparison_effective": 987_654.3}
    return made | {
        "nobody": example("E", measure=measured(0.004, 0.049, -0.09, 0.001)),
        "one person": example("E", measure=measured(0.01, 0.02, -0.04, 0.02)),
        "one person fewer": example("B", measure=measured(0.30, 0.31, -0.018, -0.002)),
        "equal after rounding": example("C", measure=measured(0.352, 0.3493, -0.012, 0.016)),
        "parts that do not add up": example("A", measure=measured(0.344, 0.366, -0.055, -0.021)),
        "everyone but one": example("F", measure=measured(0.99, 0.90, 0.03, 0.15)),
        "long numbers": example("C", measure=measured(0.3511, 0.3496, -0.016, 0.019, **big)),
        "earnings": earnings(),
        "warned": example("E", "low", verdict={"warning": "the groups are not alike enough; read with great care"}),
        "held back": example("A", measure={"suppressed": "fewer than 10 people behind it", "treatment": None}),
        "not published": example("A", analysis={**refused(), "headline": True}),
        "nothing published": example("A", analyses=[{**refused(), "headline": True}]),
    }  # fmt: skip


def spoken(page: BeautifulSoup) -> list[str]:
    """The words of a part of a page, a line each piece, and what stands for its pictures."""
    lines = []
    for piece in page.find_all(PIECES):
        if piece.name == "img":
            lines.append(f"[picture] {piece['alt']}")
        elif not piece.find(PIECES[:-1]):
            lines.append(" ".join(piece.get_text().split()))
    return [line for before, line in zip(["", *lines], lines, strict=False) if line and line != before]


def told() -> str:
    parts = []
    for name, results in scenarios().items():
        page = BeautifulSoup(render(results), "html.parser")
        whole = name in {"A, moderate confidence", "earnings"}
        part = page.main if whole else page.find("section", class_="page-one") or page.main
        parts.append(f"=== {name}\n" + "\n".join(spoken(part)))
    return "\n\n".join(parts) + "\n"


def test_every_sentence_is_the_one_that_was_read() -> None:
    now = told()
    if os.environ.get("WRITE"):
        GOLDEN.write_text(now, encoding="utf-8")
    assert now == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (r"(?<![\d.])-0(?![\d.]*[1-9])", "minus zero"),
        (r"\b1 (people|days|offences|months|others)\b", "one of them is not several"),
        (r"\bNone\b|\bnan\b|\binf\b", "a value that is none"),
        (r"\b(\w+) \1\b(?<!had had)", "a word twice"),
        (r"\.\.|,,| ,| \.(?!\w)", "stray signs"),
        (r"(?<![\d.])(?!(19|20)\d\d(?!\d)|20260101)\d{4,}(?![\d]*[a-f])", "a long number without separators"),
    ],
)
def test_no_sentence_has_a_slip_of_the_pen(wrong: str, why: str) -> None:
    text = GOLDEN.read_text(encoding="utf-8")
    slips = [
        line for line in text.splitlines() if re.search(wrong, line) and not re.search("[0-9a-f]{16}", line)
    ]
    assert not slips, why
