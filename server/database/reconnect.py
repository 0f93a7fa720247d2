"""The loop around a connection of one's own: reconnect after every fault, with exponential backoff."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Never

from server.database.away import log_fault
from server.database.connection import connect
from server.database.pool import Connection


class ReconnectingLoop:
    """Works on a connection of its own until cancelled; after a fault it connects again and begins anew.

    The first pause after a fault is `first` seconds, each further one twice as long, `longest` at most. Whoever works
    says `succeeded` when a round of work is done, and the next fault counts as the first one.
    """

    def __init__(
        self,
        url: str,
        work: Callable[[Connection], Awaitable[None]],
        log: logging.Logger,
        *,
        name: str,
        first: float = 0.2,
        longest: float = 30.0,
        timeout: float = 10.0,
        **session: str,
    ) -> None:
        """`name` is the connection's to PostgreSQL and the loop's in `log`; `timeout`, `session`: as of `connect`."""
        self.problem: str | None = None  # of the last fault since which nothing succeeded
        self._url = url
        self._work = work
        self._log = log
        self._name = name
        self._first = self._pause = first
        self._longest = longest
        self._timeout = timeout
        self._session = session
        self._stuck_since: float | None = None

    @property
    def stuck_age(self) -> float | None:
        """For how many seconds nothing has succeeded; None while all is well."""
        return None if self._stuck_since is None else time.monotonic() - self._stuck_since

    async def run(self) -> Never:
        """Until cancelled. Work that returns is begun anew on another connection, as after a fault."""
        while True:
            connection: Connection | None = None
            try:
                application = f"kolaborasi {self._name}"
                connection = await connect(
                    self._url, timeout=self._timeout, application_name=application, **self._session
                )
                await self._work(connection)
            except Exception as fault:
                self.failed(fault)
                log_fault(self._log, f"{self._name}: interrupted, trying again", fault)
            finally:
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, self._longest)

    def succeeded(self) -> None:
        """A round of work is done."""
        self._pause = self._first
        self.problem = self._stuck_since = None

    def failed(self, fault: Exception) -> None:
        """Something failed: `run` says so of what it catches, whoever works of what he caught himself."""
        self.problem = f"{type(fault).__name__}: {fault}"
        self._stuck_since = self._stuck_since or time.monotonic()
