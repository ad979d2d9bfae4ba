"""Reading the bodies of events, also of those that an older plainbox wrote.

One function for each change of an event's shape turns the old body into the next newer one;
`tests/journals/` keeps a journal of every format, and all of them have to replay for ever.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from plainbox.errors import StorageError
from plainbox.session.events import KINDS, Event

_ENCODER: Final = msgspec.json.Encoder()
_DECODERS: Final = {kind: msgspec.json.Decoder(shape) for kind, shape in KINDS.items()}
_NAMES: Final = {shape: kind for kind, shape in KINDS.items()}


def encode(event: Event) -> tuple[str, bytes]:
    """The kind and the body under which a journal keeps an event.

    Names of files may hold bytes that are no text; these are replaced.
    """
    try:
        body = _ENCODER.encode(event)
    except UnicodeEncodeError:
        body = _ENCODER.encode(_as_text(msgspec.to_builtins(event)))
    return _NAMES[type(event)], body


def decode(kind: str, body: bytes) -> Event:
    """The event of a kind and a body; raise `StorageError` where this plainbox cannot tell."""
    decoder = _DECODERS.get(kind)
    if decoder is None:
        raise StorageError(
            f"the journal has an event of a kind unknown here: {kind!r}",
            hints=["it was written by a newer plainbox: read it with that one"],
        )
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError) as error:
        raise StorageError(f"an event of kind {kind!r} cannot be read: {error}") from error


def _as_text(value: Any) -> Any:
    """The same value, with what is no text in its texts replaced."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {_as_text(key): _as_text(content) for key, content in value.items()}
        case list() | tuple():
            return [_as_text(content) for content in value]
        case _:
            return value
