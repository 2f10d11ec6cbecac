"""What people decided about doubtful links: one line a decision, with who, when and why.

The file lies beside the submission and is an input like it. A decision is about one submitted row
as it was written and one extract: a row corrected since, or newer records, ask again. It says who
the row is, that it is nobody on record, or that it shall wait.
"""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd

from ...errors import DataContractError, listed
from ...request import Request
from ...run import write_bytes

FILE = "review.csv"
Decision = Literal["accept", "nobody", "later"]
COLUMNS = ("row_key", "decision", "person_id", "records", "by", "at", "reason")
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
    """The last decision on each row, indexed from 0; DataContractError tells every line that was spoilt."""
    path = decisions_path(request)
    if not path.is_file():
        return pd.DataFrame(columns=list(COLUMNS))
    try:
        lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        raise DataContractError(
            f"{path.name} is no longer a table of decisions; restore or delete it"
        ) from None
    problems = []
    if not lines or tuple(lines[0]) != COLUMNS:
        problems.append(f"the columns must be {', '.join(COLUMNS)}")
    else:
        for number, line in enumerate(lines[1:], start=2):
            problems += [f"line {number}: {problem}" for problem in _problems(line)]
    if problems:
        raise DataContractError(listed(f"{path.name} cannot be used", problems))
    frame = pd.DataFrame(lines[1:], columns=list(COLUMNS), dtype="str")
    frame["person_id"] = frame["person_id"].where(frame["person_id"] != "", None).astype("Int64")
    return frame.drop_duplicates("row_key", keep="last").reset_index(drop=True)


def _problems(line: list[str]) -> list[str]:
    """What is wrong with a line of decisions."""
    if len(line) != len(COLUMNS):
        return [f"it has {len(line)} cells and must have {len(COLUMNS)}"]
    told = dict(zip(COLUMNS, line, strict=True))
    problems = []
    if told["decision"] not in get_args(Decision):
        problems.append(f"`decision` must be {', '.join(get_args(Decision))}")
    number = told["person_id"]
    if told["decision"] == "accept" and not (number.isascii() and number.isdigit() and len(number) < 19):
        problems.append("`person_id` must be the number of the accepted person")
    if told["decision"] != "accept" and number:
        problems.append("`person_id` stays empty unless somebody was accepted")
    try:
        date.fromisoformat(told["records"])
    except ValueError:
        problems.append("`records` must be the date of the extract, such as 2023-12-31")
    return problems


def record(
    request: Request,
    records: str,
    row_key: str,
    decision: Decision,
    person_id: int | None = None,
    *,
    by: str,
    at: str,
    reason: str = "",
) -> None:
    """Add a decision on one row to the file; what was decided before stays readable in it.

    Parameters
    ----------
    records : date of the extract
    person_id : who the row is, when somebody is accepted
    at : when, as ISO 8601
    """
    path = decisions_path(request)
    before = path.read_bytes() if path.is_file() else (",".join(COLUMNS) + "\r\n").encode()
    if not before.endswith(b"\n"):
        before += b"\r\n"
    held = io.StringIO(newline="")
    csv.writer(held).writerow(
        [row_key, decision, "" if person_id is None else person_id, records, by, at, reason]
    )
    write_bytes(path, before + held.getvalue().encode())


def apply(pairs: pd.DataFrame, keys: pd.Series, decisions: pd.DataFrame, records: str) -> pd.DataFrame:
    """Scored pairs after what was decided: an accepted one certain and alone, a row of nobody without any.

    An accepted person who is no longer among the candidates changes nothing.

    Parameters
    ----------
    pairs : row, person_id, weight and more
    keys : as `row_keys` gives them
    """
    decided = row_decisions(keys, decisions, records)
    told = decided.reindex(pairs["row"])
    accepted = (told["decision"] == "accept").to_numpy() & (
        told["person_id"].to_numpy("float64", na_value=np.nan) == pairs["person_id"].to_numpy("float64")
    )
    sure = set(pairs.loc[accepted, "row"])
    keep = ~(told["decision"] == "nobody").to_numpy() & (accepted | ~pairs["row"].isin(sure).to_numpy())
    return pairs.assign(weight=pairs["weight"] + CERTAIN * accepted)[keep]


def row_decisions(keys: pd.Series, decisions: pd.DataFrame, records: str) -> pd.DataFrame:
    """Decision and person of each row, by row; empty where nothing was decided on it and this extract."""
    current = decisions[decisions["records"] == records].set_index("row_key")[["decision", "person_id"]]
    found = current.reindex(keys).set_axis(keys.index)
    return found.assign(decision=found["decision"].fillna("").astype("str"))
