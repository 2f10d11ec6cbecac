"""The charity's checker: the same rules as intake, nothing of a person in an answer, nothing needed but the file."""

from __future__ import annotations

import datetime as dt
import html.parser
import itertools
import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import faults
import foreign
import openpyxl
import pytest
import python_calamine
import tiny
from spreadsheet_rules import columns_of, lines_in
from test_check_faults import read_here

import datalab_helpers
from datalab_helpers.errors import DataContractError
from datalab_helpers.intake import sheet
from datalab_helpers.intake.check import Checked, check_submission, twice
from datalab_helpers.intake.reading import schema
from datalab_helpers.lab import load_lab
from datalab_helpers.report.check import page, write_marked
from datalab_helpers.wording import check as words

ROOT = Path(__file__).resolve().parent.parent
TODAY = dt.date(2026, 6, 1)
HEADER = ["Surname", "Forename", "Date of birth", "Gender", "Intervention start"]
CANARY_NAME = "Featherstonehaugh"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "read_file", read_here)


def check(folder: Path, rows: list[list[str]], name: str = "a.csv", request=None) -> Checked:
    folder.mkdir(parents=True, exist_ok=True)
    content = foreign.text(rows).encode() if name.endswith(".csv") else foreign.xlsx(rows)
    (folder / name).write_bytes(content)
    return check_submission(folder / name, load_lab("justice"), request, today=TODAY)


def people(count: int) -> list[list[str]]:
    """Rows without a fault."""
    given = faults.clean(4, count)
    return [
        [cell.strftime("%d/%m/%Y") if isinstance(cell, dt.date) else str(cell) for cell in (r[0], r[1], r[2], r[3], r[6])]
        for r in given.rows
    ]  # fmt: skip


def kinds(checked: Checked, *levels: str) -> dict[str, tuple[int, ...]]:
    return {p.kind: p.rows for p in checked.problems if not levels or p.level in levels}


# ---------------------------------------------------------------- what is counted


def test_each_mend_tells_how_many_people_it_alone_would_bring_in(tmp_path: Path, here: None) -> None:
    rows = people(40)
    rows[0][0] = ""  # lacks a surname alone
    rows[1][0] = rows[1][3] = ""  # lacks two things: neither mend is enough
    rows[2][4] = "01/02/2026"  # started too recently: no mend
    found = check(tmp_path, [HEADER, *rows])
    told = {p.kind: (p.rows, p.rescued) for p in found.problems if p.level == "lost"}
    assert told == {
        "missing_surname": ((2, 3), 1),
        "missing_gender": ((3,), 0),
        "start_recent": ((4,), 0),
    }
    assert (found.rows, found.complete) == (40, 37)
    assert (found.forecast.listed.people, found.mended.listed.people) == (37, 39)
    assert "3 people could not be analysed as the file stands; 2 of them" in words.summary(found)[2]


def test_who_cannot_be_brought_in_is_not_counted_as_mendable(tmp_path: Path, here: None) -> None:
    rows = people(40)
    rows[0][0] = ""
    rows[1][0], rows[1][4] = "", "01/02/2026"  # lacks a surname, but started too recently as well
    rows[2][2], rows[2][4] = "01/02/2010", "01/03/2021"  # a child of 11
    rows[3][3], rows[3][2], rows[3][4] = "?", "01/02/2010", "01/03/2021"
    found = check(tmp_path, [HEADER, *rows])
    assert (found.rows, found.complete, found.mendable) == (40, 36, 1)
    assert "4 people could not be analysed as the file stands; 1 of them" in words.summary(found)[2]
    assert found.mended.listed.people == found.complete + found.mendable
    assert {p.kind: p.rescued for p in found.problems if p.level == "lost"} == {
        "missing_surname": 1,
        "start_recent": 0,
        "too_young": 0,
        "gender_not_allowed": 0,
    }


