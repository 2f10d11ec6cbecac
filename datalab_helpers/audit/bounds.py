"""How narrowly a number of people can be told from everything published: by arithmetic, else by linear programming.

The unknowns are whole numbers of people: for each set of analyses that a person can be in at once (an
atom), how many there are, and how many of them have each thing. What is published are sums of atoms.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .read import Group, Side, Thing

ROUNDS = 6  # of all cells at once, before each that is still in doubt is bounded alone
MOST_UNITED = 12  # analyses beyond which unions are not formed


@dataclass(frozen=True)
class People:
    """Groups added and taken away: those of `plus` who are in none of `minus`."""

    plus: str
    minus: tuple[str, ...] = ()

    def told(self) -> str:
        return f"{self.plus!r}" + (f" without {' and '.join(map(repr, self.minus))}" if self.minus else "")


@dataclass(frozen=True)
class Cell:
    """A number of people (or a sum over them) that nobody may learn when it is small.

    things : whose numbers are added; other : with the sign changed (a complement)
    """

    people: People
    thing: str
    complement: bool = False


def peoples(side: Side) -> list[People]:
    """Every analysis, every one without another, and every one without several that share nobody."""
    groups = side.groups
    found = [People(group.name) for group in groups]
    for whole in groups:
        others = [
            g for g in groups if g is not whole and not g.apart(whole) and not _inside(whole, g, groups)
        ]
        found += [People(whole.name, (g.name,)) for g in others]
        parts = [g for g in others if g.within(whole)][:MOST_UNITED]
        for size in range(2, len(parts) + 1):
            for chosen in itertools.combinations(parts, size):
                if all(a.apart(b) for a, b in itertools.combinations(chosen, 2)):
                    found.append(People(whole.name, tuple(g.name for g in chosen)))
    return found


def _inside(group: Group, other: Group, groups: list[Group]) -> bool:
    """Whether a group lies in another by rule; of two with the same conditions the later lies in the earlier."""
    if group.conditions == other.conditions:
        return groups.index(group) > groups.index(other)
    return group.within(other)


def known(side: Side) -> dict[tuple[str, str], tuple[int, int]]:
    """What is known of each group's numbers, with every part that follows from a whole and the other parts."""
    found = dict(side.known)
    sizes = {group.name: (group.low, group.high) for group in side.groups}
    changed = True
    while changed:
        changed = False
        for (parent, parts), name in itertools.product(side.parts, sizes):
            whole = sizes[name] if parent is None else found.get((name, parent))
            missing = [part for part in parts if (name, part) not in found]
            if whole is None or len(missing) != 1 or not any((name, part) in side.present for part in parts):
                continue
            others = [found[name, part] for part in parts if part != missing[0]]
            low = whole[0] - sum(high for _, high in others)
            high = whole[1] - sum(low for low, _ in others)
            found[name, missing[0]] = (max(low, 0), high)
            changed = True
    return found


def by_sums(
    side: Side, found: dict[tuple[str, str], tuple[int, int]], people: People, thing: str | None
) -> tuple[int, int] | None:
    """Bounds from the published numbers alone, where the groups taken away lie in the first; None where they do not say."""
    sizes = {group.name: group for group in side.groups}

    def of(name: str) -> tuple[int, int] | None:
        if thing is None:
            return sizes[name].low, sizes[name].high
        return found.get((name, thing))

    if not all(sizes[name].within(sizes[people.plus]) for name in people.minus):
        return None
    plus, minus = of(people.plus), [of(name) for name in people.minus]
    if plus is None or any(m is None for m in minus):
        return None
    return plus[0] - sum(m[1] for m in minus if m), plus[1] - sum(m[0] for m in minus if m)


