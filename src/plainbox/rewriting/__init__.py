"""What changes unit files: the formatter, the converter, migrations."""

from plainbox.rewriting.formatting import format_pxu

__all__ = ["format_pxu"]
