"""Weights from people already scored: cheap enough to be asked for hundreds of times.

    people = scored(treated, score, stratum, terms)          # once a covariate set
    weight = specification(people, settings, caliper=0.1)    # as often as wanted, milliseconds each

`match` takes every caliper of its grid this way, and a specification curve each of its choices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..errors import MatchingError
from ..request import MatchingSettings
from .entropy import CANNOT, entropy_weights
from .propensity import SCORE_PLACES
from .weights import kernel_weights, nearest_weights, radius_weights

PROBABILITY_PLACES = 12
SLACK = 1e-3  # of a tick: a distance equal to the caliper in decimals counts as within it


@dataclass(frozen=True, eq=False)
class Scored:
    """People with their scores, sorted once. Rows are in the order of unit ids.

    treated : bool, shape (n,)
    score : log-odds, rounded to SCORE_PLACES
    strata : for each exact stratum with people of both groups, its treated and its pool, as row
        numbers in the order of (score, unit id)
    terms : shape (n, k), the columns that entropy balancing balances; None where it is not wanted
    """

    treated: np.ndarray
    score: np.ndarray
    strata: list[tuple[np.ndarray, np.ndarray]]
    terms: np.ndarray | None = None


def scored(
    treated: np.ndarray, score: np.ndarray, stratum: np.ndarray, terms: np.ndarray | None = None
) -> Scored:
    """Sort people for matching. All rows in the order of unit ids: ties in score are settled by it.

    Parameters
    ----------
    score : log-odds, as `propensity` gives them; rounded to SCORE_PLACES here
    stratum : any whole numbers, equal for people of one exact stratum
    """
    score = np.round(score, SCORE_PLACES)
    order = _ascending(_ticks(score, SCORE_PLACES))
    small = stratum.astype(np.uint16) if stratum.min() >= 0 and stratum.max() < 2**16 else stratum
    # A stable sort of small numbers takes one pass for each of their two bytes.
    order = order[np.argsort(small[order], kind="stable")]
    borders = np.flatnonzero(np.diff(small[order])) + 1
    strata = []
    for rows in np.split(order, borders):
        own = treated[rows]
        if own.any() and not own.all():
            strata.append((rows[own], rows[~own]))
    return Scored(treated, score, strata, terms)


def specification(people: Scored, settings: MatchingSettings, caliper: float | None) -> np.ndarray:
    """Matching weights of one set of choices, in the order of `people`.

    Matched treated people have weight 1 and unmatched 0; the weights of the pool sum to the
    matched treated, in each exact stratum. Nobody else is changed: a treated person without a
    comparator is unmatched, which the caller can see.

    Parameters
    ----------
    settings : method, scale, caliper_unit, replacement, ratio and common_support are used
    caliper : on the settings' scale, in their unit; None for none. Entropy balancing has none
    """
    weight = np.zeros(len(people.treated))
    strata = supported(people, settings.common_support)
    if settings.method == "entropy":
        _balance_by_entropy(people, strata, weight)
        return weight
    if settings.method == "kernel" and caliper is None:
        raise MatchingError(
            "kernel matching needs a caliper, which is its bandwidth; set `caliper` to a number or auto"
        )
    values, places = scale(people.score, settings.scale)
    tick = 10.0**-places
    unit = float(values.std(ddof=1)) if settings.caliper_unit == "sd" else 1.0
    width = 2**60 if caliper is None else min(int(caliper * unit / tick + SLACK), 2**60)
    ticks = _ticks(values, places)
    for own, pool in strata:
        arrays = ticks[own], ticks[pool]
        if settings.method == "radius":
            matched, shares = radius_weights(*arrays, width)
        elif settings.method == "kernel":
            matched, shares = kernel_weights(*arrays, width)
        else:
            matched, shares = nearest_weights(*arrays, width, settings.ratio, settings.replacement)
        weight[own], weight[pool] = matched, shares
    return weight


def scale(score: np.ndarray, name: Literal["logit", "probability"]) -> tuple[np.ndarray, int]:
    """Scores on the scale on which distances are taken, and the places to which they are compared."""
    if name == "logit":
        return score, SCORE_PLACES
    return 1 / (1 + np.exp(-score)), PROBABILITY_PLACES


def _ticks(values: np.ndarray, places: int) -> np.ndarray:
    """Whole numbers of 10^-places."""
    return np.rint(values * 10.0**places).astype(np.int64)


def _ascending(ticks: np.ndarray) -> np.ndarray:
    """Row numbers in the order of (ticks, row number)."""
    least, bits = int(ticks.min()), len(ticks).bit_length()
    if (int(ticks.max()) - least).bit_length() + bits < 63:
        # Score and row in one number: sorting numbers is twice as fast as sorting places stably.
        joint = np.sort((ticks - least) << bits | np.arange(len(ticks)))
        return joint & ((1 << bits) - 1)
    return np.argsort(ticks, kind="stable")


def supported(people: Scored, rule: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """The strata less those outside the common range of scores.

    treated_range leaves out comparators beyond the treated; both leaves out treated people beyond the pool too.
    """
    if rule == "none":
        return people.strata
    score, treated = people.score, people.treated
    ranges = [(score[group].min(), score[group].max()) for group in (treated, ~treated)]
    kept = []
    for own, pool in people.strata:
        pool = pool[(score[pool] >= ranges[0][0]) & (score[pool] <= ranges[0][1])]
        if rule == "both":
            own = own[(score[own] >= ranges[1][0]) & (score[own] <= ranges[1][1])]
        if len(own) and len(pool):
            kept.append((own, pool))
    return kept


def _balance_by_entropy(
    people: Scored, strata: list[tuple[np.ndarray, np.ndarray]], weight: np.ndarray
) -> None:
    """Entropy weights over everybody, the total of each exact stratum being one more column to balance."""
    if people.terms is None:
        raise MatchingError("entropy balancing needs the columns to balance; give `scored` the model's terms")
    if not strata:
        raise MatchingError(CANNOT)
    own, pool = (np.concatenate(rows) for rows in zip(*strata, strict=True))
    sizes = [(len(t), len(p)) for t, p in strata]
    shares = np.array([t for t, _ in sizes]) / len(own)
    x = np.empty((len(pool), people.terms.shape[1] + len(sizes) - 1), order="F")
    x[:, : people.terms.shape[1]] = people.terms[pool]
    # The last stratum's total follows from the others.
    member = np.repeat(np.arange(len(sizes)), [p for _, p in sizes])
    for place in range(len(sizes) - 1):
        x[:, people.terms.shape[1] + place] = member == place
    target = np.append(people.terms[own].mean(axis=0), shares[:-1])
    weight[own] = 1.0
    weight[pool] = entropy_weights(x, target, float(len(own)))
