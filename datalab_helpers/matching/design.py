"""The matrix of the propensity model, and what was left out of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..intake import Cohort
from .levels import NUMBERS, Levels, expand

# A column whose variance the columns before it explain but for this share follows from them.
INDEPENDENT = 1e-10
BLOCK = 4096  # rows that fit into a processor's cache


@dataclass(frozen=True, eq=False)
class Design:
    """The columns of a propensity model and what was left out of it.

    matrix : indexed as the cohort; one float column a term, standardised, without an intercept
    units : what one unit of a term's coefficient is: "has it" or "1 SD", by term
    spreads : the standard deviation that each term was divided by
    dropped : (label, reason) of every term left out
    """

    matrix: pd.DataFrame
    units: list[str]
    spreads: np.ndarray
    dropped: list[tuple[str, str]]

    def without(self, term: str, reason: str) -> Design:
        """The design less one term, with the reason."""
        kept = np.array([label != term for label in self.matrix.columns])
        return Design(
            self.matrix.loc[:, kept],
            [unit for unit, keep in zip(self.units, kept, strict=True) if keep],
            self.spreads[kept],
            [*self.dropped, (term, reason)],
        )


def design(cohort: Cohort, squares: bool, levels: Levels | None = None) -> Design:
    """The propensity model's columns: main effects, squares of the numbers, no redundant term.

    A count enters as ln(1 + n): the tenth previous offence tells less than the first.

    Parameters
    ----------
    levels : the cohort's, where they are at hand
    """
    levels = levels or expand(cohort)
    treated = cohort.people["treated"].to_numpy()
    dropped: list[tuple[str, str]] = []
    # Columns lie one after the other, so that one can be written, or left out, without copying the rest.
    matrix = np.empty((len(treated), 2 * len(levels.names)), order="F")
    labels: list[str] = []
    units: list[str] = []
    spreads: list[float] = []

    def add(label: str, values: np.ndarray, unit: str) -> None:
        column = matrix[:, len(labels)]
        middle = np.count_nonzero(values) / len(values) if values.dtype == bool else values.mean()
        if values.dtype == bool:
            spread = float(np.sqrt(middle * (1 - middle)))
            np.take(np.array([-middle, 1 - middle]) / spread, values.view("uint8"), out=column, mode="clip")
        else:
            np.subtract(values, middle, out=column)
            spread = float(np.sqrt(np.square(column).mean()))
            column /= spread
        labels.append(label)
        units.append(unit)
        spreads.append(spread)

    for name, covariate in cohort.covariates.items():
        own = levels.of(name)
        if covariate["kind"] == "categorical":
            # The commonest level is the reference: its complement is never nearly empty.
            del own[max(own, key=lambda level: (np.count_nonzero(own[level]), level))]
        for level, x in own.items():
            label = covariate["label"] + (f": {level}" if level else "")
            reason = _reason_to_drop(x, treated)
            if reason:
                dropped.append((label, reason))
                continue
            is_number = level == "" and covariate["kind"] in NUMBERS
            is_count = is_number and covariate["kind"] == "count"
            values = np.log1p(x, dtype="float64") if is_count else x
            add(label, values, "has it" if x.dtype == bool else "1 SD")
            if squares and is_number:
                square = matrix[:, len(labels) - 1] ** 2
                if np.ptp(square) > 1e-9:
                    add(f"{label}, squared", square, "1 SD")
        if covariate["kind"] == "categorical" and not own:
            dropped.append((covariate["label"], "everyone has the same value"))
    free = independent(matrix[:, : len(labels)])
    dropped += [(labels[i], "follows from the other covariates") for i in np.flatnonzero(~free)]
    kept = np.flatnonzero(free)
    for place, column in enumerate(kept):
        if place != column:
            matrix[:, place] = matrix[:, column]
    frame = pd.DataFrame(
        matrix[:, : len(kept)], index=cohort.people.index, columns=[labels[i] for i in kept], copy=False
    )
    return Design(frame, [units[i] for i in kept], np.array([spreads[i] for i in kept]), dropped)


def blocks(rows: int) -> Iterator[slice]:
    """Slices of a few thousand rows, in order."""
    return (slice(start, start + BLOCK) for start in range(0, rows, BLOCK))


def _reason_to_drop(x: np.ndarray, treated: np.ndarray) -> str | None:
    if x.min() == x.max():
        return "everyone has the same value"
    if x.dtype == bool:
        for group, label in ((treated, "treatment group"), (~treated, "comparison pool")):
            having = np.count_nonzero(x & group)
            if having in (0, np.count_nonzero(group)):
                return f"{'everybody' if having else 'nobody'} in the {label} has it; the level is merged with the reference"
    return None


def independent(matrix: np.ndarray) -> np.ndarray:
    """Which standardised columns are no combination of those before them: a Cholesky factor of their correlations."""
    size = matrix.shape[1]
    correlation = np.zeros((size, size))
    for rows in blocks(len(matrix)):
        correlation += matrix[rows].T @ matrix[rows]
    correlation /= max(len(matrix), 1)
    free = np.zeros(size, dtype=bool)
    factor = np.zeros((size, size))
    for j in range(size):
        before = np.flatnonzero(free[:j])
        known = factor[np.ix_(before, before)]
        told = np.linalg.solve(known, correlation[before, j]) if len(before) else np.empty(0)
        left = correlation[j, j] - told @ told
        free[j] = left > INDEPENDENT
        if free[j]:
            factor[j, before] = told
            factor[j, j] = np.sqrt(left)
    return free
