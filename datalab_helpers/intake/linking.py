"""Who the participants are in central records: probabilistic linking, one person at most each.

Candidates are looked up by SQL through the store; Splink scores them with a fixed model
(`linking_model.yml`); the decision rests on a posterior that counts the rivals.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import LinkageError, guarded
from ..lab import read_yaml
from ..store import Store, TableStore
from ..tables import as_text
from .prepare import KEYS, STANDARD, key, recipe
from .submission import Participants

HERE = Path(__file__).parent
LINK_AT = 0.5  # posterior from which a participant counts as found
REVIEW = (0.05, 0.95)  # posteriors an analyst should look at; a batch applies LINK_AT to them
REVIEW_DEFAULT = "a pair in the review band counts as found from a posterior of 0.5"

# A key of the records, and what a submitted row may have in its place: names or day and month exchanged.
LOOKED_UP = [
    *KEYS.items(),
    ("by_surname_born", key("forename", "born")),
    ("by_root_born", key("surname_root", "born")),
    ("by_surname_root_year", key("forename", "surname_root", "born[1:4]")),
    ("by_surname_root_day", key("surname", "root", "born[7:8] || born[5:6]")),
    ("by_initials_born", key("forename[1]", "surname[1]", "born")),
]
LOOK_UP = f"""
WITH given AS (
  SELECT row, gender, pnc_id, prison_number, {STANDARD.format("surname")} AS surname,
         {STANDARD.format("forename")} AS forename, strftime(date_of_birth, '%Y%m%d') AS born
  FROM participants
), asked AS MATERIALIZED (
  SELECT given.*, coalesce(f.root, forename) AS root, coalesce(s.root, surname) AS surname_root
  FROM given LEFT JOIN nicknames f ON f.name = forename LEFT JOIN nicknames s ON s.name = surname
), wanted AS MATERIALIZED (
  {" UNION ".join(f"SELECT row, '{name}' AS kind, {sql} AS key FROM asked" for name, sql in LOOKED_UP)}
), pairs AS MATERIALIZED (
  {" UNION ".join(f"SELECT w.row, n.rowid AS place FROM names n JOIN wanted w ON n.{name} = w.key WHERE w.kind = '{name}'" for name in KEYS)}
), found AS MATERIALIZED (
  SELECT rowid AS place, * FROM names WHERE rowid IN (SELECT place FROM pairs)
)
SELECT p.row, r.person_id, r.alias,
       a.surname AS surname_l, a.forename AS forename_l, a.root AS root_l, a.born AS born_l,
       a.gender AS gender_l, a.pnc_id AS pnc_id_l, a.prison_number AS prison_number_l,
       ls.tf_surname AS tf_surname_l, lf.tf_forename AS tf_forename_l,
       r.surname AS surname_r, r.forename AS forename_r, r.root AS root_r, r.born AS born_r,
       r.gender AS gender_r, r.pnc_id AS pnc_id_r, r.prison_number AS prison_number_r,
       rs.tf_surname AS tf_surname_r, rf.tf_forename AS tf_forename_r
