"""Lesson 3: how twins are found, what that costs in people, and what it can never mend."""

from __future__ import annotations

from ...plots.drawing import BLUE, GREY, INK, ORANGE, PALE, WIDE, Axis, Drawing, plain
from ..lesson import Dial, Guess, Lesson, Shown
from .pairs_questions import QUESTIONS
from .twins import OTHERS, READY, TOOK_PART, TRAITS, Twins, twins

ALL = (0, 1, 2, 3, 4)
MATCH_ON = {
    "Nothing: compare with everybody else": (),
    "Age and sex": (0, 1),
    "Age, sex and convictions": (0, 1, 2),
    "Age, sex, convictions and a home": (0, 1, 2, 3),
    "All five traits on record": ALL,
}
NEAR = {
    "Roughly alike": 2.0,
    "Somewhat alike": 0.5,
    "Near": 0.1,
    "Very near": 0.01,
    "All but identical": 0.001,
}
HIDDEN = {"Nothing that matters": False, "Who was ready to change": True}
OUTCOME = "Likely to reoffend"
FEW = 10  # people: fewer are counted and not described
TINY = 1.0  # people in every 100: less than this is told as hardly any change

# ---- The picture: who has a twin, and how alike the two groups are.

LABELS, PLOT, FIGURES = 250.0, 520.0, 620.0  # where rows of the lower part are named, drawn and counted
ROW, DOTS = 30.0, 35


def show(traits: tuple[int, ...] = (0, 1), near: float = 0.1, hidden: bool = False) -> Shown:
    found = twins(traits, near, hidden)
    rows = compared(found)
    head = headline(found)
    return Shown(
        picture(found, rows, traits, head),
        alternative(found, rows, bool(traits), head),
        said(found, traits, hidden),
    )


def compared(found: Twins) -> list[tuple[str, float, float]]:
    """Each trait and the outcome: its name, and how many of every 100 have it on either side."""
    people = found.world
    rows = [(trait.name, *found.shares(people.has(place))) for place, trait in enumerate(TRAITS)]
    return [
        *rows,
        (READY.name, *found.shares(people.ready > READY.over)),
        (OUTCOME, *found.shares(people.chance)),
    ]


def before(found: Twins) -> list[tuple[str, float]]:
    """The same of everybody else, of every 100: what the twins were chosen from."""
    unmatched = twins((), None, found.hidden)
    return [(name, theirs) for name, _, theirs in compared(unmatched)]


def headline(found: Twins) -> str:
    return f"It changes nothing, and seems to bring {seeming(found.gap())}"


def seeming(gap: float) -> str:
    """What the programme seems to change: `11 fewer in every 100`."""
    if abs(gap) < TINY:
        return "hardly any change"
    return f"{abs(gap):.0f} {'fewer' if gap < 0 else 'more'} in every 100"


