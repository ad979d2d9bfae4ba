"""How an option is declared: one line says all that readers, help and screens need.

    jobs = Option(Whole(1), None, "How many run at once.", section="run", flag="--jobs")

`Settings.jobs` is the option, `settings.jobs` the value that counts. Layers, the later wins::

    default < file < launcher < environment < command line
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, overload

if TYPE_CHECKING:
    from plainbox.config.kinds import Kind
    from plainbox.config.settings import Settings

T = TypeVar("T")


class Layer(Enum):
    """Where values come from, the weakest first."""

    DEFAULT = "default"
    FILE = "file"
    LAUNCHER = "launcher"
    ENVIRONMENT = "environment"
    COMMAND_LINE = "command line"

    @property
    def strength(self) -> int:
        """Values of a stronger layer count."""
        return list(Layer).index(self)


class Stated(NamedTuple):
    """A value that somebody stated: as text, as what it means, and where.

    `place` is `file:line`, the name of a variable, or a flag.
    """

    value: Any
    text: str
    layer: Layer
    place: str


@dataclass(frozen=True, eq=False)
class Option(Generic[T]):
    """One option; its name is that of the attribute that declares it.

    `unset` says what holds where the default is `None`. Where an option `adds_up`, the values of
    all layers count together. `flag` and `variable` are empty where it has none. The key in a
    file is the name, in `section`.
    """

    kind: Kind[T]
    default: T
    help: str
    section: str
    flag: str = ""
    variable: str = ""
    metavar: str = ""
    unset: str = ""
    adds_up: bool = False
    name: str = field(default="", init=False)

    def __set_name__(self, owner: type[Settings], name: str) -> None:
        """Learn the name, and what follows from it."""
        object.__setattr__(self, "name", name)
        if not self.variable:
            object.__setattr__(self, "variable", f"PLAINBOX_{name.upper()}")

    @property
    def key(self) -> str:
        """The name with its section."""
        return f"{self.section}.{self.name}"

    @overload
    def __get__(self, settings: None, owner: type[Settings]) -> Option[T]: ...

    @overload
    def __get__(self, settings: Settings, owner: type[Settings]) -> T: ...

    def __get__(self, settings: Settings | None, owner: type[Settings]) -> Option[T] | T:
        """The option from the class, its value from an instance."""
        if settings is None:
            return self
        value: T = settings.value(self)
        return value

    def shown(self, value: object) -> str:
        """A value as people read it."""
        return self.unset if self.unset and not value else self.kind.show(value)
