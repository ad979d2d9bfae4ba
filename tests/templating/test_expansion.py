"""Records of templates become records of instances that stand where the template does."""

from __future__ import annotations

from plainbox.diagnostics import Sink
from plainbox.records import Record, read_pxu, read_yaml
from plainbox.templating import Expansion, Skeleton, instance_record, rendered
from plainbox.text import Source

TEMPLATE = """\
unit: template
template-unit: category
template-resource: dev
_template-summary: {broken
id: t_{name}
template-id: tmpl
_summary: Test {name}
command:
   first {{x}}
   .
   use {path} "$a"
fixed: nothing {{here}}
plain: nothing
"""


def record_of(text: str) -> Record:
    (record,) = read_pxu(Source("units/t.pxu", text), Sink())
    return record


def expand(text: str, record: dict[str, str], *, engine: str = "default") -> Expansion:
    bare = instance_record(record_of(text), "ns::tmpl")
    return Skeleton(bare, engine, "dev").expand(record, 2)


def test_an_instance_has_no_field_of_the_template_but_engine_and_id() -> None:
    bare = instance_record(record_of(TEMPLATE), "ns::tmpl")
    assert bare.data() == {
        "unit": "category",
        "_template-summary": "{broken",
        "id": "t_{name}",
        "_summary": "Test {name}",
        "command": 'first {{x}}\n\nuse {path} "$a"',
        "fixed": "nothing {{here}}",
        "plain": "nothing",
        "template-engine": "default",
        "template-id": "ns::tmpl",
    }


def test_an_instance_is_a_job_where_the_template_does_not_say() -> None:
    bare = instance_record(record_of("unit: template\nid: {x}\n"), "ns::x")
    assert bare.data()["unit"] == "job"


def test_texts_are_filled_in_and_the_rest_is_shared() -> None:
    bare = instance_record(record_of(TEMPLATE), "ns::tmpl")
    skeleton = Skeleton(bare, "default", "dev")
    one = skeleton.expand({"name": "n", "path": "/p", "more": "m"}, 1)
    two = skeleton.expand({"name": "m", "path": "/q"}, 2)
    assert one.record.data()["command"] == 'first {x}\n\nuse /p "$a"'
    assert one.record.data()["fixed"] == "nothing {here}"
    assert one.record.entries["fixed"] is two.record.entries["fixed"]
    assert one.record.entries["plain"] is bare.entries["plain"]
    assert one.parameters == {"name": "n", "path": "/p", "__index__": 1}
    assert skeleton.varying == ["_template-summary", "id", "_summary", "command"]
    assert one.flaws == ()


def test_entries_stand_where_the_template_has_them() -> None:
    made = expand(TEMPLATE, {"name": "n", "path": "/long/path"}).record
    entry = made.entries["command"]
    text = str(entry.value)
    assert (entry.line, entry.last_line, entry.text_line) == (8, 11, 9)

    def source_of(part: str) -> str:
        return made.value_span(entry, text.index(part), text.index(part) + len(part)).text

    assert source_of("use") == "use"
    assert source_of("long") == "{path}"
    assert source_of("{x") == "{{x"
    assert source_of('"$a"') == '"$a"'
    assert made.value_span(entry, text.index('"$a"')).text == '"$a"'
    assert made.value_span(entry).text.startswith("first")
    assert made.span().line == 1


def test_translators_see_the_text_of_the_template() -> None:
    made = expand(TEMPLATE, {"name": "n", "path": "/p"}).record
    assert str(made.entries["_summary"].raw).strip() == "Test {name}"


def test_a_missing_parameter_is_a_flaw_with_its_place() -> None:
    made = expand(TEMPLATE, {"name": "n"})
    (flaw,) = made.flaws
    assert flaw.message == "field 'command': there is no parameter 'path'"
    assert flaw.fault.missing == "path"
    assert flaw.span().text == "{path}"
    assert "MISSING_PARAM_2" in str(made.record.data()["command"])


