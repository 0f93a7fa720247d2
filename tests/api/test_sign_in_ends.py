"""A sign-in ends thirty days after it began, however often it is used, and its holder is warned."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.api.doors import ask, enter, exchange
from tests.api.doors import site as site
from tests.api.small_site import ORIGIN, SmallSite
from tests.city import City
from tests.person import Person
from tests.watching import until

DAYS = timedelta(days=30)
INBOX = """{ viewer { inbox { totalCount overdueCount pageInfo { endCursor }
  nodes { kind verb verbLabel dueAt isOverdue sentence subject { id } } } } }"""


async def use(site: SmallSite, page: httpx.Response) -> int:
    cookie = f"kolaborasi_session={page.cookies['kolaborasi_session']}"
    async with site.client(cookie=cookie, origin=ORIGIN) as client:
        return (await client.post("/graphql", json={"query": "{ viewer { role } }"})).status_code


async def test_a_family_of_refresh_tokens_ends_after_thirty_days_however_often_it_is_used(site: SmallSite) -> None:
    tokens = (await enter(site, (await site.person()).login)).json()
    for days in (10, 20, 29):
        site.moved = timedelta(days=days)
        tokens = (await exchange(site, tokens["refreshToken"])).json()
    site.moved = DAYS - timedelta(minutes=5)
    tokens = (await exchange(site, tokens["refreshToken"])).json()
    assert tokens["expiresIn"] == 300, "no access token is told to outlast its sign-in"
    assert (await ask(site, tokens["accessToken"])).status_code == 200
    site.moved = DAYS
    assert (await ask(site, tokens["accessToken"])).status_code == 401
    assert (await exchange(site, tokens["refreshToken"])).status_code == 401


async def test_a_pages_session_ends_after_thirty_days_however_often_it_is_used(site: SmallSite) -> None:
    page = await enter(site, (await site.person()).login, session=True)
    for hours in range(11, 30 * 24, 11):
        site.moved = timedelta(hours=hours)
        assert await use(site, page) == 200
    site.moved = DAYS - timedelta(seconds=1)
    assert await use(site, page) == 200
    site.moved = DAYS
    assert await use(site, page) == 401


async def inbox(person: Person, **more: Any) -> list[Any]:
    found = (await person.query(INBOX, **more))["viewer"]["inbox"]
    assert found["overdueCount"] == 0
    return list(found["nodes"])


async def test_who_is_signed_in_is_warned_two_days_before_and_nobody_else(city: City) -> None:
    before = len(await city.rows("SELECT id FROM sign_in"))
    async with city.process(sign_in_lifetime=DAYS) as site:
        phone = await city.sign_in("outsider", at=site)
        city.move(days=27, hours=23)
        assert await inbox(phone, at=site) == []
        desk = await city.sign_in("outsider", at=site)
        camat = await city.sign_in("camat", at=site)
        city.move(hours=1)
        (entry,) = await inbox(phone, at=site)
        assert entry["sentence"]
        assert entry["verbLabel"] not in ("", "signIn")
        assert entry == entry | {"kind": "SIGN_IN_ENDS", "verb": "SIGN_IN", "isOverdue": False, "subject": None}
        [begun] = await city.rows("SELECT created_at FROM sign_in ORDER BY created_at, id LIMIT 1 OFFSET $1", before)
        assert abs(datetime.fromisoformat(entry["dueAt"]) - begun["created_at"] - DAYS) <= timedelta(milliseconds=1)
        for other in (desk, camat):
            assert await inbox(other, at=site) == []
        again = await city.sign_in("outsider", at=site)
        assert await inbox(again, at=site) == [], "signing in again settles it"


async def test_a_stream_ends_with_its_sign_in_and_may_come_back(city: City) -> None:
    async with city.process(sign_in_lifetime=DAYS) as site:
        person = await city.sign_in("outsider", at=site)
        socket = await person.socket(at=site)
        city.move(days=29)
        await person.query("{ viewer { role } }", at=site)
        city.move(days=1)
        await until(lambda: socket.end is not None, what="the socket is closed")
        assert socket.end is not None
        assert socket.end[0] == 4403
