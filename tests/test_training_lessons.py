"""Lessons 3 to 5: what they say is true in the worlds they show, and every state of every dial can be read."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from datalab_helpers.disclosure.results import Results
from datalab_helpers.outcome.effects import unadjusted
from datalab_helpers.training.lesson import Lesson, Option, Shown
from datalab_helpers.training.lessons import claims, claims_questions, luck, pairs, sorting, twins, years
from datalab_helpers.training.lessons.example import FOUND, invented
from datalab_helpers.wording.draft import check_draft
from datalab_helpers.wording.kit import kit
from datalab_helpers.wording.units import compared, estimate_of, span, spoken

LESSONS = [pairs.LESSON, luck.LESSON, claims.LESSON]
REPORT = Path(__file__).parent.parent / "reports" / "JDL-2026-001" / "results.json"
JARGON = re.compile(
    r"\b(SMD|ATT|caliper\w*|propensit\w*|p-values?|(in)?significan\w*|covariates?|standard deviations?|confidence interval|null)\b",
    re.I,
)
AMERICAN = re.compile(
    r"\b(program|programs|behavior|color|center|organiz\w*|recogniz\w*|analyz\w*|favor\w*|randomiz\w*)\b",
    re.I,
)


def states(lesson: Lesson) -> list[dict[str, object]]:
    """Every combination of the dials' values."""
    names = [dial.name for dial in lesson.dials]
    return [
        dict(zip(names, values, strict=True))
        for values in itertools.product(*(dial.choices.values() for dial in lesson.dials))
    ]


def every_state() -> Iterator[tuple[Lesson, dict[str, object], Shown]]:
    for lesson in LESSONS:
        for state in states(lesson):
            yield lesson, state, lesson.show(**state)


def texts_of(lesson: Lesson) -> list[str]:
    options = [option for question in lesson.questions for option in question.options]
    return [
        lesson.title,
        *lesson.story,
        lesson.guess.text,
        *(lesson.guess.told(guess, lesson.guess.truth()) for guess in (lesson.guess.low, lesson.guess.high)),
        *(label for dial in lesson.dials for label in (dial.label, *dial.choices)),
        *lesson.tasks,
        *(question.text for question in lesson.questions),
        *(text for option in options for text in (option.text, option.feedback, option.misconception)),
        *lesson.takeaway,
        lesson.onward,
        *lesson.trainer,
    ]


def sentences_of(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?])[”\"]?\s+", text) if part]


def words_drawn(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)  # noqa: S314
    return ["".join(element.itertext()) for element in root.iter() if element.tag.endswith("text")]


# ---------------------------------------------------------------- the form of every lesson


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.title)
def test_a_lesson_has_all_its_parts(lesson: Lesson) -> None:
    assert lesson.minutes == 25
    assert 3 <= len(lesson.story) <= 7
    assert lesson.tasks
    assert lesson.takeaway
    assert lesson.onward.endswith("?")
    assert sum(note.startswith("Expected:") and "Reply:" in note for note in lesson.trainer) == 3
    assert sum(map(int, re.findall(r"\b\d+\b", lesson.trainer[0]))) == lesson.minutes
    for dial in lesson.dials:
        assert dial.start in dial.choices
    assert lesson.show() == lesson.show(**{dial.name: dial.choices[dial.start] for dial in lesson.dials})


def test_lessons_stand_in_their_order() -> None:
    assert [lesson.number for lesson in LESSONS] == [3, 4, 5]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.title)
def test_every_concept_has_two_questions_and_every_wrong_answer_its_own_reply(lesson: Lesson) -> None:
    assert set(Counter(question.concept for question in lesson.questions).values()) == {2}
    replies = [option.feedback for question in lesson.questions for option in question.options]
    assert len(set(replies)) == len(replies)
    for question in lesson.questions:
        assert sum(option.right for option in question.options) == 1
        wrong = [option.misconception for option in question.options if not option.right]
        assert len(wrong) >= 3
        assert len(set(wrong)) == len(wrong)
        assert len({option.text for option in question.options}) == len(question.options)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.title)
