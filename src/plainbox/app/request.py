"""What a person asked to run: a plan, or jobs by their ids; see `naming` for what words mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plainbox.app.naming import find_plan, resolve
from plainbox.app.planned import MAIN
from plainbox.errors import UsageError
from plainbox.ids import SEPARATOR, Pattern, partial
from plainbox.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plainbox.catalog import Catalog
    from plainbox.session.state import State
    from plainbox.units import TestPlan


@dataclass(frozen=True)
class Request:
    """A plan, or patterns of full job ids; `words` is what the person said."""

    words: tuple[str, ...]
    plan: TestPlan | None = None
    patterns: tuple[Pattern, ...] = ()

    @property
    def title(self) -> str:
        """What a person calls this."""
        return partial(self.plan.id) if self.plan else " ".join(self.words)

    @property
    def recorded(self) -> tuple[str, ...]:
        """The words under which a resume finds the same."""
        return (self.plan.id,) if self.plan else self.words


def understand(words: Sequence[str], catalog: Catalog) -> Request:
    """Find what words mean. Raise `UsageError` with the candidates where they do not say."""
    if len(words) == 1 and (plan := find_plan(words[0], catalog)) is not None:
        return Request(tuple(words), plan)
    patterns = tuple(_pattern(word, catalog) for word in words)
    return Request(tuple(words), patterns=patterns)


def recall(state: State, catalog: Catalog) -> Request:
    """What a session was begun for. Raise `UsageError` where that is no more to be found.

    Once its tests are planned that is no fault: then the journal knows what is left to do.
    """
    words = state.opened.request if state.opened else ()
    try:
        return understand(words, catalog)
    except UsageError:
        if MAIN in state.phases:
            return Request(words)
        raise


def _pattern(word: str, catalog: Catalog) -> Pattern:
    ids = [*catalog.jobs, *catalog.templates]
    full_id = resolve(word, ids, "job")
    try:
        pattern = Pattern(full_id or word, "")
        if full_id is None and SEPARATOR not in word:
            pattern = Pattern(f"[^:]+{SEPARATOR}(?:{word})", "")
    except re.error as error:
        raise UsageError(f"{word!r} is no pattern: {error}") from error
    if full_id is None and not any(map(pattern.matches, ids)):
        raise UsageError(f"no plan and no job is called {word!r}", hints=_hints(word, catalog))
    return pattern


def _hints(word: str, catalog: Catalog) -> list[str]:
    wanted = partial(word)
    known = {partial(full_id): full_id for full_id in (*catalog.jobs, *catalog.plans)}
    near = closest(wanted, known)
    hints = [f"did you mean {known[near]}?"] if near else []
    return [*hints, "plainbox list plans and plainbox list jobs show what there is"]
