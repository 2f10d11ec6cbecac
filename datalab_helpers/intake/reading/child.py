"""The door: a file is parsed in a process of its own, and whatever becomes of that, the caller goes on."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ...errors import DataContractError
from .limits import LIMITS, Limits

ROOM = Path(__file__).resolve().parent.parent
START = "import sys; sys.path.insert(0, sys.argv[1]); from reading.parse import main; main()"


def read_file(path: Path, limits: Limits = LIMITS) -> dict[str, Any]:
    """Sheets as rows of text with counts of what was left out; DataContractError in plain words.

    Nothing of the child's own output but its answer is kept: a parser's complaint may quote a cell.
    """
    kind = path.suffix.lower()
    again = f"{path.name} cannot be read as a {kind} file; open it, save it again and send that copy"
    try:
        size = path.stat().st_size
    except OSError:
        raise DataContractError(
            f"{path.name} cannot be opened; check that it is there and may be read"
        ) from None
    if size > limits.file_bytes:
        raise DataContractError(
            f"{path.name} has {size / 1e6:,.0f} MB; at most {limits.file_bytes / 1e6:,.0f} MB are read: "
            "send the list of people alone, without pictures and further sheets"
        )
    command = [sys.executable, "-I", "-c", START, str(ROOM), str(path.resolve())]
    command.append(json.dumps(dataclasses.asdict(limits)))
    too_much = (
        f"{path.name} needs more than {limits.seconds} seconds or {limits.memory_bytes / 1e6:,.0f} MB to be read, "
        "far more than a list of people; copy the table alone into a new workbook"
    )
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.seconds,  # a parser may also wait for ever without using the processor
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DataContractError(too_much) from None
    if ended.returncode != 0:
        raise DataContractError(too_much if ended.returncode < 0 else again)
    try:
        answer = json.loads(ended.stdout)
    except ValueError:
        raise DataContractError(again) from None
    if "missing" in answer:
        raise DataContractError(
            f"{path.name} cannot be read because the package {answer['missing']} is not installed here; "
            "install it (`make test` installs everything), or save the file as .csv"
        )
    if "refused" in answer:
        raise DataContractError(f"{path.name} {answer['refused']}")
    if "failed" in answer:
        raise DataContractError(too_much if answer["failed"] == "memory" else again)
    return answer
