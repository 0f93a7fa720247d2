"""What a real server does with clients that are slow, endless or malformed on their sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from server.database import Pool
from server.web import limits
from tests.api.small_site import SmallSite, small_site
from tests.system.serving import serving


@pytest.fixture
async def site(pool: Pool) -> AsyncIterator[SmallSite]:
    async with small_site(pool) as made:
        yield made


@pytest.fixture
async def port(site: SmallSite) -> AsyncIterator[int]:
    """A running server's port."""
    async with serving(site.app) as found:
        yield found


async def talk(port: int, *parts: bytes) -> bytes:
    """Send these parts and read until the server closes, or ten seconds have passed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        async with asyncio.timeout(10):
            return await reader.read()
    finally:
        writer.close()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def body(answer: bytes) -> dict[str, object]:
    found: dict[str, object] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return found


HEAD = b"POST /graphql HTTP/1.1\r\nhost: kolaborasi.test\r\ncontent-type: application/json\r\n"


@pytest.mark.parametrize(
    ("request_head", "expected"),
    [
        (b"GET / HTTP/1.1\r\nhost: x\r\nx-large: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nhost: x\r\n" + b"x-many: 1\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nhost: x\r\nx-endless: " + b"a" * 400_000, 431),
        (b"GET /?" + b"a" * 40_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", 414),
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
)
async def test_a_head_that_cannot_be_read_gets_an_answer_in_our_shape(
    port: int, request_head: bytes, expected: int
) -> None:
    answer = await talk(port, *(request_head[start : start + 30_000] for start in range(0, len(request_head), 30_000)))
    assert status(answer) == expected
    assert body(answer)["status"] == expected


async def test_a_head_that_trickles_in_is_cut_off(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.2)
    assert status(await talk(port, b"GET / HTTP/1.1\r\nhost: x\r\n")) == 408
    assert await talk(port) == b""


async def test_a_connection_may_ask_several_times(port: int) -> None:
    once = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    assert (await talk(port, once, once, once + last)).count(b"HTTP/1.1 200") == 4


async def test_a_body_that_trickles_in_is_cut_off(port: int, site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await site.token((await site.person()).login)
    monkeypatch.setattr(limits.read_body, "__kwdefaults__", {"limit": limits.BODY_BYTES, "seconds": 0.2})
    head = HEAD + f"authorization: Bearer {token}\r\ncontent-length: 1000\r\n\r\n".encode()
    answer = await talk(port, head, b'{"query":')
    assert status(answer) == 408


async def test_a_hundred_megabytes_are_refused_and_nothing_is_kept(port: int, site: SmallSite) -> None:
    token = await site.token((await site.person()).login)
    head = HEAD + f"authorization: Bearer {token}\r\ncontent-length: 104857600\r\nconnection: close\r\n\r\n".encode()
    answer = await talk(port, head)
    assert status(answer) == 413
    chunked = HEAD + f"authorization: Bearer {token}\r\ntransfer-encoding: chunked\r\n\r\n".encode()
    piece = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(chunked)
    for _ in range(40):
        writer.write(piece)
        await writer.drain()
    assert b" 413 " in await reader.readline()
    writer.close()


async def test_whoever_goes_on_sending_after_a_refusal_is_cut_off(
    port: int, site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LINGER_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + b"content-length: 100000000\r\n\r\n")
    assert b" 401 " in await reader.readline()

    async def go_on() -> None:
        while True:
            writer.write(b" " * 10_000)
            await writer.drain()
            await asyncio.sleep(0.01)

    with pytest.raises(ConnectionError):
        await asyncio.wait_for(go_on(), 10)
    writer.close()


async def test_a_client_that_leaves_in_the_middle_harms_nobody(port: int, site: SmallSite) -> None:
    token = await site.token((await site.person()).login)
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + f"authorization: Bearer {token}\r\ncontent-length: 1000\r\n\r\n".encode() + b"{")
        writer.transport.abort()
    assert status(await talk(port, b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")) == 200
