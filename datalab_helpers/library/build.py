"""From entries to the library: what each result is, what all say together, what changed since the last version."""

from __future__ import annotations

import itertools
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..disclosure.results import MeasureResult, Results, quantised
from ..lab import load_lab
from ..wording.nouns import words_of
from ..wording.refusal import reason
from ..wording.tables import published
from ..wording.units import estimate_of, primary, shown
from ..wording.verdict import LEVELS, verdict_sentence
from . import synthesis
from .changes import following
from .contents import SCHEMA_VERSION, Chance, Library, Pool, Ranged, Row, Shrunk, Subject
from .entries import Entry

FEWEST = 3  # fewer results than this have no average: it would tell of them and not of programmes
MANY_ORGANISATIONS = 5  # fewer lower the confidence in an average
Z_95 = 1.959963984540054
# The prior for the spread of true effects, half-normal, in smallest differences that matter: 5 points where 2 matter.
PRIOR_SCALES = 2.5
NOT_RUN = "No result yet."
HEADLINE_REFUSED = "Its main analysis could not be published."
HELD_BACK = "Its main result is held back as confidential."
VERY_LOW = "Results of very low confidence are listed only."
EXAMPLE = "Examples of invented people are listed only."


def build(entries: list[Entry], before: Library | None = None) -> Library:
    """The library of these entries, newest first: by day of release, then by id.

    before : the version that it follows, for the list of changes
    """
    entries = sorted(entries, key=lambda entry: (entry.released_on or "", entry.about.id), reverse=True)
    rows, measures = [], {}
    for entry in entries:
        row, measure = _row(entry, entries)
        rows.append(row)
        if measure is not None:
            measures[row.id] = measure
    subjects = []
    for key in sorted({_key(row, measures[row.id]) for row in rows if row.id in measures}):
        mine = [row for row in rows if row.id in measures and _key(row, measures[row.id]) == key]
        if not all(row.invented for row in mine):
            mine = [row.model_copy(update={"left_out": EXAMPLE}) if row.invented else row for row in mine]
        found = {entry.about.id: entry.results for entry in entries if entry.results is not None}
        subject, told = _subject([(row, measures[row.id], found[row.id]) for row in mine])
        subjects.append(subject)
        rows = [told.get(row.id, row) for row in rows]
    library = Library(
        schema_version=SCHEMA_VERSION,
        version=1,
        invented=all(row.invented for row in rows if row.status != "awaited"),
        fewest=FEWEST,
        rows=rows,
        subjects=subjects,
    )
    # On the digits that the file keeps, or every later version would seem to change them.
    library = Library.model_validate(quantised(library.model_dump(mode="json")))
    return following(library, before)


# ---------------------------------------------------------------- one request


def _row(entry: Entry, entries: list[Entry]) -> tuple[Row, MeasureResult | None]:
    """The row of a request, and its main measure where that is published."""
    about, results = entry.about, entry.results
    others = [
        e.about.id
        for e in entries
        if e.about.id != about.id and organisation(e.about.organisation) == organisation(about.organisation)
    ]
    base: dict[str, Any] = {
        "id": about.id,
        "lab": about.lab,
        "lab_label": about.lab_label,
        "organisation": about.organisation,
        "programme": about.programme,
        "released_on": entry.released_on,
        "same_organisation": others,
        "checked": entry.checked,
        "invented": entry.invented,
        **dict.fromkeys(["measure", "case", "confidence", "people", "raw", "p", "p_bh", "shrunk"]),
        "left_out": "",
    }
    if entry.why is not None:
        why = reason(entry.why, load_lab(about.lab).defaults.smallest_group)
        return Row(**base | {"status": "no result", "answer": why}), None
    if results is None:
        return Row(**base | {"status": "awaited", "answer": NOT_RUN}), None
    headline, measure = results.headline, primary(results.headline)
    if headline not in published(results) or headline.verdict is None or measure is None:
        why = HEADLINE_REFUSED if headline.refused else HELD_BACK
        return Row(**base | {"status": "no result", "answer": why}), None
    estimate, verdict = estimate_of(measure), headline.verdict
    assert estimate is not None  # noqa: S101 (a main measure has one)
    given = {
        "status": "result",
        "answer": verdict_sentence(verdict, measure, words_of(results), results.rules),
        "measure": measure.name,
        "case": verdict.case,
        "confidence": verdict.confidence,
        "people": measure.n_treatment,
        "raw": Ranged(
            value=shown(measure, estimate.difference),
            low=shown(measure, estimate.low),
            high=shown(measure, estimate.high),
        ),
        "p": estimate.p,
        "left_out": VERY_LOW if verdict.confidence == LEVELS[0] else "",
    }
    return Row(**base | given), measure


