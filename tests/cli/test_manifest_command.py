"""What people say of a machine reaches the jobs; what they have not said is told, never null."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from plainbox.outcome import Outcome
from plainbox.session.store import Store
from plainbox.testing import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

UNITS = """\
unit: manifest entry
id: has_camera
_name: A camera
_prompt: Does it have these?
value-type: bool

unit: manifest entry
id: ports
_name: Serial ports
value-type: natural
value-unit: ports
resource-key: serial_ports

unit: manifest entry
id: _rack
_name: Number of the rack
value-type: natural
hidden-reason: only the laboratory knows

id: camera
plugin: shell
command: true
imports: from com.canonical.plainbox import manifest
requires: manifest.has_camera == 'True' and manifest.ns == 'org.example'

id: serial
plugin: shell
command: true
imports: from com.canonical.plainbox import manifest as m
requires: m.serial_ports in ('2', '3')

id: rack
plugin: shell
command: true
imports: from com.canonical.plainbox import manifest
requires: manifest._rack == '7'

id: elsewhere
plugin: shell
command: true
imports: from com.canonical.plainbox import manifest
requires: manifest.ns == 'org.nowhere'

id: unknown
plugin: shell
command: true
imports: from com.canonical.plainbox import manifest
requires: manifest.has_unknown == 'True'

id: show
plugin: resource
command: cat "$PLAINBOX_SESSION_SHARE/../manifest.pxu"

unit: test plan
id: all
_name: All
include:
 camera
 serial
 rack
 elsewhere
 unknown
 com.canonical.plainbox::collect-manifest
