"""Who waits for whom, over the whole city: read, and changed by no verb."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from server.actions.rows import read, shape
from server.actions.transaction import Transaction
from server.models import Request, Task
from server.rules.wait import BETWEEN, WAITS, WaitCount, WaitGroup, WaitKind, WaitSide
from server.rules.wait import longest_chain as longest
from server.rules.wait import wait_groups as grouped
from server.rules.workdays import age, start_of_day

_WAITS = re.sub(r"\{table:(\w+)\}", r"\1", WAITS)
_COUNTED = (
    "SELECT w.kind, w.holder_id, w.waiter_id, (w.since AT TIME ZONE $1)::date AS since, count(*) AS count"
    f" FROM {_WAITS} w WHERE {BETWEEN} GROUP BY 1, 2, 3, 4"
)
# A task waits for a task, a task for what was asked about it, and a request for what was promised.
_LINKS = (
    f"SELECT w.waiting_task_id AS waiting, w.task_id AS other, w.waiter_id AS whose, w.holder_id AS others"
    f" FROM {_WAITS} w WHERE w.waiting_task_id IS NOT NULL UNION ALL"
    f" SELECT x.id, w.request_id, x.organisation_id, w.holder_id FROM {_WAITS} w"
    " JOIN collaboration_request r ON r.id = w.request_id JOIN task x ON x.id = r.task_id"
    " WHERE x.draft_of_id IS NULL AND x.archived_at IS NULL AND x.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')"
    f" UNION ALL SELECT w.request_id, w.task_id, w.holder_id, x.organisation_id FROM {_WAITS} w"
    " JOIN task x ON x.id = w.task_id WHERE w.request_id IS NOT NULL AND w.kind IN ('DELIVERY', 'DISPUTE')"
    " AND x.draft_of_id IS NULL AND x.archived_at IS NULL"
)


async def wait_groups(tx: Transaction, by: WaitSide) -> list[WaitGroup]:
    """All waits by the organisation that is waited for, or that waits."""
    calendar = tx.city.calendar
    found = await tx.connection.fetch(_COUNTED, calendar.zone.key)
    counts = (
        WaitCount(WaitKind(kind), holder_id, waiter_id, since, count)
        for kind, holder_id, waiter_id, since, count in found
    )
    days = cache(lambda since: age(start_of_day(since, calendar), tx.now, calendar))
    return grouped(counts, by, days)


async def longest_wait_chain(tx: Transaction) -> Sequence[Task | Request]:
    """The tasks and requests of which each waits for the next, from organisation to organisation."""
    found = await tx.connection.fetch(_LINKS)
    whose = {each["other"]: each["others"] for each in found} | {each["waiting"]: each["whose"] for each in found}
    ids = longest(((each["waiting"], each["other"]) for each in found), whose)
    rows: dict[object, Task | Request] = {}
    for model in (Task, Request):
        records = await tx.connection.fetch(f"{shape(model).select} WHERE id = ANY($1)", ids)
        rows |= {record["id"]: read(model, record) for record in records}
    return [rows[id_] for id_ in ids]
