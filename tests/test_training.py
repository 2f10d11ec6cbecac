"""The lessons: true in what they claim, plain in what they say, and pressed from the first guess to the end."""

from __future__ import annotations

import argparse
import ast
import base64
import html
import itertools
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import ipywidgets
import lesson_rates
import pandas as pd
import pytest

from datalab_helpers.cli import teach
from datalab_helpers.plots.drawing import Drawing
from datalab_helpers.training import open_lesson, pieces
from datalab_helpers.training.lesson import Dial, Guess, Lesson, Option, Question, Shown
from datalab_helpers.training.lessons import FILES, compared, lesson, rate
from datalab_helpers.training.pictures import hundredths
from datalab_helpers.training.screen import Screen

ROOT = Path(__file__).resolve().parents[1]
ROOM = ROOT / "datalab_helpers/training"
NOTEBOOKS = sorted((ROOT / "notebooks/training").glob("*.ipynb"))
LESSONS = [lesson(number) for number in FILES]
MOST_WORDS = 25
# Words of analysts that no lesson may use: the README's glossary is not read by learners.
JARGON = re.compile(
    r"\b(SMD|caliper|propensity|p-value|significan\w*|covariates?|ATT|confound\w*|cohort|baseline|estimand|"
    r"variance|standard deviation|regression|odds|logistic|random\w* effects?|bias\w*)\b",
    re.IGNORECASE,
)
EACH = pytest.mark.parametrize("shown", LESSONS, ids=lambda each: f"lesson {each.number}")


def settings(shown: Lesson) -> list[dict[str, object]]:
    """All values of all dials together."""
    names = [dial.name for dial in shown.dials]
    return [
        dict(zip(names, values, strict=True))
        for values in itertools.product(*(dial.choices.values() for dial in shown.dials))
    ]


def displays(shown: Lesson) -> Iterator[Shown]:
    for values in settings(shown):
        yield shown.show(**values)


def texts(shown: Lesson) -> Iterator[str]:
    """Everything that a learner or a trainer can read in a lesson."""
    yield from (shown.title, *shown.story, *shown.tasks, *shown.takeaway, shown.onward, *shown.trainer)
    yield from (shown.guess.text, pieces.guess_label(shown.guess), pieces.guess_again(shown.guess))
    yield from (
        shown.guess.told(value, shown.guess.truth()) for value in range(shown.guess.low, shown.guess.high + 1)
    )
    for dial in shown.dials:
        yield from (dial.label, *dial.choices)
    for question in shown.questions:
        yield question.text
        for option in question.options:
            yield from (option.text, option.feedback, option.misconception)
    for display in displays(shown):
        yield from (display.alt, *display.said)


