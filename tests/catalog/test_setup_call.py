from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plainbox.catalog.setup_call import UNKNOWN, read_setup
from plainbox.diagnostics import Code, Sink

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, text: str, sink: Sink | None = None) -> dict[str, object] | None:
    path = folder / "manage.py"
    path.write_text(text, "utf-8")
    given = read_setup(path, Sink() if sink is None else sink)
    return None if given is None else {key: value.value for key, value in given.items()}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"text"', "text"),
        ('("two "\n "parts")', "two parts"),
        ("False", False),
        ('N_("marked")', "marked"),
        ('N_(\n    "marked"\n)', "marked"),
        ('pm.N_("marked")', "marked"),
        ("NAME", "bound"),
        ("LATER", "bound later"),
        ("MARKED", "marked"),
        ("ANNOTATED", "annotated"),
        ("TWICE", UNKNOWN),
        ("IN_A_LOOP", UNKNOWN),
        ("COMPUTED", UNKNOWN),
        ("NOWHERE", UNKNOWN),
        ("plainbox.__version__", UNKNOWN),
        ('open("x").read()', UNKNOWN),
        ('f"{NAME}"', UNKNOWN),
        ('"a" + "b"', UNKNOWN),
    ],
)
def test_literals_are_known_and_all_else_is_unknown(
    tmp_path: Path, expression: str, value: object
) -> None:
    text = f"""
NAME = "bound"
MARKED = N_("marked")
ANNOTATED: str = "annotated"
TWICE = "a"
TWICE = "b"
IN_A_LOOP = "a"
for IN_A_LOOP in "bc": pass
COMPUTED = str(1)
setup(name={expression}, strict=True)
LATER = "bound later"
"""
    sink = Sink()
    assert read(tmp_path, text, sink) == {"name": value, "strict": True}
    assert not len(sink)


@pytest.mark.parametrize(
    "text",
    [
        'if __name__ == "__main__":\n    setup(name="x")\n',
        'def main():\n    return setup(name="x")\n',
        'import provider_manager\nprovider_manager.setup(name="x")\n',
        'raise SystemExit(setup(name="x"))\n',
        'x = 1\r\nsetup(name="x")\r\n',
        '\ufeffsetup(name="x")\n',
        'setup(name="x", **more)\n',
    ],
)
def test_the_call_is_found_wherever_it_stands(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == {"name": "x"}


def test_nothing_of_the_file_is_executed(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    text = f"open({str(mark)!r}, 'w')\nsetup(name=open({str(mark)!r}, 'w').name)\n"
    assert read(tmp_path, text) == {"name": UNKNOWN}
    assert not mark.exists()


def test_a_file_without_the_call_says_nothing(tmp_path: Path) -> None:
    sink = Sink()
    assert read(tmp_path, "execute_from_command_line()\n", sink) is None
    assert not len(sink)


@pytest.mark.parametrize("text", ["setup(\n", "print 'old'\n", "\0", "if x:\n\tpass\n        y\n"])
def test_a_file_that_is_no_python_is_reported(tmp_path: Path, text: str) -> None:
    sink = Sink()
    assert read(tmp_path, text, sink) is None
    (found,) = sink
    assert found.code is Code.BAD_PROVIDER
    assert found.span


def test_odd_escapes_make_no_noise(tmp_path: Path) -> None:
    assert read(tmp_path, 'setup(name="\\d")\n') == {"name": "\\d"}


def test_the_place_of_a_keyword_counts_characters(tmp_path: Path) -> None:
    path = tmp_path / "manage.py"
    path.write_text('setup(description="ä→", name="x")\n', "utf-8")
    given = read_setup(path, Sink())
    assert given
    assert given["name"].span.text == "name"


def test_a_file_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "manage.py"
    path.write_bytes(b'setup(name="\xff")\n')
    sink = Sink()
    assert read_setup(path, sink) is None
    assert [found.code for found in sink] == [Code.UNREADABLE_FILE]
