"""The templates of pages. Kept apart from the report, so that a small page need not load its pictures."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from ..wording.numbers import readable

HERE = Path(__file__).parent
LONG, LONGEST = 90, 220  # letters
NO_BREAK = "\N{NO-BREAK SPACE}"
BRACKET = re.compile(rf"{NO_BREAK}\(")


@cache
def template(name: str, folder: Path = HERE) -> Any:
    """A template of a folder, which may use those of this room; a name that it lacks in its context is an error."""
    # Imported here, so that whoever only wants words or pictures does not wait for it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([folder, HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda part: readable(part) if type(part) is str else part,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["size"] = size
    return environment.get_template(name)


def size(text: str) -> str:
    """The class of a title or a line of names, so that long ones do not push the answer off the screen."""
    return "longest" if len(text) > LONGEST else "long" if len(text) > LONG else ""


def unbroken(row: list[str], numeric: list[bool]) -> list[str]:
    """A number and its unit stay on one line; so does the interval behind a difference, on the next if need be."""
    if len(row) < len(numeric):  # the heading of the rows below it
        return row
    return [
        BRACKET.sub(" (", cell.replace(" ", NO_BREAK)) if number else cell
        for cell, number in zip(row, numeric, strict=True)
    ]


def style() -> str:
    """The look that all pages share."""
    return (HERE / "style.css").read_text(encoding="utf-8")
