"""Commands for what has been published: library, verify, claims, delete."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from ..run import ROOT
from .before import DONE, YOURS, Add


def add_commands(add: Add, records: Callable[[argparse.ArgumentParser], None]) -> None:
    """Their arguments; `records` adds the one that names central records."""
    library = add(
        "library",
        _library,
        "make the evidence library of all published reports: every request, and what they say together",
        "datalab library reports --requests data/synthetic/requests",
    )
    library.add_argument("reports", type=Path, help="folder that reports are published into")
    library.add_argument(
        "--requests",
        type=Path,
        help="folder of request folders: those without a report yet are listed as awaited",
    )
    library.add_argument("--json", action="store_true", help="print the answer as JSON")

    verify = add(
        "verify",
        _verify,
        "check every hash of a published report",
        "datalab verify reports/JDL-2026-001 --request data/synthetic/requests/second-start",
    )
    verify.add_argument("report", type=Path, help="folder of the published report")
    verify.add_argument("--request", type=Path, help="its request folder, to check the inputs too")
    records(verify)
    verify.add_argument("--json", action="store_true", help="print the answer as JSON")

    claims = add(
        "claims",
        _claims,
        "check a draft about a published result for claims that go too far",
        "datalab claims reports/JDL-2026-001 draft.txt",
    )
    claims.add_argument("report", type=Path, help="folder of the published report")
    claims.add_argument("draft", type=Path, help="the draft, as a text file")
    claims.add_argument("--json", action="store_true", help="print the answer as JSON")

    delete = add(
        "delete",
        _delete,
        "destroy the person-level data of a finished request; its report and a certificate stay",
        "datalab delete data/synthetic/requests/second-start",
    )
    delete.add_argument("request", type=Path, help="folder of the request")
    delete.add_argument("--yes", action="store_true", help="do it; without this it only tells what would go")
    delete.add_argument(
        "--reports",
        type=Path,
        default=ROOT / "reports",
        help="where reports are published (default: reports)",
    )
    delete.add_argument(
        "--runs",
        type=Path,
        default=ROOT / "data/runs",
        help="where person-level work is kept (default: data/runs)",
    )
    delete.add_argument("--json", action="store_true", help="print the answer as JSON")


def _library(options: argparse.Namespace) -> int:
    from ..library import make_library

    library, page = make_library(options.reports, options.requests)
    unchecked = [row.id for row in library.rows if not row.checked]
    if unchecked:
        print(f"Without a manifest, so taken unchecked: {', '.join(unchecked)}", file=sys.stderr)
    if options.json:
        print(json.dumps({"library": str(page), "version": library.version, "requests": len(library.rows)}))
    else:
        from ..library.words import complete

        print(" ".join(complete(library)))
        print(page)
    return DONE


def _verify(options: argparse.Namespace) -> int:
    from ..pipeline import verify

    checked = verify(options.report, options.request, options.records)
    print(json.dumps({"verified": checked}) if options.json else f"Verified: {', '.join(checked)}.")
    return DONE


def _claims(options: argparse.Namespace) -> int:
    from ..pipeline import published_results, read_draft
    from ..wording.draft import check_draft

    found = check_draft(read_draft(options.draft), published_results(options.report))
    if options.json:
        print(json.dumps({"findings": [vars(finding) for finding in found]}, ensure_ascii=False))
    elif not found:
        print("No usual overclaim was found. A person should still read it before it is published.")
    else:
        print(f"{len(found)} {'place' if len(found) == 1 else 'places'} to mend:")
        for finding in found:
            print(
                f"\n“{finding.sentence}”\n  {finding.found}: {finding.why}\n  Say instead: {finding.instead}"
            )
    return YOURS if found else DONE


def _delete(options: argparse.Namespace) -> int:
    from ..pipeline.delete import delete, to_delete

    planned = to_delete(options.request, options.reports, options.runs)
    files = [str(path) for path in planned.all_files]
    left = [str(path) for path in planned.left]
    done = delete(planned, date.today()) if options.yes else None
    if options.json:
        certificate = str(done) if done else None
        print(json.dumps({"deleted": bool(done), "files": files, "left": left, "certificate": certificate}))
    else:
        verb = "Deleted" if done else "Would delete"
        print(f"{verb} {len(files)} files of {planned.request.id}:")
        print("\n".join(f"  {name}" for name in files))
        if left:
            print("Not the workbench's to delete, so left for you to look at:")
            print("\n".join(f"  {name}" for name in left))
        print(f"Certificate: {done}" if done else "Nothing was deleted yet; add --yes to do it.")
    return DONE if done and not left else YOURS
