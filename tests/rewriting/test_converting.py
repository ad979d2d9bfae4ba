"""Laws of the converter, both ways:

* there and back no unit means anything else, and no comment is lost;
* an instance of a converted template is that of the template;
* nothing makes it raise; where a unit would be lost there is no text but a diagnostic.
"""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.rewriting.texts import EXAMPLE, TEXTS, mutated, needs_corpus, real_files

from plainbox.diagnostics import Sink
from plainbox.records import Record, format_record, read_pxu, read_yaml
from plainbox.rewriting import Conversion, to_pxu, to_yaml
from plainbox.rewriting.meaning import meaning
from plainbox.templating import Skeleton, instance_record
from plainbox.text import Source
from plainbox.units.build import BUILT_IN

SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def pxu(text: str) -> list[Record]:
    return read_pxu(Source("a.pxu", text), Sink())


def yaml(text: str) -> list[Record]:
    return read_yaml(Source("a.yaml", text), Sink())


def meanings(records: list[Record]) -> list[dict[str, object]]:
    return [meaning(record) for record in records]


def converted(text: str) -> str:
    result = to_yaml(Source("a.pxu", text))
    assert result.text is not None, result.diagnostics
    return result.text


def back(text: str) -> str:
    result = to_pxu(Source("a.yaml", text))
    assert result.text is not None, result.diagnostics
    return result.text


def comments(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.split("\n") if line.startswith("#"))


def instances(records: list[Record]) -> list[dict[str, object]]:
    """What the templates make of a record that has every field, by the field's name."""
    found = []
    for record in records:
        if (unit := record.get("unit")) and unit.value == "template":
            engine = record.get("template-engine")
            skeleton = Skeleton(
                instance_record(record, "x"), str(engine.value) if engine else "default", "r"
            )
            names = {name: f"value-of-{name}" for name in skeleton._named}
            made = skeleton.expand(names, 1).record
            values = meaning(made)
            values.pop("template-id")
            found.append(values)
    return found


def there_and_back(text: str) -> None:
    there = to_yaml(Source("a.pxu", text))
    if there.text is None:
        assert there.diagnostics
        return
    assert meanings(yaml(there.text)) == meanings(pxu(text))
    again = to_pxu(Source("a.yaml", there.text))
    if again.text is None:
        assert not all(is_writable(record) for record in pxu(text)), again.diagnostics
    else:
        assert meanings(pxu(again.text)) == meanings(pxu(text))


def is_writable(record: Record) -> bool:
    """Whether the writer of records has words for it at all."""
    try:
        format_record(record.data())
    except ValueError:
        return False
    return True


@SLOW
@given(TEXTS)
def test_any_text_goes_there_and_back(text: str) -> None:
    there_and_back(text)


@SLOW
@given(mutated())
def test_a_damaged_file_goes_there_and_back(text: str) -> None:
    there_and_back(text)


WORDS = st.sampled_from(
    [
        *("a", "b/c", "{x}", "{{", "}}", "{", "x.y", "== '1'", '"d e"', '"', ",", "=", "#", "# c"),
        *(
            "certification-status=blocker",
            "\n ",
            "\n# remark\n ",
            "[",
            "]",
            "{}",
            '{"a": "b"}',
            ":",
        ),
        *(
            "apply",
            "to",
            "from",
            "import",
            "as",
            "- x",
            "'",
            "\\",
            "yes",
            "1.5",
            ".",
            "..",
            "%",
            "|",
        ),
    ]
)


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.type_name)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_value_of_any_field_goes_there_and_back(kind: type, data: st.DataObject) -> None:
    keys = st.sampled_from([key for key in kind.fields if key != "unit"] or ["x"])  # type: ignore[attr-defined]
    values = st.lists(WORDS, max_size=6).map(" ".join)
    fields = data.draw(st.dictionaries(keys, values, max_size=4))
    lines = [f"unit: {kind.type_name}"]  # type: ignore[attr-defined]
    lines += [f"{key}: {value}" for key, value in fields.items()]
    there_and_back("\n".join(lines) + "\n")


VALUES = st.recursive(
    st.lists(WORDS, max_size=4).map(" ".join) | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=5,
)


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.type_name)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_yaml_value_is_carried_or_refused(kind: type, data: st.DataObject) -> None:
    keys = st.sampled_from([key for key in kind.fields if key != "unit"] or ["x"])  # type: ignore[attr-defined]
    fields = data.draw(st.dictionaries(keys, VALUES, max_size=4))
    text = json.dumps({"unit": kind.type_name, **fields})  # type: ignore[attr-defined]
    result = to_pxu(Source("a.yaml", text))
    if result.text is None:
        assert result.diagnostics
    else:
        assert meanings(pxu(result.text)) == meanings(yaml(text))


@SLOW
@given(
    st.text(alphabet="ab:-# \n|>'\"[]{}&*!?,\t\ufeff", max_size=30) | mutated(converted(EXAMPLE))
)
@example("a: |\n  x\n # c\n")
@example("a: | # c\n  x\n")
@example("\ufeffa: 1 # c\n")
def test_no_yaml_text_makes_the_converter_raise(text: str) -> None:
    result = to_pxu(Source("a.yaml", text))
    if result.text is None:
        assert result.diagnostics
    else:
        assert meanings(pxu(result.text)) == meanings(yaml(text))


