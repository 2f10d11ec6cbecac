"""A lesson on the screen: first a guess, then dials, then questions. It computes nothing and keeps nothing.

Only here are widgets made; what they say is in `pieces`, what they show comes from the lesson. A
learner never sees an error: what goes wrong is kept in `faults`, for tests.
"""

from __future__ import annotations

from typing import Any

from . import pieces
from .lesson import Lesson, Question
from .lessons import FILES, lesson


def open_lesson(number: int) -> Any:
    """One lesson as a view, to be the last line of a cell."""
    if number not in FILES:
        import ipywidgets as widgets

        return widgets.HTML(pieces.no_lesson(FILES))
    return Screen(lesson(number)).view


class Screen:
    """All parts of a lesson in the order in which they open; those not reached are hidden."""

    def __init__(self, shown: Lesson) -> None:
        import ipywidgets as widgets

        self.lesson = shown
        self.faults: list[Exception] = []
        self.guess = widgets.Text(
            description=pieces.guess_label(shown.guess), continuous_update=False, layout={"width": "auto"}
        )
        self.reveal = widgets.Button(description="Show me", button_style="primary")
        self.revealed = widgets.HTML()
        self.dials = {
            dial.name: widgets.Select(
                options=list(dial.choices),
                value=dial.start,
                rows=len(dial.choices),
                description=dial.label,
                layout={"flex": "1 1 330px", "width": "auto", "max_width": "390px"},
            )
            for dial in shown.dials
        }
        self.picture = widgets.HTML()
        self.twin = widgets.HTML(layout={"flex": "1 1 280px"})
        beside = widgets.HBox([self.twin, self.picture], layout={"flex_flow": "row wrap"})
        self.asked = [Asked(question, place, self) for place, question in enumerate(shown.questions)]
        self.onward = widgets.Button(
            description="I have tried it: go to the questions", button_style="primary"
        )
        self.end = widgets.HTML()
        self.play = widgets.VBox(
            [
                widgets.HTML(pieces.tasks(shown)),
                widgets.HBox(
                    list(self.dials.values()), layout={"flex_flow": "row wrap", "align_items": "flex-start"}
                ),
                beside,
                self.onward,
            ]
        )
        self.view = widgets.VBox(
            [
                widgets.HTML(pieces.opening(shown)),
                widgets.HTML(pieces.guess_asked(shown.guess)),
                self.guess,
                self.reveal,
                self.revealed,
                self.play,
                *(asked.view for asked in self.asked),
                self.end,
                widgets.HTML(pieces.notes(shown)),
            ]
        )
        self.view.add_class("dl-lesson")
        for hidden in (self.play, *(asked.view for asked in self.asked), self.end):
            hidden.layout.display = "none"
        self.reveal.on_click(self._answer_guess)
        self.onward.on_click(lambda _: self.ask(0))
        for dial in self.dials.values():
            dial.observe(self._move, "value")

    def _answer_guess(self, _: Any) -> None:
        guess = self.lesson.guess
        if self.guess.disabled:
            return
        value = pieces.read_guess(self.guess.value, guess)
        if value is None:
            self.revealed.value = pieces.told(pieces.guess_again(guess))
            return
        try:
            self.revealed.value = pieces.told(guess.told(value, guess.truth()))
        except Exception as error:
            self.faults.append(error)
            self.revealed.value = pieces.told("Thank you. Now see for yourself.")
        # The button stays as it is: disabled or hidden, it would take the focus of the keyboard with it.
        self.guess.disabled = True
        self._move()
        self.play.layout.display = ""

    def _move(self, _: Any = None) -> None:
        try:
            choices = {dial.name: dial.choices[self.dials[dial.name].value] for dial in self.lesson.dials}
            shown = self.lesson.show(**choices)
            # A wide picture gets a row of its own, since its letters would shrink beside the sentences.
            self.picture.layout.flex = f"1 1 {pieces.width(shown) - 20}px"
            self.picture.value, self.twin.value = pieces.picture(shown), pieces.twin(shown)
        except Exception as error:
            self.faults.append(error)
            self.picture.value, self.twin.value = "", pieces.told(pieces.AGAIN)

    def ask(self, place: int) -> None:
        """Opens a question, or the end after the last."""
        if place < len(self.asked):
            self.asked[place].view.layout.display = ""
            return
        right = sum(asked.first is True for asked in self.asked)
        self.end.value = pieces.closing(self.lesson, right)
        self.end.layout.display = ""


class Asked:
    """One question: radio buttons with nothing chosen, an answer to what is chosen, and the way on.

    first : whether the first answer was right; None before there is one
    """

    def __init__(self, question: Question, place: int, screen: Screen) -> None:
        import ipywidgets as widgets

        self.options = pieces.mixed(question.options)
        self.first: bool | None = None
        count = len(screen.lesson.questions)
        options = [(option.text, index) for index, option in enumerate(self.options)]
        self.choice = widgets.RadioButtons(options=options, value=None, layout={"width": "auto"})
        self.check = widgets.Button(description="Check my answer")
        self.told = widgets.HTML()
        self.next = widgets.Button(
            description="Next question" if place + 1 < count else "Finish", button_style="primary"
        )
        self.next.layout.display = "none"
        self.view = widgets.VBox(
            [
                widgets.HTML(pieces.question(question, place + 1, count)),
                self.choice,
                self.check,
                self.told,
                self.next,
            ]
        )
        self.check.on_click(self._answer)
        self.next.on_click(lambda _: screen.ask(place + 1))

    def _answer(self, _: Any) -> None:
        if self.choice.value is None:
            self.told.value = pieces.told(pieces.ANSWER_FIRST)
            return
        option = self.options[self.choice.value]
        if self.first is None:
            self.first = option.right
        # First the button, so that Tab finds it as soon as the answer can be read.
        self.next.layout.display = ""
        self.told.value = pieces.answer(option)
