"""What changes unit files: the formatter, the converter, migrations.

Text goes in, text and diagnostics come out; reading and writing files is the caller's work.
"""

from plainbox.rewriting.conversion import Conversion
from plainbox.rewriting.formatting import format_pxu
from plainbox.rewriting.local_templates import Resource
from plainbox.rewriting.migration import Migration, migrate
from plainbox.rewriting.to_pxu import to_pxu
from plainbox.rewriting.to_yaml import to_yaml

__all__ = [
    "Conversion",
    "Migration",
    "Resource",
    "format_pxu",
    "migrate",
    "to_pxu",
    "to_yaml",
]
