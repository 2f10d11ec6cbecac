"""Broken and foreign spreadsheets, made in code: each file that an office, an export or an attacker might send."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import xlsxwriter
import xlwt

CANARY = "Qxvyzzkw"
HEADINGS = ["Surname", "Forename", "Date of birth", "Gender", "Intervention start"]
PEOPLE = [
    [CANARY, "Daniel", "21/02/1990", "M", "31/03/2021"],
    ["Barlow", CANARY, "20/07/1985", "F", "15/05/2021"],
]
TABLE = [HEADINGS, *PEOPLE]
ROW = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>' + CANARY + "</t></is></c></row>"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def text(rows: list[list[str]] = TABLE, separator: str = ",", ending: str = "\r\n") -> str:
    return "".join(separator.join(row) + ending for row in rows)


def xlsx(rows: list[list[object]] = TABLE, change: Callable | None = None, **options: object) -> bytes:
    """A workbook; `change(book, sheet)` adds what makes it special."""
    raw = io.BytesIO()
    with xlsxwriter.Workbook(raw, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet("People")
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(number, column, cell)
        if change:
            change(book, sheet)
    return raw.getvalue()


def xls(rows: list[list[object]] = TABLE, change: Callable | None = None) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("People")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell is not None:
                sheet.write(number, column, cell)
    if change:
        change(book, sheet)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def ods(rows: list[list[str]] = TABLE, inside: str = "", attributes: dict[int, str] | None = None,
        columns: str = "", styles: str = "", manifest: str = "") -> bytes:  # fmt: skip
    """`inside` follows the rows; `attributes` are added to rows by number (from 0)."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    body = "".join(
        f"<table:table-row {(attributes or {}).get(n, '')}>{''.join(cell.format(c) for c in row)}</table:table-row>"
        for n, row in enumerate(rows)
    )
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}><office:automatic-styles>{styles}'
        f'</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="People">{columns}{body}'
        f"{inside}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    listing = manifest or "<manifest/>"
    return packed(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": listing.encode(),
        }
    )


