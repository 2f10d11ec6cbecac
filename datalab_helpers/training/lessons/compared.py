"""Lesson 2: like with like.

The law, all of it: of every 100 people in the country, 30 are ready to change, 40 are unsure and 30
are not ready. 14, 40 and 60 of every 100 of them reoffend within a year. Ready people join Second
Start `times` as often as those who are not ready, unsure people the square root of that as often;
one person in ten joins. The programme keeps `fewer` of every 100 participants from reoffending,
whoever they are. Nothing else matters. Half a million people are drawn, always the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ...wording.numbers import number, rounded
from ..lesson import Dial, Guess, Lesson, Option, Question, Shown
from ..pictures import bar_in_parts, hundredths, two_grids

KINDS = ("ready to change", "unsure", "not ready")
SHARES = np.array([0.30, 0.40, 0.30])
RISKS = np.array([0.14, 0.40, 0.60])
JOINING = 0.10
PEOPLE = 500_000
SEED = 1  # of 59 tried, the first of 23 with which rounding nowhere blurs the gap by a point
KEENEST = 8


@dataclass(frozen=True)
class Country:
    """Shares with a reoffence: of everyone, of participants, and of others of the same readiness as these.

    mix, mix_of_all : how ready participants and all people are, in the order of KINDS
    """

    everyone: float
    participants: float
    alike: float
    mix: tuple[float, ...]
    mix_of_all: tuple[float, ...]


@lru_cache(maxsize=1)
def drawn(seed: int, people: int) -> tuple[np.ndarray, ...]:
    """What no dial changes: of each person the kind, whether they would reoffend, and two draws from 0 to 1."""
    draws = np.random.default_rng(seed)
    kind = draws.choice(len(KINDS), size=people, p=SHARES)
    joining = draws.random(people)
    return kind, draws.random(people) < RISKS[kind], joining, draws.random(people)


@lru_cache(maxsize=64)
def country(times: float, fewer: int = 0, seed: int = SEED, people: int = PEOPLE) -> Country:
    """Everyone drawn by the law above; `times` 1 means that nobody is keener to join than others."""
    kind, would, joining, keeping = drawn(seed, people)
    lean = np.array([times, np.sqrt(times), 1.0])
    joins = joining < (JOINING * lean / (SHARES @ lean))[kind]
    kept_from_it = joins & would & (keeping < (fewer / 100 / RISKS)[kind])
    reoffends = would & ~kept_from_it
    mix = np.bincount(kind[joins], minlength=len(KINDS)) / joins.sum()
    apart = ~joins
    others = np.bincount(kind[apart & reoffends], minlength=len(KINDS)) / np.bincount(kind[apart])
    return Country(
        everyone=float(reoffends.mean()),
        participants=float(reoffends[joins].mean()),
        alike=float(mix @ others),
        mix=tuple(map(float, mix)),
        mix_of_all=tuple(map(float, np.bincount(kind, minlength=len(KINDS)) / people)),
    )


def in_100(share: float) -> int:
    return int(rounded(100 * share))


def show(times: float, against: str, fewer: int) -> Shown:
    found = country(times, fewer)
    fair = against == "alike"
    took, other = in_100(found.participants), in_100(found.alike if fair else found.everyone)
    label = "others, just as ready" if fair else "everyone in the country"
    mine, theirs = hundredths(found.mix), hundredths(found.mix if fair else found.mix_of_all)
    picture = two_grids(("took part in Second Start", label), (took, other), 430)
    for left, parts in ((0, mine), (250, theirs)):
        bar_in_parts(picture, left + 1, 372, 208, parts, ("ready", "unsure", "not ready"))
    gap = took - other
    said = (
        f"{took} of every 100 participants reoffended.",
        f"{other} of every 100 {'others who were just as ready' if fair else 'people in the country'} reoffended.",
        _gap(gap),
        (
            f"Of every 100 participants, {mine[0]} were ready to change. Of every 100 people they are compared with, "
            f"{theirs[0]} were."
        ),
        f"The truth, which only an invented country tells: Second Start {_truth(fewer)}.",
    )
    return Shown(
        svg=picture.svg(),
        alt=(
            f"Two grids of 100 people; solid figures reoffended. Took part in Second Start: {took} of 100 are solid. "
            f"{label.capitalize()}: {other} of 100 are solid. Bars below: {mine[0]} ready, {mine[1]} unsure and "
            f"{mine[2]} not ready among participants, against {theirs[0]}, {theirs[1]} and {theirs[2]}."
        ),
        said=said,
    )


def _gap(gap: int) -> str:
    if gap == 0:
        return "Between the two there is no gap."
    return f"The gap: {abs(gap)} {'fewer' if gap < 0 else 'more'} of every 100 among participants."


def _truth(fewer: int) -> str:
    return f"kept {fewer} of every 100 participants from reoffending" if fewer else "changed nothing at all"


REPORTED, NATIONAL = in_100(country(KEENEST).participants), in_100(country(KEENEST).everyone)


def told(guess: float, truth: float) -> str:
    least = f"You guessed {number(guess)}. The answer is {number(truth)} of every 100."
    if guess >= NATIONAL - 2:
        return f"{least} No effect sounds like no gap. But those who join are not like the country."
    if abs(guess - truth) <= 3:
        return f"{least} You saw that keen people would have done well anyway."
    return f"{least} The people who join make this gap. The programme does nothing here."


LESSON = Lesson(
    number=2,
    title="Compared with what?",
    minutes=25,
    story=(
        (
            f"Second Start is proud. Of every 100 people who took part, {REPORTED} reoffended within a year. In the "
            f"country it is {NATIONAL} of every 100. Both are counted in the same way."
        ),
        "Its director writes: our work keeps people out of trouble.",
        (
            "People choose whether to join Second Start. Those who are ready to change join more often. People like that "
            "reoffend less, whatever they join."
        ),
        (
            "The country and all its people are invented. So we know the truth, which no real country tells. In this one "
            "Second Start changes nothing at all."
        ),
    ),
    guess=Guess(
        text=(
            f"Remember: Second Start changes nothing. In the country, {NATIONAL} of every 100 people reoffend. But "
            f"those who are ready to change join {KEENEST} times as often as those who are not ready. How many of "
            "every 100 participants reoffend?"
        ),
        low=0,
        high=100,
        unit="of every 100 participants",
        truth=lambda: in_100(country(KEENEST).participants),
        told=told,
    ),
    dials=(
        Dial(
            "times",
            "How much more often do ready people join?",
            {
                "no more often than others": 1,
                "2 times as often": 2,
                "4 times as often": 4,
                "8 times as often": KEENEST,
            },
            "8 times as often",
        ),
        Dial(
            "against",
            "Participants are compared with",
            {"everyone in the country": "everyone", "others who are just as ready": "alike"},
            "everyone in the country",
        ),
        Dial(
            "fewer",
            "What does Second Start change, in truth?",
            {"nothing": 0, "5 fewer of every 100": 5},
            "nothing",
        ),
    ),
    show=show,
    tasks=(
        "Let ready people join no more often than others. What happens to the gap?",
        "Go up step by step. Watch how many of the participants are ready, and how the gap grows.",
        "At 8 times as often, compare with others who are just as ready. What is left of the gap?",
        "Let Second Start keep 5 of every 100 from reoffending. Which of the two comparisons finds the 5?",
    ),
    questions=(
        Question(
            "A charity for men with short sentences wants a fair comparison. Which of these four is best?",
            (
                Option(
                    "Everyone in the country who left prison.",
                    "It is easy to find and large. But it holds women, long sentences and people who would never "
                    "join. It is like the participants in nothing but prison.",
                    "thinks that the country's number is the measure of all",
                ),
                Option(
                    "Men who began the programme and dropped out.",
                    "They look like the nearest people of all. But people often drop out because things go badly, so "
                    "they were less ready.",
                    "thinks that those who drop out are like those who stay",
                ),
                Option(
                    "Men with short sentences, alike in past and needs, who did not take part.",
                    "Like with like: the same kind of people, and only the programme differs.",
                ),
                Option(
                    "The same men in the year before prison.",
                    "They are the same men. But people go to prison after a bad year, and the next is often better "
                    "by itself.",
                    "thinks that a better year after a bad one must have a cause",
                ),
            ),
            "like with like",
        ),
        Question(
            f"Second Start's {REPORTED} of every 100 is lower than the country's {NATIONAL}. What may we say of the "
            "programme from these two numbers?",
            (
                Option(
                    f"It keeps {NATIONAL - REPORTED} of every 100 from reoffending.",
                    "That is the gap. A gap is an effect only where nothing else differs, and here the people differ.",
                    "takes every gap for an effect",
                ),
                Option(
                    "Nothing yet. Those who joined may not be like the country.",
                    "The gap may come from the people, from the programme, or from both.",
                ),
                Option(
                    "It changes nothing. The gap is always due to who joins.",
                    "Careful: who joins can make a gap, and a programme can too. These two numbers cannot tell.",
                    "takes an unfair comparison for proof of no effect",
                ),
                Option(
                    "With so many people in the country the comparison must be fair.",
                    "Many people make a number steady. They do not make the two groups alike.",
                    "takes a large group for a fair one",
                ),
            ),
            "like with like",
        ),
        Question(
            "Another charity gets only people whom everyone else has given up on. It changes nothing either. How does "
            "its number stand beside the country's?",
            (
                Option(
                    "Lower, because the charity takes care of them.",
                    "Care is good. But in this question it changes nothing, so the people alone set the number.",
                    "thinks that taking part must lower the number",
                ),
                Option(
                    "The same, because the charity changes nothing.",
                    "That would hold if its people were like the country's. They are at higher risk from the start.",
                    "thinks that no effect means no gap",
                ),
                Option(
                    "Higher, because its people were at higher risk before.",
                    "Who joins can hide good work, just as it can fake it.",
                ),
            ),
            "who joins",
        ),
        Question(
            "Ready people join 8 times as often, and the programme changes nothing. The charity doubles in size and "
            "the same kind of people join. What becomes of the gap?",
            (
                Option(
                    "It shrinks, because more people give a truer number.",
                    "More people give a steadier number. It settles at the same wrong place.",
                    "thinks that more people mend an unfair comparison",
                ),
                Option(
                    "It stays, because the same kind of people join.",
                    "Only a fairer comparison closes this gap, never a larger group.",
                ),
                Option(
                    "It doubles, because twice as many people take part.",
                    "The total doubles. The gap is of every 100 people, so it does not grow with the charity.",
                    "mixes up a total and a number of every 100",
                ),
            ),
            "who joins",
        ),
    ),
    takeaway=(
        "Compare like with like. Always ask: compared with whom, and were they as ready?",
        "A gap can come from who joins, while the programme changes nothing.",
    ),
    onward=(
        "Records do not say who is ready. They hold traces of it, such as age, earlier offences and work. How are "
        "people found who are alike in these?"
    ),
    trainer=(
        "Timing, 25 minutes: 4 for the story, 4 for the guess, 8 for the dials, 6 for the questions, 3 to close.",
        (
            "Say twice that the programme changes nothing in this country. Most people forget it as soon as they see the "
            "gap."
        ),
        (
            "Expected: “Then our work is worthless.” Reply: move the last dial to 5. A fair comparison finds good work, "
            "and an unfair one blurs it."
        ),
        (
            "Expected: “We know that our people are not keener.” Reply: that may be so. Which fact in your files would "
            "convince a stranger?"
        ),
        (
            "Expected: “Compare with those who dropped out.” Reply: ask why people drop out. Then ask whether they were as "
            "ready."
        ),
        (
            "The law of this country, of every 100 people: 30 are ready, 40 unsure, 30 not ready. Of every 100 like "
            "them, 14, 40 and 60 reoffend."
        ),
    ),
)
