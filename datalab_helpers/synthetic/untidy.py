"""Mistakes that people make when they fill in a spreadsheet, at the rates measured for linking."""

from __future__ import annotations

import datetime as dt

import numpy as np

from .people import name_lists

TYPO = 0.05
NICKNAME = 0.03
SWAPPED_NAMES = 0.01
SURNAME_CHANGED = 0.03
ALIAS_USED = 0.15
DAY_MONTH_SWAPPED = 0.015
WRONG_DIGIT = 0.01
WRONG_SEX = 0.005
NO_PNC_ID = 0.50
NO_PRISON_NUMBER = 0.35
MANGLED_NUMBER = 0.03
BLANK_ESSENTIAL = 0.004
GENDERS = {"F": ("F", "Female", "female", "f"), "M": ("M", "Male", "male", "m")}
SLIPS = dict(zip("abcdefghijklmnopqrstuvwxyz", "svxsdrtfgoukmnbipletrycbza", strict=True))


def typo(rng: np.random.Generator, text: str) -> str:
    """One slip of the keyboard: a letter lost, doubled, exchanged or replaced."""
    if len(text) < 3:
        return text
    at = int(rng.integers(1, len(text) - 1))
    kind = int(rng.integers(4))
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    if kind == 2:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + SLIPS.get(text[at].lower(), "e") + text[at + 1 :]


def names(rng: np.random.Generator, forename: str, surname: str, other_surname: str) -> tuple[str, str]:
    """Forename and surname as somebody typed them."""
    if rng.random() < NICKNAME:
        forename = name_lists()["nicknames"].get(forename, forename)
    if rng.random() < SURNAME_CHANGED:
        surname = other_surname
    if rng.random() < TYPO:
        forename = typo(rng, forename)
    if rng.random() < TYPO:
        surname = typo(rng, surname)
    if rng.random() < SWAPPED_NAMES:
        forename, surname = surname, forename
    return dress(rng, forename), dress(rng, surname)


def dress(rng: np.random.Generator, text: str) -> str:
    """Odd case, stray spaces, or nothing at all."""
    u = rng.random()
    if u < BLANK_ESSENTIAL:
        return ""
    if u < 0.03:
        return text.upper()
    if u < 0.05:
        return text.lower()
    if u < 0.055:
        return "".join(letter.swapcase() if rng.random() < 0.5 else letter for letter in text)
    if u < 0.075:
        return text + " "
    if u < 0.085:
        return "  " + text
    return text


def birth(rng: np.random.Generator, born: dt.date) -> dt.date | None:
    """Date of birth as somebody typed it; None if left out."""
    u = rng.random()
    if u < BLANK_ESSENTIAL:
        return None
    u -= BLANK_ESSENTIAL
    if u < DAY_MONTH_SWAPPED and born.day <= 12:
        return born.replace(month=born.day, day=born.month)
    if DAY_MONTH_SWAPPED <= u < DAY_MONTH_SWAPPED + WRONG_DIGIT:
        years = int(rng.choice([-10, -9, -2, -1, 1, 2, 9, 10]))
        return born.replace(year=born.year + years, day=min(born.day, 28))
    return born


def sex(rng: np.random.Generator, gender: str) -> str:
    """Gender in one of the ways of writing it."""
    if rng.random() < BLANK_ESSENTIAL:
        return ""
    if rng.random() < WRONG_SEX:
        gender = "F" if gender == "M" else "M"
    u = rng.random()
    ways = GENDERS[gender]
    return ways[0 if u < 0.6 else 1 if u < 0.85 else 2 if u < 0.97 else 3]


def number(rng: np.random.Generator, text: str | None, left_out: float) -> str:
    """PNC ID or prison number, often left out, sometimes mangled or in the short form."""
    if text is None or rng.random() < left_out:
        return ""
    if rng.random() >= MANGLED_NUMBER:
        return text
    kind = int(rng.integers(3))
    if kind == 0 and "/" in text:
        year, serial = text.split("/")
        return f"{year[2:]}/{serial[:-1].lstrip('0')}{serial[-1]}"
    if kind == 1:
        return text.replace("/", " ").lower()
    at = int(rng.integers(1, len(text) - 1))
    wrong = str((int(text[at]) + 1 + int(rng.integers(9))) % 10) if text[at].isdigit() else text[at]
    return text[:at] + wrong + text[at + 1 :]
