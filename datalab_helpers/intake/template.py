"""A new request: a commented `request.yml` and blank templates of the submission."""

from __future__ import annotations

from pathlib import Path

from ..errors import RequestError
from ..lab import Lab, load_lab
from .reading.headings import ESSENTIAL, HEADINGS
from .submission import DATES

# Field -> what to write, an example, what the column buys.
COLUMNS = {
    "surname": ("as on court papers", "Okafor", "needed to find the person"),
    "forename": ("as on court papers, not a nickname", "Daniel", "needed to find the person"),
    "date_of_birth": ("day/month/year", "31/12/1990", "needed to find the person"),
    "gender": ("M or F", "M", "needed to find the person and to compare like with like"),
    "pnc_id": ("if held", "2001/0012345H", "makes it nearly certain that the person is found"),
    "prison_number": ("if held", "A1234BC", "makes it nearly certain that the person is found"),
    "start": ("day/month/year", "15/03/2021", "starts the clock; without it the person cannot be analysed"),
    "end": ("day/month/year", "15/09/2021", "shows how long support lasted"),
    "released": ("day/month/year, if known", "01/03/2021", "tells people of one name and birthday apart"),
    "sentenced": ("day/month/year, if known", "01/09/2020", "tells people of one name and birthday apart"),
}
FURTHER = {
    "Region": ("as in the list", "North West", "allows an analysis of one region"),
    "User reference": ("your own number", "17", "lets you recognise a row we ask about; use no name"),
    "Completed": ("yes or no", "yes", "allows an analysis of those who completed"),
    "Sessions": ("a number", "8", "shows how much support was given"),
}

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
    headings = [*(HEADINGS[name] for name in COLUMNS), *FURTHER]
    csv.write_text(",".join(headings) + "\n", encoding="utf-8-sig")
    _write_workbook(xlsx, lab)
    return [request, csv, xlsx]


def _write_workbook(path: Path, lab: Lab) -> None:
    """People to fill in (with drop-downs), and a sheet that explains each column with an example."""
    import xlsxwriter

    columns = {HEADINGS[name]: told for name, told in COLUMNS.items()} | FURTHER
    essential = {HEADINGS[name] for name in ESSENTIAL}
    with xlsxwriter.Workbook(str(path)) as book:
        heading = book.add_format(
            {"bold": True, "bg_color": "#12436D", "font_color": "#FFFFFF", "text_wrap": True}
        )
        day, text = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "@"})
        people, guide = book.add_worksheet("People"), book.add_worksheet("What to write")
        people.freeze_panes(1, 0)
        for position, name in enumerate(columns):
            people.write_string(0, position, name, heading)
            is_date = name in {HEADINGS[field] for field in DATES}
            people.set_column(position, position, 18, day if is_date else text)
            choices = {"Gender": ["M", "F"], "Completed": ["yes", "no"]}.get(name)
            if choices:
                people.data_validation(1, position, 20000, position, {"validate": "list", "source": choices})
        for row, cells in enumerate([("Column", "Needed", "What to write", "Example", "What it buys you")]):
            for position, cell in enumerate(cells):
                guide.write_string(row, position, cell, heading)
        for row, (name, (write, example, buys)) in enumerate(columns.items(), start=1):
            for position, cell in enumerate(
                (name, "yes" if name in essential else "if you have it", write, example, buys)
            ):
                guide.write_string(row, position, cell)
        guide.set_column(0, 4, 30)
        guide.write_string(
            len(columns) + 2,
            0,
            f"Made for the {lab.label}. Delete columns that are not listed here: we need nothing else.",
        )
