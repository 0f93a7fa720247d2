"""Guessing is held up, and nobody is locked out by a stranger who guesses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from server.actions import sign_in_attempts as attempts
from server.models import Account
from tests.api.doors import HOME, code, enter
from tests.api.doors import site as site
from tests.api.small_site import SmallSite

ELSEWHERE = "198.51.100.7"


async def guess(site: SmallSite, login: str, times: int, **more: Any) -> list[int]:
    return [(await enter(site, login, f"wrong {number}", **more)).status_code for number in range(times)]


async def failures(site: SmallSite) -> dict[str, int]:
    """How many are counted, by the kind of bucket."""
    async with site.pool.connection() as connection:
        rows = await connection.fetch("SELECT bucket, failures FROM sign_in_attempt ORDER BY bucket")
    return {row["bucket"].split(":")[0]: row["failures"] for row in rows}


def device_of(answer: httpx.Response) -> dict[str, str]:
    """The headers with which a browser comes again."""
    (device,) = [f"{name}={value}" for name, value in answer.cookies.items() if "device" in name]
    return {"cookie": device}


async def known_device(site: SmallSite, person: Account) -> dict[str, str]:
    return device_of(await enter(site, person.login, session=True))


@pytest.mark.parametrize(
    ("stranger", "neighbour", "other"),
    [
        (ELSEWHERE, "198.51.100.200", HOME),
        (ELSEWHERE, "198.51.100.200", "198.51.101.7"),
        ("2001:db8:0:ff00::1", "2001:db8:0:ffff:1::2", "2001:db8:0:fe00::1"),
        (f"::ffff:{ELSEWHERE}", ELSEWHERE, f"::ffff:{HOME}"),
    ],
)
async def test_a_stranger_locks_a_login_for_the_own_network_alone(
    site: SmallSite, stranger: str, neighbour: str, other: str
) -> None:
    person = await site.person()
    assert await guess(site, person.login, 11, address=stranger) == [401] * 10 + [429]
    for address in (stranger, neighbour):
        assert (await enter(site, person.login, address=address)).status_code == 429
    assert (await enter(site, person.login, address=other)).status_code == 200


async def test_a_known_device_is_not_locked_out_by_others_in_its_network(site: SmallSite) -> None:
    person = await site.person()
    device = await known_device(site, person)
    assert await guess(site, person.login, 11) == [401] * 10 + [429]
    assert (await enter(site, person.login)).status_code == 429
    assert (await enter(site, person.login, headers=device)).status_code == 200
    assert (await enter(site, person.login, headers=device, session=True)).status_code == 200


async def test_a_known_device_has_a_limit_of_its_own(site: SmallSite) -> None:
    person = await site.person()
    device = await known_device(site, person)
    assert await guess(site, person.login, 11, headers=device) == [401] * 10 + [429]
    assert (await enter(site, person.login, headers=device)).status_code == 429
    assert (await enter(site, person.login)).status_code == 200
    site.moved = timedelta(minutes=16)
    assert (await enter(site, person.login, headers=device)).status_code == 200


async def test_a_device_is_known_for_one_account_and_is_no_credential(site: SmallSite) -> None:
    person, other = await site.person(), await site.person()
    device = await known_device(site, person)
    assert await guess(site, other.login, 10, address=ELSEWHERE) == [401] * 10
    assert (await enter(site, other.login, address=ELSEWHERE, headers=device)).status_code == 429
    assert (await enter(site, person.login, "wrong", headers=device)).status_code == 401
    token = device["cookie"].split("=")[1]
    for headers in ({"authorization": f"Bearer {token}"}, {"cookie": f"kolaborasi_session={token}"}):
        async with site.client(origin="http://kolaborasi.test", **headers) as client:
            assert (await client.post("/graphql", json={"query": "{ viewer { role } }"})).status_code == 401


@pytest.mark.parametrize("made_up", ["x", "kdt_", "kdt_AAAA", "kdt_" + "A" * 90, '"', "kdt_%C3%A9"])
async def test_a_made_up_device_is_not_known(site: SmallSite, made_up: str) -> None:
    person = await site.person()
    assert await guess(site, person.login, 10) == [401] * 10
    headers = {"cookie": f"kolaborasi_device={made_up}"}
    assert (await enter(site, person.login, headers=headers)).status_code == 429


async def test_a_device_is_remembered_by_a_cookie_that_no_script_reads(site: SmallSite) -> None:
    person = await site.person()
    cookies = (await enter(site, person.login, session=True)).headers.get_list("set-cookie")
    (plain,) = [each for each in cookies if "device" in each]
    (strict,) = [
        each
        for each in (await enter(site, person.login, url="https://kolaborasi.test", session=True)).headers.get_list(
            "set-cookie"
        )
        if "device" in each
    ]
    assert plain.startswith("kolaborasi_device=")
    assert strict.startswith("__Host-kolaborasi_device=")
    for cookie in (plain, strict):
        parts = [each.strip().lower() for each in cookie.split(";")]
        assert {"httponly", "samesite=strict", "path=/"} <= set(parts)
        (age,) = [int(each.removeprefix("max-age=")) for each in parts if each.startswith("max-age=")]
        assert age >= timedelta(days=180).total_seconds()
        assert person.login not in cookie
    assert "secure" in strict.lower()


async def test_a_page_that_keeps_tokens_is_remembered_and_a_program_is_not(site: SmallSite) -> None:
    person = await site.person()
    own = await enter(site, person.login, headers={"origin": "http://kolaborasi.test"})
    assert "device" in own.headers["set-cookie"]
    for headers in ({}, {"origin": "http://evil.test"}):
        assert "set-cookie" not in (await enter(site, person.login, headers=headers)).headers


async def test_guessing_from_everywhere_comes_down_to_one_a_minute(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "EVERYWHERE_FAILURES", 6)
    person = await site.person()
    device = await known_device(site, person)
    for network in range(3):
        assert await guess(site, person.login, 2, address=f"198.51.{network}.7") == [401, 401]
    assert await guess(site, person.login, 1, address="192.0.2.1") == [401]
    refused = await enter(site, person.login, address="192.0.2.2")
    assert (refused.status_code, code(refused)) == (429, "RATE_LIMITED")
    assert 0 < refused.json()["retryAfter"] <= 61
    assert (await enter(site, person.login, headers=device)).status_code == 200
    site.moved = timedelta(minutes=1, seconds=1)
    assert (await enter(site, person.login, address="192.0.2.2")).status_code == 200
    assert (await enter(site, person.login, address="192.0.2.3")).status_code == 200  # a success is given back
    assert await guess(site, person.login, 2, address="192.0.2.2") == [401, 429]
    site.moved = timedelta(hours=25)
    assert await guess(site, person.login, 3, address="192.0.2.2") == [401] * 3


async def test_what_is_refused_for_one_login_counts_for_no_other(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program with an old password knocks all day from the address that a whole office shares."""
    monkeypatch.setattr(attempts, "ADDRESS_FAILURES", 12)
    person, other = await site.person(), await site.person()
    assert await guess(site, person.login, 30) == [401] * 10 + [429] * 20
    assert (await enter(site, other.login)).status_code == 200


