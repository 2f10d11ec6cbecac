"""What any match must keep, over made people; `test_matching_properties` and the slow target run these.

Each property is a function of hypothesis's `draw`, so that both can run it as often as they like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from datalab_helpers.errors import MatchingError
from datalab_helpers.matching import Levels, Scored, scored, specification, standardised_differences
from datalab_helpers.matching.specification import scale
from datalab_helpers.request import MatchingSettings

SETTINGS = st.builds(
    MatchingSettings,
    method=st.sampled_from(["radius", "nearest", "kernel"]),
    scale=st.sampled_from(["logit", "probability"]),
    caliper_unit=st.sampled_from(["sd", "score"]),
    replacement=st.booleans(),
    ratio=st.integers(1, 4),
    common_support=st.sampled_from(["none", "treated_range", "both"]),
)
CALIPERS = st.sampled_from([0.01, 0.05, 0.2, 1.0])


@dataclass
class People:
    """Made people in the order of their ids."""

    treated: np.ndarray
    score: np.ndarray
    stratum: np.ndarray

    def ready(self) -> Scored:
        return scored(self.treated, self.score, self.stratum)


@st.composite
def people(draw: st.DrawFn, strata: int = 3) -> People:
    """Up to 30 people of both groups, with many equal scores."""
    n = draw(st.integers(4, 30))
    treated = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    treated[:2] = True, False
    # Hundredths, so that scores tie and distances equal the caliper.
    score = np.array(draw(st.lists(st.integers(-300, 300), min_size=n, max_size=n))) / 100
    stratum = np.array(draw(st.lists(st.integers(0, strata - 1), min_size=n, max_size=n)))
    return People(treated, score, stratum)


def reach(made: People, chosen: MatchingSettings, caliper: float | None) -> tuple[np.ndarray, float]:
    """Scores on the scale of distances, and the caliper there."""
    values, _ = scale(made.score, chosen.scale)
    unit = values.std(ddof=1) if chosen.caliper_unit == "sd" else 1.0
    return values, np.inf if caliper is None else caliper * unit


def pairs_within(made: People, values: np.ndarray, width: float) -> np.ndarray:
    """Which (treated, other) are of one stratum and within the caliper; rounding counts as within."""
    t, c = made.treated, ~made.treated
    near = np.abs(values[t][:, None] - values[c][None, :]) <= width + 1e-9
    return near & (made.stratum[t][:, None] == made.stratum[c][None, :])


def caliper_for(chosen: MatchingSettings, draw: st.DrawFn) -> float | None:
    return draw(CALIPERS if chosen.method == "kernel" else st.none() | CALIPERS)


def weights_sum_to_the_matched_treated_in_each_stratum(draw: st.DrawFn) -> None:
    made, chosen = draw(people()), draw(SETTINGS)
    weight = specification(made.ready(), chosen, caliper_for(chosen, draw))
    assert set(weight[made.treated]) <= {0.0, 1.0}
    assert (weight >= 0).all()
    for stratum in set(made.stratum):
        inside = made.stratum == stratum
        assert weight[inside & made.treated].sum() == pytest.approx(
            weight[inside & ~made.treated].sum(), abs=1e-9
        )


def calipers_and_strata_are_kept(draw: st.DrawFn) -> None:
    """Whoever has a weight has somebody of the other group with a weight within reach, in their stratum."""
    made, chosen = draw(people()), draw(SETTINGS)
    caliper = caliper_for(chosen, draw)
    weight = specification(made.ready(), chosen, caliper)
    near = pairs_within(made, *reach(made, chosen, caliper))
    wt, wc = weight[made.treated] > 0, weight[~made.treated] > 0
    assert near[:, wc].any(axis=1)[wt].all()
    assert near[wt].any(axis=0)[wc].all()


def nobody_is_taken_twice_without_replacement(draw: st.DrawFn) -> None:
    made, chosen = draw(people()), draw(SETTINGS)
    chosen = chosen.model_copy(update={"method": "nearest", "replacement": False})
    weight = specification(made.ready(), chosen, draw(st.none() | CALIPERS))
    shares = weight[~made.treated]
    assert (shares <= 1 + 1e-12).all()
    assert (shares > 0).sum() <= chosen.ratio * (weight[made.treated] > 0).sum()
    assert (np.abs(1 / shares[shares > 0] - np.rint(1 / shares[shares > 0])) < 1e-9).all()


def a_wider_caliper_loses_nobody(draw: st.DrawFn) -> None:
    made, chosen = draw(people()), draw(SETTINGS)
    chosen = chosen.model_copy(update={"replacement": True})
    narrow, wide = (specification(made.ready(), chosen, caliper)[made.treated] > 0 for caliper in (0.05, 0.2))
    assert (narrow <= wide).all()


def ties_of_a_few_ulps_change_nothing(draw: st.DrawFn) -> None:
    """Scores that another processor would round otherwise in the last bits give the same weights."""
    made, chosen = draw(people()), draw(SETTINGS)
    caliper = caliper_for(chosen, draw)
    ulps = np.array(draw(st.lists(st.integers(-3, 3), min_size=len(made.score), max_size=len(made.score))))
    shaken = People(made.treated, made.score + ulps * np.spacing(made.score), made.stratum)
    np.testing.assert_array_equal(
        specification(made.ready(), chosen, caliper) > 0, specification(shaken.ready(), chosen, caliper) > 0
    )
    np.testing.assert_allclose(
        specification(made.ready(), chosen, caliper),
        specification(shaken.ready(), chosen, caliper),
        atol=1e-9,
    )


def strata_do_not_see_one_another(draw: st.DrawFn) -> None:
    """Each stratum's weights are those it would have alone, with a caliper in points of the score."""
    made, chosen = draw(people()), draw(SETTINGS)
    chosen = chosen.model_copy(update={"caliper_unit": "score", "common_support": "none"})
    caliper = caliper_for(chosen, draw)
    whole = specification(made.ready(), chosen, caliper)
    for stratum in set(made.stratum):
        rows = made.stratum == stratum
        alone = People(made.treated[rows], made.score[rows], made.stratum[rows])
        np.testing.assert_allclose(specification(alone.ready(), chosen, caliper), whole[rows], atol=1e-12)


