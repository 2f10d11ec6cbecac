"""From rows to the library: what all results on one measure say together, and each in the light of the others."""

from __future__ import annotations

import itertools
import statistics
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..disclosure.results import MeasureResult, quantised
from ..wording.units import matters
from ..wording.verdict import LEVELS
from . import synthesis
from .changes import following
from .contents import SCHEMA_VERSION, Average, Chance, Library, Prior, Ranged, Row, Shrunk, Subject
from .entries import Entries
from .rows import EXAMPLE, Found, error, organisation, rows_of

FEWEST = 3  # organisations: an average of fewer would tell of them and not of programmes
MANY_ORGANISATIONS = 5  # fewer lower the confidence in an average
# The prior for the spread of true effects, half-normal, in smallest differences that matter: 5 points where 2 matter;
# then half and twice that, to show what it does.
PRIOR_SCALES = (2.5, 1.25, 5.0)
CHANCE_LEVEL = 0.05


def build(entries: Entries, before: Library | None = None) -> Library:
    """The library of these entries; `before` is the version that it follows, for the list of changes."""
    found = rows_of(entries.entries)
    told = [each.row for each in found if each.row.status != "awaited"]
    by_subject = defaultdict(list)
    for each in found:
        if each.row.subject is not None:
            by_subject[each.row.subject].append(each)
    subjects, read = [], {}
    for id_ in sorted(by_subject):
        subject, rows = _subject(id_, by_subject[id_])
        subjects.append(subject)
        read.update({row.id: row for row in rows})
    library = Library(
        schema_version=SCHEMA_VERSION,
        version=1,
        invented=bool(told) and all(row.invented for row in told),
        fewest=FEWEST,
        accepted=entries.accepted,
        unread=entries.unread,
        looked=entries.looked,
        rows=[read.get(each.row.id, each.row) for each in found],
        subjects=subjects,
    )
    # On the digits that the file keeps, or every later version would seem to change them.
    library = Library.model_validate(quantised(library.model_dump(mode="json")))
    return following(library, before)


# ---------------------------------------------------------------- all results on one measure


def _subject(id_: str, found: list[Found]) -> tuple[Subject, list[Row]]:
    """What the results on one measure say together, and their rows with what that says of each."""
    invented = all(each.row.invented for each in found)
    # Examples of invented people say nothing beside real ones.
    found = [
        each
        if invented or not each.row.invented
        else Found(each.row.model_copy(update={"left_out": EXAMPLE}), each.measure, each.results)
        for each in found
    ]
    counted = [each for each in found if not each.row.left_out]
    first = (counted or found)[0]
    measure, results = first.measure, first.results
    assert measure is not None and results is not None  # noqa: S101, PT018 (a row with a subject has them)
    set_by_requests = statistics.median_low(
        [e.results.rules.smallest_difference for e in counted or found if e.results]
    )
    delta = matters(measure, set_by_requests)
    rows = [each.row for each in counted]
    read, chance = _read_together(rows, measure, delta)
    everything = _arrays(rows, measure)
    subject = Subject(
        id=id_,
        lab=results.about.lab,
        lab_label=results.about.lab_label,
        invented=invented,
        measure=_carrier(measure, [e.measure.comparison for e in counted or found if e.measure]),
        words=results.words,
        follow_up_months=results.frame.follow_up_months,
        time_zero=results.frame.time_zero,
        smallest_difference=set_by_requests,
        priors=_priors(everything, measure, delta),
        chance=chance,
        averages=_averages(rows, measure, delta),
        apart={
            "type": _apart(rows, measure, "type"),
            "setting": _apart(rows, measure, "setting"),
            "size": _apart_by_size(everything),
        },
    )
    return subject, [read.get(each.row.id, each.row) for each in found]


_NUMBERS = (
    "n_treatment",
    "n_comparison",
    "n_comparison_effective",
    "treatment",
    "unadjusted",
    "adjusted",
    "detectable",
)


def _carrier(measure: MeasureResult, levels: Sequence[float | None]) -> MeasureResult:
    """The measure without its numbers but the middle comparison group's, which says how many digits are sensible."""
    told = sorted(level for level in levels if level is not None)
    middle = statistics.median_low(told) if told else None
    return measure.model_copy(update=dict.fromkeys(_NUMBERS) | {"comparison": middle, "suppressed": None})


Arrays = tuple[np.ndarray, np.ndarray, list[str]]


def _arrays(rows: Sequence[Row], measure: MeasureResult) -> Arrays:
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


def _ranged(value: float, low: float, high: float, measure: MeasureResult) -> Ranged:
    """An interval on the measure's own scale again."""
    if _sign(measure) == 1:
        return Ranged(value=value, low=low, high=high)
    return Ranged(value=-value, low=-high, high=-low)


def _chances(wanted_below_zero: float, worthwhile: float, measure: MeasureResult) -> dict[str, float | None]:
    """Chances as they are told: below zero on the measure's own scale, and a worthwhile change."""
    return {
        "below_zero": wanted_below_zero if _sign(measure) == 1 else 1 - wanted_below_zero,
        "worthwhile": None if measure.good == "neither" else worthwhile,
    }


