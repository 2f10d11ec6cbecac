"""What is published of a request that ends without a result: whose it is and why, without any number."""

from __future__ import annotations

import json
from typing import Literal

from ..errors import DataLabError, DisclosureError, LinkageError, TooFewError, UnlikeError, WithdrawnError
from ..request import Request
from .checks import Part
from .results import SCHEMA_VERSION, About, about_of

FILE = "no-result.json"
Why = Literal["not found", "too few", "unlike", "held back", "withdrawn"]
# Errors that are an answer to the organisation; all others are for the analyst to mend.
WHY: dict[type[DataLabError], Why] = {
    LinkageError: "not found",
    TooFewError: "too few",
    UnlikeError: "unlike",
    DisclosureError: "held back",
    WithdrawnError: "withdrawn",
}


class NoResult(Part):
    """An accepted request without a result. A library without it would show only what went well."""

    schema_version: Literal["1.0"]
    about: About
    released_on: str | None
    invented: bool
    why: Why

    def to_json(self) -> str:
        """The bytes of `no-result.json`."""
        return json.dumps(self.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"


def is_answer(error: DataLabError) -> bool:
    """Whether an error ends the request with an answer: there is no result, and why."""
    return type(error) in WHY


def no_result(request: Request, error: DataLabError, invented: bool) -> NoResult:
    """What may be told of a request that ended with this error."""
    released = request.settings.release.on
    return NoResult(
        schema_version=SCHEMA_VERSION,
        about=about_of(request),
        released_on=released.isoformat() if released else None,
        invented=invented,
        why=WHY[type(error)],
    )
