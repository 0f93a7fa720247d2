"""What the clock alone does, written down: which subjects are due, and the steps of each in its own transaction.

`due` looks through one kind of subject without a lock and returns those for which rules/sweep.py has a step; `settle`
locks one of them and writes its steps. A deadline's name and moment are unique for a subject: if two processes sweep at
once, or one comes back after a crash, the second write is refused and the sweep goes on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from server.actions import sweep_kinds as kinds
from server.actions.rows import read, shape
from server.actions.sweep_kinds import Beside, SweepKind
from server.actions.transaction import Transaction
from server.ids import from_moment_on, uuid7
from server.models import FollowUp
from server.models.fields import Subject
from server.rules import follow_up
from server.rules.event import EventType
from server.rules.refusal import Code, Refused
from server.rules.sweep import Deadline, Step, told_on

System: TypeAlias = Callable[[], AbstractAsyncContextManager[Transaction]]

BATCH = 500
# A row that was changed at a moment may be committed some time after it.
MARGIN = timedelta(minutes=2)
# By account the quarter of its last act of which everybody may know, but for what a program did through a token; $3:
# the city's time zone.
LAST_ACTS = (
    "SELECT e.actor_id AS account_id, date_trunc('quarter', max(e.recorded_at) AT TIME ZONE $3)::date AS quarter_on"
    " FROM event e WHERE e.id BETWEEN $1 AND $2 AND e.audience = 'EVERYONE' AND e.actor_id IS NOT NULL"
    " AND NOT e.facts ? 'through' GROUP BY 1"
)
_KEEPING_ACTS = (
    f"INSERT INTO last_act AS l (id, account_id, quarter_on) SELECT gen_random_uuid(), a.* FROM ({LAST_ACTS}) a"
    " WHERE NOT EXISTS (SELECT FROM last_act k WHERE k.account_id = a.account_id AND k.quarter_on >= a.quarter_on)"
    " ON CONFLICT (account_id) DO UPDATE SET quarter_on = greatest(l.quarter_on, excluded.quarter_on)"
)
MOVED = (EventType.REQUEST_CLOCK_MOVED, EventType.ESCALATION_CLOCK_MOVED, EventType.TARGET_CLOCK_MOVED)
# In this order: who holds an office is known before its clocks are looked at.
KINDS: Sequence[SweepKind] = (
    kinds.APPOINTMENTS,
    kinds.DELEGATIONS,
    kinds.ORGANISATIONS,
    kinds.REQUESTS,
    kinds.CASES,
    kinds.TARGETS,
    kinds.TASKS,
)


@dataclass(frozen=True, slots=True)
class Due:
    """A subject that has a step to make, and those of its deadlines that are recorded."""

    kind: SweepKind
    id: UUID
    recorded: frozenset[Deadline]


async def due(
    system: System, kind: SweepKind, since: datetime | None, first: date = date.min
) -> AsyncIterator[list[Due]]:
    """All of this kind that have a step to make, some hundreds at a time, in order of id.

    With `since` those alone that changed after it. What ran out before the day `first` is told already.
    """
    after = UUID(int=0)
    while True:
        async with system() as tx:
            rows = await rows_due(tx, kind, after, since, first)
            beside = await kind.beside(tx, rows) if rows else {}
            recorded = await already_recorded(tx, [row.id for row in rows])
        looked_at = [(row, Due(kind, row.id, recorded.get(row.id, frozenset()))) for row in rows]
        yield [each for row, each in looked_at if kind.step(row, beside[row.id], tx, each.recorded) is not None]
        if len(rows) < BATCH:
            return
        after = rows[-1].id


async def settle_together(system: System, kind: SweepKind, found: Sequence[Due]) -> int:
    """Write down the one step of each of these in one transaction; returns how many events that made.

    Raises what the first that cannot be settled raises; nothing is kept then, and `settle` takes them one by one.
    """
    count = 0
    async with system() as tx:
        for each in found:
            row, beside = await taken(tx, each)
            step = None if row is None else kind.step(row, beside, tx, each.recorded)
            if row is not None and step is not None:
                count += await _write(tx, kind, row, beside, step)
    return count


async def settle(system: System, found: Due) -> int:
    """Write down every step of one subject; returns how many events that made."""
    recorded, count = set(found.recorded), 0
    while True:
        step: Step | None = None
        try:
            async with system() as tx:
                row, beside = await taken(tx, found)
                step = None if row is None else found.kind.step(row, beside, tx, recorded)
                if row is None or step is None:
                    return count
                made = await _write(tx, found.kind, row, beside, step)
            count += made
        except Refused as refused:
            if refused.code is not Code.ALREADY_EXISTS or step is None or step.deadline is None:
                raise
        if step.deadline is not None:
            recorded.add(step.deadline)


async def moved(tx: Transaction, *among: SweepKind) -> AsyncIterator[tuple[Subject, Step]]:
    """What would be due later than was told, by the transaction's calendar and by who holds an office, and its step."""
    for kind in among:
        where, arguments = kind.where(tx, date.min)
        text = f"{shape(kind.model).select} WHERE {where} ORDER BY id"
        rows = [read(kind.model, record) for record in await tx.connection.fetch(text, *arguments)]
        beside = await kind.beside(tx, rows) if rows else {}
        for row in rows:
            step = kind.step(row, beside[row.id], tx, ())
            if step is not None and step.event in MOVED:
                yield row, step


