"""Deadlines while processes die: each is recorded once, with its own moment, whoever was there to see it pass."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from server.actions.city import CityClock
from server.actions.facts import office
from server.actions.transaction import Moment, transaction
from server.database import Connection, Pool, create_database, embedded
from server.ids import uuid7
from server.models import Organisation, Request
from server.rules.clock import ClockKind, working_clock
from server.rules.collaboration_facts import ANSWER_DAYS, RequestKind
from server.rules.event import EventType
from server.rules.workdays import local_day
from tests.system.conftest import City
from tests.system.people import sign_in
from tests.system.processes import Server, run, until

REQUESTS = 1_000


@pytest.fixture
async def waiting(postgres: embedded.EmbeddedPostgres, made_city: str, logs: Path) -> AsyncIterator[City]:
    """A city of the test's own that nobody serves yet."""
    url = await create_database(postgres.url, f"waiting_{uuid7().hex[-12:]}", template=made_city)
    city = City(url, logs)
    yield city
    city.kill_all()


async def ask(city: City, count: int, sent_at: datetime) -> datetime:
    """So many requests of Medan Johor to the DLH, sent then; the moment at which they are due."""
    pool, clock = Pool(city.url, size=2), CityClock()
    await clock.load(pool)
    then = Moment(sent_at, local_day(sent_at, clock.city.calendar), clock.city)
    async with transaction(pool, None, then, None) as tx:
        asker, giver = [await tx.find(Organisation, code=code) for code in ("12.71.11", "DLH")]
        assert asker is not None
        assert giver is not None
        due_at = working_clock(ClockKind.ANSWER, sent_at, ANSWER_DAYS, await office(tx, giver.id)).due_at
        for number in range(count):
            row = Request(
                id=tx.new_id(), kind=RequestKind.NEED, asker_id=asker.id, giver_id=giver.id,
                thread_id=tx.new_id(), title=f"Truk {number}", answer_started_at=sent_at, answer_due_at=due_at,
            )  # fmt: skip
            await tx.create(row, EventType.REQUEST_MADE)
    await pool.close()
    return due_at


async def lapses(connection: Connection) -> int:
    found: int = await connection.fetchval("SELECT count(*) FROM event WHERE type = 'REQUEST_LAPSED'")
    return found


async def is_sweeping(server: Server) -> bool:
    async with httpx.AsyncClient() as client:
        metrics = (await client.get(f"{server.url}/metrics")).text
    return re.search(r"^kolaborasi_sweep_working 1$", metrics, re.MULTILINE) is not None


# That four processes record everything once is tested within one process as well (tests/api/test_sweep.py).
@pytest.mark.exhaustive
async def test_four_processes_record_a_thousand_lapses_once_though_the_one_that_sweeps_is_killed(waiting: City) -> None:
    due_at = await ask(waiting, REQUESTS, datetime.now(UTC) - timedelta(days=20))
    servers = list(await asyncio.gather(*(waiting.serve() for _ in range(4))))
    connection = await waiting.connection()
    await until(lambda: lapses(connection))
    sweeping = [server for server in servers if await is_sweeping(server)]
    assert len(sweeping) == 1
    sweeping[0].kill()
    assert 0 < await lapses(connection) < REQUESTS  # amid the sweep
    others = [server for server in servers if server is not sweeping[0]]

    async def are_all_recorded() -> bool:
        return await lapses(connection) >= REQUESTS

    await until(are_all_recorded, 90)
    assert sum([await is_sweeping(server) for server in others]) == 1
    rows = await connection.fetch(
        "SELECT count(*), count(DISTINCT subject_id) AS subjects, min(happened_at), max(happened_at),"
        " min(recorded_at) > max(happened_at) AS is_late, count(actor_id) AS actors"
        " FROM event WHERE type = 'REQUEST_LAPSED'"
    )
    assert tuple(rows[0]) == (REQUESTS, REQUESTS, due_at, due_at, True, 0)
    assert await connection.fetchval("SELECT count(*) FROM event WHERE type = 'REQUEST_REMINDED'") == 0
    open_ones = "SELECT count(*) FROM collaboration_request WHERE lapsed_at = $1 AND status = 'OPEN'"
    assert await connection.fetchval(open_ones, due_at) == REQUESTS
    await connection.close()
    checked = await asyncio.to_thread(run, "check", DATABASE_URL=waiting.url)
    assert checked.stdout == "Everything agrees.\n", checked.stdout + checked.stderr


async def test_a_deadline_that_passed_while_nobody_served_is_told_with_its_own_moment(
    waiting: City, tmp_path: Path
) -> None:
    due_at = await ask(waiting, 1, datetime.now(UTC))
    file = tmp_path / "clock"
    file.write_text("")
    first = await waiting.serve(KOLABORASI_TEST_CLOCK=str(file))
    person = await sign_in(first, "camat-medan-johor")
    first.terminate()
    assert await first.ended() == 0
    file.write_text("P20D")
    second = await waiting.serve(KOLABORASI_TEST_CLOCK=str(file))
    connection = await waiting.connection()
    await until(lambda: lapses(connection))
    (row,) = await connection.fetch("SELECT happened_at, recorded_at FROM event WHERE type = 'REQUEST_LAPSED'")
    assert row["happened_at"] == due_at
    assert timedelta(days=19) < row["recorded_at"] - datetime.now(UTC) <= timedelta(days=20)
    await connection.close()
    async with httpx.AsyncClient() as client:
        ready = (await client.get(f"{second.url}/readyz")).json()
    shown = datetime.fromisoformat(ready["testClock"])
    assert abs(shown - datetime.now(UTC) - timedelta(days=20)) < timedelta(minutes=1)
    # Who signed in before the clock was moved is signed in still, for fifteen minutes by the machine's clock.
    assert await person.at(second).ask("{ viewer { account { id } } }")


async def test_a_clock_is_not_moved_outside_demo_mode(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("P20D")
    refused = await asyncio.to_thread(
        run, "serve", "--port", "0", DATABASE_URL="postgresql://localhost/none", KOLABORASI_TEST_CLOCK=str(file)
    )
    assert refused.returncode == 1
    assert "KOLABORASI_TEST_CLOCK" in refused.stderr
    assert "demo mode" in refused.stderr
