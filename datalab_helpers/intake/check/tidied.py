"""What intake mends by itself without loss: told once, so that nobody spends an evening on it."""

from __future__ import annotations

import re
import unicodedata

from .problems import Given, Problem


def plain_name(text: str) -> str:
    """A name as linking compares it: capitals, no accents, no apostrophes, single blanks."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    bare = bare.upper().replace("'", "").replace("\u2019", "")
    return " ".join(re.sub(r"[^\w]|[\d_]", " ", bare).split())


def of_cells(given: Given) -> list[Problem]:
    """Blanks around cells, capitals, ways of writing gender and identifiers."""
    kinds: dict[str, list[int]] = {"blanks": [], "capitals": [], "ways_of_writing": []}
    wide = [place for heading, place in given.sheet.places if heading in given.headings.values()]
    for row in given.cells.index:
        raw = given.sheet.raw[int(row) - 1]
        if any(place < len(raw) and raw[place] != raw[place].strip() for place in wide):
            kinds["blanks"].append(int(row))
    for name in ("surname", "forename"):
        for row, text in zip(given.cells.index, given.cells[name], strict=True):
            if len(text) > 2 and (text.isupper() or text.islower()):
                kinds["capitals"].append(int(row))
    for name in ("gender", "pnc_id", "prison_number"):
        if name in given.headings:
            written = (
                (given.cells[name] != "")
                & given.typed[name].notna()
                & (given.cells[name] != given.typed[name])
            )
            kinds["ways_of_writing"] += given.rows(written)
    return [Problem(kind, "tidied", rows=tuple(sorted(set(rows)))) for kind, rows in kinds.items() if rows]
