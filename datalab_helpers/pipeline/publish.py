"""Put a finished report in its place, whole or not at all, and check later that it is still the same."""

from __future__ import annotations

import itertools
import json
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..audit import Audit, audit, audit_results
from ..disclosure import RECORD, NoResult, Results, withhold
from ..disclosure.no_result import FILE
from ..errors import RequestError, VerifyError, listed
from ..intake import decisions_path
from ..lab import load_lab
from ..report.forms import forms
from ..request import Request, load_request
from ..run import (
    ROOT,
    aside_of,
    code_sha256,
    default_records,
    records_sha256,
    sha256,
    swap_in,
    write_bytes,
    write_json,
)

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
    "XlsxWriter",
    "typst",
)


def publish(results: Results, reports: Path, inputs: dict[str, Any], run_folder: Path | None = None) -> Path:
    """Swap the finished report in: `reports/<id>` is the whole old or the whole new one.

    First its files are audited together, as a reader could who knows the list of names. Where an analysis that
    is not the headline gives a small number away beside the others, it is taken out and the rest audited again.

    Parameters
    ----------
    run_folder : where `release_record.json`, which tells what was held back and what the audit found, is
        completed; None keeps none

    Errors
    ------
    DisclosureError names every place from which a small number could be worked out; the report that was
    there before stays.
    """
    target = reports / results.about.id
    aside = aside_of(target)
    shutil.rmtree(aside, ignore_errors=True)
    asked = thresholds(results.about.lab)
    results, withheld = sparing(results, asked)
    for name, content in forms(results).items():
        write_bytes(aside / name, content)
    audited = audit(aside, asked)
    if run_folder is not None:
        _complete_record(
            run_folder, audited, withheld, {name: sha256(aside / name) for name in sorted(files_of(aside))}
        )
    if not audited.passed:
        shutil.rmtree(aside)
        audited.refuse()
    _complete(target, inputs)
    return target / "report.html"


def publish_no_result(told: NoResult, reports: Path, inputs: dict[str, Any]) -> None:
    """Put what is known of a request without a result in its place, unless a result of it has been published."""
    target = reports / told.about.id
    if (target / "results.json").is_file():
        return
    shutil.rmtree(aside_of(target), ignore_errors=True)
    write_bytes(aside_of(target) / FILE, told.to_json().encode())
    _complete(target, inputs)


def _complete(target: Path, inputs: dict[str, Any]) -> None:
    """Complete what lies aside with its manifest, and put it where the old one was."""
    aside = aside_of(target)
    write_json(
        aside / "manifest.json",
        {
            "id": target.name,
            "inputs": inputs,
            "commit": _commit(),
            "python": platform.python_version(),
            "packages": {name: version(name) for name in PACKAGES},
            "outputs": {name: sha256(aside / name) for name in sorted(files_of(aside))},
        },
    )
    swap_in(target)


def thresholds(lab: str) -> dict[str, int]:
    """The thresholds of publication that a lab asks for, by name."""
    defaults = load_lab(lab).defaults
    return {"smallest_group": defaults.smallest_group, "smallest_count": defaults.smallest_count}


def sparing(results: Results, asked: dict[str, int]) -> tuple[Results, list[str]]:
    """Results without what gives small numbers away beside others, and what was taken out.

    The rules of `disclosure` look at what numbers do to one another pair by pair; the audit looks at all of them at
    once, and now and then finds a way that they did not foresee. Of the analyses that a finding names the last loses
    the characteristic concerned; where that was not enough, or no characteristic is, it goes whole. What the headline
    alone gives away stays for the audit to refuse.
    """
    withheld: list[str] = []
    while breaches := audit_results(json.loads(results.to_json()), asked).breaches:
        spared = None
        for breach, analysis in itertools.product(breaches, reversed(results.analyses)):
            if analysis.name in breach.analyses and not analysis.headline and analysis.refused is None:
                what = f"{analysis.name}, {breach.covariate}"
                levels = bool(breach.covariate) and what not in withheld
                spared = withhold(results, analysis.name, breach.covariate if levels else "")
                withheld.append(what if levels else analysis.name)
                break
        if spared is None:
            break
        results = spared
    return results, withheld


def _complete_record(run_folder: Path, audited: Audit, withheld: list[str], files: dict[str, str]) -> None:
    """What was held back, what the audit of which files found: kept beside the run, never published."""
    told = run_folder / "outcome" / RECORD
    held_back = json.loads(told.read_text(encoding="utf-8")) if told.is_file() else {}
    write_json(
        run_folder / RECORD, held_back | {"audit": audited.as_dict(), "withheld": withheld, "files": files}
    )


def files_of(folder: Path) -> set[str]:
    """Every file of a report, as its manifest names it; the manifest itself is left out."""
    names = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if not file.is_dir()}
    return names - {"manifest.json"}


def published_results(report_folder: Path) -> Results:
    """The results of a published report."""
    path = report_folder / "results.json"
    if not path.is_file():
        raise VerifyError(
            f"there is no results.json in {report_folder}; name the folder of a published report"
        )
    try:
        return Results.model_validate_json(path.read_bytes())
    except ValueError:
        raise VerifyError(f"{path} is not a result of this version; the report must be run again") from None


def read_draft(path: Path) -> str:
    """A draft as text: UTF-8, or what Windows programs write."""
    if not path.is_file():
        raise RequestError(f"there is no file {path}; name the draft as a text file")
    content = path.read_bytes()
    if b"\x00" in content or content[:4] == b"PK\x03\x04" or content[:5] == b"%PDF-":
        raise RequestError(f"{path} is not plain text; save the draft as a .txt file")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RequestError(f"{path} cannot be read as text; save it as UTF-8")


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


def verify(report_folder: Path, request_folder: Path | None, records: Path | None) -> list[str]:
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
    present = files_of(report_folder)
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
        now = inputs_of(request, records or default_records(request))
    wrong += [
        f"{name} differs from what the report was made with" for name in now if now[name] != inputs.get(name)
    ]
    if not wrong and (report_folder / "results.json").is_file():
        audited = audit(report_folder, thresholds(published_results(report_folder).about.lab))
        wrong += [f"{b.place}: {b.why} ({b.rule})" for b in audited.breaches]
        checked.append(f"an audit of {audited.cells} numbers of people")
    if wrong:
        raise VerifyError(listed(f"{report_folder} does not verify", wrong))
    return [*checked, *(name for name in now if now[name] is not None)]


def inputs_of(request: Request, records: Path) -> dict[str, Any]:
    """Hashes of everything that a result depends on."""
    return {
        "request.yml": sha256(request.path),
        "input": sha256(request.input_path) if request.input_path.is_file() else None,
        "response": sha256(request.response_path) if request.response_path.is_file() else None,
        "review": sha256(decided) if (decided := decisions_path(request)).is_file() else None,
        "records": None if request.settings.table else records_sha256(records),
        "code": code_sha256(),
    }
