"""Reads a source tree as the design describes it and says, in sentences, where it departs from it.

Knows the floors and the limits. Does not import what it reads, so lazy imports count like any other.
"""

from __future__ import annotations

import ast
import io
import os
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FLOORS = (
    ("wire", "config", "privacy", "audit"),
    ("ledger",),
    ("egress", "access"),
    ("providers", "engine", "guards"),
    ("routing", "costs", "retrieval"),
    ("gateway", "trials", "tuning"),
    ("console",),
    ("cli",),
)
ROOMS = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
# Below all rooms, and above them: the failures that every room raises, and `python -m freehold`.
BASEMENT, ROOF = "errors", "__main__"
MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 60

_VAGUE = re.compile(r"(utils?|helpers?|common|managers?)")
_EXCEPTION = re.compile(r"#\s*(?P<mark>noqa|type:\s*ignore)(?P<rest>.*)", re.IGNORECASE)
_NOQA = re.compile(r":\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*\W+(?P<reason>\w.*)")
_IGNORE = re.compile(r"\[[\w-]+(?:\s*,\s*[\w-]+)*\]\W+(?P<reason>\w.*)")
_CONTAINERS = {"list", "dict", "set", "defaultdict", "deque", "Counter", "OrderedDict"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Arrow:
    """One import: the dotted name that the importing line reaches for."""

    target: str
    line: int


def broken_rules(package: Path) -> list[str]:
    """What breaks the rules about rooms and imports in a package named `freehold`."""
    return [
        f"{file.relative_to(package.parent)}:{fault}"
        for file in _sources(package)
        for fault in _faults(file, package)
    ]


def oversized(folder: Path) -> list[str]:
    """Files and functions that are longer than a reader can hold in mind."""
    faults = []
    for file in _sources(folder):
        lines = len(file.read_text().splitlines())
        if lines > MOST_FILE_LINES:
            faults.append(f"{file}: {lines} lines, at most {MOST_FILE_LINES}")
        for function in _functions(file):
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > MOST_FUNCTION_LINES:
                where = f"{file}:{function.lineno}: {function.name}"
                faults.append(f"{where} has {length} lines, at most {MOST_FUNCTION_LINES}")
    return faults


def unexplained_exceptions(folder: Path) -> list[str]:
    """Comments that silence a linter or the type checker without naming what, or without saying why."""
    return [
        f"{file}:{line}: {comment}"
        for file in _sources(folder)
        for line, comment in _comments(file)
        if not _is_explained(comment)
    ]


def vague_names(folder: Path) -> list[str]:
    """Modules, and folders of modules, whose name says nothing."""
    places = {folder / part for file in _sources(folder) for part in _ancestry(file.relative_to(folder))}
    return [
        f"{path}: says nothing about what is in it"
        for path in sorted(places)
        if _VAGUE.fullmatch(path.stem.strip("_"))
    ]


def _ancestry(file: Path) -> list[Path]:
    return [file, *file.parents[:-1]]


def _sources(folder: Path) -> Iterator[Path]:
    """The modules in a folder. Hidden folders hold what others wrote: environments, caches, peers."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(files) if name.endswith(".py"))


def _faults(file: Path, package: Path) -> Iterator[str]:
    place = file.relative_to(package).with_suffix("").parts
    tree = ast.parse(file.read_text())
    if place[0] not in {*ROOMS, BASEMENT, ROOF, "__init__"}:
        yield f"1: {place[0]} is no room of the house"
        return
    for arrow in _arrows(tree):
        fault = _fault(arrow.target.split("."), place[0], package)
        if fault is not None:
            yield f"{arrow.line}: {fault}"
    yield from _state(tree)


def _fault(target: list[str], here: str, package: Path) -> str | None:
    """What is wrong with reaching from the room `here` for `freehold.target`, or `None`."""
    if len(target) < 2 or target[1] in {BASEMENT, here} or target[1].startswith("__"):
        return None
    room = target[1]
    if room not in ROOMS:
        return f"imports freehold.{room}, which is no room"
    if here in {BASEMENT, "__init__"}:
        return f"{here} lies below all rooms and imports {room}"
    if here != ROOF and ROOMS[room] >= ROOMS[here]:
        side = "up from" if ROOMS[room] > ROOMS[here] else "on the same floor as"
        return f"imports {room}, which is {side} {here}"
    inner = target[2] if len(target) > 2 else None
    if inner is not None and _is_file(package / room, inner):
        return f"reaches into {room} past its front door: {'.'.join(target)}"
    return None


def _is_file(room: Path, name: str) -> bool:
    """Whether `name` is an inner file. A front door may hand out a name that a file has too."""
    there = (room / f"{name}.py").exists() or (room / name).is_dir()
    return there and name not in _exported(room / "__init__.py")


def _exported(door: Path) -> set[str]:
    if not door.exists():
        return set()
    for node in ast.parse(door.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return {str(name) for name in ast.literal_eval(node.value)}
    return set()


def _arrows(tree: ast.Module) -> Iterator[Arrow]:
    """Every import of ours, at the top or inside a function, as a statement or by its name in a string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            named = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            named = [str(first.value) for first in node.args[:1] if isinstance(first, ast.Constant)]
        else:
            continue
        for name in named:
            if name.split(".")[0] == "freehold":
                yield Arrow(name, node.lineno)


def _state(tree: ast.Module) -> Iterator[str]:
    """State that a module keeps: `global`, and containers that begin empty because somebody fills them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield f"{node.lineno}: global {', '.join(node.names)}"
    for statement in tree.body:
        value = getattr(statement, "value", None)
        if isinstance(statement, ast.Assign | ast.AnnAssign) and _begins_empty(value):
            yield f"{statement.lineno}: a container that begins empty is state of the module"


def _begins_empty(value: ast.expr | None) -> bool:
    if isinstance(value, ast.List | ast.Set):
        return not value.elts
    if isinstance(value, ast.Dict):
        return not value.keys
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).split(".")[-1] in _CONTAINERS and not value.keywords
    return False


def _functions(file: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, Function):
            yield node


def _comments(file: Path) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(file.read_text()).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _is_explained(comment: str) -> bool:
    found = _EXCEPTION.search(comment)
    if found is None:
        return True
    form = _NOQA if found["mark"].lower() == "noqa" else _IGNORE
    return form.match(found["rest"]) is not None
