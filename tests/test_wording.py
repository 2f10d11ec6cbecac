"""Sentences and rounding, each expected text written by hand."""

import re
from pathlib import Path

import pytest
from example_results import CASES, earnings, estimate, example, refused

from datalab_helpers.wording import claims, kit, method, page_one, summary_line, tables, verdict_sentence
from datalab_helpers.wording.numbers import day, lower_first, month, number, one_line, p_value, per_cent
from datalab_helpers.wording.people import largest_loss, stages
from datalab_helpers.wording.units import compared, primary, span, table_estimate
from datalab_helpers.wording.verdict import LEVELS, NOT_EVIDENCE, detectable_sentence, notes, observed

MINUS = "\N{MINUS SIGN}"
PEOPLE = example("A").words
ROOMS = Path(__file__).parents[1] / "datalab_helpers"


def said(results) -> str:
    analysis = results.headline
    return verdict_sentence(analysis.verdict, primary(analysis), results.words, results.rules)


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (22 / 72 * 100, 0, "31"),
        (42.6, 0, "43"),
        (0.5, 0, "1"),
        (2.5, 0, "3"),
        (-2.5, 0, f"{MINUS}3"),
        (-0.4, 0, "0"),
        (-0.004, 2, "0.00"),
        (-0.0, 1, "0.0"),
        (0.285 * 100, 0, "29"),  # 28.499999999999996 in binary
        (1234567.891, 2, "1,234,567.89"),
        (-98214.0, 0, f"{MINUS}98,214"),
        (1e22, 0, "10,000,000,000,000,000,000,000"),
    ],
)
def test_numbers_round_half_away_from_zero_and_never_print_minus_zero(value, places, expected):
    assert number(value, places) == expected


def test_small_and_large_p_are_bounds():
    assert [p_value(p) for p in [0.0, 0.0099, 0.01, 0.044, 0.5, 0.994, 1.0]] == [
        *["<0.01", "<0.01", "0.01", "0.04", "0.50", ">0.99", ">0.99"]
    ]


def test_rounding_never_hides_on_which_side_of_the_line_a_number_lies():
    """p of 0.0488 beside a range that ends at -0.001 is below 0.05, and the range does not hold zero."""
    assert [p_value(p) for p in [0.0488, 0.0499, 0.049999, 0.05, 0.052]] == [
        *["0.049", "0.0499", "0.05000", "0.05", "0.05"]
    ]
    for high, told in ((-0.0004, f"{MINUS}0.04"), (0.0, "0.0"), (-1e-9, "0.0000")):
        measure = example("A", measure={"adjusted": estimate(-0.12, -0.2, high)}).headline.measures[0]
        assert table_estimate(measure, measure.adjusted) == f"{MINUS}12.0 ({MINUS}20.0 to {told})"


def test_first_letters_of_abbreviations_stay():
    assert (lower_first("OASys score"), lower_first("Earnings in 1978"), lower_first("")) == (
        "OASys score",
        "earnings in 1978",
        "",
    )


SENTENCES = {
    ("A", "high"): "Taking part reduced reoffending: likely between 4 and 20 fewer people in every 100 committed a proven reoffence within one year.",
    ("A", "moderate"): "Taking part probably reduced reoffending: likely between 4 and 20 fewer people in every 100 committed a proven reoffence within one year.",
    ("A", "low"): "Taking part may have reduced reoffending: likely between 4 and 20 fewer people in every 100 committed a proven reoffence within one year.",
    ("B", "high"): "Taking part reduced reoffending, perhaps by little: likely between 1 and 9 fewer people in every 100 committed a proven reoffence within one year.",
    ("B", "low"): "Taking part may have reduced reoffending: likely between 1 and 9 fewer people in every 100 committed a proven reoffence within one year.",
    ("C", "high"): "Taking part made little or no difference to reoffending: likely between 2 fewer and 2 more people in every 100.",
    ("C", "moderate"): "Taking part probably made little or no difference to reoffending: likely between 2 fewer and 2 more people in every 100.",
    ("C", "low"): "Taking part may have made little or no difference to reoffending: likely between 2 fewer and 2 more people in every 100.",
    ("D", "high"): "Taking part did not reduce reoffending by 2 in 100 or more: the range is 1 fewer to 7 more people in every 100.",
    ("D", "moderate"): "Taking part probably did not reduce reoffending by 2 in 100 or more: the range is 1 fewer to 7 more people in every 100.",
    ("D", "low"): "Taking part may not have reduced reoffending by 2 in 100 or more: the range is 1 fewer to 7 more people in every 100.",
    ("E", "high"): "We cannot tell whether taking part changed reoffending: the range is 12 fewer to 4 more people in every 100.",
    ("E", "low"): "We cannot tell whether taking part changed reoffending: the range is 12 fewer to 4 more people in every 100.",
    ("F", "high"): "Taking part increased reoffending: likely between 1 and 16 more people in every 100 committed a proven reoffence within one year.",
    ("F", "moderate"): "Taking part probably increased reoffending: likely between 1 and 16 more people in every 100 committed a proven reoffence within one year.",
    ("F", "low"): "Taking part may have increased reoffending: likely between 1 and 16 more people in every 100 committed a proven reoffence within one year.",
}  # fmt: skip


