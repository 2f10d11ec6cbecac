"""The world of the third lesson: who took part in Second Start, and everybody's chance, by a law that is written here.

Five traits are recorded and one, readiness to change, is not. The programme changes nothing. What happens is told
as chances and not as events, so that luck (the next lesson) plays no part.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from ...matching import Design, propensity, scored, specification
from ...request import MatchingSettings

TOOK_PART, OTHERS = 140, 3_000
SEED = 2026_3
SETTINGS = MatchingSettings(method="radius")


@dataclass(frozen=True)
class Trait:
    """A trait that a person has or has not. share : of everybody; joins, chance : what it adds to the log-odds of
    taking part and of the outcome, per standard deviation of the number behind it; over : the number from which one has it."""

    name: str
    joins: float
    chance: float
    over: float


# Those who take part are older, more of them women, with fewer convictions, a home more often, drugs more seldom.
TRAITS = (
    Trait("Aged under 30", -0.35, 0.35, 0.2),
    Trait("Men", -0.25, 0.20, -1.2),
    Trait("Five or more convictions", -0.80, 0.70, 0.0),
    Trait("No home to go to", -0.55, 0.35, 0.4),
    Trait("Drug problem", -0.45, 0.40, 0.1),
)
READY = Trait("Ready to change", 0.90, -0.55, 0.0)
BASE = -0.55  # log-odds of the outcome for somebody in the middle of everything


@dataclass(frozen=True, eq=False)
class World:
    """numbers : one column a recorded trait, standardised; ready : the trait that nobody recorded; chance : of the outcome."""

    treated: np.ndarray
    numbers: np.ndarray
    ready: np.ndarray
    chance: np.ndarray

    def has(self, trait: int) -> np.ndarray:
        return self.numbers[:, trait] > TRAITS[trait].over


@cache
def world(hidden: bool) -> World:
    """Everybody. hidden : whether the readiest were likelier to take part; if not, readiness is spread alike."""
    rng = np.random.default_rng(SEED)
    everyone = TOOK_PART + OTHERS
    numbers, ready = rng.standard_normal((everyone, len(TRAITS))), rng.standard_normal(everyone)
    draw = rng.gumbel(size=everyone)
    keen = numbers @ [t.joins for t in TRAITS] + (READY.joins * ready if hidden else 0.0)
    # With this noise, those with the highest sums are drawn in proportion to e^keen, as a lottery would.
    treated = np.zeros(everyone, dtype=bool)
    treated[np.argsort(-(keen + draw), kind="stable")[:TOOK_PART]] = True
    odds = BASE + numbers @ [t.chance for t in TRAITS] + READY.chance * ready
    return World(treated, numbers, ready, 1 / (1 + np.exp(-odds)))


@dataclass(frozen=True, eq=False)
class Twins:
    """Pairs of people who took part and others. weight : 1 for those with a twin and for twins, 0 for all others
    (of an unmatched comparison everybody counts)."""

    world: World
    weight: np.ndarray
    hidden: bool

    @property
    def found(self) -> int:
        return int((self.weight[self.world.treated] > 0).sum())

    def shares(self, values: np.ndarray) -> tuple[float, float]:
        """People in every 100 with a trait, or the chance: of those with a twin, and of the twins."""
        t = self.world.treated
        return tuple(100 * float(np.average(values[g], weights=self.weight[g])) for g in (t, ~t))  # type: ignore[return-value]

    def gap(self) -> float:
        """What the programme seems to change, in people of every 100; the truth is 0."""
        mine, theirs = self.shares(self.world.chance)
        return mine - theirs

    def lost(self) -> float | None:
        """The chance of those without a twin, per 100; None where nobody is without."""
        gone = self.world.treated & (self.weight == 0)
        return 100 * float(self.world.chance[gone].mean()) if gone.any() else None


@cache
def _scores(traits: tuple[int, ...], hidden: bool) -> np.ndarray:
    people = world(hidden)
    own = people.numbers[:, list(traits)]
    spreads = own.std(axis=0)
    names = [TRAITS[t].name for t in traits]
    matrix = pd.DataFrame((own - own.mean(axis=0)) / spreads, columns=names)
    model = Design(matrix, ["1 SD"] * len(names), spreads, [])
    return propensity(pd.Series(people.treated), model).score.to_numpy()


@cache
def twins(traits: tuple[int, ...], near: float | None, hidden: bool) -> Twins:
    """The nearest other person for each who took part, by these traits, taken once each.

    near : how far a twin may be, in spreads of the score; None: any distance. No traits: everybody else
    """
    people = world(hidden)
    if not traits:
        return Twins(people, np.ones(len(people.treated)), hidden)
    ready = scored(people.treated, _scores(traits, hidden), np.zeros(len(people.treated), dtype=int))
    return Twins(people, specification(ready, SETTINGS, near), hidden)
