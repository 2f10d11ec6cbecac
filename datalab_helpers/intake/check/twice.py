"""People who are in the list more than once, and identifiers that stand for more than one person."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import date

from .names import known
from .problems import Given, Problem
from .tidied import plain_name

MOST = 40  # people of one birthday or one name that are compared in pairs; more are a column of one value

Person = tuple[int, str, str, date | None]


def of_people(given: Given) -> list[Problem]:
    """The same person exactly, the same person nearly, one identifier for different people."""
    people = [
        (int(row), plain_name(surname), plain_name(forename), born if isinstance(born, date) else None)
        for row, surname, forename, born in zip(
            given.cells.index,
            given.cells["surname"],
            given.cells["forename"],
            given.typed["date_of_birth"],
            strict=True,
        )
    ]
    exact: set[int] = set()
    again: set[int] = set()
    for same in _grouped(people, lambda p: p[1:] if p[1] and p[2] and p[3] else None):
        exact |= {p[0] for p in same}
        again |= {p[0] for p in same[1:]}
    shared: set[tuple[int, str]] = set()
    near = _near(people)
    for name, a, b in _pairs(given, {p[0]: p for p in people}):
        if _different(a, b):
            shared |= {(a[0], name), (b[0], name)}
        else:
            near |= {a[0], b[0]}
    near -= exact | {row for row, _ in shared}
    found = []
    if exact:
        found.append(Problem("person_twice", "doubt", "", tuple(sorted(exact)), facts={"again": len(again)}))
    if near:
        found.append(Problem("person_nearly_twice", "doubt", "", tuple(sorted(near))))
    for name in ("pnc_id", "prison_number"):
        rows = tuple(sorted(row for row, field in shared if field == name))
        if rows:
            found.append(Problem("shared_identifier", "doubt", given.column(name), rows))
    return found


def _grouped(people: Iterable[Person], key: Callable[[Person], Hashable]) -> list[list[Person]]:
    groups: dict[Hashable, list[Person]] = defaultdict(list)
    for person in people:
        found = key(person)
        if found is not None:
            groups[found].append(person)
    return [group for group in groups.values() if len(group) > 1]


def _pairs(given: Given, people: dict[int, Person]) -> Iterable[tuple[str, Person, Person]]:
    """Pairs of rows with one identifier."""
    for name in ("pnc_id", "prison_number"):
        groups: dict[str, list[int]] = defaultdict(list)
        for row, number in zip(given.cells.index, given.typed[name], strict=True):
            if isinstance(number, str):
                groups[number].append(int(row))
        for rows in groups.values():
            for a, b in itertools.combinations(rows[:MOST], 2):
                yield name, people[a], people[b]


def _different(a: Person, b: Person) -> bool:
    """Neither name nor birthday say that these are one person."""
    return a[1] != b[1] and a[2] != b[2] and a[3] != b[3] and not (a[1] == b[2] and a[2] == b[1])


def _near(people: list[Person]) -> set[int]:
    """One birthday and nearly one name, or one name and nearly one birthday."""
    found: set[int] = set()
    whole = [p for p in people if p[1] and p[2] and p[3]]
    for same in _grouped(whole, lambda p: p[3]):
        for a, b in itertools.combinations(same[:MOST], 2):
            if a[1:3] != b[1:3] and _nearly_one_name(a, b):
                found |= {a[0], b[0]}
    for same in _grouped(whole, lambda p: p[1:3]):
        for a, b in itertools.combinations(same[:MOST], 2):
            if a[3] and b[3] and a[3] != b[3] and _nearly_one_day(a[3], b[3]):
                found |= {a[0], b[0]}
    return found


def _nearly_one_name(a: Person, b: Person) -> bool:
    if (a[1], a[2]) == (b[2], b[1]):
        return True
    if a[1] == b[1]:
        return _one_slip(a[2], b[2]) and not {a[2], b[2]} <= known()[0]
    return a[2] == b[2] and _one_slip(a[1], b[1])


def _one_slip(a: str, b: str) -> bool:
    """Whether one letter lost, added, replaced or exchanged with its neighbour makes one of the other."""
    if a == b or abs(len(a) - len(b)) > 1 or min(len(a), len(b)) < 3:
        return False
    at = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) == len(b):
        exchanged = a[at + 1 : at + 2] == b[at : at + 1] and a[at : at + 1] == b[at + 1 : at + 2]
        return a[at + 1 :] == b[at + 1 :] or (exchanged and a[at + 2 :] == b[at + 2 :])
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer[at + 1 :] == shorter[at:]


def _nearly_one_day(a: date, b: date) -> bool:
    """One digit of the eight differs, or day and month are exchanged."""
    if (a.year, a.month, a.day) == (b.year, b.day, b.month):
        return True
    written = [f"{day.day:02}{day.month:02}{day.year:04}" for day in (a, b)]
    return sum(x != y for x, y in zip(*written, strict=True)) == 1