"""
NS = "org.example::"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {"units/a.pxu": UNITS})


def test_what_nobody_has_set_skips_a_job_and_says_how_to_set_it(bench: Bench) -> None:
    outcomes = bench.run("all")
    for job in ("camera", "serial", "rack", "elsewhere", "unknown"):
        assert outcomes[job] is Outcome.SKIPPED_MANIFEST
    assert outcomes.reason("camera") == (
        "manifest: not set: plainbox manifest set org.example::has_camera=yes"
    )
    assert "org.example::ports=NUMBER" in outcomes.reason("serial")
    assert "[manifest] of the configuration" in outcomes.reason("rack")
    assert "there is no manifest entry org.example::has_unknown" in outcomes.reason("unknown")


def test_the_namespace_of_the_manifest_is_no_entry_of_it(bench: Bench) -> None:
    outcomes = bench.run("all")
    unmet = outcomes.job("camera").unmet
    assert unmet
    assert unmet.manifests == ("org.example::has_camera",)
    elsewhere = outcomes.job("elsewhere").unmet
    assert elsewhere
    assert elsewhere.manifests == ()
    assert elsewhere.resources == ("manifest.ns == 'org.nowhere'",)


def test_an_entry_with_a_key_of_its_own_is_named_by_its_id(bench: Bench) -> None:
    unmet = bench.run("serial").job("serial").unmet
    assert unmet
    assert unmet.manifests == ("org.example::ports",)


def test_the_resource_has_a_record_for_each_provider_with_defaults_where_nothing_is_set(
    bench: Bench,
) -> None:
    outcomes = bench.run("camera")
    records = outcomes.state.resources["com.canonical.plainbox::manifest"]
    assert [record["ns"] for record in records][-1] == "org.example"
    assert records[-1] == {
        "ns": "org.example",
        "name": "bench",
        "has_camera": "False",
        "serial_ports": "0",
        "_rack": "0",
    }
    assert all(set(record) == {"ns", "name"} for record in records[:-1])


def test_jobs_run_when_the_manifest_says_that_they_can(bench: Bench, program: Program) -> None:
    where = ("--provider", bench.provider)
    assert program("manifest", "set", "has_camera=Yes", f"{NS}ports=2", *where).code == 0

    done = program("run", "all", *where)

    assert done.code == 0
    state = Store(program.state).sessions()[0].read_state()
    assert state.outcome_of(f"{NS}camera") is Outcome.PASS
    assert state.outcome_of(f"{NS}serial") is Outcome.PASS
    kept = json.loads((program.state / "manifest.json").read_text())
    assert kept == {f"{NS}has_camera": True, f"{NS}ports": 2}


def test_the_job_that_asks_for_the_manifest_is_never_selected(bench: Bench) -> None:
    state = bench.run("all").state
    assert "com.canonical.plainbox::collect-manifest" not in state.jobs


def test_an_unset_entry_stays_unset_after_a_run(bench: Bench, program: Program) -> None:
    program("run", "all", "--provider", bench.provider)
    assert not (program.state / "manifest.json").exists()


def config(program: Program, text: str) -> None:
    file = program.state.parent / "config" / "plainbox" / "plainbox.conf"
    file.parent.mkdir(parents=True)
    file.write_text(text)


def test_the_configuration_wins_and_alone_sets_hidden_entries(
    bench: Bench, program: Program
) -> None:
    where = ("--provider", bench.provider)
    config(program, f"[manifest]\n{NS}has_camera = no\n{NS}_rack = 7\n")
    set_too = program("manifest", "set", "has_camera=yes", *where)
    assert "that counts" in set_too.err

    shown = program("manifest", "show", "--json", *where)

    values = {row["id"]: (row["value"], row["from"]) for row in json.loads(shown.out)}
    file = program.state.parent / "config" / "plainbox" / "plainbox.conf"
    assert values[f"{NS}has_camera"] == (False, f"{file}:2")
    assert values[f"{NS}_rack"] == (7, f"{file}:3")
    assert values[f"{NS}ports"] == (None, "")


def test_a_hidden_entry_never_has_its_value_from_the_disk(bench: Bench, program: Program) -> None:
    program.state.mkdir()
    (program.state / "manifest.json").write_text(json.dumps({f"{NS}_rack": 3}))
    shown = program("manifest", "show", "--provider", bench.provider)
    line = next(line for line in shown.out.splitlines() if "_rack" in line)
    assert "not set" in line


def test_a_value_that_an_entry_cannot_have_is_said_with_its_place(
    bench: Bench, program: Program
) -> None:
    config(program, f"[manifest]\n{NS}has_camera = perhaps\n")
    done = program("run", "camera", "--provider", bench.provider)
    assert "plainbox.conf:2: org.example::has_camera cannot be 'perhaps'" in done.err
    assert done.code == 0


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("has_camera=perhaps", "cannot be 'perhaps': expected yes or no"),
        ("ports=yes", "expected a whole number"),
        ("_rack=1", "is hidden: only the laboratory knows"),
        ("has_camra=yes", "did you mean org.example::has_camera?"),
        ("has_camera", "expected ID=VALUE"),
    ],
)
def test_nothing_is_set_where_one_of_the_words_is_wrong(
    bench: Bench, program: Program, word: str, said: str
) -> None:
    done = program("manifest", "set", "ports=1", word, "--provider", bench.provider)
    assert done.code == 2
    assert said in done.err
    assert not (program.state / "manifest.json").exists()


def test_an_entry_can_be_made_unset_again(bench: Bench, program: Program) -> None:
    where = ("--provider", bench.provider)
    program("manifest", "set", "has_camera=yes", *where)
    program("manifest", "set", "has_camera=", *where)
    assert json.loads((program.state / "manifest.json").read_text()) == {}


def test_init_writes_a_section_that_reads_back_with_unset_entries_commented_out(
    bench: Bench, program: Program, tmp_path: Path
) -> None:
    where = ("--provider", bench.provider)
    program("manifest", "set", "has_camera=yes", *where)
    file = tmp_path / "manifest.conf"
    assert program("manifest", "init", file, *where).code == 0
    text = file.read_text()
    assert text == program("manifest", "init", *where).out
    assert f"\n{NS}has_camera = yes\n" in text
    assert "# Serial ports: Which value does this machine have? (a number, in ports)\n" in text
    assert f"\n# {NS}ports =\n" in text
    assert program("config", "check", file).code == 0
    assert program("manifest", "init", file, *where).code == 2