@pytest.mark.parametrize(("case", "confidence"), SENTENCES)
def test_verdict_sentences(case, confidence):
    assert said(example(case, confidence)) == SENTENCES[case, confidence]


@pytest.mark.parametrize("case", CASES)
def test_very_low_confidence_never_concludes(case):
    results = example(case, "very low", verdict={"held_back_by": "The groups are not alike enough."})
    assert said(results) == (
        "We cannot tell whether taking part changed reoffending, because the groups are not alike enough."
    )
    assert NOT_EVIDENCE in page_one(results).support


def test_verdict_at_the_edges_of_rounding():
    assert said(example("A", measure={"adjusted": estimate(-0.09, -0.16, -0.0104)})).startswith(
        "Taking part probably reduced reoffending: likely between 1 and 16 fewer people in every 100"
    )
    assert "up to 8 fewer people in every 100" in said(
        example("B", measure={"adjusted": estimate(-0.04, -0.08, -0.004)})
    )
    assert "about 3 fewer people in every 100" in said(
        example("A", measure={"adjusted": estimate(-0.03, -0.031, -0.029)})
    )
    assert "less than 1 person in every 100" in said(
        example("B", measure={"adjusted": estimate(-0.002, -0.003, -0.001)})
    )


def test_spans_across_zero():
    measure = example("E").headline.measures[0]
    assert span(measure, PEOPLE, -0.05, 0.012) == "between 5 fewer and 1 more person in every 100"
    assert span(measure, PEOPLE, -0.05, 0.004) == "between 5 fewer people in every 100 and no change"
    assert span(measure, PEOPLE, -0.004, 0.05) == "between no change and 5 more people in every 100"
    assert span(measure, PEOPLE, -0.004, 0.004) == "less than 1 person in every 100 either way"
    assert span(measure, PEOPLE, -0.014, -0.006) == "about 1 fewer person in every 100"


def test_mirrored_where_higher_is_better():
    assert (
        said(earnings("A"))
        == "Taking part probably raised earnings in 1978, likely by between $551 and $3,038."
    )
    lower = {"adjusted": estimate(-900.0, -1700.0, -100.0)}
    assert (
        said(earnings("F", "high", **lower))
        == "Taking part lowered earnings in 1978, likely by between $100 and $1,700."
    )
    both = {"adjusted": estimate(400.0, -700.0, 1500.0)}
    assert said(earnings("D", "low", **both)) == (
        "Taking part may not have raised earnings in 1978 by $200 or more: the range is $700 lower to $1,500 higher."
    )
    assert said(earnings("E", **both)) == (
        "We cannot tell whether taking part changed earnings in 1978: the range is $700 lower to $1,500 higher."
    )
    employed = {"good": "higher", "adjusted": estimate(0.08, 0.03, 0.13)}
    assert said(example("A", "high", measure=employed)).startswith(
        "Taking part increased reoffending: likely between 3 and 13 more people"
    )


def test_measures_per_100_people_and_in_days():
    count = {
        "kind": "count",
        "label": "Visits",
        "short": "",
        "adjusted": estimate(-0.16, -0.41, -0.08),
        "treatment": 0.88,
        "comparison": 1.04,
    }
    assert (
        said(example("A", measure=count))
        == "Taking part probably reduced visits: likely between 8 and 41 fewer per 100 people."
    )
    days = {"kind": "days", "good": "higher", "label": "Days to the first", "short": "", "adjusted": estimate(12.5, 3.4, 21.0), "treatment": 131.4, "comparison": 118.9}  # fmt: skip
    assert (
        said(example("A", measure=days))
        == "Taking part probably increased days to the first: likely between 3 and 21 more days."
    )


