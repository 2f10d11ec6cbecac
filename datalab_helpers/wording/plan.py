"""What `datalab plan` says: how many people for which change, and what small organisations can do."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..lab import Lab
from ..outcome.power import Plan, Row
from .numbers import number, per_cent, plain_number, things

ADVICE = (
    "Pool years: the people of three years together show what one year alone cannot.",
    "Pool sites, or join with a sister charity that does the same work; each still gets its share of what is learnt.",
    (
        "Name how often people come back to court as a second outcome: a change in number can show where a change in "
        "yes or no does not. Fix it before results are seen."
    ),
    "Send everyone who started, not only those who stayed: that brings more people and an honest answer.",
    "If all this brings too few, the library of earlier results of similar programmes says more than a study of your own.",
)


def lines(plan: Plan, lab: Lab) -> list[str]:
    """The plan for a terminal."""
    outcome = lab.words.outcome
    found = [
        f"Taken for granted: {per_cent(plan.baseline)} of similar people would have {lab.words.happened}; "
        f"{plain_number(plan.comparators)} effective {'comparator' if plan.comparators == 1 else 'comparators'} for each person; {per_cent(plan.survive)} of those sent "
        "are analysed"
        + (
            f"; what is known of people explains {per_cent(plan.gain)} of the differences"
            if plan.gain
            else ""
        )
        + ".",
        "A change is “seen” when, if it is real, four studies in five would report it.",
    ]
    if plan.people is not None:
        found += ["", _own(plan.people, outcome)]
    if plan.change is not None and plan.change.change is not None:
        found += ["", _asked(plan.change, outcome)]
    if plan.power is not None and plan.people is not None and plan.change is not None:
        found.append(
            f"With {things(plan.people.send, 'person', 'people')} sent, the chance of seeing it is {per_cent(plan.power)}."
        )
    found += ["", f"To see a fall in {outcome} of ...   analyse    send"]
    found += [
        f"  {_size(row):>8} in every 100 {number(row.analysed):>15} {number(row.send):>7}"
        for row in plan.needs
    ]
    found += ["", "With so many analysed   send    the smallest fall seen"]
    found += [
        f"  {number(row.analysed):>10} {number(row.send):>16}    "
        + (f"{_size(row)} in every 100" if row.change is not None else "none, not even to nothing")
        for row in plan.shows
    ]
    return [*found, "", "If your numbers are small", *(f"  - {line}" for line in ADVICE)]


def _own(row: Row, outcome: str) -> str:
    analysed = (
        f"Of {things(row.send, 'person', 'people')} sent, about {number(row.analysed)} would be analysed."
    )
    if row.change is None:
        return f"{analysed} They could not reliably show any fall in {outcome}."
    return (
        f"{analysed} They could reliably show a fall in {outcome} of about {_size(row)} in every 100 people, and anything "
        "larger. A smaller change would most likely end as “no clear difference”, even if it is real."
    )


def _asked(row: Row, outcome: str) -> str:
    return (
        f"To see a fall in {outcome} of {_size(row)} in every 100 people, {number(row.analysed)} people have to be analysed: "
        f"send about {number(row.send)}."
    )


def _size(row: Row) -> str:
    """A change in people per 100: whole from 10, else one decimal where it is not whole."""
    size = 100 * (row.change or 0)
    return plain_number(round(size, 1)) if size < 9.95 else number(size)


def as_json(plan: Plan) -> dict[str, Any]:
    """Rates and changes 0 to 1; `analysed` and `send` in people; `change` null where no fall would be seen."""
    return asdict(plan)
