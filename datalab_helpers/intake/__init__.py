"""Intake: what arrived, who was found, who is analysed, who could be compared."""

from .cohort import Cohort, build_cohort
from .linking import LinkedPeople, link
from .prepare import check_prepared, prepare_records
from .reading.headings import heading_key
from .submission import Participants, read_submission

__all__ = [
    "Cohort",
    "LinkedPeople",
    "Participants",
    "build_cohort",
    "check_prepared",
    "heading_key",
    "link",
    "prepare_records",
    "read_submission",
]
