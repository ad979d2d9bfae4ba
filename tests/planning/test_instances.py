"""Records of a resource become units: corpus, examples of the specification, faults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.planning.units_of_text import job, pxu, template, units

from plainbox.diagnostics import Code, Sink
from plainbox.expressions import Verdict, evaluate
from plainbox.planning import bindings, errors_of, instantiate
from plainbox.units import Category, Job, TestPlan

CORPUS = Path(__file__).parents[1] / "corpus" / "templates.json"
RECORDS = [{"name": "foo", "path": "/a"}, {"name": "bar", "extra": "1"}]


def made(text: str, records: list[dict[str, str]], **options: Any) -> list[Job]:
    sink = Sink()
    found = instantiate(template(text), records, sink, **options)
    assert not list(sink)
    return [unit for unit in found if isinstance(unit, Job)]


@pytest.mark.parametrize("case", json.loads(CORPUS.read_text("utf-8")))
def test_instances_are_those_of_the_incumbent_bit_for_bit(case: dict[str, Any]) -> None:
    source = template(pxu(case["template"]), case["namespace"])
    assert source.record.data() == case["template"]
    found = [
        {
            "id": unit.id,
            "summary": unit.text("summary"),
            "command": unit.text("command"),
            "checksum": unit.checksum,
            "template_id": unit.instance.template_id if unit.instance else "",
        }
        for unit in instantiate(source, case["records"], Sink())
    ]
    assert source.template_id == case["template_id"]
    assert found == case["instances"]


TMPL = """\
unit: template
template-id: tmpl
template-resource: res
id: t_{name}_{__index__}
plugin: shell
summary: t
command: echo {name} {{}}
"""


def test_each_record_makes_an_instance_that_remembers_its_template() -> None:
    first, second = made(TMPL, RECORDS)
    assert (first.id, second.id) == ("ns::t_foo_1", "ns::t_bar_2")
    assert first.command == "echo foo {}"
    assert first.instance is not None
    assert second.instance is not None
    assert first.instance.template_id == "ns::tmpl"
    assert first.instance.resource_id == "ns::res"
    assert second.instance.record is RECORDS[1]
    assert errors_of(first) == ()
    assert first.template_id == "ns::tmpl"


def test_an_instance_that_lacks_a_parameter_is_kept_with_the_reason() -> None:
    text = TMPL.replace("t_{name}_{__index__}", "tm_{path}")
    sink = Sink()
    good, bad = instantiate(template(text), RECORDS, sink)
    assert (good.id, bad.id) == ("ns::tm_/a", "ns::tm_MISSING_PARAM_2")
    assert errors_of(good) == ()
    message = "template 'ns::tmpl', record 2 of 'ns::res': field 'id': there is no parameter 'path'"
    assert errors_of(bad) == (message,)
    assert bad.instance is not None
    assert bad.instance.errors
    (found,) = sink
    assert (found.code, found.message) == (Code.BAD_TEMPLATE, message)
    assert found.span is not None
    assert found.span.text == "{path}"


def test_a_fault_of_many_instances_is_reported_once() -> None:
    sink = Sink()
    text = TMPL.replace("echo {name}", "echo {gone}")
    found = instantiate(template(text), [*RECORDS, {"name": "x"}], sink)
    assert all(errors_of(unit) for unit in found)
    (diagnostic,) = sink
    assert diagnostic.notes == ("it is the first of 3",)
    assert "record 1 of" in diagnostic.message


def test_unless_strict_what_cannot_be_used_is_left_out() -> None:
    text = TMPL.replace("t_{name}_{__index__}", "tm_{path}")
    sink = Sink()
    (good,) = instantiate(template(text), RECORDS, sink, strict=False)
    assert good.id == "ns::tm_/a"
    assert len(sink) == 1


@pytest.mark.parametrize(
    "command",
    ["echo {", "echo }", "echo {}", "echo {0}", "echo {name.x}", "awk '{print $1}'", "{name:d}"],
)
def test_every_mistake_in_a_text_fails_the_instance_and_nothing_else(command: str) -> None:
    sink = Sink()
    (unit,) = instantiate(template(TMPL.replace("echo {name} {{}}", command)), RECORDS[:1], sink)
    assert unit.id == "ns::t_foo_1"
    assert len(errors_of(unit)) == 1
    assert [found.code for found in sink] == [Code.BAD_TEMPLATE]


def test_an_unknown_engine_fails_all_instances() -> None:
    sink = Sink()
    found = instantiate(template(TMPL + "template-engine: mako\n"), RECORDS, sink)
    assert [unit.id for unit in found] == ["ns::t_foo_1", "ns::t_bar_2"]
    assert all("'mako' is unknown" in errors_of(unit)[0] for unit in found)
    assert len(sink) == 1


def test_jinja2_knows_the_extras() -> None:
    text = (
        "unit: template\ntemplate-resource: res\ntemplate-engine: jinja2\nid: tj_{{ name }}\n"
        "plugin: shell\nsummary: T {{ name }} {{ nosuch }}\ncommand: {{ __system_env__.A }}\n"
    )
    extras = {"__system_env__": {"A": "b"}}
    found = made(text, RECORDS, extras=extras)
    assert [job.text("summary") for job in found] == ["T foo ", "T bar "]
    assert found[0].command == "b"


def test_an_instance_with_an_error_of_its_own_keeps_its_id() -> None:
    text = TMPL.replace("plugin: shell", "plugin: {kind}")
    records = [{"name": "a", "kind": "shell"}, {"name": "b", "kind": "bogus"}]
    sink = Sink()
    good, bad = instantiate(template(text), records, sink)
    assert (errors_of(good), bad.id) == ((), "ns::t_b_2")
    (message,) = errors_of(bad)
    assert message.startswith("template 'ns::tmpl', record 2 of 'ns::res': plugin:")
    (found,) = sink
    assert found.code is Code.BAD_VALUE


def test_an_error_in_what_no_parameter_changes_fails_all_instances() -> None:
    text = TMPL.replace("plugin: shell", "plugin: bogus")
    sink = Sink()
    assert all(errors_of(unit) for unit in instantiate(template(text), RECORDS, sink))
    assert next(iter(sink)).notes[-1] == "it is the first of 2"


def test_errors_of_rules_and_checks_are_found_in_later_instances_too() -> None:
    text = TMPL.replace("echo {name} {{}}", "{what}") + "estimated_duration: {time}\n"
    records = [
        {"name": "a", "what": "true", "time": "1"},
        {"name": "b", "what": "", "time": "1"},
        {"name": "c", "what": "echo 'open", "time": "1"},
        {"name": "d", "what": "true", "time": "never"},
        {"name": "e" * 100, "what": "true", "time": "1"},
    ]
    found = instantiate(template(text), records, Sink())
    assert [bool(errors_of(unit)) for unit in found] == [False, True, True, True, False]


def test_of_two_records_with_one_id_the_first_counts() -> None:
    sink = Sink()
    text = TMPL.replace("t_{name}_{__index__}", "t_{name}")
    records = [{"name": "a"}, {"name": "b"}, {"name": "a"}, {"name": "a"}]
    found = instantiate(template(text), records, sink)
    assert [unit.id for unit in found] == ["ns::t_a", "ns::t_b"]
    (diagnostic,) = sink
    assert diagnostic.code is Code.DUPLICATE_INSTANCE
    assert diagnostic.message == "3 records of 'ns::res' make 'ns::t_a'"
    assert diagnostic.notes == ("record 1 counts, the others are ignored",)


def test_a_resource_without_output_makes_nothing() -> None:
    assert made(TMPL, [{}]) == []
    assert made(TMPL, []) == []


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ("res.name == 'foo'", ["ns::t_foo_1"]),
        ("res.name == 'bar'", ["ns::t_bar_1"]),
        ("res.name == 'foo'\n res.path == '/a'", ["ns::t_foo_1"]),
        ("res.name == 'foo'\n res.extra == '1'", []),
        ("other.name == 'foo'", []),
        ("res.name == 'foo' or other.name == 'foo'", []),
    ],
)
def test_a_filter_decides_on_each_record_alone(conditions: str, expected: list[str]) -> None:
    text = TMPL + f"template-filter:\n {conditions}\n"
    assert [unit.id for unit in made(text, RECORDS)] == expected


def test_the_name_of_an_import_holds_on_every_line_of_a_filter() -> None:
    text = TMPL.replace("template-resource: res", "template-resource: q") + (
        "template-imports: from other import res as q\n"
        "template-filter:\n q.name == 'foo' and q.path == '/a'\n q.path == '/a'\n"
    )
    (unit,) = made(text, RECORDS)
    assert unit.instance is not None
    assert unit.instance.resource_id == "other::res"


def test_a_filter_that_cannot_be_read_makes_nothing() -> None:
    sink = Sink()
    text = TMPL + "template-filter:\n res.name == 'foo'\n res.name ==\n"
    assert instantiate(template(text), RECORDS, sink) == []
    (found,) = sink
    assert found.code is Code.BAD_TEMPLATE


def test_a_type_that_nobody_knows_makes_nothing() -> None:
    sink = Sink()
    assert instantiate(template(TMPL + "template-unit: bogus\n"), RECORDS, sink) == []
    (found,) = sink
    assert found.code is Code.UNKNOWN_UNIT_TYPE


def test_the_record_is_a_variable_named_like_the_resource() -> None:
    (unit,) = made(TMPL.replace("echo {name} {{}}", "use {res.path}"), RECORDS[:1])
    assert unit.command == "use /a"
    assert unit.instance is not None
    assert unit.instance.parameters == {"name": "foo", "path": "/a", "__index__": 1}


def test_the_variable_is_called_as_it_is_imported() -> None:
    text = TMPL.replace("template-resource: res", "template-resource: q").replace(
        "echo {name} {{}}", "use {q.path}"
    )
    (unit,) = made(text + "template-imports: from other import res as q\n", RECORDS[:1])
    assert unit.command == "use /a"


def test_an_import_of_another_resource_names_nothing_here() -> None:
    text = TMPL.replace("echo {name} {{}}", "use {res.path}")
    (unit,) = made(text + "template-imports: from other import thing\n", RECORDS[:1])
    assert unit.command == "use /a"


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("category", "name: {name}\n", Category),
        ("test plan", "name: {name}\ninclude: {name}-.*\n", TestPlan),
        ("job", "plugin: manual\npurpose: p\nsummary: s\n", Job),
    ],
)
def test_other_types_can_be_made(kind: str, fields: str, expected: type) -> None:
    text = f"unit: template\ntemplate-unit: {kind}\ntemplate-resource: r\nid: x-{{name}}\n{fields}"
    sink = Sink()
    (unit,) = instantiate(template(text), RECORDS[:1], sink)
    assert isinstance(unit, expected)
    assert unit.id == "ns::x-foo"
    assert not list(sink)


def test_units_without_an_id_are_never_the_same() -> None:
    text = (
        "unit: template\ntemplate-unit: packaging meta-data\ntemplate-resource: r\nos-id: {name}\n"
    )
    sink = Sink()
    assert len(instantiate(template(text + "id:\n"), RECORDS, sink)) == 2


STORAGE = """\
unit: template
template-resource: device
template-filter: device.physical == 'yes'
requires: device.has_media == 'yes'
id: test-storage-{path}
summary: s
plugin: shell
command: perform-testing-on --device {path}
"""
DEVICES = [
    {"path": "/dev/sda", "has_media": "yes", "physical": "yes"},
    {"path": "/dev/cdrom", "has_media": "no", "physical": "yes"},
    {"path": "/dev/loop0", "has_media": "yes", "physical": "no"},
]


def test_in_an_instance_the_resource_means_the_record_that_made_it() -> None:
    found = made(STORAGE, DEVICES)
    assert [unit.partial_id for unit in found] == [
        "test-storage-/dev/sda",
        "test-storage-/dev/cdrom",
    ]
    verdicts = [
        evaluate(unit.requires, bindings(unit, {"ns::device": DEVICES})).verdict for unit in found
    ]
    assert verdicts == [Verdict.TRUE, Verdict.FALSE]


def test_other_resources_and_other_jobs_see_all_records() -> None:
    plain = job(
        "id: a\nplugin: shell\ncommand: true\nrequires:\n device.x == '1'\n gone.y == '2'\n"
    )
    assert bindings(plain, {"ns::device": DEVICES}) == {"device": DEVICES}
    (unit, _) = made(STORAGE.replace("requires: ", "requires: other.x == '1' and "), DEVICES)
    others = [{"x": "1"}]
    bound = bindings(unit, {"ns::device": DEVICES, "ns::other": others})
    assert bound == {"other": others, "device": (DEVICES[0],)}


def test_units_of_no_template_have_no_errors() -> None:
    assert errors_of(units("id: a\n")[0]) == ()
