"""Pictures for the analyst, drawn with matplotlib from the objects that the stages hand on.

They are shown in notebooks only and never published; the published ones are drawn from
`Results`, after small numbers were held back.
"""

from .balance import plot_balance
from .matching import plot_calipers, plot_lost, plot_overlap, plot_weights
from .outcome import plot_specifications
from .picture import Gallery, Picture, gallery

__all__ = [
    "Gallery",
    "Picture",
    "gallery",
    "plot_balance",
    "plot_calipers",
    "plot_lost",
    "plot_overlap",
    "plot_specifications",
    "plot_weights",
]
