"""What a request asks for: `request.yml` read, checked as a whole, every mistake at once."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import RequestError, listed
from .lab import CovariateKind, Kind, Lab, available, load_lab, read_yaml

ID_PATTERN = r"^[A-Z0-9][A-Z0-9-]{2,31}$"
SUBMISSION_KINDS = (".xlsx", ".csv")
TABLE_KINDS = (".csv", ".parquet")
PositiveNumber = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Programme(Part):
    """The programme, in the organisation's own words."""

    name: str = Field(min_length=1, max_length=500)
    description: str = Field(default="", max_length=5000)
    type: str = ""
    setting: str = ""
    began: date
    ended: date


class IndexEvents(Part):
    """What starts the clock, and how far from it the programme may begin."""

    kinds: list[str] = Field(min_length=1)
    within_months: int = Field(default=6, ge=0, le=24)
    time_zero: Literal["participation", "index"] = "participation"


class MatchingSettings(Part):
    """How the comparison group is chosen. `caliper: auto` takes it from `grid` by balance alone."""

    method: Literal["radius", "nearest"] = "radius"
    scale: Literal["logit", "probability"] = "logit"
    caliper: PositiveNumber | Literal["auto"] | None = "auto"
    caliper_unit: Literal["sd", "score"] = "sd"
    grid: list[PositiveNumber] = Field(default=[0.2, 0.1, 0.05, 0.02, 0.01], min_length=1)
    replacement: bool = True
    ratio: int = Field(default=1, ge=1, le=100)
    squares: bool = True


class Analysis(Part):
    """One matched comparison inside a request."""

    name: str = Field(min_length=1, max_length=60)
    headline: bool = Field(default=False, strict=True)  # `yes` would escape the count of headlines
    exact: list[str] | None = None
    within: dict[str, str] = Field(default_factory=dict)
    only: dict[str, str] = Field(default_factory=dict)
    matching: MatchingSettings | None = None


class TableOutcome(Part):
    """An outcome column of an analysis table."""

    name: str
    label: str
    kind: Kind
    good: Literal["lower", "higher", "neither"]
    unit: str = ""


class AnalysisTable(Part):
    """A ready table instead of a submission: one row a person, already without names."""

    file: str
    id: str
    treatment: str
    covariates: dict[str, CovariateKind] = Field(min_length=1)
    outcomes: list[TableOutcome] = Field(min_length=1)


class OutcomeSettings(Part):
    """Fixed before any outcome is opened."""

    primary: str
    smallest_difference: PositiveNumber | None = None


class ReleaseSettings(Part):
    if_unbalanced: Literal["refuse", "publish_with_warning"] = "refuse"


class RequestFile(Part):
    """The keys of `request.yml`."""

    id: str = Field(pattern=ID_PATTERN)
    lab: str = "justice"
    organisation: str = Field(min_length=1, max_length=500)
    programme: Programme
    submission: str | None = None
    table: AnalysisTable | None = None
    index_event: IndexEvents | None = None
    analyses: list[Analysis] = Field(min_length=1)
    matching: MatchingSettings = MatchingSettings()
    outcome: OutcomeSettings
    release: ReleaseSettings = ReleaseSettings()
    seed: int = Field(ge=0)


