"""Write `docs/reference` out of what the code declares; run `python -m tools.reference`.

=============  ==========================================================
pages          made of
=============  ==========================================================
units/         the declarations of unit types and fields
flags          the flags of jobs
codes/         the pages of diagnostic codes that `plainbox explain` shows
commands/      the parsers of the commands
options        the options that files, the environment and flags can set
outcomes       the closed set of outcomes
exit-codes     the exit codes
=============  ==========================================================

A test compares the pages with what is written here.
"""

from __future__ import annotations

import argparse
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from plainbox import diagnostics
from plainbox.cli import COMMANDS
from plainbox.config import OPTIONS
from plainbox.diagnostics import Code
from plainbox.errors import ExitCode
from plainbox.fields.reference import page, table
from plainbox.outcome import Outcome
from plainbox.units import FLAGS
from plainbox.units.build import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
_FENCE = re.compile(r"^```(\w+) (bad|good)$", re.MULTILINE)
_SPECIAL = re.compile(r"([*<\[])")
_FORMS = {None: "{}", "?": "[{}]", "*": "[{} ...]", "+": "{} [{} ...]"}


def main(folder: Path = FOLDER) -> None:
    """Write all pages; remove those that nothing declares any more."""
    made = pages()
    for path in folder.rglob("*.md"):
        if path.relative_to(folder).as_posix() not in made:
            path.unlink()
    for name, text in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def pages() -> dict[str, str]:
    """The text of every page by its path in the folder."""
    made = {
        "flags.md": _flags(),
        "outcomes.md": _outcomes(),
        "exit-codes.md": _exit_codes(),
        "options.md": _options(),
    }
    units = {_slug(unit_type.type_name): page(unit_type) for unit_type in BUILT_IN}
    codes = {str(code): _code(code) for code in sorted(Code, key=str) if page_of(code).is_file()}
    commands = {name: _command(name) for name in COMMANDS}
    made |= {f"units/{name}.md": text for name, text in units.items()}
    made |= {f"codes/{name}.md": text for name, text in codes.items()}
    made |= {f"commands/{name}.md": text for name, text in commands.items()}
    made["units.md"] = _index("Unit types", "Each record of a unit file is one unit.", units)
    intro = "Every finding has a code; `plainbox explain CODE` prints its page."
    made["codes.md"] = _index("Diagnostic codes", intro, codes)
    intro = "`plainbox COMMAND --help` says in short what is said here."
    made["commands.md"] = _index("Commands", intro, commands)
    intro = "These pages are generated from the code: they are complete and up to date."
    parts = ("units", "flags", "codes", "commands", "options", "outcomes", "exit-codes")
    made["index.md"] = _lines(["# Reference", "", intro, "", *_contents(parts)])
    return dict(sorted(made.items()))


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _slug(name: str) -> str:
    return name.replace(" ", "-")


def _contents(names: Iterable[str]) -> list[str]:
    return ["```{toctree}", ":maxdepth: 1", "", *names, "```"]


def _index(title: str, intro: str, entries: Mapping[str, str]) -> str:
    folder = {"Unit types": "units", "Diagnostic codes": "codes", "Commands": "commands"}[title]
    return _lines([f"# {title}", "", intro, "", *_contents(f"{folder}/{name}" for name in entries)])


