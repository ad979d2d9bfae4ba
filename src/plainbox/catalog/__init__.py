"""Find providers and load their units into a catalog."""

from plainbox.catalog.builtin import builtin_owners
from plainbox.catalog.discovery import Places, find_providers
from plainbox.catalog.listing import executables, unit_files
from plainbox.catalog.loading import Row, load_catalog, rows
from plainbox.catalog.model import Catalog

__all__ = [
    "Catalog",
    "Places",
    "Row",
    "builtin_owners",
    "executables",
    "find_providers",
    "load_catalog",
    "rows",
    "unit_files",
]
