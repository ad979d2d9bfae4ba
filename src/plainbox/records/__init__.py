"""Reading and writing the records of unit files and of resource output.

A record is one unit, or one resource, as its author wrote it: fields in order, each with its
value and its place. What fields mean is no business of this package.
"""

from plainbox.records.files import name_is_yaml, read_file, read_source
from plainbox.records.model import DerivedEntry, Entry, Record
from plainbox.records.pxu import read_pxu, read_records_until_error
from plainbox.records.values import is_dot, normalise
from plainbox.records.writing import format_record
from plainbox.records.yaml_reader import read_yaml

__all__ = [
    "DerivedEntry",
    "Entry",
    "Record",
    "format_record",
    "is_dot",
    "name_is_yaml",
    "normalise",
    "read_file",
    "read_pxu",
    "read_records_until_error",
    "read_source",
    "read_yaml",
]
