"""What stands on the screen of a lesson, as HTML text. Whatever a lesson says is escaped here, once."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable
from hashlib import sha256

from .lesson import Guess, Lesson, Option, Question, Shown

STYLE = """<style>
.dl-lesson { max-width: 800px; padding: 4px; }
.dl-lesson .widget-html, .dl-lesson .widget-html-content { height: auto; overflow: visible; }
.dl-lesson .widget-html-content { font-size: 16px; line-height: 1.5; white-space: normal; }
.dl-lesson h2, .dl-lesson h3 { margin: 0.9em 0 0.3em; line-height: 1.25; }
.dl-lesson p { margin: 0 0 0.6em; }
.dl-lesson img { box-sizing: border-box; max-width: 100%; height: auto; background: #FFFFFF; padding: 8px; }
.dl-lesson .dl-note { border-left: 5px solid #12436D; padding: 2px 12px; margin: 4px 0; }
.dl-lesson .widget-label { width: auto; height: auto; font-size: 16px; white-space: normal; text-align: left; }
.dl-lesson .widget-select, .dl-lesson .widget-text { flex-direction: column; align-items: flex-start; height: auto; }
.dl-lesson .widget-select select { font-size: 16px; width: 100%; height: auto; min-height: 0; flex: none; overflow-y: auto; }
.dl-lesson .widget-select select option { padding: 3px 6px; }
.dl-lesson .widget-select select option:checked { color: #FFFFFF; background: linear-gradient(#12436D, #12436D); font-weight: bold; }
.dl-lesson .widget-text input { font-size: 16px; height: 34px; max-width: 200px; }
.dl-lesson .widget-radio { height: auto; }
.dl-lesson .widget-radio-box { width: 100%; max-width: none; }
.dl-lesson .widget-radio-box label { font-size: 16px; height: auto; line-height: 1.4; white-space: normal; padding: 4px 0; }
.dl-lesson .jupyter-button { font-size: 16px; height: auto; width: auto; line-height: 1.4; padding: 6px 14px; align-self: flex-start; }
.dl-lesson :is(input, select, button):focus-visible { outline: 3px solid #801650; outline-offset: 2px; }
</style>"""

AGAIN = "This picture could not be drawn. Please choose something else with the dials; the rest goes on as before."
ANSWER_FIRST = "Please choose one answer first."


def text(words: str) -> str:
    return html.escape(words)


def paragraphs(sentences: Iterable[str]) -> str:
    return "".join(f"<p>{text(each)}</p>" for each in sentences)


def heading(words: str) -> str:
    return f"<h3>{text(words)}</h3>"


def told(words: str) -> str:
    """What answers something that the learner did: a screen reader is asked to say it."""
    return f'<div class="dl-note" role="status"><p>{text(words)}</p></div>'


def opening(lesson: Lesson) -> str:
    return (
        f"{STYLE}<h2>Lesson {lesson.number}: {text(lesson.title)}</h2><p>About {lesson.minutes} minutes. "
        f"What you type and choose here is kept nowhere.</p>{paragraphs(lesson.story)}"
    )


def guess_asked(guess: Guess) -> str:
    return f"{heading('First, your guess')}<p>{text(guess.text)}</p>"


def guess_label(guess: Guess) -> str:
    return f"Your guess, a number from {guess.low} to {guess.high} ({guess.unit})"


def read_guess(words: str, guess: Guess) -> float | None:
    """The number that somebody typed, or None where it is none or out of range."""
    found = re.fullmatch(
        r"\s*([-\N{MINUS SIGN}+]?\d{1,6}(?:[.,]\d{1,6})?)\s*(?:%|per cent|in 100)?\s*", words
    )
    if not found:
        return None
    value = float(found.group(1).replace("\N{MINUS SIGN}", "-").replace(",", "."))
    return value if guess.low <= value <= guess.high else None


def guess_again(guess: Guess) -> str:
    return f"Please type a number from {guess.low} to {guess.high}. Any guess will do; nobody sees it."


def tasks(lesson: Lesson) -> str:
    listed = "".join(f"<li>{text(task)}</li>" for task in lesson.tasks)
    return f"{heading('Now try it')}<p>Choose with the mouse, or with Tab and the arrow keys.</p><ol>{listed}</ol>"


def picture(shown: Shown) -> str:
    data = base64.b64encode(shown.svg.encode()).decode()
    return f'<img alt="{html.escape(shown.alt)}" src="data:image/svg+xml;base64,{data}">'


def width(shown: Shown) -> int:
    """Of the picture, in pixels, as its drawing says."""
    found = re.search(r'<svg[^>]*\bwidth="(\d+)', shown.svg)
    return int(found.group(1)) if found else 460


def twin(shown: Shown) -> str:
    """The picture in sentences, always beside it."""
    return f'<div class="dl-note" role="status">{paragraphs(shown.said)}</div>'


def question(asked: Question, place: int, of: int) -> str:
    return f"{heading(f'Question {place} of {of}')}<p>{text(asked.text)}</p>"


def mixed(options: Iterable[Option]) -> list[Option]:
    """In an order that is always the same and tells nothing: whoever writes a lesson may put the right one first."""
    return sorted(options, key=lambda option: sha256(option.text.encode()).digest())


def answer(option: Option) -> str:
    """Right or not is said in words, never by colour alone."""
    start = "Right." if option.right else "Not quite. You may choose again, or go on."
    return told(f"{start} {option.feedback}")


def closing(lesson: Lesson, right: int) -> str:
    count = len(lesson.questions)
    onward = f"{heading('Next time')}<p>{text(lesson.onward)}</p>" if lesson.onward else ""
    return (
        f'{heading("How it went")}<div role="status"><p>You got {right} of {count} right at the first try.</p></div>'
        f"{heading('Take this away')}{paragraphs(lesson.takeaway)}{onward}"
    )


def notes(lesson: Lesson) -> str:
    """For the trainer, closed until somebody opens them."""
    if not lesson.trainer:
        return ""
    return f"<details><summary>Notes for trainers</summary>{paragraphs(lesson.trainer)}</details>"


def no_lesson(numbers: Iterable[int]) -> str:
    return f"<p>There is no such lesson. There are: {', '.join(map(str, numbers))}.</p>"
