"""Wake-ups by LISTEN/NOTIFY: after a commit every process is told, coalesced (debounced), with a poll behind it.

A NOTIFY inside each transaction takes a lock of the whole cluster and halves the write rate; one after the commit, at
most every few milliseconds, costs nothing. It may get lost: the reader polls as well, and `facts` says whether the
wake-ups arrive. This is the one small interface that a message system between sites would replace.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from server.database import Connection, ReconnectingLoop

CHANNEL = "kolaborasi_event"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WakeFacts:
    """How the wake-ups fare. Ages in seconds; None: never."""

    is_listening: bool
    heard_age: float | None
    echo_age: float | None
    sent: int
    heard: int


class Wake:
    """One process's end of the wake-ups: `tell` after a commit, `wait` before the next look."""

    def __init__(self, url: str, *, coalesce: float = 0.004, probe: float = 10.0) -> None:
        """`coalesce`: seconds between two NOTIFYs at least. `probe`: seconds between two questions to itself."""
        self._loop = ReconnectingLoop(
            url, self._work, log, name="wake", first=0.05, longest=2.0, statement_timeout="5s"
        )
        self._coalesce = coalesce
        self._probe = probe
        self._me = os.urandom(6).hex()
        self._heard = asyncio.Event()
        self._told = asyncio.Event()
        self._is_listening = False
        self._heard_at: float | None = None
        self._echo_at: float | None = None
        self._sent_count = 0
        self._heard_count = 0

    def tell(self) -> None:
        """Something was committed. This process's reader looks at once, the others within a few milliseconds."""
        self._heard.set()
        self._told.set()

    def hurry(self) -> None:
        """This process's reader is to look at once; nobody else hears of it."""
        self._heard.set()

    async def wait(self, timeout: float) -> bool:
        """True when woken, False after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._heard.wait()
        except TimeoutError:
            return False
        self._heard.clear()
        return True

    async def run(self) -> None:
        """Listen and notify until cancelled, through every loss of the connection."""
        await self._loop.run()

    def facts(self) -> WakeFacts:
        now = time.monotonic()
        return WakeFacts(
            is_listening=self._is_listening,
            heard_age=None if self._heard_at is None else now - self._heard_at,
            echo_age=None if self._echo_at is None else now - self._echo_at,
            sent=self._sent_count,
            heard=self._heard_count,
        )

    async def _work(self, connection: Connection) -> None:
        """While nobody listens the reader's poll stands in."""
        try:
            await self._listen(connection)
            self._loop.succeeded()
            await self._notify_while_connected(connection)
        finally:
            self._is_listening = False

    async def _listen(self, connection: Connection) -> None:
        connection.add_termination_listener(lambda _: self._told.set())
        await connection.add_listener(CHANNEL, self._hear)
        self._is_listening = True
        self._heard.set()  # what was told while nobody listened

    def _hear(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        if payload == f"?{self._me}":
            self._echo_at = time.monotonic()
        elif isinstance(payload, str) and not payload.startswith("?"):
            self._heard_at = time.monotonic()
            self._heard_count += 1
            self._heard.set()

    async def _notify_while_connected(self, connection: Connection) -> None:
        """Send what was told, and now and then a question to itself, whose echo proves that wake-ups arrive."""
        await self._send(connection, f"?{self._me}")
        asked = time.monotonic()
        while not connection.is_closed():
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, asked + self._probe - time.monotonic())):
                    await self._told.wait()
            if self._told.is_set():
                self._told.clear()
                await self._send(connection, self._me)
                self._sent_count += 1
                await asyncio.sleep(self._coalesce)
            if time.monotonic() >= asked + self._probe:
                await self._send(connection, f"?{self._me}")
                asked = time.monotonic()
        raise ConnectionError("the connection was lost")

    async def _send(self, connection: Connection, payload: str) -> None:
        await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, payload)
