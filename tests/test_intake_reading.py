"""Whatever is sent is read as it stands or refused in plain words; the caller survives and no cell is quoted."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import foreign
import pandas as pd
import pytest
import tiny
import xlwt

from datalab_helpers.errors import DataContractError
from datalab_helpers.intake import Participants, read_submission
from datalab_helpers.intake.dates import age_on, read_column
from datalab_helpers.intake.reading.child import read_file
from datalab_helpers.intake.reading.limits import Limits

BEGAN = dt.date(2021, 1, 1)


def read(folder: Path, name: str, content: bytes, **changes: object) -> Participants:
    from datalab_helpers.request import load_request

    tiny.write_request(folder, submission=name, **({"dates": None} | changes))
    (folder / name).write_bytes(content)
    return read_submission(load_request(folder))


def noted(found: Participants) -> dict[str, int]:
    return dict(zip(found.notes["what"], found.notes["count"], strict=True))


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


# ---------------------------------------------------------------- a folder of foreign files


@pytest.mark.parametrize("kind", foreign.REFUSED)
def test_a_file_that_cannot_be_read_is_refused_in_plain_words(tmp_path: Path, kind: str) -> None:
    name, content, reason = foreign.REFUSED[kind]
    with pytest.raises(DataContractError, match=reason) as caught:
        read(tmp_path, name, content())
    assert str(caught.value).startswith(name)
    assert foreign.CANARY not in str(caught.value)
    assert "Error" not in str(caught.value)


@pytest.mark.parametrize("kind", foreign.READ)
def test_an_unusual_file_is_read_and_what_was_left_out_is_told(tmp_path: Path, kind: str) -> None:
    name, content, people, note = foreign.READ[kind]
    found = read(tmp_path, name, content())
    assert len(found.rows) == people
    told = [what for what in noted(found) if "no usable" not in what]
    assert any(note in what for what in told) if note else told == []
    assert foreign.CANARY not in found._repr_html_() + repr(found)


@pytest.mark.parametrize("kind", ["far cell", "doctype in UTF-16", "open quote", "encrypted"])
def test_a_refused_file_ends_a_run_with_code_2_and_nothing_written(
    tmp_path: Path, datalab, kind: str
) -> None:
    name, content, _ = foreign.REFUSED[kind]
    folder = tiny.write_request(tmp_path / "r", submission=name)
    (folder / name).write_bytes(content())
    before = tiny.tree(tmp_path)
    code, out, err = datalab("run", folder, "--runs", tmp_path / "runs", "--reports", tmp_path / "reports")
    assert (code, out) == (2, "")
    assert foreign.CANARY not in err
    assert "Traceback" not in err
    assert tiny.tree(tmp_path) == before


# ---------------------------------------------------------------- the child process


@pytest.fixture(scope="module")
def long_list(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook of 60,000 rows with five cells each."""
    cell = '<c t="inlineStr"><is><t>{}</t></is></c>'
    rows = "".join(
        f"<row>{''.join(cell.format((n * prime) % 1_000_003) for prime in (7, 11, 101, 997, 9973))}</row>"
        for n in range(60_000)
    )
    path = tmp_path_factory.mktemp("long") / "a.xlsx"
    path.write_bytes(foreign.sheet("</sheetData>", rows + "</sheetData>"))
    return path


def test_a_long_list_is_read(long_list: Path) -> None:
    assert len(read_file(long_list)["sheets"][0]["rows"]) == 60_003


def test_a_parser_that_needs_too_much_memory_takes_only_itself_down(long_list: Path) -> None:
    with pytest.raises(DataContractError, match="far more than a list of people"):
        read_file(long_list, Limits(memory_bytes=60_000_000, seconds=4))


