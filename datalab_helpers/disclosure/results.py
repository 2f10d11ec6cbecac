"""`results.json`: the one object that may leave `data/runs/`.

Everything published (report, spreadsheet, charts, alternative text, library) is a rendering of
it. Proportions are 0 to 1, differences are treatment minus comparison, numbers are not rounded
for reading; a value held back for confidentiality is null and `suppressed` says why.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import Field

from ..lab import Words
from ..request import Request
from .checks import Estimate, Part, Trust

SCHEMA_VERSION = "1.0"

# Ten significant digits survive a different processor or library; the sixteenth does not.
SIGNIFICANT_DIGITS = 10


class Programme(Part):
    name: str
    description: str
    type: str
    setting: str
    began: str
    ended: str


class About(Part):
    """Whose request this is; `response` is what the organisation says to the result, its own words."""

    id: str
    organisation: str
    programme: Programme
    response: str = ""
    lab: str
    lab_label: str


def about_of(request: Request) -> About:
    """Whose request it is, as it is published."""
    programme = request.settings.programme.model_dump()
    return About(
        id=request.id,
        organisation=request.settings.organisation,
        programme=Programme(**{key: str(value) for key, value in programme.items()}),
        response=request.response,
        lab=request.lab.name,
        lab_label=request.lab.label,
    )


class Frame(Part):
    """When and under which plan: what a reader needs to place the result; `invented` people are an example."""

    invented: bool = False
    released_on: str | None = None
    contact: str = ""
    starts_from: Literal["submission", "table"]
    time_zero: Literal["participation", "index", "table"]
    index_events: list[str]
    follow_up_months: int | None
    waiting_months: int | None
    index_from: str | None
    index_to: str | None
    data_until: str | None
    plan_sha256: str
    method_version: str
    seed: int


class Rules(Part):
    """The settings of publication and of the verdict, as data."""

    smallest_group: int
    smallest_count: int
    smallest_difference: float
    primary: str
    if_unbalanced: Literal["refuse", "publish_with_warning"]


class HeldBack(Part):
    """How many numbers are held back for one reason."""

    why: str
    numbers: int


class Step(Part):
    """One step of the attrition funnel: `count` people remain after `lost` were lost to `reason`."""

    reason: str
    lost: int | None
    count: int | None
    mend: str
    suppressed: str | None = None


class Linking(Part):
    """How surely participants were found in the records."""

    submitted: int | None
    found: int | None
    review: int | None
    threshold: float
    expected_false: float
    expected_missed: float | None
    review_default: str


class Sizes(Part):
    """People before and after matching; null where the few between two sizes could be worked out."""

    treatment_before: int | None
    treatment: int
    pool: int | None
    comparison: int
    comparison_effective: float


class CaliperStep(Part):
    """One caliper of the declared grid, judged by balance alone; sizes of those not chosen to the nearest 5.

    `worst_smd` to two places, over the spread before matching.
    """

    caliper: float | None
    worst_smd: float | None
    treatment: int
    comparison_effective: float
    verdict: str
    chosen: bool


class Dropped(Part):
    label: str
    reason: str


class Matching(Part):
    method: str
    scale: str
    caliper: float | None
    caliper_unit: str
    replacement: bool
    ratio: int | None
    common_support: str = "none"
    exact: list[str]
    covariates: int
    dropped: list[Dropped]
    grid: list[CaliperStep]


class BalanceRow(Part):
    """One covariate level: means, SMD over the treatment group's SD before matching."""

    covariate: str
    level: str | None
    family: str
    in_model: bool
    kind: str
    unit: str
    mean_treatment: float | None
    mean_pool: float | None
    mean_comparison: float | None
    smd_before: float | None
    smd_after: float | None
    variance_ratio: float | None
    ks: float | None
    rating: Literal["green", "amber", "red"]
    suppressed: str | None = None


