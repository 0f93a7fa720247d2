"""The commands of README.md, CONTRIBUTING.md and docs, run as they stand there (tests/commands.py)."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.database import Connection, connect, create_database, embedded
from tests.commands import ROOT, RUN, shell_blocks
from tests.system.processes import Server, environment, until

PAGE = "docs/operations.md: "
ADDRESS = "http://127.0.0.1:8000"
# What serves until somebody stops it.
SERVES = re.compile(r"^(?:\S*kolaborasi serve|make demo)\b")
TOKEN = "m" * 32


class Line(Server):
    """A line of a page that serves."""

    command = ("bash", "-c")


class Place:
    """A folder that looks like a fresh clone: everything of the repository, and no data. Blocks are run there."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.settings = {"PORT": "0", "KOLABORASI_PORT": "0", **settings}
        self.done = set[str]()
        folder.mkdir(mode=0o755)
        for path in ROOT.iterdir():
            if path.name not in (".git", ".data"):
                (folder / path.name).symlink_to(path)

    async def run(self, name: str, *, at: str = ADDRESS, **settings: str) -> str:
        """A block, line by line as bash does, and all that was said; what serves does so until the block's end.

        `at`: where it serves, since pages name the usual port. Fails with what was said when a command does.
        """
        self.done.add(name)
        text, said = shell_blocks()[name].text.replace(ADDRESS, at), ""
        servers = list[Server]()
        try:
            for part in re.split(rf"({SERVES.pattern}.*\n)", text, flags=re.MULTILINE):
                if SERVES.match(part):
                    servers.append(await self.serve(part, **settings).ready())
                else:
                    said += await asyncio.to_thread(self._bash, part, settings)
        finally:
            for server in servers:
                server.terminate()
                await server.ended()
        return said

    def serve(self, line: str = ".venv/bin/kolaborasi serve", **settings: str) -> Server:
        command = line.partition("#")[0].strip()
        return Line(self.folder / "server.log", f"cd {self.folder} && exec {command}", **self.settings, **settings)

    @asynccontextmanager
    async def serving(self, **settings: str) -> AsyncIterator[Server]:
        server = self.serve(**settings)
        try:
            yield await server.ready()
        finally:
            server.terminate()
            await server.ended()

    def _bash(self, text: str, settings: dict[str, str]) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder,
            env=environment(**self.settings, **settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout[-3_000:]}"
        return done.stdout

    async def kolaborasi(self, arguments: str) -> str:
        return await asyncio.to_thread(self._bash, f".venv/bin/kolaborasi {arguments}", {})


ACCOUNT = "account create {} --name Uji --organisation SETDA"


@pytest.mark.exhaustive
async def test_an_installation_is_set_up_backed_up_restored_and_upgraded(open_folder: Path) -> None:
    place = Place(open_folder / "clone", KOLABORASI_METRICS_TOKEN=TOKEN)
    assert "KOLABORASI_PUBLIC_ADDRESS" in await place.run(f"{PAGE}Settings")
    installed = await place.run(f"{PAGE}Install")
    assert "/auth/password#" in installed
    assert "Everything agrees." in installed
    secret = (place.folder / ".data" / "secret").read_text()
    async with place.serving() as server:
        await until(server.is_well)
        metrics = await place.run(f"{PAGE}Metrics", at=server.url)
        assert '{"status":"ready"}' in metrics
        assert "kolaborasi_watchers 0" in metrics
        assert "FROM organisation" in await place.run(f"{PAGE}One document is slow")
        await place.run(f"{PAGE}The embedded database")
        await place.kolaborasi(ACCOUNT.format("after-the-backup"))
    restored = await place.run(f"{PAGE}The embedded database (2)")
    assert "Everything agrees." in restored
    async with place.serving() as server:
        await until(server.is_well)
    assert (place.folder / ".data" / "secret").read_text() != secret
    await place.kolaborasi(ACCOUNT.format("after-the-backup"))  # of whom nothing is known
    with pytest.raises(AssertionError, match="There is one already"):
        await place.kolaborasi(ACCOUNT.format("admin"))
    upgraded = await place.run(f"{PAGE}Upgrade")
    assert re.search(r"^kolaborasi \d", upgraded, re.MULTILINE)
    assert "The database is up to date." in upgraded


