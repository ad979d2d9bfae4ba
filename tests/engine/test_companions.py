"""What goes along with each job: a look at the machine, and a lock against sleep."""

from __future__ import annotations

import pytest

from plainbox.diagnostics import Sink
from plainbox.engine.companions import Observer, Waker, suspends
from plainbox.fields import Owner
from plainbox.records import read_pxu
from plainbox.session.events import Happened, Happening, Noted
from plainbox.text import Source
from plainbox.units import Job, build_unit


def job(name: str = "disk/read", command: str = "true") -> Job:
    text = f"id: {name}\nplugin: shell\ncommand: {command}\n"
    (record,) = read_pxu(Source("a.pxu", text), Sink())
    unit = build_unit(record, Owner("a", "x"), Sink())
    assert isinstance(unit, Job)
    return unit


class Eyes:
    def __init__(self, *looks: list[Happening]) -> None:
        self.notes = ["the kernel log cannot be read"]
        self._looks = [*looks]

    def look(self) -> list[Happening]:
        return self._looks.pop(0)


class Lock:
    def __init__(self, note: str = "") -> None:
        self.note = note
        self.held = False

    def hold(self) -> None:
        self.held = not self.note

    def release(self) -> None:
        self.held = False


def test_what_happened_is_told_of_the_attempt_that_ended() -> None:
    oops = Happening("warning", "usb 1-1: error")
    observer = Observer(Eyes([oops], []))
    observer.starting(job(), 4)
    assert list(observer.ended(job(), 4)) == [
        Noted("the kernel log cannot be read"),
        Happened("x::disk/read", 4, (oops,)),
    ]
    assert list(observer.ended(job(), 5)) == []


def test_the_machine_may_sleep_only_while_a_job_is_to_suspend_it() -> None:
    lock = Lock()
    waker = Waker(lock)
    assert lock.held
    waker.starting(job(), 1)
    assert lock.held
    waker.starting(job("power/sleep", "rtcwake -m mem -s 30"), 2)
    assert not lock.held
    assert list(waker.ended(job(), 2)) == []
    assert lock.held


def test_that_nothing_keeps_it_awake_is_said_once() -> None:
    waker = Waker(Lock("no logind"))
    assert list(waker.ended(job(), 1)) == [Noted("no logind")]
    assert list(waker.ended(job(), 2)) == []


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("fwts_test -f none -s s3 --s3-device-check", True),
        ("systemctl  --force suspend", True),
        ("rtcwake -m mem -s 30", True),
        ("rtcwake -v --mode no -s 120; reboot", False),
        ("command -v rtcwake", False),
        ("echo mem > /sys/power/state", True),
        ("cat /sys/power/state", False),
        ("systemctl status x; echo suspend", False),
        ("cat suspend_30_cycles.log", False),
    ],
)
def test_jobs_that_suspend_are_known_by_what_they_run(command: str, *, expected: bool) -> None:
    assert suspends(job(command=command)) is expected
