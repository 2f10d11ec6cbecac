"""The library in its forms, and where they are kept: `reports/library/`, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from ..errors import LibraryError
from ..report.data import csv_bytes
from ..run import aside_of, from_root, in_turn, recover, swap_in, write_bytes
from .build import build
from .contents import Library, schema
from .data import averages_table, results_table
from .entries import read_entries
from .page import render_library

FOLDER = "library"  # no request's id can be this: ids are in capitals
FILE = "library.json"


def library_forms(library: Library) -> dict[str, bytes]:
    """Name in the library's folder -> bytes; the same for the same library."""
    return {
        "index.html": render_library(library).encode(),
        FILE: library.to_json().encode(),
        "library.schema.json": schema().encode(),
        **{
            f"{table.name}.csv": csv_bytes(table)
            for table in (results_table(library), averages_table(library))
        },
    }


def read_library(reports: str | Path, requests: str | Path | None = None) -> Library:
    """The library as the reports now give it, following the version that is there.

    Parameters
    ----------
    reports, requests : as in `read_entries`; paths from the project's root (or absolute)
    """
    reports, requests = from_root(reports), None if requests is None else from_root(requests)
    return build(read_entries(reports, requests), _earlier(reports / FOLDER / FILE))


def make_library(reports: str | Path, requests: str | Path | None = None) -> tuple[Library, Path]:
    """Make the library again and put it in its place; gives it and its page.

    Errors
    ------
    LibraryError names everything that keeps a report from entering; the library that was there stays.
    """
    reports = from_root(reports)
    if not reports.is_dir():
        raise LibraryError(f"there is no folder {reports}; name the one that `datalab run` publishes into")
    target = reports / FOLDER
    # One at a time, or two would give the same number to different versions.
    with in_turn(reports / f".{FOLDER}.lock"):
        recover(target)
        library = read_library(reports, requests)
        for name, content in library_forms(library).items():
            write_bytes(aside_of(target) / name, content)
        swap_in(target)
    return library, target / "index.html"


def _earlier(path: Path) -> Library | None:
    """The version that is there; LibraryError where it cannot be read, since its list of changes would be lost."""
    if not path.is_file():
        return None
    try:
        return Library.model_validate_json(path.read_bytes())
    except ValueError:
        raise LibraryError(
            f"{path} is not a library of this version; move it away, and the list of changes begins anew"
        ) from None
