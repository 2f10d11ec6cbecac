"""Matching weights from scores inside one exact stratum: radius, nearest neighbour, kernel.

Scores arrive as whole numbers (ticks) in the order of (score, unit id). Distances between whole
numbers are exact, so two comparators equally near are seen to be so, and no result depends on the
order of rows.
"""

from __future__ import annotations

import numpy as np

FAR = np.int64(2**62)
# A treated person whose comparators all stand at the kernel's very edge, worth together less than this
# part of one comparator at the centre, has nobody near.
LEAST_KERNEL = 1e-6


def radius_weights(treated: np.ndarray, pool: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Who is matched, and the comparison weights, when everyone within `width` shares the match.

    Each matched treated person spreads a weight of 1 evenly over the comparators within `width`
    of their score, so the weights sum to the number of matched treated.

    Parameters
    ----------
    treated, pool : int64, ascending

    Returns
    -------
    matched (bool, one a treated person), weight (float, one a comparator)
    """
    first = np.searchsorted(pool, treated - width, side="left")
    last = np.searchsorted(pool, treated + width, side="right")
    count = last - first
    matched = count > 0
    # Add each share where its run of comparators begins, take it off where it ends: no pair is listed.
    share = np.zeros(len(pool) + 1)
    np.add.at(share, first[matched], 1.0 / count[matched])
    np.add.at(share, last[matched], -1.0 / count[matched])
    weight = np.where(_covered(first[matched], last[matched], len(pool)), np.cumsum(share)[:-1], 0.0)
    return matched, weight


def _covered(first: np.ndarray, last: np.ndarray, size: int) -> np.ndarray:
    """Which of `size` places lie in at least one of the runs first .. last - 1."""
    edges = np.zeros(size + 1, dtype=np.int64)
    np.add.at(edges, first, 1)
    np.add.at(edges, last, -1)
    return np.cumsum(edges)[:-1] > 0


def nearest_weights(
    treated: np.ndarray, pool: np.ndarray, width: int, ratio: int, replacement: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The same for the `ratio` nearest comparators of each treated person, within `width`.

    Without replacement treated people choose from the largest score down (of equal scores, the lowest
    unit id first), in rounds: everyone their first, then everyone their second. Of two comparators equally near, the one with the
    lower score is taken; of equal scores, the one that stands nearest in the order of
    (score, unit id). A treated person with fewer than `ratio` within reach shares their weight
    of 1 among those there are.
    """
    choose = _with_replacement if replacement else _without_replacement
    person, mine = choose(treated, pool, width, ratio)
    count = np.bincount(person, minlength=len(treated))
    return count > 0, np.bincount(mine, 1.0 / count[person], len(pool))


def _with_replacement(
    treated: np.ndarray, pool: np.ndarray, width: int, ratio: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (place of the treated person, place of the comparator), all treated people at once."""
    edged = np.concatenate(([-FAR], pool, [FAR]))
    right = np.searchsorted(pool, treated, side="left") + 1
    left = right - 1
    people, chosen = [], []
    for _ in range(min(ratio, len(pool))):
        to_left, to_right = treated - edged[left], edged[right] - treated
        is_right = to_right < to_left
        near = np.flatnonzero(np.where(is_right, to_right, to_left) <= width)
        people.append(near)
        chosen.append(np.where(is_right, right, left)[near] - 1)
        right, left = right + is_right, left - ~is_right
    return np.concatenate(people), np.concatenate(chosen)


def _without_replacement(
    treated: np.ndarray, pool: np.ndarray, width: int, ratio: int
) -> tuple[np.ndarray, np.ndarray]:
    """The same when nobody of the pool may be taken twice.

    `after` and `before` tell for each comparator taken where to look next, and are shortened along
    the way: a walk over any number of taken comparators costs next to nothing.
    """
    edged = memoryview(np.concatenate(([-FAR], pool, [FAR])))
    scores = treated.tolist()
    places = (np.searchsorted(pool, treated, side="left") + 1).tolist()
    after: dict[int, int] = {}
    before: dict[int, int] = {}
    in_turn = np.argsort(-treated, kind="stable").tolist()
    people, chosen = [], []
    for _ in range(ratio):
        taken = len(chosen)
        for person in in_turn:
            score, right = scores[person], places[person]
            left = right - 1
            if right in after:
                right = _beyond(right, after)
            if left in before:
                left = _beyond(left, before)
            to_left, to_right = score - edged[left], edged[right] - score
            mine, distance = (right, to_right) if to_right < to_left else (left, to_left)
            if distance > width:
                continue
            people.append(person)
            chosen.append(mine)
            after[mine], before[mine] = mine + 1, mine - 1
        if len(chosen) == taken:
            break
    return np.array(people, dtype=np.int64), np.array(chosen, dtype=np.int64) - 1


def _beyond(place: int, onward: dict[int, int]) -> int:
    """The first place that is not taken; the walk's steps then lead straight there."""
    walked = []
    while place in onward:
        walked.append(place)
        place = onward[place]
    for step in walked:
        onward[step] = place
    return place


def kernel_weights(treated: np.ndarray, pool: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """The same when comparators within `width` share the match, the closer the more.

    The share falls with the square of the distance to nothing at `width` (Epanechnikov's kernel).
    """
    width = max(width, 1)
    reach = _kernel_sums(pool, np.ones(len(pool)), treated, width)
    matched = reach > LEAST_KERNEL
    own = treated[matched]
    weight = _kernel_sums(own, 1.0 / reach[matched], pool, width)
    first = np.searchsorted(pool, own - width, side="right")
    last = np.searchsorted(pool, own + width, side="left")
    weight = np.where(_covered(first, last, len(pool)), np.maximum(weight, 0.0), 0.0)
    # Rounding in the sums is in the twelfth place; the total is exact.
    return matched, weight * (len(own) / weight.sum()) if len(own) else weight


def _kernel_sums(source: np.ndarray, mass: np.ndarray, target: np.ndarray, width: int) -> np.ndarray:
    """For each target the sum of mass (1 - (distance / width)^2) over the sources within `width`.

    With u the place of a source in a cell of that width and v the target's, the kernel is
    1 - v^2 + 2 v u - u^2: running sums of 1, u and u^2 give it for any run of sources. Counting u from
    the middle of its cell keeps the numbers small, so that nothing cancels.
    """
    cell = source // width
    u = (source - cell * width) / width - 0.5
    sums = [np.append(0.0, np.cumsum(mass * power)) for power in (1.0, u, u * u)]
    total = np.zeros(len(target))
    home = target // width
    for offset in (-1, 0, 1):
        start = (home + offset) * width
        low = np.searchsorted(source, np.maximum(start, target - width), side="left")
        high = np.searchsorted(source, np.minimum(start + width - 1, target + width), side="right")
        v = (target - start) / width - 0.5
        one, first, second = (part[high] - part[low] for part in sums)
        total += (1 - v * v) * one + 2 * v * first - second
    return total
