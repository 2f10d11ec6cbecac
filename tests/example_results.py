"""Invented but valid `Results` for every verdict, with parts that a test can replace.

The figures are made up by hand. `example("A")` is the usual one; keyword arguments replace parts of
`Results`, and `measure=` and `analysis=` replace parts of the main measure and of the headline.
"""

from __future__ import annotations

from typing import Any

from datalab_helpers.disclosure.results import Results
from datalab_helpers.lab import load_lab

# Group values, difference and interval of the main measure, on its own scale: one row a case.
CASES: dict[str, tuple[float, float, float, float, float]] = {
    "A": (0.3056, 0.4264, -0.1208, -0.2032, -0.0384),
    "B": (0.3123, 0.3604, -0.0481, -0.0912, -0.0050),
    "C": (0.3511, 0.3496, 0.0015, -0.0160, 0.0190),
    "D": (0.3812, 0.3560, 0.0252, -0.0148, 0.0652),
    "E": (0.3099, 0.3521, -0.0422, -0.1214, 0.0370),
    "F": (0.4366, 0.3521, 0.0845, 0.0121, 0.1569),
}
SIZES = {"A": 142, "B": 717, "C": 9120, "D": 1804, "E": 142, "F": 203}
LEVELS = {
    "Kind of index event": "custody",
    "Year of the index event": "2021",
    "Quarter of the index event": "Q2",
    "Sex": "male",
    "Ethnic group": "White",
    "Region": "North West",
}
HASH = "3f9a1c77d0e2b8456a1f9e0c4d7b23588e6f1a90b4c3d2e5f60718293a4b5c6d"


def estimate(
    difference: float, low: float, high: float, p: float = 0.04, p_holm: float | None = 0.19
) -> dict[str, Any]:
    return {"difference": difference, "low": low, "high": high, "p": p, "p_holm": p_holm, "p_bh": p_holm}


def main_measure(case: str, **changed: Any) -> dict[str, Any]:
    """The main measure of the justice lab with the numbers of one case."""
    treatment, comparison, difference, low, high = CASES[case]
    lab = next(m for m in load_lab("justice").measures if m.name == "reoffended")
    return {
        **{
            key: getattr(lab, key)
            for key in ["name", "label", "short", "meaning", "table", "kind", "unit", "good", "among"]
        },
        "primary": True,
        "n_treatment": SIZES[case],
        "n_comparison": 5231,
        "n_comparison_effective": 1412.4,
        "treatment": treatment,
        "comparison": comparison,
        "adjusted": estimate(difference, low, high),
        "unadjusted": estimate(difference + 0.006, low - 0.01, high + 0.02, 0.09, 0.41),
        "adjusted_for": "all covariates of the model",
        "detectable": (high - low) / 2 * 1.43,
        "suppressed": None,
        **changed,
    }


# name: value of each group, difference, low, high; None where it is held back.
OTHERS: dict[str, tuple[float, float, float, float, float] | None] = {
    "reoffences": (0.8821, 1.0464, -0.1643, -0.4101, 0.0815),
    "days_to_first": (131.4, 118.9, 12.5, -14.2, 39.2),
    "first_indictable": None,
    "first_either_way": (0.5227, 0.5011, 0.0216, -0.1320, 0.1752),
    "first_summary": (0.4318, 0.4502, -0.0184, -0.1712, 0.1344),
    "count_indictable": None,
    "count_either_way": (1.52, 1.61, -0.09, -0.61, 0.43),
    "count_summary": (1.21, 1.24, -0.03, -0.44, 0.38),
    "first_custody": (0.3409, 0.3377, 0.0032, -0.1404, 0.1468),
    "count_custody": (1.14, 1.20, -0.06, -0.52, 0.40),
}


def other_measures() -> list[dict[str, Any]]:
    found = []
    for lab in load_lab("justice").measures[1:]:
        numbers = OTHERS[lab.name]
        item = main_measure("E", **lab.model_dump(exclude={"sql", "empty"}), primary=False)
        blank = {
            "unadjusted": None,
            "adjusted": None,
            "detectable": None,
            "treatment": None,
            "comparison": None,
        }
        if numbers is None:
            blank |= {"n_treatment": None, "n_comparison": None, "n_comparison_effective": None}
            found.append({**item, **blank, "suppressed": "c"})
            continue
        treatment, comparison, difference, low, high = numbers
        item |= {
            "treatment": treatment,
            "comparison": comparison,
            "adjusted": estimate(difference, low, high, 0.31, 1.0),
        }
        item |= {
            "unadjusted": estimate(difference, low * 1.1, high * 1.1, 0.35, 1.0),
            "detectable": (high - low) * 0.72,
        }
        found.append(item if lab.among is None else {**item, "n_treatment": 44, "n_comparison": 1840})
    return found


