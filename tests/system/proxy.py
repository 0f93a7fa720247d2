"""A proxy as one stands before a city's server: it ends TLS (here only says so) and tells who its client is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def proxy(port: int) -> AsyncIterator[int]:
    """Before the server on this port; its own port. One request for each connection."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readline()
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", port)
        client = writer.get_extra_info("peername")[0]
        said = f"X-Forwarded-For: {client}\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n"
        upstream.write(first + said.encode())
        forth = asyncio.create_task(pump(reader, upstream))
        await pump(upstream_reader, writer)
        forth.cancel()
        for each in (upstream, writer):
            each.close()
        await asyncio.gather(forth, upstream.wait_closed(), writer.wait_closed(), return_exceptions=True)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
