"""The links that a person should look at, the doubtful first."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ...errors import guarded
from ...request import Request
from ...tables import as_text
from ..submission import Participants
from .decide import REVIEW_DEFAULT
from .decisions import read_decisions, row_keys
from .link import LinkedPeople


@dataclass(frozen=True, eq=False, repr=False)
class ReviewQueue:
    """Rows whose link is in doubt.

    waiting : indexed by `row`, the most doubtful first; row_key, posterior, contested
    decided : rows that somebody decided, by decision
    stale : decisions on rows that were corrected since, or on another extract; they count for nothing
    records : date of the extract that the people are of
    """

    waiting: pd.DataFrame
    decided: dict[str, int]
    stale: int
    records: str

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        if self.waiting.empty and not self.decided and not self.stale:
            return "<p>No link is in doubt.</p>"
        told = "; ".join(f"{decision}: {count}" for decision, count in sorted(self.decided.items()))
        return (
            f"<p><b>{len(self.waiting)} links wait for a person to look at them</b>"
            + (
                f", {int(self.waiting['contested'].sum())} of them because another row claims the person"
                if self.waiting["contested"].any()
                else ""
            )
            + f". Decided so far: {told or 'none'}. Until somebody decides, {REVIEW_DEFAULT}.</p>"
            + (
                f"<p>{self.stale} decisions count no more: the row was corrected since, or the records are newer.</p>"
                if self.stale
                else ""
            )
        )


@guarded
def review_queue(request: Request, participants: Participants, linked: LinkedPeople) -> ReviewQueue:
    """What waits for a decision; empty for an analysis table."""
    links = linked.links
    if links.empty:
        return ReviewQueue(pd.DataFrame(columns=["row_key", "posterior", "contested"]), {}, 0, "")
    waiting = links[links["review"]]
    doubt = (waiting["posterior"] - 0.5).abs()
    waiting = waiting.assign(row_key=row_keys(request, participants.rows.loc[waiting.index]), doubt=doubt)
    waiting = waiting.sort_values(["doubt", "row_key"])[["row_key", "posterior", "contested"]]
    decided = links.loc[links["decision"] != "", "decision"].value_counts().to_dict()
    made = read_decisions(request)
    keys = row_keys(request, participants.rows) if len(made) else pd.Series(dtype="str")
    stale = int((~made["row_key"].isin(keys) | (made["records"] != linked.records)).sum())
    return ReviewQueue(waiting, decided, stale, linked.records)
