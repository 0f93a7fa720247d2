"""The sweeper: what the clock alone does becomes events, by one process at a time however many serve.

Every deadline ends together with a day of the city's, and every reminder is made at one hour. So everything is looked
through when a day begins and at that hour, when the calendar or the holder of an office changes, and when this process
takes over; what any process had looked at before (`swept_until`) is not looked for again. In between, every ten
seconds, only what changed since the last look. A look costs one statement for each kind of subject, and writes nothing
if nothing is due.

The process that holds the advisory lock sweeps. The lock belongs to a connection that is used for nothing else: when
the process dies, the connection ends and the lock is free. What is recorded is also unique in the database
(actions/sweep.py): two processes that swept at the same time would still record everything once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from typing import TypeAlias

from server.actions.sweep import (
    BATCH,
    KINDS,
    MARGIN,
    Due,
    due,
    keep_acts,
    keep_moment,
    settle,
    settle_together,
    swept_until,
)
from server.actions.sweep_kinds import SweepKind
from server.actions.transaction import Moment, Transaction
from server.database import Connection, ReconnectingLoop, is_away
from server.events.lasting import Lasting
from server.events.log import Recorded
from server.rules.clock import reminding_time
from server.rules.event import Audience, EventType
from server.rules.workdays import ONE_DAY, local_day

# Seconds between two looks; the clock itself is looked at more often: a day and its reminders begin at once.
EVERY = 10.0
TICK = 1.0
# Seconds between two pages that were full of things to write down; a watcher's queue holds two of them.
PAUSE = 1.0
# After these deadlines may have to move: all clocks are computed anew.
MOVING = frozenset(
    {
        EventType.CITY_HOLIDAY_ADDED,
        EventType.CITY_HOLIDAY_REMOVED,
        EventType.APPOINTMENT_MADE,
        EventType.APPOINTMENT_ENDED,
        EventType.ACCOUNT_DISABLED,
        EventType.ACCOUNT_ENABLED,
        EventType.CASE_ACCESS_CONFIRMED,
        EventType.CASE_ACCESS_LOST,
        EventType.ORGANISATION_ENDED,
        EventType.ORGANISATION_LAPSED,
    }
)
log = logging.getLogger(__name__)

# Rows that changed since a moment (None: all), of which what ran out before the day is told already.
Look: TypeAlias = tuple[datetime | None, date]
KeepDays: TypeAlias = Callable[[date, date], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class SweepFacts:
    """How the loop fares: whether this process is the one; the last sweep of any process, by the rules' clock and its
    age in seconds; how many events this one's made; for how many seconds something has been failing, and why."""

    is_working: bool
    swept_at: datetime | None
    swept_age: float | None
    recorded: int
    stuck_age: float | None
    problem: str | None


