"""What could be worked out from everything published of a request, told from the published files alone.

This room imports nothing of the code that holds numbers back, and never sees a person: it reads
`results.json` and the texts beside it as anyone can, makes of them a system of linear constraints over
unknown numbers of people, and asks how narrowly each number that must not be known can be bounded.
`pipeline` publishes nothing that fails, and `datalab verify` asks again.

Who is feared
-------------
The organisation that sent the list. It knows every name on it, much about each person (whether they
completed, where they live), perhaps the outcome of some, and the method, which is public. It can add and
subtract whatever is printed, in this request. So "nobody" and "everybody" tell it as much as "three of
them", and a group that two published groups differ by is as good as published. Of two answers that both
fit, it cannot tell the true one.

A number of people is unsafe when the values that fit what is published span fewer than the smallest
count and begin below it; so is a number fixed below it, be it nought, and so are the others of the group.
A level that an analysis does not list, and another does, is nought in it unless its conditions say so. Protected are,
for people who took part and for the comparison pool: everybody with a characteristic or an
outcome, everybody without, in each analysis, in one analysis and not in another, and in one and in none of
several that share nobody; the events between two days of a curve, and after the last; people lost at a step
or by matching. In the comparison group a share stands for people only where weights are equal, or where it
is nobody or everybody.

Not protected: which of several conditions chose a group; people of an analysis that was refused; the fact,
told by [c], that a number or one beside it is small. What lies beyond one request (the same list sent again
with one person fewer, a list padded with people whose outcome is known) no single release can show: see
DECISIONS.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import DisclosureError, VerifyError, listed
from .breach import Breach
from .cells import cells
from .checks import funnels, other_routes, sizes
from .counts import counts
from .texts import texts

TEXTS = (".html", ".csv", ".txt", ".md")
TABLES = (".csv", ".xlsx")


@dataclass(frozen=True)
class Audit:
    """What was found; `cells` is how many protected numbers were looked at."""

    breaches: tuple[Breach, ...]
    cells: int

    @property
    def passed(self) -> bool:
        return not self.breaches

    def refuse(self) -> None:
        """DisclosureError that names every place that gives a small number away, and no value."""
        if self.breaches:
            raise DisclosureError(
                listed(
                    "nothing was published, since small numbers could be worked out from it. This is a fault of the "
                    "program, not of the request; please report it",
                    [f"{breach.place}: {breach.why} ({breach.rule})" for breach in self.breaches],
                )
            )

    def as_dict(self) -> dict[str, Any]:
        return {"passed": self.passed, "cells": self.cells, "breaches": [asdict(b) for b in self.breaches]}


def audit_results(results: dict[str, Any], asked: dict[str, int] | None = None) -> Audit:
    """Everything that `results.json` alone gives away.

    Parameters
    ----------
    asked : the thresholds that the lab asks for (`smallest_group`, `smallest_count`); None: those printed
    """
    printed = results["rules"]
    lower = [name for name, least in (asked or {}).items() if printed[name] < least]
    results = results | {
        "rules": printed | {name: max(printed[name], n) for name, n in (asked or {}).items()}
    }
    found, cells = counts(results)
    breaches = [
        *(
            Breach(f"rules, {name}", "the threshold printed is lower than the lab's", "R-C12")
            for name in lower
        ),
        *sizes(results),
        *funnels(results),
        *other_routes(results),
        *found,
    ]
    return Audit(tuple(dict.fromkeys(breaches)), cells)


def audit(folder: Path, asked: dict[str, int] | None = None) -> Audit:
    """Everything that the files of a report give away together.

    Parameters
    ----------
    folder : the files of one report, `results.json` among them
    asked : as in `audit_results`

    Errors
    ------
    VerifyError when there is no `results.json` that can be read.
    """
    try:
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        made = audit_results(results, asked)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VerifyError(
            f"the results in {folder.name} cannot be audited ({type(error).__name__}); make the report again"
        ) from None
    told = [
        breach
        for file in sorted(folder.rglob("*"))
        for breach in (
            *(
                texts(file.name, file.read_text(encoding="utf-8"), results["rules"])
                if file.suffix in TEXTS
                else ()
            ),
            *(cells(file, results) if file.suffix in TABLES else ()),
        )
    ]
    return Audit((*made.breaches, *dict.fromkeys(told)), made.cells)


__all__ = ["Audit", "Breach", "audit", "audit_results"]
