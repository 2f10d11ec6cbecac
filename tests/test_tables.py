"""Tables keep their contracts, and a breach is told by counts, all at once, without a value."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tiny

from datalab_helpers.errors import DataContractError
from datalab_helpers.store import Store
from datalab_helpers.tables import COHORT, MATCHED, Listing, as_html, check, check_records


def test_a_table_that_keeps_its_contract_comes_back_unchanged() -> None:
    frame = pd.DataFrame(
        {"person_id": [1, 2], "treated": [True, False]}, index=pd.Index([7, 8], name="unit_id")
    )
    assert check(frame, COHORT) is frame


def test_every_breach_is_told_at_once_by_counts_and_without_values() -> None:
    frame = pd.DataFrame(
        {"person_id": ["Abbot", "Abbot", None, None], "score": [0.1, None, 0.2, 0.3], "weight": 1.0},
        index=pd.Index(["Kirkby", "Kirkby", "Kirkby", "Lomax"], name="surname"),
    )
    with pytest.raises(DataContractError) as caught:
        check(frame, MATCHED)
    lines = str(caught.value).splitlines()
    assert lines[0] == "matched sample breaks its contract:"
    assert set(lines[1:]) == {
        "  - column `treated` is missing",
        "  - column `stratum` is missing",
        "  - the index must be `unit_id`",
        "  - `unit_id` has 2 repeated values",
        "  - column `person_id` has 2 empty values",
        "  - column `score` has 1 empty values",
    }
    assert not any(name in str(caught.value) for name in ("Abbot", "Kirkby", "Lomax"))


def test_the_order_of_breaches_does_not_change_from_run_to_run() -> None:
    """A set of column names has another order in each process; a message must not."""
    frame = pd.DataFrame(
        {"weight": [None], "stratum": [None], "score": [None], "treated": [None], "person_id": [None]},
        index=pd.Index([1], name="unit_id"),
    )
    with pytest.raises(DataContractError) as caught:
        check(frame, MATCHED)
    told = [line.split("`")[1] for line in str(caught.value).splitlines()[1:]]
    assert told == ["person_id", "treated", "score", "stratum", "weight"]


def test_records_that_keep_the_contract_pass(tiny_records: Path, justice) -> None:
    check_records(tiny_records, justice)


def test_every_missing_table_column_and_wrong_type_is_told_at_once(tmp_path: Path, justice) -> None:
    folder = tiny.write_records(tmp_path / "records")
    (folder / "aliases.parquet").unlink()
    (folder / "employment.parquet").write_bytes(b"not parquet")
    people = pq.read_table(folder / "people.parquet").drop_columns(["gender", "pnc_id"])
    born = people.column_names.index("date_of_birth")
    people = people.set_column(born, "date_of_birth", pa.array(["x"] * len(people)))
    pq.write_table(people, folder / "people.parquet")
    with pytest.raises(DataContractError) as caught:
        check_records(folder, justice)
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("break the contract of lab 'justice':")
    assert lines[1:] == [
        "  - people.parquet: column `date_of_birth` is string; it must be date",
        "  - people.parquet: column `gender` is missing (sex on record)",
        "  - people.parquet: column `pnc_id` is missing (Police National Computer number, YYYY/NNNNNNNC with its check letter)",
        "  - table `aliases` is missing: expected aliases.parquet",
        "  - employment.parquet is not a readable parquet file",
    ]


def test_further_columns_of_the_records_are_no_breach(tmp_path: Path, justice) -> None:
    folder = tiny.write_records(tmp_path / "records")
    people = pq.read_table(folder / "people.parquet")
    pq.write_table(people.append_column("height", pa.array([1.8] * len(people))), folder / "people.parquet")
    check_records(folder, justice)


def test_a_folder_that_is_not_there_is_told_with_what_to_do(tmp_path: Path, justice) -> None:
    with pytest.raises(DataContractError, match="there is no folder of central records"):
        check_records(tmp_path / "nowhere", justice)


@pytest.mark.parametrize(
    "content", [None, "", "{}", json.dumps({"extract_date": "31/12/2023"}), "[]", '{"extract_date": 7}']
)
def test_records_must_say_the_day_of_their_extract(tmp_path: Path, justice, content: str | None) -> None:
    folder = tiny.write_records(tmp_path / "records")
    (folder / "extract.json").unlink()
    if content is not None:
        (folder / "extract.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataContractError, match=r"extract\.json must give the date of the extract"):
        Store(folder, justice)


def test_a_listing_shows_every_row_with_headings_in_words_and_no_index() -> None:
    frame = pd.DataFrame(
        {
            "label": [f"term {n}" for n in range(100)],
            "smd_before": 0.12345,
            "comparison_effective": 1424.6,
            "p": 0.5,
            "in_words": "x" * 200,
            "caliper": float("nan"),
        }
    )
    shown = Listing(frame)._repr_html_()
    rows = re.findall(r"<tr.*?</tr>", shown, re.S)
    assert [re.findall(r">([^<]*)</th>", rows[0])] == [
        ["Characteristic", "Difference before", "Effective size", "p", "In words", "Caliper"]
    ]
    assert len(rows) == 101
    assert [re.findall(r">([^<]*)</td>", rows[100])] == [["term 99", "0.123", "1425", "0.5", "x" * 200, ""]]
    assert repr(Listing(frame)).count("term ") == 100
    assert "none" in as_html(frame.head(1), blank="none")
