"""Signing in and out as people and their programs do it."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from server.actions import sign_in_attempts as attempts
from server.actions.transaction import transaction
from server.auth.tokens import TokenKind, fresh
from server.database import Pool
from server.ids import uuid7
from server.models import Account, SignIn
from server.rules.event import EventType
from server.rules.viewer import Role
from server.web import identity
from server.web.origin import Names
from tests.api.doors import ask, code, enter, exchange
from tests.api.doors import site as site
from tests.api.small_site import ORIGIN, PASSWORD, SmallSite, small_site

QUERY = {"query": "{ viewer { role } }"}


async def test_a_person_signs_in_and_is_known_by_the_token(site: SmallSite) -> None:
    person = await site.person()
    answer = await enter(site, person.login.upper())
    assert answer.status_code == 200
    assert set(answer.json()) == {"accessToken", "refreshToken", "expiresIn", "account"}
    assert answer.json()["expiresIn"] == 900
    assert answer.json()["account"]["login"] == person.login
    assert "set-cookie" not in answer.headers
    seen = await ask(site, answer.json()["accessToken"])
    assert seen.json()["data"]["viewer"]["account"] == str(person.id)


async def test_a_sign_in_is_remembered_on_the_account_without_an_event(site: SmallSite) -> None:
    person = await site.person()
    await enter(site, person.login)
    async with transaction(site.pool, None, site.moment(), None) as tx:
        assert (await tx.get(Account, person.id)).last_sign_in_at == site.moment().now
    assert await site.events(person.id) == ["ACCOUNT_CREATED"]


async def test_wrong_password_unknown_login_and_disabled_account_look_the_same(site: SmallSite) -> None:
    person, disabled = await site.person(), await site.person()
    await site.change(disabled, EventType.ACCOUNT_DISABLED, is_active=False)
    answers = [
        await enter(site, person.login, "wrong"),
        await enter(site, "nobody-at-all", "wrong"),
        await enter(site, disabled.login),
    ]
    bodies = [{**answer.json(), "requestId": ""} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert code(answers[0]) == "UNAUTHENTICATED"


async def test_after_ten_failures_even_the_right_password_waits(site: SmallSite) -> None:
    person, other = await site.person(), await site.person()
    for _ in range(10):
        assert (await enter(site, person.login, "wrong")).status_code == 401
    answer = await enter(site, person.login)
    assert (answer.status_code, code(answer)) == (429, "RATE_LIMITED")
    assert 0 < answer.json()["retryAfter"] <= 901
    assert answer.headers["retry-after"] == str(answer.json()["retryAfter"])
    assert (await enter(site, other.login)).status_code == 200
    site.moved = timedelta(minutes=16)
    assert (await enter(site, person.login)).status_code == 200


async def test_guesses_that_arrive_together_do_not_pass_the_limit(site: SmallSite) -> None:
    person = await site.person()
    answers = await asyncio.gather(*(enter(site, person.login, f"guess {number}") for number in range(16)))
    assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 6


async def test_a_success_forgets_the_failures_before_it(site: SmallSite) -> None:
    person = await site.person()
    for _ in range(2):
        for _ in range(9):
            await enter(site, person.login, "wrong")
        assert (await enter(site, person.login)).status_code == 200


async def test_an_address_that_fails_for_many_logins_waits(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "ADDRESS_FAILURES", 5)
    for number in range(5):
        assert (await enter(site, f"nobody-{number}", "wrong")).status_code == 401
    assert (await enter(site, "nobody-else", "wrong")).status_code == 429


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"password": "x"}, ["login"]),
        ({"login": "x"}, ["password"]),
        ({"login": 7, "password": "x"}, ["login"]),
        ({"login": "x\0", "password": "x"}, ["login"]),
        ({"login": "x" * 101, "password": "x"}, ["login"]),
        ({"login": "x", "password": "x" * 201}, ["password"]),
        ({"login": "x", "password": "x", "session": "yes"}, ["session"]),
    ],
)
async def test_a_malformed_sign_in_names_the_field(site: SmallSite, body: dict[str, Any], path: list[str]) -> None:
    async with site.client() as client:
        answer = await client.post("/auth/sign-in", json=body)
    assert (answer.status_code, code(answer), answer.json()["path"]) == (400, "BAD_USER_INPUT", path)
    assert answer.json()["constraint"]


async def test_an_access_token_runs_out_and_is_renewed(site: SmallSite) -> None:
    first = (await enter(site, (await site.person()).login)).json()
    site.moved = timedelta(minutes=15, seconds=1)
    late = await ask(site, first["accessToken"])
    assert (late.status_code, code(late)) == (401, "UNAUTHENTICATED")
    second = (await exchange(site, first["refreshToken"])).json()
    assert second["refreshToken"] != first["refreshToken"]
    assert (await ask(site, second["accessToken"])).status_code == 200


async def test_a_replayed_refresh_token_ends_its_family(site: SmallSite) -> None:
    person = await site.person()
    first = (await enter(site, person.login)).json()
    elsewhere = (await enter(site, person.login)).json()
    second = (await exchange(site, first["refreshToken"])).json()
    site.moved = timedelta(minutes=2)
    replayed = await exchange(site, first["refreshToken"])
    assert (replayed.status_code, code(replayed)) == (401, "UNAUTHENTICATED")
    assert (await exchange(site, second["refreshToken"])).status_code == 401
    site.identities.forget()  # what the log's reader does
    assert (await ask(site, second["accessToken"])).status_code == 401
    assert (await ask(site, elsewhere["accessToken"])).status_code == 200
    assert (await site.events(person.id))[-1] == "SIGNED_OUT"


async def test_a_refresh_whose_answer_was_lost_is_repeated_under_its_key(site: SmallSite) -> None:
    first = (await enter(site, (await site.person()).login)).json()
    lost = (await exchange(site, first["refreshToken"], idempotencyKey="a")).json()
    again = await exchange(site, first["refreshToken"], idempotencyKey="a")
    assert again.json()["refreshToken"] == lost["refreshToken"]
    third = (await exchange(site, lost["refreshToken"])).json()
    assert (await exchange(site, first["refreshToken"], idempotencyKey="a")).status_code == 401
    assert (await exchange(site, third["refreshToken"])).status_code == 401


async def test_another_key_is_a_replay(site: SmallSite) -> None:
    first = (await enter(site, (await site.person()).login)).json()
    await exchange(site, first["refreshToken"], idempotencyKey="a")
    site.moved = timedelta(minutes=2)
    assert (await exchange(site, first["refreshToken"], idempotencyKey="b")).status_code == 401


@pytest.mark.parametrize("token", ["", "krt_", "krt_AAAA", "x" * 300, "krt_" + "A" * 108, "krt_é"])
async def test_a_made_up_refresh_token_is_refused(site: SmallSite, token: str) -> None:
    assert (await exchange(site, token)).status_code in (400, 401)


async def test_tokens_of_one_kind_do_not_pass_for_another(site: SmallSite) -> None:
    tokens = (await enter(site, (await site.person()).login)).json()
    assert (await ask(site, tokens["refreshToken"])).status_code == 401
    assert (await exchange(site, tokens["accessToken"])).status_code == 401
    async with site.client(cookie=f"kolaborasi_session={tokens['refreshToken']}", origin=ORIGIN) as client:
        assert (await client.post("/graphql", json=QUERY)).status_code == 401


async def test_signing_out_ends_this_sign_in_alone(site: SmallSite) -> None:
    person = await site.person()
    here, there = (await enter(site, person.login)).json(), (await enter(site, person.login)).json()
    async with site.client(authorization=f"Bearer {here['accessToken']}") as client:
        assert (await client.post("/auth/sign-out")).status_code == 204
    assert (await ask(site, here["accessToken"])).status_code == 401
    assert (await exchange(site, here["refreshToken"])).status_code == 401
    assert (await ask(site, there["accessToken"])).status_code == 200
    assert (await site.events(person.id))[-1] == "SIGNED_OUT"


async def test_signing_out_everywhere_ends_every_sign_in(site: SmallSite) -> None:
    person = await site.person()
    here, there = (await enter(site, person.login)).json(), (await enter(site, person.login)).json()
    async with site.client(authorization=f"Bearer {here['accessToken']}") as client:
        assert (await client.post("/auth/sign-out", json={"everywhere": True})).status_code == 204
    assert (await ask(site, there["accessToken"])).status_code == 401
    assert (await site.events(person.id))[-1] == "SIGNED_OUT_EVERYWHERE"


async def test_the_log_of_a_sign_out_holds_no_secret(site: SmallSite) -> None:
    person = await site.person()
    tokens = (await enter(site, person.login)).json()
    async with site.client(authorization=f"Bearer {tokens['accessToken']}") as client:
        await client.post("/auth/sign-out")
    async with site.pool.connection() as connection:
        row = await connection.fetchrow("SELECT * FROM event WHERE audience_id = $1 AND type = 'SIGNED_OUT'", person.id)
    assert row is not None
    assert row["changes"].keys() == {"revoked_at"}
    assert row["facts"]["signInId"].startswith("signin_")
    assert (row["audience"], row["audience_id"]) == ("ACCOUNT", person.id)
    assert person.login not in str(row["facts"])
    assert tokens["refreshToken"][4:] not in str(dict(row))


async def test_a_disabled_account_is_out_at_once_when_the_log_is_heard(site: SmallSite) -> None:
    person = await site.person()
    tokens = (await enter(site, person.login)).json()
    assert (await ask(site, tokens["accessToken"])).status_code == 200
    await site.change(person, EventType.ACCOUNT_DISABLED, is_active=False)
    site.identities.forget()
    assert (await ask(site, tokens["accessToken"])).status_code == 401
    assert (await exchange(site, tokens["refreshToken"])).status_code == 401


async def test_a_process_that_hears_nothing_of_the_log_refuses_a_disabled_account_a_second_later(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await site.person()
    token = await site.token(person.login)
    assert (await ask(site, token)).status_code == 200
    await site.change(person, EventType.ACCOUNT_DISABLED, is_active=False)
    began = time.monotonic()
    monkeypatch.setattr(identity, "time", SimpleNamespace(monotonic=lambda: began + 1.01))
    assert (await ask(site, token)).status_code == 401


async def test_an_office_is_held_for_the_days_of_its_appointment(site: SmallSite) -> None:
    person = await site.person(Role.HEAD, head=True)
    tokens = (await enter(site, person.login)).json()
    assert (await ask(site, tokens["accessToken"])).json()["data"]["viewer"]["heads"] == 1
    site.moved = timedelta(days=1)
    tokens = (await exchange(site, tokens["refreshToken"])).json()
    assert (await ask(site, tokens["accessToken"])).json()["data"]["viewer"]["heads"] == 0


async def test_a_page_gets_a_cookie_instead_of_tokens(site: SmallSite) -> None:
    answer = await enter(site, (await site.person()).login, session=True)
    assert set(answer.json()) == {"expiresIn", "account"}
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie


@pytest.fixture
async def page(site: SmallSite) -> str:
    """A page's cookie."""
    answer = await enter(site, (await site.person()).login, session=True)
    return f"kolaborasi_session={answer.cookies['kolaborasi_session']}"


