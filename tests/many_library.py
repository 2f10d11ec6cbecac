"""Invented libraries with a planted truth: results of many sizes, types, settings and organisations."""

from __future__ import annotations

import numpy as np
from example_results import content, estimate, main_measure
from scipy import stats

from datalab_helpers.disclosure.results import About, Programme, Results
from datalab_helpers.library.entries import Entries, Entry
from datalab_helpers.outcome.verdict import case

TYPES = {
    "mentoring": 0.0,
    "employment support": -2.0,
    "accommodation": -1.0,
    "education": 0.5,
    "arts": 1.0,
}
SETTINGS = ("custody", "through the gate", "community")
NAMES = (
    "Second Start",
    "Bridge House",
    "Straight Talk",
    "New Threads",
    "Open Door",
    "The Lantern",
    "Common Ground",
    "Next Step",
)
MEAN, SPREAD = -3.0, 3.0
NO_RESULT = ("too few", "unlike", "withdrawn")


def entries_of(entries: list[Entry]) -> Entries:
    """As read from folders of reports and requests in which nothing is amiss."""
    return Entries(entries, len(entries))


def library_entries(k: int, seed: int, without: int = 0, awaited: int = 0) -> list[Entry]:
    """k requests with a result, others without, and some that are awaited; all invented."""
    rng = np.random.default_rng(seed)
    return [
        *(_result(number, rng) for number in range(k)),
        *(
            Entry(_about(k + n, rng), f"2025-0{1 + n % 9}-15", True, why=NO_RESULT[n % len(NO_RESULT)])
            for n in range(without)
        ),
        *(Entry(_about(k + without + n, rng), None, True) for n in range(awaited)),
    ]


def _about(number: int, rng: np.random.Generator, response: str = "") -> About:
    kind, began = str(rng.choice(list(TYPES))), 2014 + number % 9
    organisation = NAMES[number % len(NAMES)] if number % 3 else f"Charity {number}"
    programme = Programme(
        name=f"{kind.capitalize()} {number}",
        description="",
        type=kind,
        setting=str(rng.choice(SETTINGS)),
        began=f"{began}-01-01",
        ended=f"{began + 1}-12-31",
    )
    return About(
        id=f"JDL-2026-{number:03}",
        organisation=organisation,
        programme=programme,
        response=response,
        lab="justice",
        lab_label="Justice Data Lab",
    )


def _result(number: int, rng: np.random.Generator) -> Entry:
    about = _about(number, rng)
    people = int(np.clip(rng.lognormal(np.log(150), 0.9), 30, 5000))
    base = rng.uniform(0.3, 0.55)
    error = float(np.sqrt(base * (1 - base) / people * 1.2))
    truth = (MEAN + TYPES[about.programme.type] + SPREAD * rng.standard_normal()) / 100
    seen = truth + error * rng.standard_normal()
    low, high = seen - 1.96 * error, seen + 1.96 * error
    p = float(2 * stats.norm.sf(abs(seen / error)))
    found = case(100 * low, 100 * high, 2.0)
    whole = content(found, str(rng.choice(["high", "moderate", "low", "very low"], p=[0.1, 0.6, 0.22, 0.08])))
    whole["about"] = about.model_dump()
    whole["frame"]["released_on"] = f"{2018 + number % 8}-0{1 + number % 9}-15"
    whole["analyses"] = whole["analyses"][:1]
    first = whole["analyses"][0]
    first["sizes"]["treatment"] = people
    first["measures"][0] = main_measure(
        found,
        n_treatment=people,
        n_comparison=people * 6,
        treatment=float(np.clip(base + seen, 0.01, 0.99)),
        comparison=float(base),
        adjusted=estimate(seen, low, high, p),
        detectable=2.8 * error,
    )
    results = Results.model_validate(whole)
    return Entry(about, results.frame.released_on, True, results=results)
