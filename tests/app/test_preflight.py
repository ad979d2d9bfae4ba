"""Before the first job a person knows what is needed and what stands in the way."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from plainbox.app import preflight as module
from plainbox.app.preflight import Place, Preflight, free_bytes, preflight
from plainbox.app.setup import set_up
from plainbox.tui.preflight_lines import preflight_lines

if TYPE_CHECKING:
    from pathlib import Path

    from plainbox.machine.restart import Restart

UNITS = """\
id: plain
plugin: shell
command: FLAG=1 echo hello
estimated_duration: 5

id: as-root
plugin: shell
user: root
command: no-such-program --now | cat

id: reboot
plugin: shell
user: root
flags: noreturn
command: reboot_now.sh

id: sleeps
plugin: shell
user: tester
command: rtcwake -m mem -s 30

id: a
plugin: shell
command: true; scan.py

id: b
plugin: shell
command: set -e; scan.py --again

id: c
plugin: shell
command: ruined.py

id: slow
plugin: shell
command: true
timeout: 10
estimated_duration: 60
"""
SCAN = "#!/usr/bin/env python3\nimport os\nimport checkbox_support_that_is_not.parsers\n"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    for name, text in {
        "units/a.pxu": UNITS,
        "bin/scan.py": SCAN,
        "bin/ruined.py": "#!/opt/no/such/python3\n",
        "bin/reboot_now.sh": "#!/bin/sh\n",
    }.items():
        path = tmp_path / "provider" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    setup = set_up([str(tmp_path / "provider")], {})
    state = tmp_path / "state"
    return Place(setup.owners, os.environ["PATH"], state, "me", root=tmp_path / "root")


def look(place: Place, tmp_path: Path, *names: str) -> Preflight:
    catalog = set_up([str(tmp_path / "provider")], {}).session
    by_name = {job.partial_id: job for job in catalog.jobs.values()}
    return preflight([by_name[name] for name in names], 100.0, place)


def test_needs_are_counted(place: Place, tmp_path: Path) -> None:
    found = look(place, tmp_path, "plain", "as-root", "reboot", "sleeps")
    assert found.needs[:3] == ("root for 2 jobs", "the user tester", "1 reboot, 1 suspend")
    assert "GB free" in found.needs[3]


def test_a_plain_job_needs_nothing_and_nothing_is_in_its_way(place: Place, tmp_path: Path) -> None:
    found = look(place, tmp_path, "plain")
    assert len(found.needs) == 1
    assert [it.text for it in found.remarks if "disk" not in it.text] == []


def test_programs_interpreters_and_modules_that_are_missing_are_told(
    place: Place, tmp_path: Path
) -> None:
    texts = [it.text for it in look(place, tmp_path, "as-root", "a", "b", "c").remarks]
    assert "as-root needs the program no-such-program, which is not here" in texts
    assert "c needs /opt/no/such/python3, which is not here" in texts
    name = "checkbox_support_that_is_not"
    assert f"a, b need {name}, which is not installed: they will fail" in texts


def test_a_reboot_without_a_way_to_be_started_again_is_told(place: Place, tmp_path: Path) -> None:
    class Way:
        pass

    text = "nothing here starts plainbox after a restart, and 1 job restarts it"
    assert text in [it.text for it in look(place, tmp_path, "reboot").remarks]
    way: Restart = Way()  # type: ignore[assignment]
    found = look(place._replace(restart=way), tmp_path, "reboot")
    assert text not in [it.text for it in found.remarks]


def test_deadlines_that_come_too_early_are_told(place: Place, tmp_path: Path) -> None:
    (remark,) = look(place, tmp_path, "slow").remarks
    assert remark.text.startswith("slow may run for less time than it usually takes")
    stated = place._replace(timeout=2.0)
    (remark,) = look(stated, tmp_path, "slow", "plain").remarks
    assert remark.text.startswith("2 jobs may run for less time")


def test_little_room_is_told(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "free_bytes", lambda _folder: 3_000_000)
    found = look(place, tmp_path, "plain")
    assert found.needs == ("0.0 GB free",)
    assert found.remarks[0].text.startswith("3 MB are left on the disk of")


def test_the_room_of_a_folder_that_is_yet_to_be_made_is_known(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "a" / "b") is not None


def test_every_remark_is_a_line_with_its_hint(place: Place, tmp_path: Path) -> None:
    lines = preflight_lines(look(place, tmp_path, "reboot"), " | ")
    texts = ["".join(text for text, _ in line) for line in lines]
    assert texts[0].startswith("  needs  root for 1 job | 1 reboot | ")
    assert texts[1].startswith("  !      nothing here starts plainbox")
    assert texts[1].endswith("plainbox resume")
