"""The card of what to collect from today: one sheet of paper for the wall of whoever fills in forms."""

from __future__ import annotations

from ..intake.check.file import NUMBERS
from ..intake.reading.schema import FIELDS
from ..lab import Lab

# What to record, how, why.
RECORD = (
    ("Name as on court papers", "surname and forename, in full", "people are found by it"),
    ("All other names", "earlier surnames, nicknames, other spellings", "many people are on record under another name"),
    ("Date of birth", "day, month, year; ask, do not guess", "a slip hides a person"),
    (" or ".join(FIELDS[name].heading for name in NUMBERS), "copy it from a letter, digit by digit", "with one, hardly anybody is missed"),
    ("First day with you", "the day of the first session, not of the referral", "it starts the clock"),
    ("Last day with you", "the day of the last session", "shows how long support lasted"),
    ("Attendance", "a number of sessions", "shows how much support was given"),
    ("Reason for ending", "the same few words each time, such as completed, moved, left", "shows who stayed and who did not"),
    ("Referral route", "who sent them: probation, another service, themselves", "shows how people come to you"),
    ("Motivation or need at the start", "the same short scale for everyone, on the first day",
     "the difference that no record shows and that most often misleads"),
    ("Eligible but not served", "everyone who could have started and did not, with the reason",
     "the best comparison that you can give"),
)  # fmt: skip
ASK = (
    "On what legal ground do we share these people's details with the {lab}, and is it written down?",
    "Does our privacy notice say that details may be used to find out whether our work helps, and by whom?",
    "Do people know that they can object, and who in our house deals with it?",
    "Who may see the list, where is it kept, and by which safe way is it sent?",
    "Do we hold anything on it that is not on this card? If so, why?",
)
KEEP = (
    "We keep the list until",
    "The lab destroys the list and all it linked to it by",
    "Checked and destroyed here on, by",
)
LEARN = "Nobody here will learn anything from the records about any one person: only numbers about groups come back."


def card(lab: Lab) -> dict[str, object]:
    """All words of the card."""
    return {
        "title": "Collect from today",
        "why": "A fair answer to “does it help?” in two years' time needs these things about everyone, from the first day.",
        "record": RECORD,
        "ask_title": "Ask your data-protection lead",
        "ask_note": "Prompts for a conversation, not legal advice.",
        "ask": [line.format(lab=lab.label) for line in ASK],
        "keep_title": "Keep and destroy: fill in",
        "keep": KEEP,
        "learn": LEARN,
        "lab": lab.label,
    }
