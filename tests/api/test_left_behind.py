"""A connection that is closed is gone, without waiting for the garbage collector."""

from __future__ import annotations

import asyncio
import gc
import json
from collections import Counter
from typing import Any

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from websockets.asyncio.client import connect
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from server.background import collect
from server.database import Pool
from server.live.operation import RunningOperation
from server.live.watcher import Watcher
from server.web.limits import HttpProtocol
from server.web.socket import SocketProtocol
from tests.api.small_site import small_site
from tests.city import City
from tests.system.serving import serving
from tests.watching import until

MADE_FOR_A_CONNECTION = (HttpProtocol, RequestResponseCycle, SocketProtocol, ServerProtocol, RunningOperation, Watcher)


@pytest.fixture(autouse=True)
def nobody_collects(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application would look for garbage every second, and so find what a connection has left."""
    monkeypatch.setattr(collect, "EVERY", 1e6)


def there() -> Counter[type]:
    """How many objects there are of what is made for connections."""
    return Counter(type(each) for each in gc.get_objects() if type(each) in MADE_FOR_A_CONNECTION)


class Quiet:
    """A block in which no garbage is collected."""

    def __enter__(self) -> Quiet:
        gc.collect()
        self.before = there()
        gc.disable()
        return self

    def __exit__(self, *_: object) -> None:
        gc.enable()

    async def is_as_before(self) -> None:
        await until(lambda: there() <= self.before, what="what was made for connections is gone")


async def test_nothing_of_a_request_outlives_its_connection(pool: Pool) -> None:
    async with small_site(pool) as site, serving(site.app) as port:
        with Quiet() as quiet:
            for path in ("/healthz", "/nowhere", "/graphql"):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                request = f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode()
                writer.write(request)
                assert await reader.readline()
                writer.write(request + request)  # the second one waits for the first one's answer
                writer.close()
            await quiet.is_as_before()


@pytest.mark.parametrize("says_goodbye", [True, False])
async def test_nothing_of_a_subscription_outlives_its_socket(city: City, says_goodbye: bool) -> None:
    token = city.outsider.headers["authorization"]
    watch = {"query": "subscription { taskChanged { kind nodeId node { title } } }"}

    async def come_and_go(port: int) -> None:
        url = f"ws://127.0.0.1:{port}/graphql"
        async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
            await say(socket, type="connection_init", payload={"authorization": token})
            await socket.recv()
            await say(socket, type="subscribe", id="1", payload=watch)
            await say(socket, type="subscribe", id="2", payload={"query": "{ __typename }"})
            assert [json.loads(await socket.recv())["type"] for _ in range(2)] == ["next", "complete"]
            if not says_goodbye:
                socket.transport.abort()

    async with serving(city.site.app, ws=SocketProtocol) as port:
        with Quiet() as quiet:
            for _ in range(3):
                await come_and_go(port)
            await quiet.is_as_before()


async def say(socket: Any, **message: object) -> None:
    await socket.send(json.dumps(message))
