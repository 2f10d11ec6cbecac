"""What dates say for a pair: a participant has an index event near the start, a stranger only by chance.

The chance is counted in the records for each start. Without it, two people of one name and
birthday could not be told apart; with it, the one who was released that month is likelier.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...request import Request

CLOSE_DAYS = 31  # a day told as "that month" still speaks for an event
DAYS_A_MONTH = 365.25 / 12
EXACT, CLOSE, ELSEWHERE, NOT_TOLD = 2, 1, 0, -1


def date_weights(
    request: Request,
    model: dict[str, dict[str, float]],
    pairs: pd.DataFrame,
    starts: pd.DataFrame,
    months: pd.DataFrame,
    people: int,
) -> pd.DataFrame:
    """Weight (log2 of a likelihood ratio) and level of the index events of each pair.

    Where the submission tells a release or sentence date, an event on that day (2), within
    CLOSE_DAYS of it (1), or neither (0); else an event within the request's months of the start
    (1), or none (0); -1 and no weight where it tells neither.

    Parameters
    ----------
    model : how often true pairs have it: `near`: {within}; `told`: {exact, close}
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
    level = np.where(has, CLOSE, ELSEWHERE)
    level = np.where(
        told >= 0, np.select([apart == 0, apart <= CLOSE_DAYS], [EXACT, CLOSE], ELSEWHERE), level
    )
    level = np.where(start < 0, NOT_TOLD, level)

    least, most = 0.5 / people, 0.5
    near = np.clip(near, least, most)
    exact, close = np.clip(on_day, least, most / 2), np.clip(on_day * 2 * CLOSE_DAYS, least, most / 2)
    of_true, by_chance = model["told"], np.stack([1 - exact - close, close, exact])
    m = np.array([1 - of_true["exact"] - of_true["close"], of_true["close"], of_true["exact"]])
    if_told = np.log2(m[level.clip(0)] / np.take_along_axis(by_chance, level.clip(0)[None], axis=0)[0])
    m = model["near"]["within"]
    otherwise = np.where(level == CLOSE, np.log2(m / near), np.log2((1 - m) / (1 - near)))
    weight = np.where(level == NOT_TOLD, 0.0, np.where(told >= 0, if_told, otherwise))
    return pd.DataFrame({"dates": weight, "dates_level": level}, index=pairs.index)


def _month(days: pd.Series) -> np.ndarray:
    """Months since the year 0; -1 where there is no day."""
    days = pd.to_datetime(days)
    return (days.dt.year * 12 + days.dt.month).fillna(-1).to_numpy("int64")


def _window(distance: np.ndarray, within: int) -> np.ndarray:
    """Share of a month that lies within so many months of the middle of another one."""
    return np.clip(within + 0.5 - np.abs(distance), 0.0, 1.0)


def _lookup(keys: np.ndarray, chance) -> np.ndarray:
    """A function of each key, worked out once for each that occurs."""
    own, position = np.unique(keys, return_inverse=True)
    return np.array([chance(key) for key in own])[position]
