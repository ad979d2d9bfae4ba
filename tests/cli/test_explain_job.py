"""`plainbox explain JOB`: why a job runs or not, and what would make it run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from plainbox.testing import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Answer, Program

UNITS = """\
id: card
plugin: resource
command: cat "$STATE_OF_CARDS"
environ: STATE_OF_CARDS

id: net
plugin: resource
command:
 echo device: wlan0
 echo managed_by: networkd

unit: template
template-resource: card
template-filter: card.kind == 'sound'
template-id: play
id: play_{name}
plugin: shell
requires: card.medium == 'present'
depends: detect
command: true

id: detect
plugin: shell
requires: net.managed_by == 'NetworkManager' and net.device == 'wlan0'
command: true

id: twin
plugin: shell
siblings: [{"id": "other-twin"}]
command: true

id: one
plugin: shell
depends: two
command: true

id: two
plugin: shell
depends: one
command: true

id: lonely
plugin: shell
after: nobody
command: true

id: noisy
plugin: manual
_description: Listen
command: true

unit: test plan
id: outer
_name: Outer
bootstrap_include: card
include: twin
exclude: noisy
nested_part: inner

unit: test plan
id: inner
_name: Inner
include:
 play   certification-status=blocker
 detect
 other-twin
 one
 two
 lonely
 noisy
