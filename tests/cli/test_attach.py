"""`plainbox attach`: the run of another terminal is seen, left alone again, or paused."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pexpect
import pytest

import plainbox
from plainbox.session.keeping import holder
from plainbox.testing import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Program

    from plainbox.session.store import SessionFolder

MAIN: Final = "import sys; from plainbox.cli import main; sys.exit(main())"
UNITS: Final = """\
id: fails
plugin: shell
command: echo broken; exit 2

id: waits
plugin: shell
command: until [ -e "$PLAINBOX_SESSION_SHARE/go" ]; do sleep 0.01; done; echo gone on

unit: test plan
id: plan
name: Plan
include:
 fails
 waits
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {"units/all.pxu": UNITS})


def environment(bench: Bench) -> dict[str, str]:
    source = str(Path(plainbox.__file__).parents[1])
    state = str(bench.store.folder.parent)
    changes = {"PYTHONPATH": source, "PLAINBOX_STATE_DIR": state, "TERM": "xterm"}
    return {**os.environ, **changes, "PYTHONIOENCODING": "utf-8"}


@contextmanager
def running(bench: Bench) -> Iterator[SessionFolder]:
    """A run that waits in its second job until the block ends."""
    words = [sys.executable, "-c", MAIN, "run", "--provider", str(bench.provider), "plan"]
    with subprocess.Popen(words, env=environment(bench), stdout=subprocess.DEVNULL) as process:
        try:
            yield waiting(bench)
        finally:
            for folder in bench.store.sessions():
                (folder.share / "go").touch()
            process.wait(30)


def waiting(bench: Bench) -> SessionFolder:
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        for folder in bench.store.sessions():
            if "org.example::waits" in folder.read_state().running:
                return folder
    raise AssertionError("the run does not begin")


def attached(bench: Bench) -> pexpect.spawn[str]:
    return pexpect.spawn(
        sys.executable,
        ["-c", MAIN, "attach"],
        env=environment(bench),
        encoding="utf-8",
        timeout=30,
        dimensions=(24, 80),
    )


@pytest.mark.parametrize("key", ["d", "\x03"])
def test_a_key_leaves_the_run_alone_again(bench: Bench, key: str) -> None:
    with running(bench) as folder:
        viewer = attached(bench)
        viewer.expect("fails .*exit 2: broken")
        viewer.expect("d detaches")
        viewer.send(key)
        viewer.expect("1-plan goes on: plainbox attach 1")
        viewer.expect(pexpect.EOF)
        viewer.close()
        assert viewer.exitstatus == 0
        assert holder(folder)
    assert folder.read_state().ended


def test_a_key_pauses_the_run(bench: Bench) -> None:
    with running(bench) as folder:
        viewer = attached(bench)
        viewer.expect("p pauses")
        viewer.send("p")
        viewer.expect("Paused .*plainbox resume 1-plan")
        viewer.expect(pexpect.EOF)
        viewer.close()
        assert viewer.exitstatus == 130
    state = folder.read_state()
    assert not state.ended
    assert state.jobs["org.example::waits"].reason.startswith("paused by ")


def test_who_stays_sees_the_end_and_two_may_watch(bench: Bench) -> None:
    with running(bench) as folder:
        one, two = attached(bench), attached(bench)
        for viewer in (one, two):
            viewer.expect("d detaches")
        (folder.share / "go").touch()
        for viewer in (one, two):
            viewer.expect("waits .*gone on")
            viewer.expect("1 passed.*1 failed")
            viewer.expect(pexpect.EOF)
            viewer.close()
            assert viewer.exitstatus == 1


def test_without_a_run_there_is_nothing_to_attach_to(bench: Bench, program: Program) -> None:
    answer = program("attach")
    assert answer.code == 2
    assert "no session runs on this machine" in answer.err
    bench.run("fails")
    answer = program("attach", "1")
    assert answer.code == 2
    assert "nobody runs the session 1-fails just now" in answer.err