def balance() -> dict[str, Any]:
    """Thirty characteristics, most of them close after matching."""
    labels = [
        (covariate.label, covariate.family, covariate.kind)
        for covariate in load_lab("justice").covariate_labels.values()
    ]
    rows = []
    for index, (label, family, kind) in enumerate(labels):
        before = round(0.62 * (1 - index / len(labels)) * (-1) ** (index // 3), 3)
        after = round(before * 0.09 + (0.07 if index == 4 else 0), 3)
        rating = "green" if abs(after) < 0.05 else "amber" if abs(after) <= 0.1 else "red"
        number = kind == "continuous"
        rows.append(
            {
                "covariate": label,
                "level": LEVELS.get(label, "other") if kind == "categorical" else None,
                "family": family,
                "in_model": index != 7,
                "kind": "number" if number else "share",
                "unit": "",
                "mean_treatment": 31.2 if number else 0.42,
                "mean_pool": 35.9 if number else 0.31,
                "mean_comparison": 31.4 if number else 0.41,
                "smd_before": before,
                "smd_after": after,
                "variance_ratio": 1.04 if number else None,
                "ks": round(abs(after) / 2, 3),
                "rating": rating,
                "suppressed": None,
            }
        )
    ratings = [row["rating"] for row in rows]
    return {
        "verdict": "pass with reservations",
        "reasons": ["more than a tenth of the levels differ by a little"],
        "denominator": "standard deviation of the treatment group before matching, the same before and after",
        "green": ratings.count("green"),
        "amber": ratings.count("amber"),
        "red": ratings.count("red"),
        "worst_before": 0.62,
        "worst_after": 0.126,
        "rows": rows,
    }


def matching() -> dict[str, Any]:
    grid = [
        (0.2, 0.146, 149, 1630.2),
        (0.1, 0.126, 146, 1544.0),
        (0.05, 0.094, 142, 1412.4),
        (0.02, 0.081, 127, 1190.1),
    ]
    return {
        "method": "radius",
        "scale": "logit",
        "caliper": 0.05,
        "caliper_unit": "sd",
        "replacement": True,
        "ratio": None,
        "exact": ["gender", "index_year"],
        "covariates": 31,
        "dropped": [{"label": "Index quarter: Q4", "reason": "is given by the others"}],
        "grid": [
            {
                "caliper": caliper,
                "worst_smd": worst,
                "treatment": kept,
                "comparison_effective": effective,
                "verdict": "fail" if worst > 0.12 else "pass with reservations",
                "chosen": caliper == 0.05,
            }
            for caliper, worst, kept, effective in grid
        ],
    }


def curve() -> dict[str, Any]:
    days = list(range(0, 361, 15))
    return {
        "days": days,
        "treatment": [round(0.31 * (1 - (1 - day / 365) ** 1.8), 4) for day in days],
        "comparison": [round(0.355 * (1 - (1 - day / 365) ** 2.0), 4) for day in days],
        "at_risk_treatment": [round(142 * (1 - 0.31 * (1 - (1 - day / 365) ** 1.8))) for day in days],
        "at_risk_comparison": [round(5231 * (1 - 0.355 * (1 - (1 - day / 365) ** 2.0))) for day in days],
    }


def trust(measure: dict[str, Any]) -> dict[str, Any]:
    """Checks on a main measure: a passed placebo, 24 other ways, three twins, a hundred trials."""
    effect = measure["adjusted"] or measure["unadjusted"]
    size = effect["difference"]
    choices = [
        {
            "method": method,
            "ratio": ratio,
            "replacement": True,
            "caliper": caliper,
            "exact": exact,
            "covariates": covariates,
            "adjusted": adjusted,
        }
        for method, ratio in (("radius", 1), ("nearest", 5), ("kernel", 1))
        for caliper in (0.05, 0.2)
        for exact, covariates in ((True, "all"), (False, "Needs"))
        for adjusted in (True, False)
    ]
    for place, choice in enumerate(choices):
        middle = round(size * (1.3 - place / 30), 3)
        choice |= {"difference": middle, "low": round(middle - 0.08, 3), "high": round(middle + 0.08, 3)}
    choices.sort(key=lambda choice: choice["difference"])
    twins = [
        ("Proven offences so far", 0.052, True),
        ("Age at the index event", 0.021, False),
        ("Need: drugs", 0.008, False),
    ]
    trials = [
        {
            "planted": planted,
            "coverage": coverage,
            "coverage_error": 0.022,
            "bias": 0.0011,
            "bias_error": 0.0032,
            "found": found,
            "found_error": 0.026,
        }
        for planted, coverage, found in ((0.0, 0.95, 0.05), (-0.118, 0.94, 0.78))
    ]
    return {
        "placebo": {
            "label": "Proven offences in the year before the index event",
            "months": 12,
            "passed": True,
            "treatment": 1.42,
            "comparison": 1.47,
            "estimate": estimate(-0.05, -0.247, 0.144, 0.61, None),
            "left": estimate(-0.012, -0.2, 0.176, 0.9, None),
            "could_see": {"detectable": 0.282, "carried": 0.021, "enough": True},
            "reason": None,
            "suppressed": None,
        },
        "specifications": {
            "choices": choices,
            "left_out": 2,
            "headline": size,
            "median": round(size * 0.9, 3),
            "below_zero": 1.0 if size < 0 else 0.0,
            "worthwhile": 0.96 if size < 0 else 0.0,
            "same_side": 1.0,
        },
        "hidden": {
            "twins": [
                {"label": label, "shift": shift, "changes": changes} for label, shift, changes in twins
            ],
            "needed": 0.03,
            "robustness_value": 0.09,
            "e_value": 1.66,
            "e_value_limit": 1.45,
        },
        "certificate": {
            "repeats": 100,
            "failed": 1,
            "people": 142,
            "pool": 2840,
            "trials": trials,
            "reason": None,
        },
    }


def profile() -> list[dict[str, Any]]:
    rows = [
        ("Sex", "female", 0.11),
        ("Sex", "male", 0.89),
        ("Ethnic group", "White", 0.72),
        ("Ethnic group", "Black", 0.14),
    ]
    found = [
        {"covariate": covariate, "level": level, "share": share, "mean": None, "unit": "", "suppressed": None}
        for covariate, level, share in rows
    ]
    found.append({**found[-1], "level": "Asian", "share": None, "suppressed": "c"})
    return [
        *found,
        {"covariate": "Age", "level": None, "share": None, "mean": 31.4, "unit": "years", "suppressed": None},
    ]


def analysis(case: str, confidence: str, measure: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "name": "National",
        "headline": True,
        "described": "everyone who took part",
        "refused": None,
        "sizes": {
            "treatment_before": SIZES[case] + 18,
            "treatment": SIZES[case],
            "pool": 98214,
            "comparison": 5231,
            "comparison_effective": 1412.4,
        },
        "matching": matching(),
        "balance": balance(),
        "measures": [main_measure(case, **(measure or {})), *other_measures()],
        "curve": curve(),
        "verdict": {
            "case": case,
            "confidence": confidence,
            "held_back_by": "nothing shows whether motivation differed between the groups",
            "reasons": [
                "nothing shows whether motivation differed between the groups",
                "the groups are close on all but one characteristic",
            ],
            "warning": None,
        },
        "profile": profile(),
    }


def refused() -> dict[str, Any]:
    """An analysis that may not be published."""
    empty = {
        "sizes": None,
        "matching": None,
        "balance": None,
        "measures": [],
        "curve": None,
        "verdict": None,
        "profile": [],
    }
    reason = "fewer than 30 people could be matched"
    return {
        "name": "North West",
        "headline": False,
        "described": "people in the North West",
        "refused": reason,
        **empty,
    }


def steps(size: int) -> list[dict[str, Any]]:
    rows = [
        ("people sent", 0, size + 61, ""),
        ("not found in the records", 23, size + 38, "send the prison number or the PNC ID with every name"),
        ("no release within six months of the start", 14, size + 24, "send the date of release"),
    ]
    found = [
        {"reason": reason, "lost": lost, "count": count, "mend": mend, "suppressed": None}
        for reason, lost, count, mend in rows
    ]
    small = {
        "reason": "under 18",
        "lost": None,
        "count": None,
        "mend": "nothing",
        "suppressed": "fewer than 10 people",
    }
    last = {
        "reason": "nobody similar enough",
        "lost": 18,
        "count": size,
        "mend": "nothing; they stand outside the pool",
        "suppressed": None,
    }
    return [*found, small, last]


def pool_steps() -> list[dict[str, Any]]:
    rows = [
        ("index events in the period", 0, 112480, ""),
        ("took part in this programme", 212, 112268, ""),
        ("under 18", 14054, 98214, ""),
    ]
    return [
        {"reason": reason, "lost": lost, "count": count, "mend": mend, "suppressed": None}
        for reason, lost, count, mend in rows
    ]


def content(
    case: str = "A", confidence: str = "moderate", measure: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The parts of `Results`, ready to be changed and validated."""
    lab = load_lab("justice")
    size = SIZES[case]
    regional = analysis(case, "low")
    regional |= {
        "name": "Completers",
        "headline": False,
        "described": "people who completed the programme",
        "profile": [],
    }
    return {
        "schema_version": "1.0",
        "about": {
            "id": "JDL-2026-001",
            "organisation": "Second Start",
            "programme": {
                "name": "Through-the-gate mentoring",
                "description": "Volunteer mentors meet people before release and for six months after it.",
                "type": "mentoring",
                "setting": "through the gate",
                "began": "2021-01-01",
                "ended": "2022-12-31",
            },
            "lab": "justice",
            "lab_label": lab.label,
        },
        "frame": {
            "starts_from": "submission",
            "time_zero": "participation",
            "index_events": ["release from custody"],
            "follow_up_months": 12,
            "waiting_months": 6,
            "index_from": "2021-01",
            "index_to": "2022-12",
            "data_until": "2024-09-30",
            "plan_sha256": HASH,
            "method_version": "0.1.0",
            "seed": 20260101,
        },
        "rules": {
            "smallest_group": 30,
            "smallest_count": 10,
            "smallest_difference": 2.0,
            "primary": "reoffended",
            "if_unbalanced": "refuse",
        },
        "words": lab.words.model_dump(),
        "attrition": steps(size),
        "attrition_pool": pool_steps(),
        "linking": {
            "submitted": size + 61,
            "found": size + 38,
            "review": 11,
            "threshold": 0.5,
            "expected_false": 0.42,
            "expected_missed": 0.031,
            "review_default": "taken at the threshold",
        },
        "analyses": [analysis(case, confidence, measure), regional, refused()],
        "provenance": {"request_sha256": HASH[::-1], "input_sha256": HASH, "records_sha256": HASH[::-1]},
    }


def example(
    case: str = "A",
    confidence: str = "moderate",
    measure: dict[str, Any] | None = None,
    analysis: dict[str, Any] | None = None,
    verdict: dict[str, Any] | None = None,
    **parts: Any,
) -> Results:
    """Valid results of one verdict; named parts are replaced, dictionaries key by key."""
    whole = content(case, confidence, measure)
    whole["analyses"][0]["trust"] = trust(whole["analyses"][0]["measures"][0])
    whole["analyses"][0]["verdict"] |= verdict or {}
    whole["analyses"][0] |= analysis or {}
    for name, value in parts.items():
        whole[name] = (
            {**whole[name], **value} if isinstance(value, dict) and isinstance(whole[name], dict) else value
        )
    return Results.model_validate(whole)


def only(gender: str, case: str = "A", confidence: str = "moderate", **parts: Any) -> Results:
    """The same where the headline keeps to women (`F`) or men (`M`)."""
    words = load_lab("justice").words_within({"gender": gender})
    about = {"name": "Women" if gender == "F" else "Men", "described": f"sex: {gender}"}
    return example(case, confidence, analysis=about | {"words": words and words.model_dump()}, **parts)


def earnings(case: str = "A", confidence: str = "moderate", good: str = "higher", **numbers: Any) -> Results:
    """An analysis table whose main measure is continuous: earnings in dollars, more is better."""
    measure = {
        "name": "re78", "label": "Earnings in 1978", "short": "", "meaning": "", "kind": "continuous", "unit": "$", "good": good,
        "n_treatment": 185, "treatment": 6349.14, "comparison": 4554.80, "detectable": 1790.0,
        "adjusted": estimate(1794.34, 551.2, 3037.5), "unadjusted": estimate(1794.34, 301.2, 3287.5), **numbers,
    }  # fmt: skip
    base = content(case, confidence, measure)
    base["analyses"] = [
        {**base["analyses"][0], "measures": base["analyses"][0]["measures"][:1], "curve": None}
    ]
    base["frame"] |= {
        "starts_from": "table",
        "time_zero": "table",
        "index_events": [],
        "follow_up_months": None,
        "waiting_months": None,
    }
    base |= {"words": load_lab("general").words.model_dump(), "linking": None}
    base["rules"] |= {"smallest_difference": 200.0, "primary": "re78"}
    return Results.model_validate(base)
