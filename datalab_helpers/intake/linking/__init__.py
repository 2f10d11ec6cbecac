"""Who the participants are in central records: probabilistic linking, one person at most each."""

from .decide import LINK_AT, REVIEW, REVIEW_DEFAULT
from .decisions import Decision, decisions_path, record
from .explain import Explanation, explain
from .link import LinkedPeople, link
from .review import ReviewQueue, review_queue

__all__ = [
    "LINK_AT",
    "REVIEW",
    "REVIEW_DEFAULT",
    "Decision",
    "Explanation",
    "LinkedPeople",
    "ReviewQueue",
    "decisions_path",
    "explain",
    "link",
    "record",
    "review_queue",
]
