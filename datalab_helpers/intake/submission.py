"""What arrived: a submission read as text, its headings recognised, its rows judged usable or not."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from ..errors import DataContractError, guarded, listed
from ..request import Request
from ..tables import as_text

# Headings after lower-casing and dropping everything but letters and digits.
SYNONYMS = {
    "surname": ("surname", "lastname", "familyname"),
    "forename": ("forename", "firstname", "givenname", "forenames", "firstnames"),
    "date_of_birth": ("dateofbirth", "dob", "birthdate", "birthday"),
    "gender": ("gender", "sex"),
    "pnc_id": ("pncid", "pnc", "pncnumber", "pncno"),
    "prison_number": (
        "prisonnumber",
        "nomisnumber",
        "nomsnumber",
        "nomis",
        "noms",
        "nomsid",
        "nomisid",
        "prisonno",
    ),
    "start": (
        "interventionstart",
        "interventionstartdate",
        "startdate",
        "start",
        "datestarted",
        "programmestart",
    ),
    "end": ("interventionend", "interventionenddate", "enddate", "end", "dateended", "programmeend"),
}
ESSENTIAL = ("surname", "forename", "date_of_birth", "gender", "start")
HEADINGS = {
    "surname": "Surname",
    "forename": "Forename",
    "date_of_birth": "Date of birth",
    "gender": "Gender",
    "pnc_id": "PNC ID",
    "prison_number": "Prison number",
    "start": "Intervention start",
    "end": "Intervention end",
}
GENDERS = {"m": "M", "male": "M", "man": "M", "f": "F", "female": "F", "woman": "F"}
CHECK_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"


@dataclass(frozen=True, eq=False, repr=False)
class Participants:
    """The submission's people.

    rows : indexed by `row` (as numbered in the spreadsheet); surname, forename, gender, pnc_id,
        prison_number (text), date_of_birth, start, end (dates); empty where not usable
    groups : the same index, the further columns a request may select by, lower case
    notes : columns what, count, mend; counts of what was wrong
    """

    rows: pd.DataFrame
    groups: pd.DataFrame
    notes: pd.DataFrame

    @property
    def usable(self) -> pd.Series:
        """Whether a row has every essential field."""
        return self.rows[list(ESSENTIAL)].notna().all(axis=1)

    def __repr__(self) -> str:
        return as_text(self._repr_html_())

    def _repr_html_(self) -> str:
        if self.rows.empty:
            return "<p>The request starts from an analysis table: no submission had to be read.</p>"
        return f"<p><b>{len(self.rows):,} rows</b> were submitted.</p>" + self.notes.to_html(
            index=False, border=0
        )


@guarded
def read_submission(request: Request) -> Participants:
    """Read the request's submission; nobody, when it starts from an analysis table.

    DataContractError lists every missing or repeated column; a row that lacks something is no
    error of the file, it is counted in `notes` and later in the attrition.
    """
    if request.settings.table:
        return Participants(pd.DataFrame(), pd.DataFrame(), pd.DataFrame())
    path = request.input_path
    cells = _read_cells(path)
    names, problems = _recognise(list(cells.columns))
    missing = [HEADINGS[name] for name in ESSENTIAL if name not in names.values()]
    problems += [
        f"column `{heading}` is missing; it is needed to find people or to start the clock"
        for heading in missing
    ]
    known = names | {heading: heading_key(heading) for heading in cells.columns if heading not in names}
    for analysis in request.analyses:
        for column in analysis.only:
            if heading_key(column) not in set(known.values()) - set(SYNONYMS):
                problems.append(
                    f"column `{column}` is missing among the further columns; analysis {analysis.name!r} "
                    "selects participants by it (`within` selects both groups by a covariate)"
                )
    if problems:
        found = "the columns found are: " + (", ".join(f"`{heading}`" for heading in cells.columns) or "none")
        raise DataContractError(listed(f"{path.name} cannot be used as it is", [*problems, found]))
    if cells.empty:
        raise DataContractError(f"{path.name} has headings but no rows")
    return _judge(cells.rename(columns=known), set(names.values()), request.settings.programme.ended.year)


def _read_cells(path: Path) -> pd.DataFrame:
    """Every cell as text (a spreadsheet's dates as ISO text), indexed by the spreadsheet's row number."""
    try:
        rows = _xlsx_rows(path) if path.suffix.lower() == ".xlsx" else _csv_rows(path)
    except Exception:
        # The library's own text may quote cells; the reason is kept general on purpose.
        problem = f"{path.name} cannot be read as a {path.suffix.lower()} file; open it, save it again and send that copy"
        rows = None
    if rows is None:
        raise DataContractError(problem)
    rows = [[cell.strip() for cell in row] for row in rows]
    if not rows or not any(rows[0]):
        raise DataContractError(f"{path.name} has no headings in its first row")
    headings = rows[0]
    while headings and not headings[-1]:
        headings.pop()
    wide = [number for number, row in enumerate(rows[1:], start=2) if any(row[len(headings) :])]
    if wide:
        raise DataContractError(
            f"{path.name}: {len(wide)} rows have more cells than there are headings (first: row {wide[0]}); "
            "give each column a heading"
        )
    short = [n for n, row in enumerate(rows[1:], start=2) if any(row) and len(row) < len(headings)]
    if short and path.suffix.lower() == ".csv":
        # A lost separator would shift cells into other columns; a workbook only leaves empty ends out.
        raise DataContractError(
            f"{path.name}: {len(short)} rows have fewer cells than there are headings (first: row {short[0]}); "
            "a separator may be lost: open the file, check these rows and save it again"
        )
    body = {
        n: row[: len(headings)] + [""] * (len(headings) - len(row)) for n, row in enumerate(rows[1:], start=2)
    }
    body = {number: row for number, row in body.items() if any(row)}
    frame = pd.DataFrame.from_dict(body, orient="index", columns=headings, dtype="str")
    frame.index.name = "row"
    return frame


def _csv_rows(path: Path) -> list[list[str]]:
    import csv
    import io

    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ValueError
    if "\x00" in text:
        raise ValueError
    delimiter = max(",;\t", key=text.splitlines()[0].count) if text.strip() else ","
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def _xlsx_rows(path: Path) -> list[list[str]]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        return [
            [_cell_text(value) for value in row] for row in book.worksheets[0].iter_rows(values_only=True)
        ]
    finally:
        book.close()


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def heading_key(heading: str) -> str:
    """A heading as it is compared: letters and digits only, in lower case."""
    return re.sub(r"[^a-z0-9]", "", heading.lower())


def _recognise(headings: list[str]) -> tuple[dict[str, str], list[str]]:
    """Which heading is which field; problems where two headings claim one."""
    names: dict[str, str] = {}
    problems = []
    for field, synonyms in SYNONYMS.items():
        found = [heading for heading in headings if heading_key(heading) in synonyms]
        if len(found) > 1:
            problems.append(
                f"{len(found)} columns look like `{HEADINGS[field]}` ({', '.join(found)}); keep one"
            )
        for heading in found[:1]:
            names[heading] = field
    twice = sorted({heading for heading in headings if headings.count(heading) > 1})
    problems += [f"the heading `{heading}` is used twice; each column needs its own" for heading in twice]
    further = {heading: heading_key(heading) for heading in headings if heading not in names}
    alike = [heading for heading, key in further.items() if list(further.values()).count(key) > 1]
    if alike:
        problems.append(
            f"the headings {', '.join(alike)} differ too little to be told apart; rename or keep one"
        )
    return names, problems


def _judge(cells: pd.DataFrame, given: set[str], last_year: int) -> Participants:
    """Rows with typed fields; a value that cannot be used becomes empty and is counted."""
    rows = pd.DataFrame(index=cells.index)
    notes: list[tuple[str, int, str]] = []

    def field(name: str, read: Callable[[str], object], trouble: str, mend: str) -> None:
        text = cells[name] if name in given else pd.Series("", index=cells.index)
        rows[name] = text.map(read)
        bad = int(((text != "") & rows[name].isna()).sum())
        if bad:
            notes.append((trouble, bad, mend))

    for name in ("surname", "forename"):
        field(name, lambda text: text or None, "", "")
    field("gender", lambda text: GENDERS.get(text.lower()), "gender not recognised", "write M or F")
    for name in ("date_of_birth", "start", "end"):
        label = HEADINGS[name].lower()
        field(name, _date, f"{label} is not a date", "write it as 31/12/2021 (day, month, year)")
    field(
        "pnc_id",
        functools.partial(_pnc, last_year=last_year),
        "PNC ID with a wrong form or check letter",
        "copy it again, such as 2001/0012345H; left out of linking",
    )
    field(
        "prison_number",
        _prison,
        "prison number with a wrong form",
        "copy it again, such as A1234BC; left out of linking",
    )
    early = rows["start"].notna() & rows["end"].notna() & (rows["end"] < rows["start"])
    if early.any():
        notes.append(
            ("intervention end before its start", int(early.sum()), "check both dates; the start is used")
        )
    for name in ESSENTIAL:
        empty = int(rows[name].isna().sum())
        if empty:
            notes.append(
                (
                    f"no usable {HEADINGS[name].lower()}",
                    empty,
                    "fill it in; the person cannot be analysed without it",
                )
            )
    groups = cells.drop(columns=[c for c in cells.columns if c in SYNONYMS]).map(lambda text: text.lower())
    for name in ("date_of_birth", "start", "end"):
        rows[name] = pd.to_datetime(rows[name])
    return Participants(rows, groups, pd.DataFrame(notes, columns=["what", "count", "mend"]))


def _date(text: str) -> date | None:
    """ISO dates and day-first British dates; None for anything else."""
    text = text.split(" ")[0] if re.match(r"\d{4}-\d{2}-\d{2} 00:00", text) else text
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def _pnc(text: str, last_year: int) -> str | None:
    """`YYYY/NNNNNNNC` when the check letter is right (two-digit years and short serials widened).

    Two digits stand for the latest such year up to `last_year`, in which the programme ended:
    nobody who took part was entered on the register after it.
    """
    found = re.fullmatch(r"(\d{4}|\d{2})/?(\d{1,7})([A-Z])", text.upper().replace(" ", ""))
    if not found:
        return None
    year, serial, letter = found[1], found[2].zfill(7), found[3]
    if letter != CHECK_LETTERS[int(year[-2:] + serial) % 23]:
        return None
    if len(year) == 2:
        year = str(last_year - (last_year - int(year)) % 100)
    return f"{year}/{serial}{letter}"


def _prison(text: str) -> str | None:
    text = text.upper().replace(" ", "")
    return text if re.fullmatch(r"[A-Z]\d{4}[A-Z]{2}", text) else None
