"""The checksum of a unit: what its author wrote, and nothing else.

SHA-256 of JSON with sorted keys, without blanks, non-ASCII escaped; the namespace stands last,
outside the order. An instance of a template is known by its unformatted fields, directly
followed by the parameters that it was formatted with. Sessions, caches and other programs
compare these sums: not a bit of them may change.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def checksum(
    fields: Mapping[str, object],
    namespace: str,
    parameters: Mapping[str, object] | None = None,
) -> str:
    """The sum of fields as written; `parameters` are those of an instance of a template."""
    encode = _encoder()
    try:
        text = encode(fields)
    except TypeError:  # a YAML mapping whose keys are of several types has no order
        fields = {key: _with_text_keys(value) for key, value in fields.items()}
        text = encode(fields)
    if namespace:
        comma = "," if fields else ""
        text = f'{text[:-1]}{comma}"namespace":{encode(namespace)}}}'
    if parameters:
        text += encode(parameters)
    return sha256(text.encode("ascii")).hexdigest()


def _with_text_keys(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _with_text_keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_text_keys(item) for item in value]
    return value


@lru_cache(maxsize=1)
def _encoder() -> Callable[[object], str]:
    import json  # 2 ms, and a list of jobs needs no sums

    return json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str).encode
