"""Live queries: who asks the same shares an answer, which is made again when something was written that it has read.

An event wakes only the groups that it can alter, by what they have read and may see; the clock wakes those that read
it, at the moment when that matters. Where nothing happens nothing runs.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from server.database import DatabaseUnavailable, Pool, is_away
from server.events.log import Recorded
from server.events.position import EPOCH, Position, Seal
from server.events.reader import Reader, place_of
from server.events.writes import writes
from server.live.alarms import Alarms, due
from server.live.ends import TELLING, SignIn
from server.live.group import PERSONAL, Group, LiveExecution, Subscriber, may_pass
from server.live.index import Index
from server.live.moments import moments_in
from server.live.noting import ReadFacts, noting
from server.live.pins import any_rows, pinned
from server.live.reads import reads_of
from server.live.row_images import RowImages, Seen
from server.live.sight import may_alter
from server.query.declare.fields import Context
from server.query.run.question import Question
from server.text import Language

RETRIES = (0.2, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds after a fault that may pass
TOLD_AFTER = 5.0  # seconds for which a fault must have lasted before it is told
AUDIT_SECONDS = 30.0
GATE_SECONDS = 5.0
log = logging.getLogger(__name__)

# What the snapshot has seen all of, and which events that end streams it shows although they have not been read here.
_GATE = f"""
SELECT h.xmin, e.id, e.epoch, e.xid, e.sequence
FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin) h LEFT JOIN LATERAL (
    SELECT * FROM event WHERE (epoch, xid, sequence) > ($1, $2, $3) AND epoch = {EPOCH} AND type = ANY($4::text[])
    ORDER BY epoch, xid, sequence LIMIT 1000
) e ON true
"""
_ENDING = sorted(TELLING)


@dataclass(frozen=True, slots=True)
class LiveFacts:
    """How live queries fare in this process. `lag`: seconds from the last wake to its
    answer."""

    members: int
    groups: int
    executed: int
    equal: int
    missed: int
    lag: float
    woken: Mapping[str, int]


class Groups:
    """All live queries of this process. `consume` is a consumer of the log, `run` a loop."""

    def __init__(
        self,
        *,
        pool: Pool,
        reader: Reader,
        images: RowImages,
        seal: Seal,
        context: Callable[[Any, Language, str], Context],
        now: Callable[[], datetime],
    ) -> None:
        """`context`: who asks, the language, the request's id → a context with the moment in it."""
        self._pool, self._reader, self._images, self._seal = pool, reader, images, seal
        self._context, self._now = context, now
        # A group's place: question and language, the names of facts, their values.
        self._places: dict[Hashable, dict[frozenset[str], dict[Hashable, Group]]] = {}
        self._index: Index[Group] = Index()
        self._alarms: Alarms[Group] = Alarms()
        self._turns = asyncio.Semaphore(max(1, pool.size // 2))
        self._early: set[object] = set()
        self.counts: Counter[str] = Counter()
        self._woken: Counter[str] = Counter({"event": 0, "clock": 0, "unknown": 0})
        self._lag = 0.0

    def __len__(self) -> int:
        return sum(len(group.members) for group in self.groups())

    def groups(self) -> Iterable[Group]:
        """All of them."""
        for names in list(self._places.values()):
            for values in list(names.values()):
                yield from list(values.values())

    def facts(self) -> LiveFacts:
        counts = self.counts
        return LiveFacts(
            members=len(self),
            groups=sum(1 for _ in self.groups()),
            executed=counts["executed"],
            equal=counts["equal"],
            missed=counts["missed"],
            lag=self._lag,
            woken=dict(self._woken),
        )

    # ---- members --------------------------------------------------------------------------------------------------

    async def join(self, question: Question, sign_in: SignIn, language: Language) -> Subscriber:
        """Take part; `leave` in the end. Whatever was committed before this call is in the first answer. Raises
        DatabaseUnavailable."""
        await self._reader.looked()
        member = Subscriber(sign_in, question.throttle / 1000)
        self._enter(member, question, language)
        return member

    def leave(self, member: Subscriber) -> None:
        group = member.group
        if group is not None:
            group.members.pop(member, None)
            member.group = None
            self._close_if_empty(group)

    def _enter(self, member: Subscriber, question: Question, language: str) -> None:
        places = self._places.setdefault((question.key, language), {})
        group = None
        for names in sorted(places, key=len, reverse=True):
            example = next(iter(places[names].values()))
            if (group := places[names].get(example.facts(member.sign_in, names))) is not None:
                break
        if group is None:
            group = Group(question, language, moments_in(question.engine.schema, question))
            group.members[member] = None
            self._index.put(group, any_rows(question))
            self._file(group)
        group.members[member] = None
        member.group, member.after = group, group.confirmed
        if not group.is_current:  # what is being made may be of a snapshot from before
            member.after = group.awaited = group.begun + 1
            self._start(group)
        member.ready.set()

    def _file(self, group: Group) -> None:
        """Keep a group under what its members have in common; who is there already joins it."""
        places = self._places.setdefault((group.question.key, group.language), {}).setdefault(group.names, {})
        values = group.facts(next(iter(group.members)).sign_in, group.names)
        other = places.get(values)
        places[values] = group
        if other is not None and other is not group:
            for member in list(other.members):
                member.group, member.after = group, group.begun
                group.members[member] = None
            other.members.clear()
            self._close_if_empty(other)

    def _unfile(self, group: Group) -> None:
        key = group.question.key, group.language
        for names, by_values in list(self._places.get(key, {}).items()):
            for values in [values for values, each in by_values.items() if each is group]:
                del by_values[values]
            if not by_values:
                del self._places[key][names]
        if not self._places.get(key, True):
            del self._places[key]

    def _close_if_empty(self, group: Group) -> None:
        if group.members:
            return
        self._unfile(group)
        self._index.remove(group)
        self._alarms.remove(group)
        group.shown = None
        if group.timer is not None:
            group.timer.cancel()
        if group.task is not None and group.task is not asyncio.current_task():
            group.task.cancel()

    # ---- waking ---------------------------------------------------------------------------------------------------

    async def consume(self, events: Sequence[Recorded]) -> None:
        """Wake whoever these events can have altered; those that came early are known already."""
        fresh = [event for event in events if event.id not in self._early]
        self._early -= {event.id for event in events}
        await self._wake_for(fresh)

    async def consume_early(self, events: Sequence[Recorded]) -> None:
        """The same for what is not in order yet."""
        self._early |= {event.id for event in events}
        await self._wake_for(events)

    def wake_all(self, reason: str) -> None:
        """Something was written of which nothing more is known."""
        for group in self.groups():
            self._wake(group, reason)

    async def _wake_for(self, events: Sequence[Recorded]) -> None:
        """Whom these can have altered, of those who may know of them; all, and raises, when the database is away."""
        if not self._places:
            return
        try:
            beside = await self._images.beside(events)  # the rows by which a few may be read
        except BaseException:
            self.wake_all("unknown")
            raise
        woken: set[Group] = set()
        for event in events:
            seen, written = beside.get(event.id) or Seen(event), writes(event)
            readers = self.groups() if written is None else self._index.readers(written)
            woken |= {group for group in readers if group not in woken and _concerns(group, seen)}
        for group in woken:
            self._wake(group, "event")

    def _wake(self, group: Group, reason: str) -> None:
        self._woken[reason] += 1
        group.is_dirty = True
        group.wakes += 1
        group.woken_at = group.woken_at or asyncio.get_running_loop().time()
        self._schedule(group)

    def _schedule(self, group: Group, after: float = 0.0) -> None:
        """Execute it as soon as its pace allows."""
        if group.task is not None or group.timer is not None or not group.members:
            return
        loop = asyncio.get_running_loop()
        at = max(group.began + group.pace, loop.time() + after)
        if at <= loop.time():
            self._start(group)
        else:
            group.timer = loop.call_at(at, self._start, group)

    def _start(self, group: Group) -> None:
        if group.timer is not None:
            group.timer.cancel()
            group.timer = None
        if group.task is None and group.members:
            group.task = asyncio.create_task(self._executed(group))

    # ---- the clock ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled: wake whom the clock alters, and now and then look whether somebody was forgotten."""
        loop = asyncio.get_running_loop()
        audited = loop.time()
        while True:
            await asyncio.sleep(self._alarms.wait(self._now()))
            self.ring()
            if loop.time() - audited >= AUDIT_SECONDS:
                audited = loop.time()
                self._index.sweep()
                await self._audit()

    def ring(self) -> None:
        """Wake those whose moment has come by the clock of the rules."""
        for group in self._alarms.take(self._now()):
            self._wake(group, "clock")

    async def _audit(self) -> None:
        """Look after one group that nothing woke."""
        if quiet := [group for group in self.groups() if group.is_current]:
            group = random.choice(quiet)  # which one is no secret
            self.counts["audited"] += 1
            if await self.overlooked(group):
                self.counts["missed"] += 1
                log.error("a live query was not woken: it reads %s", reads_of(group.question.compiled))

    async def overlooked(self, group: Group) -> bool:
        """Execute a group that nothing has woken: whether it answers otherwise, so that an event was overlooked."""
        before, wakes = group.shown, group.wakes
        self._start(group)
        if group.task is not None:
            await asyncio.wait({group.task})
        try:
            await self._reader.looked()
        except DatabaseUnavailable:
            return False
        return group.shown is not before and group.wakes == wakes and group.failing_since is None

    # ---- executing ------------------------------------------------------------------------------------------------

    async def _executed(self, group: Group) -> None:
        try:
            async with self._turns:
                made = await self._execute(group)
            if made is not None:
                await self._all_read(made.ending)
                self._show(group, made)
        except Exception as fault:
            self._failed(group, fault)
        finally:
            group.task = None
        if group.failures:
            self._schedule(group, RETRIES[min(group.failures, len(RETRIES)) - 1])
        elif group.awaited > group.confirmed:
            self._start(group)
        elif group.is_dirty:
            self._schedule(group)

    async def _execute(self, group: Group) -> LiveExecution | None:
        """What is found now; None where nobody waits for it, or where it may be gone by the next try."""
        if not group.members:
            return None
        question, request_id, loop = group.question, secrets.token_hex(8), asyncio.get_running_loop()
        sign_in, noted, parents = next(iter(group.members)).sign_in, ReadFacts(), dict[int, set[Any]]()
        context = noting(self._context(sign_in, group.language, request_id), noted)  # type: ignore[arg-type]
        self.counts["executed"] += 1
        async with (
            self._pool.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            self._index.put(group, any_rows(question))  # until it is known which rows these statements read
            group.is_dirty, group.began = False, loop.time()  # from here on: the next statement takes the snapshot
            number = group.begun = group.begun + 1
            gate = await connection.fetch(_GATE, *self._reader.position, _ENDING)
            result = await question.answer(context, connection, parents)
            read = any_rows(question) if result.errors else await pinned(question, context, connection, parents)
            group.took = loop.time() - group.began
        if result.is_away:
            raise DatabaseUnavailable("a live query could not be answered")
        if may_pass(result):
            group.is_dirty = True
            if not self._is_to_be_told(group):
                return None
        else:
            group.failures, group.failing_since = 0, None
        if group.members:
            self._index.put(group, read)
            self._alarms.set(group, due(context, noted, reads_of(question.compiled)))
        ending = {row["id"]: place_of(row) for row in gate if row["id"] is not None}
        return LiveExecution(sign_in, result, noted, number, Position.below(gate[0]["xmin"]), ending, request_id)

    def _is_to_be_told(self, group: Group) -> bool:
        """Of a fault that may pass: whether it has lasted for long. An answer takes a client's board away."""
        now = asyncio.get_running_loop().time()
        group.failures += 1
        if group.failing_since is None:
            group.failing_since = now
        return now - group.failing_since >= TOLD_AFTER

    def _failed(self, group: Group, fault: BaseException) -> None:
        group.is_dirty = True
        has_lasted = self._is_to_be_told(group)
        if not is_away(fault):
            log.error("a live query failed", exc_info=fault)
        if has_lasted or is_away(fault):
            group.fail(fault)  # whoever has an answer keeps it until the stream itself is ended

    async def _all_read(self, ending: Mapping[UUID, Position]) -> None:
        """Wait until the events that end streams, and that the snapshot shows, have ended them here: what was made
        after a revocation is not for whom it struck. Raises DatabaseUnavailable when that takes long."""
        reader, loop = self._reader, asyncio.get_running_loop()
        until = loop.time() + GATE_SECONDS
        while any(place > reader.position and not reader.has_read(id_) for id_, place in ending.items()):
            await reader.looked()
            if loop.time() > until:
                raise DatabaseUnavailable("what ends streams could not be read")

    def _show(self, group: Group, made: LiveExecution) -> None:
        noted = made.noted
        read = frozenset(noted.facts) | ({PERSONAL, "account_id"} if noted.sign_in else frozenset())
        if not read <= group.names:
            self._unfile(group)  # before anybody is parted from it: nobody is to find it under what it was
            others = group.split(made.sign_in, read)
            if group.members:
                self._file(group)
            for member in others:
                self._enter(member, group.question, group.language)
        if not group.members:
            self._close_if_empty(group)
            return
        woken_at, group.woken_at = group.woken_at, None
        if woken_at is not None:
            self._lag = asyncio.get_running_loop().time() - woken_at
        cursor = self._seal.close(made.position, self._now())
        differs = group.show(made.result, made.number, cursor, made.request_id)
        self.counts["shown" if differs else "equal"] += 1
        group.tell()


def _concerns(group: Group, seen: Seen) -> bool:
    """Whether those for whom the group's answer is may know of the event, and may be told otherwise after it."""
    if not group.members or not may_alter(group.viewer, seen):
        return False
    concerns = group.question.concerns
    return concerns is None or concerns(group.viewer, seen.row)
