"""Cut off and resumed, while a writer keeps writing: nothing is lost, nothing comes twice, everything in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from server.database import embedded
from tests.system.conftest import City, Office, OwnCity
from tests.system.people import TASKS, Person, Watcher, mutation, new_key, sign_in
from tests.system.processes import Server, until

EVENT_STREAM = {"accept": "text/event-stream"}


@dataclass
class Writer:
    """Somebody who comments on one task, again and again; `written` holds the events that were acknowledged."""

    person: Person
    task_id: str
    written: list[str] = field(default_factory=list)
    refused: list[httpx.Response] = field(default_factory=list)
    go_on: bool = True

    async def write(self) -> str | None:
        """One comment; None when it could not be made, and the answer is kept."""
        given = {"taskId": self.task_id, "text": f"Catatan {len(self.written)}", "idempotencyKey": new_key()}
        answer = await self.person.post(mutation("commentOnTask", ""), input=given)
        found = answer.json()
        if found.get("errors"):
            self.refused.append(answer)
            return None
        payload = found["data"]["commentOnTask"]
        assert not payload["errors"], payload
        self.written.append(payload["event"]["id"])
        return self.written[-1]

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Writer]:
        """Goes on writing meanwhile."""

        async def write_on() -> None:
            while self.go_on:
                await self.write()
                await asyncio.sleep(0.005)

        task = asyncio.create_task(write_on())
        try:
            yield self
        finally:
            self.go_on = False
            await task


async def writer_of(office: Office, server: Server) -> Writer:
    """Writes through this process, about a new task of the office."""
    camat = await office.camat(server)
    made = await camat.do("createTask", "task { id }", organisation={"code": office.code}, title="Periksa pompa banjir")
    # An answer's position may lie before what was just done: it may repeat, and these tests count.
    camat.position = made["event"]["cursor"]
    return Writer(camat, made["task"]["id"])


async def more(watcher: Watcher, count: int) -> None:
    """Wait until the watcher was told of so many changes more."""
    enough = len(watcher.seen) + count
    await until(lambda: len(watcher.seen) >= enough)


async def all_arrive(watcher: Watcher, writer: Writer) -> None:
    """Everything that was written is told once, in order."""
    await until(lambda: len(watcher.seen) >= len(writer.written))
    assert watcher.event_ids == writer.written


async def test_a_client_that_is_cut_off_goes_on_behind_its_last_cursor(
    office: Office, here: Server, there: Server
) -> None:
    writer = await writer_of(office, here)
    watcher = Watcher(TASKS, writer.person.position, code=office.code)
    async with writer.writing():
        for turn in range(6):
            async with watcher.watching(writer.person.at((there, here)[turn % 2])):
                await more(watcher, 5)
        writer.go_on = False
    async with watcher.watching(writer.person.at(there)):
        await all_arrive(watcher, writer)


async def test_a_killed_process_is_left_for_one_that_was_not_running_when_it_happened(
    city: City, office: Office, here: Server
) -> None:
    doomed = await city.serve()
    writer = await writer_of(office, here)
    watcher = Watcher(TASKS, writer.person.position, code=office.code)
    async with writer.writing():
        async with watcher.watching(writer.person.at(doomed)) as cut_off:
            await more(watcher, 5)
            doomed.kill()
            await asyncio.wait_for(cut_off, 10)
        await until(lambda: len(writer.written) > len(watcher.seen) + 5)
        writer.go_on = False
    fresh = await city.serve()
    async with watcher.watching(writer.person.at(fresh)):
        await all_arrive(watcher, writer)
    fresh.kill()


async def test_an_event_source_resumes_by_its_last_event_id(office: Office, here: Server, there: Server) -> None:
    writer = await writer_of(office, here)
    seen: list[tuple[str, str]] = []
    async with writer.writing():
        for turn in range(5):
            await read_events(writer.person.at((there, here)[turn % 2]), office.code, seen, 5 * (turn + 1))
    await read_events(writer.person.at(there), office.code, seen, len(writer.written))
    assert [event for _, event in seen] == writer.written


async def read_events(person: Person, code: str, seen: list[tuple[str, str]], enough: int) -> None:
    """As a browser's EventSource, until so many ids and events were seen."""
    asked = {"query": TASKS, "variables": json.dumps({"code": code, "after": person.position})}
    headers = person.headers | EVENT_STREAM | ({"last-event-id": seen[-1][0]} if seen else {})
    async with (
        asyncio.timeout(20),
        httpx.AsyncClient(timeout=20) as client,
        client.stream("GET", f"{person.server.url}/graphql", params=asked, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        id_ = ""
        async for line in answer.aiter_lines():
            if len(seen) >= enough:
                break
            if line.startswith("id: "):
                id_ = line.removeprefix("id: ")
            if line.startswith("data: {"):
                told = json.loads(line.removeprefix("data: "))
                assert "errors" not in told, told
                seen.append((id_, told["data"]["taskChanged"]["event"]["id"]))


async def test_a_restarted_database_costs_a_pause_and_nothing_else(own_city: OwnCity) -> None:
    first, second = await asyncio.gather(own_city.serve(), own_city.serve())
    office = own_city.offices[0]
    writer = await writer_of(office, first)
    watcher = Watcher(TASKS, writer.person.position, code=office.code)
    database = await asyncio.to_thread(embedded.start, own_city.postgres)  # runs: this only takes hold of it
    async with writer.writing():
        async with watcher.watching(writer.person.at(second)):
            await more(watcher, 5)
            await asyncio.to_thread(database.halt)
            await until(lambda: writer.refused)
            assert await second.is_alive()
            await until(second.is_unwell)
            await asyncio.to_thread(database.resume)
            before = len(writer.written)
            await until(lambda: len(writer.written) > before + 5, 30)
        async with watcher.watching(writer.person.at(second)):
            await more(watcher, 1)
        await until(second.is_well)
        await until(first.is_well)
    for answer in writer.refused:
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "INTERNAL"
        assert "Traceback" not in answer.text
    async with watcher.watching(writer.person.at(second)):
        await until(lambda: len(watcher.seen) >= len(writer.written))
    # A comment whose acknowledgement the restart swallowed may have been made all the same.
    told = watcher.event_ids
    assert len(set(told)) == len(told)
    assert [each for each in told if each in set(writer.written)] == writer.written
    assert first.process.poll() is None
    assert second.process.poll() is None
    database.lock.close()
    signed_in_anew = await sign_in(first, f"camat-{office.slug}")
    assert await signed_in_anew.ask("{ viewer { role } }") == {"viewer": {"role": "HEAD"}}
