"""What takes too long is stopped in the database, and the answer says which part of the question that was."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

import server.schema
from server.database import Pool, connect
from server.query.run.engine import Engine
from tests.engine.query.rows import Library


@pytest.fixture
async def hasty(library: Library) -> AsyncIterator[Engine]:
    """An engine whose statements may take a tenth of a second."""
    pool = Pool(library.pool.url, size=2, statement_timeout="100ms")
    yield Engine(server.schema.schema, library.tables, pool)
    await pool.close()


@pytest.fixture
async def held(library: Library) -> AsyncIterator[None]:
    """Whoever reads comments waits."""
    connection = await connect(library.pool.url)
    async with connection.transaction():
        await connection.execute("LOCK TABLE comment IN ACCESS EXCLUSIVE MODE")
        yield
    await connection.close()


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("snapshot", [False, True])
async def test_a_statement_past_the_deadline_names_its_root_field(
    hasty: Engine, library: Library, snapshot: bool
) -> None:
    source = """{
      ready: organisations(first: 1) { nodes { code } }
      slow: tasks(first: 50) { nodes { title comments { nodes { id } } } }
    }"""
    result = await hasty.execute(source, None, None, library.context(), snapshot=snapshot, may_change=False)
    assert isinstance(result.data, dict)
    assert result.data["slow"] is None
    assert result.data["ready"]["nodes"]
    (error,) = result.errors
    told = error.formatted
    assert told["path"] == ["slow"]
    assert told["extensions"]["code"] == "DEADLINE_EXCEEDED"
    assert told["extensions"]["path"] == ["slow"]
    assert told["extensions"]["hint"]
    assert (result.way, result.why) == ("ordinary", "error")
