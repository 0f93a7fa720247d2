"""Reactions to events: what must travel from a lower aggregate to a higher one is done here, in one process at a time.

Each reaction calls the verbs of the aggregates it changes. The transaction also moves the stored offset, as its last
step: either both are committed or neither, so every event is reacted to exactly once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TypeAlias

from server.actions.escalation_reaction import (
    end_delegations,
    order_was_decided,
    pass_on_escalations,
    task_was_cancelled,
    task_was_completed,
    task_was_reopened,
)
from server.actions.reaction import (
    end_amendments_of_organisation,
    end_amendments_of_plan,
    pass_on,
    settle_open_tasks,
    take_in_waiting_tasks,
)
from server.actions.transaction import Transaction
from server.database import Connection, ReconnectingLoop
from server.events.lasting import Lasting, Overtaken
from server.events.log import Recorded
from server.events.position import Position
from server.rules.event import EventType
from server.rules.refusal import Refused

Reaction: TypeAlias = Callable[[Transaction, Recorded], Awaitable[None]]

BATCH = 500
# What is done in the wake of what; a short list on purpose: what is to move below is a verb's own to call.
REACTIONS: Mapping[EventType, Sequence[Reaction]] = {
    EventType.WORK_PLAN_CLOSED: (settle_open_tasks, end_amendments_of_plan),
    EventType.WORK_PLAN_APPROVED: (take_in_waiting_tasks,),
    EventType.ORGANISATION_ENDED: (end_amendments_of_organisation, pass_on, pass_on_escalations),
    EventType.ORGANISATION_LAPSED: (end_amendments_of_organisation, pass_on, pass_on_escalations),
    EventType.APPOINTMENT_ENDED: (end_delegations,),
    EventType.APPOINTMENT_LAPSED: (end_delegations,),
    EventType.ESCALATION_DECIDED: (order_was_decided,),
    EventType.ESCALATION_FOLLOW_UP_ADDED: (order_was_decided,),
    EventType.TASK_COMPLETED: (task_was_completed,),
    EventType.TASK_CANCELLED: (task_was_cancelled,),
    EventType.TASK_REOPENED: (task_was_reopened,),
}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReactFacts:
    """How the loop fares: whether this process is the one; for how many seconds an event has been failing, and why."""

    is_working: bool
    stuck_age: float | None
    problem: str | None


class React:
    """The loop; `consume` is a consumer of the log that wakes it."""

    def __init__(
        self,
        url: str,
        transaction: Callable[[], AbstractAsyncContextManager[Transaction]],
        reactions: Mapping[EventType, Sequence[Reaction]] = REACTIONS,
        *,
        name: str = "react",
        poll: float = 2.0,
    ) -> None:
        """`transaction` opens one of the system's own. `poll`: seconds between two looks when nothing wakes it."""
        self._transaction = transaction
        self._reactions = reactions
        self._place = Lasting(name)
        self._poll = poll
        self._woken = asyncio.Event()
        self._has_passed = True  # whether anything happened since the place was moved
        self._is_working = False
        self._loop = ReconnectingLoop(url, self._work, log, name="react")

    async def consume(self, events: Sequence[Recorded]) -> None:
        self._has_passed = True
        if any(event.type in self._reactions for event in events):
            self._woken.set()

    async def run(self) -> None:
        """Until cancelled, through every loss of the database and every fault of a reaction."""
        await self._loop.run()

    def facts(self) -> ReactFacts:
        return ReactFacts(self._is_working, self._loop.stuck_age, self._loop.problem)

    async def _work(self, connection: Connection) -> None:
        try:
            await self._react_as_leader(connection)
        except Overtaken:
            log.info("another process reacts")
        finally:
            self._is_working = False

    async def _react_as_leader(self, connection: Connection) -> None:
        """Become the one that works, then do what is new whenever there is something."""
        while not await self._place.try_lock(connection):
            await self._wait()
        position = await self._place.position(connection)
        self._is_working = True
        while True:
            has_passed, self._has_passed = self._has_passed, False
            events, reached = await self._place.next(connection, position, BATCH, [*self._reactions])
            for event in events:
                position = await self._react(event, position)
            if has_passed and reached > position:  # what lies between asks for nothing
                await self._place.move(connection, position, reached)
                position = reached
            self._loop.succeeded()
            if len(events) < BATCH:
                await self._wait()

    async def _react(self, event: Recorded, position: Position) -> Position:
        """One event's reactions and the place behind it, in one transaction; a refusal is an answer, not a fault."""
        for done in (False, True):
            try:
                async with self._transaction() as tx:
                    for reaction in () if done else self._reactions[event.type]:
                        await reaction(tx, event)
                    await self._place.move(tx.connection, position, event.position)
                return event.position
            except Refused as refused:
                log.warning("a reaction to event %s (%s) was refused: %s", event.id, event.type, refused)
        raise AssertionError("moving the place alone refuses nothing")

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._poll):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()
