"""Read and check a request file as a whole: every mistake at once, in plain words."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from ..errors import RequestError, listed
from ..lab import Lab, available, load_lab, read_yaml
from .settings import Request, RequestFile

SUBMISSION_KINDS = (".xlsx", ".xls", ".ods", ".csv")
TABLE_KINDS = (".csv", ".parquet")
LONGEST_RESPONSE = 5_000  # letters


def load_request(path: Path, with_files: bool = True) -> Request:
    """Read and check a request file; every mistake comes in one RequestError.

    Parameters
    ----------
    path : the `request.yml`, or the folder that holds it
    with_files : whether the list or table must be there; that of a finished request may have been deleted
    """
    path = path / "request.yml" if path.is_dir() else path
    if not path.is_file():
        raise RequestError(f"there is no request file {path}; `datalab new FOLDER` makes one")
    raw = read_yaml(path)
    if not isinstance(raw, dict):
        raise RequestError(f"{path.name} must be a list of settings such as `id: JDL-2026-001`")
    problems: list[str] = []
    settings = None
    try:
        settings = RequestFile.model_validate(raw)
    except ValidationError as error:
        problems += dict.fromkeys(_plain(detail) for detail in error.errors())
    problems += _problems_of_meaning(raw)
    problems += _problems_of_files(raw, path.parent) if with_files else []
    if problems or settings is None:
        raise RequestError(listed(f"{path} has {len(problems)} to correct", problems))
    request = Request(path, settings, load_lab(settings.lab))
    _check_response(request)
    return request


def _check_response(request: Request) -> None:
    try:
        length = len(request.response)
    except (UnicodeDecodeError, OSError):
        raise RequestError(
            f"{request.response_path} cannot be read; save it as plain text in UTF-8"
        ) from None
    if length > LONGEST_RESPONSE:
        raise RequestError(
            f"{request.response_path} has {length:,} letters; a response may have {LONGEST_RESPONSE:,}"
        )


def _plain(detail: Any) -> str:
    """One pydantic error in plain words: where, what, what is allowed."""
    # A choice between types adds the type's own name to the place, which is nothing the reader wrote.
    parts = [
        part
        for part in detail["loc"]
        if not re.match(r"(constrained|literal|float|function|none)", str(part))
    ]
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in parts) or "request"
    kind, context = detail["type"], detail.get("ctx", {})
    if where.endswith(".caliper"):
        return f"`{where}` is {detail['input']!r}; it must be a number above 0, auto, or null for none"
    if kind == "missing":
        return f"`{where}` is missing; it is required"
    if kind == "extra_forbidden":
        allowed = _keys_allowed(detail["loc"][:-1])
        near = difflib.get_close_matches(str(detail["loc"][-1]), allowed, 1)
        hint = f"; did you mean `{near[0]}`?" if near else "."
        return f"`{where}` is not a setting{hint} Allowed here: {', '.join(allowed)}"
    if kind == "string_pattern_mismatch":
        return f"`{where}` must be 3 to 32 capital letters, digits and hyphens, such as JDL-2026-001"
    if kind == "literal_error":
        return f"`{where}` is {detail['input']!r}; allowed: {context['expected']}"
    if kind.startswith(("date_", "datetime_")):
        return f"`{where}` is not a date; write it as 2026-01-31"
    return f"`{where}`: {detail['msg'].lower()} (found {detail['input']!r})"


def _keys_allowed(location: tuple[Any, ...]) -> list[str]:
    """The keys that the request file allows at a place."""
    model: type[BaseModel] = RequestFile
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            annotation = model.model_fields[part].annotation
            candidates = [annotation, *get_args(annotation)]
            model = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), model)
    return list(model.model_fields)


def _problems_of_meaning(raw: dict[str, Any]) -> list[str]:
    """What single fields cannot show: names the lab does not have, headlines, dates in order."""
    problems = []
    lab_name = raw.get("lab", "justice")
    if lab_name not in available():
        return [f"`lab` is {lab_name!r}; allowed: {', '.join(available())}"]
    lab = load_lab(lab_name)
    table = raw.get("table")
    if (raw.get("submission") is None) == (table is None):
        problems.append(
            "give either `submission` (a spreadsheet of people) or `table` (an analysis table), one of them"
        )
    if raw.get("submission") is not None and not lab.tables:
        problems.append(f"`submission` needs a lab with central records; {lab.name!r} has none, use `table`")
    kinds = _get(raw, "index_event", "kinds")
    if raw.get("submission") is not None and raw.get("index_event") is None:
        problems.append("`index_event` is missing; it is required with a submission")
    for kind in kinds if isinstance(kinds, list) else []:
        if not isinstance(kind, str) or kind not in lab.index_events:
            problems.append(f"`index_event.kinds` has {kind!r}; allowed: {', '.join(lab.index_events)}")
    problems += _problems_of_analyses(raw, lab) + _problems_of_matching(raw) + _problems_of_columns(table)
    for where, text in [
        ("organisation", raw.get("organisation")),
        *_items("programme", raw.get("programme")),
    ]:
        if isinstance(text, str) and re.fullmatch(r"<[a-z ,]+>", text.strip()):
            problems.append(f"`{where}` still holds the template's {text!r}; write your own")
    outcomes = _get(table, "outcomes")
    measures = (
        [o.get("name") for o in outcomes if isinstance(o, dict)]
        if isinstance(outcomes, list)
        else [m.name for m in lab.measures]
    )
    primary = _get(raw, "outcome", "primary")
    if primary is not None and primary not in measures:
        problems.append(f"`outcome.primary` is {primary!r}; allowed: {', '.join(map(str, measures))}")
    began, ended = _get(raw, "programme", "began"), _get(raw, "programme", "ended")
    if _is_date(began) and _is_date(ended) and began > ended:
        problems.append(f"`programme.ended` ({ended}) is before `programme.began` ({began})")
    return problems


def _problems_of_analyses(raw: dict[str, Any], lab: Lab) -> list[str]:
    analyses = raw.get("analyses")
    if not isinstance(analyses, list) or not all(isinstance(a, dict) for a in analyses):
        return []
    problems = []
    headlines = sum(a.get("headline") is True for a in analyses)
    if headlines != 1:
        problems.append(f"`analyses` has {headlines} with `headline: true`; exactly one must have it")
    names = [str(a.get("name")) for a in analyses]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        problems.append(f"`analyses` has the same name twice: {', '.join(twice)}")
    covariates = _get(raw, "table", "covariates")
    kinds = (
        covariates
        if isinstance(covariates, dict)
        else {name: covariate.kind for name, covariate in lab.covariate_labels.items()}
    )
    # Levels can be told apart; the values of a number would be as many strata as people.
    known = [name for name, kind in kinds.items() if kind in ("categorical", "binary")]
    for position, analysis in enumerate(analyses, start=1):
        if analysis.get("only") and raw.get("table") is not None:
            problems.append(
                f"`analyses.{position}.only` selects by a column of a submission; with a table, use `within`"
            )
        for key in ("exact", "within"):
            given = analysis.get(key) or []
            for name in given if isinstance(given, (list, dict)) else []:
                if name not in known:
                    problems.append(f"`analyses.{position}.{key}` has {name!r}; allowed: {', '.join(known)}")
    return problems


def _problems_of_matching(raw: dict[str, Any]) -> list[str]:
    """Settings of matching that do not go together, in the request's own or an analysis's."""
    common = raw.get("matching") if isinstance(raw.get("matching"), dict) else {}
    analyses = raw.get("analyses") if isinstance(raw.get("analyses"), list) else []
    places = [("matching", common)]
    for position, analysis in enumerate(analyses, start=1):
        own = _get(analysis, "matching")
        if isinstance(own, dict):
            places.append((f"analyses.{position}.matching", common | own))
    problems = []
    for where, settings in places:
        method, caliper = settings.get("method"), settings.get("caliper", "auto")
        if method == "kernel" and caliper is None:
            problems.append(
                f"`{where}` asks for kernel matching without a caliper, which is its bandwidth; set `caliper` to a number or auto"
            )
        if method == "entropy" and caliper not in (None, "auto"):
            problems.append(f"`{where}` gives a caliper for entropy balancing, which has none; leave it out")
    return problems


def _problems_of_columns(table: Any) -> list[str]:
    """One column may serve one purpose: an outcome among the covariates would open it before the plan."""
    if not isinstance(table, dict):
        return []
    covariates, outcomes = table.get("covariates"), table.get("outcomes")
    names = [table.get("id"), table.get("treatment"), *(covariates if isinstance(covariates, dict) else [])]
    names += [_get(outcome, "name") for outcome in (outcomes if isinstance(outcomes, list) else [])]
    twice = sorted({str(name) for name in names if name is not None and names.count(name) > 1})
    return [
        f"`table` uses column {name!r} twice; id, treatment, covariates and outcomes must differ"
        for name in twice
    ]


def _items(where: str, settings: Any) -> list[tuple[str, Any]]:
    return (
        [(f"{where}.{key}", value) for key, value in settings.items()] if isinstance(settings, dict) else []
    )


def _problems_of_files(raw: dict[str, Any], folder: Path) -> list[str]:
    """The submission or table must be there, inside the request's own folder, and of a known kind."""
    problems = []
    for where, name, kinds in [
        ("submission", raw.get("submission"), SUBMISSION_KINDS),
        ("table.file", _get(raw, "table", "file"), TABLE_KINDS),
    ]:
        if not isinstance(name, str):
            continue
        path = folder / name
        try:
            inside, there = path.resolve().is_relative_to(folder.resolve()), path.is_file()
        except (OSError, ValueError):
            problems.append(f"`{where}` is not a name that a file can have; correct it")
            continue
        if not inside:
            problems.append(f"`{where}` must lie in the request's own folder")
        elif path.suffix.lower() not in kinds:
            problems.append(
                f"`{where}` is a {path.suffix or 'file without an ending'}; allowed: {', '.join(kinds)}"
            )
        elif not there:
            problems.append(
                f"`{where}` names {name!r}, which is not in {folder}; put the file there or correct the name"
            )
    return problems


def _get(raw: Any, *keys: str) -> Any:
    for key in keys:
        raw = raw.get(key) if isinstance(raw, dict) else None
    return raw


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is not None
