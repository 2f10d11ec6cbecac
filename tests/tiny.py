"""A world small enough to follow by hand: forty people, their sentences, and one submission.

Every test that needs central records writes these, or these with something changed. Who is who in
the submission stands beside each sentence; the extract ends on 31 December 2023, so a time zero up
to 30 June 2022 has its eighteen months.
"""

from __future__ import annotations

import copy
import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from datalab_helpers.lab import load_lab
from datalab_helpers.request import Request, load_request

EXTRACT = "2023-12-31"
ARROW = {"integer": pa.int64(), "string": pa.string(), "date": pa.date32(), "boolean": pa.bool_()}

# person_id surname forename date_of_birth gender
PEOPLE = """
1   Abbot           Daniel   1990-01-01 M
2   Barlow          Joseph   1985-07-20 M
3   Castle          Karen    1979-11-03 F
4   Dunmore         Peter    1992-04-14 M
5   Eastwood        Kyle     2003-06-15 M
6   Fairley         Rhys     2003-05-05 M
7   Garside         Victor   1970-02-02 M
8   Hollins         Martin   1988-08-18 M
9   Ingram          Stephen  1991-09-09 M
10  Jessop          Wendy    1983-03-23 F
11  Kirkby          Andrew   1987-12-12 M
12  Lomax           Graham   1980-10-30 M
13  Mercer          Helen    1995-05-25 F
14  Naylor          Oliver   1978-06-06 M
15  Oakley          Simon    1989-02-17 M
16  Pickup          Dennis   1994-01-21 M
17  Quarmby         Leon     1986-03-13 M
18  Rushton         Gareth   1993-07-07 M
19  Stott           Marcus   1982-09-27 M
101 Tolson          Frank    1984-04-04 M
102 Unwin           Craig    1990-10-10 M
103 Varley          Neil     1981-01-31 M
104 Walton          Ivan     1975-05-15 M
105 Yates           Louis    1996-06-26 M
106 Appleby         Toby     1997-07-17 M
107 Bowker          Jade     1998-08-28 F
108 Crossley        Miles    2003-08-01 M
109 Denby           Earl     1977-07-27 M
110 Ellis           Aaron    1983-12-01 M
111 Fenwick         Hugh     1982-02-22 M
201 Kershaw         Robert   1974-04-24 M
202 Smith           John     1988-05-05 M
203 Smith           John     1988-05-05 M
204 O'Leary         Siobhán  1991-01-19 F
205 Thornton-Hughes Megan    1986-08-08 F
206 Pemberton       Elaine   1972-11-12 F
207 Whitcombe       Jerome   1999-03-04 M
208 Lawton          Dean     1976-10-13 M
209 Booth           Carl     1969-12-29 M
210 Greenhalgh      Tessa    2000-02-29 F
"""
# Serials with their check letter: two digits of the year, then the serial, modulo 23.
PNC = {203: "2005/0000011M", 206: "1990/0000002W"}
PRISON = {209: "A1234BC"}
ALIASES = [(14, "Norton", "Oliver", "1978-06-06")]

# sentence_id person_id kind sentenced_on released_on months
SENTENCES = """
1001 1   custody   2020-09-01 2021-03-01 12   released on the day of the start
1002 2   custody   2020-10-10 2021-01-10 6    the farther of two releases
1003 2   custody   2021-02-20 2021-04-20 4    the nearer one, 11 days before the start
1004 3   caution   2021-03-01 -          0    a caution only
1005 4   custody   2020-08-01 2021-02-01 12   reoffended before starting
1006 5   custody   2020-11-01 2021-05-01 12   under 18 at the start
1007 6   custody   2020-11-01 2021-05-01 12   turned 18 between release and start
1008 7   custody   2020-02-01 2021-05-01 30   a sexual offence
1009 8   custody   2021-12-20 2022-06-20 12   follow-up just complete
1010 9   custody   2021-12-21 2022-06-21 12   follow-up one day short
1011 10  custody   2020-11-01 2021-05-01 12   started in custody
1012 11  custody   2020-09-02 2021-03-02 12   started 40 days after release
1013 12  custody   2020-12-01 2021-06-01 12   submitted twice
1014 13  custody   2020-12-01 2021-06-01 12   no gender in the submission
1015 14  custody   2020-10-01 2021-04-01 12   submitted under an alias
1016 15  custody   2019-07-01 2020-01-01 12   released too long before
1017 16  custody   2020-09-15 2021-03-15 12   only a penalty notice in between
1018 17  custody   2020-09-20 2021-03-20 12   an offence in between proven too late
1019 18  custody   2020-07-15 2021-01-15 12   exactly six calendar months before
1020 19  custody   2021-03-01 2021-09-01 12   started 40 days after release
1021 1   custody   2015-01-01 2015-07-01 12   earlier
1022 1   community 2017-05-05 -          12   earlier
1023 1   caution   2012-03-03 -          0    earlier
1024 1   community 2021-10-01 -          12   later
1101 101 custody   2020-11-05 2021-05-05 12   pool
1102 102 custody   2020-10-01 2021-04-01 12   pool
1103 102 custody   2021-05-15 2021-08-15 6    pool, a second event of the same person
1104 103 custody   2019-12-01 2020-06-01 12   before the period
1105 104 custody   2020-12-06 2021-06-06 12   a sexual offence
1106 105 custody   2020-10-10 2021-04-10 12   reoffended on day 39
1107 106 custody   2020-10-10 2021-04-10 12   reoffended on day 41, after time zero
1108 107 custody   2021-01-01 2021-07-01 12   pool
1109 108 custody   2020-12-15 2021-06-15 12   17 years old
1110 109 caution   2021-05-01 -          0    a caution only
1111 110 custody   2021-03-02 2021-09-02 12   pool
1112 111 custody   2021-03-01 2021-09-01 12   pool
"""

