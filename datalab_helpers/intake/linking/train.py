"""Train the linking model on submissions whose identifiers tell who is who.

A row and a person with the same PNC ID (or prison number) are one person whatever their names say:
such anchored pairs show how often names and dates of true pairs agree. Pairs at random show how
often strangers do. Then the identifiers are hidden, the rows are linked by the rest, and what the
model said is held against what is known.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...errors import LinkageError
from ...request import Request
from ...store import Store
from ..prepare import recipe
from ..submission import Participants
from .candidates import ASKED, candidates, comparable, side
from .dates import ELSEWHERE, NEAR, NOT_NEAR, TOLD, told_dates
from .decide import best_names
from .model import DATES, FIELDS, levels_of, share_on_register
from .score import score

NUMBERS = {"pnc_id": "prison_number", "prison_number": "pnc_id"}  # what anchors each identifier
FEWEST = 300  # anchored pairs below which a model would be noise
CHANCE_PAIRS = 20_000_000
WRONG_LABELS = 0.002  # share of identifiers that lead to someone else: one such row must not decide the slope
# How far slope and log2 of unknown may lie from what independent fields would give.
HELD = np.array([0.25, 2.0])
EXPECTED_PAIRS = 1_000  # how many pairs the expected shares of `fields.yml` are worth
# Dates to hide from rows so that they tell as little as another kind of row.
TO_HIDE = dict(zip(TOLD, (("start", "released", "sentenced"), ("released", "sentenced"), ()), strict=True))
NEVER_SEEN = 0.5  # random pairs that a level is taken to have beside those seen


def train(sent: list[tuple[Request, Participants]], store: Store) -> dict[str, Any]:
    """The trained part of the model; see `trained.yml`.

    Parameters
    ----------
    sent : submissions about people in these records, many of them with identifiers

    Errors
    ------
    LinkageError when fewer than FEWEST rows have an identifier that is on record.
    """
    pairs = pd.concat(
        [
            _scored(request, store, participants).assign(of=of)
            for of, (request, participants) in enumerate(sent)
        ],
        ignore_index=True,
    )
    anchored = {number: _agree(pairs, number) for number in NUMBERS}
    known = anchored["pnc_id"] | anchored["prison_number"]
    if known.sum() < FEWEST:
        raise LinkageError(
            f"{known.sum()} rows have an identifier that is on record; training needs at least {FEWEST}"
        )
    chance = _by_chance(sent[0][1], store)
    fields = {}
    for field in FIELDS:
        true = pairs[anchored[NUMBERS[field]] if field in NUMBERS else known]
        given = [level for level in levels_of(field) if not level.get("missing")]
        expected = [EXPECTED_PAIRS * level["m"] for level in given]
        m = _of_counts(Counter(true[f"{field}_level"].astype(int)), expected)
        u = [None if "u" in level else share for level, share in zip(given, chance[field], strict=True)]
        fields[field] = {"m": m, "u": u}
    return {
        "anchored_pairs": int(known.sum()),
        "fields": fields,
        "dates": _dates(pairs[known]),
    }


def calibrate(sent: list[tuple[Request, Participants]], store: Store) -> dict[str, Any]:
    """How posteriors follow from weights, from rows whose identifiers were hidden: `posterior`; `looked_up`.

    The posterior of a person is proportional to 2^(slope x weight), that of nobody to `unknown`.
    Fields are not quite independent (names go with origins and years of birth), which weights that
    only add up overstate, and dates overstate in another way than names. So both numbers are found for
    each of TOLD, from the rows that tell as much and from the others with their dates hidden; they
    maximise the likelihood of what the identifiers tell. `looked_up` is the share of people on record
    who are among their row's candidates without their identifiers.
    """
    fitted, there, known = {}, 0, 0
    for told, hide in TO_HIDE.items():
        weights, rows, right, count = [], [], [], 0
        for request, participants in sent:
            true = _true_people(participants, store)
            hidden = participants.rows.loc[true.index].assign(pnc_id=None, prison_number=None)
            hidden = hidden.assign(**dict.fromkeys(hide, pd.NaT))
            hidden = hidden[told_dates(hidden) == told]
            if hidden.empty:
                continue
            persons = _scored(request, store, replace(participants, rows=hidden))
            position = pd.Series(np.arange(count, count + len(hidden)), hidden.index)
            count += len(hidden)
            known += int((true[hidden.index] >= 0).sum())
            weights.append(persons["weight"].to_numpy())
            rows.append(persons["row"].map(position).to_numpy())
            right.append((persons["person_id"] == persons["row"].map(true)).to_numpy())
        if count < FEWEST:
            raise LinkageError(
                f"{count} rows have a PNC ID and tell as many dates as is wanted ({told}); training needs at least {FEWEST}"
            )
        weight, row, is_right = map(np.concatenate, (weights, rows, right))
        fitted[told] = _likeliest(weight, row, is_right, count)
        there += int(is_right.sum())
    return {"looked_up": _plain(there / known), "posterior": fitted}


def _likeliest(weight: np.ndarray, row: np.ndarray, right: np.ndarray, count: int) -> dict[str, float]:
    """slope and unknown under which it is likeliest that the right persons are right.

    Few rows, all of them plain, would leave both open: they are held near 1 and near the share not on register.
    """
    from scipy.optimize import minimize

    is_there = np.zeros(count, bool)
    is_there[row[right]] = True
    expected = np.array([1.0, np.log2(1 - share_on_register())])

    def loss(parameters: np.ndarray) -> float:
        slope, log_unknown = parameters
        odds = np.exp2(np.clip(slope * weight, -200, 60))
        everything = np.exp2(log_unknown) + np.bincount(row, odds, minlength=count)
        told = np.where(is_there, 0.0, log_unknown)
        told[row[right]] = np.clip(slope * weight[right], -200, 60)
        chance = np.exp2(told - np.log2(everything))
        held = ((parameters - expected) / HELD).dot((parameters - expected) / HELD)
        return float(held - np.log2((1 - WRONG_LABELS) * chance + WRONG_LABELS).sum()) / count

    found = minimize(loss, expected, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-8})
    return {"slope": _plain(found.x[0]), "unknown": _plain(2 ** found.x[1])}


def _scored(request: Request, store: Store, participants: Participants) -> pd.DataFrame:
    """Candidates of each row as persons, each by the name on record that speaks most for them."""
    pairs = candidates(request, store, participants)
    return best_names(pd.concat([pairs, score(request, store, pairs, participants.rows)], axis=1))


def _agree(pairs: pd.DataFrame, number: str) -> pd.Series:
    return (pairs[f"{number}_l"] == pairs[f"{number}_r"]).fillna(False).astype(bool)


def _true_people(participants: Participants, store: Store) -> pd.Series:
    """Person of each row with a PNC ID, a name and a date of birth; -1 where the PNC ID is not on record."""
    told = participants.rows.dropna(subset=["surname", "forename", "date_of_birth"])
    given = told["pnc_id"].dropna().astype("str").rename("pnc_id").reset_index()
    found = store.look_up(
        recipe(store.lab),
        "SELECT row, coalesce(person_id, -1) AS person_id FROM given LEFT JOIN (SELECT person_id, pnc_id FROM names WHERE alias = 0) USING (pnc_id)",
        given=given,
    )
    return found.set_index("row")["person_id"]


def _by_chance(participants: Participants, store: Store) -> dict[str, list[float]]:
    """How often random pairs reach each level."""
    asked = comparable(participants)
    records = max(1, CHANCE_PAIRS // len(asked))
    chances = {}
    for field in FIELDS:
        levels = levels_of(field)
        given = len([level for level in levels if not level.get("missing")])
        cases, rank = [], given - 1
        for level in levels:
            if level.get("missing"):
                cases.append(f"WHEN {level['when']} THEN -1")
            elif "when" in level:
                cases.append(f"WHEN {level['when']} THEN {rank}")
                rank -= 1
        sql = f"""
            {ASKED}, l AS MATERIALIZED (SELECT {side("a", "l")} FROM asked a),
            r AS MATERIALIZED (SELECT {side("n", "r")} FROM names n WHERE alias = 0 ORDER BY hash(person_id) LIMIT {records})
            SELECT CASE {" ".join(cases)} ELSE 0 END AS level, count(*) AS pairs FROM l CROSS JOIN r
            GROUP BY level ORDER BY level
            """
        counts = (
            store.look_up(recipe(store.lab), sql, participants=asked).set_index("level")["pairs"].to_dict()
        )
        chances[field] = _of_counts(counts, [NEVER_SEEN] * given)
    return chances


def _dates(true: pd.DataFrame) -> dict[str, Any]:
    """How often true pairs have an index event near the start, and how near where a day was told."""
    levels = true[f"{DATES}_level"].astype(int)
    return {
        "near": _of_counts(Counter(levels[levels.isin([NEAR, NOT_NEAR])]), [1, 1])[0],
        "told": _of_counts(Counter(levels[levels >= ELSEWHERE] - ELSEWHERE), [1, 1, 1]),
    }


def _of_counts(counts: dict[int, int], before: list[float]) -> list[float]:
    """Shares of the levels, the highest first, with what was thought of them before."""
    seen = np.array([counts.get(level, 0) for level in range(len(before) - 1, -1, -1)]) + np.array(before)
    return [_plain(share) for share in seen / seen.sum()]


def _plain(value: float) -> float:
    return float(f"{value:.4g}")
