"""Lalonde's data beside the answers of MatchIt, cobalt and sandwich (tests/golden/README.md)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from datalab_helpers import (
    assess_balance,
    build_cohort,
    estimate,
    link,
    match,
    open_outcomes,
    plan,
    read_submission,
)
from datalab_helpers.balance.statistics import column_statistics
from datalab_helpers.disclosure import Results
from datalab_helpers.matching import Levels, MatchedSample, denominators, standardised_differences
from datalab_helpers.outcome import adjusted
from datalab_helpers.run import Run

GOLDEN = Path(__file__).parent / "golden"
NEAREST = "method: nearest, caliper: null, replacement: false, squares: false"
AGAIN = "method: nearest, caliper: null, replacement: true, squares: false"
# WeightIt's optimiser stops while means still differ by up to 9e-6 standard deviations (its smd_adj) and weights
# sum to 185.0003; ours goes on to 1e-10. Everything else is compared to 1e-8.
EBAL = "WeightIt_ebal_ATT"
SPECS = {
    "nearest_default": ("[]", NEAREST + ", scale: probability"),
    "nearest_logit": ("[]", NEAREST + ", scale: logit"),
    "nearest_logit_caliper02": ("[]", NEAREST.replace("null", "0.2") + ", scale: logit"),
    "nearest_replace": ("[]", AGAIN + ", scale: logit"),
    "nearest_replace_caliper02": ("[]", AGAIN.replace("null", "0.2") + ", scale: logit"),
    "nearest_exact_race_married": ("[race, married]", NEAREST + ", scale: probability"),
    EBAL: ("[]", "method: entropy, squares: false"),
}
REQUEST = """
id: LALONDE
lab: general
organisation: National Supported Work
programme: {{name: Supported work, began: 1976-01-01, ended: 1977-12-31}}
table:
  file: lalonde.csv
  id: id
  treatment: treat
  covariates: {{age: continuous, educ: continuous, race: categorical, married: binary, nodegree: binary, re74: continuous, re75: continuous}}
  outcomes: [{{name: re78, label: Earnings in 1978, kind: continuous, good: higher, unit: dollars}}]
analyses: [{{name: All, headline: true, exact: {exact}}}]
matching: {{{matching}}}
outcome: {{primary: re78, smallest_difference: 500}}
release: {{if_unbalanced: publish_with_warning}}
seed: 1
"""


@pytest.fixture(params=list(SPECS), scope="module")
def spec(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple:
    """One specification run through the stages: name, run, cohort, sample, balance."""
    exact, matching = SPECS[request.param]
    folder = tmp_path_factory.mktemp("lalonde")
    # Equal scores are settled by id, in MatchIt by the order of rows: so ids here go with the rows.
    table = pd.read_csv(GOLDEN / "lalonde.csv")
    table.assign(id=[f"{row:04d}" for row in range(len(table))]).to_csv(folder / "lalonde.csv", index=False)
    (folder / "request.yml").write_text(REQUEST.format(exact=exact, matching=matching))
    run = Run.open(str(folder / "request.yml"), str(folder / "run"))
    store, participants = run.store(), read_submission(run.request)
    cohort = build_cohort(run.request, store, participants, link(run.request, store, participants))
    sample = match(run.request, cohort, run.request.analyses[0])
    return request.param, run, cohort, sample, assess_balance(cohort, sample, run.request)


def test_scores_and_weights_are_those_of_matchit(spec: tuple) -> None:
    name, _, _, sample, _ = spec
    weights = pd.read_csv(GOLDEN / "lalonde_weights.csv")
    # Ours are rounded to nine places before anything is compared with them.
    np.testing.assert_allclose(sample.people["score"], weights["lps"], atol=1e-9, rtol=0)
    theirs, pool = weights[name].to_numpy(), ~sample.people["treated"].to_numpy()
    # MatchIt's weights of the pool sum to the comparators used, ours to the matched treated.
    theirs = np.where(pool, theirs * theirs[~pool].sum() / theirs[pool].sum(), theirs)
    np.testing.assert_allclose(sample.people["weight"], theirs, atol=1e-4 if name == EBAL else 1e-12)


def test_sizes_are_those_of_matchit(spec: tuple) -> None:
    name, _, _, sample, _ = spec
    effects = pd.read_csv(GOLDEN / "lalonde_effects.csv").set_index("spec").loc[name]
    assert sample.sizes["treatment"] == effects["n_treated"]
    assert sample.sizes["comparison"] == effects["n_control"]
    tolerance = 2e-3 if name == EBAL else 1e-8
    assert sample.sizes["comparison_effective"] == pytest.approx(effects["ess_control"], abs=tolerance)


def test_balance_is_that_of_cobalt(spec: tuple) -> None:
    name, _, _, _, balance = spec
    cobalt = pd.read_csv(GOLDEN / "lalonde_balance.csv").query("spec == @name").set_index("variable")
    ours = of_cobalt(balance.rows).reindex(cobalt.index)
    numbers = ours["kind"] == "number"
    for mine, theirs in [
        ("smd_before", "smd_un"),
        ("smd_after", "smd_adj"),
        ("ks_before", "ks_un"),
        ("ks", "ks_adj"),
        ("variance_ratio_before", "vr_un"),
        ("variance_ratio", "vr_adj"),
    ]:
        rows = numbers if mine.startswith("variance") else numbers | True
        tolerance = 1e-8 if name != EBAL or theirs.endswith("_un") else 2e-5
        np.testing.assert_allclose(ours.loc[rows, mine], cobalt.loc[rows, theirs], atol=tolerance, rtol=0)
    assert balance.rows["smd_after"].abs().max() == pytest.approx(
        pd.read_csv(GOLDEN / "lalonde_effects.csv").set_index("spec").loc[name, "max_abs_smd"],
        abs=1e-5 if name == EBAL else 1e-8,
    )


def of_cobalt(rows: pd.DataFrame) -> pd.DataFrame:
    """Balance rows under cobalt's names."""
    return rows.set_index(rows["covariate"] + rows["level"].map(lambda level: f"_{level}" if level else ""))


