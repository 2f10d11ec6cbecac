"""The peer: Splink trained anew for one submission, on the same standardised names, with its own comparisons.

Standardising is a gift to it (its time does not count); blocking rules are those under which the
product looks up. The best candidate of each row is linked from a match weight of 0.
"""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import pandas as pd

LINK_AT = 0.0
PAIRS = 1e7  # random pairs from which u is estimated
SHARE_ON_REGISTER = 0.92
BLOCKED = (
    ("pnc_id",),
    ("prison_number",),
    ("surname", "born"),
    ("root", "born"),
    ("surname", "root", "substr(born, 1, 4)"),
    ("surname", "root", "substr(born, 5, 4)"),
)
TRAINED = (("pnc_id",), ("surname", "born"), ("root", "born"))
STANDARDISED = """
SELECT {unique} AS unique_id, surname, forename, root, born, gender, pnc_id, prison_number FROM {source}
"""


def afresh(folder: Path, name: str) -> tuple[pd.DataFrame, float]:
    """Links of a submission (indexed by row: person_id, weight) and the seconds from tables to links."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    from datalab_helpers.intake import read_submission
    from datalab_helpers.intake.prepare import STANDARD, recipe
    from datalab_helpers.request import load_request

    request = load_request(folder / name)
    rows = read_submission(request).rows.reset_index()
    rows = rows[rows[["surname", "forename", "date_of_birth"]].notna().all(axis=1)]
    text = ["surname", "forename", "gender", "pnc_id", "prison_number"]
    rows[text] = rows[text].astype("str").where(rows[text].notna(), None)
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as db:
        db.execute(f"ATTACH '{folder}/records/prepared.duckdb' AS prepared (READ_ONLY)")
        db.register("given", rows)
        db.register("nicknames", recipe(request.lab).frames["nickname_list"])
        db.execute(
            f"""CREATE TABLE typed AS SELECT given.* EXCLUDE (surname, forename),
                {STANDARD.format("given.surname")} AS surname, {STANDARD.format("given.forename")} AS forename,
                strftime(date_of_birth, '%Y%m%d') AS born FROM given"""
        )
        db.execute(
            """CREATE TABLE rooted AS SELECT typed.*, coalesce(n.root, forename) AS root
               FROM typed LEFT JOIN nicknames n ON n.name = forename"""
        )
        typed = db.sql(STANDARDISED.format(unique="row::VARCHAR", source="rooted"))
        typed.create("typed_rows")
        known = db.sql(STANDARDISED.format(unique="person_id || '-' || alias", source="prepared.main.names"))
        known.create("known_names")
        people = db.sql("SELECT people FROM prepared.main.register_size").fetchall()[0][0]
        started = time.perf_counter()
        api = DuckDBAPI(connection=db)
        # Splink takes left and right from the order of these names.
        tables = [
            api.register("typed_rows", dataset_display_name="a_participants"),
            api.register("known_names", dataset_display_name="b_records"),
        ]
        settings = SettingsCreator(
            link_type="link_only",
            comparisons=[
                cl.ForenameSurnameComparison("forename", "surname"),
                cl.DateOfBirthComparison("born", input_is_string=True, datetime_format="%Y%m%d"),
                cl.ExactMatch("gender"),
                cl.ExactMatch("pnc_id"),
                cl.ExactMatch("prison_number"),
            ],
            blocking_rules_to_generate_predictions=[block_on(*rule) for rule in BLOCKED],
            probability_two_random_records_match=SHARE_ON_REGISTER / people,
        )
        linker = Linker(tables, settings, log_level="ERROR")
        linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS, seed=1)
        for rule in TRAINED:
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*rule), fix_probability_two_random_records_match=True
            )
        scored = linker.inference.predict(threshold_match_weight=LINK_AT).as_duckdbpyrelation()
        best = scored.query(
            "scored",
            """SELECT unique_id_l::BIGINT AS row, split_part(unique_id_r, '-', 1)::BIGINT AS person_id, match_weight AS weight
               FROM scored QUALIFY row_number() OVER (PARTITION BY row ORDER BY weight DESC, person_id) = 1""",
        ).df()
    return best.set_index("row"), time.perf_counter() - started
