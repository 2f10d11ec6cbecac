"""The invented programmes: who joins, when they start, and the effect planted in each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import law
from .draws import a_year_after, between, day, expit, yes
from .offences import CAUTION, COMMUNITY, CUSTODY, REGIONS, SEXUAL

PEOPLE = 30_000
"""Number of people for which `Programme.participants` is stated."""


@dataclass(frozen=True)
class Programme:
    """One programme of the invented world.

    `joins`: slopes of the logistic model of taking part on observed covariates, positive for
    more likely. `participants`: expected number in a world of `PEOPLE` if no other programme took
    any of them. `effect`: change in the probability of a proven reoffence in the 12 months
    from time zero, for everyone who takes part (`completed_effect` for completers if given).
    `delay`: least and greatest days from index event to start; before release if `in_custody`.
    """

    id: str
    folder: str
    organisation: str
    name: str
    description: str
    type: str
    setting: str
    began: str
    ended: str
    kind: int
    indexed: tuple[str, str]
    participants: float
    effect: float
    joins: tuple[tuple[str, float], ...]
    delay: tuple[int, int]
    in_custody: bool = False
    completed_effect: float | None = None
    favoured_region: str | None = None
    analyses: tuple[str, ...] = ("{name: National, headline: true, exact: [gender, index_year]}",)
    submission: str = "participants.csv"

    @property
    def index_kind(self) -> str:
        return {CAUTION: "caution", COMMUNITY: "order_start", CUSTODY: "custody_release"}[self.kind]

    @property
    def time_zero(self) -> str:
        return "index" if self.in_custody else "participation"


PROGRAMMES = (
    Programme(
        id="JDL-2026-001",
        folder="second-start",
        organisation="Second Start",
        name="Through the Gate Mentoring",
        description="A mentor meets people after release and stays in touch for up to six months.",
        type="mentoring",
        setting="through the gate",
        began="2020-01-01",
        ended="2021-12-31",
        kind=CUSTODY,
        indexed=("2020-01-01", "2021-12-31"),
        participants=900,
        effect=-0.08,
        joins=(
            ("log_previous", 0.40),
            ("short_sentence", 0.7),
            ("drugs", 0.5),
            ("accommodation", 0.6),
            ("employed", -0.6),
            ("age", -0.010),
        ),
        delay=(1, 150),
        submission="participants.xlsx",
    ),
    Programme(
        id="JDL-2026-002",
        folder="bridge-house",
        organisation="Bridge House",
        name="Bridge House Day Centre",
        description="A small day centre with advice on housing and debt for people on community orders.",
        type="advice",
        setting="community",
        began="2022-01-01",
        ended="2022-12-31",
        kind=COMMUNITY,
        indexed=("2022-01-01", "2022-12-31"),
        participants=88,
        effect=-0.03,
        joins=(("accommodation", 0.6), ("log_previous", 0.2), ("female", 0.4)),
        delay=(1, 90),
    ),
    Programme(
        id="JDL-2026-003",
        folder="straight-talk",
        organisation="Straight Talk",
        name="Straight Talk Prison Visits",
        description="Groups on community orders visit a prison and are confronted by people serving there.",
        type="deterrence",
        setting="community",
        began="2020-01-01",
        ended="2021-12-31",
        kind=COMMUNITY,
        indexed=("2020-01-01", "2021-12-31"),
        participants=900,
        effect=0.09,
        joins=(
            ("log_previous", -0.65),
            ("age", 0.012),
            ("drugs", -0.7),
            ("accommodation", -0.7),
            ("employed", 0.8),
        ),
        delay=(1, 90),
    ),
    Programme(
        id="JDL-2026-004",
        folder="new-threads",
        organisation="New Threads",
        name="New Threads Workshops",
        description="Tailoring workshops with a qualification, in the last months before release.",
        type="employment",
        setting="in custody",
        began="2021-09-01",
        ended="2022-12-31",
        kind=CUSTODY,
        indexed=("2022-01-01", "2022-12-31"),
        participants=720,
        effect=-0.04,
        completed_effect=-0.09,
        joins=(
            ("log_previous", 0.75),
            ("accommodation", 0.9),
            ("drugs", 0.9),
            ("employed", -0.8),
            ("age", -0.025),
        ),
        delay=(20, 120),
        in_custody=True,
        favoured_region="North West",
        analyses=(
            "{name: National, headline: true, exact: [gender, index_year]}",
            "{name: North West, within: {region: North West}}",
            '{name: Completers, only: {completed: "yes"}}',
        ),
    ),
    Programme(
        id="JDL-2026-005",
        folder="small-steps",
        organisation="Small Steps",
        name="Small Steps Drop-in",
        description="A weekly drop-in for people who have just left prison.",
        type="advice",
        setting="through the gate",
        began="2019-01-01",
        ended="2019-12-31",
        kind=CUSTODY,
        indexed=("2019-01-01", "2019-12-31"),
        participants=24,
        effect=-0.05,
        joins=(("accommodation", 0.5), ("log_previous", 0.3)),
        delay=(1, 90),
    ),
)
# Log-odds added in the favoured region.
FAVOUR = 1.0
# Of completing: baseline covariates only, never the outcome.
COMPLETION = (0.9, (("employed", 0.4), ("drugs", -0.5), ("age", 0.01)))


def score(programme: Programme, x: law.Covariates) -> np.ndarray:
    """Log-odds of taking part, without the intercept."""
    total = slopes(programme.joins, x)
    if programme.favoured_region:
        total = total + FAVOUR * (x.region == REGIONS.index(programme.favoured_region))
    return np.round(total, 9)


def slopes(pairs: tuple[tuple[str, float], ...], x: law.Covariates) -> np.ndarray:
    """Weighted sum of covariates."""
    values = {
        "log_previous": np.log1p(x.previous) - 2,
        "age": x.age - 33,
        "short_sentence": 1.0 * ((x.kind == CUSTODY) & (x.months < 12)),
        "drugs": x.drugs,
        "accommodation": x.accommodation,
        "employed": x.employed,
        "female": x.female,
    }
    return sum(slope * values[name] for name, slope in pairs) + np.zeros(len(x.age))


def eligible(programme: Programme, x: law.Covariates, index: np.ndarray, served: np.ndarray) -> np.ndarray:
    """Whom the programme works with: kind and date of the index event, no sexual offence."""
    first, last = (day(date) for date in programme.indexed)
    able = (x.kind == programme.kind) & (index >= first) & (index <= last) & (x.group != SEXUAL)
    if programme.in_custody:
        able &= served >= programme.delay[0] + 15
    return able


def starts(
    programme: Programme, rng: np.random.Generator, index: np.ndarray, served: np.ndarray
) -> np.ndarray:
    """First day of taking part: soon after the index event for most, or in custody before it."""
    low, high = programme.delay
    n = len(index)
    if programme.in_custody:
        return index - between(rng, low, np.minimum(high, served - 10), n)
    # Two fifths of the range on average, with a tail.
    wait = np.floor(np.round((high - low + 1) * rng.random(n) ** 1.4, 6))
    return index + low + np.minimum(wait, high - low).astype(np.int32)


def intercept(scores: np.ndarray, expected: float) -> float:
    """Intercept with which the probabilities of taking part sum to `expected`."""
    low, high = -30.0, 30.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(scores + middle).sum() < expected else (low, middle)
    return round(low, 9)


def join(rng: np.random.Generator, scores: np.ndarray, base: float) -> np.ndarray:
    """Who takes part, by systematic sampling, so that the number is near its expectation."""
    total = np.cumsum(np.round(expit(scores + base), 9)) + rng.random()
    whole = np.floor(np.round(total, 6))
    return np.diff(whole, prepend=0.0) > 0


def complete(rng: np.random.Generator, x: law.Covariates) -> np.ndarray:
    """Who completes the programme, from baseline covariates only."""
    return yes(rng, expit(COMPLETION[0] + slopes(COMPLETION[1], x)), len(x.age))


def plant(
    rng: np.random.Generator,
    effect: np.ndarray,
    predictor: np.ndarray,
    index: np.ndarray,
    start: np.ndarray,
) -> dict[str, np.ndarray]:
    """Days to the first reoffence of participants, with and without the effect.

    Without it the law holds, given that nobody joins after a reoffence. With it, a would-be
    reoffender of the 12 months from time zero is converted with probability |effect| / p0, and
    next reoffends after those months; for harm, others are converted with probability
    effect / (1 - p0). The average effect is then `effect` in every subgroup, except where p0 is
    smaller than it (clipped).
    """
    n = len(effect)
    free = np.maximum(start - index, 0)
    until = a_year_after(index + free) - index
    p0 = law.probability(predictor, until, free)
    without = law.waiting_time(predictor, rng.random(n), free)
    y0 = np.ceil(np.round(without, 6)) <= until
    applied = np.clip(effect, -p0, 1 - p0)
    helped = y0 & (effect < 0) & yes(rng, np.where(effect < 0, -applied / p0, 0), n)
    harmed = ~y0 & (effect > 0) & yes(rng, np.where(effect > 0, applied / (1 - p0), 0), n)
    u = rng.random(n)
    later = law.waiting_time(predictor, u, until)
    within = law.waiting_time(predictor, u * p0, free)
    days = np.where(helped, later, np.where(harmed, within, without))
    return {
        "days": np.where(harmed, np.minimum(days, until - 0.5), np.where(helped, days + 1, days)),
        "y0": y0,
        "y1": (y0 & ~helped) | harmed,
        "p0": np.round(p0, 6),
        "effect": np.round(applied, 6),
        "time_zero": index + free,
        "clipped": applied != effect,
    }
