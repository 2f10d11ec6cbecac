"""A result where there can be none: what happened before the programme, matched on what precedes it."""

from __future__ import annotations

import html
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..errors import DataLabError, guarded
from ..intake import Cohort, covariates_known
from ..lab import Measure
from ..matching import MatchedSample, match, select
from ..request import Request
from ..store import Store, TableStore
from ..tables import as_text
from .effects import Effect, unadjusted
from .estimate import OutcomeEstimate, adjusters_of, estimate_measure
from .sensitivity import takes_away

LEVEL = 0.05  # a difference with a smaller p fails


@dataclass(frozen=True, eq=False, repr=False)
class Placebo:
    """The difference over the months before the index event, which no programme can have made.

    estimate : of a count per person, treatment minus comparison; None where `reason` says why
    left : the same count in the request's own matched sample, unadjusted: where the records of those months
        are matched on as well, what sets the groups apart in `estimate` should be gone
    """

    analysis: str
    label: str
    months: int
    estimate: OutcomeEstimate | None
    reason: str = ""
    left: Effect | None = None

    @property
    def passed(self) -> bool | None:
        """Whether there is no difference beyond chance; None when the check could not be made."""
        if self.estimate is None or self.estimate.adjusted is None:
            return None
        return self.estimate.adjusted.p >= LEVEL

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        if self.estimate is None or self.estimate.adjusted is None:
            return f"<p><b>Placebo</b>: not made; {html.escape(self.reason)}.</p>"
        e = self.estimate.adjusted
        found = "no difference beyond chance" if self.passed else "a difference beyond chance"
        return (
            f"<p><b>Placebo: {found}.</b> {html.escape(self.label)}, difference {e.difference:.3f} a person "
            f"({e.low:.3f} to {e.high:.3f}), p {e.p:.2f}.{self._left_html()}</p>"
        )

    def _left_html(self) -> str:
        if self.left is None:
            return ""
        return f" In the matched sample itself: {self.left.difference:.3f} ({self.left.low:.3f} to {self.left.high:.3f})."


@dataclass(frozen=True)
class Reach:
    """What a placebo could have seen, whatever it saw.

    detectable : smallest difference seen four times in five, in the placebo's unit; from the design alone
    carried : how far a hidden difference of that size would move the main result, on the measure's own scale,
        were it as large beside the spread of the measure as beside the spread of the placebo
    enough : whether one that the check may miss leaves the answer as it is; None where there is no answer
    """

    detectable: float
    carried: float
    enough: bool | None

    def __repr__(self) -> str:
        told = {
            None: "there is no answer to change",
            True: "which leaves the answer",
            False: "which could change the answer, so the check is too weak to count as passed",
        }
        return f"It would have seen a difference of {self.detectable:.3f} a person; such a one would move the result by {self.carried:.4f}, {told[self.enough]}."


def reach(made: Placebo, headline: OutcomeEstimate, needed: float | None) -> Reach | None:
    """How much a placebo could have seen, set beside the shift that takes the main answer away (`verdict.room`).

    None where the check was not made, or nothing varies that it could have seen.
    """
    e = made.estimate
    if e is None or not e.detectable or not e.spread or headline.spread is None:
        return None
    carried = e.detectable / e.spread * headline.spread
    return Reach(e.detectable, carried, None if needed is None else not takes_away(carried, needed))


@guarded
def placebo(request: Request, store: Store | TableStore, cohort: Cohort, sample: MatchedSample) -> Placebo:
    """Match again on what was known a year earlier (the lab says how long), and compare that year.

    The covariates are those of the request as they stood before the placebo months, but for facts of
    the index event itself; choices of matching are those of the sample. Nothing after the index date is
    read, so no seal is needed.
    """
    described = request.lab.placebo
    if described is None or isinstance(store, TableStore):
        return Placebo(sample.analysis, "", 0, None, "there are no dated records of what went before")
    analysis = next(a for a in request.analyses if a.name == sample.analysis)
    earlier = _as_of_before(request, store, select(cohort, analysis), described.months)
    # A message with counts may not be published, and this is.
    unmatched = Placebo(
        sample.analysis,
        described.label,
        described.months,
        None,
        "people could not be matched on what was known before",
    )
    try:
        chosen = match(request, earlier, analysis.model_copy(update={"headline": False}))
    except DataLabError:
        return unmatched
    if chosen.refused:
        return unmatched
    people = chosen.people
    used = people["weight"].to_numpy() > 0
    value = _value(request, store, earlier.people.loc[people.index[used]])
    measure = Measure(
        name="placebo",
        label=described.label,
        kind="count",
        good="neither",
        unit=described.unit,
        short=described.label,
    )
    made = estimate_measure(measure, people[used], value, adjusters_of(earlier, chosen).rows(used))
    own = sample.people[sample.people["weight"] > 0]
    treated, weight = own["treated"].to_numpy(), own["weight"].to_numpy()
    before = _value(request, store, cohort.people.loc[own.index]).to_numpy()
    left = unadjusted(before, treated, weight, own["person_id"].to_numpy())
    return Placebo(sample.analysis, described.label, described.months, made, left=left)


def _as_of_before(request: Request, store: Store, cohort: Cohort, months: int) -> Cohort:
    """The cohort with every covariate as it was known so many months before the index date."""
    people = cohort.people
    back = pd.DateOffset(months=months)
    events = pd.DataFrame(
        {
            "event_id": people.index.to_numpy(),
            "person_id": people["person_id"].to_numpy(),
            "index_date": (people["index_date"] - back).to_numpy(),
            "time_zero": (people["time_zero"] - back).to_numpy(),
        }
    )
    queries = [query for query in request.lab.covariates if not query.of_event]
    known = covariates_known(queries, store, events).set_index("event_id").loc[people.index]
    changed = people.assign(**{name: known[name].to_numpy() for name in known.columns})
    return replace(cohort, people=changed)


def _value(request: Request, store: Store, people: pd.DataFrame) -> pd.Series:
    events = people[["person_id", "index_date"]].rename_axis("event_id").reset_index()
    assert request.lab.placebo is not None  # noqa: S101 (the caller has looked)
    found = store.known(events, [request.lab.placebo.sql])[0].set_index("event_id")["value"]
    return found.reindex(people.index).fillna(0.0).astype(np.float64)
