"""Results that may be published, and the rules that decide."""

from .release import release
from .results import Results, schema

__all__ = ["Results", "release", "schema"]
