"""Run helper programs, several at a time, each with a limit; jobs are run by the engine.

A helper reads a text, answers with text, and is not trusted to come to an end.
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class Call:
    """A program with its arguments, and what it reads."""

    words: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Reply:
    """What a program answered; `code` is `None` where it had to be ended or could not start."""

    code: int | None
    output: str = ""
    errors: str = ""


def find_program(name: str) -> str | None:
    """The path of a program, if there is one of that name."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = f"{folder or '.'}/{name}"
        if os.path.isfile(path) and os.access(path, os.X_OK):  # noqa: PTH113 - texts are faster
            return path
    return None


def call_all(calls: Sequence[Call], *, seconds: float = 5, at_once: int = 0) -> list[Reply]:
    """Run programs, a few at a time, each for so many seconds at most; replies in their order.

    They get an environment of their own, in which nothing but the PATH is set and messages are
    in English.
    """
    width = at_once or min(8, os.cpu_count() or 1)
    environ = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    replies: list[Reply] = []
    running: list[subprocess.Popen[bytes] | None] = []
    waiting = iter(calls)
    while True:
        while len(running) < width and (call := next(waiting, None)) is not None:
            running.append(_start(call, environ))
        if not running:
            return replies
        replies.append(_finish(running.pop(0), seconds))


def _start(call: Call, environ: dict[str, str]) -> subprocess.Popen[bytes] | None:
    with _file_of(call.text) as given:
        try:
            return subprocess.Popen(
                call.words,
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environ,
                start_new_session=True,
            )
        except OSError:
            return None


def _file_of(text: str) -> IO[bytes]:
    """A nameless file with a text, to be read from its start."""
    stream = open(os.memfd_create("text"), "w+b")  # noqa: SIM115 - the caller closes it
    stream.write(text.encode("utf-8", "surrogatepass"))
    stream.seek(0)
    return stream


def _finish(process: subprocess.Popen[bytes] | None, seconds: float) -> Reply:
    if process is None:
        return Reply(None)
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return Reply(None)
    return Reply(process.returncode, *_decoded(output, errors))


def _decoded(*streams: bytes) -> Iterator[str]:
    for stream in streams:
        yield stream.decode("utf-8", "replace")


class Standby:
    """A program that is run when it is wanted, and ends when it is not, or when we end.

    Its starter is no child of ours and started only once, so that nothing of it is ever taken for
    something that a job left behind: make it before orphans are taken in.
    """

    def __init__(self, words: Sequence[str]) -> None:
        """`words` run with the given arguments `/bin/sh -c …` added. Raise `OSError`."""
        starter = subprocess.Popen(
            ("/bin/sh", "-c", _STARTER, "sh", *words, "/bin/sh", "-c", _WANTED),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        starter.wait()
        assert starter.stdin is not None  # noqa: S101 - asked for above
        assert starter.stdout is not None  # noqa: S101 - asked for above
        self._orders: IO[bytes] = starter.stdin
        self._answers: IO[bytes] = starter.stdout

    def begin(self, seconds: float = 1) -> bool:
        """Have it run; whether it does so within so many seconds."""
        return self._order(b"begin\n") and _line(self._answers.fileno(), seconds) == b"runs"

    def end(self) -> None:
        """Have it end."""
        self._order(b"end\n")

    def _order(self, order: bytes) -> bool:
        try:
            os.write(self._orders.fileno(), order)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Have it end for good."""
        self._orders.close()
        self._answers.close()


_STARTER: Final = 'exec 3<&0; (while read -r _; do "$@" || echo refused; done) <&3 3<&- &'
_WANTED: Final = "echo runs; read -r _; exit 0"


def _line(descriptor: int, seconds: float) -> bytes:
    """The line that can be read within so many seconds, as far as it came."""
    content = b""
    until = time.monotonic() + seconds
    while not content.endswith(b"\n"):
        ready, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
        chunk = os.read(descriptor, 4096) if ready else b""
        if not chunk:
            break
        content += chunk
    return content.strip()
