"""The pool: order of waiters, dead connections, cancellation, bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from server.database import DatabaseUnavailable, Pool, PoolClosed, PoolTimeout, connect, embedded


@pytest.fixture
async def small(database_url: str) -> AsyncIterator[Pool]:
    pool = Pool(database_url, size=2, timeout=5)
    yield pool
    assert pool.lent == 0
    assert pool.waiting == 0
    await pool.close()


async def until(fact: Callable[[], bool]) -> None:
    """Let the loop run until something is so."""
    async with asyncio.timeout(5):
        while not fact():
            await asyncio.sleep(0)


async def hold(pool: Pool, release: asyncio.Event) -> None:
    async with pool.connection():
        await release.wait()


async def test_who_came_first_is_served_first_and_nobody_overtakes(small: Pool) -> None:
    release = asyncio.Event()
    holders = [asyncio.create_task(hold(small, release)) for _ in range(2)]
    await until(lambda: small.lent == 2)
    served: list[int] = []

    async def want(number: int) -> None:
        async with small.connection() as connection:
            served.append(number)
            await connection.fetchval("SELECT 1")

    wanting: list[asyncio.Task[None]] = []
    for number in range(6):
        wanting.append(asyncio.create_task(want(number)))
        await until(lambda: small.waiting == len(wanting))
    release.set()
    await asyncio.gather(*holders, *wanting)
    assert served == [0, 1, 2, 3, 4, 5]


async def test_connections_are_opened_only_when_needed_and_used_again(small: Pool) -> None:
    async with small.connection() as one:
        first = one.get_server_pid()
    async with small.connection() as again:
        assert again.get_server_pid() == first
        async with small.connection() as other:
            assert other.get_server_pid() != first


async def test_a_connection_killed_by_the_server_is_replaced(small: Pool, database_url: str) -> None:
    async with small.connection() as connection:
        victim, lost = connection.get_server_pid(), connection
    killer = await connect(database_url)
    assert await killer.fetchval("SELECT pg_terminate_backend($1)", victim)
    await killer.close()
    await until(lost.is_closed)
    async with small.connection() as connection:
        assert connection.get_server_pid() != victim
        assert await connection.fetchval("SELECT 1") == 1


async def test_a_connection_that_dies_in_use_gives_its_place_back(small: Pool, database_url: str) -> None:
    for _ in range(3):
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            async with small.connection() as connection:
                await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    async with small.connection() as one, small.connection() as two:
        assert await one.fetchval("SELECT 1") + await two.fetchval("SELECT 1") == 2


async def test_a_connection_left_in_a_transaction_is_not_lent_again(small: Pool) -> None:
    async with small.connection() as connection:
        pid = connection.get_server_pid()
        await connection.execute("BEGIN")
    async with small.connection() as connection:
        assert connection.get_server_pid() != pid
        assert not connection.is_in_transaction()


async def test_who_waits_too_long_is_told_so(database_url: str) -> None:
    pool = Pool(database_url, size=1, timeout=0.05)
    async with pool.connection():
        with pytest.raises(PoolTimeout):
            async with pool.connection():
                raise AssertionError
        assert pool.waiting == 0
    async with pool.connection() as connection:
        assert await connection.fetchval("SELECT 1") == 1
    await pool.close()


async def test_a_waiter_that_is_cancelled_leaves_its_place_in_the_queue(small: Pool) -> None:
    release = asyncio.Event()
    holders = [asyncio.create_task(hold(small, release)) for _ in range(2)]
    await until(lambda: small.lent == 2)
    waiter = asyncio.create_task(hold(small, release))
    await until(lambda: small.waiting == 1)
    waiter.cancel()
    await until(waiter.done)
    assert small.waiting == 0
    release.set()
    await asyncio.gather(*holders)


async def test_a_turn_that_comes_as_its_waiter_is_cancelled_goes_to_the_next(database_url: str) -> None:
    pool = Pool(database_url, size=1)
    release, never, second_served = asyncio.Event(), asyncio.Event(), asyncio.Event()
    holder = asyncio.create_task(hold(pool, release))
    await until(lambda: pool.lent == 1)
    first = asyncio.create_task(hold(pool, never))
    await until(lambda: pool.waiting == 1)
    second = asyncio.create_task(hold(pool, second_served))
    await until(lambda: pool.waiting == 2)
    # The turn is given in the same step of the loop in which its receiver is cancelled.
    release.set()
    holder.add_done_callback(lambda _: first.cancel())
    second_served.set()
    await asyncio.gather(holder, second)
    await until(first.done)
    assert pool.lent == 0
    async with asyncio.timeout(5), pool.connection() as connection:
        assert await connection.fetchval("SELECT 1") == 1
    await pool.close()


async def test_a_cancelled_statement_does_not_disturb_the_next_borrower(small: Pool) -> None:
    for _ in range(20):
        started = asyncio.Event()

        async def slow(started: asyncio.Event = started) -> None:
            async with small.connection() as connection, connection.transaction():
                started.set()
                await connection.execute("SELECT pg_sleep(10)")

        task = asyncio.create_task(slow())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with small.connection() as connection:
            assert await connection.fetchval("SELECT 1") == 1
    await until(lambda: small.lent == 0)


async def test_random_cancellation_leaks_no_connection(database_url: str) -> None:
    pool = Pool(database_url, size=3, timeout=0.02)

    async def work(number: int) -> None:
        async with pool.connection() as connection:
            await connection.fetchval("SELECT pg_sleep($1)", (number % 5) / 500)

    tasks = [asyncio.create_task(work(number)) for number in range(120)]
    for number, task in enumerate(tasks):
        if number % 3 == 0:
            asyncio.get_running_loop().call_later((number % 17) / 1000, task.cancel)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    # Neither a turn nor, on a busy machine, a connection is always to be had in that time.
    expected = (asyncio.CancelledError, DatabaseUnavailable)
    assert all(result is None or isinstance(result, expected) for result in results), results
    await until(lambda: pool.lent == 0 and pool.waiting == 0)
    pool.timeout = 10
    async with pool.connection(), pool.connection(), pool.connection() as connection:
        assert await connection.fetchval("SELECT 1") == 1
    await pool.close()


async def test_closing_waits_for_who_works_and_refuses_who_comes(database_url: str) -> None:
    pool = Pool(database_url, size=1)
    release = asyncio.Event()
    holder = asyncio.create_task(hold(pool, release))
    await until(lambda: pool.lent == 1)
    waiter = asyncio.create_task(hold(pool, release))
    await until(lambda: pool.waiting == 1)
    closing = asyncio.create_task(pool.close())
    with pytest.raises(PoolClosed):
        await waiter
    with pytest.raises(PoolClosed):
        async with pool.connection():
            raise AssertionError
    assert not closing.done()
    release.set()
    await holder
    await closing


async def test_a_restart_of_the_database_is_survived(tmp_path: Path) -> None:
    database = embedded.start(tmp_path / "postgres", settings={"fsync": "off"})
    pool = Pool(database.url, size=3, timeout=5)
    async with pool.connection() as one, pool.connection() as two:
        lost = [one, two]
    await asyncio.to_thread(database.halt)
    await until(lambda: all(connection.is_closed() for connection in lost))
    with pytest.raises(DatabaseUnavailable):
        async with pool.connection():
            raise AssertionError
    await asyncio.to_thread(database.resume)
    async with pool.connection() as one, pool.connection() as two, pool.connection() as three:
        for connection in (one, two, three):
            assert await connection.fetchval("SELECT 1") == 1
    await pool.close()
    assert await asyncio.to_thread(database.stop)


async def test_json_and_times_arrive_as_python_values_in_utc(pool: Pool) -> None:
    document = {"nama": "Medan Johor", "list": [1, 2.5, None, True]}
    async with pool.connection() as connection:
        for kind in ("json", "jsonb"):
            assert await connection.fetchval(f"SELECT $1::{kind}", document) == document
        moment = datetime(2026, 1, 31, 17, 0, tzinfo=UTC)
        assert await connection.fetchval("SELECT $1::timestamptz::text", moment) == "2026-01-31 17:00:00+00"