def test_a_parser_that_needs_too_much_time_is_stopped(long_list: Path) -> None:
    began = time.monotonic()
    with pytest.raises(DataContractError, match="needs more than 1 seconds"):
        read_file(long_list, Limits(seconds=1))
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"file_bytes": 10}, "0 MB are read"),
        ({"rows": 2}, "has more than 2 rows"),
        ({"columns": 4}, "4 columns"),
        ({"cells": 12}, "or 12 cells"),
        ({"cell_letters": 10}, "longer than 10 letters"),
    ],
)
def test_what_is_larger_than_the_limits_is_refused(tmp_path: Path, limits: dict[str, int], told: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(foreign.text(), encoding="utf-8")
    with pytest.raises(DataContractError, match=told):
        read_file(path, Limits(**limits))


def test_a_file_that_vanished_is_told_plainly(tmp_path: Path) -> None:
    with pytest.raises(DataContractError, match="cannot be opened"):
        read_file(tmp_path / "a.csv")


# ---------------------------------------------------------------- nothing is altered

NAMES = ["NA", "None", "null", "007", "1E5", "TRUE", "=1+1", "O\u2019Brien", "N\u0303o\u0303", "\u00d1", "\u738b\u5c0f\u660e", "\u0645\u062d\u0645\u062f", "a\u200db", "Zo\u00eb-\u0141", "#N/A", "-", "1.0"]  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "xlsx", "xls", "ods"])
def test_a_name_comes_through_every_format_as_it_was_written(tmp_path: Path, ending: str) -> None:
    rows = [foreign.HEADINGS, *([name, name, "21/02/1990", "M", "31/03/2021"] for name in NAMES)]
    written = {
        "csv": lambda: foreign.text(rows).encode(),
        "xlsx": lambda: foreign.xlsx(rows, strings_to_formulas=False),
        "xls": lambda: foreign.xls(rows),
        "ods": lambda: foreign.ods(rows),
    }
    found = read(tmp_path, f"a.{ending}", written[ending]()).rows
    assert found["surname"].to_list() == NAMES
    assert found["forename"].to_list() == NAMES


def test_row_numbers_are_those_of_the_spreadsheet_below_a_letterhead_and_a_hidden_row(tmp_path: Path) -> None:
    def change(_: object, sheet: object) -> None:
        sheet.set_row(3, None, None, {"hidden": True})

    rows = [["Dear all"], [], foreign.HEADINGS, *foreign.PEOPLE, foreign.PEOPLE[0]]
    found = read(tmp_path, "a.xlsx", foreign.xlsx(rows, change))
    assert found.rows.index.to_list() == [5, 6]
    assert noted(found) == {"hidden rows with content": 1, "rows above the headings, not read": 1}


def test_a_sparse_person_is_still_a_person(tmp_path: Path) -> None:
    """A surname and a start, or a name and nothing else, are people who lack something."""
    rows = [*foreign.TABLE, ["Castle", "", "", "", "31/03/2021"], ["Oakley", "Simon", "", "", ""]]
    assert len(read(tmp_path, "a.csv", foreign.text(rows).encode()).rows) == 4


# ---------------------------------------------------------------- dates of workbooks

BIRTH = dt.date(1990, 1, 31)


@pytest.mark.parametrize("since_1904", [False, True])
@pytest.mark.parametrize("ending", ["xlsx", "xls"])
def test_a_workbook_s_dates_are_exact_in_both_systems(tmp_path: Path, ending: str, since_1904: bool) -> None:
    days = [BIRTH, dt.date(2000, 2, 29), dt.date(1921, 3, 1), dt.date(1904, 1, 2)]
    rows = [foreign.HEADINGS, *(["A", "B", None, "M", "2021-03-31"] for _ in days)]
    if ending == "xlsx":

        def change(book: object, sheet: object) -> None:
            form = book.add_format({"num_format": "dd/mm/yyyy"})
            for number, value in enumerate(days, start=1):
                sheet.write_datetime(number, 2, dt.datetime.combine(value, dt.time()), form)

        content = foreign.xlsx(rows, change, date_1904=since_1904)
    else:

        def change(book: object, sheet: object) -> None:
            book.dates_1904 = since_1904
            for number, value in enumerate(days, start=1):
                sheet.row(number).set_cell_date(2, value, xlwt.easyxf(num_format_str="dd/mm/yyyy"))

        content = foreign.xls(rows, change)
    found = read(tmp_path, f"a.{ending}", content)
    assert found.rows["date_of_birth"].dt.date.to_list() == days