def test_the_worst_comes_first_and_among_the_lost_what_brings_in_most(tmp_path: Path, here: None) -> None:
    rows = people(45)
    rows[5][4] = ""
    for row in rows[10:13]:
        row[3] = "?"
    rows[20][1] = "J"
    found = check(tmp_path, [HEADER, *rows])
    assert [p.kind for p in found.problems][:4] == [
        "gender_not_allowed",
        "missing_start",
        "initial",
        "few",
    ]


def test_what_intake_mends_by_itself_is_no_problem(tmp_path: Path, here: None) -> None:
    rows = people(65)
    rows[0][0], rows[1][0], rows[2][3] = f"  {rows[0][0]} ", rows[1][0].upper(), " Male"
    rows.insert(10, ["", "", "", "", ""])
    rows.insert(20, list(HEADER))
    rows.append(["Total", "65", "", "", ""])
    found = check(tmp_path, [["Our list"], [], HEADER, *rows], "a.xlsx")
    assert kinds(found, "stops", "lost", "doubt") == {}
    assert kinds(found, "tidied") == {
        "blank_rows": (14,),
        "blanks": (4, 6),
        "capitals": (5,),
        "headings_again": (24,),
        "no_person": (71,),
        "rows_above": (1,),
        "ways_of_writing": (6,),
    } | ({"ways_of_writing": kinds(found)["ways_of_writing"]})
    assert found.rows == 65


def test_a_year_in_which_nobody_now_living_was_born_is_told_as_no_such_day(
    tmp_path: Path, here: None
) -> None:
    rows = people(40)
    rows[0][:3], rows[1][:3] = ["Aske", "Tom", "17/03/0981"], ["Aske", "Tom", "17/03/1981"]
    rows[2][2], rows[3][4] = "0001-01-01", "03/04/9999"
    found = check(tmp_path, [HEADER, *rows])
    told = {(p.column, p.rows) for p in found.problems if p.kind == "impossible_date"}
    assert told == {("Date of birth", (2, 4)), ("Intervention start", (5,))}
    assert twice._nearly_one_day(dt.date(981, 3, 17), dt.date(1981, 3, 17))


def test_a_surname_that_is_also_a_word_is_at_most_a_doubt(tmp_path: Path, here: None) -> None:
    rows = people(60)
    names = ["Persons", "Users", "Persona", "Clients", "Males", "\u674e", "\u0623"]
    words_ = ["Male", "Client", "Test", "Miss", "Person"]
    for row, name in zip(rows, names + words_, strict=False):
        row[0] = name
    found = check(tmp_path, [HEADER, *rows])
    assert kinds(found, "lost") == {}
    at = tuple(range(2 + len(names), 2 + len(names) + len(words_)))
    assert kinds(found, "doubt") == {"maybe_no_name": at}


def test_a_word_in_place_of_a_name_is_lost_where_the_other_name_is_one_too_or_it_repeats(
    tmp_path: Path, here: None
) -> None:
    rows = people(60)
    for row, name in zip(
        rows, ["Person A", "Client 7", "User 12", "person b2", "male 3", "test1"], strict=False
    ):
        row[0] = name
    rows[10][0], rows[10][1] = "Client", "Unknown"
    rows[11][0], rows[11][1] = "Test", "Person"
    for row in rows[20:23]:
        row[0] = "Female"
    rows[30][0], rows[31][1] = "\u0396", "\u0414."
    found = check(tmp_path, [HEADER, *rows])
    lost = [(p.kind, p.column, p.rows) for p in found.problems if p.level == "lost"]
    assert sorted(lost) == [
        ("stand_in_name", "Forename", (12, 13)),
        ("stand_in_name", "Surname", (2, 3, 4, 5, 6, 7, 12, 13, 22, 23, 24)),
    ]
    assert {(p.column, p.rows) for p in found.problems if p.kind == "initial"} == {
        ("Surname", (32,)),
        ("Forename", (33,)),
    }


def test_rows_are_numbered_as_the_spreadsheet_does(tmp_path: Path, here: None) -> None:
    rows = people(40)
    rows[7][0] = ""
    assert kinds(check(tmp_path, [["Our list"], [], HEADER, *rows], "a.xlsx"))["missing_surname"] == (11,)


