"""Clients that take too much: messages by the thousand, and connections without end."""

from __future__ import annotations

import asyncio

import pytest

from server.live.websocket import BEFORE_OTHERS
from tests.engine.events.made import until
from tests.engine.live.site import City, Client, Site
from tests.engine.live.test_sockets import closed


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


async def test_who_has_too_many_streams_open_is_told_to_come_back_and_another_has_as_many(
    site: Site, city: City
) -> None:
    site.streams.most = 2
    open_ = [await Client(site).sign_in(city.outsider) for _ in range(2)]
    third = Client(site)
    site.people["t"] = city.outsider
    third.say(type="connection_init", payload={"authorization": "Bearer t"})
    # Those that a network fault cut off may still count: stock clients come back after 1013, and never after 1008.
    assert await closed(third) == (1013, "")
    await (await Client(site).sign_in(city.staff)).leave()
    await open_.pop().leave()
    await (await Client(site).sign_in(city.outsider)).leave()
    await open_.pop().leave()
    assert not site.streams.counts