"""
CARDS = [
    {"name": "sda", "kind": "disk", "medium": "present"},
    {"name": "c0", "kind": "sound", "medium": "none"},
]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {"units/all.pxu": UNITS})


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "facts.json"
    net = [{"device": "wlan0", "managed_by": "networkd"}]
    path.write_text(json.dumps({"card": CARDS, "org.example::net": net}))
    return path


def lines_of(answer: Answer, bench: Bench) -> list[str]:
    assert answer.code == 0, answer.err
    text = answer.out.replace(f"{bench.provider}/", "").replace("→", "->")
    return [" ".join(line.split()) for line in text.splitlines()]


def explained(program: Program, bench: Bench, job: str, *words: str | Path) -> list[str]:
    answer = program("explain", job, "--plan", "outer", *words, "--provider", bench.provider)
    return lines_of(answer, bench)


def test_the_whole_way_from_the_plan_to_the_facts_is_told(
    bench: Bench, facts: Path, program: Program
) -> None:
    lines = explained(program, bench, "play_c0", "--facts", facts)
    change = (
        "It would run if medium of c0 (card) were 'present'"
        " and managed_by of net were 'NetworkManager'."
    )
    assert lines == [
        "play_c0 would NOT run in outer",
        "plan outer -> nested inner -> include play (units/all.pxu:64)",
        f"template play, made of record 2 of 2 of card: name=c0 from card, {facts}",
        "requires card.medium == 'present' false",
        "record 2 of 2 of card name='c0' medium='none'",
        "depends detect would NOT run",
        "override certification_status = blocker (units/all.pxu:64)",
        change,
        "Then these would run too, which it needs: detect.",
    ]


def test_each_comparison_has_its_verdict(bench: Bench, facts: Path, program: Program) -> None:
    lines = explained(program, bench, "detect", "--facts", facts)
    start = lines.index(
        "requires net.managed_by == 'NetworkManager' and net.device == 'wlan0' false"
    )
    assert lines[start + 1 : start + 5] == [
        "net.managed_by == 'NetworkManager' false",
        "net.device == 'wlan0' true",
        "record 1 of 1 of net managed_by='networkd' device='wlan0'",
        f"from net, {facts}",
    ]
    assert lines[-1] == "It would run if managed_by of net were 'NetworkManager'."


def test_facts_can_be_records_in_a_file(bench: Bench, tmp_path: Path, program: Program) -> None:
    path = tmp_path / "facts.pxu"
    path.write_text("resource: net\nmanaged_by: NetworkManager\ndevice: wlan0\n")
    assert explained(program, bench, "detect", "--facts", path)[0] == "detect would run in outer"


def test_a_job_that_a_template_could_make_can_be_explained(
    bench: Bench, facts: Path, program: Program
) -> None:
    lines = explained(program, bench, "play_c7", "--facts", facts)
    made = "template play would make it of a record of card with name=c7 (units/all.pxu:16)"
    assert made in lines
    assert any(line.startswith("2 records -> name: sda, c0") for line in lines)
    assert lines[-2] == (
        "It would run if there were a record of card with kind='sound', medium='present',"
        " name='c7' and managed_by of net were 'NetworkManager'."
    )


def test_a_template_without_jobs_is_explained(
    bench: Bench, tmp_path: Path, program: Program
) -> None:
    path = tmp_path / "facts.json"
    path.write_text(json.dumps({"card": CARDS[:1]}))
    lines = explained(program, bench, "play", "--facts", path)
    assert lines[0] == "play makes NO jobs in outer"
    assert "filter card.kind == 'sound' false" in lines
    assert lines[-1] == "It would make a job if kind of card were 'sound'."


@pytest.mark.parametrize(
    ("job", "line"),
    [
        ("one", "left out dependency cycle: one -> two -> one"),
        ("one", "No change of facts makes it run: dependency cycle"),
        ("lonely", "left out runs after 'org.example::nobody', which does not exist"),
        ("lonely", "after nobody there is no such job"),
        ("noisy", "plan outer -> excluded by exclude noisy (units/all.pxu:57)"),
        ("noisy", "person somebody has to be there (manual)"),
        ("other-twin", "copy of twin"),
        ("twin", "twin would run in outer"),
        ("card", "plan outer -> bootstrap_include card (units/all.pxu:55)"),
        ("net", "plan no line asks for it, but detect needs it (requires)"),
    ],
)
def test_other_reasons_are_told(
    job: str, line: str, bench: Bench, facts: Path, program: Program
) -> None:
    lines = explained(program, bench, job, "--facts", facts)
    assert any(it.startswith(line) for it in lines), lines


def test_without_facts_nothing_is_known(bench: Bench, program: Program) -> None:
    lines = explained(program, bench, "detect")
    assert lines[0] == "detect may run in outer"
    assert "nothing is known of net: it was not read (--run reads it)" in lines
    assert lines[-1].startswith("It runs if there were a record of net with")


def test_resources_can_be_read_at_once(bench: Bench, tmp_path: Path, program: Program) -> None:
    state = sorted(tmp_path.rglob("*"))
    lines = explained(program, bench, "detect", "--run")
    assert lines[0] == "detect would NOT run in outer"
    assert any(line.startswith("from net, ran ") and "exit 0, now" in line for line in lines)
    assert sorted(tmp_path.rglob("*")) == state


def test_the_newest_session_tells_what_the_machine_has(
    bench: Bench, tmp_path: Path, program: Program
) -> None:
    cards = tmp_path / "cards"
    cards.write_text("name: c0\nkind: sound\nmedium: none\n")
    ran = program("run", "outer", "--provider", bench.provider, env={"STATE_OF_CARDS": str(cards)})
    assert "session" not in ran.err
    lines = lines_of(program("explain", "play_c0", "--provider", bench.provider), bench)
    assert lines[0] == "play_c0 would NOT run in outer"
    assert any("from card, ran 20" in line and "exit 0, session 1-outer" in line for line in lines)
    twin = lines_of(program("explain", "twin", "--provider", bench.provider), bench)
    assert "last passed when it ran the last time" in twin
    named = explained(program, bench, "play_c0", "--session", "1")
    assert named == lines


def test_a_word_that_means_nothing_is_an_error_of_use(
    bench: Bench, facts: Path, program: Program
) -> None:
    answer = program("explain", "job:detcet", "--provider", bench.provider)
    assert answer.code == 2
    assert "did you mean org.example::detect?" in answer.err
    answer = program("explain", "detect", "--plan", "outr", "--provider", bench.provider)
    assert answer.code == 2
    assert "did you mean org.example::outer?" in answer.err
    answer = program("explain", "detect", "--session", "7", "--provider", bench.provider)
    assert answer.code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no records of resources"),
        ("[]", "no records of resources"),
        ('{"crad": []}', "no resource job is called 'crad'"),
        ("name: c0\n", "does not say which resource"),
        ("no colon\n", "syntax"),
    ],
)
def test_a_file_of_facts_that_cannot_be_read_is_said(
    text: str, said: str, bench: Bench, tmp_path: Path, program: Program
) -> None:
    path = tmp_path / "facts"
    path.write_text(text)
    answer = program("explain", "detect", "--facts", path, "--provider", bench.provider)
    assert answer.code == 3
    assert said in answer.err
    assert program("explain", "detect", "--facts", tmp_path / "none").code == 2


def test_the_manifest_is_known_as_it_stands(bench: Bench, program: Program) -> None:
    text = (
        "unit: manifest entry\nid: has_card\n_name: A card\nvalue-type: bool\n\n"
        "id: asks\nplugin: shell\ncommand: true\nrequires: manifest.has_card == 'True'\n"
        "imports: from com.canonical.plainbox import manifest\n"
    )
    bench.write({"units/more.pxu": text})
    lines = lines_of(program("explain", "asks", "--provider", bench.provider), bench)
    assert lines[-1] == (
        "It would run if the manifest said 'True' for org.example::has_card"
        " (plainbox manifest set org.example::has_card=yes)."
    )
    words = ("manifest", "set", "org.example::has_card=yes", "--provider", bench.provider)
    assert program(*words).code == 0
    lines = lines_of(program("explain", "asks", "--provider", bench.provider), bench)
    assert lines[0] == "asks would run when it is asked for by itself"
