"""What a file is, judged by its content and not by its name."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from .limits import Refused

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OTHERS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a packed file",
    b"7z\xbc\xaf": "a packed file",
    b"Rar!": "a packed file",
    b"BZh": "a packed file",
    b"{\\rtf": "a text document",
    b"SQLite format 3": "a database",
    b"PAR1": "a table for machines (Parquet)",
}
SAVE = "open it in the program that made it and save it as .xlsx or .csv"
PASSWORD = "is protected by a password; save a copy without it and send that by a safe way"  # noqa: S105


def kind_of(path: Path) -> str:
    """`.xlsx`, `.xls`, `.ods` or `.csv`; Refused when it is none of them or its name says another."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise Refused("is empty (0 bytes); it may not have been saved or copied whole, send it again")
    for magic, what in OTHERS.items():
        if head.startswith(magic):
            raise Refused(f"is {what}, not a spreadsheet; {SAVE}")
    if head.startswith(OLE):
        kind = _of_compound(path)
    elif head.startswith(ZIP):
        kind = _of_archive(path)
    else:
        kind = ".csv"
        start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
        if re.match(rb"<(!doctype|html|head|body|table|\?xml|meta)", start):
            raise Refused(f"is a web page or XML, not a spreadsheet, whatever its name says; {SAVE}")
    named = path.suffix.lower()
    if named != kind:
        if kind == ".csv" and head.strip(b"\x00") == b"":
            raise Refused("holds nothing but zeros; the copy failed, send it again")
        if kind == ".csv":
            raise Refused(
                f"cannot be read as a {named} file: it does not begin as one; if it is text, name it .csv, "
                "else open it, save it again and send that copy"
            )
        raise Refused(f"is a {kind} file by its content; change the ending of its name to {kind}")
    return kind


def _of_compound(path: Path) -> str:
    """An older Office file; its directory names what is in it, in UTF-16."""
    raw = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in raw:
        raise Refused(PASSWORD)
    names = ("Workbook", "Book")
    if any(f"{name}\x00".encode("utf-16-le") in raw for name in names):
        return ".xls"
    raise Refused(f"is an Office file but holds no readable workbook; {SAVE}")


def _of_archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Refused("is damaged or was cut short; save it again and send that copy whole") from None
    if "xl/workbook.bin" in names:
        raise Refused("is a binary workbook (.xlsb); save it as .xlsx")
    if "content.xml" in names:
        return ".ods"
    if any(name.startswith("xl/") for name in names):
        return ".xlsx"
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise Refused("is a document or slides, not a spreadsheet; copy the table into a spreadsheet")
    raise Refused(f"is a packed file without a workbook in it; unpack it, or {SAVE}")