@pytest.mark.parametrize(
    ("rows", "told"),
    [((), ""), ((4,), "row 4"), ((4, 5), "rows 4, 5"), ((2, 4, 5, 6, 9), "rows 2, 4 to 6, 9")],
)
def test_rows_are_told_as_ranges(rows: tuple[int, ...], told: str) -> None:
    assert words.rows_told(rows) == told


def test_rows_beyond_the_most_are_counted() -> None:
    assert words.rows_told((1, 3, 5, 6, 9), 2) == "rows 1, 3 and 3 more"


# ---------------------------------------------------------------- the same judgement as intake


@pytest.mark.parametrize("kind", [*foreign.REFUSED, *foreign.READ])
def test_whatever_is_sent_gets_an_answer_that_agrees_with_intake(
    tmp_path: Path, here: None, datalab, kind: str
) -> None:
    """Exit 0 or 2, JSON, no cell quoted; what intake refuses the checker stops."""
    name, content = ({**foreign.REFUSED, **foreign.READ})[kind][:2]
    (tmp_path / name).write_bytes(content())
    code, out, err = datalab("check", tmp_path / name, "--json")
    assert code in {0, 2}
    answer = json.loads(out)
    assert foreign.CANARY not in out + err
    stops = {p["kind"] for p in answer["problems"] if p["level"] == "stops"}
    assert (code == 2) == bool(stops)
    assert bool(stops - {"too_few"}) == (kind in foreign.REFUSED)


def test_the_examples_are_judged_as_intake_judges_them() -> None:
    from datalab_helpers.intake import read_submission
    from datalab_helpers.request import load_request

    for folder in ("bridge-house", "new-threads"):
        request = load_request(ROOT / "data/synthetic/requests" / folder)
        found = check_submission(request.input_path, request.lab, request, today=TODAY)
        read = read_submission(request)
        assert found.rows == len(read.rows)
        lacking = {row for p in found.problems if p.kind.startswith("missing_") for row in p.rows}
        assert lacking == set(read.rows.index[~read.usable])


CHANGED = """
import sys, json, openpyxl
from pathlib import Path
from datalab_helpers.intake.template import write_request_folder
from datalab_helpers.intake.check import check_submission
from datalab_helpers.intake import read_submission
from datalab_helpers.request import load_request
place = Path(sys.argv[1])
book = openpyxl.load_workbook(write_request_folder(place / "new", "justice")[2])
lists = [v.formula1 for v in book["People"].data_validations.dataValidation if v.type == "list"]
request = load_request(place / "request")
checked = check_submission(request.input_path, request.lab, request)
print(json.dumps([lists, sorted(p.kind for p in checked.problems), read_submission(request).rows["gender"].tolist()]))
"""


def test_one_rule_changed_in_one_place_is_followed_by_template_checker_and_intake(tmp_path: Path) -> None:
    """A third gender is allowed by editing one line of the schema."""
    package = tmp_path / "code/datalab_helpers"
    shutil.copytree(
        Path(datalab_helpers.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__")
    )
    tiny.write_request(
        tmp_path / "request", rows=[["Abbot", "Kim", "21/02/1990", "X", "", "31/03/2021", "yes"]]
    )

    def asked() -> list:
        command = [sys.executable, "-c", CHANGED, str(tmp_path)]
        done = subprocess.run(command, cwd=package.parent, capture_output=True, text=True, check=True)
        shutil.rmtree(tmp_path / "new")
        return json.loads(done.stdout)

    before = asked()
    path = package / "intake/reading/schema.py"
    text = path.read_text(encoding="utf-8")
    changed = text.replace('values={"M": (', 'values={"X": ("x",), "M": (', 1)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    after = asked()
    assert [any("X" in told for told in one[0]) for one in (before, after)] == [False, True]
    assert ["gender_not_allowed" in one[1] for one in (before, after)] == [True, False]
    assert (before[2], after[2]) == ([None], ["X"])


def test_the_readme_tells_every_column_as_the_schema_has_it() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for field in (schema.FIELDS | schema.FURTHER).values():
        row = f"| {field.heading} | {'yes' if field.essential else ''} | {field.write} | {field.example} |"
        assert row in readme, row


def test_the_reader_names_a_package_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(foreign.xlsx())
    from datalab_helpers.intake.reading import child

    hidden = "import sys; sys.modules['python_calamine'] = None; "
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "START", hidden + child.START)
        with pytest.raises(DataContractError, match="package python_calamine is not installed"):
            child.read_file(tmp_path / "a.xlsx")


