"""The live layer over a small city of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from server.database import Pool
from tests.engine.live.site import City, Site


@pytest.fixture
async def site(database_url: str, pool: Pool) -> AsyncIterator[Site]:
    async with Site(database_url, pool).running() as made:
        yield made


@pytest.fixture
async def city(pool: Pool, site: Site) -> City:
    return await City(pool, site.wake).build()
