"""A question is asked until it is answered, once; the first answer counts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from plainbox.app.questions import Desk
from plainbox.clock import SystemClock
from plainbox.errors import StorageError
from plainbox.session.events import (
    Answer,
    Answered,
    Asked,
    Choice,
    JobCard,
    Planned,
    Question,
    QuestionKind,
    Resumed,
)
from plainbox.session.store import OpenSession, SessionFolder, Store

if TYPE_CHECKING:
    from pathlib import Path

    from plainbox.session.journal import Journal

CHOICES = (Choice("pass"), Choice("fail", comment=True))
QUESTION = Question("1/verdict", QuestionKind.VERDICT, "was it blue?", "ns::a", CHOICES, 1)


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    return Store(tmp_path).create("x")


def asked(folder: SessionFolder, *answers: Answer, question: Question = QUESTION) -> list[str]:
    """Ask, and give answers until one counts; what was said to each of them."""

    async def go() -> None:
        asking = asyncio.ensure_future(desk.ask(question))
        await asyncio.sleep(0)
        said.extend(desk.answer(question.id, answer, "ann") for answer in answers)
        taken.append(await asking if said and "" in said else Answer("none"))

    def commit() -> None:
        session.commit()

    said: list[str] = []
    taken: list[Answer] = []
    session = OpenSession(folder, SystemClock())
    desk = Desk(session, commit)
    try:
        asyncio.run(go())
    finally:
        session.close()
    return said


def test_the_first_answer_counts_and_the_second_is_told_who_was_first(
    folder: SessionFolder,
) -> None:
    said = asked(folder, Answer("pass"), Answer("fail", "no"))
    assert said == ["", "it was answered by ann"]
    state = folder.read_state()
    assert state.questions == {}
    given = state.answers["1/verdict"]
    assert given.answer == Answer("pass")
    assert given.by == "ann"
    assert given.seconds >= 0


def test_an_answer_that_makes_no_sense_does_not_count(folder: SessionFolder) -> None:
    said = asked(folder, Answer("blue"), Answer("fail", "  "), Answer("fail", "was red"))
    assert said == ["the answer is one of pass, fail", "a comment is needed", ""]
    assert folder.read_state().answers["1/verdict"].answer.comment == "was red"


def test_a_question_without_choices_wants_a_comment(folder: SessionFolder) -> None:
    question = Question("c", QuestionKind.COMMENT, "why?")
    assert asked(folder, Answer(), Answer(comment="so"), question=question) == [
        "a comment is needed",
        "",
    ]


def test_what_nobody_asks_is_not_answered(folder: SessionFolder) -> None:
    session = OpenSession(folder, SystemClock())
    assert Desk(session, lambda: None).answer("x", Answer("pass"), "ann") == "nobody asks that"
    session.close()


def test_a_question_that_was_open_when_plainbox_died_is_asked_again(folder: SessionFolder) -> None:
    asked(folder)
    assert list(folder.read_state().questions.values()) == [QUESTION]
    session = OpenSession(folder, SystemClock())
    session.stage(Planned("main", (JobCard("ns::a", "c", "manual"),)), Resumed("0"))
    session.commit()
    assert session.state.questions == {"1/verdict": QUESTION}
    assert session.state.outcome_of("ns::a") is None, "asking is not running: nothing crashed"
    session.close()
    assert asked(folder, Answer("pass")) == [""]
    assert folder.read_state().questions == {}


def test_a_question_that_was_answered_is_not_asked_again(folder: SessionFolder) -> None:
    asked(folder, Answer("pass"))
    session = OpenSession(folder, SystemClock())
    assert asyncio.run(Desk(session, lambda: None).ask(QUESTION)) == Answer("pass")
    session.close()


def test_an_answer_that_cannot_be_kept_ends_the_asking(
    folder: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        if session.state.answers:
            raise StorageError("the disk is full")

    async def go() -> str:
        asking = asyncio.ensure_future(desk.ask(QUESTION))
        await asyncio.sleep(0)
        said = desk.answer(QUESTION.id, Answer("pass"), "ann")
        with pytest.raises(StorageError):
            await asking
        return said

    session = OpenSession(folder, SystemClock())
    desk = Desk(session, fail)
    assert asyncio.run(go()) == "the disk is full"
    session.close()


def test_questions_and_answers_read_back_as_they_were(folder: SessionFolder) -> None:
    asked(folder, Answer("fail", "red"))
    from contextlib import closing

    from plainbox.session.journal import Journal

    journal: Journal
    with closing(Journal(folder.journal)) as journal:
        events = [event for _, _, event in journal.read()]
    assert events[0] == Asked(QUESTION)
    assert isinstance(events[1], Answered)
