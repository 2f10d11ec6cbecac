"""What a workbook says about its sheets beside their values: what is hidden, merged, far away or not calculated."""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import dataclass, field

from .archive import parser
from .limits import Limits, Refused

TRUE = {"1", "true", "on"}
ERRORS = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "Err:")


@dataclass
class Marks:
    """Of one sheet; rows and columns count from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    hidden: bool = False
    errors: list[tuple[int, int]] = field(default_factory=list)
    merges: int = 0
    rows: int = 0
    columns: int = 0

    def reaches(self, row: int, column: int, limits: Limits) -> None:
        """A cell with content stands here; Refused when no list of people reaches so far."""
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)
        if (
            self.rows > limits.rows
            or self.columns > limits.columns
            or self.rows * self.columns > limits.cells
        ):
            raise Refused(
                f"has cells as far as row {self.rows:,} or column {self.columns:,}; allowed are "
                f"{limits.rows:,} rows, {limits.columns:,} columns and {limits.cells:,} cells: "
                "copy the table alone into a new sheet"
            )


def of_xlsx(archive: zipfile.ZipFile, limits: Limits) -> list[Marks]:
    """Marks of each sheet in the order of the workbook."""
    names = {name.lower(): name for name in archive.namelist()}
    book = names.get("xl/workbook.xml")
    links = names.get("xl/_rels/workbook.xml.rels")
    if not book or not links:
        raise Refused("is a damaged workbook: its list of sheets is missing; save it again")
    targets = {
        a.get("Id"): posixpath.normpath(posixpath.join("xl", a.get("Target", "")))
        if not a.get("Target", "").startswith("/")
        else a.get("Target", "").lstrip("/")
        for tag, a in _elements(archive, links)
        if tag == "Relationship"
    }
    found = []
    for tag, attributes in _elements(archive, book):
        if tag == "sheet":
            link = next((v for k, v in attributes.items() if k.rsplit(":")[-1] == "id"), None)
            part = names.get(targets.get(link, "").lower())
            marks = _sheet(archive, part, limits) if part and "worksheets" in part else Marks()
            marks.hidden = attributes.get("state", "visible") != "visible"
            found.append(marks)
    return found


def _elements(archive: zipfile.ZipFile, part: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    reading = parser()
    reading.StartElementHandler = lambda tag, attributes: found.append((tag.rsplit(":")[-1], attributes))
    with archive.open(part) as file:
        reading.ParseFile(file)
    return found


def _sheet(archive: zipfile.ZipFile, part: str, limits: Limits) -> Marks:
    reading = _SheetReading(limits)
    found = parser()
    found.StartElementHandler, found.EndElementHandler = reading.start, reading.end
    found.CharacterDataHandler = reading.text
    with archive.open(part) as file:
        found.ParseFile(file)
    _refuse_uncalculated(reading.uncalculated)
    return reading.marks


def _refuse_uncalculated(cells: int) -> None:
    if cells:
        raise Refused(
            f"has {cells:,} cells with formulas whose results were never saved; open it in a "
            "spreadsheet program, let it calculate, save it and send that copy"
        )


class _SheetReading:
    """Follows one worksheet from its first to its last element."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.marks = limits, Marks()
        self.row = self.column = -1
        self.kind, self.formula, self.value, self.inside = "", False, False, False
        self.uncalculated = 0
        self.letters: dict[str, int] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rsplit(":")[-1]
        if tag == "c":
            self._place(attributes.get("r"))
            self.kind, self.formula, self.value = attributes.get("t", ""), False, False
            if self.kind == "e":
                self.marks.errors.append((self.row, self.column))
        elif tag in {"v", "is"}:
            self.inside = True
            self.marks.reaches(self.row, self.column, self.limits)
        elif tag == "f":
            self.formula = True
        elif tag == "row":
            number = attributes.get("r", "")
            self.row = int(number) - 1 if number.isdigit() else self.row + 1
            self.column = -1
            if attributes.get("hidden") in TRUE or attributes.get("ht") == "0":
                self.marks.hidden_rows.add(self.row)
        elif tag == "col" and (attributes.get("hidden") in TRUE or attributes.get("width") == "0"):
            first, last = int(attributes["min"]) - 1, int(attributes["max"])
            self.marks.hidden_columns.update(range(first, min(last, self.limits.columns)))
        elif tag == "mergeCell":
            self.marks.merges += 1
            if self.marks.merges > self.limits.merges:
                raise Refused(
                    "has far more merged cells than a list of people; copy its values into a new sheet"
                )

    def end(self, tag: str) -> None:
        tag = tag.rsplit(":")[-1]
        if tag in {"v", "is"}:
            self.inside = False
        elif tag == "c" and self.formula and not self.value and self.kind != "str":
            self.uncalculated += 1

    def text(self, text: str) -> None:
        self.value = self.value or (self.inside and bool(text))

    def _place(self, reference: str | None) -> None:
        if not reference:
            self.column += 1
            return
        letters = reference.rstrip("0123456789")
        if letters not in self.letters:
            number = 0
            for letter in letters.upper():
                number = number * 26 + ord(letter) - 64
            self.letters[letters] = number - 1
        self.column = self.letters[letters]
        digits = reference[len(letters) :]
        self.row = int(digits) - 1 if digits else self.row


