"""An analysis taken out of results that were ready, because of what its numbers give away beside the others."""

from __future__ import annotations

from .record import OTHER_ANALYSIS
from .results import HeldBack, Results

BESIDE_OTHERS = "its numbers beside those of the other analyses would give a few people away"


def withhold(results: Results, name: str) -> Results:
    """The results with one analysis, never the headline, refused instead of shown; its numbers count as held back."""
    analyses = []
    gone = 0
    for analysis in results.analyses:
        if analysis.name != name or analysis.headline or analysis.refused is not None:
            analyses.append(analysis)
            continue
        gone += len(analysis.measures) + (len(analysis.balance.rows) if analysis.balance else 0)
        nothing = {"sizes": None, "matching": None, "balance": None, "measures": [], "curve": None}
        nothing |= {"verdict": None, "trust": None, "profile": []}
        analyses.append(analysis.model_copy(update=nothing | {"refused": BESIDE_OTHERS}))
    if not gone:
        return results
    counted = {held.why: held.numbers for held in results.held_back}
    counted[OTHER_ANALYSIS] = counted.get(OTHER_ANALYSIS, 0) + gone
    held_back = [
        HeldBack(why=why, numbers=n) for why, n in sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    ]
    return results.model_copy(update={"analyses": analyses, "held_back": held_back})
