"""What the published numbers say about how many people: groups, what is counted in them, and what is known of it.

Every route by which a number of people follows from a published number is walked here: a rate times its
people, the people to whom a further measure applies, a difference beside the other group's rate, a
standard error, the people at risk on a day.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

DIGITS = 1e-9  # results.json gives ten significant digits
Z_95 = 1.959963984540054
REST = "none of these"
OUTCOMES = "outcomes"  # the family of all measures and days of the curve
JOINED = "; or "  # between the reasons of steps of a funnel that are told together
MANY = 10**9


@dataclass(frozen=True)
class Group:
    """The people of one analysis: its name, the conditions that chose them, the fewest and the most they can be."""

    name: str
    conditions: frozenset[str]
    low: int
    high: int

    def within(self, other: Group) -> bool:
        """Whether everyone here must be in the other group, by the conditions told."""
        return self.conditions >= other.conditions

    def apart(self, other: Group) -> bool:
        """Whether nobody can be in both: one condition with two values."""
        mine, theirs = (dict(_halves(c) for c in group.conditions) for group in (self, other))
        return any(mine[key] != theirs[key] for key in mine.keys() & theirs.keys())


@dataclass(frozen=True)
class Thing:
    """What people are counted by: a level of a covariate, an outcome, an event by some day.

    parent : the thing that everyone counted has as well; None for everyone
    total : a sum over people instead of a number of people, which it can only limit from above
    """

    family: str
    parent: str | None = None
    total: bool = False


@dataclass
class Side:
    """People of one kind (those who took part, the comparison pool), in every published analysis.

    known : (group, thing) -> the fewest and the most it can be, for what is published or absent
    given : (group, thing) that everybody of a group has by the rule that chose it
    parts : (parent, things) of which everyone with the parent has exactly one
    chains : things of which each includes the one before
    """

    label: str
    groups: list[Group] = field(default_factory=list)
    things: dict[str, Thing] = field(default_factory=dict)
    present: set[tuple[str, str]] = field(default_factory=set)
    known: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    given: set[tuple[str, str]] = field(default_factory=set)
    parts: list[tuple[str | None, list[str]]] = field(default_factory=list)
    chains: list[list[str]] = field(default_factory=list)

    def add(self, group: str, name: str, thing: Thing, found: tuple[int, int] | None) -> None:
        """Note a thing of a group, and what is known of its number; routes that agree narrow it."""
        self.things.setdefault(name, thing)
        self.present.add((group, name))
        if found is None:
            return
        low, high = self.known.get((group, name), found)
        narrowed = (max(low, found[0]), min(high, found[1]))
        self.known[group, name] = narrowed if narrowed[0] <= narrowed[1] else found


def _halves(condition: str) -> tuple[str, str]:
    for mark in (" = ", ": "):
        if mark in condition:
            key, _, value = condition.partition(mark)
            return key, value
    return condition, ""


def conditions_of(analysis: dict[str, Any]) -> frozenset[str]:
    """The conditions that an analysis tells; none for everyone."""
    # However a value is spelt, it chooses the same people.
    found = (part.strip() for part in str(analysis["described"]).casefold().split(";"))
    return frozenset(part for part in found if ": " in part or " = " in part)


def implied(share: float | None, low: int, high: int) -> tuple[int, int] | None:
    """The numbers of people that a share of so many can stand for."""
    if share is None:
        return None
    slack = 1e-6 + DIGITS * high
    fewest, most = math.ceil(share * low - slack), math.floor(share * high + slack)
    # No whole number fits a mean that is no share of people; then the nearest is the best guess.
    return (fewest, most) if fewest <= most else (round(share * low),) * 2


def rate_of(measure: dict[str, Any], side: str) -> float | None:
    """The rate of one group, from itself, or from the other's rate and the unadjusted difference or its error."""
    own, other = measure["treatment"], measure["comparison"]
    sign = 1.0
    if side == "comparison":
        own, other, sign = other, own, -1.0
    if own is not None:
        return float(own)
    effect = measure["unadjusted"]
    if effect is None or other is None:
        return None
    if effect.get("difference") is not None:
        return float(other + sign * effect["difference"])
    sizes = (measure["n_treatment"], measure["n_comparison_effective"])
    mine, theirs = sizes if side == "treatment" else sizes[::-1]
    if None in (effect.get("low"), effect.get("high"), mine, theirs):
        return None
    error = (effect["high"] - effect["low"]) / (2 * Z_95)
    spread = (error**2 - other * (1 - other) / theirs) * mine
    return 0.5 - math.sqrt(max(0.25 - spread, 0.0))


