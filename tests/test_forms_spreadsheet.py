"""The accessible spreadsheet: our workbooks have no fault, and the rules find every fault planted in one."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from example_results import earnings, example, refused
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.table import Table
from spreadsheet_rules import ESSENTIAL, RULES, faults

from datalab_helpers.report.workbook import workbook
from datalab_helpers.wording.data import data_tables
from datalab_helpers.wording.numbers import readable

HEADLINE_REFUSED = example("A", analysis={**refused(), "headline": True})
NOTHING = example(
    "A", analyses=[{**refused(), "headline": True}], linking=None, attrition=[], attrition_pool=[]
)
SMALL = example("A")
ALL = {
    "A": example("A"),
    "warned": example("E", "low", verdict={"warning": "the groups are not alike enough"}),
    "earnings": earnings(),
    "refused": HEADLINE_REFUSED,
    "nothing": NOTHING,
    "held back": example("A", measure={"suppressed": "c", "treatment": None}),
}


@pytest.mark.parametrize("name", ALL)
def test_our_workbooks_have_no_fault(name: str) -> None:
    assert faults(workbook(ALL[name])) == []


def test_the_checklist_has_its_19_essential_items() -> None:
    assert len(ESSENTIAL) == 19


# ---------------------------------------------------------------- one fault a workbook


def of(book: Any, name: str = "Table 4") -> Any:
    return book[name]


def first_row(sheet: Any) -> int:
    """The row of headings."""
    [table] = sheet.tables.values()
    return int(re.search(r"\d+", table.ref)[0])


def put(place: str, value: object, name: str = "Table 4") -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book[name][place].value = value

    return change


def below(column: int, value: object, rows: int = 1) -> Callable[[Any], None]:
    """Another value in the row so many below the headings."""

    def change(book: Any) -> None:
        sheet = of(book)
        sheet.cell(first_row(sheet) + rows, column).value = value

    return change


def blank_row(book: Any) -> None:
    sheet = of(book)
    for cell in sheet[first_row(sheet) + 2]:
        cell.value = None


def blank_column(book: Any) -> None:
    sheet = of(book)
    for row in range(first_row(sheet), sheet.max_row + 1):
        sheet.cell(row, 5).value = None


def same_heading(book: Any) -> None:
    sheet = of(book)
    [table] = sheet.tables.values()
    table.tableColumns[5].name = table.tableColumns[4].name
    sheet.cell(first_row(sheet), 6).value = sheet.cell(first_row(sheet), 5).value


def moved_right(book: Any) -> None:
    sheet = book.create_sheet("Away")
    sheet["A1"] = "Away from the edge"
    sheet["A1"].font = Font(bold=True)
    for row in (2, 3):
        sheet.cell(row, 1).value = "words"
        for column in (2, 3):
            sheet.cell(row, column).value = f"cell {row} {column}"
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True)
    sheet.add_table(Table(displayName="Away_list", ref="B2:C3"))
    for table in sheet.tables.values():
        table._initialise_columns()
        for column, name in zip(table.tableColumns, ("cell 2 2", "cell 2 3"), strict=True):
            column.name = name
        table.autoFilter = None


def second_table(book: Any) -> None:
    sheet = of(book)
    [table] = sheet.tables.values()
    bottom = int(table.ref.split(":")[1].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    for row in (bottom + 1, bottom + 2):
        for column in range(1, 21):
            sheet.cell(row, column).value = f"cell {row} {column}"
    new = Table(displayName="Second_list", ref=f"A{bottom + 1}:T{bottom + 2}")
    new._initialise_columns()
    for index, column in enumerate(new.tableColumns, start=1):
        column.name = f"cell {bottom + 1} {index}"
    new.autoFilter = None
    sheet.add_table(new)


def unmark(book: Any) -> None:
    sheet = of(book)
    sheet.tables.clear()


def style(where: str, **changes: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        sheet = of(book)
        cell = sheet[where] if where != "table" else sheet.cell(first_row(sheet) + 1, 3)
        for name, value in changes.items():
            setattr(cell, name, value)

    return change


def unwrap(book: Any) -> None:
    of(book)["A2"].alignment = Alignment(wrap_text=False)


def header(book: Any) -> None:
    of(book).oddHeader.center.text = "Official"


def comment(book: Any) -> None:
    from openpyxl.comments import Comment

    of(book)["A2"].comment = Comment("look here", "someone")


def link(words: str) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book["Contents"]["A4"].value = words

    return change


def link_astray(book: Any) -> None:
    book["Contents"]["A4"].hyperlink.location = "'No such sheet'!A1"


def empty_sheet(book: Any) -> None:
    book.create_sheet("Later")


def other_first(book: Any) -> None:
    book.active = 3


def cursor_elsewhere(book: Any) -> None:
    book["Cover"].sheet_view.selection[0].activeCell = "C7"


def no_information(book: Any) -> None:
    book.properties.title = None


def named(book: Any) -> None:
    of(book).title = "Sheet4"


def table_named(book: Any) -> None:
    [table] = of(book).tables.values()
    table.displayName = table.name = "Table1"


def freeze(book: Any) -> None:
    of(book).freeze_panes = "B2"


def hide(book: Any) -> None:
    of(book).column_dimensions["C"].hidden = True


def no_notes(book: Any) -> None:
    book["Notes"].title = "Remarks"


def after(book: Any) -> None:
    sheet = of(book)
    sheet.cell(sheet.max_row + 1, 1).value = "A remark below the table"
    sheet.cell(sheet.max_row, 1).alignment = Alignment(wrap_text=True)


def low(book: Any) -> None:
    of(book).row_dimensions[1].height = 20


def left_to_the_program(book: Any) -> None:
    book["Notes"].row_dimensions[6].height = None


def as_it_comes(book: Any) -> None:
    of(book).sheet_properties.pageSetUpPr.fitToPage = False


def on_one_page(book: Any) -> None:
    of(book).page_setup.fitToWidth = 1


def title_on_each_page(book: Any) -> None:
    of(book).print_title_rows = "1:1"


def units_on_each_page(book: Any) -> None:
    of(book).print_title_cols = "B:B"


def unexplained(book: Any) -> None:
    sheet = of(book)
    for row in range(2, first_row(sheet)):
        if str(sheet.cell(row, 1).value).startswith("[c]"):
            sheet.cell(row, 1).value = "Some numbers are not there."


BROKEN: dict[str, tuple[str, Callable[[Any], None]]] = {
    "a table is not marked up": ("mark up tables", unmark),
    "cells are merged": ("no merged cells", lambda book: of(book).merge_cells("A1:C1")),
    "a row is blank": ("no blank rows or columns in tables", blank_row),
    "a column is blank": ("no blank rows or columns in tables", blank_column),
    "a heading stands twice": ("one tagged header row", same_heading),
    "text is not wrapped": ("wrap text", unwrap),
    "a cell is empty": ("empty cells", below(6, None)),
    "an asterisk marks a note": ("no symbols for notes", below(1, "First reoffence indictable*")),
    "a superscript marks a note": ("no symbols for notes", style("A2", font=Font(vertAlign="superscript"))),
    "a link says click here": ("links", link("Click here")),
    "a link leads nowhere": ("links", link_astray),
    "a sheet has no title": ("titles", style("A1", font=Font(bold=False))),
    "two sheets have one title": ("titles", put("A1", "Notes")),
    "a page header": ("no headers, footers, text boxes", header),
    "a floating comment": ("no headers, footers, text boxes", comment),
    "colour carries a message": ("colour alone", style("table", font=Font(color="FF801650"))),
    "grey on white": ("contrast", style("A2", font=Font(color="FFC0C0C0"))),
    "a sheet is called Sheet4": ("unique sheet names", named),
    "a sheet is blank": ("no blank sheets", empty_sheet),
    "a gap in column A": ("column A", put("A2", None)),
    "a table begins in column B": ("tables at the left edge", moved_right),
    "a word is misspelt": ("spelling", put("A2", "The comparision group.")),
    "an American spelling": ("spelling", put("A2", "The behavior of people.")),
    "a word stands twice": ("spelling", put("A2", "Those who took part in the the programme.")),
    "no document title": ("document information", no_information),
    "another sheet is in front": ("cursor in A1", other_first),
    "the cursor stands elsewhere": ("cursor in A1", cursor_elsewhere),
    "a table has no name of its own": ("table names", table_named),
    "panes are frozen": ("no filters or frozen panes", freeze),
    "a column is hidden": ("nothing hidden", hide),
    "no sheet of notes": ("notes on their own sheet", no_notes),
    "words below a table": ("nothing below a table", after),
    "two tables on a sheet": ("one table a sheet", second_table),
    "a filled cell": ("no background fill", style("A2", fill=PatternFill("solid", fgColor="FFEEEEEE"))),
    "a formula": ("no formulas", below(6, "=1+1")),
    "a sign is not explained": ("signs explained", unexplained),
    "a number as words": ("numbers are numbers", below(6, "52.3", rows=3)),
    "a title lies over the row below": ("rows high enough", low),
    "it prints as it comes": ("pages", as_it_comes),
    "all is squeezed on one page": ("pages", on_one_page),
    "headings are printed once": ("pages", title_on_each_page),
    "names of rows are printed once": ("pages", units_on_each_page),
    "a row's height is left to the program": ("rows high enough", left_to_the_program),
}  # fmt: skip


@pytest.fixture(scope="module")
def whole() -> bytes:
    """Small, so that forty copies of it can be broken in a moment."""
    only = SMALL.analyses[0].model_copy(update={"balance": None, "trust": None, "curve": None})
    return workbook(SMALL.model_copy(update={"analyses": [only]}))


@pytest.mark.parametrize("name", BROKEN)
def test_every_planted_fault_is_found(whole: bytes, name: str) -> None:
    item, change = BROKEN[name]
    book = openpyxl.load_workbook(io.BytesIO(whole))
    change(book)
    held = io.BytesIO()
    book.save(held)
    assert item in {found for found, _ in faults(held.getvalue())}


def test_a_fault_is_planted_for_every_rule_that_a_program_could_break() -> None:
    untested = set(RULES) - {item for item, _ in BROKEN.values()}
    assert untested == {"no pictures, no macros"}


def test_saved_again_it_still_has_no_fault(whole: bytes) -> None:
    """Or the test above would prove nothing: openpyxl's own saving must plant none."""
    held = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(whole)).save(held)
    assert faults(held.getvalue()) == []


