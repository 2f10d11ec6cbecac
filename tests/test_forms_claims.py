"""The claim kit, and the reader of drafts: our own sentences pass, overclaims do not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import scenarios
from example_results import CASES, earnings, example, only, refused

from datalab_helpers.plots import claim_picture
from datalab_helpers.report.forms import kit_forms
from datalab_helpers.wording import kit
from datalab_helpers.wording.draft import check_draft, split
from datalab_helpers.wording.verdict import LEVELS

# What `outcome.verdict` can name as holding confidence back.
REASONS = [
    "it rests on one matched comparison, and people may differ in ways the records do not show; a hidden difference as strong as “Sentence length” would change the answer",
    "the groups could not be made alike: 5 of 60 characteristics differ by more than 0.1",
    "the groups differed before the programme could have changed anything",
    "it keeps only some participants, who might have done better anyway",
    "only 61% of the other ways to compare point the same way",
    "many people joined after the clock had started, free of the outcome until then, which flatters the programme",
]
NOTHING = example("A", analysis={**refused(), "headline": True})


@pytest.mark.parametrize("confidence", LEVELS)
@pytest.mark.parametrize("case", CASES)
def test_the_kit_passes_its_own_reader(case: str, confidence: str) -> None:
    """Each sentence alone and all together, whatever the verdict, the reason and the good direction."""
    for reason in REASONS:
        for results in (
            example(case, confidence, verdict={"held_back_by": reason}),
            only("F", case, confidence, verdict={"held_back_by": reason}),
            earnings(case, confidence),
            earnings(case, confidence, good="lower"),
        ):
            given = kit(results)
            assert len(given.sentences) == 3
            for text in [*given.sentences, " ".join(given.sentences), given.picture_alt, given.citation]:
                assert check_draft(text, results) == [], text


def test_the_kit_of_every_scenario_passes_its_own_reader() -> None:
    for name, results in scenarios.page_one():
        given = kit(results)
        for text in [*given.sentences, " ".join(given.sentences), given.picture_alt, given.citation]:
            assert check_draft(text, results) == [], (name, text)


def test_without_a_result_the_kit_says_so_and_nothing_may_be_claimed() -> None:
    given = kit(NOTHING)
    assert given.sentences == ["No result can be published: fewer than 30 people could be matched."]
    assert check_draft(given.sentences[0], NOTHING) == []
    for draft in (
        "Our programme reduced reoffending.",
        "Reoffending fell by a third.",
        "Our mentoring works.",
    ):
        assert [f.why for f in check_draft(draft, NOTHING)] == [
            "No result of this request is published, so nothing can be claimed from it."
        ]
    assert check_draft("We want to reduce reoffending.", NOTHING) == []
    assert set(kit_forms(NOTHING)) == {"claim-kit.html"}


# ---------------------------------------------------------------- drafts: case, confidence, draft, words found

# example("A"): 31 and 43 of 100, difference 12, range 4 to 20 fewer, 142 people.
OVERCLAIMS = [
    ("A", "high", "Our programme proves that support matters.", "proves"),
    ("A", "high", "This is proof that we are right.", "proof"),
    ("A", "high", "Mentoring works.", "works"),
    ("A", "high", "Our mentoring is highly effective.", "effective"),
    ("A", "high", "Our success rate is remarkable.", "success rate"),
    ("A", "high", "We saw a significant fall in reoffending.", "significant"),
    ("A", "high", "Our programme caused reoffending to fall.", "caused"),
    ("A", "high", "Thanks to our programme, reoffending fell.", "Thanks to"),
    ("A", "high", "Reoffending fell because of our work.", "because of our"),
    ("A", "high", "We cut reoffending by 28%.", "28%"),
    ("A", "high", "Taking part reduced reoffending by 28 per cent.", "28 per cent"),
    ("A", "high", "Reoffending fell by a third.", "a third"),
    ("A", "high", "Taking part halved reoffending.", "halved"),
    ("A", "high", "People who took part were three times less likely to reoffend.", "three times less"),
    ("A", "high", "12 fewer people in every 100 reoffended.", "12"),
    ("A", "high", "Reoffending fell from 43 to 31 in every 100.", "43"),
    ("A", "high", "Mentoring reduces reoffending for everyone.", "everyone"),
    ("A", "high", "Our programme will reduce reoffending.", "will reduce"),
    ("A", "high", "All people who leave prison would see reoffending fall.", "All people"),
    ("A", "high", "Taking part led to a dramatic drop in reoffending.", "dramatic"),
    ("A", "high", "Reoffending fell by exactly 12 people in every 100.", "exactly"),
    ("A", "high", "Our programme increased reoffending.", "increased"),
    ("A", "high", "More people reoffended.", "More"),
    ("A", "high", "More women reoffended.", "More"),
    ("A", "high", "Of 160 people, 99 stayed out of trouble.", "99"),
    ("A", "high", "Our programme had no effect on reoffending.", "no effect"),
    ("A", "moderate", "Our programme reduced reoffending.", "reduced"),
    ("A", "low", "Our programme probably reduced reoffending.", "reduced"),
    ("B", "high", "Our programme greatly reduced reoffending.", "greatly"),
    ("C", "high", "Our programme reduced reoffending.", "reduced"),
    ("C", "moderate", "Our programme made little or no difference to reoffending.", "little or no difference"),
    ("D", "high", "Our programme did not reduce reoffending.", "not … reduce"),
    ("D", "high", "Our programme increased reoffending.", "increased"),
    ("E", "moderate", "Our programme reduced reoffending.", "reduced"),
    ("E", "moderate", "Our programme probably reduced reoffending.", "reduced"),
    ("E", "moderate", "Our programme increased reoffending.", "increased"),
    ("E", "moderate", "Our people were less likely to reoffend.", "less likely"),
    ("E", "moderate", "Our programme had no effect.", "no effect"),
    ("E", "moderate", "Our programme made no difference to reoffending.", "no difference"),
    ("E", "moderate", "Our programme made little or no difference to reoffending.", "little or no difference"),
    ("E", "moderate", "Our programme did not reduce reoffending.", "not … reduce"),
    ("E", "moderate", "The analysis shows that our programme does not work.", "does not work"),
    ("E", "moderate", "The difference is 4 fewer people in every 100.", "4"),
    ("E", "moderate", "Reoffending was lower among our people.", "lower"),
    ("A", "very low", "Our programme probably reduced reoffending.", "reduced"),
    ("F", "high", "Our programme reduced reoffending.", "reduced"),
    ("F", "high", "Our programme improved reoffending.", "improved"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "confidence", "draft", "found"), OVERCLAIMS)
def test_an_overclaim_is_flagged_with_why_and_what_to_say(
    case: str, confidence: str, draft: str, found: str
) -> None:
    results = example(case, confidence)
    flagged = check_draft(f"We ran a mentoring scheme. {draft} We thank all who helped.", results)
    assert any(found in f.found for f in flagged)
    for finding in flagged:
        assert finding.sentence == draft
        assert finding.why.endswith(".")
        assert check_draft(finding.instead, results) == [] or finding.instead == kit(results).sentences[0]


HONEST = [
    ("A", "high", "Taking part reduced reoffending: between 4 and 20 fewer people in every 100 reoffended."),
    ("A", "moderate", "A matched comparison suggests that we probably reduced reoffending. Of every 100, 31 reoffended; among similar people it was 43. The true difference is likely to be between 4 and 20 fewer."),
    ("A", "low", "Our programme may have reduced reoffending."),
    ("A", "high", "We work with people in prison, and every person is met at the gate."),
    ("A", "high", "Since 2015 we have tried to reduce reoffending."),
    ("A", "high", "Call us on a weekday, write to info@second-start.example or see https://x.example/2024/99."),
    ("A", "high", "31% of the people who took part committed a proven reoffence."),
    ("A", "high", "142 of the 203 people were analysed (70%)."),
    ("C", "high", "Our programme made little or no difference to reoffending."),
    ("D", "high", "Our programme did not reduce reoffending by 2 in 100 or more."),
    ("E", "moderate", "We cannot tell whether our programme reduced reoffending."),
    ("E", "moderate", "The analysis does not show that our programme reduced reoffending."),
    ("E", "moderate", "This is not evidence that the programme has no effect."),
    ("E", "moderate", "The range is from 12 fewer to 4 more people in every 100."),
    ("F", "high", "Our programme increased reoffending."),
]  # fmt: skip


@pytest.mark.parametrize(("case", "confidence", "draft"), HONEST)
def test_an_honest_sentence_is_left_alone(case: str, confidence: str, draft: str) -> None:
    assert check_draft(draft, example(case, confidence)) == []


def test_where_more_is_good_the_directions_turn() -> None:
    good, bad = earnings("A", "high"), earnings("A", "high", good="lower")
    assert check_draft("Our programme raised earnings.", good) == []
    assert [f.found for f in check_draft("Our programme reduced earnings.", good)] == ["reduced"]
    assert [f.found for f in check_draft("Our programme raised earnings.", bad)] == ["raised"]


def test_a_number_wrong_by_one_is_found_anywhere_in_the_draft() -> None:
    draft = (
        "We ran for two years.\n\n- Of every 100 people, 32 reoffended.\n- Among similar people it was 43."
    )
    [finding] = check_draft(draft, example("A", "high"))
    assert (finding.found, finding.sentence) == ("32", "Of every 100 people, 32 reoffended.")


def test_sentences_end_where_a_reader_would_end_them() -> None:
    text = "A heading\n\nIt rose by 0.5 points, we\nthink. “Yes.” Next!\n- one\n- two"
    assert split(text) == ["A heading", "It rose by 0.5 points, we think.", "“Yes.", "Next!", "one", "two"]
    assert max(map(len, split("and 31 " * 2_000))) <= 1_000


# ---------------------------------------------------------------- the page and the picture


def test_the_page_of_the_kit_is_accessible_and_fetches_nothing() -> None:
    page = kit_forms(example("A"))["claim-kit.html"].decode()
    assert '<html lang="en-GB">' in page
    assert page.count("<h1>") == page.count("<main") == 1
    assert re.search(r'<img class="poster" alt="[^"]{60,}"', page)
    assert "default-src 'none'" in page
    assert set(re.findall(r'(?:src|href)="([^"]{0,30})', page)) == {
        "#main",
        "claim-picture.png",
        "claim-picture.svg",
        "data:image/svg+xml;base64,PHN2",
        "report.html",
        "results.json",
    }
    for sentence in kit(example("A")).sentences:
        assert sentence in page


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "x" * 500, "\u202e🙂\x00"],
)
def test_hostile_names_come_out_as_text(name: str) -> None:
    about = example("A").about.model_dump()
    about |= {"organisation": name, "programme": {**about["programme"], "name": name}}
    made = kit_forms(example("A", about=about))
    page = made["claim-kit.html"].decode()
    assert "<script" not in page
    assert not re.search(r"<[^>]*onerror", page)
    ElementTree.fromstring(made["claim-picture.svg"])  # noqa: S314 (our own bytes)
    assert made["claim-picture.png"][:4] == b"\x89PNG"


def test_the_picture_says_what_its_words_say() -> None:
    for results in (example("A"), example("E", "low"), earnings()):
        given = kit(results)
        drawn = claim_picture(results, given) or ""
        said = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", drawn))
        for sentence in (given.answer, *given.picture_notes):
            assert sentence in said
            assert sentence in given.picture_alt


# ---------------------------------------------------------------- the command


@pytest.fixture
def report(tmp_path: Path) -> Path:
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "results.json").write_text(example("A").to_json(), encoding="utf-8")
    return folder


def test_the_command_names_each_place_to_mend(datalab, report: Path, tmp_path: Path) -> None:
    draft = tmp_path / "draft.txt"
    draft.write_bytes("Our programme works \N{EN DASH} it cut reoffending by 28%.".encode("cp1252"))
    code, out, err = datalab("claims", report, draft)
    assert (code, err) == (2, "")
    assert "places to mend" in out
    assert (
        "Say instead: A matched comparison suggests that our programme probably reduced reoffending." in out
    )
    code, out, _ = datalab("claims", report, draft, "--json")
    assert {f["found"] for f in json.loads(out)["findings"]} >= {"works", "28%"}
    draft.write_text("\ufeff" + "\n\n".join(kit(example("A")).sentences), encoding="utf-8")
    code, out, _ = datalab("claims", report, draft)
    assert code == 0
    assert out.startswith("No usual overclaim was found.")


def test_the_command_says_what_is_missing(datalab, report: Path, tmp_path: Path) -> None:
    assert "there is no file" in datalab("claims", report, tmp_path / "none.txt")[2]
    word = tmp_path / "draft.docx"
    word.write_bytes(b"PK\x03\x04....")
    assert "not plain text" in datalab("claims", report, word)[2]
    text = tmp_path / "draft.txt"
    text.write_text("Mentoring.")
    assert "there is no results.json" in datalab("claims", tmp_path, text)[2]
    (report / "results.json").write_text("{}")
    code, _, err = datalab("claims", report, text)
    assert (code, "not a result of this version" in err) == (2, True)
