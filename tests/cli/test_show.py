"""`plainbox show`: a unit as it is written, and all that has to do with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from plainbox.testing import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

UNITS = """\
unit: category
id: sound
_name: Sound

id: card
plugin: resource
command: true

# a comment that stays outside
id: play
plugin: shell
category_id: sound
_summary: Plays
requires: card.name == 'x'
flags: also-after-suspend
command: true

id: listen
plugin: shell
depends: play lost
command: true

unit: template
template-resource: card
template-id: each
id: each_{name}
plugin: shell
depends: play
command: true

unit: test plan
id: inner
_name: Inner
include: pl.* certification-status=blocker

unit: test plan
id: outer
_name: Outer
include: each
nested_part: inner
category_overrides: apply sound to each

unit: manifest entry
id: has_card
_name: A card
value-type: bool
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {"units/all.pxu": UNITS})


def shown(program: Program, bench: Bench, *words: str) -> list[str]:
    answer = program("show", *words, "--provider", bench.provider)
    assert answer.code == 0, answer.err
    text = answer.out.replace(f"{bench.provider}/", "")
    return [" ".join(line.split()) for line in text.splitlines()]


def test_a_job_is_shown_with_all_that_has_to_do_with_it(bench: Bench, program: Program) -> None:
    lines = shown(program, bench, "play")
    assert lines[:3] == ["job org.example::play Plays", "bench units/all.pxu:10", ""]
    assert lines[3] == "10 | id: play"
    assert "16 | command: true" in lines
    assert "copies after-suspend-play" in lines
    assert "needs requires card units/all.pxu:5" in lines
    assert "category sound units/all.pxu:1" in lines
    assert "needed by depends after-suspend-play units/all.pxu:10" in lines
    assert "depends listen units/all.pxu:18" in lines
    assert "depends each units/all.pxu:23" in lines
    assert "plans inner include pl.* units/all.pxu:34" in lines
    assert "in 2 plans in all: inner, outer" in lines
    assert "overrides certification_status = blocker in inner units/all.pxu:34" in lines


def test_a_copy_is_shown_with_what_differs(bench: Bench, program: Program) -> None:
    lines = shown(program, bench, "after-suspend-play")
    assert "in the copy" in lines
    assert "id: after-suspend-play" in lines
    assert "copy of play" in lines


def test_what_is_missing_is_said(bench: Bench, program: Program) -> None:
    assert "depends lost does not exist" in shown(program, bench, "listen")


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("each", "needs is made of card units/all.pxu:5"),
        ("each", "overrides category_id = sound in outer units/all.pxu:41"),
        ("each_sda", "template org.example::each"),
        ("outer", "needs nests inner units/all.pxu:31"),
        ("inner", "needed by nested by outer units/all.pxu:36"),
        ("sound", "needed by has play units/all.pxu:10"),
        ("card", "needed by makes jobs each units/all.pxu:23"),
        ("has_card", "46 | value-type: bool"),
    ],
)
def test_units_of_all_kinds_can_be_shown(
    word: str, line: str, bench: Bench, program: Program
) -> None:
    lines = shown(program, bench, word)
    assert any(it.startswith(line) for it in lines), lines


def test_what_counts_in_a_plan_can_be_asked_for(bench: Bench, program: Program) -> None:
    lines = shown(program, bench, "play", "--plan", "outer")
    assert "overrides certification_status = blocker inner units/all.pxu:34" in lines


def test_programs_get_the_same_as_json(bench: Bench, program: Program) -> None:
    answer = program("show", "org.example::play", "--json", "--provider", bench.provider)
    (found,) = json.loads(answer.out)
    assert found["fields"]["plugin"] == "shell"
    assert found["copies"] == ["org.example::after-suspend-play"]
    assert {"how": "requires", "id": "org.example::card", "exists": True} in found["needs"]
    assert found["plans"] == ["org.example::inner", "org.example::outer"]
    assert [it["value"] for it in found["overrides"]] == ["blocker"]


def test_all_units_of_one_partial_id_are_shown(bench: Bench, program: Program) -> None:
    text = "unit: category\nid: play\n_name: Playing\n"
    bench.write({"units/more.pxu": text})
    lines = shown(program, bench, "play")
    assert "job org.example::play Plays" in lines
    assert "category org.example::play Playing" in lines


def test_a_unit_that_does_not_exist_is_an_error_of_use(bench: Bench, program: Program) -> None:
    answer = program("show", "lisen", "--provider", bench.provider)
    assert answer.code == 2
    assert "did you mean org.example::listen?" in answer.err


def test_long_lists_can_be_had_whole(bench: Bench, program: Program) -> None:
    many = "".join(f"id: n{n}\nplugin: shell\ndepends: play\ncommand: true\n\n" for n in range(30))
    bench.write({"units/many.pxu": many})
    assert "and 21 more (--all)" in shown(program, bench, "play")
    assert not any("--all" in line for line in shown(program, bench, "play", "--all"))
