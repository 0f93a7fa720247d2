"""uvicorn in the test's own loop, for what only a socket shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from server.web.limits import HttpProtocol


@asynccontextmanager
async def serving(
    app: ASGIApp, *, http: type[asyncio.Protocol] = HttpProtocol, ws: Any = "none", lifespan: Any = "off", **more: Any
) -> AsyncIterator[int]:
    """The application, served on a port of 127.0.0.1 until the block ends."""
    config = uvicorn.Config(app, port=0, http=http, ws=ws, lifespan=lifespan, log_config=None, access_log=False, **more)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve())  # serve() would take the test run's signals
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running
