"""Programs of the small city: service accounts and their tokens, made as an administrator makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.city import City
from tests.person import Person

EVERYTHING = ("READ", "PLANS_WRITE", "TASKS_WRITE", "READINGS_WRITE", "REQUESTS_WRITE")


async def service_account(city: City, organisation: str = "DLH", login: str = "integrasi-dlh") -> str:
    """The id of a new one."""
    given = {"organisation": {"code": organisation}, "login": login, "name": login.title(), "role": "INTEGRATION"}
    account: str = (await city.admin.mutate("createAccount", given))["account"]["id"]
    return account


async def token(city: City, account: str, scopes: Sequence[str] = EVERYTHING, **more: Any) -> Any:
    """The payload of a new token of this account: `secret`, `token { id }`."""
    given = {"accountId": account, "name": "Sinkron malam", "scopes": [*scopes], "lifetimeDays": 90, **more}
    return await city.admin.mutate("createToken", given, "secret token { id version }")


async def program(
    city: City,
    scopes: Sequence[str] = EVERYTHING,
    *,
    organisation: str = "DLH",
    login: str = "integrasi-dlh",
    **more: Any,
) -> Person:
    """A program that asks and acts by a new token of a new service account; `more`: of the token."""
    account = await service_account(city, organisation, login)
    made = await token(city, account, scopes, **more)
    (row,) = await city.rows("SELECT id FROM organisation WHERE code = $1", organisation)
    of = {"id": str(row["id"]), "code": organisation}
    return Person(city, made["secret"], {"id": account, "login": login, "name": login.title(), "organisation": of})
