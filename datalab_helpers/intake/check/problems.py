"""What a problem is, and what the finders are given to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import pandas as pd

from ...lab import Lab
from ...request import Request
from ..dates import Column
from ..sheet import Sheet

# stops: the file cannot be used. lost: these people cannot be analysed. doubt: probably a slip, or hinders
# finding. remark: of the whole file. tidied: intake mends it without loss.
Level = Literal["stops", "lost", "doubt", "remark", "tidied"]
LEVELS: tuple[Level, ...] = ("stops", "lost", "doubt", "remark", "tidied")


@dataclass(frozen=True)
class Problem:
    """One kind of trouble in one column; never a value of a person.

    kind : key of the words that tell it; column : heading as it stands in the file, empty for the whole file
    rows : as the spreadsheet numbers them; rescued : people whom mending this alone would bring in
    facts : counts, headings and settings that the words need
    """

    kind: str
    level: Level
    column: str = ""
    rows: tuple[int, ...] = ()
    rescued: int = 0
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, repr=False)
class Given:
    """A submission with all that is known of it.

    cells : text by field, one row a person, indexed by the spreadsheet's row number; typed : as intake uses it
    headings : field -> heading in the file; dates : the columns of dates as they were read
    left_out : helpful dates in no clear order -> how many
    dropped : why a row is no person -> its numbers; error_cells : (row, field) with an error in place of a value
    today : the day of the check; until : the day up to which central records reach
    """

    sheet: Sheet
    cells: pd.DataFrame
    typed: pd.DataFrame
    headings: dict[str, str]
    dates: dict[str, Column]
    left_out: dict[str, int]
    dropped: dict[str, tuple[int, ...]]
    error_cells: set[tuple[int, str]]
    merged_cells: set[tuple[int, str]]
    lab: Lab
    request: Request | None
    today: date
    until: date

    def rows(self, mask: pd.Series) -> tuple[int, ...]:
        return tuple(int(row) for row in self.cells.index[mask.to_numpy(bool)])

    def column(self, field_name: str) -> str:
        return self.headings.get(field_name, "")
