"""What every picture of the notebooks shares: a figure with its text, colours, margins."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, ORANGE, GREY = "#12436D", "#F46A25", "#505A5F"
# Told apart by their shape as well, for whoever does not see the colours.
MARKS = [
    ("o", BLUE),
    ("D", "#801650"),
    ("s", "#28A197"),
    ("^", "#3D3D3D"),
    ("v", "#A285D1"),
    ("P", "#2073BC"),
]
WIDTH = 8.0  # inches
BELOW, ABOVE, RIGHT = 0.95, 0.4, 0.15  # inches around the axes: labels and legend, title, air
LETTER = 0.075  # inches that a letter of a label takes


@dataclass(frozen=True)
class Picture:
    """A figure that shows itself in a notebook, with the text that stands for it."""

    figure: Figure
    alt: str

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        held = io.BytesIO()
        # The version of the library is the only thing that would differ between two runs.
        self.figure.savefig(held, format="png", dpi=110, metadata={"Software": None})
        return held.getvalue(), {"alt": self.alt}


@dataclass(frozen=True, repr=False)
class Gallery:
    """Pictures of several results, one below the other, each with its text."""

    pictures: list[Picture]

    def __repr__(self) -> str:
        return "\n".join(picture.alt for picture in self.pictures) or "nothing to draw"

    def _repr_html_(self) -> str:
        if not self.pictures:
            return "<p>Nothing to draw.</p>"
        drawn = ((base64.b64encode(p._repr_png_()[0]).decode(), html.escape(p.alt)) for p in self.pictures)
        return "".join(
            f'<figure style="margin:0 0 1em"><img style="max-width:100%" src="data:image/png;base64,{data}" alt="{alt}"></figure>'
            for data, alt in drawn
        )


def gallery(plot: Callable[[Any], Picture | None], results: Iterable[Any]) -> Gallery:
    """One picture of each result that has one, such as of each analysis that was not refused."""
    return Gallery([picture for picture in map(plot, results) if picture is not None])


def axes_of(height: float, labels: list[str] | None = None, panels: int = 1) -> tuple[Figure, list[Any]]:
    """A figure with panels side by side, and room on the left for the labels of rows.

    Margins are reckoned from the length of the labels: letting the library find them draws
    everything twice.

    Parameters
    ----------
    height : inches of the axes themselves
    """
    # Figures made without pyplot belong to nobody else and need not be closed.
    from matplotlib.figure import Figure

    left = 0.75 if labels is None else min(0.35 + LETTER * max(map(len, labels)), WIDTH / 2)
    whole = height + BELOW + ABOVE
    figure = Figure(figsize=(WIDTH, whole))
    found = figure.subplots(1, panels, squeeze=False)[0]
    figure.subplots_adjust(
        left=left / WIDTH, right=1 - RIGHT / WIDTH, bottom=BELOW / whole, top=1 - ABOVE / whole, wspace=0.28
    )
    for axes in found:
        axes.spines[["top", "right"]].set_visible(False)
    return figure, list(found)


def legend_below(figure: Figure, axes: Any) -> None:
    """The legend under the axes, where it hides nothing."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, loc="lower center", ncols=min(len(labels), 4))


def shortened(label: str, most: int = 46) -> str:
    """A label that leaves room for the picture."""
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"
