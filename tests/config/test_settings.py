"""Every option has one declaration; the strongest layer that states it wins and is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainbox.config import (
    OPTIONS,
    Layer,
    Settings,
    config_files,
    own_config_file,
    read_settings,
    state_folder,
)
from plainbox.config.kinds import Folder, Folders, Kind, Line, Seconds, Size, Whole, Words
from plainbox.diagnostics import Code, Sink
from plainbox.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

BASE = Path("/base")


def settings(
    tmp_path: Path,
    text: str,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, str | None] | None = None,
    sink: Sink | None = None,
) -> Settings:
    file = tmp_path / "plainbox.conf"
    file.write_text(text)
    sink = Sink() if sink is None else sink
    return read_settings(environ or {}, sink, flags, files=[file])


def test_without_any_statement_the_default_holds(tmp_path: Path) -> None:
    found = settings(tmp_path, "")
    assert found.retry == 0
    assert found.jobs is None
    assert found.secrets == ("TOKEN", "SECRET", "PASSWORD", "KEY")
    (stated,) = found.statements(Settings.retry)
    assert (stated.layer, stated.text) == (Layer.DEFAULT, "0")


def test_the_stronger_layer_wins_and_every_statement_keeps_its_place(tmp_path: Path) -> None:
    environ = {"PLAINBOX_RETRY": "2"}
    found = settings(tmp_path, "[run]\n\nretry = 1\n", environ, {"retry": "3", "jobs": None})
    assert found.retry == 3
    assert [(s.layer, s.value, s.place) for s in found.statements(Settings.retry)[1:]] == [
        (Layer.FILE, 1, f"{tmp_path}/plainbox.conf:3"),
        (Layer.ENVIRONMENT, 2, "PLAINBOX_RETRY"),
        (Layer.COMMAND_LINE, 3, "--retry"),
    ]
    assert found.jobs is None


def test_a_launcher_stands_between_a_file_and_the_environment() -> None:
    assert sorted(Layer, key=lambda layer: layer.strength) == [
        *(Layer.DEFAULT, Layer.FILE, Layer.LAUNCHER, Layer.ENVIRONMENT, Layer.COMMAND_LINE),
    ]


def test_the_file_of_the_user_wins_over_that_of_the_system(tmp_path: Path) -> None:
    environ = {"XDG_CONFIG_DIRS": f"{tmp_path}/b:{tmp_path}/a", "XDG_CONFIG_HOME": f"{tmp_path}/u"}
    assert config_files(environ) == [tmp_path / x / "plainbox/plainbox.conf" for x in "abu"]
    for name, text in (("a", "retry=1\njobs=1"), ("b", "jobs=2"), ("u", "jobs=3")):
        file = tmp_path / name / "plainbox" / "plainbox.conf"
        file.parent.mkdir(parents=True)
        file.write_text(f"[run]\n{text}\n")
    found = read_settings(environ, Sink())
    assert (found.retry, found.jobs) == (1, 3)


def test_the_usual_places_of_files_are_those_of_the_xdg_rules() -> None:
    assert config_files({"HOME": "/home/u"}) == [
        Path("/etc/xdg/plainbox/plainbox.conf"),
        Path("/home/u/.config/plainbox/plainbox.conf"),
    ]
    assert own_config_file({}) is None
    assert own_config_file({"XDG_CONFIG_HOME": "relative", "HOME": "/h"}) == Path(
        "/h/.config/plainbox/plainbox.conf"
    )


def test_words_that_hide_secrets_add_up_over_the_layers(tmp_path: Path) -> None:
    found = settings(tmp_path, "[run]\nsecrets = PIN, KEY\n", {"PLAINBOX_SECRETS": "COOKIE"})
    assert found.secrets == ("TOKEN", "SECRET", "PASSWORD", "KEY", "PIN", "COOKIE")
    assert found.conceals("WIFI_PIN")
    assert found.conceals("api-token")
    assert found.conceals("GITHUBTOKEN")
    assert not found.conceals("SPINNER")


@pytest.mark.parametrize(
    ("text", "line", "code", "message", "note"),
    [
        ("[rum]\n", 1, Code.UNKNOWN_KEY, "unknown section 'rum' is ignored", "'run'"),
        ("[run]\ntimeot = 1\n", 2, Code.UNKNOWN_KEY, "unknown key 'timeot'", "'timeout'"),
        ("[run]\nlog_size = 1\n", 2, Code.UNKNOWN_KEY, "unknown key 'log_size'", "[storage]"),
        ("[run]\nretry = -1\n", 2, Code.BAD_CONFIG, "retry cannot be '-1'", ""),
        ("[run]\nretry\n", 2, Code.BAD_CONFIG, "expected 'key = value'", ""),
        ("[environment]\nA B = 1\n", 2, Code.BAD_CONFIG, "'A B' cannot be the name", ""),
    ],
)
def test_a_mistake_in_a_file_costs_its_line_and_is_shown_there(
    tmp_path: Path, text: str, line: int, code: Code, message: str, note: str
) -> None:
    sink = Sink()
    found = settings(tmp_path, text + "[run ]\n[storage]\nlog_size = 5\n", sink=sink)
    assert found.log_size == 5
    first = next(each for each in sink if "run " not in each.message)
    assert first.code is code
    assert message in first.message
    assert first.span
    assert first.span.line == line
    assert note in " ".join(first.notes)


def test_a_mistake_of_the_caller_ends_the_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="PLAINBOX_RETRY cannot be 'often'"):
        settings(tmp_path, "", {"PLAINBOX_RETRY": "often"})
    with pytest.raises(UsageError, match="--timeout cannot be 'soon'"):
        settings(tmp_path, "", flags={"timeout": "soon"})


def test_an_empty_variable_states_nothing(tmp_path: Path) -> None:
    assert settings(tmp_path, "", {"PLAINBOX_RETRY": ""}).retry == 0


def test_a_file_that_is_named_and_not_there_is_reported(tmp_path: Path) -> None:
    sink = Sink()
    read_settings({}, sink, files=[tmp_path / "no.conf"])
    assert [each.code for each in sink] == [Code.UNREADABLE_FILE]


def test_free_sections_take_any_key_and_keep_its_place(tmp_path: Path) -> None:
    found = settings(tmp_path, "[environment]\nA = 100%\n[manifest]\nns::has_x = yes\n")
    assert found.environment["A"].text == "100%"
    assert found.manifest["ns::has_x"].place == f"{tmp_path}/plainbox.conf:4"


def test_a_relative_path_in_a_file_counts_from_the_file(tmp_path: Path) -> None:
    found = settings(tmp_path, "[storage]\nstate-dir = here\n[run]\nprovider = a\n  /b\n")
    assert found.state_dir == tmp_path / "here"
    assert found.state_folder == tmp_path / "here"
    assert found.provider == (str(tmp_path / "a"), "/b")


def test_the_state_folder_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"PLAINBOX_STATE_DIR": "/a", "XDG_STATE_HOME": "/b"}
    assert str(read_settings(environ, Sink(), files=[]).state_folder) == "/a"
    assert str(state_folder({"XDG_STATE_HOME": "/b"})) == "/b/plainbox"
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert str(state_folder({"HOME": "/home/u"})) == "/home/u/.local/state/plainbox"
    with pytest.raises(UsageError) as caught:
        state_folder({})
    assert caught.value.hints == ("set PLAINBOX_STATE_DIR",)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert str(state_folder({"HOME": "/root"})) == "/var/lib/plainbox"


@pytest.mark.parametrize("option", OPTIONS.values(), ids=list(OPTIONS))
def test_every_option_explains_itself_and_its_example_and_default_read_well(
    option: object,
) -> None:
    assert option in OPTIONS.values()
    declared = next(each for each in OPTIONS.values() if each is option)
    assert declared.help.endswith(".")
    assert declared.help[0].isupper()
    assert declared.variable.startswith("PLAINBOX_")
    declared.kind.read(declared.kind.example, BASE)
    if declared.default not in (None, ()):
        assert declared.kind.read(declared.shown(declared.default), BASE) == declared.default
    else:
        assert declared.unset


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Seconds(), "90", 90.0),
        (Seconds(), "1.5", 1.5),
        (Seconds(), "1h 30m", 5400.0),
        (Seconds(), "20 min", 1200.0),
        (Size(), "4096", 4096),
        (Size(), "100 MB", 10**8),
        (Size(), "1GiB", 2**30),
        (Size(), "1.5k", 1500),
        (Words(), "a, b  c", ("a", "b", "c")),
        (Folder(), "x/../y", Path("/base/y")),
        (Folders(), "a:/b", ("/base/a", "/b")),
        (Line(), "me", "me"),
        (Whole(1), "1", 1),
    ],
)
def test_a_value_is_read_as_people_write_it(kind: Kind[object], text: str, value: object) -> None:
    assert kind.read(text, BASE) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *((Seconds(), text) for text in ("", "0", "-1", "soon", "nan", "1e400", "1m 1h")),
        *((Size(), text) for text in ("", "-1", "many", "1 EB")),
        *((Whole(1), text) for text in ("", "0", "-1", "1.5", "²")),
        *((Line(), text) for text in ("", "a\nb")),
        (Folder(), ""),
    ],
)
def test_what_a_kind_cannot_be_is_refused_with_what_was_expected(
    kind: Kind[object], text: str
) -> None:
    with pytest.raises(ValueError, match="expected"):
        kind.read(text, BASE)


@given(st.integers(1, 10**7))
def test_a_length_of_time_that_is_shown_reads_back(seconds: int) -> None:
    assert Seconds().read(Seconds().show(float(seconds)), BASE) == seconds


@given(st.integers(0, 10**15))
def test_a_size_that_is_shown_reads_back(size: int) -> None:
    assert Size().read(Size().show(size), BASE) == size
