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
    """A result in the light of those of other organisations; `below_zero` and `worthwhile` are chances, 0 to 1.

    worthwhile : that the true change is in the wanted direction and at least the smallest that matters
    """

    estimate: Ranged
    below_zero: float
    worthwhile: float | None


class Row(Part):
    """One accepted request, whatever became of it.

    subject : id of the subject that its main result belongs to; null without one
    answer : the verdict as a sentence, or why there is no result
    group : what its people are called where they are not people in general (women, men)
    left_out : why it has no part in averages; empty where it has one
    same_organisation : other requests of its organisation that stand in the library
    has_report : whether there is a report of it, be it without a main result
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
    subject: str | None
    case: str | None
    confidence: str | None
    people: int | None
    group: str
    raw: Ranged | None
    p: float | None
    p_bh: float | None
    shrunk: Shrunk | None
    left_out: str
    same_organisation: list[str]
    has_report: bool
    checked: bool
    invented: bool


class Average(Part):
    """What several results say together; of all of a measure, or of a type or a setting or both.

    mean : average of true effects, 95 % interval; null below the smallest number of organisations
    spread : standard deviation of true effects, with its 95 % interval
    new_place : 95 % interval of the true effect in a place that is not in the library, no narrower than the mean's
    below_zero, worthwhile : chances there, 0 to 1
    width, narrowing : of an interval reckoned alike in every cell, and the share of it that one more request of usual
    size takes off; null where there is none yet
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
    """How many results differ from nothing by more than chance usually gives, and how many chance alone would give.

    fewer_chance, more_chance : of at least as many as were seen, if nothing had an effect
    kept : how many stay when the number of results is allowed for (Benjamini and Hochberg, 5 %)
    """

    tested: int
    fewer: int
    more: int
    expected: float
    fewer_chance: float
    more_chance: float
    kept: int


class Prior(Part):
    """The new place of all results under one scale of the prior for how much programmes differ."""

    scale: float
    new_place: Ranged | None


class Subject(Part):
    """All results on one main measure of one lab, counted in one way.

    id : what rows and changes call it by
    measure : its name and unit; of its numbers only `comparison`, the middle one of the comparison groups
    follow_up_months, time_zero : how long and from when people were followed
    smallest_difference : the middle one of those that the requests set, on the scale in which they set it
    priors : the declared scale first, then others
    apart : for type and for setting, p of the test that the averages of all of them are one; for size, that small
    results say the same as large ones; null where too few organisations are behind it
    """

    id: str
    lab: str
    lab_label: str
    invented: bool
    measure: MeasureResult
    words: Words
    follow_up_months: int | None
    time_zero: str
    smallest_difference: float
    priors: list[Prior]
    chance: Chance
    averages: list[Average]
    apart: dict[Literal["type", "setting", "size"], float | None]

    @property
    def whole(self) -> Average:
        """What all results say together."""
        return self.averages[0]

    def averages_by(self, of: Literal["type", "setting"]) -> list[Average]:
        """One a type, or one a setting."""
        other = {"type": "setting", "setting": "type"}[of]
        return [p for p in self.averages if getattr(p, of) is not None and getattr(p, other) is None]

    @property
    def cells(self) -> dict[tuple[str, str], Average]:
        """One a type in a setting, empty ones too."""
        return {(p.type, p.setting): p for p in self.averages if p.type is not None and p.setting is not None}


class Moved(Part):
    """An average before and after a change of the library."""

    subject: str
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
    fewest : organisations that an average needs
    accepted : how many requests there are, counted before any was read
    unread : folders of requests that cannot be read, and so have no row
    looked : whether requests that have not been run were looked for
    """

    schema_version: Literal["1.0"]
    version: int
    invented: bool
    fewest: int
    accepted: int
    unread: list[str]
    looked: bool
    rows: list[Row]
    subjects: list[Subject]
    changes: list[Change] = Field(default_factory=list)

    def rows_of(self, subject: Subject) -> list[Row]:
        """The results on one subject, newest first."""
        return [row for row in self.rows if row.subject == subject.id]

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
