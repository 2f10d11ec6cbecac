"""What makes one data lab differ from another, as data read from `labs/<name>.yml`.

Central tables, index events, covariates, outcome measures, default settings and words live in
that file; stage code reads them here and never names an outcome of its own.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from .errors import RequestError

LABS = Path(__file__).parent / "labs"

Kind = Literal["binary", "count", "days", "continuous"]
CovariateKind = Literal["binary", "continuous", "count", "categorical"]


class Part(BaseModel):
    """A piece of a lab file: unknown keys are refused, nothing can be changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(Part):
    """One column of a central table."""

    type: Literal["integer", "string", "date", "boolean", "number"]
    label: str
    values: list[str] | None = None
    missing: Literal["allowed", "refused"] = "refused"


class Table(Part):
    """The contract of one central table."""

    label: str
    columns: dict[str, Column]
    key: str | None = None
    known_from: str | None = None
    until: str | None = None


class IndexEvent(Part):
    """A kind of event that can start the clock."""

    label: str
    sql: str


class FollowUp(Part):
    """When an event after time zero counts as an outcome (calendar months)."""

    table: str
    months: int
    waiting_months: int
    happened: str
    proven: str
    counts: str
    happened_before: str
    delay_bands: list[int]


class Exclusion(Part):
    """A rule that keeps an otherwise eligible person out of the analysis."""

    name: str
    reason: str
    mend: str
    sql: str


class Covariate(Part):
    """A variable on which the groups should agree."""

    label: str
    kind: CovariateKind
    family: str
    unit: str = ""
    fill: float | None = None
    core: bool = False


class CovariateQuery(Part):
    """SQL that yields one row an index event, and the covariates it gives."""

    sql: str
    gives: dict[str, Covariate]
    of_event: bool = False  # facts of the index event itself, which were no different a year before


class Measure(Part):
    """One outcome: what it is, for whom, and which direction is good."""

    name: str
    label: str
    kind: Kind
    good: Literal["lower", "higher", "neither"]
    short: str = ""
    meaning: str = ""
    unit: str = ""
    table: int = 1
    among: str | None = None
    sql: str = ""
    empty: float | None = None


class Placebo(Part):
    """What a programme cannot have changed: something counted over the months before the index event.

    `sql` sees what covariate queries see and yields event_id and value; people without a row have 0.
    """

    label: str
    unit: str
    months: int
    sql: str


class Defaults(Part):
    """Settings that a request may not leave open; each is shown in the report."""

    exact: list[str]
    smallest_group: int
    smallest_count: int
    smallest_difference: float


class Submissions(Part):
    """What the lab asks of a list of people, beyond its columns."""

    youngest: int  # whole years at the start; younger people are not analysed
    oldest: int  # older is more likely a slip than a person
    advised: int  # people to send at least
    regions: list[str] = Field(default_factory=list)


class SaidAs(Part):
    """How drafts about a result speak of the outcome, its opposite, and measures other than the main one.

    Phrases as `wording/draft/words.yml` explains them.
    """

    outcome: tuple[str, ...] = ()
    opposite: tuple[str, ...] = ()
    other_measures: tuple[str, ...] = ()


class Words(Part):
    """The lab's nouns and standing sentences; `person` and `people` are what one and several of those analysed are called."""

    person: str = "person"
    people: str = "people"
    treatment: str
    comparison: str
    records: str
    outcome: str
    happened: str
    defined: str = ""
    context: str
    not_shown: str
    said_as: SaidAs = SaidAs()

    def about(self, noun: Noun) -> Words:
        """The same of women or men: wherever `person` and `people` stand, their noun stands."""
        called = {"person": noun.person, "people": noun.people}
        told = {
            name: re.sub(r"\b(?:person|people)\b", lambda found: called[found[0]], text)
            for name, text in self
            if isinstance(text, str)
        }
        return self.model_copy(update=told)


class Noun(Part):
    """What people are called where an analysis keeps to one level of a covariate."""

    covariate: str
    level: str
    person: str
    people: str


class Lab(Part):
    """A whole lab file."""

    name: str
    label: str
    defaults: Defaults
    words: Words
    nouns: list[Noun] = Field(default_factory=list)
    tables: dict[str, Table] = Field(default_factory=dict)
    index_events: dict[str, IndexEvent] = Field(default_factory=dict)
    follow_up: FollowUp | None = None
    submissions: Submissions | None = None
    exclusions: list[Exclusion] = Field(default_factory=list)
    covariates: list[CovariateQuery] = Field(default_factory=list)
    measures: list[Measure] = Field(default_factory=list)
    placebo: Placebo | None = None

    @property
    def covariate_labels(self) -> dict[str, Covariate]:
        """Every covariate of the lab by name, in the order of the file."""
        return {name: covariate for query in self.covariates for name, covariate in query.gives.items()}

    def words_within(self, conditions: dict[str, str]) -> Words | None:
        """The lab's words for an analysis that keeps to these levels; None where they are the words for people.

        Only the conditions are looked at: a group that happens to be all women is still called people.
        """
        fitting = (n for n in self.nouns if conditions.get(n.covariate, "").casefold() == n.level.casefold())
        noun = next(fitting, None)
        return noun and self.words.about(noun)


class _UniqueKeys(yaml.SafeLoader):
    """YAML that refuses a key given twice, and leaves dates and yes/no as the strings they are."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.MarkedYAMLError(
                problem=f"key given twice: {', '.join(twice)}", problem_mark=node.start_mark
            )
        return super().construct_mapping(node, deep)

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            # Aliases of aliases can grow a small file without end; no settings file needs them.
            raise yaml.MarkedYAMLError(
                problem="aliases (*name) are not allowed", problem_mark=self.peek_event().start_mark
            )
        return super().compose_node(parent, index)


# Only plain integers, decimals and true/false are converted: `no`, `1:30` and `0123` stay text.
_UniqueKeys.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in [
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", "tf"),
    ("tag:yaml.org,2002:int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("tag:yaml.org,2002:float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", "-0123456789"),
    ("tag:yaml.org,2002:null", r"^(?:null|~|)$", ["n", "~", ""]),
]:
    _UniqueKeys.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


def read_yaml(path: Path) -> Any:
    """The content of a settings file, safely: no tags, no aliases, no key twice, text stays text."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506 (a SafeLoader)
    except UnicodeDecodeError:
        raise RequestError(f"{path.name} is not text in UTF-8; save it again as UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise RequestError(
            f"{path.name}{line}: {getattr(error, 'problem', None) or 'not valid YAML'}"
        ) from None
    except (ValueError, LookupError, AttributeError, RecursionError):
        # The parser's own mistakes over values that a tag such as !!int misnames, or endless brackets.
        raise RequestError(
            f"{path.name}: not valid settings; leave out tags (!!) and nested brackets"
        ) from None


def available() -> list[str]:
    """The names of the labs that the package holds."""
    return sorted(path.stem for path in LABS.glob("*.yml"))


@cache
def load_lab(name: str) -> Lab:
    """The lab of that name, checked."""
    path = LABS / f"{name}.yml"
    if name not in available():
        raise RequestError(f"there is no lab {name!r}; the labs are {', '.join(available())}")
    return Lab.model_validate(read_yaml(path))
