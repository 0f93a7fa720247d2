"""What a verb is told of a row that changed while it waited for the lock."""

from __future__ import annotations

import asyncio

from server.actions.facts import lock_with
from server.actions.transaction import transaction
from server.database import connect
from server.ids import decode
from server.models import Task
from server.rules.task import TaskFacts
from server.rules.work_plan import WorkPlanStatus
from tests.city import City
from tests.system.processes import until


async def test_the_facts_are_those_of_the_rows_to_which_it_refers_when_the_wait_is_over(city: City) -> None:
    plan = await city.draft(city.camat, targets=0)
    task = await city.task(city.camat)  # in no plan
    id_ = decode(task)[1]
    holder, watcher = await connect(city.url), await connect(city.url)

    async def facts() -> TaskFacts:
        async with transaction(city.pool, None, city.site.installation.clock.moment(), None) as tx:
            return (await lock_with(tx, Task, TaskFacts, id_, "taskId"))[1]

    try:
        moving = holder.transaction()
        await moving.start()
        await holder.execute("UPDATE task SET work_plan_id = $2 WHERE id = $1", id_, decode(plan)[1])
        waiting = asyncio.create_task(facts())
        await until(lambda: watcher.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))
        await moving.commit()
        assert (await waiting).plan_status is WorkPlanStatus.DRAFT
    finally:
        await holder.execute("UPDATE task SET work_plan_id = NULL WHERE id = $1", id_)
        await holder.close()
        await watcher.close()
