"""Who was analysed: the short line of page 1 and the largest loss with its mend."""

from __future__ import annotations

from dataclasses import dataclass

from ..disclosure.results import Results, Step
from .nouns import group
from .numbers import CONFIDENTIAL, lower_first, number, per_cent, sentence

JOINED = "; or "  # between the reasons of steps that are told together


@dataclass(frozen=True)
class Stage:
    """A number on the way from everyone sent to everyone analysed."""

    number: str
    label: str


def stages(results: Results) -> list[Stage]:
    """`203 people sent`, `180 found`, `160 eligible`, `142 analysed`; equal neighbours are said once."""
    linking, sizes = results.linking, results.headline.sizes
    found: list[tuple[int | None, str]] = []
    if linking is not None:
        found = [(linking.submitted, "people sent"), (linking.found, "found in the records")]
    elif results.attrition:
        found = [(started(results.attrition), "people in the table")]
    if sizes is not None:
        analysed = f"{group(results)} analysed".strip()
        found += [(sizes.treatment_before, "could be compared"), (sizes.treatment, analysed)]
    elif results.attrition:
        found.append((results.attrition[-1].count, "could be compared"))
    # A number between that is confidential would only be a gap in the row; the funnel further on tells more.
    found = [stage for stage in found[:-1] if stage[0] is not None or stage is found[0]] + found[-1:]
    kept = [
        stage
        for index, stage in enumerate(found)
        if index in {0, len(found) - 1} or stage[0] != found[index - 1][0]
    ]
    return [Stage(CONFIDENTIAL if count is None else number(count), label) for count, label in kept]


def started(steps: list[Step]) -> int | None:
    """How many people the funnel began with."""
    first = steps[0]
    return None if first.count is None else first.count + (first.lost or 0)


def largest_loss(results: Results) -> list[str]:
    """The step that lost most people, and what would help next time."""
    losses = [step for step in results.attrition if step.lost and step.suppressed is None]
    if not losses:
        return []
    worst = max(losses, key=lambda step: step.lost or 0)
    reasons = worst.reason.split(JOINED)
    if len(reasons) > 1:
        several = f"{number(len(reasons))} reasons, each of few people, listed below"
        return [f"Largest loss: {number(worst.lost or 0)} ({several})."]
    said = [f"Largest loss: {number(worst.lost or 0)} ({lower_first(worst.reason.rstrip('.'))})."]
    # Where nothing helps, only what follows "nothing" is worth saying.
    mend, nothing = worst.mend.strip(), worst.mend.strip().lower().startswith("nothing")
    help_ = (
        mend[len("nothing") :].lstrip(" ;,.:")
        if nothing
        else f"What would help: {lower_first(mend)}"
        if mend
        else ""
    )
    return [*said, sentence(help_)] if help_ else said


def kept_sentence(results: Results) -> str:
    """`142 of the 203 people were analysed (70%).`"""
    sizes = results.headline.sizes
    total = (
        results.linking.submitted
        if results.linking
        else started(results.attrition)
        if results.attrition
        else None
    )
    if sizes is None or not total:
        return ""
    share = per_cent(sizes.treatment / total)
    # Who was sent were people, whomever of them the headline is about.
    who = f"{number(sizes.treatment)} {group(results)}".strip()
    return f"{who} of the {number(total)} people were analysed ({share})."
