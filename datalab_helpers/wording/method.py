"""How it was done, in plain words, with the settings that were used."""

from __future__ import annotations

from ..disclosure.results import AnalysisResult, Matching, Results
from .nouns import words_of, words_of_all
from .numbers import (
    CONFIDENTIAL,
    NOT_AVAILABLE,
    capital,
    day,
    listed,
    lower_first,
    number,
    per_cent,
    period,
    plain_number,
    sentence,
    things,
)
from .tables import Table, simple
from .units import estimate_of, primary, smallest_difference

TIME_ZERO = {
    "participation": [
        "Follow-up starts on the day on which a person began to take part.",
        "A comparison person stands in at the same delay after their own index event, and only if nothing of the kind measured had happened to them by then.",
        "Otherwise the programme would be credited with time in which nobody could have joined it after a setback.",
    ],
    "index": [
        "Follow-up starts on the date of the index event for both groups.",
        "Where people joined later than that date, they had to stay free of the outcome until they joined. This can make a programme look better than it is.",
    ],
    "table": [
        "Follow-up starts where the table supplied says; it was worked out before the table came here."
    ],
}
METHODS = {
    "radius": "Each person who took part is compared with everyone in the pool whose score lies within the caliper",
    "nearest": "Each person who took part is compared with the closest people in the pool",
    "kernel": "Each person who took part is compared with people in the pool, the closer the more weight",
    "entropy": "People in the pool are given weights under which their averages equal those of the people who took part",
}
CALIPER_UNITS = {
    "sd": "of the usual spread of scores (their standard deviation)",
    "score": "points of the score",
}
SUPPORT = {
    "none": "nobody is left out for it",
    "treated_range": "people of the pool beyond the scores of those who took part are left out",
    "both": "people of either group beyond the scores of the other are left out",
}
SCALES = {"logit": "log-odds", "probability": "probability"}
WARRANTS = [
    "Linking, matching and the check of balance are finished, and the plan is sealed, before any outcome is read.",
    "The headline difference is worked out within the matched groups and allows for what still differs between them.",
    "The unadjusted difference, as published by the Justice Data Lab, stands beside it.",
    "p is the chance of a difference at least this large if the programme changed nothing. Beside it stand two that allow for the number of measures tested in the analysis, named after Holm and after Benjamini and Hochberg (BH).",
]

# What a statistician needs to work the same out again; the first holds whatever the settings.
ESTIMAND = "Estimated is the average effect on those who took part and were matched (ATT): a difference of means, who took part minus comparison."
HEADLINE = (
    "The headline is the coefficient of taking part in a regression by weighted least squares on it and on what the settings"
    " name under “Adjusted for”, for yes-or-no measures too. Its variance is robust (HC3), the rows of one person added up."
    " Interval and p are two-sided, from Student's distribution with the groups' effective sizes less two degrees of freedom."
)
UNADJUSTED = (
    "The unadjusted difference is one of weighted means. Its variance is the sum of each group's variance over its effective"
    " size; interval and p are two-sided, from the normal distribution."
)
EFFECTIVE = "The effective size, which tables call the worth of a group, is (Σw)² ÷ Σw², with w a person's weights added up."
EVENTS = (
    "The comparison group counts index events: whoever was released twice in the period stands in it twice. Such events"
    " count as one person in the effective size and in the variance."
)
RELIABLY = (
    "The change that could reliably be seen is one that four such studies in five would find, at 5% two-sided. It follows from"
    " the sizes, the spread of the outcome in the comparison group and what characteristics tell of it, not from the result."
)

NOTHING = "No analysis of this request can be published."


def every_measure(results: Results) -> str:
    """What stands above the tables of measures."""
    words = words_of_all(results)
    return (
        "Every measure named beforehand is listed, whatever it shows."
        f" Differences are {words.treatment} minus {words.comparison}; a figure below zero means fewer, lower or sooner."
        " Values of groups are as observed. The adjusted difference allows for what still differed, so it need not be the gap between them."
    )


