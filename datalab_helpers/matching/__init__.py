"""Matching: propensity scores, exact strata, calipers, weights."""

from .design import Design, design, independent
from .differences import DENOMINATOR, denominators, rating, standardised_differences
from .levels import Levels, expand, labels_of
from .match import match, select
from .propensity import Propensity, propensity
from .sample import MatchedSample, effective_size, overview
from .specification import Scored, scored, specification

__all__ = [
    "DENOMINATOR",
    "Design",
    "Levels",
    "MatchedSample",
    "Propensity",
    "Scored",
    "denominators",
    "design",
    "effective_size",
    "expand",
    "independent",
    "labels_of",
    "match",
    "overview",
    "propensity",
    "rating",
    "scored",
    "select",
    "specification",
    "standardised_differences",
]
