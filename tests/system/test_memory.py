"""Memory follows what is alive: documents and sockets that came and went leave nothing behind."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from websockets.asyncio.client import connect as open_socket
from websockets.typing import Subprotocol

from tests.system.conftest import City, Office
from tests.system.people import TASKS, Person, new_key
from tests.system.processes import SECRET, Server, until

DOCUMENTS = 1_000
SOCKETS = 1_000
TIMES = 3
AT_ONCE = 100
MOST_GROWTH = 1.3
# Objects that only the garbage collector can free, for each document and each socket.
MOST_OF_A_DOCUMENT = 850
MOST_OF_A_SOCKET = 130

S = TypeVar("S", bound=Server)

_numbers = count(1)


class Watched(Server):
    """A process whose garbage nobody collects, and which tells how much it is."""

    command = (sys.executable, str(Path(__file__).with_name("watched.py")))

    async def garbage(self) -> tuple[int, int]:
        """Objects in cycles that nothing uses, since it was last asked; and those made for a connection among them."""
        found = re.compile(r"^garbage: (\d+) (\d+)$", re.MULTILINE)
        before = len(found.findall(self.said()))
        self.process.send_signal(signal.SIGUSR1)
        await until(lambda: len(found.findall(self.said())) > before, 60)
        count, of_connections = found.findall(self.said())[-1]
        return int(count), int(of_connections)


async def ask_documents(person: Person, number: int, times: int = 4) -> None:
    """So many documents that nobody has asked before, by turns a valid one and one that is refused; each names its
    fields so many times."""
    fields = "id title status progress dueOn organisation { code name } " * times
    async with httpx.AsyncClient(timeout=60) as client:
        for _ in range(number):
            fresh = next(_numbers)
            wrong = "" if fresh % 2 else "nope"
            source = f"query Q{fresh} {{ a{fresh}: tasks(first: 1) {{ nodes {{ {fields} }} }} {wrong} }}"
            answer = await client.post(f"{person.server.url}/graphql", json={"query": source}, headers=person.headers)
            assert ("errors" in answer.json()) is bool(wrong), answer.text


async def open_and_close(person: Person, office: Office, task: str, number: int) -> None:
    """So many sockets, a hundred at once: each subscribes, is told of one write, and closes, or every other one is cut
    off."""
    for _ in range(0, number, AT_ONCE):
        there = asyncio.Barrier(AT_ONCE + 1)
        sockets = [asyncio.create_task(_one(person, office, there, each % 2 == 0)) for each in range(AT_ONCE)]
        await there.wait()
        progress = next(_numbers) % 99 + 1
        await person.do("reportProgress", "", taskId=task, progress=progress, idempotencyKey=new_key())
        await asyncio.gather(*sockets)


async def _one(person: Person, office: Office, there: asyncio.Barrier, says_goodbye: bool) -> None:
    async with open_socket(
        person.server.socket_url, subprotocols=[Subprotocol("graphql-transport-ws")], compression=None, open_timeout=60
    ) as socket:
        init = {"type": "connection_init", "payload": {"authorization": f"Bearer {person.token}"}}
        await socket.send(json.dumps(init))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        watch = {"query": TASKS, "variables": {"code": office.code}}
        await socket.send(json.dumps({"type": "subscribe", "id": "watch", "payload": watch}))
        # A socket's messages are taken in their order: once this one is answered, the other one watches.
        await socket.send(json.dumps({"type": "subscribe", "id": "ask", "payload": {"query": "{ __typename }"}}))
        assert [json.loads(await socket.recv())["type"] for _ in range(2)] == ["next", "complete"]
        await there.wait()
        told = json.loads(await socket.recv())
        assert told["id"] == "watch", told
        assert told["payload"]["data"]["taskChanged"]["kind"] in ("UPDATED", "CREATED"), told
        if not says_goodbye:
            socket.transport.abort()


@asynccontextmanager
async def started(kind: type[S], city: City, logs: Path) -> AsyncIterator[S]:
    """A process of this kind that serves the city."""
    server = kind(
        logs / f"{kind.__name__.lower()}.log", "serve", "--demo", "--port", "0", DATABASE_URL=city.url,
        KOLABORASI_SECRET=SECRET, KOLABORASI_DATA_DIR=str(logs), KOLABORASI_LOG_LEVEL="warning",
    )  # fmt: skip
    try:
        await server.ready()
        yield server
    finally:
        server.kill()


async def begun_task(camat: Person, office: Office) -> str:
    made = await camat.do("createTask", "task { id }", organisation={"code": office.code}, title="Periksa pompa banjir")
    task: str = made["task"]["id"]
    await camat.do("startTask", "task { id }", taskId=task)
    return task


@pytest.mark.exhaustive
async def test_what_has_come_and_gone_leaves_no_memory(city: City, office: Office, logs: Path) -> None:
    async with started(Server, city, logs) as server:
        camat = await office.camat(server)
        task = await begun_task(camat, office)
        # As many documents as are kept, and every way gone.
        await ask_documents(camat, 600)
        await open_and_close(camat, office, task, 300)
        warm = server.resident()
        await ask_documents(camat, DOCUMENTS)
        grown = {"documents": server.resident() / warm}
        for time in range(TIMES):
            await open_and_close(camat, office, task, SOCKETS)
            grown[f"sockets {time + 1}"] = server.resident() / warm
        assert max(grown.values()) < MOST_GROWTH, grown


@pytest.mark.exhaustive
async def test_what_has_come_and_gone_leaves_little_to_the_garbage_collector(
    city: City, office: Office, logs: Path
) -> None:
    async with started(Watched, city, logs) as server:
        camat = await office.camat(server)
        task = await begun_task(camat, office)
        await ask_documents(camat, 130, times=40)  # more than are kept: each new one has an old one go
        await open_and_close(camat, office, task, 100)
        await server.garbage()
        await ask_documents(camat, 60, times=40)
        of_documents, _ = await server.garbage()
        assert of_documents / 60 < MOST_OF_A_DOCUMENT
        await open_and_close(camat, office, task, 300)
        # Nearly all of it is graphql-core's, of the answers: what the connections leave would be lost in it.
        of_sockets, of_connections = await server.garbage()
        assert of_sockets / 300 < MOST_OF_A_SOCKET
        assert of_connections == 0
