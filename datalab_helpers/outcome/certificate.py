"""A trial of the method on this request's own people: effects are planted, and the method must find them."""

from __future__ import annotations

import html
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import MatchingError, guarded
from ..intake import Cohort
from ..matching import Design, MatchedSample, design, independent, propensity, scored, select, specification
from ..request import MatchingSettings, Request
from ..tables import as_html, as_text
from .effects import adjusted
from .estimate import OutcomeEstimate, adjusters, primary_of

REPEATS = 100
THREADS = 2
POOL_SHARE = 5  # stand-ins are at most one in so many of the pool
MOST_FOR_EACH = 20  # comparators for each stand-in: more cost time and tell little
HELD_AT_LEAST, LEVEL = 0.92, 0.05  # what the trials must not speak against, and how clearly
FEWEST_POOL = 3000


@dataclass(frozen=True)
class Trial:
    """What the repeats found where an effect of one size was planted.

    planted : the true difference; coverage : share of 95 % intervals that held it
    bias : mean estimate - planted; found : share of intervals that left out zero (a false alarm where
        nothing was planted, else power); each with its simulation error (one standard error)
    """

    planted: float
    coverage: float
    coverage_error: float
    bias: float
    bias_error: float
    found: float
    found_error: float


@dataclass(frozen=True, eq=False, repr=False)
class Certificate:
    """The method tried on comparison people alone, with no effect and with one of the detectable size.

    repeats : made; failed : in which the stand-ins could not be matched
    people, pool : stand-ins and comparators drawn in each
    """

    analysis: str
    repeats: int
    failed: int
    people: int
    pool: int
    trials: list[Trial]
    reason: str = ""

    @property
    def passed(self) -> bool | None:
        """Whether intervals held the truth as often as chance allows where it is held in 92 of 100.

        A binomial test of 5 %: of 100 trials, 87 fail. Intervals that hold it in 95 of 100 fail once in 500.
        """
        if not self.trials:
            return None
        from scipy.stats import binom

        made = self.repeats - self.failed
        held = (round(t.coverage * made) for t in self.trials)
        return all(binom.cdf(count, made, HELD_AT_LEAST) >= LEVEL for count in held)

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        if not self.trials:
            return f"<p><b>Certificate</b>: not made; {html.escape(self.reason)}.</p>"
        rows = pd.DataFrame([t.__dict__ for t in self.trials])
        return (
            f"<p><b>Certificate</b>: {self.repeats} trials of {self.people} stand-ins and {self.pool} comparators "
            f"drawn from the comparison pool ({self.failed} could not be matched).</p>{as_html(rows, places=4)}"
        )


