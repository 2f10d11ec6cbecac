"""The picture that a charity may share: the answer, both groups, the range and where it comes from."""

from __future__ import annotations

from ..disclosure.results import Results
from ..wording.kit import Kit
from ..wording.nouns import words_of
from ..wording.units import primary
from .drawing import BLUE, GREY, INK, Drawing, clip, wrap
from .page_one import bars_drawing, icon_drawing

WIDTH, HEIGHT, EDGE = 1200, 675, 48  # the shape in which social media show a picture whole
BOLD = 1.14  # how much wider bold letters are


def claim_picture(results: Results, kit: Kit) -> str | None:
    """None where there is no result to show."""
    measure, words, about = primary(results.headline), words_of(results), results.about
    if measure is None or not kit.picture_alt:
        return None
    drawing = Drawing(WIDTH, HEIGHT)
    drawing.box(0, 0, WIDTH, HEIGHT, "#FFFFFF")
    drawing.box(0, 0, 14, HEIGHT, BLUE)
    left, right = 580, WIDTH - 2 * EDGE - 580 - 50
    drawing.text(EDGE, 62, clip(kit.title, 24, WIDTH - 2 * EDGE), 24, GREY)
    binary = measure.kind == "binary"
    inner = icon_drawing(measure, words) if binary else bars_drawing(measure, words)
    scale = (left - 20) / inner.width
    drawing.place(inner, EDGE, 92, scale)
    x, y = EDGE + left + 50, 128.0
    size, most = (30, 9) if len(kit.answer) < 150 else (24, 11)
    y = drawing.lines_of_text(x, y, wrap(kit.answer, size * BOLD, right, most), size, bold=True, colour=INK)
    for note in kit.picture_notes:
        y = drawing.lines_of_text(x, y + 10, wrap(note, 20, right, 4), 20, colour=INK)
    if binary:
        note = f"Solid figures {words.happened}; outlined ones did not."
        drawing.lines_of_text(EDGE, HEIGHT - 104, wrap(note, 17, left, 2), 17, colour=GREY)
    drawing.line(EDGE, HEIGHT - 68, WIDTH - EDGE, HEIGHT - 68, BLUE, 2)
    source = (
        f"{about.lab_label}, request {about.id}. A matched comparison; the whole report says how it was done."
    )
    source = f"{kit.example} {source}".strip()
    drawing.text(EDGE, HEIGHT - 34, clip(source, 19, WIDTH - 2 * EDGE), 19, GREY)
    return drawing.svg()
