"""Server-Sent Events: ids are cursors, Last-Event-ID resumes, and every end is one that a client understands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from server.database import Pool
from server.live.ends import End
from server.live.protocol import Operation
from server.rules.event import EventType
from tests.engine.events.made import until
from tests.engine.live.site import City, Person, Site, task_id
from tests.engine.live.test_changes import WATCH
from tests.engine.live.test_sockets import account_event


@pytest.fixture
async def site(database_url: str, pool: Pool) -> AsyncIterator[Site]:
    async with Site(database_url, pool).running() as made:
        yield made


@pytest.fixture
async def city(pool: Pool, site: Site) -> City:
    return await City(pool, site.wake).build()


class Listener:
    """The other end of one event stream."""

    def __init__(self, site: Site, person: Person, query: str = WATCH, last_id: str | None = None) -> None:
        site.people[str(person.sign_in_id)] = person
        headers = [(b"accept-language", b"en")] + ([(b"last-event-id", last_id.encode())] if last_id else [])
        scope = {"type": "http", "headers": headers}
        self.gone = asyncio.Event()
        self.body: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.text = ""
        self.is_over = False
        self.serving = asyncio.create_task(
            site.events(scope, self._receive, self.body.put, Operation(query, {}, may_change=True), person)  # type: ignore[arg-type]
        )

    async def _receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def block(self) -> str | None:
        """The next block of lines, comments left out; None at the end."""
        async with asyncio.timeout(10):
            while True:
                while "\n\n" not in self.text:
                    if self.is_over:
                        return None
                    message = await self.body.get()
                    self.text += message.get("body", b"").decode()
                    self.is_over = message["type"] == "http.response.body" and not message.get("more_body")
                block, self.text = self.text.split("\n\n", 1)
                if not block.startswith(":"):
                    return block

    async def change(self) -> tuple[str, dict[str, Any]]:
        block = await self.block()
        assert block is not None
        event, id_, data = block.split("\n")
        assert event == "event: next"
        return id_.removeprefix("id: "), orjson.loads(data.removeprefix("data: "))["data"]["taskChanged"]

    async def leave(self) -> None:
        self.gone.set()
        async with asyncio.timeout(5):
            await self.serving


async def joined(site: Site) -> None:
    await until(lambda: len(site.hub) == 1)


async def test_each_change_bears_its_cursor_as_id_and_the_last_id_resumes(site: Site, city: City) -> None:
    task = await city.task()
    await city.is_known_to(site)
    listener = Listener(site, city.outsider)
    start = await listener.body.get()
    assert (b"content-type", b"text/event-stream; charset=utf-8") in start["headers"]
    await joined(site)
    await city.change(task, progress=1)
    id_, change = await listener.change()
    assert id_ == change["cursor"]
    await listener.leave()
    assert len(site.hub) == len(site.streams) == 0
    await city.change(task, progress=2)
    again = Listener(site, city.outsider, last_id=id_)
    await city.change(task, progress=3)
    changes = [(await again.change())[1] for _ in range(2)]
    assert [change["changedFields"] for change in changes] == [["progress"], ["progress"]]
    assert changes[1]["node"]["id"] == task_id(task)
    assert "\r" not in again.text
    await again.leave()


async def test_an_idle_stream_is_kept_alive_by_comments(site: Site, city: City) -> None:
    listener = Listener(site, city.outsider)
    await listener.body.get()
    assert (await listener.body.get())["body"] == b":\n\n"
    await listener.leave()


async def test_a_query_is_answered_and_completed(site: Site, city: City) -> None:
    listener = Listener(site, city.outsider, "{ __typename }")
    assert '"__typename":"Query"' in (await listener.block() or "")
    assert await listener.block() == "event: complete\ndata:"
    assert await listener.block() is None


async def test_a_bad_operation_is_answered_with_its_errors_and_completed(site: Site, city: City) -> None:
    listener = Listener(site, city.outsider, "subscription { nothing }")
    assert "GRAPHQL_VALIDATION_FAILED" in (await listener.block() or "")
    assert await listener.block() == "event: complete\ndata:"


async def test_a_foreign_last_event_id_is_refused(site: Site, city: City) -> None:
    listener = Listener(site, city.outsider, last_id="nonsense")
    assert "BAD_USER_INPUT" in (await listener.block() or "")
    assert await listener.block() == "event: complete\ndata:"


async def test_on_shutdown_the_stream_completes(site: Site, city: City) -> None:
    listener = Listener(site, city.outsider)
    await joined(site)
    site.streams.finish_all(End.STOPPING)
    assert await listener.block() == "event: complete\ndata:"
    assert await listener.block() is None
    await listener.serving


async def test_a_revoked_sign_in_is_told_then_completed_at_once(site: Site, city: City) -> None:
    listener = Listener(site, city.outsider)
    await joined(site)
    site.tell(EventType.SIGNED_OUT_EVERYWHERE, city.outsider.viewer, {})
    await account_event(city, city.outsider, EventType.SIGNED_OUT_EVERYWHERE)
    block = await listener.block() or ""
    assert "UNAUTHENTICATED" in block
    assert "This sign-in has ended" in block
    assert await listener.block() == "event: complete\ndata:"
    assert await listener.block() is None


async def test_who_was_signed_out_while_the_request_was_read_gets_nothing(site: Site, city: City) -> None:
    listener = Listener(site, city.outsider)
    site.people.clear()
    block = await listener.block()
    assert "UNAUTHENTICATED" in (block or "")


async def test_a_new_role_breaks_the_stream_off_so_that_the_client_comes_back(site: Site, city: City) -> None:
    listener = Listener(site, city.outsider)
    await joined(site)
    site.tell(EventType.APPOINTMENT_ENDED, city.outsider.viewer, {})
    await account_event(city, city.outsider, EventType.APPOINTMENT_ENDED)
    assert await listener.block() is None
    await listener.serving
