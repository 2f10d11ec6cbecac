"""How far to trust the main result: sentence, alternative text and table of every check, from the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from ..disclosure.checks import Certificate, Choice, Estimate, Hidden, Placebo, Specifications, Trial
from ..disclosure.results import MeasureResult, Rules
from ..lab import Words
from .nouns import people
from .numbers import (
    NOT_AVAILABLE,
    brief,
    capital,
    lower_first,
    number,
    p_value,
    per_cent,
    plain_number,
    sentence,
    things,
)
from .tables import Table, simple
from .units import change, smallest_difference, spoken, table_difference, table_unit, unit_of

METHODS = {
    ("radius", 1, True): "everyone within reach (radius)",
    ("kernel", 1, True): "the closer the more (kernel)",
    ("nearest", 1, True): "the nearest one, who may serve again",
    ("nearest", 5, True): "the nearest five, who may serve again",
    ("nearest", 1, False): "the nearest one, who serves once",
}
FOUND = 0.8  # the share of studies in which the smallest change reliably seen is found
LEANS = 3  # standard errors of the trials beyond which their mean error is no chance
COVARIATES = {"all": "all characteristics", "without squares": "all, without squares"}


# ---------------------------------------------------------------- before the programme


def placebo_sentences(placebo: Placebo, words: Words) -> list[str]:
    """What was looked for before the programme, and what was found."""
    said = [
        f"A programme cannot change what happened before it began. So the same comparison was made for a time before, with {words.people} matched only on what was known earlier still."
    ]
    if placebo.suppressed:
        return [*said, "Too few people are behind the numbers to show them."]
    if placebo.estimate is None:
        return [
            f"Whether the groups differed before the programme could not be checked: {lower_first(placebo.reason or 'no reason given').rstrip('.')}."
        ]
    if placebo.passed:
        return [*said, "The groups did not differ by more than chance, as it should be."]
    side = "fewer" if placebo.estimate.difference < 0 else "more"
    left = placebo.left
    if left and (left.low > 0 or left.high < 0):
        return [
            *said,
            f"The groups differed by more than chance, and the main comparison, which matches on the record of that time as well, has not removed it: {_left(left, words)} are left. The main result may lean the same way, towards {side} among those who took part. It lowers our confidence.",
        ]
    removed = (
        f"The main comparison, which matches on the record of that time as well, has removed it as far as can be seen: {_left(left, words)} are left."
        if left
        else ""
    )
    return [
        *said,
        "The groups differed by more than chance. There are two ways to read it, and this check cannot tell them apart.",
        f"{capital(words.people)} may have been chosen for how that time had gone. Then they differ by design in a check that leaves it out, and the main result allows for it.",
        *([removed] if removed else []),
        f"Or they differ in something that no record shows. Then the main result leans the same way, towards {side} among those who took part.",
        f"If you know why these {words.people} were chosen, you can judge which it is. It lowers our confidence by one step.",
    ]


def _left(left: Estimate, words: Words) -> str:
    return f"{_per_100(left.difference, left.low, left.high)} per 100 {words.people}"


def placebo_table(placebo: Placebo, words: Words) -> Table:
    e = placebo.estimate
    cells = (
        [
            number(100 * (placebo.treatment or 0)),
            number(100 * (placebo.comparison or 0)),
            _per_100(e.difference, e.low, e.high),
            p_value(e.p),
        ]
        if e
        else [NOT_AVAILABLE] * 4
    )
    return simple(
        f"Before the programme, per 100 {words.people}",
        ["What", "Took part", "Comparison", "Difference (95% interval)", "p"],
        [[placebo.label, *cells]],
    )


def placebo_alt(placebo: Placebo, words: Words) -> str:
    e = placebo.estimate
    assert e is not None  # noqa: S101 (no picture is drawn without)
    told = _per_100(e.difference, e.low, e.high).replace("(", "range ").replace(")", "")
    return brief(
        f"A dot and a line on an axis from fewer to more: difference per 100 {words.people} {told}.",
        f"{placebo.label}.",
    )


def _per_100(difference: float, low: float, high: float) -> str:
    return f"{number(100 * difference, 1)} ({number(100 * low, 1)} to {number(100 * high, 1)})"


# ---------------------------------------------------------------- every other choice


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


# ---------------------------------------------------------------- hidden differences


def hidden_sentences(found: Hidden, measure: MeasureResult, words: Words) -> list[str]:
    """What a hidden difference as strong as a recorded one would do."""
    said = [
        f"{capital(words.treatment)} may have differed in something that no record shows.",
        "How much that could matter is judged by what is on record: suppose it had set the groups apart as much as a recorded characteristic did before matching, and told as much about the outcome.",
    ]
    if not found.twins:
        return [*said, "Here nothing on record could serve for that."]
    amount = unit_of(measure, words).amount
    strongest, changing = found.twins[0], [twin for twin in found.twins if twin.changes]
    if found.needed is None:
        return [
            *said,
            f"One as strong as “{strongest.label}”, the strongest on record, would move the result by about {amount(spoken(measure, strongest.shift))}.",
            "The result cannot tell what the programme did, so there is no answer that a hidden difference could take away; it does not lower our confidence.",
        ]
    if changing:
        weakest = changing[-1]
        said.append(
            f"A hidden difference as strong as “{weakest.label}” would move the result by about {amount(spoken(measure, weakest.shift))} and could change the answer."
        )
        if len(changing) > 1:
            said.append(
                f"So could {things(len(changing) - 1, 'stronger one', 'stronger ones')} of those listed."
            )
    else:
        said.append(
            f"Even one as strong as “{strongest.label}”, the strongest on record, would move the result by about {amount(spoken(measure, strongest.shift))} only and would not change the answer."
        )
    if not changing and strongest.shift:
        said.append(
            f"To change it, it would have to move the result {number(found.needed / strongest.shift, 1)} times as far."
        )
    return [
        *said,
        f"A shift of about {amount(spoken(measure, found.needed))} or more could change the answer, and so could one nearly as large. A change in the same direction but of another size is still the same answer.",
    ]


def hidden_note(found: Hidden) -> str:
    """The two figures that researchers ask for."""
    said = f"For researchers: to bring the difference to nothing, a hidden characteristic must explain {per_cent(found.robustness_value)} of what is left to explain both of who took part and of the outcome (robustness value)."
    if found.e_value is None or found.e_value_limit is None:
        return said
    return f"{said} As a risk ratio with both it must be {number(found.e_value, 2)} (E-value), and {number(found.e_value_limit, 2)} to bring the range to nothing."


def hidden_table(found: Hidden, measure: MeasureResult, words: Words) -> Table:
    rows = [
        [twin.label, table_difference(measure, twin.shift), answer(found, twin.changes)]
        for twin in found.twins
    ]
    unit = f" ({table_unit(measure, words)})" if table_unit(measure, words) else ""
    return simple(
        "A hidden difference as strong as a recorded one",
        ["As strong as", f"Moves the result by{unit}", "The answer"],
        rows,
    )


def answer(found: Hidden, changes: bool) -> str:
    """What such a hidden difference could do to the answer."""
    if found.needed is None:
        return "nothing to change"
    return "could change" if changes else "would stay"


def hidden_alt(found: Hidden, measure: MeasureResult) -> str:
    twins = found.twins
    needed = "" if found.needed is None else table_difference(measure, found.needed)
    return brief(
        f"{things(len(twins), 'bar', 'bars')}: how far a hidden difference as strong as a recorded one would move the result.",
        f"Furthest: {twins[0].label}, {table_difference(measure, twins[0].shift)}." if twins else "",
        needed and f"A line marks {needed}, from where the answer could change.",
    )


# ---------------------------------------------------------------- the method tried on this request's own pool


def certificate_sentences(made: Certificate, measure: MeasureResult, words: Words, rules: Rules) -> list[str]:
    """How the method did where the truth was known."""
    if not made.trials:
        return [
            f"The method could not be tried on this request's own pool: {lower_first(made.reason or 'no reason given').rstrip('.')}."
        ]
    said = [
        f"The method was tried where the truth is known. In each of {things(made.repeats, 'trial', 'trials')}, {people(made.people, words)} of the comparison pool stood in for those who took part, chosen to be as unlike the rest as they were, and were compared with {number(made.pool)} others in the same way.",
    ]
    none, some = made.trials[0], made.trials[-1]
    said.append(
        f"With nothing planted, {number(100 * none.found)} of 100 trials raised a false alarm; 5 are expected."
    )
    said.append(
        f"With a change of {unit_of(measure, words).amount(spoken(measure, some.planted))} planted, {number(100 * some.found)} of 100 found it and {number(100 * some.coverage)} of 100 ranges held it; 95 are expected."
    )
    if some.found + 2 * some.found_error < FOUND:
        fewer = measure.n_treatment is not None and made.people < measure.n_treatment
        why = f": each trial had fewer {words.people} than the request" if fewer else ""
        said.append(f"Of 100, {number(100 * FOUND)} were to find it{why}.")
    if abs(none.bias) > LEANS * none.bias_error:
        said.append(
            f"With nothing planted, the trials leaned to one side by {unit_of(measure, words).amount(spoken(measure, abs(none.bias)))} on average,"
            f" where {smallest_difference(measure, words, rules.smallest_difference)} would matter."
        )
    if made.failed:
        said.append(f"{things(made.failed, 'trial', 'trials')} could not be matched.")
    return [sentence(line) for line in said]


def certificate_table(made: Certificate, measure: MeasureResult, words: Words) -> Table:
    rows = [
        [
            table_difference(measure, t.planted),
            f"{number(100 * t.coverage)} ± {number(100 * t.coverage_error)}",
            f"{table_difference(measure, t.bias)} ± {table_difference(measure, t.bias_error)}",
            f"{number(100 * t.found)} ± {number(100 * t.found_error)}",
        ]
        for t in made.trials
    ]
    unit = f" ({table_unit(measure, words)})" if table_unit(measure, words) else ""
    table = simple(
        f"The method tried on {words.people} of the pool",
        [f"Planted{unit}", "Ranges that held it, of 100", f"Mean error{unit}", "Ranges without zero, of 100"],
        rows,
    )
    return Table(
        table.caption, table.columns, table.rows, note="± one standard error of the trials themselves."
    )


def planted(trial: Trial, measure: MeasureResult) -> str:
    """What a trial planted, beside its bar."""
    return f"{table_difference(measure, trial.planted)} planted" if trial.planted else "nothing planted"


def certificate_alt(made: Certificate, measure: MeasureResult) -> str:
    told = [f"{planted(t, measure)}, {number(100 * t.coverage)} of 100 ranges held it" for t in made.trials]
    return brief(
        f"{things(len(told), 'bar', 'bars')} on a scale to 100 with a line at 95.", *(f"{t}." for t in told)
    )
