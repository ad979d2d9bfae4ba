"""Read what a `manage.py` says about its provider, without ever running it.

Its syntax tree is searched for the call `setup(name="…", …)`. A keyword counts where its value
is a literal, a literal marked for translation (`N_("…")`), or a name that the module binds once
to either. Anything else, `plainbox.__version__` for one, is unknown, which is no mistake.
"""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, Final

from plainbox.catalog.given import whole
from plainbox.config.ini import Given, read_text
from plainbox.diagnostics import Code, Diagnostic
from plainbox.text import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plainbox.diagnostics import Sink

MARKERS: Final = frozenset({"N_", "_", "gettext", "gettext_noop"})
UNKNOWN: Final = object()
"""The value of a keyword that only running the file would tell."""


def read_setup(path: Path, sink: Sink) -> dict[str, Given] | None:
    """The keywords of the call of `setup`; `None` where the file is broken or has no such call.

    A broken file is reported, one without the call is not.
    """
    text = read_text(path, sink)
    if text is None:
        return None
    source = Source(str(path), text)
    tree = _parse(source, sink)
    call = None if tree is None else _find_call(tree, text)
    if tree is None or call is None:
        return None
    return {
        keyword.arg: Given(_value(keyword.value, tree), _span(source, keyword))
        for keyword in call.keywords
        if keyword.arg is not None
    }


def _parse(source: Source, sink: Sink) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source.text)
    except SyntaxError as error:
        line = min(error.lineno or 1, len(source.starts))
        span, reason = source.span_of_lines(line, line), error.msg
    except (ValueError, RecursionError, MemoryError) as error:
        span, reason = whole(source), str(error)
    sink.add(Diagnostic(Code.BAD_PROVIDER, f"manage.py is not valid Python: {reason}", span))
    return None


def _find_call(tree: ast.Module, text: str) -> ast.Call | None:
    """The call among the statements of the module; where it is not, anywhere in it."""
    for statement in tree.body:
        value = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(value, ast.Call) and _calls(value, {"setup"}):
            return value
    if "setup" in text:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _calls(node, {"setup"}):
                return node
    return None


def _calls(node: ast.Call, names: set[str] | frozenset[str]) -> bool:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr in names
    return isinstance(function, ast.Name) and function.id in names


def _value(node: ast.expr, tree: ast.Module) -> object:
    if isinstance(node, ast.Name):
        bound = _bound_once(node.id, tree)
        return UNKNOWN if bound is None else _literal(bound)
    return _literal(node)


def _literal(node: ast.expr) -> object:
    if isinstance(node, ast.Call) and _calls(node, MARKERS) and len(node.args) == 1:
        node = node.args[0]
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return UNKNOWN


def _bound_once(name: str, tree: ast.Module) -> ast.expr | None:
    """What the module binds a name to, if that is the only place that binds it."""
    values = [value for target, value in _assignments(tree) if target == name]
    stores = sum(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        for node in ast.walk(tree)
    )
    return values[0] if len(values) == stores == 1 else None


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and value is not None:
                yield target.id, value


def _span(source: Source, keyword: ast.keyword) -> Span:
    line = source.line(keyword.lineno).encode()
    start = source.offset(keyword.lineno) + len(line[: keyword.col_offset].decode())
    return Span(source, start, start + len(keyword.arg or ""))