class Sweep:
    """The loop; `consume` is a consumer of the log that wakes it."""

    def __init__(
        self,
        url: str,
        transaction: Callable[[], AbstractAsyncContextManager[Transaction]],
        moment: Callable[[], Moment],
        *,
        every: float | None = EVERY,
        keep_days: KeepDays | None = None,
    ) -> None:
        """`transaction` opens one of the system's own; `moment` is the clock of the rules. `every` None: when woken.

        `keep_days`, given the day of the last look and today: keeps how a day ended before the next one is looked at.
        """
        self.every = every
        self._transaction = transaction
        self._moment = moment
        self._keep_days = keep_days
        self._lock = Lasting("sweep")
        self._turn = asyncio.Lock()
        self._woken = asyncio.Event()
        self._is_working = False
        self._is_stale = True  # everything is to be looked through
        self._is_next_whole = False  # the same, once it is time for a look
        self._part: tuple[date, bool] | None = None  # of which day and part of it the last look was
        self._looked_at: datetime | None = None
        self._swept_at: datetime | None = None
        self._finished_at: datetime | None = None
        self._recorded = 0
        self._loop = ReconnectingLoop(url, self._work, log, name="sweep")

    @property
    def is_busy(self) -> bool:
        """Whether this process looks just now, or clocks may have to move that it has yet to look at."""
        return self._turn.locked() or (self._is_working and self._is_stale)

    async def consume(self, events: Sequence[Recorded]) -> None:
        moving = [event for event in events if event.type in MOVING]
        self._is_next_whole = self._is_next_whole or bool(moving)
        # What only a case tells of waits for the next look: everybody sees when there is one (`city.sweptAt`).
        if any(event.audience is not Audience.CASE_OFFICE for event in moving):
            self._is_stale = True
            self._woken.set()

    async def run(self) -> None:
        """Until cancelled, through every loss of the database and every fault."""
        await self._loop.run()

    async def once(self) -> int:
        """Look once, at everything where that is due; returns how many events that made."""
        async with self._turn:
            clock = self._moment()
            is_whole = self._is_stale or self._is_next_whole or _part(clock) != self._part or self._looked_at is None
            is_whole = is_whole or clock.now < (self._looked_at or clock.now)  # a clock that was turned back
            self._is_stale = self._is_next_whole = False
            looks = await self._whole_looks(clock) if is_whole else [(self._looked_at, date.min)]
            count, failed = 0, False
            for kind, (since, first) in product(KINDS, looks):
                async for page in due(self._transaction, kind, since and since - MARGIN, first):
                    made = await self._settle_together(kind, page) if kind.has_one_step and len(page) > 1 else None
                    each_made = [await self._settle(found) for found in page] if made is None else [made]
                    count += sum(events or 0 for events in each_made)
                    failed = failed or None in each_made
                    if len(page) == BATCH:  # what was not looked at for long comes in parts that watchers can take
                        await asyncio.sleep(PAUSE)
            self._recorded += count
            if failed:
                self._is_stale = True
            else:
                async with self._transaction() as tx:
                    await keep_acts(tx)
                    await keep_moment(tx, clock.now)
                    self._swept_at, self._finished_at = clock.now, tx.machine_now
                self._part, self._looked_at = _part(clock), clock.now
                self._loop.succeeded()
            return count

    async def _whole_looks(self, clock: Moment) -> list[Look]:
        """What ran out since somebody last looked at everything, and what changed since; everything, if nobody did."""
        async with self._transaction() as tx:
            swept_at = await swept_until(tx)
        if swept_at is None:
            return [(None, date.min)]
        swept_on = local_day(swept_at, clock.city.calendar)
        await self._keep(swept_on, clock.today)
        return [(None, swept_on - ONE_DAY), (swept_at, date.min)]

    async def _keep(self, swept_on: date, today: date) -> None:
        """Keep how the day ended on which somebody last looked; a fault there holds up no clock."""
        try:
            if self._keep_days is not None:
                await self._keep_days(swept_on, today)
        except Exception as problem:
            if is_away(problem):
                self._is_stale = True
                raise
            self._loop.failed(problem)
            log.exception("how %s ended could not be kept", swept_on)

    async def _settle(self, found: Due) -> int | None:
        """How many events that made; None where it cannot be settled, which holds up no other."""
        try:
            return await settle(self._transaction, found)
        except Exception as problem:
            if is_away(problem):
                self._is_stale = True
                raise
            self._loop.failed(problem)
            log.exception("%s %s could not be swept", found.kind.model.__name__, found.id)
            return None

    async def _settle_together(self, kind: SweepKind, page: Sequence[Due]) -> int | None:
        """How many events that made; None where one of them stands in the way of the others."""
        try:
            return await settle_together(self._transaction, kind, page)
        except Exception as problem:
            if is_away(problem):
                self._is_stale = True
                raise
            return None

    def facts(self) -> SweepFacts:
        clock = self._moment()
        age = None if self._finished_at is None else (clock.machine_now or clock.now) - self._finished_at
        return SweepFacts(
            is_working=self._is_working,
            swept_at=self._swept_at,
            swept_age=None if age is None else max(age.total_seconds(), 0.0),
            recorded=self._recorded,
            stuck_age=self._loop.stuck_age,
            problem=self._loop.problem,
        )

    async def _work(self, connection: Connection) -> None:
        try:
            await self._sweep_as_leader(connection)
        finally:
            self._is_working = False

    async def _sweep_as_leader(self, connection: Connection) -> None:
        """Become the one that sweeps, then look whenever it is time."""
        while not await self._lock.try_lock(connection):  # another process holds it, and leaves word
            row = await connection.fetchrow("SELECT swept_at, finished_at FROM swept_until")
            if row is not None:
                self._swept_at, self._finished_at = row["swept_at"], row["finished_at"]
            await asyncio.sleep(TICK)
        self._is_stale = self._is_working = True
        while True:
            await connection.execute("SELECT 1")  # raises where the lock is lost with the connection
            began = time.monotonic()
            if count := await self.once():
                log.info("swept: %d events", count)
            await self._wait(began)

    async def _wait(self, began: float) -> None:
        """Until something moves, a day or its reminders begin, or it is time: so long after the last look began,
        however long that took, since its moment is told to everybody and what it found may be hidden."""
        until = None if self.every is None else began + self.every
        while not self._woken.is_set():
            left = None if until is None else min(TICK, until - time.monotonic())
            if left is not None and (left <= 0 or _part(self._moment()) != self._part):
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._woken.wait()
        self._woken.clear()


def _part(clock: Moment) -> tuple[date, bool]:
    """The day, and whether its reminders are due."""
    return clock.today, clock.now >= reminding_time(clock.today, clock.city.calendar)
