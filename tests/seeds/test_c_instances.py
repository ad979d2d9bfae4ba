"""Seeds C7 to C11: the records that make instances, and what is in these."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

import pytest
from tests.seeds.devices import (
    DEVICE,
    JOB,
    bench,
    instances,
    made,
    run,
    template,
)

from plainbox.outcome import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (["device.physical == 'yes'"], ["t-/dev/sda", "t-/dev/cdrom"]),
        (["device.physical == 'yes' and device.has_media == 'yes'"], ["t-/dev/sda"]),
        (["device.physical == 'yes'", "device.has_media == 'yes'"], ["t-/dev/sda"]),
        (["device.physical == 'no' or device.has_media == 'no'"], ["t-/dev/cdrom", "t-/dev/loop0"]),
        (["device.path in ('/dev/loop0', '/dev/sdz')"], ["t-/dev/loop0"]),
        (["device.colour == 'red'"], []),
        (["other.physical == 'yes'"], []),
    ],
)
def test_c7_only_records_for_which_the_filter_is_true_by_themselves_make_instances(
    tmp_path: Path, conditions: list[str], expected: list[str]
) -> None:
    lines = "".join(f"\n {condition}" for condition in conditions)

    outcomes = run(tmp_path, "template-resource: device", f"template-filter:{lines}", *JOB)

    assert made(outcomes) == expected


def test_c7_an_alias_holds_on_every_line_of_a_filter(tmp_path: Path) -> None:
    outcomes = run(
        tmp_path,
        "template-resource: disk",
        "template-imports: from org.example import device as disk",
        "template-filter:",
        " disk.physical == 'yes'",
        " disk.has_media == 'yes' and disk.path != ''",
        *JOB,
    )

    assert made(outcomes) == ["t-/dev/sda"]


def test_c8_every_field_is_formatted_with_the_format_language_of_python(tmp_path: Path) -> None:
    outcomes = run(
        tmp_path,
        "template-resource: device",
        "template-filter: device.path == '/dev/sda'",
        "id: t{path:.4}",
        "_summary: {path:*>10} {path!r} {{as it is}}",
        "plugin: shell",
        "environ: {physical}",
        "command: each={path}; echo ${{each}} '{path:<9}|' '{path[1]}' '{has_media:^7}'",
    )

    assert outcomes.output("t/dev") == "/dev/sda /dev/sda | d   yes  \n"
    assert outcomes.job("t/dev").card.summary == "**/dev/sda '/dev/sda' {as it is}"


def test_c8_what_cannot_be_formatted_fails_the_instance_and_says_why(tmp_path: Path) -> None:
    outcomes = run(
        tmp_path,
        "template-resource: device",
        "template-filter: device.path == '/dev/sda'",
        "id: t-{path}",
        "plugin: shell",
        "command: echo {colour}",
    )

    assert outcomes["t-/dev/sda"] is Outcome.FAIL
    assert "org.example::t-/dev/sda" not in outcomes.started
    assert "colour" in outcomes.reason("t-/dev/sda")


@pytest.mark.parametrize("written", ["{path}", "{device.path}"])
def test_c9_the_record_is_named_like_the_resource_and_its_data_have_names_too(
    tmp_path: Path, written: str
) -> None:
    outcomes = run(
        tmp_path,
        "template-resource: device",
        "template-filter: device.path == '/dev/sda'",
        f"id: t-{written}",
        "plugin: shell",
        f"command: echo {written}",
    )

    assert outcomes.output("t-/dev/sda") == "/dev/sda\n"


def test_c9_the_record_is_named_as_it_is_imported(tmp_path: Path) -> None:
    outcomes = run(
        tmp_path,
        "template-resource: disk",
        "template-imports: from org.example import device as disk",
        "template-filter: disk.path == '/dev/sda'",
        "id: t-{disk.path}",
        "plugin: shell",
        "command: true",
    )

    assert made(outcomes) == ["t-/dev/sda"]


def test_c9_data_of_the_same_name_win(tmp_path: Path) -> None:
    unit, _ = instances(
        tmp_path,
        "template-resource: path",
        "id: t-{path}",
        "plugin: shell",
        "command: true",
    )

    assert unit.partial_id == "t-/dev/sda"


@pytest.mark.parametrize("written", ["{path}", "{device.path}"])
def test_c9_the_checksum_has_the_fields_that_are_reached_and_no_others(
    tmp_path: Path, written: str
) -> None:
    unit, _ = instances(
        tmp_path, "template-resource: device", f"id: t-{written}", "plugin: shell", "command: true"
    )
    data = {
        "command": "true",
        "id": f"t-{written}",
        "plugin": "shell",
        "template-engine": "default",
        "template-id": f"org.example::t-{written[1:-1]}",
        "unit": "job",
    }
    fields = json.dumps(data, separators=(",", ":"))[:-1] + ',"namespace":"org.example"}'
    parameters = '{"__index__":1,"path":"/dev/sda"}'

    assert unit.checksum == hashlib.sha256((fields + parameters).encode()).hexdigest()


def test_c10_the_index_counts_the_records_that_match_from_1(tmp_path: Path) -> None:
    outcomes = run(
        tmp_path,
        "template-resource: device",
        "template-filter: device.path in ('/dev/cdrom', '/dev/loop0')",
        "id: {__index__}-{path}",
        "plugin: shell",
        "command: echo {__index__:03}",
    )

    assert made(outcomes) == ["1-/dev/cdrom", "2-/dev/loop0"]
    assert outcomes.output("2-/dev/loop0") == "002\n"


def test_c11_of_the_worked_example_sda_runs_cdrom_is_skipped_and_loop0_makes_no_job(
    tmp_path: Path, program: Program
) -> None:
    example = template(
        "template-resource: device",
        "template-filter: device.physical == 'yes'",
        "requires: device.has_media == 'yes'",
        "id: test-storage-{path}",
        "plugin: shell",
        "command: perform-testing-on --device {path}",
    )
    provider = bench(tmp_path, DEVICE, example)
    provider.write({"bin/perform-testing-on": '#!/bin/sh\necho "tested $2"\n'})

    answer = program("run", "--provider", provider.provider, "plan")

    assert answer.code == 0, answer
    assert re.search(r"test-storage-/dev/sda .*tested /dev/sda\n", answer.out)
    reason = "requires device.has_media == 'yes': the record has has_media='no'"
    assert re.search(rf"test-storage-/dev/cdrom +skipped +{reason}\n", answer.out)
    assert "test-storage-/dev/loop0" not in answer.out
    state = provider.store.sessions()[0].read_state()
    outcomes = {job.card.id: job.outcome for job in state.jobs.values() if job.card.template}
    assert outcomes == {
        "org.example::test-storage-/dev/sda": Outcome.PASS,
        "org.example::test-storage-/dev/cdrom": Outcome.SKIPPED_RESOURCE,
    }