@dataclass(frozen=True)
class Request:
    """A checked request: the file's settings, its lab, and where it lies."""

    path: Path
    settings: RequestFile
    lab: Lab

    @property
    def id(self) -> str:
        return self.settings.id

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def input_path(self) -> Path:
        """The submission, or the analysis table."""
        return self.folder / (
            self.settings.table.file if self.settings.table else str(self.settings.submission)
        )

    @property
    def analyses(self) -> list[Analysis]:
        return self.settings.analyses

    @property
    def index_event(self) -> IndexEvents:
        """What starts the clock; a request with a submission always says."""
        if self.settings.index_event is None:
            raise RequestError(f"{self.id} starts from an analysis table and has no index event")
        return self.settings.index_event

    @property
    def smallest_difference(self) -> float:
        """Smallest difference that matters: per 100 people for a rate, else in the measure's unit."""
        return self.settings.outcome.smallest_difference or self.lab.defaults.smallest_difference

    def exact(self, analysis: Analysis) -> list[str]:
        """Columns inside whose levels matching is allowed."""
        return self.lab.defaults.exact if analysis.exact is None else analysis.exact

    def matching(self, analysis: Analysis) -> MatchingSettings:
        return analysis.matching or self.settings.matching

    def _repr_html_(self) -> str:
        import html

        programme = self.settings.programme
        events = self.settings.index_event
        rows = {
            "Request": f"{self.id}, {self.lab.label}",
            "Organisation": self.settings.organisation,
            "Programme": f"{programme.name} ({programme.began} to {programme.ended})",
            "Starts from": "an analysis table"
            if self.settings.table
            else f"submission {self.settings.submission}",
            "Index event": f"{', '.join(self.lab.index_events[kind].label for kind in events.kinds)} within {events.within_months} months; time zero: {events.time_zero}"
            if events
            else "none: the table holds people ready to compare",
            "Analyses": "; ".join(a.name + (" (headline)" if a.headline else "") for a in self.analyses),
            "Primary outcome": f"{self.settings.outcome.primary}; smallest difference that matters {self.smallest_difference:g}",
            "If groups cannot be balanced": self.settings.release.if_unbalanced.replace("_", " "),
        }
        body = "".join(
            f"<tr><th style='text-align:left'>{k}</th><td>{html.escape(v)}</td></tr>" for k, v in rows.items()
        )
        return f"<table>{body}</table>"


def load_request(path: Path) -> Request:
    """Read and check a request file; every mistake comes in one RequestError.

    Parameters
    ----------
    path : the `request.yml`, or the folder that holds it
    """
    path = path / "request.yml" if path.is_dir() else path
    if not path.is_file():
        raise RequestError(f"there is no request file {path}; `datalab new FOLDER` makes one")
    raw = read_yaml(path)
    if not isinstance(raw, dict):
        raise RequestError(f"{path.name} must be a list of settings such as `id: JDL-2026-001`")
    problems: list[str] = []
    settings = None
    try:
        settings = RequestFile.model_validate(raw)
    except ValidationError as error:
        problems += [_plain(detail) for detail in error.errors()]
    problems += _problems_of_meaning(raw) + _problems_of_files(raw, path.parent)
    if problems or settings is None:
        raise RequestError(listed(f"{path} has {len(problems)} to correct", problems))
    return Request(path, settings, load_lab(settings.lab))


def _plain(detail: Any) -> str:
    """One pydantic error in plain words: where, what, what is allowed."""
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in detail["loc"]) or "request"
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return f"`{where}` is missing; it is required"
    if kind == "extra_forbidden":
        allowed = _keys_allowed(detail["loc"][:-1])
        near = difflib.get_close_matches(str(detail["loc"][-1]), allowed, 1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        return f"`{where}` is not a setting{hint} Allowed here: {', '.join(allowed)}"
    if kind == "string_pattern_mismatch":
        return f"`{where}` must be 3 to 32 capital letters, digits and hyphens, such as JDL-2026-001"
    if kind == "literal_error":
        return f"`{where}` is {detail['input']!r}; allowed: {context['expected']}"
    if kind.startswith(("date_", "datetime_")):
        return f"`{where}` is not a date; write it as 2026-01-31"
    return f"`{where}`: {detail['msg'].lower()} (found {detail['input']!r})"


def _keys_allowed(location: tuple[Any, ...]) -> list[str]:
    """The keys that the request file allows at a place."""
    model: type[BaseModel] = RequestFile
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            annotation = model.model_fields[part].annotation
            candidates = [annotation, *get_args(annotation)]
            model = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), model)
    return list(model.model_fields)


