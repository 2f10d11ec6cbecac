"""The reader of drafts against a corpus of invented sentences, and its rules one by one.

`tests/drafts/` holds the sentences; `python -m tests.draft_corpus` prints what is missed and what is flagged wrongly.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain

import pytest

from datalab_helpers.wording.draft import check_draft
from datalab_helpers.wording.draft.bearings import bearings
from datalab_helpers.wording.draft.phrases import pattern
from tests.draft_corpus import HALVES, figures, results_of, sentences

OVERCLAIMS, HONEST = sentences("overclaims"), sentences("honest")
FOUND = {s: check_draft(s.text, s.results) for s in OVERCLAIMS}


@pytest.mark.parametrize("half", HALVES)
def test_overclaims_are_found_and_honest_sentences_left_alone(half: str) -> None:
    """The held-out half was written before any rule was changed (DECISIONS 95)."""
    recall, alarms, wrong = figures(half)
    assert recall >= 0.95, wrong
    assert alarms <= 0.05, wrong


def test_the_corpus_is_spread_over_everything_that_a_verdict_can_be() -> None:
    assert len(OVERCLAIMS) >= 150
    assert len(HONEST) >= 150
    for kind in {s.kind for s in OVERCLAIMS}:
        assert all(sum(s.kind == kind and s.half == half for s in OVERCLAIMS) >= 5 for half in HALVES), kind
    for part in (OVERCLAIMS, HONEST):
        results = [s.result.split(" ", 2) for s in part]
        assert {case for _, case, _ in results} == set("ABCDEF")
        assert {about for about, _, _ in results} == {"reoffending", "employment", "earnings"}
        assert {level for *_, level in results} == {"high", "moderate", "low", "very low"}
    again = Counter((s.result, s.text) for s in chain(OVERCLAIMS, HONEST))
    assert [text for text, count in again.items() if count > 1] == []


def test_most_overclaims_are_called_by_their_name() -> None:
    """A sentence may go too far in several ways; the one that it was written for should be among them."""
    named = [s.kind in {f.kind for f in found} for s, found in FOUND.items()]
    assert sum(named) / len(named) >= 0.9


def test_each_alarm_shows_words_of_the_sentence_a_reason_and_another_sentence_that_passes() -> None:
    for sentence, found in FOUND.items():
        for finding in found:
            shown = finding.found.removeprefix("not … ")
            assert shown in sentence.text
            assert finding.why.endswith(".")
            assert check_draft(finding.instead, sentence.results) == [], finding.instead


def test_no_row_of_the_table_is_there_for_nothing() -> None:
    """Every kind in the table is found in the corpus, and every kind of the corpus is in the table."""
    rules = bearings(results_of("reoffending A high")).language.rules
    told = {finding.kind for found in FOUND.values() for finding in found}
    assert {rule.kind for rule in rules} - {"no result"} == told
    assert {s.kind for s in OVERCLAIMS} <= told
    reasons = {finding.why for found in FOUND.values() for finding in found}
    assert {why for rule in rules if rule.kind != "no result" for why in rule.why.values()} == reasons


# example("A"): 31 and 43 of 100, difference 12, range 4 to 20 fewer, 142 people analysed of 203 sent.
NUMBERS = [
    ("Of every 100 people who took part, 43 reoffended.", ["43"]),
    ("31 in every 100 similar people reoffended.", ["31"]),
    ("31 of our people in every 100 reoffended, against 43 among similar people.", []),
    ("31 in every 100, against 43 of similar people, reoffended.", []),
    ("43 in every 100 reoffended, against 31 of similar people.", ["43", "31"]),
    ("Of 100 people who took part, 69 did not reoffend.", []),
    ("Of 100 people who took part, 57 did not reoffend.", ["57"]),
    ("The difference is likely to be between 4 and 20 fewer people in every 100.", []),
    (
        "The difference is likely to be between 4 and 20 more people in every 100.",
        ["4 and 20"],
    ),
    ("The difference is likely to be between 4 and 43 fewer people in every 100.", ["4 and 43"]),
    ("The range runs from 12 to 20 fewer in every 100.", ["12 to 20"]),
    ("142 people were analysed.", []),
    ("142 of the 203 people were analysed.", []),
    ("203 people were analysed.", ["203"]),
    ("142 people were compared with 5,231 similar people.", []),
    ("With 203 people, only a change of about 12 or more would have been seen.", ["203"]),
    ("Reoffending was counted for 12 months.", []),
    ("We have 64 volunteers, 9 of them in Leeds.", []),
]


@pytest.mark.parametrize(("draft", "found"), NUMBERS)
def test_a_number_has_to_be_that_of_the_group_it_is_given_to(draft: str, found: list[str]) -> None:
    """31 is in the report, and still wrong of the people compared."""
    assert [f.found for f in check_draft(draft, results_of("reoffending A high"))] == found


def test_a_denial_reaches_to_the_end_of_its_clause() -> None:
    results = results_of("reoffending A high")
    for draft in (
        "This is not proof that mentoring works.",
        "We cannot say, with so few people, whether it works for everyone who reoffends.",
        "Does our programme always stop reoffending?",
    ):
        assert check_draft(draft, results) == [], draft
    for draft in (
        "It is not luck: mentoring works.",
        "We cannot say why, but our programme works.",
        "It is no surprise that mentoring works.",
    ):
        assert [f.kind for f in check_draft(draft, results)] == ["works"], draft


def test_what_the_programme_says_of_itself_is_no_subgroup() -> None:
    results = results_of("reoffending A high")
    draft = "Fewer care leavers reoffended: between 4 and 20 in every 100."
    assert [f.kind for f in check_draft(draft, results)] == ["single subgroup"]
    about = results.about
    own = about.programme.model_copy(update={"description": "A home for care leavers."})
    changed = results.model_copy(update={"about": about.model_copy(update={"programme": own})})
    assert check_draft(draft, changed) == []


@pytest.mark.parametrize(
    ("phrase", "finds", "leaves"),
    [
        ("reduc*", ["reduce", "Reducing"], ["produce", "red"]),
        ("[cut|cuts] cost*", ["cuts costs"], ["cut the cost", "cutting costs"]),
        ("[a|] big step", ["a big step", "big step"], ["bigger step"]),
        ("save* ...2 state", ["saves state", "saved the whole state"], ["saves a lot of the state"]),
        ("drop-out", ["dropout", "drop out", "drop-out"], ["drop it out"]),
        ("worth # to", ["worth £1.3 million to", "worth 20 to"], ["worth much to"]),
        ("all {people}", ["all men", "all women"], ["all human"]),
    ],
)
def test_a_phrase_is_plain_words_and_a_few_signs(phrase: str, finds: list[str], leaves: list[str]) -> None:
    made = pattern([phrase], {"people": ["men", "women"]})
    assert all(made.fullmatch(text) for text in finds)
    assert not any(made.search(text) for text in leaves)
