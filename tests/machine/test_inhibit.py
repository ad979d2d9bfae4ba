"""The machine stays awake while plainbox holds the lock, and no longer."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.machine.fake_programs import fake_program

import plainbox
from plainbox.machine.inhibit import Inhibitor

SET_CHILD_SUBREAPER = 36
LOGIND = """\
echo "$*" > "$0.called"
while [ "${1#--}" != "$1" ]; do shift; done
"$@"
echo over > "$0.over"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "run/dbus").mkdir(parents=True)
    (tmp_path / "run/dbus/system_bus_socket").touch()
    os.mkfifo(tmp_path / "over")
    return tmp_path


def wait_for_the_end(root: Path) -> str:
    """A pipe is read until the stand-in writes to it: no sleep, no polling."""
    return (root / "over").read_text()


def logind(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = LOGIND.replace("$0.over", str(root / "over"))
    fake_program(root, "systemd-inhibit", text, monkeypatch)


def test_the_lock_is_held_until_it_is_released(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logind(root, monkeypatch)
    inhibitor = Inhibitor("runs a plan", root)
    inhibitor.hold()
    assert inhibitor.note == ""
    assert inhibitor.held
    called = (root / "bin/systemd-inhibit.called").read_text()
    assert called.startswith("--what=idle:sleep --who=plainbox --why=runs a plan --mode=block")
    for _ in range(2):
        inhibitor.release()
        inhibitor.release()
        assert wait_for_the_end(root) == "over\n"
        assert not inhibitor.held
        inhibitor.hold()
        assert inhibitor.held
    inhibitor.close()
    assert wait_for_the_end(root) == "over\n"


def test_the_lock_ends_with_plainbox_however_it_ends(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logind(root, monkeypatch)
    text = (
        "import os, pathlib, signal\n"
        "from plainbox.machine.inhibit import Inhibitor\n"
        f"inhibitor = Inhibitor('x', pathlib.Path({str(root)!r}))\n"
        "inhibitor.hold()\n"
        "assert inhibitor.held\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = str(Path(plainbox.__file__).parents[1])
    environ = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", text], env=environ, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert wait_for_the_end(root) == "over\n"


def test_a_refusal_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_program(root, "systemd-inhibit", "exit 1", monkeypatch)
    inhibitor = Inhibitor("x", root)
    inhibitor.hold()
    assert "may go to sleep" in inhibitor.note
    inhibitor.release()
    inhibitor.hold()
    assert not inhibitor.held


def test_without_logind_a_note_says_so(tmp_path: Path) -> None:
    inhibitor = Inhibitor("x", tmp_path)
    inhibitor.hold()
    assert "no logind" in inhibitor.note
    assert not inhibitor.held


def test_the_lock_is_no_child_of_ours(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 0, 0, 0, 0)  # a run in this process was one
    logind(root, monkeypatch)
    inhibitor = Inhibitor("x", root)
    inhibitor.hold()
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    ours = children.read_text().split() if children.exists() else []
    names = [Path(f"/proc/{number}/cmdline").read_text() for number in ours]
    assert not any("inhibit" in name for name in names)
    inhibitor.close()
    assert wait_for_the_end(root) == "over\n"
