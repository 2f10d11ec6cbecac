"""The verdict: six cases by rule, and how much confidence they deserve. No one decides by hand."""

from __future__ import annotations

from dataclasses import dataclass

# From best to worst; a single matched comparison starts at CAP until hidden differences are checked.
LEVELS = ("high", "moderate", "low", "very low")
CAP = "moderate"
ANALYSED_SHARE = 0.30  # fewer of the submitted people analysed than this lowers confidence
LATE = "many people joined after the clock had started, free of the outcome until then"
LATE_SHARE = 0.10  # more people than this who started after the clock did lowers confidence


@dataclass(frozen=True)
class Verdict:
    """case A to F, confidence, the reason that held confidence back most, and all reasons."""

    case: str
    confidence: str
    held_back_by: str
    reasons: list[str]


@dataclass(frozen=True)
class Design:
    """What the confidence in a comparison rests on.

    balance, balance_reasons : the verdict on balance and why
    analysed_share : people analysed over rows submitted; None for an analysis table
    estimates_agree : whether the adjusted and the unadjusted difference point the same way
    late_share : share of people who started after the clock did; they had to stay free of the
        outcome until then, which the comparison group had not
    selected : whether only some participants were chosen, by something that came after the start
    """

    balance: str
    balance_reasons: list[str]
    analysed_share: float | None = None
    estimates_agree: bool = True
    late_share: float = 0.0
    selected: bool = False


def case(low: float, high: float, smallest: float) -> str:
    """The case of an interval on a scale where negative is good.

    A worthwhile reduction, B reduction of unsure size, C little or no difference, D no worthwhile
    reduction, E cannot tell, F increase.

    Parameters
    ----------
    low, high : ends of the 95 % interval
    smallest : smallest difference that matters, positive, on the same scale
    """
    if low > 0:
        return "F"
    if high < 0:
        return "A" if high < -smallest else "B"
    if low > -smallest:
        return "C" if high < smallest else "D"
    return "E"


def confidence(design: Design) -> tuple[str, list[str]]:
    """How far the design can be trusted, and every reason, the heaviest first."""
    level = LEVELS.index(CAP)
    reasons = []
    if design.balance == "fail":
        level = LEVELS.index("very low")
        reasons.append(f"the groups could not be made alike: {'; '.join(design.balance_reasons)}")
    elif design.balance == "pass with reservations":
        level += 1
        reasons.append(f"the groups are alike with reservations: {'; '.join(design.balance_reasons)}")
    if design.late_share > LATE_SHARE:
        level += 1
        reasons.append(f"{LATE}, which flatters the programme")
    if design.selected:
        level += 1
        reasons.append("it keeps only some participants, who might have done better anyway")
    if not design.estimates_agree:
        level += 1
        reasons.append("the two ways of estimating point in different directions")
    if design.analysed_share is not None and design.analysed_share < ANALYSED_SHARE:
        level += 1
        reasons.append(f"only {100 * design.analysed_share:.0f}% of the people sent could be analysed")
    reasons.append(
        "it rests on one matched comparison, and people may differ in ways the records do not show"
    )
    return LEVELS[min(level, len(LEVELS) - 1)], reasons


def decide(low: float, high: float, smallest: float, good: str, design: Design) -> Verdict:
    """The whole verdict; for a measure whose good direction is up, the interval is mirrored first."""
    ends = (-high, -low) if good == "higher" else (low, high)
    level, reasons = confidence(design)
    return Verdict(case(*ends, smallest), level, reasons[0], reasons)
