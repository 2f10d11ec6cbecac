"""Names that cannot be looked up as they are written."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path

from ...lab import read_yaml
from .problems import Given, Level, Problem

HERE = Path(__file__).parent
TITLE = re.compile(r"(?:mr|mrs|miss|ms|mx|dr|sir|rev|prof|master)\b\.?\s+\S", re.I)
TITLE_AFTER = re.compile(r".+,?\s(?:mr|mrs|miss|ms|mx)\.?$", re.I)
TWO = re.compile(r"[^\W\d_]\s*[&+/;]\s*[^\W\d_]|[^\W\d_]\s+and\s+[^\W\d_]", re.I)
NOTE = re.compile(
    r"\d|[()\[\]{}\"?@:*=<>|\\]|\b(?:n[ée]e|aka|a\.k\.a|formerly|previously|deceased|known as|maiden|alias|now)\b",
    re.I,
)
STAND_IN = re.compile(
    r"(?:unknown|not (?:known|given|stated|recorded)|n/a|n\.a\.|tbc|tba|anon(?:ymous)?|redacted|withheld|no name|"
    r"test ?\d+|x{1,5}|(?:client|user|service user|participant|person|male|female)(?: ?\d+| [a-z]\d*)|"
    r"service user|participant|[\W_]+|mr|mrs|ms)",
    re.I,
)
# Words that stand for a name and are surnames too: with nothing else that speaks for it, only a doubt.
MAYBE = re.compile(r"test|client|user|person|male|female|miss", re.I)
FEWEST_AGAIN = 3  # rows with one such word from which it is no surname
# In other scripts one letter can be a whole name.
LETTER = "[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u03ff\u0400-\u052f\u1e00-\u1fff]"
INITIALS = re.compile(rf"{LETTER}(?:[.\s]+{LETTER})*\.?")
# UTF-8 read as Windows-1252: an e with an accent becomes a capital A with a tilde and a copyright sign.
MOJIBAKE = re.compile("\u00c3[\u0080-\u00bf\u2018-\u203a\u0152-\u0192\u02c6\u02dc\u20ac\u2122]|\u00e2\u20ac|\u00c2[\u00a0-\u00bf]|\u00c4[\u0080-\u00bf\u2018-\u203a]|\u00c5[\u0080-\u00bf\u2018-\u203a\u0152-\u0192\u02c6\u02dc\u2122\u20ac]|\ufffd")  # fmt: skip
JOINERS = "\u200c\u200d"
FEWEST_EXCHANGED = 5  # rows from which whole columns, and not single rows, are said to be exchanged


@cache
def known() -> tuple[frozenset[str], frozenset[str]]:
    """Common forenames and surnames, in capitals."""
    lists = read_yaml(HERE / "names.yml")
    with (HERE.parent / "nicknames.csv").open(encoding="utf-8", newline="") as file:
        nicknames = {name for row in list(csv.reader(file))[1:] for name in row}
    return frozenset({name.upper() for name in lists["forenames"]} | nicknames), frozenset(
        name.upper() for name in lists["surnames"]
    )


def of_names(given: Given) -> list[Problem]:
    """Each name cell has one problem at most, the first that fits."""
    kinds: dict[tuple[str, str, Level], list[int]] = {}
    again = {name: Counter(given.cells[name].str.lower()) for name in ("surname", "forename")}
    swapped, whole = _swapped(given)
    for row, surname, forename in zip(
        given.cells.index, given.cells["surname"], given.cells["forename"], strict=True
    ):
        row = int(row)
        for name, text, other in (("surname", surname, forename), ("forename", forename, surname)):
            kind = _kind(text, other, name) if text and (row, name) not in given.error_cells else ""
            lost = kind == "stand_in_name" and not (
                MAYBE.fullmatch(text)
                and again[name][text.lower()] < FEWEST_AGAIN
                and not (STAND_IN.fullmatch(other) or MAYBE.fullmatch(other))
            )
            if kind:
                kinds.setdefault((kind, name, "lost" if lost else "doubt"), []).append(row)
    found = [
        Problem(
            "maybe_no_name" if kind == "stand_in_name" and level == "doubt" else kind,
            level,
            given.column(name),
            tuple(rows),
        )
        for (kind, name, level), rows in kinds.items()
    ]
    if whole:
        found.append(
            Problem(
                "name_columns_swapped",
                "doubt",
                given.column("surname"),
                rows=given.rows(given.cells["surname"] != ""),
            )
        )
    else:
        told = {row for rows in kinds.values() for row in rows}
        rows = tuple(row for row in swapped if row not in told)
        if rows:
            found.append(Problem("names_swapped", "doubt", given.column("surname"), rows))
    return found


def _kind(text: str, other: str, name: str) -> str:
    if STAND_IN.fullmatch(text) or MAYBE.fullmatch(text):
        return "stand_in_name"
    if odd(text):
        return "odd_characters"
    if MOJIBAKE.search(text):
        return "garbled_letters"
    if TWO.search(text):
        return "two_people"
    if TITLE.match(text) or TITLE_AFTER.fullmatch(text):
        return "title"
    if NOTE.search(text):
        return "note_in_name"
    if _whole_name(text, other, name):
        return "full_name"
    if INITIALS.fullmatch(text):
        return "initial"
    return ""


def _whole_name(text: str, other: str, name: str) -> bool:
    """A name of two parts where the other column is empty or repeats one of them."""
    words = [word.upper() for word in text.replace(",", " ").split()]
    if len(words) < 2:
        return False
    if "," in text or not other:
        return True
    second = other.upper().split()
    if name == "forename":
        return words[-len(second) :] == second and len(words) > len(second)
    return words[: len(second)] == second or (words[-len(second) :] == second and words[-1] in known()[0])


def odd(text: str) -> bool:
    """Characters that nobody sees or types: control characters, zero-width ones, private ones."""
    if text.isascii() and text.isprintable():
        return False
    return any(
        unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cn", "Cs"}
        and not (letter in JOINERS and not text.replace(letter, "").isascii())
        for letter in text
    )


def _swapped(given: Given) -> tuple[list[int], bool]:
    """Rows with a common forename as surname and a common surname as forename; whether most seem exchanged."""
    forenames, surnames = known()
    only_forenames = forenames - surnames
    rows, right, back = [], 0, 0
    for row, surname, forename in zip(
        given.cells.index,
        given.cells["surname"].str.upper(),
        given.cells["forename"].str.upper(),
        strict=True,
    ):
        if surname in only_forenames and forename not in forenames:
            back += 1
            if forename in surnames:
                rows.append(int(row))
        right += forename in only_forenames and surname not in forenames
    return rows, back >= FEWEST_EXCHANGED and back > 3 * right
