"""What is written over and over writes no index: PostgreSQL puts a row's next version beside its last one (HOT)."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack

from tests.city import City

WRITTEN = "SELECT relname AS name, n_tup_upd AS rows, n_tup_hot_upd AS hot FROM pg_stat_user_tables WHERE n_tup_upd > 0"


async def written(city: City) -> tuple[Counter[str], Counter[str]]:
    """How many rows of each table were updated so far, and how many of them without a look at its indexes."""
    async with AsyncExitStack() as stack:
        for connection in [await stack.enter_async_context(city.pool.connection()) for _ in range(city.pool.size)]:
            await connection.execute("SELECT pg_stat_force_next_flush()")
    found = {each["name"]: each for each in await city.rows(WRITTEN)}
    rows = Counter({name: each["rows"] for name, each in found.items()})
    return rows, Counter({name: each["hot"] for name, each in found.items()})


async def test_a_report_of_progress_writes_no_index_of_what_was_there(city: City) -> None:
    task = await city.task(city.camat_staff, dueOn=city.day(10))
    other = await city.task(city.camat_staff, dueOn=city.day(20))
    await city.camat_staff.mutate("reportProgress", {"taskId": task, "progress": 5})  # which starts it
    before = await written(city)
    for progress in (20, 40, 60, 80):
        await city.camat_staff.mutate("reportProgress", {"taskId": task, "progress": progress, "note": "Lancar."})
    await city.camat_staff.mutate("startTask", {"taskId": other})  # which moves two counters
    rows, hot = (now - then for now, then in zip(await written(city), before, strict=True))
    assert (rows["task"], hot["task"]) == (5, 4)  # the start moves it into another state, by which lists go
    assert rows["task_count"] == hot["task_count"] > 0
