"""Matching weights from scores inside one exact stratum: radius and nearest neighbour.

Scores arrive sorted by (score, unit id), so that no result depends on the order of rows.
"""

from __future__ import annotations

import numpy as np


def radius_weights(treated: np.ndarray, pool: np.ndarray, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Who is matched, and the comparison weights, when everyone within `width` shares the match.

    Each matched treated person spreads a weight of 1 evenly over the comparators within `width`
    of their score, so the weights sum to the number of matched treated.

    Parameters
    ----------
    treated, pool : scores in ascending order

    Returns
    -------
    matched (bool, one a treated person), weight (float, one a comparator)
    """
    # A hair of slack: a distance equal to the width in decimals counts as within it.
    slack = width + 1e-12
    first = np.searchsorted(pool, treated - slack, side="left")
    last = np.searchsorted(pool, treated + slack, side="right")
    count = last - first
    matched = count > 0
    # Prefix sums: add each share where its run of comparators begins, take it off where it ends.
    share = np.zeros(len(pool) + 1)
    cover = np.zeros(len(pool) + 1, dtype=np.int64)
    np.add.at(share, first[matched], 1.0 / count[matched])
    np.add.at(share, last[matched], -1.0 / count[matched])
    np.add.at(cover, first[matched], 1)
    np.add.at(cover, last[matched], -1)
    weight = np.where(np.cumsum(cover)[:-1] > 0, np.cumsum(share)[:-1], 0.0)
    return matched, weight


def nearest_weights(
    treated: np.ndarray, pool: np.ndarray, width: float, ratio: int, replacement: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The same for the `ratio` nearest comparators of each treated person, within `width`.

    Treated people choose from the largest score down, in rounds: everyone their first, then
    everyone their second. Of two comparators equally near, the one with the lower score
    is taken; of equal scores, the one that stands nearest in the order of (score, unit id).
    """
    chosen: list[list[int]] = [[] for _ in treated]
    used = np.zeros(len(pool), dtype=bool)
    for _ in range(min(ratio, len(pool))):
        for person in range(len(treated) - 1, -1, -1):
            mine = _nearest(treated[person], pool, used, set(chosen[person]))
            if mine is None or abs(pool[mine] - treated[person]) > width + 1e-12:
                continue
            chosen[person].append(mine)
            used[mine] = not replacement
    weight = np.zeros(len(pool))
    for mine_all in chosen:
        for mine in mine_all:
            weight[mine] += 1.0 / len(mine_all)
    return np.array([bool(mine_all) for mine_all in chosen], dtype=bool), weight


def _nearest(score: float, pool: np.ndarray, used: np.ndarray, mine: set[int]) -> int | None:
    """The nearest free comparator to a score, walking outwards from where it would stand."""
    right = int(np.searchsorted(pool, score, side="left"))
    left = right - 1
    while left >= 0 and (used[left] or left in mine):
        left -= 1
    while right < len(pool) and (used[right] or right in mine):
        right += 1
    if left < 0 and right >= len(pool):
        return None
    if left < 0 or (right < len(pool) and pool[right] - score < score - pool[left]):
        return right
    return left