def doubling_the_scores_changes_nothing(draw: st.DrawFn) -> None:
    """A caliper in standard deviations goes with the score's own scale."""
    made, chosen = draw(people()), draw(SETTINGS)
    chosen = chosen.model_copy(update={"caliper_unit": "sd", "scale": "logit"})
    caliper = caliper_for(chosen, draw)
    double = People(made.treated, made.score * 2, made.stratum)
    np.testing.assert_allclose(
        specification(double.ready(), chosen, caliper),
        specification(made.ready(), chosen, caliper),
        atol=1e-6,
    )


def turning_the_scores_round_changes_nothing(draw: st.DrawFn) -> None:
    """Radius and kernel know no direction."""
    made, chosen = draw(people()), draw(SETTINGS)
    chosen = chosen.model_copy(update={"method": draw(st.sampled_from(["radius", "kernel"]))})
    turned = People(made.treated, -made.score, made.stratum)
    caliper = draw(CALIPERS)
    if chosen.scale == "probability":
        chosen = chosen.model_copy(update={"caliper_unit": "score"})
    np.testing.assert_allclose(
        specification(turned.ready(), chosen, caliper),
        specification(made.ready(), chosen, caliper),
        atol=1e-6,
    )


def common_support_leaves_out_whom_it_says(draw: st.DrawFn) -> None:
    made, chosen = draw(people()), draw(SETTINGS)
    weight = specification(made.ready(), chosen, caliper_for(chosen, draw))
    t, c = (made.score[group] for group in (made.treated, ~made.treated))
    outside_treated = (made.score < t.min()) | (made.score > t.max())
    outside_pool = (made.score < c.min()) | (made.score > c.max())
    if chosen.common_support != "none":
        assert not weight[outside_treated & ~made.treated].any()
    if chosen.common_support == "both":
        assert not weight[outside_pool & made.treated].any()


