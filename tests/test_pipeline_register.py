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
from datalab_helpers.matching import MatchedSample
from datalab_helpers.pipeline.register import FOLDER, enter, groups_of
from datalab_helpers.run import Run
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


def changed(sample: MatchedSample, fewer: int, more: int, rng: np.random.Generator) -> MatchedSample:
    """The sample without some who took part and with others in their place; comparison weights follow."""
    people = sample.people
    took = people.index[people["treated"] & (people["weight"] > 0)]
    gone = rng.choice(took, fewer, replace=False)
    new = people.loc[rng.choice(took, more, replace=False)].copy()
    new["person_id"] = 10_000_000 + rng.permutation(10_000)[:more]
    new.index = pd.Index(-1 - np.arange(more), name=people.index.name).astype(people.index.dtype)
    people = pd.concat([people.drop(index=gone), new]) if more else people.drop(index=gone)
    weight = people["weight"].to_numpy(copy=True)
    treated = people["treated"].to_numpy(bool)
    weight[~treated] *= weight[treated].sum() / weight[~treated].sum()
    return replace(sample, people=people.assign(weight=weight))


class Place:
    """A place where requests are run: each with its own folder, all with one register."""

    def __init__(self, made: MadeUp, folder: Path) -> None:
        self.made, self.runs = made, folder / "runs"
        self.folder, self.published = folder, published(made.run.folder)

    def enter(
        self,
        id_: str,
        fewer: int = 0,
        more: int = 0,
        released: str | None = None,
        beside: str = "",
        seed: int = 1,
    ) -> None:
        """Publish the request under an id, with some people fewer and others more."""
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
        headline = next(a.name for a in run.request.analyses if a.headline)
        samples = [
            changed(s, fewer, more, rng) if s.analysis == headline and (fewer or more) else s
            for s in self.made.samples
        ]
        run.save_each(samples, "matching")
        enter(run, self.results(id_, released), self.runs)

    def results(self, id_: str, released: str | None = None) -> Results:
        whole = copy.deepcopy(self.published)
        whole["about"]["id"] = id_
        whole["frame"]["released_on"] = released
        # The headline alone: its parts have the same people in every version.
        whole["analyses"] = [a for a in whole["analyses"] if a["headline"]]
        return Results.model_validate(whole)

    def notes(self, id_: str) -> list[dict]:
        path = self.runs / FOLDER / f"{id_}.json"
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
            place.folder.mkdir()
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


def test_a_draft_is_replaced_and_a_released_version_is_not_forgotten(place: Place) -> None:
    place.enter("FIRST-1")
    place.enter("FIRST-1", 2, seed=5)  # the draft was read by nobody
    assert len(place.notes("FIRST-1")) == 1
    place.enter("FIRST-1", 2, released="2026-03-01", seed=5)
    with pytest.raises(DisclosureError, match="Everyone of FIRST-1"):
        place.enter("FIRST-1", 4, released="2026-06-01", seed=6)
    place.enter("FIRST-1", 12, released="2026-06-01", seed=7)
    assert [note["released_on"] for note in place.notes("FIRST-1")] == ["2026-03-01", "2026-06-01"]
    place.enter("FIRST-1", 12, released="2026-06-01", seed=7)  # the same again
    assert len(place.notes("FIRST-1")) == 2


def test_no_message_and_no_note_holds_an_id_of_a_person(place: Place) -> None:
    place.enter("FIRST-1")
    with pytest.raises(DisclosureError) as refused:
        place.enter("SECOND-1", 3)
    people = place.made.samples[0].people
    ids = {str(int(one)) for one in people["person_id"] if one > 999}
    told = str(refused.value) + (place.runs / FOLDER / "FIRST-1.json").read_text()
    assert not ids & set(told.replace('"', " ").split())
    assert stat.S_IMODE((place.runs / FOLDER / "key").stat().st_mode) == 0o600


def test_another_place_has_another_key_and_so_other_hashes(made: MadeUp, tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        place = Place(made, tmp_path / name)
        place.folder.mkdir()
        place.enter("FIRST-1")
        found.append(set(place.notes("FIRST-1")[0]["groups"]["Everyone"]))
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
    assert groups_of(run, Place(made, tmp_path).results("TABLE-1"), tmp_path) == {}
    assert not (tmp_path / FOLDER).exists()
