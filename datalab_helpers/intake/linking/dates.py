"""What dates say for a pair: a participant has an index event near the start, a stranger only by chance.

The chance is counted in the records for each start. Without it, two people of one name and
birthday could not be told apart; with it, the one who was released that month is likelier.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from ...request import Request

CLOSE_DAYS = 31  # a day told as "that month" still speaks for an event
DAYS_A_MONTH = 365.25 / 12
# Levels: what was seen of a pair.
EXACT, CLOSE, ELSEWHERE = 4, 3, 2  # where the submission tells a day
NEAR, NOT_NEAR = 1, 0  # where it tells the start alone
NOTHING = -1
# How much the dates of a row tell: posteriors of rows that tell as much follow from weights alike.
TOLD = ("no start", "start", "start and day")


def told_dates(starts: pd.DataFrame) -> np.ndarray:
    """Which of TOLD each row is; a day is that of a release or a sentence."""
    day = starts["released"].notna() | starts["sentenced"].notna()
    return np.select([starts["start"].isna(), ~day], TOLD[:2], TOLD[2])


def date_weights(
    request: Request,
    true: dict[str, Any],
    pairs: pd.DataFrame,
    starts: pd.DataFrame,
    months: pd.DataFrame,
    people: int,
) -> pd.DataFrame:
    """Weight (log2 of a likelihood ratio) and level of the index events of each pair.

    Where the submission tells a release or sentence date: an event on that day, within CLOSE_DAYS
    of it, or elsewhere. Where it does not: an event within the request's months of the start, or none.
    No weight where there is no start.

    Parameters
    ----------
    true : how often true pairs have it: `near`; `told`, shares of EXACT, CLOSE and ELSEWHERE
    pairs : row, near, apart (days)
    starts : indexed by row; start, released, sentenced
    months : kind, happened, known (first day of the month), events
    people : number on record

    Returns
    -------
    Two columns, in the order of the pairs
    """
    months = months[months["kind"].isin(request.index_event.kinds)]
    events = months["events"].to_numpy("float64") / people
    happened, known = _month(months["happened"]), _month(months["known"])
    dates = starts.reindex(pairs["row"])
    start = _month(dates["start"])
    is_told = dates["released"].notna().to_numpy()
    told = np.where(is_told, _month(dates["released"]), _month(dates["sentenced"]))
    # Chances, once for each month that occurs.
    within = request.index_event.within_months
    near = _lookup(start, lambda m: (events * _window(happened - m, within) * (known <= m)).sum())
    of_day = {
        clock: _lookup(told, lambda m, at=at: (events * (at == m)).sum() / DAYS_A_MONTH)
        for clock, at in ((True, happened), (False, known))
    }
    on_day = np.where(is_told, of_day[True], of_day[False])

    apart = pairs["apart"].to_numpy("float64", na_value=np.nan)
    has = pairs["near"].astype("boolean").fillna(False).to_numpy(bool)
    of_told = np.select([apart == 0, apart <= CLOSE_DAYS], [EXACT, CLOSE], ELSEWHERE)
    level = np.where(told >= 0, of_told, np.where(has, NEAR, NOT_NEAR))
    level = np.where(start < 0, NOTHING, level)

    near = np.clip(near, 0.5 / people, 0.5)
    exact, close = (np.clip(share, 0.5 / people, 0.25) for share in (on_day, on_day * 2 * CLOSE_DAYS))
    m = {NEAR: true["near"], NOT_NEAR: 1 - true["near"]}
    m |= dict(zip((EXACT, CLOSE, ELSEWHERE), true["told"], strict=True))
    u = {NEAR: near, NOT_NEAR: 1 - near, EXACT: exact, CLOSE: close, ELSEWHERE: 1 - exact - close}
    weight = np.select(
        [level == reached for reached in m], [np.log2(m[reached] / u[reached]) for reached in m], 0.0
    )
    return pd.DataFrame({"dates": weight, "dates_level": level}, index=pairs.index)


def _month(days: pd.Series) -> np.ndarray:
    """Months since the year 0; -1 where there is no day."""
    days = pd.to_datetime(days)
    return (days.dt.year * 12 + days.dt.month).fillna(-1).to_numpy("int64")


def _window(distance: np.ndarray, within: int) -> np.ndarray:
    """Share of a month that lies within so many months of the middle of another one."""
    return np.clip(within + 0.5 - np.abs(distance), 0.0, 1.0)


def _lookup(keys: np.ndarray, chance: Callable[[int], float]) -> np.ndarray:
    """A function of each key, worked out once for each that occurs."""
    own, position = np.unique(keys, return_inverse=True)
    return np.array([chance(key) for key in own])[position]
