"""A small city whose tasks change by hand, and one server process's live half over the real schema."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from uvicorn.protocols.utils import ClientDisconnected

from server import ids
from server.actions.transaction import Moment, transaction
from server.city.load import know_tables
from server.database import Pool
from server.events.log import Recorded
from server.events.position import START, Position, Seal
from server.events.reader import Reader
from server.events.wake import Wake
from server.ids import uuid7
from server.live.ends import SignIn, Stranger, Streams
from server.live.groups import Groups
from server.live.hub import Hub
from server.live.operation import Live, Outside
from server.live.row_images import RowImages
from server.live.sse import EventStreams
from server.live.watch import states, watches
from server.live.websocket import SocketEndpoint
from server.models import Account, Organisation, Task
from server.query.declare.fields import Context
from server.query.declare.tables import describe
from server.query.run.engine import Engine
from server.rules.city import CityFacts
from server.rules.event import EventType
from server.rules.organisation import OrganisationKind
from server.rules.viewer import Role, Viewer
from server.rules.workdays import Calendar
from server.text import Language
from tests.engine.asking import asking
from tests.engine.events.made import running, until

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SEAL = Seal(b"the secret of a test's installation, long")
MEDAN = CityFacts("12.71", "Medan", Calendar.of("Asia/Jakarta"), 10, (), date(2025, 2, 20), date(2030, 2, 20))
CLOCK = Moment(NOW, date(2026, 11, 23), MEDAN)


@dataclass(frozen=True)
class Person:
    """A signed-in person, as the sign-in's own room would find them."""

    viewer: Viewer
    sign_in_id: UUID = field(default_factory=uuid7)
    expires_at: datetime = NOW + timedelta(days=30)

    @property
    def account_id(self) -> UUID:
        return self.viewer.account_id


class City:
    """Two organisations with a person each, and tasks that change as verbs would change them."""

    def __init__(self, pool: Pool, wake: Wake) -> None:
        self.pool = pool
        self.wake = wake
        self.last = START

    async def build(self) -> City:
        know_tables()
        self.dlh = await self._organisation("DLH")
        self.johor = await self._organisation("JOHOR")
        self.staff = await self.person("staf", self.dlh, Role.STAFF)
        self.outsider = await self.person("pengamat", self.johor, Role.OBSERVER)
        return self

    async def task(self, title: str = "Angkut sampah", **columns: Any) -> Task:
        async with transaction(self.pool, self.staff.viewer, CLOCK, self.wake) as tx:
            task = Task(id=tx.new_id(), organisation_id=self.dlh.id, title=title, **columns)
            self.last = (await tx.create(task, EventType.TASK_CREATED)).position
        return task

    async def change(self, row: Any, event: EventType = EventType.TASK_UPDATED, **change: Any) -> Recorded:
        async with transaction(self.pool, self.staff.viewer, CLOCK, self.wake) as tx:
            facts = change.pop("facts", {})
            done = await tx.change(row, change, event, **facts)
        self.last = done.position
        return done

    async def is_known_to(self, site: Site) -> None:
        """Wait until that process has read all that was done."""
        await until(lambda: site.reader.position >= self.last)

    async def _organisation(self, name: str) -> Organisation:
        code = f"{name}-{uuid7().hex[-12:]}"
        async with transaction(self.pool, None, CLOCK, None) as tx:
            row = Organisation(
                id=tx.new_id(), kind=OrganisationKind.OPD, code=code, name=name, short_name=name,
                valid_from=date(2020, 1, 1),
            )  # fmt: skip
            await tx.create(row, EventType.ORGANISATION_CREATED)
        return row

    async def person(self, name: str, organisation: Organisation, role: Role) -> Person:
        login = f"{name}-{uuid7().hex[-12:]}"
        async with transaction(self.pool, None, CLOCK, None) as tx:
            row = Account(id=tx.new_id(), name=name, organisation_id=organisation.id, role=role, login=login)
            await tx.create(row, EventType.ACCOUNT_CREATED)
        return Person(Viewer(row.id, organisation.id, role))


