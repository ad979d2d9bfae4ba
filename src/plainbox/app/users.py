"""The users that the jobs of a session name, found before the first of them runs.

Becoming them may need a password, which is asked for once, at the start. An instance of a template
is known only later: a template that the plan may mean counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.planning import arrange, pick, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plainbox.app.request import Request
    from plainbox.catalog import Catalog
    from plainbox.ids import Pattern
    from plainbox.units import Template


def named_users(catalog: Catalog, request: Request) -> list[str]:
    """The users that jobs which may run name, each once."""
    plan = request.plan
    selection = select(plan, catalog) if plan else pick(request.patterns, catalog)
    wanted = (*selection.setup, *selection.bootstrap, *selection.wanted)
    run_list = arrange(catalog.jobs, list(dict.fromkeys(wanted)))
    users = [job.user for job in run_list.jobs if job.user]
    lines = [line for part in selection.plans for line in (*part.include, *part.mandatory_include)]
    patterns = [line.pattern for line in lines] or list(request.patterns)
    users += _of_templates(catalog.templates.values(), patterns)
    return list(dict.fromkeys(users))


def _of_templates(templates: Iterable[Template], patterns: list[Pattern]) -> Iterator[str]:
    for template in templates:
        user = template.text("user")
        if user and any(
            pattern.regex is not None or pattern.fixed == template.template_id
            for pattern in patterns
        ):
            yield user.strip()
