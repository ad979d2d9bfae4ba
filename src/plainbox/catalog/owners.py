"""Make owners of units out of what providers state about themselves.

========================  ==================================================================
source                    what is known
========================  ==================================================================
a `.provider` file        section `[PlainBox Provider]`; folders from `location` or each alone
a folder with manage.py   the literal keywords of its `setup(...)` call; folders as laid out
a folder with units       nothing: it has the name of the folder
========================  ==================================================================

`fields` are names of fields that units of the provider may have although plainbox does not know
them. A namespace that is not stated is the part of the name before its colon, else the name itself
(a `.provider` file has to state one of the two).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.catalog.given import absolute, is_file, is_folder, whole
from plainbox.catalog.setup_call import UNKNOWN, read_setup
from plainbox.config.ini import Given, read_ini, read_text, report_unknown
from plainbox.diagnostics import Code, Diagnostic
from plainbox.fields import Owner
from plainbox.text import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plainbox.diagnostics import Sink
    from plainbox.text import Span

SCRIPT: Final = "manage.py"
SECTION: Final = "PlainBox Provider"
FOLDERS: Final = ("units_dir", "jobs_dir", "data_dir", "bin_dir", "locale_dir")
FILE_KEYS: Final = (
    *("name", "namespace", "version", "description", "gettext_domain", "location", "relocatable"),
    "fields",
    *FOLDERS,
)
SETUP_KEYS: Final = (
    *("name", "namespace", "version", "description", "gettext_domain", "fields"),
    *("build_cmd", "clean_cmd", "strict", "deprecated"),
)

_LABEL: Final = r"[a-z][a-z0-9-]*"
_LONG_NAME: Final = re.compile(rf"(?:[0-9]{{4}}\.)?{_LABEL}(?:\.{_LABEL})+:{_LABEL}")
_SHORT_NAME: Final = re.compile(r"[a-z0-9-]+")
_NAMESPACE: Final = re.compile(r"[^\s:]+")
_VERSION: Final = re.compile(
    r"v?(?:\d+!)?\d+(?:\.\d+)*[-_.]?(?:(?:a|b|c|rc|alpha|beta|pre|preview)[-_.]?\d*)?"
    r"(?:-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?(?:[-_.]?dev[-_.]?\d*)?(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?",
    re.IGNORECASE,
)
_DOMAIN: Final = re.compile(r"[a-z0-9_-]\S*")
_BOOLEANS: Final = {
    **dict.fromkeys(("1", "yes", "true", "on"), True),
    **dict.fromkeys(("0", "no", "false", "off"), False),
}


def owner_of_folder(folder: Path, sink: Sink) -> Owner | None:
    """The provider whose source tree a folder is; `None`, said why, where it is broken.

    A folder that is no provider at all gives `None` silently.
    """
    folder = absolute(folder)
    given: dict[str, Given] | None = None
    if is_file(folder / SCRIPT):
        before = len(sink)
        given = read_setup(folder / SCRIPT, sink)
        if len(sink) > before:
            return None
    if given is None and not has_units(folder):
        return None
    stated = _Stated(given or {}, sink)
    report_unknown(stated.given, SETUP_KEYS, "keyword", sink)
    name = stated.text("name", _LONG_NAME, _SHORT_NAME) or folder.name
    namespace = stated.text("namespace", _NAMESPACE) or name.partition(":")[0]
    return None if stated.unusable else _owner(stated, name, namespace, _laid_out(folder))


def owner_of_file(path: Path, sink: Sink) -> Owner | None:
    """The provider that a `.provider` file defines; `None`, said why, where it is unusable."""
    path = absolute(path)
    text = read_text(path, sink)
    if text is None:
        return None
    source = Source(str(path), text)
    sections = read_ini(source, sink, Code.BAD_PROVIDER)
    headers = {name: Given(name, section.span) for name, section in sections.items()}
    report_unknown(headers, (SECTION,), "section", sink)
    if SECTION not in sections:
        message = f"a provider is defined in a section '[{SECTION}]'"
        sink.add(Diagnostic(Code.BAD_PROVIDER, message, whole(source)))
        return None
    stated = _Stated(sections[SECTION].given, sink)
    report_unknown(stated.given, FILE_KEYS, "key", sink)
    name, namespace = _names(stated, whole(source))
    folders = _folders(stated, path.parent)
    if "version" not in stated.given:
        stated.fault("a provider needs a 'version'", whole(source))
    return None if stated.unusable else _owner(stated, name, namespace, folders)


def has_units(folder: Path) -> bool:
    """Whether unit files may lie in a folder as in the source tree of a provider."""
    return is_folder(folder / "units") or is_folder(folder / "jobs")


class _Stated:
    """The values of one definition; a bad one is reported once and counts as not stated."""

    def __init__(self, given: Mapping[str, Given], sink: Sink) -> None:
        self.given = given
        self.sink = sink
        self.unusable = False

    def text(self, key: str, *forms: re.Pattern[str]) -> str | None:
        """The text of a key; it has to match one of the forms, if there are any."""
        value, span = self.given.get(key, (UNKNOWN, None))
        if value is UNKNOWN or value is None:
            return None
        if not isinstance(value, str):
            self.fault(f"'{key}' must be a text", span)
        elif not value.strip():
            self.fault(f"'{key}' is empty", span)
        elif forms and not any(form.fullmatch(value) for form in forms):
            self.fault(f"'{value}' is no valid {key.replace('_', ' ')}", span)
        else:
            return value
        self.unusable |= key in ("name", "namespace", "location")
        return None

    def words(self, key: str) -> tuple[str, ...]:
        """The words of a key: a text, or a list of texts; each once."""
        value, span = self.given.get(key, (UNKNOWN, None))
        words = value.replace(",", " ").split() if isinstance(value, str) else value
        if words is UNKNOWN or words is None:
            return ()
        if isinstance(words, list | tuple) and all(isinstance(word, str) for word in words):
            return tuple(dict.fromkeys(word.strip().lstrip("_") for word in words))
        self.fault(f"'{key}' must be a text or a list of texts", span)
        return ()

    def folder(self, key: str) -> Path | None:
        """The folder that a key names: absolute, and there."""
        text = self.text(key)
        if text is None:
            return None
        path = Path(text)
        if not path.is_absolute():
            reason = "is not an absolute path"
        elif not is_folder(path):
            reason = "is no folder"
        else:
            return path
        self.fault(f"{key} '{path}' {reason}", self.given[key].span)
        self.unusable |= key == "location"
        return None

    def fault(self, message: str, span: Span | None) -> None:
        self.sink.add(Diagnostic(Code.BAD_PROVIDER, message, span))


def _names(stated: _Stated, place: Span) -> tuple[str, str]:
    """Name and namespace as a `.provider` file states them."""
    name = stated.text("name", _LONG_NAME, _SHORT_NAME) or ""
    namespace = stated.text("namespace", _NAMESPACE) or name.rpartition(":")[0]
    if not name and not stated.unusable:
        stated.fault("a provider needs a 'name'", place)
        stated.unusable = True
    elif not namespace and not stated.unusable:
        message = f"'{name}' needs a 'namespace', or a name like 'org.example:{name}'"
        stated.fault(message, stated.given["name"].span)
        stated.unusable = True
    return name, namespace


def _folders(stated: _Stated, beside: Path) -> dict[str, Path | None]:
    """The folders of a `.provider` file, which lies in the folder `beside`."""
    word, span = stated.given.get("relocatable", ("no", None))
    relocatable = _BOOLEANS.get(str(word).lower())
    if relocatable is None:
        stated.fault(f"'{word}' is neither yes nor no", span)
    if relocatable:
        return _laid_out(beside)
    location = stated.folder("location")
    folders = _laid_out(location) if location else {}
    for key in FOLDERS:
        if key in stated.given:
            folders[key] = stated.folder(key)
    return folders


def _laid_out(root: Path) -> dict[str, Path | None]:
    """The folders that are there of a provider with the usual layout."""
    places = {key: root / key.removesuffix("_dir") for key in FOLDERS}
    if not is_folder(places["locale_dir"]):
        places["locale_dir"] = root / "build" / "mo"
    there = {key: place if is_folder(place) else None for key, place in places.items()}
    return {"root": root, **there}


def _owner(stated: _Stated, name: str, namespace: str, folders: Mapping[str, Path | None]) -> Owner:
    return Owner(
        name=name,
        namespace=namespace,
        version=stated.text("version", _VERSION),
        root=folders.get("root"),
        **{key: folders.get(key) for key in FOLDERS},
        gettext_domain=stated.text("gettext_domain", _DOMAIN),
        description=stated.text("description") or "",
        fields=stated.words("fields"),
    )
