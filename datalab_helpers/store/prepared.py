"""Records made ready for linking: in a file beside them, or in memory when there is none.

The recipe (SQL and the lists it needs) is the caller's; both roads run the same one. The file
carries a manifest, so that one made from other records, by other rules or by another DuckDB is
noticed: it is never used, and never passed over in silence.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from ..errors import DataContractError, LockError, guarded, listed
from ..lab import Lab
from ..tables import check_records

PREPARED = "prepared.duckdb"
FORMAT = 1
# Sorting takes what it is given; the rest goes to a folder beside the file and is removed.
MEMORY = "1500MB"
MEND = "run `datalab prepare` on this folder again, or delete the file"


@dataclass(frozen=True, eq=False)
class Recipe:
    """How records are made ready.

    sources : central tables that it reads
    tables : name -> SELECT, made in this order; a later one may read an earlier one
    frames : further tables it reads, by name
    """

    sources: tuple[str, ...]
    tables: dict[str, str]
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Hash of the SQL and of the lists."""
        lists = {name: frame.to_csv(index=False) for name, frame in self.frames.items()}
        told = json.dumps([self.sources, self.tables, lists])
        return hashlib.sha256(told.encode()).hexdigest()

    def cook(self, db: duckdb.DuckDBPyConnection, schema: str) -> None:
        """Make the tables in `schema`; the search path must lead to the sources."""
        for name, frame in self.frames.items():
            db.register(name, frame)
        try:
            for name, sql in self.tables.items():
                db.execute(f"CREATE TABLE {schema}.{name} AS {sql}")
        finally:
            for name in self.frames:
                db.unregister(name)


@guarded
def prepare(folder: Path, lab: Lab, recipe: Recipe) -> dict[str, Any]:
    """Write `prepared.duckdb` into the folder of records, whole or not at all.

    Returns
    -------
    Its manifest: DuckDB version, hash of the recipe, size, time and hash of each source, rows of each table.
    """
    if not set(recipe.sources) <= set(lab.tables):
        raise DataContractError(f"lab {lab.name!r} has no people to find; nothing needs preparing")
    check_records(folder, lab)
    aside = folder / f".{PREPARED}.aside"
    with _alone(folder):
        _clear(aside)
        try:
            manifest = _write(folder, aside, recipe)
            with aside.open("rb") as file:
                os.fsync(file.fileno())
            aside.replace(folder / PREPARED)
        finally:
            _clear(aside)
    return manifest


def _write(folder: Path, aside: Path, recipe: Recipe) -> dict[str, Any]:
    sources = {name: _stamp(folder / f"{name}.parquet") for name in recipe.sources}
    settings = {
        "memory_limit": MEMORY,
        "temp_directory": f"{aside}.spill",
        "autoinstall_known_extensions": False,
    }
    with duckdb.connect(aside, config=settings) as db:
        for name in recipe.sources:
            place = str((folder / f"{name}.parquet").resolve()).replace("'", "''")
            db.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM read_parquet('{place}')")
        recipe.cook(db, "main")
        manifest = {
            "format": FORMAT,
            "duckdb": duckdb.__version__,
            "recipe": recipe.sha256,
            "sources": sources,
            "rows": _rows(db, "main", recipe),
        }
        db.execute("CREATE TABLE main.manifest AS SELECT ?::VARCHAR AS content", [json.dumps(manifest)])
        db.execute("CHECKPOINT")
    if sources != {name: _stamp(folder / f"{name}.parquet") for name in recipe.sources}:
        raise DataContractError(f"the records in {folder} changed while they were prepared; run it again")
    return manifest


def attach(db: duckdb.DuckDBPyConnection, folder: Path, recipe: Recipe) -> str | None:
    """Open the prepared file for reading and return its schema; None when there is no file.

    DataContractError when it is stale, broken or something else.
    """
    path = folder / PREPARED
    if not path.is_file():
        return None
    place = str(path.resolve()).replace("'", "''")
    manifest: dict[str, Any] = {}
    try:
        db.execute(f"ATTACH '{place}' AS prepared (READ_ONLY)")
        manifest = json.loads(db.sql("SELECT content FROM prepared.main.manifest").fetchall()[0][0])
        rows = _rows(db, "prepared.main", recipe) if manifest["recipe"] == recipe.sha256 else None
        problems = [*_stale(folder, manifest, recipe), *_short(manifest, rows)]
    except Exception:
        # What DuckDB tells of a foreign file may quote it.
        problems = ["it cannot be read as prepared records"]
    if problems:
        db.execute("DETACH DATABASE IF EXISTS prepared")
        raise DataContractError(listed(f"{path} cannot be used", [*problems, MEND]))
    return "prepared.main"


def _stale(folder: Path, manifest: dict[str, Any], recipe: Recipe) -> list[str]:
    """Why what was prepared no longer fits."""
    problems = []
    if (manifest["format"], manifest["duckdb"]) != (FORMAT, duckdb.__version__):
        # Keys are DuckDB's hashes, which it may change from one version to the next.
        problems.append(f"it was made by another version than DuckDB {duckdb.__version__}")
    if manifest["recipe"] != recipe.sha256:
        problems.append("it was made by other rules of standardising names or with other nicknames")
    for name in recipe.sources:
        path, told = folder / f"{name}.parquet", manifest["sources"][name]
        about = path.stat()
        if about.st_size == told["size"] and about.st_mtime_ns == told["mtime_ns"]:
            continue
        # A copied folder has other times and the same content.
        if about.st_size != told["size"] or _sha256(path) != told["sha256"]:
            problems.append(f"{path.name} has changed since it was made")
    return problems


def _short(manifest: dict[str, Any], rows: dict[str, int] | None) -> list[str]:
    return [] if rows is None or rows == manifest["rows"] else ["its tables are not whole"]


def _rows(db: duckdb.DuckDBPyConnection, schema: str, recipe: Recipe) -> dict[str, int]:
    return {name: db.sql(f"SELECT count(*) FROM {schema}.{name}").fetchall()[0][0] for name in recipe.tables}


def _stamp(path: Path) -> dict[str, Any]:
    about = path.stat()
    return {"size": about.st_size, "mtime_ns": about.st_mtime_ns, "sha256": _sha256(path)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _clear(aside: Path) -> None:
    """Remove what an earlier preparation, stopped half-way, left behind."""
    spill = Path(f"{aside}.spill")
    for path in (aside, Path(f"{aside}.wal"), *(spill.iterdir() if spill.is_dir() else ())):
        path.unlink(missing_ok=True)
    if spill.is_dir():
        spill.rmdir()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One preparation of a folder at a time; the kernel frees the lock when its holder dies."""
    with (folder / f".{PREPARED}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockError(f"another process is preparing {folder}; wait for it to end") from None
        yield
