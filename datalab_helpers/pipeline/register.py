"""Who was in which published result, as keyed hashes: two results of nearly the same people tell of the few between.

Kept on the secure side, beside the runs, and without any name: `register/key` is random and never leaves it, and
`register/<id>.json` holds hashes of the ids that the records give to people. Whoever has both and the records can
find the people again. It outlives the deletion of a request's data, since what was published stays published.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..disclosure import Results
from ..errors import DisclosureError, listed
from ..intake import Cohort
from ..matching import MatchedSample
from ..run import REGISTER, Run, in_turn, write_json

KEY_BYTES = 32
DIGITS = 32  # of a hash, in hexadecimal
FOUND, ANALYSABLE = "everybody found", "everybody who could be analysed"

Groups = dict[str, frozenset[str]]


@dataclass(frozen=True)
class Note:
    """One version of what a report was made of.

    people : hashes of people, by published analysis, and of everybody found and everybody who could be analysed
    starts : hashes of a person with the day on which the clock starts, the same groups but those found
    submitted : rows of the list
    beside : reports beside which a person has allowed it
    """

    released_on: str | None
    submitted: int | None
    people: Groups
    starts: Groups
    beside: list[str] = field(default_factory=list)

    def as_dict(self, key: bytes) -> dict[str, Any]:
        return {
            "released_on": self.released_on,
            "submitted": self.submitted,
            "beside": self.beside,
            "key": _fingerprint(key),
            "people": {name: sorted(group) for name, group in self.people.items()},
            "starts": {name: sorted(group) for name, group in self.starts.items()},
        }


def enter(run: Run, results: Results, runs: Path) -> None:
    """Note who is in a result about to be published; where that tells of a few, nothing is noted or published.

    The note comes first: one too many holds a report back, one too few tells.

    Errors
    ------
    DisclosureError where a group, with or without the days on which clocks start, is nearly one of another
    report: each lacks fewer people of the other than the smallest count, and they are not the same. So it is
    where the same people were found among a few rows more or fewer. An organisation knows both of its lists, so it
    could take the one result from the other. `beside.txt` in the request's folder names reports, one id a line,
    beside which a person has allowed this one to stand; its own id stands for its earlier versions.
    """
    if run.request.settings.table:
        return  # the ids of a ready table are its own
    # Of two that publish at once the second must see the first.
    with in_turn(runs / REGISTER / ".lock"):
        key = _key(runs)
        own = note_of(run, results, key)
        earlier = {path.stem: _read(path, key) for path in sorted((runs / REGISTER).glob("*.json"))}
        _check(results, own, earlier, run.request.folder.name)
        kept = earlier.get(results.about.id, [])
        if own not in kept:
            kept = [*kept, own]
        versions = [note.as_dict(key) for note in kept]
        write_json(runs / REGISTER / f"{results.about.id}.json", {"versions": versions})


def note_of(run: Run, results: Results, key: bytes) -> Note:
    """Hashes of everybody on the list who was found, and of those who took part in each published analysis."""
    cohort = run.load(Cohort, "intake")
    shown = {analysis.name for analysis in results.analyses if analysis.refused is None}
    took_part = {ANALYSABLE: cohort.people[cohort.people["treated"]]} | {
        sample.analysis: cohort.people.loc[
            sample.people.index[sample.people["treated"] & (sample.people["weight"] > 0)]
        ]
        for sample in run.load_each(MatchedSample, "matching")
        if sample.analysis in shown
    }
    return Note(
        results.frame.released_on,
        cohort.facts.get("submitted"),
        {FOUND: _hashed(map(str, cohort.found), key)}
        | {
            name: _hashed(people["person_id"].astype("int64").astype("str"), key)
            for name, people in took_part.items()
        },
        {
            name: _hashed(
                people["person_id"].astype("int64").astype("str") + "|" + people["time_zero"].astype("str"),
                key,
            )
            for name, people in took_part.items()
        },
        sorted(_allowed(run)),
    )


def _check(results: Results, own: Note, earlier: dict[str, list[Note]], folder: str) -> None:
    smallest, id_ = results.rules.smallest_count, results.about.id
    close = {
        f"{what} of {'an earlier version of this same request' if other == id_ else other}"
        for other, notes in earlier.items()
        for note in notes
        if other not in own.beside
        for what in _close(own, note, smallest, draft=other == id_ and note.released_on is None)
    }
    if close:
        raise DisclosureError(
            listed(
                f"{id_} was not published: fewer than {smallest} people lie between groups of it and of reports made "
                "earlier, so that both results together would tell of them. A person must look at both; ids of reports "
                f"that it may stand beside, be it its own, go into {folder}/beside.txt, one a line",
                sorted(close),
            )
        )


def _close(own: Note, other: Note, smallest: int, draft: bool) -> Iterator[str]:
    """What lies close together. Of a draft of the same request its list counts, not who was matched from it."""
    rows = abs((own.submitted or 0) - (other.submitted or 0))
    if own.people[FOUND] == other.people[FOUND] and 0 < rows < smallest:
        yield f"{FOUND}, among a few rows more or fewer, and that"
    listed_groups = {FOUND, ANALYSABLE}
    for mine, theirs, told in (
        (own.people, other.people, ""),
        (own.starts, other.starts, ", with their start days,"),
    ):
        pairs = itertools.product(_derived(mine, smallest).items(), _derived(theirs, smallest).items())
        for (name, group), (their_name, their_group) in pairs:
            if draft and not {name, their_name} <= listed_groups:
                continue
            if group != their_group and _apart(group, their_group) < smallest:
                yield f"{name}{told} and {their_name}"


def _derived(groups: Groups, smallest: int) -> Groups:
    """The groups, and what is left of each when one that lies in it is taken away: a reader can take it away too."""
    left = {
        f"{big} without {small}": groups[big] - groups[small]
        for big, small in itertools.permutations(groups, 2)
        if groups[small] < groups[big] and len(groups[big]) - len(groups[small]) >= smallest
    }
    return groups | left


def _apart(one: frozenset[str], other: frozenset[str]) -> int:
    """How many people the one has and the other lacks, or the other way round, whichever are more."""
    return max(len(one - other), len(other - one))


def _hashed(texts: Iterable[str], key: bytes) -> frozenset[str]:
    return frozenset(hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:DIGITS] for text in texts)


def _fingerprint(key: bytes) -> str:
    return hmac.new(key, b"register", hashlib.sha256).hexdigest()[:DIGITS]


def _key(runs: Path) -> bytes:
    """The key of this place, made with the first note; readable by its owner alone."""
    path = runs / REGISTER / "key"
    if not path.is_file() and not any((runs / REGISTER).glob("*.json")):
        aside = path.with_name(".key.aside")
        aside.unlink(missing_ok=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        aside.rename(path)
    key = path.read_bytes() if path.is_file() else b""
    if len(key) != KEY_BYTES:
        raise DisclosureError(
            f"{path} is missing or broken, so earlier reports cannot be compared and nothing is published; restore it "
            "from a back-up"
        )
    return key


def _read(path: Path, key: bytes) -> list[Note]:
    """The versions of one report; DisclosureError where they cannot be compared, since then nothing may pass."""
    try:
        versions = json.loads(path.read_text(encoding="utf-8"))["versions"]
        notes = [
            Note(
                version["released_on"],
                version["submitted"],
                {name: frozenset(group) for name, group in version["people"].items()},
                {name: frozenset(group) for name, group in version["starts"].items()},
                list(version["beside"]),
            )
            for version in versions
        ]
        alike = all(
            version["key"] == _fingerprint(key) and FOUND in version["people"] for version in versions
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        notes, alike = [], False
    if not notes or not alike:
        raise DisclosureError(
            f"{path} is broken or was made with another key, so nothing is published; restore both from a back-up"
        )
    return notes


def _allowed(run: Run) -> set[str]:
    path = run.request.folder / "beside.txt"
    try:
        return set(path.read_text(encoding="utf-8-sig").split()) if path.is_file() else set()
    except UnicodeDecodeError:
        raise DisclosureError(
            f"{path} cannot be read; save it as plain text in UTF-8, one id a line"
        ) from None
