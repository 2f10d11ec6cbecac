"""Results that may be published, and the rules that decide."""

from .attrition import losses
from .release import release
from .results import Results, schema

__all__ = ["Results", "losses", "release", "schema"]
