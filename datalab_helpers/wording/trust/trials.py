from __future__ import annotations

from ...disclosure.checks import (
    Certificate,
    Trial,
)
from ...disclosure.results import MeasureResult, Rules
from ...lab import Words
from ..nouns import people
from ..numbers import (
    brief,
    lower_first,
    number,
    sentence,
    things,
)
from ..tables import Table, simple
from ..units import smallest_difference, spoken, table_difference, table_unit, unit_of

FOUND = 0.8  # the share of studies in which the smallest change reliably seen is found
LEANS = 3  # standard errors of the trials beyond which their mean error is no chance


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
