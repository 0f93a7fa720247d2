"""Keeps how past days ended that nobody kept: the log tells what changed since, from what.

In one transaction of its own connection the tables that the board counts are copied under their own names, which hides
the real ones from the board's statements. Then day by day, backwards: what was recorded since is undone, and the board
is asked as of that day's last second. What was never told is as it is now: the cap of averages, and rows that a load
wrote without their history.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime

from server.actions.counting import KEY
from server.actions.status_day import kept_days
from server.actions.transaction import Transaction
from server.background.keep_days import KeptDays
from server.database import Connection
from server.ids import from_moment_on
from server.rules.task import OPEN
from server.rules.workdays import ONE_DAY, start_of_day

# What the board counts, by the names that their events bear.
TABLES = {
    "WorkPlan": "work_plan",
    "Target": "target",
    "Task": "task",
    "Request": "collaboration_request",
    "Organisation": "organisation",
    "Programme": "programme",
}
_OPEN = ", ".join(f"'{each}'" for each in sorted(OPEN))
# The kept counters, as they would have been; what was overdue by then is reckoned.
COUNT = f"""
INSERT INTO pg_temp.task_count ({KEY}, n)
SELECT organisation_id, work_plan_id, target_id, status, draft_of_id, extract(year FROM due_on)::smallint,
    coalesce(due_on < $1 AND status IN ({_OPEN}), false), count(*)
FROM pg_temp.task WHERE archived_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
# Each row that changed, as it was before the first change of the stretch.
UNDO = """
WITH told AS (
    SELECT DISTINCT ON (e.subject_id, c.key) e.subject_id, c.key, c.value -> 0 AS before
    FROM event e, jsonb_each(e.changes) c
    WHERE e.id >= $1 AND e.id < $2 AND e.subject_type = '{type}'
    ORDER BY e.subject_id, c.key, e.epoch, e.xid, e.sequence
), was AS (
    SELECT subject_id, jsonb_object_agg(key, before) AS columns FROM told GROUP BY 1
)
UPDATE pg_temp.{table} t SET ({columns}) = (SELECT {read} FROM jsonb_populate_record(t, was.columns) r)
FROM was WHERE was.subject_id = t.id
"""


async def keep_past_days(tx: Transaction, days: KeptDays, first: date | None = None) -> int:
    """Keep every day that is not kept, from `first` (the log's first day) to yesterday; returns how many.

    `tx` reads one state, on a connection that nobody uses afterwards.
    """
    first = first or await _first_day(tx)
    last = tx.today - ONE_DAY
    if first is None or first > last:
        return 0
    kept = await kept_days(tx, first, last)
    count = 0
    until: datetime | None = None
    await _copy(tx.connection)
    undo = [statement async for statement in _undoing(tx.connection)]
    day = last
    while day >= first:
        since = start_of_day(day + ONE_DAY, tx.city.calendar)
        await _go_back(tx.connection, undo, since, until)
        until = since
        if day not in kept:
            await tx.connection.execute("TRUNCATE pg_temp.task_count")
            await tx.connection.execute(COUNT, day)
            await days.keep_as_it_is(tx, day)
            count += 1
        day -= ONE_DAY
    return count


async def _first_day(tx: Transaction) -> date | None:
    moment: datetime | None = await tx.connection.fetchval("SELECT min(recorded_at) FROM event")
    return None if moment is None else moment.astimezone(tx.city.calendar.zone).date()


async def _copy(connection: Connection) -> None:
    for table in TABLES.values():
        await connection.execute(f"CREATE TEMPORARY TABLE {table} AS TABLE public.{table}")
        await connection.execute(f"ALTER TABLE pg_temp.{table} ADD PRIMARY KEY (id)")
        await connection.execute(f"ANALYZE pg_temp.{table}")
    await connection.execute("CREATE TEMPORARY TABLE task_count AS TABLE public.task_count WITH NO DATA")


async def _undoing(connection: Connection) -> AsyncIterator[str]:
    """The statement for each table that undoes what was recorded between two ids."""
    for type_, table in TABLES.items():
        rows = await connection.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attname <> 'id'",
            f"pg_temp.{table}",
        )
        names = [row["attname"] for row in rows]
        read = ", ".join(f"r.{name}" for name in names)
        yield UNDO.format(type=type_, table=table, columns=", ".join(names), read=read)


async def _go_back(connection: Connection, undo: list[str], since: datetime, until: datetime | None) -> None:
    """The copies as they were at `since`; till now they are as of `until` (None: of now)."""
    first_id, last_id = from_moment_on(since)
    if until is not None:
        last_id, _ = from_moment_on(until)
    for statement in undo:
        await connection.execute(statement, first_id, last_id)
    for table in TABLES.values():
        await connection.execute(f"DELETE FROM pg_temp.{table} WHERE created_at >= $1", since)