def _read_together(rows: list[Row], measure: MeasureResult, delta: float) -> tuple[dict[str, Row], Chance]:
    """The rows, each in the light of those of other organisations where there are enough, and the chance sum."""
    effects, errors, whose = _arrays(rows, measure)
    rate = synthesis.false_discovery([row.p for row in rows], CHANCE_LEVEL)
    enough = len(set(whose)) >= FEWEST
    prior = synthesis.Prior(scale=PRIOR_SCALES[0] * delta)
    shrunk = synthesis.shrink(effects, errors, whose, delta, prior) if enough else [None] * len(rows)
    read = {}
    for row, p, s in zip(rows, rate.adjusted, shrunk, strict=True):
        own = s and Shrunk(
            estimate=_ranged(s.estimate, *s.interval, measure),
            **_chances(s.below_zero, s.below_delta, measure),
        )
        read[row.id] = row.model_copy(update={"p_bh": float(p), "shrunk": own})
    raws = [row.raw for row in rows if row.raw is not None]
    fewer, more = synthesis.flagged([raw.low for raw in raws], [raw.high for raw in raws])
    summed = synthesis.chance_sum(len(raws), fewer, more)
    chance = Chance(
        tested=len(raws),
        fewer=fewer,
        more=more,
        expected=summed.expected,
        fewer_chance=summed.reductions_chance,
        more_chance=summed.increases_chance,
        kept=int(rate.kept.sum()),
    )
    return read, chance


def _priors(everything: Arrays, measure: MeasureResult, delta: float) -> list[Prior]:
    """The new place of all results under each scale of the prior."""
    scales = tuple(scale * delta for scale in PRIOR_SCALES)
    if len(set(everything[2])) < FEWEST:
        return [Prior(scale=scale, new_place=None) for scale in scales]
    return [
        Prior(scale=told.prior.scale, new_place=_ranged(told.mean, *told.interval, measure))
        for told in synthesis.by_scale(*everything, delta, scales)
    ]


def _averages(rows: list[Row], measure: MeasureResult, delta: float) -> list[Average]:
    """All; each type; each setting; each type in each setting, empty cells too."""
    types = sorted({row.programme.type for row in rows})
    settings = sorted({row.programme.setting for row in rows})
    whole = synthesis.predict(*_arrays(rows, measure), delta, synthesis.Prior(scale=PRIOR_SCALES[0] * delta))
    tau2 = whole.tau_median**2 if whole else 0.0
    usual = statistics.median([error(row.raw) for row in rows if row.raw]) if rows else None
    cells = [(None, None), *((kind, None) for kind in types), *((None, setting) for setting in settings)]
    found = []
    for kind, setting in [*cells, *itertools.product(types, settings)]:
        mine = [
            row
            for row in rows
            if kind in (None, row.programme.type) and setting in (None, row.programme.setting)
        ]
        effects, errors, whose = _arrays(mine, measure)
        more = synthesis.one_more(effects, errors, tau2, usual, whose) if usual else None
        base: dict[str, Any] = {
            "type": kind,
            "setting": setting,
            "results": len(mine),
            "organisations": len(set(whose)),
            "people": sum(row.people or 0 for row in mine),
            "width": more and more.now,
            "narrowing": more and more.narrowing,
        }
        found.append(Average(**base, **_average(mine, measure, delta)))
    return found


def _average(rows: list[Row], measure: MeasureResult, delta: float) -> dict[str, Any]:
    """The average of true effects and a new place; nothing where too few organisations are behind it."""
    effects, errors, whose = _arrays(rows, measure)
    if len(set(whose)) < FEWEST:
        return dict.fromkeys(["mean", "spread", "new_place", "below_zero", "worthwhile", "confidence"])
    pooled = synthesis.pool(effects, errors, whose)
    told = synthesis.predict(effects, errors, whose, delta, synthesis.Prior(scale=PRIOR_SCALES[0] * delta))
    assert pooled.mean is not None and told is not None  # noqa: S101, PT018 (there are results)
    # With few organisations Student's interval of the mean can be the wider one; a single place is no surer than it.
    low, high = min(told.interval.low, pooled.interval.low), max(told.interval.high, pooled.interval.high)
    return {
        "mean": _ranged(pooled.mean, *pooled.interval, measure),
        "spread": Ranged(value=told.tau_median, low=told.tau_interval.low, high=told.tau_interval.high),
        "new_place": _ranged(told.mean, low, high, measure),
        **_chances(told.below_zero, told.below_delta, measure),
        "confidence": _confidence(rows, low <= -delta and high >= delta),
    }


def _confidence(rows: list[Row], either_way: bool) -> str:
    """How far an average can be trusted: the level that results of half the people reach or better.

    One level less where few organisations are behind it, and one where a new place may well see a change that
    matters in either direction.
    """
    whole = sum(row.people or 0 for row in rows)
    level = max(
        at
        for at in range(len(LEVELS))
        if 2 * sum(row.people or 0 for row in rows if LEVELS.index(row.confidence or LEVELS[0]) >= at)
        >= whole
    )
    level -= len({organisation(row.organisation) for row in rows}) < MANY_ORGANISATIONS
    level -= either_way
    return LEVELS[max(level, 0)]


def _apart(rows: list[Row], measure: MeasureResult, of: str) -> float | None:
    """p of the test that programmes of every type, or in every setting, have one average.

    Groups of fewer organisations than an average needs stay out: they would be held against the others for what
    may be luck.
    """
    whose = defaultdict(set)
    for row in rows:
        whose[getattr(row.programme, of)].add(organisation(row.organisation))
    kept = [row for row in rows if len(whose[getattr(row.programme, of)]) >= FEWEST]
    groups = [getattr(row.programme, of) for row in kept]
    if len(set(groups)) < 2:
        return None
    effects, errors, clusters = _arrays(kept, measure)
    told = synthesis.by_group(effects, errors, groups, clusters)
    return None if told is None else told.p


def _apart_by_size(everything: Arrays) -> float | None:
    """p of the test that small results say the same as large ones."""
    if len(set(everything[2])) < FEWEST:
        return None
    told = synthesis.small_study(*everything)
    return None if told is None else told.slope.p
