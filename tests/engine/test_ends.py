"""How the end of a command becomes an outcome, a reason and notes; deadlines; users; caches."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.planning.units_of_text import job

from plainbox.app.way import Choices, Way
from plainbox.engine.deadlines import LEAST, WITHOUT_ESTIMATE, deadline
from plainbox.engine.decide import Abilities
from plainbox.engine.record_cache import RecordCache, cache_folder
from plainbox.engine.runner import Exit
from plainbox.engine.share_files import forget_result, take_result, write_respawn
from plainbox.errors import StorageError
from plainbox.outcome import Outcome
from plainbox.session.logs import OUTPUT
from plainbox.testing import Bench, FakeRunner

if TYPE_CHECKING:
    from pathlib import Path

    from plainbox.engine.runner import Command
    from plainbox.testing.fake_runner import Output


def shell(name: str, command: str = "true", *more: str) -> str:
    return "\n".join((f"id: {name}", "plugin: shell", f"command: {command}", *more, ""))


def ending(*ends: Exit, says: bytes = b"") -> tuple[Way, list[FakeRunner]]:
    """A way in which commands end so, one after the other."""
    made: list[FakeRunner] = []
    left = list(ends)

    def act(_command: Command, output: Output) -> Exit:
        if says:
            output(OUTPUT, says)
        return left.pop(0) if left else Exit(0)

    def make(_loop: object, _name: str) -> FakeRunner:
        made.append(FakeRunner(act))
        return made[-1]

    return Way(make_runner=make), made


def test_a_job_that_ran_too_long_crashed_and_its_tree_and_last_output_are_kept(
    tmp_path: Path,
) -> None:
    tree = ("bash (10)", "  sleep (11)")
    way, _ = ending(Exit(-9, timed_out="timed out after 120 s", tree=tree), says=b"one\ntwo\n")
    outcomes = Bench(tmp_path, {"units/a.pxu": shell("a")}).run("a", way=way)
    assert outcomes["a"] is Outcome.CRASH
    assert outcomes.reason("a") == "timed out after 120 s"
    assert outcomes.job("a").notes == [
        "timed out after 120 s; its processes were\nbash (10)\n  sleep (11)",
        "the last of its output was\none\ntwo",
    ]


def test_what_the_kernel_killed_for_memory_is_said(tmp_path: Path) -> None:
    way, _ = ending(Exit(137, oom=True), Exit(0, oom=True))
    units = {"units/a.pxu": shell("a") + "\n" + shell("b")}
    outcomes = Bench(tmp_path, units).run("a", "b", way=way)
    assert outcomes["a"] is Outcome.CRASH
    assert "out of memory" in outcomes.reason("a")
    assert outcomes["b"] is Outcome.PASS
    assert "out of memory" in outcomes.job("b").notes[0]


def test_what_a_job_left_running_is_named(tmp_path: Path) -> None:
    way, _ = ending(Exit(0, left=tuple(f"sleep ({number})" for number in range(7))))
    outcomes = Bench(tmp_path, {"units/a.pxu": shell("a")}).run("a", way=way)
    assert outcomes["a"] is Outcome.PASS
    assert outcomes.job("a").notes == [
        (
            "left processes running, which were ended: "
            "sleep (0), sleep (1), sleep (2), sleep (3), sleep (4), …"
        )
    ]


@pytest.mark.parametrize(
    ("fields", "stated", "seconds"),
    [
        ("", None, WITHOUT_ESTIMATE),
        ("estimated_duration: 5\n", None, LEAST),
        ("estimated_duration: 2h\n", None, 72000),
        ("timeout: 90\nestimated_duration: 2h\n", None, 90),
        ("timeout: 1m 30s\n", 5.0, 90),
        ("estimated_duration: 2h\n", 5.0, 5),
    ],
)
def test_a_deadline_is_the_jobs_own_else_the_stated_one_else_ten_times_its_estimate(
    fields: str, stated: float | None, seconds: float
) -> None:
    subject = job(f"id: a\nplugin: shell\ncommand: true\n{fields}")
    assert deadline(subject, stated) == seconds


def test_the_runner_is_told_the_deadline_the_attempt_and_the_user(tmp_path: Path) -> None:
    way, made = ending()
    bench = Bench(
        tmp_path,
        {"units/a.pxu": shell("a", "true", "timeout: 7") + "\n" + shell("b", "true", "user: bob")},
    )
    bench.abilities = Abilities("me", others=frozenset({"bob"}))
    bench.run("a", "b", way=Way(Choices(timeout=9), way.make_runner))
    told = [(it.attempt, it.user, it.seconds) for it in made[0].commands]
    assert told == [(1, None, 7), (2, "bob", 9)]


def test_jobs_of_users_that_cannot_be_had_are_skipped_and_jobs_without_one_are_the_normal_users(
    tmp_path: Path,
) -> None:
    way, made = ending()
    bench = Bench(
        tmp_path,
        {"units/a.pxu": shell("a") + "\n" + shell("b", "true", "user: bob")},
    )
    bench.abilities = Abilities("me")
    outcomes = bench.run("a", "b", way=way)
    assert outcomes["b"] is Outcome.NOT_SUPPORTED
    assert outcomes.reason("b") == "needs root: runs as bob"
    bench.abilities = Abilities("root", others=frozenset({"alice"}), normal_user="alice")
    outcomes = bench.run("a", "b", way=way)
    assert made[-1].commands[0].user == "alice"
    assert outcomes.reason("b") == "there is no such user: runs as bob"


def test_a_cachable_resource_is_asked_once_and_never_after_a_failure(tmp_path: Path) -> None:
    def resource(name: str, end: str) -> str:
        return (
            f"id: {name}\nplugin: resource\ncommand: echo {name} >> {tmp_path}/ran; "
            f"echo 'x: 1'; {end}\nflags: cachable\n"
        )

    units = resource("good", "true") + "\n" + resource("bad", "exit 1")
    bench = Bench(tmp_path, {"units/a.pxu": units})
    way = Way(Choices(jobs=1), cache=RecordCache(tmp_path / "cache", tmp_path / "no-machine"))
    bench.run("good", "bad", way=way)
    outcomes = bench.run("good", "bad", way=way)
    assert (tmp_path / "ran").read_text().split() == ["good", "bad", "bad"]
    assert outcomes["good"] is Outcome.PASS
    assert outcomes.reason("good").startswith("from the cache")
    assert outcomes.state.resources["org.example::good"] == ({"x": "1"},)
    assert outcomes["bad"] is Outcome.FAIL
    assert way.cache is not None
    assert way.cache.clear() == 1
    bench.run("good", way=way)
    assert (tmp_path / "ran").read_text().split()[-1] == "good"


def test_a_cache_is_of_one_machine_and_what_cannot_be_read_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("1111\n")
    (tmp_path / "two").write_text("2222\n")
    one = RecordCache(tmp_path / "cache", tmp_path / "one")
    one.keep("abc", "ns::a", ({"x": "1"},))
    assert one.read("abc") == ({"x": "1"},)
    assert RecordCache(tmp_path / "cache", tmp_path / "two").read("abc") is None
    assert one.read("abd") is None
    assert one.read("../abc") is None
    (tmp_path / "cache" / "abd.json").write_text(json.dumps({"machine": "1111", "records": 3}))
    assert one.read("abd") is None
    assert RecordCache(tmp_path / "none").clear() == 0


def test_the_cache_is_where_the_desktop_says(tmp_path: Path) -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/c", "HOME": "/h"}) == (
        type(tmp_path)("/c/plainbox/resources")
    )
    assert cache_folder({"HOME": "/h"}) == type(tmp_path)("/h/.cache/plainbox/resources")
    assert cache_folder({"XDG_CACHE_HOME": "c"}) is None


def test_nothing_is_followed_that_a_job_put_into_the_share(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep")
    share = tmp_path / "share"
    share.mkdir()
    for name in ("__respawn_checkbox", "__result"):
        (share / name).symlink_to(precious)
    write_respawn(share, "plainbox resume 1")
    assert (share / "__respawn_checkbox").read_text() == "plainbox resume 1"
    assert take_result(share) == (
        Outcome.CRASH,
        (
            "the job left a __result that is of no use: it cannot be read: "
            "Too many levels of symbolic links"
        ),
    )
    assert take_result(share) is None
    assert precious.read_text() == "keep"


def test_a_folder_in_place_of_a_file_of_the_share_goes_away(tmp_path: Path) -> None:
    (tmp_path / "__respawn_checkbox" / "x").mkdir(parents=True)
    (tmp_path / "__result" / "x").mkdir(parents=True)
    write_respawn(tmp_path, "again")
    forget_result(tmp_path)
    assert not (tmp_path / "__result").exists()
    (tmp_path / "__result").mkdir()
    found = take_result(tmp_path)
    assert found is not None
    assert found[0] is Outcome.CRASH
    assert not (tmp_path / "__result").exists()


def test_a_share_that_cannot_be_written_is_a_failure_of_storage(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        write_respawn(tmp_path / "gone", "again")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"outcome": "pass", "comments": 3}', "its comments are no text"),
        ('{"outcome": ["pass"]}', "its outcome is ['pass']"),
        ("[" * 100_000, "it is no JSON"),
        (" " * 2_000_000, "it is no file of a decent size"),
    ],
)
def test_a_result_that_makes_no_sense_is_a_crash_that_says_why(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "__result").write_text(text)
    found = take_result(tmp_path)
    assert found is not None
    assert found[0] is Outcome.CRASH
    assert said in found[1]
