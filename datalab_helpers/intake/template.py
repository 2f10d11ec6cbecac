"""A new request: a commented `request.yml` and blank templates of the submission."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import RequestError
from ..lab import Lab, load_lab
from .check.forecast import bought
from .reading.schema import FIELDS, FURTHER, NOT_SERVED_SHEET, PEOPLE_SHEET, Field

ROWS = 20_000  # for which drop-downs and hints are laid out
# Of people who could have taken part and did not: who they are, and why not.
NOT_SERVED_COLUMNS = ("Could have started", "Reason not served")

REQUEST = """\
# A request to the {label}. Every line is explained; correct what is between <angle brackets>.
id: NEW-REQUEST-001                    # capital letters, digits and hyphens
lab: {lab}
organisation: <name of your organisation>
programme:
  name: <name of the programme>
  description: <what happens in it, in your own words>
  type: <such as mentoring>
  setting: <such as through the gate>
  began: 2021-01-01                    # first day on which somebody could start
  ended: 2021-12-31
submission: participants.csv           # the spreadsheet of people, in this folder (.xlsx, .xls, .ods or .csv)
# dates: day_first                     # or month_first; needed only where the dates themselves cannot tell
index_event:
  kinds: [{kinds}]    # what starts the clock; keep those that apply
  within_months: 6                     # how far from it the programme may begin
  time_zero: participation             # participation: count from the start if it comes after the event; index: from the event
analyses:
  - {{name: National, headline: true}}
  # - {{name: North West, within: {{region: North West}}}}
  # - {{name: Completers, only: {{completed: "yes"}}}}
outcome:
  primary: {primary}                  # the one measure the verdict rests on, fixed before results are seen
  smallest_difference: {smallest:g}               # per 100 people; a smaller difference would not matter
release:
  if_unbalanced: refuse                # or publish_with_warning
  # on: 2027-01-14                     # the day of release, printed on page 1
  # contact: datalab@example.org       # whom a reader may ask, printed on page 1
seed: 1
"""


def write_request_folder(folder: Path, lab_name: str) -> list[Path]:
    """Make the folder; RequestError when it already holds something, which is never overwritten."""
    lab = load_lab(lab_name)
    if not lab.tables:
        raise RequestError(
            f"lab {lab_name!r} starts from an analysis table; copy data/synthetic/requests/lalonde instead"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RequestError(f"{folder} already holds something; name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    request, csv, xlsx = folder / "request.yml", folder / "participants.csv", folder / "participants.xlsx"
    request.write_text(
        REQUEST.format(
            lab=lab.name,
            label=lab.label,
            kinds=", ".join(lab.index_events),
            primary=lab.measures[0].name,
            smallest=lab.defaults.smallest_difference,
        ),
        encoding="utf-8",
    )
    headings = [field.heading for field in (FIELDS | FURTHER).values()]
    csv.write_text(",".join(headings) + "\n", encoding="utf-8-sig")
    _write_workbook(xlsx, lab)
    return [request, csv, xlsx]


def _write_workbook(path: Path, lab: Lab) -> None:
    """A sheet to fill in, one for those eligible but not served, and one that explains each column."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        head = book.add_format(
            {"bold": True, "bg_color": "#12436D", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"}
        )
        day, text = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "@"})
        people = book.add_worksheet(PEOPLE_SHEET)
        people.freeze_panes(1, 0)
        for position, field in enumerate((FIELDS | FURTHER).values()):
            _column(people, position, field, lab, head, day if field.kind == "date" else text)
        others = book.add_worksheet(NOT_SERVED_SHEET)
        others.freeze_panes(1, 0)
        known = [field for field in FIELDS.values() if field.identity]
        for position, field in enumerate(known):
            _column(others, position, field, lab, head, day if field.kind == "date" else text)
        for position, heading in enumerate(NOT_SERVED_COLUMNS, start=len(known)):
            others.write_string(0, position, heading, head)
            others.set_column(position, position, 22, text if position > len(known) else day)
        _guide(book, lab, head)


def _column(sheet: Any, position: int, field: Field, lab: Lab, head: Any, form: Any) -> None:
    """A heading with its format, its drop-down where there are allowed values, and a hint on every cell."""
    sheet.write_string(0, position, field.heading, head)
    sheet.set_column(position, position, 18, form)
    hint = {"input_title": field.heading[:32], "input_message": f"{field.write}. Example: {field.example}"}
    choices = list(field.values) or (allowed_regions(lab) if field is FURTHER["region"] else [])
    rule: dict[str, Any] = {"validate": "any"}
    if choices:
        told = f"Choose from the list: {', '.join(choices)}"
        rule = {
            "validate": "list",
            "source": choices,
            "error_title": field.heading[:32],
            "error_message": told[:255],
        }
    sheet.data_validation(1, position, ROWS, position, rule | hint)


def allowed_regions(lab: Lab) -> list[str]:
    """The lab's regions, if it has a list."""
    return lab.submissions.regions if lab.submissions else []


def _guide(book: Any, lab: Lab, head: Any) -> None:
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("What to write")
    sheet.set_column(0, 1, 20)
    sheet.set_column(2, 3, 30)
    sheet.set_column(4, 4, 60)
    for position, cell in enumerate(("Column", "Needed", "What to write", "Example", "What it buys you")):
        sheet.write_string(0, position, cell, head)
    fields = (FIELDS | FURTHER).items()
    for row, (name, field) in enumerate(fields, start=1):
        needed = "yes" if field.essential else "if you have it"
        buys = field.buys + bought(name)
        for position, cell in enumerate((field.heading, needed, field.write, field.example, buys)):
            sheet.write_string(row, position, cell, wrap)
    notes = (
        "The chances of being found were measured on invented people and records, not on yours.",
        (
            f"The sheet “{NOT_SERVED_SHEET}” is for people who could have taken part and did not. It is counted, not analysed "
            "with the participants: they are the best comparison that an organisation can give."
        ),
        f"Made for the {lab.label}. Delete columns that are not listed here: we need nothing else.",
        "Before you send the list: datalab check, with the file's name.",
    )
    for row, note in enumerate(notes, start=len(fields) + 2):
        sheet.write_string(row, 0, note)
