"""Accounts: made by an administrator, opened by a one-time link, ended at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx

from server.live.ends import End
from tests.city import City
from tests.person import Person

NEW = {"organisation": {"code": "DLH"}, "login": "rina", "name": "Rina Lubis", "role": "STAFF", "title": "Penyuluh"}
WORDS = "sungai deli yang jernih"


async def follow(city: City, link: str, password: str = WORDS) -> httpx.Response:
    """What the link's page does."""
    async with city.site.client() as client:
        return await client.post("/auth/password", json={"link": link.split("#")[1], "password": password})


async def link_for(city: City, account: str) -> str:
    link: str = (await city.admin.mutate("makePasswordLink", {"accountId": account}, "link account { id }"))["link"]
    return link


async def rina(city: City) -> Person:
    """A new account whose person has set a password and signed in."""
    account = (await city.admin.mutate("createAccount", NEW))["account"]["id"]
    assert (await follow(city, await link_for(city, account))).status_code == 200
    await city.settled()
    return await city.sign_in("rina", WORDS)


async def test_an_account_signs_in_once_its_person_has_followed_the_link(city: City) -> None:
    made = await city.admin.mutate("createAccount", NEW, "account { id login role isActive organisation { code } }")
    account = made["account"].pop("id")
    assert made["account"] == {"login": "rina", "role": "STAFF", "isActive": True, "organisation": {"code": "DLH"}}
    async with city.site.client() as client:
        early = await client.post("/auth/sign-in", json={"login": "rina", "password": WORDS})
    assert early.status_code == 401
    link = await link_for(city, account)
    assert link.startswith("/auth/password#klt_")
    assert (await follow(city, link)).json() == {"login": "rina"}
    person = await city.sign_in("rina", WORDS)
    assert person.id == account
    await city.task(person)
    assert (await follow(city, link)).status_code in (401, 403), "the link worked twice"


async def test_a_link_is_good_for_three_days_and_shown_only_once(city: City) -> None:
    account = (await city.admin.mutate("createAccount", NEW))["account"]["id"]
    given = {"accountId": account, "idempotencyKey": "tautan"}
    first = await city.admin.mutate("makePasswordLink", given, "link")
    again = await city.admin.mutate("makePasswordLink", given, "link")
    assert (again["link"], again["isReplay"]) == (None, True)
    city.now += timedelta(days=3, seconds=1)
    assert (await follow(city, first["link"])).status_code in (401, 403)
    assert (await follow(city, await link_for(city, account))).status_code == 200


async def test_only_administrators_make_accounts_and_links(city: City) -> None:
    for person in (city.mayor, city.camat, city.outsider):
        assert (await person.refused("createAccount", NEW))["code"] == "NOT_YOUR_ROLE"
        assert (await person.refused("makePasswordLink", {"accountId": city.camat.id}))["code"] == "NOT_YOUR_ROLE"
    assert (await city.admin.refused("createAccount", {**NEW, "login": "camat"}))["path"] == ["login"]


async def test_a_login_is_seen_by_its_owner_and_administrators_alone(city: City) -> None:
    """“Logins and sign-ins: the account itself and the administrators; case access: they, and those who handle cases;
    that of a case's person: those who handle that case (decision 27).”
    """
    query = "query($id: ID!) { account(by: {id: $id}) { login lastSignInAt } }"
    for person in (city.admin, city.camat):
        assert (await person.query(query, id=city.camat.id))["account"]["login"] == "camat"
    for person in (city.outsider, city.mayor, city.camat_staff):
        assert (await person.query(query, id=city.camat.id))["account"] == {"login": None, "lastSignInAt": None}
    found = await city.outsider.query('{ accounts(filter: {login: {eq: "camat"}}) { totalCount } }')
    assert found["accounts"]["totalCount"] == 0


async def test_disabling_ends_streams_and_sign_ins_at_once(city: City) -> None:
    person = await rina(city)
    socket = await person.socket()
    over_socket = await person.watch("taskChanged", on=socket)
    over_sse = await person.watch("events", over="sse")
    await city.admin.mutate("disableAccount", {"accountId": person.id})
    await over_socket.ended()
    await over_sse.ended()
    assert socket.end is not None
    assert socket.end[0] == End.REVOKED.code == 4401
    assert over_sse.errors is not None
    assert over_sse.errors[0]["extensions"]["code"] == "UNAUTHENTICATED"
    answer = await person.ask("{ viewer { role } }")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert (await city.admin.refused("makePasswordLink", {"accountId": person.id}))["code"] == "ACCOUNT_DISABLED"
    await city.admin.mutate("enableAccount", {"accountId": person.id})
    await city.task(await city.sign_in("rina", WORDS))


