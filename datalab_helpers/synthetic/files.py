"""Writing the invented world: records as Parquet, requests as an organisation would send them, truth apart.

The same world gives the same bytes, whatever the computer: no dates of writing, and no
compression whose result depends on the zlib at hand.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
import yaml

from .programmes import Programme
from .world import World

ROW_GROUP = 262_144
NUMBERED = ("person_id", "sentence_id", "offence_id")
REQUEST = """\
# A request invented for practice and tests; the people in it do not exist.
id: {id}
lab: justice
organisation: {organisation}
programme:
  name: {name}
  description: {description}
  type: {type}
  setting: {setting}
  began: {began}
  ended: {ended}
# The list of participants, as the organisation sent it.
submission: {submission}
# The clock starts at {clock}.
index_event: {{kinds: [{index_kind}], within_months: 6, time_zero: {time_zero}}}
analyses:
{analyses}
# Fixed before outcomes are opened: the smallest difference that matters, per 100 people.
outcome: {{primary: reoffended, smallest_difference: 2}}
release: {{if_unbalanced: refuse, contact: datalab@example.org}}
seed: 20260101
"""


def write_records(world: World, folder: Path, about: dict) -> None:
    """Central tables and `extract.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in world.records.items():
        write_table(table, folder / f"{name}.parquet")
    write_json(about, folder / "extract.json")


def write_table(table: pa.Table, path: Path) -> None:
    """Parquet with plain text columns; increasing numbers are stored as differences."""
    schema = pa.schema(
        [
            pa.field(field.name, pa.string() if pa.types.is_dictionary(field.type) else field.type)
            for field in table.schema
        ]
    )
    numbered = [name for name in NUMBERED if name in table.column_names]
    coded = [name for name in table.column_names if name not in (*numbered, "pnc_id", "prison_number")]
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=9,
        use_dictionary=coded,
        column_encoding=dict.fromkeys(numbered, "DELTA_BINARY_PACKED"),
        store_schema=False,
    ) as writer:
        # Piece by piece, so that text is spelt out for one row group at a time.
        for first in range(0, max(table.num_rows, 1), ROW_GROUP):
            writer.write_table(table.slice(first, ROW_GROUP).cast(schema), row_group_size=ROW_GROUP)


def write_requests(world: World, folder: Path) -> None:
    """One folder a programme: request.yml and the list of participants."""
    for programme in world.programmes:
        if programme.folder not in world.submissions:
            continue
        place = folder / programme.folder
        place.mkdir(parents=True, exist_ok=True)
        (place / "request.yml").write_text(request_text(programme), encoding="utf-8", newline="\n")
        table = world.submissions[programme.folder].table
        if programme.submission.endswith(".xlsx"):
            (place / programme.submission).write_bytes(workbook(table))
        else:
            (place / programme.submission).write_bytes(comma_separated(table))


def request_text(programme: Programme) -> str:
    """request.yml with comments."""
    clock = "the index event" if programme.in_custody else "the first day of taking part"
    fields = {name: getattr(programme, name) for name in programme.__dataclass_fields__}
    fields["analyses"] = "\n".join(f"  - {line}" for line in programme.analyses)
    return REQUEST.format(
        **fields, clock=clock, index_kind=programme.index_kind, time_zero=programme.time_zero
    )


def comma_separated(table: pd.DataFrame) -> bytes:
    """UTF-8 text with dates as dd/mm/yyyy."""

    def written(value: object) -> str:
        if value is None:
            return ""
        return value.strftime("%d/%m/%Y") if isinstance(value, dt.date) else str(value)

    text = pd.DataFrame(
        {name: [written(value) for value in table[name]] for name in table.columns}, dtype=object
    )
    return text.to_csv(index=False, lineterminator="\n").encode()


def workbook(table: pd.DataFrame) -> bytes:
    """One sheet with real dates; stored without compression and without times."""
    raw = io.BytesIO()
    book = xlsxwriter.Workbook(raw, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    book.set_properties({"created": dt.datetime(2026, 1, 1)})
    sheet = book.add_worksheet("Participants")
    heading = book.add_format({"bold": True})
    for column, name in enumerate(table.columns):
        sheet.write_string(0, column, name, heading)
        for row, value in enumerate(table[name], start=1):
            if value is None or value == "":
                continue
            if isinstance(value, dt.date):
                sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day))
            elif isinstance(value, str):
                sheet.write_string(row, column, value)
            else:
                sheet.write_number(row, column, value)
    book.close()
    stored = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as target:
        for entry in sorted(source.namelist()):
            target.writestr(zipfile.ZipInfo(entry, (1980, 1, 1, 0, 0, 0)), source.read(entry))
    return stored.getvalue()


def write_truth(world: World, folder: Path, about: dict) -> None:
    """What only a test may read: the planted effects and who each row is."""
    folder.mkdir(parents=True, exist_ok=True)
    requests = {
        programme.folder: truth_of(programme, world.submissions[programme.folder].links)
        for programme in world.programmes
        if programme.folder in world.submissions
    }
    write_json({**about, "requests": requests}, folder / "truth.json")
    if requests:
        every = [world.submissions[name].links for name in requests]
        table = pa.Table.from_pandas(pd.concat(every, ignore_index=True), preserve_index=False)
        write_table(table.replace_schema_metadata(None), folder / "links.parquet")


def truth_of(programme: Programme, links: pd.DataFrame) -> dict:
    """The planted truth of one request, by analysis."""
    people = links[links["joined"] & ~links["repeat"]]
    effects = {}
    for line in programme.analyses:
        analysis = yaml.safe_load(line)
        chosen = people
        if "within" in analysis:
            chosen = chosen[chosen["region"] == analysis["within"]["region"]]
        if "only" in analysis:
            chosen = chosen[chosen["completed"] == (analysis["only"]["completed"] == "yes")]
        gain = chosen["y1"].astype("Float64") - chosen["y0"].astype("Float64")
        effects[analysis["name"]] = {
            "people": len(chosen),
            "planted": rounded(chosen["effect"].mean()),
            "realised": rounded(gain.mean()),
            "risk_without": rounded(chosen["p0"].mean()),
        }
    intended = programme.effect
    if programme.completed_effect is not None:
        intended = people["completed"].map({True: programme.completed_effect, False: programme.effect})
    clipped = (people["effect"].astype(float) - intended).abs() > 1e-6
    return {
        "id": programme.id,
        "rows": len(links),
        "participants": len(people),
        "not_in_records": int(links["person_id"].isna().sum()),
        "without_index_event": int((links["person_id"].notna() & ~links["joined"]).sum()),
        "repeated_rows": int(links["repeat"].sum()),
        "clock": programme.time_zero,
        "effect": programme.effect,
        "completed_effect": programme.completed_effect,
        "share_clipped": rounded(clipped.mean()),
        "joins": dict(programme.joins),
        "favoured_region": programme.favoured_region,
        "analyses": effects,
    }


def rounded(value: float) -> float | None:
    """Six decimals; None where there is nothing to average."""
    return None if pd.isna(value) else round(float(value), 6)


def write_json(content: dict, path: Path) -> None:
    """Indented, with a line end at the end."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8", newline="\n")
