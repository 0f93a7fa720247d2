"""The sweep's look-ups on big tables: by their indexes, whatever their arguments. No time is measured."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from server.actions import sweep
from server.actions.city import NO_CITY
from server.actions.sweep_kinds import TARGETS, SweepKind
from server.actions.transaction import Moment, Transaction
from server.city.load import know_tables
from server.database import Connection, connect
from server.rules.workdays import local_day

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
BIG = ("task", "target", "collaboration_request", "escalation", "event", "appointment", "follow_up", "delegation")
ROWS = 40_000  # of each: enough for PostgreSQL to choose as it would among millions, and made in seconds
# By the type of a column that needs a value.
ANY = {
    "uuid": "lpad(to_hex(n), 32, '0')::uuid",
    "character varying": "n::text",
    "text": "''",
    "integer": "1",
    "smallint": "1",
    "bigint": "n",
    "boolean": "false",
    "date": "date '2026-01-05'",
    "timestamp with time zone": "timestamptz '2026-01-05'",
    "numeric": "1",
    "jsonb": "'[]'::jsonb",
    "ARRAY": "'{}'::uuid[]",
}
LONG_AGO = "date '2026-10-25' - n % 2000"


class Listening:
    """A connection that remembers what it was asked."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.statements: dict[str, int] = {}  # with the number of their arguments

    async def fetch(self, text: str, *arguments: object) -> Any:
        self.statements[text] = len(arguments)
        return await self.connection.fetch(text, *arguments)

    async def fetchrow(self, text: str, *arguments: object) -> Any:
        self.statements[text] = len(arguments)
        return await self.connection.fetchrow(text, *arguments)

    async def fetchval(self, text: str, *arguments: object) -> Any:
        self.statements[text] = len(arguments)
        return await self.connection.fetchval(text, *arguments)


async def fill(connection: Connection, table: str, rows: int = ROWS, **columns: str) -> None:
    """So many rows; `columns` are SQL over their number `n`, the rest what their types allow."""
    needed = await connection.fetch(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name = $1 AND is_nullable = 'NO' AND column_default IS NULL AND is_generated = 'NEVER'"
        " AND is_identity = 'NO'",
        table,
    )
    made = {row["column_name"]: ANY[row["data_type"]] for row in needed} | columns
    indexes = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = $1 AND NOT EXISTS"
        " (SELECT FROM pg_constraint c WHERE c.conname = indexname)",
        table,
    )
    for index in indexes:  # made at once they cost a tenth
        await connection.execute(f'DROP INDEX "{index["indexname"]}"')
    await connection.execute(
        f"INSERT INTO {table} ({', '.join(made)}) SELECT {', '.join(made.values())} FROM generate_series(1, {rows}) n"
    )
    for index in indexes:
        await connection.execute(index["indexdef"])


@pytest.fixture
async def big(fresh_database: Callable[[], Coroutine[object, object, str]]) -> AsyncIterator[Connection]:
    """Years of work, of which one row in a hundred is still open; every office has changed hands eight times."""
    know_tables()
    connection = await connect(await fresh_database(), statement_timeout="0")
    await connection.execute("SET session_replication_role = replica")  # nothing here refers to everything it should
    few = "CASE WHEN n % 100 = 0 THEN '{}' ELSE '{}' END"
    organisation, account, plan = [f"lpad(to_hex(1 + n % {count}), 32, '0')::uuid" for count in (5000, 3000, 10000)]
    kind = "CASE n WHEN 1 THEN 'MAYORS_OFFICE' ELSE 'OPD' END"
    await fill(connection, "organisation", 5000, kind=kind)
    await fill(connection, "account", 3000, role="'STAFF'", organisation_id=organisation)
    status, year = "CASE WHEN n > 6000 THEN 'APPROVED' ELSE 'CLOSED' END", "2022 + (n - 1) / 2000"
    await fill(connection, "work_plan", 10000, organisation_id=organisation, year=year, status=status)
    parties = organisation, "lpad(to_hex(1 + (n + 7) % 2000), 32, '0')::uuid"
    await fill(
        connection, "appointment", organisation_id=organisation, account_id=account, valid_to=LONG_AGO, capacity="'PLH'"
    )
    await fill(connection, "delegation", account_id=account, valid_to=LONG_AGO)
    await fill(
        connection,
        "task",
        organisation_id=organisation,
        due_on=LONG_AGO,
        priority="'LOW'",
        status=few.format("IN_PROGRESS", "DONE"),
    )
    await fill(
        connection,
        "target",
        work_plan_id=plan,
        report_due_on="date '2026-10-14'",
        untold_due_on="""'[null, null, "2026-10-14", null]'""",
        direction="'MAXIMISE'",
        roll_up="'SUM'",
        pace="'ON_TRACK'",
    )
    status = few.format("OPEN", "CONFIRMED")
    await fill(
        connection, "collaboration_request", status=status, kind="'NEED'", asker_id=parties[0], giver_id=parties[1]
    )
    status = few.format("DECIDED", "CLOSED")
    await fill(
        connection, "escalation", status=status, ground="'REFUSED'", filer_id=parties[0], respondent_id=parties[1]
    )
    await fill(connection, "follow_up", closed_at="CASE WHEN n % 100 > 0 THEN now() END", escalation_id=ANY["uuid"])
    await fill(connection, "event", subject_id=ANY["uuid"], type="'TASK_STARTED'", sequence="n", audience="'EVERYONE'")
    await connection.execute("ANALYZE")
    yield connection
    await connection.close()


def scans(plan: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Of every scan of a table in it: the node's type, the table, the index, and by what the index is entered."""
    found = []
    if "Relation Name" in plan:
        index, entered = plan.get("Index Name", ""), plan.get("Index Cond", "")
        found.append((plan["Node Type"], plan["Relation Name"], index, entered))
    for part in plan.get("Plans", ()):
        found += scans(part)
    return found


async def looked_up(listening: Any, kind: SweepKind) -> int:
    """All that the sweep asks of this kind; of how many subjects."""
    tx = Transaction(listening, None, Moment(NOW, local_day(NOW, NO_CITY.calendar), NO_CITY))
    rows = await sweep.rows_due(tx, kind, UUID(int=0), None, tx.today - timedelta(30))
    await sweep.rows_due(tx, kind, UUID(int=0), NOW - timedelta(minutes=2), date.min)
    if rows:
        await kind.beside(tx, rows)
        await sweep.already_recorded(tx, [row.id for row in rows])
        await sweep.taken(tx, sweep.Due(kind, rows[0].id, frozenset()))
    return len(rows)


async def test_no_look_up_of_the_sweep_reads_a_big_table_from_end_to_end(big: Connection) -> None:
    await big.execute("SET plan_cache_mode = force_generic_plan")
    wrong = []
    for kind in sweep.KINDS:
        listening = Listening(big)
        assert await looked_up(listening, kind) or kind.model.__name__ == "Organisation", kind
        for text, count in listening.statements.items():
            await big.execute(f"PREPARE look_up AS {text}")
            asked = f"EXECUTE look_up({', '.join(['NULL'] * count)})" if count else "EXECUTE look_up"
            plan = (await big.fetchval(f"EXPLAIN (FORMAT JSON) {asked}"))[0]["Plan"]
            await big.execute("DEALLOCATE look_up")
            for node, table, index, entered in scans(plan):
                # Paging through the primary key is reading everything, too; what was made since a moment is a range of
                # it. Of targets two years are looked through.
                is_page = index == f"{table}_pkey" and ">" in entered and "<" not in entered and kind is not TARGETS
                if table in BIG and (node == "Seq Scan" or is_page):
                    wrong.append((kind.model.__name__, node, table, index, entered, text))
    assert not wrong
