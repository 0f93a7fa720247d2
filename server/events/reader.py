"""The log's consumer loop, one per process: polls the rows below the horizon, in order, once.

Transactions commit out of order, so "newer than the last one seen" loses events. The horizon is the oldest transaction
still running anywhere in the cluster: everything numbered below it has ended and can be seen, so rows below it are
read in order of (epoch, xid, sequence) and nothing can appear before them any more (tried: nothing lost; the naive way
lost up to thousands).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from server.database import Connection, DatabaseUnavailable, Pool, ReconnectingLoop, log_fault
from server.events.log import EVENT_COLUMNS, Recorded, recorded
from server.events.position import END, EPOCH, START, Position
from server.events.wake import Wake
from server.rules.event import EventType

if TYPE_CHECKING:
    import asyncpg

# Given each batch, in order; must not keep the loop waiting for anything but its own statements.
Consumer: TypeAlias = Callable[[Sequence[Recorded]], Awaitable[None]]

BATCH = 1_000
LOOK_SECONDS = 5.0
_COLUMNS = ", ".join(f"e.{name}" for name in EVENT_COLUMNS)
HORIZON = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
# The horizon and the rows come from one snapshot; the row without an event (nothing new) still bears the horizon.
_NEXT = f"""
SELECT h.xmin, EXISTS (SELECT FROM event x WHERE x.epoch = {EPOCH} AND x.xid >= h.xmin) AS is_held, {_COLUMNS}
FROM (SELECT {HORIZON} AS xmin) h LEFT JOIN LATERAL (
    SELECT * FROM event
    WHERE (epoch, xid, sequence) > ($1, $2, $3) AND (epoch, xid) < ({EPOCH}, h.xmin)
    ORDER BY epoch, xid, sequence LIMIT {BATCH}
) e ON true
ORDER BY e.epoch, e.xid, e.sequence
"""
# Rows that are there to be seen although others, numbered before them, may still come.
_EARLY = f"""
SELECT {_COLUMNS} FROM event e WHERE (epoch, xid) >= ({EPOCH}, $1) AND id <> ALL($2::uuid[])
ORDER BY epoch, xid, sequence LIMIT {BATCH}
"""
_BETWEEN = f"""
SELECT {_COLUMNS} FROM event e
WHERE (epoch, xid, sequence) > ($1, $2, $3) AND (epoch, xid, sequence) <= ($4, $5, $6)
AND ($8::text[] IS NULL OR type = ANY($8))
ORDER BY epoch, xid, sequence LIMIT $7
"""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReaderFacts:
    """How the reader fares. Ages in seconds of this process's own clock; None: never or not known."""

    has_started: bool
    looked_age: float | None  # since the last look that succeeded: grows while the database is away
    problem: str | None  # why the last look failed
    held_age: float | None  # for how long the horizon has kept finished events back: a long transaction somewhere
    horizon_age: float | None  # since the horizon last moved or had nothing to hold back
    read: int
    found_by_poll: int  # events that no wake-up announced: lost wake-ups, when it keeps growing


