"""Rounding and spelling of numbers: the one place where a number becomes text."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

MINUS = "\N{MINUS SIGN}"
CONFIDENTIAL = "[c]"
NOT_AVAILABLE = "[x]"
KEPT_MARKS = "\n\r\t\u200c\u200d"
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def rounded(value: float, places: int = 0) -> Decimal:
    """Half away from zero, on the ten digits that `results.json` keeps; never minus zero."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(f"{value:.10g}")
        return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) + 0


def number(value: float, places: int = 0) -> str:
    """-1234.5 as 1,235 after a real minus sign: thousands separators, and no hyphen for a minus."""
    return f"{rounded(value, places):,f}".replace("-", MINUS)


def plain_number(value: float) -> str:
    """A setting as it was given: 2 is "2" and 0.05 is "0.05"."""
    return f"{Decimal(f'{value:.10g}').normalize() + 0:,f}".replace("-", MINUS)


def per_cent(share: float) -> str:
    """A proportion as a whole per cent."""
    return f"{number(share * 100)}%"


def p_value(p: float) -> str:
    """Two decimals, more where 0.05 would hide on which side of it p lies; 0.00 and 1.00 are given as bounds."""
    if p < 0.01:
        return "<0.01"
    if p > 0.99:
        return ">0.99"
    places = 2
    while places < 5 and (round(p, places) < 0.05) != (p < 0.05):
        places += 1
    return number(p, places)


def average(value: float) -> str:
    """A mean with as many decimals as its size deserves."""
    return number(value, places_for(abs(value)))


def places_for(size: float) -> int:
    """Decimals that keep about three digits."""
    return 2 if size < 10 else 1 if size < 100 else 0


def optional(value: float | None, spell: Callable[[float], str], suppressed: str | None = None) -> str:
    """The cell of a table: the number, `[c]` if held back, `[x]` if there is none."""
    if suppressed is not None:
        return CONFIDENTIAL
    if value is None:
        return NOT_AVAILABLE
    return spell(value)


def day(iso: str | None) -> str:
    """`2021-01-05` is "5 January 2021", `2021-01` is "January 2021"; other text stays as it is."""
    when = _date(iso)
    if when is None:
        return month(iso)
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def month(iso: str | None) -> str:
    """`2021-01-05` and `2021-01` are "January 2021"."""
    when = _date(iso) or _date(f"{iso}-01")
    return f"{MONTHS[when.month - 1]} {when.year}" if when else iso or ""


def _date(iso: str | None) -> date | None:
    try:
        return date.fromisoformat(iso or "")
    except ValueError:
        return None


def period(begin: str | None, end: str | None, spell: Callable[[str], str] = day) -> str:
    """Two dates as a stretch of time, whichever of them are given."""
    if begin and begin == end:
        return spell(begin)
    if begin and end:
        return f"{spell(begin)} to {spell(end)}"
    return f"from {spell(begin)}" if begin else f"until {spell(end)}" if end else ""


def listed(items: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else list(items))


def things(count: int, one: str, many: str) -> str:
    """`1 person`, `2,340 people`."""
    return f"{number(count)} {one if count == 1 else many}"


def capital(text: str) -> str:
    """First letter upper case, the rest untouched."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """First letter lower case, unless the word is an abbreviation."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def sentence(text: str) -> str:
    """Capital first letter and one full stop."""
    text = text.strip()
    return capital(text) if text.endswith((".", "!", "?")) else f"{capital(text)}."


def readable(text: str) -> str:
    """A name from outside, in the order in which it was typed, for every form alike.

    Without controls, and without marks that turn the direction of reading: a page shows their effect, a
    picture and a PDF cannot. Marks that join letters stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        letter for letter in text if letter in KEPT_MARKS or not unicodedata.category(letter).startswith("C")
    )


def one_line(text: str, longest: int = 80) -> str:
    """Untrusted text made safe for a terminal: no control or reordering marks, cut when long."""
    kept = " ".join(readable(text).split())
    return kept if len(kept) <= longest else f"{kept[: longest - 1]}…"


def brief(first: str, *more: str, most: int = 250) -> str:
    """The first sentence and as many of the others as a text for a picture may hold: nobody can skim what is read aloud."""
    said = one_line(first, most)
    for sentence in filter(None, more):
        if len(said) + 1 + len(sentence) <= most:
            said = f"{said} {sentence}"
    return said