async def test_who_signs_in_counts_for_nothing(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "ADDRESS_FAILURES", 3)
    monkeypatch.setattr(attempts, "EVERYWHERE_FAILURES", 3)
    people = [await site.person() for _ in range(2)]
    for _ in range(4):
        for person in people:
            assert (await enter(site, person.login)).status_code == 200
    assert set((await failures(site)).values()) == {0}


@pytest.mark.parametrize("known", [True, False])
async def test_a_fault_in_counting_refuses_before_the_password_is_looked_at(
    site: SmallSite, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = (await site.person()).login if known else "nobody-at-all"
    checked: list[str] = []
    check = site.door.passwords.verify

    async def verify(password_hash: str | None, password: str) -> bool:
        checked.append(password)
        return await check(password_hash, password)

    monkeypatch.setattr(site.door.passwords, "verify", verify)
    for part, counted in (("count_address", {}), ("count_login", {"address": 1})):
        async with site.pool.connection() as connection:
            await connection.execute("DELETE FROM sign_in_attempt")
        with monkeypatch.context() as broken:

            async def fail(*_: object) -> None:
                raise RuntimeError("the table is away")

            broken.setattr(attempts.Attempt, part, fail)
            answer = await enter(site, login)
        assert answer.status_code >= 500
        assert "away" not in answer.text
        assert checked == []
        assert await failures(site) == counted, "what was counted before the fault stays"
    assert (await enter(site, login)).status_code == (200 if known else 401)


async def test_an_attempt_is_counted_while_the_password_is_being_checked(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, seen = await site.person(), []

    async def verify(password_hash: str | None, password: str) -> bool:
        seen.append(await failures(site))
        return False

    monkeypatch.setattr(site.door.passwords, "verify", verify)
    for login in (person.login, "nobody-at-all"):
        await enter(site, login, "wrong")
    assert seen == [{"address": 1, "everywhere": 1, "login": 1}, {"address": 2, "everywhere": 1, "login": 1}]


async def test_no_login_stands_among_the_attempts(site: SmallSite) -> None:
    person = await site.person()
    device = await known_device(site, person)
    logins = [person.login, "nobody-at-all", "İ" * 40]
    for login in logins:
        await guess(site, login, 1)
        await guess(site, login, 1, headers=device)
    async with site.pool.connection() as connection:
        told = str(await connection.fetch("SELECT * FROM sign_in_attempt"))
    for secret in (*logins, "i̇i̇", HOME, device["cookie"].split("=")[1]):
        assert secret not in told


async def test_blanks_and_capitals_make_no_other_login(site: SmallSite) -> None:
    person = await site.person()
    for number in range(10):
        login = [person.login, person.login.upper(), f"  {person.login} "][number % 3]
        assert (await enter(site, login, "wrong")).status_code == 401
    assert (await enter(site, person.login)).status_code == 429
