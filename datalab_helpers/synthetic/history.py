"""Where everyone stands when the study begins: a first current sentence, and all before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .circumstances import (
    ASSESSED,
    Assessments,
    Spells,
    draw_needs,
    establishment,
    first_spells,
)
from .draws import NEVER, between, day, extra_count, pick, pick_by_row, yes
from .offences import (
    CAUTION,
    CUSTODY,
    INDEX_MIX,
    KINDS,
    REGION_SHARES,
    REOFFENCE_MIX,
    SEXUAL,
    cluster_sizes,
    days_served,
    offence_rows,
    profile,
    sentence_months,
)

FIRST_INDEX, LAST_INDEX = day("2018-07-01"), day("2022-12-31")
KIND_SHARES = np.array([30, 34, 36])
SHORT_CUSTODY = 0.48
# Rows as `offences.profile`: share without earlier clusters, mean of further ones, spread.
EARLIER = ((0.58, 2.2, 0.8), (0.20, 4.3, 0.8), (0.03, 11.0, 1.3), (0.16, 5.0, 0.8))
# Sentences of earlier clusters; rows: the first two, later ones, later ones of people now in custody.
EARLIER_SENTENCE = np.array([[42, 16, 4, 27, 11], [14, 27, 12, 37, 10], [7, 25, 28, 31, 9]])
LAGS = (14, 170)


@dataclass(eq=False)
class Start:
    """Each person's first current event and what led to it; one entry a person."""

    gender: np.ndarray
    born: np.ndarray
    kind: np.ndarray
    months: np.ndarray
    group: np.ndarray
    sentenced: np.ndarray
    index: np.ndarray
    region: np.ndarray
    prison: np.ndarray
    previous: np.ndarray
    previous_custody: np.ndarray
    first_known: np.ndarray
    assessments: Assessments
    work: Spells
    benefit: Spells
    offences: list[dict[str, np.ndarray]]
    sentences: list[dict[str, np.ndarray]]


def lags(rng: np.random.Generator, size: int) -> np.ndarray:
    """Days from the first offence of a cluster until it is proven: 14 to 170, mean about 75.

    Always under six months, so that the waiting period never hides a reoffence.
    """
    return (LAGS[0] + np.floor((LAGS[1] - LAGS[0] + 1) * rng.random(size) * rng.random(size) ** 0.28)).astype(
        np.int32
    )


def ages(rng: np.random.Generator, row: np.ndarray) -> np.ndarray:
    """Age in days at the first current event: 18 to 80, median near 33."""
    # Sum of uniforms instead of a normal variate: the same on every computer.
    z = (rng.random((len(row), 6)).sum(axis=1) - 3) / np.sqrt(0.5)
    median = np.array([29.0, 31.0, 33.0, 33.5])[row]
    years = 18.1 + (median - 18) * np.exp(np.where(z < 0, 0.95, 0.75) * z)
    return np.round(np.minimum(years, 80) * 365.25, 3).astype(np.int32)


def begin(rng: np.random.Generator, people: int) -> Start:
    """Draw everyone's first current sentence and their earlier record."""
    kind = pick(rng, KIND_SHARES, people)
    months = sentence_months(rng, kind, yes(rng, SHORT_CUSTODY, people))
    row = profile(kind, months)
    group = pick_by_row(rng, INDEX_MIX, row)
    index = between(rng, FIRST_INDEX, LAST_INDEX, people)
    served = np.where(kind == CUSTODY, days_served(rng, months), 0)
    sentenced = (index - served).astype(np.int32)
    female = yes(rng, np.where(group == SEXUAL, 0.02, np.array([0.22, 0.17, 0.045, 0.025])[row]), people)
    born = index - ages(rng, row)
    # Long sentences were passed on people who were at least 18 then.
    born = np.minimum(born, sentenced - 18 * 366 - 5).astype(np.int32)
    region = pick(rng, REGION_SHARES, people)
    prison = establishment(rng, kind, region)

    everyone = np.arange(people)
    first = sentenced - lags(rng, people)
    size = cluster_sizes(rng, kind, 0.75)
    offences = [offence_rows(rng, everyone, first, sentenced, size, group, kind)]
    sentences = [
        {
            "person": everyone,
            "kind": kind,
            "sentenced_on": sentenced,
            "released_on": np.where(kind == CUSTODY, index, NEVER),
            "months": months,
            "offence_group": group,
            "region": region,
            "establishment": prison,
        }
    ]
    earlier = earlier_record(rng, row, born, np.minimum(FIRST_INDEX, first) - 30, region)
    offences.append(earlier.offences)
    sentences.append(earlier.sentences)
    needs = draw_needs(rng, row, group)
    work, benefit = first_spells(rng, row, needs, sentenced, index)
    assessments = Assessments.start(needs)
    known = everyone[(earlier.clusters > 1) & yes(rng, 0.2, people)]
    assessments.assess(rng, known, index[known] - between(rng, 400, 1800, len(known)))
    now = everyone[(kind != CAUTION) & yes(rng, ASSESSED, people)]
    assessments.assess(
        rng, now, index[now] - between(rng, 2, np.where(kind[now] == CUSTODY, 45, 12), len(now))
    )
    return Start(
        gender=np.where(female, 0, 1).astype(np.int8),
        born=born,
        kind=kind,
        months=months,
        group=group,
        sentenced=sentenced,
        index=index,
        region=region,
        prison=prison,
        previous=(earlier.previous + size).astype(np.int32),
        previous_custody=earlier.custody,
        first_known=np.minimum(earlier.first_known, sentenced),
        assessments=assessments,
        work=work,
        benefit=benefit,
        offences=offences,
        sentences=sentences,
    )


