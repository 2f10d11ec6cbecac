"""How two weighted groups differ on each covariate level: means, variances, distributions, scores, strata.

Weights are matching weights: 1 or 0 in the treatment group, shares in the comparison group.
"Before" counts everybody once, "after" by weight.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..matching import Levels, effective_size, rating

MOST_VALUES = 100_000  # whole numbers of a range up to this are counted instead of sorted
SCORE_BINS = 50


def column_statistics(levels: Levels, treated: np.ndarray, weight: np.ndarray) -> dict[str, np.ndarray]:
    """Means, variance ratios (treatment over comparison) and KS of every column, before and after.

    KS is the largest gap between the two distribution functions; of a share it is the difference
    of the means.

    Returns
    -------
    mean_treatment, mean_pool, mean_comparison, variance_ratio_before, variance_ratio, ks_before, ks;
    each of shape (k,)
    """
    took_part, pool = np.flatnonzero(treated), np.flatnonzero(~treated)
    weights = (weight[took_part], weight[pool])
    found = [_compare(x[took_part], x[pool], *weights) for x in levels.columns]
    names = (
        "mean_treatment",
        "mean_pool",
        "mean_comparison",
        "variance_ratio_before",
        "variance_ratio",
        "ks_before",
        "ks",
    )
    return {name: np.array(values) for name, values in zip(names, zip(*found, strict=True), strict=True)}


def _compare(t: np.ndarray, c: np.ndarray, wt: np.ndarray, wc: np.ndarray) -> tuple[float, ...]:
    """The statistics of one column, from the values of the treatment group and of the pool."""
    once_t, once_c = np.ones(len(t)), np.ones(len(c))
    before_t, before_c, after_t, after_c = (
        _moments(t, once_t),
        _moments(c, once_c),
        _moments(t, wt),
        _moments(c, wc),
    )
    if t.dtype == bool:
        ks = [abs(before_t[0] - before_c[0]), abs(after_t[0] - after_c[0])]
    else:
        ks = _gaps(t, c, [(once_t, once_c), (wt, wc)])
    return (
        after_t[0],
        before_c[0],
        after_c[0],
        _ratio(before_t[1], before_c[1]),
        _ratio(after_t[1], after_c[1]),
        *ks,
    )


def _moments(x: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Weighted mean, and the variance with reliability weights: the usual n - 1 when all weights are equal."""
    total = weight.sum()
    mean = float(weight @ x / total)
    left = total**2 - weight @ weight
    if left <= 0:
        return mean, float("nan")
    around = mean * (1 - mean) * total if x.dtype == bool else weight @ (x - mean) ** 2
    return mean, float(around * total / left)


def _ratio(treatment: float, comparison: float) -> float:
    return treatment / comparison if comparison > 0 else float("nan")


def _gaps(t: np.ndarray, c: np.ndarray, weights: list[tuple[np.ndarray, np.ndarray]]) -> list[float]:
    """The largest gap between two weighted distribution functions, for each pair of weights."""
    low, high = min(t.min(), c.min()), max(t.max(), c.max())
    if high - low < MOST_VALUES and (c[:100] == np.rint(c[:100])).all():
        places = [(x - low).astype(np.int64) for x in (t, c)]
        if all((place == x - low).all() for place, x in zip(places, (t, c), strict=True)):
            size = int(high - low) + 1
            counted = (
                [np.bincount(place, w, size) / w.sum() for place, w in zip(places, pair, strict=True)]
                for pair in weights
            )
            return [float(np.abs(np.cumsum(a - b)).max()) for a, b in counted]
    in_t, in_c = np.argsort(t), np.argsort(c)
    sorted_t, sorted_c = t[in_t], c[in_c]
    values = np.unique(t)
    # Between two values of the treatment group only the other function moves, and it never falls: the
    # gap is largest at such a value or just before one.
    at_t = np.searchsorted(sorted_t, values, side="right")
    before_c, at_c = (np.searchsorted(sorted_c, values, side=side) for side in ("left", "right"))
    gaps = []
    for wt, wc in weights:
        share_t, share_c = (np.append(0.0, np.cumsum(w)) / w.sum() for w in (wt[in_t], wc[in_c]))
        now = share_t[at_t]
        just_before = np.append(0.0, now[:-1])
        gaps.append(
            float(max(np.abs(now - share_c[at_c]).max(), np.abs(just_before - share_c[before_c]).max()))
        )
    return gaps


