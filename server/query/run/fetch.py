"""A compiled level: one statement for all its parents, what hangs below it, and how its rows become the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import asyncpg

from server.query.compile.plan_key import Bound
from server.query.compile.statement import Bind, Run
from server.query.problem import bad_input
from server.rules.viewer import Viewer
from server.rules.visibility import Visibility, holds

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Mode = Literal["root", "grouped", "ids"]
MOST_COUNTED = 10_000
NOWHERE = -1


class Tagged(dict[str, Any]):
    """An object in a place where several types may stand, with its type's name beside it."""

    __slots__ = ("typename",)
    typename: str


def tag(made: dict[str, Any], typename: str) -> Tagged:
    """Called by generated code."""
    tagged = Tagged(made)
    tagged.typename = typename
    return tagged


@dataclass(frozen=True, slots=True)
class Page:
    """How many rows a list hands out: the number itself or its variable, and the bucket that its text has."""

    size: int | Bound
    bucket: int
    backwards: bool
    is_continued: bool  # `after` (or `before`, backwards) was given

    def of(self, run: Run) -> int:
        """The page size in this execution."""
        return self.size if isinstance(self.size, int) else int(self.size.of(run.values))


@dataclass(frozen=True, slots=True)
class Count:
    """The statement behind `totalCount`, for a list or for one list of each parent."""

    sql: str
    binds: Sequence[Bind]
    scans: int = 0  # conditions that no index serves

    async def of(self, connection: Connection, run: Run, keys: list[Any] | None) -> dict[Any, int]:
        """The number for each parent (for None at the root)."""
        values = [bind.of(run) for bind in self.binds]
        if keys is None:
            run.cost += 1
            return {None: await connection.fetchval(self.sql, *values)}
        rows = await connection.fetch(self.sql, keys, *values)
        run.cost += 1 + len(rows)
        return {keys[row[0] - 1]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class Child:
    """A level below: its parents' ids stand in column `key`, one or an array; of one type, where types are mixed."""

    level: Level
    key: int
    is_array: bool = False
    type_column: int = -1
    type_name: str = ""

    def keys(self, rows: Sequence[Any]) -> list[Any]:
        """The distinct ids in these rows."""
        place = self.key
        if self.is_array:
            return list({each: None for row in rows for each in row[place] or ()})
        if self.type_column >= 0:
            kind, name = self.type_column, self.type_name
            return list({row[place]: None for row in rows if row[kind] == name and row[place] is not None})
        return list({row[place]: None for row in rows if row[place] is not None})


@dataclass(frozen=True, slots=True)
class Own:
    """A single row's own columns, in the order in which they are selected, and who sees the row."""

    columns: tuple[str, ...]
    visibility: Visibility

    def of(self, row: Mapping[str, object], viewer: Viewer) -> list[tuple[object, ...]]:
        """What the statement would fetch of a row whose columns are known; nothing of one that is not to be seen."""
        return [tuple(row[name] for name in self.columns)] if holds(self.visibility, viewer, row) else []


@dataclass(frozen=True, slots=True)
class Part:
    """What one table contributes to a level's rows, as a statement of its own: one row for each parent, in order."""

    sql: str
    arguments: tuple[int, ...]  # which of the level's parameters, from 0, the parents' ids first
    columns: tuple[int, ...]  # where its columns stand in the level's rows


@dataclass(slots=True)
class Level:
    """One statement. `sql` is None where nothing of its rows is asked for."""

    path: tuple[str, ...]
    sql: str | None
    binds: Sequence[Bind]
    mode: Mode
    # rows of one parent, run, what stands below, whether more follow, the count → the value
    build: Callable[[list[Any], Run, list[dict[Any, Any]], bool, int], Any]
    children: list[Child] = field(default_factory=list)
    page: Page | None = None
    most: int = 1  # rows for each parent, where there is no page
    count: Count | None = None
    own: Own | None = None  # where nothing is asked for but the row's own columns
    total: int = NOWHERE  # the column in which the page's own statement has the count
    scans: int = 0  # conditions of the page's own statement that no index serves
    is_one_of_types: bool = False  # other types' levels have the same path: a row there is of one of them
    parts: Sequence[Part] = ()  # the same rows by several statements, each of which can be kept: for a state

    async def fetch(self, connection: Connection, run: Run, keys: list[Any] | None = None) -> dict[Any, Any]:
        """The values for these parents' ids (for None at the root), each level in one statement."""
        groups = await self._rows(connection, run, keys)
        counts: dict[Any, int] = {}
        if self.count is not None:
            if self.total != NOWHERE and groups[None]:
                counts[None] = groups[None][0][self.total]
                run.cost += 1
            else:
                counts = await self.count.of(connection, run, keys)
        more: dict[Any, bool] = {}
        if self.page is not None:
            size = self.page.of(run)
            for key, group in groups.items():
                more[key] = len(group) > size
                del group[size:]
                if self.page.backwards:
                    group.reverse()
        # What is handed out: the text fetches a page's size rounded up, and one row more to see whether others follow.
        run.cost += sum([len(group) for group in groups.values()])
        below: list[dict[Any, Any]] = []
        if self.children:
            rows = [row for group in groups.values() for row in group]
            for child in self.children:
                wanted = child.keys(rows)
                below.append(await child.level.fetch(connection, run, wanted) if wanted else {})
        build = self.build
        return {
            key: build(group, run, below, more.get(key, False), counts.get(key, 0)) for key, group in groups.items()
        }

    async def _rows(self, connection: Connection, run: Run, keys: list[Any] | None) -> dict[Any, list[Any]]:
        if self.sql is None:
            return {key: [] for key in (keys if keys is not None else (None,))}
        values = [bind.of(run) for bind in self.binds]
        if keys is None:
            rows = await self._fetch(connection, run, values)
            run.cost += 1
            return {None: rows}
        rows = await self._fetch(connection, run, [keys, *values])
        run.cost += 1
        if self.mode == "ids":
            return {row[0]: [row] for row in rows}
        groups: dict[Any, list[Any]] = {key: [] for key in keys}
        for row in rows:
            groups[keys[row[0] - 1]].append(row)
        return groups

    async def _fetch(self, connection: Connection, run: Run, arguments: list[Any]) -> list[Any]:
        assert self.sql is not None
        if run.kept is None:
            return await connection.fetch(self.sql, *arguments)
        if not self.parts:
            return [*await run.kept.fetch(connection, self.path, self.sql, arguments)]
        width = sum(len(part.columns) for part in self.parts)
        found: list[list[Any]] = [[number, *[None] * width] for number in range(1, len(arguments[0]) + 1)]
        for place, part in enumerate(self.parts):
            own = [arguments[number] for number in part.arguments]
            rows = await run.kept.fetch(connection, (self.path, place), part.sql, own)
            for row, (_, *values) in zip(found, rows, strict=True):
                for column, value in zip(part.columns, values, strict=True):
                    row[column] = value
        return found


def capped(count: int, at_most: Any, run: Run, path: tuple[str, ...]) -> int:
    """`totalCount(atMost)`; called by generated code."""
    limit = at_most.of(run.values) if isinstance(at_most, Bound) else at_most
    return count if limit is None else min(count, checked_limit(limit, path))


def checked_limit(limit: int, path: tuple[str, ...]) -> int:
    """`atMost` within its bounds."""
    if not 1 <= limit <= MOST_COUNTED:
        raise bad_input("count_limit", *path, "atMost", constraint=f"1..{MOST_COUNTED}", limit=limit)
    return limit
