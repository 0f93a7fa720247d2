"""The database goes away under those who watch: they are told to come back, and miss nothing."""

from __future__ import annotations

import asyncio

import pytest
from asyncpg import InterfaceError, InternalClientError

from server.database import Pool, connect
from server.live import operation
from tests.engine.events.made import until
from tests.engine.live.site import NOW, SEAL, City, Client, Site, opened, task_id
from tests.engine.live.test_changes import WATCH
from tests.engine.live.test_sockets import closed

STATE = "cannot switch to state 11; another operation (2) is in progress"
CLOSED = "cannot call Transaction.rollback(): the underlying connection is closed"


async def test_when_the_database_goes_a_watcher_is_closed_with_1013_and_resumes(
    site: Site, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await city.task()
    await city.is_known_to(site)
    client = await Client(site).sign_in(city.outsider)
    await client.watch(WATCH)
    await city.change(task, progress=1)
    (seen,) = await client.changes(1)

    def unreachable(*_: object, **__: object) -> None:
        from server.database import DatabaseUnavailable

        raise DatabaseUnavailable("no")

    change = site.images.of

    async def then_gone(*given: object) -> object:
        found = await change(*given)  # type: ignore[arg-type]
        monkeypatch.setattr(site.pool, "connection", unreachable)
        return found

    monkeypatch.setattr(site.images, "of", then_gone)
    city.pool = Pool(site.pool.url, size=1)
    await city.change(task, progress=2)
    code, reason = await closed(client)
    monkeypatch.undo()
    assert code == 1013
    assert SEAL.open(reason).position >= SEAL.open(seen["cursor"]).position
    again = await Client(site).sign_in(city.outsider)
    await again.watch(WATCH, after=reason)
    (missed,) = await again.changes(1)
    assert (missed["nodeId"], missed["node"]["version"]) == (task_id(task), 3)
    await again.leave()
    await city.pool.close()


async def test_a_stream_lives_through_the_loss_of_every_connection(site: Site, city: City) -> None:
    task = await city.task()
    await city.is_known_to(site)
    client = await Client(site).sign_in(city.outsider)
    await client.watch(WATCH)
    await city.change(task, progress=1)
    await client.changes(1)
    killer = await connect(site.pool.url)
    await killer.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await killer.close()
    await asyncio.sleep(0)
    written = None
    while written is None:
        try:
            written = await city.change(task, progress=2)
        except Exception:
            await asyncio.sleep(0.01)
    message = await client.hear()
    if message["type"] == "close":  # it met a dead connection: told to come back, with the place
        assert message["code"] == 1013
        client = await Client(site).sign_in(city.outsider)
        await client.watch(WATCH, after=message["reason"])
        message = await client.hear()
    assert SEAL.open(message["payload"]["data"]["taskChanged"]["cursor"]).position == written.position
    await client.leave()


@pytest.mark.parametrize(
    "fault", [InternalClientError(STATE), InterfaceError(CLOSED), ConnectionResetError()], ids=repr
)
@pytest.mark.parametrize("when", ["before it watches", "in catching up", "in telling a change"])
async def test_whatever_says_that_the_database_is_away_ends_a_stream_so_that_its_client_comes_back(
    site: Site,
    city: City,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    when: str,
    fault: Exception,
) -> None:
    task = await city.task()
    await city.is_known_to(site)
    after = SEAL.close(city.last, NOW)
    change = await city.change(task, progress=1)
    await city.is_known_to(site)

    async def away(*_: object, **__: object) -> None:
        raise fault

    client = await Client(site).sign_in(city.outsider)
    place, name = {
        "before it watches": (operation, "watch_filter"),
        "in catching up": (site.reader, "read_after"),
        "in telling a change": (site.pool, "_take"),
    }[when]
    if when == "in telling a change":
        client.say(type="subscribe", id="1", payload={"query": WATCH})
        await until(lambda: len(site.hub) == 1)
        await client.changes(0)
        city.pool = Pool(site.pool.url, size=1)
        made = site.images.of

        async def then_gone(*given: object) -> object:
            found = await made(*given)  # type: ignore[arg-type]
            monkeypatch.setattr(place, name, away)
            return found

        monkeypatch.setattr(site.images, "of", then_gone)
        change = await city.change(task, progress=2)
        await city.pool.close()
    else:
        monkeypatch.setattr(place, name, away)
        client.say(type="subscribe", id="1", payload={"query": WATCH, "variables": {"after": after}})
    code, reason = await closed(client)
    assert code == 1013
    assert SEAL.open(reason).position < change.position
    assert not [record for record in caplog.records if record.exc_info], caplog.text
    monkeypatch.undo()
    again = await Client(site).sign_in(city.outsider)
    await again.watch(WATCH, after=reason)
    told = await again.changes(1)
    assert opened(told[0]) == change.position
    await again.leave()


async def test_a_query_on_a_socket_that_finds_the_database_away_gets_its_own_error_in_the_right_words(
    site: Site, city: City, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = await Client(site).sign_in(city.outsider, acceptLanguage="en")
    await client.watch(WATCH)

    def away(*_: object) -> None:
        raise InterfaceError(CLOSED)

    monkeypatch.setattr(site.pool, "connection", away)
    client.say(type="subscribe", id="2", payload={"query": "{ tasks { totalCount } }"})
    answer = await client.hear()
    assert answer["type"] == "next"
    (error,) = answer["payload"]["errors"]
    assert error["message"] == "The database cannot be reached; try again in a moment."
    assert error["extensions"]["retryAfter"] == 2
    assert await client.hear() == {"id": "2", "type": "complete"}
    assert not [record for record in caplog.records if record.exc_info], caplog.text
    monkeypatch.undo()
    await city.task()
    await client.changes(1)
    await client.leave()
