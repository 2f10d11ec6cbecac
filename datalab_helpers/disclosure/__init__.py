"""Results that may be published, and the rules that decide."""

from .attrition import losses
from .no_result import NoResult, is_answer, no_result
from .record import RECORD
from .release import release
from .results import Results, schema
from .withheld import withhold

__all__ = [
    "RECORD",
    "NoResult",
    "Results",
    "is_answer",
    "losses",
    "no_result",
    "release",
    "schema",
    "withhold",
]
