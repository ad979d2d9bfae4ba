from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.checking.checked import RESOURCE, check, check_files, codes

from plainbox.machine.programs import find_program

if TYPE_CHECKING:
    from pathlib import Path

JOB = "id: j\nplugin: shell\ncommand:\n"
needs_bash = pytest.mark.skipif(find_program("bash") is None, reason="there is no bash")


@needs_bash
@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([" if true; then", "   echo a"], "echo a"),
        ([" echo a", " done"], "done"),
        ([" for x in 1 2; do", "   echo $x", " fi"], "fi"),
        ([" echo $(ls"], "echo $(ls"),
    ],
)
def test_a_command_that_bash_cannot_read_is_found_at_its_line(lines: list[str], text: str) -> None:
    found = check(JOB + "\n".join(lines) + "\n")
    assert [line.split(":")[0] for line in found] == [f"error[shell-syntax] @{text}"]


@needs_bash
@pytest.mark.parametrize(
    "lines",
    [
        " cat <<EOF\n don't\n EOF",
        " if [ a ]; then echo b; fi",
        " x=(1 2); echo ${x[0]}",
        " shopt -s extglob\n rm !(keep)",
        " case $x in a) echo 1;; *) ;; esac",
        " [[ $x =~ ^(a|b)$ ]] && echo y",
    ],
)
def test_a_command_that_bash_can_read_is_no_finding(lines: str) -> None:
    assert codes(f"{JOB}{lines}\n") == []


@needs_bash
def test_an_endless_here_document_is_a_warning() -> None:
    assert check(f"{JOB} cat <<EOF\n text\n")[0].startswith("warning[shell-syntax]")


def test_a_quote_that_never_closes_is_told_once() -> None:
    assert check(f"{JOB} if true; then\n echo 'a\n fi\n") == [
        "error[shell-syntax] @': command: no closing quote"
    ]


@needs_bash
def test_the_command_of_a_template_is_read_as_its_instances_have_it() -> None:
    text = RESOURCE + (
        "unit: template\ntemplate-resource: device\nid: t_{x}\nplugin: shell\ncommand:\n"
        " echo ${{HOME}} {x}\n if true; then echo; done\n"
    )
    found = check(text)
    assert [line.split(":")[0] for line in found] == ["error[shell-syntax] @done"]


def test_checking_runs_nothing(tmp_path: Path) -> None:
    made = tmp_path / "made"
    text = f"{JOB} touch {made}; $(touch {made}) `touch {made}`\n if\n"
    expression = f"requires: int('1' if open('{made}', 'w') else 1) == 1\n"
    check_files({"a.pxu": text, "b.pxu": f"id: k\nplugin: shell\ncommand: true\n{expression}"})
    check_files({"a.yaml": f"id: !!python/object/apply:os.system ['touch {made}']\n"})
    jinja = f"{{{{ ''.__class__.__mro__[1].__subclasses__() }}}} $(touch {made}) \"${{x["
    check_files({"a.pxu": f"id: l\nplugin: shell\ntemplate-engine: jinja2\ncommand: {jinja}\n"})
    assert not made.exists()


def test_a_shell_that_is_not_there_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert codes(f"{JOB} if true; then\n") == []
