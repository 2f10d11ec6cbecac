"""An analysis, or a characteristic in it, taken out of results that were ready, because of what it gives away beside the others."""

from __future__ import annotations

from typing import Any

from .record import OTHER_ANALYSIS
from .results import AnalysisResult, HeldBack, Results
from .rules import CONFIDENTIAL

BESIDE_OTHERS = "its numbers beside those of the other analyses would give a few people away"
SHARES = ("mean_treatment", "mean_pool", "mean_comparison", "smd_before", "smd_after", "variance_ratio", "ks")


def withhold(results: Results, name: str, covariate: str = "") -> Results:
    """The results with one analysis, never the headline, refused instead of shown; its numbers count as held back.

    Parameters
    ----------
    covariate : label of the characteristic whose levels alone are held back; empty for the whole analysis
    """
    analyses, gone = [], 0
    for analysis in results.analyses:
        if analysis.name == name and not analysis.headline and analysis.refused is None:
            analysis, lost = _without_levels(analysis, covariate) if covariate else _refused(analysis)
            gone += lost
        analyses.append(analysis)
    if not gone:
        return results
    counted = {held.why: held.numbers for held in results.held_back}
    counted[OTHER_ANALYSIS] = counted.get(OTHER_ANALYSIS, 0) + gone
    held_back = [
        HeldBack(why=why, numbers=n) for why, n in sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    ]
    return results.model_copy(update={"analyses": analyses, "held_back": held_back})


def _refused(analysis: AnalysisResult) -> tuple[AnalysisResult, int]:
    nothing: dict[str, Any] = {
        "sizes": None,
        "matching": None,
        "balance": None,
        "measures": [],
        "curve": None,
    }
    nothing |= {"verdict": None, "trust": None, "profile": []}
    gone = len(analysis.measures) + (len(analysis.balance.rows) if analysis.balance else 0)
    return analysis.model_copy(update=nothing | {"refused": BESIDE_OTHERS}), gone


def _without_levels(analysis: AnalysisResult, covariate: str) -> tuple[AnalysisResult, int]:
    balance = analysis.balance
    if balance is None:
        return analysis, 0
    hidden = dict.fromkeys(SHARES) | {"suppressed": CONFIDENTIAL}
    concerned = [
        row
        for row in balance.rows
        if row.covariate == covariate and row.kind == "share" and not row.suppressed
    ]
    rows = [row.model_copy(update=hidden) if row in concerned else row for row in balance.rows]
    levels = {(row.covariate, row.level) for row in concerned}
    profile = [
        row.model_copy(update={"share": None, "suppressed": CONFIDENTIAL})
        if (row.covariate, row.level) in levels
        else row
        for row in analysis.profile
    ]
    # The worst of what is still shown, as before: that of a hidden level would tell of it.
    worst = {
        f"worst_{when}": max(
            (abs(smd) for row in rows if (smd := getattr(row, f"smd_{when}")) is not None), default=None
        )
        for when in ("before", "after")
    }
    changed = balance.model_copy(update={"rows": rows, **worst})
    return analysis.model_copy(update={"balance": changed, "profile": profile}), len(concerned)
