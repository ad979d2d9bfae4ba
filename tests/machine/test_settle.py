"""After a restart the run waits until the machine has started, but not for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.machine.fake_programs import fake_program

from plainbox.machine.settle import settle

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("running", ""),
        ("degraded", "some of its units failed"),
        ("stopping", "the machine is going down"),
    ],
)
def test_systemd_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, said: str
) -> None:
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    fake_program(tmp_path, "systemctl", f'echo {answer}; [ "$2" = --wait ]', monkeypatch)
    found = settle(tmp_path)
    assert said in found
    assert bool(found) == bool(said)


def test_systemd_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    fake_program(tmp_path, "systemctl", "exec cat /dev/zero > /dev/null", monkeypatch)
    assert settle(tmp_path, seconds=0.05) == "the machine was still starting after 0 s"


def test_elsewhere_time_and_load_decide(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        (tmp_path / "proc/uptime").write_text(f"{58 + len(waited)}.5 1.0\n")

    (tmp_path / "proc/uptime").write_text("58.0 1.0\n")
    (tmp_path / "proc/loadavg").write_text("0.10 0.1 0.1 1/100 5\n")
    assert settle(tmp_path, pause=pause) == ""
    assert len(waited) == 2
    (tmp_path / "proc/loadavg").write_text("999.0 0.1 0.1 1/100 5\n")
    waited.clear()
    assert (
        settle(tmp_path, seconds=3, pause=waited.append) == "the machine was still busy after 3 s"
    )
    (tmp_path / "proc/uptime").write_text("5000.0 1.0\n")
    assert settle(tmp_path) == ""


def test_where_nothing_can_be_read_nothing_is_waited_for(tmp_path: Path) -> None:
    assert settle(tmp_path) == ""
