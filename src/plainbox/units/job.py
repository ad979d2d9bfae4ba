"""Jobs: one test each.

plugin                starts with    command    outcome decided by
shell                 -              runs       exit code
resource              -              runs       exit code; its output are records
attachment            -              runs       exit code; its output is attached
local                 -              runs       exit code; its output are units
manual                a person       on demand  the person
user-interact         a person       runs       exit code
user-verify           -              runs       the person
user-interact-verify  a person       runs       the person
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Final

from plainbox.diagnostics import Code, Diagnostic, Severity
from plainbox.fields import (
    ALIKE,
    DIFFER,
    Choice,
    Duration,
    Flags,
    Imports,
    JsonObjects,
    Line,
    OneOf,
    Place,
    Reference,
    ResourceProgram,
    Shell,
    Text,
    Unit,
    UnitId,
    UnitIds,
    Variables,
    defaulted,
    mandatory,
    optional,
    resolve,
    rule,
)
from plainbox.ids import PLAINBOX, qualify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class JobKind(Enum):
    """How a job runs and who decides its outcome."""

    ATTACHMENT = "attachment"
    LOCAL = "local"
    MANUAL = "manual"
    RESOURCE = "resource"
    SHELL = "shell"
    USER_INTERACT = "user-interact"
    USER_INTERACT_VERIFY = "user-interact-verify"
    USER_VERIFY = "user-verify"

    @property
    def automated(self) -> bool:
        """Whether it needs no person at all."""
        return not (self.starts_with_person or self.decided_by_person)

    @property
    def starts_with_person(self) -> bool:
        """Whether a person has to do something before the command runs."""
        return self in _STARTED_BY_PERSON

    @property
    def decided_by_person(self) -> bool:
        """Whether a person says what the outcome is."""
        return self in _DECIDED_BY_PERSON


class ResultsFormat(Enum):
    """How a command tells of the cases that its test has."""

    TAP = "tap"
    KTAP = "ktap"
    JUNIT = "junit"


_STARTED_BY_PERSON = {JobKind.MANUAL, JobKind.USER_INTERACT, JobKind.USER_INTERACT_VERIFY}
_DECIDED_BY_PERSON = {JobKind.MANUAL, JobKind.USER_VERIFY, JobKind.USER_INTERACT_VERIFY}

FLAGS: Final = {
    "simple": "a job without `plugin` is a shell job",
    "preserve-locale": "keep the language settings; they are kept anyway",
    "reset-locale": "run with the plain C.UTF-8 locale",
    "preserve-cwd": "run in the current directory, not in a fresh one",
    "has-leftovers": "files left in the working directory are expected",
    "noreturn": "the system goes down: the job ends with a reboot, not with its command",
    "autorestart": "plainbox is started again after the reboot that the job causes",
    "fail-on-resource": "an unmet `requires` fails the job, it is not skipped",
    "also-after-suspend": "run once more after an automated suspend",
    "also-after-suspend-manual": "run once more after a suspend that a person wakes up from",
    "cachable": "the records of a resource job may be kept from one session to the next",
    "suppress-output": "output is not shown while the job runs",
    "use-chunked-io": "output is shown as it comes, not line by line",
    "explicit-fail": "whoever says that the job failed has to say why",
    "win32": "the job runs on Windows; it changes nothing here",
    "deprecated": "the job is kept for old test plans; it changes nothing",
}
"""What the flags of a job do."""

_PLAIN_ID = re.compile(r"[^a-z0-9/-]+")
_ODD = re.compile(r"[^\w./:+@-]+")
_SECTIONS = ("purpose", "steps", "verification")
_SUCCESSORS = {
    JobKind.USER_VERIFY: "use 'user-interact-verify'",
    JobKind.LOCAL: "use a template",
}


def simple_kind(job: Job) -> JobKind | None:
    """The kind of a job that does not say: a simple one is a shell job."""
    return JobKind.SHELL if "simple" in job.flags else None


def _legacy_name(job: Job) -> str | None:
    return qualify(job.name, job.namespace) if job.name else None


def _partial_id(job: Job) -> str:
    return job.partial_id


def _sections(job: Job) -> str | None:
    parts = [(name, getattr(job, name)) for name in _SECTIONS]
    text = "\n".join(f"{name.upper()}:\n{part}" for name, part in parts if part is not None)
    return text or None


class Job(Unit):
    """One test: a command to run, a question to ask a person, or both."""

    type_name = "job"

    id = mandatory(
        UnitId(),
        "Name of the job, unique in its namespace.",
        absent="",
        otherwise=_legacy_name,
        instead=("name",),
        in_templates=DIFFER,
    )
    name = optional(Line(), "Old word for `id`.", in_templates=DIFFER)
    summary = defaulted(
        Line(80),
        "",
        "One-line title shown in lists; the id where there is none.",
        translatable=True,
        otherwise=_partial_id,
    )
    plugin = mandatory(
        Choice(JobKind),
        "How the job runs and who decides its outcome; `shell` for simple jobs.",
        absent=JobKind.SHELL,
        otherwise=simple_kind,
        instead=("flags",),
        in_templates=ALIKE,
    )
    category_id = defaulted(
        Reference("category"),
        f"{PLAINBOX}::uncategorised",
        "Category that lists it.",
        in_templates=ALIKE,
    )
    description = optional(
        Text(),
        "What the job is about and what people have to do; better told in the next three.",
        translatable=True,
        otherwise=_sections,
        in_templates=DIFFER,
    )
    purpose = optional(Text(), "What is tested, and why.", translatable=True)
    steps = optional(Text(), "What the person does, as a numbered list.", translatable=True)
    verification = optional(
        Text(), "Question whose answer is yes if the test passed.", translatable=True
    )
    command = optional(Shell(), "Shell text to run.")
    shell = defaulted(
        OneOf("bash", "/bin/bash", "/bin/sh"), "bash", "Shell that runs it.", in_templates=ALIKE
    )
    user = optional(
        Line(),
        "User that runs it, often `root`; the one who runs the others if none.",
        in_templates=ALIKE,
    )
    environ = defaulted(
        Variables(), "", "Names of variables that it gets from the environment of plainbox."
    )
    estimated_duration = optional(Duration(), "How long the job usually takes.", in_templates=ALIKE)
    timeout = optional(
        Duration(), "Longest time that its command may run before it is ended.", in_templates=ALIKE
    )
    results = optional(
        Choice(ResultsFormat),
        "Format in which the command prints the cases of the test; one that fails fails the job.",
        in_templates=ALIKE,
    )
    flags = defaulted(Flags(FLAGS), "", "Switches that alter how the job runs.", in_templates=ALIKE)
    requires = defaulted(ResourceProgram(), "", "What the machine must have.")
    imports = defaulted(
        Imports(), "", "Names for resources of other providers, for `requires`.", in_templates=ALIKE
    )
    depends = defaulted(UnitIds("job"), "", "Jobs that must pass first.")
    after = defaulted(UnitIds("job"), "", "Jobs that must run first, whatever their outcome.")
    before = defaulted(UnitIds("job"), "", "Jobs that, where selected, must wait for this one.")
    salvages = defaulted(UnitIds("job"), "", "Jobs that must all have failed first.")
    group = optional(Line(), "Jobs with an equal text here run next to each other.")
    certification_status = defaulted(
        OneOf("non-blocker", "blocker"),
        "non-blocker",
        "Whether a failure keeps the machine from being certified.",
        key="certification-status",
        in_templates=ALIKE,
    )
    auto_retry = defaulted(
        OneOf("unspecified", "no"),
        "unspecified",
        "Whether the job may be run again when it failed.",
        key="auto-retry",
        in_templates=ALIKE,
    )
    siblings = defaulted(
        JsonObjects(), "[]", "Copies of the job: for each, the fields that differ."
    )
    template_id = optional(
        Line(), "Template that made the job; plainbox writes it.", key="template-id"
    )
    template_engine = defaulted(
        OneOf("default", "jinja2"),
        "default",
        "With `jinja2` fields are rendered by Jinja2.",
        key="template-engine",
    )

    @property
    def has_command(self) -> bool:
        """Whether there is anything to run; blanks are nothing."""
        return bool(self.command and not self.command.isspace())

    @cached_property
    def resources(self) -> Mapping[str, str]:
        """The full ids of the resource jobs by the names that `requires` calls them, in order."""
        inherited = self.instance.imports if self.instance else ()
        return resolve(self.requires.names, (*self.imports, *inherited), self.namespace)

    @rule
    def has_a_plain_id(self) -> Iterator[Diagnostic]:
        """Blanks, quotes and the like are awkward in file names, patterns and command lines.

        The rule for `name` was never wider than this; in an `id`, letters, digits and signs that
        are of use everywhere are fine by now, and only hinted at.
        """
        if self.instance is not None:
            return
        key = "name" if self.text("id") is None else "id"
        odd = key == "name" or _ODD.search(self.partial_id)
        found = _ODD.search(self.partial_id) or _PLAIN_ID.search(self.partial_id)
        if found:
            message = f"{key}: expected only a-z, 0-9, '/' and '-', found {found.group()!r}"
            finding = self.finding(key, Code.ID_CHARACTERS, message, Place(*found.span()))
            yield finding if odd else replace(finding, level=Severity.HINT)

    @rule
    def has_something_to_run(self) -> Iterator[Diagnostic]:
        """A job that is not manual needs a command."""
        if self.plugin is not JobKind.MANUAL and not self.has_command:
            message = f"missing field 'command': {self.plugin.value} jobs run one"
            yield self.finding("command", Code.MISSING_FIELD, message)

    @rule
    def says_what_to_do(self) -> Iterator[Diagnostic]:
        """A job that involves a person tells that person something."""
        if self.plugin.automated or self.description is not None:
            return
        manual = self.plugin is JobKind.MANUAL
        code = Code.MISSING_FIELD if manual else Code.NO_DESCRIPTION
        message = f"{self.plugin.value} jobs need 'purpose', 'steps' and 'verification'"
        yield self.finding("description", code, message)

    @rule
    def user_runs_something(self) -> Iterator[Diagnostic]:
        """A user and variables are of use only where a command runs."""
        if self.has_command:
            return
        for key in ("user", "environ"):
            if getattr(self, key):
                message = f"{key}: useless in a job without a command"
                yield self.finding(key, Code.USELESS_FIELD, message)

    @rule
    def has_no_old_name(self) -> Iterator[Diagnostic]:
        """`name` became `id` and `summary`."""
        if self.name is not None:
            yield self.finding("name", Code.DEPRECATED, "name: use 'id' and 'summary'")

    @rule
    def is_of_a_current_kind(self) -> Iterator[Diagnostic]:
        """Some kinds have better successors."""
        advice = _SUCCESSORS.get(self.plugin)
        if advice:
            message = f"plugin: {self.plugin.value!r} is an old kind, {advice}"
            yield self.finding("plugin", Code.DEPRECATED, message)

    @rule
    def siblings_have_fields_of_jobs(self) -> Iterator[Diagnostic]:
        """A sibling can override only what a job has."""
        known = {*self.fields, *(field.name for field in self.fields.values())}
        for sibling in self.siblings:
            for key in sibling:
                if key.lstrip("_") not in known:
                    message = f"siblings: a job has no field {key!r}"
                    yield self.finding("siblings", Code.BAD_VALUE, message)
