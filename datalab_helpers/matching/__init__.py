"""Matching: propensity scores, exact strata, calipers, weights."""

from .design import Design, design
from .differences import DENOMINATOR, denominators, rating, standardised_differences
from .levels import Levels, expand
from .match import MatchedSample, effective_size, match, select
from .propensity import Propensity, propensity

__all__ = [
    "DENOMINATOR",
    "Design",
    "Levels",
    "MatchedSample",
    "Propensity",
    "denominators",
    "design",
    "effective_size",
    "expand",
    "match",
    "propensity",
    "rating",
    "select",
    "standardised_differences",
]