def test_fields_reached_by_way_of_the_record_are_parameters() -> None:
    text = "unit: template\nid: a-{dev.name}-{path}\n"
    made = expand(text, {"name": "n", "path": "/p", "more": "m"})
    assert made.record.data()["id"] == "a-n-/p"
    assert made.parameters == {"name": "n", "path": "/p", "__index__": 2}


def test_a_record_key_of_the_name_of_the_resource_is_the_parameter() -> None:
    made = expand("unit: template\nid: a-{dev}\n", {"dev": "d", "name": "n"})
    assert made.parameters == {"dev": "d", "__index__": 2}
    assert made.record.data()["id"] == "a-d"


def test_a_text_that_uses_the_whole_record_has_all_its_fields_as_parameters() -> None:
    text = "unit: template\nid: a-{% for key in dev %}{{ key }}{% endfor %}\n"
    made = expand(text, {"b": "1", "c": "2"}, engine="jinja2")
    assert made.record.data()["id"] == "a-bc"
    assert made.parameters == {"b": "1", "c": "2", "__index__": 2}


def test_in_jinja2_spans_are_those_of_the_whole_value() -> None:
    made = expand("unit: template\nid: a-{{ x }}\n", {"x": "1"}, engine="jinja2").record
    entry = made.entries["id"]
    assert made.value_span(entry, 0, 1).text == "a-{{ x }}"


def test_an_id_that_cannot_be_made_still_counts_records() -> None:
    text = "unit: template\nid: a-{{ x }\ntemplate-id: tmpl\n"
    made = expand(text, {"x": "1"}, engine="jinja2")
    assert made.record.data()["id"] == "tmpl_MISSING_PARAM_2"
    assert len(made.flaws) == 1


def test_an_id_without_a_template_is_its_placeholder() -> None:
    made = rendered(record_of("id: a-{{ x }\ntemplate-engine: jinja2\n"))
    assert made.record.data()["id"] == "MISSING_PARAM_0"


def test_an_unknown_engine_is_a_flaw_and_ids_are_formatted_all_the_same() -> None:
    text = "unit: template\nid: a-{x}\ntemplate-engine: mako\n"
    made = expand(text, {"x": "1"}, engine="mako")
    (flaw,) = made.flaws
    assert flaw.message == "field 'template-engine': 'mako' is unknown, expected default or jinja2"
    assert flaw.span().text == "mako"
    assert made.record.data()["id"] == "a-1"


def test_items_of_yaml_values_are_filled_in() -> None:
    text = "id: 'a-{x}'\nflags: [one, '{x}']\nnumber: 5\nmore: {'{x}': ['{x}', '{y}']}\nsame: [a]\n"
    (record,) = read_yaml(Source("t.yaml", text), Sink())
    made = Skeleton(record).expand({"x": "1"}, 1)
    assert made.record.data() == {
        "id": "a-1",
        "flags": ["one", "1"],
        "number": 5,
        "more": {"{x}": ["1", "MISSING_PARAM_1"]},
        "same": ["a"],
    }
    (flaw,) = made.flaws
    assert flaw.path == ("{x}", 1)
    assert flaw.span().text == "{y}"
    assert made.record.entries["same"] is record.entries["same"]


def test_a_unit_of_no_template_can_ask_for_jinja2() -> None:
    record = record_of("id: a\ntemplate-engine: jinja2\ncommand: {{ __system_env__.X }}\n")
    made = rendered(record, {"__system_env__": {"X": "y"}})
    assert made.record.data()["command"] == "y"
    assert made.record.data()["template-engine"] == "jinja2"
    assert made.flaws == ()


def test_no_record_hides_what_plainbox_itself_says() -> None:
    record = record_of("id: a\ncommand: {{ __on_ubuntucore__ }}\n")
    made = Skeleton(record, "jinja2").expand({"__on_ubuntucore__": "yes"}, 1)
    assert made.record.data()["command"] == "False"
