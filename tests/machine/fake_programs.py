"""Programs that stand in for those of the system, first in the PATH."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def fake_program(folder: Path, name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a program of shell text in `folder/bin`, found before all others of its name."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}{os.pathsep}{os.environ['PATH']}")
    return path
