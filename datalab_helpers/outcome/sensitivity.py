"""How strong a difference that no record shows would have to be to change the answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import guarded
from ..intake import Cohort
from ..matching import MatchedSample, design, select
from ..request import Request
from ..tables import as_html, as_text
from .estimate import OutcomeEstimate, primary_of
from .verdict import case_of, room

NEARLY = 0.9  # of the shift that changes the answer: less would be told from it by rounding alone
SHOWN = 8  # benchmarks, the strongest first


def takes_away(shift: float, needed: float | None) -> bool:
    """Whether a shift, either way, could take the answer away; `needed` is None where there is none."""
    return needed is not None and shift >= NEARLY * needed


@dataclass(frozen=True)
class Benchmark:
    """A hidden difference as strong as a recorded one: as unlike before matching, as telling of the outcome.

    shift : how far it would move the difference, either way, on the measure's scale
    changes : whether it could take the answer away
    """

    label: str
    shift: float
    changes: bool


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity:
    """What a hidden difference could do to the primary measure.

    benchmarks : strongest first
    needed : smallest shift that takes the answer away (`verdict.room`); None for "cannot tell"
    robustness_value : share of what is left of participation and of the outcome that a hidden difference
        must explain, both, to bring the difference to zero (Cinelli and Hazlett 2020, JRSS B 82)
    e_value, e_value_limit : the risk ratio with both that it needs, for the difference and for the nearer
        end of its interval (VanderWeele and Ding 2017, Annals of Internal Medicine 167); rates only
    """

    analysis: str
    case: str
    benchmarks: list[Benchmark]
    needed: float | None
    robustness_value: float
    e_value: float | None
    e_value_limit: float | None

    @property
    def would_change(self) -> Benchmark | None:
        """The weakest recorded difference whose hidden twin would change the answer."""
        return next((b for b in reversed(self.benchmarks) if b.changes), None)

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        rows = pd.DataFrame(
            [
                {
                    "as strong as": b.label,
                    "would move it by": b.shift,
                    "could change the answer": "yes" if b.changes else "no",
                }
                for b in self.benchmarks
            ]
        )
        needed = (
            "no answer to change"
            if self.needed is None
            else f"the answer could change from a shift of {self.needed:.4f}"
        )
        return (
            f"<p><b>Hidden differences</b> (verdict {self.case}): {needed}. "
            f"Robustness value {self.robustness_value:.2f}.</p>{as_html(rows, places=4)}"
        )


@guarded
def sensitivity(
    request: Request, cohort: Cohort, sample: MatchedSample, outcomes: pd.DataFrame, headline: OutcomeEstimate
) -> Sensitivity | None:
    """Benchmarks, robustness value and E-value of the primary measure; None where it was not estimated.

    A covariate's twin shifts the difference by the sum over its terms of (difference in means before
    matching) x (slope on the outcome in the comparison pool, the other covariates held still). The others
    are not allowed to take away from how unlike it is: a hidden difference has none that show it.
    """
    effect, measure = headline.adjusted, primary_of(request)
    if effect is None or effect.se == 0:
        return None
    own = select(cohort, next(a for a in request.analyses if a.name == sample.analysis))
    model = design(own, bool(sample.settings["squares"])).matrix
    treated = own.people["treated"].to_numpy()
    x, y = model.to_numpy(), outcomes.loc[own.people.index, measure.name].to_numpy()
    pool = ~treated & ~np.isnan(y)
    middle = x[pool].mean(axis=0)
    around, unlike = x[pool] - middle, x[treated].mean(axis=0) - middle
    telling = np.linalg.pinv(around.T @ around, rcond=1e-11, hermitian=True) @ (around.T @ y[pool])
    shifts: dict[str, float] = {}
    for covariate in own.covariates.values():
        label = covariate["label"]
        terms = [c == label or c.startswith((f"{label}: ", f"{label}, ")) for c in model.columns]
        if any(terms):
            shifts[label] = abs(float((unlike * telling)[terms].sum()))
    smallest = request.smallest_difference
    needed = room(measure, effect.low, effect.high, smallest)
    ordered = sorted(shifts.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
    degrees = max(headline.n_treatment + headline.n_comparison_effective - 2, 1.0)
    f = abs(effect.difference) / effect.se / np.sqrt(degrees)
    ratios = _risk_ratios(headline) if measure.kind == "binary" else None
    return Sensitivity(
        sample.analysis,
        case_of(measure, effect.low, effect.high, smallest),
        [Benchmark(label, shift, takes_away(shift, needed)) for label, shift in ordered],
        needed,
        float((np.sqrt(f**4 + 4 * f**2) - f**2) / 2),
        ratios and ratios[0],
        ratios and ratios[1],
    )


def _risk_ratios(headline: OutcomeEstimate) -> tuple[float, float] | None:
    """E-values of the difference and of the end of its interval nearer to none."""
    effect, rate = headline.adjusted, headline.treatment
    assert effect is not None  # noqa: S101 (the caller has looked)
    nearer = 0.0 if effect.low <= 0 <= effect.high else min(effect.low, effect.high, key=abs)
    values = []
    for difference in (effect.difference, nearer):
        base = rate - difference
        if rate <= 0 or base <= 0:
            return None
        ratio = max(rate / base, base / rate)
        values.append(float(ratio + np.sqrt(ratio * (ratio - 1))))
    return values[0], values[1]
