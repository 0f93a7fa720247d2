"""One verb, one transaction: the only place in the server that writes.

Lock the subject before any other write: a transaction gets its xid at its first write, and the log is ordered by xid,
so a row written before the lock would put this change ahead of the one it waited for.

Everybody takes locks in one order, so that nobody holds what somebody else waits for: first the turn in a plan
(`turn_in_plan`, by whoever changes what stands in it; `turn_of_plan`, by the plan's own verbs, which change that as
well), then the subject, then what must not change meanwhile (`hold`), parts of one kind by their ids, counters last. A
turn is no row's lock, so it leaves no xid.

A row that the viewer may not see must not be waited for: the time until the refusal would tell that it exists. So the
statement that locks has the viewer's visibility as a condition. PostgreSQL locks only rows that meet it, and checks it
again after it has waited for a row.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from server.actions.counting import statement
from server.actions.hand import Beside, Hand, found, refusing_twins, select
from server.actions.hand import Moment as Moment  # who opens a transaction takes it from here
from server.actions.rows import (
    LOCK,
    CallersKey,
    Columns,
    assignments,
    beside_it,
    created_changes,
    plain,
    read,
    shape,
    values,
)
from server.actions.words import is_searched_by, keeping, kept_words
from server.database import Connection, Pool
from server.events import log
from server.events.wake import Wake
from server.ids import encode, made_at
from server.models import Event, IdempotencyKey, WorkPlan
from server.models.fields import Row, Subject
from server.query.compile.scope import seen_by
from server.rules.aggregates import visibility_of
from server.rules.event import EventType
from server.rules.refusal import Code, Refused
from server.rules.viewer import Viewer
from server.rules.visibility import holds

R = TypeVar("R", bound=Row)
S = TypeVar("S", bound=Subject)
T = TypeVar("T")


class KeyTaken(Exception):
    """The same idempotency key was kept by another transaction while this one worked; its answer counts."""


class Transaction(Hand):
    """What a verb has in hand in a transaction: besides the row and its change all ways to look and to write."""

    # Of the system's: opens one of this account's own, as it may act now. Refuses NOT_FOUND where it may no longer.
    acting: Callable[[UUID], AbstractAsyncContextManager[Transaction]]

    def __init__(self, connection: Connection, viewer: Viewer | None, clock: Moment) -> None:
        super().__init__(connection, viewer, clock)
        self.connection = connection
        self.has_written = False
        self.is_dry_run = False
        self.existing: Row | None = None  # what bears a name already that was asked for

    def sees(self, row: Row) -> bool:
        """Whether the viewer sees a row that `find` or `select` found: asked of whatever reaches the viewer."""
        return holds(visibility_of(shape(type(row)).table), self.viewer, Columns(row))

    def is_taken_by(self, row: Row | None) -> bool:
        """Whether a name that must be given once is given already, by this row, which a conflict then names."""
        if row is not None and self._viewer is not None and self.sees(row):
            self.existing = row
        return row is not None

    def name_existing(self, refused: Refused) -> None:
        """A conflict tells of what exists already, where the viewer sees it."""
        if refused.code is Code.ALREADY_EXISTS and self.existing is not None:
            refused.facts.setdefault("about", encode(self.existing.prefix, self.existing.id))

    # ---- look -----------------------------------------------------------------------------------------------------

    async def lock(self, model: type[S], id: UUID, *path: str, if_version: int | None = None) -> S:
        """The row, locked until the end. Refuses NOT_FOUND (unknown or not to be seen) and STALE_VERSION."""
        row = found(await self._fetch(model, id, f" {LOCK}"), path)
        if if_version is not None and row.version != if_version:
            raise Refused(Code.STALE_VERSION, "ifVersion", current=row.version, about=encode(row.prefix, row.id))
        return row

    async def get_beside(self, model: type[R], id: UUID, *path: str, beside: Beside) -> tuple[R, asyncpg.Record]:
        """As `get`, and in the same statement what stands beside it."""
        record = found(await self._beside(model, beside, id, ""), path)
        return read(model, record), record

    async def get(self, model: type[R], id: UUID, *path: str) -> R:
        """The row as it is now, not locked. Refuses NOT_FOUND (unknown or not to be seen)."""
        return found(await self._fetch(model, id, ""), path)

    async def stand_beside(self, model: type[Row], beside: Beside, ids: Sequence[UUID]) -> Mapping[UUID, Any]:
        """What stands beside these rows, by their ids; of what is not stored nothing."""
        text = beside_it(model, tuple(beside.items()), "t.id = ANY($1)", ("id",))
        return {each["id"]: each for each in await self.connection.fetch(text, ids)}

    async def hold(self, model: type[R], id: UUID, *path: str) -> R:
        """The row as it is and stays until the end: nobody changes it, others may hold it too. Refuses NOT_FOUND."""
        return found(await self._fetch(model, id, " FOR SHARE"), path)

    async def find(self, model: type[R], **equals: object) -> R | None:
        """The first row whose columns equal these (a list: is among; None: is null), or None."""
        found = await self.select(model, ("id",), 1, False, **equals)
        return found[0] if found else None

    async def select(
        self,
        model: type[R],
        order_by: Sequence[str] = ("id",),
        limit: int | None = None,
        lock: bool = False,
        **equals: object,
    ) -> list[R]:
        """The rows whose columns equal these, all of them whoever asks, in order; locked in that order if asked."""
        return await select(self.connection, model, equals, order_by, limit, lock)

    async def turn_in_plan(self, model: type[Row], id: UUID) -> None:
        """Until the end no verb of the plan in which this row stands changes its like; others may change others."""
        await self._turn("pg_advisory_xact_lock_shared", model, model, "work_plan_id", id)

    async def turn_of_plan(self, id: UUID, *models: type[Row]) -> None:
        """Until the end nobody changes what of these stands in this plan but this transaction."""
        for model in models:
            await self._turn("pg_advisory_xact_lock", model, WorkPlan, "id", id)

    async def _turn(self, lock: str, of: type[Row], model: type[Row], column: str, id: UUID) -> None:
        seen, facts = self._scope(model)
        name = f"hashtext('{shape(of).table} in ' || t.{column}::text)"
        text = f"SELECT {lock}({name}) FROM {shape(model).table} t WHERE t.id = $1 AND t.{column} IS NOT NULL{seen}"
        await self.connection.execute(text, id, *facts)

    async def serialise(self, name: str) -> None:
        """From here on one transaction at a time among those that serialise on this name."""
        await self.connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", name)

    # ---- write ----------------------------------------------------------------------------------------------------

    async def create(
        self,
        row: Subject,
        event: EventType,
        *,
        parts: Sequence[Row] = (),
        on_behalf_of_id: UUID | None = None,
        acting_for: UUID | None = None,
        **facts: object,
    ) -> log.Recorded:
        """A new row with its parts, and the event that tells of it. `on_behalf_of_id`, `acting_for`: as in `change`."""
        row.version, row.created_at, row.updated_at = 1, self.now, self.now
        self._counts.created(row, self.today)
        for each in (row, *parts):
            await self._insert(each)
        entry = await self._told(row, event, created_changes(row), facts, acting_for, on_behalf_of_id)
        return await self._append(entry)

    async def change(
        self,
        row: Subject,
        change: Mapping[str, object],
        event: EventType,
        *,
        parts: Sequence[Row] = (),
        removed: Sequence[Row] = (),
        edited: Sequence[tuple[Row, Mapping[str, object]]] = (),
        on_behalf_of_id: UUID | None = None,
        acting_for: UUID | None = None,
        deadline: tuple[str, datetime] | None = None,
        in_wake_of: log.Recorded | None = None,
        **facts: object,
    ) -> log.Recorded:
        """The row's columns changed and its version raised, its parts added, edited or removed, and the event.

        `row` (locked before) holds the new values afterwards. Columns whose value stays are left out of the event.
        `on_behalf_of_id`: for whom the viewer acts; of an acting head the one whose office it is, if anybody.
        `acting_for`: the organisation for which, where it is not the first of the row's that the viewer heads.
        `in_wake_of`: of the system's: the event that ordered it, by whose actor it is done.
        `deadline`: which one ran out, or is near, and when: the event happened then. Refuses ALREADY_EXISTS when that
        has been recorded.
        """
        recorded = await self._changed(row, change, event, facts, acting_for, on_behalf_of_id, deadline, in_wake_of)
        for part in parts:
            await self._insert(part)
        for part, edit in edited:
            await self._update(part, edit)
        for part in removed:
            await self._remove(part)
        return recorded

    async def change_all(
        self, model: type[Subject], change: Mapping[str, object], event: EventType, **equals: object
    ) -> list[UUID]:
        """The same change to every row whose columns equal these, locked in order of id, an event for each."""
        changed = []
        for row in await self.select(model, ("id",), None, True, **equals):
            await self.change(row, change, event)
            changed.append(row.id)
        return changed

    async def keep(self, statement: str, *arguments: object) -> asyncpg.Record | None:
        """Bookkeeping without an event: sign-ins, attempts, links, positions, idempotency keys.

        Returns the row that the statement returns, if any.
        """
        return await self._write(statement, *arguments)

    async def count(self) -> None:
        """The last writing of a transaction: what its changes come to in the kept counters, so that these are locked
        for a moment only."""
        if (moved := statement(self._counts.taken())) is not None:
            await self.keep(moved[0], *moved[1])

    async def kept_key(self, verb: str, key: str) -> IdempotencyKey | None:
        """What this account's verb did under this key before."""
        return await self.find(IdempotencyKey, account_id=self.viewer.account_id, verb=verb, key=key)

    async def facts_of(self, event_id: UUID) -> Mapping[str, Any]:
        """What an event of this account's own told beside its changes."""
        event = await self.find(Event, id=event_id)
        return {} if event is None else event.facts

    async def keep_key(self, key: CallersKey, object_id: UUID | None, event_id: UUID | None, rows: Any = None) -> None:
        """Keep what the verb did under the caller's key. Raises KeyTaken when another transaction was faster."""
        row, keys = key.row(self.viewer.account_id, object_id, event_id, self.machine_now, rows), shape(IdempotencyKey)
        try:
            await self.keep(keys.insert, *(row[name] for name in keys.columns))
        except asyncpg.UniqueViolationError as taken:
            raise KeyTaken from taken

    # ---- how ------------------------------------------------------------------------------------------------------

    async def _fetch(self, model: type[R], id: UUID, suffix: str) -> R | None:
        """The row, where the viewer sees it; one who does not waits for no lock on it."""
        seen, facts = self._scope(model)
        record = await self.connection.fetchrow(f"{shape(model).select} t WHERE t.id = $1{seen}{suffix}", id, *facts)
        return None if record is None else read(model, record)

    async def _beside(self, model: type[Row], beside: Beside, id: UUID, lock: str) -> asyncpg.Record | None:
        """The same, with what stands beside it."""
        seen, facts = self._scope(model)
        text = beside_it(model, tuple(beside.items()), f"t.id = $1{seen}{lock}", waits=bool(lock))
        return await self.connection.fetchrow(text, id, *facts)

    def _scope(self, model: type[Row]) -> tuple[str, list[object]]:
        """Who sees a row `t`, as a further condition with its parameters; the system sees all."""
        visibility = visibility_of(shape(model).table)
        return ("", []) if self._viewer is None else seen_by(self._viewer, visibility, "t")

    async def _write(self, statement: str, *arguments: object) -> asyncpg.Record | None:
        self.has_written = True
        return await self.connection.fetchrow(statement, *arguments)

    async def _change_and_log(self, row: S, different: dict[str, Any], entry: log.Entry) -> asyncpg.Record | None:
        """Row and event in one statement → the event's place; None when the row has another version."""
        text = _changing(type(row), tuple(different))
        values_ = (row.id, row.version - 1, *map(plain, different.values()))
        place = await self._write(text, *values_, *log.parameters(entry))
        if place is not None and is_searched_by(type(row), different):
            await self._keep_words(row)
        return place

    async def _append(self, entry: log.Entry) -> log.Recorded:
        return await log.append(self.connection, entry)

    async def _insert(self, row: Row) -> None:
        self._must_be_of_now(row)
        with refusing_twins():
            await self._write(shape(type(row)).insert, *values(row))
        if isinstance(row, Subject) and row.searched is not None:
            await self._keep_words(row)

    def _must_be_of_now(self, row: Row) -> None:
        if made_at(row.id) != self._milliseconds:
            raise RuntimeError(
                f"A new {type(row).__name__} takes its id from tx.new_id(): it would tell another moment."
            )

    async def _keep_words(self, row: Subject) -> None:
        await self._write(keeping(type(row)), *kept_words(type(row), [vars(row)]))

    async def _update(self, part: Row, change: Mapping[str, Any]) -> None:
        """A part's columns; its subject is locked."""
        written = {**change, **shape(type(part)).following(change)}
        text = f"UPDATE {shape(type(part)).table} SET {assignments(written, 2)} WHERE id = $1"
        await self._write(text, part.id, *map(plain, written.values()))
        for name, value in change.items():
            setattr(part, name, value)

    async def _remove(self, part: Row) -> None:
        await self._write(f"DELETE FROM {shape(type(part)).table} WHERE id = $1", part.id)


