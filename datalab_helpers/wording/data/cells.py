"""What a table of numbers is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ...disclosure.results import MeasureResult, quantised
from ..method import SHORTHAND
from ..numbers import CONFIDENTIAL, NOT_AVAILABLE
from ..tables import Table
from ..units import places_of

Cell = str | int | float

NOT_APPLICABLE = "[z]"
# What each sign means, wherever it stands in place of a number.
SIGNS = {
    **{sign: meaning for sign, meaning in SHORTHAND if sign in {CONFIDENTIAL, NOT_AVAILABLE}},
    NOT_APPLICABLE: "not applicable: this cell can hold nothing, whatever the result",
}


@dataclass(frozen=True)
class Column:
    """A heading, unique in its table, and the decimals on show; None: the column holds words."""

    heading: str
    places: int | None = None


@dataclass(frozen=True)
class DataTable:
    """`name` is the file's name without its ending; numbers are numbers, not rounded."""

    name: str
    title: str
    columns: list[Column]
    rows: list[list[Cell]]
    notes: list[str] = field(default_factory=list)

    @property
    def signs(self) -> list[str]:
        """The signs that stand in its cells."""
        used = {cell for row in self.rows for cell in row if isinstance(cell, str)}
        return [sign for sign in SIGNS if sign in used]


def cell(value: float | None, suppressed: str | None = None, times: float = 1) -> Cell:
    """A number on the digits that `results.json` keeps; a sign where it is held back or there is none."""
    if suppressed is not None:
        return CONFIDENTIAL
    if value is None:
        return NOT_AVAILABLE
    return value if isinstance(value, int) and times == 1 else float(quantised(value * times))


def word(text: str | None) -> str:
    """Words as they are; an empty cell would leave its reader guessing."""
    return text.strip() or NOT_APPLICABLE if text else NOT_APPLICABLE


def yes(value: bool) -> str:
    return "yes" if value else "no"


def factor(measure: MeasureResult) -> int:
    """What a value is multiplied by in a table: shares are given per 100 people."""
    return 100 if measure.kind == "binary" else 1


def places(measure: MeasureResult) -> int:
    """Decimals on show for values and differences of a measure."""
    return {"binary": 1, "count": 2, "days": 1}.get(measure.kind, places_of(measure))


def words_only(name: str, table: Table | None, spell: Callable[[str], str] = word) -> DataTable | None:
    """A table of the page that holds words, as it is."""
    if table is None:
        return None
    columns = [Column(heading) for heading in table.columns]
    return DataTable(name, table.caption, columns, [[spell(text) for text in row] for row in table.rows])
