"""Refresh tokens: a lost answer and a second tab get the same one again, a copied one ends the family."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

import pytest

from tests.api.doors import ask, code, enter, exchange
from tests.api.doors import site as site
from tests.api.small_site import SmallSite
from tests.city import City
from tests.founding import PASSWORD

KEYS: list[dict[str, str]] = [{}, {"idempotencyKey": "a"}, {"idempotencyKey": "b"}]


async def first_token(site: SmallSite) -> str:
    token: str = (await enter(site, (await site.person()).login)).json()["refreshToken"]
    return token


async def test_a_lost_answer_is_given_again_for_a_minute(site: SmallSite) -> None:
    first = await first_token(site)
    lost = (await exchange(site, first)).json()
    site.moved = timedelta(seconds=59)
    again = (await exchange(site, first)).json()
    assert again["refreshToken"] == lost["refreshToken"] != first
    for tokens in (lost, again):
        assert (await ask(site, tokens["accessToken"])).status_code == 200
    assert (await exchange(site, again["refreshToken"])).status_code == 200


async def test_a_replay_after_that_minute_ends_the_family(site: SmallSite) -> None:
    first = await first_token(site)
    second = (await exchange(site, first)).json()
    site.moved = timedelta(seconds=61)
    replayed = await exchange(site, first)
    assert (replayed.status_code, code(replayed)) == (401, "UNAUTHENTICATED")
    assert (await exchange(site, second["refreshToken"])).status_code == 401
    site.identities.forget()  # what the log's reader does
    assert (await ask(site, second["accessToken"])).status_code == 401


async def test_the_minute_begins_with_the_first_exchange_and_not_with_each(site: SmallSite) -> None:
    first = await first_token(site)
    for seconds in (0, 40):
        site.moved = timedelta(seconds=seconds)
        assert (await exchange(site, first)).status_code == 200
    site.moved = timedelta(seconds=80)
    assert (await exchange(site, first)).status_code == 401


async def test_what_is_two_exchanges_old_is_a_replay_at_once(site: SmallSite) -> None:
    first = await first_token(site)
    second = (await exchange(site, first)).json()["refreshToken"]
    third = (await exchange(site, second)).json()["refreshToken"]
    assert (await exchange(site, first)).status_code == 401
    assert (await exchange(site, third)).status_code == 401


async def test_a_key_lets_a_lost_answer_be_asked_for_later_as_well(site: SmallSite) -> None:
    first = await first_token(site)
    lost = (await exchange(site, first, idempotencyKey="a")).json()["refreshToken"]
    site.moved = timedelta(hours=5)
    assert (await exchange(site, first, idempotencyKey="a")).json()["refreshToken"] == lost
    assert (await exchange(site, first, idempotencyKey="b")).status_code == 401
    assert (await exchange(site, lost)).status_code == 401


@pytest.mark.parametrize("seed", range(6))
async def test_whoever_comes_within_a_minute_and_in_whatever_order_gets_the_same_successor(
    site: SmallSite, seed: int
) -> None:
    chance = random.Random(seed)
    first, told = await first_token(site), set()
    for seconds in sorted(chance.sample(range(1, 60), 3)):
        together = [exchange(site, first, **chance.choice(KEYS)) for _ in range(chance.randrange(1, 4))]
        for answer in await asyncio.gather(*together):
            assert answer.status_code == 200, answer.text
            told.add(answer.json()["refreshToken"])
        site.moved = timedelta(seconds=seconds)
    (successor,) = told
    following = await exchange(site, successor, **chance.choice(KEYS))
    assert following.status_code == 200
    site.moved += timedelta(minutes=chance.randrange(2, 500))
    assert (await exchange(site, chance.choice([first, successor]))).status_code == 401
    assert (await exchange(site, following.json()["refreshToken"])).status_code == 401


async def test_two_tabs_at_two_processes_renew_at_once_and_stay_signed_in(city: City) -> None:
    async with city.process() as other:
        async with city.site.client() as client:
            given = {"login": "camat", "password": PASSWORD}
            token = (await client.post("/auth/sign-in", json=given)).json()["refreshToken"]
        for _ in range(3):
            async with city.site.client() as here, other.client() as there:
                body = {"refreshToken": token}
                tabs = [each.post("/auth/refresh", json=body) for each in (here, there, here, there)]
                answers = await asyncio.gather(*tabs)
            assert [answer.status_code for answer in answers] == [200] * 4
            (token,) = {answer.json()["refreshToken"] for answer in answers}
        ended = await city.rows("SELECT 1 FROM sign_in WHERE revoked_at IS NOT NULL")
        assert ended == []


async def test_no_refresh_token_and_no_key_is_kept(site: SmallSite) -> None:
    first = await first_token(site)
    second = (await exchange(site, first, idempotencyKey="sebuah-kunci")).json()["refreshToken"]
    async with site.pool.connection() as connection:
        kept = str(await connection.fetch("SELECT * FROM sign_in"))
    assert first not in kept
    assert second not in kept
    assert "sebuah-kunci" not in kept
