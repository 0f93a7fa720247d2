"""W1: what server/actions/task.py and server/rules/task.py do for `reportProgress`, in one transaction."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from graphql import GraphQLError
from tortoise.transactions import in_transaction

from bench.peers.strawberry.models import IdempotencyKey, Task, WorkPlan
from bench.peers.strawberry.viewer import Viewer
from server.ids import uuid7

OPEN = ("PLANNED", "IN_PROGRESS", "BLOCKED")
VERB = "reportProgress"
_MEMBERS = ("STAFF", "HEAD", "OFFICE", "REVIEWER")
_WIB = timedelta(hours=7)
# Position and counters are PostgreSQL's own words, which no model can say.
_EVENT = """
INSERT INTO event (
    id, epoch, xid, sequence, type, subject_type, subject_id, subject_version, organisation_ids, actor_id, capacity,
    happened_at, recorded_at, changes, facts, audience, audience_id
) VALUES (
    $1, 1, pg_current_xact_id()::text::bigint, nextval('event_sequence'), 'TASK_PROGRESS_REPORTED', 'Task', $2, $3,
    ARRAY[$4::uuid], $5, $6, $7, $7, $8::text::jsonb, $9::text::jsonb, $10, $11
)
"""
_COUNTERS = """
INSERT INTO task_count AS c (
    id, organisation_id, work_plan_id, target_id, status, draft_of_id, due_year, is_overdue, n
)
SELECT gen_random_uuid(), $1::uuid, $2::uuid, $3::uuid, d.status, $4::uuid, $5::smallint, d.is_overdue, d.n
FROM unnest($6::text[], $7::boolean[], ARRAY[-1, 1]) AS d(status, is_overdue, n)
ORDER BY 2, 3, 4, 5, 6, 7, 8
ON CONFLICT (organisation_id, work_plan_id, target_id, status, draft_of_id, due_year, is_overdue)
DO UPDATE SET n = c.n + excluded.n
"""


async def report_progress(viewer: Viewer, task_id: UUID, progress: int, note: str | None, key: str) -> Task:
    """The changed task; with its event, the key and the counters in the same transaction. Raises GraphQLError."""
    input_hash = hashlib.sha256(json.dumps([str(task_id), progress, note]).encode()).digest()
    async with in_transaction() as connection:
        kept = await IdempotencyKey.get_or_none(account_id=viewer.id, verb=VERB, key=key, using_db=connection)
        if kept is not None:
            if kept.input_hash != input_hash:
                raise GraphQLError("KEY_REUSED")
            return await Task.get(id=kept.object_id, using_db=connection)
        task = await Task.filter(id=task_id).using_db(connection).select_for_update().first()
        capacity = await _permitted(viewer, task, progress, connection)
        assert task is not None
        now = datetime.now(UTC)
        before = task.status, task.is_overdue, task.progress
        task.progress, task.version, task.updated_at = progress, task.version + 1, now
        if task.status == "PLANNED" and progress > 0:
            task.status = "IN_PROGRESS"
        task.is_overdue = task.due_on is not None and task.due_on < (now + _WIB).date()
        await task.save(
            using_db=connection, update_fields=["progress", "status", "is_overdue", "version", "updated_at"]
        )
        event_id = await _log(viewer, task, before, capacity, note, connection)
        await IdempotencyKey.create(
            id=uuid7(),
            account_id=viewer.id,
            verb=VERB,
            key=key,
            input_hash=input_hash,
            object_id=task.id,
            event_id=event_id,
            created_at=now,
            using_db=connection,
        )
        if before[:2] != (task.status, task.is_overdue):
            where = [task.organisation_id, task.work_plan_id, task.target_id, task.draft_of_id]
            year = None if task.due_on is None else task.due_on.year
            moved = [[before[0], task.status], [before[1], task.is_overdue]]
            await connection.execute_query(_COUNTERS, [*where, year, *moved])
    return task


async def _permitted(viewer: Viewer, task: Task | None, progress: int, connection: Any) -> str | None:
    """In which capacity the viewer reports. Raises GraphQLError when it may not."""
    if task is None or not viewer.may_see(task.draft_of_id):
        raise GraphQLError("NOT_FOUND")
    capacity = viewer.capacities.get(task.organisation_id)
    if capacity is None and not (task.organisation_id == viewer.organisation_ids[0] and viewer.role in _MEMBERS):
        raise GraphQLError("NOT_YOUR_ORGANISATION")
    if task.archived_at is not None:
        raise GraphQLError("ARCHIVED")
    if task.work_plan_id is not None:
        plan = await WorkPlan.get(id=task.work_plan_id, using_db=connection)
        if plan.status == "CLOSED":
            raise GraphQLError("PLAN_NOT_OPEN")
    if task.status not in OPEN:
        raise GraphQLError("MOVE_NOT_ALLOWED")
    if not 0 <= progress <= 100:
        raise GraphQLError("INVALID_INPUT")
    return capacity


async def _log(
    viewer: Viewer, task: Task, before: tuple[Any, ...], capacity: str | None, note: str | None, connection: Any
) -> UUID:
    event_id = uuid7()
    pairs = {"status": (before[0], task.status), "progress": (before[2], task.progress)}
    changes = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    facts = {"label": task.title, "progress": task.progress, "note": note}
    told = [json.dumps(changes), json.dumps(facts)]
    audience = ["EVERYONE" if task.draft_of_id is None else "ORGANISATION", task.draft_of_id]
    where = [event_id, task.id, task.version, task.organisation_id, viewer.id, capacity, task.updated_at]
    await connection.execute_query(_EVENT, [*where, *told, *audience])
    return event_id
