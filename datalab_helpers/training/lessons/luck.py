"""Lesson 4: one programme, many years, many answers, and why the best of them is too good."""

from __future__ import annotations

import numpy as np

from ...plots.drawing import BLUE, GREY, INK, ORANGE, PALE, PINK, TURQUOISE, WIDE, Axis, Drawing
from ..lesson import Dial, Guess, Lesson, Shown
from .luck_questions import QUESTIONS
from .years import Years, reliably_seen, replay

SHOWN = 20  # years in one picture
PEOPLE = {"60 people": 60, "142 people": 142, "500 people": 500, "2,000 people": 2_000}
FEWER = {
    "Nothing is changed": 0,
    "3 fewer in every 100": 3,
    "6 fewer in every 100": 6,
    "10 fewer in every 100": 10,
}
TURNS = {f"Years {20 * turn + 1} to {20 * turn + 20}": turn for turn in range(5)}
REACH = (-40.0, 30.0)


def show(people: int = 142, fewer: int = 3, turn: int = 0) -> Shown:
    years = replay(people, fewer)
    some = slice(SHOWN * turn, SHOWN * (turn + 1))
    rows = Years(years.truth, years.seen[some], years.low[some], years.high[some])
    head = f"{SHOWN} years, the same programme: {counted(rows)}"
    told = (counted_out(rows), *in_the_long_run(years), *reach(people))
    return Shown(picture(rows, turn, head), alternative(rows, turn, head), told)


def counted(rows: Years) -> str:
    clear = int(rows.clear.sum())
    return f"{clear or 'none'} {'looks' if clear == 1 else 'look'} clear"


# ---- The picture: a dot and its range for each year.


def picture(rows: Years, turn: int, head: str) -> str:
    step, top = 19.0, 96.0
    bottom = top + step * len(rows.seen)
    drawing = Drawing(WIDE, bottom + 52)
    axis = Axis(*REACH, 96, WIDE - 190)
    drawing.text(10, 24, head, size=18, bold=True)
    drawing.dot(16, 47, 5, BLUE)
    drawing.text(28, 52, "a year and its range")
    drawing.diamond(196, 47, 7, ORANGE)
    drawing.text(210, 52, "a year that looks clear")
    drawing.line(392, 47, 416, 47, TURQUOISE, 3, "6 3")
    drawing.text(422, 52, f"the truth: {change(rows.truth)}")
    drawing.line(axis(0), top - 14, axis(0), bottom, GREY, 2)
    drawing.text(axis(0) + 6, top - 16, "no change", size=12, colour=GREY)
    drawing.line(axis(rows.truth), top - 14, axis(rows.truth), bottom, TURQUOISE, 3, "6 3")
    for place, (seen, low, high) in enumerate(zip(rows.seen, rows.low, rows.high, strict=True)):
        y = top + step * place + 4
        clear = bool(rows.clear[place])
        drawing.text(10, y + 4, f"Year {SHOWN * turn + place + 1}", size=12, colour=GREY)
        drawing.line(axis(low), y, axis(high), y, ORANGE if clear else BLUE, 2)
        if clear:
            drawing.diamond(axis(seen), y, 7, ORANGE)
        else:
            drawing.dot(axis(seen), y, 4.5, BLUE)
        remark = ", ".join(["looks clear"] * clear + ["misses the truth"] * (not rows.holds[place]))
        drawing.text(
            WIDE - 178, y + 4, remark, size=12, colour=INK if rows.holds[place] else PINK, bold=clear
        )
    drawing.line(axis(REACH[0]), bottom, axis(REACH[1]), bottom, PALE)
    for tick in range(-40, 31, 10):
        drawing.text(axis(tick), bottom + 18, f"{abs(tick)}", size=12, colour=GREY, anchor="middle")
    drawing.text(axis(-20), bottom + 38, "fewer people in every 100", size=12, colour=GREY, anchor="middle")
    drawing.text(axis(18), bottom + 38, "more in every 100", size=12, colour=GREY, anchor="middle")
    return drawing.svg()


def alternative(rows: Years, turn: int, head: str) -> str:
    years = zip(rows.seen, rows.low, rows.high, rows.clear, strict=True)
    listed = "; ".join(
        f"year {SHOWN * turn + place}: {change(seen)}, range {change(low)} to {change(high)}{', clear' * bool(clear)}"
        for place, (seen, low, high, clear) in enumerate(years, start=1)
    )
    return f"{head}. Of every 100 people, every year: the truth is {change(rows.truth)}. {listed}."


