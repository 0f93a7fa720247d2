"""Events made by hand, and waiting for a fact."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from server.events.log import Entry
from server.ids import uuid7
from server.rules.event import Audience, EventType

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def entry(type: EventType = EventType.TASK_UPDATED, **given: Any) -> Entry:
    """An entry about nothing in particular, but for what is given."""
    values: dict[str, Any] = {
        "id": uuid7(),
        "type": type,
        "subject_type": "Task",
        "subject_id": uuid7(),
        "subject_version": 1,
        "organisation_ids": [UUID(int=1)],
        "actor_id": None,
        "capacity": None,
        "on_behalf_of_id": None,
        "happened_at": NOW,
        "recorded_at": NOW,
        "changes": {},
        "facts": {},
        "audience": Audience.EVERYONE,
        "audience_id": None,
        "deadline": None,
    }
    return Entry(**values | given)


async def until(fact: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until the fact holds, looking often; fails when it does not in time."""
    async with asyncio.timeout(seconds):
        while not fact():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(*loops: Awaitable[None]) -> AsyncIterator[None]:
    """These loops run inside the block."""
    tasks = [asyncio.ensure_future(loop) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
