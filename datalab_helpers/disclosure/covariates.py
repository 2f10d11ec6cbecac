"""Who the people are, and how alike the groups: shares held back when few stand behind them."""

from __future__ import annotations

import pandas as pd

from ..balance import BalanceTable
from . import results as r
from .record import Record
from .rules import CONFIDENTIAL
from .shares import REST, Counts, Lattice, hidden_levels

YES = "yes"
NUMBERS = [
    "mean_treatment",
    "mean_pool",
    "mean_comparison",
    "smd_before",
    "smd_after",
    "spread",
    "ks_before",
    "ks",
]

DENOMINATOR = "standard deviation of the people analysed who took part, the same before and after"


def listed_rows(
    balances: dict[str, BalanceTable], conditions: dict[str, frozenset[str]]
) -> dict[str, pd.DataFrame]:
    """The balance rows of each analysis, with the levels that only another one has anybody of.

    A level left out would tell that nobody in the analysis has it. A covariate that its conditions name keeps the
    levels it has, since the conditions tell the rest.
    """
    found = {name: balance.rows for name, balance in balances.items()}
    everywhere: dict[str, dict[str, None]] = {}
    for rows in found.values():
        for covariate, own in rows.groupby("covariate", sort=False)["level"]:
            if own.ne("").all():
                everywhere.setdefault(str(covariate), {}).update(dict.fromkeys(own))
    return {name: _with_levels(rows, everywhere, conditions[name]) for name, rows in found.items()}


def _with_levels(
    rows: pd.DataFrame, everywhere: dict[str, dict[str, None]], conditions: frozenset[str]
) -> pd.DataFrame:
    parts = []
    for covariate, own in rows.groupby("covariate", sort=False):
        missing = [level for level in everywhere.get(str(covariate), {}) if level not in set(own["level"])]
        if missing and not any(c.startswith(f"{covariate}: ".casefold()) for c in conditions):
            nobody = own.iloc[[-1] * len(missing)].assign(level=missing, rating="green")
            nobody[NUMBERS] = 0.0
            # Below its other levels: at the end of the table it would show that nothing differs.
            nobody.index = own.index[[-1] * len(missing)]
            parts.append(nobody)
    return pd.concat([rows, *parts]).sort_index(kind="stable").reset_index(drop=True) if parts else rows


def hidden_rows(
    tables: dict[str, pd.DataFrame],
    sizes: dict[str, dict[str, float]],
    conditions: dict[str, frozenset[str]],
    lattice: Lattice,
    smallest: int,
    record: Record,
) -> dict[str, set[tuple[str, str]]]:
    """For each analysis the (covariate, level) whose shares are held back.

    Parameters
    ----------
    tables : the rows of each analysis that is published, the headline first; sizes, conditions : the same
    """
    counts = {name: _counts(rows, sizes[name], conditions[name]) for name, rows in tables.items()}
    hidden: dict[str, set[tuple[str, str]]] = {name: set() for name in tables}
    for covariate in dict.fromkeys(c for found in counts.values() for c in found):
        own = {name: found[covariate] for name, found in counts.items() if covariate in found}
        for name, levels in hidden_levels(own, lattice, smallest).items():
            for level, why in levels.items():
                hidden[name].add((covariate, level))
                record.add(name, "balance and profile", f"{covariate}: {level}".rstrip(": "), why)
    return hidden


