"""The house: rooms, import order, who may touch what, thin notebooks, a README that tells the truth."""

from __future__ import annotations

import ast
import itertools
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "datalab_helpers"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# A room imports only rooms to its left. `synthetic` stands apart.
ORDER = [
    "errors",
    "lab",
    "request",
    "tables",
    "store",
    "run",
    "intake",
    "matching",
    "balance",
    "outcome",
    "disclosure",
    "wording",
    "plots",
    "report",
    "audit",
    "pipeline",
    "library",
    "explore",
    "training",
    "cli",
]
SYNTHETIC_MAY_IMPORT = {"errors", "lab", "tables", "synthetic"}
MOST_LINES = 350


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def sources() -> list[Path]:
    return [p for p in sorted(PACKAGE.rglob("*.py")) if room_of(p) not in {"__init__", "__main__"}]


def imports(path: Path) -> list[tuple[str, str]]:
    """(room imported, whole module) of every import inside the package, at any depth of the code."""
    found = []
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            if node.level < depth:
                found.append((room_of(path), node.module or ""))  # inside its own room
                continue
            names = [node.module] if node.module else [alias.name for alias in node.names]
            found += [(name.split(".")[0], name) for name in names]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("datalab_helpers"):
            found.append(([*(node.module or "").split("."), ""][1], node.module or ""))
    return found


def words(path: Path) -> list[str]:
    """Top-level packages imported anywhere in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return plain + [
        node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level
    ]


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_rooms_to_its_left(path: Path) -> None:
    own = room_of(path)
    for room, module in imports(path):
        if own == "synthetic":
            assert room in SYNTHETIC_MAY_IMPORT, module
        elif room != own:
            assert room in ORDER or (own == "cli" and room == "synthetic"), f"{module} is no room"
            assert own == "cli" or ORDER.index(room) < ORDER.index(own), f"{own} may not import {module}"


def test_the_audit_knows_nothing_of_what_it_audits() -> None:
    """It reads published files as anyone can, so that a fault of the one is no fault of the other."""
    found = {room for path in sources() if room_of(path) == "audit" for room, _ in imports(path)}
    assert found == {"audit", "errors"}


def test_every_room_has_its_place_in_the_order() -> None:
    assert {room_of(p) for p in sources()} <= {*ORDER, "synthetic"}


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_room_grows_beyond_its_size_or_into_a_box_for_everything(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
    assert path.stem not in {"utils", "helpers", "common", "misc"}


def test_only_the_pipeline_knows_papermill_and_no_helper_knows_ipython() -> None:
    for path in sources():
        names = {word.split(".")[0] for word in words(path)}
        assert "IPython" not in names, path
        assert room_of(path) == "pipeline" or not names & {"papermill", "nbclient"}, path


def test_records_are_read_through_the_store_alone() -> None:
    """Other rooms may read hand-overs and what people send, never the folder of central records."""
    for path in sources():
        if room_of(path) not in {"store", "tables", "run", "synthetic"}:
            assert "read_parquet" not in path.read_text(encoding="utf-8"), path


def test_only_outcome_asks_for_what_came_after_time_zero() -> None:
    asking = {room_of(p) for p in sources() if "store.follow_up(" in p.read_text(encoding="utf-8")}
    assert asking == {"outcome"}


def test_no_stage_code_names_the_outcome_of_a_lab() -> None:
    """Nouns of one lab belong to its file; comments and docstrings may explain by example."""
    for path in sources():
        if room_of(path) in {"synthetic", "training"}:  # lessons are the words of one lab, and no stage
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {
            node.body[0].value
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docs:
                named = re.search(r"reoffen|offence|custod", node.value.lower())
                assert not named, f"{path.name}:{node.lineno} {node.value!r}"


# ---------------------------------------------------------------- notebooks


def code_cells(path: Path) -> list[dict]:
    return [
        cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"
    ]


def code_lines(cell: dict) -> list[str]:
    lines = "".join(cell["source"]).splitlines()
    return [line for line in lines if line.strip() and not line.strip().startswith("#")]


def test_there_is_one_notebook_a_stage() -> None:
    assert {"01_intake", "02_matching", "03_balance", "04_outcome"} <= {p.stem for p in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    assert "papermill" not in content["metadata"]
    for cell in code_cells(path):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        assert "papermill" not in cell["metadata"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_tells_and_helpers_compute(path: Path) -> None:
    cells = code_cells(path)
    assert sum(len(code_lines(cell)) for cell in cells) <= 40
    tree = ast.parse("\n".join("".join(cell["source"]) for cell in cells))
    assert not [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.Lambda))]
    modules = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert all(m.split(".")[0] == "datalab_helpers" for m in modules), modules
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Import)]


PARAMETERS = {"library": ["reports_folder", "requests_folder"]}  # the others: of one request


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_first_code_cell_holds_the_two_parameters_each_explained(path: Path) -> None:
    tagged = [
        i for i, cell in enumerate(code_cells(path)) if "parameters" in cell["metadata"].get("tags", [])
    ]
    assert tagged == [0]
    lines = code_lines(code_cells(path)[0])
    expected = PARAMETERS.get(path.stem, ["request_file", "run_folder"])
    assert [line.split(":")[0] for line in lines] == expected
    assert all("#" in line for line in lines)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_shown_result_is_followed_by_how_to_read_it(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell, following in itertools.pairwise(cells):
        if cell["cell_type"] != "code" or "parameters" in cell["metadata"].get("tags", []):
            continue
        last = code_lines(cell)[-1].strip()
        shows = last.startswith("display(") or re.fullmatch(r"[\w.]+|print\(.+\)", last)
        if shows:
            assert "How to read this" in "".join(following["source"]), last


# ---------------------------------------------------------------- documents


def test_the_readme_names_every_room_notebook_command_and_make_target() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for room in {room_of(p) for p in sources()}:
        assert f"`{room}`" in readme, room
    for notebook in NOTEBOOKS:
        assert notebook.stem in readme
    commands = "\n".join(path.read_text(encoding="utf-8") for path in sorted((PACKAGE / "cli").glob("*.py")))
    for command in re.findall(r'^    \w+ = add\("(\w+)"|^    \w+ = add\(\s*"(\w+)"', commands, re.M):
        assert f"datalab {''.join(command)}" in readme, command
    for target in re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M):
        assert f"make {target}" in readme, target


def test_the_readme_begins_with_the_two_commands() -> None:
    first = (ROOT / "README.md").read_text(encoding="utf-8")[:1200]
    assert "make report" in first
    assert "make test" in first
