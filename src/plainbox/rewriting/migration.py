"""Local jobs that print templates become template units, where that can be proved.

A local job is an ordinary job whose output are units. Its command is understood without running
it (`local_commands`); the program that it reads records from has to be the command of a resource
job, run by the same user; whatever else the job does must be nothing. The template keeps the id
of the job, so that test plans go on selecting what it makes; where a plan runs the job to have
the units, it runs the resource.

What cannot be proved stays as it is, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from plainbox.diagnostics import Code, Diagnostic, Edit, Label, Sink
from plainbox.fields.words import WORD, tokens
from plainbox.ids import partial
from plainbox.records import normalise, read_pxu
from plainbox.records.syntax import Block, Comment, FieldLines, parse_syntax
from plainbox.rewriting.formatting import format_pxu
from plainbox.rewriting.local_commands import Constant, Loop, Piped, Unclear, understand
from plainbox.text import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from plainbox.records import Entry, Record
