"""What ran out while nobody looked: told once however long ago, and many at a time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from server.actions import sweep
from server.actions.check import check
from server.actions.transaction import Transaction, transaction
from server.background import sweep as background
from server.ids import decode
from server.models import Organisation, Task
from server.models.fields import Subject
from server.rules.event import EventType
from server.rules.task import Priority, TaskStatus
from tests.city import City
from tests.founding import JOHOR
from tests.watching import until

OVERDUE = (
    "SELECT subject_id, happened_at, xid FROM event WHERE type = 'TASK_OVERDUE' AND deadline = 'TASK' ORDER BY sequence"
)


async def test_a_task_overdue_for_fourteen_months_is_told_once_and_nobody_is_reminded_of_it(city: City) -> None:
    task = await city.task(city.camat, dueOn="2026-06-19")
    listed = await city.outsider.watch("taskChanged")
    log = await city.outsider.watch("events")
    city.go_to(date(2027, 8, 19))
    await city.sweep()
    await city.sweep()
    query = "query($id: ID!) { task(by: {id: $id}) { isOverdue history { nodes { type happenedAt recordedAt } } } }"
    seen = (await city.outsider.query(query, id=task))["task"]
    told = [each for each in seen["history"]["nodes"] if each["type"] != "TASK_CREATED"]
    assert seen["isOverdue"]
    assert [(each["type"], each["happenedAt"][:19], each["recordedAt"][:10]) for each in told] == [
        ("TASK_OVERDUE", "2026-06-19T23:59:59", "2027-08-19")
    ]
    assert [each["type"] for each in log.waiting].count("TASK_OVERDUE") == 1
    assert [each["event"]["type"] for each in listed.waiting] == ["TASK_OVERDUE"]


async def test_many_are_written_down_together_and_the_counts_agree(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "BATCH", 5)
    monkeypatch.setattr(background, "BATCH", 5)
    monkeypatch.setattr(background, "PAUSE", 0)
    tasks = [await city.task(city.camat, dueOn="2026-06-19") for _ in range(12)]
    city.go_to(date(2027, 8, 19))
    assert await city.sweep() == 12
    rows = await city.rows(OVERDUE)
    assert len({row["subject_id"] for row in rows}) == len(rows) == len(tasks)
    assert len({row["xid"] for row in rows}) == 3
    assert await city.sweep() == 0
    assert await check(city.pool) == []
    summary = '{ organisation(by: {code: "12.71.11"}) { summary { overdueTaskCount } } }'
    assert (await city.outsider.query(summary))["organisation"]["summary"] == {"overdueTaskCount": 12}


async def test_one_that_cannot_be_written_down_holds_up_none_of_the_others(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = [await city.task(city.camat, dueOn="2026-06-19") for _ in range(3)]
    city.go_to(date(2027, 8, 19))
    change = Transaction.change

    async def failing(self: Transaction, row: Subject, *arguments: Any, **more: Any) -> Any:
        if row.id == decode(first)[1]:
            raise RuntimeError("a bug")
        return await change(self, row, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "change", failing)
        assert await city.site.installation.sweep.once() == len(others)
    assert await city.sweep() == 1
    assert len(await city.rows(OVERDUE)) == 3


async def test_a_task_that_is_reopened_long_after_its_day_is_told_as_overdue(city: City) -> None:
    task = await city.task(city.camat, dueOn="2026-06-19")
    await city.camat.mutate("reportProgress", {"taskId": task, "progress": 100})
    await city.camat.mutate("completeTask", {"taskId": task})
    city.go_to(date(2026, 9, 1))
    await city.sweep()
    assert await city.rows(OVERDUE) == []
    await city.camat.mutate("reopenTask", {"taskId": task, "reason": "Belum bersih."})
    await city.sweep()
    assert [row["subject_id"] for row in await city.rows(OVERDUE)] == [decode(task)[1]]


async def test_every_reading_that_was_missed_is_told_however_many_years_ago(city: City) -> None:
    plan = await city.approved(city.camat)
    (target,) = await city.targets_of(plan)
    city.go_to(date(2029, 8, 20))
    await city.sweep()
    await city.sweep()
    missed = "SELECT happened_at FROM event WHERE subject_id = $1 AND type = 'TARGET_NOT_REPORTED' ORDER BY happened_at"
    rows = await city.rows(missed, decode(target)[1])
    assert [f"{row['happened_at']:%Y-%m}" for row in rows] == ["2026-07", "2026-10", "2027-01"]


async def test_twelve_hundred_tasks_of_long_ago_are_told_five_hundred_at_a_time(city: City) -> None:
    async with transaction(city.pool, None, city.site.installation.clock.moment(), None) as tx:
        johor = await tx.find(Organisation, code=JOHOR)
        assert johor is not None
        for number in range(1_200):
            row = Task(
                id=tx.new_id(), organisation_id=johor.id, title=f"Angkut sampah {number}", status=TaskStatus.PLANNED,
                priority=Priority.NORMAL, due_on=date(2026, 6, 19),
            )  # fmt: skip
            await tx.create(row, EventType.TASK_CREATED)
    await city.settled()
    city.go_to(date(2027, 8, 19))
    log = await city.camat.watch("events", node="type")
    assert await city.sweep() == 1_200
    assert len({row["subject_id"] for row in await city.rows(OVERDUE)}) == 1_200
    (counted,) = await city.rows("SELECT sum(n)::int AS n FROM task_count WHERE is_overdue")
    assert counted["n"] == 1_200
    at_once = f"SELECT count(*) AS n FROM ({OVERDUE}) o GROUP BY xid"
    (together,) = await city.rows(f"SELECT max(n) AS most FROM ({at_once}) found")
    assert together["most"] == 500
    assert await check(city.pool) == []
    await until(lambda: len(log.told) >= 1_200)
    assert [each["type"] for each in log.told] == ["TASK_OVERDUE"] * 1_200
    assert not log.is_ended
