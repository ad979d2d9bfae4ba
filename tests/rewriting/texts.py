"""Texts in the language of unit files, sound and broken, and where real ones lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import strategies as st

CORPUS = os.environ.get("PLAINBOX_TEST_PROVIDERS", "")
"""Folders with real unit files, separated by colons; they are no part of this project."""

needs_corpus = pytest.mark.skipif(not CORPUS, reason="PLAINBOX_TEST_PROVIDERS names no folders")


def real_files(*endings: str) -> list[Path]:
    """Every real unit file with one of these endings."""
    folders = [Path(folder) for folder in CORPUS.split(":") if folder]
    return sorted(path for folder in folders for end in endings for path in folder.rglob(f"*{end}"))


EXAMPLE = """\
# vim: set ft=pxu :
# Two jobs that read disks

# plainbox: a comment that belongs to the record
command:
  for disk in $LIST; do
      read_disk "$disk"   # slowly
  done
  .
  echo done
id:   disk/read
_summary:  Read all disks
# why root: raw devices
user: root
flags: simple , preserve-locale
_purpose:
      Read
      .
        twice
requires:
 disk.size != '0'
# a comment inside a value
 disk.kind in ('ssd', 'hdd')


unit: template
id: disk/{name}
template-resource: disk
template-filter: disk.removable == 'no'
plugin: shell
command: true
nonsense: kept
# the end of the record

unit: test plan
id: disks
name: Disks
include:
    disk/read  certification-status=blocker # the one
    "disk/.*"
"""

PIECES = st.sampled_from(
    [
        *(
            "id: a\n",
            "_summary:  b c \n",
            "command:\n",
            "requires: x.y == '1'\n",
            "unit: template\n",
        ),
        *(" one\n", "   two  \n", " .\n", "    .\n", " ..\n", " # x\n", "# comment\n", "#\n", "\n"),
        *("  \n", "\t\n", "\tkey: v\n", "text\n", "k:\r\n", " a\r\n", "\r\n", "k :v\n", ": v\n"),
        *(
            "\ufeff",
            " \x0b\n",
            "x: y",
            " z",
            "_k:\n",
            "id: a\r\n",
            " {name}\n",
            " \t\ttab\n",
            "\x85\n",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=30)
"""Texts of lines that are almost records, and any texts."""


@st.composite
def mutated(draw: st.DrawFn, text: str = EXAMPLE) -> str:
    """A text with some of its bytes changed, left out or doubled."""
    content = bytearray(text.encode())
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(content) - 1, 0)))
        what = draw(st.sampled_from(("change", "drop", "double", "cut")))
        if what == "change":
            content[place : place + 1] = bytes([draw(st.integers(0, 255))])
        elif what == "drop":
            del content[place : place + draw(st.integers(1, 9))]
        elif what == "double":
            content[place:place] = content[place : place + draw(st.integers(1, 40))]
        else:
            del content[place:]
    return bytes(content).decode(errors="replace")
