"""What people and their programs do at /auth, for the tests of the doors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from server.database import Pool
from tests.api.small_site import ORIGIN, PASSWORD, SmallSite, small_site

HOME = "203.0.113.7"


@pytest.fixture
async def site(pool: Pool) -> AsyncIterator[SmallSite]:
    """A site at whose door nobody has knocked yet."""
    async with pool.connection() as connection:
        await connection.execute("DELETE FROM sign_in_attempt")
    async with small_site(pool) as made:
        yield made


async def enter(
    site: SmallSite,
    login: str,
    password: str = PASSWORD,
    *,
    address: str = HOME,
    url: str = ORIGIN,
    headers: dict[str, str] | None = None,
    **more: object,
) -> httpx.Response:
    async with site.client(address=address, url=url, **(headers or {})) as client:
        return await client.post("/auth/sign-in", json={"login": login, "password": password, **more})


async def ask(site: SmallSite, token: str) -> httpx.Response:
    async with site.client(authorization=f"Bearer {token}") as client:
        return await client.post("/graphql", json={"query": "{ viewer { role } }"})


async def exchange(site: SmallSite, token: str, **more: str) -> httpx.Response:
    async with site.client() as client:
        return await client.post("/auth/refresh", json={"refreshToken": token, **more})


def code(response: httpx.Response) -> Any:
    body = response.json()
    return body["code"] if "code" in body else body["errors"][0]["extensions"]["code"]
