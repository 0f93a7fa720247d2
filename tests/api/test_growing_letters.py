"""Letters that grow when they are lowered or composed, at exactly the bound: refused or taken, never a fault."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type
from strawberry.utils.str_converters import to_camel_case

from server.schema import account_verbs, organisation_verbs
from tests import inputs
from tests.api.doors import code, enter
from tests.api.doors import site as site
from tests.api.small_site import SmallSite
from tests.api.test_nasty_input import put
from tests.city import City
from tests.sending import check, verb

# Lowered one letter becomes two; NFKC makes two of one; NFC one of two; one that UTF-8 and UTF-16 write at length.
LETTERS = ("İ", "ﬁ", "e\u0301", "\U0001f4a9", "ẞ")
BOUNDS = (40, 60, 100, 200, 255, 300, 2_000, 10_000)
VERBS = [to_camel_case(each.python_name) for each in (*account_verbs.mutations, *organisation_verbs.mutations)]


def grown(letter: str, bound: int) -> str:
    return (letter * bound)[:bound]


def texts(kind: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Each place of an input where a text stands."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        return [each for name, field in named.fields.items() for each in texts(field.type, (*path, name))]
    return [path] if named.name == "String" else []


@pytest.mark.parametrize(
    "letter", [LETTERS[0], *(pytest.param(each, marks=pytest.mark.exhaustive) for each in LETTERS[1:])]
)
async def test_no_verb_on_accounts_organisations_and_programmes_makes_a_fault(city: City, letter: str) -> None:
    sent = 0
    there = {"accountId": city.dlh_staff.id, "organisationId": city.dlh.organisation_id}
    data = await city.admin.query('{ programme(by: {code: "KEBERSIHAN"}) { id } }')
    there["programmeId"] = data["programme"]["id"]
    for name in VERBS:
        base = inputs.complete(name, **there)
        for path in texts(inputs.mutations()[name]):
            for bound in BOUNDS:
                for text in (grown(letter, bound), f" {grown(letter, bound)} "):
                    answer = await verb(city.admin, name, put(base, path, text))
                    assert "INTERNAL" not in str(answer), (name, path, bound, letter)
                    check(answer, name, path, bound)
                    sent += 1
    assert sent > 200


@pytest.mark.parametrize("letter", LETTERS)
async def test_no_text_at_the_door_makes_a_fault(site: SmallSite, letter: str) -> None:
    whole = {
        "/auth/sign-in": {"login": "a", "password": "b"},
        "/auth/refresh": {"refreshToken": "krt_a", "idempotencyKey": "a"},
        "/auth/password": {"link": "klt_a", "password": "gotong-royong"},
    }
    for path, body in whole.items():
        for name in body:
            for bound in (*BOUNDS, 97, 98, 99, 101):
                async with site.client() as client:
                    answer = await client.post(path, json={**body, name: grown(letter, bound)})
                assert answer.status_code in (400, 401, 413, 429), (path, name, bound, answer.text)


@pytest.mark.parametrize("text", ['"\\ud800"', '"\\udfff"', '"a\\u0000"'])
async def test_what_no_text_can_hold_is_refused_at_the_door(site: SmallSite, text: str) -> None:
    for path, names in (("sign-in", ("login", "password")), ("refresh", ("refreshToken", "idempotencyKey"))):
        for name in names:
            body = dict.fromkeys(names, "krt_a")
            raw = json.dumps(body).replace(f'"{name}": "krt_a"', f'"{name}": {text}')
            async with site.client(**{"content-type": "application/json"}) as client:
                answer = await client.post(f"/auth/{path}", content=raw)
            assert answer.status_code == 400, (path, name, answer.text)


async def test_a_login_is_bounded_as_it_is_compared(site: SmallSite) -> None:
    person = await site.person()
    assert (await enter(site, " " * 200 + person.login.upper() + " " * 200)).status_code == 200
    for login in ("İ" * 51, "x" * 101, " ", "İ" * 100):
        answer = await enter(site, login)
        assert (answer.status_code, code(answer), answer.json()["path"]) == (400, "BAD_USER_INPUT", ["login"])
    assert (await enter(site, "İ" * 50)).status_code == 401


async def test_a_growing_login_is_counted_like_any_other(site: SmallSite) -> None:
    answers = [(await enter(site, "İ" * 50)).status_code for _ in range(12)]
    assert answers == [401] * 10 + [429] * 2
