"""The reader loses nothing and doubles nothing, whatever transactions, wake-ups and the database do."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from uuid import UUID

import pytest

from server.database import Connection, Pool, connect, create_database, embedded, migrate
from server.events.log import Recorded, append, append_all
from server.events.position import LAST, Position
from server.events.reader import BATCH, Reader
from server.events.wake import Wake
from server.rules.event import EventType
from tests.conftest import FAST
from tests.engine.events.made import entry, running, until


class Seen:
    """A consumer that remembers."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []

    async def __call__(self, events: Sequence[Recorded]) -> None:
        self.events += events

    @property
    def ids(self) -> list[UUID]:
        return [event.id for event in self.events]


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    opened = await connect(database_url)
    yield opened
    await opened.close()


def reader(url: str, pool: Pool, wake: Wake, *consumers: Seen, poll: float = 0.05) -> Reader:
    return Reader(url, pool, wake, consumers, poll=poll)


async def write(connection: Connection) -> UUID:
    async with connection.transaction():
        return (await append(connection, entry())).id


async def test_transactions_that_commit_out_of_order_are_read_once_each_in_order(database_url: str, pool: Pool) -> None:
    seen, wake = Seen(), Wake(database_url)
    written: list[UUID] = []
    chance = random.Random(7)

    async def writer(seed: int) -> None:
        own = random.Random(seed)
        connection = await connect(database_url)
        for _ in range(40):
            transaction = connection.transaction()
            await transaction.start()
            ids = []
            for _ in range(own.randint(1, 3)):
                ids.append((await append(connection, entry())).id)
                await asyncio.sleep(own.random() * 0.01)
            if own.random() < 0.15:
                await transaction.rollback()
            else:
                await transaction.commit()
                written.extend(ids)
                wake.tell()
        await connection.close()

    log = reader(database_url, pool, wake, seen)
    async with running(log.run(), wake.run()):
        await log.started()
        await asyncio.gather(*(writer(chance.randrange(10**6)) for _ in range(8)))
        await until(lambda: len(seen.events) >= len(written))
    assert sorted(seen.ids) == sorted(written)
    assert [event.position for event in seen.events] == sorted(event.position for event in seen.events)


async def test_nothing_is_read_past_a_transaction_that_still_runs(
    database_url: str, pool: Pool, connection: Connection
) -> None:
    seen, wake = Seen(), Wake(database_url)
    log = reader(database_url, pool, wake, seen)
    other = await connect(database_url)
    async with running(log.run()):
        await log.started()
        transaction = connection.transaction()
        await transaction.start()
        early = (await append(connection, entry())).id
        late = await write(other)
        await until(lambda: log.facts().held_age is not None)
        assert seen.ids == []
        await transaction.commit()  # and nobody tells
        await until(lambda: len(seen.ids) == 2)
        await until(lambda: log.facts().held_age is None)
    await other.close()
    assert seen.ids == [early, late]


async def test_more_than_a_batch_is_read_at_once(database_url: str, pool: Pool, connection: Connection) -> None:
    seen, wake = Seen(), Wake(database_url)
    log = reader(database_url, pool, wake, seen, poll=30)
    async with running(log.run()):
        await log.started()
        entries = [entry() for _ in range(2 * BATCH + 5)]
        async with connection.transaction():
            await append_all(connection, entries)
        wake.tell()
        await until(lambda: len(seen.ids) == len(entries))
    assert seen.ids == [each.id for each in entries]


async def test_events_arrive_without_any_wake_up(database_url: str, pool: Pool, connection: Connection) -> None:
    seen, wake = Seen(), Wake(database_url)  # whose loop does not run: nobody listens
    log = reader(database_url, pool, wake, seen)
    async with running(log.run()):
        await log.started()
        written = await write(connection)
        await until(lambda: seen.ids == [written])
    assert log.facts().found_by_poll == 1
    assert not wake.facts().is_listening


async def test_a_commit_in_one_process_wakes_another(database_url: str, pool: Pool, connection: Connection) -> None:
    seen, here, there = Seen(), Wake(database_url), Wake(database_url)
    log = reader(database_url, pool, there, seen, poll=30)
    async with running(log.run(), here.run(), there.run()):
        await log.started()
        await until(lambda: here.facts().is_listening and there.facts().echo_age is not None)
        written = await write(connection)
        here.tell()
        await until(lambda: seen.ids == [written])
    assert log.facts().found_by_poll == 0


async def test_many_commits_make_few_notifications(database_url: str) -> None:
    wake = Wake(database_url, coalesce=0.05)
    async with running(wake.run()):
        await until(lambda: wake.facts().is_listening)
        for _ in range(1_000):
            wake.tell()
            await asyncio.sleep(0)
        await until(lambda: wake.facts().heard > 0)
    assert 1 <= wake.facts().sent < 20


async def test_the_wake_ups_come_back_when_their_connection_was_cut(
    database_url: str, pool: Pool, connection: Connection
) -> None:
    seen, here, there = Seen(), Wake(database_url), Wake(database_url)
    log = reader(database_url, pool, there, seen, poll=30)
    async with running(log.run(), here.run(), there.run()):
        await log.started()
        await until(lambda: here.facts().is_listening and there.facts().is_listening)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'kolaborasi wake' AND datname = current_database()"
        )
        await until(lambda: not here.facts().is_listening and not there.facts().is_listening)
        await until(lambda: here.facts().is_listening and there.facts().is_listening)
        written = await write(connection)
        here.tell()
        await until(lambda: seen.ids == [written])


async def test_the_reader_goes_on_where_it_was_when_its_connection_was_cut(
    database_url: str, pool: Pool, connection: Connection
) -> None:
    seen, wake = Seen(), Wake(database_url)
    log = reader(database_url, pool, wake, seen)
    async with running(log.run()):
        await log.started()
        written = [await write(connection)]
        await until(lambda: seen.ids == written)
        for _ in range(3):
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'kolaborasi reader' AND datname = current_database()"
            )
            written.append(await write(connection))
            await until(lambda: seen.ids == written)


async def test_a_consumer_that_fails_keeps_the_log_from_nobody_else(
    database_url: str, pool: Pool, connection: Connection
) -> None:
    seen, wake = Seen(), Wake(database_url)

    async def fails(_: Sequence[Recorded]) -> None:
        raise RuntimeError("a bug")

    log = Reader(database_url, pool, wake, [fails, seen], poll=0.05)
    async with running(log.run()):
        await log.started()
        written = [await write(connection), await write(connection)]
        await until(lambda: seen.ids == written)


async def test_an_event_of_a_newer_server_is_left_out_and_the_next_is_read(
    database_url: str, pool: Pool, connection: Connection
) -> None:
    seen, wake = Seen(), Wake(database_url)
    log = reader(database_url, pool, wake, seen)
    async with running(log.run()):
        await log.started()
        unknown = await write(connection)
        async with connection.transaction():
            newer = (await append(connection, entry())).id
            await connection.execute("UPDATE event SET type = 'COMET_SEEN' WHERE id = $1", newer)
        known = await write(connection)
        await until(lambda: known in seen.ids)
    assert seen.ids == [unknown, known]
    await connection.execute("UPDATE event SET type = 'TASK_UPDATED' WHERE id = $1", newer)


async def test_a_subscription_from_any_answers_position_misses_nothing_committed_after_it(
    database_url: str, pool: Pool, connection: Connection
) -> None:
    """What a snapshot taken after the position was read does not show lies behind the position."""
    wake = Wake(database_url)
    log = reader(database_url, pool, wake, Seen())
    other = await connect(database_url)
    async with running(log.run()):
        await log.started()
        transaction = other.transaction()
        await transaction.start()
        slow = await append(other, entry())
        await write(connection)
        for _ in range(20):
            position = log.position
            visible = {row["id"] for row in await connection.fetch("SELECT id FROM event")}
            assert slow.id not in visible
            assert slow.position > position
            await write(connection)
        await transaction.commit()
        await until(lambda: log.position > slow.position)
    await other.close()


async def test_replay_gives_what_lies_between_two_positions_in_pages(
    database_url: str, pool: Pool, connection: Connection
) -> None:
    seen, wake = Seen(), Wake(database_url)
    log = reader(database_url, pool, wake, seen)
    async with running(log.run()):
        await log.started()
        start = log.position
        written = [await write(connection) for _ in range(7)]
        await until(lambda: seen.ids == written)
        end = log.position
        found, place = [], start
        while place < end:
            events, place = await log.read_after(place, end, limit=3)
            found += [event.id for event in events]
    assert found == written
    assert place == end


async def test_a_reader_without_a_database_starts_when_there_is_one_and_survives_its_restart() -> None:
    folder = Path(tempfile.mkdtemp(prefix="kolaborasi-reader-"))
    server = embedded.start(folder / "postgres", settings=FAST)
    try:
        url = await create_database(server.url, "restarted")
        await migrate(url)
        pool, wake, seen = Pool(url, size=2), Wake(url), Seen()
        server.halt()
        log = reader(url, pool, wake, seen)
        async with running(log.run(), wake.run()):
            await until(lambda: log.facts().problem is not None)
            assert not log.facts().has_started
            server.resume()
            await log.started()
            written = []
            for _ in range(2):
                connection = await connect(url)
                written.append(await write(connection))
                await connection.close()
                await until(lambda: seen.ids == written)
                server.halt()
                await until(lambda: log.facts().problem is not None)
                server.resume()
                await until(lambda: log.facts().problem is None, 30)
        await pool.close()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def test_one_entry_and_many_are_appended_with_their_places(connection: Connection) -> None:
    async with connection.transaction():
        one = await append(connection, entry(EventType.TASK_CREATED, changes={"title": [None, "Gotong royong"]}))
        many = [entry(subject_version=n) for n in range(1, 4)]
        await append_all(connection, many)
    rows = await connection.fetch(
        "SELECT * FROM event WHERE id = ANY($1) ORDER BY sequence", [each.id for each in many]
    )
    assert [row["subject_version"] for row in rows] == [1, 2, 3]
    assert {row["xid"] for row in rows} == {one.xid}
    assert one.position < Position(1, one.xid, rows[0]["sequence"]) < Position(1, one.xid, LAST)
    assert (await connection.fetchval("SELECT changes FROM event WHERE id = $1", one.id)) == one.changes
