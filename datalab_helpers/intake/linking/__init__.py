"""Who the participants are in central records: probabilistic linking, one person at most each."""

from .decide import LINK_AT, REVIEW, REVIEW_DEFAULT
from .link import LinkedPeople, link

__all__ = ["LINK_AT", "REVIEW", "REVIEW_DEFAULT", "LinkedPeople", "link"]
