"""What a word means: a full id, an id of `org.plainbox`, or one that a single provider has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plainbox.errors import UsageError
from plainbox.ids import SEPARATOR, partial

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plainbox.catalog import Catalog
    from plainbox.units import TestPlan

OWN_NAMESPACE: Final = "org.plainbox"
_SHOWN: Final = 10


def find_plan(word: str, catalog: Catalog) -> TestPlan | None:
    """The plan of an id. Raise `UsageError` where several have it."""
    full_id = resolve(word, catalog.plans, "plan")
    return catalog.plans[full_id] if full_id else None


def resolve(word: str, known: Iterable[str], what: str) -> str | None:
    """The full id that a word means among those known; None where it means none of them."""
    ids = list(known)
    if word in ids:
        return word
    if SEPARATOR in word:
        return None
    if (own := OWN_NAMESPACE + SEPARATOR + word) in ids:
        return own
    found = [full_id for full_id in ids if partial(full_id) == word]
    if len(found) > 1:
        raise UsageError(f"more than one {what} is called {word!r}", hints=sorted(found)[:_SHOWN])
    return found[0] if found else None