def whole_numbers(words: str) -> list[int]:
    return [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", words)]


# ---------------------------------------------------------------- what is asked of every lesson


@EACH
def test_a_lesson_has_all_its_parts(shown: Lesson) -> None:
    assert FILES[shown.number]
    assert shown.title
    assert 15 <= shown.minutes <= 30
    assert shown.story
    assert shown.tasks
    assert shown.takeaway
    assert "minutes" in shown.trainer[0]
    assert sum(each.startswith("Expected:") and "Reply:" in each for each in shown.trainer) >= 3


@EACH
def test_each_concept_has_two_questions_and_each_question_one_right_answer(shown: Lesson) -> None:
    concepts = [question.concept for question in shown.questions]
    assert all(concepts.count(concept) >= 2 for concept in concepts)
    for question in shown.questions:
        assert [option.right for option in question.options].count(True) == 1, question.text
        assert len(question.options) >= 3


@EACH
def test_each_wrong_answer_has_a_mistake_and_words_of_its_own(shown: Lesson) -> None:
    options = [option for question in shown.questions for option in question.options]
    assert all(option.feedback for option in options)
    assert len({option.feedback for option in options}) == len(options)
    mistakes = [option.misconception for option in options if not option.right]
    assert len(set(mistakes)) == len(mistakes)


@EACH
def test_the_right_answer_does_not_always_stand_in_one_place(shown: Lesson) -> None:
    assert len({[o.right for o in asked.options].index(True) for asked in Screen(shown).asked}) > 1


@EACH
def test_sentences_are_short_and_free_of_the_words_of_analysts(shown: Lesson) -> None:
    listed = {display.alt for display in displays(shown)}
    for words in texts(shown):
        assert not JARGON.search(words), words
        for sentence in re.split(r"(?<=[.!?])\s+", words):
            if words in listed:  # what stands for a picture may list its numbers
                sentence = max(sentence.split(";"), key=len)
            assert len(sentence.split()) <= MOST_WORDS, sentence


@EACH
def test_a_picture_has_its_numbers_in_words_and_in_sentences(shown: Lesson) -> None:
    """The results drawn are in the alternative text; the large ones are in the sentences too."""
    for display in displays(shown):
        drawn = ElementTree.fromstring(display.svg)  # noqa: S314  our own text
        # Ticks of an axis are grey or ink and not bold; a result is.
        alone = [
            int(each.text or "")
            for each in drawn.iter()
            if re.fullmatch(r"\d+", each.text or "")
            if each.get("font-weight") == "bold"
        ]
        assert set(alone) <= set(whole_numbers(display.alt)), display.alt
        headline = [
            int(each.text or "")
            for each in drawn.iter()
            if each.get("font-size") == "42" and re.fullmatch(r"\d+", each.text or "")
        ]
        said = whole_numbers(" ".join(display.said))
        assert set(headline) <= set(said), display.said
        assert display.alt
        assert display.said
        assert "href" not in display.svg


@EACH
def test_the_same_dials_show_the_same(shown: Lesson) -> None:
    start = {dial.name: dial.choices[dial.start] for dial in shown.dials}
    assert shown.show(**start) == shown.show(**start)


@EACH
def test_the_truth_of_the_guess_can_be_guessed(shown: Lesson) -> None:
    assert shown.guess.low <= shown.guess.truth() <= shown.guess.high


def test_only_the_screen_makes_widgets() -> None:
    for path in ROOM.rglob("*.py"):
        names = {
            name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom) and not node.level
                else []
            )
        }
        assert path.name == "screen.py" or not names & {"ipywidgets", "IPython", "matplotlib"}, path
        assert not names & {"open", "socket", "urllib", "requests", "tempfile"}, path


# ---------------------------------------------------------------- pressed from top to bottom


def hidden(part: ipywidgets.Widget) -> bool:
    return part.layout.display == "none"


@EACH
def test_every_button_dial_and_option_of_a_lesson_answers(shown: Lesson) -> None:
    screen = Screen(shown)
    assert hidden(screen.play)
    assert all(hidden(asked.view) for asked in screen.asked)
    for nonsense in ("", "abc", "1e9", "-1", "<b>", "9" * 400, str(shown.guess.high + 1)):
        screen.guess.value = nonsense
        screen.reveal.click()
        assert "Please type a number" in screen.revealed.value
        assert hidden(screen.play)
        assert screen.picture.value == ""
    screen.guess.value = f" {shown.guess.low} "
    screen.reveal.click()
    assert not hidden(screen.play)
    told = screen.revealed.value
    screen.reveal.click()
    assert screen.revealed.value == told
    for dial in shown.dials:
        for words in dial.choices:
            screen.dials[dial.name].value = words
            values = {each.name: each.choices[screen.dials[each.name].value] for each in shown.dials}
            expected = shown.show(**values)
            assert f'alt="{html.escape(expected.alt)}"' in screen.picture.value
            assert base64.b64encode(expected.svg.encode()).decode() in screen.picture.value
            assert all(f"<p>{html.escape(sentence)}</p>" in screen.twin.value for sentence in expected.said)
    screen.onward.click()
    for asked in screen.asked:
        assert not hidden(asked.view)
        assert asked.choice.value is None
        asked.check.click()
        assert pieces.ANSWER_FIRST in asked.told.value
        assert hidden(asked.next)
        for place, option in enumerate(asked.options):
            asked.choice.value = place
            asked.check.click()
            assert html.escape(option.feedback) in asked.told.value
        asked.next.click()
    count = len(shown.questions)
    right = sum(asked.options[0].right for asked in screen.asked)  # only the first try counts
    assert f"{right} of {count} right" in screen.end.value
    assert not hidden(screen.end)
    assert all(html.escape(sentence) in screen.end.value for sentence in (*shown.takeaway, shown.onward))
    assert screen.faults == []


