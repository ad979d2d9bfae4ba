"""What stands on the screen: piped, on a dumb terminal, in the locale `C`, and live on a pty."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pyte
import pytest

import plainbox
from plainbox.app.shield import Shield
from plainbox.clock import Stamp
from plainbox.outcome import Outcome
from plainbox.session.events import JobCard, JobSkipped, Noted, Opened, Planned
from plainbox.session.state import State, fold
from plainbox.testing import Bench
from plainbox.tui.paper import PlainPaper, paper_for
from plainbox.tui.run_screen import RunScreen
from plainbox.tui.summary import summary
from plainbox.tui.words import Marks, count, cut, length_of_time

if TYPE_CHECKING:
    from tests.conftest import Program

    from plainbox.session.events import Event

HOSTILE = r"printf '\033]0;owned\007\033[2J\033[31mred\033[0m\rover\033P1$r\033\\ \302\233 end\n'"
UNITS = f"""\
id: good
plugin: shell
command: echo all is well

id: bad
plugin: shell
command: {HOSTILE}; {HOSTILE} >&2; exit 3

id: skipped
plugin: shell
command: true
depends: bad

id: waits
plugin: shell
estimated_duration: 100
command: echo up; {HOSTILE}; cat FIFO

unit: test plan
id: plan
_name: A plan
include:
 good
 bad
 skipped
