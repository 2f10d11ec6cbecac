"""The propensity model: equal to statsmodels', the same whatever the order, and what it does when it cannot be fitted."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from datalab_helpers.errors import MatchingError
from datalab_helpers.matching import Design, design, propensity
from datalab_helpers.matching.propensity import SEPARATING
from tests.test_matching import made_cohort


def made_design(n: int, terms: int = 12, seed: int = 1) -> tuple[pd.Series, Design]:
    """Standardised numbers and levels, and who took part depending on some of them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, terms))
    x[:, ::3] = x[:, ::3] > 0.8
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    chance = 1 / (1 + np.exp(2 - 0.8 * x[:, 0] + 0.5 * x[:, 1]))
    frame = pd.DataFrame(x, columns=[f"t{i}" for i in range(terms)])
    return pd.Series(rng.random(n) < chance), Design(frame, ["1 SD"] * terms, np.ones(terms), [])


def by_statsmodels(treated: pd.Series, design: Design):
    from statsmodels.discrete.discrete_model import Logit

    x = np.column_stack([np.ones(len(treated)), design.matrix])
    return Logit(treated.astype(float), x).fit(disp=False, maxiter=100, tol=1e-14), x


@pytest.mark.parametrize("n", [300, 120_000], ids=["few", "so many that a sample comes first"])
def test_scores_and_coefficients_are_those_of_statsmodels(n: int) -> None:
    treated, terms = made_design(n)
    found, (fit, x) = propensity(treated, terms), by_statsmodels(treated, terms)
    np.testing.assert_allclose(found.score, x @ fit.params, atol=1e-9, rtol=0)
    np.testing.assert_allclose(found.terms["coefficient"], fit.params, atol=1e-9, rtol=0)
    np.testing.assert_allclose(found.terms["se"], fit.bse, rtol=1e-7)
    np.testing.assert_allclose(found.terms[["low", "high"]], np.exp(fit.conf_int()), rtol=1e-7)
    np.testing.assert_allclose(found.terms["odds_ratio"], np.exp(fit.params), rtol=1e-8)


def test_a_level_is_read_as_having_it_and_a_number_by_its_standard_deviation() -> None:
    """One yes-or-no and nothing else: the odds ratio of a two-by-two table."""
    cohort = made_cohort()
    people = cohort.people.assign(age=30.0, area="North")
    found = propensity(people["treated"], design(cohort.keep(people), squares=True)).terms.set_index("term")
    table = pd.crosstab(people["treated"], people["need"])
    odds = table.loc[True, 1] * table.loc[False, 0] / (table.loc[True, 0] * table.loc[False, 1])
    assert found.loc["Need", "unit"] == "has it"
    assert found.loc["Need", "odds_ratio"] == pytest.approx(odds, rel=1e-9)
    assert found.loc["Need", "se"] == pytest.approx(np.sqrt((1 / table.to_numpy()).sum()), rel=1e-9)


ORDER = """
import hashlib, sys
import numpy as np
sys.path[:0] = {path}
from tests.test_matching_propensity import made_design
from datalab_helpers.matching import propensity
treated, terms = made_design(100_000)
print(hashlib.sha256(propensity(treated, terms).score.to_numpy().tobytes()).hexdigest())
"""


def test_the_score_is_the_same_to_the_bit_with_any_number_of_threads() -> None:
    treated, terms = made_design(100_000)
    here = hashlib.sha256(propensity(treated, terms).score.to_numpy().tobytes()).hexdigest()
    root = Path(__file__).resolve().parent.parent
    for threads in ("2", "5"):
        environment = os.environ | {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        program = ORDER.format(path=[str(root), str(root / "tests")])
        done = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=environment
        )
        assert done.stdout.strip() == here


# ---------------------------------------------------------------- when it cannot be fitted


@pytest.mark.parametrize("apart", ["pool", "treatment group"])
def test_a_number_that_sets_a_part_of_one_group_apart_is_left_out_and_listed(apart: str) -> None:
    """Quasi-separation: no finite estimate, though most people can be compared."""
    rng = np.random.default_rng(4)
    treated = made_cohort(2000).people["treated"]
    these = treated if apart == "treatment group" else ~treated
    far = np.where(these & (rng.random(2000) < 0.3), rng.uniform(1, 2, 2000), 0.0)
    cohort = made_cohort(2000, far=far)
    found = propensity(treated, design(cohort, squares=False))
    assert ("Far", SEPARATING) in found.design.dropped
    assert "Far" not in set(found.terms["term"])
    assert found.score.abs().max() < 16


def test_a_level_that_one_group_lacks_is_merged_and_listed() -> None:
    treated = made_cohort().people["treated"].to_numpy()
    clash = (~treated & (np.arange(900) % 3 == 0)).astype(float)
    cohort = made_cohort(clash=clash, other=1 - clash)
    reasons = dict(design(cohort, squares=False).dropped)
    assert reasons["Clash"].startswith("nobody in the treatment group has it")
    assert reasons["Other"].startswith("everybody in the treatment group has it")


def test_everybody_told_apart_is_refused_and_the_covariate_named() -> None:
    cohort = made_cohort()
    people = cohort.people.assign(
        age=np.where(cohort.people["treated"], 60.0, 20.0) + np.arange(len(cohort.people)) % 7
    )
    with pytest.raises(MatchingError, match=r"tells exactly who took part.*'Age'"):
        propensity(people["treated"], design(cohort.keep(people), squares=False))


def test_columns_that_follow_from_others_are_found_wherever_they_stand() -> None:
    cohort = made_cohort()
    people = cohort.people
    age = people["age"].fillna(people["age"].mean())
    told = made_cohort(
        sum=(2 * age - 3 * people["need"]).to_numpy(),
        other=np.arange(900.0) % 7,
        again=np.arange(900.0) % 7 * -4,
    )
    kinds = {
        name: c | ({"kind": "continuous"} if name in ("sum", "other", "again") else {})
        for name, c in told.covariates.items()
    }
    told = type(told)(told.people, told.groups, told.attrition, kinds, told.facts)
    found = design(told, squares=False)
    assert [label for label, reason in found.dropped if reason == "follows from the other covariates"] == [
        "Sum",
        "Again",
    ]
    assert np.linalg.matrix_rank(found.matrix.to_numpy()) == found.matrix.shape[1]


def test_more_terms_than_people_leaves_as_many_as_can_be_told_apart() -> None:
    rng = np.random.default_rng(2)
    n = 12
    extra = {f"x{i}": rng.normal(size=n) for i in range(20)}
    cohort = made_cohort(n, **extra)
    kinds = {
        name: c | ({"kind": "continuous"} if name in extra else {}) for name, c in cohort.covariates.items()
    }
    cohort = type(cohort)(cohort.people, cohort.groups, cohort.attrition, kinds, cohort.facts)
    assert design(cohort, squares=True).matrix.shape[1] < n
