"""Brings a database up to the models: Tortoise's own migrations, run by exactly one process, whole or not at all.

A database without tables is given them as the file `tables.sql` says, in half a second: that is what all migrations
together make of it, which takes Tortoise twenty.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from server.database.connection import connect

APP = "models"
FOLDER = Path(__file__).parent.parent / "migrations"
# The tables as the migrations that it names make them; `make golden` writes it.
TABLES: Final = FOLDER / "tables.sql"
# Any number will do, as long as every version of the server takes the same.
LOCK: Final = 7_203_410_518
APPS: Final[dict[str, dict[str, Any]]] = {
    APP: {"models": ["server.models"], "default_connection": "default", "migrations": "server.migrations"}
}
# Two installations compare a text alike, whatever their own collation: no migration need remember to say so.
_COLLATE: Final = """
DO $collate$
DECLARE found record;
BEGIN
    FOR found IN
        SELECT a.attrelid::regclass AS name, string_agg(
            format('ALTER COLUMN %I TYPE %s COLLATE "C"', a.attname, format_type(a.atttypid, a.atttypmod)), ', '
        ) AS changes
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
            AND c.relname <> 'tortoise_migrations' AND a.attnum > 0 AND NOT a.attisdropped
            AND a.attinhcount = 0 AND a.attcollation = 'pg_catalog."default"'::regcollation
        GROUP BY a.attrelid
    LOOP
        EXECUTE format('ALTER TABLE %s %s', found.name, found.changes);
    END LOOP;
END $collate$
"""
# For `tortoise -c server.database.migrate.TORTOISE makemigrations`, which compares files and needs no database.
TORTOISE: Final[dict[str, Any]] = {"connections": {"default": "asyncpg://localhost/postgres"}, "apps": APPS}


def names() -> list[str]:
    """The migrations that this version of the program knows, in order."""
    return sorted(path.stem for path in FOLDER.glob("[0-9]*.py"))


async def pending(url: str) -> list[str]:
    """The migrations that this database still needs, in order; without Tortoise, so that a start stays fast."""
    connection = await connect(url)
    try:
        rows = await connection.fetch("SELECT name FROM tortoise_migrations WHERE app = $1", APP)
    except asyncpg.UndefinedTableError:
        rows = []
    finally:
        await connection.close()
    applied = {row["name"] for row in rows}
    return [name for name in names() if name not in applied]


async def migrate(url: str, target: str | None = None) -> list[str]:
    """Apply what is pending, up to `target` (default: everything); returns the names applied.

    All of it is one transaction under a lock: two processes that start together are safe, and one that is killed
    leaves nothing half-done.
    """
    made: list[str] = []
    todo = await pending(url)
    if target is None and todo == names():
        made = await _make_tables(url)
        todo = await pending(url)  # the file may be older than the newest migration
    if not todo:
        return made
    from tortoise.context import TortoiseContext
    from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
    from tortoise.migrations.recorder import MigrationRecorder
    from tortoise.migrations.schema_editor import AsyncpgSchemaEditor
    from tortoise.transactions import in_transaction

    log = logging.getLogger(__name__)
    async with TortoiseContext() as context:
        await context.init(config={"connections": {"default": _credentials(url)}, "apps": APPS})
        async with in_transaction("default") as connection:
            await connection.execute_query(f"SELECT pg_advisory_xact_lock({LOCK})")
            # The executor looks before it makes this table, and a failed look would end the transaction.
            await MigrationRecorder(connection).ensure_schema(AsyncpgSchemaEditor(connection, atomic=False))
            targets = [MigrationTarget(APP, target)] if target else None
            applied: list[str] = []

            def note(step: str, _app: str, name: str) -> None:
                if step == "apply_done":
                    applied.append(name)
                    log.info("migration %s applied", name)

            await MigrationExecutor(connection, APPS).migrate(targets, direction="forward", progress=note)
            if target is None:
                await connection.execute_query(_COLLATE)
    log.debug("%s were pending, %s applied", todo, applied)
    return [*made, *applied]


async def _make_tables(url: str) -> list[str]:
    """Give a database without tables all of them; returns the migrations that made them, none if another was faster."""
    connection = await connect(url, statement_timeout="0")
    try:
        async with connection.transaction():
            await connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
            if await pending(url) != names():
                return []
            await connection.execute(TABLES.read_text("utf-8"))
            rows = await connection.fetch("SELECT name FROM tortoise_migrations ORDER BY id")
    finally:
        await connection.close()
    logging.getLogger(__name__).info("the tables are made, as %d migrations make them", len(rows))
    return [row["name"] for row in rows]


async def create_database(url: str, name: str, *, template: str | None = None) -> str:
    """Make a database beside this one, as a copy of `template` if given; returns its URL. For tests and benchmarks."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ValueError(f"not a database name: {name}")
    connection = await connect(url, statement_timeout="0")
    try:
        # Copied as files: for a small template that takes less than half the work of copying through the log.
        copied = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
        await connection.execute(f'CREATE DATABASE "{name}"{copied}')
    finally:
        await connection.close()
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _credentials(url: str) -> dict[str, Any]:
    """A URL as Tortoise wants it; its own parser knows no Unix sockets."""
    parts = urlsplit(url)
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    user = unquote(parts.username or options.pop("user", "") or "") or None
    credentials: dict[str, Any] = {
        "host": options.pop("host", parts.hostname),
        "port": parts.port or int(options.pop("port", 5432)),
        "user": user,
        "password": unquote(parts.password) if parts.password else options.pop("password", None),
        "database": unquote(parts.path.lstrip("/")) or options.pop("dbname", None) or user,
        "minsize": 1,
        "maxsize": 1,
        "server_settings": {"application_name": "kolaborasi", "timezone": "UTC"},
    }
    if mode := options.pop("sslmode", None):
        credentials["ssl"] = mode
    return {"engine": "tortoise.backends.asyncpg", "credentials": credentials}
