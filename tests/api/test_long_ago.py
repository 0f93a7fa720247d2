"""What ran out while nobody looked: told once however long ago, and many at a time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from server.actions import sweep
from server.actions.check import check
from server.actions.transaction import Transaction
from server.background import sweep as background
from server.ids import decode
from server.models.fields import Subject
from tests.city import City

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
    query = "query($id: ID!) { task(id: $id) { isOverdue history { nodes { type happenedAt recordedAt } } } }"
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
