"""The register of published groups: the same list sent again with a few people more or fewer is held for a person."""

from __future__ import annotations

import copy
import functools
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from datalab_helpers.disclosure import Results
from datalab_helpers.errors import DisclosureError
from datalab_helpers.intake import Cohort
from datalab_helpers.matching import MatchedSample
from datalab_helpers.pipeline.register import ANALYSABLE, FOUND, Note, _close, enter
from datalab_helpers.run import REGISTER, Run
from tests.made_up import MadeUp, Maker

SEED = 1003


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeUp:
    maker = Maker(tmp_path_factory.mktemp("made") / "request")
    for seed in range(SEED, SEED + 50):
        made = maker.make(seed, most=300)
        if told := made.published():
            (made.run.folder / "published.json").write_text(json.dumps(told))
            return made
    raise AssertionError("no request could be published")


@functools.cache
def published(folder: Path) -> dict:
    """What the request published, made once."""
    return json.loads((folder / "published.json").read_text())


def changed(
    made: MadeUp, fewer: int, more: int, rng: np.random.Generator, moved: int = 0
) -> tuple[Cohort, list[MatchedSample]]:
    """The same without some who took part and with others besides, or with other start days for some."""
    headline = next(a.name for a in made.run.request.analyses if a.headline)
    sample = next(s for s in made.samples if s.analysis == headline)
    took = sample.people.index[sample.people["treated"] & (sample.people["weight"] > 0)]
    gone = rng.choice(took, fewer, replace=False)
    copied = rng.choice(took, more, replace=False)
    ids = 10_000_000 + rng.permutation(10_000)[:more]

    def rows(people: pd.DataFrame) -> pd.DataFrame:
        new = people.loc[copied].assign(person_id=ids)
        new.index = pd.Index(-1 - np.arange(more), name=people.index.name).astype(people.index.dtype)
        return pd.concat([people.drop(index=gone), new]) if more else people.drop(index=gone)

    everybody = rows(made.cohort.people.assign(time_zero=made.cohort.people["index_date"]))
    late = rng.choice(everybody.index[everybody["treated"]], moved, replace=False)
    everybody.loc[late, "time_zero"] += pd.Timedelta(days=10)
    found = sorted(int(one) for one in everybody.loc[everybody["treated"], "person_id"])
    samples = [
        s if s.analysis != headline else replace(s, people=_weighed(rows(s.people))) for s in made.samples
    ]
    facts = made.cohort.facts | {"submitted": len(found) + 20}
    return replace(made.cohort, people=everybody, found=found, facts=facts), samples


def _weighed(people: pd.DataFrame) -> pd.DataFrame:
    """Comparison weights that sum to the matched who took part."""
    weight = people["weight"].to_numpy(copy=True)
    treated = people["treated"].to_numpy(bool)
    weight[~treated] *= weight[treated].sum() / weight[~treated].sum()
    return people.assign(weight=weight)


class Place:
    """A place where requests are run: each with its own folder, all with one register."""

    def __init__(self, made: MadeUp, folder: Path) -> None:
        self.made, self.runs = made, folder / "runs"
        self.folder, self.published = folder, published(made.run.folder)
        folder.mkdir(exist_ok=True)

    def enter(
        self, id_: str, fewer: int = 0, more: int = 0, released: str | None = None, beside: str = "", seed: int = 1,
        moved: int = 0, rows: int = 0, unmatched: int = 0,
    ) -> None:  # fmt: skip
        """Publish the request under an id, changed in one of several ways.

        fewer, more : people; moved : people who start later; rows : of the list, beside those found
        unmatched : people whom other settings leave unmatched
        """
        rng = np.random.default_rng([seed, fewer, more])
        request = self.folder / id_
        request.mkdir(exist_ok=True)
        if beside:
            (request / "beside.txt").write_text(beside)
        run = Run(
            replace(self.made.run.request, path=request / "request.yml"),
            self.runs / id_,
            self.made.run.records,
        )
        cohort, samples = changed(self.made, fewer, more, rng, moved)
        if unmatched:
            samples = [self.left(sample, unmatched) for sample in samples]
        run.save(
            replace(cohort, facts=cohort.facts | {"submitted": cohort.facts["submitted"] + rows}), "intake"
        )
        run.save_each(samples, "matching")
        enter(run, self.results(id_, released), self.runs)

    def left(self, sample: MatchedSample, count: int) -> MatchedSample:
        people = sample.people.copy()
        took = people.index[people["treated"] & (people["weight"] > 0)][:count]
        people.loc[took, "weight"] = 0.0
        return replace(sample, people=_weighed(people))

    def results(self, id_: str, released: str | None = None) -> Results:
        whole = copy.deepcopy(self.published)
        whole["about"]["id"] = id_
        whole["frame"]["released_on"] = released
        # The headline alone: its parts have the same people in every version.
        whole["analyses"] = [a for a in whole["analyses"] if a["headline"]]
        return Results.model_validate(whole)

    def notes(self, id_: str) -> list[dict]:
        path = self.runs / REGISTER / f"{id_}.json"
        return json.loads(path.read_text())["versions"] if path.is_file() else []


