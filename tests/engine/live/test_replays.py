"""Replays of the log: few at a time, a page after the other, and never in the way of what happens now."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeAlias

import pytest
from graphql import GraphQLError

from server.live import operation
from server.live.hub import PAGE
from server.live.turns import MOST
from server.query.declare.fields import Context
from server.query.run.result import Result, Subscribed
from server.rules.viewer import Role
from tests.engine.events.made import until
from tests.engine.live.site import NOW, SEAL, City, Client, Person, Site, opened
from tests.engine.live.test_changes import WATCH

CHANGES = 30
Deliver: TypeAlias = Callable[[Any], Awaitable[Result]]


class Held:
    """Every reading of a replay's page waits for `go_on`; how many have come to it is `waiting`."""

    def __init__(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = asyncio.Event()
        self.waiting = 0
        self._read: Callable[..., Awaitable[Any]] = site.reader.read_after
        monkeypatch.setattr(site.reader, "read_after", self._slow)

    async def _slow(self, *given: Any) -> Any:
        self.waiting += 1
        await self.go_on.wait()
        return await self._read(*given)


class Busy:
    """How many were at it at once: `most` of all, and of each account where that is known."""

    def __init__(self) -> None:
        self.now: Counter[object] = Counter()
        self.most: Counter[object] = Counter()

    async def during(self, work: Awaitable[Any], *whose: object) -> Any:
        for each in whose:
            self.now[each] += 1
            self.most[each] = max(self.most[each], self.now[each])
        try:
            await asyncio.sleep(0)  # whoever may begin meanwhile does
            return await work
        finally:
            self.now.subtract(whose)
            if asyncio.iscoroutine(work):
                work.close()  # cancelled before it began


@pytest.fixture
def busy(site: Site, monkeypatch: pytest.MonkeyPatch) -> Busy:
    """Watches the reading of pages and the telling of what they hold."""
    counted = Busy()
    read = site.reader.read_after

    async def counted_read(*given: Any) -> Any:
        return await counted.during(read(*given), "all")

    def counted_deliver(subscribed: Subscribed, context: Context) -> Deliver:
        return lambda value: counted.during(subscribed.deliver(value), "all", context.viewer.account_id)

    monkeypatch.setattr(site.reader, "read_after", counted_read)
    deliver_with(site, monkeypatch, counted_deliver)
    return counted


def deliver_with(
    site: Site, monkeypatch: pytest.MonkeyPatch, deliver: Callable[[Subscribed, Context], Deliver]
) -> None:
    """From now on whoever subscribes is told by what `deliver` makes."""
    subscription = site.live.engine.subscription

    async def subscribed(*given: Any) -> Subscribed | Result:
        made = await subscription(*given)
        return made if isinstance(made, Result) else replace(made, deliver=deliver(made, given[-1]))

    monkeypatch.setattr(site.live.engine, "subscription", subscribed)


def failed(code: str) -> Result:
    return Result(None, [GraphQLError("no", extensions={"code": code})])


async def changed(city: City, site: Site) -> str:
    """A cursor behind which a task was changed many times."""
    task = await city.task()
    after = SEAL.close(city.last, NOW)
    for progress in range(CHANGES):
        await city.change(task, progress=progress + 1)
    await city.is_known_to(site)
    return after


async def people(city: City, count: int) -> list[Person]:
    return [await city.person(f"orang-{number}", city.dlh, Role.STAFF) for number in range(count)]


async def test_replays_are_two_at_a_time_and_one_of_an_account(site: Site, city: City, busy: Busy) -> None:
    after = await changed(city, site)
    clients = [await Client(site).sign_in(person) for person in await people(city, 4)]
    for client in clients:
        for number in range(3):
            client.say(type="subscribe", id=str(number), payload={"query": WATCH, "variables": {"after": after}})
    for client in clients:
        assert len(await client.changes(3 * CHANGES)) == 3 * CHANGES
    assert busy.most.pop("all") == MOST
    assert set(busy.most.values()) == {1}
    for client in clients:
        await client.leave()


async def test_what_happens_now_does_not_wait_for_a_replay(
    site: Site, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await city.task()
    after = await changed(city, site)
    live = await Client(site).sign_in(city.outsider)
    await live.watch(WATCH)
    held = Held(site, monkeypatch)
    replaying = [await Client(site).sign_in(person) for person in await people(city, 5)]
    for client in replaying:
        client.say(type="subscribe", id="1", payload={"query": WATCH, "variables": {"after": after}})
    await until(lambda: held.waiting == MOST)
    await city.change(task, progress=5)
    await live.changes(1)
    assert held.waiting == MOST
    held.go_on.set()
    for client in replaying:
        await client.changes(CHANGES + 1)
        await client.leave()
    await live.leave()


async def test_who_leaves_while_waiting_for_a_turn_keeps_nobody_waiting(
    site: Site, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = await changed(city, site)
    held = Held(site, monkeypatch)
    clients = [await Client(site).sign_in(person) for person in await people(city, 4)]
    for client in clients:
        client.say(type="subscribe", id="1", payload={"query": WATCH, "variables": {"after": after}})
    await until(lambda: held.waiting == MOST)
    *gone, last = clients
    for client in gone:
        await client.leave()
    held.go_on.set()
    await last.changes(CHANGES)
    await last.leave()


async def test_a_replay_that_pauses_before_it_tries_again_keeps_nobody_waiting(
    site: Site, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = await changed(city, site)
    monkeypatch.setattr(operation, "DELIVERY_PAUSES", (3600.0,))
    tried = 0

    def failing(_: Subscribed, __: Context) -> Deliver:
        async def deliver(_: Any) -> Result:
            nonlocal tried
            tried += 1
            return failed("INTERNAL")

        return deliver

    replay = {"type": "subscribe", "id": "1", "payload": {"query": WATCH, "variables": {"after": after}}}
    pausing = [await Client(site).sign_in(person) for person in (city.outsider, *await people(city, MOST))]
    with monkeypatch.context() as during:
        deliver_with(site, during, failing)
        for client in pausing:
            client.say(**replay)
        await until(lambda: tried == len(pausing))
    other = await Client(site).sign_in(city.outsider)
    other.say(**replay)
    assert len(await other.changes(CHANGES)) == CHANGES
    for client in (other, *pausing):
        await client.leave()


@pytest.mark.parametrize(("code", "tries"), [("INTERNAL", 3), ("DEADLINE_EXCEEDED", 1)])
async def test_a_replayed_change_that_takes_too_long_is_not_tried_again_and_its_error_is_told(
    site: Site, city: City, monkeypatch: pytest.MonkeyPatch, code: str, tries: int
) -> None:
    after = await changed(city, site)
    monkeypatch.setattr(operation, "DELIVERY_PAUSES", (0.0, 0.0))
    tried: Counter[str] = Counter()

    def failing(_: Subscribed, __: Context) -> Deliver:
        async def deliver(value: Any) -> Result:
            tried[value.cursor] += 1
            return failed(code)

        return deliver

    deliver_with(site, monkeypatch, failing)
    client = await Client(site).sign_in(city.outsider)
    client.say(type="subscribe", id="1", payload={"query": WATCH, "variables": {"after": after}})
    for _ in range(CHANGES):
        told = await client.hear()
        assert (told["type"], told["payload"]["errors"][0]["extensions"]["code"]) == ("next", code)
    assert [*tried.values()] == [tries] * CHANGES
    await client.leave()


async def test_a_replay_is_read_in_pages(site: Site, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    after = await changed(city, site)
    asked = []
    read: Callable[..., Awaitable[Any]] = site.reader.read_after

    async def noted(first: Any, until: Any, limit: int) -> Any:
        asked.append(limit)
        return await read(first, until, 7)

    monkeypatch.setattr(site.reader, "read_after", noted)
    client = await Client(site).sign_in(city.outsider)
    client.say(type="subscribe", id="1", payload={"query": WATCH, "variables": {"after": after}})
    told = await client.changes(CHANGES)
    places = [opened(each) for each in told]
    assert places == sorted(set(places))
    await until(lambda: len(site.hub) == 1)
    assert set(asked) == {PAGE}
    assert len(asked) >= CHANGES // 7
    await client.leave()