@dataclass(eq=False)
class Earlier:
    """The record before the first current sentence."""

    clusters: np.ndarray
    previous: np.ndarray
    custody: np.ndarray
    first_known: np.ndarray
    offences: dict[str, np.ndarray]
    sentences: dict[str, np.ndarray]


def earlier_record(
    rng: np.random.Generator, row: np.ndarray, born: np.ndarray, until: np.ndarray, region: np.ndarray
) -> Earlier:
    """Earlier clusters, each wholly served before the next begins and before `until`."""
    people = len(row)
    settings = np.array(EARLIER)
    clusters = np.zeros(people, np.int32)
    for number, (_, mean, spread) in enumerate(settings):
        those = row == number
        clusters[those] = 1 + extra_count(rng, mean, those.sum(), spread, most=70)
    clusters[yes(rng, settings[row, 0], people)] = 0
    # First contact from the age of 11, mostly in the teens.
    onset = born + np.round((11.5 + 14 * rng.random(people) ** 2) * 365.25).astype(np.int32)
    room = until - onset
    clusters = np.where(room < 200, 0, np.minimum(clusters, room // 70)).astype(np.int32)

    person = np.repeat(np.arange(people), clusters)
    n = len(person)
    start = np.cumsum(clusters) - clusters
    order = np.arange(n) - start[person]
    # A gap of at least 40 days before each, and a share of the rest in proportion to exponentials.
    share = -np.log1p(-rng.random(n))
    rest = -np.log1p(-rng.random(people))
    total = np.bincount(person, weights=share, minlength=people) + rest
    gap = 40 + np.floor(np.round(share / total[person] * (room - 60 * clusters)[person], 6))
    running = np.cumsum(gap)
    before = np.where(start > 0, running[np.maximum(start - 1, 0)], 0)
    proven = (onset[person] + running - before[person]).astype(np.int32)

    harder = (row[person] >= 2) & (order >= 2)
    sentence = pick_by_row(rng, EARLIER_SENTENCE, np.where(order < 2, 0, np.where(harder, 2, 1)))
    last = np.ones(n, bool)
    last[:-1] = person[1:] != person[:-1]
    upcoming = np.empty(n, np.int32)
    upcoming[:-1] = proven[1:]
    upcoming[last] = until[person[last]]
    space = upcoming - proven
    months = sentence_months(rng, sentence, yes(rng, 0.75, n))
    custody = sentence == CUSTODY
    served = np.where(custody, np.minimum(days_served(rng, months), space - np.where(last, 12, 32)), 0)
    # Sentences that had to be short keep length and time served in step.
    months = np.where(custody, np.maximum(np.minimum(months, served // 15 + 1), 1), months)
    free = np.full(n, 10_000)
    free[1:] = np.where(last[:-1], 10_000, proven[1:] - (proven + served)[:-1] - 2)
    first = proven - np.minimum(lags(rng, n), free)
    group = pick_by_row(rng, REOFFENCE_MIX[None, :], np.zeros(n, np.int8))
    size = cluster_sizes(rng, sentence, 0.6)
    kept = np.flatnonzero(sentence < len(KINDS))
    known = np.full(people, 2**30, np.int32)
    known[person[order == 0]] = proven[order == 0]
    return Earlier(
        clusters=clusters,
        previous=np.bincount(person, weights=size, minlength=people).astype(np.int32),
        custody=np.bincount(person[custody], minlength=people).astype(np.int32),
        first_known=known,
        offences=offence_rows(rng, person, first, proven, size, group, sentence),
        sentences={
            "person": person[kept],
            "kind": sentence[kept],
            "sentenced_on": proven[kept],
            "released_on": np.where(custody, proven + served, NEVER)[kept],
            "months": months[kept],
            "offence_group": group[kept],
            "region": region[person[kept]],
            "establishment": establishment(rng, sentence[kept], region[person[kept]]),
        },
    )