@pytest.fixture
def place(made: MadeUp, tmp_path: Path) -> Place:
    return Place(made, tmp_path)


@pytest.mark.parametrize("fewer", range(10))
def test_the_same_list_with_up_to_nine_people_fewer_or_more_is_held(
    made: MadeUp, tmp_path: Path, fewer: int
) -> None:
    """All of (0 to 9 fewer) x (0 to 9 more) but the very same list: 99 of 99."""
    for more in range(10):
        if fewer or more:
            place = Place(made, tmp_path / str(more))
            place.enter("FIRST-1")
            with pytest.raises(
                DisclosureError, match="SECOND-1 was not published: fewer than 10 people lie between"
            ):
                place.enter("SECOND-1", fewer, more)
            assert place.notes("SECOND-1") == []


@pytest.mark.parametrize(("fewer", "more"), [(0, 0), (10, 0), (0, 10), (15, 3)])
def test_the_very_same_people_or_ten_others_pass(place: Place, fewer: int, more: int) -> None:
    place.enter("FIRST-1")
    place.enter("SECOND-1", fewer, more)
    assert len(place.notes("SECOND-1")) == 1


def test_a_person_may_allow_a_report_beside_another(place: Place) -> None:
    place.enter("FIRST-1")
    with pytest.raises(DisclosureError, match=r"SECOND-1/beside\.txt"):
        place.enter("SECOND-1", 3)
    place.enter("SECOND-1", 3, beside="OTHER-1\nFIRST-1\n")
    assert len(place.notes("SECOND-1")) == 1


def test_people_who_start_later_are_seen_though_they_are_the_same(place: Place) -> None:
    """Three named people of the same list, ten days later: a mean of days would tell of them exactly."""
    place.enter("FIRST-1")
    with pytest.raises(DisclosureError, match="with their start days"):
        place.enter("SECOND-1", moved=3)
    place.enter("THIRD-1", moved=40)  # another clock moves everybody


def test_other_settings_do_not_hide_one_person_fewer(place: Place) -> None:
    """The funnels would differ by that person at each step, whoever is matched."""
    place.enter("FIRST-1")
    with pytest.raises(DisclosureError, match="everybody found and everybody found of FIRST-1"):
        place.enter("SECOND-1", fewer=1, unmatched=30)


def test_a_row_more_of_somebody_who_was_not_found_is_seen(place: Place) -> None:
    place.enter("FIRST-1")
    with pytest.raises(DisclosureError, match="among a few rows more or fewer"):
        place.enter("SECOND-1", rows=1)


def test_every_version_is_remembered_and_compared(place: Place) -> None:
    """The organisation reads a draft to respond to it; its list may not change by a few, how it is matched may."""
    place.enter("FIRST-1")
    place.enter("FIRST-1", unmatched=3)
    assert len(place.notes("FIRST-1")) == 2
    with pytest.raises(DisclosureError, match="an earlier version of this same request"):
        place.enter("FIRST-1", 2)
    place.enter("FIRST-1", 2, released="2026-03-01", beside="FIRST-1")
    (place.folder / "FIRST-1/beside.txt").unlink()
    with pytest.raises(DisclosureError, match="an earlier version"):
        place.enter("FIRST-1", 2, released="2026-06-01", unmatched=3)
    assert [note["beside"] for note in place.notes("FIRST-1")] == [[], [], ["FIRST-1"]]
    place.enter("FIRST-1", 2, released="2026-03-01", beside="FIRST-1")  # the very same again
    assert len(place.notes("FIRST-1")) == 3


