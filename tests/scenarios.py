"""What a sentence must be able to say: invented results by name, each with the parts of the report that it may change.

`FIRST` is printed whole; of every other only what is not there already, so that a reader sees what a case changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example_results import CASES, earnings, estimate, example, only, refused

from datalab_helpers.disclosure import Results

LEVELS = ("high", "moderate", "low", "very low")
FIRST = "A, moderate confidence"


def measured(treatment: float, comparison: float, low: float, high: float, **changed: object) -> dict:
    difference = treatment - comparison
    return {
        "treatment": treatment,
        "comparison": comparison,
        "adjusted": estimate(difference, low, high),
        **changed,
    }


AWAY = {"treatment": 0.31, "comparison": 0.35, "adjusted": estimate(-0.05, -0.13, 0.03)}


def page_one() -> Iterator[tuple[str, Results]]:
    """Results whose page 1 and claim kit are read."""
    for case in CASES:
        for confidence in LEVELS:
            yield f"{case}, {confidence} confidence", example(case, confidence)
    for good in ("lower", "higher"):
        for case in CASES:
            yield f"{case}, dollars, {good} is good", money(case, good)
    for confidence in ("high", "low"):
        yield f"D, dollars, higher is good, {confidence} confidence", money("D", "higher", confidence)
    for name, measure in UNITS.items():
        for case, sizes in (("A", (-1.0, -1.7, -0.4)), ("E", (-0.3, -1.2, 0.4))):
            yield f"{case}, {name}", scaled(case, measure, sizes)
    big = {"n_treatment": 12_345, "n_comparison": 2_345_678, "n_comparison_effective": 987_654.3}
    for name, case, measure in (
        ("nobody", "E", measured(0.004, 0.049, -0.09, 0.001)),
        ("one person", "E", measured(0.01, 0.02, -0.04, 0.02, n_treatment=1)),
        ("one person fewer", "B", measured(0.30, 0.31, -0.018, -0.002)),
        ("equal after rounding", "C", measured(0.352, 0.3493, -0.012, 0.016)),
        ("a range that rounds to nothing", "B", measured(0.3000, 0.3021, -0.003, -0.001)),
        ("a range up to a size", "B", measured(0.30, 0.345, -0.086, -0.004)),
        ("a range of one size", "A", measured(0.30, 0.34, -0.042, -0.038)),
        ("a range that rounds to no change", "C", measured(0.30, 0.301, -0.004, 0.003)),
        ("parts that do not add up", "A", measured(0.344, 0.366, -0.055, -0.021)),
        ("adjusted beyond what is possible", "E", measured(0.01, 0.02, -0.01, 0.11) | {"adjusted": estimate(0.05, -0.01, 0.11)}),
        ("adjusted away from what was observed", "E", AWAY),
        ("rounded onto what matters", "D", measured(0.3812, 0.3560, -0.019, 0.0652)),
        ("everyone but one", "F", measured(0.99, 0.90, 0.03, 0.15)),
        ("long numbers", "C", measured(0.3511, 0.3496, -0.016, 0.019, **big)),
        ("not adjusted", "A", {"adjusted": None, "unadjusted": estimate(-0.1208, -0.2132, -0.0284)}),
        ("no size that could be seen", "E", {"detectable": None}),
    ):  # fmt: skip
        yield name, example(case, measure=measure)
    rounded = measured(0.30, 0.42, -0.20, -0.0245)
    yield "rounded away from what matters", example("A", measure=rounded, rules={"smallest_difference": 2.4})
    for gender in "FM":
        for case in "AE":
            yield f"{case}, {'women' if gender == 'F' else 'men'} alone", only(gender, case)
    yield "one woman", only("F", "B", measure=measured(0.30, 0.31, -0.018, -0.002, n_treatment=1))
    yield from without_result()
    for name, parts in PARTS.items():
        yield name, example("A", **parts)


def without_result() -> Iterator[tuple[str, Results]]:
    yield (
        "held back",
        example("A", measure={"suppressed": "fewer than 10 people behind it", "treatment": None}),
    )
    yield "not published", example("A", analysis={**refused(), "headline": True})
    reason = "the people who took part differ so much from everybody else on record that nobody could fairly stand in for any one of them"
    yield (
        "not published, at length",
        example("A", analysis={**refused(), "headline": True, "refused": reason}),
    )
    yield "not published, no reason", example("A", analysis={"verdict": None, "measures": []})
    yield "nothing published", example("A", analyses=[{**refused(), "headline": True}])


STEP = {"reason": "people sent", "lost": 0, "count": 142, "mend": ""}
LOSS = {"reason": "nobody similar enough", "lost": 61, "count": 142}
PARTS: dict[str, dict[str, Any]] = {
    "warned": {"verdict": {"warning": "the groups are not alike enough; read with great care"}},
    "held back by several": {"verdict": {"held_back_by": "it rests on one matched comparison; a hidden difference as strong as “Age” could change the answer"}},
    "very low, at length": {"confidence": "very low", "verdict": {"held_back_by": "the groups could not be made alike: 5 of 60 characteristics differ by more than a tenth of the usual spread among people; few are left"}},
    "very low, no reason": {"confidence": "very low", "verdict": {"held_back_by": ""}},
    "nobody lost": {"attrition": [STEP]},
    "a loss that nothing mends": {"attrition": [STEP, LOSS | {"mend": "nothing; they stand outside the pool"}]},
    "a loss without a word": {"attrition": [STEP, LOSS | {"mend": ""}]},
    "a loss for which nothing helps": {"attrition": [STEP, LOSS | {"mend": "nothing"}]},
    "no funnel": {"attrition": [], "attrition_pool": [], "linking": None},
    "little told of the frame": {"frame": {"time_zero": "index", "index_events": [], "index_from": None, "index_to": "2022", "data_until": None, "follow_up_months": None}},
}  # fmt: skip
UNITS: dict[str, dict[str, Any]] = {
    "visits": {"kind": "count", "label": "Visits to court", "short": "", "meaning": "", "unit": "visits per person", "good": "lower", "treatment": 0.88, "size": 0.24},
    "days": {"kind": "days", "label": "Days to the first visit", "short": "", "meaning": "", "unit": "days", "good": "lower", "treatment": 131.4, "size": 25.0},
    "hours": {"kind": "continuous", "label": "Hours in work", "short": "", "meaning": "", "unit": "hours a week", "good": "lower", "treatment": 7.25, "size": 2.0},
}  # fmt: skip


def money(case: str, good: str, confidence: str = "moderate") -> Results:
    """A case in dollars: 2 in 100 become $200; where more is good, every sign turns."""
    way = 10_000 if good == "lower" else -10_000
    _, _, difference, *ends = (way * value for value in CASES[case])
    low, high = sorted(ends)
    return earnings(
        case,
        confidence,
        good,
        comparison=6349.14 - difference,
        adjusted=estimate(difference, low, high),
        unadjusted=estimate(difference + 60, low - 100, high + 200),
    )


def scaled(case: str, measure: dict[str, Any], sizes: tuple[float, float, float]) -> Results:
    """A measure of its own unit with a difference and range of so many times its size."""
    given = {name: value for name, value in measure.items() if name != "size"}
    difference, low, high = (size * measure["size"] for size in sizes)
    given |= {"comparison": measure["treatment"] - difference, "detectable": measure["size"]}
    rules = {"smallest_difference": measure["size"] / 8}
    return example(case, measure=given | {"adjusted": estimate(difference, low, high)}, rules=rules)


def whole() -> Iterator[tuple[str, Results]]:
    """Results whose whole page is read, for what stands behind page 1."""
    yield "earnings", money("A", "higher")
    yield "women alone", only("F")
    yield "every analysis of women", example("A", analyses=[only("F").analyses[0].model_dump()])
    yield "cannot tell", example("E")
    yield "adjusted away from what was observed", example("E", measure=AWAY)
    yield "nothing published", example("A", analyses=[{**refused(), "headline": True}])
    yield "an analysis held back", held_back_beside()
    yield from trusted()
    for name, parts in METHODS.items():
        yield name, example("A", **parts)
    for name, matching in MATCHINGS.items():
        given = example("A").headline.matching.model_dump() | matching
        yield name, example("A", analysis={"matching": given})
    balance = example("A").headline.balance.model_dump()
    yield (
        "one characteristic close",
        example("A", analysis={"balance": {**balance, "green": 1, "worst_before": None}}),
    )
    yield (
        "no characteristic shown",
        example("A", analysis={"balance": {**balance, "rows": [], "reasons": []}}),
    )


def held_back_beside() -> Results:
    whole = example("A").model_dump()
    whole["analyses"][1]["measures"][0] |= {"suppressed": "c", "treatment": None}
    return Results.model_validate(whole)


HELD = [{"why": "they are below 10", "numbers": 1}, {"why": "another could be worked out", "numbers": 12}]
METHODS: dict[str, dict[str, Any]] = {
    "the clock runs from the index event": {"frame": {"time_zero": "index", "waiting_months": 1, "follow_up_months": 1}},
    "a response of the organisation": {"about": {"response": "We are glad.\n\nWe will go on."}},
    "numbers held back": {"held_back": HELD},
    "one number held back": {"held_back": HELD[:1]},
    "few strangers, how many were found held back": {"linking": {"found": None, "expected_false": 0.0001, "expected_missed": None, "review": None}},
    "one stranger, how many were sent held back": {"linking": {"submitted": None, "expected_false": 0.001, "expected_missed": 0.001, "review": 1}},
    "unbalanced groups are published": {"rules": {"if_unbalanced": "publish_with_warning"}},
}  # fmt: skip
MATCHINGS: dict[str, dict[str, Any]] = {
    "matched to the nearest": {"method": "nearest", "ratio": 5, "replacement": False, "exact": [], "scale": "probability", "caliper_unit": "score", "common_support": "treated_range"},
    "matched by kernel": {"method": "kernel", "common_support": "both", "exact": ["gender"], "covariates": 1},
    "matched by entropy": {"method": "entropy", "caliper": None, "dropped": [], "grid": []},
    "matched by another method": {"method": "cardinality matching"},
}  # fmt: skip


OTHER_WAYS = [
    {"method": "nearest", "ratio": 1, "covariates": "without squares"},
    {"method": "nearest", "ratio": 1, "replacement": False},
]


def trusted() -> Iterator[tuple[str, Results]]:
    """The checks on trust in all their outcomes."""
    usual = example("A").headline.trust.model_dump()
    placebo, hidden, tried, ways = (
        usual[name] for name in ("placebo", "hidden", "certificate", "specifications")
    )
    seen = placebo["could_see"]
    failed, none = {"passed": False}, {"estimate": None, "left": None, "passed": None}
    twins = hidden["twins"]
    steady = [twin | {"changes": False} for twin in twins]
    for name, changed in {
        "placebo failed, removed": {"placebo": placebo | failed},
        "placebo failed, more before": {"placebo": placebo | failed | {"left": None, "estimate": estimate(0.2, 0.1, 0.3, 0.001)}},
        "placebo failed, left": {"placebo": placebo | failed | {"left": estimate(-0.2, -0.3, -0.1, 0.01)}},
        "placebo too weak": {"placebo": placebo | {"could_see": seen | {"enough": False}}},
        "placebo beside no answer": {"placebo": placebo | {"could_see": seen | {"enough": None}}},
        "placebo held back": {"placebo": placebo | none | {"suppressed": "c"}},
        "placebo not made": {"placebo": placebo | none | {"reason": "There are no dated records."}},
        "placebo not made, no reason": {"placebo": placebo | none},
        "several hidden differences change it": {"hidden": hidden | {"twins": [twin | {"changes": True} for twin in twins]}},
        "two hidden differences change it": {"hidden": hidden | {"twins": [twins[0], twins[1] | {"changes": True}]}},
        "no hidden difference changes it": {"hidden": hidden | {"twins": steady, "needed": 0.078}},
        "no answer for a hidden difference to change": {"hidden": hidden | {"twins": steady, "needed": None}},
        "nothing recorded to judge hidden differences by": {"hidden": hidden | {"twins": [], "e_value": None}},
        "hidden differences not looked at": {"hidden": None},
        "certificate not made": {"certificate": tried | {"trials": [], "reason": "The pool holds too few people."}},
        "certificate not made, no reason": {"certificate": tried | {"trials": []}},
        "certificate failed, every trial matched": {"certificate": tried | {"failed": 0, "trials": [t | {"coverage": 0.81} for t in tried["trials"]]}},
        "other ways not looked at": {"specifications": None},
        "one other way, of a method without a name": {"specifications": ways | {"choices": [ways["choices"][0] | {"method": "cardinality"}], "left_out": 0}},
        "every kind of other way": {"specifications": ways | {"choices": [choice | kind for choice, kind in zip(ways["choices"], OTHER_WAYS, strict=False)]}},
        "one way left out, the same after rounding": {"specifications": ways | {"left_out": 1, "median": 0.001}},
    }.items():  # fmt: skip
        yield name, example("A", analysis={"trust": usual | changed})