# ---------------------------------------------------------------- what leaves the file


def secret(folder: Path) -> Path:
    """A list with a fault of every cell, full of values that must not be shown."""
    rows = people(40)
    rows[0] = [CANARY_NAME, "", "31/02/1977", "zzq", "31/02/1977"]
    rows[1] = [f"{CANARY_NAME} 4", f"{CANARY_NAME} & Kim", "19770", "zzq", "soonzzq"]
    rows[2][0], rows[3][1] = f"Mr {CANARY_NAME}", f"{CANARY_NAME} (zzq)"
    (folder / "a.csv").write_bytes(foreign.text([HEADER, *rows]).encode())
    return folder / "a.csv"


def test_no_value_of_a_person_is_in_the_console_the_json_or_the_page(
    tmp_path: Path, here: None, datalab
) -> None:
    path = secret(tmp_path)
    shown = datalab("check", path, "--html", tmp_path / "c.html", "--copy", tmp_path / "c.xlsx")
    asked = datalab("check", path, "--json")
    assert (shown[0], asked[0]) == (0, 0)
    everything = "".join(map(str, (*shown, *asked))) + (tmp_path / "c.html").read_text(encoding="utf-8")
    for value in (CANARY_NAME, "zzq", "1977", "19770"):
        assert value not in everything
    assert "31/02" not in everything
    marked = openpyxl.load_workbook(tmp_path / "c.xlsx")["People, marked"]
    assert marked["A2"].value == CANARY_NAME
    assert CANARY_NAME not in repr(check_submission(path, load_lab("justice")))


def test_a_first_row_that_may_be_a_person_is_not_quoted(tmp_path: Path, here: None) -> None:
    found = check(tmp_path, [[CANARY_NAME, "Kim", "21/02/1990", "M", "31/03/2021"]])
    assert not found.usable
    assert CANARY_NAME not in json.dumps(words.as_json(found)) + page(found)


def test_it_works_with_networking_switched_off(tmp_path: Path, monkeypatch, datalab) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    path = ROOT / "data/synthetic/requests/bridge-house/participants.csv"
    assert datalab("check", path, "--html", tmp_path / "c.html", "--copy", tmp_path / "c.xlsx")[0] == 0


def test_the_json_has_its_documented_form(tmp_path: Path, here: None, datalab) -> None:
    code, out, _ = datalab("check", secret(tmp_path), "--json")
    assert code == 0
    answer = json.loads(out)
    assert list(answer) == ["format", "file", "usable", "summary", "people", "forecast", "mended", "problems"]
    assert list(answer["problems"][0]) == [
        "kind", "level", "column", "rows", "rescued", "title", "wrong", "why", "mend",
    ]  # fmt: skip
    assert list(answer["forecast"]) == ["sent", "complete", "found", "analysed", "smallest_change", "basis"]
    assert answer["people"] == {"rows": 40, "complete": 38}


# ---------------------------------------------------------------- the command