def weights_are_those_of_a_list_of_all_pairs(draw: st.DrawFn) -> None:
    """The same definitions written out plainly: every pair, every person in turn."""
    made, chosen = draw(people()), draw(SETTINGS)
    chosen = chosen.model_copy(update={"common_support": "none", "scale": "logit"})
    caliper = caliper_for(chosen, draw)
    values, width = reach(made, chosen, caliper)
    # Whole ticks: in floating point two equal distances may differ.
    ticks = [round(value * 1e9) for value in values]
    most = np.inf if caliper is None else int(width * 1e9 + 1e-3)
    weight = np.zeros(len(ticks))
    others = [
        [j for j in np.flatnonzero(~made.treated) if made.stratum[j] == stratum] for stratum in made.stratum
    ]
    in_turn = sorted(np.flatnonzero(made.treated), key=lambda i: (-ticks[i], i))
    taken: set[int] = set()
    mine: dict[int, dict[int, float]] = {i: {} for i in in_turn}
    if chosen.method != "nearest":
        for i in in_turn:
            for j in others[i]:
                gap = abs(ticks[i] - ticks[j])
                if gap <= most and chosen.method == "radius":
                    mine[i][j] = 1.0
                elif gap < max(most, 1) and chosen.method == "kernel":
                    mine[i][j] = 1 - (gap / max(most, 1)) ** 2
            if chosen.method == "kernel" and sum(mine[i].values()) < 1e-6:
                mine[i] = {}
    else:
        for _ in range(chosen.ratio):
            for i in in_turn:
                free = [j for j in others[i] if j not in taken and j not in mine[i]]
                below = sorted((j for j in free if ticks[j] < ticks[i]), key=lambda j: (-ticks[j], -j))
                above = sorted((j for j in free if ticks[j] >= ticks[i]), key=lambda j: (ticks[j], j))
                # The lower one of two equally near comes first.
                near = sorted([*below[:1], *above[:1]], key=lambda j: abs(ticks[i] - ticks[j]))
                if near and abs(ticks[i] - ticks[near[0]]) <= most:
                    mine[i][near[0]] = 1.0
                    if not chosen.replacement:
                        taken.add(near[0])
    for i, shares in mine.items():
        weight[i] = float(bool(shares))
        for j, share in shares.items():
            weight[j] += share / sum(shares.values())
    np.testing.assert_allclose(specification(made.ready(), chosen, caliper), weight, atol=1e-9)


def entropy_balancing_gives_equal_means_or_says_that_it_cannot(draw: st.DrawFn) -> None:
    made = draw(people(strata=2))
    terms = np.column_stack([made.score, made.score**2])
    ready = scored(made.treated, made.score, made.stratum, terms)
    try:
        weight = specification(ready, MatchingSettings(method="entropy"), None)
    except MatchingError:
        return
    t, c = (weight * group for group in (made.treated, ~made.treated))
    assert t.sum() == pytest.approx(c.sum())
    np.testing.assert_allclose(c @ terms / c.sum(), t @ terms / t.sum(), atol=1e-8)
    for stratum in set(made.stratum):
        assert t[made.stratum == stratum].sum() == pytest.approx(c[made.stratum == stratum].sum(), abs=1e-7)


def swapping_the_groups_turns_the_sign(draw: st.DrawFn) -> None:
    made, chosen = draw(people()), draw(SETTINGS)
    weight = specification(made.ready(), chosen, draw(CALIPERS))
    if not weight.any():
        return
    levels = Levels([("x", ""), ("y", "")], [made.score, made.stratum == 1])
    spread = np.array([0.7, 2.0])
    smd = standardised_differences(levels, made.treated, weight, spread)
    np.testing.assert_allclose(
        smd, -standardised_differences(levels, ~made.treated, weight, spread), atol=1e-12
    )
    # SMDs do not see the unit in which a covariate is measured.
    scaled = Levels(levels.names, [made.score * 1000 + 5, levels.columns[1]])
    np.testing.assert_allclose(
        smd, standardised_differences(scaled, made.treated, weight, spread * [1000, 1]), atol=1e-9
    )


PROPERTIES: list[Callable[[st.DrawFn], None]] = [
    weights_sum_to_the_matched_treated_in_each_stratum,
    calipers_and_strata_are_kept,
    nobody_is_taken_twice_without_replacement,
    a_wider_caliper_loses_nobody,
    ties_of_a_few_ulps_change_nothing,
    strata_do_not_see_one_another,
    doubling_the_scores_changes_nothing,
    turning_the_scores_round_changes_nothing,
    common_support_leaves_out_whom_it_says,
    weights_are_those_of_a_list_of_all_pairs,
    entropy_balancing_gives_equal_means_or_says_that_it_cannot,
    swapping_the_groups_turns_the_sign,
]


def hold(check: Callable[[st.DrawFn], None], examples: int, shift: int | None = None) -> None:
    """Run one property on so many made people, the same each time for the same shift."""

    @seed(shift or 0)
    @settings(max_examples=examples, deadline=None, database=None)
    @given(st.data())
    def run(data: st.DataObject) -> None:
        check(data.draw)

    run()
