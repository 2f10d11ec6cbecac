"""Small numbers: which values may be published. Rules are settings of the lab, printed in the report."""

from __future__ import annotations

from collections.abc import Sequence

CONFIDENTIAL = "c"  # the shorthand [c] of UK official statistics


def count_is_safe(count: float, total: float, smallest: int) -> bool:
    """A count may be shown when it and its complement both reach the smallest count.

    Zero and all are not safe: they tell something about everyone in the group.
    """
    return count >= smallest and total - count >= smallest


def complete_suppression(sizes: Sequence[float], hidden: Sequence[bool]) -> list[bool]:
    """Hide a second part where only one of several parts of a known whole is hidden.

    Otherwise the hidden one is the whole less the others. The smallest shown part goes.
    """
    hidden = list(hidden)
    if sum(hidden) == 1 and len(hidden) > 1:
        shown = [i for i, is_hidden in enumerate(hidden) if not is_hidden]
        hidden[min(shown, key=lambda i: (sizes[i], i))] = True
    return hidden


def merge_small_steps(steps: list[dict], smallest: int) -> list[dict]:
    """Attrition steps in which fewer than `smallest` were lost, joined with a neighbour.

    A step of three people lost for a sexual offence would tell the organisation, who knows its
    list, about them. Joined steps carry all their reasons; when even the whole loss is small,
    the number is hidden.
    """
    merged: list[dict] = []
    waiting: list[dict] = []
    for step in steps[1:]:
        waiting.append(step)
        if sum(s["lost"] for s in waiting) >= smallest:
            merged.append(_join(waiting))
            waiting = []
    if waiting and merged:
        merged[-1] = _join([merged[-1], *waiting])
    elif waiting:
        merged.append(_join(waiting) | {"lost": None, "count": None, "suppressed": CONFIDENTIAL})
    return [steps[0], *merged]


def _join(steps: list[dict]) -> dict:
    largest = max(steps, key=lambda step: step["lost"])
    return {
        "reason": "; or ".join(step["reason"] for step in steps),
        "lost": sum(step["lost"] for step in steps),
        "count": steps[-1]["count"],
        "mend": largest["mend"],
    }


def too_close(groups: dict[str, set], smallest: int) -> dict[str, str]:
    """Analyses whose people are those of an earlier one but for fewer than `smallest`, and of which.

    Two such groups published side by side give away the few between them by subtraction.
    """
    close: dict[str, str] = {}
    names = list(groups)
    for position, name in enumerate(names):
        for other in names[:position]:
            if other not in close and 0 < len(groups[name] ^ groups[other]) < smallest:
                close[name] = other
    return close


def given_away(
    groups: dict[str, set], counts: dict[str, dict[str, int]], smallest: int
) -> dict[str, set[str]]:
    """What to hold back of an analysis because an earlier one, which holds nearly all its people, shows it too.

    The count of the earlier one less that of this one is the count among the others. Where it is
    small, the later analysis does not show it.

    Parameters
    ----------
    groups : the people of each analysis, the headline first
    counts : for each analysis, the count behind each thing it would publish, by the thing's name
    """
    away: dict[str, set[str]] = {name: set() for name in groups}
    names = list(groups)
    for position, name in enumerate(names):
        for other in names[:position]:
            if len(groups[name] - groups[other]) < smallest:
                away[name] |= {
                    thing
                    for thing, count in counts[name].items()
                    if 0 < abs(counts[other].get(thing, count) - count) < smallest
                }
    return away
