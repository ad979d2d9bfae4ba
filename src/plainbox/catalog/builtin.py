"""The providers that are part of plainbox; what they say of themselves is said here.

Every machine has them: the categories that other providers file their jobs under, the manifest
resource, and the checks of the machine that plainbox runs on.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from plainbox import __version__
from plainbox.fields import Owner
from plainbox.ids import PLAINBOX


@cache
def builtin_owners() -> tuple[Owner, ...]:
    """The built-in providers, in the order in which they are loaded."""
    return (
        _owner("categories", PLAINBOX, "categories", "Categories that every plainbox has"),
        _owner("manifest", PLAINBOX, "manifest", "What people said of this machine"),
        _owner("plainbox-smoke", "org.plainbox", "smoke", "Checks of this machine"),
    )


def _owner(name: str, namespace: str, folder: str, description: str) -> Owner:
    root = Path(__file__).parents[1] / "providers" / folder
    places = {part: root / part for part in ("units", "data", "bin")}
    there = {part: place if place.is_dir() else None for part, place in places.items()}
    return Owner(
        name=name,
        namespace=namespace,
        version=__version__,
        root=root,
        units_dir=there["units"],
        jobs_dir=None,
        data_dir=there["data"],
        bin_dir=there["bin"],
        locale_dir=None,
        gettext_domain=None,
        description=description,
    )
