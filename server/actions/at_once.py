"""A verb in one statement: it reads without a lock, decides, and writes only if nobody changed the row meanwhile.

Change, event and idempotency key are one autocommitted statement, which takes its xid when it updates the row: a later
version of a subject never stands before an earlier one in the log, as DESIGN §5 asks. What is asked of the row's own
columns is answered from the row in hand: two round trips instead of six.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg

from server.actions.rows import Columns, keeping_key
from server.actions.transaction import Clock, KeyTaken, S, Transaction
from server.database import Connection, Pool
from server.events import log
from server.events.wake import Wake
from server.ids import uuid7
from server.rules.viewer import Viewer


class NotAtOnce(Exception):
    """Nothing was written: somebody else was faster. Do it in a transaction."""


@dataclass(frozen=True, slots=True)
class Key:
    """Under which key of the caller's the verb is kept, with the hash of its input. The object is the subject."""

    verb: str
    text: str
    input_hash: bytes


class AtOnce(Transaction):
    """For verbs that lock one row and change it once, without parts."""

    locks = False

    def __init__(self, connection: Connection, viewer: Viewer, clock: Clock, key: Key | None) -> None:
        super().__init__(connection, viewer, clock)
        self._key = key
        self.in_hand: dict[UUID, Columns] = {}  # the row as it was written

    async def change(self, row: S, *given: Any, **named: Any) -> log.Recorded:
        event = await super().change(row, *given, **named)
        self.in_hand[row.id] = Columns(row)
        return event

    async def _change_and_log(self, update: str, arguments: tuple[object, ...], entry: log.Entry) -> Any:
        key, row, event = self._key, arguments, log.parameters(entry)
        text = _statement(update, len(row), len(event), key is not None)
        kept: tuple[object, ...] = ()
        if key is not None:
            kept = (uuid7(), self.viewer.account_id, key.verb, key.text, key.input_hash)
            kept += (entry.subject_id, entry.id, self.machine_now)
        # Last, as in a transaction: a statement's parts that write are run in their order, after what they refer to.
        moved = self._counts.taken(len(row) + len(event) + len(kept) + 1, "EXISTS (SELECT FROM logged)")
        counted: tuple[object, ...] = ()
        if moved is not None:
            adding, counted = moved
            text += f", counted AS ({adding})"
        try:
            place = await self._write(f"{text} {_PLACE}", *row, *event, *kept, *counted)
        except asyncpg.UniqueViolationError as taken:
            if taken.table_name == "idempotency_key":
                raise KeyTaken from taken
            raise
        if place is None:
            raise NotAtOnce
        return place

    async def _write(self, statement: str, *arguments: object) -> asyncpg.Record | None:
        if self.has_written:
            raise RuntimeError("This verb writes more than once: it needs a transaction.")
        return await super()._write(statement, *arguments)

    async def keep(self, statement: str, *arguments: object) -> str:
        raise RuntimeError("This verb keeps something besides: it needs a transaction.")


@cache
def _statement(update: str, row: int, event: int, has_key: bool) -> str:
    """The update, the event and the key, whose parameters follow one another."""
    text = f"WITH changed AS ({update} RETURNING id), logged AS ({log.append_sql(row + 1, 'FROM changed')})"
    if has_key:
        text += f", kept AS ({keeping_key(row + event + 1, 'FROM logged')})"
    return text


_PLACE = "SELECT epoch, xid, sequence FROM logged"


@asynccontextmanager
async def at_once(pool: Pool, viewer: Viewer, clock: Clock, wake: Wake, key: Key | None) -> AsyncIterator[AtOnce]:
    """A verb's one statement. Raises NotAtOnce and KeyTaken, after which nothing was written."""
    async with pool.connection() as connection:
        tx = AtOnce(connection, viewer, clock, key)
        yield tx
    if tx.has_written:
        wake.tell()
