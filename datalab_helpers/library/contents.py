"""`library.json`: everything that the evidence library says, from which its page and tables are drawn.

Numbers are in the units in which a measure is spoken: per 100 people for shares and counts, else its own. Differences
are those who took part minus those who did not, so for a rate below zero means fewer. All of it follows from the
published `results.json` files; the library reads nothing else about people, so it cannot tell more of them.
"""

from __future__ import annotations

import json
from typing import Literal

from pydantic import Field

from ..disclosure.checks import Part
from ..disclosure.results import MeasureResult, Programme, quantised
from ..lab import Words

SCHEMA_VERSION = "1.0"


class Ranged(Part):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


class Shrunk(Part):
    """A result in the light of all the others; `below_zero` and `worthwhile` are chances, 0 to 1.

    worthwhile : that the true change is in the wanted direction and at least the smallest that matters
    """

    estimate: Ranged
    below_zero: float
    worthwhile: float | None


class Row(Part):
    """One accepted request, whatever became of it.

    answer : the verdict as a sentence, or why there is no result
    left_out : why it has no part in averages; empty where it has one
    same_organisation : other requests of the same organisation that stand in the library
    checked : whether its file agrees with its manifest
    invented : whether it is an example of invented people
    """

    id: str
    lab: str
    lab_label: str
    organisation: str
    programme: Programme
    released_on: str | None
    status: Literal["result", "no result", "awaited"]
    answer: str
    measure: str | None
    case: str | None
    confidence: str | None
    people: int | None
    raw: Ranged | None
    p: float | None
    p_bh: float | None
    shrunk: Shrunk | None
    left_out: str
    same_organisation: list[str]
    checked: bool
    invented: bool


class Pool(Part):
    """What several results say together; of all of a measure, or of a type or a setting or both.

    mean : average of true effects, 95 % interval; null below the smallest number of results
    spread : standard deviation of true effects, with its 95 % interval
    new_place : 95 % interval of the true effect in a place that is not in the library
    below_zero, worthwhile : chances there, 0 to 1
    narrowing : share of the width of the mean's interval that one more request of usual size takes off; null where
    there is none yet
    """

    type: str | None
    setting: str | None
    results: int
    organisations: int
    people: int
    mean: Ranged | None
    spread: Ranged | None
    new_place: Ranged | None
    below_zero: float | None
    worthwhile: float | None
    width: float | None
    narrowing: float | None
    confidence: str | None


class Chance(Part):
    """How many results differ from nothing by more than chance usually gives, and how many chance alone would give."""

    tested: int
    fewer: int
    more: int
    expected: float
    fewer_chance: float
    more_chance: float


class Subject(Part):
    """All results on one main measure of one lab. `measure` carries its name and unit and no number.

    apart : for type and for setting, p of the test that the averages of all of them are one; null where too few
    results are in each
    """

    lab: str
    lab_label: str
    measure: MeasureResult
    words: Words
    smallest_difference: float
    prior_scale: float
    chance: Chance
    pools: list[Pool]
    apart: dict[Literal["type", "setting"], float | None]


class Moved(Part):
    """An average before and after a change of the library."""

    measure: str
    type: str | None
    setting: str | None
    before: float | None
    after: float | None


class Change(Part):
    """What changed in one version of the library."""

    version: int
    added: list[str]
    changed: list[str]
    removed: list[str]
    moved: list[Moved]


class Library(Part):
    """The evidence library: every accepted request, what all say together, what changed.

    invented : whether all of it is an example of invented people
    fewest : results that an average needs
    """

    schema_version: Literal["1.0"]
    version: int
    invented: bool
    fewest: int
    rows: list[Row]
    subjects: list[Subject]
    changes: list[Change] = Field(default_factory=list)

    def to_json(self) -> str:
        """The bytes of `library.json`: floats quantised, one final newline."""
        return (
            json.dumps(quantised(self.model_dump(mode="json")), indent=1, ensure_ascii=False, allow_nan=False)
            + "\n"
        )

    def _repr_html_(self) -> str:
        shown = sum(row.status == "result" for row in self.rows)
        return f"<p><b>Evidence library</b>, version {self.version}: {len(self.rows)} requests, {shown} with a result.</p>"


def schema() -> str:
    """The JSON schema of `library.json`, as committed in `library.schema.json`."""
    return json.dumps(Library.model_json_schema(), indent=1, ensure_ascii=False) + "\n"
