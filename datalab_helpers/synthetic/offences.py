"""Codes, mixes and clusters of offences: what is proven together and what sentence it gets."""

from __future__ import annotations

import numpy as np

from .draws import between, extra_count, pick_by_row, yes

GROUPS = (
    "burglary",
    "criminal damage",
    "drugs",
    "fraud",
    "motoring",
    "other",
    "public order",
    "robbery",
    "sexual",
    "theft",
    "violence",
)
BURGLARY, DRUGS, ROBBERY, SEXUAL, THEFT, VIOLENCE = (
    GROUPS.index(name) for name in ("burglary", "drugs", "robbery", "sexual", "theft", "violence")
)
CLASSES = ("either way", "indictable", "summary")
HOW_PROVEN = ("caution", "court", "penalty notice")
SENTENCES = ("caution", "community", "custody", "fine", "none")
CAUTION, COMMUNITY, CUSTODY, FINE, NONE = range(5)
KINDS = SENTENCES[:3]
REGIONS = (
    "North East",
    "North West",
    "Yorkshire and the Humber",
    "East Midlands",
    "West Midlands",
    "East of England",
    "London",
    "South East",
    "South West",
    "Wales",
)
REGION_SHARES = np.array([6, 16, 11, 8, 11, 9, 15, 11, 7, 6])

# Index offences by a row of `profile`: caution, community, custody under 12 months, longer custody.
# Columns in the order of GROUPS.
INDEX_MIX = np.array(
    [
        [1, 13, 22, 4, 3, 6, 12, 0.5, 2.5, 20, 27],
        [4, 6, 10, 5, 12, 5, 8, 1, 7.0, 18, 26],
        [4, 4, 4, 3, 7, 9, 8, 1, 4.0, 34, 22],
        [14, 2, 21, 4, 3, 4, 2, 12, 16.0, 6, 22],
    ]
)
REOFFENCE_MIX = np.array([5, 6, 12, 2, 10, 5, 12, 2, 0.4, 31, 17])
# Rows in the order of GROUPS, columns in the order of CLASSES.
CLASS_MIX = np.array(
    [
        [85, 15, 0],
        [45, 3, 52],
        [88, 12, 0],
        [80, 20, 0],
        [8, 2, 90],
        [35, 15, 50],
        [30, 5, 65],
        [0, 100, 0],
        [45, 45, 10],
        [94, 1, 5],
        [35, 12, 53],
    ]
)
# Sentence of a new cluster by earlier offences (0-2, 3-10, 11-30, 31 or more); columns as SENTENCES.
SENTENCE_MIX = np.array(
    [
        [34, 27, 5, 27, 7],
        [14, 31, 15, 33, 7],
        [6, 29, 27, 30, 8],
        [3, 25, 35, 28, 9],
    ]
)
GRAVE_MIX = np.array([[4, 40, 44, 4, 8], [2, 33, 55, 3, 7], [1, 24, 66, 2, 7], [1, 18, 72, 2, 7]])
GRAVE = (BURGLARY, ROBBERY, SEXUAL)
# Months of a custodial sentence: (least, most, share) within short and long.
SHORT_BANDS = ((1, 2, 38), (3, 6, 38), (7, 11, 24))
LONG_BANDS = ((12, 23, 36), (24, 47, 40), (48, 120, 24))


def profile(kind: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Row of INDEX_MIX: caution, community, custody under 12 months, longer custody."""
    return np.where(kind == CUSTODY, np.where(months < 12, 2, 3), kind).astype(np.int8)


def sentence_months(rng: np.random.Generator, kind: np.ndarray, short: np.ndarray) -> np.ndarray:
    """Length of each sentence in months; 0 unless custody or community."""
    months = np.zeros(len(kind), np.int32)
    for bands, those in (
        (SHORT_BANDS, (kind == CUSTODY) & short),
        (LONG_BANDS, (kind == CUSTODY) & ~short),
        (((6, 9, 20), (12, 12, 50), (18, 18, 18), (24, 36, 12)), kind == COMMUNITY),
    ):
        low, high, share = np.array(bands).T
        row = pick_by_row(rng, share[None, :], np.zeros(those.sum(), np.int8))
        months[those] = between(rng, low[row], high[row], len(row))
    return months


def days_served(rng: np.random.Generator, months: np.ndarray) -> np.ndarray:
    """Days in custody before release: about half, more for sentences of four years and over."""
    share = np.where(months >= 48, 0.5 + 0.17 * rng.random(len(months)), 0.45 + 0.1 * rng.random(len(months)))
    return np.maximum(np.round(months * 30.44 * share, 3), 7).astype(np.int32)


def reoffence_sentence(rng: np.random.Generator, previous: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Sentence of a new cluster, heavier with a longer record and a graver offence."""
    band = np.searchsorted([3, 11, 31], previous, side="right")
    grave = np.isin(group, GRAVE)
    return pick_by_row(rng, np.vstack([SENTENCE_MIX, GRAVE_MIX]), band + 4 * grave)


def reoffence_group(rng: np.random.Generator, group: np.ndarray) -> np.ndarray:
    """Group of the next offence: often the same as the last, seldom so for sexual offences."""
    again = yes(rng, np.where(group == SEXUAL, 0.2, 0.4), len(group))
    fresh = pick_by_row(rng, REOFFENCE_MIX[None, :], np.zeros(len(group), np.int8))
    return np.where(again, group, fresh).astype(np.int8)


def cluster_sizes(rng: np.random.Generator, sentence: np.ndarray, mean_extra: float) -> np.ndarray:
    """Offences proven together: one and a heavy-tailed number more; cautions rarely have more."""
    more = extra_count(rng, mean_extra, len(sentence), spread=0.45, most=40)
    return 1 + np.where(sentence == CAUTION, np.minimum(more, 1) * (more > 2), more)


def offence_rows(
    rng: np.random.Generator,
    person: np.ndarray,
    first: np.ndarray,
    proven: np.ndarray,
    size: np.ndarray,
    group: np.ndarray,
    sentence: np.ndarray,
) -> dict[str, np.ndarray]:
    """One row an offence of each cluster; its first row is the gravest offence and the earliest.

    The others are dated from the first up to a week before they are proven, so that none
    falls on or after the day on which the new sentence starts the next clock.
    """
    parent = np.repeat(np.arange(len(person)), size)
    main = np.ones(len(parent), bool)
    main[1:] = parent[1:] != parent[:-1]
    n = len(parent)
    room = np.maximum(proven - first - 7, 0)[parent]
    date = first[parent] + np.where(main, 0, between(rng, 0, room, n))
    own = np.where(
        main | yes(rng, 0.5, n),
        group[parent],
        pick_by_row(rng, REOFFENCE_MIX[None, :], np.zeros(n, np.int8)),
    ).astype(np.int8)
    given = sentence[parent]
    lesser = ~main & (given != CAUTION) & yes(rng, 0.45, n)
    return {
        "person": person[parent].astype(np.int32),
        "offence_date": date.astype(np.int32),
        "proven_date": proven[parent].astype(np.int32),
        "how_proven": np.where(given == CAUTION, 0, 1).astype(np.int8),
        "class": pick_by_row(rng, CLASS_MIX, own),
        "offence_group": own,
        "sentence": np.where(lesser, NONE, given).astype(np.int8),
    }
