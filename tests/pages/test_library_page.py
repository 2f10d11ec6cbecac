"""The evidence library as somebody uses it: its filters, how fast they are, and that none changes an average unseen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from many_library import SETTINGS, TYPES, entries_of, library_entries

from datalab_helpers.library import Library, build
from datalab_helpers.library.cells import ranged
from datalab_helpers.library.page import render_library

pytestmark = pytest.mark.pages
ROWS = 500


@pytest.fixture(scope="module")
def library() -> Library:
    return build(entries_of(library_entries(ROWS, 2, 10, 3)))


@pytest.fixture
def tab(browser, library: Library, tmp_path: Path):
    page = tmp_path / "library.html"
    page.write_text(render_library(library), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.goto(page.as_uri())
    yield opened
    assert said == []
    context.close()


def shown(tab, part: str = ".results") -> list:
    return [row for row in tab.query_selector_all(f".listing {part} tr") if row.is_visible()]


def test_every_choice_shows_its_rows_and_the_average_of_all_of_them(tab, library: Library) -> None:
    subject = library.subjects[0]
    for average in subject.averages:
        tab.select_option("select[name=type]", average.type or "")
        tab.select_option("select[name=setting]", average.setting or "")
        wanted = [
            row.id
            for row in library.rows
            if row.raw
            and average.type in (None, row.programme.type)
            and average.setting in (None, row.programme.setting)
        ]
        links = [row.query_selector("a").get_attribute("href").split("/")[1] for row in shown(tab)]
        assert links == wanted
        (row,) = shown(tab, ".averages")
        told = row.inner_text().replace("\n", " ")
        assert str(average.results) in told
        assert ranged(average.mean, subject) in told if average.mean else "No average" in told
        assert tab.inner_text(".shown") == f"Results shown: {len(wanted)} of {ROWS}."


def test_other_filters_hide_rows_and_leave_the_average(tab, library: Library) -> None:
    before = shown(tab, ".averages")[0].inner_text()
    tab.select_option("select[name=confidence]", "low")
    tab.fill("input[name=search]", "ARTS open")
    found = [row.inner_text() for row in shown(tab)]
    assert found
    assert all("Open Door" in text and "Arts" in text and "Low confidence" in text for text in found)
    assert shown(tab, ".averages")[0].inner_text() == before
    # Each choice tells how many rows it would leave, given the other filters.
    arts = tab.inner_text("select[name=type] option[value=arts]")
    assert arts == f"arts ({len(found)})"
    tab.fill("input[name=search]", "no such words")
    assert tab.inner_text(".shown") == f"Results shown: 0 of {ROWS}."


def test_five_hundred_results_are_filtered_in_well_under_a_second(tab, capsys) -> None:
    times = []
    for kind in TYPES:
        for setting in SETTINGS:
            times.append(
                tab.evaluate(
                    """([kind, setting]) => { const form = document.querySelector('.filters'), start = performance.now();
                    form.elements.type.value = kind; form.elements.setting.value = setting;
                    form.dispatchEvent(new Event('input')); document.body.getBoundingClientRect();
                    return performance.now() - start }""",
                    [kind, setting],
                )
            )
    worst = max(times) / 1000
    with capsys.disabled():
        line = {
            "figure": f"library of {ROWS}: seconds to filter and lay out, worst",
            "value": round(worst, 4),
        }
        print(
            "\n" + json.dumps(line | {"unit": "s", "reach": "<= 1", "holds": worst <= 1}), end="", flush=True
        )
    assert worst <= 1


def test_without_scripts_everything_is_shown_and_no_filter(browser, library: Library, tmp_path: Path) -> None:
    page = tmp_path / "library.html"
    page.write_text(render_library(library), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page.as_uri())
    assert not tab.query_selector(".filters").is_visible()
    assert len(shown(tab)) == ROWS
    assert len(shown(tab, ".averages")) == 1
    context.close()


def test_paper_shows_every_row_whatever_was_chosen(tab) -> None:
    """A printed choice would look like everything that there is."""
    tab.select_option("select[name=type]", "arts")
    tab.select_option("select[name=confidence]", "low")
    assert len(shown(tab)) < ROWS
    tab.emulate_media(media="print")
    assert len(shown(tab)) == ROWS
    (average,) = shown(tab, ".averages")
    assert average.inner_text().startswith("Average of")
    assert "(" not in average.inner_text().split("\n")[0]  # of all, not of arts
    assert not tab.query_selector(".shown").is_visible()
    assert not tab.query_selector(".listed .cue").is_visible()
