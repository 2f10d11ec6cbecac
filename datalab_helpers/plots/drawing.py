"""A small pen for SVG: text in, the same bytes out every time, no external reference."""

from __future__ import annotations

import unicodedata
from xml.sax.saxutils import escape, quoteattr

from ..wording.numbers import readable

BLUE, ORANGE, TURQUOISE, PINK = "#12436D", "#F46A25", "#28A197", "#801650"
INK, GREY, PALE, BAND = "#0B0C0C", "#505A5F", "#B1B4B6", "#E3E6E8"
WIDE, NARROW = 760, 340  # of a figure, in the units of its letters; narrow is for a phone
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"

THIN, BROAD = set("iljtfrI.,:;'!|()[] -"), set("mwMW@%")


def text_width(text: str, size: float) -> float:
    """Roughly how wide Arial sets a text; enough to keep labels apart."""
    return sum(map(letter_width, text)) * size


def letter_width(letter: str) -> float:
    """Of the size of the letters."""
    if letter in THIN:
        return 0.31
    if letter in BROAD:
        return 0.86
    if not letter.isascii() and unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return 0.68 if letter.isupper() else 0.55


def wrap(text: str, size: float, width: float, lines: int = 3) -> list[str]:
    """Words in lines of at most `width`; what does not fit in the last line ends in an ellipsis."""
    rows = [""]
    for word in text.split():
        longer = f"{rows[-1]} {word}".strip()
        if rows[-1] and text_width(longer, size) > width:
            rows.append(word)
        else:
            rows[-1] = longer
    if len(rows) > lines:
        rows = [*rows[: lines - 1], f"{rows[lines - 1]}…"]
    return [clip(row, size, width) for row in rows]


def clip(text: str, size: float, width: float) -> str:
    if text_width(text, size) <= width:
        return text
    while text and text_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text}…"


def plain(value: float) -> str:
    """A coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if round(value, 2) else "0"


class Drawing:
    """Collects shapes; `svg` joins them."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.parts: list[str] = []

    def add(self, name: str, content: str | None = None, **attributes: float | str | None) -> None:
        given = "".join(
            f" {key.rstrip('_').replace('_', '-')}={quoteattr(value if isinstance(value, str) else plain(value))}"
            for key, value in attributes.items()
            if value is not None
        )
        self.parts.append(f"<{name}{given}/>" if content is None else f"<{name}{given}>{content}</{name}>")

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        colour: str = INK,
        width: float = 1,
        dash: str | None = None,
    ) -> None:
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=width, stroke_dasharray=dash)

    def box(
        self, x: float, y: float, width: float, height: float, fill: str = "none", stroke: str | None = None
    ) -> None:
        self.add("rect", x=x, y=y, width=width, height=height, fill=fill, stroke=stroke)

    def dot(self, x: float, y: float, radius: float, fill: str, stroke: str | None = None) -> None:
        self.add(
            "circle",
            cx=x,
            cy=y,
            r=radius,
            fill=fill,
            stroke=stroke,
            stroke_width=None if stroke is None else 2,
        )

    def diamond(self, x: float, y: float, radius: float, fill: str) -> None:
        corners = [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]
        self.add("polygon", points=" ".join(f"{plain(a)},{plain(b)}" for a, b in corners), fill=fill)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 14,
        colour: str = INK,
        anchor: str = "start",
        bold: bool = False,
        halo: bool = False,
    ) -> None:
        """Words at a place; a halo keeps them legible where they cross a line."""
        self.add(
            "text",
            escape(readable(words)),
            x=x,
            y=y,
            font_size=size,
            fill=colour,
            text_anchor=None if anchor == "start" else anchor,
            font_weight="bold" if bold else None,
            stroke="#FFFFFF" if halo else None,
            stroke_width=4 if halo else None,
            paint_order="stroke" if halo else None,
        )

    def lines_of_text(self, x: float, y: float, rows: list[str], size: float = 14, **style: object) -> float:
        """Rows below one another; gives the baseline after the last."""
        for row in rows:
            self.text(x, y, row, size, **style)  # type: ignore[arg-type]
            y += size * 1.3
        return y

    def path(
        self, points: list[tuple[float, float]], colour: str, width: float = 2, dash: str | None = None
    ) -> None:
        steps = " ".join(
            f"{'M' if index == 0 else 'L'}{plain(x)} {plain(y)}" for index, (x, y) in enumerate(points)
        )
        self.add("path", d=steps, fill="none", stroke=colour, stroke_width=width, stroke_dasharray=dash)

    def strokes(self, lines: list[tuple[float, float, float, float]], colour: str, width: float) -> None:
        """Many straight lines as one shape."""
        steps = "".join(f"M{plain(a)} {plain(b)}L{plain(c)} {plain(d)}" for a, b, c, d in lines)
        self.add("path", d=steps, fill="none", stroke=colour, stroke_width=width)

    def place(self, other: Drawing, x: float, y: float, scale: float) -> None:
        """Another drawing as a part of this one."""
        inside = "\n".join(other.parts)
        self.add("g", inside, transform=f"translate({plain(x)} {plain(y)}) scale({plain(scale)})")

    def svg(self) -> str:
        size = f"{plain(self.width)} {plain(self.height)}"
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" width="{plain(self.width)}" height="{plain(self.height)}" font-family="{FONT}">'
        return "\n".join([head, *self.parts, "</svg>"]) + "\n"


class Axis:
    """A straight scale from values to places."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high, self.start, self.end = low, high, start, end

    def __call__(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start)


def step_for(reach: float, ticks: int = 4) -> float:
    """A round distance between ticks: 1, 2 or 5 times a power of ten."""
    if reach <= 0:
        return 1.0
    size = 10.0 ** (len(f"{int(reach / ticks)}") - 1) if reach / ticks >= 1 else 1.0
    while size > reach / ticks:
        size /= 10
    return next(size * times for times in [1, 2, 5, 10] if size * times >= reach / ticks)
