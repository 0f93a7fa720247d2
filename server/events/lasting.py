"""Durable consumers of the log, one process at a time: the stored offset moves in the transaction that does the work.

The lock keeps two processes from doing the same at once; the guarded UPDATE keeps it right even if a lock is lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.database import Connection
from server.events.log import Recorded
from server.events.position import EPOCH, Position
from server.events.reader import HORIZON, events_between
from server.ids import uuid7
from server.rules.event import EventType


class Overtaken(Exception):
    """Another process has moved this consumer's place meanwhile: what this transaction did must be rolled back."""


class Lasting:
    """A named consumer whose place is kept in `reader_position`."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def try_lock(self, connection: Connection) -> bool:
        """Whether this session is now the one that consumes; held until the connection closes, never a pool's."""
        found: bool = await connection.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 20260))", self.name)
        return found

    async def position(self, connection: Connection) -> Position:
        """The kept place; a consumer met for the first time begins with what happens from now on."""
        select = "SELECT epoch, xid, sequence FROM reader_position WHERE name = $1"
        record = await connection.fetchrow(select, self.name)
        if record is None:
            now = Position.below(await connection.fetchval(f"SELECT {HORIZON}"))
            await connection.execute(
                "INSERT INTO reader_position (id, name, epoch, xid, sequence) VALUES ($1, $2, $3, $4, $5)"
                " ON CONFLICT (name) DO NOTHING",
                *(uuid7(), self.name, *now),
            )
            record = await connection.fetchrow(select, self.name)
            assert record is not None
        return Position(record["epoch"], record["xid"], record["sequence"])

    async def next(
        self, connection: Connection, after: Position, limit: int, types: Sequence[EventType]
    ) -> tuple[list[Recorded], Position]:
        """Events of these types after the place, below the horizon, and how far they reach."""
        xmin = await connection.fetchval(f"SELECT {HORIZON}")
        return await events_between(connection, after, max(after, Position.below(xmin, EPOCH)), limit, types)

    async def move(self, connection: Connection, before: Position, to: Position) -> None:
        """Move the place, last in the transaction that did the work. Raises Overtaken."""
        done = await connection.execute(
            "UPDATE reader_position SET epoch = $5, xid = $6, sequence = $7"
            " WHERE name = $1 AND epoch = $2 AND xid = $3 AND sequence = $4",
            *(self.name, *before, *to),
        )
        if done != "UPDATE 1":
            raise Overtaken(self.name)