def published(results: dict[str, Any]) -> list[dict[str, Any]]:
    return [analysis for analysis in results["analyses"] if analysis["refused"] is None]


def took_part(results: dict[str, Any]) -> Side:
    """Everything counted among the people who took part."""
    side = Side("people who took part")
    for analysis in published(results):
        size = analysis["sizes"]["treatment"]
        side.groups.append(Group(analysis["name"], conditions_of(analysis), size, size))
        _covariates(side, analysis, "mean_treatment", size, size)
        _outcomes(side, analysis, "treatment", size)
    _finish(side, results)
    return side


def pool(results: dict[str, Any]) -> Side:
    """Everything counted among the people they could be compared with, once each."""
    side = Side("comparison pool")
    for conditions, those in pools(results).items():
        told = pool_sizes(results, those)
        low, high = (told[0], told[0]) if told else (max(a["sizes"]["comparison"] for a in those), MANY)
        name = those[0]["name"]
        side.groups.append(Group(name, conditions, low, high))
        for analysis in those:
            _covariates(side, analysis | {"name": name}, "mean_pool", low, high)
    _finish(side, results)
    return side


def pool_sizes(results: dict[str, Any], analyses: list[dict[str, Any]]) -> list[int]:
    """The size of a pool wherever it stands: beside an analysis, or in the funnel before the headline's matching."""
    found = [a["sizes"]["pool"] for a in analyses if a["sizes"]["pool"] is not None]
    steps = results["attrition_pool"]
    # A step of one reason is not joined with another, so the last is matching itself.
    if any(a["headline"] for a in analyses) and len(steps) > 1 and JOINED not in steps[-1]["reason"]:
        found += [steps[-2]["count"]] if steps[-2]["count"] is not None and steps[-1]["lost"] else []
    return found


def pools(results: dict[str, Any]) -> dict[frozenset[str], list[dict[str, Any]]]:
    """The published analyses by the conditions on their pool: with the same ones they have the same pool."""
    found: dict[frozenset[str], list[dict[str, Any]]] = {}
    for analysis in published(results):
        found.setdefault(frozenset(c for c in conditions_of(analysis) if " = " not in c), []).append(analysis)
    return found


def matched(results: dict[str, Any]) -> Side:
    """Everything counted among comparison people, where their weights are equal or a number is given outright.

    The groups of two analyses are matched anew, so they hold no one another's people by rule.
    """
    side = Side("comparison group")
    for analysis in published(results):
        sizes = analysis["sizes"]
        size, effective = sizes["comparison"], sizes["comparison_effective"]
        apart = frozenset({f"analysis = {analysis['name']}"})
        side.groups.append(Group(analysis["name"], conditions_of(analysis) | apart, size, size))
        equal = abs(effective - size) <= 1e-6 * size
        _covariates(side, analysis, "mean_comparison", size, size, equal)
        _outcomes(side, analysis, "comparison", size, equal)
    _finish(side, results)
    return side


def _covariates(
    side: Side, analysis: dict[str, Any], column: str, low: int, high: int, equal: bool = True
) -> None:
    name = analysis["name"]
    profile = {(row["covariate"], row["level"]): row["share"] for row in analysis["profile"]}
    # Both groups' levels are listed: where there is one alone, the rule asked for it.
    alone = Counter(row["covariate"] for row in (analysis["balance"] or {"rows": []})["rows"])
    for row in (analysis["balance"] or {"rows": []})["rows"]:
        if row["kind"] != "share":
            continue
        key = f"{row['covariate']}: {row['level'] or 'yes'}"
        share = row[column]
        if share is None and column == "mean_treatment":
            share = profile.get((row["covariate"], row["level"]))
        if row["level"] is not None and alone[row["covariate"]] == 1:
            side.given.add((name, key))
        # Unequal weights hide how many are behind a share, unless it is nobody or everybody.
        found = implied(share, low, high) if equal or share in (0, 1) else None
        side.add(name, key, Thing(row["covariate"]), found)


