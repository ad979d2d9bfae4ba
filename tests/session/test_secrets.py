"""What is secret is hidden wherever it is shown, however it arrives; what is kept stays exact."""

from __future__ import annotations

import json
import tarfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainbox.clock import SystemClock
from plainbox.errors import StorageError
from plainbox.outcome import Outcome
from plainbox.session.archive import export_session
from plainbox.session.events import (
    Answer,
    Answered,
    Asked,
    JobCard,
    JobFinished,
    JobStarting,
    Noted,
    Planned,
    Question,
    QuestionKind,
    ResourceRead,
    Retrying,
)
from plainbox.session.logs import ERRORS, OUTPUT, Chunk, LogWriter, read_output
from plainbox.session.secrets import Mask, ShownLogs
from plainbox.session.store import OpenSession, Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

    from plainbox.session.events import Event

VALUE = "hunter22"
OVERLAPPING = Mask(["abcab", "abcabcab", "bcaa", "aaaa"])


@given(st.lists(st.text("abc", max_size=5).map(str.encode), max_size=12))
def test_however_output_is_cut_the_same_is_hidden(pieces: list[bytes]) -> None:
    stream = OVERLAPPING.stream()
    shown = b"".join([*map(stream.feed, pieces), stream.rest()])
    assert shown == OVERLAPPING.pattern.sub(b"***", b"".join(pieces))


@given(st.lists(st.text("abc", max_size=5).map(str.encode), max_size=12))
def test_where_lengths_are_kept_nothing_moves(pieces: list[bytes]) -> None:
    stream = OVERLAPPING.stream(same_length=True)
    shown = b"".join([*map(stream.feed, pieces), stream.rest()])
    assert len(shown) == len(b"".join(pieces))
    assert OVERLAPPING.pattern.search(shown) is None


def test_the_longest_value_is_hidden_first() -> None:
    assert Mask(["pass", "password"]).text("a password, a pass") == "a ***, a ***"


@pytest.mark.parametrize("value", ["", "abc", " ab\n", "true", "None"])
def test_what_is_found_everywhere_is_no_secret(value: str) -> None:
    mask = Mask([value])
    assert not mask
    assert mask.text("abc ab true None") == "abc ab true None"
    assert mask.content(b"abc") == b"abc"


def test_of_a_value_of_several_lines_each_line_is_hidden() -> None:
    mask = Mask(["-----BEGIN-----\nMIIEpAIBAAKC\nx==\n"])
    assert (
        mask.text("it says MIIEpAIBAAKC there; x== is short") == "it says *** there; x== is short"
    )
    assert mask.text("-----BEGIN-----\nMIIEpAIBAAKC\nx==") == "***"


def test_the_streams_of_a_log_are_hidden_each_for_itself() -> None:
    chunks = [Chunk(1, OUTPUT, b"a hun"), Chunk(2, ERRORS, b"no"), Chunk(3, OUTPUT, b"ter22 b")]
    shown = list(Mask([VALUE]).chunks(chunks))
    assert shown == [Chunk(1, OUTPUT, b"a "), Chunk(2, ERRORS, b"no"), Chunk(3, OUTPUT, b"*** b")]


def test_of_output_that_goes_on_the_beginning_of_a_value_is_not_shown() -> None:
    mask, chunks = Mask([VALUE]), [Chunk(1, OUTPUT, b"a hun")]
    assert list(Mask().chunks(chunks)) == chunks
    assert list(mask.chunks(chunks, whole=False)) == [Chunk(1, OUTPUT, b"a ")]
    assert list(mask.chunks(chunks)) == [Chunk(1, OUTPUT, b"a "), Chunk(1, OUTPUT, b"hun")]


QUESTION = Question(VALUE, QuestionKind.VERDICT, f"is it {VALUE}?")


@pytest.mark.parametrize(
    ("event", "hidden"),
    [
        (Noted(VALUE, VALUE), Noted("***", VALUE)),
        (JobFinished(VALUE, 1, Outcome.FAIL, f"exit 1: {VALUE}"), None),
        (
            ResourceRead("j", ({"x": VALUE, VALUE: "1"},)),
            ResourceRead("j", ({"x": "***", VALUE: "1"},)),
        ),
        (Retrying((VALUE,)), Retrying((VALUE,))),
        (JobStarting(VALUE, 1), JobStarting(VALUE, 1)),
        (Asked(QUESTION), Asked(Question(VALUE, QuestionKind.VERDICT, "is it ***?"))),
        (Answered(VALUE, Answer("yes", VALUE)), Answered(VALUE, Answer("yes", "***"))),
    ],
)
def test_events_hide_texts_but_not_what_they_refer_to(event: Event, hidden: Event | None) -> None:
    expected = hidden or JobFinished(VALUE, 1, Outcome.FAIL, "exit 1: ***")
    assert Mask([VALUE]).event(event) == expected
    assert Mask().event(event) is event