def test_its_words_are_short_and_plain(lesson: Lesson) -> None:
    said = [line for state in states(lesson) for line in lesson.show(**state).said]
    for text in [*texts_of(lesson), *said]:
        assert not JARGON.search(text), text
        assert not AMERICAN.search(text), text
        for sentence in sentences_of(text):
            assert len(sentence.split()) <= 25, sentence


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.title)
def test_a_guess_has_a_truth_on_its_scale(lesson: Lesson) -> None:
    assert lesson.guess.low <= lesson.guess.truth() <= lesson.guess.high


# ---------------------------------------------------------------- what is shown


def test_every_value_of_every_dial_is_shown_and_told_the_same_way_each_time() -> None:
    for lesson, state, shown in every_state():
        assert shown == lesson.show(**state)
        assert ElementTree.fromstring(shown.svg).tag.endswith("svg")  # noqa: S314
        assert shown.alt
        assert all(shown.said)


def test_text_is_level_and_stands_inside_the_picture() -> None:
    for _, _, shown in every_state():
        root = ElementTree.fromstring(shown.svg)  # noqa: S314
        assert "rotate" not in shown.svg
        for element in root.iter():
            if element.tag.endswith("text"):
                assert 0 <= float(element.get("x", "0")) <= float(root.get("width", "0"))
                assert 0 <= float(element.get("y", "0")) <= float(root.get("height", "0"))


def test_dials_that_differ_show_something_different() -> None:
    """Apart from nearness where nothing is matched."""
    for lesson in LESSONS:
        pictures = Counter(
            lesson.show(**state).alt for state in states(lesson) if state.get("traits", True) != ()
        )
        assert len(pictures) >= 0.8 * sum(pictures.values()), lesson.title


# ---------------------------------------------------------------- lesson 3: twins


def spread_of_chances(found: twins.Twins) -> float:
    """Standard error of a gap between as many people who differ by luck alone, per 100."""
    chance = found.world.chance[found.world.treated]
    return 100 * float(chance.std()) * math.sqrt(2 / found.found)


def test_few_traits_leave_an_apparent_change_and_all_of_them_take_it_away() -> None:
    few, every = (twins.twins(traits, 0.1, False) for traits in ((0, 1), pairs.ALL))
    assert few.gap() < -8  # P-G20; the truth is nothing
    assert abs(every.gap()) < spread_of_chances(every)
    gaps = [twins.twins(tuple(range(count)), 0.1, False).gap() for count in (0, 2, 3, 4, 5)]
    assert gaps == sorted(gaps)


def test_this_holds_of_other_draws_of_the_same_law(monkeypatch: pytest.MonkeyPatch) -> None:
    def gaps(traits: tuple[int, ...], hidden: bool) -> list[float]:
        found = []
        for seed in range(12):
            monkeypatch.setattr(twins, "SEED", seed)
            for function in (twins.twins, twins._scores, twins.world):
                function.cache_clear()
            found.append(twins.twins(traits, 0.1, hidden).gap())
        return found

    every, few, unseen = gaps(pairs.ALL, False), gaps((0, 1), False), gaps(pairs.ALL, True)
    monkeypatch.undo()
    for function in (twins.twins, twins._scores, twins.world):
        function.cache_clear()
    assert abs(np.mean(every)) < 3 * np.std(every, ddof=1) / math.sqrt(12)
    assert np.mean(few) < -8
    assert np.mean(unseen) < -4


def test_no_nearness_and_no_trait_takes_away_what_nobody_recorded() -> None:
    for near in pairs.NEAR.values():
        assert twins.twins(pairs.ALL, near, True).gap() < -4
    found = twins.twins(pairs.ALL, 0.1, True)
    for place in range(len(twins.TRAITS)):
        mine, theirs = found.shares(found.world.has(place))
        assert abs(mine - theirs) < 8
    mine, theirs = found.shares(found.world.ready > twins.READY.over)
    assert mine - theirs > 15


