"""Texts in the language of Jinja2, rendered in its sandbox.

Jinja2 is loaded when the first template asks for it; a machine without it gets a `Fault` that
says so. Undefined variables render as nothing, as Jinja2 does; whatever goes wrong is a `Fault`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.templating.scope import Fault, Mentions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jinja2 import Template, nodes
    from jinja2.sandbox import SandboxedEnvironment

EXTRAS: Final[Mapping[str, object]] = {
    "__system_env__": {},
    "__checkbox_env__": {},
    "__on_ubuntucore__": False,
}
"""What texts in Jinja2 can name besides the record: the environment, that of the configuration,
and whether this is a strictly confined snap; here as nothing is known of them."""

_SPECIAL: Final = ("self", "super", "caller", "varargs", "kwargs", "loop")
_ACTIVE = re.compile(r"[{\r]")


class Script:
    """A parsed text; without a template it is constant, with a fault it cannot be rendered."""

    __slots__ = ("_uses", "fault", "source", "template")

    def __init__(self, source: str) -> None:
        self.source = source
        self.template: Template | Plain | None = None
        self.fault: Fault | None = None
        self._uses: dict[str, set[str | None]] = {}
        if _ACTIVE.search(source):
            self._parse()

    @property
    def constant(self) -> bool:
        """Whether every record makes the same text of it."""
        return self.template is None and self.fault is None

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What keeps it from being rendered at all."""
        return () if self.fault is None else (self.fault,)

    def mentions(self, resource: str) -> Mentions:
        """The variables that it mentions, where the record's own variable is called so."""
        own = self._uses.get(resource, set())
        return Mentions(
            names=frozenset(self._uses),
            reached=frozenset(field for field in own if field is not None),
            whole=None in own,
        )

    def render(self, scope: Mapping[str, object]) -> tuple[str, tuple[Fault, ...]]:
        """The text for one record; the source stands where it cannot be rendered."""
        if self.template is None:
            return self.source.removesuffix("\n"), self.faults
        try:
            if isinstance(self.template, Plain):
                return self.template.render(scope), ()
            return _render(self.template, scope), ()
        except Exception as error:  # noqa: BLE001 - a template can raise whatever Python can
            return self.source, (self._broken(f"cannot be rendered: {_line(error)}"),)

    def _parse(self) -> None:
        environment = _environment()
        if environment is None:
            self.fault = self._broken("needs Jinja2, which is not installed")
            return
        try:
            tree = environment.parse(self.source)
            self.template = _plain(tree)
            if isinstance(self.template, Plain):
                self._uses = {name: {None} for name in self.template.names()}
            else:
                self.template = environment.from_string(tree)
                self._uses = _uses(tree)
        except Exception as error:  # noqa: BLE001 - Jinja2 raises more than its own errors
            self.template = None
            self.fault = self._broken(f"is not in the language of Jinja2: {_line(error)}")

    def _broken(self, message: str) -> Fault:
        return Fault(message, 0, len(self.source))


@lru_cache(maxsize=512)
def parse_script(source: str) -> Script:
    """Parse a text; templates that are alike share the outcome."""
    return Script(source)


class Plain(NamedTuple):
    """A text that only names variables, as most do: nothing has to be compiled to render it.

    Each piece is a text and whether it is the name of a variable.
    """

    pieces: tuple[tuple[str, bool], ...]

    def names(self) -> Iterator[str]:
        """The variables."""
        return (text for text, is_name in self.pieces if is_name)

    def render(self, scope: Mapping[str, object]) -> str:
        """The text for some variables; those that are not there are nothing."""
        return "".join(
            [str(scope.get(text, "")) if is_name else text for text, is_name in self.pieces]
        )


def _plain(tree: nodes.Template) -> Plain | None:
    from jinja2 import nodes

    known = tree.environment.globals if tree.environment else {}
    pieces: list[tuple[str, bool]] = []
    for output in tree.body:
        for node in output.nodes if isinstance(output, nodes.Output) else (output,):
            if isinstance(node, nodes.TemplateData):
                pieces.append((node.data, False))
            elif isinstance(node, nodes.Name) and node.name not in (*known, *_SPECIAL):
                pieces.append((node.name, True))
            else:
                return None
    return Plain(tuple(pieces))


def _render(template: Template, scope: Mapping[str, object]) -> str:
    """What `template.render` does, without going through the global names one by one."""
    known = {**template.environment.globals, **scope}
    return "".join(template.root_render_func(template.new_context(known, shared=True)))


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment | None:
    try:
        from jinja2.sandbox import SandboxedEnvironment
    except ImportError:
        return None
    return SandboxedEnvironment()


def _uses(tree: nodes.Template) -> dict[str, set[str | None]]:
    """What each free variable is asked for: attributes, or None where it is used as a whole."""
    from jinja2 import meta, nodes

    found = list(tree.find_all((nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Stmt)))
    names = [node for node in found if isinstance(node, nodes.Name)]
    if all(isinstance(node, (nodes.Expr, nodes.Output, nodes.If)) for node in found):
        known = tree.environment.globals if tree.environment else {}
        free = {node.name for node in names} - set(known)
    else:  # something defines names, which takes a look at all that is around them
        free = meta.find_undeclared_variables(tree)
    uses: dict[str, set[str | None]] = {name: set() for name in free}
    inner: set[int] = set()
    for node in found:
        field: str | None
        if isinstance(node, nodes.Getattr):
            origin, field = node.node, node.attr
        elif isinstance(node, nodes.Getitem):
            origin, field = node.node, _constant(node.arg)
        else:
            continue
        if field is not None and isinstance(origin, nodes.Name) and origin.name in uses:
            uses[origin.name].add(field)
            inner.add(id(origin))
    for name in names:
        if id(name) not in inner and name.name in uses:
            uses[name.name].add(None)
    return uses


def _constant(argument: nodes.Expr) -> str | None:
    value = getattr(argument, "value", None)
    return value if isinstance(value, str) else None


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