def picture(found: Twins, rows: list[tuple[str, float, float]], traits: tuple[int, ...], head: str) -> str:
    drawing = Drawing(WIDE, 472)
    drawing.text(10, 24, head, size=18, bold=True)
    matched = bool(traits)
    lost = TOOK_PART - found.found
    drawing.dot(16, 49, 5, BLUE)
    drawing.text(28, 54, f"{found.found} people with a twin" if matched else f"{TOOK_PART} people took part")
    if matched:
        drawing.dot(216, 49, 4, "none", GREY)
        drawing.text(228, 54, f"{lost} without a twin")
    for place in range(TOOK_PART):
        x, y = 16 + 20 * (place % DOTS), 74 + 18 * (place // DOTS)
        if place < found.found:
            drawing.dot(x, y, 5, BLUE)
        else:
            drawing.dot(x, y, 4, "none", GREY)
    top = 176.0
    other = "their twins" if matched else "everybody else"
    drawing.dot(16, top - 5, 6, BLUE)
    drawing.text(28, top, "took part, with a twin" if matched else "took part")
    drawing.diamond(216, top - 5, 8, ORANGE)
    drawing.text(230, top, other)
    drawing.text(FIGURES, top, "in every 100", colour=GREY)
    others = before(found)
    if matched:
        hollow(drawing, 346, top - 5)
        drawing.text(360, top, "everybody else")
    axis = Axis(0, 100, LABELS, LABELS + PLOT - 190)
    for place, (name, mine, theirs) in enumerate(rows):
        y = top + 34 + ROW * place + (14 if place == len(rows) - 1 else 0)
        last = place == len(rows) - 1
        drawing.text(10, y, name, bold=last)
        drawing.text(LABELS - 12, y, note(place, traits), size=12, colour=GREY, anchor="end")
        drawing.line(axis(0), y - 5, axis(100), y - 5, PALE)
        if matched:
            hollow(drawing, axis(others[place][1]), y - 5)
        drawing.line(axis(mine), y - 5, axis(theirs), y - 5, INK, 3)
        drawing.dot(axis(mine), y - 5, 6, BLUE)
        drawing.diamond(axis(theirs), y - 5, 8, ORANGE)
        drawing.text(FIGURES, y, f"{mine:.0f} and {theirs:.0f}", bold=last)
    foot = top + 34 + ROW * len(rows) + 10
    for tick in (0, 50, 100):
        drawing.text(axis(tick), foot + 8, f"{tick}", size=12, colour=GREY, anchor="middle")
    drawing.text(axis(50), foot + 26, "people in every 100", size=12, colour=GREY, anchor="middle")
    return drawing.svg()


def hollow(drawing: Drawing, x: float, y: float) -> None:
    """Where everybody else stands, before matching."""
    corners = [(x, y - 8), (x + 8, y), (x, y + 8), (x - 8, y)]
    points = " ".join(f"{plain(a)},{plain(b)}" for a, b in corners)
    drawing.add("polygon", points=points, fill="#FFFFFF", stroke=ORANGE, stroke_width=2)


def note(place: int, traits: tuple[int, ...]) -> str:
    if place == len(TRAITS):
        return "no record"
    return "matched" if place in traits else ""


def alternative(found: Twins, rows: list[tuple[str, float, float]], matched: bool, head: str) -> str:
    earlier = [f" (before matching {value:.0f})" * matched for _, value in before(found)]
    listed = "; ".join(
        f"{name}: {mine:.0f} and {theirs:.0f}{was}"
        for (name, mine, theirs), was in zip(rows, earlier, strict=True)
    )
    lost = TOOK_PART - found.found
    dots = (
        f"{found.found} filled for people with a twin, {lost} empty for people without"
        if matched
        else "all filled"
    )
    return (
        f"{head}. {TOOK_PART} dots for the people who took part, {dots}."
        f" Below, of every 100 who took part and of every 100 they are compared with: {listed}."
    )


def said(found: Twins, traits: tuple[int, ...], hidden: bool) -> tuple[str, ...]:
    mine, theirs = found.shares(found.world.chance)
    ready = found.shares(found.world.ready > READY.over)
    lost, chance = TOOK_PART - found.found, found.lost()
    who = "their twins" if traits else f"the {OTHERS:,} others"
    told = [
        f"{found.found} of the {TOOK_PART} people have a twin that is near enough."
        if traits
        else f"Nobody is matched: all {TOOK_PART} are compared with all {OTHERS:,} others.",
        f"Of every 100 who took part, {mine:.0f} are likely to reoffend; of {who}, {theirs:.0f}.",
    ]
    told.append(f"Second Start seems to bring {seeming(found.gap())}. In truth it changes nothing.")
    if abs(mine - theirs) >= TINY and f"{abs(mine - theirs):.0f}" != f"{abs(round(mine) - round(theirs))}":
        told.append("Each figure is rounded on its own, so they may not add up.")
    if lost:
        without = "1 person has" if lost == 1 else f"{lost} people have"
        told.append(f"{without} no twin, so the answer is about the other {found.found}.")
    if chance is not None and lost >= FEW:
        told.append(f"Of every 100 people like those lost, {chance:.0f} are likely to reoffend.")
    if hidden:
        told.append(
            f"Ready to change were {ready[0]:.0f} of every 100 who took part, and {ready[1]:.0f} of {who}."
        )
        told.append("No record shows it, so no match can mend it.")
    return tuple(told)


# ---- The lesson.


def few() -> float:
    """How many fewer in every 100 it seems to bring, matched on age and sex."""
    return -twins((0, 1), NEAR["Near"], False).gap()


def told(guess: float, truth: float) -> str:
    start = "Close" if abs(guess - truth) <= 2 else "You said more" if guess > truth else "You said less"
    return f"{start}: it seems to bring {truth:.0f} fewer in every 100, though it changes nothing."


LESSON = Lesson(
    number=3,
    title="How are twins found?",
    minutes=25,
    story=(
        f"Second Start, an invented charity, helped {TOOK_PART} people who left prison.",
        f"Records hold {OTHERS:,} others who left prison and did not take part.",
        "For each who took part the data lab looks for twins: others with much the same traits.",
        "Anybody near enough is a twin; where there are several, they share the place.",
        "In this story we know the truth: the programme changes nothing for anybody.",
        "So every difference you will see comes from people who were unlike from the start.",
        "We count how likely each person is to reoffend, so luck plays no part yet.",
    ),
    guess=Guess(
        "The twins have the same age and sex, and nothing else is looked at. "
        "How many fewer in every 100 will seem to reoffend?",
        0,
        30,
        "fewer in every 100",
        few,
        told,
    ),
    dials=(
        Dial("traits", "Match on", MATCH_ON, "Age and sex"),
        Dial("near", "How alike a twin must be", NEAR, "Near"),
        Dial("hidden", "What no record shows", HIDDEN, "Nothing that matters"),
    ),
    show=show,
    tasks=(
        "Start with nothing, then add one trait at a time. Watch the last row close up.",
        "Keep all five traits and ask for ever nearer twins. Count who is lost.",
        "Keep all five traits and ask for rough twins. Which rows come apart?",
        "Now let readiness to change matter. Try to close the gap with any other dial.",
    ),
    questions=QUESTIONS,
    takeaway=(
        "A match is as good as the traits it looks at.",
        "Nearer twins are more alike, and fewer people have one.",
        "What no record shows stays unmatched, however near the twins are.",
    ),
    onward="Suppose the twins are perfect. Would next year give the same answer?",
    trainer=(
        "Timing: story and guess 4 minutes, dials in pairs 10, questions 7, talk about the takeaway 4.",
        "Expected: “They have the same age and sex, so they are alike.” Reply: look at the rows that are not matched.",
        "Expected: “The nearer the better.” Reply: ask for all but identical twins and read out who is lost.",
        "Expected: “With enough traits nothing can hide.” Reply: let readiness matter; all five rows agree and the last does not.",
        "The method is the real one of the workbench, with everybody inside the chosen distance as a twin.",
    ),
)
