"""Where what is known of the machine comes from: sessions, a file, the manifest, a quick look.

A file holds JSON, `{"device": [{"category": "WIRELESS"}]}`, or records in the language of units
that say in a field `resource` whose they are.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from plainbox.app.manifest import manifest_records
from plainbox.app.request import Request
from plainbox.app.run import Run, open_session, run_session
from plainbox.clock import SystemClock
from plainbox.diagnostics import Sink
from plainbox.diagnostics.terminal import headline
from plainbox.errors import InputError, StorageError, UsageError
from plainbox.ids import PLAINBOX, Pattern, partial, qualify
from plainbox.planning.outlook import Knowledge
from plainbox.records import read_pxu
from plainbox.session.store import OpenSession, Store
from plainbox.text import Source
from plainbox.units import JobKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from plainbox.app.forecast import Forecast
    from plainbox.app.setup import Setup
    from plainbox.catalog import Catalog
    from plainbox.clock import Stamp
    from plainbox.engine.decide import Abilities
    from plainbox.expressions import Records
    from plainbox.outcome import Outcome
    from plainbox.session.events import Event
    from plainbox.session.state import State

MANIFEST_RESOURCE: Final = qualify("manifest", PLAINBOX)
_MOST: Final = 20
"""How many sessions are looked through for what a resource said."""


@dataclass(frozen=True)
class Origin:
    """Where the records of a resource come from; `ran` in seconds since 1970, where it is known."""

    place: str
    session: str = ""
    ran: float | None = None
    return_code: int | None = None
    problem: str = ""


@dataclass
class Facts:
    """What is known of a machine, and by full id of the resource where it comes from."""

    records: dict[str, Records] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)

    @property
    def knowledge(self) -> Knowledge:
        """The same without where it comes from."""
        return Knowledge(self.records, self.outcomes)

    def add(self, resource: str, records: Records, origin: Origin) -> None:
        """Take the records of a resource, unless they are known."""
        if resource not in self.records:
            self.records[resource] = records
            self.origins[resource] = origin

    def add_session(self, name: str, state: State, *, outcomes: bool = True) -> None:
        """Take what a session knows."""
        for resource, records in state.resources.items():
            self.add(resource, records, _origin(name, resource, state))
        if outcomes:
            self.outcomes.update(
                (job_id, job.outcome)
                for job_id, job in state.jobs.items()
                if job.attempts and job.outcome is not None
            )

    def add_manifest(self, setup: Setup) -> None:
        """Take what people said of the machine, as it stands now."""
        text = manifest_records(setup.session, setup.answers)
        records = read_pxu(Source("the manifest", text), Sink())
        self.add(MANIFEST_RESOURCE, _texts(records), Origin("the manifest of this machine"))


def sessions(store: Store, wanted: str | None) -> Iterator[tuple[str, State]]:
    """The session that is wanted, or the newest ones that can be read, the newest first."""
    folders = store.sessions()[:_MOST] if wanted is None else [store.find(wanted)]
    for folder in folders:
        try:
            state = folder.read_state()
        except StorageError:
            if wanted is not None:
                raise
            continue
        if state.opened is not None:
            yield folder.id, state


def read_facts(path: Path, catalog: Catalog) -> Facts:
    """What a file says of resources. Raise `InputError` or `UsageError`."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    facts = Facts()
    found = _from_json(path, text) if text.lstrip()[:1] in ("{", "[") else _from_records(path, text)
    known = [job.id for job in catalog.jobs.values() if job.plugin is JobKind.RESOURCE]
    for name, records in found.items():
        meant = [resource for resource in known if name in (resource, partial(resource))]
        if not meant:
            raise InputError(f"{path}: no resource job is called {name!r}")
        for resource in meant:
            facts.add(resource, records, Origin(str(path)))
    return facts


def _from_json(path: Path, text: str) -> dict[str, Records]:
    try:
        content: Any = json.loads(text)
        return {
            name: [{str(key): str(value) for key, value in it.items()} for it in records]
            for name, records in content.items()
        }
    except (ValueError, AttributeError, TypeError) as error:
        hints = ['write {"RESOURCE": [{"ATTRIBUTE": "VALUE"}]}']
        raise InputError(f"{path}: no records of resources: {error}", hints=hints) from error


def _from_records(path: Path, text: str) -> dict[str, Records]:
    sink = Sink()
    found: dict[str, list[dict[str, str]]] = {}
    records = _texts(read_pxu(Source(str(path), text), sink))
    if len(sink):
        raise InputError(headline(sink.found[0]))
    for record in records:
        name = record.pop("resource", "")
        if not name:
            hints = ["add a field `resource: ID` to each record"]
            raise InputError(f"{path}: a record does not say which resource it is of", hints=hints)
        found.setdefault(name, []).append(record)
    return {**found}


def _texts(records: Iterable[Any]) -> list[dict[str, str]]:
    return [{key: str(value) for key, value in record.data().items()} for record in records]


def look_now(
    setup: Setup,
    resources: Iterable[str],
    facts: Facts,
    abilities: Abilities,
    environ: Mapping[str, str],
) -> None:
    """Run resource jobs, in a session that is thrown away, and take what they say."""
    wanted = sorted(resources)
    request = Request(tuple(wanted), patterns=tuple(Pattern(name, "") for name in wanted))
    if not wanted:
        return
    with tempfile.TemporaryDirectory(prefix="plainbox-explain-") as folder:
        Path(folder).chmod(0o711)
        session = OpenSession(Store(Path(folder)).create("explain"), SystemClock())
        try:
            open_session(session, setup, request)
            run_session(Run(session, setup, request, abilities, environ), _Silent())
            facts.add_session("", session.state)
        finally:
            session.close()


def _origin(name: str, resource: str, state: State) -> Origin:
    job = state.jobs.get(resource)
    attempt = job.attempts[-1] if job and job.attempts else None
    return Origin(
        f"session {name}" if name else "now",
        session=name,
        ran=attempt.started.wall if attempt else None,
        return_code=attempt.return_code if attempt else None,
        problem=job.reason if job else "",
    )


class _Silent:
    """A front end that shows nothing."""

    def saw(self, _at: Stamp, event: Event, state: State) -> None:
        """Show no event."""

    def heard(self, job_id: str, stream: int, content: bytes) -> None:
        """Show no output."""

    def before(self, forecast: Forecast) -> None:
        """Show no forecast."""

    def tick(self) -> None:
        """Draw nothing."""
