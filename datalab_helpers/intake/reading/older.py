"""What an .xls says about its sheets beside their values: hidden rows and columns, cells with an error.

Records as in Microsoft's description of the binary format ([MS-XLS] 2.4): a number, a length, the content.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import olefile

from .limits import Limits
from .marks import Marks

BOF, EOF, BOUNDSHEET, ROW, COLINFO, BOOLERR, FORMULA = 0x809, 0x0A, 0x85, 0x208, 0x7D, 0x205, 0x06
FORMULA_ERROR = 2  # first byte of a formula's result that is no number, where the last two are 0xFFFF


def of_xls(path: Path, limits: Limits) -> list[Marks] | None:
    """Marks of each sheet in the order of the workbook; None where the file is built in another way."""
    try:
        with olefile.OleFileIO(path) as book:
            name = next(name for name in ("Workbook", "Book") if book.exists(name))
            raw = book.openstream(name).read()
        starts = [
            struct.unpack_from("<I", content)[0]
            for number, content in _records(raw, 0)
            if number == BOUNDSHEET
        ]
        return [_sheet(raw, start, limits) for start in starts]
    except (OSError, StopIteration, struct.error, IndexError):
        return None


def _records(raw: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Records from a place to the end of the part that begins there; parts inside it are passed over."""
    depth = 0
    while at + 4 <= len(raw):
        number, length = struct.unpack_from("<HH", raw, at)
        depth += (number == BOF) - (number == EOF)
        if depth <= 1:
            yield number, raw[at + 4 : at + 4 + length]
        if depth == 0:
            return
        at += 4 + length


def _sheet(raw: bytes, start: int, limits: Limits) -> Marks:
    marks = Marks()
    for number, content in _records(raw, start):
        if number == ROW:
            row, flags = struct.unpack_from("<H10xH", content)
            if flags & 0x20:
                marks.hidden_rows.add(row)
        elif number == COLINFO:
            first, last, flags = struct.unpack_from("<HH4xH", content)
            if flags & 1:
                marks.hidden_columns.update(range(first, min(last + 1, limits.columns)))
        elif (number == BOOLERR and content[7]) or (
            number == FORMULA and content[12:14] == b"\xff\xff" and content[6] == FORMULA_ERROR
        ):
            marks.errors.append(struct.unpack_from("<HH", content))
    return marks
