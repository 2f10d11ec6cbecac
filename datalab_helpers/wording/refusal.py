"""The answer to an organisation whose request ended without a result: why, what it means, what would help."""

from __future__ import annotations

from ..disclosure.no_result import WHY, Why
from ..disclosure.results import Step
from ..errors import DataLabError
from ..request import Request
from .people import JOINED
from .tables import Table, attrition_table

REASONS: dict[Why, str] = {
    "not found": "Nobody on the list could be found in the records.",
    "too few": "At least {fewest} people are needed, and so many could not be followed and compared.",
    "unlike": "The people who took part are unlike everybody else on record, so nobody could fairly stand in for them.",
    "held back": "So few people stand behind the result that it could tell something about single persons.",
    "withdrawn": "The organisation withdrew its request before anybody had looked at what happened to the people.",
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


def reason(why: Why, fewest: int) -> str:
    """Why there is no result. `fewest` is the smallest number of people that the lab publishes."""
    return REASONS[why].format(fewest=fewest)


def refusal(request: Request, error: DataLabError, steps: list[Step]) -> dict[str, object]:
    """All words of the page.

    Parameters
    ----------
    steps : who was lost on the way to the comparison, small steps joined; empty where nobody was found
    """
    why = WHY[type(error)]
    told = any(step.count is not None for step in steps)
    table: Table | None = attrition_table(steps, "people who were sent") if told else None
    return {
        "id": request.id,
        "lab": request.lab.label,
        "organisation": request.settings.organisation,
        "programme": request.settings.programme.name,
        "title": "No result for this request",
        "reason": reason(why, request.lab.defaults.smallest_group),
        "meaning": MEANING[why == "held back"],
        "helps": HELPS,
        "table": table,
        "steps": [] if told else [reason for step in steps[1:] for reason in step.reason.split(JOINED)],
        "few": FEW,
        "note": NOTE,
    }
