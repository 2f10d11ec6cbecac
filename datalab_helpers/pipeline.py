"""Run the four notebooks of a request in a chain and publish what they release.

The only importer of papermill. A request is published whole or not at all: notebooks write into
the run's own folder, and `reports/<id>` is swapped in at the very end.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from . import errors
from .disclosure import Results
from .errors import DataLabError, Fault, RequestError, VerifyError, listed
from .intake import read_submission
from .report import render
from .request import load_request
from .run import ROOT, STAGES, Run, code_sha256, one_at_a_time, sha256, write_bytes, write_json
from .store import open_store
from .wording import summary_line

NOTEBOOKS = {stage: f"{position:02d}_{stage}.ipynb" for position, stage in enumerate(STAGES, start=1)}
STAGE_SECONDS = 3600
PACKAGES = (
    "pandas",
    "numpy",
    "scipy",
    "statsmodels",
    "splink",
    "duckdb",
    "pyarrow",
    "matplotlib",
    "papermill",
)


@dataclass(frozen=True)
class Published:
    """Where a request's report is, and its one-line summary."""

    id: str
    report: Path
    summary: str


def run_request(
    request_folder: Path,
    records: Path,
    reports: Path,
    runs: Path,
    *,
    fresh: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Published:
    """The whole of a request: checks, four notebooks, report.

    Stages that an earlier, broken-off run of the very same inputs and code completed are not run
    again, unless `fresh`.

    Errors
    ------
    DataLabError says what a person can mend; nothing is written when the request, the submission
    or the records are wrong. Fault is our own mistake.
    """
    request = load_request(request_folder)
    open_store(request, records)
    read_submission(request)
    folder = runs / request.id
    with one_at_a_time(folder):
        _recover(reports, request.id)
        inputs = _inputs(
            request.path, request.input_path, records, uses_records=request.settings.table is None
        )
        told = folder / "run.json"
        same = told.is_file() and json.loads(told.read_text(encoding="utf-8")).get("inputs") == inputs
        run = Run(request, folder, records)
        if fresh or not same:
            run.reset("intake")
        write_json(told, {"records": str(records.resolve()), "inputs": inputs})
        for number, stage in enumerate(STAGES, start=1):
            if run.is_complete(stage):
                progress(f"{number}/{len(STAGES)} {stage}: done before, kept")
                continue
            started = time.monotonic()
            run.reset(stage)
            _run_notebook(stage, run)
            progress(f"{number}/{len(STAGES)} {stage}: {time.monotonic() - started:.1f} s")
        results = Results.model_validate_json((folder / "outcome" / "results.json").read_bytes())
        report = _publish(results, reports, inputs)
    return Published(request.id, report, summary_line(results))


def _inputs(request: Path, submission: Path, records: Path, *, uses_records: bool) -> dict[str, Any]:
    """Hashes of everything that a result depends on."""
    return {
        "request.yml": sha256(request),
        "input": sha256(submission),
        "records": sha256(records) if uses_records else None,
        "code": code_sha256(),
    }


# ---------------------------------------------------------------- notebooks


def _run_notebook(stage: str, run: Run) -> None:
    """Execute one stage's notebook in its own kernel; its completion record is what counts."""
    papermill = _papermill()
    notebook = ROOT / "notebooks" / NOTEBOOKS[stage]
    executed = run.folder / "notebooks" / NOTEBOOKS[stage]
    executed.parent.mkdir(parents=True, exist_ok=True)
    parameters = {"request_file": str(run.request.path.resolve()), "run_folder": str(run.folder.resolve())}
    unknown = set(parameters) ^ set(papermill.inspect_notebook(str(notebook)))
    if unknown:
        raise Fault(
            f"{notebook.name} must have exactly the parameters {', '.join(parameters)}; check {', '.join(sorted(unknown))}"
        )
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory(prefix="datalab-") as sockets:
        try:
            papermill.execute_notebook(
                str(notebook),
                str(executed),
                parameters=parameters,
                kernel_name="python3",
                progress_bar=False,
                cwd=str(ROOT),
                execution_timeout=STAGE_SECONDS,
                start_timeout=180,
                kernel_manager_class=_private_kernels(sockets),
            )
        except papermill.PapermillExecutionError as error:
            _scrub(executed)
            problem: Exception = _plain_error(stage, error.ename, error.evalue, error.exec_count)
        except Exception as error:
            problem = Fault(
                f"stage {stage} stopped: {type(error).__name__}; nothing was published, run the same command again"
            )
        else:
            problem = (
                None
                if run.is_complete(stage)
                else Fault(f"stage {stage} ended early without finishing; nothing was published")
            )
    if problem is not None:
        raise problem


def _private_kernels(folder: str) -> type:
    """A kernel manager that talks through sockets in a private folder.

    Over TCP any user of the machine could listen to the code and outputs.
    """
    from jupyter_client import AsyncKernelManager

    class PrivateKernelManager(AsyncKernelManager):
        def __init__(self, **traits: Any) -> None:
            super().__init__(**traits)
            self.transport, self.ip, self.connection_file = "ipc", f"{folder}/socket", f"{folder}/kernel.json"

    return PrivateKernelManager


def _papermill() -> Any:
    # Papermill's schema library would build thirty parsers of internet addresses that no notebook
    # needs; leaving that optional part out saves more than a second of every run.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import papermill

    return papermill


def _plain_error(stage: str, name: str, text: str, cell: int) -> Exception:
    """The error that a kernel reported: ours as it is, any other without its text."""
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, (DataLabError, Fault)):
        return kind(text)
    return Fault(f"stage {stage}, cell {cell}: {name}")


