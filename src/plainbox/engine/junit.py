"""JUnit XML: the cases of test suites, read without trusting the file.

    <testsuites> <testsuite> <testcase classname= name= time=>
        [<failure message=> | <error message=> | <skipped message=>] text

A document type, which could define entities, is refused; nothing outside the text is ever read.
"""

from __future__ import annotations

import math
from typing import Final
from xml.parsers import expat

from plainbox.engine.tap import Cases
from plainbox.outcome import Outcome
from plainbox.session.events import Case

_OUTCOMES: Final = {
    "failure": Outcome.FAIL,
    "error": Outcome.FAIL,
    "rerunFailure": Outcome.PASS,
    "skipped": Outcome.SKIP,
}
_LONGEST: Final = 1000


class _Refused(ValueError):
    """The document has what is not read."""


class _Reader:
    """Takes what the parser finds."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self._attributes: dict[str, str] | None = None
        self._outcome = Outcome.PASS
        self._message = ""
        self._inside = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "testcase":
            self._attributes, self._outcome, self._message = attributes, Outcome.PASS, ""
        elif self._attributes is not None and name in _OUTCOMES and not self._outcome.bad:
            self._outcome = _OUTCOMES[name]
            self._message = attributes.get("message", "")
            self._inside = "" if self._message else name

    def text(self, text: str) -> None:
        if self._inside and len(self._message) < _LONGEST:
            self._message += text if self._message else text.lstrip()

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == self._inside:
            self._inside = ""
        elif name == "testcase" and self._attributes is not None:
            attributes, self._attributes = self._attributes, None
            self.cases.append(
                Case(_name(attributes), self._outcome, _line(self._message), _seconds(attributes))
            )


def read_junit(content: bytes) -> Cases:
    """The cases of a document; those before the first mistake where it has one."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    start = content.find(b"<")
    if start < 0:
        return Cases([], "there is no XML in the output")
    try:
        parser.Parse(content[start:], True)  # noqa: FBT003 - expat takes no names
    except expat.ExpatError as error:
        said = expat.ErrorString(error.code)
        junk = said == "junk after document element"
        return Cases(reader.cases, "" if junk else f"line {error.lineno} of the XML: {said}")
    except _Refused as error:
        return Cases(reader.cases, str(error))
    return Cases(reader.cases)


def _refuse(*_: object) -> None:
    raise _Refused("the XML has a document type, which is not read")


def _name(attributes: dict[str, str]) -> str:
    parts = (attributes.get("classname", ""), attributes.get("name", ""))
    return ".".join(filter(None, parts)) or "(without a name)"


def _line(message: str) -> str:
    """The first line of a message that says something."""
    return next(filter(None, map(str.strip, message.splitlines())), "")[:_LONGEST]


def _seconds(attributes: dict[str, str]) -> float | None:
    try:
        seconds = float(attributes.get("time", "").replace(",", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
