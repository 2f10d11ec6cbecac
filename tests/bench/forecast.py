"""Fit the figures of the forecast on many invented requests and write them where `datalab check` reads them.

`make forecast` takes 300 requests (five minutes on two quiet cores) of other seeds than the tests do. A lab
that has past requests of its own puts its figures in their place: the file says what each is.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, expit

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from many import Became, many  # noqa: E402

WORLDS, FEWEST = 50, 30
TARGET = HERE.parents[1] / "datalab_helpers/intake/check/forecast.yml"
TEXT = """\
# What `datalab check` expects of a list, fitted by `make forecast` on {requests} invented requests (seeds {first} to {last}).
# A lab with past requests puts its own figures here; `basis` is then told to whoever checks a list.

# Share of different people on a list, lacking nothing, who are on record: a beta distribution (a, b).
on_record: [{known[0]:.2f}, {known[1]:.2f}]
# Share of those on record who are found: with a usable PNC ID or prison number, and with none.
found: {{numbered: {numbered:.4f}, plain: {plain:.4f}}}
# Of 1,000 people on record, how many are missed in a register of ten million invented people, where namesakes abound
# (recall 0.9998 and 0.981 where the start is known; see `make bench`); the template tells it.
missed: {{numbered: 1, plain: 20}}
# Share of those found who stay: an index event in the window, no exclusion, follow-up complete; by what starts the clock.
kept: {{participation: [{participation[0]:.2f}, {participation[1]:.2f}], index: [{index[0]:.2f}, {index[1]:.2f}]}}
# Share of those who stay who are matched: logistic in the logarithm of their number over 100 (level, slope), and how
# alike requests are (sum of the parameters of a beta distribution).
matched: {{level: {level:.3f}, slope: {slope:.3f}, alike: {alike:.1f}}}
# Share of requests with enough people that come to nothing, since too few can be compared with them.
nothing: {nothing:.3f}
# Effective comparators for each person analysed (median), and the share of those sent who are analysed (median).
comparators: {comparators:.1f}
survive: {survive:.2f}
# Rate of the outcome among similar people, and the share of its variance that covariates explain.
baseline: 0.35
gain: 0.0
basis: >-
  {requests} invented requests, of many kinds of programme; none of it is about real people. Your records and your
  people may differ.
"""


def fitted(found: Sequence[Became]) -> dict[str, object]:
    """Maximum-likelihood figures, by name."""
    listed = np.array([b.forecast.listed.people for b in found])
    known = np.minimum([b.known for b in found], listed)
    total = {kind: np.sum([getattr(b, kind) for b in found], axis=0) for kind in ("numbered", "plain")}
    kept = {
        clock: beta_of(
            [min(b.kept, b.found) for b in found if b.forecast.listed.clock == clock],
            [b.found for b in found if b.forecast.listed.clock == clock],
        )
        for clock in ("participation", "index")
    }
    analysed = [b for b in found if b.matched]
    level, slope, alike = matched_of([b.matched for b in analysed], [b.kept for b in analysed])
    return {
        "known": beta_of(known, listed),
        **{kind: sums[1] / sums[0] for kind, sums in total.items()},
        **kept,
        "level": level,
        "slope": slope,
        "alike": alike,
        "nothing": float(np.mean([b.matched == 0 for b in found if b.kept >= FEWEST])),
        "comparators": float(np.median([b.effective / b.matched for b in analysed])),
        "survive": float(np.median([b.matched / b.forecast.sent for b in found])),
    }


def beta_of(some: Sequence[int], of: Sequence[int]) -> tuple[float, float]:
    """Parameters of the beta distribution whose binomials gave these counts."""
    k, n = np.asarray(some, float), np.asarray(of, float)

    def loss(p: np.ndarray) -> float:
        a, b = np.exp(p)
        return -float(np.sum(betaln(k + a, n - k + b) - betaln(a, b)))

    a, b = np.exp(best(loss, [2.0, 0.5]))
    return float(a), float(b)


def matched_of(some: Sequence[int], of: Sequence[int]) -> tuple[float, float, float]:
    """Level, slope and concentration of a beta-binomial whose mean is logistic in log(n / 100)."""
    k, n = np.asarray(some, float), np.asarray(of, float)

    def loss(p: np.ndarray) -> float:
        mean = expit(p[0] + p[1] * np.log(n / 100))
        a, b = mean * np.exp(p[2]), (1 - mean) * np.exp(p[2])
        return -float(np.sum(betaln(k + a, n - k + b) - betaln(a, b)))

    level, slope, alike = best(loss, [2.5, 0.2, 3.0])
    return float(level), float(slope), float(np.exp(alike))


def best(loss: Callable[[np.ndarray], float], start: Sequence[float]) -> np.ndarray:
    return np.asarray(minimize(loss, start, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-6}).x)


def main() -> None:
    first = int(os.environ.get("SEED") or 1)
    with ProcessPoolExecutor(2) as pool:
        found = [b for world in pool.map(many, range(first, first + WORLDS)) for b in world]
    figures = fitted(found)
    TARGET.write_text(
        TEXT.format(requests=len(found), first=first, last=first + WORLDS - 1, **figures), encoding="utf-8"
    )
    for name, value in figures.items():
        print(
            json.dumps(
                {"figure": f"forecast: {name}", "value": value, "unit": "", "reach": "", "holds": True}
            )
        )


if __name__ == "__main__":
    main()
