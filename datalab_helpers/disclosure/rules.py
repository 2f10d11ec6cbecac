"""Small numbers: which values may be published. Rules are settings of the lab, printed in the report."""

from __future__ import annotations

CONFIDENTIAL = "c"  # the shorthand [c] of UK official statistics


def count_is_safe(count: float, total: float, smallest: int) -> bool:
    """A count may be shown when it and its complement both reach the smallest count.

    Zero and all are not safe: they tell something about everyone in the group.
    """
    return count >= smallest and total - count >= smallest


def merge_small_steps(steps: list[dict], smallest: int, untold: int | None = None) -> list[dict]:
    """Attrition steps in which fewer than `smallest` were lost, joined with a neighbour.

    So is a step that leaves `untold` people, where that number would give a few away elsewhere.

    A step of three people lost for a sexual offence would tell the organisation, who knows its
    list, about them. Joined steps carry all their reasons; when even the whole loss is small,
    no number of the funnel is told.
    """
    merged: list[dict] = []
    waiting: list[dict] = []
    for step in steps[1:]:
        waiting.append(step)
        if sum(s["lost"] for s in waiting) >= smallest and step["count"] != untold:
            merged.append(_join(waiting))
            waiting = []
    begins_untold = steps[0]["count"] == untold and len(steps) > 1
    if begins_untold:
        merged, waiting = [], steps[1:]
    if waiting and merged:
        merged[-1] = _join([merged[-1], *waiting])
    elif waiting:
        # The first number less the size of the group, which is published, is the whole loss.
        nothing = {"lost": None, "count": None, "suppressed": CONFIDENTIAL}
        return [steps[0] | nothing, _join(waiting) | nothing]
    return [steps[0], *merged]


def _join(steps: list[dict]) -> dict:
    largest = max(steps, key=lambda step: step["lost"])
    return {
        "reason": "; or ".join(step["reason"] for step in steps),
        "lost": sum(step["lost"] for step in steps),
        "count": steps[-1]["count"],
        "mend": largest["mend"],
    }
