"""What jobs find around them: `spec/runtime.md` 2.2, without anything of plainbox's own."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.planning.units_of_text import job

from plainbox.engine.environment import Surroundings, caller_environment, device_environment
from plainbox.errors import StorageError
from plainbox.fields import Owner
from plainbox.session.store import SessionFolder, Store
from plainbox.testing import Bench

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.conftest import Program

    from plainbox.units import Job

CALLER = {"PATH": "/usr/bin:/bin", "HOME": "/home/u", "LANG": "de_DE.UTF-8", "LC_TIME": "fr_FR"}


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    return Store(tmp_path).create("x")


def owned(text: str, owner: Owner) -> Job:
    made = job(text)
    made.owner = owner
    return made


def environment_of(
    folder: SessionFolder,
    owner: Owner,
    *more: str,
    programs: Sequence[tuple[str, str]] = (),
    environ: Mapping[str, str] = CALLER,
) -> dict[str, str]:
    subject = owned("\n".join(("id: a", "plugin: shell", "command: true", *more)) + "\n", owner)
    return Surroundings(folder, environ, lambda _: programs).environment(subject)


def test_jobs_have_the_environment_of_the_caller(folder: SessionFolder) -> None:
    environment = environment_of(folder, Owner("p", "ns"))
    assert environment["HOME"] == "/home/u"
    assert environment["LC_TIME"] == "fr_FR"


def test_the_programs_of_the_namespace_come_first_in_the_path(folder: SessionFolder) -> None:
    environment = environment_of(folder, Owner("p", "ns"), programs=[("tool", "/opt/p/bin/tool")])
    assert environment["PATH"] == f"{folder.programs}/ns:/usr/bin:/bin"
    assert str((folder.programs / "ns" / "tool").readlink()) == "/opt/p/bin/tool"


def test_the_first_of_two_programs_of_one_name_wins(folder: SessionFolder) -> None:
    environment_of(folder, Owner("p", "ns"), programs=[("tool", "/first"), ("tool", "/second")])
    assert str((folder.programs / "ns" / "tool").readlink()) == "/first"


def test_a_resumed_session_finds_programs_where_they_are_now(folder: SessionFolder) -> None:
    environment_of(folder, Owner("p", "ns"), programs=[("a", "/old/a"), ("b", "/b"), ("c", "/c")])
    environment_of(folder, Owner("p", "ns"), programs=[("a", "/new/a"), ("b", "/b")])
    links = {link.name: str(link.readlink()) for link in (folder.programs / "ns").iterdir()}
    assert links == {"a": "/new/a", "b": "/b"}


@pytest.mark.parametrize("namespace", ["..", ".", "a/b", "../../x", "ü"])
def test_a_namespace_of_any_letters_has_a_folder_of_its_own(
    folder: SessionFolder, namespace: str
) -> None:
    environment = environment_of(folder, Owner("p", namespace), programs=[("tool", "/t")])
    links = environment["PATH"].split(":")[0]
    assert links.startswith(f"{folder.programs}/other-")
    assert [entry.name for entry in folder.programs.iterdir()] == [links.rpartition("/")[2]]


def test_programs_that_cannot_be_linked_are_a_failure_of_plainbox(folder: SessionFolder) -> None:
    (folder.programs / "ns").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be linked"):
        environment_of(folder, Owner("p", "ns"))


def test_the_session_share_has_both_names(folder: SessionFolder) -> None:
    environment = environment_of(folder, Owner("p", "ns"), environ={"CHECKBOX_DATA": "/other"})
    assert environment["PLAINBOX_SESSION_SHARE"] == str(folder.share)
    assert environment["CHECKBOX_DATA"] == str(folder.share)
    assert folder.share.name == "CHECKBOX_DATA"


def test_the_folders_of_the_provider_are_named_as_far_as_they_exist(
    folder: SessionFolder, tmp_path: Path
) -> None:
    names = {
        "CHECKBOX_SHARE",
        "PLAINBOX_PROVIDER_DATA",
        "PLAINBOX_PROVIDER_UNITS",
        "TEXTDOMAIN",
        "TEXTDOMAINDIR",
        "PLAINBOX_PROVIDER_GETTEXT_DOMAIN",
        "PLAINBOX_PROVIDER_LOCALE_DIR",
    }
    bare = Owner("p", "ns")
    assert not names & set(environment_of(folder, bare))
    owner = replace(
        bare,
        root=tmp_path,
        data_dir=tmp_path / "data",
        units_dir=tmp_path / "units",
        locale_dir=tmp_path / "mo",
        gettext_domain="words",
    )
    environment = environment_of(folder, owner)
    assert {name: environment[name] for name in names} == {
        "CHECKBOX_SHARE": str(tmp_path),
        "PLAINBOX_PROVIDER_DATA": f"{tmp_path}/data",
        "PLAINBOX_PROVIDER_UNITS": f"{tmp_path}/units",
        "TEXTDOMAIN": "words",
        "TEXTDOMAINDIR": f"{tmp_path}/mo",
        "PLAINBOX_PROVIDER_GETTEXT_DOMAIN": "words",
        "PLAINBOX_PROVIDER_LOCALE_DIR": f"{tmp_path}/mo",
    }


def test_reset_locale_leaves_no_language_but_c(folder: SessionFolder, tmp_path: Path) -> None:
    owner = replace(Owner("p", "ns"), locale_dir=tmp_path, gettext_domain="words")
    caller = {**CALLER, "LANGUAGE": "de", "LC_ALL": "de_DE.UTF-8"}
    environment = environment_of(folder, owner, "flags: reset-locale", environ=caller)
    assert environment["LANG"] == "C.UTF-8"
    left = [key for key in environment if key.startswith(("LC_", "LANGUAGE", "TEXTDOMAIN"))]
    assert left == []
    assert environment["HOME"] == "/home/u"


def test_nothing_of_the_virtual_environment_is_passed_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "venv" / "bin"
    own.mkdir(parents=True)
    (tmp_path / "alias").symlink_to(tmp_path / "venv")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    path = f"{own}:/usr/bin:{tmp_path}/alias/bin:/bin"
    environment = device_environment(
        {"PATH": path, "VIRTUAL_ENV": "x", "VIRTUAL_ENV_PROMPT": "x", "PYTHONHOME": "x", "A": "b"}
    )
    assert environment == {"PATH": "/usr/bin:/bin", "A": "b", "SYSTEMD_IGNORE_CHROOT": "1"}
    assert device_environment({"PATH": str(own)})["PATH"], "never the current folder"
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    assert device_environment({"PATH": path})["PATH"] == path


def test_bash_runs_commands_unless_a_job_says_otherwise(folder: SessionFolder) -> None:
    surroundings = Surroundings(folder, CALLER, lambda _: ())
    bash = surroundings.arguments(job("id: a\ncommand: x\n"), "x")
    assert bash[0].endswith("/bash")
    assert bash[1:] == ["-c", "x"]
    other = surroundings.arguments(job("id: a\nshell: /bin/sh\ncommand: x\n"), "x")
    assert other == ["/bin/sh", "-c", "x"]


@pytest.mark.parametrize(
    ("own", "now", "expected"),
    [
        (b"A=b\0", "C.UTF-8", None),
        (b"A=b\0LC_CTYPE=\0", "C.UTF-8", ""),
        (b"LC_CTYPE=C.UTF-8\0", "C.UTF-8", "C.UTF-8"),
        (b"LC_CTYPE=C\0", "C.UTF-8", "C"),
        (b"A=b\0", "de_DE.UTF-8", "de_DE.UTF-8"),
        (None, "C.UTF-8", "C.UTF-8"),
    ],
)
def test_what_python_sets_for_itself_is_not_the_callers(
    own: bytes | None,
    now: str,
    expected: str | None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("LC_CTYPE", now)
    if own is not None:
        (tmp_path / "environ").write_bytes(own)
    assert caller_environment(tmp_path / "environ").get("LC_CTYPE") == expected


def test_a_job_sees_the_environment_that_the_program_was_called_in(
    tmp_path: Path, program: Program
) -> None:
    bench = Bench(tmp_path, {"units/a.pxu": "id: a\nplugin: shell\ncommand: env -0\n"})
    language = {"LANG": "", "LC_ALL": "", "LC_CTYPE": ""}
    environ = {**language, "VIRTUAL_ENV": "/v", "PYTHONHOME": "", "ODD": "a\nb"}
    assert program("run", "--provider", bench.provider, "a", env=environ).code == 0
    (session,) = bench.store.sessions()
    output = (session.logs / "1.log").read_bytes().decode()
    told = dict(pair.split("=", 1) for pair in output.rstrip("\0").split("\0"))
    assert told["ODD"] == "a\nb"
    assert told["LC_CTYPE"] == "", "not C.UTF-8, which Python would set"
    assert "VIRTUAL_ENV" not in told
    assert sys.prefix == sys.base_prefix or f"{sys.prefix}/bin" not in told["PATH"].split(":")
