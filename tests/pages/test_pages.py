"""Pages as a browser shows them: accessibility by axe-core, phone width, print, keyboard, network."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from many_results import REQUESTS, generated

from datalab_helpers.report.forms import forms

pytestmark = pytest.mark.pages

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# How a page is looked at: width of the window, medium, colours.
LOOKS = {
    "screen": {"width": 1280},
    "phone": {"width": 320},
    "print": {"width": 794, "media": "print"},
    "dark": {"width": 1280, "color_scheme": "dark"},
}
# Nobody presses a link on paper.
NOT_ASKED = {"print": {"target-size": {"enabled": False}}}
# What axe cannot decide and why it is right: (rule, what axe says, or all of it; looks, or all of them).
EXPLAINED = [
    # The signs before "What you can say": blue or grey on white, as the words after them, and hidden from a reader aloud.
    ("color-contrast", "Element content contains only non-text characters", LOOKS),
    # At 320 px tables scroll in a box, so that parts are out of sight; their colours are those of the wide page.
    ("color-contrast", "", ["phone"]),
    # A heading over a group of rows is alone in its row: what it heads stands below it.
    ("th-has-data-cells", "", LOOKS),
]
FEWEST_PAGES = 20


def opened(browser, page: Path, look: dict):
    """A page and the list of what it asked the network for."""
    options = {name: look[name] for name in ("color_scheme",) if name in look}
    context = browser.new_context(viewport={"width": look["width"], "height": 900}, **options)
    tab = context.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(page.as_uri())
    if "media" in look:
        tab.emulate_media(media=look["media"])
    return tab, asked


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_on_any_page(browser, written: dict[str, Path], look: str, capsys) -> None:
    """0 violations, and nothing that axe could not decide left unexplained."""
    from axe_playwright_python.sync_playwright import Axe

    assert len(written) >= FEWEST_PAGES
    found, undecided = [], []
    for name, page in written.items():
        tab, _ = opened(browser, page, LOOKS[look])
        tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        options = {"runOnly": {"type": "tag", "values": RULES}, "rules": NOT_ASKED.get(look, {})}
        answer = Axe().run(tab, options=options).response
        assert len(answer["passes"]) > 10, name
        for rule in answer["violations"]:
            found += [f"{name}: {rule['id']} ({rule['impact']}): {node['target']}" for node in rule["nodes"]]
        for rule in answer["incomplete"]:
            said = {
                check["message"]
                for node in rule["nodes"]
                for kind in ("any", "all", "none")
                for check in node[kind]
            }
            undecided += [
                f"{name}: {rule['id']}: {what}" for what in said if not explained(rule["id"], what, look)
            ]
        tab.context.close()
    with capsys.disabled():
        for what, lines in (("violations", found), ("undecided and not explained", undecided)):
            line = {"figure": f"{look}: {what} on {len(written)} pages", "value": len(lines), "unit": ""}
            print("\n" + json.dumps(line | {"reach": "0", "holds": not lines}), end="", flush=True)
    assert not found + undecided, "\n".join(found + undecided)


def test_axe_finds_nothing_on_fifty_generated_results(browser, tmp_path: Path, capsys) -> None:
    """Every verdict, one to five analyses of 30 to 5,000 people, hostile names: the report and its claim kit."""
    from axe_playwright_python.sync_playwright import Axe

    found = []
    for number in range(REQUESTS):
        made = forms(generated(number, 1))
        for name in ("report.html", "claim-kit.html"):
            page = tmp_path / f"{number}-{name}"
            page.write_bytes(made[name])
            tab, _ = opened(browser, page, LOOKS["phone" if number % 2 else "screen"])
            answer = Axe().run(tab, options={"runOnly": {"type": "tag", "values": RULES}}).response
            for rule in answer["violations"]:
                found += [f"{page.name}: {rule['id']}: {node['target']}" for node in rule["nodes"]]
            tab.context.close()
    with capsys.disabled():
        line = {"figure": f"violations on the pages of {REQUESTS} results", "value": len(found), "unit": ""}
        print("\n" + json.dumps(line | {"reach": "0", "holds": not found}), end="", flush=True)
    assert not found, "\n".join(found)


def explained(rule: str, said: str, look: str) -> bool:
    return any(rule == known and part in said and look in looks for known, part, looks in EXPLAINED)


def test_a_page_is_never_wider_than_a_phone(browser, written: dict[str, Path]) -> None:
    """At 320 px, which is 400 % zoom of 1280: only tables and drawings in a box of their own scroll."""
    wide = {}
    for name, page in written.items():
        tab, _ = opened(browser, page, LOOKS["phone"])
        tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        width = tab.evaluate("document.scrollingElement.scrollWidth")
        if width > 320:
            wide[name] = width
        tab.context.close()
    assert not wide


# What is cut off: pictures and titles beyond the window; tables that go on without saying so.
CUT = """() => {
    const width = document.documentElement.clientWidth, told = [];
    for (const e of document.querySelectorAll('main img, main caption > *, main .section bdi, main summary')) {
        const box = e.getBoundingClientRect();
        if (box.width && (box.left < -1 || box.right > width + 1)) told.push('cut: ' + (e.alt || e.textContent).slice(0, 40));
    }
    for (const e of document.querySelectorAll('.scroll')) {
        const cue = e.parentElement.querySelector(':scope > .cue');
        const goes = e.scrollWidth > e.clientWidth + 1, says = !!cue && cue.checkVisibility();
        if (goes !== says) told.push((goes ? 'goes on: ' : 'does not go on: ') + e.textContent.trim().slice(0, 40));
    }
    return told }"""
WIDTHS = (1100, 1000, 768, 360, 320)


def test_nothing_is_cut_off_and_every_table_that_goes_on_says_so(browser, written: dict[str, Path]) -> None:
    found = []
    for name, page in written.items():
        tab, _ = opened(browser, page, LOOKS["screen"])
        tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        # The annex is the analyst's, whose screen is no phone.
        for width in [width for width in WIDTHS if width >= 1000 or not name.startswith("run-0")]:
            tab.set_viewport_size({"width": width, "height": 900})
            found += [f"{name} at {width}: {what}" for what in tab.evaluate(CUT)]
            cues = tab.evaluate(
                "[...document.querySelectorAll('.cue')].filter(e => e.checkVisibility()).length"
            )
            found += [f"{name} at {width}: too wide for a computer"] if width >= 1000 and cues else []
        tab.context.close()
    assert not found, "\n".join(found)


def test_a_dark_setting_changes_nothing_and_the_page_says_so(browser, written: dict[str, Path]) -> None:
    """Every page is light on purpose: controls and scroll bars are, and no browser darkens half of it."""
    for name, page in written.items():
        tab, _ = opened(browser, page, LOOKS["dark"])
        look = "getComputedStyle(document.documentElement).colorScheme + getComputedStyle(document.body).backgroundColor"
        assert tab.evaluate(look) in {"light onlyrgb(255, 255, 255)", "only lightrgb(255, 255, 255)"}, name
        tab.context.close()


def test_names_of_500_letters_leave_the_answer_on_the_first_screen(browser, written: dict[str, Path]) -> None:
    for width in WIDTHS:
        tab, _ = opened(browser, written["report-long-names"], {"width": width})
        low = tab.evaluate("document.querySelector('.answer').getBoundingClientRect().top")
        assert low < 700, (width, low)
        tab.context.close()


def test_no_page_asks_the_network_for_anything(browser, written: dict[str, Path]) -> None:
    for name, page in written.items():
        tab, asked = opened(browser, page, LOOKS["screen"])
        assert asked == [page.as_uri()], name
        tab.context.close()


def test_every_page_can_be_walked_by_keyboard(browser, written: dict[str, Path]) -> None:
    """Tab reaches everything that can be used, in the order of the page, each visible when reached and marked."""
    reachable = "a[href], summary, button, input, select, textarea, [tabindex='0']"
    for name, page in written.items():
        tab, _ = opened(browser, page, LOOKS["screen"])
        wanted = tab.evaluate(
            """(reachable) => { const all = [...document.querySelectorAll(reachable)].filter(e => e.checkVisibility());
            all.forEach((e, i) => e.dataset.order = i); return all.length }""",
            reachable,
        )
        for order in range(wanted):
            tab.keyboard.press("Tab")
            told = tab.evaluate(
                """() => { const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
                return [e.dataset.order, s.outlineStyle, box.bottom > 0 && box.top < innerHeight && box.right > 0] }"""
            )
            assert told == [str(order), "solid", True], (name, order, told)
        tab.context.close()


def test_page_one_of_every_report_is_one_sheet_of_paper(browser, written: dict[str, Path]) -> None:
    """Printed on A4, what follows page one begins on the second sheet."""
    from pypdf import PdfReader

    for name, page in written.items():
        if not name.startswith("report-") or name == "report-nothing":
            continue
        tab, _ = opened(browser, page, LOOKS["print"])
        last = tab.evaluate("document.querySelector('.page-one dl div:last-child dt').innerText")
        sheets = PdfReader(io.BytesIO(tab.pdf(prefer_css_page_size=True))).pages
        first, second = (sheets[n].extract_text() for n in (0, 1))
        assert last in first, name
        assert last not in second, name
        tab.context.close()


def test_no_title_of_a_printed_report_is_parted_from_what_it_names(browser, written: dict[str, Path]) -> None:
    """The last words of a sheet are never a title, a heading of columns or of a part of a table alone."""
    from pdf_layout import lines
    from pypdf import PdfReader

    alone = []
    for name, page in written.items():
        if not name.startswith("report-") and name != "run-report":
            continue
        tab, _ = opened(browser, page, LOOKS["print"])
        sheets: dict[int, list] = {}
        for line in lines(PdfReader(io.BytesIO(tab.pdf(prefer_css_page_size=True)))):
            sheets.setdefault(line.page, []).append(line)
        for number, said in sheets.items():
            low = min(line.bottom for line in said)
            last = [line for line in said if line.bottom < low + 4]
            alone += (
                [f"{name}, sheet {number + 1}: {last[0].text}"] if all(line.bold for line in last) else []
            )
        tab.context.close()
    assert not alone, "\n".join(alone)
