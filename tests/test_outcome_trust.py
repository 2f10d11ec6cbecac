"""Trust: each check by hand or against planted truth, and the rule that turns checks into confidence."""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import datalab_helpers
from datalab_helpers.errors import LockError
from datalab_helpers.intake import Cohort
from datalab_helpers.lab import Measure
from datalab_helpers.matching import match
from datalab_helpers.outcome import (
    Checks,
    Design,
    Effect,
    OutcomeEstimate,
    Placebo,
    Verdict,
    adjusted,
    case_of,
    certificate,
    confidence,
    decide,
    detectable,
    estimate,
    placebo,
    reach,
    sensitivity,
    specification_curve,
)
from datalab_helpers.outcome.verdict import LEVELS, room
from datalab_helpers.store import Seal
from tests.study_requests import Made, draw, placebo_of, request, strength_of, with_copies


@pytest.fixture(scope="module")
def studied() -> tuple:
    """A request of 300 people with a planted effect of -0.10, matched and estimated."""
    made, asked = draw(11, 300, 3000, effect=-0.10), request()
    sample = match(asked, made.cohort, asked.analyses[0])
    return asked, made, sample, estimate(asked, made.cohort, sample, made.outcomes).headline


# ---------------------------------------------------------------- every other choice


def test_the_grid_holds_the_headline_and_over_a_hundred_other_choices(studied: tuple) -> None:
    asked, made, sample, headline = studied
    curve = specification_curve(asked, made.cohort, sample, made.outcomes, headline)
    assert len(curve.rows) >= 100
    assert sample.settings["caliper"] in (0.05, 0.1, 0.2)
    same = curve.rows.query(
        "method == 'radius' and exact and covariates == 'all' and adjusted and caliper == @sample.settings['caliper']"
    )
    assert same["difference"].tolist() == [pytest.approx(headline.adjusted.difference, abs=1e-9)]
    assert same["low"].tolist() == [pytest.approx(headline.adjusted.low, abs=1e-9)]
    assert curve.rows["difference"].is_monotonic_increasing
    # All choices look at the same people: they differ by less than the sampling error of about 0.03.
    assert abs(curve.median - headline.adjusted.difference) < 0.03
    assert curve.share_below(curve.median) <= 0.5 <= curve.share_below(curve.median + 1e-12)
    assert curve.same_side == curve.share_below(0.0)


# ---------------------------------------------------------------- hidden differences


def by_hand(low: float, high: float, treatment: float = 0.3, n: int = 51) -> OutcomeEstimate:
    """An estimate of a rate with a given interval, of n people on each side."""
    middle = (low + high) / 2
    effect = Effect(middle, (high - low) / 3.92, low, high, 0.01)
    measure = Measure(name="y", label="Y", kind="binary", good="lower")
    return OutcomeEstimate(
        measure, n, n, float(n), treatment, treatment - middle, n, n, effect, effect, "", 0.1
    )


def test_shifts_robustness_and_e_value_by_hand(studied: tuple) -> None:
    """One yes-or-no covariate: 60 % of 100 treated have it and 20 % of 100 comparators; outcomes 0.5 and 0.25."""
    asked, _, sample, _ = studied
    treated = np.arange(200) < 100
    has = np.where(treated, np.arange(200) % 100 < 60, np.arange(200) % 100 < 20)
    y = np.where(has, np.arange(200) % 2 == 0, np.arange(200) % 4 == 0).astype(float)
    cohort = _cohort_of({"need_0": has.astype(float)}, treated)
    weight = np.ones(200)
    people = cohort.people[["person_id", "treated"]].assign(
        score=0.0, stratum=pd.Categorical(["all"] * 200), weight=weight
    )
    outcomes = pd.DataFrame({"y": y}, index=cohort.people.index)
    found = sensitivity(asked, cohort, replace(sample, people=people), outcomes, by_hand(-0.12, -0.04))
    # 0.4 more of the treated have it, and it goes with 0.25 more of the outcome: 10 in 100.
    assert found.benchmarks[0].shift == pytest.approx(0.4 * 0.25)
    # 4 to 12 fewer is a reduction until it has moved by four.
    assert (found.case, found.needed) == ("A", pytest.approx(0.04))
    assert found.benchmarks[0].changes
    f = 0.08 / (0.08 / 3.92) / np.sqrt(100)
    assert found.robustness_value == pytest.approx((np.sqrt(f**4 + 4 * f**2) - f**2) / 2)
    # 0.30 against 0.38, and against 0.34 at the near end.
    ratios = np.array([0.38, 0.34]) / 0.30
    assert [found.e_value, found.e_value_limit] == pytest.approx(
        list(ratios + np.sqrt(ratios * (ratios - 1)))
    )