"""
MAIN = "import sys; from plainbox.cli import main; sys.exit(main())"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    os.mkfifo(tmp_path / "fifo")
    return Bench(tmp_path, {"units/all.pxu": UNITS.replace("FIFO", str(tmp_path / "fifo"))})


class Screen:
    """A terminal of 80 columns that a run draws on."""

    def __init__(self, bench: Bench, *words: str, term: str = "xterm-256color", **env: str) -> None:
        self.raw = ""
        self.display = pyte.HistoryScreen(80, 24, history=1000)
        self._stream = pyte.Stream(self.display)
        environ = {
            **os.environ,
            "PYTHONPATH": str(Path(plainbox.__file__).parents[1]),
            "PLAINBOX_STATE_DIR": str(bench.store.folder.parent),
            "LC_ALL": "C.UTF-8",
            "TERM": term,
            **env,
        }
        environ.pop("PYTHONIOENCODING", None)
        arguments = ["-c", MAIN, "run", "--provider", str(bench.provider), *words]
        self.process = pexpect.spawn(
            sys.executable,
            arguments,
            env=environ,
            dimensions=(24, 80),
            encoding="utf-8",
            timeout=20,
        )

    def __enter__(self) -> Screen:  # noqa: PYI034 - `Self` came with Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self.process.close(force=True)

    def wait_for(self, text: str) -> str:
        """Read until a text stands on the screen; what stands there then."""
        while text not in self.text:
            self._feed(self.process.read_nonblocking(4096, 20))
        return self.text

    def wait_for_end(self) -> int:
        """Read all that comes; the exit code."""
        try:
            while True:
                self._feed(self.process.read_nonblocking(4096, 20))
        except pexpect.EOF:
            self.process.wait()
        assert isinstance(self.process.exitstatus, int)
        return self.process.exitstatus

    def _feed(self, text: str) -> None:
        self.raw += text
        self._stream.feed(text)

    @property
    def text(self) -> str:
        """The lines of the screen."""
        return "\n".join(line.rstrip() for line in self.display.display).rstrip()

    @property
    def all_text(self) -> str:
        """The lines of the screen and those that have scrolled away."""
        above = (
            "".join(line[column].data for column in range(80)).rstrip()
            for line in self.display.history.top
        )
        return "\n".join([*above, self.text])


def test_a_live_screen_shows_what_runs_and_then_what_came_of_it(bench: Bench) -> None:
    with Screen(bench, "good", "bad", "waits") as screen:
        during = screen.wait_for("of about 1 min 40 s")
        during = screen.wait_for("2/3")
        running = during.splitlines()[-2]
        assert running.startswith("  ▶ org.example::waits")
        assert "2/3 · ✔ 1 · ✘ 1 · about 1 min 40 s left" in during
        assert "Ctrl-C pauses" in during
        assert "  ✔ org.example::good" in during
        (bench.provider.parent / "fifo").write_text("enough\n")
        assert screen.wait_for_end() == 1
        after = screen.text
        assert "▶" not in after
        assert "Ctrl-C" not in after
        assert "  ✔ 2 passed   ✘ 1 failed" in after
        assert "    ✘ org.example::bad" in after


def test_a_live_screen_says_how_to_go_on_after_ctrl_c(bench: Bench) -> None:
    with Screen(bench, "waits", "good") as screen:
        screen.wait_for("▶")
        screen.process.sendintr()
        assert screen.wait_for_end() == 130
        assert "Paused   1 job left: plainbox resume 1-waits-good" in screen.text
        assert "ended by SIGINT" in screen.text


def test_nothing_that_a_job_prints_steers_the_terminal(bench: Bench) -> None:
    with Screen(bench, "bad", "waits") as screen:
        screen.wait_for("end")
        screen.wait_for("▶")
        (bench.provider.parent / "fifo").write_text("enough\n")
        screen.wait_for_end()
    assert screen.display.title != "owned"
    for evil in ("\x1b]", "\x1b[2J", "\x1bP", "\x9b"):
        assert evil not in screen.raw
    assert "org.example::bad" in screen.all_text


def test_lines_fit_into_a_terminal_of_eighty_columns(bench: Bench) -> None:
    long = "id: long-" + "x" * 60 + "\nplugin: shell\ncommand: seq -s' ' 200\n"
    bench.write({"units/long.pxu": long + "\nid: talk\nplugin: shell\ncommand: seq -s' ' 200\n"})
    with Screen(bench, "org.example::long.*", "talk", "bad") as screen:
        screen.wait_for_end()
    talk = next(line for line in screen.all_text.splitlines() if "::talk" in line)
    position = screen.all_text.splitlines().index(talk)
    assert talk.endswith("...")
    assert screen.all_text.splitlines()[position + 1].startswith("  ✘")


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"LC_ALL": "C"}])
def test_a_poor_terminal_is_written_on_line_by_line(environ: dict[str, str], bench: Bench) -> None:
    term = environ.pop("TERM", "xterm")
    with Screen(bench, "plan", term=term, **environ) as screen:
        assert screen.wait_for_end() == 1
    assert "\x1b" not in screen.raw
    assert "1 passed" in screen.all_text


def test_into_a_file_every_line_is_written_once_and_whole(bench: Bench, program: Program) -> None:
    answer = program("run", "--provider", bench.provider, "plan", env={"LC_ALL": "C.UTF-8"})
    assert answer.code == 1
    assert answer.err == ""
    assert "\x1b" not in answer.out
    assert "\r" not in answer.out
    lines = answer.out.splitlines()
    assert lines[1].startswith("  2 jobs to run · 1 skipped") or "3 jobs to run" in lines[1]
    assert any(line.startswith("  ✔ good ") and line.endswith("all is well") for line in lines)
    assert any(line.startswith("  ✘ bad ") and "exit 3: redover" in line for line in lines)
    assert any(
        line.startswith("  - skipped ") and "needs org.example::bad" in line for line in lines
    )
    assert "  ✔ 1 passed   ✘ 1 failed   - 1 skipped" in lines


def test_in_the_locale_c_there_are_only_ascii_marks(bench: Bench, program: Program) -> None:
    environ = {"LC_ALL": "C", "PYTHONIOENCODING": ""}
    answer = program("run", "--provider", bench.provider, "plan", env=environ)
    assert answer.out.isascii()
    assert "  + good " in answer.out
    assert "  x bad " in answer.out


def state_of(*events: Event) -> State:
    state = State()
    for event in events:
        fold(state, Stamp("b", 0.0, 0.0), event)
    return state


OPENED = Opened(1, "1-x", "x\x1b[2J", None, (), "0", (), (), {"host": "here"})


def drawn(state: State) -> str:
    lines = summary(state, Marks("ascii"), lambda job_id: job_id, ["/report"])
    return "\n".join("".join(text for text, _ in line) for line in lines)


def test_the_summary_counts_only_jobs_that_have_an_outcome() -> None:
    cards = tuple(JobCard(f"ns::{name}", "", "shell") for name in "abc")
    state = state_of(
        OPENED,
        Planned("main", cards),
        JobSkipped("ns::a", Outcome.NOT_SUPPORTED, "nothing to run"),
    )
    text = drawn(state)
    assert "  + 0 passed   - 1 skipped" in text
    assert "Paused   2 jobs left: plainbox resume 1-x" in text
    assert "\x1b" not in text


def test_the_summary_names_each_reason_once_and_not_too_many_of_them() -> None:
    cards = tuple(JobCard(f"ns::{number}", "", "shell") for number in range(12))
    skips = [JobSkipped(card.id, Outcome.SKIP, f"reason {card.id}") for card in cards[:10]]
    more = [JobSkipped(card.id, Outcome.SKIP, "the same") for card in cards[10:]]
    text = drawn(state_of(OPENED, Planned("main", cards), *skips, *more))
    assert "    - 2 jobs: the same" in text
    assert "    - ns::0: reason ns::0" in text
    assert "    - and 3 more reasons" in text


def test_an_id_or_a_note_with_escape_sequences_is_harmless() -> None:
    stream = io.StringIO()
    screen = RunScreen(PlainPaper(stream, "utf-8"), "ns")
    card = JobCard("ns::a\x1b[2J\nb", "", "shell")
    events = (
        Planned("main", (card,)),
        JobSkipped(card.id, Outcome.SKIP, "no\x1b]0;x\x07 way"),
        Noted("beware\x1b[1m", card.id),
    )
    state = state_of(*events)
    screen.header("title\x1b[2J", "about")
    for event in events:
        screen.saw(Stamp("b", 0.0, 0.0), event, state)
    assert "\x1b" not in stream.getvalue()
    assert "a b" in stream.getvalue()


class Gone(io.StringIO):
    """A stream that nobody reads any more."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError

    def isatty(self) -> bool:
        return True


