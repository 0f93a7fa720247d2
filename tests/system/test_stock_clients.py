"""Stock clients come back after a stop, a restart and a kill, and are told of everything once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.npm import CLIENTS, NODE, clients
from tests.system.conftest import City, Office
from tests.system.people import TASKS, Person
from tests.system.processes import Server, until

pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="session")
def node() -> Path:
    """The program that runs other people's clients, once they are installed as the lockfile says."""
    clients()
    return NODE


class Client:
    """A stock client in a process of its own; `heard` is what it said, in order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.heard: list[dict[str, Any]] = []

    async def listen(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.heard.append(json.loads(line))

    @property
    def connected(self) -> int:
        """How often it has connected."""
        return sum("connected" in each for each in self.heard)

    @property
    def told(self) -> list[str]:
        """The tasks of which it was told, by their titles."""
        return [each["change"]["node"]["title"] for each in self.heard if "change" in each]


@asynccontextmanager
async def following(node: Path, client: str, person: Person, code: str) -> AsyncIterator[Client]:
    """A stock client that follows this office's tasks from where this person last looked."""
    asked = {
        "client": client, "url": f"{person.server.url}/graphql", "token": person.token,
        "query": TASKS.replace("version", "title version"), "variables": {"code": code}, "after": person.position,
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        node, CLIENTS / "follow.mjs", json.dumps(asked), stdout=asyncio.subprocess.PIPE
    )
    found = Client(process)
    listening = asyncio.create_task(found.listen())
    try:
        yield found
    finally:
        with suppress(ProcessLookupError):  # it gave up, which the test says better
            process.kill()
        await process.wait()
        await listening


async def make_task(person: Person, office: Office, title: str) -> None:
    await person.do("createTask", "task { id }", organisation={"code": office.code}, title=title)


async def end(server: Server, how: str) -> None:
    if how == "kill":
        server.kill()
    else:
        server.terminate()
        await server.ended()


@pytest.mark.parametrize("client", ["graphql-sse", "graphql-ws"])
async def test_a_stock_client_comes_back_and_misses_nothing(
    city: City, office: Office, node: Path, client: str
) -> None:
    server, elsewhere = await asyncio.gather(city.serve(), city.serve())
    camat = await office.camat(server)
    await camat.ask("{ viewer { role } }")
    at_elsewhere = camat.at(elsewhere)
    made: list[str] = []

    async def make(title: str) -> None:
        await make_task(at_elsewhere, office, title)
        made.append(title)

    async with following(node, client, camat, office.code) as follower:
        await until(lambda: follower.connected == 1)
        for turn, how in enumerate(("stop", "kill", "stop"), 1):
            await end(server, how)
            await make(f"Saat server mati {turn}")
            server = await city.serve(port=server.port)
            await make(f"Sesudah {how} {turn}")
            await until(lambda: len(follower.told) >= len(made), 90)
            await make(f"Seperti biasa {turn}")
            await until(lambda: len(follower.told) >= len(made))
        assert follower.told == made
        assert not [each for each in follower.heard if not each.keys() & {"change", "connected"}]
        assert follower.connected >= 4
    await end(server, "kill")
    await end(elsewhere, "kill")
