"""What the audit finds fault with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Breach:
    """A place where a small number is given away, why, and the rule it breaks. Holds no value.

    analyses : whose numbers give it away together; covariate : whose levels they are, where they are levels
    """

    place: str
    why: str
    rule: str
    analyses: tuple[str, ...] = ()
    covariate: str = ""


def of(analysis: str, what: str, why: str, rule: str) -> Breach:
    """A breach in what one analysis tells."""
    return Breach(f"{analysis}, {what}", why, rule, (analysis,))