@needs_corpus
def test_real_files_go_there_and_back_with_all_their_comments() -> None:
    files = real_files(".pxu")
    assert files
    for path in files:
        text = path.read_text("utf-8")
        there = converted(text)
        again = back(there)
        assert meanings(yaml(there)) == meanings(pxu(text)) == meanings(pxu(again)), path
        assert instances(yaml(there)) == instances(pxu(text)), path
        assert comments(text) <= comments(again) | Counter(
            line.strip() for line in again.split("\n") if line.strip().startswith("#")
        ), path


@needs_corpus
def test_real_yaml_files_go_there_and_back() -> None:
    for path in real_files(".yaml"):
        if "units" in path.parts:
            text = path.read_text("utf-8")
            assert meanings(yaml(converted(back(text)))) == meanings(yaml(text)), path


def test_the_example_in_yaml() -> None:
    assert (
        converted(EXAMPLE)
        == """\
# vim: set ft=pxu :
# Two jobs that read disks

# plainbox: a comment that belongs to the record
command: |-
  for disk in $LIST; do
      read_disk "$disk"   # slowly
  done

  echo done
id: disk/read
_summary: Read all disks
# why root: raw devices
user: root
flags:
  - simple
  - preserve-locale
_purpose: |-
  Read

    twice
requires:
  - disk.size != '0'
  # a comment inside a value
  - disk.kind in ('ssd', 'hdd')
---
unit: template
id: disk/{name}
template-resource: disk
template-filter:
  - disk.removable == 'no'
plugin: shell
command: 'true'
nonsense: kept
# the end of the record
---
unit: test plan
id: disks
name: Disks
include:
  # the one
  - disk/read:
      certification-status: blocker
  - disk/.*
"""
    )


YAML = """\
# the head

# of the first
id: a  # trailing
command: | # why
  echo # not a comment
  # nor this
depends:
  - b
  # before c
  - c d
flags: [simple, noreturn]
# the end of the first
---
# of the second
unit: test plan
id: p
name: P
include:
  - a: {certification-status: blocker}
  - 'x, y'   # in quotes
estimated_duration: 30
nested_part: []
# after all
"""


def test_a_yaml_file_in_pxu() -> None:
    assert (
        back(YAML)
        == """\
# the head

# of the first
# trailing
id: a
# why
command:
    echo # not a comment
    # nor this
flags: simple noreturn
depends:
    b
    # before c
    "c d"
# the end of the first

# of the second
unit: test plan
id: p
name: P
include:
    a certification-status=blocker
    # in quotes
    "x, y"
nested_part:
estimated_duration: 30
# after all
"""
    )


def said(result: Conversion) -> list[str]:
    return [each.message for each in result.diagnostics]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("_purpose:\n  one\n   two\n", "1 text has its translations under another key in YAML"),
        ("nonsense: a\n", "nonsense: nothing declares this field, it stays a text"),
        ("depends: a = b\n", None),
        ("# \x07\nid: a\n", "1 comment has characters that YAML does not allow"),
    ],
)
def test_what_yaml_cannot_carry_is_said(text: str, message: str | None) -> None:
    result = to_yaml(Source("a.pxu", text))
    assert result.text is not None
    assert said(result) == ([message] if message else [])


@pytest.mark.parametrize(
    ("text", "message", "carried"),
    [
        (
            "id: null\nname: b\n",
            "id: 'null' means that there is no such field, it is left out",
            True,
        ),
        (
            "command: |2\n    a\n  b\n",
            "command: the indentation of the first line is left out",
            True,
        ),
        ('command: "a\\n \\nb"\n', "command: blanks on empty lines are left out", True),
        ('command: "a\\n.\\nb"\n', None, False),
        ("data: {a: b}\n", "data: a mapping cannot be written in PXU", False),
        ("depends: ['a \"b']\n", "depends: 'a \"b' cannot be written as a word", False),
        (
            "unit: test plan\ninclude: [{a: b}]\n",
            "include: the item {'a': 'b'} is no pattern",
            False,
        ),
        ("environ: [a b]\n", "environ: PXU would read this value differently", False),
    ],
)
def test_what_pxu_cannot_carry_is_said(text: str, message: str | None, carried: bool) -> None:  # noqa: FBT001
    result = to_pxu(Source("a.yaml", text))
    assert (result.text is not None) == carried
    assert len(said(result)) == 1
    assert message in (None, *said(result))


def test_a_file_with_a_mistake_is_not_converted_in_part() -> None:
    assert to_yaml(Source("a.pxu", "id: a\n\nmistake\n")).text is None
    assert to_pxu(Source("a.yaml", "id: a\n---\n- b\n")).text is None


def test_json_in_templates_keeps_its_braces() -> None:
    text = (
        "unit: template\ntemplate-resource: r\nid: a-{n}\nplugin: shell\ncommand: true\n"
        'siblings: [{{"id": "b-{n}", "command": "echo {{{{}}}} {n}"}}]\n'
    )
    there = converted(text)
    assert "siblings:\n  - id: b-{n}\n    command: echo {{{{}}}} {n}\n" in there
    assert instances(yaml(there)) == instances(pxu(text))
    assert instances(pxu(back(there))) == instances(pxu(text))
    assert instances(pxu(text))[0]["siblings"] == [
        {"id": "b-value-of-n", "command": "echo {{}} value-of-n"}
    ]


def test_a_list_whose_words_hold_blanks_only_in_braces_stays_a_text() -> None:
    text = "unit: template\ntemplate-engine: jinja2\nid: {{ a }}\ndepends: b-{{ a }}\n"
    assert "depends: b-{{ a }}\n" in converted(text)
