"""A workbook is a zip of XML parts: what is looked at before any library may unpack it."""

from __future__ import annotations

import itertools
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.parsers import expat

from .kinds import PASSWORD
from .limits import Limits, Refused

DAMAGED = "is damaged; open it, save it again and send that copy"
UNSAFE = "is built in a way that no spreadsheet program writes ({}); open it, save it as a new .xlsx and send that copy"


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """The archive once its directory has been judged; reading a part checks its size and sum too."""
    try:
        with zipfile.ZipFile(path) as archive:
            _judge(archive, limits)
            yield archive
    except (zipfile.BadZipFile, EOFError, expat.ExpatError, ValueError, NotImplementedError, OSError):
        raise Refused(DAMAGED) from None
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise Refused(DAMAGED) from None
        raise


def _judge(archive: zipfile.ZipFile, limits: Limits) -> None:
    parts = archive.infolist()
    if len(parts) > limits.parts:
        raise Refused(UNSAFE.format(f"{len(parts):,} parts, more than {limits.parts:,}"))
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > limits.unpacked_bytes or (unpacked > 10_000_000 and unpacked > limits.ratio * packed):
        raise Refused(
            f"unpacks to {unpacked / 1e6:,.0f} MB, far more than a list of people needs; delete empty "
            "formatted rows and pictures, or copy the table into a new workbook"
        )
    names = [part.filename.replace("\\", "/").lower() for part in parts]
    if len(set(names)) < len(names):
        raise Refused(UNSAFE.format("parts of the same name"))
    if any(name.startswith("/") or ".." in name.split("/") or ":" in name for name in names):
        raise Refused(UNSAFE.format("parts that point outside of it"))
    if any(stat.S_ISLNK(part.external_attr >> 16) for part in parts):
        raise Refused(UNSAFE.format("parts that are links"))
    if any(part.flag_bits & 1 for part in parts):
        raise Refused(PASSWORD)
    places = sorted((part.header_offset, part.compress_size) for part in parts)
    for (offset, size), (following, _) in itertools.pairwise(places):
        if offset + 30 + size > following:
            raise Refused(UNSAFE.format("parts that overlap"))
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels")):
            with archive.open(part) as file:
                parser().ParseFile(file)


def parser() -> expat.XMLParserType:
    """An XML parser that refuses a DOCTYPE: spreadsheets have none, and entities hide in it."""
    made = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise Refused(UNSAFE.format("a DOCTYPE"))

    made.StartDoctypeDeclHandler = refuse
    made.buffer_text = True
    return made
