"""Who is analysed and who could be compared: index events, time zero, exclusions, covariates.

The cohort holds no outcome. Participants and the comparison pool pass the same rules, and each
loss is counted with its reason and what could have been done.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from ..errors import MatchingError, guarded
from ..lab import CovariateQuery
from ..request import Request
from ..store import Store, TableStore
from ..tables import COHORT, as_html, as_text, check
from .linking import LinkedPeople
from .submission import Participants


@dataclass(frozen=True, eq=False, repr=False)
class Cohort:
    """People ready to be matched: one row an index event that counts, no outcome among the columns.

    people : indexed by unit_id; person_id, treated, index_date, time_zero, delay_band, covariates
    groups : participants' further columns (completed, site …), by unit_id, lower case
    attrition : columns group (treatment or pool), reason, lost, count, mend; one row a step
    covariates : name -> label, kind, family, unit, core
    facts : dates, clock and linking figures that the report states
    found : ids of everybody on the list who was found, analysed or not; empty for an analysis table
    """

    people: pd.DataFrame
    groups: pd.DataFrame
    attrition: pd.DataFrame
    covariates: dict[str, dict[str, Any]]
    facts: dict[str, Any]
    found: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        check(self.people, COHORT)

    def keep(self, people: pd.DataFrame) -> Cohort:
        """The cohort of these people only, in the order of their unit ids."""
        return replace(self, people=people.sort_index())

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        treated = int(self.people["treated"].sum())
        steps = as_html(self.attrition.rename(columns={"count": "remain"}))
        return (
            f"<p><b>{treated:,} people to analyse, {len(self.people) - treated:,} index events to compare them with</b>, "
            f"{len(self.covariates)} covariates, each as it stood on the index date. "
            f"Clock: {self.facts['time_zero']}. No outcome has been read.</p>{steps}"
        )


class Funnel:
    """Counts who remains after each step, and why the others were lost."""

    def __init__(self, group: str, count: int, reason: str) -> None:
        self.group, self.count = group, count
        self.steps: list[dict[str, Any]] = [self._step(reason, 0, "")]

    def lose(self, remaining: int, reason: str, mend: str) -> None:
        lost, self.count = self.count - remaining, remaining
        if lost:
            self.steps.append(self._step(reason, lost, mend))

    def _step(self, reason: str, lost: int, mend: str) -> dict[str, Any]:
        return {"group": self.group, "reason": reason, "lost": lost, "count": self.count, "mend": mend}


@guarded
def build_cohort(
    request: Request, store: Store | TableStore, participants: Participants, linked: LinkedPeople
) -> Cohort:
    """The cohort of a request, from its linked participants or from its analysis table."""
    if isinstance(store, TableStore):
        return _cohort_of_table(request, store)
    funnel = Funnel("treatment", len(participants.rows), "rows submitted")
    treated = _index_events_of_participants(request, store, participants, linked, funnel)
    treated = _exclude(treated, store, funnel)
    if treated.empty:
        raise MatchingError(
            f"none of the {len(participants.rows)} submitted rows can be analysed; the steps were: "
            + "; ".join(f"{step['reason']} {step['lost'] or step['count']}" for step in funnel.steps)
        )
    everyone = linked.links["person_id"].dropna().unique()
    pool_funnel, pool = _pool(request, store, treated, everyone)
    units = pd.concat([treated.assign(treated=True), pool.assign(treated=False)]).sort_values("event_id")
    events = units[["event_id", "person_id", "index_date", "kind", "time_zero"]]
    covariates = covariates_known(request.lab.covariates, store, events)
    people = units[["event_id", "person_id", "treated", "index_date", "time_zero", "delay_band"]].merge(
        covariates, on="event_id", how="left", validate="one_to_one"
    )
    people = people.rename(columns={"event_id": "unit_id"}).set_index("unit_id").sort_index()
    groups = participants.groups.reindex(treated["row"]).set_axis(
        pd.Index(treated["event_id"], name="unit_id")
    )
    described = {
        name: c.model_dump(include={"label", "kind", "family", "unit", "core"})
        for name, c in request.lab.covariate_labels.items()
    }
    steps = pd.DataFrame(funnel.steps + pool_funnel.steps)
    found = int((participants.usable & linked.links["person_id"].notna()).sum())
    facts = _facts(request, store, linked, treated, found)
    return Cohort(people, groups.sort_index(), steps, described, facts, sorted(map(int, everyone)))


def _facts(
    request: Request, store: Store, linked: LinkedPeople, treated: pd.DataFrame, found: int
) -> dict[str, Any]:
    events = request.index_event
    return {
        "time_zero": events.time_zero,
        "index_events": [request.lab.index_events[kind].label for kind in events.kinds],
        "data_until": str(store.extract_date),
        "submitted": len(linked.links),
        "found": found,
        "started_after": float((treated["start"] > treated["index_date"]).mean()),
        "review": int(linked.links["review"].sum()),
        "threshold": linked.threshold,
        "expected_false": linked.expected_false,
        "expected_missed": linked.expected_missed,
    }


def _index_events_of_participants(
    request: Request, store: Store, participants: Participants, linked: LinkedPeople, funnel: Funnel
) -> pd.DataFrame:
    """The index event nearest to each participant's start; one row a person.

    Only an event already bound to come when they started can be theirs. Otherwise a release that
    followed from a reoffence after the start could be taken, and the reoffence would lie before it.
    """
    rows = participants.rows.join(linked.links)
    rows = rows[participants.usable]
    funnel.lose(
        len(rows),
        "an essential field is empty or cannot be read",
        "fill in name, date of birth, gender and start date",
    )
    rows = rows[rows["person_id"].notna()]
    funnel.lose(
        len(rows),
        f"not found in {request.lab.words.records}",
        "add PNC IDs or prison numbers and names as on court papers",
    )
    # A person sent twice is analysed once, from the first time they started; of two rows with one
    # start, the one whose further columns sort first, so that row order decides nothing.
    further = ["\n".join(cells) for cells in participants.groups.to_numpy().tolist()]
    rows = rows.join(pd.Series(further, participants.groups.index, dtype="str", name="further"))
    rows = rows.sort_values(["person_id", "start", "further"], kind="stable").drop_duplicates("person_id")
    funnel.lose(len(rows), "the same person sent more than once", "nothing; the earliest start is kept")
    settings = request.index_event
    asked = rows.reset_index()[["row", "person_id", "start"]].astype({"person_id": "int64"})
    nearest = store.identify(
        f"""
        WITH events AS ({_event_sql(request)}), near AS (
          SELECT p.row, p.start, e.*, row_number() OVER (
            PARTITION BY p.row ORDER BY abs(date_diff('day', p.start, e.index_date)), e.index_date, e.event_id) AS nth
          FROM asked p JOIN events e USING (person_id)
          WHERE e.index_date BETWEEN p.start - INTERVAL {settings.within_months} MONTH
                                 AND p.start + INTERVAL {settings.within_months} MONTH
            AND e.known_on <= p.start
        )
        SELECT * EXCLUDE (nth) FROM near WHERE nth = 1 ORDER BY event_id
        """,
        asked=asked,
    )
    labels = " or ".join(request.lab.index_events[kind].label for kind in settings.kinds)
    funnel.lose(
        len(nearest),
        f"no {labels} within {settings.within_months} months of the start",
        "check the start dates and whether the right kind of sentence was asked for",
    )
    after = (settings.time_zero == "participation") & (nearest["start"] > nearest["index_date"])
    nearest["time_zero"] = nearest["index_date"].where(~after, nearest["start"])
    return _with_delay_band(nearest, store.rule.delay_bands)


def _pool(
    request: Request, store: Store, treated: pd.DataFrame, participants: np.ndarray
) -> tuple[Funnel, pd.DataFrame]:
    """Index events of the same kinds and period of people who did not take part.

    Every event counts, not one a person: keeping one of several would thin out the people who
    reoffend, since a reoffence is what brings the next event, and flatter the comparison group.
    Each event stands in at a delay drawn from the participants' own delays, so both groups are
    followed from the same distance to their index date.
    """
    pool = store.identify(
        f"""
        WITH events AS ({_event_sql(request)})
        SELECT * FROM events WHERE index_date BETWEEN DATE '{treated["index_date"].min().date()}'
                                                  AND DATE '{treated["index_date"].max().date()}'
        ORDER BY event_id
        """
    )
    funnel = Funnel("pool", len(pool), "index events of the same kinds in the same period")
    pool = pool[~pool["person_id"].isin(participants)].reset_index(drop=True)
    funnel.lose(len(pool), "of people who were submitted themselves", "")
    delays = np.sort((treated["time_zero"] - treated["index_date"]).dt.days.to_numpy())
    position = (uniform(pool["event_id"].to_numpy(), request.settings.seed) * len(delays)).astype(int)
    pool["time_zero"] = pool["index_date"] + pd.to_timedelta(delays[position], unit="D")
    pool = _with_delay_band(pool, store.rule.delay_bands)
    return funnel, _exclude(pool, store, funnel)


def _exclude(events: pd.DataFrame, store: Store, funnel: Funnel) -> pd.DataFrame:
    """Apply the lab's exclusions, then the clock's: free until time zero, and followed to the end."""
    lab = store.lab
    rule = store.rule
    if len(events):
        judged = store.known(events, [exclusion.sql for exclusion in lab.exclusions])
        for exclusion, found in zip(lab.exclusions, judged, strict=True):
            out = found.loc[found["excluded"].fillna(False).astype(bool), "event_id"]
            events = events[~events["event_id"].isin(out)]
            funnel.lose(len(events), exclusion.reason, exclusion.mend)
    if len(events):
        before = store.happened_before(events[["event_id", "person_id", "index_date", "time_zero"]])
        events = events[~before.to_numpy()]
        funnel.lose(
            len(events),
            f"{rule.happened_before} between the index event and the start of follow-up",
            "nothing; they could not have joined, or been compared, as free of it",
        )
        months = pd.DateOffset(months=rule.months + rule.waiting_months)
        events = events[events["time_zero"] + months <= pd.Timestamp(store.extract_date)]
        funnel.lose(
            len(events), "follow-up not complete when the records end", "send these people again later"
        )
    return events.reset_index(drop=True)


def _event_sql(request: Request) -> str:
    settings = request.index_event
    return " UNION ALL ".join(
        f"SELECT *, '{kind}' AS kind FROM ({request.lab.index_events[kind].sql})" for kind in settings.kinds
    )


def _with_delay_band(events: pd.DataFrame, bands: list[int]) -> pd.DataFrame:
    """Days from index date to time zero, in the lab's bands."""
    ends = bands
    labels = [
        "at the index event",
        *(f"{low + 1} to {high} days after" for low, high in itertools.pairwise(ends)),
    ]
    days = (events["time_zero"] - events["index_date"]).dt.days
    return events.assign(delay_band=[labels[i] for i in np.searchsorted(ends, days)])


