"""Whom jobs run as, what such jobs find, and who may enter the folders of a session."""

from __future__ import annotations

import os
import stat
import struct
from typing import TYPE_CHECKING

import pytest

from plainbox.engine.access import hand_over, share_with
from plainbox.engine.users import (
    Account,
    Way,
    available_users,
    environment_for,
    find_account,
    normal_user,
    own_account,
    ways_to_root,
)
from plainbox.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

ROOT = Account("root", 0, 0, "/root", "/bin/bash")
ANN = Account("ann", 1001, 1001, "/home/ann", "/bin/sh")


def test_jobs_run_as_plainbox_does_where_that_is_not_root() -> None:
    assert normal_user(None, {"SUDO_USER": "root"}, ANN) == (ANN, "")


@pytest.mark.parametrize(
    "environ",
    [{"SUDO_USER": "nobody"}, {"DOAS_USER": "nobody"}, {"PKEXEC_UID": "65534"}],
)
def test_below_sudo_and_the_like_jobs_run_as_the_caller(environ: dict[str, str]) -> None:
    if (nobody := find_account(65534)) is None or nobody.name != "nobody":
        pytest.skip("there is no user nobody of that number")
    assert normal_user(None, environ, ROOT) == (nobody, "")


@pytest.mark.parametrize(
    "environ", [{}, {"SUDO_USER": "root"}, {"SUDO_USER": "no-such-user"}, {"PKEXEC_UID": "x"}]
)
def test_root_that_nobody_called_runs_jobs_itself_and_says_so(environ: dict[str, str]) -> None:
    account, notice = normal_user(None, environ, ROOT)
    assert account == ROOT
    assert "--normal-user" in notice


def test_the_normal_user_that_was_asked_for_must_exist() -> None:
    assert normal_user("root", {"SUDO_USER": "nobody"}, ROOT)[0].uid == 0
    with pytest.raises(UsageError, match="no user 'no-such-user'"):
        normal_user("no-such-user", {}, ROOT)


def test_a_job_of_another_user_has_the_environment_of_that_user() -> None:
    caller = {
        "HOME": "/home/me",
        "USER": "me",
        "PATH": "/usr/bin",
        "LANG": "de_DE.UTF-8",
        "LC_TIME": "C",
        "SECRET": "x",
        "NAMED": "y",
        "DISPLAY": ":0",
    }
    job = {**caller, "PATH": "/links:/usr/bin", "PLAINBOX_SESSION_SHARE": "/s", "NEW": "z"}
    found = environment_for(ANN, job, caller, ["NAMED", "ABSENT"])
    ours = {
        k: v for k, v in found.items() if k not in ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
    }
    assert ours == {
        "HOME": "/home/ann", "USER": "ann", "LOGNAME": "ann", "SHELL": "/bin/sh",
        "PATH": "/links:/usr/bin", "LANG": "de_DE.UTF-8", "LC_TIME": "C", "NAMED": "y",
        "PLAINBOX_SESSION_SHARE": "/s", "NEW": "z",
    }  # fmt: skip


def test_root_finds_the_programs_of_the_system() -> None:
    path = environment_for(ROOT, {"PATH": "/links:/usr/bin:/sbin"}, {})["PATH"]
    assert path == "/links:/usr/bin:/sbin:/usr/local/sbin:/usr/sbin"


def test_a_locale_that_was_reset_stays_reset() -> None:
    caller = {"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8"}
    found = environment_for(ANN, {"LANG": "C.UTF-8"}, caller)
    assert found["LANG"] == "C.UTF-8"
    assert "LC_ALL" not in found


def test_programs_that_make_root_are_found_in_their_order(tmp_path: Path) -> None:
    for name in ("doas", "sudo-rs", "run0"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    found = ways_to_root(str(tmp_path))
    assert [os.path.basename(way.program) for way in found] == ["sudo-rs", "doas", "run0"]  # noqa: PTH119 - text
    assert found[0] == Way(str(tmp_path / "sudo-rs"), ("-n", "--"), ("--",))


def test_whom_plainbox_may_become_is_known_before_it_tries(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert available_users(["root", "no-such-user"], ROOT) == {"root"}
    monkeypatch.setenv("PATH", str(tmp_path))
    assert available_users(["root"], ANN) == {"ann"}
    (tmp_path / "sudo").write_text("#!/bin/sh\n")
    (tmp_path / "sudo").chmod(0o755)
    assert available_users(["root"], ANN) == {"ann", "root"}


def _named_users(folder: Path) -> dict[int, int]:
    entries = os.getxattr(folder, "system.posix_acl_access")[4:]
    return {who: may for tag, may, who in struct.iter_unpack("<HHI", entries) if tag == 2}


def test_a_share_belongs_to_one_user_and_lets_others_in(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    own = own_account()
    other = Account("other", 4242, 4242, "/", "/bin/sh")
    share_with(share, own, [other, ROOT])
    try:
        named = _named_users(share)
    except OSError:
        assert stat.S_IMODE(share.stat().st_mode) == 0o1777, "open to all, but sticky"
    else:
        assert named == {4242: 7}
        assert stat.S_IMODE(share.stat().st_mode) & 0o7 == 0


def test_a_working_folder_is_its_users_alone(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir(mode=0o755)
    hand_over(work, own_account())
    assert stat.S_IMODE(work.stat().st_mode) == 0o700
    if os.geteuid() == 0:
        hand_over(work, ANN)
        assert (work.stat().st_uid, work.stat().st_gid) == (1001, 1001)


def test_a_link_in_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(OSError, match=r"link|directory"):
        hand_over(tmp_path / "link", own_account())