def test_observed_numbers_of_a_published_case():
    """22 of 72 against 42.6 %: a published comparison must print 31 and 43."""
    results = example(
        "A",
        measure={
            "treatment": 22 / 72,
            "comparison": 0.426,
            "n_treatment": 72,
            "adjusted": estimate(22 / 72 - 0.426, -0.227, -0.014),
        },
    )
    measure = primary(results.headline)
    assert observed(measure, results.words) == [
        "Of every 100 people who took part, 31 committed a proven reoffence within one year.",
        "Among similar people who did not take part it was 43.",
        "The difference is 12 fewer people in every 100.",
    ]
    assert "between 1 and 23 fewer people" in said(results)
    assert notes(measure, results.words) == []


@pytest.mark.parametrize(
    ("treatment", "comparison", "expected"),
    [
        (0.31, 0.32, "The difference is 1 fewer person in every 100."),
        (0.32, 0.31, "The difference is 1 more person in every 100."),
        (0.312, 0.314, "After rounding, the two figures are the same."),
        (0.0, 0.0, "After rounding, the two figures are the same."),
        (0.41, 0.32, "The difference is 9 more people in every 100."),
    ],
)
def test_one_person_none_and_equal_after_rounding(treatment, comparison, expected):
    difference = treatment - comparison
    measure = {
        "treatment": treatment,
        "comparison": comparison,
        "adjusted": estimate(difference, difference - 0.1, difference + 0.1),
    }
    results = example("E", measure=measure)
    assert observed(primary(results.headline), results.words)[2] == expected


def test_rounding_note_appears_only_when_the_parts_do_not_add_up():
    def of(treatment, comparison):
        difference = treatment - comparison
        changed = {
            "treatment": treatment,
            "comparison": comparison,
            "adjusted": estimate(difference, -0.1, 0.1),
        }
        return notes(primary(example("E", measure=changed).headline), PEOPLE)

    assert of(0.335, 0.374) == [  # 34 and 37, but 3.9 is 4 fewer
        "Each figure is rounded on its own. The difference is worked out before rounding, so it may not equal the gap shown."
    ]
    assert of(0.34, 0.37) == []


def test_comparison_figure_belongs_to_the_adjusted_difference_and_says_so():
    changed = {"treatment": 0.31, "comparison": 0.35, "adjusted": estimate(-0.05, -0.13, 0.03)}
    measure = primary(example("E", measure=changed).headline)
    assert compared(measure) == pytest.approx(0.36)
    assert notes(measure, PEOPLE) == [
        "The figure for the comparison group allows for differences that remained after matching. As observed it was 35."
    ]
    impossible = {"treatment": 0.01, "comparison": 0.02, "adjusted": estimate(0.05, -0.01, 0.11)}
    measure = primary(example("E", measure=impossible).headline)
    assert compared(measure) == 0.02
    assert notes(measure, PEOPLE) == [
        "The difference allows for what remained unlike after matching, so it is not the gap shown."
    ]


def test_case_e_keeps_the_observed_number_and_the_size_that_could_be_seen():
    page = page_one(example("E"))
    assert page.support == [
        "Of every 100 people who took part, 31 committed a proven reoffence within one year.",
        "Among similar people who did not take part it was 35.",
        "The difference is 4 fewer people in every 100.",
        "This is not evidence that the programme has no effect.",
        "With 142 people, only a change of about 11 or more in every 100 would have been reliably seen.",
    ]


@pytest.mark.parametrize("level", ["high", "moderate", "low"])
def test_confidence_under_cannot_tell_is_in_the_range_and_shows_no_step(level):
    results = example("E", level)
    found = page_one(results).dial
    assert (found.said, found.step) == ("No answer to be sure of", None)
    assert found.meaning.endswith(f"{level.capitalize()} confidence in the range itself.")
    said = f"{level.capitalize()} confidence in the range itself, which is too wide for an answer."
    assert kit(results).picture_notes[0] == said
    assert tables.analyses_table(results).rows[0][-1] == f"{level} (in the range)"
    assert summary_line(results).endswith(f"; {level} confidence in the range itself)")
    assert page_one(example("D", level)).dial.said == f"{level.capitalize()} confidence"
    assert page_one(example("E", "very low")).dial.step == 1


ROUNDED = "The range is rounded: before rounding, "


