"""How much speaks for a pair: weights of its fields by Splink, and of its dates.

A weight is the logarithm (base 2) of how much likelier the comparison is for a true pair than for
a chance one; weights add up. Names, birthday, gender and identifiers go through Splink; an index
event near the start is weighed in `dates`, since its chance differs from one start to the next.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...lab import read_yaml
from ...request import Request
from ...store import Store
from ..prepare import recipe
from .candidates import COMPARED, DERIVED
from .dates import date_weights

MODEL = Path(__file__).parent / "model.yml"
FIELDS = ("surname", "forename", "date_of_birth", "gender", "pnc_id", "prison_number")
DATES = "dates"


@functools.cache
def model() -> dict[str, Any]:
    """The linking model as shipped."""
    return read_yaml(MODEL)


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
    weight (all evidence and the prior), and for each field its own weight and its level in the
    model (0 the lowest, -1 where a side is missing), as `<field>` and `<field>_level`
    """
    people = people_on_record(store)
    scored = field_weights(pairs, people)
    months = store.look_up(recipe(store.lab), "SELECT * FROM event_months")
    scored[[DATES, f"{DATES}_level"]] = date_weights(request, model()["dates"], pairs, starts, months, people)
    prior = np.log2(model()["share_on_register"] / people)
    # Sums of logarithms may differ in the last bit between processors; decisions may not.
    scored["weight"] = np.round(prior + scored[[*FIELDS, DATES]].sum(axis=1), 9)
    return scored


def field_weights(pairs: pd.DataFrame, people: int) -> pd.DataFrame:
    """Splink's weight and level of each field of each pair, in the order given."""
    import duckdb
    from splink import DuckDBAPI, Linker

    # Splink puts display names into its SQL and takes left and right from their order.
    left_name, right_name = "a_participants", "b_records"
    compared = [*COMPARED, *DERIVED]
    sides = {}
    for side, keys in (("l", ["row"]), ("r", ["person_id", "alias"])):
        frame = pairs[[*keys, *(f"{column}_{side}" for column in compared)]].drop_duplicates(keys)
        identity = frame[keys].astype(str).agg("-".join, axis=1)
        frame = frame.rename(columns={f"{column}_{side}": column for column in compared})
        sides[side] = frame.drop(columns=keys).assign(unique_id=identity)
    left_id = pairs["row"].astype(str)
    right_id = pairs["person_id"].astype(str) + "-" + pairs["alias"].astype(str)
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
        linker = Linker(tables, _settings(people), log_level="ERROR")
        linker.table_management.register_blocked_pairs_for_predict(
            api.register(blocked, dataset_display_name="candidate_pairs")
        )
        made = linker.inference.predict().as_duckdbpyrelation()
        own = {
            f: f"mw_{f} + mw_tf_adj_{f}" if f"mw_tf_adj_{f}" in made.columns else f"mw_{f}" for f in FIELDS
        }
        told = ", ".join(f"{sql} AS {f}, gamma_{f} AS {f}_level" for f, sql in own.items())
        found = made.select(f"unique_id_l, unique_id_r, {told}").df()
    found = found.set_index(["unique_id_l", "unique_id_r"])
    return found.reindex(pd.MultiIndex.from_arrays([left_id, right_id])).set_axis(pairs.index)


def _settings(people: int) -> dict[str, Any]:
    """The model as Splink reads it."""
    comparisons = []
    for comparison in model()["comparisons"]:
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
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": ["1=1"],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }
