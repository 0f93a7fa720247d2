"""Every connection to the database is cut, again and again, while people ask, write and watch."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.exceptions import ConnectionClosed

from tests.system.conftest import City, Office
from tests.system.people import TASKS, Person, Watcher
from tests.system.processes import Server, until
from tests.system.test_resume import Writer, writer_of

CUTS = 5
BOARD = "{ statusBoard { cursor totals { taskCount } } tasks(first: 5) { totalCount nodes { id title } } }"
CUT = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()"""


def end_of(problem: BaseException | None) -> object:
    """The code with which the server closed the socket; what else it was otherwise."""
    cause = problem
    while cause is not None:
        if isinstance(cause, ConnectionClosed) and cause.rcvd is not None:
            return cause.rcvd.code
        cause = cause.__cause__ or cause.__context__
    return repr(problem)


async def follow(watcher: Watcher, person: Person, ends: list[object]) -> None:
    """Come back whenever the socket is closed, and after every few changes, with the last cursor."""
    while True:
        enough = len(watcher.seen) + 3
        async with watcher.watching(person) as watching:
            await until(lambda: watching.done() or len(watcher.seen) >= enough)  # noqa: B023
            if watching.done():
                ends.append(end_of(watcher.problem))


async def ask_on(person: Person, answers: Counter[int], texts: list[str]) -> None:
    while True:
        answer = await person.post(BOARD)
        answers[answer.status_code] += 1
        if answer.status_code != 200 or "errors" in answer.json():
            texts.append(f"{answer.status_code} {answer.headers.get('retry-after')} {answer.text}")
        await asyncio.sleep(0.005)


@asynccontextmanager
async def meanwhile(*loops: asyncio.Task[None]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


async def read_all(server: Server, writer: Writer, watchers: list[Watcher]) -> None:
    """Everybody is told of everything."""
    for watcher in watchers:
        async with watcher.watching(writer.person.at(server)):
            await until(lambda watcher=watcher: len(watcher.seen) >= len(writer.written))  # type: ignore[misc]


async def test_cut_connections_cost_a_pause_and_nothing_else(city: City, office: Office) -> None:
    server = await city.serve()
    writer = await writer_of(office, server)
    watchers = [Watcher(TASKS, writer.person.position, code=office.code) for _ in range(3)]
    answers: Counter[int] = Counter()
    ends: list[object] = []
    texts: list[str] = []
    loops = [asyncio.create_task(follow(watcher, writer.person, ends)) for watcher in watchers]
    loops += [asyncio.create_task(ask_on(writer.person, answers, texts)) for _ in range(3)]
    killer = await city.connection()
    async with meanwhile(*loops), writer.writing():
        for _ in range(CUTS):
            enough, asked = len(writer.written) + 5, answers[200] + 5
            await until(lambda: len(writer.written) >= enough and answers[200] >= asked)  # noqa: B023
            for _ in range(3):  # also those that are just being opened
                await killer.execute(CUT)
                await asyncio.sleep(0)
    await killer.close()
    await read_all(server, writer, watchers)

    assert set(answers) <= {200, 503}, texts
    for text in texts:
        assert text.startswith("503 2 "), text
        assert "The database cannot be reached" in text
    for refused in writer.refused:
        assert refused.status_code == 503, refused.text
        assert refused.headers["retry-after"] == "2"
        assert "not certain whether this was done" in refused.text or "try again in a moment" in refused.text
    assert set(ends) <= {1013}, ends
    for watcher in watchers:
        told = watcher.event_ids
        assert len(set(told)) == len(told)
        # What was written although nobody heard the answer is told as well.
        assert [each for each in told if each in set(writer.written)] == writer.written
    said = server.said()
    assert "Traceback" not in said
    assert "fault" not in said
