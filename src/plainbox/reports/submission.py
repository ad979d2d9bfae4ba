"""The submission: one JSON document with everything that is known of a session.

Its keys are those that readers of such files already know. Texts are what jobs wrote, with
what is no UTF-8 replaced and control characters left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import msgspec

from plainbox import __version__
from plainbox.ids import partial
from plainbox.session.logs import OUTPUT
from plainbox.session.secrets import ShownLogs
from plainbox.text import harmless

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from plainbox.session.state import JobState, State

NAME: Final = "submission.json"
_CERTIFICATION: Final = "com.canonical.certification"
_ATTACHMENT: Final = "attachment"


def render(state: State, logs: Path, out: BinaryIO) -> None:
    """Write the document, UTF-8; one result at a time is in memory.

    `logs` is the folder with the output of the attempts. Raise `OSError`.
    """
    between = b"{\n"
    for key, value in _members(state, ShownLogs(logs)):
        out.write(between + _json(key) + b": ")
        if isinstance(value, Iterator):
            _write_list(value, out)
        else:
            out.write(_json(value))
        between = b",\n"
    out.write(b"\n}\n")


def _write_list(items: Iterator[dict[str, Any]], out: BinaryIO) -> None:
    between = b"["
    for item in items:
        out.write(between + b"\n  " + _json(item))
        between = b","
    out.write(b"[]" if between == b"[" else b"\n]")


_json = msgspec.json.Encoder().encode


def _members(state: State, logs: ShownLogs) -> Iterator[tuple[str, Any]]:
    """The members of the document in their order; long lists are made as they are written."""
    opened = state.opened
    yield "title", opened.title if opened else ""
    packaging = {"type": "unknown", "name": "plainbox", "version": __version__}
    yield "origin", {"name": "Plainbox", "version": __version__, "packaging": packaging}
    if opened and opened.plan:
        yield "testplan_id", opened.plan
    yield "custom_joblist", bool(opened and not opened.plan)
    yield from _facts(state).items()
    shown = sorted(
        (job for job in state.jobs.values() if job.outcome is not None),
        key=lambda job: job.card.id,
    )
    tests = (job for job in shown if job.card.kind != _ATTACHMENT)
    yield "results", (_result(job, logs) for job in tests)
    attachments = (job for job in shown if job.card.kind == _ATTACHMENT)
    yield "attachment-results", (_attachment(job, logs) for job in attachments)
    yield "rejected-jobs", []
    yield "category_map", {job.card.category: job.card.category_name for job in shown}
    yield "launcher", {}
    yield "system_information", dict(opened.machine) if opened else {}


def _common(job: JobState) -> dict[str, Any]:
    card = job.card
    outcome = job.outcome
    return {
        "id": partial(card.id),
        "full_id": card.id,
        "name": card.summary,
        "certification_status": card.certification_status,
        "category": card.category_name,
        "category_id": card.category,
        "status": outcome.look.status if outcome else "none",
        "outcome": outcome.value if outcome else None,
        "comments": _comments(job),
        "duration": job.seconds,
        "plugin": card.kind,
        "template_id": card.template,
    }


def _comments(job: JobState) -> str | None:
    """Why the outcome is what it is; a pass after a failure is no plain pass."""
    if not job.flaky:
        return job.reason or None
    failed = [it.reason for it in job.attempts if it.outcome is not None and it.outcome.bad]
    said = f"flaky: passed after {len(failed)} of {len(job.attempts)} attempts failed: {failed[-1]}"
    return f"{job.reason}; {said}" if job.reason else said


def _result(job: JobState, logs: ShownLogs) -> dict[str, Any]:
    unmet = job.unmet
    reason = unmet and {
        "related_dependencies": list(unmet.dependencies),
        "related_resources": list(unmet.resources),
        "related_manifests": list(unmet.manifests),
    }
    return _common(job) | {
        "skip_reason": reason,
        "io_log": _log(job, logs, every_stream=True),
        "type": "test",
        "project": "certification",
    }


def _attachment(job: JobState, logs: ShownLogs) -> dict[str, Any]:
    return _common(job) | {"io_log": _log(job, logs, every_stream=False)}


def _log(job: JobState, logs: ShownLogs, *, every_stream: bool) -> str:
    if not job.attempts or not job.attempts[-1].output:
        return ""
    chunks = logs.read(job.attempts[-1].number)
    output = b"".join(c.content for c in chunks if every_stream or c.stream == OUTPUT)
    return harmless(output.decode("utf-8", "replace"))


def _facts(state: State) -> dict[str, Any]:
    """What resource jobs told of the machine, under the keys that readers expect."""

    def records(name: str) -> list[dict[str, str]]:
        found = state.resources.get(f"{_CERTIFICATION}::{name}")
        if found is None:
            same = (r for job_id, r in state.resources.items() if partial(job_id) == name)
            found = next(same, ())
        return [record for record in found if record]

    def first(name: str) -> dict[str, str]:
        return next(iter(records(name)), {})

    memory = first("meminfo")
    told = {
        "packages": [
            {"name": record.get("name", ""), "version": record.get("version", "")}
            for record in records("package")
        ],
        "snap-packages": records("snap"),
        "distribution": first("lsb"),
        "kernel": first("uname").get("release"),
        "architecture": first("dpkg").get("architecture"),
        "memory": {key: memory[key] for key in ("swap", "total") if key in memory},
        "processor": first("cpuinfo"),
    }
    return {key: value for key, value in told.items() if value}