# offence_id person_id offence_date proven_date how_proven class offence_group sentence
OFFENCES = """
5001 1   2012-02-20 2012-03-03 caution        summary    theft    caution
5002 1   2014-11-01 2015-01-01 court          indictable violence custody
5003 1   2017-03-01 2017-05-05 court          either_way burglary community
5004 1   2020-06-01 2020-09-01 court          either_way theft    custody
5005 1   2020-07-01 2021-04-01 court          summary    drugs    fine
5006 1   2021-08-01 2021-10-01 court          either_way theft    community
5010 2   2020-08-08 2020-10-10 court          summary    violence custody
5011 2   2021-01-25 2021-02-20 court          summary    theft    custody
5020 4   2021-03-01 2021-05-01 court          summary    theft    fine
5021 7   2019-12-01 2020-02-01 court          indictable sexual   custody
5022 16  2021-03-20 2021-03-21 penalty_notice summary    drugs    none
5023 17  2021-04-01 2022-12-19 court          summary    theft    fine
5030 105 2021-05-19 2021-07-01 court          summary    theft    fine
5031 106 2021-05-21 2021-07-01 court          summary    theft    fine
5032 104 2017-10-01 2018-06-01 court          indictable sexual   custody
"""
NEEDS = (
    "accommodation",
    "employment",
    "drugs",
    "alcohol",
    "relationships",
    "lifestyle",
    "thinking",
    "attitudes",
)
ASSESSMENTS = [
    (1, "2019-05-01", "00100000"),
    (1, "2020-10-01", "10010000"),
    (1, "2021-06-01", "11111111"),
]
# person_id kind start_date end_date
EMPLOYMENT = [
    (1, "employment", "2020-01-01", "2020-06-30"),
    (1, "benefit", "2018-01-01", "2019-01-01"),
    (1, "benefit", "2021-04-01", None),
    (2, "benefit", "2021-03-01", "2021-09-01"),
]

HEADINGS = ["Surname", "Forename", "Date of birth", "Gender", "PNC ID", "Intervention start", "Completed"]
# Rows 2 to 22 of the spreadsheet, in this order.
SUBMITTED = [
    ["Abbot", "Daniel", "01/01/1990", "M", "", "01/03/2021", "Yes"],
    ["Barlow", "Joseph", "20/07/1985", "M", "", "01/05/2021", "No"],
    ["Castle", "Karen", "03/11/1979", "F", "", "01/03/2021", "Yes"],
    ["Dunmore", "Peter", "14/04/1992", "M", "", "01/04/2021", "Yes"],
    ["Eastwood", "Kyle", "15/06/2003", "M", "", "10/05/2021", "Yes"],
    ["Fairley", "Rhys", "05/05/2003", "M", "", "10/05/2021", "Yes"],
    ["Garside", "Victor", "02/02/1970", "M", "", "10/05/2021", "Yes"],
    ["Hollins", "Martin", "18/08/1988", "M", "", "30/06/2022", "Yes"],
    ["Ingram", "Stephen", "09/09/1991", "M", "", "01/07/2022", "Yes"],
    ["Jessop", "Wendy", "23/03/1983", "F", "", "15/03/2021", "Yes"],
    ["Kirkby", "Andrew", "12/12/1987", "M", "", "11/04/2021", "Yes"],
    ["Lomax", "Graham", "30/10/1980", "M", "", "10/08/2021", "Yes"],
    ["Lomax", "Graham", "30/10/1980", "M", "", "10/06/2021", "No"],
    ["Mercer", "Helen", "25/05/1995", "", "", "10/06/2021", "Yes"],
    ["Norton", "Oliver", "06/06/1978", "M", "", "01/04/2021", "Yes"],
    ["Oakley", "Simon", "17/02/1989", "M", "", "01/03/2021", "Yes"],
    ["Pickup", "Dennis", "21/01/1994", "M", "", "14/04/2021", "Yes"],
    ["Quarmby", "Leon", "13/03/1986", "M", "", "18/06/2021", "Yes"],
    ["Rushton", "Gareth", "07/07/1993", "M", "", "15/07/2021", "Yes"],
    ["Stott", "Marcus", "27/09/1982", "M", "", "11/10/2021", "Yes"],
    ["Zeal", "Norbert", "16/06/1966", "M", "", "01/03/2021", "Yes"],
]

