"""The linking model: levels of each field (`fields.yml`) and how often pairs reach them (`trained.yml`)."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from ...lab import read_yaml

HERE = Path(__file__).parent
TRAINED = HERE / "trained.yml"
FIELDS = ("surname", "forename", "date_of_birth", "gender", "pnc_id", "prison_number")
DATES = "dates"
ONE_OVER_PEOPLE = "one over people"


@functools.cache
def fields() -> dict[str, Any]:
    """What is compared, level by level."""
    return read_yaml(HERE / "fields.yml")


@functools.cache
def trained() -> dict[str, Any]:
    """How often true pairs (m) and chance pairs (u) reach each level."""
    return read_yaml(TRAINED)


def share_on_register() -> float:
    """The chance that a participant is on record at all."""
    return float(fields()["share_on_register"])


def says(field: str, level: int) -> str:
    """What a level of a field means; 0 is the lowest, -1 stands for a missing side."""
    if field == DATES:
        return str(fields()[DATES][level])
    if level < 0:
        return "not compared"
    given = [told for told in levels_of(field) if not told.get("missing")]
    return str(given[len(given) - 1 - level]["says"])


def levels_of(field: str) -> list[dict[str, Any]]:
    """The levels of a field in the order in which they are tried."""
    return next(told["levels"] for told in fields()["fields"] if told["name"] == field)


def splink_settings(people: int) -> dict[str, Any]:
    """The model as Splink reads it, for a register of so many people."""
    comparisons = []
    for field in FIELDS:
        levels = []
        chances = iter(zip(trained()["fields"][field]["m"], trained()["fields"][field]["u"], strict=True))
        for level in levels_of(field):
            if level.get("missing"):
                levels.append({"sql_condition": level["when"], "is_null_level": True})
                continue
            m, u = next(chances)
            u = level.get("u", u)
            plain = {
                "sql_condition": level.get("when", "ELSE"),
                "m_probability": m,
                "u_probability": 1 / people if u == ONE_OVER_PEOPLE else u,
            }
            if "frequency" in level:
                plain |= {"tf_adjustment_column": level["frequency"], "tf_adjustment_weight": 1.0}
            levels.append(plain)
        comparisons.append({"output_column_name": field, "comparison_levels": levels})
    return {
        "link_type": "link_only",
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": ["1=1"],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }
