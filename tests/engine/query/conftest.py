"""The example schema over a small city in a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest
from tortoise import Tortoise
from tortoise.models import Model

import server.models
import server.schema
from server.database import Pool, create_database
from server.database.embedded import EmbeddedPostgres
from server.query.declare.tables import Table, describe
from server.query.run.engine import Engine
from tests.engine.query.example import build
from tests.engine.query.full_rows import make_full_rows
from tests.engine.query.made_rows import completed
from tests.engine.query.rows import Library, make_rows, store, viewers


@pytest.fixture(scope="session")
def tables() -> Mapping[str, Table]:
    """The real tables."""
    Tortoise.init_models(["server.models"], "models")
    return describe(getattr(server.models, name) for name in server.models.__all__)


@pytest.fixture(scope="session")
def models(tables: Mapping[str, Table]) -> dict[str, type[Model]]:
    """Of every table that the product's schema reads, its model."""
    made = (getattr(server.models, name) for name in server.models.__all__)
    wanted = {row.table for row in server.schema.rows}
    return {table: model for model in made if (table := model._meta.db_table) in wanted}


@pytest.fixture(scope="session")
async def library(
    postgres: EmbeddedPostgres, template: str, worker_id: str, tables: Mapping[str, Table]
) -> AsyncIterator[Library]:
    """The small city."""
    pool = Pool(await create_database(postgres.url, f"library_{worker_id}", template=template), size=4)
    rows = make_rows()
    await store(pool, rows)
    yield Library(pool, tables, rows, viewers(rows))
    await pool.close()


@pytest.fixture(scope="session")
def engine(library: Library) -> Engine:
    """An engine over the example schema."""
    return Engine(build(), library.tables, library.pool)


@pytest.fixture(scope="session")
async def full(
    postgres: EmbeddedPostgres,
    template: str,
    worker_id: str,
    tables: Mapping[str, Table],
    models: dict[str, type[Model]],
) -> AsyncIterator[Library]:
    """The small city with something in every table."""
    pool = Pool(await create_database(postgres.url, f"full_{worker_id}", template=template), size=4)
    rows = completed(make_full_rows(), models)
    await store(pool, rows)
    yield Library(pool, tables, rows, viewers(rows))
    await pool.close()


@pytest.fixture(scope="session")
def ours(full: Library) -> Engine:
    """An engine over the product's own schema, with something in every table."""
    return Engine(server.schema.schema, full.tables, full.pool)


@pytest.fixture(scope="session")
def theirs(ours: Engine, full: Library) -> Engine:
    """The same, but graphql-core completes everything."""
    engine = Engine(server.schema.schema, full.tables, full.pool)
    engine.documents = ours.documents  # parsed and compiled once
    engine.completes_directly = False
    return engine
