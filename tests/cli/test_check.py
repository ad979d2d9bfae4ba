from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.catalog.provider_files import write_files

if TYPE_CHECKING:
    from tests.conftest import Answer, Program

MANAGE = (
    "from plainbox.provider_manager import setup\n"
    "setup(name='org.example:{0}', namespace='org.{0}')\n"
)
GOOD = "id: a\nplugin: shell\ncommand: true\n"
TYPO = "id: b\nplugin: shell\ncommand: true\nsumary: B\n"
BAD = "id: c\nplugin: shel\ncommand: true\n"
NOWHERE = {"PROVIDERPATH": "/nonexistent", "NO_COLOR": "1"}


def provider(folder: Path, name: str, **files: str) -> Path:
    units = {f"units/{file}.pxu": text for file, text in files.items()}
    return write_files(folder / name, {"manage.py": MANAGE.format(name), **units})


def check(program: Program, *words: str | Path, cwd: Path, text: str | None = None) -> Answer:
    return program("check", *words, env=NOWHERE, cwd=cwd, typed=text or "")


def summary(answer: Answer) -> str:
    return answer.out.splitlines()[-1].partition(" (")[0]


def test_a_provider_without_mistakes_exits_with_0(program: Program, tmp_path: Path) -> None:
    answer = check(program, provider(tmp_path, "one", a=GOOD), cwd=tmp_path)
    assert (answer.code, answer.err) == (0, "")
    assert summary(answer) == "0 errors, 0 warnings in 1 file"


def test_an_error_exits_with_1_and_a_warning_only_if_strict(
    program: Program, tmp_path: Path
) -> None:
    one = provider(tmp_path, "one", a=GOOD, b=TYPO)
    assert check(program, one, cwd=tmp_path).code == 0
    assert check(program, one, "--strict", cwd=tmp_path).code == 1
    answer = check(program, provider(tmp_path, "two", c=BAD), cwd=tmp_path)
    assert answer.code == 1
    assert "error[bad-value]: plugin: expected one of" in answer.out
    assert " --> two/units/c.pxu:2:9\n" in answer.out


def test_without_a_path_the_provider_of_the_current_folder_is_checked(
    program: Program, tmp_path: Path
) -> None:
    one = provider(tmp_path, "one", a=GOOD, b=TYPO)
    for folder in (one, one / "units"):
        assert summary(check(program, cwd=folder)) == "0 errors, 1 warning in 2 files"


def test_without_a_path_and_a_provider_the_installed_ones_are_checked(
    program: Program, tmp_path: Path
) -> None:
    one = provider(tmp_path, "one", b=TYPO)
    stated = f"[PlainBox Provider]\nname = org.example:one\nversion = 1\nlocation = {one}\n"
    write_files(tmp_path / "installed", {"one.provider": stated})
    (tmp_path / "elsewhere").mkdir()
    environ = {**NOWHERE, "PROVIDERPATH": str(tmp_path / "installed")}
    answer = program("check", env=environ, cwd=tmp_path / "elsewhere")
    assert summary(answer) == "0 errors, 1 warning in 1 file"


def test_a_folder_of_providers_is_all_of_them(program: Program, tmp_path: Path) -> None:
    provider(tmp_path, "one", b=TYPO)
    provider(tmp_path, "two", a=GOOD)
    assert summary(check(program, tmp_path, cwd=tmp_path)) == "0 errors, 1 warning in 2 files"


def test_of_a_file_or_folder_in_a_provider_only_that_is_reported_but_all_is_known(
    program: Program, tmp_path: Path
) -> None:
    needs = "id: d\nplugin: shell\ncommand: true\ndepends: a\nsumary: D\n"
    one = provider(tmp_path, "one", a=GOOD, b=TYPO, **{"sub/d": needs})
    for path in (one / "units" / "sub" / "d.pxu", one / "units" / "sub"):
        answer = check(program, path, cwd=tmp_path)
        assert summary(answer) == "0 errors, 1 warning in 1 file"
        assert "units/sub/d.pxu:5:1" in answer.out


def test_ids_are_looked_up_in_the_providers_beside_the_checked_one(
    program: Program, tmp_path: Path
) -> None:
    provider(tmp_path, "two", a=GOOD, b=TYPO)
    one = provider(tmp_path, "one", c=f"{GOOD}depends: org.two::a org.two::gone\n")
    answer = check(program, one, cwd=tmp_path)
    assert "error[unknown-job]: depends names no job: 'org.two::gone'" in answer.out
    assert summary(answer) == "1 error, 0 warnings in 1 file"