def score_statistics(score: np.ndarray, treated: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    """How alike the scores (log-odds) are, before and after matching.

    rubin_b : difference of the mean scores over sqrt of the mean of the two variances; under 0.25 is
        close enough for regression to repair (Rubin 2001)
    rubin_r : variance of the treatment group's scores over the comparison group's; 0.5 to 2 is close
    overlap : share of the two distributions that lies over one another, in SCORE_BINS equal bins
    supported : share of the treatment group whose scores lie in the range of the pool's
    """
    found: dict[str, float] = {}
    edges = np.linspace(score.min(), score.max(), SCORE_BINS + 1)
    for when, w in (("_before", np.ones(len(score))), ("", weight)):
        (mean_t, var_t), (mean_c, var_c) = (_moments(score[g], w[g]) for g in (treated, ~treated))
        spread = np.sqrt((var_t + var_c) / 2)
        found[f"rubin_b{when}"] = float(abs(mean_t - mean_c) / spread) if spread > 0 else 0.0
        found[f"rubin_r{when}"] = _ratio(var_t, var_c)
        shares = [np.histogram(score[g], edges, weights=w[g])[0] / w[g].sum() for g in (treated, ~treated)]
        found[f"overlap{when}"] = float(np.minimum(*shares).sum())
    pool, own = score[~treated], score[treated]
    found["supported"] = float(((own >= pool.min()) & (own <= pool.max())).mean())
    return found


def family_statistics(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a family of covariates, worst after matching first: levels, worst and mean |SMD|, colours."""
    size = rows.assign(before=rows["smd_before"].abs(), after=rows["smd_after"].abs())
    size = size.join(
        pd.get_dummies(size["rating"]).reindex(columns=["green", "amber", "red"], fill_value=False)
    )
    families = size.groupby("family", sort=True).agg(
        levels=("label", "size"),
        worst_before=("before", "max"),
        worst_after=("after", "max"),
        mean_before=("before", "mean"),
        mean_after=("after", "mean"),
        green=("green", "sum"),
        amber=("amber", "sum"),
        red=("red", "sum"),
    )
    return families.sort_values("worst_after", ascending=False, kind="stable").reset_index()


def stratum_statistics(
    levels: Levels, labels: list[str], people: pd.DataFrame, spread: np.ndarray
) -> pd.DataFrame:
    """Balance inside each exact stratum with matched people, worst first.

    The denominator is the whole analysis's, so that strata can be compared with it and one another.

    Returns
    -------
    stratum, treatment (people matched), comparison_effective, worst_smd (signed), worst_label, rating
    """
    used = np.flatnonzero(people["weight"].to_numpy() > 0)
    strata = people["stratum"].astype("category").cat
    code, names = strata.codes.to_numpy()[used].astype(np.int64), strata.categories
    weight, treated = people["weight"].to_numpy()[used], people["treated"].to_numpy()[used]
    count = len(names)
    totals = [np.bincount(code[g], weight[g], count) for g in (treated, ~treated)]
    with np.errstate(divide="ignore", invalid="ignore"):
        signed = np.where(treated, weight / totals[0][code], -weight / totals[1][code])
    gaps = np.array([np.bincount(code, signed * x[used], count) for x in levels.columns])
    smd = np.divide(gaps, spread[:, None], out=np.zeros_like(gaps), where=spread[:, None] > 0)
    worst = np.argmax(np.abs(np.round(smd, 12)), axis=0)
    rows: list[dict[str, Any]] = []
    for place in np.flatnonzero(totals[0] > 0):
        value = float(np.round(smd[worst[place], place], 12)) + 0.0
        rows.append(
            {
                "stratum": str(names[place]),
                "treatment": int(totals[0][place]),
                "comparison_effective": effective_size(weight[~treated & (code == place)]),
                "worst_smd": value,
                "worst_label": labels[worst[place]],
                "rating": rating(value),
            }
        )
    order = sorted(rows, key=lambda row: (-abs(row["worst_smd"]), row["stratum"]))
    return pd.DataFrame(order)
