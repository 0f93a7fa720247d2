"""Clients that are slow, endless or too many: clear answers, bounded memory, and everybody else is served."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_socket
from websockets.exceptions import ConnectionClosed

from tests.system.conftest import City, Office
from tests.system.people import Person
from tests.system.processes import Server, until
from tests.system.test_drain import open_socket

MIB = 1024 * 1024


@pytest.fixture(scope="module")
async def here(city: City) -> Server:
    """A process of this module's own: its memory and its log are looked at."""
    return await city.serve()


@pytest.fixture
async def camat(office: Office, here: Server) -> Person:
    person = await office.camat(here)
    await person.ask("{ viewer { role } }")  # what a first request loads is not counted
    return person


async def talk(server: Server, *parts: bytes) -> bytes:
    """Send these parts as far as they are taken; what the server answers until it closes."""
    return await asyncio.to_thread(_talk, server.port, parts)


def _talk(port: int, parts: Sequence[bytes]) -> bytes:
    # In threads: an event loop's stream forgets what it has not read once a write has failed.
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as wire, ThreadPoolExecutor(1) as other:

        def send() -> None:
            with suppress(OSError):
                for part in parts:
                    wire.sendall(part)

        other.submit(send)
        with suppress(ConnectionError):
            while chunk := wire.recv(MIB):
                answer += chunk
        with suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)
    return answer


def head(person: Person, length: int) -> bytes:
    return (
        f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:{person.server.port}\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {person.token}\r\ncontent-length: {length}\r\n\r\n"
    ).encode()


async def test_a_hundred_megabytes_and_a_flood_of_headers_are_refused_and_leave_nothing(
    camat: Person, here: Server
) -> None:
    before = here.resident()
    answer = await talk(here, head(camat, 100 * MIB), *[b" " * MIB] * 100)  # until it is closed for being idle
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    flood = await talk(here, b"GET / HTTP/1.1\r\nhost: x\r\n", *[b"x-flood: " + b"a" * 1000 + b"\r\n"] * 5_000)
    assert flood.startswith(b"HTTP/1.1 431 ")
    assert here.resident() - before < 50 * MIB
    assert await here.is_alive()


async def test_bodies_that_trickle_in_keep_nobody_else_waiting(camat: Person, here: Server) -> None:
    slow = [await asyncio.open_connection("127.0.0.1", here.port) for _ in range(50)]
    for _, writer in slow:
        writer.write(head(camat, 1000) + b'{"query":')
    assert await camat.ask("{ viewer { role } }") == {"viewer": {"role": "HEAD"}}
    assert await here.is_well()
    for _, writer in slow:
        writer.close()


async def test_a_socket_that_floods_is_bounded(camat: Person, here: Server) -> None:
    before = here.resident()
    socket = await open_socket(camat)
    told: list[str] = []

    async def listen() -> None:
        async for message in socket:
            told.append(json.loads(message)["type"])  # noqa: PERF401  # others read the list meanwhile

    listening = asyncio.create_task(listen())
    for number in range(2, 1_000):
        subscribe = {"type": "subscribe", "id": str(number), "payload": {"query": "subscription { events { id } }"}}
        await socket.send(json.dumps(subscribe))
    await until(lambda: "error" in told)  # more at once than connection_ack allows
    assert here.resident() - before < 60 * MIB
    await until(lambda: is_cut_off(socket))
    with pytest.raises(ConnectionClosed):
        await listening
    assert await here.is_alive()
    assert await camat.ask("{ viewer { role } }") == {"viewer": {"role": "HEAD"}}


async def is_cut_off(socket: ClientConnection) -> bool:
    """Whether the server has closed it for a message of two megabytes, or does so for this one."""
    try:
        await socket.send(" " * (2 * MIB))
    except ConnectionClosed:
        return True
    return False


async def test_a_thousand_idle_sockets_come_and_go(city: City, here: Server) -> None:
    files = here.open_files()
    before = here.resident()
    for _ in range(10):
        sockets = await asyncio.gather(
            *(
                connect_socket(here.socket_url, subprotocols=["graphql-transport-ws"])  # type: ignore[list-item]  # a NewType of str
                for _ in range(100)
            )
        )
        assert await here.is_alive()
        await asyncio.gather(*(socket.close() for socket in sockets))
    await until(lambda: here.open_files() <= files + 10)
    assert here.resident() - before < 60 * MIB
    assert await here.is_well()
    assert not re.search(r"Traceback|ERROR", here.said()), here.said()
