"""The templates of pages. Kept apart from the report, so that a small page need not load its pictures."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


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


def style() -> str:
    """The look that all pages share."""
    return (HERE / "style.css").read_text(encoding="utf-8")