def test_nearer_twins_lose_people_and_soon_gain_nothing() -> None:
    for traits in list(pairs.MATCH_ON.values())[1:]:
        kept = [twins.twins(traits, near, False).found for near in pairs.NEAR.values()]
        assert kept == sorted(kept, reverse=True)
        assert kept[0] == twins.TOOK_PART
        assert kept[-1] < 0.75 * twins.TOOK_PART
    rough, near, nearest = (twins.twins(pairs.ALL, width, False) for width in (2.0, 0.1, 0.001))
    assert abs(near.gap()) < abs(rough.gap()) - 5
    assert abs(near.gap() - nearest.gap()) < spread_of_chances(nearest)
    # Those lost are not like those kept, as the question says.
    assert (nearest.lost() or 0) < nearest.shares(nearest.world.chance)[0] - 5
    assert any(f"{nearest.found} of the 140" in question.text for question in pairs.LESSON.questions)


def test_a_charity_that_takes_the_harder_cases_is_made_to_look_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long Road of the second question: the same people, but those with the most convictions take part."""
    people = twins.world(False)
    treated = np.zeros(len(people.treated), dtype=bool)
    treated[np.argsort(-people.numbers[:, 2], kind="stable")[: twins.TOOK_PART]] = True
    monkeypatch.setattr(
        twins, "world", lambda hidden: twins.World(treated, people.numbers, people.ready, people.chance)
    )
    monkeypatch.setattr(twins, "_scores", twins._scores.__wrapped__)
    assert twins.twins.__wrapped__((0, 1), 0.1, False).gap() > 8


def test_weights_are_those_of_a_match() -> None:
    for traits, near in itertools.product(list(pairs.MATCH_ON.values())[1:], pairs.NEAR.values()):
        found = twins.twins(traits, near, False)
        treated = found.world.treated
        assert found.weight[~treated].sum() == pytest.approx(found.found)
        assert treated.sum() == twins.TOOK_PART


def test_picture_text_and_sentences_of_a_match_agree() -> None:
    for state in states(pairs.LESSON):
        found, shown = twins.twins(*state.values()), pairs.show(**state)  # type: ignore[arg-type]
        lost, matched = twins.TOOK_PART - found.found, bool(state["traits"])
        rows = pairs.compared(found)
        drawn = words_drawn(shown.svg)
        for name, mine, theirs in rows:
            assert f"{mine:.0f} and {theirs:.0f}" in drawn
            assert f"{name}: {mine:.0f} and {theirs:.0f}" in shown.alt
        for _, before in pairs.before(found):
            assert not matched or f"before matching {before:.0f}" in shown.alt
        assert pairs.seeming(found.gap()) in shown.alt
        assert pairs.seeming(found.gap()) in " ".join(shown.said)
        assert f"{rows[-1][1]:.0f} are likely" in shown.said[1]
        assert f"{rows[-1][2]:.0f}." in shown.said[1]
        if matched:
            assert f"{found.found} filled" in shown.alt
            assert f"{lost} empty" in shown.alt
            assert shown.said[0].startswith(f"{found.found} of the 140")
        assert any("no twin" in line for line in shown.said) == (lost > 0)
        assert shown.svg.count('fill="none" stroke="#505A5F"') == (lost + 1 if matched else 0)


# ---------------------------------------------------------------- lesson 4: luck

COMBINATIONS = list(itertools.product(luck.PEOPLE.values(), luck.FEWER.values()))


def within(share: float, expected: float, tries: int = years.REPLAYED) -> bool:
    """Whether a share of so many tries is within four standard errors of what theory gives."""
    return abs(share - expected) <= 4 * math.sqrt(expected * (1 - expected) / tries) + 1e-9


@pytest.mark.parametrize(("people", "fewer"), COMBINATIONS)
def test_as_many_years_look_clear_as_power_says(people: int, fewer: int) -> None:
    share = float(years.replay(people, fewer).clear.mean())
    expected = years.chance_clear(people, fewer) / 100
    # Of many people power is by the normal formula, which is about half a point off here.
    assert within(share, expected) or abs(share - expected) < 0.01


@pytest.mark.parametrize(("people", "fewer"), COMBINATIONS)
def test_ranges_hold_the_truth_about_95_times_in_100(people: int, fewer: int) -> None:
    """Nominally 95; ranges of this kind hold one point less with 60 people."""
    assert 0.935 < years.replay(people, fewer).holds.mean() < 0.957


def test_with_no_change_about_one_year_in_twenty_looks_clear() -> None:
    for people in luck.PEOPLE.values():
        assert 0.045 < years.replay(people, 0).clear.mean() < 0.062


def test_the_winners_overstate_about_threefold_at_142_people_and_three_fewer() -> None:
    """The knowledge behind this lesson has 3.2, of normal draws."""
    found = years.replay(142, 3)
    clear = found.seen[found.clear]
    assert 3.0 < (found.overstated() or 0) < 3.5
    assert np.std(clear) / 3 / math.sqrt(len(clear)) < 0.1  # the figure is not itself luck
    assert 0.10 < found.clear.mean() < 0.14


def test_the_more_people_the_less_the_winners_overstate() -> None:
    for fewer in (3, 6, 10):
        factors = [years.replay(people, fewer).overstated() or 0 for people in luck.PEOPLE.values()]
        assert factors == sorted(factors, reverse=True)
        assert min(factors) >= 0.99
    assert (years.replay(2000, 10).overstated() or 0) < 1.02


def test_the_range_is_the_lab_s_own() -> None:
    found = years.replay(142, 3)
    rng = np.random.default_rng([years.SEED, 142, 3])
    mine = rng.binomial(142, years.BASELINE - 0.03, years.REPLAYED)
    theirs = rng.binomial(710, years.BASELINE, years.REPLAYED)
    treated = np.repeat([True, False], [142, 710])
    for year in range(5):
        happened = np.concatenate([np.arange(142) < mine[year], np.arange(710) < theirs[year]]).astype(float)
        effect = unadjusted(happened, treated, np.ones(852))
        assert 100 * effect.difference == pytest.approx(found.seen[year])
        assert 100 * effect.low == pytest.approx(found.low[year])
        assert 100 * effect.high == pytest.approx(found.high[year])


def test_the_smallest_change_is_the_planner_s() -> None:
    """16 of every 100 at 60 people, 11 at 142: the figures of the planner."""
    seen = [years.reliably_seen(people) for people in (60, 142, 2000)]
    assert [round(size or 0) for size in seen] == [16, 11, 3]


def test_four_times_the_people_halve_the_range() -> None:
    few, many = (years.replay(people, 3) for people in (500, 2000))
    width = [float((found.high - found.low).mean()) for found in (few, many)]
    assert width[1] / width[0] == pytest.approx(0.5, abs=0.005)


def test_picture_text_and_sentences_of_the_years_agree() -> None:
    for state in states(luck.LESSON):
        people, fewer, turn = state.values()
        found, shown = years.replay(people, fewer), luck.show(**state)  # type: ignore[arg-type]
        some = slice(20 * turn, 20 * turn + 20)  # type: ignore[operator]
        clear, missed = int(found.clear[some].sum()), int((~found.holds[some]).sum())
        drawn = words_drawn(shown.svg)
        assert sum("looks clear" in text and "year" not in text for text in drawn) == clear
        assert sum("misses" in text for text in drawn) == missed
        assert shown.alt.count(", clear") == clear
        assert f", {clear or 'none'} look" in shown.said[0]
        assert f"and {missed or 'no'} range" in shown.said[0]
        assert f"about {100 * found.clear.mean():.0f} look" in shown.said[1]
        assert any(f"about {100 * found.holds.mean():.0f} hold" in line for line in shown.said)
        assert shown.alt.count("range") == 20
        told = re.search(r"average ([\d.]+) fewer", " ".join(shown.said))
        assert (told is not None) == (fewer > 0)
        if told and (times := re.search(r"shows ([\d.]+) times", " ".join(shown.said))):
            assert float(told[1]) / float(fewer) == pytest.approx(float(times[1]), abs=0.07)  # type: ignore[arg-type]


# ---------------------------------------------------------------- lesson 5: claims


@pytest.mark.parametrize("case", FOUND)
@pytest.mark.parametrize("confidence", claims.CONFIDENCE.values())
def test_invented_results_are_valid_and_bear_their_own_kit(case: str, confidence: str) -> None:
    results = invented(case, confidence)
    assert Results.model_validate_json(results.to_json()) == Results.model_validate_json(results.to_json())
    assert check_draft(" ".join(kit(results).sentences), results) == []
    assert claims.answered(results) in claims.show(case, confidence).said[0]


def test_the_sorting_is_what_the_committed_report_gives_for_the_same_verdict() -> None:
    report = Results.model_validate_json(REPORT.read_text(encoding="utf-8"))
    verdict = report.headline.verdict
    assert verdict is not None
    theirs = [sorting.sort(asked, sentence, report).pile for asked, sentence in sorting.draft(report)]
    assert theirs == [one.pile for one in sorting.six(verdict.case, verdict.confidence)]


def test_each_sentence_changes_its_pile_only_where_it_should() -> None:
    piles = {
        (case, confidence): {one.asked: one.pile for one in sorting.six(case, confidence)}
        for case in FOUND
        for confidence in claims.CONFIDENCE.values()
    }
    for (case, confidence), found in piles.items():
        unsure = case == "E" or confidence == "very low"
        assert found["baseline"] == sorting.CAN
        assert found["difference"] == sorting.NEED
        assert found["range"] == (sorting.NEED if confidence == "very low" else sorting.CAN)
        assert found["confidence"] == sorting.CANNOT
        if unsure:
            assert found["direction"] == found["claim"] == sorting.NEED
        elif case in "AB":
            assert found["direction"] == (sorting.CAN if confidence == "high" else sorting.NEED)
            assert found["claim"] == sorting.NEED
        else:
            assert found["direction"] == found["claim"] == sorting.CANNOT


def test_a_sentence_that_needs_more_can_be_said_once_it_has_it() -> None:
    results = invented("A", "moderate")
    sentences = {one.asked: one for one in sorting.six("A", "moderate")}
    assert check_draft(f"{sentences['difference'].sentence} {sentences['range'].sentence}", results) == []
    assert check_draft("Our mentoring probably reduced reoffending.", results) == []


def test_the_six_questions_of_comprehension_are_there_and_right() -> None:
    """Their numbers are those of the invented result, and the checker agrees with what is right and wrong."""
    results = invented("A", "moderate")
    measure = sorting.main(results)
    estimate = estimate_of(measure)
    assert estimate is not None
    mine, theirs = spoken(measure, measure.treatment or 0), spoken(measure, compared(measure) or 0)
    assert (mine, theirs, measure.n_treatment) == (31, 40, 797)
    assert span(measure, results.words, estimate.low, estimate.high).startswith("between 5 and 13 fewer")
    questions = claims_questions.QUESTIONS
    assert len(questions) == 6
    assert f"About {theirs} of every 100" in right(questions[0].options).text
    relative = [o for o in questions[1].options if o.text.startswith("Reoffending was 22%")]
    assert round(100 * abs(estimate.difference / (compared(measure) or 1))) == 22
    assert check_draft(relative[0].text, results)[0].kind == "size"
    assert check_draft(right(questions[1].options).text, results) == []
    for question in questions[4:]:
        for option in question.options:
            assert (check_draft(option.text, results) == []) == option.right, option.text


def right(options: tuple[Option, ...]) -> Option:
    return next(option for option in options if option.right)


def test_picture_text_and_sentences_of_the_claims_agree() -> None:
    for state in states(claims.LESSON):
        case, confidence = state.values()
        shown, six = claims.show(**state), sorting.six(case, confidence)  # type: ignore[arg-type]
        drawn = words_drawn(shown.svg)
        for pile, words in (
            (sorting.CAN, "can be said,"),
            (sorting.NEED, "must wait"),
            (sorting.CANNOT, "cannot be said"),
        ):
            count = [one.pile for one in six].count(pile)
            assert drawn.count(pile) == count
            assert shown.alt.count(f"{pile}: ") == count
            assert f"{claims.COUNTS[count]} {words}" in shown.said[2]
        for one in six:
            assert one.sentence in shown.alt
