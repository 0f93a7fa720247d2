"""Migrations and models agree, and a database made by the first migration comes up with its rows."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import subprocess
from pathlib import Path

import pytest
from tortoise import Tortoise
from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from server.database import Pool, connect, embedded, migrate, pending
from server.database.migrate import APPS, FOLDER, TABLES, TORTOISE, names

FIRST = Path(__file__).parents[1] / "fixtures" / "first_migration.sql"


# Two amendments of the one target: one that was approved, and one that waits.
AMENDED = """
SET search_path = public;
UPDATE amendment SET changes = '{"target_value": "90", "baseline": null}', proposed_at = '2026-03-01';
INSERT INTO amendment SELECT gen_random_uuid(), kind, 'APPROVED', reason,
    '{"target_value": "12.5", "baseline": "12.5"}',
    '2026-02-01', decided_at, note, decided_by_id, proposed_by_id, target_id FROM amendment;
INSERT INTO event SELECT (jsonb_populate_record(e, jsonb_build_object(
    'id', gen_random_uuid(), 'sequence', e.sequence + 1, 'subject_id', (SELECT target_id FROM amendment LIMIT 1),
    'happened_at', '2026-02-03', 'deadline', NULL,
    'changes', '{"target_value": ["100", "12.5"], "baseline": [null, "12.5"]}'::jsonb
))).* FROM event e LIMIT 1;
"""


def models() -> list[type[Model]]:
    import server.models

    Tortoise.init_models(["server.models"], "models")
    return [getattr(server.models, name) for name in server.models.__all__]


async def test_the_migrations_make_what_the_models_say() -> None:
    async with TortoiseContext() as context:
        await context.init(config=TORTOISE, init_connections=False)
        assert context.apps is not None
        changes = await MigrationAutodetector(context.apps, APPS).changes()
        assert not changes, "make migration NAME=…\n" + "\n".join(writer.as_string() for writer in changes)


def test_migrations_import_nothing_of_the_server() -> None:
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = ["server" if node.level else str(node.module)]
            living = [name for name in names if name.split(".")[0] == "server"]
            assert not living, (
                f"server/migrations/{path.name} imports {living[0]}: whoever renames or removes that breaks the history"
                " of every installation. Write the value it needs into the migration."
            )


def test_what_make_migration_writes_of_a_column_imports_nothing_of_the_server() -> None:
    for model in models():
        for name, field in model._meta.fields_map.items():
            if not field.has_db_field:
                continue
            path, arguments, named = field.deconstruct()
            modules = [path, *(getattr(each, "__module__", None) or "" for each in (*arguments, *named.values()))]
            modules += [type(each).__module__ for each in (*arguments, *named.values())]
            assert not [each for each in modules if each.split(".")[0] == "server"], (
                f"A migration of {model.__name__}.{name} would import {modules}: let its field in"
                " server/models/fields.py be deconstructed into plain values, as Choice and Identifier are."
            )


async def test_the_database_has_every_column_of_the_models_and_no_other(pool: Pool) -> None:
    async with pool.connection() as connection:
        rows = await connection.fetch(
            "SELECT table_name AS table, column_name AS column, is_nullable = 'YES' AS null"
            " FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'tortoise_migrations'"
            " AND NOT (SELECT relispartition FROM pg_class WHERE oid = table_name::regclass)"
        )
    stored = {(row["table"], row["column"], row["null"]) for row in rows}
    declared = {
        (model._meta.db_table, column, model._meta.fields_map[field].null)
        for model in models()
        for field, column in model._meta.fields_db_projection.items()
    }
    assert stored == declared


async def test_no_text_depends_on_the_databases_own_collation(pool: Pool) -> None:
    async with pool.connection() as connection:
        rows = await connection.fetch(
            "SELECT a.attrelid::regclass::text || '.' || attname AS name FROM pg_attribute a"
            " JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            " AND relname <> 'tortoise_migrations' AND attnum > 0 AND NOT attisdropped"
            " AND attcollation = 'pg_catalog.\"default\"'::regcollation"
        )
    assert not rows, f"{[row['name'] for row in rows]}: two installations would compare it differently"


async def test_the_database_has_every_constraint_and_index_of_the_models(pool: Pool) -> None:
    async with pool.connection() as connection:
        rows = await connection.fetch(
            "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        )
    definitions = {row["indexname"]: row["indexdef"] for row in rows}
    columns = {(row["tablename"], row["indexdef"].split(" USING ")[-1]) for row in rows}
    for model in models():
        for constraint in model._meta.constraints:
            assert isinstance(constraint, UniqueConstraint)
            definition = definitions.get(constraint.name or "")
            assert definition, f"Tortoise made no {constraint.name}: add it to the migration with RunSQL"
            assert definition.startswith("CREATE UNIQUE INDEX")
            assert f"({', '.join(constraint.fields)})" in definition
            assert (" WHERE " in definition) == (constraint.condition is not None), definition
        for index in model._meta.indexes:
            fields, kind = (index, "") if isinstance(index, tuple) else (index.fields, index.INDEX_TYPE)
            made = f"{(kind or 'BTREE').lower()} ({', '.join(fields)})"
            assert (model._meta.db_table, made) in columns, (model.__name__, made)


HIRED = """
INSERT INTO account (id, version, created_at, updated_at, name, role, login, is_active, organisation_id)
SELECT gen_random_uuid(), 1, now(), now(), login, role, login, true, (SELECT id FROM organisation LIMIT 1)
FROM (VALUES ('head', 'HEAD'), ('former-head', 'HEAD'), ('sekda', 'OFFICE'), ('staff', 'STAFF')) AS hired (login, role);
INSERT INTO appointment
    (id, version, created_at, updated_at, capacity, valid_from, valid_to, account_id, organisation_id)