def test_balance_under_odds_weights_is_that_of_cobalt() -> None:
    """Weights of no matching at all, from the score alone: every person's differ."""
    table = pd.read_csv(GOLDEN / "lalonde.csv")
    theirs = pd.read_csv(GOLDEN / "lalonde_weights.csv")
    numbers = ("age", "educ", "re74", "re75")
    levels = Levels(
        [(name, "") for name in (*numbers, "married", "nodegree")]
        + [("race", level) for level in ("black", "hispan", "white")],
        [table[name].to_numpy(float) for name in numbers]
        + [table[name].to_numpy() == 1 for name in ("married", "nodegree")]
        + [(table["race"] == level).to_numpy() for level in ("black", "hispan", "white")],
    )
    treated = table["treat"].to_numpy() == 1
    weight = theirs["WeightIt_glm_ATT"].to_numpy()
    # Its own fit stops at eight digits.
    np.testing.assert_allclose(weight, np.where(treated, 1.0, np.exp(theirs["lps"])), rtol=1e-7)
    cobalt = (
        pd.read_csv(GOLDEN / "lalonde_balance.csv").query("spec == 'WeightIt_glm_ATT'").set_index("variable")
    )
    cobalt = cobalt.loc[["_".join(filter(None, name)) for name in levels.names]]
    spread = denominators(levels, treated)
    found = column_statistics(levels, treated, weight)
    np.testing.assert_allclose(
        standardised_differences(levels, treated, weight, spread), cobalt["smd_adj"], atol=1e-8
    )
    np.testing.assert_allclose(found["ks"], cobalt["ks_adj"], atol=1e-8)
    np.testing.assert_allclose(found["variance_ratio"][:4], cobalt["vr_adj"][:4], atol=1e-8)


