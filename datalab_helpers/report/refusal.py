"""The page for an organisation whose request ended without a result. It is sent, not published."""

from __future__ import annotations

from ..disclosure.results import Step
from ..errors import DataLabError
from ..request import Request
from ..wording.refusal import refusal
from .templates import style, template


def render_refusal(request: Request, error: DataLabError, steps: list[Step]) -> str:
    """The page as HTML."""
    return str(template("refusal.html.j2").render(style=style(), told=refusal(request, error, steps)))
