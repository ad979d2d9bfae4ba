"""The house has floors: a module imports only lower ones, at its top, and never in a circle."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import plainbox

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(plainbox.__file__).parent
FLOORS = (
    ("errors", "text", "ids", "outcome", "clock", "files", "shell_text", "spelling"),
    ("diagnostics",),
    ("records", "expressions", "config"),
    ("fields", "templating", "session"),
    ("machine", "units"),
    ("catalog",),
    ("planning", "rewriting"),
    ("checking", "engine", "reports", "history", "transports"),
    ("app",),
    ("multinode", "fleet"),
    ("tui", "web", "lsp", "testing"),
    ("cli",),
    ("checkbox_cli",),
)
FLOOR = {name: number for number, names in enumerate(FLOORS, 1) for name in names}
ABOVE_ALL = len(FLOORS) + 1
FACES = {"provider_manager", "impl"}
LAZY = {"ctypes", "yaml", "jinja2", "rich", "asyncio", "msgspec", "pwd", "json", "difflib"}
ONE_HOME = {
    "subprocess": {"machine/programs.py", "engine/supervision.py", "engine/spawner.py"},
    "configparser": {"config"},
}
NEVER = {"eval", "exec", "compile"}


def modules() -> Iterator[Path]:
    for path in sorted(SOURCE.rglob("*.py")):
        if "providers" not in path.relative_to(SOURCE).parts:
            yield path


def package_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Names of imported plainbox modules; True for those inside a function."""
    for node, inside in _walk(tree, inside=False):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, inside
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, inside


def _walk(tree: ast.AST, *, inside: bool) -> Iterator[tuple[ast.AST, bool]]:
    for child in ast.iter_child_nodes(tree):
        yield child, inside
        function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from _walk(child, inside=inside or function)


def floor_of(package: str) -> int:
    return FLOOR.get(package, ABOVE_ALL if package in FACES else 0)


@pytest.mark.parametrize("path", list(modules()), ids=name_of)
def test_a_module_imports_only_lower_floors(path: Path) -> None:
    own = package_of(name_of(path))
    tree = ast.parse(path.read_text())
    for module, _ in imports(tree):
        if module.split(".")[0] != "plainbox" or module == "plainbox":
            continue
        other = package_of(module)
        assert other == own or floor_of(other) < floor_of(own), f"{own} imports {other}"


@pytest.mark.parametrize("path", list(modules()), ids=name_of)
def test_every_package_has_a_floor(path: Path) -> None:
    own = package_of(name_of(path))
    assert own in FLOOR or own in FACES or own == ""


@pytest.mark.parametrize("path", list(modules()), ids=name_of)
def test_only_heavy_libraries_are_imported_inside_functions(path: Path) -> None:
    tree = ast.parse(path.read_text())
    for module, inside in imports(tree):
        if inside:
            assert module.split(".")[0] in LAZY, f"{module} is imported inside a function"


@pytest.mark.parametrize("path", list(modules()), ids=name_of)
def test_dangerous_calls_have_one_home_or_none(path: Path) -> None:
    place = path.relative_to(SOURCE).as_posix()
    tree = ast.parse(path.read_text())
    for module, _ in imports(tree):
        homes = ONE_HOME.get(module)
        assert homes is None or any(place.startswith(home) for home in homes), module
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = {call.id for call in calls if isinstance(call, ast.Name)}
    assert not names & NEVER


def test_no_modules_import_each_other_in_a_circle() -> None:
    edges: dict[str, set[str]] = defaultdict(set)
    names = {name_of(path) for path in modules()}
    for path in modules():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ImportFrom) and node.module:
                target = node.module
                edges[name_of(path)] |= {
                    f"{target}.{alias.name}" if f"{target}.{alias.name}" in names else target
                    for alias in node.names
                }
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way, name))
        if name in done:
            return
        for other in sorted(edges[name] & names):
            # A package's face imports its modules; they may name the package's other modules.
            if other != name and not name.startswith(f"{other}."):
                visit(other, (*way, name))
        done.add(name)

    for name in sorted(names):
        visit(name, ())


@pytest.mark.parametrize("path", list(modules()), ids=name_of)
def test_no_module_is_too_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 600
