"""The tagged PDF: one sheet for page 1, the words of the page, tags that a screen reader needs, hostile text as text."""

from __future__ import annotations

import io
import re
import unicodedata

import pytest
from example_results import content, earnings, example, refused
from many_results import REQUESTS, generated
from pdf_layout import collisions, left_alone, lines, used
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from datalab_helpers.disclosure.results import Results
from datalab_helpers.report import context, render
from datalab_helpers.report.pdf import fonts, for_print, pdf, png

LONG = "people may differ in ways that the records do not show, which is why nothing is certain here; " * 4
SMALLEST = 7  # points
FULL = 0.65  # of a page's height
ALL: dict[str, Results] = {
    "A": example("A"),
    "long": example("E", "low", verdict={"warning": LONG, "held_back_by": LONG}),
    "earnings": earnings(),
    "nothing": example(
        "A", analyses=[{**refused(), "headline": True}], linking=None, attrition=[], attrition_pool=[]
    ),
}


@pytest.fixture(scope="module")
def made() -> dict[str, PdfReader]:
    return {name: PdfReader(io.BytesIO(pdf(context(results)))) for name, results in ALL.items()}


def squeezed(text: str) -> str:
    """Letters alone: lines, spaces and places to break words are the layout's."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKC", text) if letter.isalnum() or letter in "=<>"
    )


def words(reader: PdfReader) -> str:
    return squeezed("".join(page.extract_text() for page in reader.pages))


def tags(reader: PdfReader) -> list[DictionaryObject]:
    """Every element of the structure tree."""
    found, waiting = [], [reader.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        item = waiting.pop().get_object()
        if isinstance(item, list):
            waiting += item
        elif isinstance(item, DictionaryObject):
            if "/S" in item:
                found.append(item)
            if "/K" in item:
                waiting.append(item["/K"])
    return found


@pytest.mark.parametrize("name", ALL)
def test_page_one_is_one_sheet_of_a4(made: dict[str, PdfReader], name: str) -> None:
    pages = made[name].pages
    assert {(round(p.mediabox.width), round(p.mediabox.height)) for p in pages} == {(595, 842)}
    assert "About this result" in pages[0].extract_text()
    assert pages[1].extract_text().lstrip().startswith("In this report")


@pytest.mark.parametrize("name", ALL)
def test_it_is_tagged_titled_and_in_english(made: dict[str, PdfReader], name: str) -> None:
    reader, about = made[name], ALL[name].about
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 (a PDF's own kind of truth)
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert about.programme.name in reader.metadata.title
    assert reader.metadata.author == about.lab_label
    assert "/CreationDate" not in reader.metadata
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()


def test_every_picture_has_its_words_and_every_table_its_headings(made: dict[str, PdfReader]) -> None:
    found = tags(made["A"])
    kinds = [item["/S"] for item in found]
    alts = [item["/Alt"] for item in found if item["/S"] == "/Figure"]
    page = render(ALL["A"])
    assert len(alts) == page.count("<img ")
    assert all(len(alt) > 20 for alt in alts)
    assert kinds.count("/Table") == kinds.count("/THead") > 10
    assert kinds.count("/TH") > 60
    assert kinds.count("/Caption") >= kinds.count("/Table")


@pytest.mark.parametrize("name", ["A", "nothing"])
def test_it_says_what_the_page_says(made: dict[str, PdfReader], name: str) -> None:
    """Every heading, sentence, caption and cell of the page that is printed, in the PDF."""
    text, page = words(made[name]), render(ALL[name])
    page = re.sub(
        r"<details>.*?</details>|<nav.*?</nav>|<section aria-labelledby=\"forms\">.*?</section>",
        "",
        page,
        flags=re.S,
    )
    missing = []
    for tag in ("h1", "h2", "h3", "caption", "td", "li", "dd"):
        for found in re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", page, re.S):
            said = squeezed(re.sub(r"&[#\w]+;|<[^>]*>", "", found))
            if (
                said
                and said not in text
                and "results.json" not in found
                and "✓" not in found
                and "✗" not in found
            ):
                missing.append(found)
    assert not missing


def test_no_page_is_left_half_empty_and_no_title_alone(made: dict[str, PdfReader]) -> None:
    """Page 1 stands alone, and the last ends where it ends."""
    others = {str(n): PdfReader(io.BytesIO(pdf(context(generated(n, 1))))) for n in range(0, REQUESTS, 9)}
    least, alone = {}, {}
    for name, reader in {**made, **others}.items():
        least[name] = min(used(reader)[1:-1], default=1)
        alone[name] = left_alone(reader)
    assert {name: share for name, share in least.items() if share < FULL} == {}
    assert {name: titles for name, titles in alone.items() if titles} == {}


LABELS = ("Everyone", "North West and Merseyside", "Completers of the whole programme", "x" * 60)


def test_no_words_run_into_one_another_or_off_the_page(made: dict[str, PdfReader]) -> None:
    """With several analyses, their names long and short, and every kind of number at its longest."""
    several = [
        {
            **content("A")["analyses"][0],
            "name": name,
            "headline": n == 0,
            "described": f"{name}: who they are",
        }
        for n, name in enumerate(LABELS)
    ]
    crowded = PdfReader(io.BytesIO(pdf(context(example("A", analyses=several)))))
    assert {
        name: collisions(reader)
        for name, reader in {**made, "crowded": crowded}.items()
        if collisions(reader)
    } == {}


def test_words_that_run_into_one_another_are_found() -> None:
    """Or the test above would prove nothing."""
    import typst

    source = b'#set page(paper: "a4", margin: 14mm)\n#set text(font: "DejaVu Sans", size: 8pt)\n'
    source += b"#place(dx: 10mm)[Comparison] #place(dx: 25mm)[Worth] #place(dx: 180mm)[Confidence]"
    made = typst.compile(source, ignore_system_fonts=True, font_paths=[str(fonts())])
    assert collisions(PdfReader(io.BytesIO(made))) == [
        "page 1: 'Confidence' leaves the margin",
        "page 1: 'Comparison' runs into 'Worth'",
    ]


def test_no_table_is_set_in_letters_too_small_to_read(made: dict[str, PdfReader]) -> None:
    for reader in made.values():
        assert min(line.size for line in lines(reader) if line.page and not line.drawn) >= SMALLEST


def test_bookmarks_follow_the_headings(made: dict[str, PdfReader]) -> None:
    titles = [item["/Title"] for item in made["A"].outline if isinstance(item, dict)]
    for title in ("The result", "Results in full", "How far to trust it", "Shorthand"):
        assert title in titles


HOSTILE = [
    ("#import sys", "= Heading *bold* $x$ @ref <label> \\ #", "<script>alert(1)</script>"),
    ("\u202eevil\u200f", "🙂 漢字 \u05d0\u05d1", "\u0627\u0644\u0639 \u0915\u094d\u0937\u093f"),
    ("x" * 500, "a\x00b\x1b[31m", "y" * 500),
]


@pytest.mark.parametrize("names", HOSTILE)
def test_hostile_names_come_out_as_text(names: tuple[str, str, str]) -> None:
    first, second, third = names
    about = example("A").about.model_dump()
    about |= {
        "organisation": second,
        "programme": {**about["programme"], "name": first, "description": third},
    }
    made = pdf(context(example("A", about=about, analysis={"name": second[:60], "described": third})))
    pages = PdfReader(io.BytesIO(made)).pages
    assert pages[1].extract_text().lstrip().startswith("In this report")
    for name, page in ((first, pages[0]), (second, pages[0]), (third, pages[1])):
        letters = "".join(letter for letter in squeezed(name) if letter.isascii())
        assert letters in squeezed(page.extract_text())


MIXED = "\u211c\u0901"  # an Indic mark on a black letter


def test_a_name_that_the_standard_cannot_hold_is_tagged_without_claiming_it() -> None:
    about = example("A").about.model_dump()
    about |= {"programme": {**about["programme"], "name": MIXED}}
    root = PdfReader(io.BytesIO(pdf(context(example("A", about=about))))).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 (a PDF's own kind of truth)
    assert b"pdfuaid" not in root["/Metadata"].get_object().get_data()


def test_the_same_bytes_twice_on_any_day() -> None:
    first = pdf(context(ALL["A"]))
    assert first == pdf(context(Results.model_validate_json(ALL["A"].to_json())))
    assert not re.search(rb"D:20\d\d", first)


def test_a_letter_that_the_font_lacks_leaves_the_rest_of_its_line_alone() -> None:
    assert (
        for_print("<text>a\u202eb \U0001f642 caf\xe9 \u2212 \u2190</text>")
        == "<text>ab \u25a1 caf\xe9 \u2212 \u2190</text>"
    )


def test_signs_joined_into_one_are_one_square() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert for_print(f"<text>{family} us</text>") == "<text>\u25a1 us</text>"


def test_a_picture_has_the_pixels_asked_for() -> None:
    content = png(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 60" width="120" height="60"/>', 240
    )
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) == (240, 120)
