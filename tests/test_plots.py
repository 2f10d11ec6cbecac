"""Pictures: valid, the same every time, filled as counted, and never by colour alone."""

import re
from collections.abc import Iterator
from itertools import combinations
from xml.etree import ElementTree

import pytest
from example_results import CASES, earnings, estimate, example
from many_results import REQUESTS, generated
from spreadsheet_rules import widths_of

from datalab_helpers import plots
from datalab_helpers.plots.drawing import BLUE, ORANGE, Axis, step_for, text_width, wrap
from datalab_helpers.report import Figure, context
from datalab_helpers.wording.figures import (
    curve_alt,
    flow_alt,
    icon_counts,
    icons_alt,
    love_alt,
    love_rows,
    range_alt,
)
from datalab_helpers.wording.kit import kit
from datalab_helpers.wording.units import primary

NAMESPACE = "{http://www.w3.org/2000/svg}"


def every_picture(results) -> dict[str, str]:
    analysis, words, rules = results.headline, results.words, results.rules
    measure = primary(analysis)
    found = {
        "icons": plots.icon_arrays(measure, words),
        "bars": plots.pair_of_bars(measure, words),
        "range": plots.dot_and_whisker(measure, words, rules),
    }
    for narrow in (False, True):
        found |= {
            f"{name}{', narrow' if narrow else ''}": svg
            for name, svg in {
                "forest": plots.forest(analysis, words, rules, narrow),
                "love": plots.love(analysis.balance, narrow),
                "curve": plots.cumulative(analysis.curve, words, narrow),
                "calipers": plots.caliper_grid(analysis.matching, narrow),
                "attrition": plots.attrition_flow(results.attrition, narrow),
                "lost from the pool": plots.attrition_flow(results.attrition_pool, narrow),
            }.items()
        }
        checks = analysis.trust
        if checks is not None:
            found |= {
                f"{name}{', narrow' if narrow else ''}": svg
                for name, svg in {
                    "before": plots.before(checks.placebo, words, narrow),
                    "ways": plots.specifications(checks.specifications, measure, words, rules, narrow),
                    "hidden": plots.hidden(checks.hidden, measure, words, narrow),
                    "trials": plots.trials(checks.certificate, measure, narrow),
                }.items()
            }
    return found


def ends(text: ElementTree.Element) -> tuple[float, float]:
    """Where a label begins and ends, by the widths that the foundry gives."""
    known = widths_of("Helvetica-Bold" if text.get("font-weight") else "Helvetica")
    size, at = float(text.get("font-size")), float(text.get("x"))
    wide = sum(known.get(letter, 0.6) for letter in text.text) * size
    before = {None: 0.0, "middle": 0.5, "end": 1.0}[text.get("text-anchor")] * wide
    return at - before, at - before + wide


def test_no_label_lies_over_another_or_leaves_its_picture():
    """Of fifty results and one in money, wide and narrow."""
    checked = 0
    for results in [earnings(), *(generated(number, 1) for number in range(REQUESTS))]:
        for figure in figures_of(context(results)):
            for svg in filter(None, (figure.svg, figure.narrow)):
                root = ElementTree.fromstring(svg)  # noqa: S314
                told = [(*ends(text), float(text.get("y")), text) for text in root.iter(f"{NAMESPACE}text")]
                for left, right, _, text in told:
                    checked += 1
                    assert left >= -1, (figure.title, text.text)
                    assert right <= float(root.get("width")) + 1, (figure.title, text.text)
                for (a, b, y, one), (c, d, other_y, other) in combinations(told, 2):
                    assert abs(y - other_y) >= 9 or b <= c + 1 or d <= a + 1, (
                        figure.title,
                        one.text,
                        other.text,
                    )
    assert checked > 10_000


def figures_of(part) -> Iterator[Figure]:
    if isinstance(part, Figure):
        yield part
    for item in part.values() if isinstance(part, dict) else part if isinstance(part, list | tuple) else []:
        yield from figures_of(item)


