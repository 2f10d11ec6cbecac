"""The verdict on a balance by rule, and the plan that is sealed on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UnlikeError
from ..matching import MatchedSample
from ..matching.differences import RED, passes
from ..request import Request

if TYPE_CHECKING:
    from .table import BalanceTable

# Beyond a quarter of a standard deviation regression cannot be trusted to repair a difference
# (Rubin 2001, Health Services and Outcomes Research Methodology 2).
HOPELESS = 0.25
RED_SHARE = 0.10  # more red rows than this share fails
MATCHED_SHARE = 0.80  # fewer of the treatment group matched than this is a reservation


def judge(smd: np.ndarray, sizes: dict[str, float]) -> tuple[str, list[str]]:
    """The verdict on a balance, and what kept it from a plain pass.

    fail: a difference above HOPELESS, or more than one level and RED_SHARE of them red. Reservations: any
    red level, more than AMBER_SHARE amber, fewer than MATCHED_SHARE of the treatment group
    matched, or a comparison group that tells less than the treatment group's own size.
    """
    size = np.abs(smd)
    red = int((size > RED).sum())
    if size.max() > HOPELESS:
        return "fail", ["at least one characteristic differs far too much between the groups"]
    if red > max(1, RED_SHARE * len(size)):
        return "fail", [f"{red} of {len(size)} characteristics differ clearly between the groups"]
    reasons = []
    if red:
        reasons.append(
            f"{red} of {len(size)} characteristics {'differs' if red == 1 else 'differ'} clearly between the groups"
        )
    elif not passes(smd):
        reasons.append("many characteristics differ a little between the groups")
    if sizes["treatment"] < MATCHED_SHARE * sizes["treatment_before"]:
        reasons.append("fewer than four in five people could be matched")
    if sizes["comparison_effective"] < sizes["treatment"]:
        reasons.append("the comparison group rests on few people")
    return ("pass with reservations" if reasons else "pass"), reasons


def plan(request: Request, samples: list[MatchedSample], balances: list[BalanceTable]) -> dict[str, Any]:
    """What is fixed before outcomes open: settings, who is compared with what weight, and the balance.

    UnlikeError when the headline's balance fails and the request does not say to publish with
    a warning: then no outcome is ever opened.
    """
    headline = next(a.name for a in request.analyses if a.headline)
    table = next(b for b in balances if b.analysis == headline)
    if table.verdict == "fail" and request.settings.release.if_unbalanced == "refuse":
        raise UnlikeError(
            f"{headline}: the groups could not be made alike ({'; '.join(table.reasons)}). Outcomes stay closed. "
            "Try other exact strata or a finer caliper grid, or set `release.if_unbalanced: publish_with_warning`"
        )
    return {
        "request": request.settings.model_dump(mode="json"),
        "primary": request.settings.outcome.primary,
        "smallest_difference": request.smallest_difference,
        "analyses": {
            sample.analysis: {
                "refused": sample.refused,
                "settings": sample.settings,
                "sizes": sample.sizes,
                "people_sha256": sample.fingerprint(),
                "balance": balance.verdict,
            }
            for sample, balance in zip(samples, balances, strict=True)
        },
    }