@EACH
def test_whatever_can_be_set_has_a_visible_name(shown: Lesson) -> None:
    screen = Screen(shown)
    assert screen.guess.description
    assert all(dial.description for dial in screen.dials.values())
    assert all(asked.choice.value is None for asked in screen.asked)
    assert all(isinstance(each, ipywidgets.Select) for each in screen.dials.values())


def test_a_wide_picture_gets_a_row_of_its_own() -> None:
    drawing = Drawing(760, 100).svg()
    screen = Screen(small(show=lambda size: Shown(drawing, "alt", ("said",))))
    screen.guess.value = "4"
    screen.reveal.click()
    assert screen.picture.layout.flex == "1 1 740px"


def broken(**_: object) -> Shown:
    raise ZeroDivisionError("the text of an error")


def fails() -> float:
    raise KeyError("the text of an error")


def small(**changed: object) -> Lesson:
    options = (Option("a <b>bold</b> claim", "because & so"), Option("other", "no", "a mistake"))
    parts: dict[str, object] = {
        "number": 9,
        "title": "<i>Title</i>",
        "minutes": 5,
        "story": ("A <script>story</script>.",),
        "guess": Guess("How many?", 0, 10, "people", lambda: 3, lambda guess, truth: f"{guess} <{truth}>"),
        "dials": (Dial("size", "Size", {"one": 1, "two": 2}, "one"),),
        "show": lambda size: Shown("<svg/>", f'"{size}" > 0', (f"size < {size}",)),
        "tasks": ("Try <it>.",),
        "questions": (Question("Is <x> true?", options, "truth"),) * 2,
        "takeaway": ("Keep <this>.",),
        "trainer": ("Note <that>.",),
    }
    return Lesson(**{**parts, **changed})  # type: ignore[arg-type]


def all_html(part: ipywidgets.Widget) -> str:
    own = part.value if isinstance(part, ipywidgets.HTML) else ""
    return own + "".join(all_html(child) for child in getattr(part, "children", ()))


def test_a_learner_never_sees_an_error() -> None:
    for changed in ({"show": broken}, {"guess": Guess("How many?", 0, 10, "", fails, lambda g, t: "")}):
        screen = Screen(small(**changed))
        screen.guess.value = "4"
        screen.reveal.click()
        screen.dials["size"].value = "two"
        assert screen.faults
        assert "the text of an error" not in all_html(screen.view)
        assert not hidden(screen.play)


def test_what_a_lesson_says_is_shown_as_text() -> None:
    screen = Screen(small())
    screen.guess.value = "4"
    screen.reveal.click()
    screen.onward.click()
    for asked in screen.asked:
        asked.choice.value = 0
        asked.check.click()
        asked.next.click()
    shown = all_html(screen.view).replace(pieces.STYLE, "")
    tags = set(re.findall(r"</?(\w+)", shown))
    assert tags <= {"h2", "h3", "p", "div", "ol", "li", "img", "details", "summary"}
    assert "&lt;script&gt;" in shown


def test_a_lesson_that_is_not_there_is_told_kindly() -> None:
    assert "There is no such lesson" in open_lesson(99).value
    assert isinstance(open_lesson(1), ipywidgets.VBox)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("38", 38),
        (" 38 % ", 38),
        ("38,5", 38.5),
        ("0", 0),
        ("100", 100),
        ("101", None),
        ("-0.1", None),
        ("nan", None),
    ],
)
def test_a_guess_is_read_as_people_type_it(typed: str, read: float | None) -> None:
    assert pieces.read_guess(typed, Guess("?", 0, 100, "", float, lambda g, t: "")) == read


# ---------------------------------------------------------------- lesson 1: true of the records


def test_the_table_of_lesson_1_is_what_the_records_give() -> None:
    kept = pd.read_csv(lesson_rates.KEPT)
    pd.testing.assert_frame_equal(kept, lesson_rates.rates(), check_dtype=False)
    assert list(kept.columns) == ["who", "start", "what", "follow_up", "people", "reoffended"]