def covariates_known(queries: list[CovariateQuery], store: Store, events: pd.DataFrame) -> pd.DataFrame:
    """The covariates that queries give, as of each event's index date, one row an event."""
    frame = events[["event_id"]].reset_index(drop=True)
    for query, found in zip(queries, store.known(events, [q.sql for q in queries]), strict=True):
        frame = frame.merge(
            found[["event_id", *query.gives]], on="event_id", how="left", validate="one_to_one"
        )
        for name, covariate in query.gives.items():
            if covariate.kind == "categorical":
                frame[name] = frame[name].astype("str").where(frame[name].notna(), None).astype("str")
            else:
                frame[name] = frame[name].astype("float64")
                if covariate.fill is not None:
                    frame[name] = frame[name].fillna(covariate.fill)
    return frame


def uniform(ids: np.ndarray, seed: int) -> np.ndarray:
    """A number in [0, 1) for each id, fixed by id and seed and so untouched by row order.

    The mixing function is splitmix64 (Steele, Lea and Flood 2014).
    """
    with np.errstate(over="ignore"):
        z = ids.astype("uint64") + np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype("float64") / float(1 << 53)


def _cohort_of_table(request: Request, store: TableStore) -> Cohort:
    """The cohort that an analysis table already is."""
    table = store.table
    people = store.design()
    treated = people[table.treatment]
    people = people.drop(columns=table.treatment)
    for name, kind in table.covariates.items():
        people[name] = people[name].astype("str") if kind == "categorical" else people[name].astype("float64")
    people.insert(0, "person_id", np.arange(len(people)))
    people.insert(1, "treated", treated.to_numpy() == 1)
    covariates = {
        name: {"label": name, "kind": kind, "family": "Covariates of the table", "unit": "", "core": False}
        for name, kind in table.covariates.items()
    }
    count = int(people["treated"].sum())
    steps = [
        Funnel("treatment", count, "people in the table who took part").steps[0],
        Funnel("pool", len(people) - count, "people in the table who did not take part").steps[0],
    ]
    facts = {
        "time_zero": "table",
        "index_events": [],
        "data_until": None,
    }
    groups = pd.DataFrame(index=people.index[people["treated"]])
    return Cohort(people, groups, pd.DataFrame(steps), covariates, facts)
