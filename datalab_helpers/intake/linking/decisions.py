"""What people decided about doubtful links: one line a decision, with who, when and why.

The file lies beside the submission and is an input like it. A decision is about one submitted row
as it was written and one person of one extract: a row corrected since, or newer records, ask again.
"""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from ...errors import DataContractError, listed
from ...request import Request
from ...run import write_bytes

FILE = "review.csv"
Decision = Literal["accept", "reject", "later"]
COLUMNS = ("row_key", "person_id", "records", "decision", "by", "at", "reason")
CERTAIN = 100.0  # what a person's word adds to a weight: more than all fields together


def decisions_path(request: Request) -> Path:
    """Where the decisions of a request are kept, whether there are any or not."""
    return request.input_path.parent / FILE


def row_keys(request: Request, rows: pd.DataFrame) -> pd.Series:
    """What a row's decisions are known by: a hash of the request and of what the row tells, not of its place."""
    told = rows.drop(columns="end").astype("str").fillna("")
    lines = ("|".join([request.id, *cells]) for cells in told.itertuples(index=False))
    keys = [hashlib.sha256(line.encode()).hexdigest()[:20] for line in lines]
    return pd.Series(keys, index=rows.index, dtype="str")


def read_decisions(request: Request) -> pd.DataFrame:
    """The last decision on each row and person, indexed from 0; DataContractError when the file was spoilt."""
    path = decisions_path(request)
    if not path.is_file():
        return pd.DataFrame(columns=list(COLUMNS))
    try:
        lines = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        raise DataContractError(
            f"{path.name} is no longer a table of decisions; restore or delete it"
        ) from None
    problems = []
    if lines and set(COLUMNS) - set(lines[0]):
        problems.append(f"the columns must be {', '.join(COLUMNS)}")
    else:
        for number, line in enumerate(lines, start=2):
            if not (line["person_id"] or "").isdigit():
                problems.append(f"line {number}: `person_id` is no number")
            if line["decision"] not in get_args(Decision):
                problems.append(f"line {number}: `decision` must be {', '.join(get_args(Decision))}")
    if problems:
        raise DataContractError(listed(f"{path.name} cannot be used", problems))
    frame = pd.DataFrame(lines, columns=list(COLUMNS), dtype="str").astype({"person_id": "int64"})
    return frame.drop_duplicates(["row_key", "person_id", "records"], keep="last").reset_index(drop=True)


def record(
    request: Request,
    records: str,
    row_key: str,
    decisions: dict[int, Decision],
    *,
    by: str,
    at: str,
    reason: str = "",
) -> None:
    """Add decisions on one row, by person, to the file; what was decided before stays readable in it.

    Parameters
    ----------
    records : date of the extract
    at : when, as ISO 8601
    """
    path = decisions_path(request)
    before = path.read_bytes() if path.is_file() else (",".join(COLUMNS) + "\r\n").encode()
    held = io.StringIO(newline="")
    writer = csv.writer(held)
    for person, decision in decisions.items():
        writer.writerow([row_key, person, records, decision, by, at, reason])
    write_bytes(path, before + held.getvalue().encode())


def apply(pairs: pd.DataFrame, keys: pd.Series, decisions: pd.DataFrame, records: str) -> pd.DataFrame:
    """Scored pairs after what was decided: rejected ones gone, accepted ones certain.

    Parameters
    ----------
    pairs : row, person_id, weight and more
    keys : as `row_keys` gives them
    """
    current = decisions[decisions["records"] == records]
    told = pairs.assign(row_key=pairs["row"].map(keys)).merge(
        current[["row_key", "person_id", "decision"]], on=["row_key", "person_id"], how="left"
    )
    told["decision"] = told["decision"].fillna("")
    told["weight"] += CERTAIN * (told["decision"] == "accept")
    return told[told["decision"] != "reject"].drop(columns="row_key")


def row_decisions(keys: pd.Series, decisions: pd.DataFrame, records: str) -> list[str]:
    """What was decided on each row: accept where one of its candidates was accepted, else the last word; or nothing."""
    current = decisions[decisions["records"] == records]
    told = dict(zip(current["row_key"], current["decision"], strict=True))
    told |= dict.fromkeys(current.loc[current["decision"] == "accept", "row_key"], "accept")
    return [told.get(key, "") for key in keys]