def for_researchers(results: Results) -> list[str]:
    """Estimand, estimators, variances and tests, as far as the settings do not tell them."""
    shown = [m for m in results.headline.measures if m.adjusted]
    said = [ESTIMAND, HEADLINE, UNADJUSTED, EFFECTIVE, RELIABLY]
    if results.frame.starts_from == "submission":
        said.insert(4, EVENTS)
    if len(shown) > 1:
        said.append(
            f"Holm and BH allow for the {number(len(shown))} measures of the headline analysis, the main one among them."
            " Nothing allows for there being several analyses."
        )
    return said


def time_zero(results: Results) -> list[str]:
    return TIME_ZERO[results.frame.time_zero]


def follow_up(results: Results) -> list[str]:
    """How long people were followed, and how long was waited for the result to be known."""
    frame, said = results.frame, []
    if frame.follow_up_months is not None:
        said.append(f"Each person is followed for {things(frame.follow_up_months, 'month', 'months')}.")
    if frame.waiting_months:
        said.append(
            f"What happened then counts if it was established within {things(frame.waiting_months, 'further month', 'further months')}."
        )
    return said


def matching_sentences(matching: Matching) -> list[str]:
    """The method of matching in three or four sentences."""
    said = [
        f"A score says how likely each person was to take part, given {things(matching.covariates, 'characteristic', 'characteristics')} on record.",
        sentence(METHODS.get(matching.method, f"The method of matching is {matching.method}")),
    ]
    if matching.exact:
        said.append(f"Only people alike in {listed(exact_names(matching))} are compared.")
    said.append(
        "A person of the pool may stand in for several."
        if matching.replacement
        else "A person of the pool stands in once only."
    )
    return said


def exact_names(matching: Matching) -> list[str]:
    """Column names as words."""
    return [lower_first(name.replace("_", " ")) for name in matching.exact]


def settings(results: Results, analysis: AnalysisResult) -> Table:
    """Every setting of one analysis as it was used."""
    matching, rules, frame = analysis.matching, results.rules, results.frame
    measure = primary(analysis)
    rows = [
        ["Index events", listed(frame.index_events) if frame.index_events else NOT_AVAILABLE],
        ["Index events dated", period(frame.index_from, frame.index_to) or NOT_AVAILABLE],
        [
            "Follow-up",
            things(frame.follow_up_months, "month", "months") if frame.follow_up_months else NOT_AVAILABLE,
        ],
        [
            "Waiting period",
            things(frame.waiting_months, "month", "months") if frame.waiting_months else NOT_AVAILABLE,
        ],
    ]
    rows += matching_rows(matching) if matching else []
    if measure:
        rows.append(
            [
                "Too small to matter",
                f"less than {smallest_difference(measure, words_of(results, analysis), rules.smallest_difference)}",
            ]
        )
        rows.append(
            ["Adjusted for", measure.adjusted_for or NOT_AVAILABLE]
            if estimate_of(measure)
            else ["Adjusted for", CONFIDENTIAL]
        )
    rows.append(["If groups are not alike", capital(rules.if_unbalanced.replace("_", " "))])
    rows.append(["Seed", plain_number(frame.seed).replace(",", "")])
    return simple(f"Settings ({analysis.name})", ["Setting", "Value"], rows)


def matching_rows(matching: Matching) -> list[list[str]]:
    unit = CALIPER_UNITS.get(matching.caliper_unit, matching.caliper_unit)
    caliper = f"{plain_number(matching.caliper)} {unit}" if matching.caliper is not None else "none"
    return [
        ["Matching", matching.method + (f", {number(matching.ratio)} to one" if matching.ratio else "")],
        ["Caliper", caliper],
        ["Scale of the score", SCALES.get(matching.scale, matching.scale)],
        ["Common range of scores", SUPPORT.get(matching.common_support, matching.common_support)],
        ["Replacement", "yes" if matching.replacement else "no"],
        ["Matched exactly on", listed(exact_names(matching)) if matching.exact else "nothing"],
        ["Characteristics in the model", number(matching.covariates)],
    ]


def dropped_table(matching: Matching) -> Table:
    return simple(
        "Characteristics left out of the model",
        ["Characteristic", "Reason"],
        [[item.label, capital(item.reason)] for item in matching.dropped],
    )


