"""A lab is data: both load, and every piece of SQL they hold runs and yields what it promises."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from pydantic import ValidationError

from datalab_helpers.errors import RequestError
from datalab_helpers.lab import Lab, available, load_lab, read_yaml

EVENTS = pd.DataFrame(
    {
        "event_id": [1001, 1003],
        "person_id": [1, 2],
        "index_date": pd.to_datetime(["2021-03-01", "2021-04-20"]),
        "time_zero": pd.to_datetime(["2021-03-01", "2021-05-01"]),
        "kind": "custody_release",
    }
)
QUERIES = load_lab("justice").covariates


def test_both_labs_load() -> None:
    assert available() == ["general", "justice"]
    assert load_lab("justice").label == "Justice Data Lab"
    assert load_lab("general").tables == {}


def test_an_unknown_lab_is_refused_with_those_there_are() -> None:
    with pytest.raises(RequestError, match=r"^there is no lab 'health'; the labs are general, justice$"):
        load_lab("health")


@pytest.mark.parametrize("name", ["../labs/justice", "justice.yml", "", "Justice"])
def test_a_lab_is_named_never_reached_by_a_path(name: str) -> None:
    with pytest.raises(RequestError, match="there is no lab"):
        load_lab(name)


def test_an_analysis_of_women_alone_is_told_of_women() -> None:
    lab = load_lab("justice")
    women = lab.words_within({"region": "North West", "gender": "f"})
    assert (women.person, women.people, women.treatment) == ("woman", "women", "women who took part")
    assert women.comparison == "similar women who did not take part"
    assert not re.search(
        r"\b(person|people)\b", " ".join(text for _, text in women if isinstance(text, str)), re.I
    )
    assert lab.words_within({"gender": "M"}).people == "men"
    assert [lab.words_within(given) for given in ({}, {"region": "F"}, {"gender": "X"})] == [None] * 3
    assert load_lab("general").words_within({"gender": "F"}) is None


@pytest.mark.parametrize("name", available())
def test_the_nouns_of_a_lab_are_levels_of_its_own_covariates(name: str) -> None:
    lab = load_lab(name)
    for noun in lab.nouns:
        assert lab.covariate_labels[noun.covariate].kind in ("categorical", "binary")


def test_a_lab_file_with_an_unknown_key_is_refused() -> None:
    from datalab_helpers.lab import LABS

    raw = read_yaml(LABS / "general.yml")
    with pytest.raises(ValidationError, match="colour"):
        Lab.model_validate(raw | {"colour": "blue"})


def test_a_lab_cannot_be_changed_after_loading() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_lab("justice").label = "Another"


@pytest.mark.parametrize("query", QUERIES, ids=lambda q: next(iter(q.gives)))
def test_a_covariate_query_yields_exactly_what_it_gives(tiny_store, query) -> None:
    """A column that no `gives` explains would go to waste; one that is missing would stop a run."""
    [found] = tiny_store.known(EVENTS, [query.sql])
    spare = {"sentence_months"}  # of use in describing the sentence band
    assert set(found.columns) - spare == {"event_id", *query.gives}
    assert found["event_id"].is_unique
    assert found["event_id"].isin([1001, 1003]).all()


def test_every_covariate_has_a_name_of_its_own() -> None:
    names = [name for query in QUERIES for name in query.gives]
    assert len(names) == len(set(names)) == len(load_lab("justice").covariate_labels)


def test_every_exclusion_says_who_is_out_by_event(tiny_store) -> None:
    for exclusion in load_lab("justice").exclusions:
        [found] = tiny_store.known(EVENTS, [exclusion.sql])
        assert list(found.columns) == ["event_id", "excluded"]


@pytest.mark.parametrize("kind", load_lab("justice").index_events)
def test_every_index_event_gives_one_row_an_event(tiny_store, kind: str) -> None:
    found = tiny_store.identify(load_lab("justice").index_events[kind].sql)
    assert list(found.columns) == ["event_id", "person_id", "index_date", "known_on", "region"]
    assert len(found) > 0
    assert found["event_id"].is_unique


def test_measures_rest_on_measures_that_exist() -> None:
    lab = load_lab("justice")
    names = [measure.name for measure in lab.measures]
    assert len(names) == len(set(names))
    assert {measure.among for measure in lab.measures} <= {None, *names}
    assert all(m.empty == 0 or m.among for m in lab.measures), "a person without any has no value"


def test_default_strata_are_covariates_of_the_lab() -> None:
    lab = load_lab("justice")
    assert set(lab.defaults.exact) <= set(lab.covariate_labels)


def test_the_dates_that_cut_a_table_are_columns_of_it() -> None:
    for table in load_lab("justice").tables.values():
        for column in filter(None, [table.known_from, table.until]):
            assert table.columns[column].type == "date"
        assert table.key is None or table.key in table.columns
