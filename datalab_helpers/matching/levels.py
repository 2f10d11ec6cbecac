"""Every covariate level of some people, each column as narrow as its values allow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import MatchingError
from ..intake import Cohort

NOT_RECORDED = "not recorded"
NUMBERS = ("continuous", "count")


@dataclass(frozen=True, eq=False)
class Levels:
    """Covariate levels as columns.

    names : (covariate, level) of each column; level is "" for a number or a yes-or-no
    columns : one array a level, all of one length; bool where only 0 and 1 occur, else float64
    """

    names: list[tuple[str, str]]
    columns: list[np.ndarray]

    def __getitem__(self, name: tuple[str, str]) -> np.ndarray:
        return self.columns[self.names.index(name)]

    def of(self, covariate: str) -> dict[str, np.ndarray]:
        """The columns of one covariate, by level."""
        return {
            level: column
            for (name, level), column in zip(self.names, self.columns, strict=True)
            if name == covariate
        }


def expand(cohort: Cohort) -> Levels:
    """Every covariate level of a cohort, in the order of its rows.

    No row is lost for a missing value: a number takes the mean of those recorded, a yes-or-no
    counts as no, and the pair (covariate, "not recorded") says for whom. Covariates missing for
    the same people share one such column, under the first of their names.
    """
    names: list[tuple[str, str]] = []
    columns: list[np.ndarray] = []
    unrecorded: set[bytes] = set()
    for name, covariate in cohort.covariates.items():
        if covariate["kind"] == "categorical":
            codes, levels = coded(cohort.people[name])
            names += [(name, level) for level in levels]
            columns += [codes == code for code in range(len(levels))]
            continue
        values = cohort.people[name].to_numpy("float64")
        endless = int(np.isinf(values).sum())
        if endless:
            raise MatchingError(
                f"{covariate['label']}: {endless} values are infinite, which has no mean; correct them, or leave "
                "them empty if they are not known"
            )
        missing = np.isnan(values)
        if missing.any():
            recorded = values[~missing]
            middle = 0.0 if covariate["kind"] == "binary" or not len(recorded) else recorded.mean()
            values = np.where(missing, middle, values)
        names.append((name, ""))
        columns.append(_narrow(values))
        if missing.any() and missing.tobytes() not in unrecorded:
            unrecorded.add(missing.tobytes())
            names.append((name, NOT_RECORDED))
            columns.append(missing)
    return Levels(names, columns)


def labels_of(cohort: Cohort, levels: Levels) -> list[str]:
    """What people read for each column: the covariate's label, and the level if it has one."""
    return [
        cohort.covariates[name]["label"] + (f": {level}" if level else "") for name, level in levels.names
    ]


def coded(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Each value's place among the sorted texts that occur, and those texts; a missing one is "not recorded"."""
    found, kinds = pd.factorize(values)
    texts = [*(str(kind) for kind in kinds), NOT_RECORDED]
    levels = sorted({*texts[:-1], *([NOT_RECORDED] if (found < 0).any() else [])})
    place = np.array([levels.index(text) if text in levels else -1 for text in texts], dtype=np.intp)
    # A missing value has code -1, which takes the last place.
    return place[found], levels


def _narrow(values: np.ndarray) -> np.ndarray:
    """As bool where only 0 and 1 occur."""
    for part in (values[:1000], values):
        if not ((part == 0) | (part == 1)).all():
            return values
    return values == 1
