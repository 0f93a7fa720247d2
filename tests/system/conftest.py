"""A small city served by two real processes, and whatever else a test wants to start."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from server.database import Connection, connect, create_database, embedded, migrate
from server.demo.load import make
from server.demo.scene import Scale
from server.ids import encode
from tests.conftest import FAST
from tests.system.people import Person, sign_in
from tests.system.processes import SECRET, Server

SMALL = Scale(targets=20, tasks=40, plan_owners=6, requests=0)


async def make_city(url: str) -> None:
    """In a migrated database: Kota Medan with the demo's accounts and a little work; most kecamatan have no plan."""
    connection = await connect(url, statement_timeout="0")
    await make(connection, datetime.now(UTC), SMALL)
    await connection.close()


@dataclass(frozen=True)
class Office:
    """A kecamatan that has no plan, and that no other test uses."""

    code: str
    slug: str

    async def camat(self, server: Server) -> Person:
        return await sign_in(server, f"camat-{self.slug}")

    async def staff(self, server: Server, number: int = 1) -> Person:
        return await sign_in(server, f"staf-{self.slug}" + (f"-{number}" if number > 1 else ""))


async def free_offices(url: str) -> list[Office]:
    """Every kecamatan without a plan."""
    found = await connect(url)
    rows = await found.fetch(
        """SELECT o.code, a.login FROM organisation o
           JOIN account a ON a.organisation_id = o.id AND a.login LIKE 'camat-%'
           WHERE o.kind = 'KECAMATAN' AND NOT EXISTS (SELECT FROM work_plan p WHERE p.organisation_id = o.id)
           ORDER BY o.code DESC"""
    )
    await found.close()
    return [Office(row["code"], row["login"].removeprefix("camat-")) for row in rows]


class City:
    """An installation: one database, any number of processes that serve it."""

    def __init__(self, url: str, logs: Path) -> None:
        self.url = url
        self._logs = logs
        self._numbers = count(1)
        self._started: list[Server] = []
        self._offices: list[Office] = []

    async def free_office(self) -> Office:
        """An office that nobody was given before."""
        self._offices = self._offices or await free_offices(self.url)
        return self._offices.pop()

    async def serve(self, *, port: int = 0, **settings: str) -> Server:
        """One more process, once it serves; a port that is given is one that another has just left."""
        log = self._logs / f"server-{next(self._numbers)}.log"
        server = Server(
            log, "serve", "--demo", "--port", str(port), DATABASE_URL=self.url, KOLABORASI_SECRET=SECRET,
            KOLABORASI_DATA_DIR=str(self._logs), **settings,
        )  # fmt: skip
        self._started.append(server)
        return await server.ready()

    def kill_all(self) -> None:
        for server in self._started:
            server.kill()

    async def connection(self) -> Connection:
        return await connect(self.url)

    async def events_of(self, code: str, subject_type: str) -> list[str]:
        """Ids of the events about such subjects that concern this organisation, in the log's order."""
        found = await connect(self.url)
        rows = await found.fetch(
            """SELECT id FROM event
               WHERE subject_type = $2 AND (SELECT id FROM organisation WHERE code = $1) = ANY(organisation_ids)
               ORDER BY epoch, xid, sequence""",
            code, subject_type,
        )  # fmt: skip
        await found.close()
        return [encode("event", row["id"]) for row in rows]


FOLDERS = pytest.StashKey[list[Path]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows what the servers said: their files are gone when it is read."""
    report = yield
    if report.failed:
        for folder in item.session.stash.get(FOLDERS, []):
            for log in sorted(folder.glob("*.log")):
                if said := log.read_text(errors="replace").strip():
                    report.sections.append((log.name, said[-3_000:]))
    return report


@pytest.fixture(scope="session")
def logs(request: pytest.FixtureRequest) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kolaborasi-system-"))
    request.session.stash.setdefault(FOLDERS, []).append(folder)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def made_city(postgres: embedded.EmbeddedPostgres, template: str) -> str:
    """The name of a database in which the small city is; nobody uses it, and cities are copies of it."""
    await make_city(await create_database(postgres.url, "template_of_a_city", template=template))
    return "template_of_a_city"


@pytest.fixture(scope="session")
async def city(postgres: embedded.EmbeddedPostgres, made_city: str, worker_id: str, logs: Path) -> AsyncIterator[City]:
    """The city that tests share, each with an office of its own."""
    url = await create_database(postgres.url, f"served_{worker_id}", template=made_city)
    served = City(url, logs)
    yield served
    served.kill_all()


@pytest.fixture(scope="session")
async def pair(city: City) -> tuple[Server, Server]:
    """Two processes that nobody kills."""
    first, second = await asyncio.gather(city.serve(), city.serve())
    return first, second


@pytest.fixture
def here(pair: tuple[Server, Server]) -> Server:
    return pair[0]


@pytest.fixture
def there(pair: tuple[Server, Server]) -> Server:
    return pair[1]


@pytest.fixture
async def office(city: City) -> Office:
    """An office of the test's own."""
    return await city.free_office()


@dataclass
class OwnCity:
    """An installation with an embedded PostgreSQL of its own, stopped: its first process starts it."""

    data_dir: Path
    running: list[Server]
    offices: list[Office]

    @property
    def postgres(self) -> Path:
        return self.data_dir / "postgres"

    async def serve(self, *arguments: str, port: int = 0, **settings: str) -> Server:
        server = self.start(*arguments, port=port, **settings)
        return await server.ready()

    def start(self, *arguments: str, port: int = 0, **settings: str) -> Server:
        log = self.data_dir.parent / f"server-{len(self.running)}.log"
        chosen = arguments or ("serve", "--demo")
        server = Server(log, "--data-dir", str(self.data_dir), *chosen, "--port", str(port), **settings)
        self.running.append(server)
        return server

    def stop_all(self) -> None:
        """Kill what still runs, then PostgreSQL, which nobody uses any more."""
        for server in self.running:
            server.kill()
        if (self.postgres / "PG_VERSION").exists():
            embedded.start(self.postgres).stop()


@pytest.fixture
def own_folder(request: pytest.FixtureRequest, open_folder: Path) -> Iterator[OwnCity]:
    """An installation in which nothing has been made yet."""
    own = OwnCity(open_folder / "data", [], [])
    request.session.stash.setdefault(FOLDERS, []).append(open_folder)
    yield own
    own.stop_all()


@pytest.fixture(scope="session")
async def stopped_city() -> AsyncIterator[OwnCity]:
    """The files of an embedded PostgreSQL, stopped, in which the small city is: `own_city` is a copy of it."""
    with tempfile.TemporaryDirectory(prefix="kolaborasi-open-") as name:
        Path(name).chmod(0o755)
        made = OwnCity(Path(name) / "data", [], [])
        running = await asyncio.to_thread(embedded.start, made.postgres, settings=FAST)
        await migrate(running.url)
        await make_city(running.url)
        made.offices = await free_offices(running.url)
        await asyncio.to_thread(running.stop)
        yield made


@pytest.fixture
async def own_city(own_folder: OwnCity, stopped_city: OwnCity) -> OwnCity:
    """The small city on an embedded PostgreSQL of its own."""
    await asyncio.to_thread(shutil.copytree, stopped_city.postgres, own_folder.postgres)
    own_folder.offices = list(stopped_city.offices)
    return own_folder
