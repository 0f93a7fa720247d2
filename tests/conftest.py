"""One embedded PostgreSQL for each worker, a migrated template in it, and clones of that.

Not one for all: the horizon of the log belongs to the whole cluster, so a long transaction of one worker would hold
back what another one waits for.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

from server import settings as configuration
from server import shortcuts
from server.database import Pool, connect, create_database, embedded, migrate

# A machine that is busy with other work draws and answers slowly; what is drawn is not at fault.
settings.register_profile("kolaborasi", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kolaborasi")


# KOLABORASI_PLAIN=yes: without the shortcuts, as tests/house/test_plain.py asks.
shortcuts.are_taken = not configuration.read().plain

# Nothing here must survive a power cut.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10min",
    "max_connections": "200",
}


# What `make check` leaves to `make test`: half of the time of the house, the rules and the API, and why.
LONG = {
    "tests/api/test_city.py": "loads the demo year",
    "tests/api/test_city_folder.py": "runs the command line again and again",
    "tests/api/test_dossier.py": "makes papers",
    "tests/api/test_growing_letters.py": "walks all verbs",
    "tests/api/test_inbox_kinds.py": "a city for each kind of line",
    "tests/api/test_long_ago.py": "has thousands of rows",
    "tests/api/test_nasty_input.py": "walks all inputs",
    "tests/api/test_secrecy.py": "walks the schema as strangers",
    "tests/api/test_sign_in_attempts.py": "hashes passwords by the dozen",
    "tests/api/test_stillness.py": "compares two cities",
    "tests/api/test_upgrade.py": "migrates the demo year",
    "tests/api/test_visibility.py": "walks the schema as strangers",
    "tests/api/test_who_sees_what.py": "walks all tables and verbs",
    "tests/house/test_migrations.py": "migrates one by one",
    "tests/rules/test_demo_year.py": "makes the demo year on many days",
    "tests/rules/test_figures_twice.py": "counts thousands of targets twice",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Real processes first: one worker has them all, and makes what they share once; what is left to share out at the
    end is short."""
    for item in items:
        if item.nodeid.partition("::")[0] in LONG:
            item.add_marker(pytest.mark.long)
    items.sort(key=lambda item: not item.nodeid.startswith("tests/system/"))


MakeDatabase = Callable[[], Coroutine[object, object, str]]


@pytest.fixture(scope="session")
def postgres(testrun_uid: str, worker_id: str) -> Iterator[embedded.EmbeddedPostgres]:
    """This worker's PostgreSQL; stopped and its files removed at the end."""
    # Not in pytest's own folder: as root PostgreSQL runs as another user, who must reach its files.
    folder = Path(tempfile.gettempdir()) / f"kolaborasi-test-{testrun_uid[:16]}-{worker_id}"
    running = embedded.start(folder / "postgres", settings=FAST)
    yield running
    if running.stop():
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder of a test's own that all may pass, as PostgreSQL's user does under root; pytest's own is closed."""
    with tempfile.TemporaryDirectory(prefix="kolaborasi-open-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def template(postgres: embedded.EmbeddedPostgres) -> str:
    """The name of a migrated database without rows."""

    async def make() -> None:
        await migrate(await create_database(postgres.url, "template_migrated"))

    asyncio.run(make())
    return "template_migrated"


@pytest.fixture(scope="session")
def database_url(postgres: embedded.EmbeddedPostgres, template: str, worker_id: str) -> str:
    """This worker's own migrated database; its tests share it."""
    return asyncio.run(create_database(postgres.url, f"worker_{worker_id}", template=template))


@pytest.fixture(scope="session")
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections to this worker's database."""
    opened = Pool(database_url, size=10)
    yield opened
    await opened.close()


@pytest.fixture
async def fresh_database(
    postgres: embedded.EmbeddedPostgres, template: str, worker_id: str, request: pytest.FixtureRequest
) -> AsyncIterator[MakeDatabase]:
    """Makes a migrated database of a test's own, as often as it is called; they are dropped when the test ends."""
    made: list[str] = []

    async def make() -> str:
        name = f"own_{worker_id}_{abs(hash(request.node.nodeid)) % 10**12}_{len(made)}"
        made.append(name)
        return await create_database(postgres.url, name, template=template)

    yield make
    connection = await connect(postgres.url)
    for name in made:
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture
async def empty_database(postgres: embedded.EmbeddedPostgres, worker_id: str) -> AsyncIterator[str]:
    """A database of a test's own in which nothing has been migrated."""
    url = await create_database(postgres.url, f"empty_{worker_id}")
    yield url
    connection = await connect(postgres.url)
    await connection.execute(f'DROP DATABASE "{urlsplit(url).path[1:]}" WITH (FORCE)')
    await connection.close()
