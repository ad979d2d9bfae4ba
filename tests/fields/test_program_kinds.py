"""Imports and programs: the names of resources and what is asked of them."""

from __future__ import annotations

import pytest

from plainbox.diagnostics import Code
from plainbox.fields import BadValue, Import, Imports, Reading, ResourceProgram, resolve


def imported(value: object) -> tuple[tuple[Import, ...], list[str]]:
    reading = Reading("ns")
    found = Imports().parse(value, reading)
    places = [fault.place for fault in reading.faults]
    return found, [
        f"{fault.message} @{place.start}-{place.end}" if place else fault.message
        for fault, place in zip(reading.faults, places, strict=True)
    ]


def test_an_import_is_called_by_its_partial_id_or_its_alias() -> None:
    assert imported("from o import r\nfrom o import r/s as q\n\nfrom o import t AS u") == (
        (
            Import("o", "r", "r", "o::r"),
            Import("o", "r/s", "q", "o::r/s"),
            Import("o", "t", "u", "o::t"),
        ),
        [],
    )
    assert imported(["from o import r"])[0] == (Import("o", "r", "r", "o::r"),)


FORM = "expected 'from NAMESPACE import ID [as NAME]'"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("from foo import", f"{FORM} @0-15"),
        ("From o import r", f"{FORM}, found 'From' @0-4"),
        ("from o imports r", f"{FORM}, found 'imports' @7-14"),
        ("from o import r like q", f"{FORM}, found 'like' @16-20"),
        ("from o::p import r", "expected a namespace, found the full id 'o::p' @5-9"),
        ("from o import p::r", "expected a partial id, found the full id 'p::r' @14-18"),
        (
            "from o import a/b",
            "'a/b' is no name that expressions can use, add 'as NAME' to 'a/b' @14-17",
        ),
        (
            "from o import a as b-c",
            "'b-c' is no name that expressions can use, choose another @19-22",
        ),
    ],
)
def test_a_bad_import_is_lost_alone(line: str, fault: str) -> None:
    found, faults = imported(f"{line}\nfrom o import z")
    assert [each.alias for each in found] == ["z"]
    assert faults == [fault]


def test_names_are_resolved_by_the_first_import_that_defines_them() -> None:
    imports = (Import("o", "r", "q", "o::r"), Import("p", "q", "q", "p::q"))
    assert resolve(["b", "q"], imports, "ns") == {"b": "ns::b", "q": "o::r"}
    assert list(resolve(["b", "a"], (), "")) == ["b", "a"]


def test_a_bad_expression_is_lost_alone_and_pointed_at() -> None:
    reading = Reading("ns")
    program = ResourceProgram().parse("a.x == '1'\nb.y ==\nc.z", reading)
    assert program.names == ("a", "c")
    (fault,) = reading.faults
    assert fault.code is Code.BAD_EXPRESSION
    assert fault.place is not None
    assert 11 <= fault.place.start <= fault.place.end <= 17


def test_an_expression_in_a_list_is_found_by_its_item() -> None:
    reading = Reading("ns")
    ResourceProgram().parse(["a.x", "b.y =="], reading)
    (fault,) = reading.faults
    assert fault.place is not None
    assert fault.place.path == (1,)


def test_a_program_is_text_or_a_list() -> None:
    with pytest.raises(BadValue, match="expected expressions, found a number"):
        ResourceProgram().parse(5, Reading(""))