def linking_sentences(results: Results) -> list[str]:
    """How people were found in the records."""
    linking = results.linking
    if linking is None:
        return []
    sent = things(linking.submitted, "person", "people") if linking.submitted is not None else "people"
    if linking.found is None:
        said = [f"How many of the {sent} sent were found is confidential {CONFIDENTIAL}."]
    else:
        share = f" ({per_cent(linking.found / linking.submitted)})" if linking.submitted else ""
        said = [f"{number(linking.found)} of the {sent} sent were found in {results.words.records}{share}."]
    said += [
        f"A person counts as found when the probability of a true link is at least {plain_number(linking.threshold)}.",
        f"Of every 1,000 found, {_of_thousand(linking.expected_false)} expected to be someone else.",
    ]
    shown = number(10 * (1 - linking.expected_false), 2)
    if shown == number(10, 2):
        said.append("So few strangers do not change a difference that can be seen.")
    else:
        said.append(
            f"Strangers pull a difference towards zero: a true 10 per 100 would show as about {shown}."
        )
    if linking.expected_missed is not None:
        said.append(
            f"Of every 1,000 who are on record, {_of_thousand(linking.expected_missed)} expected to have been missed. "
            "They are not analysed, and the result says nothing of them."
        )
    if linking.review is not None:
        links = things(linking.review, "link was", "links were")
        said.append(f"{links} uncertain; the rule for them was: {linking.review_default.rstrip('.')}.")
    return said


def _of_thousand(share: float) -> str:
    """A small share, with its verb."""
    if share < 0.0005:
        return "fewer than 1 is"
    count = number(1000 * share, 0)
    return f"about {count} {'is' if count == '1' else 'are'}"


def disclosure_sentences(results: Results) -> list[str]:
    """The rules of publication with their thresholds, and how much was held back by which."""
    rules = results.rules
    said = [
        f"Groups of fewer than {number(rules.smallest_group)} people are not published.",
        f"A count below {number(rules.smallest_count)}, or a rate that implies one, is shown as {CONFIDENTIAL}.",
        f"Other numbers are held back too where one could be worked out from them; they are also shown as {CONFIDENTIAL}.",
        "Everything in this report was audited together before publication, for small numbers that could be worked out from it.",
    ]
    reasons = [f"{number(held.numbers)} because {held.why}" for held in results.held_back]
    total = sum(held.numbers for held in results.held_back)
    if total:
        were = "number was" if total == 1 else "numbers were"
        said.append(f"{number(total)} {were} held back: {listed(reasons)}.")
    return said


SHORTHAND = [
    (
        CONFIDENTIAL,
        "confidential: held back because few people are behind it, or because it would give away such a number",
    ),
    (NOT_AVAILABLE, "not available: there is no such number for this measure or group"),
    (
        "Standardised difference",
        "the difference between two averages, divided by the usual spread among those who took part (their standard deviation); 0.05 or less is close, above 0.10 is apart",
    ),
    (
        "Caliper",
        "how far two scores may lie apart for one person to stand in for another, measured by the usual spread of scores",
    ),
    (
        "Variance ratio",
        "the spread (squared) of those who took part over that of the comparison group; 1 is as much",
    ),
    ("KS", "the largest gap between the two groups' distributions, from 0 (the same) to 1"),
    (
        "p, Holm",
        "p raised so that, if the programme changed nothing at all, some measure falls below 0.05 in at most 5 of 100 such analyses",
    ),
    (
        "p, BH",
        "p raised so that, of the measures below 0.05, about 1 in 20 at most is a false alarm",
    ),
    (
        "95% interval",
        "the range that would hold the true difference in 95 of 100 such analyses, if nothing unrecorded differs",
    ),
]


def provenance_table(results: Results) -> Table:
    """What ties this report to its inputs."""
    about, frame, hashes = results.about, results.frame, results.provenance
    rows = [
        ["Request", about.id],
        ["Lab", about.lab_label],
        ["Method version", frame.method_version],
        ["Records until", day(frame.data_until) or NOT_AVAILABLE],
        ["Version of results.json", results.schema_version],
        ["Sealed plan (SHA-256)", frame.plan_sha256],
        ["Request file (SHA-256)", hashes.request_sha256],
        ["Submission or table (SHA-256)", hashes.input_sha256],
        ["Central records (SHA-256)", hashes.records_sha256 or NOT_AVAILABLE],
    ]
    return simple("Where these results come from", ["Item", "Value"], rows)
