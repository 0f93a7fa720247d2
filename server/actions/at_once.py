"""A verb in one statement: it reads without a lock, decides, and writes only if nobody changed the row meanwhile.

Change, event and idempotency key are one autocommitted statement, which takes its xid when it updates the row: a later
version of a subject never stands before an earlier one in the log, as DESIGN §5 asks. Three round trips instead of six.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from server.actions.transaction import Clock, KeyTaken, Transaction
from server.database import Connection, Pool
from server.events import log
from server.events.wake import Wake
from server.ids import uuid7
from server.rules.viewer import Viewer


class NotAtOnce(Exception):
    """Nothing was written: somebody else was faster, or it takes more than one statement. Do it in a transaction."""


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

    async def _change_and_log(self, update: str, arguments: tuple[object, ...], entry: log.Entry) -> Any:
        number = len(arguments) + 1
        parameters: list[object] = [*arguments, *log.parameters(entry)]
        text = f"WITH changed AS ({update} RETURNING id), logged AS ({log.append_sql(number, 'FROM changed')})"
        if self._key is not None:
            first = len(parameters) + 1
            given = ", ".join(
                f"${place}::{type_}"
                for place, type_ in enumerate(("uuid", "uuid", "text", "text", "bytea", "uuid", "uuid"), first)
            )
            text += (
                ", kept AS (INSERT INTO idempotency_key (id, account_id, verb, key, input_hash, object_id, event_id,"
                f" created_at) SELECT {given}, ${first + 7}::timestamptz FROM logged)"
            )
            key = self._key
            parameters += [uuid7(), self.viewer.account_id, key.verb, key.text, key.input_hash]
            parameters += [entry.subject_id, entry.id, self.machine_now]
        try:
            place = await self._write(f"{text} SELECT epoch, xid, sequence FROM logged", *parameters)
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


@asynccontextmanager
async def at_once(pool: Pool, viewer: Viewer, clock: Clock, wake: Wake, key: Key | None) -> AsyncIterator[AtOnce]:
    """A verb's one statement. Raises NotAtOnce and KeyTaken, after which nothing was written."""
    async with pool.connection() as connection:
        tx = AtOnce(connection, viewer, clock, key)
        yield tx
    if tx.has_written:
        wake.tell()