@pytest.mark.parametrize("serial", [-5, 0, 1, 59, 60, 2_958_466])
def test_a_day_that_no_calendar_has_or_that_is_a_guess_is_no_date(tmp_path: Path, serial: int) -> None:
    def change(book: object, sheet: object) -> None:
        sheet.write_number(1, 2, serial, book.add_format({"num_format": "dd/mm/yyyy"}))

    found = read(tmp_path, "a.xlsx", foreign.xlsx(foreign.TABLE, change))
    assert pd.isna(found.rows.loc[2, "date_of_birth"])
    assert noted(found)["date of birth is not a date"] == 1


def test_a_date_with_a_time_of_day_is_that_day(tmp_path: Path) -> None:
    def change(book: object, sheet: object) -> None:
        sheet.write_datetime(
            1, 2, dt.datetime(1990, 2, 1, 14, 30), book.add_format({"num_format": "dd/mm/yy hh:mm"})
        )

    found = read(tmp_path, "a.xlsx", foreign.xlsx(foreign.TABLE, change))
    assert found.rows.loc[2, "date_of_birth"] == day("1990-02-01")


# ---------------------------------------------------------------- dates as text: the decision table

FORMS = [
    # text, as birth, as another date; day first unless told
    ("1990-02-01", "1990-02-01", "1990-02-01"),
    ("1990-2-1", "1990-02-01", "1990-02-01"),
    ("2021-03-31 00:00:00", "2021-03-31", "2021-03-31"),
    ("2021-03-31T09:30", "2021-03-31", "2021-03-31"),
    ("3 April 1980", "1980-04-03", "1980-04-03"),
    ("3rd April 1980", "1980-04-03", "1980-04-03"),
    ("3-Apr-80", "1980-04-03", "2080-04-03"),
    ("April 3, 1980", "1980-04-03", "1980-04-03"),
    ("Sept 3 1980", "1980-09-03", "1980-09-03"),
    ("13/04/80", "1980-04-13", "2080-04-13"),
    ("13/04/30", "1930-04-13", "2030-04-13"),
    ("13/04/05", "2005-04-13", "2005-04-13"),
    ("31/12/10", "2010-12-31", "2010-12-31"),  # ten on 31 December 2020: ten when it began
    ("13/04/11", None, "2011-04-13"),  # nine, or 109
    ("13/04/21", "1921-04-13", "2021-04-13"),
    ("01/01/20", None, "2020-01-01"),  # 101 on the day it began, or one
    ("02/01/20", "1920-01-02", "2020-01-02"),  # a hundred
    ("29/02/2000", "2000-02-29", "2000-02-29"),
    ("29/02/1900", None, None),
    ("29/02/1999", None, None),
    ("31/04/1980", None, None),
    ("13/13/1980", None, None),
    ("00/01/1980", None, None),
    ("32/01/1980", None, None),
    ("13/04.1980", None, None),
    ("13/04/198", None, None),
    ("13/04/19800", None, None),
    ("1980/04/13", None, None),
    ("1980-13-04", None, None),
    ("3 Avril 1980", None, None),
    ("32874", None, None),
    ("\u0661\u0663/\u0660\u0664/\u0661\u0669\u0668\u0660", None, None),
    ("13/04/1980?", None, None),
    ("soon", None, None),
    ("a day before March 1900", None, None),
]


@pytest.mark.parametrize(("text", "birth", "other"), FORMS)
def test_each_form_of_a_date_is_read_or_counted(text: str, birth: str | None, other: str | None) -> None:
    for of_birth, expected in ((True, birth), (False, other)):
        column = read_column([text], BEGAN, of_birth=of_birth, order="day_first")
        assert column.days == [dt.date.fromisoformat(expected) if expected else None]
        assert column.contrary + column.impossible == (expected is None)