def test_standard_input_is_checked_as_the_file_that_it_is_named_for(
    program: Program, tmp_path: Path
) -> None:
    answer = check(program, "-", cwd=tmp_path, text=TYPO)
    assert " --> <stdin>:4:1" in answer.out
    one = provider(tmp_path, "one", a=GOOD, b=BAD)
    needs = "id: b\nplugin: shell\ncommand: ls\ndepends: [a, x]\n"
    name = "one/units/b.yaml"
    answer = check(program, "-", "--stdin-name", name, cwd=tmp_path, text=needs)
    assert "depends names no job: 'x'" in answer.out
    assert " --> one/units/b.yaml:4:14" in answer.out
    replaced = check(
        program, "-", "--stdin-name", "units/b.pxu", cwd=one, text=GOOD.replace("a", "b", 1)
    )
    assert summary(replaced) == "0 errors, 0 warnings in 1 file"


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ([], {"bad-value", "unknown-field"}),
        (["--select", "bad-value"], {"bad-value"}),
        (["--select", "bad-value,unknown-field"], {"bad-value", "unknown-field"}),
        (["--ignore", "bad-value", "--ignore", "unknown-field"], set()),
        (["--select", "id-characters"], {"id-characters"}),
        (["--strict"], {"bad-value", "unknown-field", "id-characters"}),
    ],
)
def test_codes_are_selected_and_ignored_and_hints_shown_to_who_asks(
    program: Program, tmp_path: Path, options: list[str], codes: set[str]
) -> None:
    one = provider(tmp_path, "one", b=TYPO, c=BAD.replace("c", "c_1", 1))
    answer = check(program, one, "--format", "json", *options, cwd=tmp_path)
    found = {each["code"] for each in json.loads(answer.out)["diagnostics"]}
    assert found == codes
    assert answer.code == int("bad-value" in codes or "--strict" in options)


def test_a_code_that_does_not_exist_is_a_usage_error(program: Program, tmp_path: Path) -> None:
    answer = check(program, "-", "--select", "bad-valu", cwd=tmp_path, text="")
    assert (answer.code, answer.err) == (
        2,
        "plainbox: there is no code 'bad-valu'\n  did you mean bad-value?\n",
    )


def test_a_path_that_does_not_exist_is_a_usage_error(program: Program, tmp_path: Path) -> None:
    answer = check(program, "nowhere", cwd=tmp_path)
    assert (answer.code, answer.err) == (2, "plainbox: there is no file or folder nowhere\n")


def test_fix_mends_files_and_counts_and_diff_only_shows(program: Program, tmp_path: Path) -> None:
    one = provider(tmp_path, "one", b=TYPO)
    file = one / "units" / "b.pxu"
    file.chmod(0o640)
    shown = check(program, one, "--diff", cwd=tmp_path)
    assert (shown.code, file.read_text()) == (1, TYPO)
    assert "-sumary: B\n+summary: B\n" in shown.out
    fixed = check(program, one, "--fix", cwd=tmp_path)
    assert (fixed.code, file.read_text()) == (0, TYPO.replace("sumary", "summary"))
    assert fixed.out.endswith(" · 1 fixed\n")
    assert file.stat().st_mode & 0o777 == 0o640
    assert check(program, one, "--diff", cwd=tmp_path).code == 0


def test_fix_of_standard_input_writes_the_text_and_reports_beside_it(
    program: Program, tmp_path: Path
) -> None:
    answer = check(program, "-", "--fix", cwd=tmp_path, text=TYPO)
    assert answer.out == TYPO.replace("sumary", "summary")
    assert answer.err.endswith("1 fixed\n")


def test_only_selected_mistakes_are_mended(program: Program, tmp_path: Path) -> None:
    one = provider(tmp_path, "one", b=TYPO)
    check(program, one, "--fix", "--ignore", "unknown-field", cwd=tmp_path)
    assert (one / "units" / "b.pxu").read_text() == TYPO


@pytest.mark.parametrize("how", ["json", "sarif", "github"])
def test_other_formats_say_nothing_else_on_standard_output(
    program: Program, tmp_path: Path, how: str
) -> None:
    one = provider(tmp_path, "one", b=TYPO)
    answer = check(program, one, "--format", how, cwd=tmp_path)
    assert answer.err == ""
    if how == "github":
        assert answer.out.startswith("::warning file=one/units/b.pxu,line=4,")
    else:
        json.loads(answer.out)


def test_what_cannot_be_read_does_not_hide_the_rest(program: Program, tmp_path: Path) -> None:
    one = provider(tmp_path, "one", a="nonsense\n\n" + TYPO, c=BAD)
    (one / "units" / "d.pxu").write_bytes(b"id: \xff\n")
    (one / "units" / "e.yaml").write_text("- a\n")
    answer = check(program, one, cwd=tmp_path)
    for code in ("syntax", "unknown-field", "bad-value", "unreadable-file"):
        assert f"[{code}]" in answer.out
    assert summary(answer) == "4 errors, 1 warning in 4 files"


def test_the_provider_that_ships_with_plainbox_has_no_mistakes(
    program: Program, tmp_path: Path
) -> None:
    import plainbox

    smoke = Path(plainbox.__file__).parent / "providers" / "smoke"
    answer = check(program, smoke, "--strict", "--ignore", "id-characters", cwd=tmp_path)
    assert answer.code == 0, answer.out


def test_a_terminal_without_the_sign_gets_a_plain_one(program: Program, tmp_path: Path) -> None:
    one = provider(tmp_path, "one", b=TYPO)
    answer = program("check", one, env={**NOWHERE, "PYTHONIOENCODING": "ascii"}, cwd=tmp_path)
    assert " - 1 can be fixed" in answer.out.splitlines()[-1]
