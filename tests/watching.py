"""Those who follow: graphql-transport-ws and Server-Sent Events spoken to the ASGI application, without a network."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import orjson
from starlette.types import ASGIApp, Message

HOST = "kolaborasi.test"
# Until what a test waits for must have happened. Long, because the log's horizon is the cluster's: a transaction of
# another worker's test (a demo year being loaded) holds back what is told here.
SECONDS = 60.0


async def until(fact: Callable[[], object], seconds: float = SECONDS, what: str = "") -> None:
    """Wait until the fact holds, looking often; fails when it does not in time."""
    try:
        async with asyncio.timeout(seconds):
            while not fact():
                await asyncio.sleep(0.002)
    except TimeoutError:
        raise AssertionError(f"it did not happen in {seconds} s: {what or fact}") from None


class Refusal(Exception):
    """The server refuses the operation; `errors` are those of GraphQL."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors)
        self.errors = errors

    @property
    def code(self) -> str:
        code: str = self.errors[0]["extensions"]["code"]
        return code


class Wire(Protocol):
    """What a watcher is heard over."""

    @property
    def end(self) -> object | None: ...

    async def leave(self) -> None: ...


class Watcher:
    """One subscription: what it was told, in order. `next` and `take` give each value once; `told` keeps them all."""

    def __init__(self, wire: Wire, field: str) -> None:
        self.wire = wire
        self.field = field
        self.told: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] | None = None
        self.is_complete = False
        self.hears_all = False  # whatever is answered, errors among it, without a field of its own
        self.last: Mapping[str, Any] | None = None  # the whole answer that was heard last
        self.count = 0  # of answers
        self._new: deque[dict[str, Any]] = deque()

    def hear(self, answer: Mapping[str, Any]) -> None:
        """One answer of the server."""
        self.last = answer
        self.count += 1
        if self.hears_all:
            return
        if answer.get("errors"):
            self.errors = list(answer["errors"])
            return
        value = answer["data"][self.field]
        self.told.append(value)
        self._new.append(value)

    @property
    def is_ended(self) -> bool:
        return self.errors is not None or self.is_complete or self.wire.end is not None

    @property
    def waiting(self) -> list[dict[str, Any]]:
        """What was told and not taken yet."""
        return list(self._new)

    async def next(self, seconds: float = SECONDS) -> dict[str, Any]:
        """The next value. Raises Refusal when there is an error instead."""
        await until(lambda: self._new or self.is_ended, seconds, f"{self.field} tells something")
        if self._new:
            return self._new.popleft()
        if self.errors:
            raise Refusal(self.errors)
        raise AssertionError(f"{self.field} has ended: {self.wire.end}")

    async def take(self, count: int) -> list[dict[str, Any]]:
        """The next `count` values."""
        return [await self.next() for _ in range(count)]

    async def ended(self, seconds: float = SECONDS) -> None:
        """Wait until the server has ended it."""
        await until(lambda: self.is_ended, seconds, f"{self.field} ends")

    async def leave(self) -> None:
        """Want no more of it: closes its wire."""
        await self.wire.leave()


class Socket:
    """A WebSocket's other end. `end` is its close code and reason once the server has closed it."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] | None = None) -> None:
        self.to_server: asyncio.Queue[Message] = asyncio.Queue()
        self.end: tuple[int, str] | None = None
        self.is_acknowledged = False
        self.watchers: dict[str, Watcher] = {}
        given = {"host": HOST, **(headers or {})}
        scope = {
            "type": "websocket", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "ws",
            "path": "/graphql", "raw_path": b"/graphql", "root_path": "", "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "client": ("127.0.0.1", 4242), "server": (HOST, 80), "subprotocols": ["graphql-transport-ws"],
            "state": {}, "extensions": {},
        }  # fmt: skip
        self.to_server.put_nowait({"type": "websocket.connect"})
        self.serving = asyncio.ensure_future(app(scope, self.to_server.get, self._take))

    def say(self, **message: Any) -> None:
        self.to_server.put_nowait({"type": "websocket.receive", "text": orjson.dumps(message).decode()})

    async def sign_in(self, token: str, **payload: str) -> Socket:
        """connection_init with this access token; returns when it is acknowledged."""
        self.say(type="connection_init", payload={"authorization": f"Bearer {token}", **payload})
        await until(lambda: self.is_acknowledged or self.end, what="the socket is acknowledged")
        assert self.end is None, self.end
        return self

    def subscribe(self, field: str, query: str, variables: Mapping[str, Any]) -> Watcher:
        return self.start(field, query=query, variables=variables)

    def start(self, field: str, **payload: Any) -> Watcher:
        """Any operation, asked for in any way."""
        id_ = str(len(self.watchers) + 1)
        watcher = self.watchers[id_] = Watcher(self, field)
        self.say(type="subscribe", id=id_, payload=payload)
        return watcher

    async def leave(self) -> None:
        if self.end is None:
            self.end = (1000, "the client left")
        self.to_server.put_nowait({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(SECONDS):
            await self.serving

    async def _take(self, message: Message) -> None:
        if message["type"] == "websocket.close":
            self.end = (message["code"], message.get("reason") or "")
        elif message["type"] == "websocket.send":
            self._hear(orjson.loads(message["text"]))

    def _hear(self, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "connection_ack":
                self.is_acknowledged = True
            case "next":
                self.watchers[message["id"]].hear(message["payload"])
            case "error":
                self.watchers[message["id"]].errors = list(message["payload"])
            case "complete":
                self.watchers[message["id"]].is_complete = True


class EventStream:
    """One operation over Server-Sent Events. `last_id` is what a browser would resume with."""

    def __init__(
        self,
        app: ASGIApp,
        field: str,
        query: str | None,
        variables: Mapping[str, Any],
        headers: Mapping[str, str],
        **more: Any,
    ) -> None:
        self.end: str | None = None
        self.status = 0
        self.last_id: str | None = None
        self.body = b""
        self.watcher = Watcher(self, field)
        self._gone = asyncio.Event()
        self._rest = b""
        self._request: list[Message] = [
            {
                "type": "http.request",
                "body": orjson.dumps({"query": query, "variables": variables, **more}),
                "more_body": False,
            }
        ]
        given = {"host": HOST, "accept": "text/event-stream", "content-type": "application/json", **headers}
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": "POST",
            "path": "/graphql", "raw_path": b"/graphql", "root_path": "", "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "client": ("127.0.0.1", 4242), "server": (HOST, 80), "state": {}, "extensions": {},
        }  # fmt: skip
        self.serving = asyncio.ensure_future(app(scope, self._receive, self._take))

    async def leave(self) -> None:
        if self.end is None:
            self.end = "the client left"
        self._gone.set()
        async with asyncio.timeout(SECONDS):
            await self.serving

    async def _receive(self) -> Message:
        if self._request:
            return self._request.pop()
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        self.body += message.get("body", b"")
        *events, self._rest = (self._rest + message.get("body", b"")).split(b"\n\n")
        for event in events:
            self._hear(event.decode())
        if not message.get("more_body", False) and self.end is None:
            self.end = f"{self.status}: {self._rest.decode()}" if self._rest else "the server ended it"

    def _hear(self, event: str) -> None:
        lines = dict(line.split(": ", 1) for line in event.splitlines() if ": " in line)
        self.last_id = lines.get("id", self.last_id)
        if lines.get("event") == "next":
            self.watcher.hear(orjson.loads(lines["data"]))
        elif event.startswith("event: complete"):
            self.watcher.is_complete = True
