"""What results say together: their mean and spread, a new place, each in the light of the others, what chance gives.

Effects are differences in people per 100, treatment minus comparison: negative is fewer. Errors are their standard
errors. Nothing here reads a file or knows a charity; every function takes arrays and returns a frozen object.
"""

from .chance import ChanceSum, FalseDiscovery, chance_sum, false_discovery, flagged
from .likelihood import Interval
from .moderators import (
    Coefficient,
    Difference,
    Group,
    Groups,
    Regression,
    SmallStudy,
    by_group,
    regress,
    small_study,
)
from .pooled import Pooled, pool
from .prediction import DECLARED, SCALES, Prediction, Prior, by_scale, by_student, predict
from .shrunk import Shrunk, shrink
from .value import OneMore, one_more

__all__ = [
    "DECLARED",
    "SCALES",
    "ChanceSum",
    "Coefficient",
    "Difference",
    "FalseDiscovery",
    "Group",
    "Groups",
    "Interval",
    "OneMore",
    "Pooled",
    "Prediction",
    "Prior",
    "Regression",
    "Shrunk",
    "SmallStudy",
    "by_group",
    "by_scale",
    "by_student",
    "chance_sum",
    "false_discovery",
    "flagged",
    "one_more",
    "pool",
    "predict",
    "regress",
    "shrink",
    "small_study",
]