async def test_the_cookie_signs_in_a_post_of_our_own_page(site: SmallSite, page: str) -> None:
    async with site.client(cookie=page, origin=ORIGIN) as client:
        assert (await client.post("/graphql", json=QUERY)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.test"},
        {"origin": "null"},
        {"origin": f"{ORIGIN}:8080"},
        {"origin": "http://kolaborasi.test.evil.test"},
        {"origin": "https://papan.test"},
        {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
        {"origin": ORIGIN, "sec-fetch-site": "same-site"},
        {"origin": ORIGIN, "sec-fetch-site": "none"},
        {"origin": "http://[::1"},
        {"origin": "http://evil@kolaborasi.test"},
        {"origin": f"{ORIGIN}/"},
        {"origin": f"{ORIGIN}/page"},
        {"origin": f"{ORIGIN}?x"},
        {"origin": f"{ORIGIN} x"},
        {"origin": f"{ORIGIN}, {ORIGIN}"},
        {"origin": "ftp://kolaborasi.test"},
    ],
)
async def test_the_cookie_does_not_sign_in_a_post_from_elsewhere(
    site: SmallSite, page: str, headers: dict[str, str]
) -> None:
    async with site.client(cookie=page, **headers) as client:
        answer = await client.post("/graphql", json=QUERY)
    assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")


