"""All forms of one result: the same numbers in each, links that lead somewhere, the same bytes every time."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zipfile
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from typing import Any

import openpyxl
import pytest
from example_results import earnings, estimate, example, refused
from pypdf import PdfReader

from datalab_helpers.audit import Audit
from datalab_helpers.disclosure.results import MeasureResult, Results
from datalab_helpers.pipeline import verify
from datalab_helpers.pipeline.publish import publish
from datalab_helpers.report.data import as_text, csv_bytes
from datalab_helpers.report.forms import forms
from datalab_helpers.run import code_sha256
from datalab_helpers.wording.data import data_tables
from datalab_helpers.wording.numbers import readable
from datalab_helpers.wording.page import EXAMPLE

ALL = {
    "A": example("A"),
    "E": example("E", "low"),
    "earnings": earnings(),
    "refused": example("A", analysis={**refused(), "headline": True}),
}


@pytest.fixture(scope="module")
def made() -> dict[str, dict[str, bytes]]:
    return {name: forms(results) for name, results in ALL.items()}


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


class Tables(HTMLParser):
    """Caption -> rows of cells, as a browser shows them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[list[str]]] = {}
        self.caption, self.inside = "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "caption":
            self.caption, self.inside = "", "caption"
        elif tag == "tr" and self.caption:
            self.found[self.caption].append([])
        elif tag in {"td", "th"} and self.caption:
            self.found[self.caption][-1].append("")
            self.inside = "cell"

    def handle_endtag(self, tag: str) -> None:
        if tag == "caption":
            self.found[self.caption] = []
        if tag in {"caption", "td", "th"}:
            self.inside = ""
        if tag == "table":
            self.caption = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "caption":
            self.caption += data
        elif self.inside == "cell":
            self.found[self.caption][-1][-1] += data


def rounded(value: float, places: int) -> str:
    """As a person would, on paper, from the digits that are published."""
    text = f"{Decimal(f'{value:.10g}').quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
    return re.sub(r"^-(?=[0.]*$)", "", text).replace("-", "\N{MINUS SIGN}")


def by_hand(measure: MeasureResult) -> dict[str, float | None]:
    """What the file must hold for a measure, by heading."""
    times = 100 if measure.kind == "binary" else 1
    mine = measure.adjusted, measure.unadjusted
    values = {
        "People: took part": measure.n_treatment,
        "People: comparison": measure.n_comparison,
        "Worth of the comparison": measure.n_comparison_effective,
        "Value: took part": None if measure.treatment is None else measure.treatment * times,
        "Value: comparison, as observed": None if measure.comparison is None else measure.comparison * times,
        "Change that could be seen": None if measure.detectable is None else measure.detectable * times,
        "Adjusted: p, Holm": mine[0] and mine[0].p_holm,
        "Adjusted: p, BH": mine[0] and mine[0].p_bh,
    }
    for name, found in zip(("Adjusted", "Unadjusted"), mine, strict=True):
        values |= {
            f"{name} difference": found and found.difference * times,
            f"{name}: lower end of the 95% interval": found and found.low * times,
            f"{name}: upper end of the 95% interval": found and found.high * times,
            f"{name}: p": found and found.p,
        }
    return values


# ---------------------------------------------------------------- the same numbers everywhere


@pytest.mark.parametrize("name", ALL)
def test_every_measure_in_csv_is_the_one_of_the_results(made: dict, name: str) -> None:
    compared = 0
    for analysis in ALL[name].analyses:
        for measure in analysis.measures:
            table = rows(made[name][f"data/table-{measure.table}.csv"])
            [row] = [
                r for r in table if (r["Measure"], r["Analysis"]) == (measure.label, as_text(analysis.name))
            ]
            for heading, value in by_hand(measure).items():
                compared += 1
                if measure.suppressed:
                    assert row[heading] == "[c]", (measure.name, heading)
                elif value is None:
                    assert row[heading] == "[x]", (measure.name, heading)
                else:
                    assert float(row[heading]) == pytest.approx(value, rel=1e-9), (measure.name, heading)
    assert compared >= 16


@pytest.mark.parametrize("name", ALL)
def test_the_spreadsheet_holds_what_the_csv_files_hold(made: dict, name: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(made[name]["tables.xlsx"]))
    sheets = {sheet.title.lower().replace(" ", "-"): sheet for sheet in book.worksheets[3:]}
    files = {key[5:-4]: content for key, content in made[name].items() if key.startswith("data/")}
    assert set(sheets) == set(files)
    for key, content in files.items():
        [table] = sheets[key].tables.values()
        cells = [[as_text(cell.value) for cell in row] for row in sheets[key][table.ref]]
        assert cells == list(csv.reader(io.StringIO(content.decode(), newline=""))), key


