"""How far the headline can be trusted: every check on it, made once outcomes are open."""

from __future__ import annotations

import html
from dataclasses import dataclass

import pandas as pd

from ..errors import DataLabError, guarded
from ..intake import Cohort
from ..matching import MatchedSample
from ..request import Request
from ..store import Store, TableStore
from ..tables import as_text
from .certificate import Certificate, certificate
from .estimate import Outcomes
from .placebo import Placebo, Reach, placebo, reach
from .sensitivity import Sensitivity, sensitivity
from .specifications import SpecificationCurve, specification_curve
from .verdict import Checks


@dataclass(frozen=True, eq=False, repr=False)
class Trust:
    """The checks on the headline analysis; None where one could not be made."""

    analysis: str
    placebo: Placebo
    reach: Reach | None
    specifications: SpecificationCurve | None
    sensitivity: Sensitivity | None
    certificate: Certificate

    def checks(self, low: float, high: float) -> Checks:
        """The checks in short, for the verdict on an interval from low to high."""
        weakest = self.sensitivity.would_change if self.sensitivity else None
        clear = low > 0 or high < 0
        return Checks(
            placebo=self.placebo.passed,
            weak=self.reach is None or self.reach.enough is False,
            hidden=weakest.label if weakest else "",
            same_side=self.specifications.same_side if self.specifications and clear else None,
            calibrated=self.certificate.passed,
            complete=self.sensitivity is not None and self.specifications is not None,
        )

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        seen = f"<p>{html.escape(repr(self.reach))}</p>" if self.reach else ""
        parts = [self.sensitivity, self.certificate]
        return (
            self.placebo._repr_html_()
            + seen
            + "".join(part._repr_html_() for part in parts if part is not None)
        )


@guarded
def examine(
    request: Request,
    store: Store | TableStore,
    cohort: Cohort,
    samples: list[MatchedSample],
    outcomes: pd.DataFrame,
    estimates: list[Outcomes],
) -> Trust:
    """Placebo, specification curve, hidden differences and certificate of the headline analysis.

    Parameters
    ----------
    outcomes : from `open_outcomes`, hence of a sealed plan
    estimates : one an analysis that was not refused
    """
    name = next(a.name for a in request.analyses if a.headline)
    sample = next(s for s in samples if s.analysis == name)
    headline = next(e for e in estimates if e.analysis == name).headline
    try:
        curve = specification_curve(request, cohort, sample, outcomes, headline)
    except DataLabError:
        # Too few people for any other choice; the report then shows none.
        curve = None
    before = placebo(request, store, cohort, sample)
    hidden = sensitivity(request, cohort, sample, outcomes, headline)
    return Trust(
        name,
        before,
        reach(before, headline, hidden.needed if hidden else None),
        curve,
        hidden,
        certificate(request, cohort, sample, outcomes, headline, request.settings.outcome.trials),
    )
