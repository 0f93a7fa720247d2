"""Statements: as many for one row as for a thousand, and plans that use the indexes they were written for."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from server.actions.texts import keep_old_texts
from server.database import Pool, create_database
from server.query.run.engine import Engine
from server.query.run.explain import Explanation
from tests.engine.query.example import build
from tests.engine.query.rows import Library, make_rows, store, viewers

NESTED = """query ($n: Int) { tasks(first: $n, orderBy: [{dueOn: ASC}]) { totalCount nodes { title organisation { name }
    comments(first: 5) { totalCount nodes { text author { name tasks(first: 3) { nodes { title } } } } }
    waitsFor { title }
    history(first: 3) { nodes { subject { ... on Task { title } } organisations { code } } } } } }"""


class Counting:
    """A pool that counts statements."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.statements: list[str] = []

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        async with self.pool.connection() as connection:
            yield _Counted(connection, self.statements)


class _Counted:
    def __init__(self, connection: Any, statements: list[str]) -> None:
        self._connection = connection
        self._statements = statements

    async def fetch(self, sql: str, *values: Any) -> Any:
        self._statements.append(sql)
        return await self._connection.fetch(sql, *values)

    async def fetchval(self, sql: str, *values: Any) -> Any:
        self._statements.append(sql)
        return await self._connection.fetchval(sql, *values)


async def test_one_row_and_many_take_as_many_statements(library: Library) -> None:
    pool = Counting(library.pool)
    engine = Engine(build(), library.tables, pool)
    for size in (1, 60, 200):
        pool.statements.clear()
        result = await engine.execute(NESTED, {"n": size}, None, library.context(), may_change=False)
        assert not result.errors
        assert len(orjson.loads(result.data)["tasks"]["nodes"]) == size  # type: ignore[arg-type]
        # tasks and their count, comments and their count, waitsFor, history, its organisations, authors' tasks
        assert len([sql for sql in pool.statements if sql.startswith("SELECT p.n") or "FROM task t\nLEFT" in sql]) >= 5


async def test_a_row_takes_as_many_statements_as_a_thousand(large: Library) -> None:
    pool = Counting(large.pool)
    engine = Engine(build(), large.tables, pool)
    source = """query ($n: Int) { tasks(first: $n, filter: {progress: {eq: 99}}) { totalCount nodes {
        title organisation { tasks(first: 2) { nodes { id } } }
        comments(first: 10) { totalCount nodes { text author { name tasks(first: 1) { totalCount } } } } } } }"""
    read = {}
    for size in (1, 200):
        pool.statements.clear()
        result = await engine.execute(source, {"n": size}, None, large.context(), may_change=False)
        assert not result.errors
        read[size] = result.extensions["cost"]["actual"], len(pool.statements)
    assert read[1][0] < 60
    assert read[200][0] > 1_000
    # tasks, organisations' tasks and comments; the counts of tasks, comments and authors' tasks
    assert read[1][1] == read[200][1] == 6


async def test_what_is_not_selected_is_not_fetched(library: Library) -> None:
    pool = Counting(library.pool)
    engine = Engine(build(), library.tables, pool)
    await engine.execute("{ tasks(first: 7) { nodes { title } } }", None, None, library.context(), may_change=False)
    assert len(pool.statements) == 1
    assert "count(" not in pool.statements[0]
    assert "LIMIT 10" in pool.statements[0]
    pool.statements.clear()
    await engine.execute("{ tasks(first: 7) { totalCount } }", None, None, library.context(), may_change=False)
    assert [sql.split()[1] for sql in pool.statements] == ["count(*)"]
    pool.statements.clear()
    await engine.execute(
        "{ tasks(first: 0) { nodes { id } totalCount } }", None, None, library.context(), may_change=False
    )
    assert len(pool.statements) == 1
    pool.statements.clear()
    await engine.execute(
        "{ tasks(first: 10) { pageInfo { hasNextPage } nodes { id } } }",
        None,
        None,
        library.context(),
        may_change=False,
    )
    assert "LIMIT 11" in pool.statements[0]


