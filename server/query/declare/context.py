"""Who asks, and when: what every statement and resolver of a request may use."""

from __future__ import annotations

import datetime as dt
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Literal

import asyncpg

from server.rules.viewer import Viewer


@dataclass(slots=True)
class Context:
    """Who asks, and when; `connection` is set inside a transaction whose own writes must be seen (a dry run).

    `connection_until`: by the event loop's clock, when nothing more may be read on it. `dry_run`: what ends it.
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

    async def end_dry_run(self) -> None:
        """Roll back the transaction that a verb left open for its payload, and so let go of its locks; if any."""
        if self.dry_run is not None:
            stack, self.dry_run = self.dry_run, None
            self.connection = self.connection_until = None
            await stack.aclose()
