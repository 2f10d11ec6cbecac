"""The page as a reader and a machine meet it: structure, safety, numbers, words of page 1."""

import html
import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from example_results import CASES, earnings, example, only, refused
from many_results import generated

from datalab_helpers.disclosure.results import Results
from datalab_helpers.report import render
from datalab_helpers.wording.numbers import readable
from datalab_helpers.wording.verdict import LEVELS, NOT_EVIDENCE

BLOCKS = {
    "p",
    "li",
    "h1",
    "h2",
    "h3",
    "dt",
    "dd",
    "div",
    "td",
    "th",
    "caption",
    "figcaption",
    "ol",
    "ul",
    "dl",
    "section",
}
BESIDE = re.compile(r"results\.json|report\.pdf|tables\.xlsx|claim-kit\.html|data/[a-z0-9-]+\.csv")
EMPTY = {"img", "meta", "link", "br", "col", "source"}


class Page(HTMLParser):
    """Tags with their attributes, the text of page 1 in pieces, and all visible text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[tuple[str, str]] = []
        self.first: list[str] = [""]
        self.visible = ""
        self.feed(text)
        assert self.open == [], "every tag is closed"

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag in BLOCKS:
            self.first.append("")
        if tag not in EMPTY:
            self.open.append((tag, given.get("class") or ""))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag
        if tag in BLOCKS:
            self.first.append("")

    def handle_data(self, data):
        if self.open and self.open[-1][0] in {"style", "title"}:
            return
        self.visible += data
        if ("section", "page-one") in self.open:
            self.first[-1] += data

    @property
    def pieces(self) -> list[str]:
        return [" ".join(piece.split()) for piece in self.first if piece.strip()]

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [given for name, given in self.tags if name == tag]


ALL = [(case, confidence) for case in CASES for confidence in LEVELS]
WARNED = {"warning": "the groups are not alike enough; read this with great care"}


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    found = {f"{case} {confidence}": Page(render(example(case, confidence))) for case, confidence in ALL}
    found["earnings"] = Page(render(earnings()))
    found["warned"] = Page(render(example("E", "low", verdict=WARNED)))
    found["refused"] = Page(render(example("A", analysis={**refused(), "headline": True})))
    found["hidden"] = Page(
        render(example("A", measure={"suppressed": "fewer than 10 people behind it", "treatment": None}))
    )
    return found


def test_same_bytes_twice_and_after_a_round_trip():
    results = example("A")
    assert render(results) == render(example("A"))
    assert render(results) == render(Results.model_validate(json.loads(results.to_json())))


def test_structure(pages):
    for page in pages.values():
        assert page.of("html") == [{"lang": "en-GB"}]
        assert (
            len(page.of("h1"))
            == len(page.of("main"))
            == len(page.of("header"))
            == len(page.of("footer"))
            == 1
        )
        assert page.of("a")[0] == {"class": "skip", "href": "#main"}
        assert all((image.get("alt") or "").strip() for image in page.of("img"))
        assert all(head.get("scope") in {"col", "row", "colgroup", "rowgroup"} for head in page.of("th"))
        assert len(page.of("caption")) == len(page.of("table"))
        names = [given["id"] for _, given in page.tags if "id" in given]
        assert len(names) == len(set(names))
        wanted = [link["href"][1:] for link in page.of("a") if link["href"].startswith("#")]
        wanted += [given["aria-labelledby"] for _, given in page.tags if "aria-labelledby" in given]
        assert set(wanted) <= set(names)
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_figure_and_table_has_a_heading_and_a_title_of_its_own():
    """Of a report with five analyses: a reader who goes from heading to heading misses none and can tell each."""
    soup = BeautifulSoup(render(generated(4, 1)), "html.parser")
    shown = [*soup.find_all("figcaption"), *soup.find_all("caption")]
    assert len({" ".join(title.get_text().split()) for title in shown}) == len(shown) > 30
    boxes = [box.get("aria-label") for box in soup.select(".scroll")]
    assert len(set(boxes)) == len(boxes)
    for title in shown:
        heads = title.find(["h3", "h4"])
        own_section = title.find_parent("section")["aria-labelledby"] == "provenance"
        assert bool(heads) != bool(title.find_parent("details") or own_section), title.get_text()


def test_rows_below_a_heading_are_a_group_of_their_own():
    soup = BeautifulSoup(render(example("A")), "html.parser")
    sections = soup.select("tr.section th")
    assert len(sections) > 10
    for section in sections:
        assert section["scope"] == "rowgroup"
        row = section.find_parent("tr")
        assert row.find_previous_sibling("tr") is None
        assert len(row.find_next_siblings("tr")) >= 1


def test_nothing_is_fetched_and_nothing_runs(pages):
    for page in pages.values():
        policy = [
            meta["content"] for meta in page.of("meta") if meta.get("http-equiv") == "Content-Security-Policy"
        ]
        assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
        assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
        for _, given in page.tags:
            assert not [name for name in given if name.startswith("on")]
            for name in ["src", "srcset", "href", "action"]:
                place = given.get(name) or "#"
                assert place.startswith(("data:image/svg+xml;base64,", "#")) or BESIDE.fullmatch(place)


def test_every_picture_behind_page_one_has_a_form_for_phones(pages):
    for page in pages.values():
        narrow = page.of("source")
        assert len(narrow) == len(page.of("picture"))
        assert {given["media"] for given in narrow} <= {"(max-width: 640px)"}
        on_page_one = sum(given.get("class") == "picture" for given in page.of("div"))
        assert len(page.of("img")) == on_page_one + len(narrow)


def test_page_one_has_its_eight_blocks(pages):
    text = " ".join(pages["A moderate"].pieces)
    for words in [
        "Taking part probably reduced reoffending",
        "Out of every 100 people",
        "How big the difference could be",
        "How sure we are Moderate confidence",
        "Who was analysed 203 people sent 180 found in the records 160 could be compared 142 analysed",
        "What you can say",
        "What you cannot say",
        "Who they are compared with They are similar people who did not take part.",
        "About this result Request JDL-2026-001, Justice Data Lab",
    ]:
        assert words in text


def test_page_one_uses_no_forbidden_word_and_short_sentences(pages):
    for name, page in pages.items():
        text = " ".join(page.pieces)
        assert not re.search(r"significant|proves|no effect", text.replace(NOT_EVIDENCE, "")), name
        for piece in page.pieces:
            for sentence in re.split(r"(?<=[.!?”])\s+(?=[“A-Z])", piece):
                assert len(sentence.split()) <= 25, f"{name}: {sentence}"


@pytest.mark.parametrize(("gender", "called"), [("F", "women"), ("M", "men")])
def test_page_one_of_women_alone_speaks_of_women(gender, called):
    """Whoever was sent were people; the answer is about women."""
    pieces = [piece.replace("203 people", "") for piece in Page(render(only(gender))).pieces]
    assert not [piece for piece in pieces if re.search(r"\b(people|person)\b", piece, re.I)]
    assert f"between 4 and 20 fewer {called} in every 100" in " ".join(pieces)
    assert f"142 {called} of the  were analysed (70%)." in " ".join(pieces)


def test_cannot_tell_always_says_what_that_does_not_mean(pages):
    for name in ["E high", "E low", "A very low", "F very low", "warned"]:
        assert NOT_EVIDENCE in " ".join(pages[name].pieces)


def test_warning_is_shown_only_when_there_is_one(pages):
    shown = [
        name for name, page in pages.items() if any(given.get("class") == "warning" for _, given in page.tags)
    ]
    assert shown == ["warned"]
    assert "Warning. The groups are not alike enough; read this with great care." in pages["warned"].pieces


def test_minus_zero_is_never_printed(pages):
    for page in pages.values():
        assert not re.search(r"[-\N{MINUS SIGN}]0(?:\.0+)?(?![\d.])", page.visible)


def leaves(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def derivable(results: Results) -> set[str]:
    """Every spelling that a number of `results.json` may have on page 1."""
    found = {"100", "4"}  # per 100; four steps of confidence
    values = json.loads(results.to_json())
    for value in leaves(values):
        if isinstance(value, str):
            found |= set(re.findall(r"\d+", value)) | {str(int(part)) for part in re.findall(r"\d+", value)}
        elif isinstance(value, int | float):
            for size in [abs(value), abs(value) * 100]:
                found |= {f"{size + 1e-9:,.0f}", f"{size:g}"}
    headline = values["analyses"][0]
    if headline["sizes"] and values["linking"]:
        found.add(f"{headline['sizes']['treatment'] / values['linking']['submitted'] * 100:.0f}")
    for measure in headline["measures"][:1]:
        if measure["treatment"] is not None:
            found.add(f"{abs(measure['treatment'] - measure['adjusted']['difference']) * 100:.0f}")
            found.add(f"{abs(measure['treatment'] - measure['adjusted']['difference']):,.0f}")
    return found | {str(step) for step in range(1, 5)}


@pytest.mark.parametrize("case", CASES)
def test_every_number_on_page_one_comes_from_the_results(pages, case):
    results = example(case, "moderate")
    known = derivable(results)
    for piece in pages[f"{case} moderate"].pieces:
        for text in re.findall(r"\d[\d,]*(?:\.\d+)?", piece):
            assert text.rstrip(",") in known, f"{text} in {piece}"


HOSTILE = [
    "<script>alert(1)</script>",
    "=1+1",
    '"><img src=x onerror=alert(1)>',
    "\u202eevil\u200f name",
    "🙂 {{ 7 * 7 }}",
    "x" * 500,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_come_out_as_text(name):
    about = example("A").about.model_dump()
    about |= {"organisation": name, "programme": {**about["programme"], "name": name, "description": name}}
    analysis = {"name": name[:60], "described": name}
    source = render(example("A", about=about, analysis=analysis))
    page = Page(source)
    name = readable(name)
    assert name in page.pieces[0]
    assert "<script" not in source
    assert not [given for _, given in page.tags if "onerror" in given]
    assert html.escape(name, quote=False).replace('"', "&#34;") in source
    assert "49 " not in page.pieces[0]


def test_detail_lists_refusals_both_estimates_settings_and_hashes(pages):
    text = pages["A moderate"].visible
    for words in [
        "Analyses that are not published",
        "fewer than 30 people could be matched",
        "Adjusted difference (headline)",
        "Unadjusted difference",
        "p, Holm",
        "p, BH",
        "0.05 of the usual spread of scores (their standard deviation)",
        "gender and index year",
        "Index quarter: Q4",
        "Groups of fewer than 30 people are not published.",
        "confidential: held back",
        "not available: there is no such number",
        "Follow-up starts on the day on which a person began to take part.",
        example("A").frame.plan_sha256,
    ]:
        assert words in text, words


def test_the_organisation_s_response_is_told_apart_from_the_lab_s_words(pages):
    about = example("A").about.model_dump()
    response = "It <b>works</b>.\n\nWe thank   everyone."
    page = Page(render(example("A", about={**about, "response": response})))
    said = " ".join(page.visible.split())
    assert (
        "These are the words of Second Start, not of the Justice Data Lab. It <b>works</b>. We thank everyone."
        in said
    )
    assert "What the organisation says" not in pages["A moderate"].visible


def test_without_a_result_the_page_still_stands(pages):
    assert "No result can be published: fewer than 30 people could be matched." in pages["refused"].pieces
    assert "No result can be published: too few people are behind it." in pages["hidden"].pieces
    nothing = render(
        example(
            "A", analyses=[{**refused(), "headline": True}], linking=None, attrition=[], attrition_pool=[]
        )
    )
    assert "No analysis of this request can be published." in Page(nothing).visible


def test_continuous_measure_has_no_people_per_100(pages):
    text = " ".join(pages["earnings"].pieces)
    assert "The average for people who took part was $6,349." in text
    assert "in every 100" not in text
