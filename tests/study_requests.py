"""Made requests for the study behind the method: people, a programme they chose to join, and a known effect.

Arrays only: no names, no linking. Matching and estimation run as they are on the cohorts made here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from datalab_helpers.errors import DataLabError
from datalab_helpers.intake import Cohort
from datalab_helpers.lab import load_lab
from datalab_helpers.matching import MatchedSample, match
from datalab_helpers.outcome import Placebo, adjusted, case_of, estimate, placebo, reach, sensitivity
from datalab_helpers.outcome.estimate import adjusters_of
from datalab_helpers.request import Request, RequestFile

KINDS = {
    "age": "continuous",
    "previous": "count",
    "sex": "categorical",
    "year": "categorical",
    "region": "categorical",
    "band": "categorical",
    **{f"need_{i}": "binary" for i in range(6)},
}
FAMILIES = {"age": "People", "sex": "People", "previous": "History", "band": "History"}
# Slopes on standardised covariates: of joining (times the strength of selection) and of the outcome.
JOINS = {"age": -0.25, "previous": 0.45, "need_0": 0.35, "need_1": 0.25, "need_2": -0.2, "band": 0.2}
PREDICTS = {"age": -0.35, "previous": 0.70, "need_0": 0.30, "need_3": 0.20, "need_1": 0.15, "band": 0.2}
ANSWERS = {"A": "reduction", "B": "reduction", "C": "none", "D": "none", "E": "", "F": "increase"}
DAYS = 365.0
DELAYS = (1, 150)  # days from release to start, as most through-the-gate programmes have


@dataclass(frozen=True)
class Made:
    """A request with its truth by unit_id.

    effect : planted; secret : a characteristic outside the table
    chance : of the outcome within the year without the programme
    """

    cohort: Cohort
    outcomes: pd.DataFrame
    effect: pd.Series
    secret: pd.Series
    chance: pd.Series

    def truth(self, sample: MatchedSample) -> float:
        """The average effect on the treated people who were matched."""
        used = sample.people["treated"] & (sample.people["weight"] > 0)
        return float(self.effect[used[used].index].mean())


def request(**matching: object) -> Request:
    raw = {
        "id": "STUDY-1",
        "lab": "general",
        "organisation": "o",
        "programme": {"name": "p", "began": "2020-01-01", "ended": "2020-12-31"},
        "table": {
            "file": "t.csv",
            "id": "id",
            "treatment": "treated",
            "covariates": KINDS,
            "outcomes": [
                {"name": "y", "label": "Y", "kind": "binary", "good": "lower"},
                {"name": "count", "label": "Count", "kind": "count", "good": "lower"},
            ],
        },
        "analyses": [{"name": "All", "headline": True, "exact": ["sex", "year"]}],
        "matching": matching,
        "outcome": {"primary": "y"},
        "seed": 1,
    }
    return Request(Path("request.yml"), RequestFile.model_validate(raw), load_lab("general"))


def people(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Covariates that go together: a trouble that nobody records lies behind several of them."""
    trouble = rng.normal(size=n)
    frame = pd.DataFrame({"age": np.round(18 + 25 * rng.beta(1.4, 2.4, n) * 2, 1)})
    frame["previous"] = rng.negative_binomial(
        1.2, 1 / (1 + np.exp(0.9 + 0.6 * trouble + (frame["age"] - 33) / 40))
    )
    frame["sex"] = np.where(rng.random(n) < 0.12, "F", "M")
    frame["year"] = rng.choice(["2020", "2021"], n)
    frame["region"] = rng.choice(list("ABCDEFG"), n, p=[0.25, 0.2, 0.15, 0.15, 0.1, 0.1, 0.05])
    frame["band"] = rng.choice(["short", "middle", "long"], n, p=[0.5, 0.35, 0.15])
    for i in range(6):
        frame[f"need_{i}"] = (rng.random(n) < 1 / (1 + np.exp(0.9 - 0.7 * trouble - 0.1 * i))).astype(float)
    return frame


def slopes(frame: pd.DataFrame, by: dict[str, float]) -> np.ndarray:
    """Weighted sum of standardised covariates."""
    total = np.zeros(len(frame))
    for name, slope in by.items():
        x = (
            np.log1p(frame[name])
            if name == "previous"
            else frame[name] == "short"
            if name == "band"
            else frame[name]
        )
        x = np.asarray(x, dtype="float64")
        total += slope * (x - x.mean()) / x.std()
    return total