def of_ods(archive: zipfile.ZipFile, limits: Limits) -> list[Marks]:
    """Marks of each sheet in the order of the file."""
    reading = _OdsReading(limits)
    found = parser()
    found.StartElementHandler, found.EndElementHandler = reading.start, reading.end
    found.CharacterDataHandler = reading.text
    with archive.open("content.xml") as file:
        found.ParseFile(file)
    _refuse_uncalculated(reading.uncalculated)
    return reading.found


class _OdsReading:
    """Follows content.xml: styles first, then each table with its columns, rows and cells."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.found = limits, []
        self.style, self.hidden_styles = "", set()
        self.row = self.rows = self.column = self.columns = self.cell = 0
        self.formula = self.valued = self.error = self.inside = False
        self.uncalculated = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rsplit(":")[-1]
        if tag not in {"style", "table-properties", "table", "table-column", "table-row", "table-cell", "p",
                       "covered-table-cell"}:  # fmt: skip
            return
        given = {key.rsplit(":")[-1]: value for key, value in attributes.items()}
        if tag == "style":
            self.style = given.get("name", "")
        elif tag == "table-properties" and given.get("display") == "false":
            self.hidden_styles.add(self.style)
        elif tag == "table":
            self.found.append(Marks(hidden=given.get("style-name") in self.hidden_styles))
            self.row = self.rows = self.columns = 0
        elif not self.found:
            return
        elif tag == "table-column":
            several = int(given.get("number-columns-repeated", "1"))
            if given.get("visibility", "visible") != "visible":
                last = min(self.columns + several, self.limits.columns)
                self.found[-1].hidden_columns.update(range(self.columns, last))
            self.columns += several
        elif tag == "table-row":
            self.row += self.rows
            self.rows = int(given.get("number-rows-repeated", "1"))
            self.column = self.cell = 0
            if given.get("visibility", "visible") != "visible":
                last = min(self.row + self.rows, self.limits.rows)
                self.found[-1].hidden_rows.update(range(self.row, last))
        elif tag in {"table-cell", "covered-table-cell"}:
            self.column += self.cell
            self.cell = int(given.get("number-columns-repeated", "1"))
            self.formula = "formula" in given
            self.valued = any(key.startswith("office:") and "value" in key for key in attributes)
            # LibreOffice marks an error in an attribute of its own; others only show its text.
            self.error = attributes.get("calcext:value-type") == "error"
            if "value-type" in given:
                self._reach()
        elif tag == "p" and self.cell:
            self.inside = True
            self._reach()

    def end(self, tag: str) -> None:
        tag = tag.rsplit(":")[-1]
        if tag == "p":
            self.inside = False
        elif tag == "table-cell" and self.formula:
            self.uncalculated += not self.valued
            if self.error:
                self.found[-1].errors.append((self.row, self.column))
            self.formula = False

    def text(self, text: str) -> None:
        if self.inside and self.formula:
            self.valued = True
            self.error = self.error or text.startswith(ERRORS)

    def _reach(self) -> None:
        self.found[-1].reaches(self.row + self.rows - 1, self.column + self.cell - 1, self.limits)
