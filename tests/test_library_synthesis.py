"""The statistics of the library: by hand, against published figures, another way round, and against planted truth.

Figures of metafor are those that its README and its own tests print (github.com/wviechtb/metafor, README.md and
tests/testthat/test_analysis_example_konstantopoulos2011.r); data of 56 schools from its sister metadat
(data-raw/dat.konstantopoulos2011.txt), of 13 vaccine trials from the same README.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from statsmodels.stats.meta_analysis import combine_effects

from datalab_helpers.library.synthesis import (
    Prior,
    by_group,
    by_scale,
    by_student,
    chance_sum,
    false_discovery,
    flagged,
    one_more,
    pool,
    predict,
    regress,
    shrink,
    small_study,
)
from datalab_helpers.library.synthesis.likelihood import fit, restricted, results

# Ill and well of the vaccinated, ill and well of the others, absolute latitude: Colditz and others 1994.
VACCINE = np.array(
    [
        [4, 119, 11, 128, 44], [6, 300, 29, 274, 55], [3, 228, 11, 209, 42], [62, 13536, 248, 12619, 52],
        [33, 5036, 47, 5761, 13], [180, 1361, 372, 1079, 44], [8, 2537, 10, 619, 19], [505, 87886, 499, 87892, 13],
        [29, 7470, 45, 7232, 27], [17, 1699, 65, 1600, 42], [186, 50448, 141, 27197, 18], [5, 2493, 3, 2338, 33],
        [27, 16886, 29, 17825, 33],
    ],
    dtype=float,
).T  # fmt: skip
A, B, C, D, LATITUDE = VACCINE
RISK = np.log(A / (A + B) / (C / (C + D)))
RISK_ERROR = np.sqrt(1 / A - 1 / (A + B) + 1 / C - 1 / (C + D))
ODDS, ODDS_ERROR = np.log(A * D / (B * C)), np.sqrt(1 / A + 1 / B + 1 / C + 1 / D)

# Konstantopoulos 2011: difference and variance of each school, by district.
SCHOOLS = {
    11: [(-0.18, 0.118), (-0.22, 0.118), (0.23, 0.144), (-0.30, 0.144)],
    12: [(0.13, 0.014), (-0.26, 0.014), (0.19, 0.015), (0.32, 0.024)],
    18: [(0.45, 0.023), (0.38, 0.043), (0.29, 0.012)],
    27: [(0.16, 0.020), (0.65, 0.004), (0.36, 0.004), (0.60, 0.007)],
    56: [(0.08, 0.019), (0.04, 0.007), (0.19, 0.005), (-0.06, 0.004)],
    58: [(-0.18, 0.020), (0, 0.018), (0, 0.019), (-0.28, 0.022), (-0.04, 0.020), (-0.30, 0.021), (0.07, 0.006),
         (0, 0.007), (0.05, 0.007), (-0.08, 0.007), (-0.09, 0.007)],
    71: [(0.30, 0.015), (0.98, 0.011), (1.19, 0.010)],
    86: [(-0.07, 0.001), (-0.05, 0.001), (-0.01, 0.001), (0.02, 0.001), (-0.03, 0.001), (0, 0.001), (0.01, 0.001),
         (-0.10, 0.001)],
    91: [(0.50, 0.010), (0.66, 0.011), (0.20, 0.010), (0, 0.009), (0.05, 0.013), (0.07, 0.013)],
    108: [(-0.52, 0.031), (0.70, 0.031), (-0.03, 0.030), (0.27, 0.030), (-0.34, 0.030)],
    644: [(0.12, 0.087), (0.61, 0.082), (0.04, 0.067), (-0.05, 0.067)],
}  # fmt: skip
DISTRICT = np.repeat(list(SCHOOLS), [len(each) for each in SCHOOLS.values()])
SCHOOL, SCHOOL_ERROR = np.array([pair for each in SCHOOLS.values() for pair in each]).T
SCHOOL_ERROR = np.sqrt(SCHOOL_ERROR)


def to_4(value: float):
    return pytest.approx(value, abs=0.5001e-4)


# ---------------------------------------------------------------- by hand


def test_two_results_by_hand() -> None:
    found = pool([-2, -6], [1, 1])
    # Mean -4; Q = 4/1 + 4/1 = 8; sample variance 8 = tau2 + 1; error sqrt(8 / 2) = 2; t(1) = 12.7062.
    assert (found.k, found.mean, found.q) == (2, pytest.approx(-4), pytest.approx(8))
    assert found.tau2 == pytest.approx(7, abs=1e-6)
    assert found.tau == pytest.approx(math.sqrt(7), abs=1e-6)
    assert found.error == pytest.approx(2, abs=1e-6)
    assert found.interval == pytest.approx((-4 - 25.4124, -4 + 25.4124), abs=1e-3)
    assert found.wald == pytest.approx((-4 - 3.91993, -4 + 3.91993), abs=1e-4)
    # Typical variance 1 * 2 / (4 - 2) = 1, so I2 = 7 / 8. Chi squared of 1 degree: 5.02389 and 0.00098207.
    assert found.i2 == pytest.approx(7 / 8)
    assert found.tau2_interval == pytest.approx((8 / 5.02389 - 1, 8 / 0.00098207 - 1), rel=1e-4)
    assert {round(pool([-2, -6], [1, 1], method=m).tau2, 6) for m in ("DL", "PM")} == {7.0}


def test_results_closer_than_chance_are_not_narrower_than_their_errors() -> None:
    found = pool([-3, -3, -3.1], [4, 4, 4])
    # tau2 zero: error 4 / sqrt(3); plain Hartung-Knapp would be all but a point.
    assert found.tau2 == 0
    assert found.interval.high - found.mean == pytest.approx(stats.t.ppf(0.975, 2) * 4 / math.sqrt(3))
    assert found.hartung_knapp.high - found.hartung_knapp.low < 0.3
    assert found.tau2_interval.low == 0


def test_one_result_and_none_say_what_they_cannot_tell() -> None:
    one, none = pool([-4], [2]), pool([], [])
    assert one.interval == pytest.approx((-4 - 3.91993, -4 + 3.91993), abs=1e-4)
    assert (one.k, one.tau2, one.i2, one.q) == (1, None, None, None)
    assert "unknown" in one.note
    assert (none.k, none.mean, none.interval) == (0, None, (None, None))
    assert none.note
    assert pool([-2, -6], [1, 1]).note == ""


def test_two_organisations_of_two_results_by_hand() -> None:
    found = pool([-2, -4, -6, -8], [1, 1, 1, 1], ["a", "a", "b", "b"])
    # Balanced, so REML is the analysis of variance: inside 4 / 2 = 2 = within + 1; between 2 (4 + 4) / 1 = 16
    # = 2 between + 2. Variance of the mean 16 / 4.
    assert (found.within, found.between) == (pytest.approx(1, abs=1e-5), pytest.approx(7, abs=1e-5))
    assert (found.k, found.organisations, found.method) == (4, 2, "REML, three levels")
    assert found.error == pytest.approx(2, abs=1e-5)
    assert found.interval.high - found.mean == pytest.approx(2 * 12.7062, abs=1e-3)
    assert found.tau2_interval == (None, None)


def test_one_organisation_alone_is_named_so() -> None:
    found = pool([-2, -6], [1, 1], ["a", "a"])
    assert found.organisations == 1
    assert "one organisation's" in found.note
    assert found.mean == pytest.approx(-4)


def test_chance_by_hand() -> None:
    found = chance_sum(61, 5, 0)
    assert found.expected == pytest.approx(1.525)
    assert found.increases_chance == 1
    # Of two, at least one: 1 - 0.975 squared.
    assert chance_sum(2, 1, 2).reductions_chance == pytest.approx(0.049375)
    assert chance_sum(2, 1, 2).increases_chance == pytest.approx(0.000625)
    assert chance_sum(0, 0, 0).reductions_chance == 1
    assert flagged([-5, -1, 1, 0], [-1, 1, 4, 2]) == (1, 1)


def test_false_discovery_by_hand() -> None:
    # Sorted 0.01, 0.02, 0.03, 0.5: times 4/1, 4/2, 4/3, 1, and none above the next.
    found = false_discovery([0.5, 0.02, 0.01, 0.03])
    assert found.adjusted == pytest.approx([0.5, 0.04, 0.04, 0.04])
    assert found.kept.tolist() == [False, True, True, True]
    assert len(false_discovery([]).kept) == 0


def test_two_groups_by_hand() -> None:
    found = by_group([-2, -4, -6, -8], [1, 1, 1, 1], ["a", "a", "b", "b"])
    # Spread inside 4 / 2 = 2 = tau2 + 1; each mean has variance 2 / 2, their difference 2; F = 16 / 2 of (1, 2).
    assert found.tau2 == pytest.approx(1, abs=1e-5)
    assert [(g.name, g.k, round(g.mean.value, 6)) for g in found.groups] == [("a", 2, -3), ("b", 2, -7)]
    (pair,) = found.differences
    assert (pair.first, pair.second, pair.difference.value) == ("a", "b", pytest.approx(4))
    assert pair.difference.error == pytest.approx(math.sqrt(2), abs=1e-5)
    assert (found.f, found.degrees) == (pytest.approx(8, abs=1e-4), (1, 2))
    assert found.p == pytest.approx(pair.difference.p) == pytest.approx(0.105573, abs=1e-5)


def test_groups_that_cannot_be_compared() -> None:
    assert by_group([-2, -4], [1, 1], ["a", "b"]) is None
    assert by_group([-2, -4], [1, 1], ["a", "a"]) is None
    # Two organisations, each in both groups: none left to tell with.
    both = by_group([-2, -4, -6, -8], [1, 1, 1, 1], ["a", "b", "a", "b"], ["x", "x", "y", "y"])
    assert (both.p, both.groups[0].mean.interval) == (None, (None, None))
    with pytest.raises(ValueError, match="2 results"):
        regress([1, 2], [1, 1], np.eye(2))
    assert small_study([1, 2, 3], [1, 1, 1]) is None
    assert small_study([1, 2, 3], [1, 1 + 1e-15, 1 - 1e-15]) is None


def test_the_value_of_one_more_by_hand() -> None:
    # Variance of a result 9 + 16 = 25: one gives 2 * 1.96 * 5; a second takes it to that over sqrt(2).
    found = one_more([-3], [4], 9, 4)
    assert (found.now, found.after) == (pytest.approx(19.5996, abs=1e-4), pytest.approx(13.8590, abs=1e-4))
    assert found.narrowing == pytest.approx(1 - 1 / math.sqrt(2))
    empty = one_more([], [], 9, 4)
    assert (empty.now, empty.narrowing, empty.after) == (None, None, pytest.approx(19.5996, abs=1e-4))
    # Two of one organisation, tau2 half shared: variance 4.5 + (4.5 + 16) / 2 = 14.75.
    two = one_more([-3, 1], [4, 4], 9, 4, ["a", "a"])
    assert two.now == pytest.approx(2 * 1.959964 * math.sqrt(14.75), abs=1e-4)
    assert found.best == pytest.approx(2 * 1.959964 / math.sqrt(1 / 25 + 1 / 9), abs=1e-4)


# ---------------------------------------------------------------- published figures


def test_the_vaccine_trials_are_pooled_as_published() -> None:
    found = pool(RISK, RISK_ERROR)
    assert (found.mean, found.tau2, found.tau) == (to_4(-0.7145), to_4(0.3132), to_4(0.5597))
    assert found.hartung_knapp == (to_4(-1.1084), to_4(-0.3206))
    assert (found.hartung_knapp.high - found.mean) / stats.t.ppf(0.975, 12) == to_4(0.1808)
    assert (found.q, 100 * found.i2) == (to_4(152.2330), pytest.approx(92.22, abs=0.005))
    assert pool(RISK, RISK_ERROR, method="DL").tau2 == to_4(0.3088)
    assert pool(RISK, RISK_ERROR, method="PM").tau2 == to_4(0.3181)
    assert found.interval == found.hartung_knapp  # q is above 1 here


def test_the_spread_of_odds_has_the_published_interval() -> None:
    # metafor-project.org, analyses:vanhouwelingen2002: 0.1302 to 1.1812 for the log odds ratios. Its root finder
    # stops within 1e-4; ours ends where Q is the quantile: 0.13015.
    ends = pool(ODDS, ODDS_ERROR).tau2_interval
    assert ends == (pytest.approx(0.1302, abs=1e-4), to_4(1.1812))
    rows = results(ODDS, ODDS_ERROR)
    at_ends = [fit(rows, np.ones((13, 1)), end, 0.0).square for end in ends]
    assert at_ends == pytest.approx(stats.chi2.ppf([0.975, 0.025], 12), abs=1e-8)


def test_latitude_moderates_as_published() -> None:
    found = regress(RISK, RISK_ERROR, np.column_stack([np.ones(13), LATITUDE]), modified=False)
    start, slope = found.coefficients
    assert (start.value, start.error) == (to_4(0.2515), to_4(0.2839))
    assert (slope.value, slope.error, slope.p) == (to_4(-0.0291), to_4(0.0082), to_4(0.0046))
    assert slope.interval == (to_4(-0.0472), to_4(-0.0111))
    assert (found.q, found.q_p, found.degrees) == (to_4(30.7331), to_4(0.0012), 11)
    # Printed as 0.0764, and p as 0.3948 and the interval from -0.3735: metafor stops when a step is below 1e-5, at
    # 0.076355 (its steps, repeated, end there). The likelihood's peak is at 0.076348, and these follow it.
    assert (found.tau2, start.p) == (pytest.approx(0.0764, abs=1e-4), pytest.approx(0.3948, abs=1e-4))
    assert start.interval == pytest.approx((-0.3735, 0.8764), abs=1e-4)
    rows = results(RISK, RISK_ERROR)
    x = np.column_stack([np.ones(13), LATITUDE])[rows.order]
    fine = np.linspace(0.0760, 0.0768, 801)
    best = fine[np.argmax([fit(rows, x, t, 0.0).likelihood for t in fine])]
    assert found.tau2 == pytest.approx(best, abs=1e-6)


def test_small_trials_differ_as_published() -> None:
    found = small_study(RISK, RISK_ERROR, modified=False)
    assert found.slope.value / found.slope.error == to_4(-0.7812)
    assert (found.slope.p, found.degrees) == (to_4(0.4512), 11)
    assert (found.limit.value, *found.limit.interval) == (to_4(-0.5104), to_4(-1.2123), to_4(0.1915))


def test_schools_in_districts_are_pooled_as_published() -> None:
    found = pool(SCHOOL, SCHOOL_ERROR, DISTRICT)
    assert (found.k, found.organisations) == (56, 11)
    assert (found.mean, found.error) == (to_4(0.1847), to_4(0.0846))
    assert (found.between, found.within) == (to_4(0.0651), to_4(0.0327))
    # Its log-likelihood keeps constants that ours leaves out: log(k) / 2 - (k - 1) log(2 pi) / 2.
    rows = results(SCHOOL, SCHOOL_ERROR, DISTRICT)
    ours = fit(rows, np.ones((56, 1)), found.between, found.within).likelihood
    assert ours + math.log(56) / 2 - 55 * math.log(2 * math.pi) / 2 == to_4(-7.9587)
    flat = pool(SCHOOL, SCHOOL_ERROR)
    assert [round(x, 3) for x in (flat.mean, flat.error, flat.tau2)] == [0.128, 0.044, 0.088]
    assert [round(x, 3) for x in flat.tau2_interval] == [0.056, 0.139]


def test_intervals_for_a_new_place_by_t_are_as_published() -> None:
    pooled = pool(RISK, RISK_ERROR)
    one, two = by_student(pooled)
    assert [round(math.exp(x), 2) for x in one] == [0.14, 1.76]
    # -0.7145 and -+ t(11) = 2.20099 times sqrt(0.3132 + 0.1798 squared) = 0.58784.
    assert two == pytest.approx((-0.7145 - 1.29383, -0.7145 + 1.29383), abs=2e-4)
    assert by_student(pool([-4], [2])) == ((None, None), (None, None))
    assert by_student(pool([-4, -2], [2, 2]))[1] == (None, None)


# ---------------------------------------------------------------- another way round


def test_moments_are_those_of_statsmodels() -> None:
    for method in ("DL", "PM"):
        ours, theirs = (
            pool(RISK, RISK_ERROR, method=method),
            combine_effects(RISK, RISK_ERROR**2, method_re=method.lower(), use_t=True),
        )
        assert ours.tau2 == pytest.approx(theirs.tau2, abs=1e-6)
        assert ours.hartung_knapp == pytest.approx(tuple(theirs.conf_int()[3]), abs=1e-5)


def test_the_likelihood_is_that_of_the_whole_matrix() -> None:
    rng = np.random.default_rng(4)
    rows = results(rng.normal(-3, 4, 9), rng.uniform(1, 6, 9), list("aabbbcdef"))
    x = np.column_stack([np.ones(9), rng.normal(size=9)])
    found = fit(rows, x, 5.0, 2.0)
    same = rows.organisation[:, None] == rows.organisation
    v = np.diag(rows.errors**2 + 2.0) + 5.0 * same
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    b = np.linalg.solve(information, x.T @ inverse @ rows.effects)
    r = rows.effects - x @ b
    assert found.coefficients == pytest.approx(b)
    assert found.covariance == pytest.approx(np.linalg.inv(information))
    assert found.square == pytest.approx(r @ inverse @ r)
    whole = np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1] + r @ inverse @ r
    assert found.likelihood == pytest.approx(-whole / 2)


def test_no_point_of_a_fine_grid_is_likelier_than_the_variances_found() -> None:
    rng = np.random.default_rng(8)
    for _ in range(5):
        names = rng.integers(0, 6, 14)
        y = rng.normal(-3, 3, 6)[names] + rng.normal(0, 2, 14)
        rows = results(y, rng.uniform(1.5, 5, 14), names)
        ones = np.ones((14, 1))
        best = fit(rows, ones, *restricted(rows, ones)).likelihood
        grid = np.linspace(0, 40, 25)
        assert best >= max(fit(rows, ones, a, b).likelihood for a in grid for b in grid) - 1e-8


Y3, S3 = np.array([-8.0, -1.0, -4.0]), np.array([3.0, 2.0, 5.0])


def test_the_new_place_is_that_of_double_integrals() -> None:
    found = predict(Y3, S3, delta=2)

    def integral(of) -> float:
        mu, tau = np.meshgrid(np.linspace(-60, 55, 461), np.linspace(0, 20, 401))
        spread = np.sqrt(S3**2 + tau[..., None] ** 2)
        joint = np.exp(-0.5 * (tau / 5) ** 2) * stats.norm.pdf(Y3, mu[..., None], spread).prod(axis=2)
        return integrate.simpson(integrate.simpson(joint * of(mu, tau), mu[0], axis=1), tau[:, 0])

    total = integral(lambda mu, tau: np.ones_like(mu))
    assert found.mean == pytest.approx(integral(lambda mu, tau: mu) / total, abs=1e-4)

    def below(value: float):
        return lambda mu, tau: stats.norm.cdf((value - mu) / np.maximum(tau, 1e-9))

    assert found.below_zero == pytest.approx(integral(below(0)) / total, abs=1e-4)
    assert found.below_delta == pytest.approx(integral(below(-2)) / total, abs=1e-4)
    assert integral(below(found.interval.low)) / total == pytest.approx(0.025, abs=1e-4)
    assert integral(below(found.interval.high)) / total == pytest.approx(0.975, abs=1e-4)
    # Half of the posterior lies below the median of tau, and 2.5 % below its interval.
    assert integral(lambda mu, tau: tau < found.tau_median) / total == pytest.approx(0.5, abs=0.01)
    assert integral(lambda mu, tau: tau < found.tau_interval.low) / total == pytest.approx(0.025, abs=0.01)


def test_a_shrunk_result_is_its_posterior_in_the_joint_model() -> None:
    """Leaving it out and putting it back gives what all results at once give: once by the grid, once by draws."""
    for place, found in enumerate(shrink(Y3, S3, delta=2)):
        tau = np.linspace(0, 20, 4001)[:, None]
        variance = S3**2 + tau**2
        p = (1 / variance).sum(axis=1)
        m = (Y3 / variance).sum(axis=1) / p
        log = -0.5 * (
            (tau[:, 0] / 5) ** 2 + np.log(variance).sum(1) + ((Y3 - m[:, None]) ** 2 / variance).sum(1)
        ) - 0.5 * np.log(p)
        weight = np.exp(log - log.max()) / np.exp(log - log.max()).sum()
        kept = tau[:, 0] ** 2 / variance[:, place]
        centre = kept * Y3[place] + (1 - kept) * m
        spread = np.sqrt(kept * S3[place] ** 2 + (1 - kept) ** 2 / p)
        assert found.estimate == pytest.approx(weight @ centre, abs=2e-3)
        assert found.below_zero == pytest.approx(weight @ stats.norm.cdf(-centre / spread), abs=2e-4)
        assert found.below_delta == pytest.approx(weight @ stats.norm.cdf((-2 - centre) / spread), abs=2e-4)


def test_repeats_are_weighed_as_in_the_whole_matrix() -> None:
    y, s, names = np.array([-8.0, -2.0, -4.0, 1.0]), np.array([3.0, 2.0, 5.0, 4.0]), ["a", "a", "b", "c"]
    prior = Prior(5.0, 41, (0.3, 0.8))
    found = predict(y, s, names, prior=prior)
    same = np.array([[n == m for m in names] for n in names])
    weights, means = [], []
    for i, tau in enumerate(np.linspace(0, 20, 41)):
        for share in prior.shares:
            v = np.diag(s**2) + tau**2 * (share * same + (1 - share) * np.eye(4))
            inverse = np.linalg.inv(v)
            p = inverse.sum()
            m = (inverse @ y).sum() / p
            ends = 0.5 if i in (0, 40) else 1.0
            square = (y - m) @ inverse @ (y - m)
            weights.append(
                ends * math.exp(-0.5 * (tau / 5) ** 2 - 0.5 * square) / math.sqrt(np.linalg.det(v) * p)
            )
            means.append(m)
    assert found.mean == pytest.approx(np.average(means, weights=weights), abs=1e-9)


def test_one_result_leaves_the_spread_to_the_prior() -> None:
    found = predict([-4], [2], delta=1)
    # Half-normal(5): median 5 * 0.67449; mean squared tau 25, so a new place has variance 4 + 2 * 25.
    assert found.tau_median == pytest.approx(3.37245, abs=2e-3)
    assert found.mean == pytest.approx(-4)
    assert found.new.deviation**2 == pytest.approx(54, abs=0.1)
    assert predict([], []) is None
    narrow, declared, wide = by_scale([-4, -1], [2, 2])
    assert [each.prior.scale for each in (narrow, declared, wide)] == [2.5, 5.0, 10.0]
    assert narrow.interval.high < declared.interval.high < wide.interval.high


def test_alone_nothing_is_shrunk_and_it_says_so() -> None:
    (one,) = shrink([-4], [2])
    assert (one.estimate, one.others, one.expected) == (-4, 0, None)
    assert one.note
    assert one.below_zero == pytest.approx(stats.norm.cdf(2))
    two = shrink([-4, -2], [2, 3], ["a", "a"])
    assert [each.estimate for each in two] == [-4, -2]
    assert shrink([], []) == []


def test_an_organisation_does_not_vouch_for_itself() -> None:
    alone = shrink([-9, -3, -1, -2], [3, 3, 3, 3], ["a", "b", "c", "d"])[0]
    repeated = shrink([-9, -9, -9, -3, -1, -2], [3, 3, 3, 3, 3, 3], ["a", "a", "a", "b", "c", "d"])[0]
    assert repeated.others == alone.others == 3
    assert repeated.expected == pytest.approx(alone.expected, abs=1e-9)
    assert repeated.estimate == pytest.approx(alone.estimate, abs=1e-9)


# ---------------------------------------------------------------- properties

LISTS = st.lists(
    st.tuples(
        st.integers(-300, 300).map(lambda n: n / 10),
        st.integers(15, 90).map(lambda n: n / 10),
        st.integers(0, 5),
    ),
    min_size=2,
    max_size=9,
)
FEW = settings(max_examples=12, deadline=None)


@FEW
@given(LISTS)
def test_intervals_are_never_narrower_than_the_plain_ones(rows) -> None:
    y, s, names = map(np.array, zip(*rows, strict=True))
    for clusters in (None, names):
        found = pool(y, s, clusters)
        assert found.interval.low <= min(found.hartung_knapp.low, found.wald.low) + 1e-9
        assert found.interval.high >= max(found.hartung_knapp.high, found.wald.high) - 1e-9
        assert y.min() - 1e-9 <= found.mean <= y.max() + 1e-9
        assert 0 <= found.i2 < 1
    if found.tau2_interval.low is not None:
        assert found.tau2_interval.low <= found.tau2_interval.high


@FEW
@given(LISTS, st.integers(-50, 50), st.sampled_from([0.25, 3.0]))
def test_another_level_or_unit_changes_nothing_else(rows, shift, unit) -> None:
    y, s, names = map(np.array, zip(*rows, strict=True))
    for clusters in (None, names):
        here, there = pool(y, s, clusters), pool(shift + unit * y, unit * s, clusters)
        # The likelihood is flat at its peak: tau2 is found to some seven digits.
        assert there.tau2 == pytest.approx(unit**2 * here.tau2, rel=1e-4, abs=1e-3)
        assert there.mean == pytest.approx(shift + unit * here.mean, rel=1e-3, abs=1e-3)
    here = predict(y, s, names, prior=Prior(5.0, 81))
    there = predict(shift + unit * y, unit * s, names, prior=Prior(5.0 * unit, 81))
    assert there.interval == pytest.approx([shift + unit * x for x in here.interval], abs=1e-6)
    assert there.tau_median == pytest.approx(unit * here.tau_median)
    mine, theirs = (
        shrink(y, s, names, prior=Prior(5.0, 81)),
        shrink(shift + unit * y, unit * s, names, prior=Prior(5.0 * unit, 81)),
    )
    for one, other in zip(mine, theirs, strict=True):
        assert other.estimate == pytest.approx(shift + unit * one.estimate, abs=1e-6)


@FEW
@given(LISTS, st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(rows, chance) -> None:
    mixed = list(range(len(rows)))
    chance.shuffle(mixed)
    y, s, names = map(np.array, zip(*rows, strict=True))
    prior = Prior(5.0, 41)
    for clusters in (None, names):
        other = None if clusters is None else clusters[mixed]
        assert pool(y, s, clusters) == pool(y[mixed], s[mixed], other)
        one, two = predict(y, s, clusters, prior=prior), predict(y[mixed], s[mixed], other, prior=prior)
        assert (one.interval, one.below_zero) == (two.interval, two.below_zero)
        here, there = shrink(y, s, clusters, prior=prior), shrink(y[mixed], s[mixed], other, prior=prior)
        assert [here[i] for i in mixed] == there


@FEW
@given(LISTS)
def test_a_mirror_image_is_mirrored(rows) -> None:
    y, s, names = map(np.array, zip(*rows, strict=True))
    here, there = (
        predict(y, s, names, prior=Prior(5.0, 41)),
        predict(-y, s, names, prior=Prior(5.0, 41)),
    )
    assert here.below_zero == pytest.approx(1 - there.below_zero, abs=1e-9)
    assert here.interval.low == pytest.approx(-there.interval.high, abs=1e-6)
    for one in shrink(y, s, prior=Prior(5.0, 41)):
        assert y.min() - 1e-9 <= one.estimate <= y.max() + 1e-9
        assert one.interval.low < one.estimate < one.interval.high


def test_results_are_frozen_and_inputs_left_alone() -> None:
    y, s = Y3.copy(), S3.copy()
    found = pool(y, s), predict(y, s), shrink(y, s)[0]
    assert (y == Y3).all()
    assert (s == S3).all()
    for each in found:
        with pytest.raises(dataclasses.FrozenInstanceError):
            each.k = 0


# ---------------------------------------------------------------- planted truth


def library(rng: np.random.Generator, k: int, spread: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(truth, effects, errors) of k requests, a median of 150 people each, in points; mean effect -3."""
    people = np.clip(rng.lognormal(math.log(150), 0.8, k), 40, 1_200)
    errors = 100 * np.sqrt(0.35 * 0.65 / people * 1.2)  # five comparators a person
    truth = rng.normal(-3, spread, k)
    return truth, rng.normal(truth, errors), errors


def test_intervals_cover_a_planted_truth() -> None:
    rng, hits = np.random.default_rng(12), []
    for _ in range(120):
        _, y, s = library(rng, 10, 3.0)
        mean, new = pool(y, s).interval, predict(y, s, prior=Prior(5.0, 81)).interval
        place = rng.normal(-3, 3)
        hits.append((mean.low <= -3 <= mean.high, new.low <= place <= new.high))
    # A hundred and twenty: a standard error of 2 points; the slow test measures.
    assert (np.mean(hits, axis=0) >= 0.90).all()


def test_shrunk_results_are_nearer_the_truth() -> None:
    rng, raw, shrunk = np.random.default_rng(5), [], []
    for _ in range(10):
        truth, y, s = library(rng, 61, 3.0)
        raw.append(np.mean((y - truth) ** 2))
        shrunk.append(np.mean((np.array([x.estimate for x in shrink(y, s)]) - truth) ** 2))
    assert np.mean(shrunk) < 0.5 * np.mean(raw)
