"""The library as a page: one HTML file that needs nothing else, whose filters work without a server."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from ..plots.drawing import Axis
from ..report.templates import style, template
from ..wording.numbers import NOT_AVAILABLE, listed, number
from ..wording.verdict import LEVELS
from . import cells, words
from .contents import Average, Library, Row, Subject
from .picture import average_picture, axis_of, row_picture, scale_ends

HERE = Path(__file__).parent
FILTERS = ("type", "setting", "confidence", "size", "year")
MOST_SEEN = 6  # other requests of an organisation that a row names
SHADES = (0.1, 0.2, 0.3)  # how much narrower one more result makes an average, for each shade


def render_library(library: Library) -> str:
    """The whole page."""
    script = (HERE / "library.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return str(
        template("library.html.j2", HERE).render(
            style=style(),
            own_style=(HERE / "library.css").read_text(encoding="utf-8"),
            script=script,
            script_hash=digest,
            library=library,
            labs=listed(sorted({row.lab_label for row in library.rows})),
            words=words,
            complete=words.complete(library),
            subjects=[_subject(subject, library) for subject in library.subjects],
            without=[
                cells.row_cells(row, None) | {"id": row.id, "has_report": row.has_report}
                for row in library.rows
                if row.status != "result"
            ],
            changes=words.changes(library),
        )
    )


def _subject(subject: Subject, library: Library) -> dict[str, Any]:
    rows = library.rows_of(subject)
    axis = axis_of(rows, subject.averages)
    told = [_row(row, subject, axis, library) for row in rows]
    return {
        "title": words.title(subject, library),
        "facts": [subject.lab_label, *filter(None, words.counted_how(subject)[:2])],
        "example": words.EXAMPLE if subject.invented and not library.invented else "",
        "unit": cells.in_unit(subject),
        "headline": words.headline(subject),
        "support": words.support(subject),
        "luck": words.luck(subject),
        "rows": told,
        "averages": [_average(average, subject, axis) for average in subject.averages],
        "filters": [(name, _choices(told, name)) for name in FILTERS],
        "average_note": words.AVERAGE.format(fewest=number(library.fewest)),
        "tables": [(cells.average_table(subject, of), words.apart_said(subject, of)) for of in cells.BY]
        if subject.whole.mean
        else [],
        "gaps": _gaps(subject),
        "researchers": words.researchers(subject),
        "axis": scale_ends(axis, subject),
    }


def _row(row: Row, subject: Subject, axis: Axis, library: Library) -> dict[str, Any]:
    others = row.same_organisation
    beyond = len(others) - MOST_SEEN
    remarks = [
        "an example" if row.invented and not library.invented else "",
        "" if row.checked else "not checked against its manifest",
        "in no average" if row.left_out else "",
    ]
    return cells.row_cells(row, subject) | {
        "id": row.id,
        "remarks": "; ".join(filter(None, remarks)),
        "others": others[:MOST_SEEN],
        "beyond": f" and {number(beyond)} more" if beyond > 0 else "",
        "picture": row_picture(axis, row.raw, row.shrunk and row.shrunk.estimate),
        "search": " ".join((row.id, row.organisation, row.programme.name, row.programme.description)).lower(),
    }


def _average(average: Average, subject: Subject, axis: Axis) -> dict[str, Any]:
    # Without a type it is of all; a type that is not given is a choice like any other.
    return {
        "type": None if average.type is None else average.type or cells.NOT_GIVEN,
        "setting": None if average.setting is None else average.setting or cells.NOT_GIVEN,
        "said": cells.average_said(average),
        "mean": cells.ranged(average.mean, subject) if average.mean else NOT_AVAILABLE,
        "place": cells.place_said(average, subject),
        "people": number(average.people),
        "confidence": average.confidence or NOT_AVAILABLE,
        "picture": average_picture(axis, average.mean, average.new_place),
    }


def _choices(rows: list[dict[str, Any]], name: str) -> list[str]:
    """What a filter offers, in an order that makes sense of it."""
    given = {row[name] for row in rows}
    if name == "confidence":
        return [level for level in reversed(LEVELS) if level in given]
    if name == "size":
        return [
            label
            for label in (*(band for _, band in cells.SIZES), cells.LARGEST, cells.NOT_GIVEN)
            if label in given
        ]
    return sorted(given, reverse=name == "year")


def _gaps(subject: Subject) -> dict[str, Any]:
    """The map: a row a type, a column a setting, each cell with what is known and how much one more would tell."""
    types, settings = (sorted({key[i] for key in subject.cells}) for i in (0, 1))
    rows = [
        (
            kind or cells.NOT_GIVEN,
            [
                (cells.gap_cell(subject.cells[kind, setting], subject), _shade(subject.cells[kind, setting]))
                for setting in settings
            ],
        )
        for kind in types
    ]
    return {"settings": [setting or cells.NOT_GIVEN for setting in settings], "rows": rows}


def _shade(average: Average) -> int:
    """0 to 3: how much narrower one more result would make the average; 3 where there is none yet."""
    return len(SHADES) if average.narrowing is None else sum(average.narrowing >= step for step in SHADES)