def _cohort_of(columns: dict, treated: np.ndarray) -> Cohort:
    made = draw(1, 40, 200)
    people = pd.DataFrame(
        {"person_id": np.arange(len(treated)), "treated": treated, **columns},
        index=pd.RangeIndex(len(treated), name="unit_id"),
    )
    kept = {name: made.cohort.covariates[name] for name in columns}
    return replace(
        made.cohort, people=people, covariates=kept, groups=pd.DataFrame(index=people.index[treated])
    )


def test_a_twin_is_as_strong_however_many_columns_show_the_same(studied: tuple) -> None:
    """Four further columns follow the number of offences closely, as records do; the hidden twin has no such help."""
    asked, made, sample, headline = studied
    alone = sensitivity(asked, made.cohort, sample, made.outcomes, headline).benchmarks[0]
    wide = with_copies(made, 4)
    among = sensitivity(asked, wide.cohort, sample, made.outcomes, headline).benchmarks[0]
    assert alone.label == among.label == "Previous"
    # Held still against its copies it would hardly count; its slope is then known less well, either way.
    assert 0.6 < among.shift / alone.shift < 1.7


def test_what_an_interval_can_bear_before_its_answer_is_lost() -> None:
    """A grid of intervals: moved by less, either way, it says the same or more; moved by that, no longer."""
    answers = {"A": "reduction", "B": "reduction", "C": "none", "D": "none", "E": "", "F": "increase"}
    for kind, good, scale in (("binary", "lower", 0.01), ("count", "lower", 1.0), ("days", "higher", 1.0)):
        measure = Measure(name="y", label="Y", kind=kind, good=good)
        up = 1.0 if good == "lower" else -1.0
        for low, width in itertools.product(np.arange(-9.75, 6, 0.5), (0.6, 1.7, 3.1, 5.2)):
            ends = sorted((up * low * scale, up * (low + width) * scale))
            answer, bears = answers[case_of(measure, *ends, 2.0)], room(measure, *ends, 2.0)
            assert (bears is None) == (answer == "")
            if bears is None:
                continue
            toward = up * (1 if answer == "reduction" else -1)
            for share, same in ((0.5, True), (0.999, True), (1.001, False)):
                moved = [end + toward * share * bears for end in ends]
                assert (answers[case_of(measure, *moved, 2.0)] == answer) is same, (low, width, share)


def test_a_result_that_cannot_tell_has_no_answer_to_lose(studied: tuple) -> None:
    asked, made, sample, _ = studied
    found = sensitivity(asked, made.cohort, sample, made.outcomes, by_hand(-0.05, 0.04))
    assert (found.case, found.needed, found.would_change) == ("E", None, None)
    assert max(b.shift for b in found.benchmarks) > 0.01
    assert "no answer to change" in found._repr_html_()


def test_a_stronger_hidden_difference_never_leaves_an_answer_that_a_weaker_one_changed(
    studied: tuple,
) -> None:
    asked, made, sample, headline = studied
    found = sensitivity(asked, made.cohort, sample, made.outcomes, headline)
    shifts = [b.shift for b in found.benchmarks]
    assert shifts == sorted(shifts, reverse=True)
    assert [b.changes for b in found.benchmarks] == [b.shift >= found.needed for b in found.benchmarks]


# ---------------------------------------------------------------- certificate