def _plain(text: str) -> str:
    """A text as it is, without a meaning in Markdown; what stands in backquotes is code."""
    parts = text.split("`")
    parts[::2] = [_SPECIAL.sub(r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)


def _flags() -> str:
    rows = ((f"`{name}`", meaning) for name, meaning in sorted(FLAGS.items()))
    intro = "What the field `flags` of a job can hold."
    return _lines(["# Flags", "", intro, "", *table(("flag", "meaning"), rows)])


def _outcomes() -> str:
    headers = ("outcome", "meaning", "label", "mark", "the job ran", "the run failed", "status")
    rows = (
        (
            f"`{outcome.value}`",
            outcome.look.title,
            outcome.look.label,
            f"`{outcome.look.mark}` or `{outcome.look.ascii_mark}`",
            "yes" if outcome.ran else "",
            "yes" if outcome.bad else "",
            f"`{outcome.look.status}`",
        )
        for outcome in Outcome
    )
    intro = "How a job can end, and the status that old report formats give it."
    return _lines(["# Outcomes", "", intro, "", *table(headers, rows)])


def _exit_codes() -> str:
    rows = ((str(int(code)), code.meaning) for code in ExitCode)
    return _lines(["# Exit codes", "", *table(("code", "meaning"), rows)])


def _options() -> str:
    headers = ("key", "meaning", "can be", "default", "variable", "flag")
    rows = (
        (
            f"`{option.key}`",
            _plain(option.help),
            option.kind.form,
            _plain(option.shown(option.default)),
            f"`{option.variable}`",
            f"`{option.flag}`" if option.flag else "",
        )
        for option in OPTIONS.values()
    )
    intro = (
        "A key of a configuration file stands in the section before its dot. Of the default, the"
        " file of the system, that of the user, the variable and the flag the later wins;"
        " `plainbox config explain KEY` tells where a value comes from. In `[environment]` stand"
        " variables for all jobs, in `[manifest]` values of manifest entries by full id."
    )
    return _lines(["# Options", "", intro, "", *table(headers, rows)])


def page_of(code: Code) -> Path:
    """Where the page of a code is written."""
    return Path(diagnostics.__file__).parent / "pages" / f"{code}.md"


def _code(code: Code) -> str:
    title, _, body = page_of(code).read_text("utf-8").partition("\n")
    body = _FENCE.sub(lambda match: f"{match[2].capitalize()}:\n\n```{_known(match[1])}", body)
    return _lines([title, "", f"Severity: {code.severity.word}.", body])


def _known(language: str) -> str:
    return language if language in ("ini", "python", "yaml", "sh") else "text"


def _command(name: str) -> str:
    parser = argparse.ArgumentParser(add_help=False)
    import_module(f"plainbox.cli.{name.replace('-', '_')}").add_arguments(parser)
    return _lines(_of_parser(parser, f"plainbox {name}", COMMANDS[name]))


def _of_parser(
    parser: argparse.ArgumentParser, title: str, purpose: str, level: int = 1
) -> Iterator[str]:
    actions = [
        action
        for action in parser._actions  # noqa: SLF001 - argparse has no other way to them
        if action.help != argparse.SUPPRESS and "--help" not in action.option_strings
    ]
    yield from (f"{'#' * level} {title}", "", _plain(_sentence(purpose)), "")
    yield from ("```text", " ".join([title, *map(_usage, actions)]), "```", "")
    if actions:
        yield from table(("argument", "meaning"), (_argument(action) for action in actions))
    if parser.epilog:
        yield from ("", "```text", parser.epilog, "```")
    for action in actions:
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            helps = {each.dest: each.help for each in action._choices_actions}  # noqa: SLF001
            for name, inner in action.choices.items():
                yield ""
                purpose = helps.get(name) or inner.description or name
                yield from _of_parser(inner, f"{title} {name}", purpose, level + 1)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _usage(action: argparse.Action) -> str:
    value = _value(action)
    if action.option_strings:
        name = max(action.option_strings, key=len)
        text = f"{name} {value}" if value else name
        return text if action.required else f"[{text}]"
    return value


def _value(action: argparse.Action) -> str:
    """What stands for the value of an argument; nothing where it takes none."""
    if action.nargs == 0:
        return ""
    name = action.metavar or action.dest
    if action.choices is not None and not action.metavar:
        name = "{" + ",".join(str(choice) for choice in action.choices) + "}"
    elif action.option_strings and not action.metavar:
        name = str(name).upper()
    form = _FORMS.get(action.nargs if isinstance(action.nargs, str) else None, "{}")
    return form.replace("{}", str(name))


def _argument(action: argparse.Action) -> tuple[str, str]:
    names = ", ".join(f"`{name}`" for name in action.option_strings)
    value = _value(action)
    if names and value:
        names = f"{names} `{value}`"
    values = {**vars(action), "prog": "plainbox"}
    return names or f"`{value}`", _plain((action.help or "") % values)


if __name__ == "__main__":
    main()
    sys.stdout.write(f"{len(pages())} pages in {FOLDER}\n")