def test_what_two_groups_of_one_report_leave_is_compared_too() -> None:
    """Everybody without site A is not published and can be had; so is everybody without site B, elsewhere."""

    def note(**groups: range) -> Note:
        people = {name: frozenset(map(str, group)) for name, group in groups.items()}
        return Note(
            "2026-01-01", None, {FOUND: frozenset({"x"} | set(map(str, range(500)))), **people}, people
        )

    first = note(everyone=range(110), a=range(60))
    second = note(rest=range(57, 110))  # the fifty who are left, and three of A
    assert [what for what in _close(second, first, 10, draft=False) if what == "rest and everyone without a"]
    assert not list(_close(note(rest=range(200, 260)), first, 10, draft=False))


@pytest.mark.parametrize(
    "damage", ["no key", "short key", "another key", "no versions", "cut short", "older form"]
)
def test_a_register_that_cannot_be_compared_lets_nothing_pass(place: Place, damage: str) -> None:
    place.enter("FIRST-1")
    key, note = place.runs / REGISTER / "key", place.runs / REGISTER / "FIRST-1.json"
    match damage:
        case "no key":
            key.unlink()
        case "short key":
            key.write_bytes(b"x")
        case "another key":
            key.write_bytes(bytes(32))
        case "no versions":
            note.write_text('{"versions": []}')
        case "cut short":
            note.write_text(note.read_text()[:200])
        case _:
            note.write_text('{"versions": [{"released_on": null, "groups": {}}]}')
    with pytest.raises(DisclosureError, match="restore"):
        place.enter("SECOND-1", 40)


def test_only_those_who_took_part_and_were_matched_stand_for_an_analysis(place: Place) -> None:
    place.enter("FIRST-1", unmatched=5)
    (note,) = place.notes("FIRST-1")
    sample = next(s for s in place.made.samples if s.analysis == "Everyone")
    matched = sample.people["treated"] & (sample.people["weight"] > 0)
    assert set(note["people"]) == {FOUND, ANALYSABLE, "Everyone"}  # its parts were refused, or left out
    assert len(note["people"]["Everyone"]) == int(matched.sum()) - 5
    assert len(note["people"][ANALYSABLE]) == int(place.made.cohort.people["treated"].sum())
    assert len(set(map(len, note["people"]["Everyone"]))) == 1
    assert len(note["people"]["Everyone"][0]) == 32


def test_the_smallest_count_is_that_of_the_lab(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    told = place.results
    stricter = Results.model_validate(
        told("X-1").model_dump() | {"rules": told("X-1").rules.model_dump() | {"smallest_count": 20}}
    )
    place.enter("FIRST-1")
    monkeypatch.setattr(
        place, "results", lambda id_, released=None: stricter.model_copy(update={"about": told(id_).about})
    )
    with pytest.raises(DisclosureError, match="fewer than 20 people"):
        place.enter("SECOND-1", 15)


def test_no_message_and_no_note_holds_an_id_of_a_person(place: Place) -> None:
    place.enter("FIRST-1")
    with pytest.raises(DisclosureError) as refused:
        place.enter("SECOND-1", 3)
    people = place.made.samples[0].people
    ids = {str(int(one)) for one in people["person_id"] if one > 999}
    told = str(refused.value) + (place.runs / REGISTER / "FIRST-1.json").read_text()
    assert not ids & set(told.replace('"', " ").split())
    assert stat.S_IMODE((place.runs / REGISTER / "key").stat().st_mode) == 0o600


def test_another_place_has_another_key_and_so_other_hashes(made: MadeUp, tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        place = Place(made, tmp_path / name)
        place.enter("FIRST-1")
        found.append(set(place.notes("FIRST-1")[0]["people"]["Everyone"]))
    assert len(found[0]) == len(found[1])
    assert not found[0] & found[1]


def test_of_two_that_publish_at_once_one_is_held(place: Place) -> None:
    def attempt(id_: str, fewer: int) -> bool:
        try:
            place.enter(id_, fewer)
        except DisclosureError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        passed = list(pool.map(attempt, ("A-01", "B-01", "C-01", "D-01"), (0, 1, 2, 3)))
    assert sum(passed) == 1


def test_a_ready_table_has_ids_of_its_own_and_is_not_compared(made: MadeUp, tmp_path: Path) -> None:
    settings = made.run.request.settings.model_copy(update={"table": object()})
    run = replace(made.run, request=replace(made.run.request, settings=settings))
    enter(run, Place(made, tmp_path).results("TABLE-1"), tmp_path)
    assert not (tmp_path / REGISTER).exists()
