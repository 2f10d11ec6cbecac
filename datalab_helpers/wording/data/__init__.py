"""The numbers behind every picture and table, unrounded: what the spreadsheet and the csv files hold.

One list of tables serves both. Values are those of `results.json`, per 100 people where the report speaks of
people in every 100; a cell is never empty, a sign in square brackets says why a number is not there.
"""

from __future__ import annotations

from ...disclosure.results import Results
from .cells import NOT_APPLICABLE, SIGNS, Cell, Column, DataTable
from .measures import analyses, forests, groups, measure_tables, range_of, refusals
from .people import attrition, balances, calipers, curve, dropped, profiles, provenance, settings
from .trust import certificate, hidden, placebo, specifications


def data_tables(results: Results) -> list[DataTable]:
    """Every table of numbers that is published, in the order of the report; those without rows are left out."""
    found = [
        groups(results),
        range_of(results),
        refusals(results),
        placebo(results),
        hidden(results),
        specifications(results),
        certificate(results),
        analyses(results),
        *forests(results),
        curve(results),
        *measure_tables(results),
        *attrition(results),
        *profiles(results),
        *balances(results),
        *calipers(results),
        dropped(results),
        *settings(results),
        provenance(results),
    ]
    return [table for table in found if table is not None and table.rows]


__all__ = ["NOT_APPLICABLE", "SIGNS", "Cell", "Column", "DataTable", "data_tables"]
