"""The card of what to collect from today, as a page that prints on one sheet of A4."""

from __future__ import annotations

from pathlib import Path

from ..lab import Lab
from ..run import write_bytes
from ..wording.card import card
from .templates import style, template


def write_card(lab: Lab, path: Path) -> None:
    """Write the card."""
    write_bytes(path, str(template("card.html.j2").render(style=style(), card=card(lab))).encode())
