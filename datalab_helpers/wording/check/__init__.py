"""What `datalab check` says: a summary, the forecast, and each kind of problem with its rows and its mend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...intake.check import Checked, Problem
from ...intake.check.file import NUMBERS
from ...intake.check.forecast import Band, Forecast
from ...intake.reading.schema import FIELDS
from ...lab import Lab
from ...outcome.power import Design, smallest_change
from ..numbers import day, lower_first, number, one_line, per_cent, things
from ..people import Stage
from .kinds import KINDS, Told

LEVEL_TITLES = {
    "stops": "What stops the file from being used",
    "lost": "People who could not be analysed",
    "doubt": "What should be looked at",
    "remark": "Remarks on the whole file",
    "tidied": "What we will tidy for you",
}
LEVEL_WHY = {
    "stops": "Mend these first: until then nothing else can be done with the file.",
    "lost": "Each row below is a person who would be left out. The first kinds bring in most people.",
    "doubt": "The file can be used as it is. These rows are probably slips, or make people harder to find.",
    "remark": "Not about single people.",
    "tidied": "Nothing needs to be done about these.",
}
ROWS_SHOWN = 12
COPY_HEADINGS = ("What", "Heading in your list", "Where", "What is wrong", "Why it matters", "How to mend it")


@dataclass(frozen=True)
class Said:
    """One problem in words. `rows_told` names its rows as ranges; `gain` is what mending would bring."""

    level: str
    kind: str
    column: str
    title: str
    wrong: str
    why: str
    mend: str
    rows: tuple[int, ...]
    rows_told: str
    rescued: int
    gain: str


def said(problem: Problem) -> Said:
    """A problem in words."""
    words = KINDS[problem.kind]
    facts = _facts(problem)

    def fill(text: str) -> str:
        return text.format(**facts).strip()

    gain = ""
    if problem.level == "lost" and problem.rescued:
        gain = f"Mending this alone would bring in {things(problem.rescued, 'person', 'people')}."
    return Said(
        problem.level,
        problem.kind,
        one_line(problem.column, 120),
        fill(words.title),
        fill(words.wrong),
        fill(words.why),
        fill(words.mend),
        problem.rows,
        rows_told(problem.rows),
        problem.rescued,
        gain,
    )


def _facts(problem: Problem) -> dict[str, Any]:
    # Headings are the sender's own text: nothing in them may steer a terminal.
    given = {
        name: one_line(fact, 400) if isinstance(fact, str) else fact for name, fact in problem.facts.items()
    }
    column = one_line(problem.column, 120)
    for name in ("began", "ended", "again"):
        if isinstance(given.get(name), str):
            given[name] = day(given[name])
    near = given.get("nearest")
    given["near"] = f" The nearest heading in the file is “{near}”." if near else ""
    given["add"] = (
        f"If “{near}” is meant, write “{column}” in its place; else add the column."
        if near
        else "Add the column, with exactly this heading."
        if given.get("known", True)
        else "Give each column a heading in the first row; the template has them all."
    )
    given["numbers"] = " and no ".join(lower_first(FIELDS[name].heading) for name in NUMBERS)
    given["name"] = lower_first(given.get("name", ""))
    given |= {"column": column, "here": f"“{column}”" if column else "the row"}
    if isinstance(given.get("told"), str):
        given["told"] = given["told"].rstrip(".")
    return given


def rows_told(rows: tuple[int, ...], most: int | None = None) -> str:
    """`row 4`, `rows 4, 7 to 9 and 12`; with `most`, the rest is counted."""
    if not rows:
        return ""
    spans: list[tuple[int, int]] = []
    for row in sorted(rows):
        if spans and row == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], row)
        else:
            spans.append((row, row))
    kept = spans if most is None else spans[:most]
    told = [str(a) if a == b else f"{a} to {b}" if b > a + 1 else f"{a}, {b}" for a, b in kept]
    rest = sum(b - a + 1 for a, b in spans[len(kept) :])
    text = ", ".join(told) + (f" and {number(rest)} more" if rest else "")
    return f"{'row' if len(rows) == 1 else 'rows'} {text}"


def summary(checked: Checked) -> list[str]:
    """What matters first: whether the file can be used, how many people, how many could be brought in."""
    lost = checked.rows - checked.complete
    stops = [p for p in checked.problems if p.level == "stops"]
    doubts = {row for p in checked.problems if p.level == "doubt" for row in p.rows}
    found = (
        ["This file can be used."]
        if checked.usable
        else [f"This file cannot be used yet: {things(len(stops), 'thing', 'things')} must be mended first."]
    )
    if checked.rows:
        found.append(f"It holds {things(checked.rows, 'person', 'people')}.")
    if checked.rows and checked.complete and lost:
        found.append(
            f"{things(lost, 'person', 'people')} could not be analysed as the file stands"
            + (
                f"; {number(checked.mendable)} of them could be brought in by mending what is listed below."
                if checked.mendable
                else "."
            )
        )
    if doubts:
        found.append(f"{things(len(doubts), 'row', 'rows')} should be looked at.")
    if checked.usable and not lost and not doubts:
        found.append("Nothing in it needs to be mended.")
    return found


def forecast_said(checked: Checked) -> list[str]:
    """The forecast in words; nothing where the file does not allow one."""
    f = checked.forecast
    if f is None:
        return []
    found = [
        (
            f"Of {things(f.sent, 'person', 'different people')} on your list, about {number(f.found.middle)} will probably be "
            f"found in {checked.lab.words.records} ({_band(f.found)}), and about {number(f.analysed.middle)} analysed "
            f"({_band(f.analysed)}). In nine of ten lists like yours the number lies in that range."
        )
    ]
    found += change_said(f, checked.lab)
    later = checked.mended
    if later is not None and later.analysed.middle > f.analysed.middle:
        found.append(
            f"If everything below is mended, about {number(later.analysed.middle)} would be analysed ({_band(later.analysed)})."
        )
    found.append(f"What this rests on: {f.basis}")
    return found


def stages(checked: Checked) -> list[Stage]:
    """`92 people on the list`, `89 with all that is needed`, `about 83 found`, `about 71 analysed`."""
    f = checked.forecast
    if f is None:
        return []
    return [
        Stage(number(f.sent), "different people on the list"),
        Stage(number(f.listed.people), "with all that is needed"),
        Stage(f"about {number(f.found.middle)}", "found in the records"),
        Stage(f"about {number(f.analysed.middle)}", "analysed"),
    ]


def change_said(f: Forecast, lab: Lab) -> list[str]:
    """The smallest change that so many people could show."""
    fewest = lab.defaults.smallest_group
    if f.analysed.middle < fewest:
        return [f"With fewer than {fewest} people analysed there would be no result at all."]
    middle, low, high = (changes(f, n) for n in (f.analysed.middle, f.analysed.high, max(f.analysed.low, 2)))
    wide = f" (between {low} and {high})" if low != high else ""
    maybe = (
        f" There may also be fewer than {fewest} people, and then no result at all."
        if f.analysed.low < fewest
        else ""
    )
    return [
        (
            f"So many people could reliably show a fall in {lab.words.outcome} of about {middle} in every 100 people"
            f"{wide}, and anything larger. A smaller change would most likely end as “no clear difference”, even if it is real. "
            f"This takes it that {per_cent(f.baseline)} of similar people would have {lab.words.happened}.{maybe}"
        )
    ]


def changes(f: Forecast, people: int) -> str:
    """Smallest change that so many people could show, in whole people in every 100."""
    found = smallest_change(Design(f.baseline, people, f.comparators, f.gain))
    return number(100 * found) if found is not None else f"more than {number(100 * f.baseline)}"


def _band(band: Band) -> str:
    return f"between {number(band.low)} and {number(band.high)}" if band.low < band.high else number(band.low)


def lines(checked: Checked) -> list[str]:
    """The whole check for a terminal."""
    found = [one_line(checked.name), "", *summary(checked)]
    told = forecast_said(checked)
    if told:
        found += ["", "What to expect", *(f"  {line}" for line in told)]
    level = ""
    for problem in checked.problems:
        words = said(problem)
        if words.level != level:
            level = words.level
            found += ["", LEVEL_TITLES[level], f"  {LEVEL_WHY[level]}"]
        count = f" ({len(words.rows)})" if len(words.rows) > 1 else ""
        found.append("")
        found.append(f"  {words.title}{count}")
        where = rows_told(problem.rows, ROWS_SHOWN)
        if where:
            found.append(
                f"    {where[:1].upper()}{where[1:]}" + (f", column “{words.column}”" if words.column else "")
            )
        for text in (words.wrong, words.why, words.mend, words.gain):
            if text:
                found.append(f"    {text}")
    return found


def as_json(checked: Checked) -> dict[str, Any]:
    """The check for a machine. `format` rises when a key changes its meaning or goes.

    usable, people (rows, complete), forecast and mended (sent, complete, found and analysed with low, middle and
    high; smallest_change in people per 100, for the middle, null where none is large enough) or null; problems,
    worst first: kind, level (stops, lost, doubt, remark, tidied), column, rows, rescued, title, wrong, why, mend.
    """
    return {
        "format": 1,
        "file": checked.name,
        "usable": checked.usable,
        "summary": summary(checked),
        "people": {"rows": checked.rows, "complete": checked.complete},
        "forecast": _forecast_json(checked.forecast),
        "mended": _forecast_json(checked.mended),
        "problems": [
            {
                "kind": p.kind,
                "level": p.level,
                "column": said(p).column,
                "rows": list(p.rows),
                "rescued": p.rescued,
                **{name: getattr(said(p), name) for name in ("title", "wrong", "why", "mend")},
            }
            for p in checked.problems
        ],
    }


def _forecast_json(f: Forecast | None) -> dict[str, Any] | None:
    if f is None:
        return None
    change = smallest_change(Design(f.baseline, max(f.analysed.middle, 2), f.comparators, f.gain))
    return {
        "sent": f.sent,
        "complete": f.listed.people,
        **{name: vars(getattr(f, name)) for name in ("found", "analysed")},
        "smallest_change": None if change is None else round(100 * change, 1),
        "basis": f.basis,
    }


__all__ = [
    "COPY_HEADINGS",
    "KINDS",
    "LEVEL_TITLES",
    "LEVEL_WHY",
    "Said",
    "Told",
    "as_json",
    "change_said",
    "forecast_said",
    "lines",
    "rows_told",
    "said",
    "stages",
    "summary",
]