@pytest.mark.parametrize("name", ALL)
def test_the_page_shows_the_same_measures_rounded(made: dict, name: str) -> None:
    tables = Tables(made[name]["report.html"].decode()).found
    compared = 0
    for caption, lines in tables.items():
        number = re.match(r"Table (\d+)\.", caption)
        if not number:
            continue
        shown = [line for line in lines[2:] if len(line) > 1]
        source = rows(made[name][f"data/table-{number[1]}.csv"])
        kinds = {m.label: m.kind for a in ALL[name].analyses for m in a.measures}
        assert len(shown) == len(source)
        for line, row in zip(shown, source, strict=True):
            kind = kinds[row["Measure"]]
            whole, fine = {"binary": (0, 1), "count": (2, 2), "days": (0, 0), "continuous": (0, 0)}[kind]
            wanted = [row["Analysis"], *(
                text if text.startswith("[") else rounded(float(text), places)
                for text, places in [
                    (row["People: took part"], 0), (row["Value: took part"], whole),
                    (row["People: comparison"], 0), (row["Value: comparison, as observed"], whole),
                ]
            )]  # fmt: skip
            ends = [row[h] for h in ("Adjusted difference", "Adjusted: lower end of the 95% interval", "Adjusted: upper end of the 95% interval")]  # fmt: skip
            size, low, high = (e if e.startswith("[") else rounded(float(e), fine) for e in ends)
            wanted.append(size if size.startswith("[") else f"{size} ({low} to {high})")
            assert [as_text(line[0]), *line[1:6]] == wanted
            compared += 6
    assert compared or not any(a.measures for a in ALL[name].analyses)


def test_no_file_calls_two_figures_by_one_name(made: dict) -> None:
    """As observed 43, adjusted another: whoever sets two files side by side must see which is which."""
    measure = {"treatment": 0.31, "comparison": 0.35, "adjusted": estimate(-0.05, -0.13, 0.03)}
    apart = {t.name: t for t in data_tables(example("E", measure=measure))}
    assert apart["groups"].rows == [
        ["People who took part", 31.0],
        ["Similar people who did not take part, adjusted", 36.0],
        ["Similar people who did not take part, as observed", 35.0],
    ]
    places = [column.heading for column in apart["table-1"].columns]
    assert apart["table-1"].rows[0][places.index("Value: comparison, as observed")] == 35.0
    alike = {
        t.name: t
        for t in data_tables(
            example("A", measure={"adjusted": None, "unadjusted": estimate(-0.1208, -0.2, -0.04)})
        )
    }
    assert [row[0] for row in alike["groups"].rows] == [
        "People who took part",
        "Similar people who did not take part, as observed",
    ]


