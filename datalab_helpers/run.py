"""Where one execution of a request lives: safe writes, hand-overs, the lock, the sealed plan.

data/runs/<id>/                     person-level, never published
    run.json                        what this run reads (records folder)
    intake/ matching/ balance/ outcome/   hand-overs of each stage
    plan.json                       sealed before outcomes open
    notebooks/                      executed copies
    annex/                          the same as pages, for the analyst
"""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import pandas as pd

from .errors import DataContractError, LockError, RequestError, guarded
from .request import Request, load_request
from .store import Seal, Store, TableStore, open_store

ROOT = Path(__file__).resolve().parent.parent
SYNTHETIC_RECORDS = "data/synthetic/records"
REGISTER = "register"  # beside the runs: what outlives them
STAGES = ("intake", "matching", "balance", "outcome")

T = TypeVar("T")


def from_root(path: str | Path) -> Path:
    """A path as given from the project's root, so that notebooks find it from any folder."""
    path = Path(path)
    return path if path.is_absolute() or path.exists() else ROOT / path


def write_bytes(path: Path, content: bytes) -> None:
    """Write aside, sync, rename: a reader finds the whole old file or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.aside")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def aside_of(folder: Path) -> Path:
    """Where a folder is made before `swap_in` puts it in its place."""
    return folder.with_name(f".{folder.name}.aside")


def swap_in(folder: Path) -> None:
    """Put what lies aside in the folder's place: a reader finds the whole old one or the whole new one."""
    old = _old_of(folder)
    if folder.exists():
        folder.rename(old)
    aside_of(folder).rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def recover(folder: Path) -> None:
    """Put the old folder back if a run died between the two renames, and forget what else it left."""
    old = _old_of(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(aside_of(folder), ignore_errors=True)


def _old_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def write_json(path: Path, content: Any) -> None:
    write_bytes(path, (json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode())


def sha256(path: Path) -> str:
    """Hash of a file, or of the names and contents of all files in a folder."""
    if path.is_dir():
        digest = hashlib.sha256()
        for file in sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")):
            digest.update(f"{file.relative_to(path).as_posix()} {sha256(file)}\n".encode())
        return digest.hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def records_sha256(folder: Path) -> str:
    """Hash of central records: the tables and the date of the extract, not what was made from them."""
    digest = hashlib.sha256()
    for file in sorted([*folder.glob("*.parquet"), folder / "extract.json"]):
        if not file.name.startswith("."):
            digest.update(f"{file.name} {sha256(file)}\n".encode())
    return digest.hexdigest()


def are_invented(records: Path) -> bool:
    """Whether the extract says that its people are invented, as `datalab synthetic` writes it."""
    file = records / "extract.json"
    about = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return about.get("made_by") == "datalab synthetic"


def method_version() -> str:
    """The version of the package, which names the version of the method."""
    try:
        return version("datalab-workbench")
    except PackageNotFoundError:
        import tomllib

        return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def code_sha256() -> str:
    """Hash of the package's sources and of the notebooks."""
    digest = hashlib.sha256()
    package = Path(__file__).parent
    kinds = {".py", ".yml", ".j2", ".css", ".js", ".typ", ".csv", ".json"}
    sources = [p for p in package.rglob("*") if p.suffix in kinds]
    for file in sorted([*sources, *(ROOT / "notebooks").glob("*.ipynb")]):
        digest.update(f"{file.relative_to(ROOT).as_posix()} {sha256(file)}\n".encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Run:
    """One execution of a request."""

    request: Request
    folder: Path
    records: Path

    @classmethod
    def open(cls, request_file: str, run_folder: str) -> Run:
        """The run of a request in its folder, made if need be.

        Parameters
        ----------
        request_file, run_folder : paths from the project's root (or absolute)
        """
        request = load_request(from_root(request_file))
        folder = from_root(run_folder)
        folder.mkdir(parents=True, exist_ok=True)
        told = folder / "run.json"
        if told.is_file():
            return cls(request, folder, from_root(json.loads(told.read_text(encoding="utf-8"))["records"]))
        return cls(request, folder, default_records(request))

    def store(self) -> Store | TableStore:
        """The door to the records (or the analysis table) of this run."""
        return open_store(self.request, self.records)

    # ------------------------------------------------------------ hand-overs

    @guarded
    def save(self, result: Any, stage: str, name: str | None = None) -> None:
        """Keep a result object: its tables as Parquet, the rest as JSON, each written aside."""
        folder = self.folder / stage / (name or type(result).__name__)
        plain: dict[str, Any] = {}
        for field in dataclasses.fields(result):
            value = getattr(result, field.name)
            if isinstance(value, pd.DataFrame):
                aside = folder / f".{field.name}.parquet.aside"
                folder.mkdir(parents=True, exist_ok=True)
                value.to_parquet(aside)
                aside.replace(folder / f"{field.name}.parquet")
            else:
                plain[field.name] = value
        write_json(folder / "plain.json", plain)

    @guarded
    def load(self, kind: type[T], stage: str, name: str | None = None) -> T:
        """A result object that an earlier stage saved."""
        folder = self.folder / stage / (name or kind.__name__)
        if not (folder / "plain.json").is_file():
            raise DataContractError(
                f"{stage} has not handed over {kind.__name__}; run the notebook of stage {stage!r} first"
            )
        values = json.loads((folder / "plain.json").read_text(encoding="utf-8"))
        hints = get_type_hints(kind)
        for field in dataclasses.fields(kind):  # type: ignore[arg-type]
            if hints[field.name] is pd.DataFrame:
                values[field.name] = pd.read_parquet(folder / f"{field.name}.parquet")
        return kind(**values)

    def save_each(self, results: list[Any], stage: str) -> None:
        """Keep one result object an analysis, in the order of the request."""
        for position, result in enumerate(results):
            self.save(result, stage, f"{type(result).__name__}_{position}")

    def load_each(self, kind: type[T], stage: str) -> list[T]:
        """One result object an analysis, in the order of the request."""
        return [self.load(kind, stage, f"{kind.__name__}_{i}") for i in range(len(self.request.analyses))]

    def write(self, stage: str, name: str, text: str) -> Path:
        """Keep a text file of a stage, whole or not at all."""
        path = self.folder / stage / name
        write_bytes(path, text.encode())
        return path

    # ------------------------------------------------------------ completion and resume

    def finish(self, stage: str) -> None:
        """Record that a stage ran to its end; the runner trusts this and nothing else."""
        write_json(self.folder / stage / "complete.json", {"stage": stage})

    def reset(self, stage: str) -> None:
        """Forget what a stage and all later stages left, and the plan if it rests on them.

        A run begins with `reset("intake")`, which notes whose it is; a later stage of another
        request, or of the same one changed since, is refused.
        """
        owner = self.folder / "owner.json"
        mine = {"request": self.request.id, "request.yml": sha256(self.request.path)}
        if stage == STAGES[0]:
            write_json(owner, mine)
        elif not owner.is_file() or json.loads(owner.read_text(encoding="utf-8")) != mine:
            raise DataContractError(
                f"this run folder is not one of {self.request.id} as it stands; run the notebook of stage 'intake' first"
            )
        for later in STAGES[STAGES.index(stage) :]:
            shutil.rmtree(self.folder / later, ignore_errors=True)
        if stage != "outcome":
            (self.folder / "plan.json").unlink(missing_ok=True)

    def is_complete(self, stage: str) -> bool:
        return (self.folder / stage / "complete.json").is_file()

    # ------------------------------------------------------------ the outcome lock

    def write_plan(self, plan: Mapping[str, Any]) -> Seal:
        """Write down the plan and return its seal. From here on outcomes may be opened, which nothing takes back."""
        write_json(self.folder / "plan.json", dict(plan))
        write_json(sealed_mark(self.folder.parent, self.request.id), {"request": self.request.id})
        return self.seal()

    def seal(self) -> Seal:
        """The seal of the plan as it stands; LockError when there is none."""
        path = self.folder / "plan.json"
        seal = Seal(path, sha256(path) if path.is_file() else "")
        seal.check()
        return seal

    def _repr_html_(self) -> str:
        done = [stage for stage in STAGES if self.is_complete(stage)]
        return f"<p>Run of <b>{self.request.id}</b>. Stages complete: {', '.join(done) or 'none yet'}.</p>"


def sealed_mark(runs: Path, request_id: str) -> Path:
    """What tells that a plan of this request was sealed once, whatever became of the run since."""
    return runs / REGISTER / f"{request_id}.sealed"


def default_records(request: Request) -> Path:
    """The central records of a request for which none were named: the environment's, else the invented ones.

    The invented ones serve invented requests only: real people must not be looked for among them.
    """
    if os.environ.get("DATALAB_RECORDS"):
        return from_root(os.environ["DATALAB_RECORDS"])
    invented = ROOT / SYNTHETIC_RECORDS
    if request.settings.table or request.path.resolve().is_relative_to(invented.parent):
        return invented
    raise RequestError(
        "which central records? Name them with --records DIR, or set DATALAB_RECORDS (before JupyterLab is "
        "started, for a run by hand); the invented ones serve the example requests only"
    )


@contextmanager
def in_turn(lock: Path) -> Iterator[None]:
    """Wait for whoever holds this lock file, then hold it. The kernel frees it when its holder dies."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Hold a request's run folder; LockError at once when another process holds it.

    The kernel frees the lock when its holder dies, so a crash never leaves one behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockError(
                f"another run of this request is under way in {folder}; wait for it to end"
            ) from None
        yield
