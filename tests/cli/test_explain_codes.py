from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.diagnostics import Code

if TYPE_CHECKING:
    from tests.conftest import Program


def test_a_code_is_explained_by_its_page(program: Program) -> None:
    answer = program("explain", "unknown-job")
    assert answer.code == 0
    assert answer.out.startswith("# unknown-job (error)\n\nA field names a job")
    assert program("explain", "code:unknown-job").out == answer.out


def test_without_a_word_all_codes_are_listed(program: Program) -> None:
    lines = program("explain").out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(str(code) for code in Code)


def test_a_word_that_nothing_is_called_is_a_usage_error(program: Program) -> None:
    answer = program("explain", "code:unknown-jb")
    assert (answer.code, answer.err) == (
        2,
        "plainbox: there is no code 'unknown-jb'\n  did you mean unknown-job?\n",
    )


def test_job_in_front_means_a_job(program: Program) -> None:
    answer = program("explain", "job:unknown-job")
    assert answer.code == 2
    assert "unknown-job" in answer.err
