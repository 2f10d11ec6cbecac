"""Who was in which published result, as keyed hashes: two results of nearly the same people tell of the few between.

Kept on the secure side, beside the runs, and without any name: `register/key` is random and never leaves it, and
`register/<id>.json` holds hashes of the ids that the records give to people. It outlives the deletion of a
request's person-level data, since what was published stays published.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..disclosure import Results
from ..errors import DisclosureError, listed
from ..matching import MatchedSample
from ..run import Run, write_json

FOLDER = "register"
KEY_BYTES = 32


def enter(run: Run, results: Results, runs: Path) -> None:
    """Note who is in a result about to be published; where that tells of a few, nothing is noted or published.

    The note comes first: one too many holds a report back, one too few tells.

    Errors
    ------
    DisclosureError where an analysis has nearly the same people as one that another report has published: each
    group lacks fewer people of the other than the smallest count, and they are not the same. An organisation knows
    both of its lists, so it could take the one result from the other. `beside.txt` in the request's folder names
    reports, one id a line, beside which a person has allowed this one to stand.
    """
    groups = groups_of(run, results, runs)
    if not groups:
        return
    with _held(runs):
        _check(run, results, groups, runs)
        path = runs / FOLDER / f"{results.about.id}.json"
        # An earlier version that bore a day of release may have been read by anybody; a draft has not.
        kept = [version for version in _versions(path) if version["released_on"]]
        version = {
            "released_on": results.frame.released_on,
            "groups": {name: sorted(people) for name, people in groups.items()},
        }
        write_json(path, {"versions": kept if version in kept else [*kept, version]})


def _check(run: Run, results: Results, groups: dict[str, frozenset[str]], runs: Path) -> None:
    smallest, allowed = results.rules.smallest_count, _allowed(run)
    close = {
        f"{name} and {other} of {id_}"
        for name, people in groups.items()
        for id_, other, theirs in _earlier(runs, results.about.id)
        if id_ not in allowed and people != theirs and _apart(people, theirs) < smallest
    }
    if close:
        raise DisclosureError(
            listed(
                f"{results.about.id} was not published: fewer than {smallest} people lie between groups of it and of "
                "reports that have been published, so that both results together would tell of them. A person must "
                f"look at both; ids of reports that it may stand beside go into {run.request.folder.name}/beside.txt, "
                "one a line",
                sorted(close),
            )
        )


def _apart(one: frozenset[str], other: frozenset[str]) -> int:
    """How many people the one has and the other lacks, or the other way round, whichever are more."""
    return max(len(one - other), len(other - one))


def groups_of(run: Run, results: Results, runs: Path) -> dict[str, frozenset[str]]:
    """Hashes of those who took part, by published analysis; empty for an analysis table, whose ids are its own."""
    if run.request.settings.table:
        return {}
    shown = {analysis.name for analysis in results.analyses if analysis.refused is None}
    key = _key(runs)
    return {
        sample.analysis: frozenset(_hashed(sample.people.query("treated and weight > 0")["person_id"], key))
        for sample in run.load_each(MatchedSample, "matching")
        if sample.analysis in shown
    }


def _hashed(ids: Iterable[Any], key: bytes) -> Iterator[str]:
    return (hmac.new(key, str(int(one)).encode(), hashlib.sha256).hexdigest()[:32] for one in ids)


@contextmanager
def _held(runs: Path) -> Iterator[None]:
    """One run at a time looks and notes: of two that publish at once the second must see the first."""
    (runs / FOLDER).mkdir(parents=True, exist_ok=True)
    with (runs / FOLDER / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _key(runs: Path) -> bytes:
    """The key of this place, made when first asked for; readable by its owner alone."""
    path = runs / FOLDER / "key"
    if not path.is_file():
        with _held(runs):
            if not path.is_file():
                aside = path.with_name(".key.aside")
                aside.unlink(missing_ok=True)
                with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(secrets.token_bytes(KEY_BYTES))
                aside.rename(path)
    return path.read_bytes()


def _earlier(runs: Path, own: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """(id, analysis, people) of everything published: of the request itself only what bore a day of release."""
    for path in sorted((runs / FOLDER).glob("*.json")):
        for version in _versions(path):
            if path.stem != own or version["released_on"]:
                for name, people in version["groups"].items():
                    yield path.stem, name, frozenset(people)


def _versions(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))["versions"]) if path.is_file() else []


def _allowed(run: Run) -> set[str]:
    path = run.request.folder / "beside.txt"
    return set(path.read_text(encoding="utf-8-sig").split()) if path.is_file() else set()
