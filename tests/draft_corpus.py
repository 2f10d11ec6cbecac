"""Invented sentences about invented results, for the reader of drafts: which overclaim, and of what kind.

The sentences stand in `tests/drafts/`, one a line. `python -m tests.draft_corpus` prints how many overclaims are
found and how many honest sentences are flagged, in each half, with those that went wrong in the half worked on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from datalab_helpers.disclosure.results import Results
from datalab_helpers.wording.draft import check_draft
from tests.example_results import CASES, earnings, estimate, example

FOLDER = Path(__file__).parent / "drafts"
HALVES = ("held out", "worked on")
WORK = {
    "treatment": "people who took part",
    "comparison": "similar people who did not take part",
    "outcome": "employment",
    "happened": "were in work one year later",
    "said_as": {
        "outcome": [
            "[in|into|in a|find|finds|finding|found|out of] [work|job|jobs|a job]",
            "a job",
            "jobs",
            "employed",
            "with work",
        ],
        "opposite": ["out of work", "without a job", "unemploy*", "jobless*"],
        "other_measures": [],
    },
}


@dataclass(frozen=True)
class Sentence:
    """kind : of overclaim, or what an honest sentence speaks of; half : one of HALVES; result : as in the file"""

    kind: str
    half: str
    result: str
    text: str

    @property
    def results(self) -> Results:
        return results_of(self.result)


def sentences(name: str) -> list[Sentence]:
    """Those of `overclaims` or `honest`."""
    found, kind, half = [], "", ""
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"\[(.+), (.+)\]", line):
            kind, half = heading.groups()
        elif line and not line.startswith("#"):
            result, text = line.split(" | ")
            found.append(Sentence(kind, half, result, text))
    return found


@cache
def results_of(result: str) -> Results:
    """`reoffending A very low`: the example's results of that case and confidence, for one of three measures."""
    about, case, confidence = result.split(" ", 2)
    if about == "earnings":
        return earnings(case, confidence)
    return example(case, confidence) if about == "reoffending" else employment(case, confidence)


def employment(case: str, confidence: str) -> Results:
    """A measure where more is good: the groups of the example change places."""
    comparison, treatment, difference, low, high = CASES[case]
    measure = {
        "name": "in_work",
        "label": "In work one year later",
        "short": "In work",
        "meaning": "Whether a person had a job one year later.",
        "good": "higher",
        "treatment": treatment,
        "comparison": comparison,
        "adjusted": estimate(-difference, -high, -low),
    }
    about = example(case).about.model_dump()
    coaching = {
        "name": "Way In",
        "description": "Coaches meet people every week.",
        "type": "coaching",
        "setting": "town",
    }
    about["programme"] |= coaching
    made = example(case, confidence, measure, words=WORK, about=about)
    # The example's other measures are about reoffending.
    analyses = [a.model_copy(update={"measures": a.measures[:1], "trust": None}) for a in made.analyses]
    return made.model_copy(update={"analyses": analyses})


def figures(half: str) -> tuple[float, float, list[str]]:
    """Share of overclaims found, share of honest sentences flagged, and every sentence that went wrong."""
    wrong, shares = [], []
    for name, expected in (("overclaims", True), ("honest", False)):
        chosen = [s for s in sentences(name) if s.half == half]
        flagged = {s: check_draft(s.text, s.results) for s in chosen}
        shares.append(sum(bool(found) for found in flagged.values()) / len(chosen))
        wrong += [
            f"{s.kind} | {s.result} | {s.text} {[(f.kind, f.found) for f in found]}"
            for s, found in flagged.items()
            if bool(found) != expected
        ]
    return shares[0], shares[1], wrong


def main() -> None:
    for half in HALVES:
        recall, alarms, wrong = figures(half)
        counts = [sum(s.half == half for s in sentences(name)) for name in ("overclaims", "honest")]
        print(f"{half}: {100 * recall:.1f}% of {counts[0]} found, {100 * alarms:.1f}% of {counts[1]} flagged")
        by_kind = defaultdict(int)
        for line in wrong:
            by_kind[line.split(" | ")[0]] += 1
        print("  wrong:", dict(by_kind))
        if half != "held out":
            print(*wrong, sep="\n")


if __name__ == "__main__":
    main()