async def test_a_search_looks_at_its_matches_once_for_a_page_of_either_branch_and_the_count(library: Library) -> None:
    pool = Counting(library.pool)
    engine = Engine(build(), library.tables, pool)
    source = """query ($w: String, $c: Cursor) { tasks(search: $w, orderBy: [{dueOn: DESC}], first: 1, after: $c) {
        totalCount nodes { title } pageInfo { endCursor hasNextPage } } }"""
    found, cursor = [], None
    while True:
        pool.statements.clear()
        given = {"w": "sampah", "c": cursor}
        result = await engine.execute(source, given, None, library.context("mayor"), may_change=False)
        page = orjson.loads(result.data)["tasks"]  # type: ignore[arg-type]
        assert [sql.count("FROM task_words ") for sql in pool.statements] == [1]
        found += [each["title"] for each in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert page["totalCount"] == len(found) > 1
    nothing = await engine.execute(source, {"w": "tidakadakata"}, None, library.context("mayor"), may_change=False)
    assert orjson.loads(nothing.data)["tasks"]["totalCount"] == 0  # type: ignore[arg-type]


@pytest.fixture(scope="session")
async def large(postgres: Any, template: str, worker_id: str, tables: Any) -> AsyncIterator[Library]:
    """Enough rows for PostgreSQL to prefer its indexes."""
    pool = Pool(await create_database(postgres.url, f"large_{worker_id}", template=template), size=2)
    rows = make_rows(seed=1, tasks=40)
    await store(pool, rows)
    async with pool.connection() as connection:
        await connection.execute(
            """INSERT INTO task (id, version, created_at, updated_at, organisation_id, title, status, priority,
                                 progress,
                                 due_on, is_ordered, needs_evidence, checklist, evidence)
               SELECT gen_random_uuid(), 1, $1, $1, (SELECT id FROM organisation ORDER BY code OFFSET n % 8 LIMIT 1),
                      CASE WHEN n % 5000 = 7 THEN 'pohon tumbang' ELSE 'rapat ' || n END, 'PLANNED', 'NORMAL', n % 100,
                      CASE WHEN n % 10 > 0 THEN $2::date + n % 300 END, false, false, '[]', '[]'
               FROM generate_series(1, 30000) n""",
            dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
            dt.date(2026, 1, 1),
        )
        await connection.execute(
            """INSERT INTO comment (id, task_id, author_id, text, created_at)
               SELECT gen_random_uuid(), t.id, (SELECT id FROM account ORDER BY id LIMIT 1), 'Baik.', $1
               FROM task t, generate_series(1, 8) WHERE t.progress = 99""",
            dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
        )
    await keep_old_texts(pool)
    async with pool.connection() as connection:
        await connection.execute("VACUUM ANALYZE")  # as autovacuum does: what is new in a GIN index waits for it
    yield Library(pool, tables, rows, viewers(rows))
    await pool.close()


async def explained(library: Library, source: str, variables: dict[str, Any], viewer: str = "observer") -> str:
    """The plans of an operation's statements."""
    engine = Engine(build(), library.tables, library.pool)
    explained = await engine.explain(source, variables, None, library.context(viewer))
    assert isinstance(explained, Explanation), explained
    return "\n".join(line for each in explained.statements for line in each.plan or ())


async def test_a_rare_word_is_found_by_the_search_index_whatever_the_order(large: Library) -> None:
    source = "query ($w: String) { tasks(search: $w, orderBy: [{dueOn: ASC}], first: 50) { nodes { title } } }"
    plan = await explained(large, source, {"w": "tumbang"})
    assert "Index Scan on task_words" in plan
    assert "Bitmap Index Scan" in plan
    assert "Seq Scan on task" not in plan


async def test_a_later_page_is_a_range_of_the_index(large: Library) -> None:
    engine = Engine(build(), large.tables, large.pool)
    for order in ("[{dueOn: ASC}]", "[{dueOn: DESC}]", "[{dueOn: ASC}, {title: DESC}]", "[]"):
        source = f"query ($c: Cursor) {{ tasks(orderBy: {order}, first: 200, after: $c) {{ "
        source += "pageInfo { endCursor } nodes { id } } }"
        first = await engine.execute(source, None, None, large.context("mayor"), may_change=False)
        cursor = orjson.loads(first.data)["tasks"]["pageInfo"]["endCursor"]  # type: ignore[arg-type]
        plan = await explained(large, source, {"c": cursor}, "mayor")
        assert "Seq Scan on task" not in plan, plan
        assert "Index Cond: (due_on" in plan, plan


async def test_an_organisation_named_by_its_code_is_one_index_scan(large: Library) -> None:
    source = (
        '{ tasks(filter: {organisation: {code: {eq: "O03"}}}, orderBy: [{dueOn: ASC}], first: 50) { nodes { id } } }'
    )
    plan = await explained(large, source, {}, "mayor")
    assert "Seq Scan on task" not in plan
    assert "Index Cond: (organisation_id" in plan, plan


async def test_page_sizes_share_few_texts_and_are_never_bound(library: Library) -> None:
    engine = Engine(build(), library.tables, library.pool)
    source = "query ($n: Int, $p: Int) { tasks(first: $n, filter: {progress: {gte: $p}}) { nodes { id } } }"
    for size in range(1, 101):
        await engine.execute(source, {"n": size, "p": size}, None, library.context(), may_change=False)
    operation = engine.documents.get(source).operation(None)
    assert len(operation.compiled) == 7
    for compiled in operation.compiled.values():
        assert "LIMIT $" not in compiled.levels[0].sql