def _outcomes(side: Side, analysis: dict[str, Any], column: str, size: int, equal: bool = True) -> None:
    name, sizes = analysis["name"], f"n_{column}"
    measures = {m["name"]: m for m in analysis["measures"]}
    for m in measures.values():
        parent = m["among"] if m["among"] in measures else None
        n, rate = m[sizes], rate_of(m, column)
        if parent is not None and n is not None:
            side.add(name, parent, Thing(OUTCOMES, measures[parent]["among"]), (n, n))
        people = (0, size) if parent else (n or size, n or size)
        if n is not None:
            people = (n, n)
        if m["kind"] == "binary":
            found = implied(rate, *people) if equal and rate is not None else None
            side.add(name, m["name"], Thing(OUTCOMES, parent), found)
        elif m["kind"] == "count" and equal:
            side.add(name, m["name"], Thing(OUTCOMES, parent, total=True), implied(rate, *people))
    curve = analysis["curve"]
    if curve is None:
        return
    whole = next((m["name"] for m in measures.values() if m["kind"] == "binary" and not m["among"]), None)
    left = curve[f"at_risk_{column}"] or [None] * len(curve["days"])
    for day, value, at_risk in zip(curve["days"], curve[column], left, strict=True):
        key = f"first event by day {day}"
        found = implied(value, size, size) if equal else None
        if at_risk is not None:
            found = (size - at_risk, size - at_risk)
        if day > 0 and found is not None:
            side.add(name, key, Thing(OUTCOMES, whole), found)


def _finish(side: Side, results: dict[str, Any]) -> None:
    """What the things of each family have to do with one another."""
    numbers = {
        row["covariate"]
        for analysis in published(results)
        for row in (analysis["balance"] or {"rows": []})["rows"]
        if row["level"] is None
    }
    families: dict[str, list[str]] = {}
    for name, thing in side.things.items():
        families.setdefault(thing.family, []).append(name)
    for family, names in families.items():
        if family == OUTCOMES:
            continue
        if family in numbers:
            rest = f"{family}: {REST}"
            side.things[rest] = Thing(family)
            side.present |= {(group.name, rest) for group in side.groups if _has(side, group, names)}
            side.parts.append((None, [*names, rest]))
        else:
            side.parts.append((None, names))
        for group in side.groups:
            # A level that an analysis does not list is one that nobody in it has.
            if _has(side, group, names):
                for name in names:
                    if (group.name, name) not in side.present:
                        side.known[group.name, name] = (0, 0)
    days = [name for name in families.get(OUTCOMES, []) if name.startswith("first event by day ")]
    days.sort(key=lambda name: int(name.rsplit(" ", 1)[1]))
    whole = side.things[days[0]].parent if days else None
    if days:
        side.chains.append([*days, *([whole] if whole else [])])
    _parts_of_tables(side, results)


def _has(side: Side, group: Group, names: list[str]) -> bool:
    return any((group.name, name) in side.present for name in names)


def _parts_of_tables(side: Side, results: dict[str, Any]) -> None:
    """Measures of one table and kind that may be the parts of a whole: they are, unless a published sum says no."""
    tables: dict[tuple[int, str, str | None], list[str]] = {}
    everyone: list[str] = []
    for analysis in published(results):
        for m in analysis["measures"]:
            if m["name"] not in side.things:
                continue
            if m["kind"] == "count" and m["among"] is None and m["name"] not in everyone:
                everyone.append(m["name"])
            if m["kind"] in ("binary", "count"):
                names = tables.setdefault((m["table"], m["kind"], m["among"]), [])
                if m["name"] not in names:
                    names.append(m["name"])
    for (_, kind, among), names in tables.items():
        whole = among if kind == "binary" else everyone[0] if len(everyone) == 1 and among else None
        if len(names) < 2 or (kind == "count" and whole is None):
            continue
        if all(_adds_up(side, group, whole, names) for group in side.groups):
            side.parts.append((whole, names))


def _adds_up(side: Side, group: Group, whole: str | None, names: list[str]) -> bool:
    """Whether published numbers allow the things to be all parts of the whole."""
    found = [side.known.get((group.name, name)) for name in names]
    of = side.known.get((group.name, whole)) if whole else (group.low, group.high)
    if of is None:
        return True
    least = sum(f[0] for f in found if f)
    return least == of[0] if None not in found else least <= of[1]
