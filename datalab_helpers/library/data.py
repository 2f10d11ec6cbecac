"""The library's numbers as tables: one row a request, one row an average. Nothing is rounded."""

from __future__ import annotations

import pandas as pd

from ..tables import Listing
from ..wording.data.cells import Cell, Column, DataTable, cell, word, yes
from . import cells
from .contents import Average, Library, Ranged, Row, Subject

ALL = "all"


def results_table(library: Library) -> DataTable:
    """Every accepted request, whatever became of it."""
    columns = [
        *map(Column, ("Request", "Lab", "Organisation", "Programme", "Type", "Setting", "Began", "Ended", "Released on", "Status", "Measure", "Unit", "Counted")),
        Column("People who took part", 0),
        *_ranges("As seen", "As seen: lower end of the 95% interval", "As seen: upper end of the 95% interval"),
        Column("p", 3),
        Column("p, BH", 3),
        *_ranges("In the light of the others", "In the light of the others: lower end", "In the light of the others: upper end"),
        Column("Chance that it is below zero", 2),
        Column("Chance of a change that matters", 2),
        *map(Column, ("Confidence", "In averages", "Same organisation", "Checked", "Invented", "Answer")),
    ]  # fmt: skip
    subjects = {subject.id: subject for subject in library.subjects}
    rows = [_row(row, subjects.get(row.subject or "")) for row in library.rows]
    return DataTable("results", "Every accepted request", columns, rows)


def _row(row: Row, subject: Subject | None) -> list[Cell]:
    told, shrunk = row.programme, row.shrunk
    return [
        row.id,
        row.lab,
        word(row.organisation),
        word(told.name),
        word(told.type),
        word(told.setting),
        told.began,
        told.ended,
        word(row.released_on),
        row.status,
        word(subject and subject.measure.label),
        word(subject and cells.unit(subject)),
        word(row.subject),
        cell(row.people),
        *_ends(row.raw),
        cell(row.p),
        cell(row.p_bh),
        *_ends(shrunk and shrunk.estimate),
        cell(shrunk and shrunk.below_zero),
        cell(shrunk and shrunk.worthwhile),
        word(row.confidence),
        yes(row.status == "result" and not row.left_out),
        word(", ".join(row.same_organisation)),
        yes(row.checked),
        yes(row.invented),
        row.answer,
    ]


def averages_table(library: Library) -> DataTable:
    """Every average: of all results on a measure, of each type, each setting, and each type in each setting."""
    columns = [
        *map(Column, ("Lab", "Measure", "Unit", "Counted", "Type", "Setting")),
        Column("Results", 0),
        Column("Organisations", 0),
        Column("People who took part", 0),
        *_ranges(
            "Average", "Average: lower end of the 95% interval", "Average: upper end of the 95% interval"
        ),
        *_ranges("Spread of true effects", "Spread: lower end", "Spread: upper end"),
        Column("A new place: lower end of the 95% interval", 1),
        Column("A new place: upper end of the 95% interval", 1),
        Column("Chance that a new place is below zero", 2),
        Column("Chance of a change that matters in a new place", 2),
        Column("Share of the width that one more result takes off", 2),
        Column("Confidence"),
    ]
    rows = [_average(average, subject) for subject in library.subjects for average in subject.averages]
    return DataTable("averages", "What results say together", columns, rows)


def _average(average: Average, subject: Subject) -> list[Cell]:
    place = average.new_place
    return [
        subject.lab,
        subject.measure.label,
        word(cells.unit(subject)),
        subject.id,
        ALL if average.type is None else word(average.type),
        ALL if average.setting is None else word(average.setting),
        average.results,
        average.organisations,
        average.people,
        *_ends(average.mean),
        *_ends(average.spread),
        cell(place and place.low),
        cell(place and place.high),
        cell(average.below_zero),
        cell(average.worthwhile),
        cell(average.narrowing),
        word(average.confidence),
    ]


def _ranges(*headings: str) -> list[Column]:
    return [Column(heading, 1) for heading in headings]


def _ends(given: Ranged | None) -> list[Cell]:
    return [cell(given and given.value), cell(given and given.low), cell(given and given.high)]


def listing(library: Library) -> Listing:
    """Every request as a notebook shows it: rounded, without what the page says in other places."""
    subjects = {subject.id: subject for subject in library.subjects}
    rows = [
        cells.row_cells(row, subjects.get(row.subject or "")) | {"request": row.id, "status": row.status}
        for row in library.rows
    ]
    columns = {
        "request": "Request",
        "organisation": "Organisation",
        "type": "Type",
        "setting": "Setting",
        "people": "People",
        "raw": "As seen",
        "shrunk": "In the light of the others",
        "confidence": "Confidence",
        "status": "Status",
    }
    return Listing(pd.DataFrame(rows, columns=list(columns)).rename(columns=columns))


def averages(subject: Subject, of: cells.By) -> Listing:
    """Averages by `type` or by `setting` as a notebook shows them."""
    table = cells.average_table(subject, of)
    return Listing(pd.DataFrame(table.rows, columns=table.columns))


def gaps(subject: Subject) -> Listing:
    """Type by setting: what is known, and how much one more result would tell."""
    known = {
        (kind or cells.NOT_GIVEN, setting or cells.NOT_GIVEN): "; ".join(cells.gap_cell(average, subject))
        for (kind, setting), average in subject.cells.items()
    }
    frame = pd.Series(known).unstack() if known else pd.DataFrame()
    return Listing(frame.rename_axis(index="Type", columns=None).reset_index())
