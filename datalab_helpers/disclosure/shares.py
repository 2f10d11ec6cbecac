"""Which shares of a covariate's levels are held back, over all analyses of a request at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .derived import Derived, gives_away
from .record import FEW, OTHER_ANALYSIS, WHOLE
from .rules import count_is_safe

REST = ""  # those with none of the levels listed: never shown, and so always held back


@dataclass(frozen=True)
class Counts:
    """The levels of one covariate in one analysis, by label.

    treatment, pool : people; comparison : the share times its people, a count where weights are equal
    given : levels that everybody has, by the rule that chose the group: its size tells their number
    conditions : the rule, one text a condition; of a covariate it is "covariate: level" in small letters
    """

    treatment: dict[str, float]
    pool: dict[str, float]
    comparison: dict[str, float]
    given: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Lattice:
    """The groups that can be had of people who took part, of the pool, and of comparison people."""

    treatment: list[Derived]
    pool: list[Derived]
    comparison: list[Derived]


def hidden_levels(analyses: dict[str, Counts], lattice: Lattice, smallest: int) -> dict[str, dict[str, str]]:
    """For each analysis the levels that are held back, and why.

    A level goes when it, or those without it, are few in any group that can be had. In every such group
    the levels held back must be several and together at least `smallest`: then each can be anything from
    nobody to all of them. As long as they are not, the smallest that makes up for it goes as well.

    Parameters
    ----------
    analyses : the covariate's counts, the headline first
    """
    hidden: dict[str, dict[str, str]] = {name: {} for name in analyses}
    sides = [
        (lattice.treatment, {name: c.treatment for name, c in analyses.items()}),
        (lattice.pool, {name: c.pool for name, c in analyses.items()}),
        (lattice.comparison, {name: c.comparison for name, c in analyses.items()}),
    ]
    changed = True
    while changed:
        changed = False
        for groups, counts in sides:
            for group in groups:
                if set(group.members) <= set(analyses):
                    changed |= _settle(group, groups, counts, analyses, hidden, smallest)
    return hidden


def _settle(
    group: Derived,
    groups: list[Derived],
    counts: dict[str, dict[str, float]],
    analyses: dict[str, Counts],
    hidden: dict[str, dict[str, str]],
    smallest: int,
) -> bool:
    """Hold back what one group needs; whether anything was."""
    given = _by_rule(group, analyses)
    labels = [label for label in _labels(counts, group.members) if label not in given]
    values = {label: group.of({n: counts[n].get(label, 0.0) for n in group.members}) for label in labels}
    if given and (len(labels) < 2 or sum(values.values()) < smallest):
        return False  # nearly everybody has what the rule asked for, or the one other thing
    shown = [
        label for label in labels if label != REST and not any(label in hidden[n] for n in group.members)
    ]
    for label in shown:
        if _can_hide(label, group, analyses, hidden) and gives_away(
            group, values[label], group.size, smallest
        ):
            return _hide(label, group, analyses, hidden, FEW if len(group.members) == 1 else OTHER_ANALYSIS)
    away = [label for label in labels if label not in shown and label in _held(group, labels, hidden)]
    if not away or group.size == 0:
        return False
    # What a part of the group shows, or a sum of others that is the same people, is no longer open.
    least = {label: _least(label, group, groups, counts, analyses, hidden) for label in away}
    open_ = [label for label in away if values[label] > least[label][0] or label == REST]
    together = sum(values[label] - max(least[label][0], 0.0) for label in open_)
    alone = len(open_) == 1 and count_is_safe(values[open_[0]], group.size, smallest)
    if not open_ or alone or (len(open_) > 1 and together >= smallest):
        return False
    worst = max(away, key=lambda x: (least[x][0], x))
    inner = least[worst][1]
    if inner is not None and len(away) > 1:
        return _hide(worst, inner, analyses, hidden, WHOLE)
    spare = [label for label in shown if _can_hide(label, group, analyses, hidden)]
    if not spare:
        return False
    enough = [label for label in spare if together + values[label] >= smallest]
    label = min(enough, key=lambda x: (values[x], x)) if enough else max(spare, key=lambda x: (values[x], x))
    return _hide(label, group, analyses, hidden, WHOLE)


def _by_rule(group: Derived, analyses: dict[str, Counts]) -> set[str]:
    """Levels of which the rules that chose the groups say that everybody of the derived one has them, or nobody."""
    whole = next(analyses[name].conditions for name, sign in group.signs if sign > 0)
    found: set[str] = set()
    for name, sign in group.signs:
        own = analyses[name]
        # Taken away from all men, the men of a region leave nobody of that region; from everyone, its women.
        if own.given and (sign > 0 or len(own.conditions - whole) <= 1):
            found |= own.given
    return found


def _least(
    label: str,
    group: Derived,
    groups: list[Derived],
    counts: dict[str, dict[str, float]],
    analyses: dict[str, Counts],
    hidden: dict[str, dict[str, str]],
) -> tuple[float, Derived | None]:
    """The largest number of a level that is shown inside a group, and where; -1 and None without any."""
    found: tuple[float, Derived | None] = (-1.0, None)
    for inner in groups:
        if (
            inner is group
            or not inner.atoms <= group.atoms
            or label == REST
            or not set(inner.members) <= set(counts)
        ):
            continue
        if any(label in hidden[name] for name in inner.members):
            continue
        count = inner.of({name: counts[name].get(label, 0.0) for name in inner.members})
        if count > found[0]:
            found = (count, inner if _can_hide(label, inner, analyses, hidden) else None)
    return found


def _labels(counts: dict[str, dict[str, float]], members: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(label for name in members for label in counts[name]))


def _held(group: Derived, labels: list[str], hidden: dict[str, dict[str, str]]) -> set[str]:
    return {label for label in labels if label == REST or any(label in hidden[n] for n in group.members)}


def _hideable(label: str, name: str, analyses: dict[str, Counts], hidden: dict[str, dict[str, str]]) -> bool:
    own = analyses[name]
    return label in own.treatment and label not in own.given and label not in hidden[name]


def _can_hide(
    label: str, group: Derived, analyses: dict[str, Counts], hidden: dict[str, dict[str, str]]
) -> bool:
    return any(_hideable(label, name, analyses, hidden) for name in group.members)


def _hide(
    label: str, group: Derived, analyses: dict[str, Counts], hidden: dict[str, dict[str, str]], why: str
) -> bool:
    """In the last analysis that lists it: the headline, which is read most, loses last."""
    name = next(n for n in reversed(group.members) if _hideable(label, n, analyses, hidden))
    hidden[name][label] = why
    return True