def leaves(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


@pytest.mark.parametrize("name", ALL)
def test_no_number_of_a_csv_file_comes_from_elsewhere(made: dict, name: str) -> None:
    known = {
        f"{leaf * times:.8g}" for leaf in leaves(json.loads(made[name]["results.json"])) for times in (1, 100)
    }
    for measure in ALL[name].headline.measures[:1]:
        if measure.treatment is not None:
            times = 100 if measure.kind == "binary" else 1
            known.add(f"{(measure.treatment - measure.adjusted.difference) * times:.8g}")
        # The band and the bracket lie on both sides of zero.
        both = ALL[name].rules.smallest_difference, (measure.detectable or 0) * 100, measure.detectable or 0
        known |= {f"{-size:.8g}" for size in both}
    for key, content in made[name].items():
        if not key.startswith("data/") or key.startswith(("data/settings", "data/provenance")):
            continue
        for row in rows(content):
            for heading, text in row.items():
                if heading not in {"Way", "Level"} and re.fullmatch(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text):
                    assert f"{float(text):.8g}" in known, (key, heading, text)


@pytest.mark.parametrize("name", ["A", "E", "earnings"])
def test_every_value_of_the_range_is_a_place_on_one_axis(made: dict, name: str) -> None:
    """With its sign, so that whoever draws it again need not know which rows are sizes."""
    table = rows(made[name]["data/range.csv"])
    [heading] = set(table[0]) - {"Item"}
    assert heading.endswith("(below zero: fewer)" if name != "earnings" else "(below zero: lower)")
    found = {row["Item"]: float(row[heading]) for row in table}
    low, middle, high = (
        found[part]
        for part in ("Lower end of the 95% interval", "Difference", "Upper end of the 95% interval")
    )
    assert low < middle < high
    for item in ("Too small to matter", "Too small to be seen reliably"):
        assert found[f"{item}, from"] == -found[f"{item}, to"] < 0


# ---------------------------------------------------------------- signs, formulas, links


@pytest.mark.parametrize("name", ALL)
def test_no_cell_is_empty_and_what_is_held_back_says_so(made: dict, name: str) -> None:
    for key, content in made[name].items():
        if key.startswith("data/"):
            assert b"\xef\xbb\xbf" not in content
            table = list(csv.reader(io.StringIO(content.decode(), newline="")))
            assert len(set(table[0])) == len(table[0])
            assert all(len(line) == len(table[0]) and all(line) for line in table), key


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "|cmd", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201"]  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_no_name_begins_a_formula_in_csv(name: str) -> None:
    [table] = [t for t in data_tables(example("A", analysis={"name": name})) if t.name == "table-1"]
    cell = rows(csv_bytes(table))[0]["Analysis"]
    assert cell == f"'{name}"


TURNING = "\u202e\u202d\u202a\u2066\u2067\u2068\u200f\u061c"  # marks that turn the direction of reading


def test_no_form_turns_a_name_round() -> None:
    """A page would show the name from the right, where the picture beside it cannot; letters that join stay joined."""
    name = f"{TURNING}live on\u202c \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \x1b[31m \x07"
    about = ALL["A"].about.model_dump()
    about |= {"organisation": name, "programme": {**about["programme"], "name": name, "description": name}}
    made = forms(example("A", about=about, analysis={"name": name, "described": name}))
    texts = {
        key: content.decode() for key, content in made.items() if key.endswith((".html", ".csv", ".svg"))
    }
    with zipfile.ZipFile(io.BytesIO(made["tables.xlsx"])) as packed:
        texts |= {part: packed.read(part).decode() for part in packed.namelist()}
    for key, content in list(texts.items()):
        for drawn in re.findall(r"data:image/svg\+xml;base64,([\w+/=]+)", content):
            texts[f"{key}: {drawn[-20:]}"] = base64.b64decode(drawn).decode()
    pages = PdfReader(io.BytesIO(made["report.pdf"])).pages
    texts["report.pdf"] = "".join(page.extract_text() for page in pages)
    assert len(texts) > 60
    for key, text in texts.items():
        assert not set(text) & {*TURNING, "\u202c", "\x1b", "\x07"}, key
    assert f"<bdi>{readable(name)}</bdi>" in texts["report.html"]
    assert "\u06cc\u200c\u062e" in texts["report.html"]


def test_numbers_below_zero_stay_numbers() -> None:
    assert (as_text(-12.08), as_text(-3), as_text("\N{MINUS SIGN}12"), as_text("plain")) == (
        "-12.08",
        "-3",
        "\N{MINUS SIGN}12",
        "plain",
    )


@pytest.mark.parametrize("name", ALL)
def test_every_link_leads_to_a_form_and_every_form_is_linked(made: dict, name: str) -> None:
    linked = set()
    for key in ("report.html", "claim-kit.html"):
        places = re.findall(r'href="([^"#]+)"', made[name][key].decode())
        assert set(places) <= set(made[name]), key
        linked |= set(places)
    assert set(made[name]) - linked == set()


def test_each_picture_stands_beside_its_numbers(made: dict) -> None:
    page = made["A"]["report.html"].decode()
    assert page.count("<img ") == page.count('class="note data"')


# ---------------------------------------------------------------- the same bytes, whole or not at all


@pytest.mark.parametrize("name", ALL)
def test_the_same_bytes_after_a_round_trip(made: dict, name: str) -> None:
    again = forms(Results.model_validate_json(made[name]["results.json"]))
    assert {key for key in again if again[key] != made[name].get(key)} == set()


def test_verify_covers_every_form(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # Its numbers are made up and contradict one another, which tests/test_audit.py would not let pass.
    for name in ("audit", "audit_results"):
        monkeypatch.setattr(f"datalab_helpers.pipeline.publish.{name}", lambda *_: Audit((), 0))
    publish(ALL["A"], tmp_path, {"code": code_sha256()})
    folder = tmp_path / ALL["A"].about.id
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    assert names == sorted([*forms(ALL["A"]), "manifest.json"])
    assert verify(folder, None, None)[0] == f"{len(names) - 1} published files"
    (folder / "data/range.csv").write_bytes(b"Item\r\n")
    (folder / "data/more.csv").write_bytes(b"")
    with pytest.raises(Exception, match=r"data/more.csv does not belong(.|\n)*data/range.csv was changed"):
        verify(folder, None, None)


def test_invented_people_are_said_to_be_invented_on_every_form() -> None:
    """Nobody may take the example for a result; where the records do not say so, no form does."""
    told = example("A", frame={"invented": True})
    for results, is_told in ((told, True), (example("A"), False)):
        files = forms(results)
        book = openpyxl.load_workbook(io.BytesIO(files["tables.xlsx"]))
        texts = [
            files["report.html"].decode(),
            files["claim-kit.html"].decode(),
            files["claim-picture.svg"].decode(),
            " ".join(str(row[0].value) for row in book["Cover"].iter_rows()),
            " ".join(page.extract_text() for page in PdfReader(io.BytesIO(files["report.pdf"])).pages[:1]),
        ]
        assert [EXAMPLE in " ".join(text.split()) for text in texts] == [is_told] * len(texts)
