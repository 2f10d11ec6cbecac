"""The answer to an organisation whose request ended without a result: why, what it means, what would help."""

from __future__ import annotations

from ..disclosure.results import Step
from ..errors import DataLabError, DisclosureError, LinkageError, TooFewError, UnlikeError
from ..request import Request
from .people import JOINED
from .tables import Table, attrition_table

REASONS: dict[type[DataLabError], str] = {
    LinkageError: "Nobody on the list could be found in the records.",
    TooFewError: "At least {fewest} people are needed, and so many could not be followed and compared.",
    UnlikeError: "The people who took part are unlike everybody else on record, so nobody could fairly stand in for them.",
    DisclosureError: "So few people stand behind the result that it could tell something about single persons.",
}
MEANING = (
    "This says nothing about the programme: it may help or not. Nobody has looked at what happened to the people afterwards.",
    "What happened was worked out and cannot be shown, whichever way it points. This says nothing about the programme.",
)
HELPS = (
    "Send more people: those of other years, other sites, or a partner that runs the same programme.",
    "Send every identifier that you hold, and names as they are on court papers.",
    "Ask the lab, before you send the list again, what in it can be mended and how many people would be enough.",
)
FEW = "At each step few people were lost, so how many is not told. The steps were:"
NOTE = "Steps at which few people were lost are joined with the next. [c]: held back, since few people are behind it."


def ends_in_refusal(error: DataLabError) -> bool:
    """Whether an error is an answer for the organisation; the others are for the analyst to mend."""
    return type(error) in REASONS


def refusal(request: Request, error: DataLabError, steps: list[Step]) -> dict[str, object]:
    """All words of the page.

    Parameters
    ----------
    steps : who was lost on the way to the comparison, small steps joined; empty where nobody was found
    """
    opened = isinstance(error, DisclosureError)
    told = any(step.count is not None for step in steps)
    table: Table | None = attrition_table(steps, "people who were sent") if told else None
    return {
        "id": request.id,
        "lab": request.lab.label,
        "organisation": request.settings.organisation,
        "programme": request.settings.programme.name,
        "title": "No result for this request",
        "reason": REASONS[type(error)].format(fewest=request.lab.defaults.smallest_group),
        "meaning": MEANING[opened],
        "helps": HELPS,
        "table": table,
        "steps": [] if told else [reason for step in steps[1:] for reason in step.reason.split(JOINED)],
        "few": FEW,
        "note": NOTE,
    }