def test_a_viewer_that_is_gone_is_no_error() -> None:
    paper = paper_for(Gone(), {"TERM": "dumb"})
    paper.write([[("x", "")]])
    paper.status([])
    paper.close()


def test_a_terminal_that_is_gone_is_no_error() -> None:
    paper = paper_for(Gone(), {"TERM": "xterm", "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8"})
    paper.write([[("x", "")]])
    paper.status([[("y", "")]])
    paper.close()


def test_a_front_end_that_fails_is_told_no_more() -> None:
    class Broken:
        calls = 0

        def tick(self) -> None:
            self.calls += 1
            raise ValueError

        def heard(self, *_: object) -> None:
            self.calls += 1

    broken = Broken()
    shield = Shield(broken)  # type: ignore[arg-type]
    shield.tick()
    shield.tick()
    shield.heard("a", 1, b"")
    assert broken.calls == 1
    assert isinstance(shield.error, ValueError)


def test_a_screen_that_fails_does_not_end_the_run(
    bench: Bench, program: Program, tmp_path: Path
) -> None:
    (tmp_path / "spoil").mkdir()
    (tmp_path / "spoil" / "sitecustomize.py").write_text(
        "import plainbox.tui.run_screen as m\n"
        "def fail(*_): raise RuntimeError('cannot draw')\n"
        "m.RunScreen.saw = fail\n"
    )
    source = str(Path(plainbox.__file__).parents[1])
    environ = {"PYTHONPATH": os.pathsep.join((str(tmp_path / "spoil"), source))}
    answer = program("run", "--provider", bench.provider, "good", env=environ)
    assert answer.code == 4
    assert "the session is complete, but showing it failed" in answer.err
    assert bench.store.sessions()[0].read_state().ended


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (59, "59 s"),
        (200, "3 min 20 s"),
        (180, "3 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (5820, "1 h 37 min"),
    ],
)
def test_lengths_of_time_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert length_of_time(seconds) == said


def test_words_are_counted_and_cut() -> None:
    assert [count(0, "job"), count(1, "job"), count(2, "entry", "entries")] == [
        "0 jobs",
        "1 job",
        "2 entries",
    ]
    assert [cut("abcdef", 6), cut("abcdefg", 6)] == ["abcdef", "abc..."]


@pytest.fixture(params=["utf-8", "ascii", "no-such-encoding"])
def marks(request: pytest.FixtureRequest) -> Marks:
    return Marks(request.param)


def test_marks_are_of_what_the_encoding_has(marks: Marks) -> None:
    shown = marks.running + marks.dot + "".join(map(marks.outcome, Outcome))
    assert shown.isascii() is marks.ascii
    for share in (-1.0, 0.0, 0.5, 0.99, 1.0, 2.0):
        assert len(marks.bar(share, 16)) == 16