def packed(parts: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return raw.getvalue()


def parts_of(book: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def altered(part: str, old: str, new: str, book: bytes | None = None) -> bytes:
    """A workbook in one of whose parts a pattern is replaced."""
    parts = parts_of(book or xlsx())
    before = parts[part].decode()
    parts[part] = re.sub(old, lambda _: new, before, count=1).encode()
    assert parts[part].decode() != before, "the pattern must be there, or the test proves nothing"
    return packed(parts)


def sheet(old: str, new: str) -> bytes:
    return altered("xl/worksheets/sheet1.xml", old, new)


def with_part(name: str, content: bytes = b"x") -> bytes:
    return packed(parts_of(xlsx()) | {name: content})


def linked_part() -> bytes:
    raw = io.BytesIO(xlsx())
    with zipfile.ZipFile(raw, "a") as archive:
        link = zipfile.ZipInfo("xl/media/a")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return raw.getvalue()


def twice_a_part() -> bytes:
    raw = io.BytesIO(xlsx())
    with zipfile.ZipFile(raw, "a") as archive:
        archive.writestr("XL/workbook.xml", "<x/>")
    return raw.getvalue()


def lying_size() -> bytes:
    """The directory says that the sheet is 10 bytes long."""
    raw = bytearray(xlsx())
    at = raw.rindex(b"xl/worksheets/sheet1.xml")
    raw[at - 46 + 24 : at - 46 + 28] = (10).to_bytes(4, "little")
    return bytes(raw)


def utf16_doctype() -> bytes:
    parts = parts_of(xlsx())
    body = parts["xl/worksheets/sheet1.xml"].decode().split("?>", 1)[1]
    told = f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE worksheet [<!ENTITY a "b">]>{body}'
    return packed(parts | {"xl/worksheets/sheet1.xml": told.encode("utf-16")})


def flipped(book: bytes) -> bytes:
    raw = bytearray(book)
    for at in range(len(raw) // 3, len(raw) // 3 + 40):
        raw[at] ^= 0x5A
    return bytes(raw)


def formulas(saved: bool) -> bytes:
    book = openpyxl.Workbook()
    for row in TABLE:
        book.active.append(row)
    book.active["B3"] = "=1+1"
    raw = io.BytesIO()
    book.save(raw)
    if not saved:
        return raw.getvalue()
    return altered(
        "xl/worksheets/sheet1.xml", r"(?<=</f>)<v ?/>|(?<=</f>)<v></v>", "<v>2</v>", raw.getvalue()
    )


def encrypted() -> bytes:
    """What a workbook with a password looks like: an OLE file with an EncryptedPackage."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\x00" * 1000
        + "EncryptedPackage".encode("utf-16-le")
        + b"\x00" * 3000
    )


def overlapping() -> bytes:
    """Two entries of the directory that point to the same place."""
    raw = bytearray(packed({"xl/workbook.xml": b"<a/>" * 50, "xl/b.xml": b"<b/>" * 50}))
    second = raw.rindex(b"PK\x01\x02")
    raw[second + 42 : second + 46] = (0).to_bytes(4, "little")
    return bytes(raw)


def bomb() -> bytes:
    zeros = b"<worksheet>" + b" " * 12_000_000 + b"</worksheet>"
    return packed(parts_of(xlsx()) | {"xl/worksheets/sheet1.xml": zeros})


def large_announced() -> bytes:
    """Three parts of 8 MB that pack to next to nothing."""
    return packed(parts_of(xlsx()) | {f"xl/media/{n}.bin": b"\x00" * 8_000_000 for n in range(3)})


def exchanged_days() -> bytes:
    """What a program that expects the month first makes of a list of days."""
    days = [dt.date(1990, month, day) for month, day in ((2, 3), (4, 5), (6, 7), (8, 9), (1, 2), (3, 12))]
    left = ["13/04/1980", "25/12/1981", "31/01/1982", "17/03/1975", "19/07/1991"]
    rows = [HEADINGS, *([f"A{n}", "B", "", "M", "31/03/2021"] for n in range(6)), *(["C", "D", d, "F", "31/03/2021"] for d in left)]  # fmt: skip

    def change(book: xlsxwriter.Workbook, sheet: object) -> None:
        form = book.add_format({"num_format": "dd/mm/yyyy"})
        for number, day in enumerate(days, start=1):
            sheet.write_datetime(number, 2, dt.datetime.combine(day, dt.time()), form)

    return xlsx(rows, change)


def not_served(book: xlsxwriter.Workbook, _: object) -> None:
    more = book.add_worksheet("Eligible but not served")
    more.write_row(0, 0, HEADINGS)
    more.write_row(1, 0, PEOPLE[0])


ODS_ROW = "<table:table-row>{}</table:table-row>"
ODS_ERROR = (
    '<table:table-cell table:formula="of:=NA()" office:value-type="float" office:value="0">'
    "<text:p>#N/A</text:p></table:table-cell>"
)
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
DEAR = [["List of people we worked with"], [], *TABLE]
TOTAL = [*TABLE, ["Total", "2", "", "", ""]]
TWO_ROWS = [
    ["Surname", "Forename", "Dates", "", "Gender"],
    ["", "", "Date of birth", "Intervention start", ""],
    *[[p[0], p[1], p[2], p[4], p[3]] for p in PEOPLE],
]

# What ends in a plain refusal: file name, content, words of the reason.
REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty csv": ("a.csv", lambda: b"", "is empty"),
    "blank csv": ("a.csv", lambda: b" \n\n  \n", "no headings"),
    "empty xlsx": ("a.xlsx", lambda: b"", "is empty"),
    "zeros": ("a.xlsx", lambda: b"\x00" * 5000, "nothing but zeros"),
    "workbook without cells": ("a.xlsx", lambda: xlsx([]), "no headings"),
    "truncated xlsx": ("a.xlsx", lambda: xlsx()[:2500], "damaged or was cut short"),
    "truncated xls": ("a.xls", lambda: xls()[:1500], "no readable workbook"),
    "truncated ods": ("a.ods", lambda: ods()[:-60], "damaged or was cut short"),
    "flipped bytes": ("a.xlsx", lambda: flipped(xlsx()), "damaged"),
    "encrypted": ("a.xlsx", encrypted, "protected by a password"),
    "encrypted ods": ("a.ods", lambda: ods(manifest="<m><encryption-data/></m>"), "protected by a password"),
    "other OLE": ("a.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 4000, "no readable workbook"),
    "xls in xlsx clothing": ("a.xlsx", xls, "is a .xls file by its content"),
    "xlsx in csv clothing": ("a.csv", xlsx, "is a .xlsx file by its content"),
    "csv in xlsx clothing": ("a.xlsx", lambda: text().encode(), "does not begin as one"),
    "web page as xls": ("a.xls", lambda: f"<html><table><tr><td>{CANARY}".encode(), "web page or XML"),
    "XML spreadsheet 2003": ("a.xls", lambda: b'<?xml version="1.0"?><Workbook/>', "web page or XML"),
    "pdf": ("a.xlsx", lambda: b"%PDF-1.7 " + CANARY.encode(), "is a PDF"),
    "picture": ("a.xlsx", lambda: b"\x89PNG\r\n\x1a\n" + b"x" * 100, "is a picture"),
    "rich text": ("a.csv", lambda: b"{\\rtf1 " + CANARY.encode(), "is a text document"),
    "gzip": ("a.csv", lambda: b"\x1f\x8b" + b"x" * 100, "is a packed file"),
    "zip of a csv": ("a.xlsx", lambda: packed({"people.csv": text().encode()}), "without a workbook in it"),
    "word document": ("a.xlsx", lambda: packed({"word/document.xml": b"<a/>"}), "document or slides"),
    "xlsb": ("a.xlsx", lambda: packed({"xl/workbook.bin": b"x"}), ".xlsb"),
    "no list of sheets": ("a.xlsx", lambda: packed({"xl/styles.xml": b"<a/>"}), "list of sheets is missing"),
    "far cell": ("a.xlsx", lambda: sheet("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'), "as far as row"),
    "far cell in the first row": ("a.xlsx", lambda: sheet("</sheetData>", '<row><c r="XFD1048576"><v>1</v></c></row></sheetData>'), "as far as row"),
    "far cell in single quotes": ("a.xlsx", lambda: sheet("</sheetData>", "<row r='1'><c r='XFD1048576'><v>1</v></c></row></sheetData>"), "as far as row"),
    "far column": ("a.xlsx", lambda: sheet("</sheetData>", '<row r="9"><c r="ZZZ9"><v>1</v></c></row></sheetData>'), "as far as row"),
    "far cell with a prefix": ("a.xlsx", lambda: packed(parts_of(xlsx()) | {"xl/worksheets/sheet1.xml": f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'.encode()}), "as far as row"),
    "far ods row": ("a.ods", lambda: ods(inside='<table:table-row table:number-rows-repeated="2147483647"><table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'), "as far as row"),
    "far ods column": ("a.ods", lambda: ods(inside='<table:table-row><table:table-cell office:value-type="string" table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row>'), "as far as row"),
    "zip bomb": ("a.xlsx", bomb, "unpacks to"),
    "many large parts": ("a.xlsx", large_announced, "unpacks to"),
    "a thousand parts": ("a.xlsx", lambda: packed(parts_of(xlsx()) | {f"x/{n}": b"" for n in range(1000)}), "parts, more than"),
    "a size that lies": ("a.xlsx", lying_size, "damaged"),
    "overlapping parts": ("a.xlsx", overlapping, "damaged|overlap"),
    "part that climbs out": ("a.xlsx", lambda: with_part("../../etc/x"), "point outside"),
    "part with a root": ("a.xlsx", lambda: with_part("/etc/x"), "point outside"),
    "part that is a link": ("a.xlsx", linked_part, "parts that are links"),
    "part twice": ("a.xlsx", twice_a_part, "parts of the same name"),
    "doctype in the sheet": ("a.xlsx", lambda: sheet(r"(?<=\?>)", DOCTYPE), "a DOCTYPE"),
    "doctype in the styles": ("a.xlsx", lambda: altered("xl/styles.xml", r"(?<=\?>)", DOCTYPE), "a DOCTYPE"),
    "doctype in UTF-16": ("a.xlsx", utf16_doctype, "a DOCTYPE"),
    "doctype in ods": ("a.ods", lambda: altered("content.xml", r"(?<=\?>)", DOCTYPE, ods()), "a DOCTYPE"),
    "broken XML": ("a.xlsx", lambda: sheet("</sheetData>", "</sheetDat>"), "damaged"),
    "many merged cells": ("a.xlsx", lambda: sheet("</sheetData>", "</sheetData><mergeCells>" + "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(9, 20_020)) + "</mergeCells>"), "merged cells"),
    "a zip in a zip": ("a.xlsx", lambda: packed({"xl/workbook.xml": packed({"xl/workbook.xml": b"<a/>"})}), "damaged"),
    "a million styles": ("a.xlsx", lambda: altered("xl/styles.xml", "</cellXfs>", '<xf numFmtId="0"/>' * 1_000_000 + "</cellXfs>"), "unpacks to"),
    "formulas never calculated in ods": ("a.ods", lambda: ods(inside=ODS_ROW.format('<table:table-cell table:formula="of:=[.A1]"/>')), "results were never saved"),
    "days exchanged on import": ("a.xlsx", lambda: exchanged_days(), "exchanged day and month"),
    "formulas never calculated": ("a.xlsx", lambda: formulas(saved=False), "results were never saved"),
    "all sheets hidden but an empty one": ("a.xlsx", lambda: xlsx([], lambda b, s: hidden_sheet(b)), "hidden|no headings"),
    "headings in two rows": ("a.csv", lambda: text(TWO_ROWS).encode(), "stand in two rows"),
    "merged headings in two rows": ("a.xlsx", lambda: xlsx(TWO_ROWS, lambda b, s: s.merge_range(0, 2, 0, 3, "Dates")), "stand in two rows"),
    "headings twice": ("a.csv", lambda: text([[*r, "x"] for r in [[*HEADINGS[:4], "Intervention start"], *PEOPLE]]).replace("start,x", "start,Surname").encode(), "look like `Surname`"),
    "no headings": ("a.csv", lambda: text(PEOPLE).encode(), "missing"),
    "two sheets of people": ("a.xlsx", lambda: xlsx(TABLE, second_sheet), "2 sheets with a table of people"),
    "hidden birthdays": ("a.xlsx", lambda: xlsx(TABLE, lambda b, s: s.set_column(2, 2, None, None, {"hidden": True})), "hidden columns"),
    "column without heading": ("a.csv", lambda: text([[r[0], "" if n == 0 else "x", *r[1:]] for n, r in enumerate(TABLE)]).encode(), "cells but no heading"),
    "ragged rows": ("a.csv", lambda: (text() + f"{CANARY},x,y\r\n").encode(), "fewer cells"),
    "long rows": ("a.csv", lambda: (text() + f"{CANARY},x,y,z,1,2,3\r\n").encode(), "more cells"),
    "open quote": ("a.csv", lambda: (text() + f'"{CANARY},x\r\n').encode(), "quotation mark"),
    "huge cell": ("a.csv", lambda: (text() + "x" * 40_000 + ",a,b,c,d\r\n").encode(), "longer than"),
    "NUL bytes": ("a.csv", lambda: text().replace("Daniel", "Dan\x00iel").encode(), "NUL"),
    "UTF-16 without a mark": ("a.csv", lambda: text().encode("utf-16-le"), "NUL"),
    "broken UTF-16": ("a.csv", lambda: b"\xff\xfe" + text().encode("utf-16-le") + b"\x00\xd8\x01", "not throughout"),
    "two encodings": ("a.csv", lambda: text().encode() + "Zoë,Zoë,21/02/1990,F,31/03/2021\r\n".encode() + "Zoë,Zoë,21/02/1990,F,31/03/2021\r\n".encode("cp1252"), "two different ways"),
    "undecidable dates": ("a.csv", lambda: text([HEADINGS, [CANARY, "A", "03/04/1990", "M", "02/05/2021"]]).encode(), "dates: day_first"),
    "contrary dates": ("a.csv", lambda: text([HEADINGS, [CANARY, "A", "13/04/1990", "M", "02/15/2021"], ["B", "C", "04/13/1990", "M", "15/02/2021"]]).encode(), "cannot be told"),
}  # fmt: skip


def hidden_sheet(book: xlsxwriter.Workbook) -> None:
    hidden = book.add_worksheet("Old")
    hidden.write_row(0, 0, HEADINGS)
    hidden.write_row(1, 0, PEOPLE[0])
    hidden.hide()


def very_hidden(book: xlsxwriter.Workbook, _: object) -> None:
    hidden = book.add_worksheet("Old")
    hidden.write_row(0, 0, HEADINGS)
    hidden.write_row(1, 0, PEOPLE[0])
    hidden.very_hidden()


def second_sheet(book: xlsxwriter.Workbook, _: object) -> None:
    more = book.add_worksheet("South")
    more.write_row(0, 0, HEADINGS)
    more.write_row(1, 0, PEOPLE[0])


def filtered(_: object, sheet: object) -> None:
    sheet.set_row(1, None, None, {"hidden": True})


HIDDEN_STYLE = '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'

# What is read: file name, content, number of people, words of a note (or none).
READ: dict[str, tuple[str, Callable[[], bytes], int, str]] = {
    "xlsx": ("a.xlsx", xlsx, 2, ""),
    "xls": ("a.xls", xls, 2, ""),
    "hidden row in xls": ("a.xls", lambda: xls(TABLE, lambda b, s: setattr(s.row(1), "hidden", True)), 1, "hidden rows"),
    "hidden column in xls": ("a.xls", lambda: xls([[*r, "x"] for r in TABLE], lambda b, s: setattr(s.col(5), "hidden", True)), 2, "hidden columns"),
    "error in xls": ("a.xls", lambda: xls([*TABLE[:2], [*PEOPLE[1][:3], None, PEOPLE[1][4]]], lambda b, s: s.row(2).set_cell_error(3, 0x2A)), 2, "an error such as"),
    "ods": ("a.ods", ods, 2, ""),
    "ods with a million blank rows": ("a.ods", lambda: ods(inside='<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'), 2, ""),
    "UTF-8": ("a.csv", lambda: text().encode(), 2, ""),
    "UTF-8 with a mark": ("a.csv", lambda: text().encode("utf-8-sig"), 2, ""),
    "UTF-16 little end first": ("a.csv", lambda: b"\xff\xfe" + text().encode("utf-16-le"), 2, ""),
    "UTF-16 big end first": ("a.csv", lambda: b"\xfe\xff" + text(separator="\t").encode("utf-16-be"), 2, ""),
    "semicolons": ("a.csv", lambda: text(separator=";").encode(), 2, ""),
    "sep line": ("a.csv", lambda: ("sep=;\r\n" + text(separator=";")).encode(), 2, "above the headings"),
    "letterhead": ("a.xlsx", lambda: xlsx(DEAR), 2, "above the headings"),
    "letterhead with commas": ("a.csv", lambda: ("Dear all, here, they, are, all, of, them\r\n" + text(separator=";")).encode(), 2, "above the headings"),
    "totals row": ("a.xlsx", lambda: xlsx(TOTAL), 2, "name nobody"),
    "totals row in csv": ("a.csv", lambda: text(TOTAL).encode(), 2, "name nobody"),
    "notes under the table": ("a.xlsx", lambda: xlsx([*TABLE, [], [f"* {CANARY} consented in writing"]]), 2, "name nobody"),
    "headings repeated": ("a.csv", lambda: text([*TABLE, HEADINGS, PEOPLE[1]]).encode(), 3, "headings repeated"),
    "hidden row": ("a.xlsx", lambda: xlsx(TABLE, filtered), 1, "hidden rows"),
    "hidden row in ods": ("a.ods", lambda: ods(attributes={1: 'table:visibility="filter"'}), 1, "hidden rows"),
    "hidden further column": ("a.xlsx", lambda: xlsx([[*r, "x"] for r in TABLE], lambda b, s: s.set_column(5, 5, None, None, {"hidden": True})), 2, "hidden columns"),
    "hidden column in ods": ("a.ods", lambda: ods([[*r, "x"] for r in TABLE], columns='<table:table-column table:number-columns-repeated="5"/><table:table-column table:visibility="collapse"/>'), 2, "hidden columns"),
    "hidden sheet": ("a.xlsx", lambda: xlsx(TABLE, lambda b, s: hidden_sheet(b)), 2, "hidden sheets"),
    "very hidden sheet": ("a.xlsx", lambda: xlsx(TABLE, very_hidden), 2, "hidden sheets"),
    "hidden sheet in ods": ("a.ods", lambda: ods(styles=HIDDEN_STYLE, inside='</table:table><table:table table:name="x" table:style-name="h"><table:table-row><table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'), 2, "hidden sheets"),
    "sheet of explanations": ("a.xlsx", lambda: xlsx(TABLE, lambda b, s: b.add_worksheet("Help").write(0, 0, "x")), 2, "further sheets"),
    "macros": ("a.xlsx", lambda: with_part("xl/vbaProject.bin"), 2, "macros"),
    "errors": ("a.xlsx", lambda: xlsx(TABLE, lambda b, s: s.write_formula(2, 4, "=1/0", None, "#DIV/0!")), 2, "an error such as"),
    "errors in ods": ("a.ods", lambda: ods(inside=ODS_ROW.format(ODS_ERROR)), 2, "an error such as"),
    "a sheet of those not served": ("a.xlsx", lambda: xlsx(TABLE, not_served), 2, "eligible but not served"),
    "calculated formulas": ("a.xlsx", lambda: formulas(saved=True), 2, ""),
    "links to other files": ("a.xlsx", lambda: xlsx(TABLE, lambda b, s: s.write_url(5, 9, "https://example.org/x", string="")), 2, ""),
    "formatted far cell without content": ("a.xlsx", lambda: sheet("</sheetData>", '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'), 2, ""),
    "lying dimension": ("a.xlsx", lambda: sheet(r'<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"'), 2, ""),
    "undecidable but all one": ("a.csv", lambda: text([HEADINGS, [CANARY, "A", "04/04/1990", "M", "05/05/2021"]]).encode(), 1, ""),
    "one date the other way round": ("a.csv", lambda: text([*TABLE, ["C", "D", "02/25/1990", "M", "15/02/2021"]]).encode(), 3, "as most of the column is"),
}  # fmt: skip