@pytest.mark.parametrize(
    ("texts", "order", "days", "contrary"),
    [
        (["13/04/1980", "03/04/1980"], "day_first", ["1980-04-13", "1980-04-03"], 0),
        (["04/13/1980", "03/04/1980"], "month_first", ["1980-04-13", "1980-03-04"], 0),
        (["13/04/1980", "14/04/1980", "04/15/1980"], "day_first", ["1980-04-13", "1980-04-14", None], 1),
        (["04/13/1980", "04/14/1980", "15/04/1980"], "month_first", ["1980-04-13", "1980-04-14", None], 1),
        (["04/04/1980", "1980-01-02"], "day_first", ["1980-04-04", "1980-01-02"], 0),
        (["", "3 April 1980"], "day_first", [None, "1980-04-03"], 0),
        (["03/04/1980"], None, None, 0),
        (["03/04/1980", "1980-12-31", "3 May 1981"], None, None, 0),
        (["13/04/1980", "04/13/1980"], None, None, 0),
        (["13/04/1980", "04/13/1980", "03/04/1980"], None, None, 0),
    ],
)
def test_the_order_is_decided_by_the_values_that_decide_it(texts, order, days, contrary) -> None:
    column = read_column(texts, BEGAN, of_birth=True)
    assert column.order == order
    if days is not None:
        assert column.days == [dt.date.fromisoformat(d) if d else None for d in days]
        assert column.contrary == contrary


def test_the_order_of_rows_does_not_matter_to_the_decision() -> None:
    texts = ["13/04/1980", "03/04/1980", "04/15/1980", "14/02/1981", "soon"]
    forward = read_column(texts, BEGAN, of_birth=True)
    assert read_column(texts[::-1], BEGAN, of_birth=True).days == forward.days[::-1]


def test_an_order_that_the_request_gives_decides_against_the_values(tmp_path: Path) -> None:
    rows = [foreign.HEADINGS, ["A", "B", "03/04/1990", "M", "02/05/2021"]]
    for order, born in (("day_first", "1990-04-03"), ("month_first", "1990-03-04")):
        found = read(tmp_path / order, "a.csv", foreign.text(rows).encode(), dates=order)
        assert found.rows.loc[2, "date_of_birth"] == day(born)
    assert noted(found) == {
        "date of birth read as month/day": 1,
        "intervention start read as month/day": 1,
    }


def test_a_column_that_cannot_be_told_is_asked_about_by_name_even_beside_one_that_can(tmp_path: Path) -> None:
    rows = [foreign.HEADINGS, ["A", "B", "13/04/1990", "M", "02/05/2021"]]
    with pytest.raises(DataContractError) as caught:
        read(tmp_path, "a.csv", foreign.text(rows).encode())
    assert "in the columns `Intervention start`:" in str(caught.value)
    assert "`dates: day_first` or `dates: month_first` into request.yml" in str(caught.value)


def test_two_digit_years_are_told(tmp_path: Path) -> None:
    rows = [foreign.HEADINGS, ["A", "B", "13/04/90", "M", "31/03/21"]]
    found = read(tmp_path, "a.csv", foreign.text(rows).encode())
    assert found.rows.loc[2, "date_of_birth"] == day("1990-04-13")
    assert found.rows.loc[2, "start"] == day("2021-03-31")
    assert noted(found) == {
        "date of birth with a year of two digits": 1,
        "intervention start with a year of two digits": 1,
    }


def test_another_setting_of_dates_is_refused(tmp_path: Path) -> None:
    from datalab_helpers.errors import RequestError

    with pytest.raises(RequestError, match="`dates` is 'american'; allowed: 'day_first' or 'month_first'"):
        read(tmp_path, "a.csv", b"x", dates="american")


def test_years_of_age_are_whole() -> None:
    assert age_on(dt.date(2000, 2, 29), dt.date(2021, 2, 28)) == 20
    assert age_on(dt.date(2000, 2, 29), dt.date(2021, 3, 1)) == 21
