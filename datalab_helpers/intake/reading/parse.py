"""Runs in the child process: bounds itself, reads one file, writes one JSON answer."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from .delimited import read_delimited
from .kinds import kind_of
from .limits import Limits, Refused


def main() -> None:
    """`argv`: the reading folder's parent, the file, its limits as JSON."""
    path, limits = Path(sys.argv[2]), Limits(**json.loads(sys.argv[3]))
    bound(limits)
    try:
        kind = kind_of(path)
        if kind == ".csv":
            answer = read_delimited(path, limits)
        else:
            from .workbook import read_workbook

            answer = read_workbook(path, kind, limits)
    except Refused as refused:
        answer = {"refused": str(refused)}
    except ImportError as missing:  # named, or every workbook would seem unreadable
        answer = {"missing": missing.name}
    except MemoryError:
        answer = {"failed": "memory"}
    except BaseException:  # a parser's panic is none of Exception, and its text may quote a cell
        answer = {"failed": "damage"}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


def bound(limits: Limits) -> None:
    """No more memory and time than given; no file written, and no core file that would hold people."""
    for what, amount in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        _, most = resource.getrlimit(what)
        allowed = amount if most == resource.RLIM_INFINITY else min(amount, most)
        try:
            resource.setrlimit(what, (allowed, allowed))
        except (ValueError, OSError):
            continue  # a system without this limit still has the parent's clock