@pytest.mark.exhaustive
async def test_the_demonstration_and_a_city_hall_run_as_the_readme_says(open_folder: Path) -> None:
    place = Place(open_folder / "clone")
    await place.run("README.md: Try it")
    server = place.serve("make demo")
    try:
        await server.ready()
        for changed in (2, 0):
            synced = await place.run("README.md: Try it (2)", at=server.url)
            assert f"tasks: {changed} changed, {2 - changed} unchanged, 0 refused" in synced
            assert f"readings: {changed} changed, {2 - changed} unchanged, 0 refused" in synced
        said = await place.run("README.md: Ask", at=server.url)
        assert '"organisation":{"name":"Kecamatan Medan Johor"}' in said
    finally:
        server.terminate()
        await server.ended()
    assert "Everything agrees." in await place.run("README.md: Run it for a city")


@pytest.fixture
async def dumped(postgres: embedded.EmbeddedPostgres, template: str, worker_id: str) -> str:
    """A database whose log is far from PostgreSQL's first transactions."""
    url = await create_database(postgres.url, f"dumped_{worker_id}", template=template)
    connection = await connect(url)
    for _ in range(3_000):
        await connection.execute("SELECT pg_current_xact_id()")
    await connection.close()
    return url


async def newest_and_next(connection: Connection) -> tuple[int, int]:
    """The log's newest transaction, and the number of one that begins now."""
    row = await connection.fetchrow(
        "SELECT max(xid) AS newest, pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next FROM event"
    )
    assert row is not None
    return row["newest"], row["next"]


@pytest.mark.exhaustive
async def test_a_postgresql_of_its_own_is_backed_up_and_a_dump_goes_on_in_another_one(
    dumped: str, open_folder: Path
) -> None:
    place = Place(open_folder / "clone", DATABASE_URL=dumped, PATH=f"{embedded.binaries()}:/usr/bin:/bin")
    await place.kolaborasi("city load medan")
    await place.run(f"{PAGE}A PostgreSQL of its own")
    assert (place.folder / "backup-of-postgres" / "PG_VERSION").exists()
    await place.run(f"{PAGE}A PostgreSQL of its own (2)")
    rows = await place.run(f"{PAGE}Events are held back (`/readyz` says `horizon`)")
    assert "application_name" in rows

    other = await asyncio.to_thread(embedded.start, open_folder / "other" / "postgres")
    connection = await connect(other.url)
    try:
        source = await connect(dumped)
        newest, _ = await newest_and_next(source)
        counted = await source.fetchval("SELECT count(*) FROM event")
        await source.close()
        begun = await connection.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        assert begun + 2_000 < newest, "or the commands would have nothing to do"
        said = await place.run(f"{PAGE}A dump into another PostgreSQL", RESTORED_URL=other.url)
        assert "Everything agrees." in said
        assert await connection.fetchval("SELECT count(*) FROM event") == counted
        restored, coming = await newest_and_next(connection)
        assert (restored, coming > newest) == (newest, True), "the log goes on behind what it holds"
    finally:
        await connection.close()
        other.stop()


@pytest.mark.exhaustive
async def test_some_of_the_tests_are_run_as_the_page_for_contributors_says(open_folder: Path) -> None:
    said = await Place(open_folder / "clone").run("CONTRIBUTING.md: Set up (2)")
    assert re.search(r"\d+ passed", said)


def test_every_block_that_is_said_to_be_run_is() -> None:
    """By name: a block that no test above mentions would be run by none."""
    source = Path(__file__).read_text()
    for name in RUN:
        page, _, rest = name.partition(": ")
        told = f'{{PAGE}}{rest}"' if f"{page}: " == PAGE else f'"{name}"'
        assert told in source, name
