"""Commands for whoever sends a list, before anything is sent: new, check, plan. None needs central records."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import RequestError

if TYPE_CHECKING:
    from ..intake.check import Checked
    from ..request import Request

DONE, YOURS = 0, 2


class Add(Protocol):
    def __call__(
        self, name: str, command: Callable[[argparse.Namespace], int], told: str, example: str
    ) -> argparse.ArgumentParser: ...


def add_commands(add: Add) -> None:
    """Their arguments."""
    new = add(
        "new",
        _new,
        "make a request folder: a commented request.yml, blank submission templates, and a card of what to collect",
        "datalab new requests/second-start",
    )
    new.add_argument("folder", type=Path, help="folder to make")
    new.add_argument("--lab", default="justice", help="which lab (default: justice)")

    check = add(
        "check",
        _check,
        "check a list of people before it is sent: every problem with row, reason and mend, and what to expect; "
        "needs no central records and no network",
        "datalab check data/synthetic/requests/bridge-house/participants.csv --html check.html",
    )
    check.add_argument(
        "submission", type=Path, help="the list (.xlsx, .xls, .ods or .csv), or a request folder"
    )
    check.add_argument(
        "--request", type=Path, help="request.yml (or its folder), to check dates and analyses too"
    )
    check.add_argument("--lab", default="justice", help="which lab, where no request says (default: justice)")
    check.add_argument("--json", action="store_true", help="print the answer as JSON")
    check.add_argument("--html", type=Path, metavar="FILE", help="write the answer as a page for a browser")
    check.add_argument(
        "--copy", type=Path, metavar="FILE", help="write a copy of the list with the cells marked (.xlsx)"
    )
    check.add_argument(
        "--until", type=_day, metavar="DATE", help="day up to which central records reach (default: today)"
    )

    plan = add(
        "plan",
        _plan,
        "how many people are needed to see a change, and what so many people could show",
        "datalab plan --baseline 0.35 --people 200",
    )
    plan.add_argument(
        "--baseline", type=_share, default=0.35, help="rate among similar people, 0 to 1 (default: 0.35)"
    )
    plan.add_argument("--people", type=_whole, help="people you could send")
    plan.add_argument("--change", type=_change, help="fall you hope for, in people per 100")
    plan.add_argument(
        "--survive", type=_share, help="share of those sent who are analysed (default: as in past requests)"
    )
    plan.add_argument(
        "--comparators",
        type=_positive,
        default=5.0,
        help="effective comparators for each person (default: 5)",
    )
    plan.add_argument(
        "--covariate-gain",
        type=_gain,
        default=0.0,
        help="share of variance that covariates explain (default: 0)",
    )
    plan.add_argument("--lab", default="justice", help="which lab (default: justice)")
    plan.add_argument("--json", action="store_true", help="print the answer as JSON")


def _new(options: argparse.Namespace) -> int:
    from ..intake.template import write_request_folder
    from ..lab import load_lab
    from ..report.card import write_card

    made = write_request_folder(options.folder, options.lab)
    made.append(options.folder / "collect-from-today.html")
    write_card(load_lab(options.lab), made[-1])
    print("\n".join(str(path) for path in made))
    return DONE


def _check(options: argparse.Namespace) -> int:
    from ..intake.check import check_submission
    from ..lab import load_lab
    from ..request import load_request
    from ..wording import check as words

    folder = options.submission if options.submission.is_dir() else None
    request = load_request(options.request or folder) if options.request or folder else None
    submission = request.input_path if request and folder else options.submission
    if request and request.settings.table:
        raise RequestError(f"{request.id} starts from an analysis table; there is no list of people to check")
    if not submission.is_file():
        raise RequestError(f"there is no file {submission}; name the list of people that you want to send")
    try:
        _writable(options, submission, request)
    except OSError as error:
        raise RequestError(f"the answer cannot be written ({error.strerror}); name another file") from None
    checked = check_submission(
        submission, request.lab if request else load_lab(options.lab), request, until=options.until
    )
    _write(checked, options)
    print(
        json.dumps(words.as_json(checked), ensure_ascii=False)
        if options.json
        else "\n".join(words.lines(checked))
    )
    return DONE if checked.usable else YOURS


def _writable(options: argparse.Namespace, submission: Path, request: Request | None) -> None:
    """RequestError where an answer cannot or should not be written; told before anything is read or written."""
    kept = [(submission, "the list itself")]
    if request is not None:
        kept += [
            (request.folder / "request.yml", "the request"),
            (request.input_path, "the list itself"),
            (request.folder / "review.csv", "the decisions on links"),
        ]
    if options.html and options.copy and _same(options.html, options.copy):
        raise RequestError(f"--html and --copy both name {options.html}; name two different files")
    for name, path, ending in (("--html", options.html, ".html"), ("--copy", options.copy, ".xlsx")):
        if path is None:
            continue
        for other, what in kept:
            if _same(path, other):
                raise RequestError(f"{path} is {what}; name another file")
        if path.is_dir():
            raise RequestError(f"{path} is a folder; name a file in it, such as {path / ('check' + ending)}")
        if path.suffix.lower() != ending:
            raise RequestError(
                f"{name} writes a file that ends in {ending}; {path} does not, name another file"
            )
        if not path.parent.is_dir():
            raise RequestError(f"there is no folder {path.parent}; name a file in a folder that exists")


def _same(path: Path, other: Path) -> bool:
    """Whether two names lead to one file, by a link too."""
    if path.exists() and other.exists():
        return path.samefile(other)
    return path.resolve() == other.resolve()


def _write(checked: Checked, options: argparse.Namespace) -> None:
    """The page and the marked copy, as asked for."""
    from ..report.check import write_marked, write_page

    for path, write in ((options.html, write_page), (options.copy, write_marked)):
        if path is None:
            continue
        try:
            write(checked, path)
        except OSError as error:
            why = error.strerror or "the disk refused it"
            raise RequestError(
                f"{path} cannot be written ({why}); close it if a program has it open, or name another file"
            ) from None


def _plan(options: argparse.Namespace) -> int:
    from ..intake.check.forecast import figures
    from ..lab import load_lab
    from ..outcome.power import plan
    from ..wording import plan as words

    change = None if options.change is None else options.change / 100
    if change is not None and change >= options.baseline:
        raise RequestError(
            f"--change {options.change:g} is not below the baseline of {100 * options.baseline:g} in 100; a rate cannot "
            "fall below nothing"
        )
    survive = figures()["survive"] if options.survive is None else options.survive
    found = plan(
        options.baseline, options.comparators, options.covariate_gain, survive, options.people, change
    )
    told = words.lines(found, load_lab(options.lab))
    print(json.dumps(words.as_json(found)) if options.json else "\n".join(told))
    return DONE


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date such as 2024-12-31") from None


def _number(text: str, low: float, high: float, told: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low < value < high:
        raise argparse.ArgumentTypeError(told)
    return value


def _share(text: str) -> float:
    return _number(text, 0, 1.0000001, "must be above 0 and at most 1, such as 0.35")


def _change(text: str) -> float:
    return _number(text, 0, 100, "must be in people per 100, above 0 and below 100, such as 5")


def _positive(text: str) -> float:
    return _number(text, 0, 1e9, "must be a number above 0, such as 5")


def _gain(text: str) -> float:
    return _number(text, -1e-9, 0.99, "must be from 0 to below 0.99, such as 0.1")


def _whole(text: str) -> int:
    value: Any = int(text) if text.isdigit() else 0
    if not 2 <= value <= 10_000_000:
        raise argparse.ArgumentTypeError("must be a whole number from 2")
    return int(value)