@asynccontextmanager
async def transaction(
    pool: Pool,
    viewer: Viewer | None,
    clock: Moment,
    wake: Wake | None,
    kind: type[Transaction] = Transaction,
    *,
    in_one_state: bool = False,
) -> AsyncIterator[Transaction]:
    """A transaction that commits at the end of the block, or leaves nothing when the block raises or was a dry run.

    After the commit the readers of the log are woken. `viewer` None is the system: reactions and the command line.
    `in_one_state`: all its statements read what was there at the first of them.
    """
    async with pool.connection() as connection:
        tx = kind(connection, viewer, clock)
        work = connection.transaction(isolation="repeatable_read" if in_one_state else None)
        await work.start()
        try:
            yield tx
            if not tx.is_dry_run:
                await tx.count()
        except BaseException:
            await work.rollback()
            raise
        await (work.rollback() if tx.is_dry_run else work.commit())
    if wake is not None and tx.has_written and not tx.is_dry_run:
        wake.tell()


@cache
def _changing(model: type[Row], columns: tuple[str, ...]) -> str:
    """Row and event in one statement: $1 the id, $2 the version as it was read, the columns, the event's parameters."""
    update = f"UPDATE {shape(model).table} SET {assignments(columns, 3)} WHERE id = $1 AND version = $2"
    return f"WITH changed AS ({update} RETURNING id) {log.append_sql(len(columns) + 3, 'FROM changed')}"