async def test_the_cookie_signs_in_a_get_only_where_the_browser_says_who_asks(site: SmallSite, page: str) -> None:
    async with site.client(cookie=page) as client:
        for site_of_asker in ("same-origin", "none"):
            own = {"origin": ORIGIN, "sec-fetch-site": site_of_asker}
            assert (await client.get("/graphql", params=QUERY, headers=own)).status_code == 200
            del own["origin"]
            assert (await client.get("/graphql", params=QUERY, headers=own)).status_code == 200
            foreign = own | {"origin": "http://evil.test"}
            assert (await client.get("/graphql", params=QUERY, headers=foreign)).status_code == 401
        for other in ({}, {"origin": ORIGIN}, {"sec-fetch-site": "same-site"}, {"sec-fetch-site": "cross-site"}):
            assert (await client.get("/graphql", params=QUERY, headers=other)).status_code == 401


async def test_a_form_cannot_use_the_cookie(site: SmallSite, page: str) -> None:
    async with site.client(cookie=page, origin=ORIGIN) as client:
        for path in ("/graphql", "/auth/sign-out"):
            assert (await client.post(path, data={"query": "mutation { x }"})).status_code == 415


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.test"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": ORIGIN, "sec-fetch-site": "same-site"},
        {"origin": "http://evil@kolaborasi.test"},
    ],
)
async def test_another_sites_page_cannot_choose_whose_session_this_is(site: SmallSite, headers: dict[str, str]) -> None:
    person = await site.person()
    async with site.client(**headers) as client:
        given = {"login": person.login, "password": PASSWORD, "session": True}
        answer = await client.post("/auth/sign-in", json=given)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


