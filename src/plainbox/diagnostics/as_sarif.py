"""Diagnostics in SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from plainbox import __version__
from plainbox.diagnostics.codebook import gist, page
from plainbox.diagnostics.codes import Severity
from plainbox.text import harmless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plainbox.diagnostics.codes import Code
    from plainbox.diagnostics.model import Edit, Fix
    from plainbox.diagnostics.reported import Reported
    from plainbox.text import Span

_LEVELS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.ADVICE: "note",
    Severity.HINT: "note",
}
_FINGERPRINT: Final = "plainbox/v1"
_HOME: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def render_sarif(found: Sequence[Reported]) -> str:
    """One run of plainbox with all diagnostics."""
    import json

    codes = list(dict.fromkeys(each.diagnostic.code for each in found))
    driver = {
        "name": "plainbox",
        "semanticVersion": __version__,
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, codes.index(each.diagnostic.code)) for each in found],
    }
    content = {"$schema": _HOME, "version": "2.1.0", "runs": [run]}
    return json.dumps(content, indent=2, ensure_ascii=False)


def _rule(code: Code) -> dict[str, object]:
    return {
        "id": str(code),
        "shortDescription": {"text": gist(code)},
        "help": {"text": page(code), "markdown": page(code)},
        "defaultConfiguration": {"level": _LEVELS[code.severity]},
    }


def _result(each: Reported, rule: int) -> dict[str, object]:
    diagnostic = each.diagnostic
    lines = (diagnostic.message, diagnostic.label, *diagnostic.notes)
    result: dict[str, object] = {
        "ruleId": str(diagnostic.code),
        "ruleIndex": rule,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": harmless("\n".join(line for line in lines if line))},
    }
    if diagnostic.span is not None:
        location: dict[str, object] = {"physicalLocation": _physical(diagnostic.span)}
        if each.unit_id:
            location["logicalLocations"] = [
                {"fullyQualifiedName": each.unit_id, "kind": each.unit_kind}
            ]
        result["locations"] = [location]
    if diagnostic.others:
        result["relatedLocations"] = [
            {"physicalLocation": _physical(label.span), "message": {"text": harmless(label.text)}}
            for label in diagnostic.others
        ]
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(diagnostic.fix)]
    if each.fingerprint:
        result["partialFingerprints"] = {_FINGERPRINT: each.fingerprint}
    return result


def _physical(span: Span) -> dict[str, object]:
    return {"artifactLocation": _artifact(span.source.name), "region": _region(span)}


def _artifact(name: str) -> dict[str, object]:
    start = "file://" if PurePosixPath(name).is_absolute() else ""
    return {"uri": start + "".join(map(_quoted, name.encode("utf-8", "replace")))}


def _quoted(byte: int) -> str:
    character = chr(byte)
    plain = character.isascii() and (character.isalnum() or character in "/._-~")
    return character if plain else f"%{byte:02X}"


def _region(span: Span) -> dict[str, object]:
    end_line, end_column = span.source.position(span.end)
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": end_line,
        "endColumn": end_column,
    }


def _fix(fix: Fix) -> dict[str, object]:
    by_file: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_file.setdefault(edit.span.source.name, []).append(edit)
    changes = [
        {
            "artifactLocation": _artifact(name),
            "replacements": [
                {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
                for edit in edits
            ],
        }
        for name, edits in by_file.items()
    ]
    return {"description": {"text": harmless(fix.title)}, "artifactChanges": changes}