def test_a_list_that_cannot_be_used_ends_with_code_2_and_says_why(
    tmp_path: Path, here: None, datalab
) -> None:
    (tmp_path / "a.csv").write_bytes(
        foreign.text([[*HEADER[:2], "Brith date", *HEADER[3:]], *people(40)]).encode()
    )
    code, out, _ = datalab("check", tmp_path / "a.csv")
    assert code == 2
    assert "This file cannot be used yet: 1 thing must be mended first." in out
    assert "The nearest heading in the file is “Brith date”." in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("no.csv",), "there is no file no.csv"),
        (("LIST", "--html", "no/folder/c.html"), "there is no folder"),
        (("LIST", "--copy", "LIST"), "is the list itself"),
        (("LIST", "--html", "c.txt"), "--html writes a file that ends in .html; c.txt does not"),
        (("LIST", "--copy", "c.csv"), "--copy writes a file that ends in .xlsx; c.csv does not"),
        (("LIST", "--html", "c.html", "--copy", "c.html"), "--html and --copy both name c.html"),
        (("LIST", "--html", "."), "is a folder; name a file in it"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path: Path, here: None, datalab, arguments, told: str) -> None:
    path = secret(tmp_path)
    before = path.read_bytes()
    code, _, err = datalab("check", *(path if a == "LIST" else a for a in arguments))
    assert code == 2
    assert told in err
    assert path.read_bytes() == before


@pytest.mark.parametrize("option", ["--html", "--copy"])
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("request.yml", "is the request"),
        ("a.xlsx", "is the list itself"),
        ("review.csv", "is the decisions on links"),
        ("linked.html", "is the request"),
        ("linked.xlsx", "is the list itself"),
    ],
)
def test_nothing_of_a_request_is_written_over(
    tmp_path: Path, here: None, datalab, option: str, name: str, told: str
) -> None:
    tiny.write_request(tmp_path, submission="a.xlsx")
    (tmp_path / "a.xlsx").write_bytes(foreign.xlsx([HEADER, *people(40)]))
    (tmp_path / "review.csv").write_text("kept")
    (tmp_path / "linked.html").symlink_to(tmp_path / "request.yml")
    (tmp_path / "linked.xlsx").symlink_to(tmp_path / "a.xlsx")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    code, _, err = datalab("check", tmp_path, option, tmp_path / name)
    assert code == 2
    assert told in err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(("option", "ending"), [("--html", ".html"), ("--copy", ".xlsx")])
@pytest.mark.parametrize("length", [245, 300])  # too long to be written aside, too long to be asked for
def test_a_file_that_cannot_be_written_is_told_plainly(
    tmp_path: Path, here: None, datalab, option: str, ending: str, length: int
) -> None:
    code, _, err = datalab("check", secret(tmp_path), option, tmp_path / ("c" * length + ending))
    assert code == 2
    assert "cannot be written (File name too long)" in err
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_request_adds_its_dates_and_its_analyses(tmp_path: Path, here: None) -> None:
    from datalab_helpers.request import load_request

    rows = people(40)
    rows[3][4] = "14/02/2024"
    analyses = [{"name": "Completers", "headline": True, "only": {"completed": "yes"}}]
    tiny.write_request(tmp_path, submission="a.csv", analyses=analyses, programme={"name": "x", "began": "2021-01-01", "ended": "2022-12-31"})  # fmt: skip
    (tmp_path / "a.csv").write_bytes(foreign.text([HEADER, *rows]).encode())
    found = check(tmp_path, [HEADER, *rows], request=load_request(tmp_path))
    assert kinds(found)["start_after_programme"] == (5,)
    assert "analysis_column" in kinds(found, "stops")


def test_an_answer_of_the_request_settles_the_order_of_dates(tmp_path: Path, here: None) -> None:
    from datalab_helpers.request import load_request

    rows = [[*r[:2], f"0{n % 8 + 2}/03/1980", *r[3:]] for n, r in enumerate(people(40))]
    tiny.write_request(tmp_path, submission="a.csv", dates="day_first")
    (tmp_path / "a.csv").write_bytes(b"x")
    assert "order_unknown" in kinds(check(tmp_path, [HEADER, *rows]), "stops")
    assert "order_unknown" not in kinds(check(tmp_path, [HEADER, *rows], request=load_request(tmp_path)))


# ---------------------------------------------------------------- the page


class Page(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))