PUBLIC = Names(public="https://kolaborasi.test", hosts=frozenset({"kolaborasi.test"}))


@pytest.mark.parametrize(
    ("names", "address", "is_over_tls"),
    [
        (Names(public=None, hosts=None), "http://kolaborasi.test", False),
        (Names(public=None, hosts=None), "https://kolaborasi.test", True),  # as a trusted proxy says
        (PUBLIC, "http://kolaborasi.test", True),  # the proxy says nothing
        (PUBLIC, "https://kolaborasi.test", True),
        (Names(public="http://kolaborasi.test", hosts=frozenset({"kolaborasi.test"})), "http://kolaborasi.test", False),
    ],
)
async def test_where_there_is_tls_the_cookie_is_bound_to_it_and_to_this_host_and_no_other_is_read(
    pool: Pool, names: Names, address: str, is_over_tls: bool
) -> None:
    async with small_site(pool, names=names) as site:
        person = await site.person()
        own = {"origin": names.public or address}
        async with site.client(**own) as client:
            given = {"login": person.login, "password": PASSWORD, "session": True}
            answer = await client.post(f"{address}/auth/sign-in", json=given)
            assert answer.status_code == 200
            name, _, rest = answer.headers["set-cookie"].partition("=")
            token, *attributes = [part.strip() for part in rest.split(";")]
        assert name == ("__Host-kolaborasi_session" if is_over_tls else "kolaborasi_session")
        assert ("Secure" in attributes) == is_over_tls
        assert "Path=/" in attributes
        assert not any(each.lower().startswith("domain") for each in attributes)
        assert ("strict-transport-security" in answer.headers) == is_over_tls
        for sent, status in ((name, 200), ("kolaborasi_session", 401 if is_over_tls else 200),
                             ("__Host-kolaborasi_session", 200 if is_over_tls else 401)):  # fmt: skip
            async with site.client(**own, cookie=f"{sent}={token}") as client:
                assert (await client.post(f"{address}/graphql", json=QUERY)).status_code == status, sent
        async with site.client(**own, cookie=f"{name}={token}") as client:
            gone = await client.post(f"{address}/auth/sign-out", json={})
        assert gone.headers["set-cookie"].startswith(f"{name}=")


async def test_with_a_public_address_its_pages_alone_are_ours(pool: Pool) -> None:
    async with small_site(pool, names=PUBLIC) as site:
        given = {"login": (await site.person()).login, "password": PASSWORD, "session": True}
        for origin, status in (("https://kolaborasi.test", 200), ("http://kolaborasi.test", 401)):
            async with site.client(origin=origin) as client:
                assert (await client.post("/auth/sign-in", json=given)).status_code == status


async def test_a_pages_session_slides_for_twelve_hours_after_each_use(site: SmallSite, page: str) -> None:
    async with site.client(cookie=page, origin=ORIGIN) as client:
        for hours in (11, 22, 33):
            site.moved = timedelta(hours=hours)
            assert (await client.post("/graphql", json=QUERY)).status_code == 200
        site.moved = timedelta(hours=45, minutes=1)
        assert (await client.post("/graphql", json=QUERY)).status_code == 401


