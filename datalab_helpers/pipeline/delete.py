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
from ..run import ROOT, one_at_a_time, recover, sha256, write_json

CERTIFICATE = "deleted.json"
# Of a request's own folder these tell nothing of a person, or nothing that was not published.
KEPT = {"request.yml", "response.txt", "withdrawn.txt", "beside.txt", "collect-from-today.html"}


@dataclass(frozen=True)
class Deletion:
    """What goes and what stays.

    runs, files : whole folders of runs, by hand too, and the list or table with the decisions about its links
    left : files that may hold people and are not the workbench's to delete: others in the request's folder, and
        notebooks of the project that were saved with their outputs
    reports, place : where reports are published and runs are kept
    """

    request: Request
    runs: list[Path]
    files: list[Path]
    left: list[Path]
    reports: Path
    place: Path

    @property
    def certificate(self) -> Path:
        return self.place / self.request.id / CERTIFICATE

    @property
    def all_files(self) -> list[Path]:
        """Every file that goes."""
        inside = [path for run in self.runs for path in _inside(run)]
        return [*inside, *self.files]


def _inside(run: Path) -> list[Path]:
    """Every file of a run but the certificate and the lock, which tell nothing of a person; a link is one file."""
    if run.is_symlink():
        return [run]
    stays = {run / CERTIFICATE, run / ".lock"}
    return [
        path for path in sorted(run.rglob("*")) if (path.is_file() or path.is_symlink()) and path not in stays
    ]


def to_delete(request_folder: Path, reports: Path, runs: Path) -> Deletion:
    """What `delete` would destroy: every run of the request, its list or table, and decisions about its links.

    Errors
    ------
    RequestError where nothing of the request has been published yet (its data are still needed, or `withdrawn.txt`
    and `datalab run` end it first), where another request names the same list, or where `runs` has none of its runs.
    """
    request = load_request(request_folder, with_files=False)
    place = reports / request.id
    if not any((place / name).is_file() for name in ("results.json", NO_RESULT)):
        raise RequestError(
            f"{request.id} is not finished: {reports} has neither a report of it nor that there is no result. "
            "Run it first; a request that was withdrawn gets a withdrawn.txt in its folder and is run too"
        )
    others = [
        path
        for path in sorted(request.folder.rglob("*.yml"))
        if path != request.path
        and request.input_path.name in path.read_text(encoding="utf-8", errors="ignore")
    ]
    if others:
        raise RequestError(
            f"{', '.join(str(path) for path in others)} names {request.input_path.name} too; give each request a folder "
            "of its own, so that deleting one takes nothing from the other"
        )
    mine = [folder for folder in _run_folders(runs) if _is_of(folder, request, runs)]
    if request.input_path.is_file() and not mine:
        raise RequestError(f"{runs} has no run of {request.id}; name the folder where it was run with --runs")
    aside = decisions_path(request).with_name(f".{decisions_path(request).name}.aside")
    files = [
        path for path in dict.fromkeys((request.input_path, decisions_path(request), aside)) if path.is_file()
    ]
    known = {*files, *(request.folder / name for name in KEPT)}
    left = [path for path in sorted(request.folder.rglob("*")) if path.is_file() and path not in known]
    return Deletion(request, mine, files, [*left, *_saved_notebooks()], reports, runs)


def _run_folders(runs: Path) -> list[Path]:
    """Folders in which something was run, however deep."""
    found = {path for path in runs.glob("*") if path.is_dir()} | {
        path.parent for path in runs.rglob("owner.json")
    }
    return sorted(found)


def _is_of(folder: Path, request: Request, runs: Path) -> bool:
    """Whether a run is one of the request: its own folder, or one in which somebody ran it by hand."""
    if folder == runs / request.id:
        return True
    owner = folder / "owner.json"
    try:
        return owner.is_file() and json.loads(owner.read_text(encoding="utf-8"))["request"] == request.id
    except (ValueError, KeyError, TypeError):
        raise RequestError(
            f"{owner} is broken, so whose run it is cannot be told; look at it by hand first"
        ) from None


def _saved_notebooks() -> list[Path]:
    """Notebooks of the project that hold outputs, of whichever request."""
    found = sorted((ROOT / "notebooks").rglob("*.ipynb"))
    return [path for path in found if '"output_type"' in path.read_text(encoding="utf-8", errors="ignore")]


def deleted_on(runs: Path, request_id: str) -> str | None:
    """The day on which the person-level data of a request were last deleted; None if they never were."""
    certificates = _certificates(runs / request_id / CERTIFICATE)
    return str(certificates[-1]["deleted_on"]) if certificates else None


def _certificates(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        assert isinstance(told, list) and all("deleted_on" in one for one in told)  # noqa: S101, PT018
    except (ValueError, TypeError, AssertionError):
        raise RequestError(
            f"{path} is broken; move it away, so that a new certificate can be written"
        ) from None
    return told


def delete(planned: Deletion, today: date) -> Path:
    """Destroy it, and give the certificate: what there was, by name, size and hash, and which report stays.

    The certificate is written before anything goes, and again at the end, so that a deletion that was broken off
    is seen; the same command then goes on with what is left, the list last. Files are removed, not overwritten:
    copies in back-ups and snapshots are whose who keeps them.
    """
    request, path = planned.request, planned.certificate
    with one_at_a_time(planned.place / request.id):
        recover(planned.reports / request.id)
        manifest = planned.reports / request.id / "manifest.json"
        plan = planned.place / request.id / "plan.json"
        told = {
            "request": request.id,
            "deleted_on": today.isoformat(),
            "report_manifest_sha256": sha256(manifest) if manifest.is_file() else None,
            # Page 1 prints its hash; it names nobody.
            "plan": plan.read_text(encoding="utf-8") if plan.is_file() else None,
            "files": [_told(file, planned) for file in planned.all_files],
            "left": [str(file.name) for file in planned.left],
            "complete": False,
        }
        earlier = _certificates(path)
        write_json(path, [*earlier, told])
        for run in planned.runs:
            _empty(run, keep=run == planned.place / request.id)
        for file in planned.files:
            file.unlink()
        write_json(path, [*earlier, told | {"complete": True}])
    return path


def _told(file: Path, planned: Deletion) -> dict[str, Any]:
    base = planned.request.folder.parent if file.is_relative_to(planned.request.folder) else planned.place
    link = file.is_symlink()  # what it leads to is not deleted, and not read
    return {
        "file": file.relative_to(base).as_posix(),
        "bytes": 0 if link else file.stat().st_size,
        "sha256": None if link else sha256(file),
    }


def _empty(run: Path, keep: bool) -> None:
    """Everything of a run; of the request's own folder the certificate and the lock stay."""
    if run.is_symlink():
        run.unlink()
    elif not keep:
        shutil.rmtree(run)
    else:
        for path in run.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name not in {CERTIFICATE, ".lock"}:
                path.unlink()
