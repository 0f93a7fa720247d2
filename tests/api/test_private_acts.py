"""What a person does at the door is nobody else's to see; and a password link ends with the next one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from server.actions.check import check
from tests.api.test_account import WORDS, follow, link_for, rina
from tests.city import City
from tests.founding import PASSWORD
from tests.person import Person

SEEN = """query($id: ID!) {
  account(by: {id: $id}) { version updatedAt lastSignInAt history { totalCount nodes { id type subjectVersion } } }
  accounts(orderBy: [{updatedAt: DESC}], first: 100) { nodes { id version updatedAt } } }"""


async def door(city: City, path: str, body: dict[str, Any], **headers: str) -> Any:
    async with city.site.client(**headers) as client:
        return await client.post(f"/auth/{path}", json=body)


async def tokens(city: City) -> dict[str, str]:
    found: dict[str, str] = (await door(city, "sign-in", {"login": "camat", "password": PASSWORD})).json()
    return found


async def signs_in(city: City) -> None:
    await tokens(city)


async def signs_in_a_page(city: City) -> None:
    await door(city, "sign-in", {"login": "camat", "password": PASSWORD, "session": True})


async def mistypes(city: City) -> None:
    assert (await door(city, "sign-in", {"login": "camat", "password": "wrong"})).status_code == 401


async def refreshes(city: City) -> None:
    token = (await tokens(city))["refreshToken"]
    assert (await door(city, "refresh", {"refreshToken": token})).status_code == 200


async def is_copied(city: City) -> None:
    token = (await tokens(city))["refreshToken"]
    await door(city, "refresh", {"refreshToken": token})
    city.move(minutes=2)
    assert (await door(city, "refresh", {"refreshToken": token})).status_code == 401


async def signs_out(city: City) -> None:
    bearer = f"Bearer {(await tokens(city))['accessToken']}"
    assert (await door(city, "sign-out", {}, authorization=bearer)).status_code == 204


async def signs_out_everywhere(city: City) -> None:
    bearer = f"Bearer {(await tokens(city))['accessToken']}"
    assert (await door(city, "sign-out", {"everywhere": True}, authorization=bearer)).status_code == 204


async def is_signed_out_everywhere(city: City) -> None:
    for _ in range(2):  # the second time there is nothing left to end
        await city.admin.mutate("signOutEverywhere", {"accountId": city.camat.id})


async def is_sent_a_link(city: City) -> None:
    for _ in range(2):
        await link_for(city, city.camat.id)


async def sets_a_password(city: City) -> None:
    assert (await follow(city, await link_for(city, city.camat.id))).status_code == 200


PRIVATE: list[Callable[[City], Awaitable[None]]] = [
    *(signs_in, signs_in_a_page, mistypes, refreshes, is_copied, signs_out, signs_out_everywhere),
    *(is_signed_out_everywhere, is_sent_a_link, sets_a_password),
]


@pytest.mark.parametrize("act", PRIVATE)
async def test_nobody_sees_what_a_person_does_at_the_door(city: City, act: Callable[[City], Awaitable[None]]) -> None:
    before = await city.outsider.query(SEEN, id=city.camat.id)
    city.move(minutes=5)
    await act(city)
    await city.settled()
    assert await city.outsider.query(SEEN, id=city.camat.id) == before
    kept = await city.rows("SELECT version, updated_at FROM account WHERE login = 'camat'")
    assert kept[0]["version"] == before["account"]["version"]
    assert [str(each) for each in await check(city.pool)] == []


async def test_the_account_and_administrators_find_it_in_the_log(city: City) -> None:
    for act in (sets_a_password, is_copied_with_the_new_password):
        await act(city)
    camat = await city.sign_in("camat", WORDS)
    await camat.mutate("signOutEverywhere", {"accountId": camat.id})
    camat = await city.sign_in("camat", WORDS)
    wanted = [
        "PASSWORD_LINK_MADE", "PASSWORD_SET", "SIGNED_OUT_EVERYWHERE", "SIGNED_OUT", "SIGNED_OUT_EVERYWHERE",
    ]  # fmt: skip
    log = "query($wanted: [EventType!]) { events(filter: {type: {in: $wanted}})"
    log += " { nodes { type sentence subject { id } } } }"
    for person in (camat, city.admin):
        nodes = (await person.query(log, wanted=wanted))["events"]["nodes"]
        assert [each["type"] for each in nodes] == wanted
        assert all(city.camat.name in each["sentence"] for each in nodes)
        assert all(each["subject"] is None for each in nodes)
    for person in (city.outsider, city.mayor):
        assert (await person.query(log, wanted=wanted))["events"]["nodes"] == []


async def is_copied_with_the_new_password(city: City) -> None:
    token = (await door(city, "sign-in", {"login": "camat", "password": WORDS})).json()["refreshToken"]
    await door(city, "refresh", {"refreshToken": token})
    city.move(minutes=2)
    assert (await door(city, "refresh", {"refreshToken": token})).status_code == 401


async def test_a_narrower_event_on_a_public_row_is_noticed(city: City) -> None:
    """The witness of tests/city.py looks at every event of every test."""
    await link_for(city, city.camat.id)
    await city.rows("UPDATE event SET subject_type = 'Account' WHERE type = 'PASSWORD_LINK_MADE' RETURNING id")
    with pytest.raises(AssertionError, match="PASSWORD_LINK_MADE"):
        await city.confirm()
    await city.rows("UPDATE event SET subject_type = 'PasswordLink' WHERE type = 'PASSWORD_LINK_MADE' RETURNING id")


# ---- links ----------------------------------------------------------------------------------------------------------


async def test_a_new_link_ends_the_one_before_it(city: City) -> None:
    lost, newest = await link_for(city, city.camat.id), await link_for(city, city.camat.id)
    other = await link_for(city, city.dlh.id)
    assert (await follow(city, lost)).status_code == 401
    assert (await follow(city, newest)).status_code == 200
    assert (await follow(city, lost)).status_code == 401
    assert (await follow(city, other)).status_code == 200, "of another account"


async def test_a_used_link_ends_those_that_were_made_with_it(city: City) -> None:
    """As two servers would make them that hear of each other too late; the second is written past the verb."""
    older, newer = await link_for(city, city.camat.id), await link_for(city, city.camat.id)
    await city.rows("UPDATE password_link SET used_at = NULL RETURNING id")
    assert (await follow(city, newer)).status_code == 200
    assert (await follow(city, older, "another good password")).status_code == 401


async def test_a_link_that_was_only_tried_ends_none(city: City) -> None:
    link = await link_for(city, city.camat.id)
    await city.admin.mutate("makePasswordLink", {"accountId": city.camat.id, "dryRun": True}, "link")
    assert (await follow(city, link)).status_code == 200


async def test_a_disabled_accounts_links_end_for_good(city: City) -> None:
    person = await rina(city)
    link = await link_for(city, person.id)
    await city.admin.mutate("disableAccount", {"accountId": person.id})
    await city.admin.mutate("enableAccount", {"accountId": person.id})
    assert (await follow(city, link, "another good password")).status_code == 401
    await city.sign_in("rina", WORDS)


async def test_another_login_ends_what_was_opened_or_sent_for_the_former_one(city: City) -> None:
    person = await rina(city)
    link, watcher = await link_for(city, person.id), await person.watch("taskChanged")
    await city.admin.mutate("updateAccount", {"accountId": person.id, "title": "Kepala seksi"})
    await city.settled()
    assert not watcher.is_ended, "nothing of how the person signs in was changed"
    await city.admin.mutate("updateAccount", {"accountId": person.id, "login": "rina.lubis"})
    await watcher.ended()
    assert (await refused_by(person)) == "UNAUTHENTICATED"
    assert (await follow(city, link, "another good password")).status_code == 401
    await city.sign_in("rina.lubis", WORDS)


async def refused_by(person: Person) -> str:
    answer = await person.ask("{ viewer { role } }")
    found: str = answer["errors"][0]["extensions"]["code"]
    return found
