"""How far to trust it, in words: each expected text written by hand."""

import pytest
from example_results import example, trust

from datalab_helpers import plots
from datalab_helpers.disclosure.checks import CouldSee, Estimate
from datalab_helpers.wording import trust as words
from datalab_helpers.wording.data import data_tables
from datalab_helpers.wording.units import primary

PEOPLE = example("A").words
MINUS = "\N{MINUS SIGN}"


def parts(case="A", **changed):
    results = example(case)
    given = results.headline.trust
    return given.model_copy(update=changed), primary(results.headline), results.rules


def test_a_passed_placebo_says_what_was_looked_for() -> None:
    given, measure, _ = parts()
    assert words.placebo_sentences(given.placebo, measure, PEOPLE)[1:] == [
        "The groups did not differ by more than chance, as it should be.",
        "With so many people it sees a difference of 28 or more per 100 people four times in five. A smaller one may escape it.",
        "Something hidden of that size, if it is as strong in the main result, would move that by about 2 people in every 100.",
        "That would not change the answer.",
    ]
    assert words.placebo_table(given.placebo, PEOPLE).rows == [
        [
            "Proven offences in the year before the index event",
            "142",
            "147",
            f"{MINUS}5.0 ({MINUS}24.7 to 14.4)",
            "0.61",
            "28.2",
        ]
    ]
    alt = words.placebo_alt(given.placebo, PEOPLE)
    assert f"{MINUS}5.0 range {MINUS}24.7 to 14.4" in alt
    assert "Shaded: less than 28.2 either way, which may escape the check." in alt


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"passed": False},
            f"The main comparison, which matches on the record of that time as well, has removed it as far as can be seen: {MINUS}1.2 ({MINUS}20.0 to 17.6) per 100 people are left. Or they differ in something that no record shows. Then the main result leans the same way, towards fewer among those who took part. If you know why these people were chosen, you can judge which it is. It lowers our confidence by one step.",
        ),
        (
            {"passed": False, "left": None},
            "the main result allows for it. Or they differ in something that no record shows. Then the main result leans the same way, towards fewer among those who took part. If you know why these people were chosen, you can judge which it is. It lowers our confidence by one step.",
        ),
        (
            {"passed": False, "left": Estimate(difference=-0.2, low=-0.3, high=-0.1, p=0.01)},
            f"has not removed it: {MINUS}20.0 ({MINUS}30.0 to {MINUS}10.0) per 100 people are left. The main result may lean the same way, towards fewer among those who took part. It lowers our confidence.",
        ),
        ({"estimate": None, "suppressed": "c"}, "Too few people are behind the numbers to show them."),
        (
            {"estimate": None, "reason": "there are no dated records of what went before"},
            "there are no dated records of what went before.",
        ),
    ],
)
def test_a_placebo_that_fails_or_cannot_be_made_says_so(changed, expected) -> None:
    given, measure, _ = parts()
    changed_so = given.placebo.model_copy(update=changed)
    assert " ".join(words.placebo_sentences(changed_so, measure, PEOPLE)).endswith(expected)


@pytest.mark.parametrize(
    ("enough", "expected"),
    [
        (
            False,
            "That could change the answer. So this check is too weak to count as passed: it counts as one that could not be made.",
        ),
        (
            None,
            "The result cannot tell what the programme did, so there is no answer that it could change.",
        ),
    ],
)
def test_a_placebo_says_what_could_have_escaped_it(enough, expected) -> None:
    given, measure, _ = parts()
    seen = CouldSee(detectable=0.824, carried=0.173, enough=enough)
    said = words.placebo_sentences(given.placebo.model_copy(update={"could_see": seen}), measure, PEOPLE)
    assert said[2].startswith("With so many people it sees a difference of 82 or more per 100 people")
    assert said[3].endswith("would move that by about 17 people in every 100.")
    assert said[4] == expected


def test_every_other_way_is_counted() -> None:
    given, measure, rules = parts()
    assert words.specification_sentences(given.specifications, measure, PEOPLE, rules)[1:] == [
        "In 100% of them the difference is below zero, and in 96% it is better by 2 in 100 or more.",
        "The middle one of them gives 11 fewer people in every 100; the main result is 12 fewer people in every 100.",
        "What moves it most is the choice “everyone within reach (radius)”: the middle of its ways is 14 fewer people in every 100.",
        "In 83% of them the range excludes “no change”. All use the same people, so that they agree makes chance no smaller.",
        "2 further ways lost too many people, or could not be made.",
    ]
    table = words.specification_table(given.specifications, measure, PEOPLE)
    assert [row[0] for row in table.rows if len(row) == 1] == [
        "Compared with",
        "Reach",
        "Strata",
        "Matched on",
        "Worked out",
    ]
    counts = [int(row[1]) for row in table.rows if len(row) > 1]
    assert counts == [8, 8, 8, 12, 12, 12, 12, 12, 12, 12, 12]


