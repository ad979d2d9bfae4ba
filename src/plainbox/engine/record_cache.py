"""What resource jobs with the flag `cachable` said in earlier sessions.

    <folder>/<checksum of the job>.json     {"machine": …, "job": …, "records": [{…}, …]}

Only results of jobs that passed are kept, for one machine; another definition of the job has
another checksum. There is no expiry: who changes the machine clears the cache.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from plainbox.files import replace_file

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN: Final = re.compile(r"[0-9a-f]+")
_MACHINE: Final = Path("/etc/machine-id")

Records = tuple[dict[str, str], ...]


class RecordCache:
    """A folder of records; what cannot be kept or read is not there."""

    def __init__(self, folder: Path, machine: Path = _MACHINE) -> None:
        self._folder = folder
        self._machine = ""
        with suppress(OSError, UnicodeDecodeError):
            self._machine = machine.read_text("ascii").strip()

    def read(self, checksum: str) -> Records | None:
        """The records of the job of a checksum; None where none are kept."""
        try:
            content: Any = json.loads(self._path(checksum).read_bytes())
            if content["machine"] != self._machine:
                return None
            return tuple({str(k): str(v) for k, v in it.items()} for it in content["records"])
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None

    def keep(self, checksum: str, job_id: str, records: Records) -> None:
        """Keep the records of a job that passed."""
        content = {"machine": self._machine, "job": job_id, "records": records}
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(self._path(checksum), json.dumps(content).encode(), mode=0o600)

    def clear(self) -> int:
        """Forget everything; how many results there were. Raise `OSError`."""
        if not self._folder.is_dir():
            return 0
        found = list(self._folder.glob("*.json"))
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)

    def _path(self, checksum: str) -> Path:
        if not _PLAIN.fullmatch(checksum):
            raise ValueError(f"{checksum!r} is no checksum")
        return self._folder / f"{checksum}.json"


def cache_folder(environ: Mapping[str, str]) -> Path | None:
    """Where the cache of this user is; None where there is no home for it."""
    stated = environ.get("XDG_CACHE_HOME", "")
    if stated.startswith("/"):
        return Path(stated) / "plainbox" / "resources"
    home = environ.get("HOME", "")
    return Path(home) / ".cache" / "plainbox" / "resources" if home.startswith("/") else None
