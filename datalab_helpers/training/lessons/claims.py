"""Lesson 5: what may be said of a result, sorted by the same rules that check real drafts."""

from __future__ import annotations

from ...disclosure.results import Results
from ...plots.drawing import (
    BAND,
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    PINK,
    TURQUOISE,
    WIDE,
    Axis,
    Drawing,
    wrap,
)
from ...wording.numbers import capital
from ...wording.units import estimate_of, span
from ...wording.verdict import confidence_said, detectable_sentence, range_only, verdict_sentence
from ..lesson import Dial, Guess, Lesson, Shown
from .claims_questions import QUESTIONS
from .example import SMALLEST, invented
from .sorting import CAN, CANNOT, NEED, Sorted, main, six

CASES = {
    "A fall that matters": "A",
    "A fall, perhaps a small one": "B",
    "Little or no difference": "C",
    "No fall that matters": "D",
    "A range too wide to tell": "E",
    "A rise": "F",
}
CONFIDENCE = {"High": "high", "Moderate": "moderate", "Low": "low", "Very low": "very low"}
REACH = 18.0  # people in every 100, each way
COLOURS = {CAN: TURQUOISE, NEED: ORANGE, CANNOT: PINK}
COUNTS = ("none", "one", "two", "three", "four", "five", "six")


def show(case: str = "A", confidence: str = "moderate") -> Shown:
    results, sentences = invented(case, confidence), six(case, confidence)
    answer = answered(results)
    return Shown(
        picture(results, sentences, answer), alternative(results, sentences, answer), said(results, sentences)
    )


def answered(results: Results) -> str:
    """The first sentence of page 1, as the report would print it."""
    verdict = results.headline.verdict
    return verdict_sentence(verdict, main(results), results.words, results.rules) if verdict else ""


# ---- The picture: the answer, its range, and the six sentences in their piles.


def picture(results: Results, sentences: tuple[Sorted, ...], answer: str) -> str:
    rows = [(one, wrap(one.sentence, 15, WIDE - 150), wrap(reason(one), 12, WIDE - 150)) for one in sentences]
    heights = [22 * len(text) + 18 * len(why) + 14 for _, text, why in rows]
    drawing = Drawing(WIDE, 188 + sum(heights))
    after = drawing.lines_of_text(10, 24, wrap(answer, 17, WIDE - 50), size=17, bold=True)
    range_of(drawing, results, after + 22)
    y = 178.0
    for (one, text, why), height in zip(rows, heights, strict=True):
        drawing.line(10, y - 4, WIDE - 10, y - 4, PALE)
        mark(drawing, one.pile, 18, y + 15)
        drawing.text(32, y + 20, one.pile, size=14, bold=True)
        below = drawing.lines_of_text(130, y + 20, text, size=15)
        drawing.lines_of_text(130, below, why, size=12, colour=GREY)
        y += height
    return drawing.svg()


def mark(drawing: Drawing, pile: str, x: float, y: float) -> None:
    """A shape for each pile, so that colour is never alone: a dot, a diamond, a square."""
    if pile == CAN:
        drawing.dot(x, y, 7, COLOURS[pile])
    elif pile == NEED:
        drawing.diamond(x, y, 9, COLOURS[pile])
    else:
        drawing.box(x - 7, y - 7, 14, 14, COLOURS[pile])


def range_of(drawing: Drawing, results: Results, y: float) -> None:
    estimate = estimate_of(main(results))
    if estimate is None:
        return
    axis = Axis(-REACH, REACH, 150, WIDE - 150)
    low, seen, high = (100 * value for value in (estimate.low, estimate.difference, estimate.high))
    drawing.box(axis(-SMALLEST), y - 18, axis(SMALLEST) - axis(-SMALLEST), 36, BAND)
    drawing.line(axis(0), y - 22, axis(0), y + 22, INK)
    drawing.line(axis(low), y, axis(high), y, BLUE, 4)
    drawing.dot(axis(seen), y, 7, BLUE)
    for tick in (-15, -10, -5, 0, 5, 10, 15):
        drawing.text(axis(tick), y + 38, f"{abs(tick)}", size=12, colour=GREY, anchor="middle")
    drawing.text(axis(0), y + 58, "shaded: too small to matter", size=12, colour=GREY, anchor="middle")
    drawing.text(140, y + 38, "fewer in every 100", size=12, colour=GREY, anchor="end")
    drawing.text(WIDE - 140, y + 38, "more in every 100", size=12, colour=GREY)