def _problems_of_meaning(raw: dict[str, Any]) -> list[str]:
    """What single fields cannot show: names the lab does not have, headlines, dates in order."""
    problems = []
    lab_name = raw.get("lab", "justice")
    if lab_name not in available():
        return [f"`lab` is {lab_name!r}; allowed: {', '.join(available())}"]
    lab = load_lab(lab_name)
    table = raw.get("table")
    if (raw.get("submission") is None) == (table is None):
        problems.append(
            "give either `submission` (a spreadsheet of people) or `table` (an analysis table), one of them"
        )
    if raw.get("submission") is not None and not lab.tables:
        problems.append(f"`submission` needs a lab with central records; {lab.name!r} has none, use `table`")
    kinds = _get(raw, "index_event", "kinds")
    if raw.get("submission") is not None and raw.get("index_event") is None:
        problems.append("`index_event` is missing; it is required with a submission")
    for kind in kinds if isinstance(kinds, list) else []:
        if not isinstance(kind, str) or kind not in lab.index_events:
            problems.append(f"`index_event.kinds` has {kind!r}; allowed: {', '.join(lab.index_events)}")
    problems += _problems_of_analyses(raw, lab)
    outcomes = _get(table, "outcomes")
    measures = (
        [o.get("name") for o in outcomes if isinstance(o, dict)]
        if isinstance(outcomes, list)
        else [m.name for m in lab.measures]
    )
    primary = _get(raw, "outcome", "primary")
    if primary is not None and primary not in measures:
        problems.append(f"`outcome.primary` is {primary!r}; allowed: {', '.join(map(str, measures))}")
    began, ended = _get(raw, "programme", "began"), _get(raw, "programme", "ended")
    if _is_date(began) and _is_date(ended) and began > ended:
        problems.append(f"`programme.ended` ({ended}) is before `programme.began` ({began})")
    return problems


def _problems_of_analyses(raw: dict[str, Any], lab: Lab) -> list[str]:
    analyses = raw.get("analyses")
    if not isinstance(analyses, list) or not all(isinstance(a, dict) for a in analyses):
        return []
    problems = []
    headlines = sum(a.get("headline") is True for a in analyses)
    if headlines != 1:
        problems.append(f"`analyses` has {headlines} with `headline: true`; exactly one must have it")
    names = [str(a.get("name")) for a in analyses]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        problems.append(f"`analyses` has the same name twice: {', '.join(twice)}")
    covariates = _get(raw, "table", "covariates")
    known = list(covariates) if isinstance(covariates, dict) else list(lab.covariate_labels)
    for position, analysis in enumerate(analyses, start=1):
        for key in ("exact", "within"):
            given = analysis.get(key) or []
            for name in given if isinstance(given, (list, dict)) else []:
                if name not in known:
                    problems.append(f"`analyses.{position}.{key}` has {name!r}; allowed: {', '.join(known)}")
    return problems


def _problems_of_files(raw: dict[str, Any], folder: Path) -> list[str]:
    """The submission or table must be there, inside the request's own folder, and of a known kind."""
    problems = []
    for where, name, kinds in [
        ("submission", raw.get("submission"), SUBMISSION_KINDS),
        ("table.file", _get(raw, "table", "file"), TABLE_KINDS),
    ]:
        if not isinstance(name, str):
            continue
        path = folder / name
        try:
            inside, there = path.resolve().is_relative_to(folder.resolve()), path.is_file()
        except (OSError, ValueError):
            problems.append(f"`{where}` is not a name that a file can have; correct it")
            continue
        if not inside:
            problems.append(f"`{where}` must lie in the request's own folder")
        elif path.suffix.lower() not in kinds:
            problems.append(
                f"`{where}` is a {path.suffix or 'file without an ending'}; allowed: {', '.join(kinds)}"
            )
        elif not there:
            problems.append(
                f"`{where}` names {name!r}, which is not in {folder}; put the file there or correct the name"
            )
    return problems


def _get(raw: Any, *keys: str) -> Any:
    for key in keys:
        raw = raw.get(key) if isinstance(raw, dict) else None
    return raw


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is not None