def test_one_rate_counted_by_hand_another_way() -> None:
    """The lab's own way, person by person, in plain Python."""
    sentences, offences = (
        pd.read_parquet(lesson_rates.RECORDS / f"{name}.parquet") for name in ("sentences", "offences")
    )
    left = sentences[(sentences["kind"] == "custody") & (sentences["establishment"] == lesson_rates.PRISON)]
    first: dict[int, object] = {}
    for row in left.itertuples():
        if row.released_on is not None and "2019-01-01" <= str(row.released_on) <= "2022-06-30":
            first[row.person_id] = min(row.released_on, first.get(row.person_id, row.released_on))  # type: ignore[type-var]
    again = set()
    for row in offences[offences["person_id"].isin(list(first))].itertuples():
        start = pd.Timestamp(first[row.person_id])
        happened, proved = pd.Timestamp(row.offence_date), pd.Timestamp(row.proven_date)
        in_time = happened <= start + pd.DateOffset(years=1) and proved <= start + pd.DateOffset(months=18)
        if start < happened and in_time and row.how_proven in {"court", "caution"}:
            again.add(row.person_id)
    assert (len(first), len(again)) == (rate.rate().people, rate.rate().reoffended)


def test_what_lesson_1_says_of_the_ways_of_counting_is_true() -> None:
    for who, start, what in itertools.product(
        ("everyone", "short", "long"), (0, 3), ("proven", "any", "prison")
    ):
        grown = [rate.rate(who, start, what, months).reoffended for months in (3, 6, 12, 24)]
        assert grown == sorted(grown)
    for who, start, months in itertools.product(("everyone", "short", "long"), (0, 3), (3, 6, 12, 24)):
        prison, proven, anything = (
            rate.rate(who, start, what, months).reoffended for what in ("prison", "proven", "any")
        )
        assert prison < proven <= anything
    for start in (0, 3):
        parts = [rate.rate(who, start).people for who in ("everyone", "short", "long")]
        assert parts[0] == parts[1] + parts[2]
    assert rate.POST - rate.ECHO >= 25  # two newspapers, one prison
    assert rate.TWO_YEARS - rate.YEAR >= 10
    assert rate.SHORT - rate.LONG >= 20
    assert rate.YEAR - rate.LATE >= 3  # a later start alone
    assert rate.rate(start=3).people < rate.rate().people
    # Most of the gap between the newspapers comes from the time, as an answer says.
    assert rate.TWO_YEARS - rate.ECHO > (rate.POST - rate.ECHO) / 2


def test_lesson_1_tells_apart_other_people_and_another_way() -> None:
    assert "The people are the same" in rate.show("everyone", 0, "proven", 6).said[-1]
    assert "Nobody behaved differently" in rate.show("long", 0, "proven", 12).said[-1]
    assert "the lab's own way" in rate.show(**rate.USUAL).said[-1]  # type: ignore[arg-type]


# ---------------------------------------------------------------- lesson 2: true of its country


@pytest.mark.parametrize("seed", [compared.SEED, 2, 3, 4, 5])
def test_keen_participants_make_a_gap_without_any_effect(seed: int) -> None:
    gaps = [100 * (c.participants - c.everyone) for c in (compared.country(t, 0, seed) for t in (1, 2, 4, 8))]
    assert abs(gaps[0]) < 1
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] <= -8


@pytest.mark.parametrize("seed", [compared.SEED, 2, 3, 4, 5])
@pytest.mark.parametrize("times", [1, 2, 4, 8])
def test_like_with_like_finds_the_truth_whatever_it_is(times: float, seed: int) -> None:
    for fewer in (0, 5):
        found = compared.country(times, fewer, seed)
        assert 100 * (found.participants - found.alike) == pytest.approx(-fewer, abs=1)


def test_the_seed_of_lesson_2_lets_rounding_blur_nothing() -> None:
    for times, fewer in itertools.product((1, 2, 4, 8), (0, 5)):
        found = compared.country(times, fewer)
        assert compared.in_100(found.participants) - compared.in_100(found.alike) == -fewer
    assert "no gap" in compared.show(1, "everyone", 0).said[2]