class Balance(Part):
    verdict: Literal["pass", "pass with reservations", "fail"]
    reasons: list[str]
    denominator: str
    green: int
    amber: int
    red: int
    worst_before: float | None
    worst_after: float | None
    rows: list[BalanceRow]


class MeasureResult(Part):
    """One outcome measure in one analysis; all values null where `suppressed` says why."""

    name: str
    label: str
    short: str
    meaning: str
    table: int
    kind: Literal["binary", "count", "days", "continuous"]
    unit: str
    good: Literal["lower", "higher", "neither"]
    among: str | None
    primary: bool
    n_treatment: int | None
    n_comparison: int | None
    n_comparison_effective: float | None
    treatment: float | None
    comparison: float | None
    unadjusted: Estimate | None
    adjusted: Estimate | None
    adjusted_for: str
    detectable: float | None
    suppressed: str | None = None


class Curve(Part):
    """Cumulative incidence of the first event over everyone, at days from time zero.

    `at_risk_*` counts the people to whom it had not happened by that day; null where the value is.
    """

    days: list[int]
    treatment: list[float | None]
    comparison: list[float | None]
    at_risk_treatment: list[int | None] = Field(default_factory=list)
    at_risk_comparison: list[int | None] = Field(default_factory=list)


class Verdict(Part):
    """The rule-based conclusion on the primary measure (difference on its own scale)."""

    case: Literal["A", "B", "C", "D", "E", "F"]
    confidence: Literal["high", "moderate", "low", "very low"]
    held_back_by: str
    reasons: list[str]
    warning: str | None


class Profile(Part):
    """Who the treatment group is: share of each level, or mean."""

    covariate: str
    level: str | None
    share: float | None
    mean: float | None
    unit: str
    suppressed: str | None = None


class AnalysisResult(Part):
    """One matched comparison. When `refused` is given nothing else of it is published.

    `words` are given where its condition says who its people are (women, men); else those of the results hold.
    """

    name: str
    headline: bool
    described: str
    words: Words | None = None
    refused: str | None
    sizes: Sizes | None
    matching: Matching | None
    balance: Balance | None
    measures: list[MeasureResult]
    curve: Curve | None
    verdict: Verdict | None
    profile: list[Profile]
    trust: Trust | None = None


class Provenance(Part):
    """Hashes that tie the result to its inputs; `manifest.json` adds the code's."""

    request_sha256: str
    input_sha256: str
    records_sha256: str | None


class Results(Part):
    """Everything of a request that may be published."""

    schema_version: Literal["1.0"]
    about: About
    frame: Frame
    rules: Rules
    words: Words
    attrition: list[Step]
    attrition_pool: list[Step]
    linking: Linking | None
    analyses: list[AnalysisResult]
    held_back: list[HeldBack] = Field(default_factory=list)
    provenance: Provenance

    @property
    def headline(self) -> AnalysisResult:
        return next(analysis for analysis in self.analyses if analysis.headline)

    def to_json(self) -> str:
        """The bytes of `results.json`: keys in the order of the schema, floats quantised, one final newline."""
        return (
            json.dumps(quantised(self.model_dump(mode="json")), indent=1, ensure_ascii=False, allow_nan=False)
            + "\n"
        )

    def _repr_html_(self) -> str:
        published = sum(analysis.refused is None for analysis in self.analyses)
        return f"<p><b>Results of {self.about.id}</b>: {published} of {len(self.analyses)} analyses can be published.</p>"


def quantised(value: Any) -> Any:
    """The same structure with every float at SIGNIFICANT_DIGITS and no negative zero."""
    if isinstance(value, dict):
        return {key: quantised(item) for key, item in value.items()}
    if isinstance(value, list):
        return [quantised(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") + 0.0
    return value


def schema() -> str:
    """The JSON schema of `results.json`, as committed in `results.schema.json`."""
    return json.dumps(Results.model_json_schema(), indent=1, ensure_ascii=False) + "\n"
