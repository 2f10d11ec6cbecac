"""Intake: what arrived, who was found, who is analysed, who could be compared."""

from .cohort import Cohort, build_cohort
from .linking import LinkedPeople, link
from .reading.headings import heading_key
from .submission import Participants, read_submission

__all__ = ["Cohort", "LinkedPeople", "Participants", "build_cohort", "heading_key", "link", "read_submission"]
