"""Memory follows what is alive: documents and sockets that came and went leave nothing behind."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
from itertools import count
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect as open_socket
from websockets.typing import Subprotocol

from tests.system.conftest import City, Office
from tests.system.people import TASKS, Person, new_key
from tests.system.processes import SECRET, Server, until

DOCUMENTS = 2_000
SOCKETS = 2_000
TIMES = 3
AT_ONCE = 100
MOST_GARBAGE = 10_000  # objects
MOST_GROWTH = 1.3

_numbers = count(1)


class Watched(Server):
    """A process that says how its garbage collector fares."""

    command = (sys.executable, str(Path(__file__).with_name("watched.py")))

    async def told(self, word: str, when: signal.Signals) -> int:
        """The number that it says after this word when it is sent this signal."""
        found = re.compile(rf"^{word}: (\d+)$", re.MULTILINE)
        before = len(found.findall(self.said()))
        self.process.send_signal(when)
        await until(lambda: len(found.findall(self.said())) > before, 60)
        return int(found.findall(self.said())[-1])

    async def garbage(self) -> int:
        return await self.told("garbage", signal.SIGUSR1)

    async def collections(self) -> int:
        return await self.told("collections", signal.SIGUSR2)

    async def has_collected(self, before: int) -> bool:
        return await self.collections() > before


async def ask_documents(person: Person, number: int) -> None:
    """So many documents that nobody has asked before, by turns a valid one and one that is refused."""
    fields = "id title status progress dueOn organisation { code name } " * 4
    async with httpx.AsyncClient(timeout=60) as client:
        for _ in range(number):
            fresh = next(_numbers)
            wrong = "" if fresh % 2 else "nope"
            source = f"query Q{fresh} {{ a{fresh}: tasks(first: 1) {{ nodes {{ {fields} }} }} {wrong} }}"
            answer = await client.post(f"{person.server.url}/graphql", json={"query": source}, headers=person.headers)
            assert ("errors" in answer.json()) is bool(wrong), answer.text


async def open_and_close(person: Person, office: Office, task: str, number: int) -> None:
    """So many sockets, a hundred at once: each subscribes, is told of one write, and closes."""
    for _ in range(0, number, AT_ONCE):
        there = asyncio.Barrier(AT_ONCE + 1)
        sockets = [asyncio.create_task(_one(person, office, there)) for _ in range(AT_ONCE)]
        await there.wait()
        progress = next(_numbers) % 99 + 1
        await person.do("reportProgress", "", taskId=task, progress=progress, idempotencyKey=new_key())
        await asyncio.gather(*sockets)


async def _one(person: Person, office: Office, there: asyncio.Barrier) -> None:
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


@pytest.mark.exhaustive
async def test_what_has_come_and_gone_leaves_neither_garbage_nor_memory(city: City, office: Office, logs: Path) -> None:
    server = Watched(
        logs / "watched.log", "serve", "--demo", "--port", "0", DATABASE_URL=city.url, KOLABORASI_SECRET=SECRET,
        KOLABORASI_DATA_DIR=str(logs), KOLABORASI_LOG_LEVEL="warning",
    )  # fmt: skip
    try:
        await server.ready()
        camat = await office.camat(server)
        made = await camat.do("createTask", "task { id }", organisationCode=office.code, title="Periksa pompa banjir")
        task = made["task"]["id"]
        await camat.do("startTask", "task { id }", taskId=task)
        # As many documents as are kept, and every way gone.
        await ask_documents(camat, 600)
        await open_and_close(camat, office, task, 300)
        warm = server.resident()
        grown = {"warm": 1.0}
        await ask_documents(camat, DOCUMENTS)
        grown["documents"] = server.resident() / warm
        for time in range(TIMES):
            await open_and_close(camat, office, task, SOCKETS)
            grown[f"sockets {time + 1}"] = server.resident() / warm
        collections = await server.collections()
        await until(lambda: server.has_collected(collections), 60)
        grown["at rest"] = server.resident() / warm
        garbage = await server.garbage()
        assert garbage < MOST_GARBAGE, grown
        assert max(grown.values()) < MOST_GROWTH, grown
    finally:
        server.kill()
