"""Many requests: each in a process of its own, so that none can stop the others."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataLabError, RequestError
from ..lab import read_yaml


@dataclass(frozen=True)
class BatchLine:
    """How one request of a batch ended."""

    folder: str
    status: str  # published, refused (something to mend), failed (our fault)
    message: str


def run_batch(
    requests: Path,
    records: Path | None,
    reports: Path,
    runs: Path,
    *,
    workers: int = 1,
    progress: Callable[[BatchLine], None] = lambda _: None,
) -> list[BatchLine]:
    """Every request of a folder, each in a process of its own, so that none can stop the others."""
    from concurrent.futures import ThreadPoolExecutor

    folders = sorted(path.parent for path in requests.glob("*/request.yml"))
    if not folders:
        raise RequestError(f"{requests} holds no request; each needs a folder of its own with a request.yml")

    twice = _repeated_ids(folders)

    def one(folder: Path) -> BatchLine:
        if folder in twice:
            line = BatchLine(
                folder.name, "refused", f"its id is also used by {twice[folder]}; give each request its own"
            )
            progress(line)
            return line
        command = [sys.executable, "-m", "datalab_helpers", "run", str(folder)]
        command += ["--records", str(records)] if records else []
        command += ["--reports", str(reports), "--runs", str(runs), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        status = {0: "published", 2: "refused"}.get(done.returncode, "failed")
        try:
            answer = json.loads(done.stdout)
            line = BatchLine(folder.name, status, answer.get("summary") or answer["error"])
        except (ValueError, KeyError):
            line = BatchLine(
                folder.name, "failed", "the run ended without an answer; run it alone to see why"
            )
        progress(line)
        return line

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, folders))


def _repeated_ids(folders: list[Path]) -> dict[Path, str]:
    """Folders whose id another folder has too, and that folder: one would overwrite the other's report."""
    owners: dict[str, list[Path]] = {}
    for folder in folders:
        try:
            owners.setdefault(str(read_yaml(folder / "request.yml")["id"]), []).append(folder)
        except (DataLabError, KeyError, TypeError, OSError):
            continue  # told when the request itself is run
    shared = [group for group in owners.values() if len(group) > 1]
    return {folder: next(o.name for o in group if o != folder) for group in shared for folder in group}
