"""The one law of outcomes: how long until the first proven reoffence after an index date.

Proportional hazards with a Weibull clock that starts on the index date. The linear predictor
uses only what the records show on that date, so nothing hidden can drive both taking part and
reoffending. `data/synthetic/README.md` prints the same table in words.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from .offences import BURGLARY, CAUTION, CUSTODY, SEXUAL, THEFT

# Below 1 the hazard falls with time: half of those who reoffend in a year do so in about four months.
SHAPE = 0.84
YEAR = 365.0

INTERCEPT = -2.24
PER_YEAR_OF_AGE = -0.028
LOG_PREVIOUS = 0.36
LOG_PREVIOUS_CUSTODY = 0.18
THEFT_OR_BURGLARY = 0.35
SEXUAL_OFFENCE = -0.90
DRUGS = 0.25
ACCOMMODATION = 0.35
EMPLOYED = -0.60
FEMALE = -0.15
AFTER_CAUTION = -0.30
CUSTODY_UNDER_12_MONTHS = 0.72
CUSTODY_12_TO_47_MONTHS = -0.10
CUSTODY_48_MONTHS_OR_MORE = -0.55
# In the order of offences.REGIONS.
BY_REGION = np.array([0.06, -0.05, 0.05, 0.05, 0.0, -0.08, 0.05, -0.06, -0.04, 0.02])


@dataclass(frozen=True, eq=False)
class Covariates:
    """What the records show of each person on an index date; one array a field.

    `previous`: offences proven by court or caution on or before the index date, the index
    offences included. `previous_custody`: custodial sentences before the index one. `drugs`,
    `accommodation`: need found by the latest assessment, 0 if there never was one. `employed`:
    a spell of employment overlaps the 365 days before the index date. `months`: length of the
    index sentence.
    """

    age: np.ndarray
    female: np.ndarray
    region: np.ndarray
    kind: np.ndarray
    months: np.ndarray
    group: np.ndarray
    previous: np.ndarray
    previous_custody: np.ndarray
    assessed: np.ndarray
    drugs: np.ndarray
    accommodation: np.ndarray
    employed: np.ndarray

    def of(self, rows: np.ndarray) -> Covariates:
        """The same for some of the people."""
        return Covariates(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def linear_predictor(x: Covariates) -> np.ndarray:
    """Log of the cumulative hazard one year after the index date, shape (n,)."""
    custody = x.kind == CUSTODY
    total = (
        INTERCEPT
        + PER_YEAR_OF_AGE * (x.age - 33)
        + LOG_PREVIOUS * np.log1p(x.previous)
        + LOG_PREVIOUS_CUSTODY * np.log1p(x.previous_custody)
        + THEFT_OR_BURGLARY * np.isin(x.group, (THEFT, BURGLARY))
        + SEXUAL_OFFENCE * (x.group == SEXUAL)
        + DRUGS * x.drugs
        + ACCOMMODATION * x.accommodation
        + EMPLOYED * x.employed
        + FEMALE * x.female
        + AFTER_CAUTION * (x.kind == CAUTION)
        + CUSTODY_UNDER_12_MONTHS * (custody & (x.months < 12))
        + CUSTODY_12_TO_47_MONTHS * (custody & (x.months >= 12) & (x.months < 48))
        + CUSTODY_48_MONTHS_OR_MORE * (custody & (x.months >= 48))
        + BY_REGION[x.region]
    )
    return np.round(total, 9)


def cumulative_hazard(predictor: np.ndarray, days: np.ndarray | float) -> np.ndarray:
    """Expected number of first reoffences up to `days` after the index date."""
    return np.exp(predictor) * (np.asarray(days, float) / YEAR) ** SHAPE


def probability(
    predictor: np.ndarray, days: np.ndarray | float, free_until: np.ndarray | float = 0
) -> np.ndarray:
    """P(first reoffence by `days` | none by `free_until`), both counted from the index date."""
    return -np.expm1(cumulative_hazard(predictor, free_until) - cumulative_hazard(predictor, days))


def waiting_time(predictor: np.ndarray, u: np.ndarray, free_until: np.ndarray | float = 0) -> np.ndarray:
    """Days to the first reoffence, given none by `free_until`, from uniform numbers `u`."""
    exposure = cumulative_hazard(predictor, free_until) - np.log1p(-u)
    return YEAR * (exposure * np.exp(-predictor)) ** (1 / SHAPE)
