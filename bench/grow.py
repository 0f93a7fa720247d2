"""More of the same: copies of what is in a table, made inside PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

from server.actions.counting import RECOUNT
from server.database import Connection

# What a copy cannot have of its original. A copy is as old as its original, to the day of its id.
_TASK = {"id": "uuidv7(o.created_at - now())", "external_id": "NULL"}
_EVENT = {
    "id": "uuidv7(o.recorded_at - now())",
    "sequence": "nextval('event_sequence')",
    "subject_id": "gen_random_uuid()",
    "deadline": "NULL",
}


async def grow_tasks(connection: Connection, total: int, tell: Callable[[int], None]) -> None:
    """Copies of the tasks that are there, until there are about `total`; of the same organisations, counted anew."""
    await _copy(connection, "task", total, _TASK, tell, words="task_words")
    await connection.execute(RECOUNT)


async def grow_events(connection: Connection, total: int) -> None:
    """Copies of the events that are there, of subjects that are not."""
    await _copy(connection, "event", total, _EVENT, lambda _: None)


async def _copy(
    connection: Connection,
    table: str,
    total: int,
    replaced: dict[str, str],
    tell: Callable[[int], None],
    words: str = "",
) -> None:
    """`words`: the table of what can be searched for in these rows, of which each copy has as much."""
    columns = [
        row[0]
        for row in await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1"
            " AND is_generated = 'NEVER'",
            table,
        )
    ]
    indexes = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY($1) AND NOT EXISTS"
        " (SELECT FROM pg_constraint c WHERE c.conname = indexname)",
        [table, words],
    )
    for index in indexes:  # made at once they cost a tenth
        await connection.execute(f'DROP INDEX "{index["indexname"]}"')
    # Every reference is its original's: no need to look each up.
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(f"CREATE TEMPORARY TABLE origin AS SELECT * FROM {table}")
    there = made = await connection.fetchval("SELECT count(*) FROM origin")
    values = ", ".join(replaced.get(name, f"o.{name}") for name in columns if name != "id")
    others = ", ".join(name for name in columns if name != "id")
    beside = [
        row[0]
        for row in await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1"
            " AND column_name <> 'id'",
            words,
        )
    ]
    while made < total:
        number = min(there, total - made)
        await connection.execute(
            f"CREATE TEMPORARY TABLE copies AS SELECT {replaced['id']} AS copy, o.* FROM origin o LIMIT {number}"
        )
        await connection.execute(f"INSERT INTO {table} (id, {others}) SELECT o.copy, {values} FROM copies o")
        if words:
            said = ", ".join(f"w.{name}" for name in beside)
            await connection.execute(
                f"INSERT INTO {words} (id, {', '.join(beside)}) SELECT o.copy, {said}"
                f" FROM copies o JOIN {words} w ON w.id = o.id"
            )
        await connection.execute("DROP TABLE copies")
        made += number
        tell(made)
    await connection.execute("DROP TABLE origin")
    await connection.execute("SET session_replication_role = DEFAULT")
    await connection.execute("SET maintenance_work_mem = '512MB'")
    for index in indexes:
        await connection.execute(index["indexdef"].replace(" ON ONLY ", " ON "))  # of a table in parts: in each of them
        tell(made)
    await connection.execute("RESET maintenance_work_mem")
