"""The templates of pages. Kept apart from the report, so that a small page need not load its pictures."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NO_BREAK = "\N{NO-BREAK SPACE}"
BRACKET = re.compile(rf"{NO_BREAK}\(")


@cache
def template(name: str) -> Any:
    """A template of this room; a name that it lacks in its context is an error."""
    # Imported here, so that whoever only wants words or pictures does not wait for it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


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