def test_what_a_hidden_difference_could_do() -> None:
    given, measure, _ = parts()
    said = words.hidden_sentences(given.hidden, measure, PEOPLE)
    assert said[2:] == [
        "A hidden difference as strong as “Proven offences so far” would move the result by about 5 people in every 100 and could change the answer.",
        "A shift of about 3 people in every 100 or more could change the answer, and so could one nearly as large. A change in the same direction but of another size is still the same answer.",
    ]
    still = given.hidden.model_copy(
        update={
            "twins": [t.model_copy(update={"changes": False}) for t in given.hidden.twins],
            "needed": 0.078,
        }
    )
    assert "would not change the answer" in words.hidden_sentences(still, measure, PEOPLE)[2]
    assert words.hidden_sentences(still, measure, PEOPLE)[3] == (
        "To change it, it would have to move the result 1.5 times as far."
    )
    assert [row[2] for row in words.hidden_table(given.hidden, measure, PEOPLE).rows] == [
        "could change",
        "would stay",
        "would stay",
    ]


def test_a_result_that_cannot_tell_has_nothing_for_a_hidden_difference_to_change() -> None:
    given, measure, _ = parts("E")
    twins = [t.model_copy(update={"changes": False}) for t in given.hidden.twins]
    unsure = given.hidden.model_copy(update={"twins": twins, "needed": None})
    assert words.hidden_sentences(unsure, measure, PEOPLE)[2:] == [
        "One as strong as “Proven offences so far”, the strongest on record, would move the result by about 5 people in every 100.",
        "The result cannot tell what the programme did, so there is no answer that a hidden difference could take away; it does not lower our confidence.",
    ]
    assert {row[2] for row in words.hidden_table(unsure, measure, PEOPLE).rows} == {"nothing to change"}
    assert "A line marks" not in words.hidden_alt(unsure, measure)
    assert "could change from" not in plots.hidden(unsure, measure, PEOPLE)
    assert "could change from 3.0" in plots.hidden(given.hidden, measure, PEOPLE)


def test_trials_that_find_too_little_or_lean_say_so() -> None:
    """40 ± 5 of 100 found it where 80 were to; a mean error of 0.6 ± 0.1 per 100 is six standard errors."""
    given, measure, rules = parts()
    none, some = given.certificate.trials
    leaning = none.model_copy(update={"bias": -0.006, "bias_error": 0.001})
    few = some.model_copy(update={"found": 0.4, "found_error": 0.05})
    made = given.certificate.model_copy(update={"trials": [leaning, few], "people": 60, "failed": 0})
    assert words.certificate_sentences(made, measure, PEOPLE, rules)[3:] == [
        "Of 100, 80 were to find it: each trial had fewer people than the request.",
        "With nothing planted, the trials leaned to one side by 1 person in every 100 on average, where 2 in 100 would matter.",
    ]
    as_many = made.model_copy(update={"people": measure.n_treatment})
    assert words.certificate_sentences(as_many, measure, PEOPLE, rules)[3] == "Of 100, 80 were to find it."


def test_picture_text_table_and_file_use_one_verb_for_an_answer_that_may_not_stay() -> None:
    """Also where a shift comes nearly as far as the answer needs, and both are written as the same number."""
    given, measure, _ = parts()
    near = given.hidden.twins[0].model_copy(update={"shift": 0.050})
    found = given.hidden.model_copy(update={"needed": 0.050, "twins": [near, *given.hidden.twins[1:]]})
    for svg in (plots.hidden(found, measure, PEOPLE), plots.hidden(found, measure, PEOPLE, narrow=True)):
        assert "5.0, could change" in svg
        assert "the answer could change from 5.0" in svg
    assert words.hidden_table(found, measure, PEOPLE).rows[0][1:] == ["5.0", "could change"]
    assert "5.0. A line marks 5.0, from where the answer could change." in words.hidden_alt(found, measure)
    [file] = [t for t in data_tables(example("A")) if t.name == "hidden"]
    assert {row[2] for row in file.rows} == {"could change", "would stay"}


def test_the_method_on_trial() -> None:
    given, measure, rules = parts()
    assert words.certificate_sentences(given.certificate, measure, PEOPLE, rules)[1:] == [
        "With nothing planted, 5 of 100 trials raised a false alarm; 5 are expected.",
        "With a change of 12 people in every 100 planted, 78 of 100 found it and 94 of 100 ranges held it; 95 are expected.",
        "1 trial could not be matched.",
    ]
    none = given.certificate.model_copy(
        update={"trials": [], "reason": "the pool holds too few people for it"}
    )
    assert words.certificate_sentences(none, measure, PEOPLE, rules) == [
        "The method could not be tried on this request's own pool: the pool holds too few people for it."
    ]


def test_every_picture_has_the_numbers_of_its_text() -> None:
    given, measure, rules = parts()
    assert plots.before(given.placebo, PEOPLE).count("<circle") == 1
    assert "shaded: what the check may miss" in plots.before(given.placebo, PEOPLE)
    assert "shaded" not in plots.before(given.placebo.model_copy(update={"could_see": None}), PEOPLE)
    ways = plots.specifications(given.specifications, measure, PEOPLE, rules)
    assert ways.count("<circle") == 1 + len(given.specifications.choices)
    assert "5.2, could change" in plots.hidden(given.hidden, measure, PEOPLE)
    assert f"{MINUS}11.8 planted" in plots.trials(given.certificate, measure)


@pytest.mark.parametrize("case", list("ABCDEF"))
def test_every_case_can_be_drawn_and_told(case) -> None:
    given, measure, rules = parts(case)
    assert trust({"adjusted": None, "unadjusted": {"difference": 0.1}})["specifications"]["headline"] == 0.1
    assert plots.specifications(given.specifications, measure, PEOPLE, rules).startswith("<svg")
    assert words.specification_alt(given.specifications, measure, PEOPLE).endswith("below zero.")
