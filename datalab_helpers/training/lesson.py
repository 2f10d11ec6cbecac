"""What a lesson is made of. A lesson is data and one pure function; `screen` shows it and computes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Option:
    """One answer of a question. A wrong one has the name of the mistake in thinking that leads to it."""

    text: str
    feedback: str
    misconception: str = ""

    @property
    def right(self) -> bool:
        return not self.misconception


@dataclass(frozen=True)
class Question:
    """A question with one right answer; `concept` is what it tests, and each concept has two of them."""

    text: str
    options: tuple[Option, ...]
    concept: str


@dataclass(frozen=True)
class Guess:
    """A number to guess before anything is shown, from `low` to `high`; `truth` is worked out, never typed in.

    told : what is said beside the guess, given (guess, truth)
    """

    text: str
    low: int
    high: int
    unit: str
    truth: Callable[[], float]
    told: Callable[[float, float], str]


@dataclass(frozen=True)
class Dial:
    """Something to move: `name` is an argument of `show`, `choices` its values with the words for each, in order."""

    name: str
    label: str
    choices: Mapping[str, object]
    start: str


@dataclass(frozen=True)
class Shown:
    """What the dials lead to: a picture (SVG), the text that stands for it, and what it says in sentences."""

    svg: str
    alt: str
    said: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """story : what happened, in a few sentences; guess : before anything moves; tasks : what to try with the dials

    show : from the values of all dials to what is shown; the same values give the same, within 300 ms
    takeaway : what to keep; onward : the question that the next lesson answers
    """

    number: int
    title: str
    minutes: int
    story: tuple[str, ...]
    guess: Guess
    dials: tuple[Dial, ...]
    show: Callable[..., Shown]
    tasks: tuple[str, ...]
    questions: tuple[Question, ...]
    takeaway: tuple[str, ...]
    onward: str = ""
    trainer: tuple[str, ...] = field(default_factory=tuple)
