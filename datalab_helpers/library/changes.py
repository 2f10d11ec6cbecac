"""What changed from one version of the library to the next."""

from __future__ import annotations

from typing import Any

from .contents import Change, Library, Moved, Row


def following(library: Library, before: Library | None) -> Library:
    """The library with its number and the list of changes: the same version where nothing changed at all."""
    if before is None:
        return library
    if _content(library) == _content(before):
        return library.model_copy(update={"version": before.version, "changes": before.changes})
    was = {row.id: row for row in before.rows}
    now = {row.id: row for row in library.rows}
    change = Change(
        version=before.version + 1,
        added=sorted(set(now) - set(was)),
        changed=sorted(one for one in set(now) & set(was) if _own(now[one]) != _own(was[one])),
        removed=sorted(set(was) - set(now)),
        moved=_moved(before, library),
    )
    return library.model_copy(update={"version": change.version, "changes": [change, *before.changes]})


def _content(library: Library) -> dict[str, Any]:
    return library.model_dump(exclude={"version", "changes"})


def _own(row: Row) -> dict[str, Any]:
    """What is of the request itself, and not of the others."""
    return row.model_dump(exclude={"p_bh", "shrunk", "same_organisation"})


def _moved(before: Library, after: Library) -> list[Moved]:
    """Averages that are another after rounding to a tenth, or that came or went."""
    was, now = _means(before), _means(after)
    return [
        Moved(subject=key[0], type=key[1], setting=key[2], before=was.get(key), after=now.get(key))
        for key in sorted({*was, *now}, key=str)
        if was.get(key) is None or now.get(key) is None or round(was[key], 1) != round(now[key], 1)
    ]


def _means(library: Library) -> dict[tuple[str, str | None, str | None], float]:
    return {
        (subject.id, average.type, average.setting): average.mean.value
        for subject in library.subjects
        for average in [subject.whole, *subject.averages_by("type"), *subject.averages_by("setting")]
        if average.mean is not None
    }
