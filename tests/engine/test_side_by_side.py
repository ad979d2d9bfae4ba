"""What only finds something out runs side by side; tests never do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from plainbox.app.way import Choices, Way
from plainbox.engine.runner import Exit
from plainbox.outcome import Outcome
from plainbox.session.journal import Journal
from plainbox.session.logs import OUTPUT
from plainbox.testing import Bench, FakeRunner

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from plainbox.clock import Stamp
    from plainbox.engine.runner import Command
    from plainbox.session.events import Event
    from plainbox.testing.fake_runner import Output

NUMBER = 12


def units() -> str:
    resources = [
        f"id: res-{number:02}\nplugin: resource\ncommand: echo 'x: {number}'\n"
        for number in range(NUMBER)
    ]
    template = (
        "unit: template\ntemplate-resource: res-{0}\ntemplate-id: t-{0}\nid: t-{0}-{{x}}\n"
        "plugin: shell\ncommand: true\n"
    )
    templates = [template.format(f"{number:02}") for number in range(NUMBER)]
    listed = " ".join(f"res-{number:02}" for number in range(NUMBER))
    plan = f"unit: test plan\nid: plan\nname: P\nbootstrap_include: {listed}\ninclude: t-.*\n"
    return "\n".join([*resources, *templates, plan])


def fake(made: list[FakeRunner]) -> Way:
    """A way with a runner that prints what `echo` would; later ones end first."""

    def act(command: Command, output: Output) -> Exit:
        text = command.arguments[-1]
        if text.startswith("echo"):
            output(OUTPUT, text.removeprefix("echo '").removesuffix("'").encode() + b"\n")
        return Exit(0)

    def make(_loop: object, _name: str) -> FakeRunner:
        made.append(FakeRunner(act))
        return made[-1]

    return Way(make_runner=make)


@pytest.mark.parametrize("places", [1, 4, 100])
def test_resource_jobs_run_as_many_at_once_as_there_are_places_and_tests_never(
    tmp_path: Path, places: int
) -> None:
    made: list[FakeRunner] = []
    way = fake(made)
    way = Way(Choices(jobs=places), make_runner=way.make_runner)
    outcomes = Bench(tmp_path, {"units/all.pxu": units()}).run("plan", way=way)
    (runner,) = made
    assert runner.most == min(places, NUMBER)
    assert len(runner.commands) == 2 * NUMBER
    tests = [name for name, job in outcomes.state.jobs.items() if job.card.kind == "shell"]
    assert len(tests) == NUMBER
    assert all(outcomes[name] is Outcome.PASS for name in tests)


def test_records_and_what_follows_from_them_are_equal_to_one_at_a_time(tmp_path: Path) -> None:
    seen = []
    for places in (1, 6):
        made = Bench(tmp_path / str(places), {"units/all.pxu": units()})
        outcomes = made.run("plan", way=Way(Choices(jobs=places)))
        state = outcomes.state
        seen.append((dict(sorted(state.resources.items())), state.phases, list(state.jobs)))
    assert seen[0] == seen[1]


def test_a_job_that_changes_the_machine_runs_alone_also_in_the_bootstrap(tmp_path: Path) -> None:
    alone = "id: alone\nplugin: shell\ncommand: true\n\n"
    text = units().replace("id: res-05\n", "id: res-05\ndepends: alone\n")
    made: list[FakeRunner] = []
    running: list[int] = []
    way = fake(made)

    def act(command: Command, output: Output) -> Exit:
        if command.arguments[-1] == "true":
            running.append(len(made[0]._running))
        else:
            output(OUTPUT, b"x: 1\n")
        return Exit(0)

    def make(_loop: object, _name: str) -> FakeRunner:
        made.append(FakeRunner(act))
        return made[-1]

    way = Way(Choices(jobs=8), make_runner=make)
    Bench(tmp_path, {"units/all.pxu": alone + text}).run("plan", way=way)
    assert set(running) == {1}


def test_every_start_is_durable_before_it_happens_and_writes_stay_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    append = Journal.append

    def watched(self: Journal, events: Iterable[tuple[Stamp, Event]]) -> None:
        kept = list(events)
        append(self, kept)
        written.append(" ".join(type(event).__name__ for _, event in kept))

    monkeypatch.setattr(Journal, "append", watched)
    made: list[FakeRunner] = []
    way = fake(made)
    started: list[bool] = []

    def act(command: Command, output: Output) -> Exit:
        starts = " ".join(written).count("JobStarting")
        started.append(starts >= len(made[0].commands))
        output(OUTPUT, b"x: 1\n")
        return Exit(0)

    def make(_loop: object, _name: str) -> FakeRunner:
        made.append(FakeRunner(act))
        return made[-1]

    way = Way(Choices(jobs=4), make_runner=make)
    outcomes = Bench(tmp_path, {"units/all.pxu": units()}).run("plan", way=way)
    assert all(started)
    assert len(written) <= 2 * len(outcomes.state.jobs)


def test_a_signal_ends_all_that_run_side_by_side(tmp_path: Path) -> None:
    slow = "\n".join(
        f"id: res-{number}\nplugin: resource\ncommand: test {number} = 2 && kill -INT "
        f"{os.getpid()}; sleep 60\n"
        for number in range(3)
    )
    plan = "unit: test plan\nid: plan\nname: P\nbootstrap_include: res-0 res-1 res-2\ninclude: a\n"
    shell = "id: a\nplugin: shell\ncommand: true\n"
    made = Bench(tmp_path, {"units/all.pxu": f"{slow}\n{plan}\n{shell}"})
    outcomes = made.run("plan", way=Way(Choices(jobs=3)))
    assert not outcomes.ended
    assert not outcomes.state.running
    assert {outcomes[f"res-{number}"] for number in range(3)} == {Outcome.CRASH}
    assert made.resume()["a"] is Outcome.PASS
