"""From what is known to what runs: instances of templates, selection, order.

Everything here takes values and gives values; nothing runs, waits or is written.
Why a job runs or not is told by `planning.explaining`, which only few commands need.
"""

from plainbox.planning.copies import family, with_copies
from plainbox.planning.dead_lines import dead_lines
from plainbox.planning.instances import bindings, errors_of, instantiate
from plainbox.planning.nesting import parts_of
from plainbox.planning.ordering import LeftOut, Need, Relation, RunList, arrange
from plainbox.planning.overrides import Overrides, Setting
from plainbox.planning.picking import pick
from plainbox.planning.selecting import (
    COLLECT_MANIFEST,
    Known,
    Reason,
    Selection,
    select,
    select_all,
)

__all__ = [
    "COLLECT_MANIFEST",
    "Known",
    "LeftOut",
    "Need",
    "Overrides",
    "Reason",
    "Relation",
    "RunList",
    "Selection",
    "Setting",
    "arrange",
    "bindings",
    "dead_lines",
    "errors_of",
    "family",
    "instantiate",
    "parts_of",
    "pick",
    "select",
    "select_all",
    "with_copies",
]