@pytest.mark.parametrize(
    ("case", "ends", "least", "expected"),
    [
        ("C", (0.0015, -0.0160, 0.0190), 2, "2 fewer and 2 more are less than the 2 in 100 that would matter."),
        ("C", (0.0015, -0.0140, 0.0190), 2, "2 more is less than the 2 in 100 that would matter."),
        ("C", (0.0010, -0.0120, 0.0140), 2, ""),
        ("D", (0.0252, -0.0190, 0.0652), 2, "2 fewer is less than the 2 in 100 that would matter."),
        ("B", (-0.0480, -0.0900, -0.0170), 2, "2 fewer is less than the 2 in 100 that would matter."),
        ("A", (-0.1200, -0.2000, -0.0210), 2, ""),
        ("A", (-0.1200, -0.2000, -0.0245), 2.4, "2 fewer is no less than the 2.4 in 100 that would matter."),
        ("B", (-0.0243, -0.0250, -0.0190), 2.4, "2 fewer is no less than the 2.4 in 100 that would matter."),
        ("E", (-0.0420, -0.1210, 0.0190), 2, ""),
        ("F", (0.0800, 0.0180, 0.1500), 2, ""),
    ],
)  # fmt: skip
def test_a_figure_that_rounding_carries_across_what_matters_says_so(case, ends, least, expected):
    results = example(
        case, measure={"adjusted": estimate(*ends)}, rules={"smallest_difference": float(least)}
    )
    notes_of = page_one(results).range_notes
    assert [note for note in notes_of if note.startswith(ROUNDED)] == [ROUNDED + expected] * bool(expected)
    assert (ROUNDED + expected in " ".join(kit(results).sentences)) == bool(expected)


def test_detectable_size_in_other_units():
    assert detectable_sentence(primary(earnings().headline), earnings().words) == (
        "With 185 people, only a change of about $1,790 or more would have been reliably seen."
    )


def test_claims_follow_the_verdict():
    results = example("A", "low")
    page = page_one(results).claims
    assert page.can == [
        "A matched comparison suggests that our programme may have reduced reoffending.",
        "Of every 100 people who took part, 31 committed a proven reoffence within one year. Among similar people who did not take part it was 43.",
        "The true difference is likely to lie in this range: between 4 and 20 fewer people in every 100.",
    ]
    assert page.cannot[0] == "“The change was exactly 12 fewer people in every 100.” Give the range as well."
    assert (
        page_one(example("A", "high")).claims.can[0]
        == "A matched comparison found that our programme reduced reoffending."
    )
    assert (
        page_one(example("F", "high")).claims.cannot[0]
        == "“Our programme reduced reoffending.” The range points only the other way."
    )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("confidence", LEVELS)
def test_every_verdict_has_two_or_three_claims_each_and_no_overclaim(case, confidence):
    results = example(case, confidence)
    analysis = results.headline
    found = claims(analysis.verdict, primary(analysis), results.words, results.rules)
    assert 2 <= len(found.can) <= 3
    assert 2 <= len(found.cannot) <= 3
    text = " ".join(found.can)
    assert not re.search(r"proves|works|significant|no effect|caused|because of our", text)
    if case == "E" or confidence == "very low":
        assert not re.search(r"(?<!whether )our programme (probably |may have )?(reduced|increased)", text)


def test_attrition_in_short_and_the_largest_loss():
    results = example("A")
    assert [(stage.number, stage.label) for stage in stages(results)] == [
        ("203", "people sent"),
        ("180", "found in the records"),
        ("160", "could be compared"),
        ("142", "analysed"),
    ]
    assert largest_loss(results) == [
        "Largest loss: 23 (not found in the records).",
        "What would help: send the prison number or the PNC ID with every name.",
    ]


def test_a_loss_that_nothing_helps_says_only_what_follows():
    results = example(
        "A", attrition=[example("A").attrition[0].model_dump(), example("A").attrition[-1].model_dump()]
    )
    assert largest_loss(results) == [
        "Largest loss: 18 (nobody similar enough).",
        "They stand outside the pool.",
    ]


def test_how_many_were_found_can_be_confidential():
    linking = {**example("A").linking.model_dump(), "found": None}
    results = example("A", linking=linking)
    assert [stage.number for stage in stages(results)] == ["203", "160", "142"]
    assert (
        method.linking_sentences(results)[0]
        == "How many of the 203 people sent were found is confidential [c]."
    )


def test_a_reason_of_several_parts_becomes_several_sentences():
    reason = "the groups are alike with reservations: 3 of 40 levels differ; the comparison group rests on few people"
    results = example("A", "low", verdict={"held_back_by": reason})
    assert page_one(results).dial.held_back == (
        "What holds it back: the groups are alike with reservations: 3 of 40 levels differ."
        " The comparison group rests on few people."
    )
    results = example("A", "very low", verdict={"held_back_by": reason})
    assert said(results) == (
        "We cannot tell whether taking part changed reoffending,"
        " because the groups are alike with reservations: 3 of 40 levels differ."
        " The comparison group rests on few people."
    )