@pytest.mark.parametrize("case", CASES)
def test_pictures_are_valid_inside_their_frame_and_the_same_twice(case):
    first, second = every_picture(example(case)), every_picture(example(case))
    assert first == second
    for name, svg in first.items():
        root = ElementTree.fromstring(svg)  # noqa: S314 (our own text)
        width, height = (float(part) for part in root.get("viewBox").split()[2:])
        for text in root.iter(f"{NAMESPACE}text"):
            left, right = ends(text)
            assert -1 <= left < right <= width + 1, (name, text.text)
            assert 0 <= float(text.get("y")) <= height
            assert text.get("transform") is None
        assert "href" not in svg
        assert "nan" not in svg
        assert not re.search(r'="-0"', svg)


def test_a_phone_gets_pictures_of_its_own_width_with_the_same_words():
    """At 340 units a letter of 13 is one of 11 pixels on the narrowest phone; nothing is left out."""
    made = every_picture(example("A"))
    narrow = [name for name in made if name.endswith(", narrow")]
    assert len(narrow) == 10
    for name in narrow:
        wide, small = (ElementTree.fromstring(made[key]) for key in (name.split(",")[0], name))  # noqa: S314
        assert float(small.get("width")) == 340
        texts = [" ".join(text.text for text in root.iter(f"{NAMESPACE}text")) for root in (wide, small)]
        assert sorted(texts[0].split()) == sorted(texts[1].split()), name
        assert min(float(text.get("font-size")) for text in small.iter(f"{NAMESPACE}text")) >= 13


def test_icon_arrays_fill_what_is_counted_from_the_same_corner():
    results = example("A")
    measure = primary(results.headline)
    root = ElementTree.fromstring(plots.icon_arrays(measure, results.words))  # noqa: S314
    heads = list(root.iter(f"{NAMESPACE}circle"))
    assert len(heads) == 200
    assert icon_counts(measure) == (31, 43)
    mine, theirs = heads[:100], heads[100:]
    assert [head.get("fill") for head in mine] == [BLUE] * 31 + ["#FFFFFF"] * 69
    assert [head.get("fill") for head in theirs] == [ORANGE] * 43 + ["#FFFFFF"] * 57
    shift = float(theirs[0].get("cx")) - float(mine[0].get("cx"))
    assert all(
        float(b.get("cx")) - float(a.get("cx")) == pytest.approx(shift) and a.get("cy") == b.get("cy")
        for a, b in zip(mine, theirs, strict=True)
    )
    words = [text.text for text in root.iter(f"{NAMESPACE}text")]
    assert words[0] == "31"
    assert "43" in words


@pytest.mark.parametrize(("treatment", "comparison"), [(0.0, 1.0), (1.0, 0.0), (0.004, 0.996)])
def test_icon_arrays_at_the_ends(treatment, comparison):
    gap = treatment - comparison
    measure = {"treatment": treatment, "comparison": comparison, "adjusted": estimate(gap, gap, gap)}
    results = example("A", measure=measure)
    svg = plots.icon_arrays(primary(results.headline), results.words)
    assert svg.count("<circle") == 200


def test_range_shows_band_bracket_and_directions_in_words():
    results = example("E")
    svg = plots.dot_and_whisker(primary(results.headline), results.words, results.rules)
    for words in [
        "← fewer",
        "more →",
        "too small to matter",
        "4 fewer",
        "12 fewer",
        "4 more",
        "Inside this bracket",
    ]:
        assert words in svg
    assert "Inside this bracket" not in plots.dot_and_whisker(
        primary(example("E", measure={"detectable": None}).headline), results.words, results.rules
    )
    money = earnings()
    svg = plots.dot_and_whisker(primary(money.headline), money.words, money.rules)
    assert "← lower" in svg
    assert "$1,794 higher" in svg


def test_alternative_text_carries_the_numbers():
    results = example("E")
    measure = primary(results.headline)
    assert icons_alt(measure, results.words) == (
        "Two grids of 100 people each. People who took part: 31 of 100 committed a proven reoffence within one year."
        " Similar people who did not take part: 35 of 100."
    )
    assert range_alt(measure, results.words, results.rules) == (
        "A dot and a line from fewer to more. The difference is 4 fewer people in every 100."
        " Likely range: between 12 fewer and 4 more people in every 100."
        " Shaded, too small to matter: below 2 in 100."
        " Bracket, reliably seen from: 11 people in every 100."
    )
    assert flow_alt(results.attrition, "people who took part") == (
        "Bars that shorten in 5 steps: people who took part, from 203 to 142."
        " Most are lost here: not found in the records, 23."
    )
    assert "Largest before: Kind of index event: custody, 0.62." in love_alt(results.headline.balance)


