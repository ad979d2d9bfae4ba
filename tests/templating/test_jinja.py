"""Jinja2: rendered in its sandbox, loaded late, and never raising."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from plainbox.templating import EXTRAS, Script, jinja, scope_of

if TYPE_CHECKING:
    from collections.abc import Iterator

SCOPE = {**EXTRAS, **scope_of({"path": "/dev/sda", "name": "n", "items": "i"}, 3, "dev")}


@pytest.fixture
def without_jinja2(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    jinja._environment.cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2.sandbox", None)
    yield
    jinja._environment.cache_clear()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain\n", "plain"),
        ("{{ path }}\n", "/dev/sda"),
        ("{{ nosuch }}|", "|"),
        ("{{ dev.path }} {{ dev['name'] }} {{ dev.items }} {{ dev.nosuch }}", "/dev/sda n i "),
        ("{% for key in dev %}{{ key }} {% endfor %}{{ dev|length }}", "path name items 3"),
        ("{{ 'path' in dev }}", "True"),
        ("{{ dev }}", "{'path': '/dev/sda', 'name': 'n', 'items': 'i'}"),
        ("{% if __index__ == 3 %}three{% endif %}", "three"),
        ('{{ __system_env__["SNAP_NAME"] }}{{ __checkbox_env__.get("A", "b") }}', "b"),
        ("{{ __on_ubuntucore__ }}", "False"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_texts_are_rendered(text: str, expected: str) -> None:
    assert Script(text).render(SCOPE) == (expected, ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ ", "is not in the language of Jinja2: unexpected 'end of template'"),
        ("{{ path|nosuch }}", "is not in the language of Jinja2: No filter named 'nosuch'."),
        ("{{ path.__class__.__mro__ }}", "cannot be rendered: access to attribute '__class__' of"),
        ("{{ 1 / 0 }}", "cannot be rendered: division by zero"),
        ("{{ nosuch.deeper }}", "cannot be rendered: 'nosuch' is undefined"),
    ],
)
def test_what_cannot_be_rendered_is_a_fault(text: str, message: str) -> None:
    script = Script(text)
    shown, faults = script.render(SCOPE)
    (found,) = faults
    assert found.message.startswith(message)
    assert (found.start, found.end) == (0, len(text))
    assert shown == text
    assert not script.constant


def test_the_same_fault_is_known_before_rendering_where_it_can_be() -> None:
    assert Script("{{").faults
    assert not Script("{{ 1 / 0 }}").faults


def test_mentions_tell_attributes_from_the_whole() -> None:
    mentions = Script("{{ a }}{{ dev.b }}{{ dev['c'] }}{% set x = 1 %}{{ x }}").mentions("dev")
    assert mentions.names == {"a", "dev"}
    assert mentions.reached == {"b", "c"}
    assert not mentions.whole
    assert Script("{{ dev[a] }}").mentions("dev").whole
    assert Script("{% for key in dev %}{{ key }}{% endfor %}").mentions("dev").whole
    assert not Script("{{ dev[0] }}").mentions("").whole


@pytest.mark.usefixtures("without_jinja2")
def test_without_jinja2_a_text_that_asks_for_it_says_so() -> None:
    shown, (found,) = Script("{{ path }}").render(SCOPE)
    assert found.message == "needs Jinja2, which is not installed"
    assert shown == "{{ path }}"


@pytest.mark.usefixtures("without_jinja2")
def test_without_jinja2_a_constant_text_is_no_fault() -> None:
    assert Script("plain").render(SCOPE) == ("plain", ())


def test_jinja2_is_not_loaded_before_a_text_asks_for_it() -> None:
    code = (
        "import sys; from plainbox.templating import Script; Script('plain');"
        "assert 'jinja2' not in sys.modules; Script('{{ x }}'); assert 'jinja2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
