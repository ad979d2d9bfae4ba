"""Python programs of providers: what they import that the device does not have.

Only imports at the very left of a line count: those that a program makes in any case. They are
found by their form; a device's own Python is asked, once, which of the names it can find.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import TYPE_CHECKING, Final

from plainbox.machine.programs import Call, call_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST: Final = 1_000_000
_SECONDS: Final = 5.0
_MOST_NAMES: Final = 500
_NAME: Final = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_FROM: Final = re.compile(rf"^from\s+({_NAME})\s+import\b", re.MULTILINE)
_IMPORT: Final = re.compile(
    rf"^import\s+({_NAME}(?:\s+as\s+\w+)?(?:\s*,\s*{_NAME}(?:\s+as\s+\w+)?)*)\s*(?:[#;].*)?$",
    re.MULTILINE,
)
_PYTHON: Final = re.compile(r"(?:^|/)python3?(?:\.\d+)?$")

_ASK: Final = """\
import sys, json
sys.path[:1] = []
from importlib.util import find_spec
for name in json.load(sys.stdin):
    try:
        there = name in sys.builtin_module_names or find_spec(name) is not None
    except Exception:
        there = True
    if not there:
        print(name)
"""

PACKAGES: Final = {
    "checkbox_support": "python3-checkbox-support",
    "checkbox_ng": "python3-checkbox-ng",
    "plainbox": "python3-checkbox-ng",
    "yaml": "python3-yaml",
    "gi": "python3-gi",
    "dbus": "python3-dbus",
    "requests": "python3-requests",
    "serial": "python3-serial",
    "packaging": "python3-packaging",
    "evdev": "python3-evdev",
    "psutil": "python3-psutil",
    "natsort": "python3-natsort",
    "pyparsing": "python3-pyparsing",
    "xdg": "python3-xdg",
}
"""The packages of Ubuntu and Debian that have a module."""


def interpreter_of(path: str) -> str:
    """The interpreter that the first line of a program names; empty where it names none."""
    try:
        with open(path, "rb") as stream:
            first = stream.readline(256)
    except OSError:
        return ""
    if not first.startswith(b"#!"):
        return ""
    words = first[2:].decode("utf-8", "replace").split()
    if words and os.path.basename(words[0]) == "env":  # noqa: PTH119 - a text
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return words[0] if words else ""


def is_python(interpreter: str) -> bool:
    """Whether an interpreter is Python."""
    return _PYTHON.search(interpreter) is not None


def imported_names(path: str) -> frozenset[str]:
    """The top-level names that a Python program imports, but for those beside it."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            text = stream.read(_LONGEST)
    except OSError:
        return frozenset()
    folder = os.path.dirname(os.path.realpath(path))  # noqa: PTH120 - a text
    names = set(_names(text))
    return frozenset(name for name in names if not _is_beside(folder, name))


def _names(text: str) -> Iterator[str]:
    for match in _FROM.finditer(text):
        yield match[1].partition(".")[0]
    for match in _IMPORT.finditer(text):
        for part in match[1].split(","):
            yield part.split()[0].partition(".")[0]


def _is_beside(folder: str, name: str) -> bool:
    return os.path.exists(f"{folder}/{name}.py") or os.path.isdir(f"{folder}/{name}")  # noqa: PTH110,PTH112


def missing_modules(names: Iterable[str], path: str, python: str = "python3") -> frozenset[str]:
    """The names that the Python of a PATH cannot find; none where it cannot be asked."""
    wanted = sorted(set(names) - {"__future__"})[:_MOST_NAMES]
    program = shutil.which(python, path=path) if wanted else None
    if program is None:
        return frozenset()
    call = Call((program, "-c", _ASK), json.dumps(wanted))
    (reply,) = call_all([call], seconds=_SECONDS)
    return frozenset(reply.output.split()) if reply.code == 0 else frozenset()