SELECT gen_random_uuid(), 1, now(), now(), 'DEFINITIVE', date '2020-01-01',
    CASE login WHEN 'former-head' THEN date '2020-12-31' END, id, organisation_id
FROM account WHERE login IN ('head', 'former-head')
"""


@pytest.mark.golden
async def test_a_database_of_the_first_migration_comes_up_with_its_rows(empty_database: str) -> None:
    connection = await connect(empty_database)
    await connection.execute(FIRST.read_text())
    await connection.execute(AMENDED)
    await connection.execute(HIRED)
    await connection.close()
    first, *later = names()
    assert await pending(empty_database) == later
    before = await counts(empty_database)
    assert all(before.values()), f"no rows of {[table for table, rows in before.items() if not rows]} are tried"
    assert await migrate(empty_database) == later
    assert await pending(empty_database) == []
    after = await counts(empty_database)
    assert {table: after[table] for table in before if table in after} == before
    assert first == "0001_initial"
    for table in ("sign_in", "password_link"):  # nothing of them stands in that log
        assert await rows(empty_database, f"SELECT version FROM {table} WHERE updated_at = created_at") == [(0,)]
    # Who holds an office on the day of the upgrade goes on seeing cases, and who is of the mayor's office.
    able = "SELECT a.login, c.version FROM case_access c JOIN account a ON a.id = c.account_id"
    assert await rows(empty_database, f"{able} WHERE c.confirmed_at IS NOT NULL ORDER BY 1") == [
        ("head", 0),
        ("sekda", 0),
    ]
    # An amendment shows the value that it would have changed: what it was then, or what it still is.
    found = await rows(
        empty_database,
        "SELECT version, prepared_by_id = proposed_by_id, created_at = proposed_at, before ->> 'target_value',"
        " before ->> 'baseline' FROM amendment ORDER BY proposed_at",
    )
    assert found == [(0, True, True, "100", None), (0, True, True, "12.5", "12.5")]
    # What an empty database is given is what all migrations made of this one, in the words of the program's own
    # PostgreSQL; another (tests/house/test_versions.py) comes without pg_dump.
    if not (embedded.binaries() / "pg_dump").exists():
        return
    made = tables(empty_database)
    if os.environ.get("GOLDEN") == "write":
        TABLES.write_text(made, "utf-8")
    assert TABLES.read_text("utf-8") == made, "make golden"


def tables(url: str) -> str:
    """The statements that make an empty database like this one: its tables, and which migrations they are made by.

    Without what pg_dump of one version says and another does not, and without the schema's name, which may be another.
    """
    program = [str(embedded.binaries() / "pg_dump"), "--schema-only", "--no-owner", "--no-privileges", url]
    said = subprocess.run(program, check=True, capture_output=True, text=True).stdout
    lines = [
        line for line in said.splitlines() if not line.startswith(("--", "SET ", "\\", "SELECT pg_catalog.set_config"))
    ]
    statements = re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip().replace("public.", "")
    applied = ",\n    ".join(f"('models', '{name}', now())" for name in names())
    return (
        "-- The tables as all migrations make them, for a database that has none. `make golden` writes this file.\n\n"
        f"{statements}\n\nINSERT INTO tortoise_migrations (app, name, applied_at) VALUES\n    {applied};\n"
    )


async def test_two_processes_that_migrate_together_apply_everything_once(empty_database: str) -> None:
    applied = await asyncio.gather(migrate(empty_database), migrate(empty_database))
    assert sorted(applied) == [[], names()]


async def test_a_migration_that_fails_leaves_nothing_behind(empty_database: str) -> None:
    connection = await connect(empty_database)
    await connection.execute("CREATE TABLE event_sequence (in_the_way int)")
    with pytest.raises(Exception, match="event_sequence"):
        await migrate(empty_database)
    assert await pending(empty_database) == names()
    assert await connection.fetchval("SELECT to_regclass('public.task')") is None
    await connection.execute("DROP TABLE event_sequence")
    await connection.close()
    assert await migrate(empty_database) == names()


async def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = await connect(url)
    found = await connection.fetch(statement)
    await connection.close()
    return [tuple(row) for row in found]


async def counts(url: str) -> dict[str, int]:
    connection = await connect(url)
    tables = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'"
    )
    found = {row[0]: await connection.fetchval(f'SELECT count(*) FROM public."{row[0]}"') for row in tables}
    await connection.close()
    return found


def test_the_programs_of_the_embedded_postgres_are_there() -> None:
    for program in ("postgres", "initdb", "pg_dump", "pg_restore", "pgbench"):
        assert (embedded.binaries() / program).exists()
