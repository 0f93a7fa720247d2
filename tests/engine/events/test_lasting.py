"""What is done in the wake of an event is done once, by one process at a time, from where it was left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import pytest

from server.actions.transaction import Moment, Transaction, transaction
from server.background.prune import prune
from server.background.react import React
from server.database import Pool
from server.events.log import Recorded, append
from server.ids import uuid7
from server.rules.city import CityFacts
from server.rules.event import EventType
from server.rules.refusal import Code, Refused
from server.rules.workdays import Calendar
from tests.conftest import MakeDatabase
from tests.engine.events.made import NOW, entry, running, until

MEDAN = CityFacts("12.71", "Medan", Calendar.of("Asia/Jakarta"), 10, (), date(2025, 2, 20), date(2030, 2, 20))
CLOCK = Moment(NOW, date(2026, 11, 23), MEDAN)


@pytest.fixture
async def own(fresh_database: MakeDatabase) -> AsyncIterator[Pool]:
    """A pool on a database of the test's own: its log begins empty."""
    pool = Pool(await fresh_database(), size=6)
    yield pool
    await pool.close()


async def closes(pool: Pool, type: EventType = EventType.WORK_PLAN_CLOSED) -> UUID:
    async with pool.connection() as connection, connection.transaction():
        return (await append(connection, entry(type))).id


class Ledger:
    """A reaction that writes down what it met, in its own transaction."""

    def __init__(self) -> None:
        self.met: list[UUID] = []
        self.failures = 0

    async def __call__(self, tx: Transaction, event: Recorded) -> None:
        self.met.append(event.id)
        await tx.keep(
            "INSERT INTO idempotency_key (id, account_id, verb, key, input_hash, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            *(uuid7(), event.id, "react", uuid7().hex, b"", NOW),
        )
        if self.failures:
            self.failures -= 1
            raise RuntimeError("a bug, or the database went away")


def react(pool: Pool, *reactions: Ledger, name: str = "test") -> React:
    def system():  # type: ignore[no-untyped-def]
        return transaction(pool, None, CLOCK, None)

    return React(pool.url, system, {EventType.WORK_PLAN_CLOSED: reactions}, name=name, poll=0.02)


async def written(pool: Pool) -> list[UUID]:
    async with pool.connection() as connection:
        rows = await connection.fetch("SELECT account_id FROM idempotency_key WHERE verb = 'react' ORDER BY id")
    return [row["account_id"] for row in rows]


async def until_written(pool: Pool, events: list[UUID]) -> None:
    async with asyncio.timeout(60):
        while sorted(await written(pool)) != sorted(events):
            await asyncio.sleep(0.005)


async def test_a_reaction_begins_with_what_happens_from_its_first_start_on(own: Pool) -> None:
    await closes(own)
    ledger = Ledger()
    loop = react(own, ledger)
    async with running(loop.run()):
        await until(lambda: loop.facts().is_working)
        new = await closes(own)
        await closes(own, EventType.TASK_UPDATED)
        await until_written(own, [new])
    assert ledger.met == [new]


async def test_a_reaction_goes_on_where_another_process_left(own: Pool) -> None:
    first, second = Ledger(), Ledger()
    done = []
    loop = react(own, first)
    async with running(loop.run()):
        await until(lambda: loop.facts().is_working)
        done.append(await closes(own))
        await until_written(own, done)
    done.append(await closes(own))
    async with running(react(own, second).run()):
        await until_written(own, done)
    assert first.met + second.met == done


async def test_of_many_processes_one_reacts(own: Pool) -> None:
    ledgers = [Ledger() for _ in range(4)]
    loops = [react(own, ledger) for ledger in ledgers]
    async with running(*(loop.run() for loop in loops)):
        await until(lambda: any(loop.facts().is_working for loop in loops))
        done = [await closes(own) for _ in range(10)]
        await until_written(own, done)
        assert sum(loop.facts().is_working for loop in loops) == 1
    assert [event for ledger in ledgers for event in ledger.met] == done


async def test_a_reaction_that_fails_is_rolled_back_and_tried_again(own: Pool) -> None:
    ledger = Ledger()
    ledger.failures = 2
    loop = react(own, ledger)
    async with running(loop.run()):
        await until(lambda: loop.facts().is_working)
        event = await closes(own)
        await until_written(own, [event])
    assert ledger.met == [event] * 3


async def test_a_reaction_that_is_refused_is_not_tried_again(own: Pool) -> None:
    ledger = Ledger()

    class Refusing(Ledger):
        async def __call__(self, tx: Transaction, event: Recorded) -> None:
            self.met.append(event.id)
            raise Refused(Code.MOVE_NOT_ALLOWED)

    refusing = Refusing()
    loop = react(own, ledger, refusing)
    async with running(loop.run()):
        await until(lambda: loop.facts().is_working)
        first, second = await closes(own), await closes(own)
        await until(lambda: len(refusing.met) == 2)
    assert refusing.met == [first, second]
    assert await written(own) == []


async def test_bookkeeping_is_pruned_when_it_has_served_its_time(own: Pool) -> None:
    ages = {"young": timedelta(hours=47), "old": timedelta(hours=49)}
    async with own.connection() as connection:
        for key, age in ages.items():
            await connection.execute(
                "INSERT INTO idempotency_key (id, account_id, verb, key, input_hash, created_at)"
                " VALUES ($1, $1, 'x', $2, '', $3)",
                *(uuid7(), key, NOW - age),
            )
            await connection.execute(
                "INSERT INTO sign_in_attempt (id, bucket, failures, window_starts_at) VALUES ($1, $2, 1, $3)",
                *(uuid7(), key, NOW - age),
            )
    deleted = await prune(own, NOW)
    assert deleted == {
        "idempotency_key": 1,
        "sign_in": 0,
        "password_link": 0,
        "sign_in_attempt": 2,
        "deprecated_use": 0,
    }
    async with own.connection() as connection:
        assert await connection.fetchval("SELECT key FROM idempotency_key") == "young"