def test_the_certificate_finds_honest_intervals_honest_and_short_ones_short(
    studied: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, made, sample, headline = studied
    found = certificate(asked, made.cohort, sample, made.outcomes, headline, repeats=60)
    none, planted = found.trials
    assert (none.planted, planted.planted) == (0.0, pytest.approx(-headline.detectable))
    for trial in found.trials:
        assert abs(trial.bias) < 4 * trial.bias_error
        assert abs(trial.coverage - 0.95) < 4 * trial.coverage_error
    assert planted.found > none.found + 0.3
    assert found.passed
    again = certificate(asked, made.cohort, sample, made.outcomes, headline, repeats=60)
    assert again.trials == found.trials

    def halved(*arrays: np.ndarray) -> Effect:
        e = adjusted(*arrays)
        return replace(e, low=(e.difference + e.low) / 2, high=(e.difference + e.high) / 2)

    monkeypatch.setattr(importlib.import_module("datalab_helpers.outcome.certificate"), "adjusted", halved)
    assert certificate(asked, made.cohort, sample, made.outcomes, headline, repeats=60).passed is False


def test_a_small_pool_gives_no_certificate_and_says_why(studied: tuple) -> None:
    asked = studied[0]
    made = draw(3, 60, 140)
    sample = match(asked, made.cohort, asked.analyses[0])
    headline = estimate(asked, made.cohort, sample, made.outcomes).headline
    found = certificate(asked, made.cohort, sample, made.outcomes, headline)
    assert found.passed is None
    assert "too few" in found.reason


# ---------------------------------------------------------------- placebo


@pytest.mark.parametrize(("more", "passes"), [(0.0, True), (0.9, False)])
def test_the_placebo_sees_the_year_before_and_nothing_later(more: float, passes: bool) -> None:
    """A hundred people chosen for their history before that year, alike within it or with 0.9 offences more."""
    found, records = placebo_of(1, more)
    now = (["PLACEBO"], pd.Timestamp("2021-06-30"))
    assert records.asked == [(["HISTORY"], pd.Timestamp("2020-06-30")), now, now]
    # The sample given is everyone, equally weighted, and people with a longer record were chosen.
    assert found.left.difference > found.estimate.unadjusted.difference
    assert found.passed is passes
    assert found.estimate.n_treatment > 90


def test_an_analysis_table_has_no_placebo_and_says_why(studied: tuple) -> None:
    asked, made, sample, _ = studied
    found = placebo(asked, None, made.cohort, sample)
    assert found.passed is None
    assert "no dated records" in found.reason


def test_what_a_placebo_could_have_seen_by_hand() -> None:
    """50 people on each side, spread 2 before and 0.5 after: 2.8 x 2 x 0.2 = 1.12 a person moves the result by 0.28."""
    count = Measure(name="placebo", label="P", kind="count", good="neither")
    effect = Effect(0.1, 0.4, -0.7, 0.9, 0.8)
    size = detectable(2.0, 50, 50, 0.0)
    assert size == pytest.approx(2.8016 * 0.4, abs=1e-4)
    e = OutcomeEstimate(count, 50, 50, 50.0, 1.1, 1.0, 30, 30, effect, effect, "", size, spread=2.0)
    made, headline = Placebo("A", "P", 12, e), replace(by_hand(-0.4, -0.3), spread=0.5)
    for needed, enough in ((0.28, False), (0.30, False), (0.32, True), (None, None)):
        found = reach(made, headline, needed)
        assert (found.detectable, found.carried) == (size, pytest.approx(size / 4))
        assert found.enough is enough, needed
        assert "1.121 a person" in repr(found)
    # What it saw plays no part; and a time in which nothing varied could have shown nothing.
    seen = replace(made, estimate=replace(e, adjusted=replace(effect, difference=9.0, p=0.0)))
    assert reach(seen, headline, 0.3) == reach(made, headline, 0.3)
    assert reach(replace(made, estimate=replace(e, spread=0.0, detectable=0.0)), headline, 0.3) is None
    assert reach(replace(made, estimate=None), headline, 0.3) is None


def test_a_placebo_of_few_people_is_too_weak_and_one_of_many_is_not() -> None:
    """Twelve requests each, with an effect of -15 per 100; `tests/slow/test_placebo_strength.py` has the sizes between.

    Where the result cannot tell there is no answer to be lost.
    """
    made = {people: [strength_of(300 + i, people, -0.15) for i in range(12)] for people in (60, 700)}
    weak = {people: [s.weak for s in found if s.answer] for people, found in made.items()}
    assert len(weak[60]) >= 5
    assert all(weak[60])
    assert not any(weak[700])
    assert not any(s.weak for found in made.values() for s in found if not s.answer)


# ---------------------------------------------------------------- confidence


GOOD = Checks(placebo=True, hidden="", same_side=1.0, calibrated=True)
WORSE = {
    "balance": ["pass with reservations", "fail"],
    "analysed_share": [0.1],
    "estimates_agree": [False],
    "late_share": [0.5],
    "selected": [True],
    "checks": [
        None,
        replace(GOOD, placebo=False),
        replace(GOOD, placebo=None),
        replace(GOOD, weak=True),
        replace(GOOD, hidden="age"),
        replace(GOOD, same_side=0.5),
        replace(GOOD, calibrated=False),
        replace(GOOD, calibrated=None),
        replace(GOOD, complete=False),
        Checks(False, "age", 0.5, False),
    ],
}


def test_confidence_is_high_only_where_everything_holds() -> None:
    best = Design("pass", [], 0.8, checks=GOOD)
    assert confidence(best) == ("high", [])
    assert decide(-5, -3, 2, "lower", best) == Verdict("A", "high", "", [])
    for name, values in WORSE.items():
        for value in values:
            design = replace(Design("pass", ["r"], 0.8, checks=GOOD), **{name: value})
            level, reasons = confidence(design)
            assert level != "high", (name, value)
            assert reasons


def test_a_weak_placebo_counts_as_one_that_could_not_be_made() -> None:
    """One level together with the other checks that were not made, and none beside a difference that was found."""

    def told(checks: Checks) -> tuple[str, list[str]]:
        return confidence(Design("pass", [], 0.8, checks=checks))

    level, [reason] = told(replace(GOOD, weak=True))
    assert level == "moderate"
    assert "could have escaped the check of the time before" in reason
    assert told(replace(GOOD, weak=True, calibrated=None))[0] == "moderate"
    for other in (replace(GOOD, placebo=False), replace(GOOD, placebo=None), replace(GOOD, hidden="age")):
        assert told(replace(other, weak=True)) == told(other)


def test_on_a_grid_each_fault_takes_at_least_nothing_and_a_reason_is_always_given() -> None:
    """512 designs: a fault more never raises confidence, and each level lost has its reason."""
    options = [
        ("pass", "pass with reservations"),
        (0.8, 0.1),
        (True, False),
        (0.0, 0.5),
        (False, True),
        (True, False),
        ("", "age"),
        (1.0, 0.4),
        (True, False),
    ]
    levels = {}
    for faults in itertools.product((0, 1), repeat=9):
        v = [pair[fault] for pair, fault in zip(options, faults, strict=True)]
        design = Design(v[0], ["r"], v[1], v[2], v[3], v[4], Checks(v[5], v[6], v[7], v[8]))
        level, reasons = confidence(design)
        levels[faults] = LEVELS.index(level)
        assert len(reasons) == sum(faults)
        assert levels[faults] == min(sum(faults), 3)
    for faults, level in levels.items():
        for place in (i for i, fault in enumerate(faults) if fault):
            assert level >= levels[(*faults[:place], 0, *faults[place + 1 :])]


# ---------------------------------------------------------------- the lock


def public_doors() -> list[tuple[str, object]]:
    """Every public function and method of the package that takes a seal."""
    found = {}
    for module in pkgutil.walk_packages(datalab_helpers.__path__, "datalab_helpers."):
        if module.name.endswith("__main__"):
            continue
        inside = importlib.import_module(module.name)
        for owner in (
            inside,
            *(c for _, c in inspect.getmembers(inside, inspect.isclass) if c.__module__ == module.name),
        ):
            for name, door in inspect.getmembers(owner, inspect.isfunction):
                if not name.startswith("_") and "seal" in inspect.signature(door).parameters:
                    found[f"{door.__module__}.{door.__qualname__}"] = door
    return sorted(found.items())


def test_no_public_call_reads_an_outcome_before_the_plan_is_sealed(tmp_path: Path) -> None:
    """Every door that leads to outcomes takes a seal, and refuses one without a plan or of a changed plan."""
    doors = public_doors()
    assert {name.rsplit(".", 1)[-1] for name, _ in doors} == {"decided", "follow_up", "open_outcomes"}
    changed = tmp_path / "plan.json"
    changed.write_text("{}")
    for name, door in doors:
        wanted = inspect.signature(door).parameters
        for seal in (Seal(tmp_path / "none.json", ""), Seal(changed, "0" * 64)):
            with pytest.raises(LockError, match="outcomes stay closed"):
                door(**{p: seal if p == "seal" else None for p in wanted})  # type: ignore[operator]
        assert "follow_up" in name or "outcome" in name


# ---------------------------------------------------------------- small samples and second implementations


@pytest.mark.parametrize("positive", [0, 1, 29, 30])
def test_separation_in_the_outcome_breaks_nothing(positive: int) -> None:
    """30 people of whom none, one, all but one or all have it, with a covariate that tells exactly who."""
    treated = np.arange(330) < 30
    y = np.where(treated, np.arange(330) < positive, np.arange(330) % 3 == 0).astype(float)
    x = np.column_stack([y, np.linspace(-1, 1, 330), np.linspace(-1, 1, 330)])
    for covariates in (x, x[:, 1:]):
        e = adjusted(y, treated, np.where(treated, 1.0, 0.1), np.arange(330), covariates)
        assert np.isfinite([e.difference, e.se, e.low, e.high, e.p]).all()


def test_regression_imputation_with_its_influence_function_agrees(studied: tuple) -> None:
    """The untreated outcome is imputed from the comparison group alone; its error comes from another formula."""
    _, made, sample, headline = studied
    people = sample.people[sample.people["weight"] > 0]
    from datalab_helpers.outcome.estimate import adjusters_of

    x = adjusters_of(made.cohort, sample).rows(sample.people["weight"].to_numpy() > 0).full
    z = np.column_stack([np.ones(len(x)), x])
    y, t, w = (
        made.outcomes.loc[people.index, "y"].to_numpy(),
        people["treated"].to_numpy(),
        people["weight"].to_numpy(),
    )
    zc, wc = z[~t], w[~t]
    bread = np.linalg.pinv(zc.T @ (zc * wc[:, None]))
    beta = bread @ (zc.T @ (wc * y[~t]))
    left = y[t] - z[t] @ beta
    middle = z[t].mean(axis=0)
    of_comparison = (zc @ bread @ middle) * wc * (y[~t] - zc @ beta)
    se = np.sqrt(left.var(ddof=1) / t.sum() + (of_comparison**2).sum())
    assert left.mean() == pytest.approx(headline.adjusted.difference, abs=0.15 * headline.adjusted.se)
    assert se == pytest.approx(headline.adjusted.se, rel=0.08)


def test_the_clock_that_starts_at_release_shows_an_inert_programme_as_good_and_ours_does_not() -> None:
    """Averages over 12 requests of 400 people; an error of about 0.007 each."""
    asked, found = request(), {"participation": [], "release": []}
    for clock, seed in itertools.product(found, range(12)):
        made: Made = draw(100 + seed, 400, 4000, after_release=clock)
        sample = match(asked, made.cohort, asked.analyses[0])
        found[clock].append(estimate(asked, made.cohort, sample, made.outcomes).headline.adjusted.difference)
    assert abs(np.mean(found["participation"])) < 0.025
    assert np.mean(found["release"]) < -0.04
