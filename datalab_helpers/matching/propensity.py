"""How likely each person was to take part, given the covariates: a logistic regression."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from ..errors import MatchingError
from .design import Design

# Log-odds are compared after rounding to this many places: the last bits differ between
# processors and thread counts, and a chain of comparisons would carry the difference on.
SCORE_PLACES = 9
# Beyond this the fitted probability is 0 or 1 in all but name (1 in 10 million).
SEPARATED = 16.0


def propensity_scores(treated: pd.Series, design: Design) -> pd.Series:
    """Log-odds of taking part, rounded to SCORE_PLACES, indexed as `treated`.

    MatchingError when a combination of covariates predicts participation perfectly: then no
    comparison is possible, whatever the fit prints.
    """
    # Not statsmodels.api, which takes two seconds to import what is not needed here.
    from statsmodels.discrete.discrete_model import Logit
    from statsmodels.tools.sm_exceptions import PerfectSeparationError

    if design.matrix.shape[1] == 0:
        raise MatchingError(
            "no covariate differs between people, so there is nothing to match on; check the covariates"
        )
    x = np.column_stack([np.ones(len(treated)), design.matrix.to_numpy()])
    with warnings.catch_warnings():
        # Convergence and separation are judged below, and refused, rather than warned about.
        warnings.simplefilter("ignore")
        try:
            fit = Logit(treated.to_numpy("float64"), x).fit(
                method="newton", maxiter=50, disp=False, check_rank=False
            )
            score, converged = x @ fit.params, bool(fit.mle_retvals["converged"])
        except (np.linalg.LinAlgError, PerfectSeparationError):
            score, converged = np.full(len(treated), np.nan), False
    mean = score[treated.to_numpy()].mean() if converged else np.nan
    if not converged or not np.isfinite(score).all() or mean > SEPARATED:
        raise MatchingError(
            "some combination of covariates tells exactly who took part, so nobody can be compared; "
            "leave out the covariate that defines participation, or widen the comparison pool"
        )
    return pd.Series(np.round(score, SCORE_PLACES) + 0.0, index=treated.index, name="score")