@guarded
def certificate(
    request: Request,
    cohort: Cohort,
    sample: MatchedSample,
    outcomes: pd.DataFrame,
    headline: OutcomeEstimate,
    repeats: int = REPEATS,
) -> Certificate:
    """Plant no effect and one of the detectable size among stand-ins, and repeat the design.

    In each repeat stand-ins are drawn without replacement from the pool, in proportion to the odds of
    taking part that this request's model gives them, so they are as unlike the rest as participants
    were. The model is fitted, people are matched at the sample's own settings and caliper, and the
    adjusted difference is worked out, as for the request. A rate is changed by turning outcomes of
    stand-ins one way with one probability, any other measure by adding the planted amount.
    """
    measure = primary_of(request)
    own = select(cohort, next(a for a in request.analyses if a.name == sample.analysis))
    y = outcomes.loc[own.people.index, measure.name].to_numpy()
    pool = np.flatnonzero(~own.people["treated"].to_numpy() & ~np.isnan(y))
    people = min(headline.n_treatment, len(pool) // POOL_SHARE)
    smallest = request.lab.defaults.smallest_group
    if people < smallest or headline.detectable is None:
        return Certificate(
            sample.analysis, 0, 0, people, len(pool), [], "the pool holds too few people for it"
        )
    others = min(len(pool) - people, max(MOST_FOR_EACH * people, FEWEST_POOL))
    drawer = _Drawer(request, own, sample, pool, y[pool], people, others, headline)
    with ThreadPoolExecutor(THREADS) as threads:
        made = [row for row in threads.map(drawer.repeat, range(repeats)) if row is not None]
    if len(made) < repeats / 2:
        return Certificate(
            sample.analysis,
            repeats,
            repeats - len(made),
            people,
            others,
            [],
            "most of the trials could not be matched",
        )
    found = np.array(made)
    trials = [_trial(planted, found[:, place]) for place, planted in enumerate(drawer.planted)]
    return Certificate(sample.analysis, repeats, repeats - len(made), people, others, trials)


class _Drawer:
    """What every repeat needs, worked out once."""

    def __init__(
        self,
        request: Request,
        cohort: Cohort,
        sample: MatchedSample,
        pool: np.ndarray,
        y: np.ndarray,
        people: int,
        others: int,
        headline: OutcomeEstimate,
    ) -> None:
        self.seed, self.people, self.others, self.y = request.settings.seed, people, others, y
        self.cohort, self.binary = cohort, headline.measure.kind == "binary"
        settings = {k: v for k, v in sample.settings.items() if k in MatchingSettings.model_fields}
        self.settings = MatchingSettings.model_validate(settings)
        self.caliper = sample.settings["caliper"]
        model = design(cohort, self.settings.squares)
        self.model = model
        self.x = np.ascontiguousarray(model.matrix.to_numpy()[pool])
        self.person = cohort.people["person_id"].to_numpy()[pool]
        self.score = sample.people["score"].to_numpy()[pool]
        self.stratum = sample.people["stratum"].cat.codes.to_numpy()[pool]
        self.ids = pool
        odds = np.exp(self.score - self.score.max())
        # The rate among stand-ins, which decides how many outcomes must turn for the planted size.
        rate = float(np.average(y, weights=odds))
        good = 1.0 if headline.measure.good == "higher" else -1.0
        size = good * (headline.detectable or 0.0)
        if self.binary:
            size = float(np.clip(size, -0.9 * rate, 0.9 * (1 - rate)))
        self.turn = abs(size) / (rate if size < 0 else 1 - rate) if self.binary else 0.0
        self.planted = (0.0, size)

    def repeat(self, number: int) -> list[list[float]] | None:
        """(difference, low, high) for each planted size; None where the stand-ins could not be matched."""
        rng = np.random.default_rng([self.seed, number])
        # The largest of log-odds + Gumbel noise are a draw without replacement in proportion to the odds.
        order = np.argpartition(-(self.score + rng.gumbel(size=len(self.score))), self.people)
        rest = rng.choice(order[self.people :], self.others, replace=False)
        rows = np.sort(np.concatenate([order[: self.people], rest]))
        treated = np.isin(rows, order[: self.people])
        own = self._columns(rows, treated)
        try:
            fitted = propensity(pd.Series(treated, index=own.matrix.index), own)
            score = fitted.score.to_numpy()
            terms = fitted.design.matrix.to_numpy() if self.settings.method == "entropy" else None
            weight = specification(
                scored(treated, score, self.stratum[rows], terms), self.settings, self.caliper
            )
        except MatchingError:
            return None
        used = weight > 0
        if min(used[treated].sum(), used[~treated].sum()) < 2:
            return None
        took, w, person = treated[used], weight[used], self.person[rows][used]
        x, _ = adjusters(fitted.design, score, self.cohort).rows(used).of(took, w)
        y = self.y[rows][used]
        turned = took & (rng.random(len(y)) < self.turn)
        found = []
        for size in self.planted:
            changed = y + size * took
            if self.binary:
                changed = np.where(turned & (size != 0), float(size > 0), y)
            effect = adjusted(changed, took, w, person, x)
            found.append([effect.difference, effect.low, effect.high])
        return found

    def _columns(self, rows: np.ndarray, treated: np.ndarray) -> Design:
        """The model's terms that differ within both groups of these people, and follow from no others."""
        x = self.x[rows]
        differ = np.ptp(x[treated], axis=0) * np.ptp(x[~treated], axis=0) > 0
        x = x[:, differ]
        x = (x - x.mean(axis=0)) / x.std(axis=0)
        free = independent(x)
        names = self.model.matrix.columns[differ][free]
        frame = pd.DataFrame(np.asfortranarray(x[:, free]), columns=names)
        units = [u for u, keep in zip(self.model.units, differ, strict=True) if keep]
        kept = [u for u, keep in zip(units, free, strict=True) if keep]
        return Design(frame, kept, self.model.spreads[differ][free], [])


def _trial(planted: float, found: np.ndarray) -> Trial:
    """Shares and their simulation errors over the repeats, of (difference, low, high)."""
    difference, low, high = found.T
    held, left_out = (low <= planted) & (planted <= high), (low > 0) | (high < 0)
    n = len(found)
    return Trial(
        planted=planted,
        coverage=float(held.mean()),
        coverage_error=_error(held),
        bias=float(difference.mean() - planted),
        bias_error=float(difference.std(ddof=1) / np.sqrt(n)),
        found=float(left_out.mean()),
        found_error=_error(left_out),
    )


def _error(happened: np.ndarray) -> float:
    """Standard error of a share, of one success and one failure more, so that it is never nothing."""
    n = len(happened) + 2
    share = (happened.sum() + 1) / n
    return float(np.sqrt(share * (1 - share) / n))