async def swept_until(tx: Transaction) -> datetime | None:
    """By when everything that had run out is recorded; None: nobody has looked."""
    moment: datetime | None = await tx.connection.fetchval("SELECT max(swept_at) FROM swept_until")
    return moment


async def keep_acts(tx: Transaction) -> None:
    """In which quarter whoever acted since the last look did so last, of what everybody may know.

    By the log, whose ids begin with their moments. A hidden act writes nothing.
    """
    swept_at = await swept_until(tx)
    since = (UUID(int=0), UUID(int=(1 << 128) - 1)) if swept_at is None else from_moment_on(swept_at - MARGIN)
    await tx.keep(_KEEPING_ACTS, *since, tx.city.calendar.zone.key)


async def keep_moment(tx: Transaction, swept_at: datetime) -> None:
    """Everything that had run out by then is recorded: for every process, and for whoever reads the numbers."""
    await tx.keep(
        "INSERT INTO swept_until (id, name, swept_at, finished_at) VALUES ($1, 'sweep', $2, $3)"
        " ON CONFLICT (name) DO UPDATE SET swept_at = excluded.swept_at, finished_at = excluded.finished_at",
        *(uuid7(), swept_at, tx.machine_now),
    )


# ---- how ------------------------------------------------------------------------------------------------------------


async def rows_due(tx: Transaction, kind: SweepKind, after: UUID, since: datetime | None, first: date) -> list[Subject]:
    where, arguments = kind.where(tx, first)
    text = f"{shape(kind.model).select} WHERE {where} AND id > ${len(arguments) + 1}"
    arguments = (*arguments, after)
    if since is not None:
        # What changed left an event, whose id begins with the moment: the log's own index leads there.
        first_id, last_id = len(arguments) + 1, len(arguments) + 2
        text += f" AND id IN (SELECT subject_id FROM event WHERE id BETWEEN ${first_id} AND ${last_id})"
        arguments = (*arguments, *from_moment_on(since))
    records = await tx.connection.fetch(f"{text} ORDER BY id LIMIT {BATCH}", *arguments)
    return [read(kind.model, record) for record in records]


async def taken(tx: Transaction, found: Due) -> tuple[Subject | None, Beside]:
    """The row, locked, and what its rule needs; None where it is no longer one to look at."""
    where, arguments = found.kind.where(tx, date.min)
    row = await tx.lock(found.kind.model, found.id)
    text = f"SELECT EXISTS (SELECT FROM {shape(found.kind.model).table} WHERE {where} AND id = ${len(arguments) + 1})"
    if not await tx.connection.fetchval(text, *arguments, found.id):
        return None, None
    return row, (await found.kind.beside(tx, [row]))[row.id]


async def already_recorded(tx: Transaction, ids: Sequence[UUID]) -> Mapping[UUID, frozenset[Deadline]]:
    rows = await tx.connection.fetch(
        "SELECT subject_id, deadline, happened_at FROM event WHERE subject_id = ANY($1) AND deadline IS NOT NULL", ids
    )
    found: dict[UUID, set[Deadline]] = {}
    for row in rows:
        found.setdefault(row["subject_id"], set()).add((row["deadline"], row["happened_at"]))
    return {id: frozenset(deadlines) for id, deadlines in found.items()}


async def _write(tx: Transaction, kind: SweepKind, row: Subject, beside: Beside, step: Step) -> int:
    edited = []
    if step.part_id is not None:
        edited.append((await tx.get(FollowUp, step.part_id), step.part_change))
    facts: dict[str, Any] = {"dueOn": told_on(step, tx.city.calendar), **kind.facts(row, beside, step)}
    await tx.change(row, step.change, step.event, edited=edited, deadline=step.deadline, **facts)
    if step.event is not EventType.ESCALATION_FOLLOW_UP_CLOSED:
        return 1
    left = await tx.select(FollowUp, escalation_id=row.id, closed_at=None, limit=1)
    closed = follow_up.close_escalation(beside.facts, len(left), step.due_at)
    if not closed:
        return 1
    await tx.change(row, closed, EventType.ESCALATION_CLOSED, deadline=("CLOSING", step.due_at))
    return 2
