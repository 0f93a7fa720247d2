"""`kolaborasi check`: computes again whatever is stored although it could be derived, and says where they differ.

Just after the calendar or the holder of an office has changed, deadlines may differ: the sweep has yet to move them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from server import models
from server.actions import sweep_kinds as kinds
from server.actions.city import CityClock
from server.actions.counting import CELLS, Cell
from server.actions.recount import counted_anew
from server.actions.rows import logged, shape
from server.actions.sweep import LAST_ACTS, MARGIN, moved
from server.actions.texts import differing_texts
from server.actions.transaction import Transaction
from server.database import Connection, Pool
from server.ids import encode, from_moment_on, milliseconds
from server.models.fields import Subject
from server.rules.city import CityFacts
from server.rules.event import EventType
from server.rules.task import OPEN
from server.rules.workdays import local_day


@dataclass(frozen=True, slots=True)
class Difference:
    """A kept value that is not what its source gives."""

    subject: str
    field: str
    kept: object
    counted: object

    def __str__(self) -> str:
        return f"{self.subject}: {self.field} is {self.kept}, should be {self.counted}"


async def check(pool: Pool) -> list[Difference]:
    """Every difference: targets' derived columns, deadlines, rows against their events' versions, drafts against their
    plans, the kept counters, what is kept of texts and of who acted when."""
    clock = CityClock()
    await clock.load(pool)
    async with pool.connection() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        return [
            *[each async for each in _targets(connection, clock.city)],
            *[each async for each in _counting(connection, clock.city)],
            *[each async for each in _clocks(Transaction(connection, None, clock.moment()))],
            *[each async for each in _versions(connection)],
            *[each async for each in _drafts(connection)],
            *[each async for each in _counts(connection)],
            *[each async for each in _overdue(connection, clock.city)],
            *[each async for each in _texts(connection)],
            *[each async for each in _acts(connection, clock.city)],
        ]


async def _targets(connection: Connection, city: CityFacts) -> AsyncIterator[Difference]:
    async for target, state in counted_anew(connection, city):
        for name, value in state.items():
            if logged(getattr(target, name)) != logged(value):
                yield Difference(encode("target", target.id), name, logged(getattr(target, name)), logged(value))


# From the plan's approval, or that of the amendment by which it was added last; what is only proposed does not count.
COUNTS_FROM = """
SELECT t.id, t.counts_from, CASE WHEN NOT t.is_proposed THEN coalesce(
    (SELECT max(a.decided_at) FROM amendment a WHERE a.target_id = t.id AND a.kind = 'ADD' AND a.status = 'APPROVED'),
    w.approved_at
) END AS counts_at
FROM target t JOIN work_plan w ON w.id = t.work_plan_id ORDER BY t.id
"""


async def _counting(connection: Connection, city: CityFacts) -> AsyncIterator[Difference]:
    """From which day a target counts."""
    for row in await connection.fetch(COUNTS_FROM):
        day = None if row["counts_at"] is None else local_day(row["counts_at"], city.calendar)
        if row["counts_from"] != day:
            yield Difference(encode("target", row["id"]), "counts_from", logged(row["counts_from"]), logged(day))


async def _clocks(tx: Transaction) -> AsyncIterator[Difference]:
    """The deadlines of requests, cases and follow-ups are those that their rows, the holders of offices and the
    calendar give: computed anew from the start, and never earlier than what was told."""
    async for row, step in moved(tx, kinds.REQUESTS, kinds.CASES):
        for name, value in (step.change or step.part_change).items():
            if name.endswith("_due_at"):
                kept = getattr(row, name, None)
                if name == "person_reply_due_at" and kept is None:
                    continue  # told of an open case by a migration: the sweep reckons the first deadline
                yield Difference(encode(row.prefix, row.id), name, logged(kept), logged(value))


# What verbs change. But for the city: its row is laid down from files with version 1 and no event.
SUBJECTS = [
    model for name in models.__all__ if issubclass(model := getattr(models, name), Subject) and model is not models.City
]


async def _versions(connection: Connection) -> AsyncIterator[Difference]:
    """A row's version is that of its last event, and its events count up from 1: as many as its version says."""
    for model in SUBJECTS:
        found = await connection.fetch(
            "SELECT t.id, t.version, coalesce(e.last, 0) AS last, coalesce(e.count, 0) AS count"
            f" FROM {shape(model).table} t"
            " LEFT JOIN (SELECT subject_id, max(subject_version) AS last, count(*) AS count FROM event"
            " WHERE subject_type = $1 GROUP BY subject_id) e ON e.subject_id = t.id"
            " WHERE t.version <> coalesce(e.last, 0) OR t.version <> coalesce(e.count, 0) ORDER BY t.id",
            model.__name__,
        )
        for row in found:
            told = f"{row['count']} events up to {row['last']}"
            yield Difference(encode(model.prefix, row["id"]), "version", row["version"], told)


