from __future__ import annotations

import pytest
from tests.checking.checked import RESOURCE, check, codes, fix_of

HEAD = RESOURCE + "unit: template\ntemplate-resource: device\n"


def template(fields: str) -> str:
    return f"{HEAD}id: t_{{x}}\nplugin: shell\n{fields}\n"


DOUBLED = "write '{{' for the character"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("command: echo {x} {{}}", None),
        (
            "command: awk '{print $1}'",
            "bad-template] @{print $1}: command: 'print $1' is no name of a parameter",
        ),
        (
            "command: echo {}",
            (
                "bad-template] @{}: field 'command': a replacement field needs the name of a"
                f" parameter, {DOUBLED}"
            ),
        ),
        (
            "command: echo {x",
            f"bad-template] @{{x: field 'command': '{{' is never closed, {DOUBLED}",
        ),
        (
            "command: echo ${HOME}",
            "bad-template] @{HOME}: command: the shell never sees '${HOME}', but '$' and a value",
        ),
        (
            "command: echo {device.path}",
            "portability] @{device.path}: command: Checkbox knows no 'device.path', only 'path'",
        ),
        (
            "command: true\nuser: {who}",
            (
                "bad-template] @{who}: user: all instances of a template have the same, found a"
                " parameter"
            ),
        ),
        (
            "command: true\nestimated_duration: fast",
            (
                "bad-value] @fast: estimated_duration: expected a positive number of seconds or"
                " '1h 2m 3s', found 'fast'"
            ),
        ),
        (
            "command: true\ntemplate-engine: jinja3",
            "bad-value] @jinja3: template-engine: expected one of default, jinja2, found 'jinja3'",
        ),
        (
            "command: true\ntemplate-unit: jub",
            "unknown-unit-type] @jub: template-unit: unknown unit type 'jub'",
        ),
    ],
)
def test_the_mistakes_of_all_instances_are_found_in_the_template_once(
    fields: str, expected: str | None
) -> None:
    found = [line.partition("[")[2] for line in check(template(fields))]
    assert found == ([] if expected is None else [expected])


def test_an_id_without_a_parameter_is_an_error() -> None:
    assert codes(f"{HEAD}id: same\nplugin: shell\ncommand: true\n") == ["bad-template"]


def test_braces_that_were_not_meant_as_parameters_are_doubled_by_a_fix() -> None:
    assert fix_of(template("command: awk '{print $1}'")) == ("write both braces twice", True)


def test_a_template_of_another_type_is_checked_with_the_rules_of_that_type() -> None:
    text = f"{HEAD}template-unit: manifest entry\nid: has_{{x}}\nname: {{x}}\nvalue-type: maybe\n"
    assert codes(text) == ["portability", "bad-value"]


def test_a_template_in_jinja2_is_rendered_before_it_is_checked() -> None:
    text = f"{HEAD}template-engine: jinja2\nid: t_{{{{ x }}}}\nplugin: shell\ncommand:\n"
    good = " {% if x %}\n echo {{ x }}\n {% endif %}\n"
    assert codes(text + good) == []
    assert codes(text + good.replace("{% endif %}", "")) == ["bad-template"]
