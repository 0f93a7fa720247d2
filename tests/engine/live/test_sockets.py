"""A socket's life: who is let in, what ends it, and with which code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from server.database import Pool
from server.events.position import Position
from server.live.ends import End
from server.models import Account
from server.rules.event import EventType
from server.rules.viewer import Role, Viewer
from tests.engine.events.made import until
from tests.engine.live.site import CLOCK, NOW, SEAL, City, Client, Person, Site
from tests.engine.live.test_changes import WATCH


@pytest.fixture
async def site(database_url: str, pool: Pool) -> AsyncIterator[Site]:
    async with Site(database_url, pool, init_seconds=0.5, heartbeat_seconds=1, send_seconds=0.3).running() as made:
        yield made


async def account_event(city: City, person: Person, type: EventType, **change: object) -> None:
    from server.actions.transaction import transaction

    async with transaction(city.pool, None, CLOCK, city.wake) as tx:
        row = await tx.lock(Account, person.account_id)
        facts = change.pop("facts", {})
        assert isinstance(facts, dict)
        await tx.change(row, change, type, **facts)


async def closed(client: Client) -> tuple[int, str]:
    async with asyncio.timeout(15):  # however often the server pings
        message = await client.hear()
        assert message["type"] == "close", message
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


async def test_nothing_is_started_on_a_socket_whose_sign_in_has_ended(site: Site, city: City) -> None:
    client = await Client(site).sign_in(city.outsider)
    (stream,) = site.streams.opened
    started: list[object] = []
    site.live.engine.execute = lambda *given, **_: started.append(given)  # type: ignore[assignment, method-assign]
    client.say(type="subscribe", id="1", payload={"query": "{ viewer { role } }"})
    stream.finish(End.REVOKED)  # before the message is taken; the closing comes after it
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

    monkeypatch.setattr(site.streams, "still", away)
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
    await until(lambda: site.reader.position > since and site.streams.recent)
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
        await until(lambda: site.reader.position > before and site.streams.recent)
        return city.outsider

    monkeypatch.setattr(site, "identify", revoked_meanwhile)
    client = Client(site)
    client.say(type="connection_init", payload={"authorization": "Bearer t"})
    assert (await closed(client))[0] == 4401


async def test_a_sign_in_that_runs_out_ends_with_4403_unless_it_was_prolonged(site: Site, city: City) -> None:
    soon = NOW + timedelta(minutes=1)
    ends, stays = Person(city.outsider.viewer, expires_at=soon), Person(city.staff.viewer, expires_at=soon)
    clients = [await Client(site).sign_in(each) for each in (ends, stays)]
    site.people[str(stays.sign_in_id)] = Person(stays.viewer, stays.sign_in_id)
    site.now = soon
    assert (await closed(clients[0]))[0] == 4403
    await clients[1].nothing_more()
    await clients[1].leave()


async def test_a_viewer_whose_office_began_by_date_is_asked_to_come_back(site: Site, city: City) -> None:
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
    position: Position = SEAL.open(message["reason"]).position
    assert first.position <= position < second.position


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
