"""Why jobs run or not, and the smallest change that would make them run."""

from __future__ import annotations

from random import Random
from typing import Final

import pytest
from tests.planning.worlds import Maker, World, known_of

from plainbox.expressions import Verdict
from plainbox.planning.explaining import explain_job
from plainbox.planning.outlook import Outlook

PLANS: Final = 1000
GROUPS: Final = 20


@pytest.mark.parametrize("group", range(GROUPS))
def test_the_change_that_is_told_makes_the_job_run(group: int) -> None:
    """In random plans, planned and decided for real, with what the change says made so."""
    changes = 0
    for seed in range(group * PLANS // GROUPS, (group + 1) * PLANS // GROUPS):
        world = Maker(Random(seed)).world()  # noqa: S311 - random plans, no secrets
        changes += _check(world, seed)
    assert changes


def _check(world: World, seed: int) -> int:
    state, started = world.run()
    knowledge = known_of(state)
    outlook = Outlook(world.situation(knowledge))
    changes = 0
    wanted = [*outlook.prospects, *outlook.left_out, "ns::t0_7", "ns::t1_foo"]
    for job_id in wanted:
        explained = explain_job(outlook, job_id)
        assert (explained.runs is Verdict.TRUE) is (job_id in started), (seed, job_id)
        if explained.change is not None:
            changes += 1
            then = explained.change.applied(knowledge)
            ends = {k: v for k, v in world.outcomes.items() if k not in explained.change.runs}
            ends.update(explained.change.outcomes)
            changed = World(world.catalog, {**world.records, **then.records}, ends)
            assert job_id in changed.run()[1], (seed, job_id, explained.change)
        elif explained.runs is not Verdict.TRUE:
            assert explained.why_not or explained.excluded, (seed, job_id)
    return changes