FROM pairs p JOIN asked a USING (row) JOIN found r USING (place)
LEFT JOIN surnames ls ON ls.surname = a.surname LEFT JOIN forenames lf ON lf.forename = a.forename
LEFT JOIN surnames rs ON rs.surname = r.surname LEFT JOIN forenames rf ON rf.forename = r.forename
ORDER BY p.row, r.person_id, r.alias
"""
COMPARED = (
    "surname",
    "forename",
    "root",
    "born",
    "gender",
    "pnc_id",
    "prison_number",
    "tf_surname",
    "tf_forename",
)


@dataclass(frozen=True, eq=False, repr=False)
class LinkedPeople:
    """Each submitted row and the person it was found to be.

    links : indexed by `row`; person_id (empty when not found), posterior of the best candidate,
        review (bool)
    threshold : posterior from which a participant counts as found
    """

    links: pd.DataFrame
    threshold: float

    @property
    def rate(self) -> float:
        """Share of submitted rows that were found."""
        return float(self.links["person_id"].notna().mean())

    @property
    def expected_false(self) -> float:
        """Expected share of the found who are someone else: mean of 1 - posterior."""
        found = self.links["person_id"].notna()
        return float((1 - self.links.loc[found, "posterior"]).mean()) if found.any() else 0.0

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        if self.links.empty:
            return "<p>The request starts from an analysis table: nobody has to be found.</p>"
        found, people = self.links["person_id"].notna().sum(), self.links["person_id"].nunique()
        return (
            f"<p><b>{found:,} of {len(self.links):,} rows found</b> ({100 * self.rate:.0f} %), {people:,} different people. "
            f"{int(self.links['review'].sum()):,} are in the review band {REVIEW[0]} to {REVIEW[1]}; {REVIEW_DEFAULT}. "
            f"Expected share of wrong links: {100 * self.expected_false:.1f} %.</p>"
        )


@guarded
def link(participants: Participants, store: Store | TableStore) -> LinkedPeople:
    """Find each participant among the people on record, or say that they were not found."""
    if isinstance(store, TableStore):
        return LinkedPeople(pd.DataFrame(), LINK_AT)
    rows = participants.rows
    usable = rows[rows[["surname", "forename", "date_of_birth"]].notna().all(axis=1)]
    asked = usable.reset_index()[
        ["row", "surname", "forename", "date_of_birth", "gender", "pnc_id", "prison_number"]
    ]
    text = ["surname", "forename", "gender", "pnc_id", "prison_number"]
    # An all-empty column has no type of its own, and SQL needs one.
    asked[text] = asked[text].astype("str").where(asked[text].notna(), None)
    ready = recipe()
    candidates = store.look_up(ready, LOOK_UP, participants=asked)
    people = int(store.look_up(ready, "SELECT people FROM register_size")["people"][0])
    links = pd.DataFrame(
        {"person_id": pd.array([pd.NA] * len(rows), dtype="Int64"), "posterior": 0.0, "review": False},
        index=rows.index,
    )
    if len(candidates):
        best = best_candidates(candidates.assign(weight=_score(candidates, people)))
        links.loc[best.index, "posterior"] = best["posterior"]
        found = best[best["posterior"] >= LINK_AT]
        links.loc[found.index, "person_id"] = found["person_id"].astype("Int64")
        links["review"] = links["posterior"].between(*REVIEW)
    if links["person_id"].isna().all():
        raise LinkageError(
            f"none of the {len(rows)} submitted rows was found in the records; check that names and dates of birth are "
            "in the right columns and that the records cover these people"
        )
    return LinkedPeople(links, LINK_AT)


def best_candidates(scored: pd.DataFrame) -> pd.DataFrame:
    """The best person of each row, with a posterior that counts the rivals.

    A person's weight w is the best over their names on record. The posterior of person j is
    2^w_j / (1 + sum over persons of 2^w): the 1 stands for not being on record at all.

    Parameters
    ----------
    scored : columns row, person_id, weight (log2 of posterior odds)
    """
    persons = scored.groupby(["row", "person_id"], as_index=False)["weight"].max()
    odds = np.exp2(persons["weight"].clip(upper=60.0))
    persons["posterior"] = odds / (1 + odds.groupby(persons["row"]).transform("sum"))
    # Ties go to the smaller person number: a rule that row order cannot change.
    persons = persons.sort_values(["row", "posterior", "person_id"], ascending=[True, False, True])
    return persons.drop_duplicates("row").set_index("row")


def _score(candidates: pd.DataFrame, people: int) -> pd.Series:
    """Splink's match weight (log2 odds) of each candidate pair, in the order given."""
    import duckdb
    from splink import DuckDBAPI, Linker

    # Splink puts display names into its SQL and takes left and right from their order.
    left_name, right_name = "a_participants", "b_records"
    sides = {}
    for side, keys in (("l", ["row"]), ("r", ["person_id", "alias"])):
        frame = candidates[[*keys, *(f"{column}_{side}" for column in COMPARED)]].drop_duplicates(keys)
        identity = frame[keys[0]].astype(str)
        if len(keys) > 1:
            identity = identity + "-" + frame[keys[1]].astype(str)
        frame = frame.rename(columns={f"{column}_{side}": column for column in COMPARED})
        sides[side] = frame.drop(columns=keys).assign(unique_id=identity)
    left_id = candidates["row"].astype(str)
    right_id = candidates["person_id"].astype(str) + "-" + candidates["alias"].astype(str)
    pairs = pd.DataFrame(
        {
            "match_key": "0",
            "join_key_l": left_name + "-__-" + left_id,
            "join_key_r": right_name + "-__-" + right_id,
        }
    )
    with duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False}) as connection:
        api = DuckDBAPI(connection=connection)
        tables = [
            api.register(sides["l"], dataset_display_name=left_name),
            api.register(sides["r"], dataset_display_name=right_name),
        ]
        linker = Linker(tables, _settings(people), log_level="ERROR")
        linker.table_management.register_blocked_pairs_for_predict(
            api.register(pairs, dataset_display_name="candidate_pairs")
        )
        scored = linker.inference.predict().as_duckdbpyrelation().df()
    weights = scored.set_index(["unique_id_l", "unique_id_r"])["match_weight"]
    found = weights.reindex(pd.MultiIndex.from_arrays([left_id, right_id])).to_numpy()
    # Sums of logarithms may differ in the last bit between processors; decisions may not.
    return pd.Series(np.round(found, 9), index=candidates.index)


def _settings(people: int) -> dict[str, Any]:
    """The model as Splink reads it; the prior is the chance that a random pair is a true one."""
    model = read_yaml(HERE / "linking_model.yml")
    comparisons = []
    for comparison in model["comparisons"]:
        levels = []
        for level in comparison["levels"]:
            if level.get("missing"):
                levels.append({"sql_condition": level["when"], "is_null_level": True})
                continue
            u = 1 / people if level["u"] == "one over people" else level["u"]
            plain = {
                "sql_condition": level.get("when", "ELSE"),
                "m_probability": level["m"],
                "u_probability": u,
            }
            if "frequency" in level:
                plain |= {"tf_adjustment_column": level["frequency"], "tf_adjustment_weight": 1.0}
            levels.append(plain)
        comparisons.append({"output_column_name": comparison["name"], "comparison_levels": levels})
    return {
        "link_type": "link_only",
        "probability_two_random_records_match": model["share_on_register"] / people,
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": ["1=1"],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
    }
