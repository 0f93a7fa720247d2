"""A socket's life: who is let in, what ends it, and with which code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from asyncpg import InterfaceError, InternalClientError

from server.database import Pool, connect
from server.events.position import Position
from server.live.ends import End
from server.live.websocket import BEFORE_OTHERS
from server.models import Account
from server.rules.event import EventType
from server.rules.viewer import Role, Viewer
from tests.engine.events.made import until
from tests.engine.live.site import CLOCK, NOW, SEAL, City, Client, Person, Site, opened, task_id
from tests.engine.live.test_changes import WATCH

STATE = "cannot switch to state 11; another operation (2) is in progress"
CLOSED = "cannot call Transaction.rollback(): the underlying connection is closed"


@pytest.fixture
async def site(database_url: str, pool: Pool) -> AsyncIterator[Site]:
    async with Site(database_url, pool, init_seconds=0.5, heartbeat_seconds=1, send_seconds=0.3).running() as made:
        yield made


@pytest.fixture
async def city(pool: Pool, site: Site) -> City:
    return await City(pool, site.wake).build()


async def account_event(city: City, person: Person, type: EventType, **change: object) -> None:
    from server.actions.transaction import transaction

    async with transaction(city.pool, None, CLOCK, city.wake) as tx:
        row = await tx.lock(Account, person.account_id)
        facts = change.pop("facts", {})
        assert isinstance(facts, dict)
        await tx.change(row, change, type, **facts)


async def closed(client: Client) -> tuple[int, str]:
    message = await client.hear()
    assert message["type"] == "close", message
    async with asyncio.timeout(5):
        await client.serving
    return message["code"], message["reason"]


async def test_another_subprotocol_is_closed_with_4406(site: Site) -> None:
    assert (await closed(Client(site, subprotocols=("graphql-ws",))))[0] == 4406


async def test_a_client_that_says_nothing_is_closed_with_4408(site: Site) -> None:
    assert (await closed(Client(site)))[0] == 4408


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (None, "Anda belum masuk: payload connection_init memuat authorization"),
        ({"authorization": "Bearer nobody"}, "Token ini tidak sah; payload connection_init memuat authorization"),
        ({"token": "x", "acceptLanguage": "en"}, "You are not signed in: the payload of connection_init takes"),
    ],
)
async def test_a_stranger_is_closed_with_4401_and_told_what_is_expected(
    site: Site, payload: dict[str, str] | None, words: str
) -> None:
    client = Client(site)
    client.say(type="connection_init", payload=payload)
    code, reason = await closed(client)
    assert code == 4401
    assert reason.startswith(words)
    assert len(site.streams) == 0


async def test_others_have_their_turn_while_one_socket_is_flooded(site: Site, city: City) -> None:
    client = await Client(site).sign_in(city.outsider)
    answered_before = []

    async def another() -> None:
        for _ in range(3):
            await asyncio.sleep(0)
            answered_before.append(client.from_server.qsize())

    for _ in range(1_000):
        client.say(type="ping")
    await another()
    assert max(answered_before) <= 3 * BEFORE_OTHERS
    await until(lambda: client.from_server.qsize() >= 1_000)
    await client.leave()


@pytest.mark.parametrize("is_signed_in", [False, True])
async def test_a_socket_that_is_flooded_is_closed_so_that_its_client_does_not_come_back(
    site: Site, city: City, is_signed_in: bool
) -> None:
    client = Client(site)
    if is_signed_in:
        await client.sign_in(city.outsider)
    for _ in range(5_000):
        client.say(type="pong")
    assert await closed(client) == (1008, "Too many messages")


async def test_an_account_may_have_only_so_many_streams_open_and_another_as_many(site: Site, city: City) -> None:
    site.streams._most = 2
    open_ = [await Client(site).sign_in(city.outsider) for _ in range(2)]
    third = Client(site)
    site.people["t"] = city.outsider
    third.say(type="connection_init", payload={"authorization": "Bearer t"})
    assert await closed(third) == (1008, "Too many open connections of this account")
    await (await Client(site).sign_in(city.staff)).leave()
    await open_.pop().leave()
    await (await Client(site).sign_in(city.outsider)).leave()
    await open_.pop().leave()
    assert not site.streams._counts


async def test_nothing_is_started_on_a_socket_whose_sign_in_has_ended(site: Site, city: City) -> None:
    client = await Client(site).sign_in(city.outsider)
    (stream,) = site.streams._open
    started: list[object] = []
    site.live.engine.execute = lambda *given, **_: started.append(given)  # type: ignore[assignment, method-assign]
    stream.finish(End.REVOKED)  # its closing waits for its turn
    client.say(type="subscribe", id="1", payload={"query": "{ viewer { role } }"})
    assert (await closed(client))[0] == 4401
    assert not started


async def test_a_client_that_goes_in_the_middle_of_its_answers_leaves_no_trace(
    site: Site, city: City, caplog: pytest.LogCaptureFixture
) -> None:
    client = await Client(site).sign_in(city.outsider)
    client.hang_up()
    for number in range(5):
        client.say(type="subscribe", id=str(number), payload={"query": "{ __typename }"})
    client.say(type="ping")
    await client.leave()
    assert not [record for record in caplog.records if record.exc_info], caplog.text


async def test_the_server_pings(site: Site, city: City) -> None:
    client = await Client(site).sign_in(city.outsider)
    assert (await client.raw())["text"] == '{"type":"ping"}'
    await client.leave()


async def test_a_binary_frame_is_closed_with_4400(site: Site, city: City) -> None:
    client = await Client(site).sign_in(city.outsider)
    client.to_server.put_nowait({"type": "websocket.receive", "bytes": b"\x00"})
    assert (await closed(client))[0] == 4400


@pytest.mark.parametrize(
    ("type", "change", "code"),
    [
        (EventType.SIGNED_OUT_EVERYWHERE, {}, 4401),
        (EventType.PASSWORD_SET, {}, 4401),
        (EventType.ACCOUNT_DISABLED, {"is_active": False}, 4401),
        (EventType.ACCOUNT_UPDATED, {"role": Role.STAFF}, 4403),
        (EventType.APPOINTMENT_MADE, {}, 4403),
        (EventType.ACCOUNT_UPDATED, {"title": "Lurah"}, None),
    ],
)
async def test_a_stream_ends_at_once_when_its_account_changes(
    site: Site, city: City, type: EventType, change: dict[str, object], code: int | None
) -> None:
    client, other = await Client(site).sign_in(city.outsider), await Client(site).sign_in(city.staff)
    await client.watch(WATCH)
    await other.watch(WATCH)
    site.tell(type, city.outsider.viewer, change)
    await account_event(city, city.outsider, type, **change)
    if code is not None:
        assert (await closed(client))[0] == code
    else:
        await city.task()
        await client.changes(1)
        await client.leave()
    await city.task()
    await other.changes(1)
    await other.leave()
    assert len(site.hub) == len(site.streams) == 0


async def test_an_event_that_left_the_sign_in_as_it_is_ends_nothing(site: Site, city: City) -> None:
    client = await Client(site).sign_in(city.outsider)
    for type in (EventType.SIGNED_OUT_EVERYWHERE, EventType.PASSWORD_SET, EventType.APPOINTMENT_MADE):
        await account_event(city, city.outsider, type)  # it is read late, or concerns another day
    await city.is_known_to(site)
    await client.nothing_more()
    await client.leave()


async def test_a_stream_whose_sign_in_cannot_be_looked_up_is_told_to_come_back(
    site: Site, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await Client(site).sign_in(city.outsider)

    async def away(_: object) -> None:
        raise OSError

    monkeypatch.setattr(site.streams, "_still", away)
    await account_event(city, city.outsider, EventType.SIGNED_OUT_EVERYWHERE)
    assert (await closed(client))[0] == 1013


async def test_signing_out_ends_the_streams_of_that_sign_in_only(site: Site, city: City) -> None:
    from server.ids import encode

    phone, wall = city.outsider, Person(city.outsider.viewer)
    clients = [await Client(site).sign_in(each) for each in (phone, wall)]
    facts = {"signInId": encode("signin", phone.sign_in_id)}
    del site.people[str(phone.sign_in_id)]
    await account_event(city, phone, EventType.SIGNED_OUT, facts=facts)
    assert (await closed(clients[0]))[0] == 4401
    await clients[1].nothing_more()
    await clients[1].leave()


async def test_a_sign_in_revoked_while_it_was_looked_up_opens_no_stream(site: Site, city: City) -> None:
    from server.live.ends import Stream

    since = site.reader.position
    await account_event(city, city.outsider, EventType.SIGNED_OUT_EVERYWHERE)
    await until(lambda: site.reader.position > since and site.streams._recent)
    stream: Stream = site.streams.open()
    await site.streams.identified(stream, city.outsider, since)
    assert stream.end is End.REVOKED
    later = site.streams.open()
    await site.streams.identified(later, city.outsider, site.reader.position)
    assert later.end is None
    site.streams.close(stream)
    site.streams.close(later)


async def test_a_socket_whose_sign_in_ends_while_it_is_looked_up_is_closed_with_its_code(
    site: Site, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.people["t"] = city.outsider

    async def revoked_meanwhile(*_: object) -> Person:
        before = site.reader.position
        site.people.clear()
        await account_event(city, city.outsider, EventType.SIGNED_OUT_EVERYWHERE)
        await until(lambda: site.reader.position > before and site.streams._recent)
        return city.outsider

    monkeypatch.setattr(site, "identify", revoked_meanwhile)
    client = Client(site)
    client.say(type="connection_init", payload={"authorization": "Bearer t"})
    assert (await closed(client))[0] == 4401


async def test_a_sign_in_that_runs_out_ends_with_4403_unless_it_was_prolonged(site: Site, city: City) -> None:
    ends, stays = Person(city.outsider.viewer, expires_at=NOW), Person(city.staff.viewer, expires_at=NOW)
    clients = [await Client(site).sign_in(each) for each in (ends, stays)]
    site.people[str(stays.sign_in_id)] = Person(stays.viewer, stays.sign_in_id)
    assert (await closed(clients[0]))[0] == 4403
    await clients[1].nothing_more()
    await clients[1].leave()


async def test_a_viewer_whose_office_began_by_date_is_asked_to_come_back(site: Site, city: City) -> None:
    from datetime import timedelta

    person = Person(city.outsider.viewer)
    client = await Client(site).sign_in(person)
    other = Viewer(person.account_id, city.dlh.id, Role.HEAD)
    site.people[str(person.sign_in_id)] = Person(other, person.sign_in_id)
    site.now = NOW + timedelta(days=1)
    assert (await closed(client))[0] == 4403


async def test_shutting_down_closes_with_1012_also_those_who_come_meanwhile(site: Site, city: City) -> None:
    client, fresh = await Client(site).sign_in(city.outsider), Client(site)
    await client.watch(WATCH)
    await fresh.raw()
    site.streams.finish_all(End.STOPPING)
    assert (await closed(client))[0] == 1012
    assert (await closed(fresh))[0] == 1012
    assert (await closed(Client(site)))[0] == 1012


async def test_a_client_that_takes_nothing_is_closed_with_1013_and_the_cursor_to_go_on_from(
    site: Site, city: City
) -> None:
    task = await city.task()
    await city.is_known_to(site)
    client = await Client(site).sign_in(city.outsider)
    await client.watch(WATCH)
    first = await city.change(task, progress=1)
    await client.changes(1)
    client.is_reading.clear()
    second = await city.change(task, progress=2)
    await until(lambda: len(site.hub) == 0)
    client.is_reading.set()
    messages = []
    while (message := await client.hear())["type"] != "close":
        messages.append(message)
    assert message["code"] == 1013
    position: Position = SEAL.open(message["reason"])
    assert first.position <= position < second.position


async def test_when_the_database_goes_a_watcher_is_closed_with_1013_and_resumes(
    site: Site, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await city.task()
    await city.is_known_to(site)
    client = await Client(site).sign_in(city.outsider)
    await client.watch(WATCH)
    await city.change(task, progress=1)
    (seen,) = await client.changes(1)

    async def unreachable(*_: object, **__: object) -> None:
        from server.database import DatabaseUnavailable

        raise DatabaseUnavailable("no")

    change = site.images.of

    async def then_gone(*given: object) -> object:
        found = await change(*given)  # type: ignore[arg-type]
        monkeypatch.setattr(site.pool, "_take", unreachable)
        return found

    monkeypatch.setattr(site.images, "of", then_gone)
    city.pool = Pool(site.pool.url, size=1)
    await city.change(task, progress=2)
    code, reason = await closed(client)
    monkeypatch.undo()
    assert code == 1013
    assert SEAL.open(reason) >= SEAL.open(seen["cursor"])
    again = await Client(site).sign_in(city.outsider)
    await again.watch(WATCH, after=reason)
    (missed,) = await again.changes(1)
    assert (missed["id"], missed["node"]["version"]) == (task_id(task), 3)
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
    assert SEAL.open(message["payload"]["data"]["taskChanged"]["cursor"]) == written.position
    await client.leave()


async def test_queries_run_over_the_socket_and_too_many_operations_are_refused_one_by_one(
    site: Site, city: City
) -> None:
    site.socket.max_operations = 2
    client = await Client(site).sign_in(city.outsider, acceptLanguage="en")
    await client.watch(WATCH, id="1")
    await client.watch(WATCH, id="2")
    client.say(type="subscribe", id="3", payload={"query": "{ __typename }"})
    refused = await client.hear()
    assert refused["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert "Too many operations" in refused["payload"][0]["message"]
    client.say(type="complete", id="2")
    await until(lambda: len(site.hub) == 1)
    client.say(type="subscribe", id="2", payload={"query": "{ __typename }"})
    answer = await client.hear()
    assert answer["payload"]["data"] == {"__typename": "Query"}
    assert await client.hear() == {"id": "2", "type": "complete"}
    await client.leave()
    assert len(site.hub) == len(site.streams) == 0


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
    after = SEAL.close(city.last)
    change = await city.change(task, progress=1)
    await city.is_known_to(site)

    async def away(*_: object, **__: object) -> None:
        raise fault

    client = await Client(site).sign_in(city.outsider)
    place, name = {
        "before it watches": (site.live.engine, "watch_filter"),
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
    assert SEAL.open(reason) < change.position
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

    async def away(*_: object) -> None:
        raise InterfaceError(CLOSED)

    monkeypatch.setattr(site.pool, "_take", away)
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
