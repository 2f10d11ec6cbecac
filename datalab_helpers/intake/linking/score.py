"""How much speaks for a pair: weights of its fields by Splink, and of its dates.

A weight is the logarithm (base 2) of how much likelier the comparison is for a true pair than for
a chance one; weights add up. Names, birthday, gender and identifiers go through Splink; an index
event near the start is weighed in `dates`, since its chance differs from one start to the next.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...request import Request
from ...store import Store
from ..prepare import recipe
from .candidates import COMPARED, DERIVED
from .dates import date_weights, told_dates
from .model import DATES, FIELDS, share_on_register, splink_settings, trained


def people_on_record(store: Store) -> int:
    return int(store.look_up(recipe(store.lab), "SELECT people FROM register_size")["people"][0])


def score(request: Request, store: Store, pairs: pd.DataFrame, starts: pd.DataFrame) -> pd.DataFrame:
    """The weight of every candidate pair, in the order given.

    Parameters
    ----------
    pairs : as `candidates` gives them
    starts : indexed by row; start, released, sentenced

    Returns
    -------
    weight (all evidence and the prior), prior, and for each field and `dates` its own weight and its
    level in the model (0 the lowest, -1 where a side is missing), as `<field>` and `<field>_level`;
    slope and unknown, by which posteriors follow from the weights of rows that tell as many dates
    """
    people = people_on_record(store)
    scored = field_weights(pairs, people)
    months = store.look_up(recipe(store.lab), "SELECT * FROM event_months")
    scored[[DATES, f"{DATES}_level"]] = date_weights(
        request, trained()["dates"], pairs, starts, months, people
    )
    how = pd.DataFrame(trained()["posterior"])
    told = pd.Series(told_dates(starts), starts.index).reindex(pairs["row"])
    for parameter in ("slope", "unknown"):
        scored[parameter] = told.map(how.loc[parameter]).to_numpy()
    scored["prior"] = np.log2(share_on_register() / people)
    # Sums of logarithms may differ in the last bit between processors; decisions may not.
    scored["weight"] = np.round(scored[["prior", *FIELDS, DATES]].sum(axis=1), 9)
    return scored


def field_weights(pairs: pd.DataFrame, people: int) -> pd.DataFrame:
    """Splink's weight and level of each field of each pair, in the order given."""
    import duckdb
    from splink import DuckDBAPI, Linker

    # Splink puts display names into its SQL and takes left and right from their order.
    left_name, right_name = "a_participants", "b_records"
    compared = [*COMPARED, *DERIVED]
    left_id = pairs["row"].astype("str")
    right_id = pairs["person_id"].astype("str") + "-" + pairs["alias"].astype("str")
    sides = {}
    for side, identity in (("l", left_id), ("r", right_id)):
        frame = pairs[[f"{column}_{side}" for column in compared]].set_axis(compared, axis=1)
        sides[side] = frame.assign(unique_id=identity)[~identity.duplicated()]
    blocked = pd.DataFrame(
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
        linker = Linker(tables, splink_settings(people), log_level="ERROR", validate_settings=False)
        linker.table_management.register_blocked_pairs_for_predict(
            api.register(blocked, dataset_display_name="candidate_pairs")
        )
        made = linker.inference.predict().as_duckdbpyrelation()
        own = {
            f: f"mw_{f} + mw_tf_adj_{f}" if f"mw_tf_adj_{f}" in made.columns else f"mw_{f}" for f in FIELDS
        }
        told = ", ".join(f"{sql} AS {f}, gamma_{f} AS {f}_level" for f, sql in own.items())
        found = made.select(f"unique_id_l, unique_id_r, {told}").df()
    ids = ["unique_id_l", "unique_id_r"]
    asked = pd.DataFrame({"unique_id_l": left_id, "unique_id_r": right_id})
    return (
        asked.merge(found, on=ids, how="left", validate="one_to_one").drop(columns=ids).set_axis(pairs.index)
    )