class Site:
    """One process: reader, hub, socket and event streams."""

    def __init__(self, url: str, pool: Pool, **options: Any) -> None:
        from server import models, schema

        know_tables()
        self.pool, self.wake = pool, Wake(url)
        self.now = NOW
        self.people: dict[str, Person] = {}
        self.reader = Reader(url, pool, self.wake, poll=0.05)
        self.images = RowImages(pool)
        self.hub = Hub(self.reader, self.images)
        self.streams = Streams(self.reader, lambda: self.now, self._still, today=lambda: self.now.date())
        self.reader.consume_with(self.hub.consume)
        self.reader.consume_with(self.streams.consume)
        engine = Engine(schema.schema, describe(getattr(models, name) for name in models.__all__), pool)
        fields = schema.subscriptions
        self.identify = self._identify
        outside = Outside(lambda *given: self.identify(*given), self._still, self._context, self._language)
        self.groups = Groups(
            pool=pool, reader=self.reader, images=self.images, seal=SEAL, context=self._context, now=lambda: self.now
        )  # fmt: skip
        self.reader.consume_with(self.groups.consume)
        for consumer in (self.streams.consume, self.groups.consume_early):
            self.reader.hurry_with(consumer)
        states_ = states(fields)
        self.live = Live(self.hub, self.reader, SEAL, engine, watches(fields), states_, self.groups, outside)
        self.socket = SocketEndpoint(self.live, self.streams, **options)
        self.events = EventStreams(self.live, self.streams, keep_alive_seconds=0.2)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Site]:
        async with running(self.reader.run(), self.wake.run(), self.streams.run(0.02), self.groups.run()):
            await self.reader.started()
            yield self

    async def _identify(self, _scope: Any, authorization: str | None) -> SignIn:
        if (found := self.people.get((authorization or "").removeprefix("Bearer "))) is None:
            raise Stranger("bad_token" if authorization else "missing")
        return found

    async def _still(self, sign_in: Any) -> SignIn | None:
        return next((person for person in self.people.values() if person.sign_in_id == sign_in.sign_in_id), None)

    def tell(self, type: EventType, viewer: Viewer, change: Mapping[str, object]) -> None:
        """From now on this account's sign-ins are found as they are after such an event."""
        if type in (EventType.SIGNED_OUT_EVERYWHERE, EventType.PASSWORD_SET, EventType.ACCOUNT_DISABLED):
            self.people = {key: each for key, each in self.people.items() if each.account_id != viewer.account_id}
        elif "title" not in change:
            other = replace(viewer, role=Role.HEAD if viewer.role is not Role.HEAD else Role.STAFF)
            for key, each in self.people.items():
                if each.account_id == viewer.account_id:
                    self.people[key] = replace(each, viewer=other)

    def _context(self, sign_in: Any, language: Language, request_id: str) -> Context:
        clock = CLOCK._replace(now=self.now)
        return asking(self.pool, sign_in.viewer, clock, self.live.seal, language, request_id)

    def _language(self, header: str | None) -> Language:
        return "en" if header == "en" else "id"


class Client:
    """A WebSocket client at the ASGI application's other end."""

    def __init__(self, site: Site, *, subprotocols: tuple[str, ...] = ("graphql-transport-ws",)) -> None:
        self.site = site
        self.to_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.from_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.is_gone = False
        self.is_reading = asyncio.Event()
        self.is_reading.set()
        self.scope = {"type": "websocket", "subprotocols": list(subprotocols), "headers": [], "path": "/graphql"}
        self.to_server.put_nowait({"type": "websocket.connect"})
        self.serving = asyncio.create_task(site.socket(self.scope, self.to_server.get, self._take))

    def hang_up(self) -> None:
        """The connection is gone, which the server finds when it next writes."""
        self.is_gone = True

    async def _take(self, message: Any) -> None:
        await self.is_reading.wait()
        if self.is_gone:
            raise ClientDisconnected
        await self.from_server.put(message)

    def say(self, **message: Any) -> None:
        self.to_server.put_nowait({"type": "websocket.receive", "text": orjson.dumps(message).decode()})

    async def raw(self) -> dict[str, Any]:
        async with asyncio.timeout(10):
            return await self.from_server.get()

    async def hear(self) -> dict[str, Any]:
        """The next message, pings left out; a close as {"type": "close", …}."""
        while True:
            message = await self.raw()
            if message["type"] == "websocket.close":
                return {"type": "close", "code": message["code"], "reason": message.get("reason", "")}
            if message["type"] == "websocket.send":
                found: dict[str, Any] = orjson.loads(message["text"])
                if found["type"] != "ping":
                    return found

    async def sign_in(self, person: Person, **payload: Any) -> Client:
        token = str(person.sign_in_id)
        self.site.people[token] = person
        self.say(type="connection_init", payload={"authorization": f"Bearer {token}", **payload})
        assert (await self.hear())["type"] == "connection_ack"
        return self

    async def watch(self, query: str, id: str = "1", **variables: Any) -> None:
        """Subscribe, and wait until the watcher is among the live ones."""
        before = len(self.site.hub)
        self.say(type="subscribe", id=id, payload={"query": query, "variables": variables})
        async with asyncio.timeout(10):
            while len(self.site.hub) == before:
                await asyncio.sleep(0.002)

    async def changes(self, count: int) -> list[dict[str, Any]]:
        """The next answers' only field."""
        found = []
        for _ in range(count):
            message = await self.hear()
            assert message["type"] == "next", message
            assert "errors" not in message["payload"], message
            (value,) = message["payload"]["data"].values()
            found.append(value)
        return found

    async def nothing_more(self) -> None:
        """The server has nothing else to say: a later question is answered first."""
        self.say(type="subscribe", id="probe", payload={"query": "{ __typename }"})
        assert (await self.hear())["id"] == "probe"
        assert (await self.hear()) == {"id": "probe", "type": "complete"}

    async def leave(self) -> None:
        self.to_server.put_nowait({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(10):
            await self.serving


def task_id(task: Task) -> str:
    return ids.encode("task", task.id)


def opened(change: Mapping[str, Any]) -> Position:
    return SEAL.open(change["cursor"]).position
