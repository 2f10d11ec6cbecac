"""How many of a list will probably be found and analysed, from the list alone.

Steps: on the list and complete; found; kept (an index event in the window, adult, free of it until the
start, follow-up complete); matched. Each share differs from one programme to the next, so each is drawn
from a beta distribution fitted on many invented requests (`make forecast`), and people from a binomial.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ...lab import read_yaml
from .problems import Given

HERE = Path(__file__).parent
DRAWS, SEED = 20_000, 20260101
BAND = (0.05, 0.95)


@dataclass(frozen=True)
class Band:
    """What is most likely, and the range that should hold the truth nine times in ten."""

    low: int
    middle: int
    high: int


@dataclass(frozen=True)
class Listed:
    """What of a list bears on the forecast: its different people who lack nothing, by what speaks for them.

    numbered : with a usable identifier; plain : with none; clock : what starts the follow-up, as in the request
    """

    numbered: int
    plain: int
    clock: str

    @property
    def people(self) -> int:
        return self.numbered + self.plain


@dataclass(frozen=True)
class Forecast:
    """sent : different people on the list; listed : those of them who lack nothing; found, analysed : with 90 % band.

    comparators : effective comparators for each person analysed; gain : share of variance that covariates explain;
    baseline : outcome rate of the comparison group; basis : what the figures rest on
    """

    sent: int
    listed: Listed
    found: Band
    analysed: Band
    comparators: float
    gain: float
    baseline: float
    basis: str


@cache
def figures() -> dict[str, Any]:
    """The fitted figures, as `forecast.yml` keeps them."""
    return dict(read_yaml(HERE / "forecast.yml"))


def expected(given: Given, lost: set[int]) -> Forecast:
    """What to expect of the people whose rows are not `lost`."""
    distinct = _distinct(given, lost)
    numbered = int(given.typed.loc[distinct, ["pnc_id", "prison_number"]].notna().any(axis=1).sum())
    clock = given.request.index_event.time_zero if given.request else "participation"
    listed = Listed(numbered, len(distinct) - numbered, clock)
    found, analysed = draw(listed, figures(), given.lab.defaults.smallest_group)
    f = figures()
    return Forecast(
        len(_distinct(given, set())),
        listed,
        _band(found),
        _band(analysed),
        f["comparators"],
        f["gain"],
        f["baseline"],
        f["basis"],
    )


def draw(listed: Listed, fitted: dict[str, Any], fewest: int) -> tuple[np.ndarray, np.ndarray]:
    """Simulated numbers found and analysed, shape (DRAWS,) each; the same for the same arguments.

    Below `fewest` people nothing is analysed, nor where the groups cannot be compared: the number is then 0.
    """
    rng = np.random.default_rng(SEED)
    known = rng.beta(*fitted["on_record"], DRAWS)
    found = rng.binomial(listed.numbered, known * fitted["found"]["numbered"]) + rng.binomial(
        listed.plain, known * fitted["found"]["plain"]
    )
    kept = rng.binomial(found, rng.beta(*fitted["kept"][listed.clock], DRAWS))
    share, m = np.zeros(DRAWS), fitted["matched"]
    some = kept > 0
    mean = 1 / (1 + np.exp(-(m["level"] + m["slope"] * np.log(kept[some] / 100))))
    share[some] = rng.beta(mean * m["alike"], (1 - mean) * m["alike"])
    analysed = rng.binomial(kept, share)
    nothing = (analysed < fewest) | (rng.random(DRAWS) < fitted["nothing"])
    return found, np.where(nothing, 0, analysed)


def bought(name: str) -> str:
    """What an identifier does for being found, in figures; empty for other columns."""
    if name not in ("pnc_id", "prison_number"):
        return ""
    missed = figures()["missed"]
    return (
        f": of 1,000 people on record, about {missed['plain']} are missed without any number and about "
        f"{missed['numbered']} with one (measured on invented records of ten million people)"
    )


def _distinct(given: Given, lost: set[int]) -> list[int]:
    """One row a person as far as the list itself shows, of those not lost."""
    rows = given.cells.loc[[row not in lost for row in given.cells.index]]
    key = rows[["surname", "forename"]].apply(lambda column: column.str.upper())
    key["born"] = given.typed.loc[rows.index, "date_of_birth"].astype(str)
    return [int(row) for row in rows.index[~key.duplicated().to_numpy()]]


def _band(draws: np.ndarray) -> Band:
    low, high = np.quantile(draws, BAND)
    return Band(int(low), int(np.median(draws)), int(high))
