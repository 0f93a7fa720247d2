"""Server-Sent Events: ids are cursors, Last-Event-ID resumes, and every end is one that a client understands."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from server.live.ends import End
from server.live.framing import Events
from server.live.protocol import StreamedOperation
from server.query.documents.parameters import Parameters
from server.rules.event import EventType
from tests.engine.events.made import until
from tests.engine.live.site import SEAL, City, Person, Site, task_id
from tests.engine.live.test_changes import WATCH
from tests.engine.live.test_sockets import account_event


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
        operation = StreamedOperation(Parameters(query, {}), may_change=True)
        self.serving = asyncio.create_task(
            site.events(scope, self._receive, self.body.put, operation, person, Events())  # type: ignore[arg-type]
        )

    async def _receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def any_block(self) -> str | None:
        """The next block of lines, also one that no client dispatches; None at the end."""
        async with asyncio.timeout(10):
            while "\n\n" not in self.text:
                if self.is_over:
                    return None
                message = await self.body.get()
                self.text += message.get("body", b"").decode()
                self.is_over = message["type"] == "http.response.body" and not message.get("more_body")
        block, self.text = self.text.split("\n\n", 1)
        return block

    async def block(self) -> str | None:
        """The next event; None at the end."""
        while (block := await self.any_block()) is not None and not block.startswith("event: "):
            pass
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
    assert [change["changedFields"] for change in changes] == [["PROGRESS"], ["PROGRESS"]]
    assert changes[1]["node"]["id"] == task_id(task)
    assert "\r" not in again.text
    await again.leave()


async def test_a_stream_opens_with_a_comment_and_is_kept_alive_by_comments(site: Site, city: City) -> None:
    site.events.keep_alive_seconds = 3_600
    listener = Listener(site, city.outsider)
    assert await listener.any_block() == ":"
    await listener.leave()
    site.events.keep_alive_seconds = 0.01
    listener = Listener(site, city.outsider)
    told = [await listener.any_block() for _ in range(5)]
    assert told.count(":") == 4
    await listener.leave()


async def test_a_stream_says_from_where_it_watches_so_that_what_comes_before_the_first_change_is_not_lost(
    site: Site, city: City
) -> None:
    await city.task()
    await city.is_known_to(site)
    listener = Listener(site, city.outsider)
    async with asyncio.timeout(10):
        while not (block := await listener.any_block() or "").startswith("id: "):
            assert block == ":"
    assert SEAL.open(block.removeprefix("id: ")).position >= city.last
    await listener.leave()
    missed = await city.task("Dibuat saat aliran terputus")
    again = Listener(site, city.outsider, last_id=block.removeprefix("id: "))
    assert (await again.change())[1]["nodeId"] == task_id(missed)
    await again.leave()


async def test_a_query_is_answered_and_completed(site: Site, city: City) -> None:
    listener = Listener(site, city.outsider, "{ __typename }")
    assert '"__typename":"Query"' in (await listener.block() or "")
    assert await listener.block() == "event: complete\ndata:"
    assert await listener.block() is None


async def test_a_bad_operation_is_answered_with_its_errors_and_completed(site: Site, city: City) -> None:
    listener = Listener(site, city.outsider, "subscription { nothing }")
    assert "GRAPHQL_VALIDATION_FAILED" in (await listener.block() or "")
    assert await listener.block() == "event: complete\ndata:"


@pytest.mark.parametrize("wrong", ["the header", "the argument"])
async def test_a_foreign_last_event_id_is_refused_and_replaced_so_that_a_browser_comes_back_with_one_of_ours(
    site: Site, city: City, wrong: str
) -> None:
    is_header = wrong == "the header"
    query = WATCH if is_header else 'subscription { taskChanged(after: "nonsense") { nodeId } }'
    await city.task()
    await city.is_known_to(site)
    listener = Listener(site, city.outsider, query, last_id="nonsense" if is_header else None)
    _, id_, data = (await listener.block() or "").split("\n")
    assert "BAD_USER_INPUT" in data
    assert await listener.block() == "event: complete\ndata:"
    assert SEAL.open(id_.removeprefix("id: ")).position >= city.last
    missed = await city.task("Dibuat sebelum peramban kembali")
    again = Listener(site, city.outsider, query, last_id=id_.removeprefix("id: "))
    assert (await again.change())[1]["nodeId"] == task_id(missed)
    await again.leave()


async def test_an_error_that_is_not_about_the_last_event_id_keeps_it(site: Site, city: City) -> None:
    listener = Listener(site, city.outsider, "subscription { nothing }", last_id="nonsense")
    assert "id: " not in (await listener.block() or "id: ")


@pytest.mark.parametrize("end", list(End))
async def test_a_stream_that_the_server_ends_is_broken_off_unless_coming_back_is_of_no_use(
    site: Site, city: City, end: End
) -> None:
    listener = Listener(site, city.outsider)
    await joined(site)
    (stream,) = site.streams.opened
    stream.finish(end)
    if end is End.REVOKED:
        assert "UNAUTHENTICATED" in (await listener.block() or "")
        assert await listener.block() == "event: complete\ndata:"
    assert await listener.block() is None
    await listener.serving


async def test_who_comes_while_the_server_stops_is_broken_off_too(site: Site, city: City) -> None:
    site.streams.finish_all(End.STOPPING)
    listener = Listener(site, city.outsider)
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
