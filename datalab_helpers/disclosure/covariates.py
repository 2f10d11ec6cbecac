"""Who the people are, and how alike the groups: shares held back when few stand behind them."""

from __future__ import annotations

from ..balance import BalanceTable
from . import results as r
from .rules import CONFIDENTIAL, complete_suppression, count_is_safe


def counts_of(balance: BalanceTable, n: int) -> dict[str, int]:
    """How many of the treatment group have each level, by the level's label."""
    shares = balance.rows[balance.rows["kind"] == "share"]
    return dict(zip(shares["label"], (shares["mean_treatment"] * n).round().astype(int), strict=True))


def rows_of(
    balance: BalanceTable, n: int, pool: int, smallest: int, away: set[str]
) -> tuple[list[r.BalanceRow], list[r.Profile]]:
    """Balance rows and profile, a share held back when a count behind it is small.

    Parameters
    ----------
    away : labels that another analysis would give away
    """
    rows = balance.rows.to_dict("records")
    by_covariate: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        by_covariate.setdefault(row["covariate"], []).append(position)
    hidden = [
        row["kind"] == "share"
        # What everybody has, in both groups, follows from the rule that chose them.
        and not row["mean_treatment"] == row["mean_pool"] == 1
        and not (
            row["label"] not in away
            and count_is_safe(row["mean_treatment"] * n, n, smallest)
            and count_is_safe(row["mean_pool"] * pool, pool, smallest)
        )
        for row in rows
    ]
    for positions in by_covariate.values():
        parts = [i for i in positions if rows[i]["kind"] == "share"]
        full = complete_suppression([rows[i]["mean_treatment"] for i in parts], [hidden[i] for i in parts])
        for i, is_hidden in zip(parts, full, strict=True):
            hidden[i] = is_hidden
    published, profile = [], []
    for row, is_hidden in zip(rows, hidden, strict=True):
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
        denominator=balance.denominator,
        **{colour: int(counts.get(colour, 0)) for colour in ("green", "amber", "red")},
        worst_before=max((abs(row.smd_before) for row in rows if row.smd_before is not None), default=None),
        worst_after=max((abs(row.smd_after) for row in rows if row.smd_after is not None), default=None),
        rows=rows,
    )


def none_if_nan(value: float | None) -> float | None:
    """JSON has no NaN: what does not apply is null."""
    return None if value is None or value != value else float(value)
