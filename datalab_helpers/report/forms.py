"""Every form in which a result is published: page, PDF, spreadsheet, csv files, claim kit, results."""

from __future__ import annotations

import base64

from .. import plots
from ..disclosure.results import Results
from ..wording import Kit
from ..wording import kit as claim_kit
from ..wording.data import data_tables
from . import context, templates
from .data import csv_bytes
from .pdf import pdf, png
from .workbook import workbook

PICTURE_WIDTH = 1200


def forms(results: Results) -> dict[str, bytes]:
    """Name in the report's folder -> bytes; the same for the same results, whenever and wherever it is made."""
    content = context(results)
    found = {
        "results.json": results.to_json().encode(),
        "report.html": str(templates.template("page.html.j2").render(content)).encode(),
        "report.pdf": pdf(content),
        "tables.xlsx": workbook(results),
        **{f"data/{table.name}.csv": csv_bytes(table) for table in data_tables(results)},
    }
    return found | kit_forms(results)


def kit_forms(results: Results) -> dict[str, bytes]:
    """The page of the claim kit and its picture; no picture where there is no result."""
    given = claim_kit(results)
    svg = plots.claim_picture(results, given)
    found = {"claim-kit.html": kit_page(results, given, svg).encode()}
    if svg:
        found |= {"claim-picture.svg": svg.encode(), "claim-picture.png": png(svg, PICTURE_WIDTH)}
    return found


def kit_page(results: Results, given: Kit, svg: str | None) -> str:
    """The page that shows and explains the claim kit."""
    src = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode('ascii')}" if svg else ""
    page = templates.template("kit.html.j2")
    return str(page.render(kit=given, about=results.about, style=templates.style(), src=src))
