"""The plan's executor: batch loading, one statement for all parents of a level, then the levels below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.database import Connection
from server.query.compile.plan import MOST_IDS, NOWHERE, PAYLOAD_ID, Child, Count, Level, NodesPlan, Plan
from server.query.compile.statement import Run, resolved
from server.query.problem import bad_input
from server.query.run.kept_rows import KeptRows
from server.query.values import Id


@dataclass(frozen=True, slots=True)
class Fetch:
    """Reads for one execution on one connection; `kept`: of a state, what its statements found before; `parents`: of a
    live answer, is told for which ids each level was read."""

    connection: Connection
    run: Run
    kept: KeptRows | None = None
    parents: dict[int, set[Any]] | None = None

    async def value(self, plan: Plan | NodesPlan) -> Any:
        """A root field's value, or a payload field's."""
        if isinstance(plan, NodesPlan):
            return await self._nodes(plan)
        # A list that hangs on a payload's row has that row as its one parent.
        parent = PAYLOAD_ID.of(self.run.values) if plan.level.mode == "grouped" else None
        return (await self.level(plan.level, None if parent is None else [parent]))[parent]

    async def level(self, level: Level, keys: list[Any] | None = None) -> dict[Any, Any]:
        """The values for these parents' ids (for None at the root)."""
        run = self.run
        if self.parents is not None and keys is not None:
            self.parents.setdefault(id(level), set()).update(keys)
        groups = await self._rows(level, keys)
        counts: dict[Any, int] = {}
        if level.count is not None:
            if level.total != NOWHERE and groups[None]:
                counts[None] = groups[None][0][level.total]
                run.cost += 1
            else:
                counts = await self._counts(level.count, keys)
        more: dict[Any, bool] = {}
        if level.page is not None:
            size = level.page.of(run)
            for key, group in groups.items():
                more[key] = len(group) > size
                del group[size:]
                if level.page.backwards:
                    group.reverse()
        # What is handed out: the text fetches a page's size rounded up, and one row more to see whether others follow.
        run.cost += sum([len(group) for group in groups.values()])
        below: list[dict[Any, Any]] = []
        if level.children:
            rows = [row for group in groups.values() for row in group]
            for child in level.children:
                wanted = _keys(child, rows)
                below.append(await self.level(child.level, wanted) if wanted else {})
        build = level.build
        return {
            key: build(group, run, below, more.get(key, False), counts.get(key, 0)) for key, group in groups.items()
        }

    async def _nodes(self, plan: NodesPlan) -> list[Any]:
        """The objects in the ids' order, null where unknown or hidden."""
        ids: list[Id] = resolved(plan.ids, self.run)
        if len(ids) > MOST_IDS:
            most = f"≤ {MOST_IDS}"
            raise bad_input("too_many_ids", *plan.path, "ids", constraint=most, count=len(ids), limit=MOST_IDS)
        found: dict[Any, Any] = {}
        for prefix, level in plan.by_type.items():
            wanted = list(dict.fromkeys(each.uuid for each in ids if each.prefix == prefix))
            if wanted:
                found |= await self.level(level, wanted)
        return [found.get(each.uuid) for each in ids]

    async def _counts(self, count: Count, keys: list[Any] | None) -> dict[Any, int]:
        """The number for each parent (for None at the root)."""
        values = [bind.of(self.run) for bind in count.binds]
        if keys is None:
            self.run.cost += 1
            return {None: await self.connection.fetchval(count.sql, *values)}
        rows = await self.connection.fetch(count.sql, keys, *values)
        self.run.cost += 1 + len(rows)
        return {keys[row[0] - 1]: row[1] for row in rows}

    async def _rows(self, level: Level, keys: list[Any] | None) -> dict[Any, list[Any]]:
        if level.sql is None:
            return {key: [] for key in (keys if keys is not None else (None,))}
        values = [bind.of(self.run) for bind in level.binds]
        rows = await self._fetch(level, values if keys is None else [keys, *values])
        self.run.cost += 1
        if keys is None:
            return {None: rows}
        if level.mode == "ids":
            return {row[0]: [row] for row in rows}
        groups: dict[Any, list[Any]] = {key: [] for key in keys}
        for row in rows:
            groups[keys[row[0] - 1]].append(row)
        return groups

    async def _fetch(self, level: Level, arguments: list[Any]) -> list[Any]:
        assert level.sql is not None
        if self.kept is None:
            return await self.connection.fetch(level.sql, *arguments)
        if not level.parts:
            return [*await self.kept.fetch(self.connection, level.path, level.sql, arguments, level.reads)]
        width = sum(len(part.columns) for part in level.parts)
        found: list[list[Any]] = [[number, *[None] * width] for number in range(1, len(arguments[0]) + 1)]
        for place, part in enumerate(level.parts):
            own = [arguments[0], *(bind.of(self.run) for bind in part.binds)]
            rows = await self.kept.fetch(self.connection, (level.path, place), part.sql, own, part.reads)
            for row, (_, *values) in zip(found, rows, strict=True):
                for column, value in zip(part.columns, values, strict=True):
                    row[column] = value
        return found


def _keys(child: Child, rows: Sequence[Any]) -> list[Any]:
    """The distinct ids that a level below is asked for by these rows."""
    place = child.key
    if child.is_array:
        return list({each: None for row in rows for each in row[place] or ()})
    if child.type_column >= 0:
        kind, name = child.type_column, child.type_name
        return list({row[place]: None for row in rows if row[kind] == name and row[place] is not None})
    return list({row[place]: None for row in rows if row[place] is not None})
