"""Made-up requests for disclosure control: real `release` from invented stage results.

Nobody is linked or matched here: who was chosen, matched and reoffended is drawn, so that a thousand
requests of 30 to 5,000 people take minutes. Analyses are nested, disjoint and overlapping; outcomes and
levels are often rare; few are often lost at a step or by matching.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd

from datalab_helpers.balance import BalanceTable, assess_balance
from datalab_helpers.disclosure import release
from datalab_helpers.errors import DisclosureError
from datalab_helpers.intake import Cohort
from datalab_helpers.lab import Lab, load_lab
from datalab_helpers.matching import MatchedSample, select
from datalab_helpers.outcome import OutcomeEstimate, Outcomes, unadjusted
from datalab_helpers.outcome.certificate import Certificate, Trial
from datalab_helpers.outcome.estimate import CURVE_DAYS
from datalab_helpers.outcome.placebo import Placebo, Reach
from datalab_helpers.outcome.sensitivity import Benchmark, Sensitivity
from datalab_helpers.outcome.specifications import SpecificationCurve
from datalab_helpers.outcome.trust import Trust
from datalab_helpers.request import Request, RequestFile
from datalab_helpers.run import Run

FEWEST, MOST, MOST_POOL = 30, 5000, 9000
REGIONS = ["North East", "North West", "London", "South East", "Wales"]
COVARIATES = ["gender", "ethnicity", "region", "need_drugs", "uk_national", "previous_offences", "age"]


@dataclass(frozen=True)
class MadeUp:
    """One made-up request: what `release` takes, before anything is held back."""

    run: Run
    cohort: Cohort
    samples: list[MatchedSample]
    balances: list[BalanceTable]
    outcomes: list[Outcomes]
    trust: Trust | None

    def published(self, release: Callable[..., Any] = release) -> dict[str, Any] | None:
        """`results.json` as published; None where the headline may not be."""
        try:
            # statsmodels collects garbage at each call, which takes longer than all the rest.
            with mock.patch("gc.collect"):
                results = release(
                    self.run, self.cohort, self.samples, self.balances, self.outcomes, self.trust
                )
        except DisclosureError:
            return None
        return json.loads(results.to_json())


class Maker:
    """Makes requests in one folder, which holds what `release` hashes."""

    def __init__(self, folder: Path, most_pool: int = MOST_POOL) -> None:
        self.folder, self.most_pool = folder, most_pool
        self.lab: Lab = load_lab("justice")
        records = folder / "records"
        records.mkdir(parents=True)
        for file in ("request.yml", "people.csv", "records/extract.json"):
            (folder / file).write_text("{}")

    def make(self, seed: int, most: int = MOST) -> MadeUp:
        """A request; the same seed makes the same one."""
        rng = np.random.default_rng([23, seed])
        people = int(np.exp(rng.uniform(np.log(FEWEST), np.log(most))))
        cohort = self._cohort(rng, people)
        request = self._request(rng, cohort)
        run = Run(request, self.folder / "run", self.folder / "records")
        if not (run.folder / "plan.json").is_file():
            run.write_plan({})
        # Who finds nobody is much the same in every analysis.
        lonely = rng.random(len(cohort.people)) < rng.choice([0.0, 0.01, 0.03, 0.15])
        equal = rng.random() < 0.25
        samples = [self._sample(rng, cohort, request, a, lonely, equal) for a in request.analyses]
        balances = [assess_balance(cohort, sample, request) for sample in samples]
        outcomes = self._outcomes(rng, cohort)
        estimates = [self._estimates(request, s, outcomes) for s in samples if not s.refused]
        trust = self._trust(rng, estimates, samples, request) if rng.random() < 0.7 else None
        return MadeUp(run, cohort, samples, balances, estimates, trust)

    def _request(self, rng: np.random.Generator, cohort: Cohort) -> Request:
        analyses: list[dict[str, Any]] = [{"name": "Everyone", "headline": True}]
        region = list(rng.permutation(REGIONS))
        choices: list[dict[str, Any]] = [
            {"within": {"region": region[0]}},
            {"within": {"region": region[1]}},
            {"within": {"gender": "M"}},
            {"within": {"gender": "F"}},
            {"only": {"completed": "yes"}},
            {"only": {"completed": "no"}},
            {"within": {"gender": "M"}, "only": {"completed": "yes"}},
            {"within": {"region": region[0], "gender": "M"}},
            {"only": {"site": "a"}},
            {"only": {"site": "b"}},
        ]
        for place in rng.permutation(len(choices))[: int(rng.integers(0, 5))]:
            analyses.append({"name": f"Part {place}", **choices[place]})
        rng.shuffle(analyses)
        for name in ("North East", "London"):  # `select` refuses a value that nobody has
            assert (cohort.people["region"] == name).any()
        settings = {
            "id": "MADE-UP-1", "lab": "justice", "organisation": "o",
            "programme": {"name": "p", "began": "2020-01-01", "ended": "2020-12-31"},
            "submission": "people.csv",
            "index_event": {"kinds": ["custody_release"], "within_months": 6, "time_zero": "index"},
            "analyses": analyses,
            "outcome": {"primary": "reoffended"},
            "release": {"if_unbalanced": "publish_with_warning"},
            "seed": 1,
        }  # fmt: skip
        return Request(self.folder / "request.yml", RequestFile.model_validate(settings), self.lab)

    def _cohort(self, rng: np.random.Generator, treated: int) -> Cohort:
        pool = min(int(treated * rng.uniform(1.1, 5)) + 60, self.most_pool)
        n = treated + pool
        took = np.arange(n) < treated
        share = {k: rng.dirichlet(np.full(k, rng.choice([0.4, 2.0]))) for k in (4, 5)}
        levels = np.array(REGIONS)
        region = np.append(levels, rng.choice(levels, n - 5, p=share[5] * 0.95 + 0.01))
        need = (rng.random(n) < rng.choice([0.03, 0.3, 0.9])).astype(float)
        unknown = rng.random(n) < rng.choice([0.0, 0.02, 0.2])
        people = pd.DataFrame(
            {
                "person_id": np.arange(n),
                "treated": rng.permutation(took),
                "index_date": pd.Timestamp("2020-01-15") + pd.to_timedelta(rng.integers(0, 350, n), unit="D"),
                "gender": np.where(rng.random(n) < rng.choice([0.02, 0.1, 0.4]), "F", "M"),
                "ethnicity": rng.choice(["Asian", "Black", "Mixed", "White"], n, p=share[4]),
                "region": region,
                "need_drugs": np.where(unknown, np.nan, need),
                "uk_national": (rng.random(n) < rng.choice([0.9, 0.99, 0.999])).astype(float),
                "previous_offences": rng.poisson(6, n).astype(float),
                "age": rng.uniform(18, 70, n),
            },
            index=pd.RangeIndex(n, name="unit_id"),
        )
        people.loc[people.index[:2], "gender"] = ["F", "M"]
        ids = people.index[people["treated"]]
        finished = rng.choice([0.1, 0.5, 0.9, 0.98])
        groups = pd.DataFrame(
            {
                "completed": np.where(rng.random(len(ids)) < finished, "yes", "no"),
                "site": rng.choice(["a", "b", "c"], len(ids), p=[0.5, 0.48, 0.02]),
            },
            index=ids,
        )
        steps = [*_funnel(rng, "treatment", treated), *_funnel(rng, "pool", pool)]
        labels = self.lab.covariate_labels
        covariates = {
            name: labels[name].model_dump(include={"label", "kind", "family", "unit", "core"})
            for name in COVARIATES
        }
        sent = steps[0]["count"]
        facts = {
            "time_zero": "index", "index_events": ["release"], "data_until": "2024-01-01", "submitted": sent,
            "found": int(rng.choice([s["count"] for s in steps if s["group"] == "treatment"])),
            "started_after": 0.0, "review": int(rng.integers(0, 30)), "threshold": 0.5,
            "expected_false": 0.001, "expected_missed": 0.01,
        }  # fmt: skip
        return Cohort(people, groups, pd.DataFrame(steps), covariates, facts)

    def _sample(
        self,
        rng: np.random.Generator,
        cohort: Cohort,
        request: Request,
        analysis: Any,
        lonely: np.ndarray,
        equal: bool,
    ) -> MatchedSample:
        people = select(cohort, analysis).people
        treated = people["treated"].to_numpy()
        alone = lonely[people.index] | (rng.random(len(people)) < rng.choice([0.0, 0.0, 0.004]))
        weight = np.where(treated & ~alone, 1.0, 0.0)
        others = np.flatnonzero(~treated)
        matched = int(weight.sum())
        spare = int(rng.choice([0, rng.integers(1, 15), len(others) // 3]))
        count = min(matched, len(others)) if equal else max(len(others) - spare, 0)
        used = rng.permutation(others)[:count]
        weight[used] = 1.0 if equal else rng.gamma(2.0, size=count)
        fewest = request.lab.defaults.smallest_group
        if min(matched, count) < fewest or (equal and count < matched):
            if analysis.headline and min(matched, count) >= fewest:
                weight[np.flatnonzero(treated & (weight > 0))[count:]] = 0.0
                matched = count
            else:
                few = people[["person_id", "treated"]].assign(score=0.0, stratum="", weight=0.0)
                return MatchedSample(analysis.name, few, pd.DataFrame(), {}, 0, [], "too few people")
        weight[used] *= matched / weight[used].sum()
        grid = pd.DataFrame(
            [
                {
                    "caliper": caliper, "worst_smd": float(rng.uniform(0.01, 0.2)), "mean_smd": 0.02,
                    "treatment": matched - lost, "comparison": count - lost,
                    "comparison_effective": float(matched - lost) if equal else count * 0.61,
                    "passes": True, "chosen": lost == 0,
                }
                for caliper, lost in ((0.2, 0), (0.1, int(rng.integers(1, 9))))
            ]
        )  # fmt: skip
        settings = {
            "method": "nearest" if equal else "radius", "scale": "logit", "caliper": 0.2, "caliper_unit": "sd",
            "replacement": not equal, "ratio": 1, "common_support": "none", "squares": True,
            "exact": ["gender"], "exact_labels": ["Sex"],
        }  # fmt: skip
        dropped = [
            ["UK national", "nobody in the treatment group has it; the level is merged with the reference"]
        ]
        chosen = people[["person_id", "treated"]].assign(score=0.0, stratum="all", weight=weight)
        return MatchedSample(
            analysis.name, chosen, grid, settings, 5, dropped if rng.random() < 0.1 else [], ""
        )

    def _outcomes(self, rng: np.random.Generator, cohort: Cohort) -> pd.DataFrame:
        n = len(cohort.people)
        rate = rng.choice([0.02, 0.1, 0.35, 0.6, 0.95])
        again = rng.random(n) < rate
        count = np.where(again, 1 + rng.poisson(rng.choice([0.2, 1.5]), n), 0)
        kinds = rng.choice(3, n, p=[0.1, 0.6, 0.3])
        out: dict[str, np.ndarray] = {
            "reoffended": again.astype(float),
            "reoffences": count.astype(float),
            "days_to_first": np.where(again, np.minimum(rng.exponential(200, n), 364).round(), np.nan),
        }
        each = np.array([rng.multinomial(max(c - 1, 0), [0.1, 0.6, 0.3]) for c in count]) if n else count
        for place, kind in enumerate(("indictable", "either_way", "summary")):
            first = kinds == place
            out[f"first_{kind}"] = np.where(again, first, np.nan).astype(float)
            out[f"count_{kind}"] = np.where(again, each[:, place] + first, np.nan).astype(float)
        inside = rng.random(n) < rng.choice([0.05, 0.3])
        out["first_custody"] = np.where(again, inside, np.nan).astype(float)
        out["count_custody"] = np.where(again, inside + rng.binomial(np.maximum(count - 1, 0), 0.3), np.nan)
        return pd.DataFrame(out, index=cohort.people.index)

    def _estimates(self, request: Request, sample: MatchedSample, outcomes: pd.DataFrame) -> Outcomes:
        matched = sample.people[sample.people["weight"] > 0]
        own = outcomes.loc[matched.index]
        treated, weight = matched["treated"].to_numpy(), matched["weight"].to_numpy()
        found = []
        for measure in request.lab.measures:
            y = own[measure.name].to_numpy()
            applies = ~np.isnan(y)
            found.append(_estimate(measure, y[applies], treated[applies], weight[applies]))
        days = own["days_to_first"].to_numpy()
        curve: dict[str, list[float]] = {"days": [float(day) for day in CURVE_DAYS]}
        counts = {}
        for name, group in (("treatment", treated), ("comparison", ~treated)):
            reached = [(days <= day)[group] for day in CURVE_DAYS]
            curve[name] = [float(np.average(by, weights=weight[group])) for by in reached]
            counts[name] = [int(by.sum()) for by in reached]
        return Outcomes(sample.analysis, "reoffended", found, curve, counts)

    def _trust(
        self,
        rng: np.random.Generator,
        estimates: list[Outcomes],
        samples: list[MatchedSample],
        request: Request,
    ) -> Trust | None:
        name = next(a.name for a in request.analyses if a.headline)
        own = next((e for e in estimates if e.analysis == name), None)
        if own is None or own.headline.adjusted is None:
            return None
        e, sample = own.headline, next(s for s in samples if s.analysis == name)
        count = next(x for x in own.estimates if x.measure.name == "reoffences")
        rows = pd.DataFrame(
            [
                {
                    "method": "radius", "ratio": 1, "replacement": True, "caliper": 0.2, "exact": True,
                    "covariates": "all", "adjusted": adjusted, "difference": e.unadjusted.difference,
                    "low": e.unadjusted.low, "high": e.unadjusted.high,
                }
                for adjusted in (True, False)
            ]
        )  # fmt: skip
        pool = sample.sizes["pool"]
        stand_ins = min(e.n_treatment, pool // 5)
        trials = [Trial(0.0, 0.95, 0.02, 0.0, 0.01, 0.05, 0.02)]
        return Trust(
            name,
            Placebo(name, "Proven offences before", 12, count, left=count.unadjusted),
            Reach(float(rng.uniform(0.01, 1)), float(rng.uniform(0, 0.2)), bool(rng.random() < 0.5)),
            SpecificationCurve(name, e.measure, rows, e.adjusted.difference, 0),
            Sensitivity(
                name, "E", [Benchmark("Region", float(rng.uniform(0, 0.1)), False)], 0.2, 0.1, 1.2, 1.1
            ),
            Certificate(name, 100, 0, stand_ins, pool - stand_ins, trials),
        )


def _estimate(measure: Any, y: np.ndarray, treated: np.ndarray, weight: np.ndarray) -> OutcomeEstimate:
    sizes = {
        "measure": measure,
        "n_treatment": int(treated.sum()),
        "n_comparison": int((~treated).sum()),
        "positive_treatment": int((y[treated] != 0).sum()),
        "positive_comparison": int((y[~treated] != 0).sum()),
    }
    if min(sizes["n_treatment"], sizes["n_comparison"]) < 2:
        nothing = dict.fromkeys(("unadjusted", "adjusted", "detectable"))
        return OutcomeEstimate(
            **sizes,
            n_comparison_effective=0.0,
            treatment=np.nan,
            comparison=np.nan,
            adjusted_for="",
            **nothing,
        )
    effect = unadjusted(y, treated, weight)
    return OutcomeEstimate(
        **sizes,
        n_comparison_effective=float(weight[~treated].sum() ** 2 / (weight[~treated] ** 2).sum()),
        treatment=float(np.average(y[treated], weights=weight[treated])),
        comparison=float(np.average(y[~treated], weights=weight[~treated])),
        unadjusted=effect,
        adjusted=effect,
        adjusted_for="all",
        detectable=effect.se * 2.8,
    )


def _funnel(rng: np.random.Generator, group: str, left: int) -> list[dict[str, Any]]:
    """Steps that end at so many people; many of them lose few."""
    lost = [int(rng.choice([1, 2, 5, 8, 12, 40])) for _ in range(int(rng.integers(0, 5)))]
    count = left + sum(lost)
    steps = [{"group": group, "reason": "sent", "lost": 0, "count": count, "mend": ""}]
    for number, some in enumerate(lost):
        count -= some
        steps.append(
            {"group": group, "reason": f"reason {number}", "lost": some, "count": count, "mend": "m"}
        )
    return steps
