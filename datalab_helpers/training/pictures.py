"""What pictures of lessons are made of: people in a grid of a hundred, and a bar in parts."""

from __future__ import annotations

from collections.abc import Sequence

from ..plots.drawing import BLUE, GREY, INK, ORANGE, Drawing, text_width, wrap
from ..plots.page_one import CELL, GAP, SIDE, person
from ..wording.numbers import number

FILLS = (
    (BLUE, "#FFFFFF"),
    ("#FFFFFF", INK),
    ("#E3E6E8", INK),
)  # of the parts of a bar, and of the words in them


def two_grids(labels: tuple[str, str], filled: tuple[int, int], height: float = 350) -> Drawing:
    """Two groups of 100 people, filled row by row: a solid person reoffended, an outline did not."""
    drawing = Drawing(2 * SIDE + GAP, height)
    for index, (label, count, colour) in enumerate(zip(labels, filled, (BLUE, ORANGE), strict=True)):
        left = index * (SIDE + GAP)
        drawing.text(left, 36, number(count), 42, bold=True)
        drawing.text(left + text_width(number(count), 46) + 6, 36, "in 100 reoffended", 16, colour=GREY)
        drawing.lines_of_text(left, 62, wrap(label, 16, SIDE, 2), 16)
        for place in range(100):
            x, y = left + place % 10 * CELL, 94 + place // 10 * 25.5
            person(drawing, x, y, colour if place < count else None)
    return drawing


def bar_in_parts(
    drawing: Drawing, x: float, y: float, width: float, parts: Sequence[int], names: Sequence[str]
) -> None:
    """One bar whose parts add up to 100, named in words above it; nothing is told by colour alone."""
    words = ", ".join(f"{part} {name}" for part, name in zip(parts, names, strict=True))
    drawing.text(x, y + 16, words, 13)
    at = x
    for part, (fill, ink) in zip(parts, FILLS, strict=True):
        size = width * part / 100
        drawing.box(at, y + 26, size, 24, fill, INK)
        if size > 24:
            drawing.text(at + size / 2, y + 43, number(part), 14, ink, "middle", bold=True)
        at += size


def hundredths(shares: Sequence[float]) -> list[int]:
    """Shares that add up to 1, as whole numbers that add up to 100: the largest remainders are rounded up."""
    whole = [int(100 * share) for share in shares]
    order = sorted(range(len(shares)), key=lambda place: (whole[place] - 100 * shares[place], place))
    for place in order[: 100 - sum(whole)]:
        whole[place] += 1
    return whole