def test_effect_and_robust_error_are_those_of_r(spec: tuple) -> None:
    name, run, cohort, sample, balance = spec
    seal = run.write_plan(plan(run.request, [sample], [balance]))
    outcomes = open_outcomes(run.request, run.store(), cohort, [sample], seal)
    effects = pd.read_csv(GOLDEN / "lalonde_effects.csv").set_index("spec").loc[name]
    headline = estimate(run.request, cohort, sample, outcomes).headline
    tolerance = 0.01 if name == EBAL else 1e-8  # dollars
    assert headline.unadjusted.difference == pytest.approx(effects["att"], abs=tolerance)
    matched = sample.people[sample.people["weight"] > 0]
    y = outcomes.loc[matched.index, "re78"].to_numpy()
    arrays = (matched["treated"].to_numpy(), matched["weight"].to_numpy(), matched["person_id"].to_numpy())
    plain = adjusted(y, *arrays, np.empty((len(matched), 0)))
    assert plain.difference == pytest.approx(effects["att"], abs=tolerance)
    if name != EBAL:
        # R takes this error through a numerical derivative, good to seven digits; it gives none for EBAL.
        assert plain.se == pytest.approx(effects["se_hc3"], rel=1e-7)


@pytest.mark.parametrize("name", [*SPECS, "WeightIt_glm_ATT"])
def test_effects_under_the_weights_of_r_are_those_of_r(name: str) -> None:
    """Both effects of every row, with R's own weights; the standard errors wherever R's are HC3.

    `att_gcomp` is g-computation with treatment times every covariate: in a linear regression that is the
    coefficient of treatment once covariates are centred at the treated.
    """
    table, theirs = pd.read_csv(GOLDEN / "lalonde.csv"), pd.read_csv(GOLDEN / "lalonde_weights.csv")[name]
    effects = pd.read_csv(GOLDEN / "lalonde_effects.csv").set_index("spec").loc[name]
    used = theirs.to_numpy() > 0
    table, weight = table[used], theirs.to_numpy()[used]
    treated, person = table["treat"].to_numpy() == 1, np.arange(used.sum())
    y = table["re78"].to_numpy(float)
    plain = adjusted(y, treated, weight, person, np.empty((len(y), 0)))
    assert plain.difference == pytest.approx(effects["att"], abs=1e-9)
    if name.startswith("WeightIt"):
        return  # without covariate adjustment, and with errors of another kind
    assert plain.se == pytest.approx(effects["se_hc3"], rel=1e-7)
    x = pd.get_dummies(table.drop(columns=["id", "treat", "re78"]), columns=["race"], drop_first=True)
    x = x.to_numpy(float)
    x = (x - np.average(x[treated], axis=0, weights=weight[treated])) / x.std(axis=0)
    full = adjusted(y, treated, weight, person, np.column_stack([x, x * treated[:, None]]))
    assert full.difference == pytest.approx(effects["att_gcomp"], abs=1e-9)
    if effects["se_type"] == "HC3":
        assert full.se == pytest.approx(effects["se_gcomp"], rel=2e-7)


def test_the_notebooks_give_the_same_as_r(tmp_path: Path) -> None:
    """The whole chain of notebooks, by the command that a lab uses."""
    exact, matching = SPECS["nearest_default"]
    shutil.copy(GOLDEN / "lalonde.csv", tmp_path)
    (tmp_path / "request.yml").write_text(REQUEST.format(exact=exact, matching=matching))
    command = [sys.executable, "-m", "datalab_helpers", "run", str(tmp_path)]
    places = ["--reports", str(tmp_path / "reports"), "--runs", str(tmp_path / "runs")]
    subprocess.run([*command, *places], check=True, capture_output=True)
    sample = Run.open(str(tmp_path), str(tmp_path / "runs/LALONDE")).load_each(MatchedSample, "matching")[0]
    weights = pd.read_csv(GOLDEN / "lalonde_weights.csv").set_index("id").sort_index()
    np.testing.assert_allclose(sample.people["weight"], weights["nearest_default"], atol=1e-12)
    results = Results.model_validate_json((tmp_path / "reports/LALONDE/results.json").read_bytes())
    effects = pd.read_csv(GOLDEN / "lalonde_effects.csv").set_index("spec").loc["nearest_default"]
    # Ten significant digits are published.
    assert results.headline.measures[0].unadjusted.difference == pytest.approx(effects["att"], rel=1e-9)
    # These groups are not alike, and the request says to publish all the same: page 1 must say so.
    assert results.headline.balance.verdict == "fail"
    assert results.headline.verdict.confidence == "very low"
    assert results.headline.verdict.warning in (tmp_path / "reports/LALONDE/report.html").read_text().replace(
        "&#39;", "'"
    )
