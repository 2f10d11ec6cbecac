"""What `datalab check` found: as a page for a browser, and as a copy of the list with its cells marked."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ..intake.check import Checked
from ..run import write_bytes
from ..wording import check as words
from .sheet import height
from .templates import style, template

WIDTHS = (34, 22, 30, 48, 48, 48)  # of the columns of the summary, in letters
LETTERS = 11  # their size in points
FILLS = {"stops": "#F4CDC6", "lost": "#F4CDC6", "doubt": "#FFE8B3", "remark": "#DDE8F2"}
MOST_COMMENTS = 20_000  # spreadsheet programs grow slow beyond


def page(checked: Checked) -> str:
    """The check as one HTML file that needs nothing else; it holds rows and headings, no value of a person."""
    found = [words.said(problem) for problem in checked.problems]
    levels = [
        (
            level,
            title,
            words.LEVEL_WHY[level],
            [(n, one) for n, one in enumerate(found, start=1) if one.level == level],
        )
        for level, title in words.LEVEL_TITLES.items()
        if any(one.level == level for one in found)
    ]
    return str(
        template("check.html.j2").render(
            style=style(),
            name=checked.name,
            lab=checked.lab.label,
            usable=checked.usable,
            answer=words.summary(checked)[0],
            summary=words.summary(checked)[1:],
            stages=words.stages(checked),
            forecast=words.forecast_said(checked),
            levels=levels,
        )
    )


def write_page(checked: Checked, path: Path) -> None:
    """Write the page."""
    write_bytes(path, page(checked).encode())


def write_marked(checked: Checked, path: Path) -> None:
    """Write a workbook: a summary, then the sender's own sheet with a fill and a comment on each cell in question.

    Every value is text exactly as it was read, so no formula comes alive; what was hidden, other sheets, macros
    and links are not in it. Row numbers are those of the sender's file.
    """
    held = io.BytesIO()
    _fill(checked, held)
    write_bytes(path, held.getvalue())


def _fill(checked: Checked, held: io.BytesIO) -> None:
    import xlsxwriter

    sheet = checked.sheet
    with xlsxwriter.Workbook(
        held,
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    ) as book:
        forms = {level: book.add_format({"bg_color": colour}) for level, colour in FILLS.items()}
        _summary(book, checked)
        people = book.add_worksheet("People, marked")
        people.freeze_panes(sheet.at + 1 if sheet else 1, 0)
        if sheet is None:
            return
        marks = _marks(checked)
        people.set_column(0, max((len(row) for row in sheet.raw), default=1), 18)
        for number, row in enumerate(sheet.raw):
            for column, text in enumerate(row):
                if text and (number, column) not in marks:
                    people.write_string(number, column, text)
        for comments, ((number, column), (level, told)) in enumerate(sorted(marks.items())):
            row = sheet.raw[number] if number < len(sheet.raw) else []
            text = row[column] if column < len(row) else ""
            if text:
                people.write_string(number, column, text, forms[level])
            else:
                people.write_blank(number, column, None, forms[level])
            if comments < MOST_COMMENTS:
                people.write_comment(number, column, "\n\n".join(told), {"x_scale": 2, "y_scale": 1.6})


def _marks(checked: Checked) -> dict[tuple[int, int], tuple[str, list[str]]]:
    """(row, column), both from 0 -> the worst level there and what is said."""
    sheet = checked.sheet
    assert sheet is not None  # noqa: S101 (the caller returns first)
    places: dict[str, int] = {}
    for heading, place in sheet.places:
        places.setdefault(heading, place)
    first = min(places.values(), default=0)
    found: dict[tuple[int, int], tuple[str, list[str]]] = {}
    for problem in checked.problems:  # worst first, so the first level stays
        if problem.level == "tidied":
            continue
        told = words.said(problem)
        text = f"{told.title}. {told.mend}"
        column = places.get(problem.column)
        if column is None and not problem.rows:
            continue
        for number in problem.rows or (sheet.at + 1,):
            at = (number - 1, first if column is None else column)
            level, said = found.get(at, (problem.level, []))
            found[at] = (level, [*said, text])
    return found


def _summary(book: Any, checked: Checked) -> None:
    page_ = book.add_worksheet("What to mend")
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "bg_color": "#12436D", "font_color": "#FFFFFF", "text_wrap": True})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    fills = {
        level: book.add_format({"bg_color": colour, "text_wrap": True, "valign": "top"})
        for level, colour in FILLS.items()
    }
    for column, width in enumerate(WIDTHS):
        page_.set_column(column, column, width)
    line = 0
    for text in [*words.summary(checked), *words.forecast_said(checked)]:
        page_.merge_range(line, 0, line, 5, "", bold if line == 0 else plain)
        page_.write_string(line, 0, text, bold if line == 0 else plain)
        page_.set_row(line, height(text, sum(WIDTHS), LETTERS, line == 0))
        line += 1
    line += 1
    for column, text in enumerate(words.COPY_HEADINGS):
        page_.write_string(line, column, text, head)
    for problem in checked.problems:
        told = words.said(problem)
        line += 1
        cells = (told.title, told.column, words.rows_told(told.rows, 40), told.wrong, told.why, " ".join([told.mend, told.gain]).strip())  # fmt: skip
        page_.set_row(line, max(height(t, w, LETTERS) for t, w in zip(cells, WIDTHS, strict=True)))
        for column, text in enumerate(cells):
            page_.write_string(line, column, text, fills.get(told.level, plain) if column == 0 else plain)
