"""The command for a training session: the lessons in JupyterLab, on this machine alone."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ..errors import RequestError
from ..run import ROOT
from .before import DONE, Add

LESSONS = ROOT / "notebooks/training"
# As `make lab`: no call leaves the machine, and kernels talk through files that only this user may read.
CLOSED = [
    "--KernelManager.transport=ipc",
    "--FileContentsManager.delete_to_trash=False",
    "--LabApp.news_url=None",
    "--LabApp.extension_manager=readonly",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
]
NO_NEWS = {"fetchNews": "false", "checkForUpdates": False}


def add_commands(add: Add) -> None:
    training = add(
        "training",
        _training,
        "open the lessons for people who work in charities, in JupyterLab; needs no records and no network",
        "datalab training --lab-options=--no-browser",
    )
    training.add_argument(
        "--lab-options",
        default="",
        metavar="TEXT",
        help='more options for JupyterLab, such as "--no-browser"',
    )


def _training(options: argparse.Namespace) -> int:
    """Copies of the lessons in a folder that is gone at the end, so that nothing of a session is kept."""
    if not LESSONS.is_dir():
        raise RequestError(f"there is no folder {LESSONS}; run this in a whole copy of the workbench")
    with tempfile.TemporaryDirectory(prefix="lessons-") as place:
        command, environment = prepared(Path(place))
        print("JupyterLab opens in your browser. To end the session, press Ctrl and C here.", file=sys.stderr)
        process = subprocess.Popen([*command, *shlex.split(options.lab_options)], env=environment)
        try:
            return DONE if process.wait() == 0 else 1
        except KeyboardInterrupt:
            # JupyterLab has had it too, and ends its kernels.
            process.wait()
            return DONE


def prepared(place: Path) -> tuple[list[str], dict[str, str]]:
    """Writes lessons and settings into a folder; gives the command that opens them, and its environment."""
    lessons = place / "lessons"
    shutil.copytree(LESSONS, lessons, ignore=shutil.ignore_patterns(".*"))
    settings = place / "settings"
    for name, content in {
        "apputils-extension/notification": NO_NEWS,
        "shortcuts-extension/shortcuts": {"shortcuts": single_keys()},
    }.items():
        path = settings / f"@jupyterlab/{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    environment = os.environ | {
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(place / "workspaces"),
        "IPYTHONDIR": str(place / "ipython"),  # the history of what was typed
    }
    first = min(path.name for path in lessons.glob("*.ipynb"))
    command = [
        *(
            sys.executable,
            "-m",
            "jupyterlab",
            f"--ServerApp.root_dir={lessons}",
            "--ServerApp.answer_yes=True",
        ),
        *(f"--LabApp.default_url=/lab/tree/{first}", *CLOSED),
    ]
    return command, environment


def single_keys() -> list[dict[str, object]]:
    """JupyterLab's shortcuts of a single key, turned off.

    Otherwise the arrow keys move between cells instead of moving a dial, and an X on a button cuts the lesson away.
    """
    schemas = Path(sys.prefix) / "share/jupyter/lab/schemas/@jupyterlab"
    found = [
        shortcut
        for path in sorted(schemas.glob("*/*.json"))
        for shortcut in json.loads(path.read_text(encoding="utf-8")).get("jupyter.lab.shortcuts", [])
    ]
    return [
        {**{part: shortcut[part] for part in ("command", "keys", "selector")}, "disabled": True}
        for shortcut in found
        if ":focus" in shortcut["selector"] and any(shortcut["keys"])
        if not re.search("Accel|Alt|Cmd|Ctrl|Enter|Escape|Meta|Backspace", " ".join(shortcut["keys"]))
    ]