_UNSIGNED = " AND NOT (t.is_proposed AND t.draft_of_id = t.owner_id)"


async def _drafts(connection: Connection) -> AsyncIterator[Difference]:
    """What stands in a plan that was submitted is public, and what is marked a draft stands in one that was not.

    But for a target that is to be added to an approved plan: till that is signed it is a draft of its owner.

    And nothing stands in an archived plan that is not put aside itself.
    """
    for table, prefix in (("target", "target"), ("task", "task")):
        found = await connection.fetch(
            f"SELECT t.id, t.draft_of_id, w.draft_of_id AS plans FROM {table} t LEFT JOIN work_plan w"
            " ON w.id = t.work_plan_id WHERE t.draft_of_id IS DISTINCT FROM w.draft_of_id"
            f"{_UNSIGNED if table == 'target' else ''} ORDER BY t.id"
        )
        for row in found:
            yield Difference(encode(prefix, row["id"]), "draft_of_id", str(row["draft_of_id"]), str(row["plans"]))
        left = await connection.fetch(
            f"SELECT t.id, w.archived_at FROM {table} t JOIN work_plan w ON w.id = t.work_plan_id"
            " WHERE w.archived_at IS NOT NULL AND t.archived_at IS NULL ORDER BY t.id"
        )
        for row in left:
            yield Difference(encode(prefix, row["id"]), "archived_at", None, logged(row["archived_at"]))


async def _counts(connection: Connection) -> AsyncIterator[Difference]:
    """Every kept counter is the number of its tasks."""
    key = ", ".join(Cell._fields)
    found = await connection.fetch(
        f"SELECT {key}, sum(kept) AS kept, sum(counted) AS counted FROM ("
        f"SELECT {key}, n AS kept, 0 AS counted FROM task_count UNION ALL SELECT {key}, 0, n FROM ({CELLS}) c"
        f") both_ GROUP BY {key} HAVING sum(kept) <> sum(counted) ORDER BY {key}"
    )
    for row in found:
        cell = ", ".join(str(row[name]) for name in Cell._fields[1:])
        yield Difference(encode("org", row["organisation_id"]), f"task_count ({cell})", row["kept"], row["counted"])


async def _texts(connection: Connection) -> AsyncIterator[Difference]:
    """What is kept of a text follows from it, and what can be searched for is what stands in the row."""
    async for model, id, name, kept, right in differing_texts(connection):
        yield Difference(encode(model.prefix, id), name, kept, right)


async def _overdue(connection: Connection, city: CityFacts) -> AsyncIterator[Difference]:
    """What is marked overdue may be, and what was told as overdue is marked; what is to be told now is the sweep's."""
    found = await connection.fetch(
        "SELECT t.id, t.is_overdue FROM task t CROSS JOIN LATERAL (SELECT t.status = ANY($1) AND t.due_on IS NOT NULL"
        " AS may_be) m WHERE t.is_overdue AND NOT may_be OR NOT t.is_overdue AND may_be AND t.archived_at IS NULL"
        " AND t.draft_of_id IS NULL AND EXISTS (SELECT FROM event e WHERE e.subject_id = t.id AND e.type = $2"
        " AND (e.happened_at AT TIME ZONE $3)::date = t.due_on) ORDER BY t.id",
        [each.value for each in OPEN],
        EventType.TASK_OVERDUE.value,
        city.calendar.zone.key,
    )
    for row in found:
        yield Difference(encode("task", row["id"]), "is_overdue", row["is_overdue"], not row["is_overdue"])


async def _acts(connection: Connection, city: CityFacts) -> AsyncIterator[Difference]:
    """In which quarter an account last acted is what the log says; what came since the last sweep may wait."""
    zone, swept_at = city.calendar.zone.key, await connection.fetchval("SELECT max(swept_at) FROM swept_until")
    if swept_at is None:
        return
    until = UUID(int=milliseconds(swept_at - MARGIN) << 80)
    counted = {
        row["account_id"]: row["quarter_on"] for row in await connection.fetch(LAST_ACTS, UUID(int=0), until, zone)
    }
    _, last = from_moment_on(swept_at)
    latest = {
        row["account_id"]: row["quarter_on"] for row in await connection.fetch(LAST_ACTS, UUID(int=0), last, zone)
    }
    kept = {row["account_id"]: row["quarter_on"] for row in await connection.fetch("SELECT * FROM last_act")}
    for account_id in sorted({*kept, *counted}):
        # Of what came just before the sweep, or since, all or some may be kept.
        low, high, known = counted.get(account_id), latest.get(account_id), kept.get(account_id)
        if (low or date.min) > (known or date.min) or (known or date.min) > (high or date.min):
            yield Difference(
                encode("acct", account_id), "last_act", logged(kept.get(account_id)), logged(latest.get(account_id))
            )
