"""EXPLAIN of a whole operation: its statements in the order of its selection, each with PostgreSQL's plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from server.database import Connection
from server.query.compile.plan import Level
from server.query.run.result import Result


@dataclass(frozen=True, slots=True)
class Explained:
    """One statement. `place`: of the answer that it fills, such as "tasks.nodes.comments" or "tasks: count".

    `plan`: PostgreSQL's lines; None where it did not run, because nothing was found above it or the operation changes
    something.
    """

    place: str
    sql: str
    plan: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an operation becomes. `requested` and `limit`: its price in rows; `result`: its answer, where it ran."""

    statements: Sequence[Explained]
    requested: int
    limit: int
    result: Result | None = None

    def text(self) -> str:
        """For people: each statement, as the server prepares it, with its plan as comments."""
        shown = [f"-- {self.requested} rows may be read, of at most {self.limit}"]
        if self.result is not None:
            shown[0] += f"; {self.result.cost} were"
            shown += [f"-- {error.message}" for error in self.result.errors]
        for each in self.statements:
            shown += ["", f"-- {each.place}", f"{each.sql};"]
            shown += [f"--   {line}" for line in ("it did not run",) if each.plan is None]
            shown += [f"--   {line}" for line in each.plan or ()]
        return "\n".join(shown)


class RecordingConnection:
    """A connection that remembers each statement with the first values that it was given."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.seen: dict[str, tuple[Any, ...]] = {}

    async def fetch(self, sql: str, *values: Any) -> Any:
        self.seen.setdefault(sql, values)
        return await self._connection.fetch(sql, *values)

    async def fetchval(self, sql: str, *values: Any) -> Any:
        self.seen.setdefault(sql, values)
        return await self._connection.fetchval(sql, *values)

    async def plans(self, analyze: bool) -> dict[str, list[str]]:
        """Of each statement that ran; `analyze`: with its real rows and times, for which it runs again."""
        how = "EXPLAIN (ANALYZE, BUFFERS) " if analyze else "EXPLAIN "
        return {sql: [row[0] for row in await self._connection.fetch(how + sql, *values)]
                for sql, values in self.seen.items()}  # fmt: skip


def statements(levels: Sequence[Level]) -> Iterator[Explained]:
    """Of these levels and all below them, outermost first."""
    for level in levels:
        place = ".".join(level.path)
        if level.sql is not None:
            yield Explained(place, level.sql)
        if level.count is not None:
            yield Explained(f"{place}: count", level.count.sql)
        yield from statements([child.level for child in level.children])


def with_plans(written: Sequence[Explained], plans: dict[str, list[str]]) -> list[Explained]:
    """These statements with their plans, and after them what ran besides (of a list of objects in a payload)."""
    known = {each.sql for each in written}
    return [Explained(each.place, each.sql, plans.get(each.sql)) for each in written] + [
        Explained("", sql, plan) for sql, plan in plans.items() if sql not in known
    ]
