"""What keeps a machine from being ready is read without starting or locking anything."""

from __future__ import annotations

import json
import os
import socket
import threading
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from tests.machine.fake_programs import fake_program

from plainbox.machine.busy import busy
from plainbox.machine.python_programs import (
    imported_names,
    interpreter_of,
    is_python,
    missing_modules,
)
from plainbox.machine.time_sync import clock_problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = 1_790_000_000.0


def write(root: Path, name: str, text: str = "") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def said(root: Path, seconds: float = 0.0) -> list[str]:
    return [remark.text for remark in busy(root, seconds)]


def hold(root: Path, place: str, process: int, comm: str) -> None:
    about = write(root, place).stat()
    device = f"{os.major(about.st_dev):02x}:{os.minor(about.st_dev):02x}"
    with write(root, "proc/locks").open("a") as locks:
        locks.write(f"1: POSIX  ADVISORY  WRITE {process} {device}:{about.st_ino} 0 EOF\n")
    write(root, f"proc/{process}/comm", f"{comm}\n")


def test_an_idle_machine_has_nothing_to_say(tmp_path: Path) -> None:
    write(tmp_path, "var/lib/dpkg/lock-frontend")
    write(tmp_path, "proc/locks", "1: POSIX ADVISORY WRITE 5 00:1a:99 0 EOF\nnonsense\n")
    assert said(tmp_path) == []


def test_who_holds_the_lock_of_a_package_manager_is_named_once(tmp_path: Path) -> None:
    hold(tmp_path, "var/lib/dpkg/lock-frontend", 77, "unattended-upgr")
    (text,) = said(tmp_path)
    assert text.startswith("unattended-upgr is changing packages (process 77)")


def test_a_process_number_in_a_file_counts_only_while_it_lives(tmp_path: Path) -> None:
    write(tmp_path, "var/cache/dnf/metadata_lock.pid", "88\n")
    assert said(tmp_path) == []
    write(tmp_path, "proc/88/comm", "dnf\n")
    assert "dnf is changing packages" in said(tmp_path)[0]


def test_cloud_init_is_busy_until_it_says_what_came_of_it(tmp_path: Path) -> None:
    write(tmp_path, "run/cloud-init/status.json", "{}")
    assert said(tmp_path) == ["cloud-init is still setting this machine up"]
    write(tmp_path, "run/cloud-init/result.json", "{}")
    assert said(tmp_path) == []


def test_a_restart_that_an_update_waits_for_is_told(tmp_path: Path) -> None:
    write(tmp_path, "run/reboot-required")
    assert "waits for a restart" in said(tmp_path)[0]


@pytest.fixture
def snapd(tmp_path: Path) -> Iterator[dict[str, object]]:
    """A daemon that answers two questions from `answers`, by the path that is asked for."""
    answers: dict[str, object] = {}
    (tmp_path / "run").mkdir()
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "run/snapd.socket"))
    server.listen()

    def serve() -> None:
        for _ in range(2):
            connection, _peer = server.accept()
            with connection:
                asked = connection.recv(4096).decode().split()[1]
                body = json.dumps({"result": answers[asked]})
                connection.sendall(f"HTTP/1.0 200 OK\r\n\r\n{body}".encode())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield answers
    thread.join(5)
    server.close()


def test_a_refresh_of_snapd_matters_only_during_the_run(
    tmp_path: Path, snapd: dict[str, object]
) -> None:
    soon = datetime.now(timezone.utc) + timedelta(minutes=20, seconds=5)
    snapd["/v2/changes?select=in-progress"] = [{"summary": "Refresh snap core24"}]
    snapd["/v2/system-info"] = {"refresh": {"next": soon.isoformat()}}
    assert said(tmp_path, 3600) == [
        "snapd is busy: Refresh snap core24",
        "snapd wants to refresh in 20 min, during the run",
    ]


def test_a_refresh_that_is_held_is_no_matter(tmp_path: Path, snapd: dict[str, object]) -> None:
    now = datetime.now(timezone.utc)
    snapd["/v2/changes?select=in-progress"] = []
    snapd["/v2/system-info"] = {
        "refresh": {
            "next": (now + timedelta(minutes=20)).isoformat(),
            "hold": (now + timedelta(days=2)).isoformat(),
        }
    }
    assert said(tmp_path, 3600) == []


def test_a_clock_that_nobody_set_is_told(tmp_path: Path) -> None:
    assert clock_problem(tmp_path, 100_000.0).startswith("clock says 1970-01-02: it was never set")
    assert clock_problem(tmp_path, NOW) == ""


def test_timesyncd_tells_when_it_has_set_the_clock(tmp_path: Path) -> None:
    (tmp_path / "run/systemd/timesync").mkdir(parents=True)
    assert clock_problem(tmp_path, NOW) == "clock is not synchronised yet"
    write(tmp_path, "run/systemd/timesync/synchronized")
    assert clock_problem(tmp_path, NOW) == ""


@pytest.mark.parametrize(("status", "right"), [("Normal", True), ("Not synchronised", False)])
def test_chrony_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str, *, right: bool
) -> None:
    write(tmp_path, "run/chrony/chronyd.pid", "5")
    text = f"echo 'Reference ID    : 00000000 ()'; echo 'Leap status     : {status}'"
    fake_program(tmp_path, "chronyc", text, monkeypatch)
    assert (clock_problem(tmp_path, NOW) == "") is right


SCRIPT = '''\
#!/usr/bin/env -S python3 -u
"""A program.

import the thing, from somewhere import it
"""
import os, no_such_module_a as a, beside
import no_such_module_b.part  # for its effect
from no_such_module_c.x import (y, z)
from . import relative
try:
    import optional
except ImportError:
    optional = None
def f():
    import late
'''


def test_only_imports_that_happen_in_any_case_count(tmp_path: Path) -> None:
    path = write(tmp_path, "bin/program", SCRIPT)
    write(tmp_path, "bin/beside.py")
    names = imported_names(str(path))
    assert names == {"os", "no_such_module_a", "no_such_module_b", "no_such_module_c"}
    missing = missing_modules(names, os.environ["PATH"])
    assert missing == {"no_such_module_a", "no_such_module_b", "no_such_module_c"}


def test_a_python_that_cannot_be_asked_lacks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = fake_program(tmp_path, "python3", "exit 1", monkeypatch)
    assert missing_modules(["no_such_module"], str(fake.parent)) == frozenset()
    assert missing_modules(["no_such_module"], str(tmp_path)) == frozenset()


@pytest.mark.parametrize(
    ("first", "interpreter"),
    [
        ("#!/usr/bin/python3", "/usr/bin/python3"),
        ("#! /usr/bin/env python3", "python3"),
        ("#!/usr/bin/env -S A=1 bash -e", "bash"),
        ("#!", ""),
        ("\x7fELF", ""),
    ],
)
def test_the_interpreter_stands_in_the_first_line(
    tmp_path: Path, first: str, interpreter: str
) -> None:
    assert interpreter_of(str(write(tmp_path, "x", f"{first}\nrest\n"))) == interpreter
    assert is_python(interpreter) == ("python" in interpreter)
    assert interpreter_of(str(tmp_path / "missing")) == ""
