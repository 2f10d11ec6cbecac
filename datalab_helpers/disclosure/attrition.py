"""How many people were lost where, with small steps joined."""

from __future__ import annotations

from typing import Any

from ..intake import Cohort
from ..intake.linking import REVIEW_DEFAULT
from ..matching import MatchedSample
from . import results as r
from .record import LOST, Record
from .rules import merge_small_steps


def linking(facts: dict[str, Any], steps: list[r.Step], smallest: int) -> r.Linking | None:
    """How surely participants were found; None for an analysis table, where nobody had to be.

    The number found is published only where it is also a step of the published funnel: elsewhere
    it would part a step again that was joined because few were lost. The same holds of the number sent.
    """
    if "submitted" not in facts:
        return None
    counts = [step.count for step in steps]
    told = facts["found"] in counts
    return r.Linking(
        submitted=facts["submitted"] if facts["submitted"] in counts else None,
        found=facts["found"] if told else None,
        review=facts["review"] if facts["review"] >= smallest else None,
        threshold=facts["threshold"],
        expected_false=facts["expected_false"],
        expected_missed=facts["expected_missed"] if told else None,
        review_default=REVIEW_DEFAULT,
    )


def attrition(
    cohort: Cohort, headline: MatchedSample, smallest: int, record: Record, pool_is_told: bool = True
) -> tuple[list[r.Step], list[r.Step]]:
    """Both funnels, ended by who the headline analysis took in and could match.

    pool_is_told : whether the size of the headline's pool may stand in its funnel
    """
    sizes = headline.sizes
    ends = {
        "treatment": (sizes["treatment_before"], sizes["treatment"]),
        "pool": (sizes["pool"], sizes["comparison"]),
    }
    funnels = []
    for group, (chosen, matched) in ends.items():
        steps = cohort.attrition[cohort.attrition["group"] == group].drop(columns="group").to_dict("records")
        for count, reason, mend in (
            (chosen, "not part of the headline analysis", ""),
            (
                matched,
                "nobody similar enough in the other group",
                "nothing; a wider caliper would compare people who differ",
            ),
        ):
            lost = steps[-1]["count"] - count
            if lost:
                steps.append({"reason": reason, "lost": lost, "count": count, "mend": mend})
        untold = sizes["pool"] if group == "pool" and not pool_is_told else None
        told = merge_small_steps(steps, smallest, untold)
        hidden = len(steps) - sum(step["count"] is not None for step in told)
        if hidden:
            record.add(headline.analysis, "attrition", group, LOST, hidden)
        funnels.append([r.Step(**step) for step in told])
    return funnels[0], funnels[1]


def losses(cohort: Cohort, smallest: int) -> list[r.Step]:
    """The treatment group's funnel up to the comparison, for an organisation that gets no result."""
    steps = (
        cohort.attrition[cohort.attrition["group"] == "treatment"].drop(columns="group").to_dict("records")
    )
    return [r.Step(**step) for step in merge_small_steps(steps, smallest)]
