"""Data Lab Workbench: from a submission to a published report.

The public names follow the story of a request; notebooks use these and nothing else.
"""

import os

# Matrix routines with several threads give other last bits from run to run, and on a busy
# machine are slower. Set before NumPy is first imported, or it has no effect.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from .balance import BalanceTable, assess_balance, plan  # noqa: E402 (after the threads are set)
from .disclosure import Results, release  # noqa: E402
from .errors import DataLabError  # noqa: E402
from .intake import (  # noqa: E402
    Cohort,
    LinkedPeople,
    Participants,
    build_cohort,
    explain,
    link,
    read_submission,
    review_queue,
)
from .matching import MatchedSample, match  # noqa: E402
from .outcome import Outcomes, decided, estimate, examine, open_outcomes  # noqa: E402
from .run import Run  # noqa: E402

__all__ = [
    "BalanceTable",
    "Cohort",
    "DataLabError",
    "LinkedPeople",
    "MatchedSample",
    "Outcomes",
    "Participants",
    "Results",
    "Run",
    "assess_balance",
    "build_cohort",
    "decided",
    "estimate",
    "examine",
    "explain",
    "link",
    "match",
    "open_outcomes",
    "plan",
    "read_submission",
    "release",
    "review_queue",
]
