"""Every accepted request, whatever became of it: read from what is published, and from the requests themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ..disclosure.no_result import FILE, NoResult, Why
from ..disclosure.results import About, Results, about_of
from ..errors import DataLabError, LibraryError, listed
from ..request import load_request
from ..run import sha256

RESULTS = "results.json"


@dataclass(frozen=True)
class Entry:
    """One accepted request: its results, or why there are none; neither where it has not been run.

    checked : whether the file agrees with the hash in its manifest; False where there is no manifest
    """

    about: About
    released_on: str | None
    invented: bool
    results: Results | None = None
    why: Why | None = None
    checked: bool = True


def read_entries(reports: Path, requests: Path | None = None) -> list[Entry]:
    """All entries, in the order of their folders.

    Parameters
    ----------
    reports : folder of published reports, one folder a request
    requests : folder of request folders; each that has no report yet is awaited. One that cannot be read is not
        accepted and has no row; `datalab run` tells what to mend. None looks at reports alone

    Errors
    ------
    LibraryError names every folder that cannot be read, was changed since it was published, or bears an id that
    another has too.
    """
    found: list[Entry] = []
    wrong: list[str] = []
    for folder in sorted(reports.glob("[!.]*/")):
        name = next((n for n in (RESULTS, FILE) if (folder / n).is_file()), None)
        if name is None:
            continue
        try:
            found.append(_published(folder, name))
        except LibraryError as error:
            wrong.append(str(error))
    if not found and not wrong and requests is None:
        raise LibraryError(
            f"{reports} holds no published report; name the folder that `datalab run` publishes into"
        )
    for path in sorted(requests.glob("*/request.yml")) if requests else []:
        try:
            request = load_request(path)
        except DataLabError:
            continue
        if request.id not in {entry.about.id for entry in found}:
            released = request.settings.release.on
            found.append(Entry(about_of(request), released.isoformat() if released else None, invented=False))
    if wrong:
        raise LibraryError(listed("the library was not made; mend these first", wrong))
    return found


def _published(folder: Path, name: str) -> Entry:
    """What one report folder holds."""
    kind = Results if name == RESULTS else NoResult
    try:
        told = kind.model_validate_json((folder / name).read_bytes())
    except ValueError:
        raise LibraryError(f"{folder.name}: {name} is not of this version; run the request again") from None
    if told.about.id != folder.name:
        raise LibraryError(
            f"{folder.name}: {name} is of {told.about.id}; a report's folder is named by its id"
        )
    checked = _is_as_published(folder, name)
    if isinstance(told, Results):
        frame = told.frame
        return Entry(told.about, frame.released_on, frame.invented, results=told, checked=checked)
    return Entry(told.about, told.released_on, told.invented, why=told.why, checked=checked)


def _is_as_published(folder: Path, name: str) -> bool:
    """Whether a file has the hash that its manifest gives; LibraryError where it has another."""
    path = folder / "manifest.json"
    if not path.is_file():
        return False
    try:
        given = json.loads(path.read_text(encoding="utf-8"))["outputs"][name]
    except (ValueError, KeyError, TypeError):
        raise LibraryError(
            f"{folder.name}: manifest.json does not name {name}; run the request again"
        ) from None
    if given != sha256(folder / name):
        raise LibraryError(f"{folder.name}: {name} was changed since it was published; run the request again")
    return True
