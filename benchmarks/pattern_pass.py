"""The least that reading unit files can cost: one regular expression that finds every field.

`python -m benchmarks.pattern_pass FOLDER...` reads the units of providers and matches once.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

FIELD: Final = re.compile(r"^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE)


def texts_of(folders: list[str]) -> list[str]:
    """The texts of all unit files of some providers."""
    return [
        path.read_text("utf-8")
        for folder in folders
        for path in sorted(Path(folder, "units").rglob("*.pxu"))
    ]


def fields_in(texts: list[str]) -> int:
    """How many fields the texts have."""
    return sum(len(FIELD.findall(text)) for text in texts)


if __name__ == "__main__":
    sys.stdout.write(f"{fields_in(texts_of(sys.argv[1:]))}\n")
