"""Results as pictures: SVG text from result objects; only coordinates are worked out here.

Drawn by hand and not with a plotting library: a page of fifteen figures stays small, is written
in milliseconds, and is the same to the byte everywhere. Took part is blue and solid, comparison
orange and hollow or dashed, so that nothing depends on colour alone.
"""

from .claim import claim_picture
from .detail import attrition_flow, caliper_grid, cumulative, forest, love
from .page_one import dot_and_whisker, icon_arrays, pair_of_bars
from .stages import (
    gallery,
    plot_balance,
    plot_calipers,
    plot_lost,
    plot_overlap,
    plot_specifications,
    plot_weights,
)
from .trust import before, hidden, specifications, trials

__all__ = [
    "attrition_flow",
    "before",
    "caliper_grid",
    "claim_picture",
    "cumulative",
    "dot_and_whisker",
    "forest",
    "gallery",
    "hidden",
    "icon_arrays",
    "love",
    "pair_of_bars",
    "plot_balance",
    "plot_calipers",
    "plot_lost",
    "plot_overlap",
    "plot_specifications",
    "plot_weights",
    "specifications",
    "trials",
]