def organisation(name: str) -> str:
    """What two spellings of one organisation's name share."""
    return " ".join(name.casefold().split())


def _key(row: Row, measure: MeasureResult) -> tuple[str, ...]:
    """Results are of one subject when lab, measure, kind, unit and wanted direction agree."""
    return (row.lab, measure.name, measure.kind, measure.unit, measure.good)


# ---------------------------------------------------------------- all results on one measure


def _subject(found: list[tuple[Row, MeasureResult, Results]]) -> tuple[Subject, dict[str, Row]]:
    """What the results on one measure say together, and their rows with what that says of each."""
    first_row, measure, results = found[0]
    delta = statistics.median_low([r.rules.smallest_difference for _, _, r in found])
    prior = synthesis.Prior(scale=PRIOR_SCALES * delta)
    rows = [row for row, _, _ in found if not row.left_out]
    told = {row.id: row for row, _, _ in found} | _read_together(rows, measure, delta, prior)
    subject = Subject(
        lab=first_row.lab,
        lab_label=results.about.lab_label,
        measure=measure.model_copy(update=dict.fromkeys(_NUMBERS)),
        words=results.words,
        smallest_difference=delta,
        prior_scale=prior.scale,
        chance=_chance(rows),
        pools=_pools(rows, measure, delta, prior),
        apart={"type": _apart(rows, measure, "type"), "setting": _apart(rows, measure, "setting")},
    )
    return subject, told


_NUMBERS = (
    "n_treatment",
    "n_comparison",
    "n_comparison_effective",
    "treatment",
    "comparison",
    "unadjusted",
    "adjusted",
    "detectable",
    "suppressed",
)


def error(ranged: Ranged) -> float:
    """Standard error, as far as a published interval tells it: what is pooled is what was published."""
    return (ranged.high - ranged.low) / (2 * Z_95)


def _arrays(rows: Sequence[Row], measure: MeasureResult) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Effects with the wanted direction below zero, their errors, and whose they are."""
    raws = [row.raw for row in rows if row.raw is not None]
    sign = _sign(measure)
    return (
        np.array([sign * raw.value for raw in raws]),
        np.array([error(raw) for raw in raws]),
        [organisation(row.organisation) for row in rows],
    )


def _sign(measure: MeasureResult) -> int:
    """-1 where more is good: everything is worked out with the wanted direction below zero."""
    return -1 if measure.good == "higher" else 1


def _ranged(value: float, interval: Any, sign: int) -> Ranged:
    low, high = (interval.low, interval.high) if sign == 1 else (-interval.high, -interval.low)
    return Ranged(value=sign * value, low=low, high=high)


def _chances(wanted_below_zero: float, worthwhile: float, measure: MeasureResult) -> dict[str, float | None]:
    """Chances as they are told: below zero on the measure's own scale, and a worthwhile change."""
    return {
        "below_zero": wanted_below_zero if _sign(measure) == 1 else 1 - wanted_below_zero,
        "worthwhile": None if measure.good == "neither" else worthwhile,
    }


def _read_together(
    rows: list[Row], measure: MeasureResult, delta: float, prior: synthesis.Prior
) -> dict[str, Row]:
    """The rows, each in the light of the others; alone, or with few others, a result stays as it is."""
    effects, errors, whose = _arrays(rows, measure)
    adjusted = synthesis.false_discovery([row.p for row in rows]).adjusted
    shrunk = (
        synthesis.shrink(effects, errors, whose, delta, prior) if len(rows) >= FEWEST else [None] * len(rows)
    )
    told = {}
    for row, p, s in zip(rows, adjusted, shrunk, strict=True):
        own = (
            Shrunk(
                estimate=_ranged(s.estimate, s.interval, _sign(measure)),
                **_chances(s.below_zero, s.below_delta, measure),
            )
            if s is not None and not s.note
            else None
        )
        told[row.id] = row.model_copy(update={"p_bh": float(p), "shrunk": own})
    return told


