"""What one more request would tell of a cell (a type in a setting): by how much its interval would narrow.

Worked out before the result is known: given tau2, the width of an interval of the mean does not depend on what is
found, only on how exactly. The intervals here are normal ones with tau2 held, that of the whole library. Student's t
is left out on purpose: at its few degrees a second result would seem to make a cell worse, and cells with unequal
numbers could not be compared. So these widths are for choosing among cells and not for publishing beside a mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .likelihood import fit, results
from .pooled import Z_95


@dataclass(frozen=True)
class OneMore:
    """Width of the 95 % interval of a cell's mean, from end to end, in the unit of the effects.

    now : with the k results there are, None without any; after : with one more, of a new organisation
    narrowing : share of the width that it takes off, 0 to 1; None without any result, where all is gained
    best : the width if the new result had no error at all, which tau2 limits
    """

    k: int
    tau2: float
    now: float | None
    after: float
    narrowing: float | None
    best: float | None


def one_more(effects, errors, tau2: float, error: float, clusters=None) -> OneMore:
    """Value of one more result with this standard error.

    effects, errors, clusters : of the results in the cell, as for `likelihood.results`; may be empty
    tau2 : variance of true effects; half of it is taken to be common to results of one organisation
    """
    rows = results(effects, errors, clusters)
    known = 0.0
    if rows.k:
        # Without two results of one organisation the halves add up to tau2 again.
        known = 1 / float(fit(rows, np.ones((rows.k, 1)), tau2 / 2, tau2 / 2).covariance[0, 0])

    def width(more: float) -> float:
        return 2 * Z_95 / math.sqrt(known + more)

    after = width(1 / (error**2 + tau2))
    now = width(0.0) if rows.k else None
    best = width(1 / tau2) if tau2 > 0 else 0.0
    return OneMore(rows.k, tau2, now, after, None if now is None else 1 - after / now, best)
