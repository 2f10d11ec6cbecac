"""The report as a tagged PDF, from the same parts as the page, and a picture of its own as PNG."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ..plots.drawing import FONT
from ..wording.numbers import readable
from ..wording.tables import Table
from .templates import unbroken

HERE = Path(__file__).parent
# The letters of the pictures are laid out for Arial; the font set here is wider by an eighth.
FACE, NARROWER = "DejaVu Sans", 0.88
LONGEST_WORD = 24
TALL = 0.7


def pdf(context: dict[str, Any]) -> bytes:
    """PDF/UA-1: tagged, titled, in British English, with bookmarks; the same bytes for the same results.

    A name that no font here can show, or trace back to its letters, breaks the standard (a mark of one script on a
    letter of another): the file is tagged then too, and does not claim it.
    """
    import typst

    given = {name: part for name, part in context.items() if name != "style"}
    page = given["page"]
    content = plain(given) | {"title": plain(f"{page.title}: {page.outcome} ({given['about'].id})")}
    source = (HERE / "report.typ").read_bytes()
    try:
        return _compile(source, content, format="pdf", pdf_standards=["ua-1"])
    except typst.TypstError as error:
        if "PDF/UA-1 error" not in str(error):
            raise
    return _compile(source, content, format="pdf")


def png(svg: str, width: int) -> bytes:
    """A picture of so many pixels across."""
    source = (
        b'#set page(width: auto, height: auto, margin: 0pt)\n#set text(font: "DejaVu Sans")\n'
        b'#image(bytes(json(bytes(sys.inputs.content)).svg), format: "svg", width: 600pt)'
    )
    return _compile(source, {"svg": for_print(svg)}, format="png", ppi=72 * width / 600)


def _compile(source: bytes, content: dict[str, Any], **how: Any) -> bytes:
    import typst

    return typst.compile(
        source,
        ignore_system_fonts=True,
        font_paths=[str(fonts())],
        sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
        timestamp=0,
        **how,
    )


def plain(part: Any) -> Any:
    """Dataclasses and models as dictionaries, and every text as it can be printed."""
    if isinstance(part, BaseModel):
        return plain(part.model_dump(mode="json"))
    if is_dataclass(part):
        found = {field.name: plain(getattr(part, field.name)) for field in fields(part)}
        if isinstance(part, Table):
            found |= {"numeric": part.numeric, "rows": [unbroken(row, part.numeric) for row in found["rows"]]}
        elif "svg" in found:
            found |= {"svg": for_print(part.svg), "tall": tall(part.svg)}  # type: ignore[attr-defined]
            del found["narrow"]
        return found
    if isinstance(part, dict):
        return {key: plain(item) for key, item in part.items()}
    if isinstance(part, list | tuple):
        return [plain(item) for item in part]
    return printable(part) if isinstance(part, str) else part


def printable(text: str) -> str:
    """With places to break long words."""
    return re.sub(rf"\S{{{LONGEST_WORD}}}(?=\S)", lambda found: found[0] + "\u200b", readable(text))


def for_print(svg: str) -> str:
    """A picture in the font of the PDF, a little smaller so that its labels keep their places.

    One letter that the font lacks would change the font of its whole line: a square stands for it, and one
    square for signs joined into one.
    """
    known = letters()
    single = re.sub("\u200d(.)", lambda found: found[0] if ord(found[1]) in known else "", svg)
    svg = "".join(
        letter if ord(letter) in known or letter == "\n" else "\u25a1"
        for letter in single
        if unicodedata.category(letter) != "Cf"
    )
    smaller = re.sub(
        r'font-size="([\d.]+)"', lambda found: f'font-size="{float(found[1]) * NARROWER:.2f}"', svg
    )
    return smaller.replace(FONT, FACE)


def tall(svg: str) -> bool:
    """Whether a picture takes about half a page of paper."""
    width, height = (float(size) for size in re.findall(r'(?:width|height)="([\d.]+)"', svg)[:2])
    return height > TALL * width


@cache
def letters() -> frozenset[int]:
    """The letters that the font has, in both weights."""
    from matplotlib.ft2font import FT2Font

    return frozenset.intersection(
        *(
            frozenset(FT2Font(str(fonts() / f"{name}.ttf")).get_charmap())
            for name in ("DejaVuSans", "DejaVuSans-Bold")
        )
    )


def fonts() -> Path:
    """The folder of fonts that matplotlib brings along."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"
