"""Before and after images (change data capture): a row as an event found and left it, today's row minus later changes.

A subscription's filter and the viewer's rights are asked of both images; whoever watched in between or resumes a week
later so hears the same. One statement for each table and batch, shared by all who watch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeAlias
from uuid import UUID

from server.database import Connection, Pool
from server.events.log import EVENT_COLUMNS, Recorded
from server.rules.event import Audience
from server.rules.visibility import EVENTS, columns, related, through

RowImage: TypeAlias = Mapping[str, Any]
# The other rows that have a say in who may read an event, by its audience: none for most.
_THROUGH = {each: found for each in Audience if (found := tuple(through(EVENTS, {"audience": each})))}

# How the log's JSON is read back, by PostgreSQL's type of the column; everything else is in JSON what it is in a row.
_READ: dict[str, Callable[[Any], Any]] = {
    "uuid": UUID,
    "numeric": Decimal,
    "date": date.fromisoformat,
    "timestamp with time zone": datetime.fromisoformat,
}
_COLUMNS = """
SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
# `later`: the versions from the one before the wanted on, newest first.
_ROWS = """
SELECT {columns}, l.later AS later_ FROM unnest($1::uuid[], $2::integer[]) AS w(id_, version_)
JOIN {table} t ON t.id = w.id_
CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(e.subject_version, e.changes, e.recorded_at) ORDER BY e.subject_version DESC)
        AS later
    FROM event e WHERE e.subject_id = w.id_ AND e.subject_version >= w.version_ - 1
) l
"""


@dataclass(frozen=True)
class Seen:
    """An event with its subject before (None: it did not exist) and after it (None: it is not to be found)."""

    event: Recorded
    before: RowImage | None = None
    after: RowImage | None = None
    beside: Mapping[str, RowImage] = field(default_factory=dict)  # the rows by which it may be read, by `related`

    @cached_property
    def row(self) -> RowImage:
        """The event as a row of its own table, with the rows by which it may be read."""
        return {name: getattr(self.event, name) for name in EVENT_COLUMNS} | {**self.beside}


class RowImages:
    """Makes the images of a table's rows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._columns: dict[str, dict[str, str]] = {}

    async def of(self, table: str, events: Sequence[Recorded]) -> dict[UUID, Seen]:
        """Images for events about rows of one table, by the event's id. Raises what the database raises."""
        first: dict[UUID, int] = {}
        for event in events:
            first[event.subject_id] = min(event.subject_version, first.get(event.subject_id, event.subject_version))
        async with self._pool.connection() as connection:
            columns = await self._columns_of(connection, table)
            text = _ROWS.format(table=table, columns=", ".join(f"t.{name}" for name in columns))
            rows = await connection.fetch(text, list(first), list(first.values()))
            beside = await _beside(connection, events)
        found = {row["id"]: _versions(row, columns) for row in rows}
        seen = {}
        for event in events:
            before, after = found.get(event.subject_id, {}).get(event.subject_version, (None, None))
            seen[event.id] = Seen(event, before, after, beside.get(event.id, {}))
        return seen

    async def beside(self, events: Sequence[Recorded]) -> dict[UUID, Seen]:
        """Those of these events that may be read by other rows' leave, with these; for others nothing is looked up."""
        about = [event for event in events if event.audience in _THROUGH]
        if not about:
            return {}
        async with self._pool.connection() as connection:
            found = await _beside(connection, about)
        return {event.id: Seen(event, beside=found.get(event.id, {})) for event in about}

    async def _columns_of(self, connection: Connection, table: str) -> dict[str, str]:
        if table not in self._columns:
            self._columns[table] = {row["name"]: row["type"] for row in await connection.fetch(_COLUMNS, table)}
        return self._columns[table]


async def _beside(connection: Connection, events: Sequence[Recorded]) -> dict[UUID, dict[str, RowImage]]:
    """By event the rows, as they are now, by which it may be read: of each the columns that the rule asks for."""
    wanted: dict[tuple[str, str], set[str]] = {}
    ids: dict[tuple[str, str], dict[UUID, UUID]] = {}  # by event
    for event in events:
        for each in _THROUGH.get(event.audience, ()):
            wanted.setdefault((each.column, each.table), {"id"}).update(columns(each.rule))
            ids.setdefault((each.column, each.table), {})[event.id] = getattr(event, each.column)
    found: dict[UUID, dict[str, RowImage]] = {}
    for (column, table), names in wanted.items():
        text = f"SELECT {', '.join(sorted(names))} FROM {table} WHERE id = ANY($1::uuid[])"
        rows = {row["id"]: dict(row) for row in await connection.fetch(text, [*{*ids[column, table].values()}])}
        for event_id, id_ in ids[column, table].items():
            if id_ in rows:
                found.setdefault(event_id, {})[related(column, table)] = rows[id_]
    return found


def _versions(row: Any, columns: Mapping[str, str]) -> dict[int, tuple[RowImage | None, RowImage]]:
    """Version → images before and after it, by undoing the changes from the newest back."""
    image: dict[str, Any] = {name: row[name] for name in columns}
    later = row["later_"] or []
    images: dict[int, tuple[RowImage | None, RowImage]] = {}
    for place, (version, changes, recorded_at) in enumerate(later):
        after = image | {"version": version, "updated_at": datetime.fromisoformat(recorded_at)}
        image = dict(after)
        for name, (value, _) in changes.items():
            if name in columns:
                image[name] = _read(value, columns[name])
        if place + 1 < len(later):
            image["version"], image["updated_at"] = later[place + 1][0], datetime.fromisoformat(later[place + 1][2])
        images[version] = (image if version > 1 else None, after)
    return images


def _read(value: Any, type_: str) -> Any:
    read = _READ.get(type_)
    return value if value is None or read is None else read(value)
