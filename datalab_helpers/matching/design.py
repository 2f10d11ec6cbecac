"""Covariates as numbers: every level for judging balance, and the matrix of the propensity model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..intake import Cohort

NOT_RECORDED = "not recorded"
NUMBERS = ("continuous", "count")


@dataclass(frozen=True, eq=False)
class Design:
    """The columns of a propensity model and what was left out of it.

    matrix : indexed as the cohort; one float column a term, standardised, without an intercept
    dropped : (label, reason) of every term left out
    """

    matrix: pd.DataFrame
    dropped: list[tuple[str, str]]


def expand(cohort: Cohort) -> pd.DataFrame:
    """Every covariate level as a float column, named (covariate, level); level is "" for a number.

    No row is lost for a missing value: a number takes the mean of those recorded, a yes-or-no
    counts as no, and the pair (covariate, "not recorded") says for whom. Covariates missing for
    the same people share one such column, under the first of their names.
    """
    columns: dict[tuple[str, str], np.ndarray] = {}
    unrecorded: set[bytes] = set()
    for name, covariate in cohort.covariates.items():
        values = cohort.people[name]
        if covariate["kind"] == "categorical":
            text = values.astype("str").where(values.notna(), NOT_RECORDED)
            for level in sorted(text.unique()):
                columns[name, level] = (text == level).to_numpy("float64")
        else:
            missing = values.isna()
            mean = 0.0 if covariate["kind"] == "binary" or missing.all() else values.mean()
            columns[name, ""] = values.fillna(mean).to_numpy("float64")
            if missing.any() and missing.to_numpy().tobytes() not in unrecorded:
                unrecorded.add(missing.to_numpy().tobytes())
                columns[name, NOT_RECORDED] = missing.to_numpy("float64")
    return pd.DataFrame(columns, index=cohort.people.index)


def design(cohort: Cohort, squares: bool) -> Design:
    """The propensity model's columns: main effects, squares of the numbers, no redundant term.

    A count enters as ln(1 + n): the tenth previous offence tells less than the first.
    """
    levels = expand(cohort)
    treated = cohort.people["treated"].to_numpy()
    dropped: list[tuple[str, str]] = []
    kept: dict[str, np.ndarray] = {}
    for name, covariate in cohort.covariates.items():
        own = [level for column, level in levels.columns if column == name]
        if covariate["kind"] == "categorical":
            # The commonest level is the reference: its complement is never nearly empty.
            reference = max(own, key=lambda level: (levels[name, level].sum(), level))
            own = [level for level in own if level != reference]
        for level in own:
            x = levels[name, level].to_numpy()
            label = covariate["label"] + (f": {level}" if level else "")
            reason = _reason_to_drop(x, treated)
            if reason:
                dropped.append((label, reason))
                continue
            kept[label] = _standardised(np.log1p(x) if level == "" and covariate["kind"] == "count" else x)
            if squares and level == "" and covariate["kind"] in NUMBERS:
                square = _standardised(kept[label] ** 2)
                if np.ptp(square) > 0:
                    kept[f"{label}, squared"] = square
        if covariate["kind"] == "categorical" and not own:
            dropped.append((covariate["label"], "everyone has the same value"))
    matrix, collinear = _independent(pd.DataFrame(kept, index=cohort.people.index))
    return Design(matrix, dropped + [(label, "follows from the other covariates") for label in collinear])


def _reason_to_drop(x: np.ndarray, treated: np.ndarray) -> str | None:
    if np.ptp(x) == 0:
        return "everyone has the same value"
    if set(np.unique(x)) <= {0.0, 1.0}:
        for group, label in ((treated, "treatment group"), (~treated, "comparison pool")):
            share = x[group].mean() if group.any() else 0.0
            if share in (0.0, 1.0):
                return f"{'nobody' if share == 0 else 'everybody'} in the {label} has it; the level is merged with the reference"
    return None


def _standardised(x: np.ndarray) -> np.ndarray:
    spread = x.std()
    return (x - x.mean()) / spread if spread > 0 else x - x.mean()


def _independent(matrix: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Columns that are no combination of those before them, and the names of the others."""
    if matrix.shape[1] == 0:
        return matrix, []
    # R of a QR holds on its diagonal what each column adds to those before it.
    r = np.linalg.qr(matrix.to_numpy() / np.sqrt(len(matrix)), mode="r")
    adds = np.zeros(matrix.shape[1])
    adds[: min(r.shape)] = np.abs(np.diag(r))
    free = adds > 1e-7
    return matrix.loc[:, free], list(matrix.columns[~free])
