"""Values that are never shown: what hides them in events, in output and in reports.

Output is kept byte for byte, for its owner alone, and hidden when it is read for somebody. Whoever
reads it later has to know the values, so a session keeps them beside its logs, in `secrets`, which
the owner alone may read and no export holds. Hashes would not do: they cannot be looked for in
100 MB, and a short value is soon guessed from its hash.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from plainbox.errors import StorageError
from plainbox.files import replace_file
from plainbox.session.events import Answered, Ended, JobStarting, Opened, Part, Planned, Resumed
from plainbox.session.logs import Chunk, read_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from plainbox.session.events import Event

    E = TypeVar("E", bound=Event)

PLACE: Final = "secrets"
"""The file in the folder of a session."""

HIDDEN: Final = "***"
SHORTEST: Final = 4
"""Shorter values would be found everywhere."""
_SHORTEST_LINE: Final = 8
_NO_SECRETS: Final = frozenset({"true", "false", "none", "null", "auto"})
_PLAIN_EVENTS: Final = (Opened, Resumed, Planned, JobStarting, Ended)
_IDENTITIES: Final = frozenset({"job", "jobs", "id", "kind", "choice", "value"})
"""Fields by which events refer to each other."""
_KEPT: Final[dict[type[Part], frozenset[str]]] = {Answered: frozenset({"question"})}
_DECODER: Final = msgspec.json.Decoder(dict[str, list[str]])


class Mask:
    """Replaces values by `***`; of a value of several lines also each line by itself."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        found = {part for value in values for part in _parts(value)}
        self._texts = sorted(found, key=len, reverse=True)
        encoded = {text.encode("utf-8", "surrogateescape") for text in found}
        self.values = sorted(encoded, key=len, reverse=True)
        self._text_pattern = re.compile("|".join(map(re.escape, self._texts)))
        self.pattern = re.compile(b"|".join(map(re.escape, self.values)))

    def __bool__(self) -> bool:
        """Whether there is anything to hide."""
        return bool(self.values)

    def text(self, text: str) -> str:
        """The text without the values."""
        if any(value in text for value in self._texts):
            return self._text_pattern.sub(HIDDEN, text)
        return text

    def content(self, content: bytes) -> bytes:
        """The bytes without the values."""
        stream = self.stream()
        return stream.feed(content) + stream.rest()

    def stream(self, *, same_length: bool = False) -> MaskStream:
        """For bytes that come in pieces; on demand what is hidden keeps its length."""
        return MaskStream(self, same_length=same_length)

    def chunks(self, chunks: Iterable[Chunk], *, whole: bool = True) -> Iterator[Chunk]:
        """The output of an attempt without the values, each stream for itself.

        Unless that is the whole, a beginning of a value at its end is left out.
        """
        if not self:
            yield from chunks
            return
        streams: dict[int, MaskStream] = {}
        seconds = 0.0
        for seconds, stream, content in chunks:
            if shown := streams.setdefault(stream, self.stream()).feed(content):
                yield Chunk(seconds, stream, shown)
        for stream, masked in streams.items() if whole else ():
            if shown := masked.rest():
                yield Chunk(seconds, stream, shown)

    def event(self, event: E) -> E:
        """The event without the values, but for what other events refer to."""
        if not self or isinstance(event, _PLAIN_EVENTS):
            return event
        hidden: E = self._hide(event)
        return hidden

    def _hide(self, value: Any) -> Any:
        match value:
            case str():
                return self.text(value)
            case tuple():
                return tuple(map(self._hide, value))
            case dict():
                return {key: self._hide(content) for key, content in value.items()}
            case Part():
                kept = _KEPT.get(type(value), _IDENTITIES)
                names = [name for name in value.__struct_fields__ if name not in kept]
                texts = {name: getattr(value, name) for name in names}
                hidden = {name: self._hide(text) for name, text in texts.items()}
                return value if hidden == texts else msgspec.structs.replace(value, **hidden)
            case _:
                return value


class MaskStream:
    """Hides values in bytes that come in pieces; a value may lie across their borders.

    What could be the beginning of a value waits for the next piece. However the bytes are cut,
    the result is the same.
    """

    def __init__(self, mask: Mask, *, same_length: bool) -> None:
        self._mask = mask
        self._same_length = same_length
        self._held = b""

    def feed(self, content: bytes) -> bytes:
        """Take a piece; what can be shown by now."""
        if not self._mask:
            return content
        content = self._held + content
        shown = []
        position, keep = 0, self._beginning(content, 0)
        if any(value in content for value in self._mask.values):
            for match in self._mask.pattern.finditer(content):
                if match.start() >= keep:
                    break
                shown += [content[position : match.start()], self._instead(match[0])]
                position = match.end()
                if position > keep:
                    keep = self._beginning(content, position)
        self._held = content[keep:]
        return b"".join((*shown, content[position:keep]))

    def rest(self) -> bytes:
        """What waited, when nothing more comes."""
        held, self._held = self._held, b""
        if not held:
            return held
        return self._mask.pattern.sub(lambda match: self._instead(match[0]), held)

    def _instead(self, value: bytes) -> bytes:
        return b"*" * len(value) if self._same_length else HIDDEN.encode()

    def _beginning(self, content: bytes, start: int) -> int:
        """Where the longest end of the bytes starts that a longer value begins with."""
        first = len(content)
        for value in self._mask.values:
            position = content.find(value[:1], max(start, len(content) - len(value) + 1))
            while 0 <= position < first:
                if value.startswith(content[position:]):
                    first = position
                    break
                position = content.find(value[:1], position + 1)
        return first


def _parts(value: str) -> Iterator[str]:
    """What to look for: the value, and each of its lines, since people see lines."""
    value = value.strip()
    if len(value) < SHORTEST or value.casefold() in _NO_SECRETS:
        return
    yield value
    lines = [line.strip() for line in value.splitlines()]
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= _SHORTEST_LINE)


Known = dict[str, list[str]]
"""All values that the variables of a session have had, by their names."""


def read_secrets(path: Path) -> Known:
    """The secrets that a session knows. Raise `StorageError` where that cannot be told."""
    try:
        return _DECODER.decode(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StorageError(f"{path} cannot be read, so nothing can be shown: {error}") from error


def mask_of(known: Known) -> Mask:
    """What hides all of them."""
    return Mask(value for values in known.values() for value in values)


def with_secrets(path: Path, known: Known, variables: Mapping[str, str]) -> Known:
    """The same with the values of variables, kept for later readers. Raise `StorageError`.

    Values from before a resume stay: what was printed then is still in the logs.
    """
    fresh = {name: known.get(name, []) for name in {**known, **variables}}
    for name, value in variables.items():
        value = value.encode("utf-8", "replace").decode()  # noqa: PLW2901 - what JSON can hold
        if value not in fresh[name]:
            fresh[name] = [*fresh[name], value]
    if fresh != known:
        try:
            replace_file(path, msgspec.json.encode(fresh), mode=0o600)
        except OSError as error:
            raise StorageError(f"{path} cannot be written: {error}") from error
    return fresh


class ShownLogs:
    """The output of the attempts of a session, as it may be shown."""

    def __init__(self, folder: Path) -> None:
        """`folder` is that of the logs. Raise `StorageError` where secrets cannot be told."""
        self._folder = folder
        self._mask = mask_of(read_secrets(folder.parent / PLACE))

    def read(self, attempt: int, *, whole: bool = True) -> Iterator[Chunk]:
        """What an attempt printed, in order of arrival; `whole` where it prints no more."""
        return self._mask.chunks(read_log(self._folder, attempt), whole=whole)
