"""Notes when something was used last, and writes it down beside the requests, a few seconds later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from itertools import islice
from typing import Generic, TypeVar

from server.actions.transaction import Transaction
from server.database import log_fault

K = TypeVar("K", bound=Hashable)

EVERY = 10.0  # seconds between two looks at what is to be written
ONCE_IN = timedelta(minutes=1)  # the use of one thing is written so often at most
BATCH = 200
log = logging.getLogger(__name__)


class Noted(Generic[K]):
    """`note` is for whoever sees a use; `run` is a loop that writes."""

    def __init__(
        self,
        keep: Callable[[Transaction, Mapping[K, datetime]], Awaitable[None]],
        begin: Callable[[], AbstractAsyncContextManager[Transaction]],
        now: Callable[[], datetime],
    ) -> None:
        """`keep`: writes when each was used last. `begin`: a transaction of the system's own."""
        self._keep = keep
        self.begin = begin
        self._now = now
        self._noted: dict[K, datetime] = {}
        self._written: dict[K, datetime] = {}  # within the last minute

    def note(self, *used: K) -> None:
        """These are used now."""
        now = self._now()
        for each in used:
            if each not in self._written:
                self._noted[each] = now

    async def write(self) -> None:
        """What was noted, a batch at a time; what cannot be written is tried again with the next."""
        now = self._now()
        self._written = {each: at for each, at in self._written.items() if now - at < ONCE_IN}
        while batch := dict(islice(self._noted.items(), BATCH)):
            async with self.begin() as tx:
                await self._keep(tx, batch)
            self._written |= dict.fromkeys(batch, now)
            for each in batch:
                del self._noted[each]

    async def run(self, every: float = EVERY) -> None:
        """Until cancelled; then once more."""
        try:
            while True:
                await asyncio.sleep(every)
                await self._try()
        finally:
            await self._try()

    async def _try(self) -> None:
        try:
            await self.write()
        except Exception as problem:
            log_fault(log, "what was used last could not be written", problem)
