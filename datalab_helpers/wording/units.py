"""How each kind of measure is spoken: people in every 100, per 100 people, days, or its own unit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..disclosure.results import AnalysisResult, Estimate, MeasureResult
from ..lab import Words
from .numbers import (
    CONFIDENTIAL,
    NOT_AVAILABLE,
    lower_first,
    number,
    optional,
    places_for,
    plain_number,
    rounded,
)

CURRENCY = "£$€¥"


@dataclass(frozen=True)
class Unit:
    """Counted units say fewer and more, measured ones lower and higher."""

    places: int
    counted: bool
    one: str
    many: str
    before: str = ""

    def amount(self, size: float | Decimal, bare: bool = False) -> str:
        """A size in shown units without its sign: `5 people in every 100`, `£1,794`, `12`."""
        text = self.before + number(float(abs(size)), self.places)
        words = self.one if abs(size) == 1 else self.many
        return text if bare or not words else f"{text} {words}"

    def change(self, shown: Decimal, bare: bool = False) -> str:
        """A signed size in words: `5 fewer people in every 100`, `£1,794 higher`."""
        if not self.counted:
            return f"{self.amount(shown)} {'lower' if shown < 0 else 'higher'}"
        text = f"{self.amount(shown, bare=True)} {'fewer' if shown < 0 else 'more'}"
        words = self.one if abs(shown) == 1 else self.many
        return text if bare else f"{text} {words}"


def unit_of(measure: MeasureResult, words: Words) -> Unit:
    """The unit in which sentences and charts speak of a measure of these people."""
    places = places_of(measure)
    if measure.kind == "binary":
        return Unit(places, True, f"{words.person} in every 100", f"{words.people} in every 100")
    if measure.kind == "count":
        return Unit(places, True, f"per 100 {words.people}", f"per 100 {words.people}")
    if measure.kind == "days":
        return Unit(places, True, "day", "days")
    unit = measure.unit.strip()
    if unit and unit in CURRENCY:
        return Unit(places, False, "", "", before=unit)
    return Unit(places, False, unit, unit)


def counted(measure: MeasureResult) -> bool:
    """Whether changes are fewer and more, not lower and higher."""
    return measure.kind != "continuous"


def factor_of(measure: MeasureResult) -> int:
    """What a value is multiplied by to be spoken: rates and counts are told per 100 people."""
    return 100 if measure.kind in ("binary", "count") else 1


def places_of(measure: MeasureResult) -> int:
    """Decimals of a spoken value."""
    return 0 if counted(measure) else places_for(largest(measure))


def largest(measure: MeasureResult) -> float:
    return max(
        (abs(value) for value in [measure.treatment, measure.comparison] if value is not None), default=0
    )


def shown(measure: MeasureResult, value: float) -> float:
    """A value in the units of sentences and charts, not rounded."""
    return value * factor_of(measure)


def spoken(measure: MeasureResult, value: float) -> Decimal:
    """A value in the units of sentences, rounded as it is said."""
    return rounded(value * factor_of(measure), places_of(measure))


def change(measure: MeasureResult, words: Words, difference: float) -> str:
    """`5 fewer people in every 100`; one that rounds to nothing says so."""
    size = spoken(measure, difference)
    return unit_of(measure, words).change(size) if size else "no difference after rounding"


def span(measure: MeasureResult, words: Words, low: float, high: float) -> str:
    """An interval in words; an end that rounds to nothing is never written as `0 fewer`."""
    unit, left, right = unit_of(measure, words), spoken(measure, low), spoken(measure, high)
    smallest = unit.amount(Decimal(1).scaleb(-unit.places))
    if not left and not right:
        if low <= 0 <= high:
            return f"less than {smallest} either way"
        return f"a {'fall' if high < 0 else 'rise'} of less than {smallest}"
    if low <= 0 <= high:
        return straddling(unit, left, right)
    near, far = sorted([left, right], key=abs)
    if near == far:
        return f"about {unit.change(far)}"
    if not near:
        return f"up to {unit.change(far)}"
    return f"between {unit.amount(near, bare=True)} and {unit.change(far)}"


def straddling(unit: Unit, left: Decimal, right: Decimal) -> str:
    if not right:
        return f"between {unit.change(left)} and no change"
    if not left:
        return f"between no change and {unit.change(right)}"
    return f"between {unit.change(left, bare=True)} and {unit.change(right)}"


def by_span(measure: MeasureResult, words: Words, low: float, high: float) -> str:
    """Sizes of an interval on one side of zero, after a verb: `by between £200 and £3,000`."""
    unit = unit_of(measure, words)
    near, far = sorted([spoken(measure, low), spoken(measure, high)], key=abs)
    if not far:
        return f"by less than {unit.amount(Decimal(1).scaleb(-unit.places))}"
    if near == far:
        return f"by about {unit.amount(far)}"
    if not near:
        return f"by up to {unit.amount(far)}"
    return f"by between {unit.amount(near, bare=True)} and {unit.amount(far)}"


def matters(measure: MeasureResult, size: float) -> float:
    """The smallest difference that matters, in the units of sentences (it is set per 100 for a rate)."""
    return size if measure.kind == "binary" else size * factor_of(measure)


def smallest_difference(measure: MeasureResult, words: Words, size: float) -> str:
    """What would matter, as the request fixed it: `2 in 100`, `£200`, `14 days`."""
    unit = unit_of(measure, words)
    text = unit.before + plain_number(matters(measure, size))
    if measure.kind == "binary":
        return f"{text} in 100"
    return f"{text} {unit.one if matters(measure, size) == 1 else unit.many}".strip()


def noun(measure: MeasureResult, words: Words) -> str:
    """What the programme may have changed: the lab's noun, or the measure's own name."""
    return words.outcome if measure.kind == "binary" else lower_first(measure.short or measure.label)


def primary(analysis: AnalysisResult) -> MeasureResult | None:
    """The measure that was named in advance, if it can be published."""
    found = next((measure for measure in analysis.measures if measure.primary), None)
    if found is None or found.suppressed is not None or found.treatment is None or estimate_of(found) is None:
        return None
    return found


def estimate_of(measure: MeasureResult) -> Estimate | None:
    """The headline estimate: adjusted, or unadjusted where there is no other."""
    return measure.adjusted or measure.unadjusted


def compared(measure: MeasureResult) -> float | None:
    """The comparison group's value beside which the difference adds up.

    The adjusted difference allows for what remained unlike after matching, so the comparison
    value that belongs to it is treatment - difference. Where that is impossible (a rate below
    nothing), the value as observed stands.
    """
    estimate = estimate_of(measure)
    if measure.treatment is None or estimate is None:
        return measure.comparison
    value = measure.treatment - estimate.difference
    possible = measure.kind == "continuous" or (value >= 0 and (measure.kind != "binary" or value <= 1))
    return value if possible else measure.comparison


def table_value(measure: MeasureResult, value: float | None) -> str:
    """A group's value in a detailed table: whole per 100, two decimals a person, whole days."""

    def spell(given: float) -> str:
        if measure.kind == "count":
            return number(given, 2)
        return number(shown(measure, given), places_of(measure))

    return optional(value, spell, measure.suppressed)


