"""Invented results for the fifth lesson: one main measure, and a verdict of any case at any confidence.

They are valid `Results` with nothing but what page 1 and the checker of drafts need, so that both are the real ones.
"""

from __future__ import annotations

from functools import cache

from ...disclosure.checks import Estimate
from ...disclosure.results import (
    About,
    AnalysisResult,
    Frame,
    MeasureResult,
    Programme,
    Provenance,
    Results,
    Rules,
    Sizes,
    Verdict,
)
from ...lab import load_lab
from ...outcome.effects import Z_80, Z_95
from ...outcome.verdict import case_of

SMALLEST = 2.0  # people in every 100: the smallest difference that matters

# People analysed, the share to whom it happened, the difference and half of its range: made up by hand.
FOUND: dict[str, tuple[int, float, float, float]] = {
    "A": (797, 0.31, -0.09, 0.04),
    "B": (717, 0.31, -0.05, 0.04),
    "C": (9120, 0.35, 0.006, 0.012),
    "D": (1804, 0.38, 0.025, 0.039),
    "E": (142, 0.31, -0.04, 0.08),
    "F": (203, 0.44, 0.085, 0.07),
}

HELD_BACK = {
    "high": "",
    "moderate": "people may differ in ways the records do not show",
    "low": "only 28% of the people sent could be analysed",
    "very low": "the groups could not be made alike",
}


@cache
def invented(case: str, confidence: str) -> Results:
    """Results of Second Start, as if this had been found. case : A to F, which the range leads to by the lab's rule"""
    lab = load_lab("justice")
    main = lab.measures[0]
    people, share, difference, half = FOUND[case]
    low, high = difference - half, difference + half
    if case_of(main, low, high, SMALLEST) != case:
        raise AssertionError(f"the range of {case} does not lead to {case}")
    found = Estimate(difference=difference, low=low, high=high, p=0.05, p_holm=None, p_bh=None)
    others = people * 5
    measure = MeasureResult(
        **main.model_dump(include={"name", "label", "short", "meaning", "table", "kind", "unit", "good"}),
        among=None,
        primary=True,
        n_treatment=people,
        n_comparison=others,
        n_comparison_effective=float(others),
        treatment=share,
        comparison=share - difference,
        unadjusted=found,
        adjusted=found,
        adjusted_for="",
        detectable=half * (Z_95 + Z_80) / Z_95,
    )
    reason = HELD_BACK[confidence]
    headline = AnalysisResult(
        name="National",
        headline=True,
        described="everyone who took part",
        refused=None,
        sizes=Sizes(
            treatment_before=people,
            treatment=people,
            pool=others,
            comparison=others,
            comparison_effective=float(others),
        ),
        matching=None,
        balance=None,
        measures=[measure],
        curve=None,
        verdict=Verdict(
            case=case,  # type: ignore[arg-type]
            confidence=confidence,  # type: ignore[arg-type]
            held_back_by=reason,
            reasons=[reason] if reason else [],
            warning=None,
        ),
        profile=[],
    )
    nothing = "0" * 64
    return Results(
        schema_version="1.0",
        about=About(
            id="LESSON-5",
            organisation="Second Start",
            programme=Programme(
                name="Through the Gate Mentoring",
                description="Mentors meet people before release and for six months after it.",
                type="mentoring",
                setting="through the gate",
                began="2020-01-01",
                ended="2021-12-31",
            ),
            lab=lab.name,
            lab_label=lab.label,
        ),
        frame=Frame(
            invented=True,
            starts_from="submission",
            time_zero="participation",
            index_events=["release from prison"],
            follow_up_months=12,
            waiting_months=6,
            index_from="2020-01",
            index_to="2021-12",
            data_until="2024-12-31",
            plan_sha256=nothing,
            method_version="lesson",
            seed=0,
        ),
        rules=Rules(
            smallest_group=lab.defaults.smallest_group,
            smallest_count=lab.defaults.smallest_count,
            smallest_difference=SMALLEST,
            primary=main.name,
            if_unbalanced="refuse",
        ),
        words=lab.words,
        attrition=[],
        attrition_pool=[],
        linking=None,
        analyses=[headline],
        provenance=Provenance(request_sha256=nothing, input_sha256=nothing, records_sha256=None),
    )
