"""The command line. Exit 0 done, 2 something for a person to mend, 1 our fault.

Results go to stdout (JSON with --json), progress and errors to stderr.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from ..errors import DataLabError, Fault, describe
from ..run import ROOT
from . import after, before, teach

DONE, OURS, YOURS = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit with its code."""
    options = _parser().parse_args(arguments)
    try:
        code = options.command(options)
    except DataLabError as error:
        code = _end(options, YOURS, str(error))
    except Fault as error:
        code = _end(
            options,
            OURS,
            f"This is our fault, not yours: {error}. Please report it; earlier reports are untouched.",
        )
    except KeyboardInterrupt:
        code = _end(
            options,
            OURS,
            "Stopped. Earlier reports are untouched; the same command goes on where this one stopped.",
        )
    except Exception as error:
        # The text of an unforeseen error may quote a person's values, so only its kind is told.
        code = _end(
            options,
            OURS,
            f"This is our fault, not yours: {describe(error)}. Please report it; earlier reports are untouched.",
        )
    sys.exit(code)


def _end(options: argparse.Namespace, code: int, message: str) -> int:
    if getattr(options, "json", False):
        print(json.dumps({"error": message, "code": code}))
    print(message, file=sys.stderr)
    return code


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


# ---------------------------------------------------------------- commands


def _run(options: argparse.Namespace) -> int:
    from ..pipeline import run_request

    published = run_request(
        options.request, options.records, options.reports, options.runs, fresh=options.fresh, progress=_say
    )
    if options.json:
        print(json.dumps({"id": published.id, "report": str(published.report), "summary": published.summary}))
    else:
        print(published.summary)
        print(published.report)
    return DONE


def _batch(options: argparse.Namespace) -> int:
    from ..pipeline import run_batch

    lines = run_batch(
        options.requests,
        options.records,
        options.reports,
        options.runs,
        workers=options.workers,
        progress=lambda line: _say(f"{line.folder}: {line.status}"),
    )
    if options.json:
        print(json.dumps([vars(line) for line in lines]))
    else:
        for status in ("published", "refused", "failed"):
            some = [line for line in lines if line.status == status]
            print(f"{len(some)} {status}")
            for line in some:
                print(f"  {line.folder}: {line.message}")
    renewed = _renewed(options)
    return OURS if any(line.status == "failed" for line in lines) else renewed


def _renewed(options: argparse.Namespace) -> int:
    """The library of what a batch left. That it could not be made is told, and costs no report."""
    from ..errors import LibraryError
    from ..library import make_library

    try:
        _, page = make_library(options.reports, options.requests)
    except LibraryError as error:
        _say(str(error))
        return YOURS
    _say(f"library: {page}")
    return DONE


def _prepare(options: argparse.Namespace) -> int:
    from ..intake import prepare_records
    from ..lab import load_lab
    from ..store import PREPARED

    manifest = prepare_records(options.records, load_lab(options.lab))
    path = options.records / PREPARED
    if options.json:
        print(json.dumps({"prepared": str(path), "bytes": path.stat().st_size, "rows": manifest["rows"]}))
    else:
        _say(f"{manifest['rows']['names']:,} names on record are ready for linking.")
        print(path)
    return DONE


def _synthetic(options: argparse.Namespace) -> int:
    from ..synthetic import generate

    generate(options.people, options.seed, options.out)
    print(options.out)
    return DONE


# ---------------------------------------------------------------- arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="datalab", description="From a submission to a published report.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(
        name: str, command: Callable[[argparse.Namespace], int], told: str, example: str
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=told, description=told, epilog=f"example: {example}")
        sub.set_defaults(command=command)
        return sub

    before.add_commands(add)
    teach.add_commands(add)

    run = add(
        "run",
        _run,
        "run one request: four notebooks, then the report",
        "datalab run data/synthetic/requests/second-start",
    )
    run.add_argument("request", type=Path, help="folder of the request (or its request.yml)")
    run.add_argument("--fresh", action="store_true", help="run every stage again, also those done before")
    _add_places(run)

    batch = add(
        "batch",
        _batch,
        "run every request of a folder; one failure never stops the rest",
        "datalab batch data/synthetic/requests --workers 2",
    )
    batch.add_argument("requests", type=Path, help="folder that holds request folders")
    batch.add_argument("--workers", type=_positive, default=1, help="requests at a time (default: 1)")
    _add_places(batch)

    after.add_commands(add, _add_records)

    prepare = add(
        "prepare",
        _prepare,
        "make national records ready for linking once, so that each request is linked in seconds",
        "datalab prepare data/synthetic/records",
    )
    prepare.add_argument("records", type=Path, help="folder of central records")
    prepare.add_argument("--lab", default="justice", help="which lab (default: justice)")
    _add_json(prepare)

    synthetic = add(
        "synthetic",
        _synthetic,
        "make invented national records and example requests",
        "datalab synthetic --people 100000 --seed 1 --out my-records",
    )
    synthetic.add_argument("--people", type=_positive, required=True, help="how many people")
    synthetic.add_argument("--seed", type=int, required=True, help="the same seed gives the same bytes")
    synthetic.add_argument("--out", type=Path, required=True, help="folder to write")
    return parser


def _add_places(parser: argparse.ArgumentParser) -> None:
    _add_records(parser)
    parser.add_argument(
        "--reports",
        type=Path,
        default=ROOT / "reports",
        help="where reports are published (default: reports)",
    )
    parser.add_argument(
        "--runs",
        type=Path,
        default=ROOT / "data/runs",
        help="where person-level work is kept (default: data/runs)",
    )
    _add_json(parser)


def _add_records(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--records",
        type=Path,
        help="folder of central records (default: DATALAB_RECORDS; for the example requests, the invented ones)",
    )


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def _positive(text: str) -> int:
    value: Any = int(text) if text.isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(value)
