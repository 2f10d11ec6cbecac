"""Lesson 1: a rate is who, what and how long.

The numbers are counts of the invented records, a row each way of counting (`rates.csv`, which
`make data` makes): people who left one prison from January 2019 to June 2022, each from their first
release. A reoffence counts when it is committed within the time of following; to be proven, it needs
a court or a caution within that time and six months more.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...wording.numbers import number, rounded
from ..lesson import Dial, Guess, Lesson, Option, Question, Shown
from ..pictures import two_grids

TABLE = Path(__file__).with_name("rates.csv")
USUAL = {"who": "everyone", "start": 0, "what": "proven", "follow_up": 12}


@dataclass(frozen=True)
class Rate:
    people: int
    reoffended: int

    @property
    def in_100(self) -> int:
        return int(rounded(100 * self.reoffended / self.people))


@cache
def table() -> dict[tuple[str, int, str, int], Rate]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            (row["who"], int(row["start"]), row["what"], int(row["follow_up"])): Rate(
                int(row["people"]), int(row["reoffended"])
            )
            for row in csv.DictReader(file)
        }


def rate(who: str = "everyone", start: int = 0, what: str = "proven", follow_up: int = 12) -> Rate:
    """One way of counting; as the lab publishes it where nothing else is said.

    who : everyone, short (sentenced to under a year) or long; start : months after release
    what : proven, any (also penalty notices and late proof) or prison (back in it); follow_up : months
    """
    return table()[who, start, what, follow_up]


def show(who: str, start: int, what: str, follow_up: int) -> Shown:
    chosen, usual = rate(who, start, what, follow_up), rate()
    mine, published = chosen.in_100, usual.in_100
    picture = two_grids(("counted as you choose", "counted as the lab publishes it"), (mine, published))
    same = {"who": who, "start": start, "what": what, "follow_up": follow_up} == USUAL
    said = [
        f"Counted as you choose, {mine} of every 100 people reoffended.",
        f"That is {number(chosen.reoffended)} of the {number(chosen.people)} people who are counted.",
        f"The lab counts everyone from the day of release, for one year, proven offences only: {published} of every 100.",
    ]
    if same:
        said.append("Your way of counting is the lab's own way.")
    elif chosen.people == usual.people:
        said.append(f"{_apart(mine - published)} The people are the same, and so is what they did.")
    else:
        said.append(
            f"{_apart(mine - published)} Nobody behaved differently: {number(usual.people - chosen.people)} people "
            "are left out."
        )
    return Shown(
        svg=picture.svg(),
        alt=(
            f"Two grids of 100 people; solid figures reoffended. Counted as you choose: {mine} of 100 are solid. "
            f"Counted as the lab publishes it: {published} of 100 are solid."
        ),
        said=tuple(said),
    )


def _apart(gap: int) -> str:
    if gap == 0:
        return "Rounded, both ways give the same number."
    return f"Your number is {abs(gap)} {'higher' if gap > 0 else 'lower'}."


ECHO, POST = rate(follow_up=6).in_100, rate(what="any", follow_up=24).in_100
YEAR, TWO_YEARS = rate().in_100, rate(follow_up=24).in_100
SHORT, LONG, LATE = rate("short").in_100, rate("long").in_100, rate(start=3).in_100


def told(guess: float, truth: float) -> str:
    near = "You came close." if abs(guess - truth) <= 3 else "The dials below show what moves this number."
    return f"You guessed {number(guess)}. The records give {number(truth)} of every 100. {near}"


LESSON = Lesson(
    number=1,
    title="How is a reoffending rate made?",
    minutes=25,
    story=(
        (
            "Second Start is a charity. It helps people who leave Craymoor prison. The charity, the prison and all its "
            "people are invented."
        ),
        (
            f"Two newspapers write about Craymoor on the same day. The Echo says: {ECHO} of every 100 people who left the "
            f"prison reoffended. The Post says: {POST} of every 100."
        ),
        (
            f"Both looked at the same {number(rate().people)} people. Both counted correctly. The Echo followed each "
            "person for six months and counted proven offences. The Post followed them for two years and counted any "
            "offence on record."
        ),
        (
            "An offence is proven when a court or a caution says so. Proof must also come in time: at "
            "most six months after the person is no longer followed."
        ),
    ),
    guess=Guess(
        text=(
            "The data lab follows each person for one year from release. It counts proven offences only. How many of "
            "every 100 people who left Craymoor reoffended, counted like that?"
        ),
        low=0,
        high=100,
        unit="of every 100 people",
        truth=lambda: rate().in_100,
        told=told,
    ),
    dials=(
        Dial(
            "follow_up",
            "How long is each person followed?",
            {"3 months": 3, "6 months": 6, "1 year": 12, "2 years": 24},
            "1 year",
        ),
        Dial(
            "what",
            "What counts?",
            {
                "proven offences": "proven",
                "any offence on record": "any",
                "only a return to prison": "prison",
            },
            "proven offences",
        ),
        Dial(
            "who",
            "Who is counted?",
            {
                "everyone who left": "everyone",
                "sentences under a year": "short",
                "sentences of a year or more": "long",
            },
            "everyone who left",
        ),
        Dial(
            "start",
            "When does the clock start?",
            {"on the day of release": 0, "3 months later, if no offence yet": 3},
            "on the day of release",
        ),
    ),
    show=show,
    tasks=(
        f"Find the Echo's number, {ECHO}. Then find the Post's number, {POST}.",
        "Put everything back. Move one dial at a time. Which dial changes the number most?",
        "Count only people with sentences of a year or more. Then count only those with shorter ones.",
        "Let the clock start three months after release. Look at how many people are no longer counted.",
    ),
    questions=(
        Question(
            f"Last year a prison followed people for two years and reported {TWO_YEARS} of every 100. This year it "
            f"followed people for one year and reported {YEAR}. What do we know?",
            (
                Option(
                    "People who leave the prison behave better now.",
                    "It looks like that, and many people read it so. But half the time gives fewer chances to "
                    "reoffend. The same people can give both numbers.",
                    "reads a change of counting as a change of people",
                ),
                Option(
                    "The prison's new programme is working.",
                    "A programme may be good. But this fall comes with a shorter time, which lowers the number by "
                    "itself.",
                    "gives the nearest programme the credit",
                ),
                Option(
                    "Nothing about people yet. The two numbers were made in different ways.",
                    "Before two numbers are compared, both must be made in the same way.",
                ),
                Option(
                    "The new number is false, because it is so low.",
                    "It is correct for one year. A shorter time gives a lower number, and neither number is false.",
                    "thinks that only one way of counting is true",
                ),
            ),
            "what is counted, and for how long",
        ),
        Question(
            f"The Echo reports {ECHO} of every 100, the Post {POST}, for the same prison. Which number is right?",
            (
                Option(
                    "The higher one, because it hides nothing.",
                    "A high number can feel more honest. Here it only follows people for longer and counts more.",
                    "takes the larger number for the more honest one",
                ),
                Option(
                    "Both. Each must say who was counted, for what, and how long.",
                    "A rate without these three cannot be read.",
                ),
                Option(
                    "The lower one, because only proven offences are facts.",
                    "Proof is a good reason to trust a count. But most of this gap comes from six months against two "
                    "years.",
                    "thinks that proof alone makes the gap",
                ),
                Option(
                    "Neither. The truth lies in the middle.",
                    "Going to the middle is fair between opinions. These are two different counts, and their middle "
                    "counts nothing.",
                    "takes the middle of numbers that mean different things",
                ),
            ),
            "what is counted, and for how long",
        ),
        Question(
            f"One charity works with people on short sentences: {SHORT} of every 100 reoffend. Another works with "
            f"people on long sentences: {LONG} of every 100. Which charity helps more?",
            (
                Option(
                    "The second, because its rate is lower.",
                    "A low rate is good news. But people on long sentences reoffend less with or without a charity.",
                    "takes a rate for a school mark",
                ),
                Option(
                    "The first, because its people are harder to help.",
                    "Hard work deserves respect. It does not tell us whether anything changed.",
                    "takes hard work for a result",
                ),
                Option(
                    "They help equally. Their people are just different.",
                    "The people are different indeed. That hides who helps more; it does not make them equal.",
                    "takes not knowing for no difference",
                ),
                Option(
                    "We cannot tell. The two charities count different people.",
                    "Each needs a comparison with people like its own.",
                ),
            ),
            "who is counted, and from when",
        ),
        Question(
            f"From the day of release, {YEAR} of every 100 reoffend within a year. From three months later, {LATE} of "
            "every 100 do, again within a year. Why is the second number lower?",
            (
                Option(
                    "Those who reoffended in the first three months are no longer counted.",
                    "A programme that starts late meets only those who have stayed out of trouble so far.",
                ),
                Option(
                    "They are followed for three months less.",
                    "A good thought. But here each person is followed for a whole year from the later start.",
                    "mixes up the start of the clock and its length",
                ),
                Option(
                    "Something helped them in these three months.",
                    "Some may have had help. The number falls without any help, because others drop out of the count.",
                    "takes a later start for a success",
                ),
                Option(
                    "Fewer people are counted, and fewer people give lower numbers.",
                    "Fewer people are counted indeed. But the number is of every 100, so size alone does not lower it.",
                    "takes a rate for a total",
                ),
            ),
            "who is counted, and from when",
        ),
    ),
    takeaway=(
        "A rate is who, what and how long. Ask for all three before you compare two numbers.",
        "When the way of counting changes, the number changes. The people need not.",
    ),
    onward=(
        "Second Start reports its own rate, and it is lower than the country's. Both are counted in the same way. Is "
        "that enough?"
    ),
    trainer=(
        "Timing, 25 minutes: 4 for the story, 3 for the guess, 8 for the dials, 7 for the questions, 3 to close.",
        "Let people say their guess aloud before they press the button. The surprise is what they will remember.",
        "Expected: “One newspaper is lying.” Reply: ask them to find both numbers with the dials. Both can be found.",
        (
            "Expected: “Then numbers mean nothing.” Reply: each number is exact. It answers one question, and we must "
            "know which."
        ),
        (
            "Expected: “We start late, and our rate is low, so we do well.” Reply: move the start by three months. The "
            "number falls although nothing was done."
        ),
        (
            f"The numbers come from the invented records: {number(rate().people)} people, first releases, January 2019 to "
            "June 2022."
        ),
    ),
)
