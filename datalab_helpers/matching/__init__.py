"""Matching: propensity scores, exact strata, calipers, weights."""

from .design import Design, design, expand
from .differences import DENOMINATOR, denominators, rating, standardised_differences
from .match import MatchedSample, effective_size, match, select
from .propensity import propensity_scores

__all__ = [
    "DENOMINATOR",
    "Design",
    "MatchedSample",
    "denominators",
    "design",
    "effective_size",
    "expand",
    "match",
    "propensity_scores",
    "rating",
    "select",
    "standardised_differences",
]
