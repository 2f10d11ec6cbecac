"""The method tried on this request's own pool, where the truth is known."""

from __future__ import annotations

from ...disclosure.checks import Certificate
from ...disclosure.results import MeasureResult
from ..numbers import lower_first, number, sentence, things
from ..tables import Table, simple
from ..units import spoken, table_difference, table_unit, unit_of


def certificate_sentences(made: Certificate, measure: MeasureResult) -> list[str]:
    """How the method did where the truth was known."""
    if not made.trials:
        return [
            f"The method could not be tried on this request's own pool: {lower_first(made.reason or 'no reason given').rstrip('.')}."
        ]
    said = [
        f"The method was tried where the truth is known. In each of {things(made.repeats, 'trial', 'trials')}, {things(made.people, 'person', 'people')} of the comparison pool stood in for those who took part, chosen to be as unlike the rest as they were, and were compared with {number(made.pool)} others in the same way.",
    ]
    none, planted = made.trials[0], made.trials[-1]
    said.append(
        f"With nothing planted, {number(100 * none.found)} of 100 trials raised a false alarm; 5 are expected."
    )
    said.append(
        f"With a change of {unit_of(measure).amount(spoken(measure, planted.planted))} planted, {number(100 * planted.found)} of 100 found it and {number(100 * planted.coverage)} of 100 ranges held it; 95 are expected."
    )
    if made.failed:
        said.append(f"{things(made.failed, 'trial', 'trials')} could not be matched.")
    return [sentence(line) for line in said]


def certificate_table(made: Certificate, measure: MeasureResult) -> Table:
    rows = [
        [
            table_difference(measure, t.planted),
            f"{number(100 * t.coverage)} ± {number(100 * t.coverage_error)}",
            f"{table_difference(measure, t.bias)} ± {table_difference(measure, t.bias_error)}",
            f"{number(100 * t.found)} ± {number(100 * t.found_error)}",
        ]
        for t in made.trials
    ]
    unit = f" ({table_unit(measure)})" if table_unit(measure) else ""
    table = simple(
        "The method tried on people of the pool",
        [f"Planted{unit}", "Ranges that held it, of 100", f"Mean error{unit}", "Ranges without zero, of 100"],
        rows,
    )
    return Table(
        table.caption, table.columns, table.rows, note="± one standard error of the trials themselves."
    )


def certificate_alt(made: Certificate, measure: MeasureResult) -> str:
    told = [
        f"{table_difference(measure, t.planted)} planted, {number(100 * t.coverage)} of 100 ranges held it"
        for t in made.trials
    ]
    return f"Bars on a scale to 100 with a line at 95: {'; '.join(told)}."
