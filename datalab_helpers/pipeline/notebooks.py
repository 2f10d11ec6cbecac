"""One stage's notebook in a kernel of its own; errors come out without personal values."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .. import errors
from ..errors import DataLabError, Fault
from ..run import ROOT, STAGES, Run, write_bytes

NOTEBOOKS = {stage: f"{position:02d}_{stage}.ipynb" for position, stage in enumerate(STAGES, start=1)}
STAGE_SECONDS = 3600


def run_notebook(stage: str, run: Run) -> None:
    """Execute one stage's notebook in its own kernel; its completion record is what counts."""
    papermill = _papermill()
    notebook = ROOT / "notebooks" / NOTEBOOKS[stage]
    executed = run.folder / "notebooks" / NOTEBOOKS[stage]
    executed.parent.mkdir(parents=True, exist_ok=True)
    parameters = {"request_file": _told(run.request.path), "run_folder": _told(run.folder)}
    unknown = set(parameters) ^ set(papermill.inspect_notebook(str(notebook)))
    if unknown:
        raise Fault(
            f"{notebook.name} must have exactly the parameters {', '.join(parameters)}; check {', '.join(sorted(unknown))}"
        )
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


def _told(path: Path) -> str:
    """A path as a notebook shows it: from the project's root where it lies inside."""
    path = path.resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def _private_kernels(folder: str) -> type:
    """A kernel manager that talks through sockets in a private folder.

    Over TCP any user of the machine could listen to the code and outputs.
    """
    from jupyter_client import AsyncKernelManager

    class PrivateKernelManager(AsyncKernelManager):
        def __init__(self, **traits: Any) -> None:
            super().__init__(**traits)
            self.transport, self.ip, self.connection_file = "ipc", f"{folder}/socket", f"{folder}/kernel.json"

        async def start_kernel(self, **options: Any) -> None:
            # What a kernel says on its way out is noise, and nothing of it may reach a log.
            await super().start_kernel(stderr=subprocess.DEVNULL, **options)

    return PrivateKernelManager


def _papermill() -> Any:
    # Papermill's schema library would build thirty parsers of internet addresses that no notebook
    # needs; leaving that optional part out saves more than a second of every run.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import papermill

    # What goes wrong in a notebook reaches the caller as an exception, without personal values; these
    # would log it as well, tornado with the traceback of a message that a closed kernel cut short.
    for name in ("tornado", "papermill"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
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
