"""Why a pair is thought to be one person: what each field says, in words that quote nobody."""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...errors import DataContractError, guarded
from ...tables import as_text
from .link import LinkedPeople
from .model import DATES, FIELDS, says

START = "one of all people on record, picked blindly"


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """What speaks for and against a pair, in the order in which it is added up.

    steps : what, says, weight (log2 of how much likelier for the same person), total
    posterior : chance that the pair is right, all rivals counted
    rivals : number of other people who were compared
    """

    steps: pd.DataFrame
    posterior: float
    rivals: int

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        widest = max(1.0, float(self.steps["weight"].abs().max()))
        rows = "".join(
            f"<tr><td>{html.escape(step.what)}</td><td>{html.escape(step.says)}</td>"
            f"<td>{_times(step.weight)}</td><td>{_bar(step.weight / widest)}</td><td>{step.total:+.1f}</td></tr>"
            for step in self.steps.itertuples()
        )
        others = {0: "nobody else", 1: "1 other person"}.get(self.rivals, f"{self.rivals} other people")
        return (
            "<table><tr><th>field</th><th>what was seen</th><th>how much likelier it makes the link</th>"
            f"<th></th><th>weight so far</th></tr>{rows}</table>"
            f"<p>A weight of +1 doubles the odds, -1 halves them. With {others} compared, the chance that this "
            f"is the right person is <b>{100 * self.posterior:.1f} %</b>.</p>"
        )


@guarded
def explain(linked: LinkedPeople, row: int, person_id: int | None = None) -> Explanation:
    """The waterfall of one pair; without a person, of the row's likeliest.

    Parameters
    ----------
    row : as numbered in the spreadsheet
    """
    own = linked.rivals[linked.rivals["row"] == row] if len(linked.rivals) else linked.rivals
    if own.empty:
        raise DataContractError(f"row {row} has nobody on record to be compared with")
    chosen = own if person_id is None else own[own["person_id"] == person_id]
    if chosen.empty:
        raise DataContractError(f"row {row} was not compared with that person, or three others were likelier")
    pair = chosen.iloc[0]
    steps = [{"what": "to begin with", "says": START, "weight": pair["prior"]}]
    for field in (*FIELDS, DATES):
        level = int(pair[f"{field}_level"])
        steps.append(
            {
                "what": field.replace("_", " ").replace("pnc id", "PNC ID"),
                "says": says(field, level),
                "weight": float(pair[field]),
            }
        )
    frame = pd.DataFrame(steps)
    if (rest := pair["weight"] - frame["weight"].sum()) > 1:
        frame.loc[len(frame)] = ["decision", "somebody accepted this link", rest]
    frame["total"] = frame["weight"].cumsum()
    return Explanation(frame, float(pair["posterior"]), len(own) - 1)


def _times(weight: float) -> str:
    """A weight in words: 2^w times likelier."""
    if abs(weight) < 0.05:
        return "says nothing"
    times = float(np.exp2(min(abs(weight), 60.0)))
    told = f"{times:,.1f}" if times < 10 else f"{float(f'{times:.2g}'):,.0f}"
    return f"{told} times {'likelier' if weight > 0 else 'less likely'}"


def _bar(share: float) -> str:
    colour = "#12436D" if share >= 0 else "#F46A25"
    return f'<div style="width:{abs(share) * 8:.2f}em;height:.8em;background:{colour}"></div>'
