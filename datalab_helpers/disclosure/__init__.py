"""Results that may be published, and the rules that decide."""

from .attrition import losses
from .record import RECORD
from .release import release
from .results import Results, schema
from .withheld import withhold

__all__ = ["RECORD", "Results", "losses", "release", "schema", "withhold"]
