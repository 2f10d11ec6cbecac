"""Clean lists of people, and faults planted in them by code that shares nothing with the checker.

`FAULTS` holds for each fault what it does to a list, and under which kind the checker should tell it.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import xlsxwriter
import yaml

TODAY = dt.date(2026, 6, 1)
BEGAN, ENDED = dt.date(2021, 1, 1), dt.date(2022, 12, 31)
LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
NAMES = yaml.safe_load(
    (Path(__file__).parents[1] / "datalab_helpers/synthetic/names.yml").read_text(encoding="utf-8")
)
COLUMNS = ["Surname", "Forename", "Date of birth", "Gender", "PNC ID", "Prison number",
           "Intervention start", "Intervention end", "Region", "Completed", "User reference"]  # fmt: skip
BIRTH, START, END = 2, 6, 7
REGIONS = ["North West", "London", "Wales", "South East"]
ACCENTED = ["\u00e9", "\u0142", "\u00f1", "\u2019s"]
UNSEEN = ["\u200b", "\u00ad", "\u202e", "\ufeff"]


@dataclass
class List:
    """A list on its way to a file. `rows` are people in order; `after` are put below them, `before` above."""

    rows: list[list[object]]
    columns: list[str] = field(default_factory=lambda: list(COLUMNS))
    form: str = "csv"
    dates: str = "%d/%m/%Y"
    change: Callable[[object, object], None] | None = None
    gaps: list[int] = field(default_factory=list)  # places of people below which a row is put in
    fill: Callable[[], list[object]] = list
    told: set[str] = field(default_factory=set)  # kinds under which the fault may be told
    where: set[int] | None = None  # rows of the spreadsheet where it is planted; None: the whole file
    column: str | None = None
    request: bool = False

    def row(self, place: int) -> int:
        """Row of the spreadsheet of the person at a place."""
        return 2 + place + sum(gap < place for gap in self.gaps)

    def lines(self) -> list[list[object]]:
        found: list[list[object]] = [list(self.columns)]
        for place, row in enumerate(self.rows):
            found.append(row)
            found += [self.fill() for gap in self.gaps if gap == place]
        return found

    def write(self, folder: Path) -> Path:
        path = folder / f"people.{self.form}"
        path.write_bytes(self.book() if self.form == "xlsx" else self.text())
        return path

    def text(self) -> bytes:
        out = io.StringIO()
        for row in self.lines():
            cells = [cell.strftime(self.dates) if isinstance(cell, dt.date) else str(cell) for cell in row]
            out.write(
                ",".join(f'"{cell}"' if "," in cell or '"' in cell else cell for cell in cells) + "\r\n"
            )
        return out.getvalue().replace('"now', "'now").encode()

    def book(self) -> bytes:
        raw = io.BytesIO()
        with xlsxwriter.Workbook(raw, {"in_memory": True}) as book:
            sheet = book.add_worksheet("People")
            day = book.add_format({"num_format": "dd/mm/yyyy"})
            for number, row in enumerate(self.lines()):
                for column, cell in enumerate(row):
                    if isinstance(cell, dt.date):
                        sheet.write_datetime(
                            number, column, dt.datetime(cell.year, cell.month, cell.day), day
                        )
                    elif cell != "":
                        sheet.write_string(number, column, str(cell))
            if self.change:
                self.change(book, sheet)
        return raw.getvalue()


def clean(seed: int, people: int | None = None) -> List:
    """A list without a fault: different people, real dates, right identifiers."""
    rng = np.random.default_rng([5, seed])
    n = people or int(rng.integers(70, 130))
    rows: list[list[object]] = []
    seen: set[tuple[str, str]] = set()
    born_on: set[dt.date] = set()
    groups = ("british", "british", "british", "irish", "eastern_european", "south_asian", "west_african")
    while len(rows) < n:
        group = NAMES[str(rng.choice(groups))]
        gender = "F" if rng.random() < 0.2 else "M"
        forename, surname = str(rng.choice(group[gender])), str(rng.choice(group["surnames"]))
        start = BEGAN + dt.timedelta(days=int(rng.integers(5, 700)))
        born = start - dt.timedelta(days=int(rng.integers(19 * 366, 62 * 365)))
        if (
            (surname, forename) in seen
            or born in born_on
            or (born.month, born.day) == (1, 1)
            or surname == forename
        ):
            continue
        seen.add((surname, forename))
        born_on.add(born)
        serial = f"{int(rng.integers(1, 10**7)):07d}"
        year = str(int(rng.integers(1998, 2020)))
        pnc = f"{year}/{serial}{LETTERS[int(year[2:] + serial) % 23]}"
        prison = (
            "".join(rng.choice(list("ABCDEFGHJK"), 1))
            + f"{int(rng.integers(1000, 9999))}"
            + "".join(rng.choice(list("ABCDEFGHJK"), 2))
        )
        end = start + dt.timedelta(days=int(rng.integers(0, 200)))
        rows.append(
            [
                surname,
                forename,
                born,
                gender if rng.random() < 0.8 else {"M": "Male", "F": "female"}[gender],
                pnc if rng.random() < 0.6 else "",
                prison if rng.random() < 0.5 else "",
                start,
                end,
                str(rng.choice(REGIONS)),
                str(rng.choice(["yes", "no", "Yes"])),
                f"S{len(rows)}",
            ]
        )
    return List(
        rows,
        form=str(rng.choice(["csv", "xlsx"])),
        dates=str(rng.choice(["%d/%m/%Y", "%Y-%m-%d", "%d %B %Y"])),
    )


def some(rng: np.random.Generator, given: List, most: int = 3) -> list[int]:
    """Places of one to three people."""
    return sorted(int(x) for x in rng.choice(len(given.rows), int(rng.integers(1, most + 1)), replace=False))


Fault = Callable[[np.random.Generator, List], None]


def cells(column: int, value: Callable[[np.random.Generator, list[object]], object], *kinds: str, form: str = "",
          request: bool = False, most: int = 3) -> Fault:  # fmt: skip
    """A fault that changes one cell of some rows."""

    def plant(rng: np.random.Generator, given: List) -> None:
        given.form = form or given.form
        given.request = request
        places = some(rng, given, most)
        for place in places:
            given.rows[place][column] = value(rng, given.rows[place])
        given.told, given.where, given.column = (
            set(kinds),
            {given.row(p) for p in places},
            given.columns[column],
        )

    return plant


def of(*values: object) -> Callable[[np.random.Generator, list[object]], object]:
    return lambda rng, _: values[int(rng.integers(len(values)))]


def text_dates(fault: Fault) -> Fault:
    """In a list whose dates are text with the day first."""

    def plant(rng: np.random.Generator, given: List) -> None:
        given.form, given.dates = "csv", "%d/%m/%Y"
        fault(rng, given)

    return plant


def born_again(rng: np.random.Generator, row: list[object]) -> object:
    return row[START] + dt.timedelta(days=int(rng.integers(1, 300)))  # type: ignore[operator]


def whole(*kinds: str, column: str | None = None, form: str = "") -> Callable[[Fault], Fault]:
    """A fault of the whole file."""

    def wrap(fault: Fault) -> Fault:
        def plant(rng: np.random.Generator, given: List) -> None:
            given.form = form or given.form
            fault(rng, given)
            given.told, given.column = set(kinds), column or given.column

        return plant

    return wrap


def rename(column: int, heading: str) -> Fault:
    def plant(_: np.random.Generator, given: List) -> None:
        given.columns[column] = heading

    return plant


def remove(*columns: int) -> Fault:
    def plant(_: np.random.Generator, given: List) -> None:
        given.columns = [c for n, c in enumerate(given.columns) if n not in columns]
        given.rows = [[c for n, c in enumerate(row) if n not in columns] for row in given.rows]

    return plant


def add_column(heading: str, value: str) -> Fault:
    def plant(_: np.random.Generator, given: List) -> None:
        given.columns.append(heading)
        given.rows = [[*row, value] for row in given.rows]

    return plant


def between(fill: Callable[[List], list[object]], kind: str) -> Fault:
    """A row put in among the people."""

    def plant(rng: np.random.Generator, given: List) -> None:
        places = sorted(int(x) for x in rng.choice(np.arange(3, len(given.rows) - 3), 2, replace=False))
        given.gaps, given.fill, given.told = places, lambda: fill(given), {kind}
        given.where = {given.row(place) + 1 for place in places}

    return plant


def copy_of(change: Callable[[np.random.Generator, list[object]], None], *kinds: str) -> Fault:
    """A second row of somebody, at the end."""

    def plant(rng: np.random.Generator, given: List) -> None:
        at = int(rng.integers(len(given.rows) - 1))
        again = list(given.rows[at])
        again[4] = again[5] = ""
        change(rng, again)
        given.rows.append(again)
        given.told, given.where = set(kinds), {given.row(at), given.row(len(given.rows) - 1)}

    return plant


def slip(rng: np.random.Generator, row: list[object]) -> None:
    name = str(row[0])
    at = int(rng.integers(1, len(name) - 1)) if len(name) > 2 else 0
    row[0] = (
        name[:at] + ("x" if name[at] != "x" else "y") + name[at + 1 :] if len(name) > 3 else name + "ez"[:1]
    )


def wrong_year(_: np.random.Generator, row: list[object]) -> None:
    born = row[BIRTH]
    assert isinstance(born, dt.date)
    other = born.year - 1 if born.year % 10 else born.year + 1
    row[BIRTH] = dt.date(other, born.month, 27 if (born.month, born.day) == (2, 29) else born.day)


def exchanged_day(rng: np.random.Generator, row: list[object]) -> None:
    row[0], row[1] = row[1], row[0]


def share_number(rng: np.random.Generator, given: List) -> None:
    a, b = (int(x) for x in rng.choice(len(given.rows), 2, replace=False))
    given.rows[a][5] = given.rows[b][5] = "A7319ZQ"
    given.told, given.where, given.column = (
        {"shared_identifier"},
        {given.row(a), given.row(b)},
        "Prison number",
    )


def wrong_letter(rng: np.random.Generator, _: list[object]) -> object:
    serial = f"{int(rng.integers(1, 10**7)):07d}"
    right = LETTERS[int("05" + serial) % 23]
    return f"2005/{serial}{next(x for x in LETTERS if x != right)}"


def undecidable(rng: np.random.Generator, given: List) -> None:
    given.form, given.dates = "csv", "%d/%m/%Y"
    for row in given.rows:
        row[BIRTH] = dt.date(
            int(rng.integers(1965, 1999)), int(rng.integers(1, 12)), int(rng.integers(2, 13))
        )
    given.rows[0][BIRTH] = dt.date(1980, 3, 4)


def exchanged_by_program(_: np.random.Generator, given: List) -> None:
    for row in given.rows:
        born = row[BIRTH]
        row[BIRTH] = f"{born:%d/%m/%Y}" if born.day > 12 else born.replace(month=born.day, day=born.month)  # type: ignore[attr-defined]


def other_order(rng: np.random.Generator, row: list[object]) -> object:
    return f"{int(rng.integers(1, 13)):02d}/{int(rng.integers(13, 29))}/{int(rng.integers(1970, 1999))}"


def first_of_january(rng: np.random.Generator, given: List) -> None:
    places = sorted(int(x) for x in rng.choice(len(given.rows), len(given.rows) // 5, replace=False))
    for place in places:
        given.rows[place][BIRTH] = dt.date(int(rng.integers(1965, 1999)), 1, 1)
    given.told, given.where = {"first_of_january"}, {given.row(p) for p in places}


def swap_names(_: np.random.Generator, given: List) -> None:
    given.rows = [[row[1], row[0], *row[2:]] for row in given.rows]


def swap_numbers(rng: np.random.Generator, given: List) -> None:
    places = [p for p in range(len(given.rows)) if given.rows[p][4]][:3]
    for place in places:
        given.rows[place][4], given.rows[place][5] = given.rows[place][5], given.rows[place][4]
    given.told, given.where = {"identifiers_exchanged"}, {given.row(p) for p in places}


def title(rng: np.random.Generator, row: list[object]) -> object:
    return f"{rng.choice(['Mr', 'Mrs', 'Ms', 'Miss', 'Dr', 'Mr.'])} {row[1]}"


def hidden(what: str) -> Fault:
    def plant(rng: np.random.Generator, given: List) -> None:
        given.form = "xlsx"
        place = int(rng.integers(5, len(given.rows) - 5))

        def change(book: object, sheet: object) -> None:
            if what == "sheet":
                more = book.add_worksheet("Old")  # type: ignore[attr-defined]
                more.write_row(0, 0, ["Surname", "Town"])
                more.hide()
            elif what == "row":
                sheet.set_row(given.row(place) - 1, None, None, {"hidden": True})  # type: ignore[attr-defined]
            else:
                sheet.set_column(10, 10, None, None, {"hidden": True})  # type: ignore[attr-defined]

        given.change, given.told = change, {f"hidden_{what}s"}
        given.where = {given.row(place)} if what == "row" else None

    return plant


def error_cell(column: int) -> Fault:
    def plant(rng: np.random.Generator, given: List) -> None:
        places = some(rng, given)
        given.where, given.column, given.told = (
            {given.row(p) for p in places},
            COLUMNS[column],
            {"error_cell"},
        )
        shown = str(rng.choice(["#N/A", "#REF!", "#VALUE!"]))
        for place in places:
            given.rows[place][column] = shown if given.form == "csv" else ""

        def change(_: object, sheet: object) -> None:
            for place in places:
                sheet.write_formula(given.row(place) - 1, column, "=1/0", None, shown)  # type: ignore[attr-defined]

        given.change = change

    return plant


def merged(rng: np.random.Generator, given: List) -> None:
    given.form = "xlsx"
    place = int(rng.integers(2, len(given.rows) - 4))
    top = str(given.rows[place][3])
    given.rows[place][3] = given.rows[place + 1][3] = ""

    def change(_: object, sheet: object) -> None:
        sheet.merge_range(given.row(place) - 1, 3, given.row(place + 1) - 1, 3, top)  # type: ignore[attr-defined]

    given.change, given.told, given.where = change, {"merged_cells"}, {given.row(place + 1)}


def second_sheet(_: np.random.Generator, given: List) -> None:
    def change(book: object, __: object) -> None:
        more = book.add_worksheet("South")  # type: ignore[attr-defined]
        more.write_row(0, 0, COLUMNS)
        more.write_row(1, 0, ["Oakley", "Simon", "21/02/1990", "M", "", "", "21/02/2021"])

    given.change = change


def uncalculated(_: np.random.Generator, given: List) -> None:
    given.change = lambda book, sheet: sheet.write_formula(3, 1, '=A1&"x"', None, "")  # type: ignore[attr-defined]


def fewer(people: int) -> Fault:
    def plant(_: np.random.Generator, given: List) -> None:
        given.rows = given.rows[:people]

    return plant


def beside(rng: np.random.Generator, given: List) -> None:
    place = int(rng.integers(len(given.rows)))
    given.rows[place] = [*given.rows[place], "see file"]
    given.told, given.where = {"too_many_cells"}, {given.row(place)}


def no_heading(_: np.random.Generator, given: List) -> None:
    given.columns[8] = ""


def two_headings(_: np.random.Generator, given: List) -> None:
    top = [
        "Surname",
        "Forename",
        "Dates",
        "Gender",
        "PNC ID",
        "Prison number",
        "",
        "",
        "Region",
        "Completed",
        "User reference",
    ]
    low = ["", "", "Date of birth", "", "", "", "Intervention start", "Intervention end", "", "", ""]
    given.columns, given.rows = top, [low, *given.rows]


FAULTS: dict[str, Fault] = {
    "surname missing": cells(0, of(""), "missing_surname"),
    "forename missing": cells(1, of(""), "missing_forename"),
    "birthday missing": cells(BIRTH, of(""), "missing_date_of_birth"),
    "gender missing": cells(3, of(""), "missing_gender"),
    "start missing": cells(START, of(""), "missing_start"),
    "birthday that does not exist": text_dates(cells(BIRTH, of("31/02/1985", "30/02/1990", "31/04/1977", "31/09/1991", "29/02/1999"), "impossible_date")),
    "start that does not exist": text_dates(cells(START, of("31/06/2021", "31/11/2021", "29/02/2021", "00/05/2021"), "impossible_date")),
    "birthday in words": cells(BIRTH, of("unknown", "about 40", "not given", "March 1980", "see file"), "not_a_date"),
    "birthday as a number": cells(BIRTH, of("29434", "31778", "27010", "33001"), "serial_date"),
    "year of two digits": text_dates(cells(BIRTH, of("13/04/85", "25/11/79", "17/08/90"), "two_digit_year")),
    "month first among day first": text_dates(cells(BIRTH, other_order, "date_other_order")),
    "order that cannot be told": whole("order_unknown", column="Date of birth")(undecidable),
    "days exchanged by a program": whole("days_exchanged", column="Date of birth", form="xlsx")(exchanged_by_program),
    "born after the start": cells(BIRTH, born_again, "birth_after_start"),
    "born on the start": cells(BIRTH, lambda _, row: row[START], "birth_is_start"),
    "born in the future": cells(BIRTH, of(dt.date(2026, 8, 14), dt.date(2026, 12, 2)), "birth_in_future"),
    "end before the start": cells(END, lambda rng, row: row[START] - dt.timedelta(days=int(rng.integers(1, 300))), "end_before_start"),
    "start in the future": cells(START, of(dt.date(2026, 8, 14), dt.date(2026, 10, 20)), "start_in_future"),
    "start after the programme": cells(START, of(dt.date(2023, 3, 14), dt.date(2024, 5, 20)), "start_after_programme", request=True),
    "start before the programme": cells(START, of(dt.date(2020, 3, 14), dt.date(2019, 5, 20)), "start_before_programme", request=True),
    "start too recent": cells(START, of(dt.date(2025, 1, 14), dt.date(2026, 5, 20)), "start_recent"),
    "under 18": cells(BIRTH, lambda rng, row: row[START] - dt.timedelta(days=int(rng.integers(300, 17 * 365))), "too_young"),
    "over 90": cells(BIRTH, of(dt.date(1905, 3, 14), dt.date(1921, 7, 20)), "very_old"),
    "birthday that stands for none": text_dates(cells(BIRTH, of(dt.date(1900, 1, 1), dt.date(1901, 1, 1), dt.date(1911, 11, 11)), "stand_in_date")),
    "start that stands for none": text_dates(cells(START, of(dt.date(1900, 1, 1), dt.date(1970, 1, 1)), "stand_in_date")),
    "many on 1 January": first_of_january,
    "PNC ID with a wrong letter": cells(4, wrong_letter, "pnc_letter"),
    "PNC ID of a wrong form": cells(4, of("2005/12345678A", "05-123456", "123456", "2005/I23456A", "PNC 5"), "identifier_form"),
    "prison number of a wrong form": cells(5, of("A12345B", "1234ABC", "AB1234C", "A1234B"), "identifier_form"),
    "identifiers exchanged": swap_numbers,
    "name columns exchanged": whole("name_columns_swapped")(swap_names),
    "forename as an initial": cells(1, lambda rng, row: str(row[1])[0] + rng.choice(["", "."]), "initial"),
    "two people in a cell": cells(1, lambda rng, row: f"{row[1]} {rng.choice(['&', 'and', '+', '/'])} Kim", "two_people"),
    "full name as forename": cells(1, lambda _, row: f"{row[1]} {row[0]}", "full_name"),
    "full name as surname": cells(0, lambda _, row: f"{row[0]}, {row[1]}", "full_name"),
    "title": cells(1, title, "title"),
    "digit in a name": cells(0, lambda rng, row: f"{row[0]}{rng.choice(['1', ' 2', '3'])}", "note_in_name"),
    "note in a name": cells(0, lambda rng, row: f"{row[0]} {rng.choice(['(now Jones)', 'nee Barton', 'aka Smith', '(?)'])}", "note_in_name"),
    "no real name": cells(1, of("Unknown", "N/A", "xxx", "client 7", "anon", "-", "not known"), "stand_in_name"),
    "gender not allowed": cells(3, of("X", "1", "not stated", "trans", "N"), "gender_not_allowed"),
    "a person twice": copy_of(lambda rng, row: None, "person_twice"),
    "a person twice with a slip in the name": copy_of(slip, "person_nearly_twice"),
    "a person twice with a slip in the birthday": copy_of(wrong_year, "person_nearly_twice"),
    "a person twice with names exchanged": copy_of(exchanged_day, "person_nearly_twice"),
    "one identifier for two people": share_number,
    "blank rows": between(lambda given: [""] * len(given.columns), "blank_rows"),
    "totals row": between(lambda given: ["Total", "12"] + [""] * (len(given.columns) - 2), "no_person"),
    "headings again": between(lambda given: list(given.columns), "headings_again"),
    "hidden sheet": hidden("sheet"),
    "hidden row": hidden("row"),
    "hidden column": hidden("column"),
    "error in the birthday": error_cell(BIRTH),
    "error in the surname": error_cell(0),
    "merged cells": merged,
    "formula without a result": whole("unreadable", form="xlsx")(uncalculated),
    "column of phone numbers": whole("unneeded_column")(add_column("Phone number", "none")),
    "column of e-mail addresses": whole("unneeded_column")(add_column("E-mail", "none")),
    "column of addresses": whole("unneeded_column")(add_column("Home address", "none")),
    "column of health notes": whole("unneeded_column")(add_column("Health notes", "none")),
    "too few people": whole("too_few")(fewer(22)),
    "few people": whole("few")(fewer(45)),
    "no identifiers": whole("no_identifiers")(remove(4, 5)),
    "letters nobody sees": cells(0, lambda rng, row: f"{str(row[0])[:2]}{rng.choice(UNSEEN)}{str(row[0])[2:]}", "odd_characters"),
    "garbled letters": cells(0, lambda rng, row: f"{row[0]}{rng.choice(ACCENTED)}".encode().decode("cp1252"), "garbled_letters"),
    "heading with a slip": whole("missing_column", column="Date of birth")(rename(BIRTH, "Date of brith")),
    "column missing": whole("missing_column", column="Gender")(remove(3)),
    "identifier heading with a slip": whole("heading_unknown", column="PNC numbr")(rename(4, "PNC numbr")),
    "two columns for one thing": whole("double_column")(add_column("Last name", "Barton")),
    "headings in two rows": whole("headings_in_two_rows", form="csv")(two_headings),
    "column without a heading": whole("no_heading")(no_heading),
    "cells beside the table": beside,
    "two sheets of people": whole("two_sheets", form="xlsx")(second_sheet),
    "completed in other words": cells(9, of("maybe", "partly", "in progress"), "value_not_allowed"),
    "region not in the list": cells(8, of("Mordor", "north", "Scotland?"), "value_not_allowed"),
}  # fmt: skip
