"""Templates: texts with parameters, and the records that they make of the records of a resource.

What a template is, which records it wants and what its instances are is no business of this
package: `units` and `planning` know.
"""

from plainbox.templating.expansion import (
    ENGINES,
    Expansion,
    Flaw,
    Skeleton,
    instance_record,
    rendered,
)
from plainbox.templating.formats import Format, Slot, parse_format
from plainbox.templating.jinja import EXTRAS, Script
from plainbox.templating.scope import INDEX, Fault, Mentions, RecordView, placeholder, scope_of

__all__ = [
    "ENGINES",
    "EXTRAS",
    "INDEX",
    "Expansion",
    "Fault",
    "Flaw",
    "Format",
    "Mentions",
    "RecordView",
    "Script",
    "Skeleton",
    "Slot",
    "instance_record",
    "parse_format",
    "placeholder",
    "rendered",
    "scope_of",
]
