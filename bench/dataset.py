"""A city's data in an embedded PostgreSQL of the benchmark's own, and the ids that are asked for."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from bench.run import Bar
from server.database import Connection, connect, create_database, embedded, migrate
from server.demo.load import make
from server.demo.scene import Scale

SCALE = Scale(targets=1_500, tasks=50_000, requests=10_000, measurements=20_000, plan_owners=60, max_title_uses=None)
# Durable as PostgreSQL ships it (fsync, synchronous_commit). Vacuum and checkpoints happen between measurements, not in
# the midst of one contender's turn.
SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "16GB", "checkpoint_timeout": "1h", "autovacuum": "off"}
REPORTERS = 12
ASKED_TASKS = 2_000
ASKED_ORGANISATIONS = 60


@dataclass(frozen=True)
class Reporter:
    """A head of an organisation: signs in, reads what is public, reports progress on its own tasks."""

    login: str
    account_id: UUID
    organisation_id: UUID


@dataclass(frozen=True)
class Sample:
    """What is asked for: tasks to read, organisations to list, tasks to report on with the reporter's number."""

    reporters: list[Reporter]
    tasks: list[UUID]
    organisations: list[UUID]
    reported: list[tuple[UUID, int]]
    foreign_draft: UUID | None
    counts: dict[str, int]


@contextmanager
def postgres(folder: Path) -> Iterator[embedded.EmbeddedPostgres]:
    """PostgreSQL in a new folder, bound to this process's core, gone with the block."""
    running = embedded.start(folder / "postgres", settings=SETTINGS)
    try:
        yield running
    finally:
        running.stop()


async def load(url: str, tell: Callable[[str, int, int], None]) -> str:
    """A database with tables and the year of work; returns its URL. `tell`: what, how many, of how many."""
    database = await create_database(url, "bench")
    await migrate(database)
    connection = await connect(database, statement_timeout="0")
    try:
        await make(connection, datetime.now(UTC), SCALE, tell)
        await settle(connection)
    finally:
        await connection.close()
    return database


async def load_told(url: str) -> str:
    """`load` with a progress bar."""
    steps = SCALE.tasks
    bar, before = Bar(steps + 1), 0

    def tell(kind: str, made: int, total: int) -> None:
        nonlocal before
        if kind == "tasks" and (made - before >= steps // 20 or made >= total):
            bar(f"making the data: {made:,} of {total:,} tasks", made - before)
            before = made

    database = await load(url, tell)
    bar("the data is loaded", steps + 1 - bar.done)
    return database


async def settle(connection: Connection) -> None:
    """Clean tables and nothing left to write out: every measurement starts from here."""
    await connection.execute("SET statement_timeout = 0")
    await connection.execute("VACUUM (ANALYZE)")
    await connection.execute("CHECKPOINT")


async def sample(connection: Connection, seed: int = 7) -> Sample:
    """A fixed random choice of what is asked for."""
    draw = random.Random(seed)
    heads = await connection.fetch(_HEADS, REPORTERS)
    reporters = [Reporter(head["login"], head["account_id"], head["organisation_id"]) for head in heads]
    number = {each.organisation_id: at for at, each in enumerate(reporters)}
    public = "draft_of_id IS NULL AND archived_at IS NULL"
    ids = [row[0] for row in await connection.fetch(f"SELECT id FROM task WHERE {public} ORDER BY id")]
    organisations = await connection.fetch(
        f"SELECT organisation_id FROM task WHERE {public} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT $1",
        ASKED_ORGANISATIONS,
    )
    open_tasks = await connection.fetch(_REPORTABLE, list(number))
    reported = [(row["id"], number[row["organisation_id"]]) for row in open_tasks]
    draft = await connection.fetchval(
        "SELECT id FROM task WHERE draft_of_id IS NOT NULL AND draft_of_id <> $1 ORDER BY id LIMIT 1",
        reporters[0].organisation_id,
    )
    counted = ("organisation", "target", "measurement", "task", "collaboration_request", "event")
    return Sample(
        reporters=reporters,
        tasks=draw.sample(ids, min(ASKED_TASKS, len(ids))),
        organisations=[row[0] for row in organisations],
        reported=draw.sample(reported, min(ASKED_TASKS, len(reported))),
        foreign_draft=draft,
        counts={table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in counted},
    )


_HEADS = """
SELECT a.login, a.id AS account_id, p.organisation_id
FROM appointment p JOIN account a ON a.id = p.account_id
JOIN LATERAL (
    SELECT count(*) AS open FROM task t JOIN work_plan w ON w.id = t.work_plan_id AND w.status = 'APPROVED'
    WHERE t.organisation_id = p.organisation_id AND t.status = 'IN_PROGRESS' AND t.archived_at IS NULL
) work ON true
WHERE a.is_active AND a.role = 'HEAD' AND p.capacity = 'DEFINITIVE' AND p.valid_from <= now() AND p.valid_to IS NULL
ORDER BY work.open DESC, a.login LIMIT $1
"""
_REPORTABLE = """
SELECT t.id, t.organisation_id FROM task t JOIN work_plan w ON w.id = t.work_plan_id AND w.status = 'APPROVED'
WHERE t.organisation_id = ANY($1::uuid[]) AND t.status IN ('PLANNED', 'IN_PROGRESS', 'BLOCKED')
    AND t.archived_at IS NULL AND t.draft_of_id IS NULL
ORDER BY t.id
"""
