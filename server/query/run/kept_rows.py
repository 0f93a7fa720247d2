"""Rows of a state's statements, kept for as long as no table that they read was written.

A board asks a dozen questions of half a dozen tables, and what happens in a moment touches one or two of them.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any

from server.database import Connection

_READS = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)")
# One column of the row that a key names: "(SELECT y.target_id FROM task y WHERE y.id = t.task_id)".
_COLUMN = re.compile(r"\(SELECT (\w+)\.(\w+) FROM (\w+) \1 WHERE \1\.id = \w+\.\w+\)")
# Answers otherwise in every transaction, whatever was written; or names tables in a way that is not looked for.
_UNSURE = re.compile(
    r"pg_|\b(?:now|random)\(|\bcurrent_|\b(?:FROM|JOIN)\s+(?:\"|\w+\.)|\bFROM\s+\w+(?:\s+\w+)?\s*,", re.IGNORECASE
)


@lru_cache(2_000)
def read_by(sql: str) -> frozenset[str] | None:
    """The tables that a statement of this engine reads; None where its answer depends on more, or nobody can tell.

    Of a table of which it reads one column of the rows that keys name, "table.column".
    """
    if _UNSURE.search(sql):
        return None
    columns = {f"{table}.{column}" for _, column, table in _COLUMN.findall(sql)}
    return frozenset(columns.union(_READS.findall(_COLUMN.sub("", sql)))) or None


class KeptRows:
    """What one state's statements found; not for two executions at the same time."""

    def __init__(self) -> None:
        self._found: dict[Hashable, tuple[str, Sequence[Any], list[Any]]] = {}

    def forget(self, written: frozenset[str] | None) -> None:
        """Keep only what read none of these tables. None: any may have been written."""
        if written is None:
            self._found.clear()
            return
        gone = [key for key, (sql, _, _) in self._found.items() if (read := read_by(sql)) is None or read & written]
        for key in gone:
            del self._found[key]

    async def fetch(self, connection: Connection, place: Hashable, sql: str, arguments: Sequence[Any]) -> list[Any]:
        """The statement's rows, which are nobody's to change. `place`: which of the answer's statements it is."""
        found = self._found.get(place)
        if found is not None and found[0] == sql and found[1] == arguments:
            return found[2]
        rows: list[Any] = await connection.fetch(sql, *arguments)
        self._found[place] = (sql, arguments, rows)
        return rows
