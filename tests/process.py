"""A server process inside the test: the real ASGI application with its loops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette

from server.app import create_app
from server.events.position import Position
from server.installation import Installation
from server.query.documents.cache import Documents
from server.schema import schema
from server.settings import Settings
from tests.watching import HOST, SECONDS, until

# Documents as read and compiled: the same for every process of one schema, so the tests of a worker share them.
_documents = Documents(schema._schema, limit=2_000, most_characters=2_000_000)


def app_on(url: str, now: Callable[[], datetime], **more: Any) -> Starlette:
    """Sign-ins outlast every move of the clock; the secret is one for all, so that they are good in each copy.

    `more`: settings.
    """
    for_years = timedelta(days=3650)
    lives = {"access_token_lifetime": for_years, "refresh_token_lifetime": for_years, "sign_in_lifetime": for_years}
    settings = Settings(
        database_url=url, given_secret="a secret for the whole small city", pool_size=6, **(lives | more)
    )  # fmt: skip
    app = create_app(settings, now)
    app.state.installation.engine.documents = _documents
    app.state.installation.sweep.every = None  # a test says when: `city.sweep()`
    return app


class Site:
    """One server process: the application with its loops running."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    @property
    def installation(self) -> Installation:
        installation: Installation = self.app.state.installation
        return installation

    def client(self, **headers: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=f"http://{HOST}", headers=headers, timeout=30
        )

    async def knows(self, position: Position) -> None:
        """Wait until this process has read the log up to there and told its watchers."""
        reader, hub = self.installation.reader, self.installation.hub
        await until(lambda: reader.position >= position, what="the log is read")

        await until(lambda: hub.has_told, what="what was found is told")


@asynccontextmanager
async def deadline(what: str) -> AsyncIterator[Any]:
    """`again` pauses between two looks at the database; too many of them fail."""

    async def again() -> None:
        await asyncio.sleep(0.01)

    try:
        async with asyncio.timeout(SECONDS):
            yield again
    except TimeoutError:
        raise AssertionError(f"it did not happen in {SECONDS} s: {what}") from None
