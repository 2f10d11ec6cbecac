"""Which worlds fit what is published? A second opinion on the audit, by whole numbers and from the start.

A world says of every set of analyses that one person can be in at once how many people are in just these, and
how many of them have each level of a covariate, or each outcome. Here are sought, by integer programming, the
worlds with the fewest and with the most people of a kind; each is checked against every published number again
before it counts. Two that differ by `smallest_count` show that the number of that kind cannot be told. The
audit's bounds come from fractions of people and other code; this shares nothing with it, is slower, and looks at
less: levels of covariates and yes-or-no outcomes, not at what the rule that chose a group tells.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

REST = "(none of them)"


@dataclass(frozen=True)
class Published:
    """One analysis as a reader sees it: its size, the values it was chosen by, and numbers of people; None: held back."""

    name: str
    chosen_by: dict[str, str]
    size: int
    counts: dict[str, int | None]

    def inside(self, other: Published) -> bool:
        return self.chosen_by.items() >= other.chosen_by.items()

    def apart(self, other: Published) -> bool:
        return any(other.chosen_by.get(key, value) != value for key, value in self.chosen_by.items())


@dataclass(frozen=True)
class Question:
    """How many people of an analysis, but of none of the others, have (or have not) one thing."""

    of: str
    without: tuple[str, ...]
    thing: str
    having: bool


def told(results: dict[str, Any]) -> list[Question]:
    """Every question that what is published answers too closely."""
    shown = [a for a in results["analyses"] if a["refused"] is None]
    smallest = results["rules"]["smallest_count"]
    found = []
    for column, size, outcome in (
        ("mean_treatment", "treatment", "treatment"),
        ("mean_pool", "pool", None),
    ):
        sided = [a for a in shown if a["sizes"][size] is not None]
        for covariate in dict.fromkeys(r["covariate"] for a in sided for r in a["balance"]["rows"]):
            found += _answered(_levels(sided, covariate, column, size), covariate, None, smallest)
        if outcome:
            found += _answered(_outcomes(sided, outcome), "", _whole(sided), smallest)
    return found


def _chosen_by(analysis: dict[str, Any], pool: bool) -> dict[str, str]:
    pairs = {}
    for part in analysis["described"].casefold().split("; "):
        for mark in (" = ",) if " = " in part else (": ",):
            if mark in part and not (pool and mark == " = "):
                pairs.update([part.split(mark, 1)])
    return pairs


def _levels(analyses: list[dict[str, Any]], covariate: str, column: str, size: str) -> list[Published]:
    """The levels of a covariate in each analysis that has it, with those who have none of the levels listed."""
    having = [a for a in analyses if any(r["covariate"] == covariate for r in a["balance"]["rows"])]
    rows = {a["name"]: [r for r in a["balance"]["rows"] if r["covariate"] == covariate] for a in having}
    names = list(dict.fromkeys(_level(r) for a in having for r in rows[a["name"]] if r["kind"] == "share"))
    with_rest = any(r["level"] is None for own in rows.values() for r in own)
    found = []
    for a in having:
        n = a["sizes"][size]
        counts: dict[str, int | None] = dict.fromkeys(names, 0)
        for r in rows[a["name"]]:
            if r["kind"] == "share":
                counts[_level(r)] = None if r[column] is None else round(r[column] * n)
        if with_rest:
            counts[REST] = None
        if names and not any(p.chosen_by == _chosen_by(a, size == "pool") for p in found if size == "pool"):
            found.append(Published(a["name"], _chosen_by(a, size == "pool"), n, counts))
    return found


def _level(row: dict[str, Any]) -> str:
    return row["level"] or "yes"


def _whole(analyses: list[dict[str, Any]]) -> str | None:
    measures = [m for a in analyses for m in a["measures"] if m["kind"] == "binary" and not m["among"]]
    return measures[0]["name"] if measures else None


def _outcomes(analyses: list[dict[str, Any]], side: str) -> list[Published]:
    """Yes-or-no measures: of everyone, and of those to whom the first happened."""
    found = []
    for a in analyses:
        counts = {}
        for m in a["measures"]:
            if m["kind"] == "binary":
                n, rate = m[f"n_{side}"], m[side]
                counts[m["name"]] = None if n is None or rate is None else round(n * rate)
        found.append(Published(a["name"], _chosen_by(a, pool=False), a["sizes"]["treatment"], counts))
    return found


def _answered(groups: list[Published], family: str, whole: str | None, smallest: int) -> list[Question]:
    asked = [q for q in _questions(groups, family) if whole is None or q.thing == whole or q.having]
    if not asked:
        return []
    try:
        return Worlds(groups, whole).narrow(asked, smallest)
    except ContradictionError:
        # Each analysis was matched anew, so that one need not lie in another after all.
        alone = [q for q in asked if not q.without]
        return [
            question
            for group in groups
            for question in Worlds([group], whole).narrow([q for q in alone if q.of == group.name], smallest)
        ]


def _questions(groups: list[Published], family: str) -> list[Question]:
    found = []
    for group in groups:
        parts = [
            other for other in groups
            if other is not group and not other.apart(group) and not (group.inside(other))
        ]  # fmt: skip
        many = [
            chosen
            for size in range(2, len(parts) + 1)
            for chosen in itertools.combinations(parts, size)
            if all(p.inside(group) for p in chosen)
            and all(a.apart(b) for a, b in itertools.combinations(chosen, 2))
        ]
        for without in ((), *((p,) for p in parts), *many):
            if any(family.casefold() in p.chosen_by for p in (group, *without)):
                continue
            names = tuple(p.name for p in without)
            for thing, count in group.counts.items():
                if thing == REST or (count == 0 and not without and not any(g.counts[thing] for g in groups)):
                    continue
                found += [Question(group.name, names, thing, having) for having in (True, False)]
    return found


class ContradictionError(Exception):
    """No world fits what is published."""


class Worlds:
    """Every world that fits some published numbers: whole numbers of people in (set of analyses, thing)."""

    def __init__(self, groups: list[Published], whole: str | None) -> None:
        self.groups = groups
        self.things = list(dict.fromkeys(thing for g in groups for thing in g.counts))
        self.whole = whole
        self.sets = [
            frozenset(g.name for g in chosen)
            for size in range(1, len(groups) + 1)
            for chosen in itertools.combinations(groups, size)
            if not any(a.apart(b) for a, b in itertools.combinations(chosen, 2))
            and all(other in chosen for g in chosen for other in groups if g.inside(other))
        ]
        self.columns = ["", *self.things]
        rows, low, high = [], [], []

        def limit(row: np.ndarray, least: float, most: float) -> None:
            rows.append(row)
            low.append(least)
            high.append(most)

        for g in groups:
            limit(self._sum({g.name}, ""), g.size, g.size)
            for thing, count in g.counts.items():
                if count is not None:
                    limit(self._sum({g.name}, thing), count, count)
        for place in range(len(self.sets)):
            self._bind(place, limit)
        self.limits = LinearConstraint(np.array(rows), np.array(low), np.array(high))

    def _at(self, place: int, thing: str) -> np.ndarray:
        row = np.zeros(len(self.columns) * len(self.sets))
        row[self.columns.index(thing) * len(self.sets) + place] = 1
        return row

    def _bind(self, place: int, limit: Any) -> None:
        """In each set: levels make up everyone; outcomes are of people to whom the first of them happened."""
        if self.whole is None:
            limit(sum(self._at(place, thing) for thing in self.things) - self._at(place, ""), 0, 0)
            return
        for thing in self.things:
            parent = "" if thing == self.whole else self.whole
            limit(self._at(place, thing) - self._at(place, parent), -np.inf, 0)

    def _sum(self, of: set[str], thing: str, without: tuple[str, ...] = ()) -> np.ndarray:
        inside = [of <= s and not s & set(without) for s in self.sets]
        return sum(
            (self._at(place, thing) for place, is_in in enumerate(inside) if is_in),
            np.zeros(len(self.columns) * len(self.sets)),
        )

    def _row(self, q: Question) -> np.ndarray:
        having = self._sum({q.of}, q.thing, q.without)
        if q.having:
            return having
        # Of an outcome's own group those without it are counted; of the others everyone.
        parent = "" if self.whole in (None, q.thing) else self.whole
        return self._sum({q.of}, parent, q.without) - having

    def _world(self, row: np.ndarray) -> np.ndarray | None:
        answer = milp(row, constraints=self.limits, integrality=np.ones(len(row)), bounds=Bounds(0, np.inf))
        if answer.x is None:
            if answer.status == 2:
                raise ContradictionError
            return None
        world = np.round(answer.x)
        assert self._fits(world)
        return world

    def _fits(self, world: np.ndarray) -> bool:
        """Whether every published number comes out of a world, counted again by hand."""
        people = dict(zip(itertools.product(self.columns, self.sets), world, strict=True))
        for g in self.groups:
            for thing, count in {"": g.size, **g.counts}.items():
                have = sum(n for (what, s), n in people.items() if what == thing and g.name in s)
                if count is not None and have != count:
                    return False
        return bool((world >= 0).all())

    def narrow(self, asked: list[Question], smallest: int) -> list[Question]:
        """The questions of which all worlds give nearly the same small answer."""
        if not asked:
            return []
        rows = np.array([self._row(q) for q in asked])
        sizes = np.array([self._sum({q.of}, "", q.without) for q in asked])
        low, high, most = np.full(len(asked), np.inf), np.full(len(asked), -np.inf), np.zeros(len(asked))
        for place in range(len(asked)):
            for sign in (1, -1):
                if high[place] - low[place] >= smallest:
                    break
                world = self._world(sign * rows[place])
                if world is None:
                    high[place] = np.inf
                    continue
                low, high = np.minimum(low, rows @ world), np.maximum(high, rows @ world)
                most = np.maximum(most, sizes @ world)
        return [
            q
            for place, q in enumerate(asked)
            if low[place] < smallest and high[place] - low[place] < smallest and most[place] > 0
        ]
