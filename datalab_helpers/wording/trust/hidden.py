from __future__ import annotations

from ...disclosure.checks import (
    Hidden,
)
from ...disclosure.results import MeasureResult
from ...lab import Words
from ..numbers import (
    brief,
    capital,
    number,
    per_cent,
    things,
)
from ..tables import Table, simple
from ..units import spoken, table_difference, table_unit, unit_of


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
