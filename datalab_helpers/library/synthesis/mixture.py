"""A mixture of normal distributions: what a grid of variances leaves of a normal one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .likelihood import Interval


@dataclass(frozen=True)
class Mixture:
    """weight : sums to one; centre, spread : mean and standard deviation of each part; all of shape (parts,)."""

    weight: np.ndarray
    centre: np.ndarray
    spread: np.ndarray

    @property
    def mean(self) -> float:
        return float(self.weight @ self.centre)

    @property
    def deviation(self) -> float:
        """Standard deviation of the whole."""
        return float(np.sqrt(self.weight @ (self.spread**2 + (self.centre - self.mean) ** 2)))

    def below(self, value: float) -> float:
        """Probability of less than this, 0 to 1."""
        from scipy import special

        return float(np.clip(self.weight @ special.ndtr((value - self.centre) / self.spread), 0.0, 1.0))

    def quantile(self, p: float) -> float:
        """Where the probability below is p, by root finding between the outermost quantiles of the parts."""
        from scipy import optimize, special

        ends = self.centre + special.ndtri(p) * self.spread
        low, high = float(ends.min()), float(ends.max())
        if high - low <= 1e-12 * (1 + abs(low)):
            return low
        slack = 1e-9 * (high - low)
        return float(optimize.brentq(lambda x: self.below(x) - p, low - slack, high + slack, xtol=1e-10))

    @property
    def interval(self) -> Interval:
        """95 %, with as much left out below as above."""
        return Interval(self.quantile(0.025), self.quantile(0.975))
