"""The parts of `results.json` that hold the checks on trust, and the estimate that all parts share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Estimate(Part):
    """Difference treatment - comparison with its 95 % interval and two-sided p."""

    difference: float
    low: float
    high: float
    p: float
    p_holm: float | None = None
    p_bh: float | None = None


class CouldSee(Part):
    """The smallest difference that a placebo would have seen four times in five, and what it would do to the main result.

    `detectable` is per person, `carried` on the main measure's scale; `enough` tells whether what may have
    escaped it leaves the answer as it is, null where there is no answer ("cannot tell").
    """

    detectable: float
    carried: float
    enough: bool | None


class Placebo(Part):
    """What was counted before the index event, per person; nothing is given where `reason` says why.

    `left` is the difference in the request's own matched sample, which the records of that time entered.
    """

    label: str
    months: int
    passed: bool | None
    treatment: float | None
    comparison: float | None
    estimate: Estimate | None
    left: Estimate | None = None
    could_see: CouldSee | None = None
    reason: str | None
    suppressed: str | None = None


class Choice(Part):
    """The main measure under one choice of the grid; differences to three places, or four digits."""

    method: str
    ratio: int
    replacement: bool
    caliper: float
    exact: bool
    covariates: str
    adjusted: bool
    difference: float
    low: float
    high: float


class Specifications(Part):
    """The main measure under every choice; shares are of the choices."""

    choices: list[Choice]
    left_out: int
    headline: float
    median: float
    below_zero: float
    worthwhile: float
    same_side: float


class HiddenTwin(Part):
    """A hidden difference as strong as a recorded characteristic: how far it would move the result."""

    label: str
    shift: float
    changes: bool


class Hidden(Part):
    """What differences that no record shows could do to the main measure; `needed` is null for "cannot tell"."""

    twins: list[HiddenTwin]
    needed: float | None
    robustness_value: float
    e_value: float | None
    e_value_limit: float | None


class Trial(Part):
    """What trials with one planted difference found, with simulation errors (one standard error)."""

    planted: float
    coverage: float
    coverage_error: float
    bias: float
    bias_error: float
    found: float
    found_error: float


class Certificate(Part):
    """The method tried on people of the comparison pool alone."""

    repeats: int
    failed: int
    people: int
    pool: int
    trials: list[Trial]
    reason: str | None


class Trust(Part):
    """The checks on the main measure of the headline analysis."""

    placebo: Placebo
    specifications: Specifications | None
    hidden: Hidden | None
    certificate: Certificate
