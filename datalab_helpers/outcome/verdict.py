"""The verdict: six cases by rule, and how much confidence they deserve. No one decides by hand."""

from __future__ import annotations

from dataclasses import dataclass

# From best to worst; a single matched comparison starts at CAP until hidden differences are checked.
LEVELS = ("high", "moderate", "low", "very low")
CAP = "moderate"
ANALYSED_SHARE = 0.30  # fewer of the submitted people analysed than this lowers confidence


@dataclass(frozen=True)
class Verdict:
    """case A to F, confidence, the reason that held confidence back most, and all reasons."""

    case: str
    confidence: str
    held_back_by: str
    reasons: list[str]


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


def confidence(
    balance: str, balance_reasons: list[str], analysed_share: float | None, estimates_agree: bool
) -> tuple[str, list[str]]:
    """How far the design can be trusted, and every reason, the heaviest first.

    Parameters
    ----------
    balance : verdict on balance
    analysed_share : people analysed over rows submitted; None for an analysis table
    estimates_agree : whether the adjusted and the unadjusted difference point the same way
    """
    level = LEVELS.index(CAP)
    reasons = []
    if balance == "fail":
        level = LEVELS.index("very low")
        reasons.append(f"the groups could not be made alike: {'; '.join(balance_reasons)}")
    elif balance == "pass with reservations":
        level += 1
        reasons.append(f"the groups are alike with reservations: {'; '.join(balance_reasons)}")
    if not estimates_agree:
        level += 1
        reasons.append("the two ways of estimating point in different directions")
    if analysed_share is not None and analysed_share < ANALYSED_SHARE:
        level += 1
        reasons.append(f"only {100 * analysed_share:.0f} % of the people sent could be analysed")
    reasons.append(
        "it rests on one matched comparison, and people may differ in ways the records do not show"
    )
    return LEVELS[min(level, len(LEVELS) - 1)], reasons


def decide(
    low: float,
    high: float,
    smallest: float,
    *,
    good: str,
    balance: str,
    balance_reasons: list[str],
    analysed_share: float | None,
    estimates_agree: bool,
) -> Verdict:
    """The whole verdict; for a measure whose good direction is up, the interval is mirrored first."""
    ends = (-high, -low) if good == "higher" else (low, high)
    level, reasons = confidence(balance, balance_reasons, analysed_share, estimates_agree)
    return Verdict(case(*ends, smallest), level, reasons[0], reasons)
