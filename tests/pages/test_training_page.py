"""The lessons in JupyterLab, as `datalab training` opens them: by the keyboard alone, with names, and no network."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from datalab_helpers.cli import teach
from datalab_helpers.training import pieces
from datalab_helpers.training.lesson import Lesson
from datalab_helpers.training.lessons import FILES, lesson

pytestmark = pytest.mark.pages
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WAIT = 90
MOST = 300  # milliseconds from a key to the new picture
READY = """async () => {
    const shown = window.jupyterapp.shell.currentWidget;
    await shown.context.ready; await shown.sessionContext.ready; await shown.sessionContext.session.kernel.info;
}"""
# The time from a key to the new picture, taken in the page itself.
WATCH = """() => {
    const old = document.querySelector('.dl-lesson img').alt;
    window.took = null;
    document.addEventListener('keydown', () => { window.start = performance.now(); }, {capture: true, once: true});
    const look = () => {
        if (document.querySelector('.dl-lesson img')?.alt !== old) window.took = performance.now() - window.start;
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab by the command of the training, in a process group of its own that is ended with it."""
    place = tmp_path_factory.mktemp("training")
    command, environment = teach.prepared(place)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name in ("CONFIG", "DATA"):
        environment[f"JUPYTER_{name}_DIR"] = str(place / name.lower())
    # Sockets of kernels lie in the folder of JupyterLab's own choice: a temporary one may have too long a name.
    options = ["--no-browser", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    options += ["--IdentityProvider.token=t", "--LabApp.expose_app_in_browser=True", "--allow-root"]
    with (place / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, *options], env=environment, start_new_session=True, stdout=log, stderr=log
        )
    try:
        until = time.monotonic() + WAIT
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status?token=t").close()
                break
            except urllib.error.URLError:
                assert process.poll() is None, (place / "log").read_text()
                assert time.monotonic() < until, (place / "log").read_text()
                time.sleep(0.3)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(params=sorted(FILES), ids=lambda number: f"lesson {number}")
def opened(request: pytest.FixtureRequest, browser, server: str):
    """A lesson that has been run, and what its page asked for from elsewhere."""
    shown = lesson(request.param)
    [path] = teach.LESSONS.glob(f"{request.param}_*.ipynb")
    context = browser.new_context(viewport={"width": 1280, "height": 2400})
    tab = context.new_page()
    outside: list[str] = []
    tab.on(
        "request",
        lambda asked: None if asked.url.startswith((server, "data:", "blob:")) else outside.append(asked.url),
    )
    tab.goto(f"{server}/lab/tree/{path.name}?token=t&reset")
    tab.wait_for_selector(".jp-Notebook .jp-Cell", timeout=1000 * WAIT)
    tab.evaluate(READY)
    tab.evaluate("() => { void window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    tab.wait_for_selector(".dl-lesson button", timeout=1000 * WAIT)
    yield tab, shown
    assert [url for url in outside if not url.startswith(server.replace("http", "ws"))] == []
    context.close()


def press_to(tab, wanted: str, key: str = "Tab") -> None:
    """Moves the focus on by a key until it is on something whose name holds these words."""
    name = "(e => [...(e.labels ?? [])].map(l => l.textContent).join(' ') + ' ' + e.textContent)"
    for _ in range(60):
        if wanted in tab.evaluate(f"() => {name}(document.activeElement)"):
            return
        tab.keyboard.press(key)
    raise AssertionError(f"the keyboard does not reach {wanted!r}")


def test_a_lesson_is_done_from_guess_to_end_by_the_keyboard_alone(opened, capsys) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tab, shown = opened
    view = tab.locator(".dl-lesson")
    assert tab.locator(".jp-CodeCell .jp-InputArea-editor:visible").count() == 0
    view.locator("input[type=text]").focus()
    tab.keyboard.type(str(shown.guess.high))
    press_to(tab, "Show me")
    tab.keyboard.press("Enter")
    view.locator("img").wait_for()
    slowest = turned(tab, shown)
    press_to(tab, "I have tried it")
    tab.keyboard.press("Enter")
    for place, question in enumerate(shown.questions):
        view.locator("h3", has_text=f"Question {place + 1} of").wait_for()
        assert view.locator(".widget-radio").nth(place).locator("input:checked").count() == 0
        first, second = pieces.mixed(question.options)[:2]
        press_to(tab, first.text)
        # As fast as a person: within some milliseconds, the kernel's echo of the first choice undoes the second.
        for key in ("Space", "ArrowDown"):
            tab.keyboard.press(key)
            tab.wait_for_timeout(400)
        press_to(tab, "Check my answer")
        tab.keyboard.press("Enter")
        view.get_by_text(second.feedback).wait_for()
        press_to(tab, "Next question" if place + 1 < len(shown.questions) else "Finish")
        tab.keyboard.press("Enter")
    view.get_by_text("right at the first try").wait_for()
    view.locator("details").evaluate("e => { e.open = true; }")
    unnamed = view.evaluate(
        "e => [...e.querySelectorAll('input, select')].filter(i => !i.labels.length).map(i => i.outerHTML)"
    )
    answer = (
        Axe().run(tab, context=".dl-lesson", options={"runOnly": {"type": "tag", "values": RULES}}).response
    )
    found = [f"{rule['id']}: {node['target']}" for rule in answer["violations"] for node in rule["nodes"]]
    lines = [
        ("milliseconds from a key to the picture, the slowest", round(slowest), f"< {MOST}", slowest < MOST),
        ("axe violations, everything open", len(found), "0", not found),
    ]
    with capsys.disabled():
        for what, value, reach, holds in lines:
            line = {"figure": f"lesson {shown.number}: {what}", "value": value, "unit": "", "reach": reach}
            print("\n" + json.dumps(line | {"holds": holds}), end="", flush=True)
    assert not found + unnamed
    wide = (
        "e => [e, ...e.querySelectorAll('*')].filter(i => i.scrollWidth > i.clientWidth + 1 && i.clientWidth)"
    )
    assert view.evaluate(f"e => ({wide})(e).map(i => i.outerHTML.slice(0, 200))") == []


def turned(tab, shown: Lesson) -> float:
    """Moves every dial by arrow keys; the slowest answer in milliseconds, of those that change the picture."""
    took = [0.0]
    for dial in shown.dials:
        press_to(tab, dial.label)
        names = list(dial.choices)
        at = names.index(dial.start)
        for key in ["ArrowDown"] * (len(names) - 1 - at) + ["ArrowUp"] * (len(names) - 1):
            tab.evaluate(WATCH)
            tab.keyboard.press(key)
            tab.wait_for_timeout(600)
            took.append(tab.evaluate("window.took") or 0.0)
    assert max(took) > 0
    return max(took)
