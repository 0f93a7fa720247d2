"""Stock clients take a live query as it is, over every wire they have, with the recipes of docs/clients.md."""

from __future__ import annotations

import asyncio
import json
import subprocess
from contextlib import suppress
from typing import Any

import pytest

from tests.npm import NODE, clients
from tests.system.conftest import City, Office
from tests.system.processes import until

pytestmark = pytest.mark.exhaustive


async def test_every_way_in_which_a_stock_client_may_ask_live_hears_each_change(city: City, office: Office) -> None:
    camat = await office.camat(await city.serve())
    asked = {"url": f"{camat.server.url}/graphql", "token": camat.token, "code": office.code}
    listed = subprocess.run(
        [NODE, "live.mjs", json.dumps(asked | {"way": "?"})], cwd=clients(), check=True, capture_output=True, text=True
    )
    ways = json.loads(listed.stdout)
    assert len(ways) == 11
    heard: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}

    async def listen(way: str, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            heard[way].append(json.loads(line))

    processes = {
        way: await asyncio.create_subprocess_exec(
            NODE, "live.mjs", json.dumps(asked | {"way": way}), cwd=clients(), stdout=asyncio.subprocess.PIPE
        )
        for way in ways
    }
    listening = [asyncio.create_task(listen(way, process)) for way, process in processes.items()]
    titles: list[str] = []

    async def all_know(titles: list[str]) -> None:
        last = {"titles": titles}
        try:
            await until(lambda: all(each and each[-1] == last for each in heard.values()), seconds=60)
        except AssertionError:
            raise AssertionError({way: each[-2:] for way, each in heard.items() if each[-1:] != [last]}) from None

    try:
        await all_know(titles)
        for letter in "ABC":
            await camat.do("createTask", "task { id }", organisation={"code": office.code}, title=f"Kerja {letter}")
            titles.append(f"Kerja {letter}")
            await all_know(titles)
    finally:
        for process in processes.values():
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        await asyncio.gather(*listening)
    assert all(len(each) == 4 for each in heard.values()), heard
