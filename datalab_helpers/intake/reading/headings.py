"""Which row holds the headings, and which rows below are no people."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .schema import FIELDS, NO_PERSON

SYNONYMS = {name: field.synonyms for name, field in FIELDS.items()}
HEADINGS = {name: field.heading for name, field in FIELDS.items()}
ESSENTIAL = tuple(name for name, field in FIELDS.items() if field.essential)
IDENTITY = tuple(name for name, field in FIELDS.items() if field.identity)
HELPFUL = tuple(name for name, field in FIELDS.items() if field.helpful)
FIELD_OF = {synonym: field for field, synonyms in SYNONYMS.items() for synonym in synonyms}
SEARCHED = 50  # a letterhead and instructions above the headings are shorter than this


def heading_key(heading: str) -> str:
    """A heading as it is compared: letters and digits only, in lower case."""
    return re.sub(r"[^a-z0-9]", "", heading.lower())


def fields_in(row: Sequence[str]) -> set[str]:
    """The fields whose headings stand in a row."""
    return {FIELD_OF[key] for key in map(heading_key, row) if key in FIELD_OF}


def heading_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Number (from 0) of the row that shows most fields, the first of equals; None when all are blank."""
    filled = [number for number, row in enumerate(rows) if any(row)][:SEARCHED]
    return max(filled, key=lambda number: (len(fields_in(rows[number])), -number), default=None)


def in_two_rows(rows: Sequence[Sequence[str]], at: int, merged: Sequence[Sequence[int]] = ()) -> bool:
    """Whether the headings need a neighbouring row to be whole, or are merged with it."""
    here = fields_in(rows[at])
    missing = set(ESSENTIAL) - here
    beside = [rows[number] for number in (at - 1, at + 1) if 0 <= number < len(rows)]
    return any(missing & fields_in(row) for row in beside) or any(
        first <= at <= last and bool(missing) for first, last, *_ in merged
    )


def is_no_person(row: dict[str, str]) -> bool:
    """A total, a note, a title between rows: at most one cell says who it is, or it says that it counts.

    `row` holds the cells by field (and by heading where a column is no field).
    """
    said = [name for name in IDENTITY if row.get(name)]
    if len(said) <= 1 and not row.get("start"):
        return True
    if re.search(r"\d", row.get("date_of_birth", "")):
        return False
    return heading_key(next((cell for cell in row.values() if cell), "")).startswith(NO_PERSON)
