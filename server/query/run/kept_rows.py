"""A result cache for one state's statements: rows stay until a table that their statement reads is written.

A board asks a dozen questions of half a dozen tables, and what happens in a moment touches one or two of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from server.database import Connection
from server.query.compile.plan import Reads


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a statement found with these arguments."""

    sql: str
    arguments: Sequence[Any]
    reads: Reads
    rows: list[Any]


class KeptRows:
    """What one state's statements found; not for two executions at the same time."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Fetched] = {}

    def forget(self, written: frozenset[str] | None) -> None:
        """Keep only what read none of these tables. None: any may have been written."""
        if written is None:
            self._found.clear()
            return
        gone = [place for place, each in self._found.items() if each.reads is None or each.reads & written]
        for place in gone:
            del self._found[place]

    async def fetch(
        self, connection: Connection, place: Hashable, sql: str, arguments: Sequence[Any], reads: Reads
    ) -> list[Any]:
        """The statement's rows, which are nobody's to change. `place`: which of the answer's statements it is."""
        found = self._found.get(place)
        if found is not None and found.sql == sql and found.arguments == arguments:
            return found.rows
        rows: list[Any] = await connection.fetch(sql, *arguments)
        self._found[place] = Fetched(sql, arguments, reads, rows)
        return rows