def test_dates_may_be_days_or_months():
    assert [day(text) for text in ["2024-09-30", "2021-01", "soon", None]] == [
        "30 September 2024",
        "January 2021",
        "soon",
        "",
    ]
    assert month("2021-01-04") == "January 2021"


def test_suppressed_and_missing_cells_differ():
    table = tables.attrition_table(example("A").attrition, "people who took part")
    assert table.rows[3][:3] == ["Under 18", "[c]", "[c]"]
    balance = tables.balance_table(example("A").headline.balance, "National")
    assert balance.rows[0][6] == "[x]"
    measures = {table.caption[:7]: table for table in tables.measure_tables(example("A"))}
    assert measures["Table 4"].rows[:2] == [
        [
            "First reoffence indictable: share of reoffenders whose first reoffence was indictable (per 100 people)"
        ],
        ["National", *["[c]"] * 11],
    ]


def test_detailed_table_has_one_decimal_per_100_and_both_estimates():
    table = tables.measure_tables(example("A"))[0]
    assert (
        table.caption
        == "Table 1. Proven reoffending rate: share of people who committed at least one proven reoffence in one year (per 100 people)"
    )
    assert table.rows[0] == [
        "National", "142", "31", "5,231", "43",
        f"{MINUS}12.1 ({MINUS}20.3 to {MINUS}3.8)", "0.04", "0.19", "0.19", f"{MINUS}11.5 ({MINUS}21.3 to {MINUS}1.8)", "0.09", "11.8",
    ]  # fmt: skip
    frequency = tables.measure_tables(example("A"))[1].rows[0]
    assert (frequency[2], frequency[4], frequency[5]) == (
        "0.88",
        "1.05",
        f"{MINUS}0.16 ({MINUS}0.41 to 0.08)",
    )


def test_summary_line():
    assert summary_line(example("D", "high")) == (
        "JDL-2026-001  Second Start: Taking part did not reduce reoffending by 2 in 100 or more:"
        " the range is 1 fewer to 7 more people in every 100. (1,804 people analysed; high confidence)"
    )
    turned_down = example("A", analysis={**refused(), "headline": True})
    assert (
        summary_line(turned_down)
        == "JDL-2026-001  Second Start: no result published; fewer than 30 people could be matched"
    )
    hidden = example("A", measure={"suppressed": "fewer than 10 people behind it", "treatment": None})
    assert summary_line(hidden) == "JDL-2026-001  Second Start: the main result is held back as confidential"


def test_summary_line_cannot_move_the_cursor_or_break_the_line():
    about = {**example("A").about.model_dump(), "organisation": "Second\n\x1b[31mStart\u202e"}
    assert summary_line(example("A", about=about)).startswith("JDL-2026-001  Second [31mStart: Taking part")
    assert one_line("x" * 500, 40) == "x" * 39 + "…"


@pytest.mark.parametrize("room", ["wording", "plots", "report"])
def test_no_room_names_the_outcome_of_one_lab(room):
    text = "".join(
        path.read_text(encoding="utf-8").lower() for path in (ROOMS / room).iterdir() if path.is_file()
    )
    assert not re.search(r"reoffen|recidiv|conviction|prison", text)


def test_per_cent():
    assert (per_cent(0.7), per_cent(0.005), per_cent(0)) == ("70%", "1%", "0%")


@pytest.mark.parametrize(
    ("false", "missed", "told"),
    [
        (0.0003, 0.0, ["fewer than 1 is expected to be someone else", "So few strangers", "fewer than 1 is expected to have"]),
        (0.001, 0.021, ["about 1 is expected to be", "would show as about 9.99", "about 21 are expected to have been missed"]),
        (0.03, None, ["about 30 are expected to be", "a true 10 per 100 would show as about 9.70"]),
    ],
)  # fmt: skip
def test_what_linking_errors_do_is_told_in_thousands(
    false: float, missed: float | None, told: list[str]
) -> None:
    """A stranger has no effect of the programme, so the share of strangers is the share of a difference that is lost."""
    linking = {**example("A").linking.model_dump(), "expected_false": false, "expected_missed": missed}
    text = " ".join(method.linking_sentences(example("A", linking=linking)))
    assert all(part in text for part in told), text
    assert ("have been missed" in text) == (missed is not None)


def test_the_day_of_release_and_the_contact_stand_on_page_1_where_given():
    frame = {"released_on": "2027-01-14", "contact": "datalab@example.org"}
    told = dict(page_one(example("A", frame=frame)).frame)
    assert (told["Released"], told["Contact"]) == ("14 January 2027", "datalab@example.org")
    assert not {"Released", "Contact"} & dict(page_one(example("A")).frame).keys()