@pytest.fixture
def session(tmp_path: Path) -> OpenSession:
    made = OpenSession(Store(tmp_path / "state").create("x"), SystemClock())
    made.conceal({"MY_TOKEN": VALUE})
    made.stage(Planned("main", (JobCard("ns::a", "c", "shell"),)), JobStarting("ns::a", 1))
    made.commit()
    log = LogWriter(made.folder.logs, 1)
    log.write(0.1, OUTPUT, b"it is hun")
    log.write(0.2, OUTPUT, b"ter22!\n")
    log.close()
    return made


def test_what_is_kept_of_output_is_exact_and_what_is_shown_of_it_is_not(
    session: OpenSession,
) -> None:
    session.close()
    assert read_output(session.folder.logs, 1) == b"it is hunter22!\n"
    shown = b"".join(chunk.content for chunk in ShownLogs(session.folder.logs).read(1))
    assert shown == b"it is ***!\n"


def test_the_values_are_there_for_later_and_for_the_owner_alone(session: OpenSession) -> None:
    session.close()
    assert session.folder.secrets.stat().st_mode & 0o777 == 0o600
    later = OpenSession(session.folder, SystemClock())
    later.conceal({"MY_TOKEN": "other-one"})
    assert later.mask.text(f"{VALUE} other-one") == "*** ***", "logs may still hold the old value"
    later.close()


def test_where_it_cannot_be_told_what_is_secret_nothing_is_shown(session: OpenSession) -> None:
    session.close()
    session.folder.secrets.write_text("{")
    with pytest.raises(StorageError, match="nothing can be shown"):
        ShownLogs(session.folder.logs)
    with pytest.raises(StorageError):
        OpenSession(session.folder, SystemClock())


def test_values_that_cannot_be_kept_are_not_used(tmp_path: Path) -> None:
    made = OpenSession(Store(tmp_path).create("x"), SystemClock())
    made.folder.secrets.mkdir()
    with pytest.raises(StorageError, match="cannot be written"):
        made.conceal({"MY_TOKEN": VALUE})
    made.close()


def test_a_session_without_secrets_keeps_none(tmp_path: Path) -> None:
    made = OpenSession(Store(tmp_path).create("x"), SystemClock())
    made.conceal({})
    assert not made.folder.secrets.exists()
    made.close()


def test_an_exported_session_has_neither_the_values_nor_logs_of_another_size(
    session: OpenSession, tmp_path: Path
) -> None:
    session.close()
    file = tmp_path / "x.tar"
    export_session(session.folder, file)
    with tarfile.open(file) as archive:
        names = archive.getnames()
        log = archive.extractfile("1-x/logs/1.log")
        assert log is not None
        assert log.read() == b"it is ********!\n"
    assert "1-x/secrets" not in names
    assert VALUE.encode() not in file.read_bytes()


UNITS = """\
id: tells
plugin: shell
command: echo "it is $MY_TOKEN"; printf hunt; printf 'er22\\n' ; echo $MY_TOKEN >&2; exit 1

id: res
plugin: resource
command: echo "value: $MY_TOKEN"

id: picture
plugin: attachment
command: echo "[$MY_TOKEN]"
"""


def test_a_secret_is_only_in_the_logs(tmp_path: Path, program: Program) -> None:
    provider = tmp_path / "provider"
    (provider / "units").mkdir(parents=True)
    (provider / "units" / "all.pxu").write_text(UNITS)
    (provider / "manage.py").write_text(
        "from plainbox.provider_manager import setup\n"
        "setup(name='p', namespace='org.example', version='1')\n"
    )
    words = ("run", "--provider", provider, "org.example::.*")
    answer = program(*words, env={"MY_TOKEN": VALUE, "LIMIT_PIN": "4711 4711"})
    assert answer.code == 1, answer
    assert "exit 1: ***" in answer.out
    assert VALUE not in answer.out + answer.err
    (folder,) = Store(program.state).sessions()
    holding = {
        path.relative_to(folder.path).parts[0]
        for path in folder.path.parent.parent.rglob("*")
        if path.is_file() and VALUE.encode() in path.read_bytes()
    }
    assert holding == {"logs", "secrets"}
    assert b"it is hunter22" in read_output(
        folder.logs, folder.read_state().jobs["org.example::tells"].attempts[0].number
    )
    report = json.loads((folder.reports / "submission.json").read_text())
    logs = {each["full_id"]: each["io_log"] for each in report["results"]}
    assert logs["org.example::tells"].count("***") == 3
    assert report["attachment-results"][0]["io_log"] == "[***]\n"
    assert folder.read_state().resources["org.example::res"] == ({"value": "***"},)
