"""What is asked all day, on big tables: PostgreSQL answers by its indexes, whatever is asked for. No time is measured.

The statements are those that the server sends, taken from PostgreSQL's log while it answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from bench import hot, limit
from bench.contenders import HERE
from bench.grow import grow_events, grow_tasks
from server.database import Connection, connect, embedded
from server.demo.load import PASSWORD, make
from server.demo.scene import Scale
from server.ids import encode
from tests.process import Site, app_on

ROWS = 50_000  # of tasks and of events: enough for PostgreSQL to choose as it would among millions, and made in seconds
SMALL = Scale(targets=150, tasks=600, requests=40, measurements=1_500, plan_owners=12)
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


async def _big(url: str) -> Connection:
    """A year of work, a hundred times as much of it."""
    connection: Connection = await connect(url, statement_timeout="0")
    await make(connection, NOW, SMALL)
    await grow_tasks(connection, ROWS, lambda _: None)
    await grow_events(connection, ROWS)
    await connection.execute("ANALYZE")
    return connection


def _document(work: str) -> str:
    return (HERE / "documents" / f"{work}.kolaborasi.graphql").read_text()


async def _asked(connection: Connection) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    """A head's login, and documents with variables about a task of this head's organisation."""
    row = await connection.fetchrow(
        "SELECT t.id, t.organisation_id, t.target_id, t.assignee_id, a.login, n.id AS planned FROM task t"
        " JOIN appointment p ON p.organisation_id = t.organisation_id AND p.valid_to IS NULL"
        " JOIN account a ON a.id = p.account_id AND a.role = 'HEAD' AND a.is_active"
        " JOIN work_plan w ON w.id = t.work_plan_id AND w.status = 'APPROVED'"
        " JOIN task n ON n.work_plan_id = t.work_plan_id AND n.organisation_id = t.organisation_id"
        " AND n.status = 'PLANNED' AND n.archived_at IS NULL AND n.draft_of_id IS NULL"
        " WHERE t.status = 'IN_PROGRESS' AND t.archived_at IS NULL AND t.assignee_id IS NOT NULL"
        " AND t.target_id IS NOT NULL AND t.draft_of_id IS NULL AND p.capacity = 'DEFINITIVE' LIMIT 1"
    )
    assert row is not None
    task, organisation = encode("task", row["id"]), encode("org", row["organisation_id"])
    target, account = encode("target", row["target_id"]), encode("acct", row["assignee_id"])
    return row["login"], [
        (_document("R1"), {"id": task}),
        (_document("R2"), {"organisationId": organisation}),
        (hot.R2_UNCOUNTED, {"organisationId": organisation}),
        (hot.BY_TARGET, {"targetId": target}),
        (hot.ALL_OF_TARGET, {"targetId": target}),
        (hot.BY_ASSIGNEE, {"accountId": account}),
        (_document("R3"), {}),
        (hot.SEARCH, {"words": "sampah"}),
        (hot.GROUPS, {"organisationId": organisation}),
        (_document("W1"), {"id": task, "progress": 42, "note": "Lancar.", "key": "under way"}),
        (_document("W1"), {"id": encode("task", row["planned"]), "progress": 5, "note": None, "key": "begun"}),
    ]


async def test_nothing_that_is_asked_all_day_reads_a_big_table_from_end_to_end(
    fresh_database: Callable[[], Coroutine[object, object, str]], postgres: embedded.EmbeddedPostgres
) -> None:
    url = await fresh_database()
    connection = await _big(url)
    login, asked = await _asked(connection)
    app = app_on(url, lambda: NOW)
    async with app.router.lifespan_context(app):
        site = Site(app)
        await site.installation.reader.started()
        async with site.client() as client:
            answer = await client.post("/auth/sign-in", json={"login": login, "password": PASSWORD})
        async with site.client(authorization=f"Bearer {answer.json()['accessToken']}") as client:

            async def ask(document: str, variables: dict[str, Any]) -> Any:
                told = (await client.post("/graphql", json={"query": document, "variables": variables})).json()
                assert "errors" not in told, told
                return told["data"]

            async def ask_all() -> None:
                for document, variables in asked:
                    told = await ask(document, variables)
                    assert not told.get("reported", {}).get("errors"), told
                page = await ask(hot.EVENTS_AFTER, {})
                await ask(hot.EVENTS_AFTER, {"cursor": page["events"]["pageInfo"]["endCursor"]})
                await asyncio.sleep(0.2)  # and the log's own reader is woken by the report

            log = await limit.said(connection, postgres.folder / "server.log", ask_all)
    statements = hot.spoken(log)
    for part in (
        "task t",
        "event",
        "task_count",
        "INSERT INTO event",
        "INSERT INTO idempotency_key",
        "INSERT INTO task_count",
    ):
        assert any(part in text for text in statements), (part, statements)
    assert not await hot.read_whole(connection, statements)
    # The proof of the proof: what cannot be answered by an index is found.
    assert await hot.read_whole(connection, ["SELECT max(description) FROM task WHERE progress + 1 > $1"])
    await connection.close()
