"""Problems of the whole file: sheets, rows that are no people, headings, columns."""

from __future__ import annotations

import difflib
import re

from ..columns import letters, recognise, surely_headings
from ..reading.headings import ESSENTIAL, HEADINGS, SYNONYMS, heading_key
from ..reading.schema import FIELDS, FURTHER, HARMLESS, UNNEEDED
from ..sheet import Sheet
from .problems import Given, Problem

NEAR = 0.72  # likeness of two headings from which one may be a slip for the other
SURE = 0.82  # the same where nothing is missing
NUMBERS = ("pnc_id", "prison_number")
ALL_SYNONYMS = {way: name for name, ways in SYNONYMS.items() for way in ways} | {
    way: name for name, column in FURTHER.items() for way in column.synonyms
}


def of_sheet(sheet: Sheet) -> list[Problem]:
    """What keeps the sheet from being read, what was hidden, what was left out."""
    found = [
        Problem(s.kind, "stops", ", ".join(s.columns), s.rows, facts={"told": s.message}) for s in sheet.stops
    ]
    facts, marks = sheet.facts, sheet.marks
    if facts["hidden_sheets"]:
        found.append(Problem("hidden_sheets", "remark", facts={"count": facts["hidden_sheets"]}))
    if marks["hidden_rows"]:
        found.append(Problem("hidden_rows", "remark", rows=tuple(row + 1 for row in marks["hidden_rows"])))
    if marks["hidden_columns"]:
        names = ", ".join(letters(column) for column in marks["hidden_columns"])
        found.append(Problem("hidden_columns", "remark", names))
    if facts["blind"]:
        found.append(Problem("hidden_unseen", "remark"))
    if facts["macros"]:
        found.append(Problem("macros", "tidied"))
    if facts["above"]:
        filled = tuple(n + 1 for n in range(sheet.at) if any(cell.strip() for cell in sheet.raw[n]))
        found.append(Problem("rows_above", "tidied", rows=filled))
    if facts["others"]:
        found.append(Problem("further_sheets", "tidied", facts={"count": facts["others"]}))
    if facts["not_served"]:
        found.append(Problem("not_served", "tidied", facts={"count": facts["not_served"]}))
    filled = [int(row) for row in sheet.cells.index]
    blank = tuple(sorted(set(range(sheet.at + 2, max(filled, default=0))) - set(filled) - hidden_rows(sheet)))
    if blank:
        found.append(Problem("blank_rows", "tidied", rows=blank))
    return found


def hidden_rows(sheet: Sheet) -> set[int]:
    return {row + 1 for row in sheet.marks["hidden_rows"]}


def of_headings(sheet: Sheet) -> tuple[dict[str, str], list[Problem]]:
    """Which heading is which field, and what is wrong with the headings."""
    headings = [heading for heading, _ in sheet.places]
    names, troubles = recognise(sheet.places)
    sure = surely_headings(headings)
    found = []
    unknown = {heading: heading_key(heading) for heading in headings if heading not in names}
    missing = [name for name in ESSENTIAL if name not in names.values()]
    suggested: set[str] = set()
    for name in missing:
        nearest = _nearest(unknown, SYNONYMS[name], NEAR) if sure else None
        suggested |= {nearest} if nearest else set()
        found.append(
            Problem("missing_column", "stops", HEADINGS[name], facts={"nearest": nearest, "known": sure})
        )
    found += [Problem("double_column", "stops", facts={"told": trouble}) for trouble in troubles]
    if not sure:
        return names, found
    for heading, key in unknown.items():
        if key in ALL_SYNONYMS or key in HARMLESS or heading in suggested:
            continue
        what = unneeded(heading)
        if what:
            found.append(Problem("unneeded_column", "remark", heading, facts={"what": what}))
            continue
        near = difflib.get_close_matches(key, ALL_SYNONYMS, 1, SURE)
        if near:
            meant = (FIELDS | FURTHER)[ALL_SYNONYMS[near[0]]].heading
            found.append(Problem("heading_unknown", "doubt", heading, facts={"meant": meant}))
    return names, found


def unneeded(heading: str) -> str | None:
    """What a column seems to hold that no analysis needs."""
    key = heading_key(heading)
    words = {heading_key(word) for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|[\w'-]+", heading)} | {
        heading_key(word) for word in heading.split()
    }
    for what, signs in UNNEEDED.items():
        if key in signs or words & set(signs) or any(len(sign) > 7 and sign in key for sign in signs):
            return what
    return None


def _nearest(unknown: dict[str, str], synonyms: tuple[str, ...], cutoff: float) -> str | None:
    scored = [
        (difflib.SequenceMatcher(None, key, way).ratio(), heading)
        for heading, key in unknown.items()
        if key
        for way in synonyms
    ]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= cutoff else None


def of_rows(given: Given) -> list[Problem]:
    """Rows that are no people; columns nobody filled; too few people."""
    found = [Problem(kind, "tidied", rows=rows) for kind, rows in given.dropped.items() if rows]
    filled = [(given.cells[name] != "").any() for name in NUMBERS if name in given.headings]
    if len(given.cells) and not any(filled):
        found.append(Problem("no_identifiers", "remark"))
    if given.request is not None:
        further = {heading_key(heading) for heading, _ in given.sheet.places} - {
            way for ways in SYNONYMS.values() for way in ways
        }
        for analysis in given.request.analyses:
            for column in analysis.only:
                if heading_key(column) not in further:
                    found.append(
                        Problem("analysis_column", "stops", column, facts={"analysis": analysis.name})
                    )
    return found
