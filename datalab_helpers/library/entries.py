"""Every accepted request, whatever became of it: read from what is published, and from the requests themselves."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ..disclosure.no_result import FILE, NoResult, Why
from ..disclosure.results import About, Results, about_of
from ..errors import DataLabError, LibraryError, listed
from ..lab import load_lab
from ..request import load_request
from ..request.settings import ID_PATTERN
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


@dataclass(frozen=True)
class Entries:
    """All entries, and what stands against their being all.

    accepted : requests there are, counted before any was read
    unread : folders of requests that cannot be read: `datalab run` tells what to mend
    looked : whether requests that have not been run were looked for
    """

    entries: list[Entry]
    accepted: int
    unread: list[str] = field(default_factory=list)
    looked: bool = True


def read_entries(reports: Path, requests: Path | None = None) -> Entries:
    """All accepted requests, in the order of their folders.

    Parameters
    ----------
    reports : folder of published reports, one folder a request
    requests : folder of request folders; each that has no report yet is awaited, or was withdrawn. None looks at
        reports alone

    Errors
    ------
    LibraryError names everything that is wrong at once: a report that cannot be read, was changed since it was
    published, is no report at all or bears another's id; two requests with one id; a folder that does not exist.
    """
    wrong = [
        f"there is no folder {place}"
        for place in (reports, requests)
        if place is not None and not place.is_dir()
    ]
    found: list[Entry] = []
    folders = [
        path for path in sorted(reports.glob("[!.]*")) if path.is_dir() and re.match(ID_PATTERN, path.name)
    ]
    for folder in folders:
        try:
            found.append(_published(folder))
        except LibraryError as error:
            wrong.append(f"{folder.name}: {error}")
    ids = Counter({folder.name: 0 for folder in folders})
    unread: list[str] = []
    for path in sorted(requests.glob("*/request.yml")) if requests else []:
        try:
            request = load_request(path, with_files=False)
        except (DataLabError, ValueError, OSError):
            unread.append(path.parent.name)
            continue
        ids[request.id] += 1
        if request.id not in {folder.name for folder in folders} and ids[request.id] == 1:
            why: Why | None = "withdrawn" if request.withdrawn else None
            released = request.settings.release.on
            entry = Entry(
                about_of(request), released.isoformat() if released else None, invented=False, why=why
            )
            found.append(entry)
    wrong += [
        f"{id_} is the id of {count} requests; give each its own" for id_, count in ids.items() if count > 1
    ]
    if wrong:
        raise LibraryError(listed("the library was not made; mend these first", wrong))
    if not ids and not unread:
        raise LibraryError(
            f"{reports} holds no published report; name the folder that `datalab run` publishes into"
        )
    return Entries(found, len(ids) + len(unread), unread, looked=requests is not None)


def _published(folder: Path) -> Entry:
    """What one report folder holds; LibraryError where that is not one report."""
    names = [name for name in (RESULTS, FILE) if (folder / name).is_file()]
    if len(names) != 1:
        raise LibraryError(
            f"it holds {' and '.join(names) or f'neither {RESULTS} nor {FILE}'}; run the request again"
        )
    (name,) = names
    kind = Results if name == RESULTS else NoResult
    try:
        told = kind.model_validate_json((folder / name).read_bytes())
    except ValueError:
        raise LibraryError(f"{name} is not of this version; run the request again") from None
    if told.about.id != folder.name:
        raise LibraryError(f"{name} is of {told.about.id}; a report's folder is named by its id")
    try:
        load_lab(told.about.lab)
    except DataLabError:
        raise LibraryError(f"its lab {told.about.lab!r} is not installed") from None
    checked = _is_as_published(folder, name)
    if isinstance(told, NoResult):
        return Entry(told.about, told.released_on, told.invented, why=told.why, checked=checked)
    if not _is_possible(told):
        raise LibraryError(f"{name} has numbers that no result can have; run the request again")
    return Entry(told.about, told.frame.released_on, told.frame.invented, results=told, checked=checked)


def _is_possible(results: Results) -> bool:
    """Whether there is one headline, and every difference lies finite between its ends."""
    estimates = [e for a in results.analyses for m in a.measures for e in (m.adjusted, m.unadjusted) if e]
    ends = [(e.low, e.difference, e.high) for e in estimates]
    return sum(a.headline for a in results.analyses) == 1 and all(
        all(map(math.isfinite, three)) and three[0] <= three[1] <= three[2] for three in ends
    )


def _is_as_published(folder: Path, name: str) -> bool:
    """Whether a file has the hash that its manifest gives; LibraryError where it has another."""
    path = folder / "manifest.json"
    if not path.is_file():
        return False
    try:
        given = json.loads(path.read_text(encoding="utf-8"))["outputs"][name]
    except (ValueError, KeyError, TypeError):
        raise LibraryError(f"manifest.json does not name {name}; run the request again") from None
    if given != sha256(folder / name):
        raise LibraryError(f"{name} was changed since it was published; run the request again")
    return True
