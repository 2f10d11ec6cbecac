"""The column contract of every table that crosses a boundary; reading checks it.

Central tables have their contract in the lab file. Checks report counts, never values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from .errors import DataContractError, listed
from .lab import Lab

# What a parquet type must start with to serve as a contract type.
PARQUET_TYPES = {
    "integer": ("int", "uint"),
    "number": ("int", "uint", "float", "double"),
    "string": ("string", "large_string", "dictionary"),
    "date": ("date", "timestamp"),
    "boolean": ("bool",),
}


@dataclass(frozen=True)
class Contract:
    """Columns that a hand-over table promises, and its index."""

    name: str
    index: str
    columns: tuple[str, ...]


# Columns of results, where more than their underscores stands between them and words.
HEADINGS = {
    "comparison_effective": "effective size",
    "ks": "KS",
    "label": "characteristic",
    "mean_smd": "mean difference",
    "rubin_b": "Rubin's B",
    "rubin_r": "Rubin's R",
    "se": "standard error",
    "smd": "difference",
    "smd_after": "difference after",
    "smd_before": "difference before",
    "worst_after": "largest after",
    "worst_before": "largest before",
    "worst_label": "characteristic",
    "worst_smd": "largest difference",
}
WHOLE = {"comparison_effective"}  # people, though worked out as a fraction

COHORT = Contract("cohort", "unit_id", ("person_id", "treated"))
MATCHED = Contract("matched sample", "unit_id", ("person_id", "treated", "score", "stratum", "weight"))


def as_text(html: str) -> str:
    """The text of a small HTML summary.

    Every result object shows itself so. The repr that a dataclass would write itself prints its
    frames, and a notebook keeps that text beside the HTML: names and dates of birth with it.
    """
    lines = re.sub(r"</(p|tr|table|thead)>", "\n", html)
    text = unescape(re.sub(r"<[^>]+>", " ", lines))
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def as_html(frame: pd.DataFrame, places: int = 3, blank: str = "") -> str:
    """A table for an analyst: every row, headings in words, few decimals, no numbers of rows."""
    shown = frame.round(places)
    for column in WHOLE & set(shown.columns):
        shown[column] = shown[column].round().astype("Int64")
    shown.columns = [heading(column) for column in shown.columns]
    with pd.option_context("display.max_colwidth", None):
        return shown.to_html(index=False, border=0, na_rep=blank)


def heading(column: str) -> str:
    """`smd_before` is "Difference before"."""
    told = HEADINGS.get(column, column.replace("_", " "))
    return told if len(told) == 1 else told[:1].upper() + told[1:]


@dataclass(frozen=True, eq=False, repr=False)
class Listing:
    """A table that a notebook shows whole: pandas would leave out the middle and name its columns as code does."""

    frame: pd.DataFrame

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        return as_html(self.frame)


def check(frame: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """The frame unchanged when it keeps its contract; DataContractError with every breach otherwise."""
    problems = [f"column `{column}` is missing" for column in contract.columns if column not in frame.columns]
    if frame.index.name != contract.index:
        problems.append(f"the index must be `{contract.index}`")
    repeated = int(frame.index.duplicated().sum())
    if repeated:
        problems.append(f"`{contract.index}` has {repeated} repeated values")
    for column in (column for column in contract.columns if column in frame.columns):
        empty = int(frame[column].isna().sum())
        if empty:
            problems.append(f"column `{column}` has {empty} empty values")
    if problems:
        raise DataContractError(listed(f"{contract.name} breaks its contract", problems))
    return frame


def check_records(folder: Path, lab: Lab) -> None:
    """Every central table is there, as parquet, with the columns and types that the lab promises."""
    problems: list[str] = []
    if not folder.is_dir():
        raise DataContractError(
            f"there is no folder of central records {folder}; `datalab synthetic` makes invented ones, --records names yours"
        )
    for name, table in lab.tables.items():
        path = folder / f"{name}.parquet"
        if not path.is_file():
            problems.append(f"table `{name}` is missing: expected {path.name}")
            continue
        try:
            found = {field.name: str(field.type) for field in pq.read_schema(path)}
        except Exception:
            problems.append(f"{path.name} is not a readable parquet file")
            continue
        for column, promise in table.columns.items():
            if column not in found:
                problems.append(f"{path.name}: column `{column}` is missing ({promise.label})")
            elif not found[column].startswith(PARQUET_TYPES[promise.type]):
                problems.append(
                    f"{path.name}: column `{column}` is {found[column]}; it must be {promise.type}"
                )
    if problems:
        raise DataContractError(
            listed(f"central records in {folder} break the contract of lab {lab.name!r}", problems)
        )
