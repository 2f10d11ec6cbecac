"""Faults planted in the source of disclosure control, one at a time, and the package that has one."""

from __future__ import annotations

import ast
import copy
import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = "datalab_helpers.disclosure"
ROOM = Path(__file__).parent.parent / "datalab_helpers/disclosure"
MODULES = (
    "attrition", "covariates", "derived", "groups", "measures", "release", "rules", "shares", "trust",
)  # fmt: skip
# What follows from other numbers, is a setting, or is a number of the linking model's and not of people.
FOLLOWS = {
    "p_holm", "p_bh", "worst_before", "worst_after", "held_back", "seed", "smallest_difference", "expected_missed", "ratio",
    "median", "below_zero", "worthwhile", "same_side", "left_out", "green", "amber", "red",
}  # fmt: skip
# Numbers of which `worlds` tells whether they give anything away.
BOUNDED = {"rows", "profile", "measures"}


@dataclass(frozen=True)
class Mutant:
    """One fault: the module, the line, what was done there, and the whole changed source."""

    module: str
    line: int
    what: str
    source: str


OPPOSITE: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
OTHER_CALL = {"min": "max", "max": "min", "any": "all", "all": "any"}


def mutants() -> list[Mutant]:
    """Every fault that can be planted, in the order of the source."""
    found = []
    for module in MODULES:
        text = (ROOM / f"{module}.py").read_text(encoding="utf-8")
        tree = ast.parse(text)
        nodes = list(ast.walk(tree))
        for place, node in enumerate(nodes):
            for number, what in enumerate(_names(node)):
                changed = copy.deepcopy(tree)
                target = list(ast.walk(changed))[place]
                _changes(target)[number][1](changed)
                source = ast.unparse(ast.fix_missing_locations(changed))
                if source != ast.unparse(tree):
                    found.append(Mutant(module, getattr(node, "lineno", 0), what, source))
    return found


def _names(node: ast.AST) -> list[str]:
    return [what for what, _ in _changes(node)]


def _changes(node: ast.AST) -> list[tuple[str, Callable[[ast.AST], None]]]:
    """What can be done to a node: a name, and what does it in a tree that holds the node."""

    def put(new: Callable[[], ast.AST]) -> Callable[[ast.AST], None]:
        return lambda tree: _replace(tree, node, new())

    def set_(field: str, value: Any) -> Callable[[ast.AST], None]:
        return lambda _: setattr(node, field, value)

    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return [
            (f"{type(node.ops[0]).__name__} turned", set_("ops", [OPPOSITE[type(node.ops[0])]()])),
            ("comparison denied", put(lambda: ast.UnaryOp(ast.Not(), copy.deepcopy(node)))),
        ]
    if isinstance(node, ast.Compare):
        return [
            (
                "first comparison dropped",
                put(lambda: ast.Compare(node.comparators[0], node.ops[1:], node.comparators[1:])),
            )
        ]
    if isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        ends = [(f"part {i} alone", put(lambda v=value: v)) for i, value in enumerate(node.values[:2])]
        return [("and for or", set_("op", other)), *ends]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return [("not dropped", put(lambda: node.operand))]
    if isinstance(node, ast.Name) and node.id == "smallest" and isinstance(node.ctx, ast.Load):
        less = [
            (f"threshold less {n}", put(lambda n=n: ast.parse(f"(smallest - {n})", mode="eval").body))
            for n in (1, 5)
        ]
        return [*less, ("no threshold", put(lambda: ast.Constant(1)))]
    if isinstance(node, (ast.If, ast.While)):
        return [("condition never holds", set_("test", ast.Constant(False)))] + (
            [("condition always holds", set_("test", ast.Constant(True)))] if isinstance(node, ast.If) else []
        )
    if isinstance(node, ast.IfExp):
        return [("first of two", put(lambda: node.body)), ("second of two", put(lambda: node.orelse))]
    if isinstance(node, ast.For):
        return [("loop skipped", set_("iter", ast.List([], ast.Load())))]
    if isinstance(node, ast.comprehension):
        nothing = [("nothing gone through", set_("iter", ast.List([], ast.Load())))]
        return nothing + ([("filter dropped", set_("ifs", []))] if node.ifs else [])
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return [("call dropped", put(ast.Pass))]
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        return [("assignment dropped", put(ast.Pass))]
    if isinstance(node, ast.AugAssign):
        return [("change dropped", put(ast.Pass))]
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        return [("plus for minus", set_("op", other)), ("first term alone", put(lambda: node.left))]
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitOr, ast.BitAnd)):
        return [("first set alone", put(lambda: node.left)), ("second set alone", put(lambda: node.right))]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in OTHER_CALL:
            return [("other call", set_("func", ast.Name(OTHER_CALL[node.func.id], ast.Load())))]
        if node.func.id in {
            "round",
            "_fives",
            "_tens",
            "_coarse",
            "merge_small_steps",
            "_no_count",
            "coarse",
        }:
            return [("call dropped", put(lambda: node.args[0]))]
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return [("one more", set_("value", node.value + 1))]
    return []


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
                return
            if isinstance(value, list):
                for place, item in enumerate(value):
                    if item is old:
                        value[place] = new
                        return


