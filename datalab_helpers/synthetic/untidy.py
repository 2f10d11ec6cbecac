"""Mistakes that people make when they fill in a spreadsheet, at the rates measured for linking."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from .people import name_lists


@dataclass(frozen=True)
class Rates:
    """How often each mistake is made, as a share of the fields it can happen in.

    alias_used counts people who have an alias; no_pnc_id and no_prison_number people who have the number.
    """

    typo: float = 0.05
    nickname: float = 0.03
    swapped_names: float = 0.01
    surname_changed: float = 0.03
    alias_used: float = 0.15
    day_month_swapped: float = 0.015
    wrong_digit: float = 0.01
    wrong_sex: float = 0.005
    no_pnc_id: float = 0.50
    no_prison_number: float = 0.35
    mangled_number: float = 0.03
    blank_essential: float = 0.004


MEASURED = Rates()
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


def names(
    rng: np.random.Generator, forename: str, surname: str, other_surname: str, rates: Rates = MEASURED
) -> tuple[str, str]:
    """Forename and surname as somebody typed them."""
    if rng.random() < rates.nickname:
        forename = name_lists()["nicknames"].get(forename, forename)
    if rng.random() < rates.surname_changed:
        surname = other_surname
    if rng.random() < rates.typo:
        forename = typo(rng, forename)
    if rng.random() < rates.typo:
        surname = typo(rng, surname)
    if rng.random() < rates.swapped_names:
        forename, surname = surname, forename
    return dress(rng, forename, rates), dress(rng, surname, rates)


def dress(rng: np.random.Generator, text: str, rates: Rates = MEASURED) -> str:
    """Odd case, stray spaces, or nothing at all."""
    u = rng.random()
    if u < rates.blank_essential:
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


def birth(rng: np.random.Generator, born: dt.date, rates: Rates = MEASURED) -> dt.date | None:
    """Date of birth as somebody typed it; None if left out."""
    u = rng.random()
    if u < rates.blank_essential:
        return None
    u -= rates.blank_essential
    if u < rates.day_month_swapped and born.day <= 12:
        return born.replace(month=born.day, day=born.month)
    if rates.day_month_swapped <= u < rates.day_month_swapped + rates.wrong_digit:
        years = int(rng.choice([-10, -9, -2, -1, 1, 2, 9, 10]))
        return born.replace(year=born.year + years, day=min(born.day, 28))
    return born


def sex(rng: np.random.Generator, gender: str, rates: Rates = MEASURED) -> str:
    """Gender in one of the ways of writing it."""
    if rng.random() < rates.blank_essential:
        return ""
    if rng.random() < rates.wrong_sex:
        gender = "F" if gender == "M" else "M"
    u = rng.random()
    ways = GENDERS[gender]
    return ways[0 if u < 0.6 else 1 if u < 0.85 else 2 if u < 0.97 else 3]


def number(rng: np.random.Generator, text: str | None, left_out: float, rates: Rates = MEASURED) -> str:
    """PNC ID or prison number, often left out, sometimes mangled or in the short form."""
    if text is None or rng.random() < left_out:
        return ""
    if rng.random() >= rates.mangled_number:
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
