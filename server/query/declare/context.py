"""Who asks, and when: what every statement and resolver of a request may use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import Any, Literal

import asyncpg

from server.rules.viewer import Viewer


@dataclass(slots=True)
class Context:
    """Who asks, and when; `connection` is set inside a transaction whose own writes must be seen (a dry run).

    `connection_until`: by the event loop's clock, when nothing more may be read on it. `dry_run`: what ends it.
    `reading`: lends the one connection on which all of a live answer is read, resolvers' own statements as well.
    """

    asker: Viewer
    now: dt.datetime
    today: dt.date
    language: Literal["id", "en"] = "id"
    city: Any = None
    connection: asyncpg.Connection[asyncpg.Record] | None = None
    connection_until: float | None = None
    dry_run: AsyncExitStack | None = None
    request_id: str = ""
    was_asked_who: bool = False
    reading: Callable[[], AbstractAsyncContextManager[asyncpg.Connection[asyncpg.Record]]] | None = None

    @property
    def viewer(self) -> Viewer:
        """Who asks. That somebody looked is noted: an answer made without is the same for all of the viewer's kind."""
        self.was_asked_who = True
        return self.asker

    @property
    def zone(self) -> dt.tzinfo:
        """The city's offset from UTC, which every instant of an answer bears."""
        offset: dt.tzinfo = self.city.calendar.offset
        return offset

    @property
    def local_now(self) -> dt.datetime:
        """Now, on the city's clock."""
        return self.now.astimezone(self.zone)

    @property
    def read_at(self) -> dt.datetime:
        """Now, for what only says when it was read: nothing else of an answer hangs on it."""
        return self.now

    def holds_until(self, moment: dt.datetime | None) -> dt.datetime:
        """Now, for a maker whose result stays the same until this moment (None: for ever) if nothing is written. Who
        asks for `now` itself does not say so, and a live answer is made anew every few seconds."""
        return self.now

    async def end_dry_run(self) -> None:
        """Roll back the transaction that a verb left open for its payload, and so let go of its locks; if any."""
        if self.dry_run is not None:
            stack, self.dry_run = self.dry_run, None
            self.connection = self.connection_until = None
            await stack.aclose()
