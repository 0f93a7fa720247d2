"""Our bounds on what is sent to us change nothing of what is answered, and close a connection when it has been idle."""

from __future__ import annotations

import asyncio
import re
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.web.limits import HttpProtocol
from tests.system.serving import serving

LENGTH = (b"content-length", b"4")
START = {"type": "http.response.start", "status": 200}
BODY = {"type": "http.response.body"}
# What an application sends, by its path.
ANSWERS: dict[str, list[dict[str, Any]]] = {
    "/whole": [START | {"headers": [LENGTH]}, BODY | {"body": b"body"}],
    "/chunked": [START | {"headers": []}, BODY | {"body": b"bo", "more_body": True}, BODY | {"body": b"dy"}],
    "/nothing": [{"type": "http.response.start", "status": 204, "headers": []}, BODY],
    "/close": [START | {"headers": [LENGTH, (b"connection", b"close")]}, BODY | {"body": b"body"}],
    "/unended": [START | {"headers": [LENGTH]}],
    "/twice": [START | {"headers": [LENGTH]}, BODY | {"body": b"body"}, BODY | {"body": b"body"}],
    "/body-first": [BODY | {"body": b"body"}],
}


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    if scope["query_string"] == b"slow":
        await asyncio.sleep(1.5)
    for message in ANSWERS[scope["path"]]:
        await send(message)


def served(protocol: type[asyncio.Protocol]) -> AbstractAsyncContextManager[int]:
    return serving(answer, http=protocol, timeout_keep_alive=1)


async def talk(port: int, request: bytes) -> bytes:
    """All that is sent until the server closes, or is silent for a while."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    found = b""
    try:
        while part := await asyncio.wait_for(reader.read(65_536), 0.3):
            found += part
    except TimeoutError:
        found += b"(kept open)"
    finally:
        writer.close()
    return re.sub(rb"date: [^\r]*", b"date: now", found)


@pytest.mark.parametrize("path", ANSWERS)
async def test_an_answer_is_written_as_uvicorn_writes_it(path: str) -> None:
    requests = [
        b"GET %b HTTP/1.1\r\nhost: x\r\n\r\n" % path.encode(),
        b"HEAD %b HTTP/1.1\r\nhost: x\r\n\r\n" % path.encode(),
        b"GET %b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n" % path.encode(),
        b"GET %b HTTP/1.0\r\nhost: x\r\n\r\n" % path.encode(),
        b"POST %b HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}" % path.encode() * 3,  # one after the other
    ]
    async with served(HttpToolsProtocol) as plain, served(HttpProtocol) as ours:
        for request in requests:
            expected, found = await asyncio.gather(talk(plain, request), talk(ours, request))
            assert found == expected, request


async def test_a_connection_is_closed_when_it_was_idle_for_the_time_allowed_and_never_before_its_answer() -> None:
    loop = asyncio.get_running_loop()
    async with served(HttpProtocol) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for query in (b"", b"?slow", b""):
            writer.write(b"GET /whole%b HTTP/1.1\r\nhost: x\r\n\r\n" % query)
            assert (await reader.readuntil(b"body")).startswith(b"HTTP/1.1 200 ")
            await asyncio.sleep(0.5)
        # Two behind one another, of which the first takes longer than an idle connection may.
        writer.write(b"GET /whole?slow HTTP/1.1\r\nhost: x\r\n\r\n" * 2)
        for _ in range(2):
            assert (await reader.readuntil(b"body")).startswith(b"HTTP/1.1 200 ")
        answered_at = loop.time()
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        assert loop.time() - answered_at > 0.8
        writer.close()