def _scrub(notebook: Path) -> None:
    """Take the text out of errors that are not ours: it may quote a person's values."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        for output in cell.get("outputs", []):
            if output.get("output_type") == "error" and not hasattr(errors, output["ename"]):
                output |= {
                    "evalue": "text withheld, it may quote personal data",
                    "traceback": [output["ename"]],
                }
        if "papermill-error-cell-tag" in cell.get("metadata", {}).get("tags", []):
            cell["source"] = "**This notebook stopped with an error; see the last cell that ran.**"
    write_bytes(notebook, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


# ---------------------------------------------------------------- publishing


def _publish(results: Results, reports: Path, inputs: dict[str, Any]) -> Path:
    """Swap the finished report in: `reports/<id>` is the whole old or the whole new one."""
    target, aside, old = _places(reports, results.about.id)
    shutil.rmtree(aside, ignore_errors=True)
    for name, text in (("results.json", results.to_json()), ("report.html", render(results))):
        write_bytes(aside / name, text.encode())
    write_json(
        aside / "manifest.json",
        {
            "id": results.about.id,
            "inputs": inputs,
            "commit": _commit(),
            "python": platform.python_version(),
            "packages": {name: version(name) for name in PACKAGES},
            "outputs": {file.name: sha256(file) for file in sorted(aside.iterdir())},
        },
    )
    if target.exists():
        target.rename(old)
    aside.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    return target / "report.html"


def _places(reports: Path, request_id: str) -> tuple[Path, Path, Path]:
    reports.mkdir(parents=True, exist_ok=True)
    return reports / request_id, reports / f".{request_id}.aside", reports / f".{request_id}.old"


def _recover(reports: Path, request_id: str) -> None:
    """Put the earlier report back if a run died between the two renames."""
    target, aside, old = _places(reports, request_id)
    if old.exists() and not target.exists():
        old.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(aside, ignore_errors=True)


def _commit() -> str | None:
    """The commit of the code, marked when it was changed since; None outside version control."""
    try:
        commit = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        status = subprocess.run(
            ["git", "status", "--porcelain", "datalab_helpers", "notebooks"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return commit.stdout.strip() + (" with changes" if status.stdout.strip() else "")


def verify(report_folder: Path, request_folder: Path | None, records: Path) -> list[str]:
    """What was checked of a published report; VerifyError names everything that differs.

    Parameters
    ----------
    request_folder : the request, to check the inputs too; None checks outputs and code only
    """
    path = report_folder / "manifest.json"
    if not path.is_file():
        raise VerifyError(
            f"there is no manifest.json in {report_folder}; name the folder of a published report"
        )
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        outputs, inputs = dict(manifest["outputs"]), dict(manifest["inputs"])
    except (ValueError, KeyError, TypeError):
        raise VerifyError(f"{path} is not a manifest; the report must be run again") from None
    present = {file.name for file in report_folder.iterdir() if file.name != "manifest.json"}
    wrong = [f"{name} is missing" for name in sorted(set(outputs) - present)]
    wrong += [f"{name} does not belong to the report" for name in sorted(present - set(outputs))]
    wrong += [
        f"{name} was changed"
        for name in sorted(present & set(outputs))
        if sha256(report_folder / name) != outputs[name]
    ]
    checked = [f"{len(outputs)} published files"]
    now: dict[str, Any] = {"code": code_sha256()}
    if request_folder is not None:
        request = load_request(request_folder)
        now = _inputs(request.path, request.input_path, records, uses_records=request.settings.table is None)
    wrong += [
        f"{name} differs from what the report was made with" for name in now if now[name] != inputs.get(name)
    ]
    if wrong:
        raise VerifyError(listed(f"{report_folder} does not verify", wrong))
    return [*checked, *(name for name in now if now[name] is not None)]


# ---------------------------------------------------------------- many requests


@dataclass(frozen=True)
class BatchLine:
    """How one request of a batch ended."""

    folder: str
    status: str  # published, refused (something to mend), failed (our fault)
    message: str


def run_batch(
    requests: Path,
    records: Path,
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

    def one(folder: Path) -> BatchLine:
        command = [sys.executable, "-m", "datalab_helpers", "run", str(folder), "--records", str(records)]
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


__all__ = ["BatchLine", "Published", "run_batch", "run_request", "verify"]
