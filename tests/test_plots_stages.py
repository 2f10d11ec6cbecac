"""Pictures of the matching and balance notebooks: their text carries the numbers, and few people are not drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from datalab_helpers.balance import BalanceTable, assess_balance
from datalab_helpers.balance import overview as balances_at_a_glance
from datalab_helpers.intake import Cohort
from datalab_helpers.lab import load_lab
from datalab_helpers.matching import MatchedSample, match, overview
from datalab_helpers.outcome import SpecificationCurve
from datalab_helpers.plots import (
    gallery,
    plot_balance,
    plot_calipers,
    plot_lost,
    plot_overlap,
    plot_specifications,
    plot_weights,
)
from datalab_helpers.plots.stages.picture import BLUE, MARKS, ORANGE
from datalab_helpers.request import Analysis
from tests.test_matching import made_cohort, made_request, matched

PLOTS = [plot_calipers, plot_lost, plot_overlap, plot_weights]


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return made_cohort(3000, strength=1.3)


@pytest.fixture(scope="module")
def sample(cohort: Cohort) -> MatchedSample:
    return matched(cohort)


@pytest.fixture(scope="module")
def balance(cohort: Cohort, sample: MatchedSample) -> BalanceTable:
    return assess_balance(cohort, sample, made_request())


@pytest.fixture(scope="module")
def refused() -> MatchedSample:
    few = made_cohort(40)
    return match(made_request(), few, Analysis(name="Few", exact=["area"]))


def test_the_text_of_each_picture_carries_its_numbers(sample: MatchedSample, balance: BalanceTable) -> None:
    sizes, people = sample.sizes, sample.people
    score = people["score"]
    assert f"{sizes['treatment']:,} of {sizes['treatment_before']:,} participants" in plot_overlap(sample).alt
    assert f"from {score[people['treated']].min():.1f} to" in plot_overlap(sample).alt
    heaviest = people["weight"][~people["treated"]].max()
    assert f"stands in for {heaviest:.1f} participants" in plot_weights(sample).alt
    assert f"as much as {sizes['comparison_effective']:,.0f} equally" in plot_weights(sample).alt
    lost = sample.lost.iloc[0]
    assert f"{lost['label']}, by {lost['smd']:.2f} standard" in plot_lost(sample).alt
    chosen = sample.grid[sample.grid["chosen"]].iloc[0]
    assert f"{chosen['caliper']:g} is chosen" in plot_calipers(sample).alt
    worst = balance.rows["smd_after"].abs().max()
    assert f"to {worst:.2f} standard deviations" in plot_balance(balance).alt


def test_a_picture_is_drawn_the_same_twice(sample: MatchedSample) -> None:
    one, two = plot_weights(sample)._repr_png_(), plot_weights(sample)._repr_png_()
    assert one == two
    assert one[0].startswith(b"\x89PNG")


def test_love_plot_lays_several_analyses_over_one_another(balance: BalanceTable) -> None:
    other = replace(balance, analysis="Other", rows=balance.rows[balance.rows["label"] != "Need"])
    drawn = plot_balance(balance, other)
    assert drawn.alt.startswith("2 analyses over one another. The largest difference left is ")
    axes = drawn.figure.axes[0]
    drawn = {line.get_label(): line for line in axes.get_lines()}
    assert {"before matching", "All", "Other"} <= set(drawn)
    labels = [label.get_text() for label in axes.get_yticklabels()]
    values = dict(zip(labels, drawn["Other"].get_xdata(), strict=True))
    assert np.isnan(values["Need"])  # a level that it has not
    known = balance.rows.set_index("label")["smd_after"]
    assert values["Age"] == known["Age"]
    assert dict(zip(labels, drawn["All"].get_xdata(), strict=True))["Need"] == known["Need"]
    # The largest before is on top.
    assert labels[-1] == balance.rows.loc[balance.rows["smd_before"].abs().idxmax(), "label"]


def test_weights_picture_shares_add_up_to_everybody(sample: MatchedSample) -> None:
    bars = plot_weights(sample).figure.axes[0].containers
    for container in bars:
        assert sum(bar.get_width() for bar in container) == pytest.approx(100)


def test_few_people_lost_are_not_drawn(sample: MatchedSample) -> None:
    assert plot_lost(replace(sample, unmatched={"with nobody near enough": 9})) is None
    assert plot_lost(replace(sample, unmatched={"with nobody near enough": 10})) is not None


def test_a_gallery_has_one_picture_of_each_result_that_has_one(
    sample: MatchedSample, refused: MatchedSample
) -> None:
    shown = gallery(plot_overlap, [sample, refused, sample])
    assert len(shown.pictures) == 2
    html = shown._repr_html_()
    assert html.count("<img") == html.count('alt="All: scores of those who took part') == 2
    assert repr(shown).count("participants matched") == 2
    assert "Nothing to draw" in gallery(plot_lost, [refused])._repr_html_()
    for plot in PLOTS:
        assert plot(refused) is None
    nothing = assess_balance(made_cohort(40), refused, made_request())
    assert plot_balance(nothing) is None


def test_overviews_have_one_row_an_analysis(
    cohort: Cohort, sample: MatchedSample, balance: BalanceTable, refused: MatchedSample
) -> None:
    table = overview([sample, refused]).set_index("analysis")
    assert table.loc["All", "treatment"] == sample.sizes["treatment"]
    assert table.loc["All", "worst_smd"] == sample.grid.loc[sample.grid["chosen"], "worst_smd"].item()
    assert table.loc["Few", "refused"] == refused.refused
    assert pd.isna(table.loc["Few", "treatment"])
    nothing = assess_balance(made_cohort(40), refused, made_request())
    table = balances_at_a_glance([balance, nothing]).set_index("analysis")
    assert table.loc["All", "after"] == balance.rows["smd_after"].abs().max()
    assert table.loc["All", ["green", "amber", "red"]].sum() == len(balance.rows)
    assert table.loc["Few", "verdict"] == "not analysed"


def test_contrast_of_every_mark_is_at_least_three_to_one() -> None:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for colour in {BLUE, ORANGE, *(colour for _, colour in MARKS)}:
        assert 1.05 / (light(colour) + 0.05) >= 3, colour
    assert len({mark for mark, _ in MARKS}) == len(MARKS)


def test_the_specification_curve_draws_every_choice_and_tells_their_spread() -> None:
    difference = np.array([0.02, -0.08, -0.05])
    rows = pd.DataFrame(
        {
            "adjusted": [True, False, True],
            "difference": difference,
            "low": difference - 0.03,
            "high": difference + 0.03,
        }
    )
    curve = SpecificationCurve("National", load_lab("justice").measures[0], rows, -0.05, 0)
    drawn = plot_specifications(curve)
    assert drawn.alt == (
        "National, Proven reoffending rate: 3 choices give differences from -0.080 to 0.020, the middle one -0.050; "
        "the headline is -0.050. 67% are below zero."
    )
    (axes,) = drawn.figure.axes
    marks = {line.get_label(): list(line.get_ydata()) for line in axes.lines}
    assert marks["with regression"] == [-0.05, 0.02]
    assert marks["without"] == [-0.08]
    assert plot_specifications(None) is None
