"""Outcome: what happened after time zero, opened once the plan is sealed, and how far it can be trusted."""

from .certificate import Certificate, Trial, certificate
from .decided import Decided, decided
from .effects import Effect, adjusted, detectable, unadjusted
from .estimate import OutcomeEstimate, Outcomes, estimate, measures_of, open_outcomes
from .placebo import Placebo, Reach, placebo, reach
from .sensitivity import Benchmark, Sensitivity, sensitivity
from .specifications import SpecificationCurve, specification_curve
from .trust import Trust, examine
from .verdict import LATE, LATE_SHARE, Checks, Design, Verdict, case, case_of, confidence, decide

__all__ = [
    "LATE",
    "LATE_SHARE",
    "Benchmark",
    "Certificate",
    "Checks",
    "Decided",
    "Design",
    "Effect",
    "OutcomeEstimate",
    "Outcomes",
    "Placebo",
    "Reach",
    "Sensitivity",
    "SpecificationCurve",
    "Trial",
    "Trust",
    "Verdict",
    "adjusted",
    "case",
    "case_of",
    "certificate",
    "confidence",
    "decide",
    "decided",
    "detectable",
    "estimate",
    "examine",
    "measures_of",
    "open_outcomes",
    "placebo",
    "reach",
    "sensitivity",
    "specification_curve",
    "unadjusted",
]
