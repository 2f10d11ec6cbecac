"""A request is checked as a whole before anything is read or written, and every mistake comes at once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import tiny
import yaml

from datalab_helpers.errors import RequestError
from datalab_helpers.lab import read_yaml
from datalab_helpers.request import load_request

TABLE = {
    "file": "people.csv",
    "id": "person",
    "treatment": "took_part",
    "covariates": {"age": "continuous"},
    "outcomes": [{"name": "earnings", "label": "Earnings", "kind": "continuous", "good": "higher"}],
}


def refusal(folder: Path, **changes: object) -> str:
    with pytest.raises(RequestError) as caught:
        tiny.request_for(folder, **changes)
    return str(caught.value)


def settings_with(folder: Path, line: str) -> Path:
    """The tiny request with a line of YAML written as a person would type it."""
    key = line.split(":")[0]
    tiny.write_request(folder, **{key: None})
    path = folder / "request.yml"
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    return path


@pytest.fixture
def places(tmp_path: Path, tiny_records: Path):
    """A request folder, and the arguments that send everything else below the same folder."""
    folder = tmp_path / "request"
    return folder, ["--records", tiny_records, "--reports", tmp_path / "reports", "--runs", tmp_path / "runs"]


# ---------------------------------------------------------------- a request that is right


def test_a_request_that_is_right_loads_from_its_folder_or_its_file(tmp_path: Path) -> None:
    folder = tiny.write_request(tmp_path)
    from_folder, from_file = load_request(folder), load_request(folder / "request.yml")
    assert from_folder == from_file
    assert from_folder.id == "TINY-001"
    assert from_folder.input_path == folder / "participants.csv"
    assert from_folder.index_event.within_months == 6
    assert from_folder.exact(from_folder.analyses[0]) == ["gender", "index_year"]


def test_an_analysis_table_takes_the_place_of_a_submission(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("person,took_part,age,earnings\n1,1,30,5\n", encoding="utf-8")
    request = tiny.request_for(
        tmp_path,
        submission=None,
        index_event=None,
        table=TABLE,
        lab="general",
        outcome={"primary": "earnings"},
    )
    assert request.input_path == tmp_path / "people.csv"
    with pytest.raises(RequestError, match="has no index event"):
        _ = request.index_event


def test_a_request_shows_its_choices_with_markup_made_harmless(tmp_path: Path) -> None:
    shown = tiny.request_for(tmp_path, organisation="<script>alert(1)</script>")._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "release from custody within 6 months; time zero: participation" in shown


# ---------------------------------------------------------------- mistakes


def five_mistakes() -> dict[str, object]:
    return {
        "id": "../x",
        "seed": -1,
        "organisaton": "Second Start",
        "index_event": {"kinds": ["parole"], "within_months": 6},
        "outcome": {"primary": "reoffending"},
    }


def test_five_mistakes_are_told_at_once_each_with_what_is_allowed(tmp_path: Path) -> None:
    told = refusal(tmp_path, **five_mistakes())
    assert "has 5 to correct" in told
    assert told.count("\n  - ") == 5
    assert "`id` must be 3 to 32 capital letters, digits and hyphens, such as JDL-2026-001" in told
    assert "`seed`: input should be greater than or equal to 0 (found -1)" in told
    assert "`organisaton` is not a setting; did you mean `organisation`?" in told
    assert "`index_event.kinds` has 'parole'; allowed: custody_release, order_start, caution" in told
    assert "`outcome.primary` is 'reoffending'; allowed: reoffended, reoffences, days_to_first" in told


def test_five_mistakes_end_a_run_with_code_2_and_nothing_written(places, datalab) -> None:
    folder, elsewhere = places
    tiny.write_request(folder, **five_mistakes())
    before = tiny.tree(folder.parent)
    code, out, err = datalab("run", folder, *elsewhere)
    assert (code, out) == (2, "")
    assert err.count("\n  - ") == 5
    assert tiny.tree(folder.parent) == before


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            lambda f: (f / "participants.csv").unlink(),
            "`submission` names 'participants.csv', which is not in",
        ),
        (
            lambda f: (f / "participants.csv").write_text("Surname,Forename\nAbbot,Daniel\n"),
            "column `Date of birth` is missing",
        ),
        (lambda f: (f / "participants.csv").write_bytes(b""), "participants.csv is empty (0 bytes)"),
        (
            lambda f: (f / "participants.csv").write_bytes(b"\x00\x01\x02" * 50),
            "cannot be read as a .csv file",
        ),
        (lambda f: (f / "request.yml").unlink(), "there is no request file"),
        (lambda f: (f / "request.yml").write_text("- just\n- a list\n"), "must be a list of settings"),
        (lambda f: (f / "request.yml").write_text("id: [\n"), "request.yml, line"),
        (
            lambda f: (f / "request.yml").write_bytes("organisation: Café".encode("cp1252")),
            "save it again as UTF-8",
        ),
    ],
    ids=["no file", "no column", "empty", "garbage", "no request", "no settings", "not YAML", "not UTF-8"],
)
def test_what_cannot_be_used_ends_a_run_with_code_2_and_nothing_written(
    places, datalab, spoil, told: str
) -> None:
    folder, elsewhere = places
    tiny.write_request(folder)
    spoil(folder)
    before = tiny.tree(folder.parent)
    code, out, err = datalab("run", folder, *elsewhere)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
    assert tiny.tree(folder.parent) == before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"not a workbook" * 100, "cannot be read as a .xlsx file: it does not begin as one"),
        (b"PK\x03\x04" + bytes(range(256)), "is damaged or was cut short"),
        (b"", "is empty (0 bytes)"),
    ],
)
def test_an_unreadable_workbook_ends_a_run_with_code_2_and_nothing_written(
    places, datalab, content: bytes, told: str
) -> None:
    folder, elsewhere = places
    tiny.write_request(folder, submission="participants.xlsx")
    (folder / "participants.xlsx").write_bytes(content)
    before = tiny.tree(folder.parent)
    code, out, err = datalab("run", folder, *elsewhere)
    assert (code, out) == (2, "")
    assert f"participants.xlsx {told}" in err
    assert tiny.tree(folder.parent) == before


@pytest.mark.parametrize(
    "bad",
    [
        "../x",
        "../../etc/x",
        "jdl-2026",
        "AB",
        "A" * 33,
        "-ABC",
        "JDL 1",
        "JDL_1",
        "JDL/1",
        "JDL\n",
        "{x}",
        "JDL.",
        "ÄBC",
        "ABC\x00",
    ],
)
def test_an_id_that_could_leave_its_folder_is_refused(tmp_path: Path, bad: str) -> None:
    assert "`id` must be 3 to 32 capital letters" in refusal(tmp_path, id=bad)


@pytest.mark.parametrize("good", ["ABC", "JDL-2026-001", "0AB", "A" * 32])
def test_an_id_inside_the_rule_is_taken(tmp_path: Path, good: str) -> None:
    assert tiny.request_for(tmp_path, id=good).id == good


def test_a_path_outside_the_request_folder_is_refused_even_when_the_file_is_there(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("Surname\n", encoding="utf-8")
    for name in ["../outside.csv", str(outside), "sub/../../outside.csv"]:
        assert "`submission` must lie in the request's own folder" in refusal(tmp_path / "r", submission=name)


def test_a_link_to_a_file_outside_the_request_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text("Surname\n", encoding="utf-8")
    folder = tiny.write_request(tmp_path / "r", submission="linked.csv")
    (folder / "linked.csv").symlink_to(tmp_path / "outside.csv")
    with pytest.raises(RequestError, match="`submission` must lie in the request's own folder"):
        load_request(folder)


@pytest.mark.parametrize("name", ["a\x00.csv", "a" * 300 + ".csv"], ids=["nul", "long"])
def test_a_file_name_that_no_disk_can_hold_is_a_mistake_of_the_request(tmp_path: Path, name: str) -> None:
    assert "`submission`" in refusal(tmp_path, submission=name)


@pytest.mark.parametrize("name", ["people.pkl", "people.xlsm", "people", "people.xlsb"])
def test_a_kind_of_file_that_is_not_read_is_refused(tmp_path: Path, name: str) -> None:
    assert "allowed: .xlsx, .xls, .ods, .csv" in refusal(tmp_path, submission=name)


def test_both_or_neither_of_submission_and_table_are_refused(tmp_path: Path) -> None:
    one_of = "give either `submission` (a spreadsheet of people) or `table` (an analysis table), one of them"
    assert one_of in refusal(tmp_path / "neither", submission=None)
    assert one_of in refusal(tmp_path / "both", table=TABLE)


def test_a_submission_needs_a_lab_with_records_and_an_index_event(tmp_path: Path) -> None:
    assert "`submission` needs a lab with central records" in refusal(tmp_path / "a", lab="general")
    assert "`index_event` is missing; it is required" in refusal(tmp_path / "b", index_event=None)


def test_an_unknown_lab_is_told_with_those_there_are(tmp_path: Path) -> None:
    assert "`lab` is 'health'; allowed: general, justice" in refusal(tmp_path, lab="health")


@pytest.mark.parametrize(
    ("analyses", "told"),
    [
        ([{"name": "A"}], "`analyses` has 0 with `headline: true`"),
        ([{"name": "A", "headline": True}, {"name": "B", "headline": True}], "`analyses` has 2 with `headline: true`"),
        ([{"name": "A", "headline": True}, {"name": "A"}], "`analyses` has the same name twice: A"),
        ([{"name": "A", "headline": True, "exact": ["town"]}], "`analyses.1.exact` has 'town'; allowed: "),
        ([{"name": "A", "headline": True, "within": {"town": "Leeds"}}], "`analyses.1.within` has 'town'"),
        ([], "`analyses`"),
    ],
)  # fmt: skip
def test_analyses_that_make_no_sense_are_refused(tmp_path: Path, analyses: list, told: str) -> None:
    assert told in refusal(tmp_path, analyses=analyses)


@pytest.mark.parametrize(
    ("matching", "own", "told"),
    [
        ({"method": "kernel", "caliper": None}, {}, "`matching` asks for kernel matching without a caliper"),
        ({"caliper": None}, {"method": "kernel"}, "`analyses.1.matching` asks for kernel matching"),
        ({"method": "entropy", "caliper": 0.1}, {}, "`matching` gives a caliper for entropy balancing"),
    ],
)
def test_settings_of_matching_that_do_not_go_together_are_refused(
    tmp_path: Path, matching: dict, own: dict, told: str
) -> None:
    analyses = [{"name": "All", "headline": True, "matching": own}]
    assert told in refusal(tmp_path, matching=matching, analyses=analyses)


def test_two_headlines_cannot_hide_behind_two_ways_of_saying_yes(tmp_path: Path) -> None:
    both = [{"name": "A", "headline": True}, {"name": "B", "headline": "yes"}]
    assert "headline" in refusal(tmp_path, analyses=both)


def test_a_programme_cannot_end_before_it_began(tmp_path: Path) -> None:
    programme = {"name": "Mentoring", "began": "2022-01-01", "ended": "2021-12-31"}
    assert "`programme.ended` (2021-12-31) is before `programme.began` (2022-01-01)" in refusal(
        tmp_path, programme=programme
    )


def test_a_date_that_does_not_exist_is_told_as_a_date(tmp_path: Path) -> None:
    programme = {"name": "Mentoring", "began": "2021-02-30", "ended": "2021-12-31"}
    assert "`programme.began` is not a date; write it as 2026-01-31" in refusal(tmp_path, programme=programme)


def test_kinds_that_are_not_words_are_a_mistake_of_the_request(tmp_path: Path) -> None:
    told = refusal(tmp_path, index_event={"kinds": [["custody_release"]], "within_months": 6})
    assert "index_event.kinds" in told


# ---------------------------------------------------------------- YAML


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("0123", "0123"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("2021-01-31", "2021-01-31"),
        ("1e5", "1e5"),
        (".inf", ".inf"),
        ("12", 12),
        ("-3", -3),
        ("0.05", 0.05),
        ("true", True),
        ("false", False),
        ("~", None),
        ("null", None),
        ("", None),
        ('"true"', "true"),
        ('"12"', "12"),
    ],
)
def test_text_stays_text_unless_it_is_a_plain_number_or_true_or_false(
    tmp_path: Path, written: str, read
) -> None:
    path = tmp_path / "a.yml"
    path.write_text(f"key: {written}\n", encoding="utf-8")
    found = read_yaml(path)["key"]
    assert found == read
    assert type(found) is type(read)


def test_people_are_selected_by_the_word_no_not_by_false(tmp_path: Path) -> None:
    path = settings_with(tmp_path, "analyses: [{name: Left early, headline: true, only: {completed: no}}]")
    assert load_request(path).analyses[0].only == {"completed": "no"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id: A\nid: B\n", "key given twice: id"),
        ("a: {b: 1, b: 2}\n", "key given twice: b"),
        ("a: &x 1\nb: *x\n", "aliases (*name) are not allowed"),
        ("a: !!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
        ("a: !!python/name:os.system\n", "could not determine a constructor"),
        ("a: !!int abc\n", "a.yml"),
        ("a: !!timestamp abc\n", "a.yml"),
        ("a: !!bool perhaps\n", "a.yml"),
        ("[a]: b\n", "a.yml"),
        ("\x00", "a.yml"),
        ("[" * 5000, "a.yml"),
        ("a: b: c\n", "a.yml, line 1"),
    ],
    ids=lambda v: repr(v)[:24],
)
def test_yaml_with_a_trap_in_it_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "a.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RequestError) as caught:
        read_yaml(path)
    assert told in str(caught.value)


def test_an_alias_bomb_is_refused_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    path = tmp_path / "request.yml"
    path.write_text("\n".join(lines), encoding="utf-8")
    started = time.monotonic()
    with pytest.raises(RequestError, match=r"request\.yml, line 2: aliases"):
        load_request(path)
    assert time.monotonic() - started < 1


def test_the_tiny_request_is_what_a_person_would_write() -> None:
    """The other tests rest on this request being right, so that only their own change is refused."""
    assert yaml.safe_load(yaml.safe_dump(tiny.REQUEST)) == tiny.REQUEST


def test_a_response_lies_beside_the_request_and_is_checked_with_it(tmp_path: Path) -> None:
    """Outside request.yml: an answer to the result cannot alter the plan that was sealed before it."""
    request = load_request(tiny.write_request(tmp_path))
    assert request.response == ""
    request.response_path.write_text("\ufeffDiolch, bawb.\n", encoding="utf-8")
    assert load_request(tmp_path).response == "Diolch, bawb."
    request.response_path.write_text("x" * 5_001, encoding="utf-8")
    with pytest.raises(RequestError, match="has 5,001 letters; a response may have 5,000"):
        load_request(tmp_path)
    request.response_path.write_bytes(b"\xff\xfe caf\xe9")
    with pytest.raises(RequestError, match="save it as plain text in UTF-8"):
        load_request(tmp_path)
