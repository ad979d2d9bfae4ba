"""Whether shells can read the commands of jobs; nothing of a command is run.

Most commands are cleared by `shell_text`. The others are shown to the shell of the job, which
reads them without running them, several at a time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.diagnostics import Code, Diagnostic, Severity
from plainbox.fields import Place
from plainbox.machine.programs import Call, call_all, find_program
from plainbox.shell_text import read_shell
from plainbox.templating import rendered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plainbox.fields import Unit
    from plainbox.machine.programs import Reply
    from plainbox.text import Span
    from plainbox.units import Job

_MESSAGE: Final = re.compile(r"^[^\n]*?(?:line )?(\d+): (?!.*\bline \d+: )(.*)$", re.MULTILINE)
_NEAR: Final = re.compile(r"near unexpected token `(.*)'|Syntax error: \"(.*)\" unexpected")
_GLOBS: Final = re.compile(r"[@?*+!]\(")
_LEVELS: Final = {"error": Severity.WARNING, "warning": Severity.WARNING}
_PLACED: Final = re.compile(r"^[^:\n]*:(\d+):(\d+): (\w+): (.*) \[(SC\d+)\]$", re.MULTILINE)
_NOT_FOR_US: Final = "1090,1091,2148"


class Command(NamedTuple):
    """A command as the shell gets it; `unit` is where it stands, `job` whose it is."""

    unit: Unit
    job: Job
    text: str


def command_of(unit: Unit, job: Job) -> Command | None:
    """The command of a job; one that Jinja2 renders is rendered."""
    text = job.command
    if not text or {"command", "shell"} & job.bad_fields or read_shell(text).open_at >= 0:
        return None
    if job.instance is None and job.template_engine == "jinja2":
        made = rendered(job.record)
        if made.flaws:
            return None
        entry = made.record.get("command")
        text = str(entry.value) if entry else text
    return Command(unit, job, text)


def syntax_of(commands: Sequence[Command]) -> Iterator[tuple[Unit, Diagnostic]]:
    """What shells cannot read."""
    doubtful: dict[tuple[str, str], list[Command]] = {}
    for command in commands:
        known = read_shell(command.text)
        is_plain = command.job.shell == "/bin/sh"
        if not known.clear or (is_plain and not known.plain):
            shell = "sh" if is_plain else "bash"
            doubtful.setdefault((shell, command.text), []).append(command)
    shells = {name: _shell(name) for name in {name for name, _ in doubtful}}
    asked = [key for key in doubtful if shells[key[0]]]
    calls = [Call((*_words(shells[name] or name, text),), text) for name, text in asked]
    for key, reply in zip(asked, call_all(calls), strict=True):
        if reply.code is None or (reply.code == 0 and not reply.errors):
            continue
        for command in doubtful[key]:
            yield command.unit, _diagnostic(command, reply)


def _shell(name: str) -> str | None:
    return find_program(name) or find_program("sh")


def _words(shell: str, text: str) -> Iterator[str]:
    yield shell
    if shell.endswith("bash") and _GLOBS.search(text):
        yield from ("-O", "extglob")  # a command may turn it on, which is not done here
    yield "-n"


def _diagnostic(command: Command, reply: Reply) -> Diagnostic:
    found = _MESSAGE.search(reply.errors)
    line, message = (int(found[1]), found[2]) if found else (1, reply.errors.strip())
    near = _NEAR.search(message)
    token = (near[1] or near[2] or "") if near else ""
    message = message.removeprefix("warning: ").removeprefix("Syntax error: ")
    return Diagnostic(
        Code.SHELL_SYNTAX,
        f"command: {message}",
        _span(command, line, token),
        "the shell gives up here" if reply.code else "",
        level=None if reply.code else Severity.WARNING,
    )


def _span(command: Command, line: int, word: str = "", column: int = 0) -> Span:
    """Where a line of the command, or a word in it, stands in the unit file."""
    lines = command.text.split("\n")
    line = min(max(line, 1), len(lines))
    while line > 1 and not lines[line - 1].strip():
        line -= 1
    start = sum(len(text) + 1 for text in lines[: line - 1])
    text = lines[line - 1]
    at = text.find(word) if word and word != "newline" else -1
    if column:
        place = Place(start + min(column, len(text)) - 1, start + max(column, len(text)))
    elif at >= 0:
        place = Place(start + at, start + at + len(word))
    else:
        indent = len(text) - len(text.lstrip())
        place = Place(start + indent, start + max(len(text), 1))
    if command.text != command.job.command:
        return command.job.span("command")
    return command.job.span("command", place)


def shellcheck_of(commands: Sequence[Command], program: str) -> Iterator[tuple[Unit, Diagnostic]]:
    """What shellcheck has to say about commands."""
    texts: dict[tuple[str, str], list[Command]] = {}
    for command in commands:
        shell = "sh" if command.job.shell == "/bin/sh" else "bash"
        texts.setdefault((shell, command.text), []).append(command)
    words = (program, "--format=gcc", "--norc", f"--exclude={_NOT_FOR_US}")
    calls = [Call((*words, f"--shell={shell}", "-"), text) for shell, text in texts]
    for alike, reply in zip(texts.values(), call_all(calls, seconds=30), strict=True):
        for line, column, level, message, number in _PLACED.findall(reply.output):
            for command in alike:
                yield (
                    command.unit,
                    Diagnostic(
                        Code.SHELLCHECK,
                        f"command: {message} [{number}]",
                        _span(command, int(line), column=int(column)),
                        level=_LEVELS.get(level, Severity.ADVICE),
                    ),
                )
