"""Published results of the Justice Data Lab, from their counts to the printed digits."""

from __future__ import annotations

import numpy as np
import pytest
from example_results import example

from datalab_helpers.outcome import Effect, unadjusted
from datalab_helpers.wording.units import compared, primary, span, spoken, table_value
from datalab_helpers.wording.verdict import notes, observed

POOL = 1_000_000  # published comparison groups are far larger than those who took part


def published(positive: int, n: int, comparison: float) -> Effect:
    """The unadjusted comparison of so many of n people with a rate among a large pool."""
    events = round(POOL * comparison)
    y = np.repeat([1.0, 0.0, 1.0, 0.0], [positive, n - positive, events, POOL - events])
    treated = np.arange(len(y)) < n
    return unadjusted(y, treated, np.where(treated, 1.0, n / POOL))


def printed(positive: int, n: int, comparison: float) -> tuple:
    """The measure as every page prints it, and its effect."""
    effect = published(positive, n, comparison)
    estimate = {"difference": effect.difference, "low": effect.low, "high": effect.high, "p": effect.p}
    results = example(
        "A",
        measure={
            "treatment": positive / n,
            "comparison": comparison,
            "n_treatment": n,
            "adjusted": None,
            "unadjusted": estimate,
        },
    )
    return primary(results.headline), effect, results.words


@pytest.mark.parametrize(
    ("positive", "n", "comparison", "rates", "fewer", "p"),
    [
        (22, 72, 0.426, ("31", "43"), "between 1 and 23 fewer people in every 100", (0.02, 0.04)),
        (61, 231, 0.3455, ("26", "35"), "between 2 and 14 fewer people in every 100", (0.003, 0.007)),
    ],
    ids=["Blue Sky", "Langley House"],
)
def test_rates_range_and_significance_are_those_published(positive, n, comparison, rates, fewer, p) -> None:
    measure, effect, words = printed(positive, n, comparison)
    assert (table_value(measure, measure.treatment), table_value(measure, measure.comparison)) == rates
    assert span(measure, words, effect.low, effect.high) == fewer
    assert p[0] < effect.p < p[1]


@pytest.mark.parametrize("comparison", [0.2807, 0.2828, 0.2846])
def test_parts_that_do_not_add_up_say_so(comparison) -> None:
    """Brighton Women's Centre: 25 and 28 are printed 4 fewer, wherever in its range the rate lies."""
    measure, effect, words = printed(28, 114, comparison)
    assert observed(measure, words) == [
        "Of every 100 people who took part, 25 committed a proven reoffence within one year.",
        "Among similar people who did not take part it was 28.",
        "The difference is 4 fewer people in every 100.",
    ]
    assert spoken(measure, compared(measure)) - spoken(measure, measure.treatment) == 3
    assert notes(measure, words) == [
        "Each figure is rounded on its own. The difference is worked out before rounding, so it may not equal the gap shown."
    ]
    assert effect.p > 0.05


def test_one_point_among_258_people_is_far_from_significant() -> None:
    """Clink 2022: 31 of 258 against 13 %, published as inconclusive."""
    _, effect, _ = printed(31, 258, 0.13)
    assert effect.p == pytest.approx(0.63, abs=0.02)
