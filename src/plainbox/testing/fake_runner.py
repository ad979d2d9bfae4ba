"""A runner that starts no process: a test says how each command ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plainbox.engine.runner import Command, Exit

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

    Output = Callable[[int, bytes], None]
    Act = Callable[[Command, Output], Exit | None]

KILLED: Final = Exit(-9)


class FakeRunner:
    """Asks `act` how a command ends; one for which it says None runs until it is interrupted.

    `commands` are those that were started, `most` is how many ran at once.
    """

    def __init__(self, act: Act) -> None:
        self.commands: list[Command] = []
        self.most = 0
        self._act = act
        self._running: list[asyncio.Future[None]] = []

    def start(self, command: Command, output: Output) -> Awaitable[Exit]:
        """Start a command, and wait for its end."""
        import asyncio

        over = asyncio.get_running_loop().create_future()
        self.commands.append(command)
        self._running.append(over)
        self.most = max(self.most, len(self._running))
        return self._end(command, output, over)

    async def _end(self, command: Command, output: Output, over: asyncio.Future[None]) -> Exit:
        import asyncio

        try:
            await asyncio.sleep(0)
            end = KILLED if over.done() else self._act(command, output)
            if end is None:
                await over
            return end or KILLED
        finally:
            self._running.remove(over)

    def end(self, attempt: int, why: str) -> bool:  # noqa: ARG002
        """End one attempt; this runner cannot."""
        return False

    def interrupt(self) -> None:
        """End all that runs."""
        for over in self._running:
            if not over.done():
                over.set_result(None)

    def close(self) -> None:
        """Nothing is held."""