def test_the_page_needs_nothing_else_and_can_be_read_by_everyone(tmp_path: Path, here: None) -> None:
    path = secret(tmp_path)
    shown = Page()
    shown.feed(text := page(check_submission(path, load_lab("justice"), today=TODAY)))
    names = [tag for tag, _ in shown.tags]
    assert dict(shown.tags)["html"]["lang"] == "en-GB"
    assert names.count("h1") == 1
    levels = [int(name[1]) for name in names if re.fullmatch(r"h[1-6]", name)]
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    assert names.count("caption") == names.count("table") == 1
    assert all("scope" in attributes for tag, attributes in shown.tags if tag == "th")
    assert not {"script", "img", "link", "iframe", "form"} & set(names)
    assert "http:" not in text and "https:" not in text  # noqa: PT018
    ids = [attributes["id"] for _, attributes in shown.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for tag, attributes in shown.tags if tag == "a"]
    assert {str(link).lstrip("#") for link in links} <= set(ids)


def test_a_heading_cannot_write_into_the_page(tmp_path: Path, here: None) -> None:
    rows = [[*r, "x"] for r in people(40)]
    found = check(tmp_path, [[*HEADER, "<script>phone</script> phone"], *rows])
    assert "<script" not in page(found)
    assert "&lt;script&gt;" in page(found)


# ---------------------------------------------------------------- the marked copy

NAUGHTY = ["=1+1", "+44", "-5", "@x", '=HYPERLINK("x")', "007", "1E5", "TRUE", " blank ", "a\tb", "https://example.org", "_x0041_", "{=1}", "Zoë", "王", "'quoted", "0.10"]  # fmt: skip


def test_the_copy_holds_each_value_as_it_was_and_no_formula(tmp_path: Path, here: None) -> None:
    rows = [[*r, text] for r, text in zip(people(40), (NAUGHTY * 3)[:40], strict=True)]
    path = tmp_path / "a.xlsx"
    path.write_bytes(foreign.xlsx([["Our list"], [*HEADER, "Note"], *rows], lambda b, s: foreign.hidden_sheet(b), strings_to_formulas=False, strings_to_urls=False))  # fmt: skip
    found = check_submission(path, load_lab("justice"), today=TODAY)
    write_marked(found, tmp_path / "c.xlsx")
    book = python_calamine.load_workbook(str(tmp_path / "c.xlsx"))
    assert book.sheet_names == ["What to mend", "People, marked"]
    copied = book.get_sheet_by_name("People, marked").to_python(skip_empty_area=False)
    assert [row[: len(HEADER) + 1] for row in copied[2:]] == rows
    parts = foreign.parts_of((tmp_path / "c.xlsx").read_bytes())
    assert not [name for name, part in parts.items() if b"<f>" in part or b"<f " in part]
    assert not [name for name in parts if "hyperlink" in name.lower() or "externalLink" in name]
    assert foreign.CANARY.encode() not in b"".join(parts.values())  # the hidden sheet stays behind


def test_a_marked_cell_says_why_and_how_to_mend_it(tmp_path: Path, here: None) -> None:
    rows = people(40)
    rows[4][3] = "zzq"
    rows[6][0] = ""
    found = check(tmp_path, [HEADER, *rows])
    write_marked(found, tmp_path / "c.xlsx")
    marked = openpyxl.load_workbook(tmp_path / "c.xlsx")["People, marked"]
    assert marked["D6"].value == "zzq"
    assert marked["D6"].comment.text.startswith("Gender not recognised. Write M or F")
    assert marked["D6"].fill.fgColor.rgb == marked["A8"].fill.fgColor.rgb == "FFF4CDC6"
    assert marked["A8"].comment.text.startswith("Surname missing.")
    assert marked["B6"].comment is None
    again = check_submission(tmp_path / "c.xlsx", load_lab("justice"), today=TODAY)
    assert {p.kind: p.rows for p in again.problems if p.level == "lost"} == kinds(found, "lost")


