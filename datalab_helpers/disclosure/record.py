"""What was held back, where, by which rule: counts of numbers, never a value."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

RECORD = "release_record.json"

# Why a number is held back, in the words of the report.
FEW = "few people are behind it, or all but a few"
WHOLE = "with it a number held back beside it could be worked out"
OTHER_ANALYSIS = "with another analysis it would give a few people away"
TABLE = "another number of its table is held back"
AMONG = "it is about people whose number is held back"
STEP = "few events lie between two days"
LOST = "few people were lost"
CLOSE = "nearly the same people are in another analysis"
COARSER = "given less finely than it is known"


@dataclass(frozen=True)
class Action:
    """One thing held back: in which analysis, which part, what of it, and why; `numbers` is how many."""

    analysis: str
    part: str
    what: str
    why: str
    numbers: int = 1


@dataclass
class Record:
    """Everything that was held back of one request, and the thresholds it was judged by."""

    thresholds: dict[str, Any]
    actions: list[Action] = field(default_factory=list)
    shown: int = 0

    def add(self, analysis: str, part: str, what: str, why: str, numbers: int = 1) -> None:
        self.actions.append(Action(analysis, part, what, why, numbers))

    def held_back(self) -> dict[str, int]:
        """How many numbers were held back for each reason, the commonest first."""
        found: dict[str, int] = {}
        for action in self.actions:
            if action.why != COARSER:
                found[action.why] = found.get(action.why, 0) + action.numbers
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def as_dict(self) -> dict[str, Any]:
        """The release record, ready for JSON."""
        return {
            "thresholds": self.thresholds,
            "held_back": self.held_back(),
            "actions": [asdict(action) for action in self.actions],
        }
