"""Every protected number of people, bounded."""

from __future__ import annotations

from typing import Any

from .bounds import Cell, People, Programme, by_sums, known, peoples
from .breach import Breach
from .read import OUTCOMES, REST, Side, matched, pool, took_part

Known = dict[tuple[str, str], tuple[int, int]]
SUM = "a sum over few people"
GIVEN = "a rate, a count or a difference of published numbers gives it"
NARROW = "the numbers published around it leave too few values open"


def safe(low: float, high: float, smallest: int) -> bool:
    """Whether a number between two bounds is certainly not small, or bounded too widely to be told."""
    return low >= smallest - 1e-6 or high - low >= smallest - 1e-6


def counts(results: dict[str, Any]) -> tuple[list[Breach], int]:
    """Numbers of people that could be told, and how many were looked at."""
    smallest = results["rules"]["smallest_count"]
    breaches: list[Breach] = []
    cells = 0
    for side in (took_part(results), pool(results), matched(results)):
        found, looked_at = of_side(side, smallest)
        breaches += found
        cells += looked_at
    return breaches, cells


def of_side(side: Side, smallest: int) -> tuple[list[Breach], int]:
    """The same for one kind of people."""
    found = known(side)
    breaches: list[Breach] = []
    looked_at = 0
    for family in dict.fromkeys(thing.family for thing in side.things.values()):
        doubtful: list[Cell] = []
        for cell in cells_of(side, family):
            looked_at += 1
            verdict = by_arithmetic(side, found, cell, smallest)
            if verdict is None:
                doubtful.append(cell)
            elif verdict:
                breaches.append(_breach(side, cell, verdict))
        breaches += _by_programme(side, found, family, doubtful, smallest)
    return breaches + _steps(side, found, smallest), looked_at


def cells_of(side: Side, family: str) -> list[Cell]:
    """Every thing of a family, and the people without it, among every group that can be had."""
    cells = []
    names = [name for name, thing in side.things.items() if thing.family == family]
    for people in peoples(side):
        for name in names:
            told = _by_rule(side, people, family)
            if name in told or (told and len(names) - len(told) < 2):
                continue
            if (people.plus, name) not in side.present and _left_out(side, people.plus, family, names):
                continue
            cells.append(Cell(people, name))
            if not side.things[name].total:
                cells.append(Cell(people, name, complement=True))
    return cells


def _left_out(side: Side, group: str, family: str, names: list[str]) -> bool:
    """Whether a group's table may leave out some of a family without telling that nobody has it.

    It may where it has nothing of the family, where its conditions say as much, and of a number or yes-or-no, where
    those who are not recorded may be listed with another.
    """
    if not any((group, name) in side.present for name in names) or f"{family}: {REST}" in side.things:
        return True
    own = next(g for g in side.groups if g.name == group)
    return any(condition.startswith(f"{family}: ".casefold()) for condition in own.conditions)


def _by_rule(side: Side, people: People, family: str) -> set[str]:
    """Things of which the rules that chose the groups say that everybody of the people has them, or nobody.

    Taken away from all men, the men of a region leave nobody of that region; from everyone, its women, whom
    no rule tells.
    """
    by_name = {group.name: group for group in side.groups}
    whole = by_name[people.plus].conditions

    def more(name: str) -> int:
        """Conditions beyond those of the whole, but for those whose other values are taken away as well."""
        others = {c.partition(mark)[0] for other in people.minus if other != name
                  for c in by_name[other].conditions for mark in (" = ", ": ") if mark in c}  # fmt: skip
        own = by_name[name].conditions - whole
        return sum(not any(c.startswith((f"{key} = ", f"{key}: ")) for key in others) for c in own)

    return {
        thing
        for group, thing in side.given
        if side.things[thing].family == family
        and (group == people.plus or (group in people.minus and more(group) <= 1))
    }


