"""The small cities, founded once in a run; every test lives in a copy of its own."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from server.database import connect, create_database, embedded
from tests import bay as other
from tests.city import City, living
from tests.founding import build, hire

# Whose tests live queries watch as well; LIVE_WITNESS=1: all of them.
WATCHED_LIVE = frozenset({"test_story", "test_allowed_actions"})
FOUNDED, SETTLED = "template_city", "template_bay"


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


@pytest.fixture(scope="session")
def settled(postgres: embedded.EmbeddedPostgres, template: str) -> str:
    """Makes the database SETTLED of Kota Teluk Biru, from its folder; who is signed in there, as JSON."""

    async def settle() -> str:
        url = await create_database(postgres.url, SETTLED, template=template)
        code, told = await asyncio.to_thread(other.load, url)
        assert (code, told) == (0, "Kota Teluk Biru: 20 new or ended organisations, programmes and days.\n")
        return await hire(url, other.PEOPLE)

    return asyncio.run(settle())


def pytest_itemcollected(item: pytest.Item) -> None:
    """Before `city` asks for it: a loop that runs makes no fixture."""
    if isinstance(item, pytest.Function) and item.get_closest_marker("asks") is not None:
        item.fixturenames.insert(0, "asked_city")


@pytest.fixture(scope="session")
async def asked_city(postgres: embedded.EmbeddedPostgres, founded: str, worker_id: str) -> AsyncIterator[City]:
    """The small Medan that the tests share which ask and change nothing."""
    async with _copy(postgres, FOUNDED, f"asked_{worker_id}") as url, living(url, founded) as made:
        yield made


@pytest.fixture
async def city(
    postgres: embedded.EmbeddedPostgres, founded: str, worker_id: str, request: pytest.FixtureRequest
) -> AsyncIterator[City]:
    """The small Medan of this test, or the one that it shares as it is marked `asks`. See tests/city.py."""
    if request.node.get_closest_marker("asks") is not None:
        async with _as_it_was(request.getfixturevalue("asked_city")) as shared:
            yield shared
        return
    name = f"city_{worker_id}_{abs(hash(request.node.nodeid)) % 10**12}"
    is_watched = request.node.path.stem in WATCHED_LIVE or "LIVE_WITNESS" in os.environ
    async with _copy(postgres, FOUNDED, name) as url, living(url, founded, is_watched_live=is_watched) as made:
        yield made


@asynccontextmanager
async def _as_it_was(shared: City) -> AsyncIterator[City]:
    """The city, for one test; it must leave it as it finds it."""
    before, position = shared.now, await shared.last_position()
    yield shared
    is_left = await shared.last_position() == position and shared.now - before < timedelta(seconds=10)
    assert is_left, "this test changes the city or moves its clock: it needs one of its own, so do not mark it `asks`"
    await shared.close()
    shared.wires.clear()


@pytest.fixture
async def bay(
    postgres: embedded.EmbeddedPostgres, settled: str, worker_id: str, request: pytest.FixtureRequest
) -> AsyncIterator[City]:
    """Kota Teluk Biru, where it is Monday, 15 June 2026, 10 o'clock. See tests/bay.py."""
    name = f"bay_{worker_id}_{abs(hash(request.node.nodeid)) % 10**12}"
    async with _copy(postgres, SETTLED, name) as url, living(url, settled, other.WITA) as made:
        yield made


@asynccontextmanager
async def _copy(postgres: embedded.EmbeddedPostgres, template: str, name: str) -> AsyncIterator[str]:
    """A test's own copy of a database; dropped at its end."""
    try:
        yield await create_database(postgres.url, name, template=template)
    finally:
        connection = await connect(postgres.url)
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.close()
