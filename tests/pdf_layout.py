"""Where the words of a PDF stand, measured in its own font: what runs into what, what leaves the page, what is left empty."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.ft2font import FT2Font, LoadFlags
from pypdf import PdfReader

WIDTH, HEIGHT, MARGIN, FOOTER = 595.28, 841.89, 39.69, 36  # of the paper, in points
APART = 1.5  # points between what stands in two columns, at least
JOINED, SCRIPTS = 0.3, 0.8  # points between parts of a long word that may be broken; where two scripts meet
TITLE = 8.9  # points: the letters of the smallest title
HANGING = 3  # points by which a line's last sign may hang into the margin


@dataclass(frozen=True)
class Line:
    """Words that were set together; `left`, `right` and `bottom` in points from the lower left of the page."""

    page: int
    text: str
    left: float
    right: float
    bottom: float
    size: float
    bold: bool
    drawn: bool  # inside a picture, where letters are set one by one and at a scale of its own


@cache
def font(bold: bool) -> FT2Font:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return FT2Font(str(Path(matplotlib.get_data_path()) / "fonts/ttf" / name))


@cache
def advance(letter: str, bold: bool) -> float:
    """Of the size; a square stands for a letter that the font lacks."""
    face = font(bold)
    known = letter if face.get_char_index(ord(letter)) else "\u25a1"
    return face.load_char(ord(known), flags=LoadFlags.NO_SCALE).horiAdvance / face.units_per_EM


def lines(reader: PdfReader) -> list[Line]:
    """All words; of those in pictures only the place is told."""
    found: list[Line] = []
    for number, page in enumerate(reader.pages):

        def keep(
            text: str, cm: list[float], tm: list[float], face: Any, size: float, on: int = number
        ) -> None:
            words = text.strip()
            if words.strip(".") and face is not None:
                bold = "Bold" in str(face.get("/BaseFont"))
                wide = sum(advance(letter, bold) for letter in words) * size
                left, bottom = cm[4] + tm[4], cm[5] + cm[3] * tm[5]
                found.append(Line(on, words, left, left + wide, bottom, size, bold, abs(cm[0]) != 1))

        page.extract_text(visitor_text=keep)
    return found


def collisions(reader: PdfReader) -> list[str]:
    """Words on one line that run into one another, and words beyond the margin."""
    rows: dict[tuple[int, float], list[Line]] = defaultdict(list)
    told = []
    for line in filter(lambda line: not line.drawn, lines(reader)):
        rows[line.page, round(line.bottom)].append(line)
        if line.right > WIDTH - MARGIN + HANGING:
            told.append(f"page {line.page + 1}: {line.text!r} leaves the margin")
    for row in rows.values():
        row.sort(key=lambda line: line.left)
        told += [
            f"page {a.page + 1}: {a.text!r} runs into {b.text!r}"
            for a, b in pairwise(row)
            if a.right > b.left - APART and abs(a.right - b.left) > joined(a, b)
        ]
    return told


def used(reader: PdfReader) -> list[float]:
    """Of each page, the share of its height down to the last words above the footer."""
    lowest = [HEIGHT] * len(reader.pages)
    for line in lines(reader):
        if line.bottom > FOOTER:
            lowest[line.page] = min(lowest[line.page], line.bottom)
    return [(HEIGHT - low) / (HEIGHT - FOOTER) for low in lowest]


def left_alone(reader: PdfReader) -> list[str]:
    """Headings and titles of tables and pictures that are the last of their page, away from what they name."""
    last: dict[int, Line] = {}
    for line in lines(reader):
        if line.bottom > FOOTER and (line.page not in last or line.bottom < last[line.page].bottom):
            last[line.page] = line
    return [
        f"page {line.page + 1}: {line.text}"
        for line in last.values()
        if line.bold and not line.drawn and line.size >= TITLE
    ]


def joined(a: Line, b: Line) -> float:
    """How far apart two runs of one word may stand."""
    return JOINED if (a.text[-1] + b.text[0]).isascii() else SCRIPTS
