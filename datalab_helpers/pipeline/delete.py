"""Destroy the person-level data of a finished request; what was published, and a certificate, stay."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ..disclosure.no_result import FILE as NO_RESULT
from ..errors import RequestError
from ..intake import decisions_path
from ..request import Request, load_request
from ..run import one_at_a_time, sha256, write_json

CERTIFICATE = "deleted.json"
# Of a request's own folder these tell nothing of a person, or nothing that was not published.
KEPT = {"request.yml", "response.txt", "withdrawn.txt", "beside.txt", "collect-from-today.html"}


@dataclass(frozen=True)
class Deletion:
    """What goes and what stays: paths, whole folders of runs among them.

    left : files in the request's folder that the workbench did not write and does not delete
    """

    request: Request
    runs: list[Path]
    files: list[Path]
    left: list[Path]

    @property
    def all_files(self) -> list[Path]:
        """Every file that goes."""
        inside = [path for run in self.runs for path in sorted(run.rglob("*")) if _goes(path)]
        return [*inside, *self.files]


def _goes(path: Path) -> bool:
    return (path.is_file() or path.is_symlink()) and path.name not in {CERTIFICATE, ".lock"}


def to_delete(request_folder: Path, reports: Path, runs: Path) -> Deletion:
    """What `delete` would destroy: every run of the request, its list or table, and decisions about its links.

    Errors
    ------
    RequestError where nothing of the request has been published yet: then its data are still needed, or
    `withdrawn.txt` and `datalab run` end it first.
    """
    request = load_request(request_folder)
    place = reports / request.id
    if not any((place / name).is_file() for name in ("results.json", NO_RESULT)):
        raise RequestError(
            f"{request.id} is not finished: {reports} has neither a report of it nor that there is no result. "
            "Run it first; a request that was withdrawn gets a withdrawn.txt in its folder and is run too"
        )
    files = [path for path in (request.input_path, decisions_path(request)) if path.is_file()]
    known = {*files, *(request.folder / name for name in KEPT)}
    left = [path for path in sorted(request.folder.rglob("*")) if path.is_file() and path not in known]
    mine = [folder for folder in sorted(runs.glob("*/")) if _is_of(folder, request, runs)]
    return Deletion(request, mine, files, left)


def _is_of(folder: Path, request: Request, runs: Path) -> bool:
    """Whether a run is one of the request: its own folder, or one in which somebody ran it by hand."""
    owner = folder / "owner.json"
    if folder == runs / request.id:
        return True
    return owner.is_file() and json.loads(owner.read_text(encoding="utf-8"))["request"] == request.id


def delete(planned: Deletion, reports: Path, runs: Path, today: date) -> Path:
    """Destroy it, and give the certificate: what there was, by name, size and hash, and which report stays.

    The certificate is written before anything goes, and again at the end, so that a deletion that was broken off
    is seen. Files are removed, not overwritten: copies in back-ups and snapshots are whose who keeps them.
    """
    request = planned.request
    path = runs / request.id / CERTIFICATE
    earlier: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    with one_at_a_time(runs / request.id):
        manifest = reports / request.id / "manifest.json"
        told = {
            "request": request.id,
            "deleted_on": today.isoformat(),
            "report_manifest_sha256": sha256(manifest) if manifest.is_file() else None,
            "files": [_told(file, request, runs) for file in planned.all_files],
            "complete": False,
        }
        write_json(path, [*earlier, told])
        for file in planned.files:
            file.unlink()
        for run in planned.runs:
            _empty(run)
        write_json(path, [*earlier, told | {"complete": True}])
    return path


def _told(file: Path, request: Request, runs: Path) -> dict[str, Any]:
    base = request.folder.parent if file.is_relative_to(request.folder) else runs
    gone = file.is_symlink()  # what it leads to is not deleted, and not read
    return {
        "file": file.relative_to(base).as_posix(),
        "bytes": 0 if gone else file.stat().st_size,
        "sha256": None if gone else sha256(file),
    }


def _empty(run: Path) -> None:
    """Everything in a run's folder but the certificate and the lock, which tell nothing of a person."""
    for path in run.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name not in {CERTIFICATE, ".lock"}:
            path.unlink()
    if not any(path.name == CERTIFICATE for path in run.iterdir()):
        shutil.rmtree(run)