class Reader:
    """Reads the log for this process and hands each batch to every consumer, in order, from now on."""

    def __init__(
        self,
        url: str,
        pool: Pool,
        wake: Wake,
        consumers: Sequence[Consumer] = (),
        *,
        poll: float = 1.0,
        breath: float = 0.005,
    ) -> None:
        """The loop has a connection of its own, so that no crowd of requests can starve it.

        `poll`: seconds between two looks at most; `breath`: at least, so that many writes share one look.
        """
        self._pool = pool
        self._wake = wake
        self._consumers = list(consumers)
        self._poll = poll
        self._breath = breath
        self._position: Position | None = None
        self._started = asyncio.Event()
        self._looked_at: float | None = None
        self._loop = ReconnectingLoop(url, self._read, log, name="reader", first=0.05, longest=poll)
        self._held_since: float | None = None
        self._horizon = 0
        self._horizon_moved_at: float | None = None
        self._read_count = 0
        self._poll_count = 0
        self._early_consumers: list[Consumer] = []
        self._early: dict[UUID, Position] = {}  # what these were given
        self._looks = 0  # that have begun
        self._finished = 0  # the last of these that has come to its end
        self._looked = asyncio.Condition()

    def hurry_with(self, consumer: Consumer) -> None:
        """Add a consumer to whom order is nothing: it is given each event as soon as it is there to be seen, though an
        open transaction holds the horizon back; and again with the others, in order. Before `run`."""
        self._early_consumers.append(consumer)

    def has_read(self, id_: UUID) -> bool:
        """Whether an event above `position` was given to those who hurry, and they are done with it."""
        return id_ in self._early

    async def looked(self) -> None:
        """Wait for a look that begins after this call: then all is consumed, or given early, that was committed before.
        Whoever asks at the same time shares one. Raises DatabaseUnavailable when there is none for long."""
        wanted = self._looks + 1
        self._wake.hurry()
        async with self._looked:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._looked.wait_for(lambda: self._finished >= wanted)
            except TimeoutError:
                raise DatabaseUnavailable("the log could not be read") from None

    def consume_with(self, consumer: Consumer) -> None:
        """Add a consumer; before `run`."""
        self._consumers.append(consumer)

    @property
    def position(self) -> Position:
        """Up to here this process has read everything. `START` until the first look.

        Taken before an answer's first statement, it is a place from which a subscription goes on without a gap: all
        that lies before it had been committed before the answer's snapshot. It may repeat up to a poll's length.
        """
        return self._position or START

    async def started(self) -> None:
        """Wait until the first look at the log succeeded."""
        await self._started.wait()

    async def read_after(self, after: Position, until: Position, limit: int = BATCH) -> tuple[list[Recorded], Position]:
        """What happened in (after, until], at most `limit`, in order; and how far that reaches.

        `until` must be a position that this process has read.
        """
        async with self._pool.connection() as connection:
            return await events_between(connection, after, until, limit)

    async def run(self) -> None:
        """Read until cancelled, whatever happens to the database or in a consumer."""
        await self._loop.run()

    def facts(self) -> ReaderFacts:
        now = time.monotonic()

        def age(since: float | None) -> float | None:
            return None if since is None else now - since

        return ReaderFacts(
            has_started=self._started.is_set(),
            looked_age=age(self._looked_at),
            problem=self._loop.problem,
            held_age=age(self._held_since),
            horizon_age=age(self._horizon_moved_at),
            read=self._read_count,
            found_by_poll=self._poll_count,
        )

    async def _read(self, connection: Connection) -> None:
        """Look, then wait for a wake-up or the poll, for ever; after a full batch it looks again at once."""
        was_woken, patience = True, 0.01
        loop = asyncio.get_running_loop()
        looked_at = 0.0
        while True:
            if (early := looked_at + self._breath - loop.time()) > 0:
                await asyncio.sleep(early)
            looked_at = loop.time()
            found, is_held = await self._look(connection, was_woken)
            if found == BATCH:
                was_woken = True
                continue
            # Whoever holds the horizon back may end without a commit, so nobody would tell: look again soon.
            patience = min(patience * 2, self._poll) if is_held and not found else 0.01
            was_woken = await self._wake.wait(patience if is_held else self._poll) or is_held

    async def _look(self, connection: Connection, was_woken: bool) -> tuple[int, bool]:
        """One statement and its consumers → how many rows it found, and whether the horizon holds others back."""
        self._looks += 1
        # The first look asks for nothing but the horizon: this process starts from now.
        records = await connection.fetch(_NEXT, *(self._position or END))
        xmin, is_held = records[0]["xmin"], records[0]["is_held"]
        rows = [record for record in records if record["id"] is not None]
        self._note(xmin, is_held)
        events = _all_recorded(rows)
        if events:
            self._read_count += len(events)
            self._poll_count += 0 if was_woken else len(events)
            for consumer in self._consumers:
                await _consume(consumer, events)
        reached = place_of(rows[-1]) if rows else self.position
        self._position = reached if len(rows) == BATCH else max(reached, Position.below(xmin))
        is_whole = len(rows) < BATCH
        if is_held and is_whole and self._started.is_set():
            is_whole = await self._hurry(connection, xmin) < BATCH
        self._forget_early()
        self._started.set()
        if not is_whole:
            return BATCH, is_held
        async with self._looked:
            self._finished = self._looks
            self._looked.notify_all()
        return len(rows), is_held

    async def _hurry(self, connection: Connection, xmin: int) -> int:
        """Give what is above the horizon, once, to those to whom order is nothing → how many that were."""
        if not self._early_consumers:
            return 0
        found = await connection.fetch(_EARLY, xmin, [*self._early])
        if events := _all_recorded(found):
            for consumer in self._early_consumers:
                await _consume(consumer, events)
        self._early |= {each["id"]: place_of(each) for each in found}  # only now: they have been dealt with
        return len(found)

    def _forget_early(self) -> None:
        if self._early:
            self._early = {id_: place for id_, place in self._early.items() if place > self.position}

    def _note(self, xmin: int, is_held: bool) -> None:
        now = time.monotonic()
        self._looked_at = now
        self._loop.succeeded()
        if not is_held:
            self._held_since = None
        elif self._held_since is None:
            self._held_since = now
        if xmin != self._horizon or not is_held:
            self._horizon, self._horizon_moved_at = xmin, now


async def events_between(
    connection: Connection, after: Position, until: Position, limit: int, types: Sequence[EventType] | None = None
) -> tuple[list[Recorded], Position]:
    """What happened in (after, until], at most `limit`, in order, and how far that reaches; see `read_after`.

    `types`: only what is of one of these.
    """
    rows = await connection.fetch(_BETWEEN, *after, *until, limit, types)
    return _all_recorded(rows), until if len(rows) < limit else place_of(rows[-1])


async def _consume(consumer: Consumer, events: Sequence[Recorded]) -> None:
    """A consumer's fault is its own: the log goes on for the others."""
    try:
        await consumer(events)
    except Exception as problem:
        log_fault(log, f"a consumer of the log failed on {len(events)} events from {events[0].position}", problem)


def place_of(record: asyncpg.Record) -> Position:
    """Where a row of the log, or what was selected of one, stands in it."""
    return Position(record["epoch"], record["xid"], record["sequence"])


def _all_recorded(records: Sequence[asyncpg.Record]) -> list[Recorded]:
    """Rows → events; one that a newer server wrote and this one does not know is left out."""
    events = []
    for record in records:
        try:
            events.append(recorded(record))
        except (KeyError, ValueError) as problem:
            log.error("event %s is not understood: %s", record["id"], problem)
    return events
