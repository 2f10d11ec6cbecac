"""What linking error does to an answer: a planted effect, estimated from links instead of from the people meant.

Everybody has a risk of the outcome; taking part lowers it. A wrong link brings the outcome of somebody
who did not take part, a missed one leaves a participant out. The estimate is the mean of outcome
less risk over the people linked: a comparison group with exactly their risks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

DRAWS = 40_000
RISK, EFFECT = 0.35, -0.05
# Where those without an identifier, who are harder to find, have a higher risk and gain less.
HARDER_RISK, HARDER_EFFECT = 0.45, -0.03
NUMBERED_EFFECT = -0.06


def error_shares(told: pd.Series, truth: pd.Series) -> tuple[float, float]:
    """Share of people on record who were missed or taken for another, and of the linked who are someone else."""
    linked, there = told > 0, truth > 0
    right = (told == truth) & there
    return float(1 - right.sum() / there.sum()), float(1 - right.sum() / linked.sum())


def estimated(
    told: pd.Series, truth: pd.Series, numbered: pd.Series, same: bool, rng: np.random.Generator
) -> tuple[float, float, float]:
    """True effect, mean of the estimates over many draws of all outcomes, and its standard error.

    told, truth : person of each row, 0 for nobody. numbered : whether an identifier was typed
    same : one risk and effect for all, or harder people at a higher risk who gain less
    """
    there = truth > 0
    easy_of = pd.Series(numbered[there].to_numpy(), index=truth[there].to_numpy())
    effect_of = pd.Series(
        EFFECT if same else np.where(easy_of, NUMBERED_EFFECT, HARDER_EFFECT), easy_of.index
    )
    linked = told[told > 0]
    took_part = linked.isin(easy_of.index).to_numpy()
    # A person linked by mistake who took no part is as hard to find as the row suggests.
    easy = np.where(took_part, linked.map(easy_of).eq(True), numbered[linked.index])
    risk = np.where(same | easy, RISK, HARDER_RISK)
    effect = linked.map(effect_of).fillna(0.0).to_numpy()
    # The sum of outcomes is all that counts: people of one chance are drawn together.
    chance, count = np.unique(np.round(risk + effect, 9), return_counts=True)
    outcomes = rng.binomial(count, chance, size=(DRAWS, len(count))).sum(axis=1)
    estimates = (outcomes - risk.sum()) / len(linked)
    return float(effect_of.mean()), float(estimates.mean()), float(estimates.std() / np.sqrt(DRAWS))