def draw(
    seed: int,
    treated: int = 300,
    pool: int = 6000,
    effect: float = 0.0,
    rate: float = 0.35,
    strength: float = 1.0,
    telling: float = 1.0,
    hidden: float = 0.0,
    after_release: str = "",
) -> Made:
    """One request.

    Parameters
    ----------
    effect : change in the chance of the outcome for everyone who takes part (clipped at 0 and 1)
    rate : outcome rate of the whole population without the programme
    strength : of selection on the recorded covariates; 1 is that of JOINS
    telling : of the recorded covariates about the outcome; 1 is that of PREDICTS
    hidden : slope, on both joining and outcome, of a characteristic that is not in the table; below zero,
        those who have it join less, which flatters the programme
    after_release : "" for a programme inside; "participation" or "release" for one that people join
        after release, free of the outcome until then, and the clock that is used
    """
    rng = np.random.default_rng(seed)
    frame = people(rng, treated + pool)
    secret = rng.normal(size=len(frame))
    joining = strength * slopes(frame, JOINS) + hidden * secret
    level = telling * slopes(frame, PREDICTS) + abs(hidden) * secret
    chance = 1 / (1 + np.exp(-(level + intercept(level, rate))))
    # A constant hazard that gives each person their chance within the year, from whatever start.
    hazard = -np.log1p(-np.clip(chance, 1e-9, 1 - 1e-9)) / DAYS
    first = rng.exponential(1 / hazard)
    delay = np.zeros(len(frame))
    if after_release:
        delay = np.floor(DELAYS[0] + (DELAYS[1] - DELAYS[0]) * rng.random(len(frame)) ** 1.4)
    able = first > delay
    # The largest of joining + Gumbel noise is a draw without replacement in proportion to e^joining.
    order = np.argsort(-np.where(able, joining + rng.gumbel(size=len(frame)), -np.inf))
    took_part = np.zeros(len(frame), dtype=bool)
    took_part[order[:treated]] = True
    start = delay if after_release == "participation" else np.zeros(len(frame))
    within = -np.expm1(-hazard * DAYS)  # from whatever start: the hazard is constant
    y = (first > start) & (first <= start + DAYS)
    planted = np.clip(effect, -within, 1 - within) * took_part
    flip = rng.random(len(frame))
    lowered = took_part & y & (planted < 0) & (flip < -planted / within)
    raised = took_part & ~y & (planted > 0) & (flip < planted / (1 - within))
    y = (y & ~lowered) | raised
    count = np.where(y, 1 + rng.negative_binomial(0.6, 1 / (1 + np.exp(0.4 + 0.5 * level))), 0)
    kept = able | took_part if after_release == "participation" else np.ones(len(frame), dtype=bool)
    if after_release == "participation":
        frame["delay_band"] = np.digitize(delay, [14, 30, 60, 90, 120, 150]).astype(str)
    frame = frame.assign(person_id=np.arange(len(frame)), treated=took_part)
    frame.index = pd.Index(np.arange(len(frame)), name="unit_id")
    outcomes = pd.DataFrame({"y": y.astype(float), "count": count.astype(float)}, index=frame.index)
    series = [pd.Series(values, index=frame.index)[kept] for values in (planted, secret, within)]
    return Made(cohort_of(frame[kept], KINDS), outcomes[kept], *series)


def with_copies(made: Made, copies: int) -> Made:
    """The same with so many further columns that follow the number of previous offences closely."""
    people, described = made.cohort.people, dict(made.cohort.covariates)
    previous, rng = np.log1p(people["previous"]), np.random.default_rng(len(people))
    for i in range(copies):
        noise = 0.25 * previous.std() * rng.normal(size=len(people))
        people = people.assign(**{f"copy_{i}": previous + noise})
        described[f"copy_{i}"] = {**described["age"], "label": f"Copy {i}", "core": False}
    return replace(made, cohort=replace(made.cohort, people=people, covariates=described))


def intercept(level: np.ndarray, rate: float) -> float:
    low, high = -15.0, 15.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-(level + middle)))).mean() < rate else (low, middle)
    return low


def cohort_of(frame: pd.DataFrame, kinds: dict[str, str]) -> Cohort:
    described = {
        name: {
            "label": name.capitalize().replace("_", " "),
            "kind": kind,
            "family": FAMILIES.get(name, "Needs" if name.startswith("need") else "Place and time"),
            "unit": "",
            "core": name in ("age", "previous"),
        }
        for name, kind in kinds.items()
    }
    count = int(frame["treated"].sum())
    steps = pd.DataFrame(
        [
            {"group": "treatment", "reason": "r", "lost": 0, "count": count, "mend": ""},
            {"group": "pool", "reason": "r", "lost": 0, "count": len(frame) - count, "mend": ""},
        ]
    )
    groups = pd.DataFrame(index=frame.index[frame["treated"]])
    return Cohort(
        frame, groups, steps, described, {"time_zero": "table", "index_events": [], "data_until": None}
    )


class RecordsOfBefore:
    """Records of a made request that answer as of a date: history before the placebo year, the count within it."""

    def __init__(self, history: np.ndarray, within: np.ndarray) -> None:
        self.history, self.within = history, within
        self.asked: list[tuple[list[str], pd.Timestamp]] = []

    def known(self, events: pd.DataFrame, queries: list[str]) -> list[pd.DataFrame]:
        self.asked.append((queries, events["index_date"].min()))
        name, values = ("value", self.within) if queries == ["PLACEBO"] else ("previous", self.history)
        return [pd.DataFrame({"event_id": events["event_id"], name: values[events["event_id"]]})]


