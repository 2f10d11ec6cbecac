"""Which column is which field, and what may be said of a column: intake and the checker ask here."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from .dates import parts_of
from .reading.headings import ESSENTIAL, FIELD_OF, HEADINGS, HELPFUL, SYNONYMS, fields_in, heading_key
from .reading.schema import PNC_ID, PRISON_NUMBER, identifier

FEWEST_FIELDS, FEWEST_ESSENTIAL = 3, 2  # known headings of a row that is surely no person


def surely_headings(row: Sequence[str]) -> bool:
    """Whether a row holds headings without doubt; otherwise it may be a person and nothing of it is quoted.

    A value can be a known heading by chance: the status `Released`, the name `Start`.
    """
    known = fields_in(row)
    if len(known) < FEWEST_FIELDS or len(known & set(ESSENTIAL)) < FEWEST_ESSENTIAL:
        return False
    return not any(_is_value(cell) for cell in row)


def _is_value(cell: str) -> bool:
    """Whether a cell reads as a date or an identifier."""
    if re.search(r"\d", cell) and not re.search(r"[^\W\d_]", cell):
        return True
    plain = identifier(cell)
    return bool(parts_of(cell) or PNC_ID.fullmatch(plain) or PRISON_NUMBER.fullmatch(plain))


def letters(column: int) -> str:
    """A column as spreadsheets name it: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return f"column {name}"


def labels(places: Sequence[tuple[str, int]]) -> list[str]:
    """What each column may be called in an answer: its heading, or its letter where the row may be a person.

    places : heading and column, counted from 0
    """
    if surely_headings([heading for heading, _ in places]):
        return [heading for heading, _ in places]
    return [letters(column) for _, column in places]


def recognise(places: Sequence[tuple[str, int]]) -> tuple[dict[str, str], list[str]]:
    """Which heading is which field; problems where two headings claim one."""
    names: dict[str, str] = {}
    problems = []
    headings = [heading for heading, _ in places]
    called = list(zip(headings, labels(places), strict=True))
    for field, synonyms in SYNONYMS.items():
        found = [(heading, label) for heading, label in called if heading_key(heading) in synonyms]
        if len(found) > 1 and field not in HELPFUL:
            told = ", ".join(label for _, label in found)
            problems.append(f"{len(found)} columns look like `{HEADINGS[field]}` ({told}); keep one")
        for heading, _ in found[:1]:
            names[heading] = field
    for twice in sorted({heading for heading in headings if headings.count(heading) > 1}):
        told = list(dict.fromkeys(label for heading, label in called if heading == twice))
        problems.append(
            f"the heading `{twice}` is used twice; each column needs its own"
            if told == [twice]
            else f"{' and '.join(told)} have one heading; each column needs its own"
        )
    further = {heading: heading_key(heading) for heading in headings if heading not in names}
    further = {heading: key for heading, key in further.items() if key not in FIELD_OF}
    alike = {heading for heading, key in further.items() if list(further.values()).count(key) > 1}
    if alike:
        told = list(dict.fromkeys(label for heading, label in called if heading in alike))
        problems.append(
            f"the headings {', '.join(told)} differ too little to be told apart; rename or keep one"
        )
    return names, problems


def used(headings: Sequence[str], names: dict[str, str]) -> list[bool]:
    """Which columns are used: the first of one heading, and of two for one field the one that is read."""
    return [
        heading not in headings[:n] and (heading in names or heading_key(heading) not in FIELD_OF)
        for n, heading in enumerate(headings)
    ]


def by_field(cells: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """The used columns, those of a field named as it.

    No further column can have a field's name: each field's name is one of its synonyms, so it would be left out.
    """
    return cells.loc[:, used(list(cells.columns), names)].rename(columns=names)
