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
from datalab_helpers.disclosure import Results
from datalab_helpers.matching import MatchedSample
from datalab_helpers.outcome import adjusted
from datalab_helpers.run import Run

GOLDEN = Path(__file__).parent / "golden"
NEAREST = "method: nearest, caliper: null, replacement: false, squares: false"
SPECS = {
    "nearest_default": ("[]", NEAREST + ", scale: probability"),
    "nearest_logit": ("[]", NEAREST + ", scale: logit"),
    "nearest_exact_race_married": ("[race, married]", NEAREST + ", scale: probability"),
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


@pytest.fixture(params=list(SPECS))
def spec(request: pytest.FixtureRequest, tmp_path: Path) -> tuple:
    """One specification run through the stages: name, run, cohort, sample, balance."""
    exact, matching = SPECS[request.param]
    shutil.copy(GOLDEN / "lalonde.csv", tmp_path)
    (tmp_path / "request.yml").write_text(REQUEST.format(exact=exact, matching=matching))
    run = Run.open(str(tmp_path / "request.yml"), str(tmp_path / "run"))
    store, participants = run.store(), read_submission(run.request)
    cohort = build_cohort(run.request, store, participants, link(run.request, store, participants))
    sample = match(run.request, cohort, run.request.analyses[0])
    return request.param, run, cohort, sample, assess_balance(cohort, sample, run.request)


def test_scores_and_weights_are_those_of_matchit(spec: tuple) -> None:
    name, _, _, sample, _ = spec
    weights = pd.read_csv(GOLDEN / "lalonde_weights.csv").set_index("id").sort_index()
    # Ours are rounded to nine places before anything is compared with them.
    np.testing.assert_allclose(sample.people["score"], weights["lps"], atol=1e-9, rtol=0)
    np.testing.assert_allclose(sample.people["weight"], weights[name], atol=1e-12)


def test_sizes_are_those_of_matchit(spec: tuple) -> None:
    name, _, _, sample, _ = spec
    effects = pd.read_csv(GOLDEN / "lalonde_effects.csv").set_index("spec").loc[name]
    assert sample.sizes["treatment"] == effects["n_treated"]
    assert sample.sizes["comparison"] == effects["n_control"]
    assert sample.sizes["comparison_effective"] == pytest.approx(effects["ess_control"], abs=1e-8)


def test_balance_is_that_of_cobalt(spec: tuple) -> None:
    name, _, _, _, balance = spec
    rows = balance.rows.assign(
        variable=balance.rows["covariate"]
        + balance.rows["level"].map(lambda level: f"_{level}" if level else "")
    )
    cobalt = pd.read_csv(GOLDEN / "lalonde_balance.csv").query("spec == @name").set_index("variable")
    ours = rows.set_index("variable").reindex(cobalt.index)
    for mine, theirs in [("smd_before", "smd_un"), ("smd_after", "smd_adj"), ("ks", "ks_adj")]:
        np.testing.assert_allclose(ours[mine], cobalt[theirs], atol=1e-8, rtol=0)
    numbers = ours["kind"] == "number"
    np.testing.assert_allclose(
        ours.loc[numbers, "variance_ratio"], cobalt.loc[numbers, "vr_adj"], atol=1e-8, rtol=0
    )
    assert balance.rows["smd_after"].abs().max() == pytest.approx(
        pd.read_csv(GOLDEN / "lalonde_effects.csv").set_index("spec").loc[name, "max_abs_smd"], abs=1e-8
    )


def test_effect_and_robust_error_are_those_of_r(spec: tuple) -> None:
    name, run, cohort, sample, balance = spec
    seal = run.write_plan(plan(run.request, [sample], [balance]))
    outcomes = open_outcomes(run.request, run.store(), cohort, [sample], seal)
    effects = pd.read_csv(GOLDEN / "lalonde_effects.csv").set_index("spec").loc[name]
    headline = estimate(run.request, cohort, sample, outcomes).headline
    assert headline.unadjusted.difference == pytest.approx(effects["att"], abs=1e-8)
    matched = sample.people[sample.people["weight"] > 0]
    y = outcomes.loc[matched.index, "re78"].to_numpy()
    arrays = (matched["treated"].to_numpy(), matched["weight"].to_numpy(), matched["person_id"].to_numpy())
    plain = adjusted(y, *arrays, np.empty((len(matched), 0)))
    assert plain.difference == pytest.approx(effects["att"], abs=1e-8)
    # R takes this error through a numerical derivative, good to seven digits.
    assert plain.se == pytest.approx(effects["se_hc3"], rel=1e-7)


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