def request_with_before() -> Request:
    """The request of the study, of a lab that can ask what was on record a year earlier."""
    lab = load_lab("justice")
    query = lab.covariates[0].model_copy(
        update={
            "sql": "HISTORY",
            "of_event": False,
            "gives": {"previous": lab.covariate_labels["previous_offences"]},
        }
    )
    before = lab.placebo.model_copy(update={"sql": "PLACEBO"})
    return replace(request(), lab=lab.model_copy(update={"covariates": [query], "placebo": before}))


def with_year_before(made: Made, seed: int) -> tuple[Cohort, RecordsOfBefore]:
    """A made request with the offences of the year before: as often as each person's own chance of the outcome says.

    A hidden characteristic of the request is behind them as it is behind the outcome.
    """
    rate = 2.3 * -np.log1p(-made.chance.to_numpy())
    within = np.random.default_rng(seed).negative_binomial(1.2, 1.2 / (1.2 + rate)).astype(float)
    when = pd.Timestamp("2021-06-30")
    people = made.cohort.people.assign(index_date=when, time_zero=when)
    records = RecordsOfBefore(people["previous"].to_numpy(), within)
    return replace(made.cohort, people=people), records


def placebo_of(
    seed: int, more: float = 0.0, treated: int = 100, pool: int = 1400
) -> tuple[Placebo, RecordsOfBefore]:
    """The placebo of people chosen for their recorded history, with so many offences more in the year itself."""
    rng = np.random.default_rng(seed)
    n = treated + pool
    trouble = rng.normal(size=n)
    history = rng.poisson(3 * np.exp(0.6 * trouble)).astype(float)
    order = np.argsort(-(0.6 * np.log1p(history) + rng.gumbel(size=n)))
    took_part = np.isin(np.arange(n), order[:treated])
    within = rng.poisson(np.exp(0.4 * trouble)) + took_part * rng.binomial(1, more, n)
    when = pd.Timestamp("2021-06-30")
    frame = pd.DataFrame(
        {
            "person_id": np.arange(n),
            "treated": took_part,
            "previous": rng.poisson(4, n).astype(float),
            "index_date": when,
            "time_zero": when,
        },
        index=pd.RangeIndex(n, name="unit_id"),
    )
    made, asked = draw(1, 40, 200).cohort, request_with_before()
    cohort = replace(
        made,
        people=frame,
        covariates={"previous": made.covariates["previous"]},
        groups=pd.DataFrame(index=frame.index[took_part]),
    )
    analysis = asked.analyses[0].model_copy(update={"exact": []})
    asked = replace(asked, settings=asked.settings.model_copy(update={"analyses": [analysis]}))
    records = RecordsOfBefore(history, within.astype(float))
    own = frame[["person_id", "treated"]].assign(weight=np.where(took_part, 1.0, treated / pool))
    return placebo(asked, records, cohort, SimpleNamespace(analysis="All", people=own)), records


@dataclass(frozen=True)
class Strength:
    """One made request: its answer, whether the placebo passed, and whether it could have seen what would change the answer.

    answer, truly : reduction, none, increase or "" for "cannot tell", without and with the hidden characteristic on
        record; quiet : whether no hidden twin of a recorded characteristic would change it
    carried : what the placebo may miss, on the outcome's scale
    """

    answer: str
    truly: str
    passed: bool
    weak: bool
    quiet: bool
    carried: float


def strength_of(seed: int, people: int, effect: float, hidden: float = 0.0) -> Strength | None:
    """The placebo of a made request beside its result; None where it could not be matched."""
    made, asked = draw(seed, people, min(max(8 * people, 3000), 12_000), effect, hidden=hidden), request()
    try:
        sample = match(asked, made.cohort, asked.analyses[0])
    except DataLabError:
        return None
    headline = estimate(asked, made.cohort, sample, made.outcomes).headline
    panel = sensitivity(asked, made.cohort, sample, made.outcomes, headline)
    cohort, records = with_year_before(made, seed)
    before = placebo(request_with_before(), records, cohort, sample)
    found = reach(before, headline, panel.needed if panel else None)
    if found is None or panel is None:
        return None
    used = sample.people["weight"].to_numpy() > 0
    own = sample.people[used]
    x = np.column_stack([adjusters_of(made.cohort, sample).rows(used).full, made.secret[own.index]])
    arrays = (own["treated"].to_numpy(), own["weight"].to_numpy(), own["person_id"].to_numpy())
    on_record = adjusted(made.outcomes.loc[own.index, "y"].to_numpy(), *arrays, x)
    answers = [
        ANSWERS[case_of(headline.measure, e.low, e.high, asked.smallest_difference)]
        for e in (headline.adjusted, on_record)
    ]
    return Strength(
        *answers, bool(before.passed), found.enough is False, panel.would_change is None, found.carried
    )
