"""A semaphore for replays of the log: a replay may run thousands of statements, a live change runs one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID
from weakref import WeakValueDictionary

MOST = 2  # in a process: half of a small machine is left to everybody else


class Turns:
    """At most `most` at a time, and one of an account; who comes later waits, in order of arrival."""

    def __init__(self, most: int = MOST) -> None:
        self._free = asyncio.Semaphore(most)
        self._own: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, account_id: UUID) -> AsyncIterator[None]:
        """A turn of this account's, for the time of a block: one page of the log, or one try to tell a change."""
        lock = self._own.get(account_id)
        if lock is None:
            self._own[account_id] = lock = asyncio.Lock()
        async with lock, self._free:
            yield
