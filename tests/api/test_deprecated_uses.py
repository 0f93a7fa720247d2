"""Administrators see who still uses what of the API is to go, and when last; it is written beside the requests."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLObjectType

from server.query.documents.cache import Documents
from tests.city import City
from tests.person import Person
from tests.process import Site
from tests.programs import service_account, token

SEEN = "{ deprecatedUses { nodes { coordinate lastUsedAt account { login } } } }"
REASON = "use `title`; removed after 2027-06-30"


@pytest.fixture
def going(city: City, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The city's server, as if `Task.progress` and `Task.startsOn` had been declared so: nothing of its schema is."""
    engine = city.site.installation.engine
    task = engine.schema.type_map["Task"]
    assert isinstance(task, GraphQLObjectType)
    for name in ("progress", "startsOn"):
        monkeypatch.setattr(task.fields[name], "deprecation_reason", REASON)
    monkeypatch.setattr(engine, "documents", Documents(engine.schema))
    return city.site


async def uses(person: Person) -> list[tuple[str, str, str]]:
    nodes = (await person.query(SEEN))["deprecatedUses"]["nodes"]
    return sorted((each["account"]["login"], each["coordinate"], each["lastUsedAt"]) for each in nodes)


async def ask(person: Person, fields: str) -> Any:
    return await person.ask(f"{{ tasks(first: 1) {{ nodes {{ {fields} }} }} }}")


async def test_who_uses_what_is_to_go_is_kept_to_the_minute_and_shown_to_administrators_alone(
    city: City, going: Site
) -> None:
    written = going.installation.deprecated_uses
    assert "deprecations" not in (await ask(city.camat, "title"))["extensions"]
    answer = await ask(city.camat, "title progress")
    assert answer["extensions"]["deprecations"] == [{"coordinate": "Task.progress", "reason": REASON}]
    await ask(city.lurah, "progress startsOn")
    assert await uses(city.admin) == []  # nothing is written in a request's own time
    await written.write()
    first = await uses(city.admin)
    login, other = city.camat.login, city.lurah.login
    assert [(who, what) for who, what, _ in first] == sorted(
        [(login, "Task.progress"), (other, "Task.progress"), (other, "Task.startsOn")]
    )
    for nobody in (city.camat, city.bappeda, city.mayor, city.outsider):
        assert await uses(nobody) == []

    city.now += timedelta(seconds=30)
    await ask(city.camat, "progress")
    await written.write()
    assert await uses(city.admin) == first  # once in a minute
    city.now += timedelta(seconds=31)
    await written.write()
    await ask(city.camat, "progress")
    await written.write()
    later = await uses(city.admin)
    assert [each for each in later if each not in first] == [later[0]]
    assert later[0][:2] == (login, "Task.progress")
    assert later[0][2] > first[0][2]


async def test_what_could_not_be_written_is_written_with_the_next(
    city: City, going: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = going.installation.deprecated_uses
    await ask(city.camat, "progress")
    with monkeypatch.context() as broken:
        broken.setattr(written, "begin", _away)
        task = asyncio.create_task(written.run(0.01))
        await asyncio.sleep(0.1)
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await written.write()
    assert [what for _, what, _ in await uses(city.admin)] == ["Task.progress"]


def _away() -> Any:
    raise ConnectionError("the database is away")


async def test_each_token_of_a_service_account_is_told_for_itself(city: City, going: Site) -> None:
    account = await service_account(city)
    one, other = await token(city, account, name="Satu"), await token(city, account, name="Dua")
    for each, fields in ((one, "progress"), (other, "startsOn"), (other, "progress")):
        async with going.client(authorization=f"Bearer {each['secret']}") as client:
            query = f"{{ tasks(first: 1) {{ nodes {{ {fields} }} }} }}"
            assert (await client.post("/graphql", json={"query": query})).status_code == 200
    await ask(city.camat, "progress")
    for _ in range(2):  # once more, it is the same rows
        await going.installation.deprecated_uses.write()
        city.now += timedelta(minutes=2)
    seen = (
        "deprecatedUses { nodes { coordinate token { name } } } tokens { nodes { name deprecatedUses { totalCount } } }"
    )
    found = await city.admin.query(f"{{ {seen} }}")
    uses = found["deprecatedUses"]["nodes"]
    told = {(each["coordinate"], None if each["token"] is None else each["token"]["name"]) for each in uses}
    assert told == {
        *(("Task.progress", "Satu"), ("Task.progress", "Dua"), ("Task.startsOn", "Dua"), ("Task.progress", None)),
    }
    counts = {each["name"]: each["deprecatedUses"]["totalCount"] for each in found["tokens"]["nodes"]}
    assert counts == {"Satu": 1, "Dua": 2}
