"""A journal of every format that there ever was; all of them replay for ever.

`v1` is of a real run: a resource with a mistake in its output, a template, a failure, a crash with
a restart of the machine, jobs that were left out or skipped, a resume.
"""

from __future__ import annotations

import json
import shutil
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plainbox.outcome import Outcome
from plainbox.reports import submission
from plainbox.session.events import FORMAT, KINDS
from plainbox.session.journal import Journal
from plainbox.session.store import SessionFolder

if TYPE_CHECKING:
    from plainbox.session.state import State

JOURNALS = Path(__file__).parents[1] / "journals"
OUTCOMES = {
    "device": Outcome.PASS,
    "knot": Outcome.NOT_SUPPORTED,
    "disk/sda": Outcome.PASS,
    "disk/sdb": Outcome.SKIPPED_RESOURCE,
    "untidy": Outcome.PASS,
    "fails": Outcome.FAIL,
    "needs-fails": Outcome.SKIPPED_DEPENDENCY,
    "interrupted": Outcome.CRASH,
    "restarts": Outcome.PASS,
    "picture": Outcome.PASS,
    "ask": Outcome.SKIP,
}


@pytest.fixture(params=sorted(folder.name for folder in JOURNALS.iterdir()))
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> SessionFolder:
    shutil.copytree(JOURNALS / request.param, tmp_path / "1-plan")
    return SessionFolder(tmp_path / "1-plan")


@pytest.fixture
def state(folder: SessionFolder) -> State:
    return folder.read_state()


def test_there_is_a_journal_of_todays_format() -> None:
    assert (JOURNALS / f"v{FORMAT}" / "journal.db").exists()


def test_the_journal_of_today_has_every_kind_of_event() -> None:
    journal = Journal(JOURNALS / f"v{FORMAT}" / "journal.db")
    seen = {type(event) for _, _, event in journal.read()}
    journal.close()
    assert seen == set(KINDS.values())


def test_a_journal_of_any_format_tells_what_came_of_the_jobs(state: State) -> None:
    found = {name.partition("::")[2]: job.outcome for name, job in state.jobs.items()}
    assert found == OUTCOMES
    assert state.ended
    assert state.resumes == 1
    assert not state.running
    assert state.opened is not None
    assert state.opened.plan == "org.example::plan"
    assert len(state.resources["org.example::device"]) == 2
    card = state.jobs["org.example::disk/sda"].card
    assert (card.certification_status, card.category_name) == ("blocker", "Some tests")
    assert state.jobs["org.example::restarts"].attempts[0].noreturn
    assert state.jobs["org.example::fails"].attempts[0].return_code == 3


def test_a_journal_of_any_format_makes_a_report(folder: SessionFolder, state: State) -> None:
    out = BytesIO()
    submission.render(state, folder.logs, out)
    report = json.loads(out.getvalue())
    assert len(report["results"]) == len(OUTCOMES) - 1
    assert [entry["id"] for entry in report["attachment-results"]] == ["picture"]
