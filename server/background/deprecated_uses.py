"""Notes who uses what of the API is to go, and writes it down beside the requests, a few seconds later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from server.actions.deprecation import keep_deprecated_uses
from server.actions.transaction import Transaction
from server.database import log_fault

EVERY = 10.0  # seconds between two looks at what is to be written
ONCE_IN = timedelta(minutes=1)  # an account's use of one thing is written so often at most
BATCH = 200
log = logging.getLogger(__name__)


class DeprecatedUses:
    """`note` is the engine's; `run` is a loop that writes."""

    def __init__(
        self, begin: Callable[[], AbstractAsyncContextManager[Transaction]], now: Callable[[], datetime]
    ) -> None:
        """`begin`: a transaction of the system's own."""
        self.begin = begin
        self._now = now
        self._noted: dict[tuple[UUID, str], datetime] = {}
        self._written: dict[tuple[UUID, str], datetime] = {}  # within the last minute

    def note(self, account_id: UUID, coordinates: Sequence[str]) -> None:
        """This account uses these now."""
        now = self._now()
        for coordinate in coordinates:
            if (account_id, coordinate) not in self._written:
                self._noted[account_id, coordinate] = now

    async def write(self) -> None:
        """What was noted, a batch at a time; what cannot be written is tried again with the next."""
        now = self._now()
        self._written = {pair: at for pair, at in self._written.items() if now - at < ONCE_IN}
        while batch := dict(islice(self._noted.items(), BATCH)):
            async with self.begin() as tx:
                await keep_deprecated_uses(tx, batch)
            self._written |= dict.fromkeys(batch, now)
            for pair in batch:
                del self._noted[pair]

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
            log_fault(log, "who uses what is deprecated could not be written", problem)