def test_an_alternative_text_is_said_in_a_breath():
    """250 letters at most, of fifty results, with the total and the worst in it."""
    alts = []
    for results in [earnings(), *(generated(number, 1) for number in range(REQUESTS))]:
        alts += [(figure.title, figure.alt) for figure in figures_of(context(results))]
        alts += [("the picture to share", kit(results).picture_shown)]
    assert len(alts) > 500
    assert [(title, len(alt), alt) for title, alt in alts if len(alt) > 250] == []


def test_love_plot_shows_the_worst_25_and_hides_what_is_held_back():
    balance = example("A").headline.balance
    assert len(love_rows(balance)) == 25
    sizes = [abs(row.smd_before) for row in love_rows(balance)]
    assert sizes == sorted(sizes, reverse=True)
    hidden = balance.model_copy(
        update={"rows": [balance.rows[0].model_copy(update={"suppressed": "few"}), *balance.rows[1:]]}
    )
    assert balance.rows[0].covariate not in plots.love(hidden)


def test_held_back_values_are_marked_and_not_drawn():
    results = example("A")
    assert "[c]" in plots.attrition_flow(results.attrition)
    assert plots.forest(results.headline, results.words, results.rules).count("[c]") == 1
    curve = results.headline.curve.model_copy(
        update={"treatment": [None, *results.headline.curve.treatment[1:10], *[None] * 15]}
    )
    svg = plots.cumulative(curve, results.words)
    assert svg.count("<path") == 2
    assert svg.count("<circle") == 9  # marks where days are missing
    assert "<circle" not in plots.cumulative(results.headline.curve, results.words)


@pytest.mark.parametrize("narrow", [False, True])
def test_a_line_that_is_held_back_is_neither_told_nor_drawn(narrow):
    """The day on which everybody starts is no line."""
    results = example("A")
    words, days = results.words, results.headline.curve.days
    hidden = [0.0, *[None] * (len(days) - 1)]
    one = results.headline.curve.model_copy(update={"treatment": hidden})
    none = one.model_copy(update={"comparison": hidden})
    assert curve_alt(one, words).startswith("One rising line: reoffending by day")
    assert "People who took part: held back [c]." in curve_alt(one, words)
    assert curve_alt(none, words).startswith("No line: ")
    for curve, lines in ((results.headline.curve, 2), (one, 1), (none, 0)):
        svg = plots.cumulative(curve, words, narrow)
        assert svg.count("<path") == lines
        assert svg.count(": held back [c]</text>") == 2 - lines
        assert curve_alt(curve, words).count("held back [c]") == 2 - lines


def test_hostile_labels_are_text():
    measure = {"short": '<script>&"\x00\x1b', "label": "x"}
    results = example("A", measure=measure)
    svg = plots.forest(results.headline, results.words, results.rules)
    ElementTree.fromstring(svg)  # noqa: S314
    assert "&lt;script&gt;&amp;" in svg


def test_scales_and_widths():
    assert [step_for(reach, 3) for reach in [0.4, 3, 8, 23, 100, 3500]] == [0.2, 1, 5, 10, 50, 2000]
    axis = Axis(-10, 10, 0, 100)
    assert [axis(value) for value in [-10, 0, 10, 99]] == [0, 50, 100, 100]
    assert text_width("mmm", 10) > text_width("iii", 10)
    assert wrap("similar people who did not take part", 16, 210, 2) == [
        "similar people who did not",
        "take part",
    ]


def test_contrast_of_every_colour_is_at_least_three_to_one():
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    # Bands, grid lines and links between marks carry no value of their own.
    quiet = {"#FFFFFF", "#E3E6E8", "#EEF0F1", "#D9DCDE", "#B1B4B6"}
    for svg in every_picture(example("A")).values():
        for colour in set(re.findall(r"#[0-9A-Fa-f]{6}", svg)) - quiet:
            assert 1.05 / (light(colour) + 0.05) >= 3, colour
