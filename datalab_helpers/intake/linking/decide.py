"""Who is found: a posterior that counts the rivals, and one person for one participant."""

from __future__ import annotations

import numpy as np
import pandas as pd

LINK_AT = 0.5  # posterior from which a participant counts as found
REVIEW = (0.05, 0.95)  # posteriors an analyst should look at; a batch applies LINK_AT to them
FORBIDDEN = -1e9  # a weight that no assignment takes
REVIEW_DEFAULT = "a pair in the review band counts as found from a posterior of 0.5"


def posteriors(scored: pd.DataFrame) -> pd.DataFrame:
    """The candidates of each row as persons, with a posterior that counts the rivals.

    A person's weight w is the best over their names on record. The posterior of person j is
    2^(slope w_j) / (unknown + sum over persons of 2^(slope w)).

    Parameters
    ----------
    scored : columns row, person_id, weight (log2 of the odds); slope (how much of a weight counts, since
        fields are not quite independent) and unknown (what speaks for nobody on record), each the same
        throughout a row (see `train.calibrate`); and any others

    Returns
    -------
    One row a person, the likeliest of each row first; equally likely ones by person number, a rule
    that row order cannot change
    """
    persons = best_names(scored)
    odds = np.exp2((persons["slope"] * persons["weight"]).clip(upper=60.0))
    everybody = persons["unknown"] + odds.groupby(persons["row"]).transform("sum")
    persons = persons.assign(posterior=odds / everybody)
    return persons.sort_values(["row", "posterior", "person_id"], ascending=[True, False, True])


def best_names(scored: pd.DataFrame) -> pd.DataFrame:
    """One line a row and person: the name on record that speaks most for them."""
    best = scored.sort_values(["row", "person_id", "weight"], ascending=[True, True, False], kind="stable")
    return best.drop_duplicates(["row", "person_id"])


def one_each(persons: pd.DataFrame) -> pd.DataFrame:
    """Posteriors after each person went to one participant at most.

    Where several rows lead to one person and look like the same participant sent twice, all keep
    the person. Otherwise the person goes where the sum of weights over all rows is largest, and
    the others are judged again among the people left to them.

    Parameters
    ----------
    persons : as `posteriors` gives them, with what was submitted (`surname_l`, `forename_l`, `born_l`, …)

    Returns
    -------
    The same with columns `lost` (the person went to another row; posterior 0) and `contested` (the
    row lost a person), the likeliest person of each row first
    """
    persons = persons.assign(lost=False)
    while rivals := _rivals(persons):
        rows = sorted({row for group in rivals for row in group["row"]})
        wanted = {person for group in rivals for person in group["person_id"]}
        open_ = persons["row"].isin(rows) & ~persons["lost"]
        holder = _assigned(persons[open_], rows)
        persons["lost"] |= (
            open_ & persons["person_id"].isin(wanted) & (persons["person_id"].map(holder) != persons["row"])
        )
        judged = posteriors(persons[~persons["lost"]].drop(columns="posterior"))
        persons = pd.concat([judged, persons[persons["lost"]].assign(posterior=0.0)], ignore_index=True)
    persons["contested"] = persons["row"].isin(persons.loc[persons["lost"], "row"])
    return persons.sort_values(["row", "posterior", "person_id"], ascending=[True, False, True])


def _rivals(persons: pd.DataFrame) -> list[pd.DataFrame]:
    """Claims of different participants to one person."""
    claims = persons[persons["posterior"] >= LINK_AT]
    shared = claims[claims.duplicated("person_id", keep=False)]
    return [group for _, group in shared.groupby("person_id") if not same_participant(group)]


def _assigned(persons: pd.DataFrame, rows: list[int]) -> dict[int, int]:
    """Person -> row, where the sum of what counts of the weights is largest; nobody on record is open to every row."""
    from scipy.optimize import linear_sum_assignment

    persons = persons.assign(counts=persons["slope"] * persons["weight"])
    weights = persons.pivot(index="row", columns="person_id", values="counts").reindex(rows)
    nobody = np.full((len(rows), len(rows)), FORBIDDEN)
    np.fill_diagonal(nobody, np.log2(persons.groupby("row")["unknown"].first().reindex(rows)))
    table = np.hstack([weights.fillna(FORBIDDEN).to_numpy(), nobody])
    at, held = linear_sum_assignment(table, maximize=True)
    return {weights.columns[j]: rows[i] for i, j in zip(at, held, strict=True) if j < weights.shape[1]}


def same_participant(rows: pd.DataFrame) -> bool:
    """Whether rows that lead to one person look like one participant sent several times.

    They do when their identifier, their birthday or both their names agree, and no two identifiers differ.
    """
    numbers = [rows[name].dropna() for name in ("pnc_id_l", "prison_number_l")]
    if any(given.nunique() > 1 for given in numbers):
        return False
    if any(len(given) == len(rows) for given in numbers):
        return True
    one = {name: rows[name].nunique(dropna=False) == 1 for name in ("born_l", "surname_l", "forename_l")}
    return one["born_l"] or (one["surname_l"] and one["forename_l"])
