"""Five lessons for people who work in charities: how a result is made, and what may be said of it. No code to see."""

from .screen import open_lesson

__all__ = ["open_lesson"]
