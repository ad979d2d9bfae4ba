"""Between a run and its front end: one that fails to draw must not end the run.

The first error of a front end is kept for the end of the run, and the front end is told no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from plainbox.app.forecast import Forecast
    from plainbox.app.run import Front
    from plainbox.clock import Stamp
    from plainbox.session.events import Event
    from plainbox.session.state import State


class Shield:
    """A front end that never raises; `error` is what the one behind it died of."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self.error: Exception | None = None

    def saw(self, at: Stamp, event: Event, state: State) -> None:
        """An event was committed."""
        self._try(self._front.saw, at, event, state)

    def heard(self, job_id: str, stream: int, content: bytes) -> None:
        """The running job printed something."""
        self._try(self._front.heard, job_id, stream, content)

    def before(self, forecast: Forecast) -> None:
        """The tests are planned and will begin."""
        self._try(self._front.before, forecast)

    def tick(self) -> None:
        """Some time went by."""
        self._try(self._front.tick)

    def _try(self, tell: Callable[..., None], *what: object) -> None:
        if self.error is None:
            try:
                tell(*what)
            except Exception as error:  # noqa: BLE001 - whatever it is, the run goes on
                self.error = error
