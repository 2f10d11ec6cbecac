"""Numbers in the cells of published tables, each traced to `results.json`.

What `results.json` gives away is bounded elsewhere. A cell whose number cannot be had from it came from
somewhere else, so nobody has looked at what it gives away.
"""

from __future__ import annotations

import csv
import io
import re
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .breach import Breach
from .read import published

SCALES = (1.0, -1.0, 100.0, -100.0)
CLOSE = 1e-8  # relative: tables keep ten digits of what they multiply
WRITTEN = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?")


def cells(file: Path, results: dict[str, Any]) -> list[Breach]:
    """Whether every number in a csv file or a spreadsheet is one of `results.json`, or the difference that page 1 shows.

    Numbers inside sentences are left to `texts`.
    """
    known = sorted(_known(results))
    strange = sum(not _among(known, number) for number in _numbers(file))
    if not strange:
        return []
    return [Breach(file.name, f"{strange} numbers are not those of results.json", "R-C5")]


def _numbers(file: Path) -> Iterator[float]:
    if file.suffix == ".csv":
        for row in csv.reader(io.StringIO(file.read_text(encoding="utf-8"), newline="")):
            for text in row:
                try:
                    yield float(text)
                except ValueError:
                    continue
        return
    # Imported here: only a spreadsheet needs it, and it takes a third of a second.
    import openpyxl

    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    for sheet in book.worksheets:
        for values in sheet.iter_rows(values_only=True):
            yield from (float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool))
    book.close()


def _known(results: dict[str, Any]) -> set[float]:
    """Every number that may stand in a table, at each scale."""
    found = set(_within(results))
    for analysis in published(results):
        for m in analysis["measures"]:
            if m["treatment"] is not None and m["adjusted"]:
                # The comparison of page 1, from which the difference can be taken.
                found.add(m["treatment"] - m["adjusted"]["difference"])
        # Other ways are numbered.
        choices = (analysis["trust"] or {}).get("specifications") or {"choices": []}
        found |= {float(place + 1) for place in range(len(choices["choices"]))}
    return {scale * number for scale in SCALES for number in found}


def _within(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _within(item)
    elif isinstance(value, list):
        for item in value:
            yield from _within(item)
    elif isinstance(value, str):
        yield from (float(text.replace(",", "")) for text in WRITTEN.findall(value))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def _among(known: list[float], number: float) -> bool:
    slack = CLOSE * max(1.0, abs(number))
    place = bisect_left(known, number - slack)
    return place < len(known) and known[place] <= number + slack
