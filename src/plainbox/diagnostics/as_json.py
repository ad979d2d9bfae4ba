"""Diagnostics as one JSON object: `diagnostics` is a list, `summary` counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.diagnostics.codes import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plainbox.diagnostics.model import Fix
    from plainbox.diagnostics.reported import Reported, Totals
    from plainbox.text import Span


def render_json(found: Sequence[Reported], totals: Totals) -> str:
    """All diagnostics and the summary, indented."""
    import json

    severities = [each.diagnostic.severity for each in found]
    summary = {
        "errors": severities.count(Severity.ERROR),
        "warnings": severities.count(Severity.WARNING),
        "advice": severities.count(Severity.ADVICE) + severities.count(Severity.HINT),
        "files": totals.files,
        "seconds": round(totals.seconds, 3),
        "fixed": totals.fixed,
    }
    content = {"diagnostics": [_object(each) for each in found], "summary": summary}
    return json.dumps(content, indent=2, ensure_ascii=False)


def _object(each: Reported) -> dict[str, object]:
    diagnostic = each.diagnostic
    return {
        "code": str(diagnostic.code),
        "severity": diagnostic.severity.word,
        "message": diagnostic.message,
        "place": _place(diagnostic.span),
        "label": diagnostic.label,
        "others": [{"place": _place(it.span), "text": it.text} for it in diagnostic.others],
        "notes": list(diagnostic.notes),
        "fix": _fix(diagnostic.fix),
        "unit": {"kind": each.unit_kind, "id": each.unit_id} if each.unit_kind else None,
        "field": each.field or None,
        "fingerprint": each.fingerprint,
    }


def _place(span: Span | None) -> dict[str, object] | None:
    if span is None:
        return None
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": end_line,
        "end_column": end_column,
    }


def _fix(fix: Fix | None) -> dict[str, object] | None:
    if fix is None:
        return None
    edits = [{"place": _place(edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}