def table_difference(measure: MeasureResult, value: float) -> str:
    """A difference in a detailed table: one decimal per 100, two a person, whole days."""
    return number(*_tabled(measure, value))


def table_end(measure: MeasureResult, value: float) -> str:
    """An end of an interval: as a difference, with up to three decimals more where 0 would hide on which side of it it lies."""
    told, places = _tabled(measure, value)
    most = places + 3
    while places < most and told and not round(told, places):
        places += 1
    return number(told, places)


def _tabled(measure: MeasureResult, value: float) -> tuple[float, int]:
    if measure.kind == "count":
        return value, 2
    return float(shown(measure, value)), 1 if measure.kind == "binary" else places_of(measure)


def table_estimate(measure: MeasureResult, estimate: Estimate | None) -> str:
    """The difference, and its interval in brackets."""
    if measure.suppressed is not None:
        return CONFIDENTIAL
    if estimate is None:
        return NOT_AVAILABLE
    size = table_difference(measure, estimate.difference)
    return f"{size} ({table_end(measure, estimate.low)} to {table_end(measure, estimate.high)})"


def table_unit(measure: MeasureResult, words: Words) -> str:
    """What the numbers of a detailed table are."""
    return {"binary": f"per 100 {words.people}", "days": "days"}.get(measure.kind, measure.unit)