def change(value: float) -> str:
    """`9 fewer`, `less than 1 more` or `no change`."""
    if not value:
        return "no change"
    size = f"{abs(value):.0f}" if abs(value) >= 0.5 else "less than 1"
    return f"{size} {'fewer' if value < 0 else 'more'}"


# ---- What it says.


def counted_out(rows: Years) -> str:
    clear, missed = int(rows.clear.sum()), int((~rows.holds).sum())
    return f"Of these {SHOWN} years, {clear or 'none'} {'looks' if clear == 1 else 'look'} clear, and {missed or 'no'} {'range misses' if missed == 1 else 'ranges miss'} the truth."


def in_the_long_run(years: Years) -> tuple[str, ...]:
    clear, holds = 100 * years.clear.mean(), 100 * years.holds.mean()
    told = [
        f"Of every 100 such years, about {clear:.0f} {'looks' if round(clear) == 1 else 'look'} clear.",
        f"Of every 100 ranges, about {holds:.0f} hold the truth.",
    ]
    factor = years.overstated()
    if factor is None:
        size = float(np.abs(years.seen[years.clear]).mean())
        told.insert(
            1, f"All of these are luck, and they seem to show changes of about {size:.0f} in every 100."
        )
    else:
        average = float(years.seen[years.clear].mean())
        told.insert(
            1,
            f"The clear years average {-average:.1f} fewer in every 100, and the truth is {change(years.truth)}.",
        )
        told.insert(2, compared(factor))
    return tuple(told)


def compared(factor: float) -> str:
    """How far clear years overstate."""
    if factor < 1.05:
        return "Here the clear years tell the truth, since almost every year is clear."
    return f"So a year that looks clear shows {factor:.1f} times the truth, on average."


def reach(people: int) -> tuple[str, ...]:
    least = reliably_seen(people)
    if least is None:
        return ()
    return (
        f"With {people:,} people, only a fall of about {least:.0f} in every 100 or more would reliably be seen.",
    )


# ---- The lesson.


def winners() -> float:
    """The average of the years that look clear, of every 100, as a fall."""
    years = replay(142, 3)
    return -float(years.seen[years.clear].mean())


def told(guess: float, truth: float) -> str:
    start = "Close" if abs(guess - truth) <= 1.5 else "You said more" if guess > truth else "You said less"
    return f"{start}: they average {truth:.0f} fewer. Only a lucky year can look clear with so few people."


LESSON = Lesson(
    number=4,
    title="Could it be luck?",
    minutes=25,
    story=(
        "Second Start helps 142 people a year, and each year a data lab compares them with perfect twins.",
        "Of every 100 similar people who did not take part, 35 reoffend within a year.",
        "In this story we know the truth, and it is the same every year: 3 fewer in every 100.",
        "Still each year gives another answer, because each year other people come.",
        "Every answer has a range around it. A year looks clear when its range leaves out no change.",
    ),
    guess=Guess(
        "The truth is 3 fewer in every 100. Take only the years that look clear. How many fewer do they show, on average?",
        0,
        20,
        "fewer in every 100",
        winners,
        told,
    ),
    dials=(
        Dial("people", "People helped in a year", PEOPLE, "142 people"),
        Dial("fewer", "What is true", FEWER, "3 fewer in every 100"),
        Dial("turn", "Which years to look at", TURNS, "Years 1 to 20"),
    ),
    show=show,
    tasks=(
        "Look at all five sets of years. How often does the answer change its side?",
        "Say that nothing is changed. Find a year that looks clear all the same.",
        "Go back to 3 fewer. How far from the truth are the years that look clear?",
        "Raise the number of people. When do clear years begin to tell the truth?",
    ),
    questions=QUESTIONS,
    takeaway=(
        "One year is one draw. Read the range, not the dot.",
        "A range that holds no change is not a failure: it says that we cannot tell.",
        "A result that stands out is partly luck, the more so the fewer people are behind it.",
        "Ask beforehand how large a change so many people could show.",
    ),
    onward="You have one result, its range and a deadline. What may your annual report say?",
    trainer=(
        "Timing: story and guess 4 minutes, dials in pairs 10, questions 7, talk about the takeaway 4.",
        "Expected: “It was not clear, so it failed.” Reply: count how many years are not clear though the truth is 3 fewer.",
        "Expected: “It was clear, so it is that large.” Reply: read out the average of the clear years beside the truth.",
        "Expected: “The range is where our people lie.” Reply: it is about the rate of all, and more people make it shorter.",
        "Twenty years are shown; what is said of every 100 years comes from 20,000 replayed ones.",
    ),
)