def _chance(rows: list[Row]) -> Chance:
    raws = [row.raw for row in rows if row.raw is not None]
    fewer, more = synthesis.flagged([raw.low for raw in raws], [raw.high for raw in raws])
    summed = synthesis.chance_sum(len(raws), fewer, more)
    return Chance(
        tested=len(raws),
        fewer=fewer,
        more=more,
        expected=summed.expected,
        fewer_chance=summed.reductions_chance,
        more_chance=summed.increases_chance,
    )


def _pools(rows: list[Row], measure: MeasureResult, delta: float, prior: synthesis.Prior) -> list[Pool]:
    """All; each type; each setting; each type in each setting, empty cells too."""
    types = sorted({row.programme.type for row in rows})
    settings = sorted({row.programme.setting for row in rows})
    everything = synthesis.predict(*_arrays(rows, measure), delta, prior)
    tau2 = everything.tau_median**2 if everything else 0.0
    usual = statistics.median([error(row.raw) for row in rows if row.raw]) if rows else None
    found = []
    for kind, setting in [
        (None, None),
        *((kind, None) for kind in types),
        *((None, setting) for setting in settings),
        *itertools.product(types, settings),
    ]:
        mine = [
            row
            for row in rows
            if kind in (None, row.programme.type) and setting in (None, row.programme.setting)
        ]
        found.append(_pool(mine, kind, setting, measure, delta, prior, tau2, usual))
    return found


def _apart(rows: list[Row], measure: MeasureResult, of: str) -> float | None:
    """p of the test that programmes of every type, or in every setting, have one average."""
    named = [getattr(row.programme, of) for row in rows]
    counts = Counter(named)
    # A group of a single result would be held against the others for what may be luck or its place.
    kept = [row for row, name in zip(rows, named, strict=True) if counts[name] >= FEWEST]
    groups = [getattr(row.programme, of) for row in kept]
    if len(set(groups)) < 2:
        return None
    effects, errors, whose = _arrays(kept, measure)
    told = synthesis.by_group(effects, errors, groups, whose)
    return None if told is None else told.p


def _pool(
    rows: list[Row],
    kind: str | None,
    setting: str | None,
    measure: MeasureResult,
    delta: float,
    prior: synthesis.Prior,
    tau2: float,
    usual: float | None,
) -> Pool:
    effects, errors, whose = _arrays(rows, measure)
    more = synthesis.one_more(effects, errors, tau2, usual, whose) if usual else None
    base: dict[str, Any] = {
        "type": kind,
        "setting": setting,
        "results": len(rows),
        "organisations": len(set(whose)),
        "people": sum(row.people or 0 for row in rows),
        "width": more and more.now,
        "narrowing": more and more.narrowing,
    }
    if len(rows) < FEWEST:
        names = ["mean", "spread", "new_place", "below_zero", "worthwhile", "confidence"]
        return Pool(**base, **dict.fromkeys(names))
    sign = _sign(measure)
    pooled = synthesis.pool(effects, errors, whose)
    predicted = synthesis.predict(effects, errors, whose, delta, prior)
    assert pooled.mean is not None and predicted is not None  # noqa: S101, PT018 (there are results)
    new_place = _ranged(predicted.mean, predicted.interval, sign)
    return Pool(
        **base,
        mean=_ranged(pooled.mean, pooled.interval, sign),
        spread=_ranged(predicted.tau_median, predicted.tau_interval, 1),
        new_place=new_place,
        **_chances(predicted.below_zero, predicted.below_delta, measure),
        confidence=_confidence(rows, new_place, delta),
    )


def _confidence(rows: list[Row], new_place: Ranged, delta: float) -> str:
    """How far an average can be trusted: the level that results of half the people reach or better.

    One level less where few organisations are behind it, and one where a new place may well see a change that
    matters in either direction.
    """
    people = defaultdict(int)
    for row in rows:
        people[row.confidence or LEVELS[0]] += row.people or 0
    whole, reached, level = sum(people.values()), 0, 0
    for at in reversed(range(len(LEVELS))):
        reached, level = reached + people[LEVELS[at]], at
        if 2 * reached >= whole:
            break
    level -= len({organisation(row.organisation) for row in rows}) < MANY_ORGANISATIONS
    level -= new_place.low <= -delta and new_place.high >= delta
    return LEVELS[max(level, 0)]
