"""The small city, founded once in a run; every test lives in a copy of its own."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator

import pytest

from server.database import connect, create_database, embedded
from tests.city import City, living
from tests.founding import build

FOUNDED = "template_city"


@pytest.fixture(scope="session")
def founded(postgres: embedded.EmbeddedPostgres, template: str) -> str:
    """Makes the database FOUNDED, by the first worker that needs it; who is signed in there, as JSON."""
    told = postgres.folder.parent / "city.json"

    async def found() -> None:
        text = await build(await create_database(postgres.url, "being_founded", template=template))
        connection = await connect(postgres.url)
        await connection.execute(f"ALTER DATABASE being_founded RENAME TO {FOUNDED}")
        await connection.close()
        told.write_text(text)

    with (postgres.folder.parent / "city.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            asyncio.run(found())
    return told.read_text()


@pytest.fixture
async def city(
    postgres: embedded.EmbeddedPostgres, founded: str, worker_id: str, request: pytest.FixtureRequest
) -> AsyncIterator[City]:
    """The small Medan of this test. See tests/city.py."""
    name = f"city_{worker_id}_{abs(hash(request.node.nodeid)) % 10**12}"
    url = await create_database(postgres.url, name, template=FOUNDED)
    try:
        async with living(url, founded) as made:
            yield made
    finally:
        connection = await connect(postgres.url)
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await connection.close()