def _counts(table: pd.DataFrame, sizes: dict[str, float], conditions: frozenset[str]) -> dict[str, Counts]:
    """Of each covariate that has shares, how many people are behind each."""
    found: dict[str, Counts] = {}
    whole = {
        "treatment": float(sizes["treatment"]),
        "pool": float(sizes["pool"]),
        "comparison": float(sizes["comparison"]),
    }
    by_covariate: dict[str, list[dict]] = {}
    for row in table.to_dict("records"):
        by_covariate.setdefault(row["covariate"], []).append(row)
    for covariate, rows in by_covariate.items():
        shares = [row for row in rows if row["kind"] == "share"]
        if not shares:
            continue
        # A yes-or-no is one level, the others of the group are the rest of it.
        with_rest = any(row["level"] == "" for row in rows)
        sides: dict[str, dict[str, float]] = {}
        for side, size in whole.items():
            told = {_name(row["level"]): row[f"mean_{side}"] * size for row in shares}
            if side != "comparison":
                told = {level: float(round(count)) for level, count in told.items()}
            sides[side] = told | ({REST: size - sum(told.values())} if with_rest else {})
        # One level alone, in both groups, is what the rule that chose them asked for.
        given = frozenset({rows[0]["level"]}) if len(rows) == 1 and not with_rest else frozenset()
        found[covariate] = Counts(**sides, given=given, conditions=conditions)
    return found


def _name(level: str) -> str:
    return level or YES


def rows_of(
    table: pd.DataFrame, hidden: set[tuple[str, str]], with_pool: bool
) -> tuple[list[r.BalanceRow], list[r.Profile]]:
    """Balance rows and profile, some of the shares held back.

    Standardised differences are of the people analysed, over their own spread: over that of everyone before
    matching, how many of the few who were not matched have a level could be worked out.

    Parameters
    ----------
    with_pool : whether anything is told of the whole pool; the few of it who were not matched could be
        worked out from its shares where its size is held back
    """
    rows = table.to_dict("records")
    is_hidden_row = [
        row["kind"] == "share" and (row["covariate"], _name(row["level"])) in hidden for row in rows
    ]
    for row in rows:
        for when, other in (("before", "mean_pool"), ("after", "mean_comparison")):
            gap = row["mean_treatment"] - row[other]
            row[f"smd_{when}"] = round(gap / row["spread"], 12) + 0.0 if row["spread"] > 0 else 0.0
        if not with_pool:
            row |= {"mean_pool": None, "smd_before": None}
    published, profile = [], []
    for row, is_hidden in zip(rows, is_hidden_row, strict=True):
        mark = CONFIDENTIAL if is_hidden else None
        numbers = {
            key: None if is_hidden else none_if_nan(row[key])
            for key in (
                "mean_treatment",
                "mean_pool",
                "mean_comparison",
                "smd_before",
                "smd_after",
                "variance_ratio",
                "ks",
            )
        }
        common = {"covariate": row["covariate"], "level": row["level"] or None, "unit": row["unit"]}
        published.append(
            r.BalanceRow(
                **common,
                family=row["family"],
                in_model=row["in_model"],
                kind=row["kind"],
                rating=row["rating"],
                suppressed=mark,
                **numbers,
            )
        )
        value = numbers["mean_treatment"]
        profile.append(
            r.Profile(
                **common,
                share=value if row["kind"] == "share" else None,
                mean=value if row["kind"] == "number" else None,
                suppressed=mark,
            )
        )
    order = {
        row["covariate"]: i for i, row in enumerate(sorted(rows, key=lambda x: (x["family"], x["covariate"])))
    }
    return published, sorted(profile, key=lambda p: (order[p.covariate], p.level or ""))


def balance_of(balance: BalanceTable, rows: list[r.BalanceRow]) -> r.Balance:
    """The verdict on balance with its rows; counts cover the hidden rows too, the worst differences do not."""
    counts = balance.rows["rating"].value_counts()
    return r.Balance(
        verdict=balance.verdict,
        reasons=balance.reasons,
        denominator=DENOMINATOR,
        **{colour: int(counts.get(colour, 0)) for colour in ("green", "amber", "red")},
        worst_before=max((abs(row.smd_before) for row in rows if row.smd_before is not None), default=None),
        worst_after=max((abs(row.smd_after) for row in rows if row.smd_after is not None), default=None),
        rows=rows,
    )


def none_if_nan(value: float | None) -> float | None:
    """JSON has no NaN: what does not apply is null."""
    return None if value is None or value != value else float(value)
