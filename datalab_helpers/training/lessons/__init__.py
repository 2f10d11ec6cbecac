"""The lessons, a file each. A file has a `LESSON`, and the pure functions that work out all it shows."""

from __future__ import annotations

from importlib import import_module

from ..lesson import Lesson

# Number of the lesson -> its file.
FILES = {1: "rate", 2: "compared", 3: "pairs", 4: "luck", 5: "claims"}


def lesson(number: int) -> Lesson:
    """KeyError where there is none."""
    found: Lesson = import_module(f"{__name__}.{FILES[number]}").LESSON
    return found
