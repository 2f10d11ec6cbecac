"""Groups that a reader gets by adding and taking away published groups, and what they would give away."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .rules import count_is_safe

MOST_ANALYSES = 12  # of all combinations of more there are too many to go through: only pairs are


@dataclass(frozen=True)
class Derived:
    """Published groups with their signs; the people of those with a minus lie among those with a plus.

    size : what the published sizes give
    atoms : which sets of analyses its people are in at once, by number
    """

    signs: tuple[tuple[str, int], ...]
    size: int
    atoms: frozenset[int] = frozenset()

    @property
    def members(self) -> list[str]:
        """The analyses, in the order in which they were looked at."""
        return [name for name, _ in self.signs]

    def of(self, numbers: Mapping[str, float]) -> float:
        """The same sum of another number of each analysis."""
        return sum(sign * numbers[name] for name, sign in self.signs)


def derived(
    chosen: Mapping[str, Collection], published: Mapping[str, Collection], smallest: int, alone: bool = True
) -> list[Derived]:
    """Every group of people that sums and differences of published groups can be.

    Parameters
    ----------
    chosen : everyone that the conditions of each analysis choose, the headline first: a reader knows the
        conditions, so what holds by them counts
    published : those of them behind the published numbers; a sum that is a group but for fewer than
        `smallest` people counts as well
    alone : whether a single analysis counts as such a group
    """
    names = list(published)
    found: dict[tuple[int, ...], None] = {}
    for groups, spare in ((chosen, 1), (published, smallest)):
        inside, people = _atoms([groups[name] for name in names])
        for signs in _signs(len(names)):
            sums = signs @ inside
            wrong = ((sums < 0) | (sums > 1)) @ people
            for row in signs[wrong < spare]:
                found[tuple(int(sign) for sign in row)] = None
    sizes = np.array([len(published[name]) for name in names])
    inside, _ = _atoms([chosen[name] for name in names])
    return [
        Derived(
            tuple((n, s) for n, s in zip(names, signs, strict=True) if s),
            int(np.dot(signs, sizes)),
            frozenset(np.flatnonzero(np.array(signs) @ inside >= 1).tolist()),
        )
        for signs in found
        if sum(map(abs, signs)) > (0 if alone else 1) and np.dot(signs, sizes) > -smallest
    ]


def _signs(count: int) -> list[np.ndarray]:
    """Every way to add, take away or leave out so many groups, in blocks; of very many, pairs only."""
    if count > MOST_ANALYSES:
        pairs = [(a, b) for a in range(count) for b in range(count) if a != b]
        rows = np.zeros((len(pairs) + count, count), dtype=np.int16)
        for place, (a, b) in enumerate(pairs):
            rows[place, [a, b]] = 1, -1
        rows[len(pairs) :] = np.eye(count, dtype=np.int16)
        return [rows]
    rest = np.array(list(itertools.product((0, 1, -1), repeat=min(count, 8))), dtype=np.int16)
    ahead = itertools.product((0, 1, -1), repeat=max(count - 8, 0))
    return [np.hstack([np.tile(np.array(first, np.int16), (len(rest), 1)), rest]) for first in ahead]


def _atoms(groups: Sequence[Collection]) -> tuple[np.ndarray, np.ndarray]:
    """Which groups people are in at once, shape (groups, atoms), and how many people each such set has."""
    indexes = [pd.Index(list(group) if isinstance(group, set) else group) for group in groups]
    everyone = pd.Index(pd.unique(np.concatenate([index.to_numpy() for index in indexes])))
    # One number a person for the set of groups they are in: sorting numbers is quick, rows are not.
    codes = np.zeros(len(everyone), dtype=np.int64)
    for place, index in enumerate(indexes):
        codes += everyone.isin(index).astype(np.int64) << place
    atoms, people = np.unique(codes, return_counts=True)
    return ((atoms[None, :] >> np.arange(len(groups))[:, None]) & 1).astype(np.int16), people


def too_close(groups: Sequence[Derived], smallest: int) -> dict[str, Derived]:
    """The last analysis of each sum that leaves a few people, and that sum."""
    close: dict[str, Derived] = {}
    for group in groups:
        if 0 < abs(group.size) < smallest and len(group.members) > 1:
            close.setdefault(group.members[-1], group)
    return close


def gives_away(group: Derived, count: float, people: float, smallest: int) -> bool:
    """Whether a count among the people of a derived group is unsafe; where nobody is left nothing is."""
    if group.size == 0:
        return count != 0
    return not count_is_safe(count, people, smallest)
