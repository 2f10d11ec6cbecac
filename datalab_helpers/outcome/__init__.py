"""Outcome: what happened after time zero, opened once the plan is sealed."""

from .effects import Effect, adjusted, detectable, unadjusted
from .estimate import OutcomeEstimate, Outcomes, estimate, measures_of, open_outcomes
from .verdict import LATE, LATE_SHARE, Design, Verdict, case, confidence, decide

__all__ = [
    "LATE",
    "LATE_SHARE",
    "Design",
    "Effect",
    "OutcomeEstimate",
    "Outcomes",
    "Verdict",
    "adjusted",
    "case",
    "confidence",
    "decide",
    "detectable",
    "estimate",
    "measures_of",
    "open_outcomes",
    "unadjusted",
]
