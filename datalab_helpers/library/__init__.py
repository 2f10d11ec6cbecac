"""The evidence library: every accepted request, whatever became of it, and what all of them say together.

`synthesis` is the statistics, on plain numbers. `entries` reads what is published, `build` makes the one `Library`
object of it, and `page` and `data` are renderings of that.
"""

from .build import build
from .contents import Library
from .data import averages, gaps, listing
from .entries import Entries, Entry, read_entries
from .forms import library_forms, make_library, read_library
from .picture import plot_library
from .words import luck

__all__ = [
    "Entries",
    "Entry",
    "Library",
    "averages",
    "build",
    "gaps",
    "library_forms",
    "listing",
    "luck",
    "make_library",
    "plot_library",
    "read_entries",
    "read_library",
]
