"""Copies of jobs: siblings that their author lists, and runs once more after a suspend.

A session has these jobs besides those that providers wrote, each right after the job that it is a
copy of. A copy is the fields of its job with some replaced; a field that is replaced is gone in
both its forms, `summary` and `_summary`.

flag                         prefix                   depends besides on its job on
also-after-suspend           after-suspend-           suspend/suspend_advanced_auto
also-after-suspend-manual    after-suspend-manual-    suspend/suspend_advanced
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.ids import SEPARATOR, namespace_of, partial, qualify
from plainbox.units import Job

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from plainbox.catalog import Catalog
    from plainbox.records import Record
    from plainbox.units import Template

_CERTIFICATION: Final = "com.canonical.certification"


class _Suspend(NamedTuple):
    flag: str
    prefix: str
    job_id: str


SUSPENDS: Final = (
    _Suspend(
        "also-after-suspend",
        "after-suspend-",
        f"{_CERTIFICATION}{SEPARATOR}suspend/suspend_advanced_auto",
    ),
    _Suspend(
        "also-after-suspend-manual",
        "after-suspend-manual-",
        f"{_CERTIFICATION}{SEPARATOR}suspend/suspend_advanced",
    ),
)
_FLAGS: Final = frozenset(suspend.flag for suspend in SUSPENDS)
_SUSPEND_JOBS: Final = frozenset(suspend.job_id for suspend in SUSPENDS)


def with_copies(catalog: Catalog) -> Catalog:
    """The catalog as a session sees it: every job followed by its copies.

    Where a copy has the id of a job that a provider wrote, that job stays and the copy is not made.
    """
    jobs: dict[str, Job] = {}
    for job in catalog.jobs.values():
        for made in family(job):
            if made.id == job.id or made.id not in catalog.jobs:
                jobs.setdefault(made.id, made)
    return replace(catalog, jobs=jobs)


def copy_ids(job: Job) -> list[str]:
    """The ids of the copies of a job, found without making them."""
    if not job.siblings and not job.flags & _FLAGS:
        return []
    named = [str(sibling["id"]) for sibling in job.siblings if "id" in sibling]
    suspends = [suspend.prefix for suspend in SUSPENDS if suspend.flag in job.flags]
    after = [prefix + name for name in (job.partial_id, *named) for prefix in suspends]
    return [qualify(name, job.namespace) for name in (*named, *after)]


def family(job: Job) -> Iterator[Job]:
    """A job and its copies; where one of them waits for a suspend, the job runs before that."""
    if not job.siblings and not job.flags & _FLAGS:
        yield job
        return
    copies = list(_copies(job))
    yield _before_suspends(job, copies)
    yield from copies


def _copies(job: Job) -> Iterator[Job]:
    yield from _after_suspends(job)
    for changes in job.siblings:
        sibling = _changed(job, changes)
        yield sibling
        yield from _after_suspends(sibling)


def _after_suspends(job: Job) -> Iterator[Job]:
    for suspend in SUSPENDS:
        if suspend.flag in job.flags:
            changes: dict[str, object] = {
                "id": suspend.prefix + job.partial_id,
                "_summary": f"{job.summary} after suspend (S3)",
                "depends": " ".join((*job.depends, job.id, suspend.job_id)),
                "flags": " ".join(sorted(job.flags - _FLAGS)),
            }
            if job.group:
                changes["group"] = suspend.prefix + job.group
            if job.instance is not None:
                template_id = partial(job.instance.template_id)
                changes["template-id"] = SEPARATOR.join(
                    (namespace_of(job.instance.template_id), suspend.prefix + template_id)
                )
            yield _changed(job, changes)


def _before_suspends(job: Job, copies: Iterable[Job]) -> Job:
    """The job, in front of the suspends that its copies wait for and it does not."""
    waited = dict.fromkeys(
        name
        for copy in copies
        for name in (*copy.depends, *copy.after)
        if name in _SUSPEND_JOBS and name not in job.depends and name not in job.after
    )
    if not waited:
        return job
    earlier = Job(job.record, job.owner, job.instance)
    earlier.before = (*job.before, *waited)
    return earlier


def _changed(job: Job, changes: Mapping[str, object]) -> Job:
    """A copy of a job with some of its fields replaced."""
    instance = job.instance
    if instance is not None:
        template_id = str(changes.get("template-id", instance.template_id))
        data = _merged(instance.data, changes)
        instance = replace(instance, data=data, template_id=template_id)
    return type(job)(_record(job.record, changes), job.owner, instance)


def _record(record: Record, changes: Mapping[str, object]) -> Record:
    values = {key: entry.value for key, entry in record.entries.items()}
    return record.derived(_merged(values, changes), record.get("siblings") or record.get("flags"))


def _merged(values: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    gone = {key.removeprefix("_") for key in changes}
    kept = {
        key: value
        for key, value in values.items()
        if key.removeprefix("_") not in gone and not key.endswith("siblings")
    }
    return {**kept, **changes}


def template_of(job: Job, templates: Mapping[str, Template]) -> Template | None:
    """The template that made a job, or the one that it is a copy of."""
    template_id = job.instance.template_id if job.instance else ""
    namespace, name = namespace_of(template_id), partial(template_id)
    for suspend in SUSPENDS:
        if template_id not in templates:
            name = name.removeprefix(suspend.prefix)
            template_id = qualify(name, namespace)
    return templates.get(template_id)


def original_of(job: Job, jobs: Mapping[str, Job]) -> str:
    """The id of the job that another one is a copy of; empty where it is none."""
    name = job.partial_id
    for suspend in SUSPENDS:
        if name.startswith(suspend.prefix):
            original = qualify(name.removeprefix(suspend.prefix), job.namespace)
            if original in jobs and _same_origin(jobs[original], job):
                return original
    for other in jobs.values():
        if other.siblings and other is not job and _same_origin(other, job):
            ids = (sibling.id for sibling in family(other))
            return other.id if job.id in ids and job.id != other.id else ""
    return ""


def _same_origin(one: Job, other: Job) -> bool:
    """Whether two jobs were written in one place, and made of one record if of any."""
    if one.record.source is not other.record.source:
        return False
    made = [job.instance.record if job.instance else None for job in (one, other)]
    return one.record.first_line == other.record.first_line and made[0] is made[1]
