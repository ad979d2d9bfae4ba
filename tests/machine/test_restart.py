"""After a restart plainbox is started again by what the machine has."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from plainbox.machine.restart import (
    ENTRY,
    UNIT,
    Account,
    Autostart,
    SystemdUnit,
    find_restart,
    quoted_for_desktops,
    quoted_for_systemd,
)

ROOT = Account(0, Path("/root"), "root")
USER = Account(1000, Path("/home/ubuntu"), "ubuntu")
COMMAND = ["/usr/bin/plainbox", "resume", "12-a plan"]


def device(root: Path, *folders: str) -> Path:
    for folder in folders:
        (root / folder).mkdir(parents=True)
    return root


def files(root: Path) -> list[str]:
    return sorted(str(it.relative_to(root)) for it in root.rglob("*") if not it.is_dir())


def test_root_gets_a_unit_of_the_system(tmp_path: Path) -> None:
    root = device(tmp_path, "run/systemd/system", "etc/systemd/system", "etc/xdg/autostart")
    restart = find_restart(ROOT, {}, root)
    assert isinstance(restart, SystemdUnit)
    restart.prime(COMMAND)
    folder = root / "etc/systemd/system"
    text = (folder / UNIT).read_text()
    assert 'ExecStart=/usr/bin/plainbox resume "12-a plan"\n' in text
    assert "WantedBy=multi-user.target" in text
    link = folder / "multi-user.target.wants" / UNIT
    assert link.resolve() == folder / UNIT
    assert restart.describe() == "the session goes on by itself"


def test_priming_again_replaces_and_diffusing_leaves_nothing(tmp_path: Path) -> None:
    root = device(tmp_path, "run/systemd/system", "etc/systemd/system")
    restart = find_restart(ROOT, {}, root)
    assert restart is not None
    restart.prime(COMMAND)
    restart.prime(["/usr/bin/plainbox", "resume", "13"])
    assert "resume 13" in (root / "etc/systemd/system" / UNIT).read_text()
    assert len(files(root)) == 2
    restart.diffuse()
    restart.diffuse()
    assert files(root) == []


@pytest.mark.parametrize("lingers", [True, False])
def test_a_user_gets_a_unit_of_the_user_manager(tmp_path: Path, lingers: bool) -> None:  # noqa: FBT001
    root = device(tmp_path, "run/systemd/system", "run/user/1000/systemd", "home/ubuntu")
    if lingers:
        (root / "var/lib/systemd/linger").mkdir(parents=True)
        (root / "var/lib/systemd/linger/ubuntu").touch()
    restart = find_restart(USER, {}, root)
    assert restart is not None
    restart.prime(COMMAND)
    folder = root / "home/ubuntu/.config/systemd/user"
    assert (folder / "default.target.wants" / UNIT).resolve() == folder / UNIT
    assert ("by itself" if lingers else "when ubuntu logs in") in restart.describe()
    restart.diffuse()
    assert not (folder / UNIT).exists()


def test_a_desktop_without_systemd_gets_an_autostart_entry(tmp_path: Path) -> None:
    root = device(tmp_path, "etc/xdg/autostart", "home/ubuntu")
    restart = find_restart(USER, {"XDG_CONFIG_HOME": "/home/ubuntu/conf"}, root)
    assert isinstance(restart, Autostart)
    restart.prime(COMMAND)
    text = (root / "home/ubuntu/conf/autostart" / ENTRY).read_text()
    assert 'Exec=/usr/bin/plainbox resume "12-a plan"\n' in text
    assert "Terminal=true" in text
    assert "logs in" in restart.describe()
    restart.diffuse()
    assert not (root / "home/ubuntu/conf/autostart" / ENTRY).exists()


def test_a_machine_may_have_no_way_at_all(tmp_path: Path) -> None:
    assert find_restart(ROOT, {}, tmp_path) is None
    assert find_restart(USER, {}, tmp_path) is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_no_way(tmp_path: Path) -> None:
    root = device(tmp_path, "run/systemd/system", "etc/systemd/system")
    (root / "etc/systemd/system").chmod(0o555)
    assert find_restart(ROOT, {}, root) is None


@pytest.mark.parametrize("word", ["plain", "a b", 'q"q', "$HOME", "50%", "back\\slash", "`x`", "'"])
def test_words_are_started_as_they_are(word: str) -> None:
    systemd = quoted_for_systemd(word).replace("%%", "%").replace("$$", "$")
    assert _unquoted(systemd) == word
    value = quoted_for_desktops(word).replace("%%", "%").replace("\\\\", "\\")
    said = subprocess.run(["sh", "-c", f"printf %s {value}"], capture_output=True, check=True)
    assert said.stdout.decode() == word


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def test_a_command_of_several_lines_is_refused(tmp_path: Path) -> None:
    root = device(tmp_path, "run/systemd/system", "etc/systemd/system")
    restart = find_restart(ROOT, {}, root)
    assert restart is not None
    with pytest.raises(OSError, match="control characters"):
        restart.prime(["/bin/sh", "a\nExecStart=b"])
    assert files(root) == []
