"""How far to trust the main result: sentence, alternative text and table of every check, from the same numbers."""

from .before import placebo_alt, placebo_sentences, placebo_table
from .choices import (
    COVARIATES,
    dimensions,
    method_name,
    specification_alt,
    specification_sentences,
    specification_table,
)
from .hidden import answer, hidden_alt, hidden_note, hidden_sentences, hidden_table
from .trials import certificate_alt, certificate_sentences, certificate_table, planted

__all__ = [
    "COVARIATES",
    "answer",
    "certificate_alt",
    "certificate_sentences",
    "certificate_table",
    "dimensions",
    "hidden_alt",
    "hidden_note",
    "hidden_sentences",
    "hidden_table",
    "method_name",
    "placebo_alt",
    "placebo_sentences",
    "placebo_table",
    "planted",
    "specification_alt",
    "specification_sentences",
    "specification_table",
]
