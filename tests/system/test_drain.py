"""SIGTERM: what is being done is finished, who watches is told to come back, and then everything is gone."""

from __future__ import annotations

import asyncio
import json
import time

import httpx
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_socket
from websockets.exceptions import ConnectionClosed

from server.database import connect, embedded
from server.ids import decode
from tests.system.conftest import City, Office, OwnCity
from tests.system.people import EVENTS, Person
from tests.system.processes import Server, until

METRICS = "a token of this test for metrics"


async def open_socket(person: Person, query: str = EVENTS) -> ClientConnection:
    """A bare signed-in socket with one operation, "1"."""
    socket = await connect_socket(person.server.socket_url, subprotocols=["graphql-transport-ws"])  # type: ignore[list-item]  # a NewType of str
    init = {"type": "connection_init", "payload": {"authorization": f"Bearer {person.token}"}}
    await socket.send(json.dumps(init))
    assert json.loads(await socket.recv())["type"] == "connection_ack"
    await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": query}}))
    return socket


async def close_code(socket: ClientConnection) -> int | None:
    """Read until the server closes."""
    try:
        async with asyncio.timeout(20):
            while True:
                await socket.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


async def read_stream(person: Person) -> str:
    """All that an event stream says until the server ends it."""
    headers = person.headers | {"accept": "text/event-stream"}
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(f"{person.server.url}/graphql", json={"query": EVENTS}, headers=headers)
    return answer.text


async def watchers(server: Server) -> int:
    async with httpx.AsyncClient() as client:
        token = {"authorization": f"Bearer {METRICS}"}
        lines = (await client.get(f"{server.url}/metrics", headers=token)).text.splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("kolaborasi_watchers ")))


async def test_a_process_that_is_stopped_finishes_and_says_goodbye(own_city: OwnCity) -> None:
    server = await own_city.serve(KOLABORASI_METRICS_TOKEN=METRICS)
    office = own_city.offices[0]
    camat = await office.camat(server)
    made = await camat.do("createTask", "task { id }", organisation={"code": office.code}, title="Angkut sampah")
    task = made["task"]["id"]
    socket = await open_socket(camat)
    streaming = asyncio.create_task(read_stream(camat))
    await until(lambda: has_watchers(server, 2))

    database = await asyncio.to_thread(embedded.start, own_city.postgres)
    holding = await connect(database.url)
    held = holding.transaction()
    await held.start()
    await holding.execute("SELECT FROM task WHERE id = $1 FOR UPDATE", decode(task)[1])
    starting = asyncio.create_task(camat.do("startTask", "task { status }", taskId=task))
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    await until(lambda: holding.fetchval(waiting))

    server.terminate()
    began = time.monotonic()
    assert await close_code(socket) == 1012
    assert (await streaming).startswith(":\n\n")
    assert "event: complete" not in await streaming  # which clients would take for the end
    await until(lambda: server_refuses(server))
    await held.rollback()
    assert (await starting)["task"] == {"status": "IN_PROGRESS"}
    await holding.close()
    database.lock.close()
    assert await server.ended() == 0
    assert time.monotonic() - began < 10
    assert not (own_city.postgres / "postmaster.pid").exists()


async def has_watchers(server: Server, count: int) -> bool:
    return await watchers(server) == count


async def server_refuses(server: Server) -> bool:
    """It takes no new connection."""
    return await server.status("/healthz") in (0, 503)


async def test_a_sign_out_ends_streams_and_token_at_another_process(
    city: City, office: Office, here: Server, there: Server
) -> None:
    camat = await office.camat(here)
    colleague = await office.camat(here)
    sockets = [await open_socket(each.at(there)) for each in (camat, colleague)]
    streaming = asyncio.create_task(read_stream(camat.at(there)))
    await camat.at(there).ask("{ viewer { role } }")
    await camat.sign_out()
    began = time.monotonic()
    assert await close_code(sockets[0]) == 4401
    assert "UNAUTHENTICATED" in await streaming
    await until(lambda: is_refused(camat.at(there)))
    assert time.monotonic() - began < 5  # a second and a little, on a busy machine
    assert await colleague.at(there).ask("{ viewer { role } }") == {"viewer": {"role": "HEAD"}}
    await sockets[1].close()


async def is_refused(person: Person) -> bool:
    return (await person.post("{ viewer { role } }")).status_code == 401
