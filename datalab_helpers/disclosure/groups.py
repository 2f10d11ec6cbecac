"""Which analyses may stand beside one another, and the groups that can be had of those that do."""

from __future__ import annotations

import pandas as pd

from ..balance import BalanceTable
from ..errors import DisclosureError
from ..matching import MatchedSample
from ..outcome import Outcomes
from ..request import Request
from .derived import Derived, derived, too_close
from .shares import Lattice

CLOSE_TO = "its people differ from those of"


def headline_of(request: Request) -> str:
    return next(a.name for a in request.analyses if a.headline)


def headline_first(request: Request, samples: list[MatchedSample]) -> list[MatchedSample]:
    return sorted(samples, key=lambda s: s.analysis != headline_of(request))


def _taken(sample: MatchedSample, matched: bool = True) -> pd.Index:
    people = sample.people
    return people.index[people["treated"] & ((people["weight"] > 0) | (not matched))]


def _pool(sample: MatchedSample) -> pd.Index:
    return sample.people.index[~sample.people["treated"]]


def refusals(
    request: Request,
    samples: list[MatchedSample],
    balances: list[BalanceTable],
    outcomes: dict[str, Outcomes],
    smallest: int,
) -> dict[str, str]:
    """Why analyses are not published. DisclosureError when the headline is among them."""
    refused = {}
    for sample, balance in zip(samples, balances, strict=True):
        unbalanced = balance.verdict == "fail" and request.settings.release.if_unbalanced == "refuse"
        if sample.refused:
            refused[sample.analysis] = sample.refused
        elif unbalanced:
            refused[sample.analysis] = f"the groups could not be made alike: {'; '.join(balance.reasons)}"
        elif sample.analysis not in outcomes:
            refused[sample.analysis] = "no outcomes were estimated"
    if headline_of(request) in refused:
        raise DisclosureError(f"{headline_of(request)}: {refused[headline_of(request)]}")
    # The headline is the first, and of analyses too close together the last goes.
    left = {s.analysis: s for s in headline_first(request, samples) if s.analysis not in refused}
    while close := _close(request, lattice_of(left, smallest), smallest):
        name, others, why = close
        refused[name] = f"{CLOSE_TO} {' and '.join(map(repr, others))} {why}"
        del left[name]
    return refused


def _close(request: Request, lattice: Lattice, smallest: int) -> tuple[str, list[str], str] | None:
    """An analysis that leaves a few people beside others, those others, and what a reader could work out."""
    for groups in (lattice.treatment, lattice.pool):
        for name, group in too_close(groups, smallest).items():
            return name, group.members[:-1], f"by fewer than {smallest}, whom a reader could work out"
    within = {a.name: a.within for a in request.analyses}
    for group in lattice.treatment:
        first, *rest = group.members
        if group.size == 0 and len(rest) == 1 and within[first] != within[rest[0]]:
            return rest[0], [first], "by nobody, which says of everyone what they were chosen by"
    return None


def lattice_of(samples: dict[str, MatchedSample], smallest: int) -> Lattice:
    """The groups that can be had of the published ones, the headline first."""
    took_part = {name: _taken(sample) for name, sample in samples.items()}
    chosen = {name: _taken(sample, matched=False) for name, sample in samples.items()}
    pools = {name: _pool(sample) for name, sample in samples.items()}
    # Comparison groups are weighted anew in each analysis: none is a part of another.
    comparison = [
        Derived(((name, 1),), sample.sizes["comparison"], frozenset({place}))
        for place, (name, sample) in enumerate(samples.items())
    ]
    return Lattice(derived(chosen, took_part, smallest), derived(pools, pools, smallest), comparison)


def headline_pool_is_told(samples: dict[str, MatchedSample], smallest: int) -> bool:
    """Whether the size of the headline's pool gives nothing away beside other analyses that draw on the same pool.

    An analysis of few participants that matched all of it but a few would tell these few.

    Parameters
    ----------
    samples : the headline first
    """
    first, *others = samples.values()
    size = first.sizes["pool"]
    return size == first.sizes["comparison"] or not any(
        0 < size - other.sizes["comparison"] < smallest and _pool(other).equals(_pool(first))
        for other in others
    )


def without_pool(
    samples: dict[str, MatchedSample], pools: list[Derived], funnel: set[int | None], smallest: int
) -> set[str]:
    """Analyses of whose whole pool nothing is told, since a few people of it could be worked out.

    Parameters
    ----------
    samples : the headline first
    pools : the groups that can be had from their pools
    """
    headline = next(iter(samples))
    found: set[str] = set()
    for place, (name, sample) in enumerate(samples.items()):
        size, matched = sample.sizes["pool"], sample.sizes["comparison"]
        if 0 < size - matched < smallest or (place == 0 and size not in (*funnel, matched)):
            found.add(name)
    while True:
        same = {
            name
            for name, sample in samples.items()
            if any(_pool(sample).equals(_pool(samples[other])) for other in found)
        }
        told = [
            # The headline's stands in the funnel too.
            [name for name in group.members if name not in same and name != headline]
            for group in pools
            if abs(group.size) < smallest and _leaves_no_room(group, samples, same, smallest)
        ]
        if not any(told):
            return same
        found = same | {next(names[-1] for names in told if names)}


def _leaves_no_room(group: Derived, samples: dict[str, MatchedSample], held: set[str], smallest: int) -> bool:
    """Whether pools that make up one another tell those of them that are held back.

    One alone is what the others leave. Several on one side are each at least the people matched from them: together
    they leave only those whom matching lost.
    """
    hidden = {name: sign for name, sign in group.signs if name in held}
    lost = sum(samples[name].sizes["pool"] - samples[name].sizes["comparison"] for name in hidden)
    return len(hidden) == 1 or (len(set(hidden.values())) == 1 and lost < smallest)
