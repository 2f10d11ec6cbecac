"""The library as a page: one HTML file that needs nothing else, whose filters work without a server."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from ..plots.drawing import Axis
from ..report.templates import style, template
from ..wording.numbers import number
from ..wording.units import table_unit
from ..wording.verdict import LEVELS
from . import words
from .contents import Library, Pool, Row, Subject
from .picture import average_picture, axis_of, row_picture, scale_ends

HERE = Path(__file__).parent
FILTERS = ("type", "setting", "confidence")


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
            labs=sorted({row.lab_label for row in library.rows}),
            complete=words.complete(library),
            no_league=words.NO_LEAGUE,
            words_together=words.TOGETHER,
            words_new_place=words.NEW_PLACE,
            words_filters=words.FILTERS,
            words_gaps=words.GAPS,
            subjects=[_subject(subject, library) for subject in library.subjects],
            without=[
                words.row_cells(row, None) | {"id": row.id} for row in library.rows if row.status != "result"
            ],
            changes=words.changes(library),
        )
    )


def _subject(subject: Subject, library: Library) -> dict[str, Any]:
    rows = [row for row in library.rows if row.lab == subject.lab and row.measure == subject.measure.name]
    axis = axis_of(rows, subject.pools)
    return {
        "title": subject.measure.label,
        "lab": subject.lab_label,
        "unit": table_unit(subject.measure, subject.words),
        "headline": words.headline(subject),
        "support": words.support(subject),
        "chance": words.luck(subject),
        "rows": [_row(row, subject, axis) for row in rows],
        "averages": [_average(pool, subject, axis) for pool in subject.pools],
        "filters": [(name, _choices(rows, name)) for name in FILTERS],
        "fewest": number(library.fewest),
        "average_note": words.AVERAGE.format(fewest=library.fewest),
        "tables": [
            (words.pool_table(subject, of), words.apart_said(subject, of)) for of in ("type", "setting")
        ],
        "gaps": _gaps(subject),
        "researchers": words.researchers(subject),
        "axis": scale_ends(axis, subject),
    }


def _row(row: Row, subject: Subject, axis: Axis) -> dict[str, Any]:
    cells = words.row_cells(row, subject)
    return cells | {
        "id": row.id,
        "link": f"../{row.id}/report.html",
        "example": row.invented,
        "picture": row_picture(axis, row.raw, row.shrunk and row.shrunk.estimate),
        "search": " ".join(
            (row.id, row.organisation, row.programme.name, row.programme.description)
        ).casefold(),
    }


def _average(pool: Pool, subject: Subject, axis: Axis) -> dict[str, Any]:
    mean, place = pool.mean, pool.new_place
    return {
        "type": "" if pool.type is None else pool.type or "not given",
        "setting": "" if pool.setting is None else pool.setting or "not given",
        "said": words.average_said(pool, subject),
        "mean": words.ranged(mean, subject) if mean else words.NOT_AVAILABLE,
        "place": words.pool_cells(pool, subject)[4] if place else "",
        "people": number(pool.people),
        "confidence": pool.confidence or words.NOT_AVAILABLE,
        "picture": average_picture(axis, mean, place),
    }


def _choices(rows: list[Row], name: str) -> list[str]:
    given = {words.row_cells(row, None)[name] for row in rows}
    if name == "confidence":
        return [level for level in reversed(LEVELS) if level in given]
    return sorted(given)


def _gaps(subject: Subject) -> dict[str, Any]:
    """The map: a row a type, a column a setting, each cell with what is known and how much one more would tell."""
    cells = {(p.type, p.setting): p for p in subject.pools if p.type is not None and p.setting is not None}
    types, settings = (sorted({key[i] for key in cells}) for i in (0, 1))
    rows = [
        (
            kind or "not given",
            [
                (words.gap_cell(cells[kind, setting], subject), _shade(cells[kind, setting]))
                for setting in settings
            ],
        )
        for kind in types
    ]
    return {"settings": [setting or "not given" for setting in settings], "rows": rows}


def _shade(pool: Pool) -> int:
    """0 to 3: how much narrower one more result would make the average; 3 where there is none yet."""
    narrower = 1.0 if pool.narrowing is None else pool.narrowing
    return sum(narrower >= step for step in (0.1, 0.2, 0.3))
