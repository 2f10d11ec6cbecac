"""A spreadsheet is read as it stands: nothing guessed, nothing changed, nothing of a person in a message."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import tiny

from datalab_helpers.errors import DataContractError
from datalab_helpers.intake import read_submission
from datalab_helpers.intake.reading import schema
from datalab_helpers.intake.reading.headings import heading_key
from datalab_helpers.intake.template import write_request_folder
from datalab_helpers.request import load_request

HEADER = "Surname,Forename,Date of birth,Gender,Intervention start"
ABBOT = "Abbot,Daniel,01/02/1990,M,01/03/2021"


def read(folder: Path, content: str | bytes, **changes):
    """Participants of a submission with exactly this content."""
    tiny.write_request(folder, **changes)
    raw = content.encode() if isinstance(content, str) else content
    (folder / "participants.csv").write_bytes(raw)
    from datalab_helpers.request import load_request

    return read_submission(load_request(folder))


def refusal(folder: Path, content: str | bytes, **changes) -> str:
    with pytest.raises(DataContractError) as caught:
        read(folder, content, **changes)
    return str(caught.value)


def read_workbook(folder: Path, *rows: list):
    from datalab_helpers.request import load_request

    tiny.write_request(folder, submission="participants.xlsx")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / "participants.xlsx")
    return read_submission(load_request(folder))


def noted(participants) -> dict[str, int]:
    return dict(zip(participants.notes["what"], participants.notes["count"], strict=True))


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


# ---------------------------------------------------------------- headings


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        "SURNAME,FORENAME,DATE OF BIRTH,GENDER,INTERVENTION START",
        "surname,forename,date_of_birth,gender,intervention_start",
        "Last name,First name,DOB,Sex,Start date",
        "Family Name,Given-Name,D.O.B.,sex,Date started",
        " Surname , Forenames ,Birth date,Gender ,Programme start",
    ],
)
def test_a_heading_is_recognised_however_it_is_written(tmp_path: Path, header: str) -> None:
    found = read(tmp_path, f"{header}\n{ABBOT}\n").rows
    assert found.loc[2, ["surname", "forename", "gender"]].to_list() == ["Abbot", "Daniel", "M"]
    assert found.loc[2, "date_of_birth"] == day("1990-02-01")
    assert found.loc[2, "start"] == day("2021-03-01")


def test_the_template_we_hand_out_is_recognised_as_it_is(tmp_path: Path, datalab) -> None:
    write_request_folder(tmp_path / "new", "justice")
    csv = tmp_path / "new" / "participants.csv"
    headings = csv.read_text(encoding="utf-8-sig").strip().split(",")
    values = {
        "Surname": "Abbot",
        "Forename": "Daniel",
        "Date of birth": "01/02/1990",
        "Gender": "M",
        "Intervention start": "01/03/2021",
    }
    found = read(
        tmp_path / "filled", ",".join(headings) + "\n" + ",".join(values.get(h, "") for h in headings) + "\n"
    )
    assert found.rows.loc[2, "surname"] == "Abbot"
    assert noted(found) == {}
    assert {"completed", "region"} <= set(found.groups.columns)
    book = openpyxl.load_workbook(tmp_path / "new" / "participants.xlsx")
    assert [cell.value for cell in book["People"][1]] == headings


def test_the_examples_of_the_template_are_themselves_right(tmp_path: Path) -> None:
    """A person who copies our example must not be told that it is wrong."""
    from datalab_helpers.intake.reading.schema import FIELDS, FURTHER

    fields = list((FIELDS | FURTHER).values())
    header = ",".join(field.heading for field in fields)
    found = read(tmp_path, f"{header}\n" + ",".join(field.example for field in fields) + "\n")
    assert noted(found) == {}
    assert found.rows.loc[2].notna().all()


def test_all_missing_columns_are_told_at_once_with_those_found(tmp_path: Path) -> None:
    told = refusal(tmp_path, "Surname,Town\nAbbot,Leeds\n").splitlines()
    assert told == [
        "participants.csv cannot be used as it is:",
        "  - column `Forename` is missing; it is needed to find people or to start the clock",
        "  - column `Date of birth` is missing; it is needed to find people or to start the clock",
        "  - column `Gender` is missing; it is needed to find people or to start the clock",
        "  - column `Intervention start` is missing; it is needed to find people or to start the clock",
        (
            "  - row 1, taken for the headings, has 2 cells, of which 1 is a known heading (column A); give each "
            "column a heading, as in the template"
        ),
    ]
    told = refusal(tmp_path / "b", "Surname,Forename,DOB,Town\nAbbot,Daniel,01/02/1990,Leeds\n")
    assert told.endswith("the columns found are: `Surname`, `Forename`, `DOB`, `Town`")


PERSON = ("Featherstonehaugh", "Zebedee", "17/03/1987")


@pytest.mark.parametrize(
    "row",
    [
        (*PERSON, "M", "Released"),
        (*PERSON, "Released", "Released", "Sex", "Start"),
        (*PERSON, PERSON[0], "Start", "End", "Sex"),
        (PERSON[0], PERSON[1], "17 March 1987", "Sex", "Start", "End"),
        (PERSON[0], "Sex", "2001/0012345H", "Start", "End"),
        (PERSON[0], "Sex", "A1234BC", "Start", "Released", PERSON[0].upper()),
        (PERSON[0], "Birth date", "Released", "10 Featherstonehaugh Street"),
    ],
)
def test_a_list_without_headings_is_refused_without_a_word_of_its_first_person(
    tmp_path: Path, row: tuple[str, ...]
) -> None:
    """A status such as `Released` is a known heading too."""
    from datalab_helpers.intake.check import check_submission
    from datalab_helpers.lab import load_lab
    from datalab_helpers.report.check import page
    from datalab_helpers.wording import check as words

    content = "\n".join([",".join(row)] * 3) + "\n"
    told = refusal(tmp_path, content)
    found = check_submission(tmp_path / "participants.csv", load_lab("justice"))
    assert not found.usable
    for answer in (told, "\n".join(words.lines(found)), json.dumps(words.as_json(found)), page(found)):
        for value in ("featherston", "zebedee", "1987", "0012345", "a1234bc"):
            assert value not in answer.lower()


def test_a_column_that_an_analysis_selects_by_must_be_there(tmp_path: Path) -> None:
    analyses = [{"name": "Completers", "headline": True, "only": {"completed": "yes"}}]
    told = refusal(tmp_path, f"{HEADER}\n{ABBOT}\n", analyses=analyses)
    assert "column `completed` is missing among the further columns; analysis 'Completers'" in told


def test_two_columns_for_one_field_are_refused(tmp_path: Path) -> None:
    told = refusal(tmp_path, f"{HEADER},Last name\n{ABBOT},Abbot\n")
    assert "2 columns look like `Surname` (Surname, Last name); keep one" in told


def test_a_year_before_1900_or_after_the_next_is_no_date(tmp_path: Path) -> None:
    next_year = dt.date.today().year + 1
    rows = [
        f"Abbot,Daniel,01/02/{year:04},M,01/03/2021" for year in (981, 1899, 1900, next_year, next_year + 1)
    ]
    found = read(tmp_path, "\n".join([HEADER, *rows]) + "\n")
    assert found.rows["date_of_birth"].notna().tolist() == [False, False, True, True, False]
    assert noted(found)["date of birth is not a date"] == 3


SECOND = sorted(
    set(schema.FIELDS) | {way for field in schema.FIELDS.values() for way in (field.heading, *field.synonyms)}
)


@pytest.mark.parametrize("second", SECOND)
def test_a_second_column_for_any_field_is_refused_or_left_out_but_never_ends_in_a_fault(
    tmp_path: Path, second: str
) -> None:
    from datalab_helpers.intake.check import check_submission
    from datalab_helpers.lab import load_lab

    tiny.write_request(tmp_path)
    request = load_request(tmp_path)
    whole = [field.heading for field in schema.FIELDS.values()]
    person = [field.example for field in schema.FIELDS.values()]
    helpful = next((field.helpful for name, field in schema.FIELDS.items() if heading_key(second) in
                    {heading_key(name), *field.synonyms}))  # fmt: skip
    for headings in ([*whole, second], [second, *whole], [*whole, second, second.upper()]):
        added = [""] * (len(headings) - len(whole))
        cells = [*added, *person] if headings[0] == second else [*person, *added]
        (tmp_path / "participants.csv").write_text("\n".join([",".join(headings), ",".join(cells)]) + "\n")
        again = len(set(headings)) < len(headings)
        if helpful and not again:
            found = read_submission(request)
            assert list(found.rows.columns) == list(schema.FIELDS)
            assert found.groups.columns.empty
        else:
            with pytest.raises(DataContractError):
                read_submission(request)
        stops = {
            p.kind for p in check_submission(tmp_path / "participants.csv", load_lab("justice")).problems
        }
        assert ("double_column" in stops) == (not helpful or again)


def test_every_name_of_a_field_is_understood_as_it() -> None:
    """So no further column, which is named by its heading, can clash with a field."""
    for name, field in schema.FIELDS.items():
        assert heading_key(name) in field.synonyms


def test_a_heading_used_twice_is_refused(tmp_path: Path) -> None:
    told = refusal(tmp_path, f"{HEADER},Site,Site\n{ABBOT},a,b\n")
    assert "the heading `Site` is used twice; each column needs its own" in told


def test_two_headings_that_differ_in_punctuation_only_are_refused(tmp_path: Path) -> None:
    """A request could not say which of the two it selects by."""
    told = refusal(tmp_path, f"{HEADER},Site A,site-a\n{ABBOT},x,y\n")
    assert "Site A" in told
    assert "site-a" in told


def test_further_columns_are_kept_in_lower_case_to_select_by(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEADER},Site Name,Completed\n{ABBOT},Leeds North,YES\n")
    assert found.groups.to_dict("index") == {2: {"sitename": "leeds north", "completed": "yes"}}


def test_headings_without_rows_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, f"{HEADER}\n") == "participants.csv has headings but no rows"


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_csv_is_read_in_the_forms_that_offices_save(tmp_path, encoding, separator, ending) -> None:
    text = f"{HEADER}\nO\u2019Brien-Señor,Zoë,01/02/1990,F,01/03/2021\n".replace(",", separator).replace(
        "\n", ending
    )
    found = read(tmp_path, text.encode(encoding)).rows
    assert found.loc[2, ["surname", "forename"]].to_list() == ["O\u2019Brien-Señor", "Zoë"]


def test_a_semicolon_inside_a_cell_does_not_make_it_a_separator(tmp_path: Path) -> None:
    found = read(tmp_path, f'{HEADER},Note\n{ABBOT},"late; came back"\n')
    assert found.groups.loc[2, "note"] == "late; came back"


def test_a_line_break_inside_a_quoted_cell_does_not_break_the_row(tmp_path: Path) -> None:
    found = read(tmp_path, f'{HEADER},Note\n{ABBOT},"one\ntwo"\nBarlow,Joseph,20/07/1985,M,01/05/2021,x\n')
    assert found.rows["surname"].to_dict() == {2: "Abbot", 3: "Barlow"}


@pytest.mark.parametrize("mark", ["\u2028", "\x85", "\x0b", "\x1c"])
def test_a_rare_line_mark_inside_a_cell_does_not_break_the_row(tmp_path: Path, mark: str) -> None:
    found = read(tmp_path, f"{HEADER},Note\n{ABBOT},one{mark}two\n")
    assert len(found.rows) == 1
    assert found.groups.loc[2, "note"] == f"one{mark}two"


def test_a_workbook_with_real_dates_is_read_as_those_dates(tmp_path: Path) -> None:
    found = read_workbook(
        tmp_path,
        [*HEADER.split(","), "Sessions", "Completed"],
        ["Abbot", "Daniel", dt.datetime(1990, 2, 1), "M", dt.date(2021, 3, 4), 8, "Yes"],
        ["Barlow", "Joseph", "20/07/1985", "M", "2021-05-01", 8.5, None],
    )
    assert found.rows["date_of_birth"].to_list() == [day("1990-02-01"), day("1985-07-20")]
    assert found.rows["start"].to_list() == [day("2021-03-04"), day("2021-05-01")]
    assert found.groups["sessions"].to_list() == ["8", "8.5"]
    assert found.groups["completed"].to_list() == ["yes", ""]
    assert noted(found) == {}


def test_csv_and_workbook_of_the_same_people_read_the_same(tmp_path: Path) -> None:
    from_csv = read_submission(tiny.request_for(tmp_path / "csv"))
    from_book = read_workbook(tmp_path / "xlsx", tiny.HEADINGS, *tiny.SUBMITTED)
    pd.testing.assert_frame_equal(from_csv.rows, from_book.rows)
    pd.testing.assert_frame_equal(from_csv.groups, from_book.groups)


def test_empty_rows_are_passed_over_and_row_numbers_stay_those_of_the_spreadsheet(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEADER}\n\n{ABBOT}\n,,,,\nBarlow,Joseph,20/07/1985,M,01/05/2021\n\n").rows
    assert found["surname"].to_dict() == {3: "Abbot", 5: "Barlow"}


def test_a_row_with_more_cells_than_headings_is_refused_by_its_number(tmp_path: Path) -> None:
    told = refusal(tmp_path, f"{HEADER}\n{ABBOT}\n{ABBOT}\nO,Brien,Sean,01/02/1990,M,01/03/2021\n")
    assert told == (
        "participants.csv: 1 rows have more cells than there are headings (first: row 4); give each column a heading"
    )


def test_a_csv_row_with_fewer_cells_than_headings_is_refused_by_its_number(tmp_path: Path) -> None:
    """A separator lost inside the row shifts every cell after it; filling up at the end would hide that."""
    told = refusal(tmp_path, f"{HEADER},Completed\n{ABBOT},yes\nBarlow,Joseph,20/07/1985,M,01/05/2021\n")
    assert "row 3" in told
    assert "Barlow" not in told


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\x81\x8d\x8f", "its letters are in no usual encoding"),
        (b"a,b\x00c\n", "it holds NUL characters"),
        (b'a,"b\n', "a quotation mark is not closed"),
    ],
)
def test_a_csv_that_is_no_text_is_refused_in_general_words(tmp_path: Path, content: bytes, why: str) -> None:
    assert refusal(tmp_path, content).startswith(f"participants.csv cannot be read as a .csv file: {why}")


# ---------------------------------------------------------------- values


@pytest.mark.parametrize("name", ["NA", "Null", "None", "nan", "N/A", "True", "007", "1E5"])
def test_a_name_stays_the_name_it_is(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, f"{HEADER}\n{name},{name},01/02/1990,M,01/03/2021\n")
    assert found.rows.loc[2, ["surname", "forename"]].to_list() == [name, name]
    assert noted(found) == {}


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("03/04/1980", "1980-04-03"),  # day first
        ("3/4/1980", "1980-04-03"),
        ("1980-04-03", "1980-04-03"),
        ("1980-04-03 00:00:00", "1980-04-03"),
        ("03-04-1980", "1980-04-03"),
        ("03.04.1980", "1980-04-03"),
        ("3 April 1980", "1980-04-03"),
        ("03 Apr 1980", "1980-04-03"),
        ("29/02/2000", "2000-02-29"),
        ("31/12/1999", "1999-12-31"),
        ("29/02/1999", None),
        ("31/04/1980", None),
        ("13/13/1980", None),
        ("1980/04/03", None),
        ("29434", None),
        ("unknown", None),
        ("00/00/0000", None),
    ],
)
def test_a_date_is_read_day_first_or_iso_or_counted_as_none(
    tmp_path: Path, written: str, read_as: str | None
) -> None:
    found = read(tmp_path, f"{HEADER}\nAbbot,Daniel,{written},M,01/03/2021\n")
    if read_as:
        assert found.rows.loc[2, "date_of_birth"] == day(read_as)
        assert noted(found) == {}
    else:
        assert pd.isna(found.rows.loc[2, "date_of_birth"])
        assert noted(found) == {"date of birth is not a date": 1, "no usable date of birth": 1}


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("M", "M"),
        ("male", "M"),
        ("MAN", "M"),
        ("f", "F"),
        ("Female", "F"),
        ("woman", "F"),
        ("X", None),
        ("1", None),
    ],
)
def test_gender_is_told_in_words_or_counted_as_none(
    tmp_path: Path, written: str, read_as: str | None
) -> None:
    found = read(tmp_path, f"{HEADER}\nAbbot,Daniel,01/02/1990,{written},01/03/2021\n")
    if read_as:
        assert found.rows.loc[2, "gender"] == read_as
    else:
        assert noted(found) == {"gender not recognised": 1, "no usable gender": 1}


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        # 01 then 0012345 is 10,012,345 = 23 x 435,319 + 8, and the letter with number 8 is H.
        ("2001/0012345H", "2001/0012345H"),
        ("01/12345H", "2001/0012345H"),
        ("2001/12345h", "2001/0012345H"),
        ("20010012345H", "2001/0012345H"),
        (" 2001 / 0012345 H ", "2001/0012345H"),
        # 99 then 0000001 is 990,000,001 = 23 x 43,043,478 + 7: G; 99 is the nearest past 99.
        ("99/1G", "1999/0000001G"),
        ("2001/0012345X", None),
        ("2001/0012354H", None),
        ("2002/0012345H", None),
        ("2001/0012345I", None),
        ("2001/00123456H", None),
        ("H", None),
    ],
)
def test_a_pnc_id_is_kept_when_its_check_letter_is_right(
    tmp_path: Path, written: str, read_as: str | None
) -> None:
    found = read(tmp_path, f"{HEADER},PNC\n{ABBOT},{written}\n")
    if read_as:
        assert found.rows.loc[2, "pnc_id"] == read_as
        assert noted(found) == {}
    else:
        assert pd.isna(found.rows.loc[2, "pnc_id"])
        assert noted(found) == {"PNC ID with a wrong form or check letter": 1}


@pytest.mark.parametrize(
    ("written", "read_as"), [("A1234BC", "A1234BC"), ("a1234 bc", "A1234BC"), ("1234", None)]
)
def test_a_prison_number_is_kept_when_its_form_is_right(
    tmp_path: Path, written: str, read_as: str | None
) -> None:
    found = read(tmp_path, f"{HEADER},NOMIS\n{ABBOT},{written}\n")
    if read_as:
        assert found.rows.loc[2, "prison_number"] == read_as
    else:
        assert noted(found) == {"prison number with a wrong form": 1}


def test_an_end_before_the_start_is_counted_and_the_start_used(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEADER},End date\n{ABBOT},01/02/2021\n{ABBOT},\n{ABBOT},01/03/2021\n")
    assert noted(found) == {"intervention end before its start": 1}
    assert found.rows.loc[2, "start"] == day("2021-03-01")


def test_what_is_wrong_in_many_rows_is_counted_by_kind(tmp_path: Path) -> None:
    rows = [
        "Abbot,,31/02/1990,M,01/03/2021",
        ",Joseph,20/07/1985,x,",
        "Castle,Karen,,F,soon",
        "Dunmore,Peter,14/04/1992,M,01/04/2021",
    ]
    found = read(tmp_path, "\n".join([HEADER, *rows]))
    assert len(found.rows) == 4
    assert noted(found) == {
        "gender not recognised": 1,
        "date of birth is not a date": 1,
        "intervention start is not a date": 1,
        "no usable surname": 1,
        "no usable forename": 1,
        "no usable date of birth": 2,
        "no usable gender": 1,
        "no usable intervention start": 2,
    }
    assert (found.notes["mend"] != "").all()


# ---------------------------------------------------------------- nothing of a person in a message

CANARY = "Qxvyzzkw"


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\n{CANARY},{CANARY},{CANARY},M,01/03/2021,{CANARY}\n",
        f"{HEADER}\n{CANARY}\n",
        f'{HEADER}\n"{CANARY},\n',
        f"Surname,Forename\n{CANARY},{CANARY}\n",
        f"{HEADER},Site,Site\n{CANARY},{CANARY},x,M,y,z,z\n",
        f"{HEADER}\n{CANARY}\x00,Daniel,01/02/1990,M,01/03/2021\n",
    ],
    ids=["ragged", "short", "open quote", "missing", "repeated", "nul"],
)  # fmt: skip
def test_a_refusal_quotes_no_cell(tmp_path: Path, content: str) -> None:
    assert CANARY not in refusal(tmp_path, content)


def test_notes_and_what_a_notebook_shows_quote_no_cell(tmp_path: Path) -> None:
    row = ",".join([CANARY] * 8)
    found = read(tmp_path, f"{HEADER},PNC,Prison number,End date\n{row}\n")
    assert CANARY not in found._repr_html_() + found.notes.to_string()
    assert CANARY not in repr(found)


def test_a_request_that_starts_from_a_table_has_no_submission_to_show(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("person,took_part,age,earnings\n", encoding="utf-8")
    table = {
        "file": "people.csv",
        "id": "person",
        "treatment": "took_part",
        "covariates": {"age": "continuous"},
        "outcomes": [{"name": "earnings", "label": "Earnings", "kind": "continuous", "good": "higher"}],
    }
    request = tiny.request_for(
        tmp_path,
        submission=None,
        index_event=None,
        table=table,
        lab="general",
        outcome={"primary": "earnings"},
    )
    found = read_submission(request)
    assert found.rows.empty
    assert "no submission had to be read" in found._repr_html_()
