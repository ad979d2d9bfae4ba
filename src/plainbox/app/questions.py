"""Questions to people: put to all front ends, answered by the first.

A question that was open when plainbox died is asked again under its id; one that was answered is
not: its answer is in the journal. Asking is not running: no job gets an outcome by being asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plainbox.errors import StorageError
from plainbox.session.events import Answer, Answered, Asked, Question

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from plainbox.session.store import OpenSession


@dataclass(frozen=True)
class _Open:
    question: Question
    since: float
    answer: asyncio.Future[Answer]


class Desk:
    """Where the engine asks, and where front ends answer."""

    def __init__(self, session: OpenSession, publish: Callable[[], None]) -> None:
        """`publish` commits what is staged and tells who watches."""
        self._session = session
        self._publish = publish
        self._open: dict[str, _Open] = {}

    async def ask(self, question: Question) -> Answer:
        """Wait for the answer to a question. Raise `StorageError` where it cannot be kept."""
        import asyncio

        given = self._session.state.answers.get(question.id)
        if given is not None:
            return given.answer
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._open[question.id] = _Open(question, self._session.clock.now().up, answer)
        try:
            self._session.stage(Asked(question))
            self._publish()
            return await answer
        finally:
            del self._open[question.id]

    def answer(self, question_id: str, answer: Answer, by: str) -> str:
        """Take an answer; return why it does not count, nothing where it does."""
        state = self._session.state
        if (given := state.answers.get(question_id)) is not None:
            return f"it was answered by {given.by}" if given.by else "it was answered"
        asked = self._open.get(question_id)
        if asked is None or asked.answer.done():
            return "nobody asks that"
        if problem := _problem(asked.question, answer):
            return problem
        seconds = self._session.clock.now().up - asked.since
        self._session.stage(Answered(question_id, answer, by, seconds))
        try:
            self._publish()
        except StorageError as error:
            asked.answer.set_exception(error)
            return error.message
        asked.answer.set_result(answer)
        return ""


def _problem(question: Question, answer: Answer) -> str:
    """What is wrong with an answer."""
    comment = answer.comment.strip()
    if not question.choices:
        return "" if comment else "a comment is needed"
    choice = next((each for each in question.choices if each.value == answer.choice), None)
    if choice is None:
        possible = ", ".join(each.value for each in question.choices)
        return f"the answer is one of {possible}"
    return "a comment is needed" if choice.comment and not comment else ""
