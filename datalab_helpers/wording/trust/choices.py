from __future__ import annotations

from collections.abc import Callable
from statistics import median

from ...disclosure.checks import (
    Choice,
    Specifications,
)
from ...disclosure.results import MeasureResult, Rules
from ...lab import Words
from ..numbers import (
    brief,
    capital,
    lower_first,
    number,
    per_cent,
    plain_number,
    things,
)
from ..tables import Table, simple
from ..units import change, smallest_difference, table_difference, table_unit

METHODS = {
    ("radius", 1, True): "everyone within reach (radius)",
    ("kernel", 1, True): "the closer the more (kernel)",
    ("nearest", 1, True): "the nearest one, who may serve again",
    ("nearest", 5, True): "the nearest five, who may serve again",
    ("nearest", 1, False): "the nearest one, who serves once",
}
COVARIATES = {"all": "all characteristics", "without squares": "all, without squares"}


def specification_sentences(
    found: Specifications, measure: MeasureResult, words: Words, rules: Rules
) -> list[str]:
    """How many ways there were, and how many of them agree."""
    n = len(found.choices)
    shares = [
        f"In {per_cent(found.below_zero)} of them the difference is below zero",
        f"in {per_cent(found.worthwhile)} it is better by {smallest_difference(measure, words, rules.smallest_difference)} or more",
    ]
    said = [
        f"The main result was worked out again in {things(n, 'way', 'ways')} that could be defended, all laid down by the method, whatever the request.",
        f"{', and '.join(shares)}.",
        f"The middle one of them gives {change(measure, words, found.median)}; the main result is {change(measure, words, found.headline)}.",
    ]
    moved = most_moving(found)
    if moved:
        name, middle = moved
        said.append(
            f"What moves it most is the choice “{name}”: the middle of its ways is {change(measure, words, middle)}."
        )
    apart = sum(choice.low > 0 or choice.high < 0 for choice in found.choices) / n
    said.append(
        f"In {per_cent(apart)} of them the range excludes “no change”. All use the same people, so that they agree makes chance no smaller."
    )
    if found.left_out:
        said.append(
            f"{things(found.left_out, 'further way', 'further ways')} lost too many people, or could not be made."
        )
    return said


def dimensions(found: Specifications) -> list[tuple[str, list[tuple[str, Callable[[Choice], bool]]]]]:
    """What was varied: each heading with its options and who has them."""

    def options(spell: Callable[[Choice], str]) -> list[tuple[str, Callable[[Choice], bool]]]:
        names = list(dict.fromkeys(spell(choice) for choice in sorted(found.choices, key=order)))
        return [(name, lambda choice, name=name: spell(choice) == name) for name in names]

    def order(c: Choice) -> tuple:
        methods = list(METHODS)
        key = (c.method, c.ratio, c.replacement)
        return (
            methods.index(key) if key in methods else len(methods),
            c.caliper,
            not c.exact,
            c.covariates not in COVARIATES,
            c.covariates,
            not c.adjusted,
        )

    return [
        ("Compared with", options(method_name)),
        ("Reach", options(lambda c: f"within {plain_number(c.caliper)} of the usual spread")),
        ("Strata", options(lambda c: "inside the exact strata" if c.exact else "without exact strata")),
        (
            "Matched on",
            options(lambda c: COVARIATES.get(c.covariates, f"without {lower_first(c.covariates)}")),
        ),
        ("Worked out", options(lambda c: "adjusted for the characteristics" if c.adjusted else "unadjusted")),
    ]


def most_moving(found: Specifications) -> tuple[str, float] | None:
    """The option whose ways lie furthest from the middle of all, and their own middle; None where nothing was varied."""
    options = [
        (name, median(choice.difference for choice in found.choices if has(choice)))
        for _, some in dimensions(found)
        if len(some) > 1
        for name, has in some
    ]
    return max(options, key=lambda option: abs(option[1] - found.median), default=None)


def method_name(choice: Choice) -> str:
    return METHODS.get((choice.method, choice.ratio, choice.replacement), choice.method)


def specification_table(found: Specifications, measure: MeasureResult, words: Words) -> Table:
    """For each option of each choice, the spread of the differences that use it."""
    rows = []
    for heading, options in dimensions(found):
        rows.append([heading])
        for name, has in options:
            values = sorted(choice.difference for choice in found.choices if has(choice))
            middle = median(values)
            below = sum(value < 0 for value in values) / len(values)
            rows.append(
                [
                    capital(name),
                    number(len(values)),
                    *(table_difference(measure, value) for value in (values[0], middle, values[-1])),
                    per_cent(below),
                ]
            )
    return simple(
        f"The main measure under every choice ({table_unit(measure, words)})".replace(" ()", ""),
        ["Choice", "Ways", "Lowest", "Middle", "Highest", "Below zero"],
        rows,
    )


def specification_alt(found: Specifications, measure: MeasureResult, words: Words) -> str:
    values = [choice.difference for choice in found.choices]
    unit = f" ({table_unit(measure, words)})".removesuffix(" ()")
    return brief(
        f"{things(len(values), 'difference with its range', 'differences with their ranges')}, in order from {table_difference(measure, min(values))} to"
        f" {table_difference(measure, max(values))}{unit}, and below each which choices it uses.",
        f"The main result, {table_difference(measure, found.headline)}, is marked; {per_cent(found.below_zero)} are below zero.",
    )
