"""Find each participant among the people on record."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...errors import LinkageError, guarded
from ...request import Request
from ...store import Store, TableStore
from ...tables import as_text
from ..submission import Participants
from .candidates import candidates
from .decide import LINK_AT, REVIEW, REVIEW_DEFAULT, one_each, posteriors
from .decisions import apply, read_decisions, row_decisions, row_keys
from .model import trained
from .score import score

KEPT = 3  # candidates of a row that are kept for whoever looks at the link


@dataclass(frozen=True, eq=False, repr=False)
class LinkedPeople:
    """Each submitted row and the person it was found to be.

    links : indexed by `row`; person_id (empty when not found), posterior of the best candidate,
        review (in doubt and not decided), contested (another row has the better claim to a person this
        one led to), decision (accept, nobody, later, or empty), on_record (expected number of people on
        record who are this participant, those included whom no key leads to)
    rivals : the likeliest candidates of each row: row, person_id, posterior, the weight of each field and of
        `dates` with its level in the model, and what was compared on either side
    threshold : posterior from which a participant counts as found
    records : date of the extract that the people are of
    """

    links: pd.DataFrame
    rivals: pd.DataFrame
    threshold: float
    records: str = ""

    @property
    def rate(self) -> float:
        """Share of submitted rows that were found."""
        return float(self.links["person_id"].notna().mean())

    @property
    def expected_false(self) -> float:
        """Expected share of the found who are someone else: mean of 1 - posterior."""
        found = self.links["person_id"].notna()
        # An exact sum: the order of rows may not show in its last digit.
        return math.fsum(1 - self.links.loc[found, "posterior"]) / int(found.sum()) if found.any() else 0.0

    @property
    def expected_missed(self) -> float:
        """Expected share of participants on record who were not found, or found as someone else.

        Of the rows that tell who they are: what the posteriors leave unlinked, and those whose record
        shares no key with what was sent (measured when the model was trained).
        """
        there = math.fsum(self.links["on_record"])
        found = self.links["person_id"].notna()
        return 1 - math.fsum(self.links.loc[found, "posterior"]) / there if there else 0.0

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        if self.links.empty:
            return "<p>The request starts from an analysis table: nobody has to be found.</p>"
        found, people = self.links["person_id"].notna().sum(), self.links["person_id"].nunique()
        return (
            f"<p><b>{found:,} of {len(self.links):,} rows found</b> ({100 * self.rate:.0f} %), {people:,} different people. "
            f"{int(self.links['review'].sum()):,} wait for a person (posterior {REVIEW[0]} to {REVIEW[1]}, or claimed by "
            f"two rows); until then, {REVIEW_DEFAULT}. "
            f"Expected share of wrong links: {100 * self.expected_false:.2f} %; of people on record who were missed: "
            f"{100 * self.expected_missed:.1f} %.</p>"
        )


@guarded
def link(request: Request, store: Store | TableStore, participants: Participants) -> LinkedPeople:
    """Find each participant among the people on record, or say that they were not found."""
    if isinstance(store, TableStore):
        return LinkedPeople(pd.DataFrame(), pd.DataFrame(), LINK_AT)
    rows = participants.rows
    pairs = candidates(request, store, participants)
    links = pd.DataFrame(
        {
            "person_id": pd.array([pd.NA] * len(rows), dtype="Int64"),
            "posterior": 0.0,
            "review": False,
            "contested": False,
            "on_record": 0.0,
            "decision": "",
        },
        index=rows.index,
    )
    records, decisions = str(store.extract_date), read_decisions(request)
    # Hashes of ten thousand rows take a while; nobody has decided anything in most requests.
    keys = row_keys(request, rows) if len(decisions) else pd.Series("", index=rows.index, dtype="str")
    rivals = pd.DataFrame()
    if len(pairs):
        weighed = pd.concat([pairs, score(request, store, pairs, rows)], axis=1)
        weighed = apply(weighed, keys, decisions, records)
        before = posteriors(weighed)
        persons = one_each(before)
        rivals = persons.groupby("row").head(KEPT).reset_index(drop=True)
        best = persons.drop_duplicates("row").set_index("row")
        numbered = rows[["pnc_id", "prison_number"]].notna().any(axis=1)
        looked_up = pd.Series(np.where(numbered, 1.0, trained()["looked_up"]), rows.index)
        links.loc[best.index, "on_record"] = before.groupby("row")["posterior"].sum() / looked_up
        links.loc[best.index, "posterior"] = best["posterior"]
        links.loc[best.index, "contested"] = best["contested"]
        found = best[best["posterior"] >= LINK_AT]
        links.loc[found.index, "person_id"] = found["person_id"].astype("Int64")
    decided = row_decisions(keys, decisions, records)
    # A person who was accepted and could not be given (no candidate, or another row's) is decided again.
    given = (decided["person_id"] == links["person_id"]).fillna(False).astype(bool)
    links["decision"] = decided["decision"].where((decided["decision"] != "accept") | given, "")
    links["review"] = links["posterior"].between(*REVIEW) | links["contested"]
    links["review"] |= (decided["decision"] == "accept") & ~given
    links.loc[links["decision"].isin(["accept", "nobody"]), "review"] = False
    if links["person_id"].isna().all():
        raise LinkageError(
            f"none of the {len(rows)} submitted rows was found in the records; check that names and dates of birth are "
            "in the right columns and that the records cover these people"
        )
    return LinkedPeople(links, rivals, LINK_AT, records)