def test_a_picture_is_found(whole: bytes) -> None:
    held = io.BytesIO(whole)
    with zipfile.ZipFile(held, "a") as parts:
        parts.writestr("xl/media/image1.png", b"")
    assert ("no pictures, no macros", "xl/media/image1.png") in faults(held.getvalue())


# ---------------------------------------------------------------- content


def cells(book: Any, name: str) -> list[list[object]]:
    """Rows below the headings."""
    sheet = book[name]
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=first_row(sheet) + 1)]


def test_every_table_has_its_sheet_and_every_number_is_there_unrounded() -> None:
    tables = data_tables(example("A"))
    book = openpyxl.load_workbook(io.BytesIO(workbook(example("A"))))
    assert book.sheetnames[:3] == ["Cover", "Contents", "Notes"]
    assert len(book.sheetnames) == 3 + len(tables)
    for table, name in zip(tables, book.sheetnames[3:], strict=True):
        assert cells(book, name) == table.rows, name


def test_a_number_is_shown_short_and_kept_long(whole: bytes) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(whole))["Table 1"]
    cell = sheet.cell(first_row(sheet) + 1, 10)
    assert (cell.value, cell.number_format) == (-12.08, "#,##0.0")


def test_the_same_bytes_twice() -> None:
    assert workbook(example("E")) == workbook(example("E"))


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\uff1d1+1", '=HYPERLINK("x")', "\u202eevil", "🙂", "{{ 7 }}", "http://x.example", "internal:Notes", "x" * 500, "007"]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_come_out_as_text(name: str) -> None:
    about = SMALL.about.model_dump()
    about |= {"organisation": name, "programme": {**about["programme"], "name": name, "description": name}}
    less = {"name": name[:60], "described": name, "balance": None, "trust": None, "curve": None}
    content = workbook(example("A", about=about, analysis=less))
    found = [fault for fault in faults(content) if fault[0] != "spelling"]
    assert found == []
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book["Cover"]["A1"].value == readable(name)
    assert book["Cover"]["A1"].data_type == "s"
    assert cells(book, "Table 1")[0][2] == readable(name[:60])