async def test_a_page_signs_out_and_its_cookie_goes(site: SmallSite, page: str) -> None:
    async with site.client(cookie=page, origin=ORIGIN) as client:
        answer = await client.post("/auth/sign-out", json={})
        assert answer.status_code == 204
        assert "max-age=0" in answer.headers["set-cookie"].lower()
        assert (await client.post("/graphql", json=QUERY)).status_code == 401


async def test_a_bad_bearer_token_is_not_made_good_by_a_cookie(site: SmallSite, page: str) -> None:
    async with site.client(cookie=page, origin=ORIGIN, authorization="Bearer nonsense") as client:
        assert (await client.post("/graphql", json=QUERY)).status_code == 401


async def test_who_was_just_asked_for_costs_no_statement(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await site.token((await site.person()).login)
    assert (await ask(site, token)).status_code == 200

    def none() -> None:
        raise AssertionError("a statement was made")

    monkeypatch.setattr(site.door.pool, "connection", none)
    assert (await ask(site, token)).status_code == 200


async def link_for(site: SmallSite, person: Account, lasts: timedelta = timedelta(hours=1)) -> str:
    token = fresh(uuid7())
    async with transaction(site.pool, None, site.moment(), None) as tx:
        await tx.keep(
            "INSERT INTO password_link (id, account_id, secret_hash, version, created_at, updated_at, expires_at)"
            " VALUES ($1, $2, $3, 0, $4, $4, $5)",
            *(token.id, person.id, token.secret_hash, tx.now, tx.now + lasts),
        )
    return site.door.tokens.kept(TokenKind.PASSWORD_LINK, token)


async def set_password(site: SmallSite, link: str, password: str) -> httpx.Response:
    async with site.client() as client:
        return await client.post("/auth/password", json={"link": link, "password": password})


async def test_a_link_sets_a_password_once_and_ends_every_sign_in(site: SmallSite) -> None:
    person = await site.person()
    tokens = (await enter(site, person.login)).json()
    link = await link_for(site, person)
    assert (await set_password(site, link, "sungai-deli-jernih")).json() == {"login": person.login}
    assert (await enter(site, person.login)).status_code == 401
    assert (await enter(site, person.login, "sungai-deli-jernih")).status_code == 200
    assert (await ask(site, tokens["accessToken"])).status_code == 401
    again = await set_password(site, link, "another-password")
    assert (again.status_code, code(again)) == (401, "UNAUTHENTICATED")
    assert (await site.events(person.id))[-2:] == ["PASSWORD_SET", "SIGNED_OUT_EVERYWHERE"]


async def test_a_password_that_is_replaced_while_it_is_being_checked_signs_nobody_in(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await site.person()
    link = await link_for(site, person)
    check = site.door.passwords.verify

    async def check_slowly(password_hash: str | None, password: str) -> bool:
        is_right = await check(password_hash, password)
        await site.change(person, EventType.PASSWORD_SET, password_hash="another")
        return is_right

    monkeypatch.setattr(site.door.passwords, "verify", check_slowly)
    answer = await enter(site, person.login)
    assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")
    async with transaction(site.pool, None, site.moment(), None) as tx:
        assert await tx.select(SignIn, account_id=person.id) == []
    monkeypatch.undo()
    assert (await set_password(site, link, "sungai-deli-jernih")).status_code == 200


@pytest.mark.parametrize("password", ["{login}{login}", "aaaaaaaaaaaaaa"])
async def test_a_password_that_says_nothing_is_refused(site: SmallSite, password: str) -> None:
    person = await site.person()
    link = await link_for(site, person)
    answer = await set_password(site, link, password.format(login=person.login))
    assert (answer.status_code, code(answer), answer.json()["path"]) == (422, "MALFORMED", ["password"])


async def test_a_link_runs_out(site: SmallSite) -> None:
    link = await link_for(site, await site.person())
    site.moved = timedelta(hours=2)
    assert (await set_password(site, link, "sungai-deli-jernih")).status_code == 401


async def test_a_short_password_is_refused_and_the_link_stays_good(site: SmallSite) -> None:
    link = await link_for(site, await site.person())
    answer = await set_password(site, link, "short")
    assert (answer.status_code, code(answer), answer.json()["path"]) == (422, "OUT_OF_RANGE", ["password"])
    assert (await set_password(site, link, "long enough now")).status_code == 200
