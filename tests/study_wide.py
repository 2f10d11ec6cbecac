"""Made requests with forty covariates and strong selection, as in the study from which the headline was chosen.

300 people and a pool of 6,000, by default: the raw difference is wrong by about 25 per 100, the largest raw
standardised difference is about 0.9, and covariates explain about three tenths of the outcome.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from datalab_helpers.request import Request
from tests.study_requests import Made, cohort_of, intercept, request

KINDS = {
    **{f"measure_{i}": "continuous" for i in range(20)},
    **{f"count_{i}": "count" for i in range(8)},
    **{f"mark_{i}": "binary" for i in range(12)},
}
# How far each follows a trouble that nobody records, and its slopes on joining and on the outcome.
DRAWN = np.random.default_rng(7)
FOLLOWS = DRAWN.uniform(0.0, 0.6, len(KINDS))
JOINS = DRAWN.uniform(-0.075, 0.24, len(KINDS)) * (DRAWN.random(len(KINDS)) < 0.7)
PREDICTS = DRAWN.uniform(-0.08, 0.34, len(KINDS)) * (DRAWN.random(len(KINDS)) < 0.7)
JOINS[0], PREDICTS[0] = 0.55, 0.5
RATE = 0.33  # of everyone; of those who take part it would be 0.57


def request_wide() -> Request:
    """The request of the study without exact strata, since the table has nothing to form them of."""
    asked = request()
    analysis = asked.analyses[0].model_copy(update={"exact": []})
    return replace(asked, settings=asked.settings.model_copy(update={"analyses": [analysis]}))


def people(rng: np.random.Generator, n: int) -> pd.DataFrame:
    trouble = rng.normal(size=n)
    columns = {}
    for (name, kind), follows in zip(KINDS.items(), FOLLOWS, strict=True):
        x = follows * trouble + np.sqrt(1 - follows**2) * rng.normal(size=n)
        columns[name] = {
            "continuous": x,
            "count": np.floor(np.exp(0.5 + 0.8 * x)),
            "binary": (x > 0.6).astype(float),
        }[kind]
    return pd.DataFrame(columns)


def draw_wide(seed: int, treated: int = 300, pool: int = 6000, effect: float = 0.0) -> Made:
    """One request; `effect` as in `study_requests.draw`."""
    rng = np.random.default_rng(seed)
    frame = people(rng, treated + pool)
    # Counts speak by their logarithm, which is how they enter the models of the workbench.
    x = np.column_stack([np.log1p(frame[c]) if kind == "count" else frame[c] for c, kind in KINDS.items()])
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    joining, level = x @ JOINS, x @ PREDICTS
    chance = 1 / (1 + np.exp(-(level + intercept(level, RATE))))
    order = np.argsort(-(joining + rng.gumbel(size=len(frame))))
    took_part = np.isin(np.arange(len(frame)), order[:treated])
    planted = np.clip(effect, -chance, 1 - chance) * took_part
    y = rng.random(len(frame)) < chance + planted
    frame = frame.assign(person_id=np.arange(len(frame)), treated=took_part)
    frame.index = pd.Index(np.arange(len(frame)), name="unit_id")
    outcomes = pd.DataFrame({"y": y.astype(float), "count": 0.0}, index=frame.index)
    series = [pd.Series(values, index=frame.index) for values in (planted, np.zeros(len(frame)), chance)]
    return Made(cohort_of(frame, KINDS), outcomes, *series)