REQUEST = {
    "id": "TINY-001",
    "lab": "justice",
    "organisation": "Second Start",
    "programme": {"name": "Mentoring", "began": "2021-01-01", "ended": "2022-12-31"},
    "submission": "participants.csv",
    "dates": "day_first",
    "index_event": {"kinds": ["custody_release"], "within_months": 6, "time_zero": "participation"},
    "analyses": [{"name": "National", "headline": True}],
    "outcome": {"primary": "reoffended", "smallest_difference": 2},
    "seed": 1,
}

Rows = dict[str, list[dict[str, Any]]]


def _table(text: str, names: str) -> list[dict[str, Any]]:
    """Rows of the text tables above; what follows the last named column is a remark."""
    columns = names.split()
    rows = []
    for line in text.strip().splitlines():
        cells = [None if cell == "-" else cell.replace("_", " ") for cell in line.split()]
        rows.append(dict(zip(columns, cells, strict=False)))
    return rows


def world() -> Rows:
    """The central tables, one list of rows each; change them freely, every call makes new ones."""
    people = _table(PEOPLE, "person_id surname forename date_of_birth gender")
    for row in people:
        number = int(row["person_id"])
        row |= {"ethnicity": "White", "uk_national": True}
        row |= {"pnc_id": PNC.get(number), "prison_number": PRISON.get(number)}
    sentences = _table(SENTENCES, "sentence_id person_id kind sentenced_on released_on months")
    for row in sentences:
        row |= {"offence_group": "theft", "region": "North West", "establishment": None}
    return {
        "people": people,
        "aliases": [
            dict(zip(("person_id", "surname", "forename", "date_of_birth"), alias, strict=True))
            for alias in ALIASES
        ],
        "sentences": sentences,
        "offences": _table(
            OFFENCES,
            "offence_id person_id offence_date proven_date how_proven class offence_group sentence",
        ),
        "assessments": [
            {"person_id": person, "assessed_on": day} | dict(zip(NEEDS, flags, strict=True))
            for person, day, flags in ASSESSMENTS
        ],
        "employment": [
            dict(zip(("person_id", "kind", "start_date", "end_date"), spell, strict=True))
            for spell in EMPLOYMENT
        ],
    }


def offence(number: int, person: int, committed: str, proven: str, **other: Any) -> dict[str, Any]:
    """One row of the offences table: a summary theft proven in court, unless told otherwise."""
    return {
        "offence_id": number,
        "person_id": person,
        "offence_date": committed,
        "proven_date": proven,
        "how_proven": "court",
        "class": "summary",
        "offence_group": "theft",
        "sentence": "fine",
    } | other


def write_records(folder: Path, tables: Rows | None = None) -> Path:
    """A folder of central records that keeps the contract of the justice lab."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = world() if tables is None else tables
    for name, table in load_lab("justice").tables.items():
        kinds = {column: promise.type for column, promise in table.columns.items()}
        schema = pa.schema([(column, ARROW[kind]) for column, kind in kinds.items()])
        rows = [{column: _value(row.get(column), kinds[column]) for column in kinds} for row in tables[name]]
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / f"{name}.parquet")
    (folder / "extract.json").write_text(json.dumps({"extract_date": EXTRACT}), encoding="utf-8")
    return folder


def _value(value: Any, kind: str) -> Any:
    if value is None or kind in {"string", "boolean"}:
        return value
    return int(value) if kind == "integer" else dt.date.fromisoformat(str(value))


def write_request(
    folder: Path, rows: list[list[str]] | None = None, headings: list[str] | None = None, **changes: Any
) -> Path:
    """A request folder; `changes` replace whole top-level settings, and None leaves one out."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {key: value for key, value in (copy.deepcopy(REQUEST) | changes).items() if value is not None}
    (folder / "request.yml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    with (folder / "participants.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings or HEADINGS, *(SUBMITTED if rows is None else rows)])
    return folder


def request_for(folder: Path, rows: list[list[str]] | None = None, **changes: Any) -> Request:
    return load_request(write_request(folder, rows, **changes))


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder, to compare before and after."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def days(*texts: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts)))
