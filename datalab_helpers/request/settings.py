"""The settings of a request, as `request.yml` holds them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..errors import RequestError
from ..lab import CovariateKind, Kind, Lab

ID_PATTERN = r"^[A-Z0-9][A-Z0-9-]{2,31}$"
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

    method: Literal["radius", "nearest", "kernel", "entropy"] = "radius"
    scale: Literal["logit", "probability"] = "logit"
    caliper: PositiveNumber | Literal["auto"] | None = "auto"
    caliper_unit: Literal["sd", "score"] = "sd"
    grid: list[PositiveNumber] = Field(default=[0.2, 0.1, 0.05, 0.02, 0.01], min_length=1)
    replacement: bool = True
    ratio: int = Field(default=1, ge=1, le=100)
    common_support: Literal["none", "treated_range", "both"] = "none"
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
    trials: int = Field(default=100, ge=20, le=5000)  # of the certificate


class ReleaseSettings(Part):
    """When a report is released, and whom a reader may ask; both are printed and change no number."""

    if_unbalanced: Literal["refuse", "publish_with_warning"] = "refuse"
    on: date | None = None
    contact: str = Field("", max_length=200)


class RequestFile(Part):
    """The keys of `request.yml`."""

    id: str = Field(pattern=ID_PATTERN)
    lab: str = "justice"
    organisation: str = Field(min_length=1, max_length=500)
    programme: Programme
    submission: str | None = None
    dates: Literal["day_first", "month_first"] | None = None  # None: each column of dates decides
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
    def response_path(self) -> Path:
        """Where the organisation's response lies, once it has one; outside `request.yml`, which the plan seals."""
        return self.folder / "response.txt"

    @property
    def response(self) -> str:
        """What the organisation says to the result, in its own words; empty as long as it has said nothing."""
        path = self.response_path
        return path.read_text(encoding="utf-8-sig").strip() if path.is_file() else ""

    @property
    def withdrawn(self) -> bool:
        """Whether the organisation withdrew it: `withdrawn.txt` lies in its folder, whatever it says."""
        return any(path.name.lower() == "withdrawn.txt" for path in self.folder.iterdir())

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
        """The analysis's own settings, over those of the request."""
        if analysis.matching is None:
            return self.settings.matching
        own = {name: getattr(analysis.matching, name) for name in analysis.matching.model_fields_set}
        return self.settings.matching.model_copy(update=own)

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
            "Analyses": "; ".join(_told(a) for a in self.analyses),
            "Matched inside": "; ".join(
                f"{a.name}: {', '.join(self.exact(a)) or 'everyone'}" for a in self.analyses
            ),
            "Matching": ", ".join(f"{name} {value}" for name, value in self.settings.matching),
            "Seed": str(self.settings.seed),
            "Primary outcome": f"{self.settings.outcome.primary}; smallest difference that matters {self.smallest_difference:g}",
            "If groups cannot be balanced": self.settings.release.if_unbalanced.replace("_", " "),
        }
        body = "".join(
            f"<tr><th style='text-align:left'>{k}</th><td>{html.escape(v)}</td></tr>" for k, v in rows.items()
        )
        return f"<table>{body}</table>"


def _told(analysis: Analysis) -> str:
    """An analysis in a few words."""
    parts = [
        f"{name} = {value}" for chosen in (analysis.within, analysis.only) for name, value in chosen.items()
    ]
    return (
        analysis.name
        + (" (headline)" if analysis.headline else "")
        + (f": {', '.join(parts)}" if parts else "")
    )