class Programme:
    """One family of things over all atoms, as a linear programme."""

    def __init__(self, side: Side, family: str, found: dict[tuple[str, str], tuple[int, int]]) -> None:
        self.side = side
        self.things = [name for name, thing in side.things.items() if thing.family == family]
        self.atoms = list(_atoms(side.groups))
        self.width = len(self.atoms)
        columns = (len(self.things) + 1) * self.width
        equal: list[tuple[np.ndarray, float]] = []
        below: list[tuple[np.ndarray, float]] = []
        for group in side.groups:
            for thing, (low, high) in self._published(group, found):
                row = self.row(People(group.name), thing)
                if low == high:
                    equal.append((row, low))
                else:
                    below += [(row, high), (-row, -low)]
        for place, _ in enumerate(self.atoms):
            self._relations(place, columns, equal, below)
        self.equal, self.below = _stacked(equal, columns), _stacked(below, columns)

    def _published(
        self, group: Group, found: dict[tuple[str, str], tuple[int, int]]
    ) -> Iterator[tuple[str | None, tuple[int, int]]]:
        yield None, (group.low, group.high)
        for thing in self.things:
            if (group.name, thing) in found:
                yield thing, found[group.name, thing]

    def _relations(
        self,
        place: int,
        columns: int,
        equal: list[tuple[np.ndarray, float]],
        below: list[tuple[np.ndarray, float]],
    ) -> None:
        """In every atom: a thing is no commoner than what it is part of, and parts make up their whole."""

        def one(thing: str | None) -> np.ndarray:
            row = np.zeros(columns)
            row[self._column(thing) + place] = 1.0
            return row

        for name in self.things:
            described: Thing = self.side.things[name]
            if not described.total:
                below.append((one(name) - one(described.parent), 0.0))
        for chain in self.side.chains:
            for first, second in itertools.pairwise(chain):
                if first in self.things and second in self.things:
                    below.append((one(first) - one(second), 0.0))
        for parent, parts in self.side.parts:
            if parts[0] in self.things:
                equal.append((sum((one(part) for part in parts), np.zeros(columns)) - one(parent), 0.0))

    def _column(self, thing: str | None) -> int:
        return 0 if thing is None else (1 + self.things.index(thing)) * self.width

    def row(self, people: People, thing: str | None, complement: bool = False) -> np.ndarray:
        """The sum over the atoms of some people, of a thing, or of what its parent has beyond it."""
        row = np.zeros((len(self.things) + 1) * self.width)
        inside = [people.plus in atom and not set(people.minus) & atom for atom in self.atoms]
        start = self._column(thing)
        row[start : start + self.width] = inside
        if complement and thing is not None:
            start = self._column(self.side.things[thing].parent)
            row = -row
            row[start : start + self.width] += inside
        return row

    def solve(self, objective: np.ndarray) -> np.ndarray | None:
        """The unknowns at which the objective is least; None where nothing fits what is published."""
        from scipy.optimize import linprog

        equal, below = self.equal, self.below
        answer = linprog(
            objective, A_ub=below[0], b_ub=below[1], A_eq=equal[0], b_eq=equal[1], bounds=(0, None), method="highs"
        )  # fmt: skip
        # A sum over people has no upper end of its own: one that grows without end is as safe as can be.
        return (
            None
            if answer.status == 2
            else answer.x
            if answer.status == 0
            else np.full(len(objective), np.inf)
        )

    def is_empty(self, people: People) -> bool:
        """Whether nobody can be there, by the published sizes."""
        row = self.row(people, None)
        answer = self.solve(-row)
        return answer is not None and float(row @ answer) < 0.5

    def ranges(self, cells: list[Cell], enough: int) -> list[tuple[float, float]] | None:
        """The least and the most of each cell, or some two values at least `enough` apart; None if nothing fits."""
        rows = np.array([self.row(c.people, c.thing, c.complement) for c in cells])
        low, high = np.full(len(cells), np.inf), np.full(len(cells), -np.inf)
        rng = np.random.default_rng(0)
        # Ends of all at once settle most cells, since two answers that differ enough are proof.
        for turn in range(ROUNDS):
            open_ = high - low < enough
            if not open_.any():
                break
            signs = (1.0, -1.0)[turn % 2] if turn < 2 else rng.choice([-1.0, 1.0], len(cells))
            answer = self.solve((signs * open_) @ rows + 1e-3 * rng.random(rows.shape[1]))
            if answer is None:
                return None
            if np.isfinite(answer).all():
                values = rows @ answer
                low, high = np.minimum(low, values), np.maximum(high, values)
        for place in np.flatnonzero(high - low < enough):
            for sign in (1.0, -1.0):
                answer = self.solve(sign * rows[place])
                if answer is None:
                    return None
                value = float(rows[place] @ answer) if np.isfinite(answer).all() else np.inf
                low[place], high[place] = min(low[place], value), max(high[place], value)
        return list(zip(low.tolist(), high.tolist(), strict=True))


def _atoms(groups: list[Group]) -> Iterator[frozenset[str]]:
    """Every set of analyses that one person can be in, by the conditions told."""

    def grown(chosen: tuple[Group, ...], left: list[Group]) -> Iterator[frozenset[str]]:
        if not left:
            if chosen:
                yield frozenset(g.name for g in chosen)
            return
        first, rest = left[0], left[1:]
        if not any(first.apart(g) for g in chosen):
            yield from grown((*chosen, first), rest)
        yield from grown(chosen, rest)

    for atom in grown((), groups):
        inside = [g for g in groups if g.name in atom]
        if all(g.name in atom for g in groups if any(i.within(g) for i in inside)):
            yield atom


def _stacked(
    rows: list[tuple[np.ndarray, float]], columns: int
) -> tuple[np.ndarray, np.ndarray] | tuple[None, None]:
    if not rows:
        return None, None
    return np.array([row for row, _ in rows]).reshape(-1, columns), np.array([value for _, value in rows])