async def test_signing_out_everywhere_ends_every_sign_in_of_that_account_only(city: City) -> None:
    phone, desk = await rina(city), await city.sign_in("rina", WORDS)
    watcher = await phone.watch("taskChanged")
    other = await city.dlh.watch("taskChanged")
    assert (await city.dlh.refused("signOutEverywhere", {"accountId": desk.id}))["code"] == "NOT_YOUR_ROLE"
    await desk.mutate("signOutEverywhere", {"accountId": desk.id})
    await watcher.ended()
    for person in (phone, desk):
        answer = await person.ask("{ viewer { role } }")
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    await city.task(city.dlh)
    assert (await other.next())["kind"] == "CREATED"
    await city.sign_in("rina", WORDS)


async def test_signing_out_ends_this_sign_ins_streams_and_no_other(city: City) -> None:
    phone, desk = await rina(city), await city.sign_in("rina", WORDS)
    gone, stays = await phone.watch("taskChanged"), await desk.watch("taskChanged")
    async with city.site.client(**phone.headers) as client:
        assert (await client.post("/auth/sign-out")).status_code == 204
    await gone.ended()
    await city.task(city.dlh)
    assert (await stays.next())["kind"] == "CREATED"


async def test_a_sign_in_revoked_at_another_process_ends_streams_here(city: City) -> None:
    person = await rina(city)
    watcher = await person.watch("taskChanged")
    async with city.process() as other:
        await city.admin.mutate("signOutEverywhere", {"accountId": person.id}, at=other)
        await watcher.ended()
        answer = await person.ask("{ viewer { role } }")
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_password_set_before_the_sign_in_does_not_end_it_when_the_log_is_late(city: City) -> None:
    account = (await city.admin.mutate("createAccount", NEW))["account"]["id"]
    link = await link_for(city, account)
    await city.settled()
    async with city.pool.connection() as connection, connection.transaction():
        await connection.execute("SELECT pg_current_xact_id()")  # whoever writes for long holds the log back
        await follow(city, link)
        person = await city.sign_in("rina", WORDS)
        socket = await person.socket()
    await city.settled()
    assert socket.end is None


async def test_another_role_asks_the_streams_to_come_back(city: City) -> None:
    person = await rina(city)
    socket = await person.socket()
    watcher = await person.watch("taskChanged", on=socket)
    await city.admin.mutate("updateAccount", {"accountId": person.id, "role": "OBSERVER"})
    await watcher.ended()
    assert socket.end is not None
    assert socket.end[0] == 4403
    error = await person.refused("createTask", {"organisation": {"code": "DLH"}, "title": "Baru"})
    assert error["code"] in ("NOT_YOUR_ROLE", "NOT_YOUR_ORGANISATION")
    await person.watch("taskChanged")


async def test_the_last_administrator_stays_one(city: City) -> None:
    given: dict[str, Any] = {"accountId": city.admin.id}
    assert (await city.admin.refused("disableAccount", given))["code"] == "LAST_ADMINISTRATOR"
    error = await city.admin.refused("updateAccount", given | {"role": "STAFF"})
    assert (error["code"], error["path"]) == ("LAST_ADMINISTRATOR", ["role"])


async def test_two_administrators_who_step_down_at_once_leave_one(city: City) -> None:
    """“There is always one active administrator.”"""
    made = await city.admin.mutate("createAccount", {**NEW, "role": "ADMIN"})
    await follow(city, await link_for(city, made["account"]["id"]))
    other = await city.sign_in("rina", WORDS)
    for _ in range(5):
        done = await asyncio.gather(
            city.admin.attempt("updateAccount", {"accountId": city.admin.id, "role": "STAFF"}),
            other.attempt("updateAccount", {"accountId": other.id, "role": "STAFF"}),
        )
        assert sorted(len(each["errors"]) for each in done) == [0, 1]
        (left,) = await city.rows("SELECT login FROM account WHERE role = 'ADMIN' AND is_active")
        stays, went = (other, city.admin) if left["login"] == "rina" else (city.admin, other)
        await city.settled()
        await stays.mutate("updateAccount", {"accountId": went.id, "role": "ADMIN"})
        await city.settled()


async def test_no_secret_and_no_login_stands_in_the_log(city: City) -> None:
    person = await rina(city)
    await city.admin.mutate("updateAccount", {"accountId": person.id, "login": "rina.lubis", "name": "Rina L."})
    told = await city.rows(
        "SELECT type FROM event WHERE (changes::text || facts::text) ~ 'klt_|rina\\.lubis|argon2|password_hash'"
    )
    assert told == []
    secret = await city.outsider.query("{ events(last: 20) { nodes { type } } }")
    types = {each["type"] for each in secret["events"]["nodes"]}
    assert not types & {"PASSWORD_LINK_MADE", "PASSWORD_SET"}


async def test_ones_own_login_with_blanks_around_it_is_not_taken(city: City) -> None:
    given = {"accountId": city.camat.id, "login": " camat "}
    assert (await city.admin.mutate("updateAccount", given))["isUnchanged"]
    await city.admin.mutate("updateAccount", {**given, "title": "Camat"})
    assert await city.camat.query("{ viewer { role } }"), "the login is the same: nothing ends"
    given = {"accountId": city.camat.id, "login": " dlh "}
    assert (await city.admin.refused("updateAccount", given))["code"] == "ALREADY_EXISTS"