def reason(one: Sorted) -> str:
    return f"It needs {one.because}." if one.pile == NEED else f"{capital(one.because)}."


def alternative(results: Results, sentences: tuple[Sorted, ...], answer: str) -> str:
    listed = " ".join(f"{one.pile}: {one.sentence} {reason(one)}" for one in sentences)
    measure = main(results)
    estimate = estimate_of(measure)
    reach = span(measure, results.words, estimate.low, estimate.high) if estimate else "none"
    return f"{answer} A line shows the range: {reach}. Six sentences of a draft. {listed}"


def said(results: Results, sentences: tuple[Sorted, ...]) -> tuple[str, ...]:
    piles = [one.pile for one in sentences]
    can, need, cannot = (COUNTS[piles.count(pile)] for pile in (CAN, NEED, CANNOT))
    verdict = results.headline.verdict
    told = [
        answered(results),
        f"That is how page 1 of the report would begin, at {confidence_said(verdict)}." if verdict else "",
        f"Of the six sentences, {can} can be said, {need} must wait for more, and {cannot} cannot be said.",
    ]
    if verdict and range_only(verdict):
        told.append(detectable_sentence(main(results), results.words))
    return tuple(told)


# ---- The lesson.


def ready() -> float:
    """How many of the six can be said as they stand, of the result that the dials start at."""
    return float(sum(one.pile == CAN for one in six("A", "moderate")))


def told(guess: float, truth: float) -> str:
    start = "Right" if guess == truth else "You said more" if guess > truth else "You said fewer"
    return (
        f"{start}: {truth:.0f} of the six can be said as they stand. The others need more, or cannot be said."
    )


LESSON = Lesson(
    number=5,
    title="What may we say?",
    minutes=25,
    story=(
        "Second Start has its result at last, and the annual report is due.",
        "A volunteer has written six sentences about it.",
        "Each belongs on one of three piles: we can say it, we cannot, or it needs more first.",
        "The piles are sorted by the rules that the data lab uses to check real drafts.",
        "Everything here is invented, so try what other results would allow.",
    ),
    guess=Guess(
        "Confidence is moderate and the range holds only falls that matter. "
        "How many of the six sentences can be said as they stand?",
        0,
        6,
        "sentences",
        ready,
        told,
    ),
    dials=(
        Dial("case", "What was found", CASES, "A fall that matters"),
        Dial("confidence", "How sure the report is", CONFIDENCE, "Moderate"),
    ),
    show=show,
    tasks=(
        "Before you look, sort the six sentences by hand. Then compare.",
        "Raise the confidence to high. Which sentence moves, and why only that one?",
        "Choose the range that is too wide to tell. What can still be said?",
        "Lower the confidence to very low. Read what the report prints now.",
        "Find a sentence that no result allows. Write it again so that it can be said.",
    ),
    questions=QUESTIONS,
    takeaway=(
        "Say both figures, the difference and its range, and whom you were compared with.",
        "Let the word match the confidence: reduced, probably reduced, may have reduced.",
        "A result is about the people analysed. It is no proof and no promise.",
        "Not being able to tell is a result too, and it says what to collect next.",
        "Read on: page 1 of the example, reports/JDL-2026-001/report.html, and its claim kit.",
    ),
    onward="Which two things will you write down from now on, so that the next result can tell more?",
    trainer=(
        "Timing: story and guess 3 minutes, sorting by hand in pairs 8, dials 5, questions 6, takeaway 3.",
        "Expected: “It is true, so we may say it.” Reply: a difference without its range is true and still misleads.",
        "Expected: “Per cent sounds better.” Reply: ask how many people that is, of every 100.",
        "Expected: “Not clear means that we must stay silent.” Reply: read out the sentence that the report prints.",
        "The checker has no rule for a range at very low confidence, so the lesson adds one: there the report draws no conclusion.",
    ),
)
