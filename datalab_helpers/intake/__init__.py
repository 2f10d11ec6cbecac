"""Intake: what arrived, who was found, who is analysed, who could be compared."""

from .cohort import Cohort, build_cohort, covariates_known
from .linking import Explanation, LinkedPeople, ReviewQueue, decisions_path, explain, link, review_queue
from .prepare import check_prepared, prepare_records
from .reading.headings import heading_key
from .submission import Participants, read_submission

__all__ = [
    "Cohort",
    "Explanation",
    "LinkedPeople",
    "Participants",
    "ReviewQueue",
    "build_cohort",
    "check_prepared",
    "covariates_known",
    "decisions_path",
    "explain",
    "heading_key",
    "link",
    "prepare_records",
    "read_submission",
    "review_queue",
]
