"""The verdict: six cases by rule, and how much confidence they deserve. No one decides by hand."""

from __future__ import annotations

from dataclasses import dataclass

from ..lab import Measure

# From best to worst.
LEVELS = ("high", "moderate", "low", "very low")
ANALYSED_SHARE = 0.30  # fewer of the submitted people analysed than this lowers confidence
LATE = "many people joined after the clock had started, free of the outcome until then"
LATE_SHARE = 0.10  # more people than this who started after the clock did lowers confidence
SAME_SIDE = 0.80  # fewer of the other choices on the headline's side of zero than this lowers confidence


@dataclass(frozen=True)
class Verdict:
    """case A to F, confidence, the reason that held confidence back most (none when it is high), and all reasons."""

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
    checks : what the checks on trust found; None where they were not made
    """

    balance: str
    balance_reasons: list[str]
    analysed_share: float | None = None
    estimates_agree: bool = True
    late_share: float = 0.0
    selected: bool = False
    checks: Checks | None = None


@dataclass(frozen=True)
class Checks:
    """The checks on trust in short.

    placebo : whether there was no difference before the programme; None where it could not be looked for
    weak : whether a difference that would take the answer away could have escaped the placebo; it counts where
        none was found, since one that was found is one
    hidden : the recorded characteristic whose hidden twin would change the answer; empty if none would, or
        where there is no answer to change ("cannot tell")
    same_side : share of the other choices on the headline's side of zero; None where its interval holds zero
    calibrated : whether intervals held what was planted in this request's own pool; None where not tried
    complete : whether other choices and hidden differences could be looked at, wherever there is an answer
    """

    placebo: bool | None
    hidden: str
    same_side: float | None
    calibrated: bool | None
    complete: bool = True
    weak: bool = False


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


def case_of(measure: Measure, low: float, high: float, smallest: float) -> str:
    """The case of an interval on a measure's own scale; where more is good it is mirrored first.

    smallest : per 100 people for a rate, else in the measure's unit
    """
    scale = 100.0 if measure.kind == "binary" else 1.0
    low, high = (-high, -low) if measure.good == "higher" else (low, high)
    return case(low * scale, high * scale, smallest)


def room(measure: Measure, low: float, high: float, smallest: float) -> float | None:
    """How far an interval can be moved, on the measure's own scale, before its answer is lost; None for E.

    Cases of one direction are one answer: a reduction (A, B), no worthwhile reduction (C, D), an increase
    (F). The first and the last are lost when the interval reaches zero, the other when it reaches a
    worthwhile reduction or lies below zero. "Cannot tell" says nothing that could be lost.
    """
    scale = 100.0 if measure.kind == "binary" else 1.0
    found = case_of(measure, low, high, smallest)
    low, high = (-high, -low) if measure.good == "higher" else (low, high)
    none_worthwhile = min(low + smallest / scale, high)
    return {"A": -high, "B": -high, "C": none_worthwhile, "D": none_worthwhile, "F": low}.get(found)


def confidence(design: Design) -> tuple[str, list[str]]:
    """How far the design can be trusted, and every reason, the heaviest first.

    It starts at high. A failed balance leaves very low. Each of these takes one level: balance with
    reservations; a late start; chosen participants; estimates that disagree; few of the people sent; a
    failed placebo; other choices on the other side of zero; intervals that held too little of what was
    planted; and, once, a hidden difference as strong as a recorded one that would change the answer, or a
    check that could not be made, or a placebo too weak to have seen what would change it. So a single comparison is high only if it stood all.
    """
    level, reasons = 0, []
    if design.balance == "fail":
        level = LEVELS.index("very low")
        reasons.append(f"the groups could not be made alike: {'; '.join(design.balance_reasons)}")
    elif design.balance == "pass with reservations":
        level += 1
        reasons.append(f"the groups are alike with reservations: {'; '.join(design.balance_reasons)}")
    if design.late_share > LATE_SHARE:
        level += 1
        reasons.append(f"{LATE}, which flatters the programme")
    checks = design.checks
    if checks and checks.placebo is False:
        level += 1
        reasons.append("the groups differed before the programme could have changed anything")
    if design.selected:
        level += 1
        reasons.append("it keeps only some participants, who might have done better anyway")
    if checks and checks.same_side is not None and checks.same_side < SAME_SIDE:
        level += 1
        reasons.append(f"only {100 * checks.same_side:.0f}% of the other ways to compare point the same way")
    if not design.estimates_agree:
        level += 1
        reasons.append("the two ways of estimating point in different directions")
    if checks and checks.calibrated is False:
        level += 1
        reasons.append("tried on people of the pool, the ranges held the truth too seldom")
    if design.analysed_share is not None and design.analysed_share < ANALYSED_SHARE:
        level += 1
        reasons.append(f"only {100 * design.analysed_share:.0f}% of the people sent could be analysed")
    unseen = _unseen(checks)
    if unseen:
        level += 1
        reasons.append(unseen)
    return LEVELS[min(level, len(LEVELS) - 1)], reasons


def _unseen(checks: Checks | None) -> str:
    """Why what the records do not show may matter; empty when the checks speak against it."""
    alone = "it rests on one matched comparison, and people may differ in ways the records do not show"
    if checks is None:
        return alone
    if checks.hidden:
        return f"{alone}; a hidden difference as strong as “{checks.hidden}” could change the answer"
    if checks.placebo is None:
        return f"{alone}; there is no record of the time before to try it on"
    if checks.placebo and checks.weak:
        return f"{alone}; a difference that would change the answer could have escaped the check of the time before"
    if checks.calibrated is None:
        return f"{alone}; the method could not be tried on people of the pool"
    if not checks.complete:
        return f"{alone}; too few people are behind it to try other ways"
    return ""


def decide(low: float, high: float, smallest: float, good: str, design: Design) -> Verdict:
    """The whole verdict; for a measure whose good direction is up, the interval is mirrored first."""
    ends = (-high, -low) if good == "higher" else (low, high)
    level, reasons = confidence(design)
    return Verdict(case(*ends, smallest), level, reasons[0] if reasons else "", reasons)
