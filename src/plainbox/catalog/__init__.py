"""Find providers, load their units into a catalog, say what a misspelt id may mean."""

from plainbox.catalog.builtin import builtin_owners
from plainbox.catalog.discovery import Places, find_providers
from plainbox.catalog.listing import executables, unit_files
from plainbox.catalog.loading import Row, load_catalog, rows
from plainbox.catalog.model import Catalog
from plainbox.catalog.suggest import closest

__all__ = [
    "Catalog",
    "Places",
    "Row",
    "builtin_owners",
    "closest",
    "executables",
    "find_providers",
    "load_catalog",
    "rows",
    "unit_files",
]
