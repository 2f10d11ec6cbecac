"""Needs found by assessments, and spells of employment and benefit, as a person's life goes on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .draws import between, pick_by_row, yes
from .offences import BURGLARY, CUSTODY, REGIONS, THEFT

NEEDS = (
    "accommodation",
    "employment",
    "drugs",
    "alcohol",
    "relationships",
    "lifestyle",
    "thinking",
    "attitudes",
)
ACCOMMODATION, DRUGS = NEEDS.index("accommodation"), NEEDS.index("drugs")
# Share with each need, rows as `offences.profile`; published OASys levels for custody and community.
NEED_SHARES = np.array(
    [
        [0.22, 0.32, 0.20, 0.18, 0.40, 0.45, 0.45, 0.40],
        [0.38, 0.45, 0.33, 0.24, 0.55, 0.70, 0.70, 0.60],
        [0.73, 0.64, 0.58, 0.24, 0.73, 0.90, 0.85, 0.78],
        [0.58, 0.55, 0.46, 0.19, 0.70, 0.87, 0.84, 0.76],
    ]
)
CHANGED_BY_NEXT = 0.10
ASSESSED = 0.85
LONG_AGO = -40_000
PRISONS = tuple(f"HMP {town}" for town in (
    "Alderbeck", "Brackenholt", "Craymoor", "Dunsley", "Eastlow", "Fernhurst", "Garside", "Hollinwell",
    "Ickfield", "Kelbrook", "Langstead", "Marlcombe", "Netherby", "Oakdene", "Penwater", "Quarrington",
    "Ravenscar Road", "Saltmere", "Thornleigh", "Wellow",
))  # fmt: skip


def draw_needs(rng: np.random.Generator, row: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Whether each need is there, shape (n, 8), by profile; drugs more with theft and burglary."""
    shares = NEED_SHARES[row]
    shares[:, DRUGS] += 0.15 * np.isin(group, (THEFT, BURGLARY))
    return rng.random(shares.shape) < np.round(shares, 9)


def reassess(rng: np.random.Generator, needs: np.ndarray) -> np.ndarray:
    """Needs as the next assessment finds them: mostly as before."""
    return needs ^ (rng.random(needs.shape) < CHANGED_BY_NEXT)


def establishment(rng: np.random.Generator, kind: np.ndarray, region: np.ndarray) -> np.ndarray:
    """Prison released from, mostly one of the two in the region; -1 unless custody."""
    near = pick_by_row(rng, np.array([[45, 40, 15]]), np.zeros(len(kind), np.int8))
    anywhere = between(rng, 0, len(PRISONS) - 1, len(kind))
    prison = np.where(near < 2, near + 2 * region, anywhere)
    return np.where(kind == CUSTODY, prison, -1).astype(np.int8)


def new_region(rng: np.random.Generator, region: np.ndarray) -> np.ndarray:
    """Region at the next event: nearly always the same."""
    moved = yes(rng, 0.04, len(region))
    return np.where(moved, between(rng, 0, len(REGIONS) - 1, len(region)), region).astype(np.int8)


@dataclass(eq=False)
class Spells:
    """Spells of one kind. Each person has one latest spell, which may still be cut short."""

    start: np.ndarray
    end: np.ndarray
    past: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)

    @classmethod
    def none(cls, people: int) -> Spells:
        return cls(np.full(people, LONG_AGO, np.int32), np.full(people, LONG_AGO, np.int32))

    def begin(self, who: np.ndarray, start: np.ndarray, end: np.ndarray) -> None:
        """A new latest spell for `who`; it must start after the one before has ended."""
        before = who[self.start[who] > LONG_AGO]
        self.past.append((before, self.start[before], self.end[before]))
        self.start[who] = start
        self.end[who] = np.maximum(end, start)

    def cut(self, who: np.ndarray, on: np.ndarray) -> None:
        """Custody ends what is still going on."""
        self.end[who] = np.where(self.start[who] < on, np.minimum(self.end[who], on), self.end[who])

    def in_year_before(self, who: np.ndarray, date: np.ndarray) -> np.ndarray:
        """Whether a spell overlaps the 365 days before `date`."""
        return (self.start[who] < date) & (self.end[who] >= date - 365)

    def rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Person, start and end of every spell."""
        latest = np.flatnonzero(self.start > LONG_AGO)
        parts = [*self.past, (latest, self.start[latest], self.end[latest])]
        person, start, end = (np.concatenate(column) for column in zip(*parts, strict=True))
        return person.astype(np.int32), start, end


@dataclass(eq=False)
class Assessments:
    """Latest assessment of each person, and all rows so far."""

    needs: np.ndarray
    assessed: np.ndarray
    found: np.ndarray
    rows: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)

    @classmethod
    def start(cls, needs: np.ndarray) -> Assessments:
        return cls(needs, np.zeros(len(needs), bool), np.zeros(needs.shape, bool))

    def assess(self, rng: np.random.Generator, who: np.ndarray, date: np.ndarray) -> None:
        """A new assessment on `date`; what it finds is what the law of outcomes uses from then on."""
        self.needs[who] = reassess(rng, self.needs[who])
        self.found[who] = self.needs[who]
        self.assessed[who] = True
        self.rows.append((who.astype(np.int32), date.astype(np.int32), self.found[who]))


def first_spells(
    rng: np.random.Generator,
    row: np.ndarray,
    needs: np.ndarray,
    sentenced: np.ndarray,
    index: np.ndarray,
) -> tuple[Spells, Spells]:
    """Employment and benefit around each person's first current sentence."""
    n = len(row)
    everyone = np.arange(n)
    custody = row >= 2
    work, benefit = Spells.none(n), Spells.none(n)
    ready = 0.75 - 0.30 * needs[:, NEEDS.index("employment")] - 0.15 * needs[:, DRUGS]
    share = ready * np.array([0.95, 0.85, 0.55, 0.75])[row]

    older = everyone[yes(rng, 0.30, n)]
    start = sentenced[older] - between(rng, 1700, 3200, len(older))
    work.begin(older, start, start + between(rng, 30, 1100, len(older)))

    worker = everyone[yes(rng, share, n)]
    length = len(worker)
    start = sentenced[worker] - between(rng, 30, 550, length)
    ended = sentenced[worker] - between(rng, 1, 300, length)
    goes_on = index[worker] + between(rng, 20, 900, length)
    end = np.where(custody[worker] | yes(rng, 0.4, length), ended, goes_on)
    work.begin(worker, start, end)

    employed = work.in_year_before(everyone, index)
    claims = everyone[yes(rng, np.where(employed, 0.3, 0.72), n)]
    length = len(claims)
    start = sentenced[claims] - between(rng, 20, 800, length)
    goes_on = index[claims] + between(rng, 20, 700, length)
    benefit.begin(claims, start, np.where(custody[claims], sentenced[claims] - 1, goes_on))
    return work, benefit