def test_the_law_of_lesson_2_is_the_one_it_states() -> None:
    """Worked out by hand: 30, 40 and 30 people who reoffend at 14, 40 and 60 in 100."""
    by_hand = 0.3 * 14 + 0.4 * 40 + 0.3 * 60
    assert 100 * compared.country(1).everyone == pytest.approx(by_hand, abs=0.3)
    joined = [0.3 * 8, 0.4 * 8**0.5, 0.3]
    rate_8 = sum(share * risk for share, risk in zip(joined, (14, 40, 60), strict=True)) / sum(joined)
    assert 100 * compared.country(8).participants == pytest.approx(rate_8, abs=0.7)


def test_people_who_are_given_up_on_make_a_gap_the_other_way() -> None:
    """What the third question of lesson 2 says."""
    found = compared.country(1 / 8)
    assert 100 * (found.participants - found.everyone) >= 8


def test_shares_become_whole_people_that_add_up() -> None:
    assert hundredths([1 / 3, 1 / 3, 1 / 3]) == [34, 33, 33]
    assert hundredths([0.628, 0.2946, 0.0774]) == [63, 29, 8]


# ---------------------------------------------------------------- notebooks and the command


def test_each_notebook_of_the_training_opens_a_lesson() -> None:
    assert [int(path.stem.split("_")[0]) for path in NOTEBOOKS] == sorted(FILES)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda each: each.stem)
def test_a_notebook_of_the_training_shows_no_code_and_holds_no_output(path: Path) -> None:
    title, code = json.loads(path.read_text(encoding="utf-8"))["cells"]
    number = int(path.stem.split("_")[0])
    assert title["cell_type"] == "markdown"
    assert title["source"][0].strip() == f"# Lesson {number}: {lesson(number).title}"
    assert code["cell_type"] == "code"
    assert code["metadata"] == {"jupyter": {"source_hidden": True}}
    assert code["outputs"] == []
    assert code["execution_count"] is None
    # A hidden cell shows its first line.
    assert "".join(code["source"]) == (
        f"# Lesson {number} starts here\nfrom datalab_helpers.training import open_lesson\n\nopen_lesson({number})"
    )


def test_the_training_opens_as_closed_as_the_lab(tmp_path: Path) -> None:
    command, environment = teach.prepared(tmp_path)
    recipe = re.search(
        r"^lab:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert recipe
    asked = set(re.findall(r"--\S+=\S+", recipe.group(1)))
    differ = {each for each in asked if each.startswith(("--ServerApp.root_dir", "--LabApp.default_url"))}
    assert asked - differ == set(teach.CLOSED)
    assert len(differ) == 2
    assert f"--ServerApp.root_dir={tmp_path / 'lessons'}" in command
    assert sorted(path.name for path in (tmp_path / "lessons").iterdir()) == [path.name for path in NOTEBOOKS]
    for name in ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR"):
        assert Path(environment[name]).is_relative_to(tmp_path)


def test_the_arrow_keys_belong_to_the_lesson() -> None:
    off = [(each["command"], each["keys"]) for each in teach.single_keys()]
    for expected in ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "X", "A", "B"):
        assert any(keys == [expected] for _, keys in off), expected
    assert ("notebook:delete-cell", ["D", "D"]) in off
    assert not any("Enter" in " ".join(keys) for _, keys in off)  # type: ignore[arg-type]


def test_the_command_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    places = []

    class Ended:
        def __init__(self, command: list[str], env: dict[str, str]) -> None:
            places.append(Path(env["IPYTHONDIR"]).parent)
            assert command[:3] == [sys.executable, "-m", "jupyterlab"]
            assert command[-1] == "--no-browser"
            assert places[-1].is_dir()

        def wait(self) -> int:
            if len(places) == 1:
                places.append(places[0])
                raise KeyboardInterrupt
            return 0

    monkeypatch.setattr(teach.subprocess, "Popen", Ended)
    assert teach._training(argparse.Namespace(lab_options="--no-browser")) == 0
    assert not places[0].exists()