def by_arithmetic(side: Side, found: Known, cell: Cell, smallest: int) -> str | None:
    """Why a cell is unsafe by sums of what is published; empty when it is safe, None when sums do not tell."""
    thing = side.things[cell.thing]
    people = by_sums(side, found, cell.people, None)
    size = by_sums(side, found, cell.people, thing.parent)
    value = by_sums(side, found, cell.people, cell.thing)
    if people is not None and people[1] <= -smallest:
        return ""  # the one group is not inside the other after all
    if people == (0, 0) and value in (None, (0, 0)):
        return ""  # the same people
    if value is None:
        return None
    if thing.total:
        # A sum over people only limits their number from above.
        return "" if value[1] >= smallest else SUM
    if cell.complement:
        if size is None:
            return None
        value = (size[0] - value[1], size[1] - value[0])
    if safe(*value, smallest):
        return ""
    return GIVEN


def _by_programme(side: Side, found: Known, family: str, cells: list[Cell], smallest: int) -> list[Breach]:
    if not cells or _all_shown(side, found, cells):
        return []
    programme = Programme(side, family, found)
    ranges = programme.ranges(cells, smallest)
    if ranges is None:
        return _each_alone(side, found, family, cells, smallest)
    empty = {
        people
        for people in {cell.people for cell in cells if cell.people.minus}
        if programme.is_empty(people)
    }
    told = [(cell, ends) for cell, ends in zip(cells, ranges, strict=True) if cell.people not in empty]
    return _judged(side, [cell for cell, _ in told], [ends for _, ends in told], smallest)


def _judged(side: Side, cells: list[Cell], ranges: list[tuple[float, float]], smallest: int) -> list[Breach]:
    breaches = []
    for cell, (low, high) in zip(cells, ranges, strict=True):
        unsafe = high < smallest if side.things[cell.thing].total else not safe(low, high, smallest)
        if unsafe:
            breaches.append(_breach(side, cell, NARROW))
    return breaches


def _all_shown(side: Side, found: Known, cells: list[Cell]) -> bool:
    """Whether only overlaps are in doubt, of things shown in every group concerned.

    Of two groups inside a third whose numbers are x, y and z, the overlap can be anything from
    max(0, x + y - z) to min(x, y): a span of the least of x, y, z - x and z - y, each looked at by itself.
    """
    return all(
        cell.people.minus and all((g, cell.thing) in found for g in (cell.people.plus, *cell.people.minus))
        for cell in cells
    )


def _each_alone(side: Side, found: Known, family: str, cells: list[Cell], smallest: int) -> list[Breach]:
    """Matched anew, one group need not lie in another: where the numbers say so, each is bounded by itself."""
    breaches = []
    for group in side.groups:
        own = [cell for cell in cells if cell.people == People(group.name)]
        if not own:
            continue
        alone = Side(
            side.label, [group], side.things, side.present, side.known, side.given, side.parts, side.chains
        )
        ranges = Programme(alone, family, found).ranges(own, smallest)
        if ranges is None:
            breaches += [_breach(side, cell, "the numbers around it contradict one another") for cell in own]
        else:
            breaches += _judged(side, own, ranges, smallest)
    return breaches


def _steps(side: Side, found: Known, smallest: int) -> list[Breach]:
    """Events between two published days of a curve, and after the last."""
    breaches = []
    for chain in side.chains:
        for group in side.groups:
            told = [(name, found[group.name, name]) for name in chain if (group.name, name) in found]
            before = (0, 0)
            for name, (low, high) in told:
                if not safe(low - before[1], high - before[0], smallest):
                    breaches.append(
                        Breach(
                            f"{group.name}, {side.label}, {name}",
                            "few events lie between two published numbers",
                            "R-C8",
                            (group.name,),
                        )
                    )
                before = (low, high)
    return breaches


def _breach(side: Side, cell: Cell, why: str) -> Breach:
    who = "people without" if cell.complement else "people with"
    rule = "R-C4" if cell.people.minus else "R-C3" if why == NARROW else "R-C2"
    family = side.things[cell.thing].family
    return Breach(
        f"{cell.people.told()}, {side.label}, {who} {cell.thing!r}",
        why,
        rule,
        (cell.people.plus, *cell.people.minus),
        "" if family == OUTCOMES else family,
    )