def test_no_words_of_the_copy_lie_over_the_row_below(tmp_path: Path, here: None) -> None:
    rows = people(40)
    rows[4][3], rows[6][0] = "zzq", ""
    write_marked(check(tmp_path, [HEADER, *rows]), tmp_path / "c.xlsx")
    told = openpyxl.load_workbook(tmp_path / "c.xlsx")["What to mend"]
    widths, merged = columns_of(told), {area.min_row for area in told.merged_cells.ranges}
    wrapped = [cell for row in told.iter_rows() for cell in row if cell.value and cell.column < 7]
    assert len(wrapped) > 15
    for cell in wrapped:
        room = sum(widths.values()) if cell.row in merged else widths[cell.column]
        font = "Helvetica-Bold" if cell.font.bold else "Helvetica"  # wider than Calibri, in which it is set
        lines = lines_in(cell.value, room, cell.font.size * 96 / 72, font)
        given = told.row_dimensions[cell.row].height or 15
        assert given >= lines * cell.font.size * 1.15, cell.coordinate


def test_a_file_that_cannot_be_read_still_gets_a_copy_that_says_so(
    tmp_path: Path, here: None, datalab
) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"%PDF")
    code, out, _ = datalab("check", tmp_path / "a.xlsx", "--copy", tmp_path / "c.xlsx")
    assert code == 2
    assert "is a PDF" in out
    assert openpyxl.load_workbook(tmp_path / "c.xlsx").sheetnames[0] == "What to mend"


# ---------------------------------------------------------------- the template


def test_the_template_has_drop_downs_hints_and_a_sheet_for_those_not_served(tmp_path: Path, datalab) -> None:
    code, _, _ = datalab("new", tmp_path / "new")
    book = openpyxl.load_workbook(tmp_path / "new/participants.xlsx")
    assert code == 0
    assert book.sheetnames == [schema.PEOPLE_SHEET, schema.NOT_SERVED_SHEET, "What to write"]
    rules = book["People"].data_validations.dataValidation
    lists = {rule.promptTitle: rule.formula1 for rule in rules if rule.type == "list"}
    assert lists["Gender"] == '"M,F"'
    assert lists["Completed"] == '"yes,no"'
    assert lists["Region"].startswith('"North East,North West')
    assert all(rule.prompt for rule in rules)
    guide = {row[0]: row for row in book["What to write"].iter_rows(min_row=2, values_only=True)}
    for field in (schema.FIELDS | schema.FURTHER).values():
        assert all(guide[field.heading]), field.heading
    assert re.search(r"of 1,000 people on record, about \d+ are missed", guide["PNC ID"][4])
    assert "measured on invented records" in guide["PNC ID"][4]


def test_a_filled_template_is_read_with_its_people_not_served_left_out(
    tmp_path: Path, here: None, datalab
) -> None:
    datalab("new", tmp_path / "new")
    path = tmp_path / "new/participants.xlsx"
    book = openpyxl.load_workbook(path)
    for row in people(65):
        book["People"].append([*row[:4], "", "", row[4]])
    for row in people(7):
        book[schema.NOT_SERVED_SHEET].append(row[:4])
    book.save(path)
    found = check_submission(path, load_lab("justice"), today=TODAY)
    assert (found.rows, found.usable) == (65, True)
    [told] = [p for p in found.problems if p.kind == "not_served"]
    assert (told.level, told.facts) == ("tidied", {"count": 7})


def test_the_card_names_everything_to_collect(tmp_path: Path, datalab) -> None:
    datalab("new", tmp_path / "new")
    text = (tmp_path / "new/collect-from-today.html").read_text(encoding="utf-8")
    for needed in ("court papers", "All other names", "Date of birth", "PNC ID or Prison number", "First day", "Last day",
                   "Attendance", "Reason for ending", "Referral route", "Motivation or need", "Eligible but not served",
                   "not legal advice", "destroys the list"):  # fmt: skip
        assert needed in text
    assert text.count("<h1>") == 1
    assert "<script" not in text


# ---------------------------------------------------------------- words


def test_every_kind_has_words_that_tell_fault_and_mend() -> None:
    for kind, told in words.KINDS.items():
        assert told.title and told.wrong and told.mend, kind  # noqa: PT018
        assert "error" not in told.title.lower() or kind == "error_cell"
        for text in told:
            assert not re.search(r"\b(null|NaN|invalid|validation|column dob)\b", text, re.I), kind
