"""csv: which encoding, which separator, rows of text."""

from __future__ import annotations

import csv
import io
import itertools
import re
from pathlib import Path
from typing import Any

from .headings import fields_in
from .limits import Limits, Refused

MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
CANNOT = "cannot be read as a .csv file"
# A letter of several bytes in UTF-8; where other bytes are not UTF-8, two programs wrote into one file.
SEVERAL_BYTES = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")


def read_delimited(path: Path, limits: Limits) -> dict[str, Any]:
    """Rows of text; Refused when it is no text or a quotation mark is never closed."""
    text = _decoded(path.read_bytes())
    if "\x00" in text:
        raise Refused(f"{CANNOT}: it holds NUL characters; open it, save it again and send that copy")
    if not text.strip():
        raise Refused("has no headings in its first row: it holds nothing but blanks")
    csv.field_size_limit(limits.cell_letters)
    best = max(",;\t", key=lambda separator: _fit(text, separator))
    rows: list[list[str]] = []
    cells = 0
    try:
        for row in _reader(text, best):
            rows.append(row)
            cells += len(row)
            if len(rows) > limits.rows or len(row) > limits.columns or cells > limits.cells:
                raise Refused(
                    f"has more than {limits.rows:,} rows, {limits.columns:,} columns or {limits.cells:,} cells; "
                    "send the list of people alone"
                )
    except csv.Error:
        raise Refused(
            f"{CANNOT}: a quotation mark is not closed, stands inside a cell, or a cell is longer than "
            f"{limits.cell_letters:,} letters (after row {len(rows)}); open it, save it again and send that copy"
        ) from None
    sheet = {
        "rows": rows,
        "hidden_rows": [],
        "hidden_columns": [],
        "errors": [],
        "merged": [],
        "not_served": False,
    }
    return {"sheets": [sheet], "hidden_sheets": 0, "macros": False, "blind": False}


def _decoded(raw: bytes) -> str:
    again = "save it again as `CSV UTF-8` and send that copy"
    for mark, encoding in MARKS.items():
        if raw.startswith(mark):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                raise Refused(
                    f"{CANNOT}: it says that it is {encoding[:6]} but is not throughout; {again}"
                ) from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if SEVERAL_BYTES.search(raw):
            raise Refused(f"{CANNOT}: its letters are written in two different ways; {again}") from error
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        raise Refused(f"{CANNOT}: its letters are in no usual encoding; {again}") from None


def _reader(text: str, separator: str) -> Any:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _fit(text: str, separator: str) -> tuple[int, int]:
    """How many headings the first rows show with this separator, then how often it stands in the first."""
    most = 0
    try:
        for row in itertools.islice(_reader(text, separator), 60):
            most = max(most, len(fields_in(row)))
    except csv.Error:
        pass  # told when the whole is read
    return most, re.split(r"[\r\n]", text.lstrip(), maxsplit=1)[0].count(separator)
