"""What a statement reads is found in its text: nothing that PostgreSQL itself knows of it is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from server.city.load import know_tables
from server.database import Pool
from server.events.writes import tables
from server.live.reads import scanned

CORPUS = Path(__file__).parents[1] / "query" / "corpus"
# A view bears no parameters; of what a NULL of the same type stands for it reads the same.
PARAMETER = re.compile(r"\$\d+(?=::)|\$\d+")
# The columns on which the view's own query depends.
DEPENDS = """
SELECT c.relname AS table, a.attname AS column FROM pg_rewrite r
JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
JOIN pg_class c ON c.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
WHERE r.ev_class = 'looked_through'::regclass AND c.relname <> 'looked_through' AND d.refobjsubid > 0
"""


def statements() -> list[str]:
    """Every statement of the corpus."""
    texts = (path.read_text() for path in sorted(CORPUS.glob("*.sql")))
    return [each for text in texts for each in re.split(r";\n", text) if "SELECT" in each]


def missing(sql: str, known: Mapping[str, frozenset[str]]) -> list[tuple[str, str]]:
    """Of what a statement is known to read what was not found in it."""
    found: dict[str, set[str] | None] = {}
    for table, _, columns, _ in scanned(sql):
        if columns is None:
            found[table] = None
        elif (before := found.setdefault(table, set())) is not None:
            before |= columns
    return [
        (table, column)
        for table, columns in known.items()
        for column in columns
        if table not in found or ((has := found[table]) is not None and column not in has)
    ]


async def test_whatever_postgresql_says_that_a_statement_reads_was_found_in_it(pool: Pool) -> None:
    know_tables()
    found = 0
    for statement in statements():
        known = await _known(pool, PARAMETER.sub("NULL", statement))
        assert not (lacking := missing(statement, known)), f"{lacking} of {statement}"
        found += sum(map(len, known.values()))
    assert found > 1_000


async def _known(pool: Pool, statement: str) -> dict[str, frozenset[str]]:
    """The columns, by table, on which a view of the statement depends."""
    async with pool.connection() as connection:
        work = connection.transaction()
        await work.start()
        try:
            await connection.execute(f"CREATE VIEW looked_through AS SELECT count(*) FROM (\n{statement}\n) v")
            rows = await connection.fetch(DEPENDS)
        finally:
            await work.rollback()
    known: dict[str, set[str]] = {}
    for row in rows:
        known.setdefault(row["table"], set()).add(row["column"])
    return {table: frozenset(columns) for table, columns in known.items() if table in tables()}


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT t.title FROM task t WHERE t.status = 'x.y'", [("task", "t", {"title", "status"}, False)]),
        ("SELECT 1 FROM task t LEFT JOIN target j1 ON j1.id = t.target_id", [
            ("task", "t", {"target_id"}, False), ("target", "j1", {"id"}, True),
        ]),
        ("SELECT * FROM event t", [("event", "t", None, False)]),
        ("SELECT count(*) FROM task", [("task", "", None, False)]),
    ],
)  # fmt: skip
def test_a_statement_reads_these(sql: str, found: list[tuple[str, str, set[str] | None, bool]]) -> None:
    know_tables()
    assert [(*each[:2], None if each[2] is None else {*each[2]}, each[3]) for each in scanned(sql)] == found