class _Planted(MetaPathFinder, Loader):
    """Loads one module from changed source."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return spec_from_loader(fullname, self) if fullname == f"{PACKAGE}.{self.mutant.module}" else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.mutant.source, f"{self.mutant.module}.py", "exec"), module.__dict__)  # noqa: S102


@contextmanager
def planted(mutant: Mutant) -> Iterator[Callable[..., Any]]:
    """`release` of a package that has the fault; the sound one is back afterwards."""
    sound = {name: module for name, module in sys.modules.items() if name.startswith(PACKAGE)}
    for name in sound:
        if name.rpartition(".")[2] in (*MODULES, "disclosure"):
            del sys.modules[name]
    finder = _Planted(mutant)
    sys.meta_path.insert(0, finder)
    try:
        yield importlib.import_module(f"{PACKAGE}.release").release
    finally:
        sys.meta_path.remove(finder)
        for name in [n for n in sys.modules if n.startswith(PACKAGE)]:
            del sys.modules[name]
        sys.modules.update(sound)


def compared(sound: dict[str, Any] | None, faulty: dict[str, Any] | None) -> str:
    """What a fault publishes beside the sound code: "same", "less", "more", or "other" (more of one, less of another).

    A number given less finely is less, one given more finely or otherwise is more. Shares of levels and measures are
    left out: whether more of them give anything away is not for the sound code to say (`worlds` does).
    """
    mine = dict(_numbers(sound)) if sound else {}
    theirs = dict(_numbers(faulty)) if faulty else {}
    beside = [_beside(mine.get(place), theirs.get(place)) for place in mine.keys() | theirs.keys()]
    more, less = "more" in beside, "less" in beside
    return "other" if more and less else "more" if more else "less" if less else "same"


def _beside(sound: float | None, faulty: float | None) -> str:
    if sound is None or faulty is None:
        return "same" if sound == faulty else "less" if faulty is None else "more"
    if abs(sound - faulty) <= 1e-8 * max(abs(sound), abs(faulty)):
        return "same"
    return "less" if _rounded(sound, faulty) else "more"


def _rounded(fine: float, coarse: float) -> bool:
    """Whether a number is another one to fewer places, or to the nearest five or ten."""
    return any(abs(unit * round(fine / unit) - coarse) < 1e-12 for unit in (10, 5, 1, 0.1, 0.01, 0.001))


def _numbers(value: Any, place: tuple = ()) -> Iterator[tuple[tuple, float]]:
    """Every number but shares and measures, with its place; a step of a funnel by its number, as joined steps have another place."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key.startswith("attrition"):
                yield from (
                    ((key, step["count"]), step["count"]) for step in item if step["count"] is not None
                )
            elif key == "dropped":
                yield from (((*place, key, str(item)), 0.0) for item in item)
            elif key not in FOLLOWS | BOUNDED:
                yield from _numbers(item, (*place, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _numbers(item, (*place, number))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield place, value
